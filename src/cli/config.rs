//! `svpki config`: write, read, list, delete, test.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::fields::{FieldArgs, SecretArgs, put, text_of};
use super::{
    CliError, Column, Context, Exit, Field, Format, List, Tone, column, field, plain, plural,
    record, render, wizard,
};
use svpki_types::ConfigName;
use vault_client::{EngineClient, InventoryQuery, VaultError, VaultErrorKind};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Ask for everything a config needs, check it at SCM, and write it
    Wizard(wizard::Args),
    /// Create a config, or change the given fields of one
    Write(Box<WriteArgs>),
    /// Show a config; secrets never come out
    Read { name: ConfigName },
    /// All configs of all mounts
    List,
    /// Delete a config; refused while certificates or open orders hang on it
    Delete(DeleteArgs),
    /// Ask SCM with the stored login: reachable, accepted, organisation and profiles visible
    Test { name: ConfigName },
}

#[derive(Debug, clap::Args)]
pub struct WriteArgs {
    pub name: ConfigName,
    /// SCM's address, such as https://cert-manager.com
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// The customer part of SCM's login page
    #[arg(long, value_name = "NAME")]
    pub customer_uri: Option<String>,
    /// SCM login that may use the API
    #[arg(long, value_name = "LOGIN")]
    pub user: Option<String>,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// SCM's number of the organisation
    #[arg(long, value_name = "ID")]
    pub org_id: Option<i64>,
    /// Kind of certificates
    #[arg(long = "type", value_name = "KIND", value_parser = ["ssl_cert", "client_cert"])]
    pub kind: Option<String>,
    /// Profile for requests that name none
    #[arg(long, value_name = "ID")]
    pub profile_id: Option<i64>,
    /// Term in days for requests that name none
    #[arg(long, value_name = "DAYS")]
    pub term: Option<i64>,
    /// Renew before the end, in the background
    #[arg(long, value_name = "true|false")]
    pub auto_renew: Option<bool>,
    /// When renewal is due: days before the end, or a share of the lifetime such as 33%
    #[arg(long, value_name = "DAYS|PERCENT")]
    pub expiry_window: Option<String>,
    /// Domains that may be asked for; may be given several times
    #[arg(long, value_name = "DOMAIN", value_delimiter = ',')]
    pub allowed_domains: Vec<String>,
    /// What becomes of private keys
    #[arg(long, value_name = "CUSTODY", value_parser = ["vault", "once", "never"])]
    pub key_storage: Option<String>,
    /// PEM file of the CAs that SCM's own certificate comes from
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
    /// Ask SCM with these settings, say what it answers, and store nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub fields: FieldArgs,
}

#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    pub name: ConfigName,
    /// Delete it with its certificates, private keys and orders; asks for the number of certificates
    #[arg(long)]
    pub force: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Wizard(args) => wizard::run(context, args).await,
        Command::Write(args) => write(context, *args).await,
        Command::Read { name } => read(context, &name).await,
        Command::List => list(context).await,
        Command::Delete(args) => delete(context, &args).await,
        Command::Test { name } => test(context, &name).await,
    }
}

async fn write(context: &Context, args: WriteArgs) -> Result<Exit, CliError> {
    let fields = args.fields(context)?;
    let name = args.name.as_str();
    let engine = match context.engine_of(name).await {
        // A new config is in no mount yet: then there must be one mount, or one named.
        Err(error) if error.exit == Exit::NotFound => context.engine().await?,
        other => other?,
    };
    if args.dry_run {
        let answer = engine.try_config(name, &fields).await?;
        context.ui.warnings(&answer.warnings);
        return render::config_health(&context.ui, &answer.value);
    }
    if fields.is_empty() {
        return Err(CliError::usage("nothing to write: give at least one field"));
    }
    let answer = engine.write_config(name, &Value::Object(fields)).await?;
    context.ui.warnings(&answer.warnings);
    context.ui.status(&format!(
        "Config {name} is written to {}",
        engine.path(&format!("configs/{name}"))
    ));
    context.ui.hint(&format!("svpki config test {name}"));
    Ok(Exit::Done)
}

impl WriteArgs {
    fn fields(&self, context: &Context) -> Result<Map<String, Value>, CliError> {
        let mut fields = self.fields.read()?;
        put(&mut fields, "sectigo_cm_base_url", self.base_url.clone());
        put(&mut fields, "sectigo_cm_uri", self.customer_uri.clone());
        put(&mut fields, "sectigo_cm_user", self.user.clone());
        put(&mut fields, "sectigo_cm_org_id", self.org_id);
        put(&mut fields, "sectigo_config_type", self.kind.clone());
        put(&mut fields, "profile_id", self.profile_id);
        put(&mut fields, "term", self.term);
        put(&mut fields, "sectigo_auto_renew", self.auto_renew);
        put(
            &mut fields,
            "sectigo_expiry_window",
            self.expiry_window.clone(),
        );
        put(&mut fields, "key_storage", self.key_storage.clone());
        if !self.allowed_domains.is_empty() {
            fields.insert("allowed_domains".into(), json!(self.allowed_domains));
        }
        if let Some(path) = &self.ca_bundle {
            fields.insert("ca_bundle".into(), text_of(path)?.into());
        }
        // A login without its password is asked for; a change of another field is not.
        let asked_for =
            self.user.is_some() && !fields.contains_key("sectigo_cm_password") && context.ui.asks();
        if self.secret.is_given() || asked_for {
            let password = self.secret.read(context, "SCM password")?;
            if password.is_empty() {
                return Err(CliError::usage("the password is empty"));
            }
            fields.insert("sectigo_cm_password".into(), password.expose().into());
        }
        Ok(fields)
    }
}

async fn read(context: &Context, name: &ConfigName) -> Result<Exit, CliError> {
    let engine = context.engine_of(name.as_str()).await?;
    let answer = engine
        .config(name.as_str())
        .await
        .map_err(|error| missing(&engine, name.as_str(), error))?;
    context.ui.warnings(&answer.warnings);
    let fields: Vec<Field<'_>> = answer
        .data
        .iter()
        .map(|(name, value)| field(name, plain(value)))
        .collect();
    record(&context.ui, &fields, &answer.data)?;
    Ok(Exit::Done)
}

const COLUMNS: [Column; 2] = [column("config", "CONFIG"), column("mount", "MOUNT")];

async fn list(context: &Context) -> Result<Exit, CliError> {
    let mut list = List::new(&context.ui, &COLUMNS);
    for engine in context.engines().await? {
        for config in engine.configs().await? {
            let row = json!({"config": config, "mount": engine.mount()});
            list.push(&row, |_| Tone::Plain)?;
        }
    }
    list.end("No config yet: svpki config write")?;
    Ok(Exit::Done)
}

/// Servers say of a read that finds nothing only that they found nothing.
fn missing(engine: &EngineClient, name: &str, error: VaultError) -> CliError {
    match error.kind {
        VaultErrorKind::NotFound if error.errors.is_empty() => {
            CliError::not_found(format!("no config {name} in {}/", engine.mount()))
                .hinted("svpki config list")
        }
        _ => error.into(),
    }
}

async fn delete(context: &Context, args: &DeleteArgs) -> Result<Exit, CliError> {
    let ui = &context.ui;
    let name = args.name.as_str();
    let engine = context.engine_of(name).await?;
    // A delete of what is not there succeeds on every server; a person wants to know of the typing mistake.
    engine
        .config(name)
        .await
        .map_err(|error| missing(&engine, name, error))?;
    let with_it = if args.force {
        Contents::of(&engine, name).await?
    } else {
        // Without --force the engine refuses when there is any.
        Contents::default()
    };
    let mut question = format!(
        "This deletes the config {name} of {}/ with its SCM login.",
        engine.mount()
    );
    if with_it.is_empty() {
        ui.confirm_name(&question, name, args.yes)?;
    } else {
        question = format!("{question}\n{}", with_it.told());
        if args.yes {
            ui.warning(&question);
        }
        ui.confirm_name(
            &format!("{question}\nThe number of certificates confirms it."),
            &with_it.certificates.to_string(),
            args.yes,
        )?;
    }
    let spinner = ui.spinner("deleting");
    let deleted = engine
        .patient(LONGEST_DELETE)?
        .delete_config(name, args.force)
        .await;
    spinner.finish_and_clear();
    ui.warnings(&deleted?.warnings);
    ui.status(&match with_it.is_empty() {
        true => format!("Config {name} is deleted"),
        false => format!("Config {name} is deleted with {}", with_it.counted()),
    });
    Ok(Exit::Done)
}

/// A config of many thousand certificates goes one certificate at a time.
const LONGEST_DELETE: Duration = Duration::from_secs(600);

/// What a config's end takes out of Vault.
#[derive(Default)]
struct Contents {
    certificates: usize,
    keys: usize,
    /// Some of the certificates' names.
    names: Vec<String>,
    open_orders: usize,
}

/// Names that a question shows.
const SHOWN_NAMES: usize = 10;

impl Contents {
    async fn of(engine: &EngineClient, config: &str) -> Result<Self, CliError> {
        let mut contents = Self::default();
        let mut query = InventoryQuery {
            config: config.to_owned(),
            limit: 1_000,
            ..InventoryQuery::default()
        };
        loop {
            let page = engine.inventory(&query).await?.value;
            for row in page.certificates {
                contents.certificates += 1;
                contents.keys += usize::from(row.has_key);
                if contents.names.len() < SHOWN_NAMES && !contents.names.contains(&row.common_name)
                {
                    contents.names.push(row.common_name);
                }
            }
            if page.next.is_empty() {
                break;
            }
            query.after = page.next;
        }
        let orders = engine.orders(config).await?;
        contents.open_orders = orders.keys.len();
        Ok(contents)
    }

    fn is_empty(&self) -> bool {
        self.certificates == 0 && self.open_orders == 0
    }

    /// `305 certificates, 12 private keys and 2 open orders`.
    fn counted(&self) -> String {
        let mut parts = vec![plural(self.certificates, "certificate", "certificates")];
        if self.keys > 0 {
            parts.push(plural(self.keys, "private key", "private keys"));
        }
        if self.open_orders > 0 {
            parts.push(plural(
                self.open_orders,
                "unfinished order",
                "unfinished orders",
            ));
        }
        match parts.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, first)) => format!("{} and {last}", first.join(", ")),
            None => String::new(),
        }
    }

    fn told(&self) -> String {
        let mut text = format!("{} are removed from Vault", self.counted());
        if !self.names.is_empty() {
            text.push_str(": ");
            text.push_str(&self.names.join(", "));
            if self.certificates > self.names.len() {
                text.push_str(", …");
            }
        }
        text.push('.');
        if self.keys > 0 {
            text.push_str(" A private key that is removed cannot be brought back.");
        }
        text.push_str(" At SCM the certificates stay valid.");
        text
    }
}

async fn test(context: &Context, name: &ConfigName) -> Result<Exit, CliError> {
    let engine = context.engine_of(name.as_str()).await?;
    let wait = context.ui.spinner("asking SCM");
    let answer = engine.config_health(name.as_str()).await;
    wait.finish_and_clear();
    let answer = answer?;
    context.ui.warnings(&answer.warnings);
    if context.ui.format() == Format::Table {
        context
            .ui
            .status(&format!("Config {name} of {}", engine.mount()));
    }
    render::config_health(&context.ui, &answer.value)
}
