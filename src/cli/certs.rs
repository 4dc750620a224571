//! `svpki certs`: list, read, export, delete; and `svpki fetch`.

use serde_json::Value;

use super::fields::FieldArgs;
use super::find::{CertRef, host_name};
use super::label_args::{LabelArgs, LabelFilter};
use super::{
    CliError, Column, Context, Exit, Format, List, Tone, Ui, column, csv_column, day, export,
    render, table_column, tone_of,
};
use svpki_types::{CertId, ConfigName, Status, parse_duration};
use vault_client::{EngineClient, InventoryQuery};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Certificates of all mounts, or of one config
    List(ListArgs),
    /// One certificate, without its key
    Read(ReadArgs),
    /// Write a certificate, with its key where the format has one
    Export(export::Args),
    /// Remove the stored copy; SCM is not told
    Delete(DeleteArgs),
}

#[derive(Debug, Default, clap::Args)]
pub struct ListArgs {
    /// Only this config
    pub config: Option<ConfigName>,
    /// Only these states, such as issued,expiring
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub status: Vec<Status>,
    /// Only those with this text in a name, serial number or id
    #[arg(long, short, value_name = "TEXT")]
    pub search: Option<String>,
    /// Only those that end before: a date, or a distance such as 30d
    #[arg(long, value_name = "WHEN")]
    pub expires_before: Option<String>,
    /// Only those that end after
    #[arg(long, value_name = "WHEN")]
    pub expires_after: Option<String>,
    /// Order within a mount; prefix - to reverse
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true,
        value_parser = ["expiration", "-expiration", "common_name", "-common_name"])]
    pub sort: Option<String>,
    #[command(flatten)]
    pub labels: LabelFilter,
    /// Maximum number of rows
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<usize>,
}

#[derive(Debug, clap::Args)]
pub struct ReadArgs {
    /// The config that it was ordered with
    pub config: ConfigName,
    /// Its id, common name or serial number
    pub id: CertRef,
    /// The stored copy and nothing else: a renewal that is due is not begun
    #[arg(long)]
    pub stored: bool,
}

#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// The config that it was ordered with
    pub config: ConfigName,
    /// Its id, common name or serial number
    pub id: CertRef,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, clap::Args)]
pub struct FetchArgs {
    /// The config to store it under
    pub config: ConfigName,
    /// SCM's number, _ and the customer, such as 44166_acme
    pub id: CertId,
    #[command(flatten)]
    pub labels: LabelArgs,
    #[command(flatten)]
    pub fields: FieldArgs,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::List(args) => list(context, args).await,
        Command::Read(args) => read(context, &args).await,
        Command::Export(args) => export::run(context, args).await,
        Command::Delete(args) => delete(context, &args).await,
    }
}

pub async fn fetch(context: &Context, args: FetchArgs) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let mut fields = args.fields.read()?;
    args.labels.put(&mut fields);
    let engine = context.engine_of(config).await?;
    let answer = engine
        .fetch(config, args.id.as_str(), &Value::Object(fields))
        .await?;
    context.ui.warnings(&answer.warnings);
    render::certificate(&context.ui, &answer.value, false)?;
    if answer.value.status != Some(Status::Pending) {
        return Ok(Exit::Done);
    }
    context.ui.hint(&format!(
        "svpki orders wait {config} {}",
        answer.value.order_id
    ));
    Ok(Exit::Pending)
}

const COLUMNS: [Column; 21] = [
    column("common_name", "NAME"),
    column("status", "STATUS"),
    table_column("expires", "EXPIRES"),
    column("key_type", "KEY"),
    column("id", "ID"),
    column("config", "CONFIG"),
    column("mount", "MOUNT"),
    csv_column("subject_alt_names"),
    csv_column("serial_number"),
    csv_column("not_before"),
    csv_column("not_after"),
    csv_column("has_key"),
    csv_column("profile_id"),
    csv_column("kind"),
    csv_column("issuer"),
    csv_column("renew_at"),
    csv_column("role"),
    csv_column("owner"),
    csv_column("team"),
    csv_column("ticket"),
    csv_column("metadata"),
];

/// Converts a name to the ASCII form in which the server stores names. Other texts, such as a part of an ASCII name,
/// stay.
fn search_text(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_owned(),
        false => host_name(text),
    }
}

/// Rows per request.
const PAGE: usize = 500;

/// Writes the list page by page, so that a row is not kept in memory once it is shown.
async fn list(context: &Context, args: ListArgs) -> Result<Exit, CliError> {
    let engines = match &args.config {
        Some(config) => vec![context.engine_of(config.as_str()).await?],
        None => context.engines().await?,
    };
    write_list(&context.ui, &engines, args).await
}

/// Lists all certificates of some mounts like `certs list`.
pub async fn table(ui: &Ui, engines: &[EngineClient]) -> Result<Exit, CliError> {
    write_list(ui, engines, ListArgs::default()).await
}

async fn write_list(ui: &Ui, engines: &[EngineClient], args: ListArgs) -> Result<Exit, CliError> {
    let mut left = args.limit.unwrap_or(usize::MAX);
    let mut list = List::new(ui, &COLUMNS);
    for engine in engines {
        let mut query = InventoryQuery {
            status: args.status.clone(),
            config: args
                .config
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            q: args.search.as_deref().map(search_text).unwrap_or_default(),
            expires_before: moment(args.expires_before.as_deref())?,
            expires_after: moment(args.expires_after.as_deref())?,
            issued_after: String::new(),
            sort: args.sort.clone().unwrap_or_default(),
            labels: args.labels.labels(),
            after: String::new(),
            limit: 0,
        };
        while left > 0 {
            query.limit = PAGE.min(left);
            let page = engine.inventory(&query).await?;
            ui.warnings(&page.warnings);
            for row in page.value.certificates.iter().take(left) {
                let tone = row.status.map_or(Tone::Plain, tone_of);
                let mut data = render::with_mount(row, engine.mount());
                if ui.format() == Format::Table {
                    data["expires"] = day(&row.not_after).into();
                }
                list.push(
                    &data,
                    |key| if key == "status" { tone } else { Tone::Plain },
                )?;
            }
            left = left.saturating_sub(page.value.certificates.len());
            list.flush()?;
            if page.value.next.is_empty() {
                break;
            }
            query.after = page.value.next;
        }
    }
    list.end("No certificates")?;
    Ok(Exit::Done)
}

async fn read(context: &Context, args: &ReadArgs) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let engine = context.engine_of(config).await?;
    let id = args.id.id(&engine, config).await?;
    let id = id.as_str();
    let answer = if args.stored {
        engine.readcert(config, id, None).await?
    } else {
        engine.cert(config, id, None).await?
    };
    context.ui.warnings(&answer.warnings);
    render::certificate(&context.ui, &answer.value, false)?;
    Ok(Exit::Done)
}

async fn delete(context: &Context, args: &DeleteArgs) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let engine = context.engine_of(config).await?;
    let id = args.id.id(&engine, config).await?;
    let id = id.as_str();
    let certificate = engine.readcert(config, id, None).await?.value;
    let name = if certificate.common_name.is_empty() {
        id
    } else {
        &certificate.common_name
    };
    let at_scm = match certificate.status {
        Some(Status::Issued | Status::Expiring) => " At SCM it stays valid.",
        _ => "",
    };
    context.ui.confirm_name(
        &format!("This removes {name} ({id}) and its private key from Vault.{at_scm}"),
        name,
        args.yes,
    )?;
    let answer = engine.delete_cert(config, id).await?;
    context.ui.warnings(&answer.warnings);
    context
        .ui
        .status(&format!("Certificate {id} is removed from Vault"));
    Ok(Exit::Done)
}

/// Converts a distance such as `30d` to a time; a date or a time stays as it is.
fn moment(text: Option<&str>) -> Result<String, CliError> {
    let Some(text) = text else {
        return Ok(String::new());
    };
    match within(text) {
        Some(distance) => Ok((jiff::Timestamp::now() + distance).to_string()),
        None => Ok(text.to_owned()),
    }
}

/// A distance such as `30d`, `12h` or `4w`. A number alone is `None`: in this flag people mean days, elsewhere seconds.
pub fn within(text: &str) -> Option<jiff::SignedDuration> {
    let distance = parse_duration(text).filter(|_| text.parse::<u64>().is_err())?;
    // At most a century. A larger distance could be outside of the calendar.
    jiff::SignedDuration::try_from(distance)
        .ok()
        .filter(|distance| distance.as_hours() <= 876_600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(within("30d").map(|d| d.as_hours()), Some(720));
        assert_eq!(within("2w").map(|d| d.as_hours()), Some(336));
        for other in ["", "d", "30", "2027-01-01", "-3d", "9999999999w", "3x"] {
            assert_eq!(within(other), None, "{other}");
        }
        assert_eq!(moment(Some("2027-01-01")).unwrap(), "2027-01-01");
    }
}
