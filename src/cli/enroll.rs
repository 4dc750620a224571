//! `svpki enroll CONFIG`: order a certificate.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::fields::{FieldArgs, csr_of, put};
use super::find::host_name;
use super::label_args::LabelArgs;
use super::order_flow::{Order, PlaceArgs, submit};
use super::{CliError, Context, Exit, Field, day, field, plain, record};
use svpki_types::{ConfigName, Status};
use vault_client::{EngineClient, InventoryQuery};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The config to order with
    pub config: ConfigName,
    #[command(flatten)]
    pub subject: SubjectArgs,
    #[command(flatten)]
    pub request: RequestArgs,
    #[command(flatten)]
    pub labels: LabelArgs,
    /// Check the order and show what would be ordered; order nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub fields: FieldArgs,
}

/// The name that the certificate is for.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SubjectArgs {
    /// The certificate's first name, such as www.example.com
    #[arg(long, value_name = "NAME")]
    pub common_name: Option<String>,
    /// Another name, address or e-mail; may be given several times
    #[arg(long = "alt-name", value_name = "NAME", value_delimiter = ',')]
    pub alt_names: Vec<String>,
    /// S/MIME: the person's mail address
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// S/MIME: the person's first name
    #[arg(long, value_name = "NAME")]
    pub first_name: Option<String>,
    /// S/MIME: the person's last name
    #[arg(long, value_name = "NAME")]
    pub last_name: Option<String>,
}

/// Key and product.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct RequestArgs {
    /// SCM's number of the certificate profile
    #[arg(long, value_name = "ID")]
    pub profile_id: Option<i64>,
    /// Term in days, one that the profile offers
    #[arg(long, value_name = "DAYS")]
    pub term: Option<i64>,
    /// RSA or EC
    #[arg(long, value_name = "TYPE", ignore_case = true, value_parser = ["RSA", "EC"])]
    pub key_type: Option<String>,
    /// 2048, 3072 or 4096 for RSA; P-256, P-384 or P-521 for EC
    #[arg(long, value_name = "SIZE")]
    pub key_bits: Option<String>,
    /// A file with your own certificate request: its key stays yours; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_type", "key_bits"])]
    pub csr: Option<PathBuf>,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let mut fields = args.fields.read()?;
    args.subject.put(&mut fields);
    args.request.put(&mut fields)?;
    args.labels.put(&mut fields);
    let named = [
        "common_name",
        "sectigo_csr_domain",
        "csr",
        "sectigo_csr",
        "sectigo_client_cert_email",
    ]
    .iter()
    .any(|name| fields.contains_key(*name));
    let was_asked = !named;
    if was_asked {
        let name = context
            .ui
            .ask("Common name", None, "--common-name, --csr or --file")?;
        put(&mut fields, "common_name", Some(name));
    }
    let engine = context.engine_of(config).await?;
    let in_fields = fields.remove("dry_run").is_some_and(|value| value == true);
    if args.dry_run || in_fields {
        let answer = engine.try_enroll(config, &fields).await?;
        context.ui.warnings(&answer.warnings);
        let shown: Vec<Field<'_>> = answer
            .data
            .iter()
            .filter(|(name, _)| *name != "dry_run")
            .map(|(name, value)| field(name, plain(value)))
            .collect();
        record(&context.ui, &shown, &answer.data)?;
        context.ui.status("Checked only: nothing was ordered");
        return Ok(Exit::Done);
    }
    if args.place.idempotency_key.is_none() {
        tell_of_others(context, &engine, config, &fields, was_asked).await?;
    }
    submit(context, &engine, config, Order::Enroll, &args.place, fields).await
}

/// Warns about a certificate in use with this name before another one is paid for. When the name was typed at a prompt,
/// the order must be confirmed as well.
async fn tell_of_others(
    context: &Context,
    engine: &EngineClient,
    config: &str,
    fields: &Map<String, Value>,
    was_asked: bool,
) -> Result<(), CliError> {
    let ui = &context.ui;
    let name = ["common_name", "sectigo_csr_domain"]
        .iter()
        .find_map(|field| fields.get(*field))
        .map(plain)
        .unwrap_or_default();
    let query = InventoryQuery {
        config: config.to_owned(),
        q: host_name(&name),
        status: vec![Status::Issued, Status::Expiring],
        ..InventoryQuery::default()
    };
    // A token that may only order cannot read the inventory.
    let found = match name.as_str() {
        "" => None,
        _ => engine.inventory(&query).await.ok().and_then(|page| {
            let mut rows = page.value.certificates.into_iter();
            rows.find(|row| row.common_name == query.q && row.renewed_to.is_none())
        }),
    };
    if let Some(row) = &found {
        ui.warning(&format!(
            "{name} has a certificate in use: {}, until {}",
            row.id,
            day(&row.not_after)
        ));
    }
    let question = format!(
        "Order {}{name}?",
        if found.is_some() { "another for " } else { "" }
    );
    if was_asked && !ui.confirm(&question, found.is_none(), "--common-name")? {
        return Err(CliError::failed("nothing was ordered"));
    }
    Ok(())
}

impl SubjectArgs {
    pub fn put(&self, fields: &mut Map<String, Value>) {
        put(fields, "common_name", self.common_name.clone());
        if !self.alt_names.is_empty() {
            fields.insert("alt_names".into(), json!(self.alt_names));
        }
        put(fields, "sectigo_client_cert_email", self.email.clone());
        put(
            fields,
            "sectigo_client_cert_first_name",
            self.first_name.clone(),
        );
        put(
            fields,
            "sectigo_client_cert_last_name",
            self.last_name.clone(),
        );
    }
}

impl RequestArgs {
    pub fn put(&self, fields: &mut Map<String, Value>) -> Result<(), CliError> {
        put(fields, "profile_id", self.profile_id);
        put(fields, "term", self.term);
        put(fields, "key_type", self.key_type.clone());
        put(fields, "key_bits", self.key_bits.clone());
        if let Some(path) = &self.csr {
            fields.insert("csr".into(), csr_of(path)?.into());
        }
        Ok(())
    }
}
