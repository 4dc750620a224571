//! `svpki enroll CONFIG`: order a certificate.

use std::path::PathBuf;

use serde_json::json;

use super::fields::{FieldArgs, put, text_of};
use super::order_flow::{Order, PlaceArgs, submit};
use super::{CliError, Context, Exit};
use svpki_types::ConfigName;

#[derive(Debug, clap::Args)]
pub struct Args {
    pub config: ConfigName,
    #[command(flatten)]
    pub subject: SubjectArgs,
    #[command(flatten)]
    pub request: RequestArgs,
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
}

/// Key and product.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct RequestArgs {
    /// SCM's number of the certificate profile
    #[arg(long, value_name = "ID")]
    pub profile_id: Option<i64>,
    /// Days
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
    let named = [
        "common_name",
        "sectigo_csr_domain",
        "csr",
        "sectigo_csr",
        "sectigo_client_cert_email",
    ]
    .iter()
    .any(|name| fields.contains_key(*name));
    if !named {
        let name = context
            .ui
            .ask("Common name", None, "--common-name, --csr or --file")?;
        put(&mut fields, "common_name", Some(name));
    }
    let engine = context.engine_of(config).await?;
    submit(context, &engine, config, Order::Enroll, &args.place, fields).await
}

impl SubjectArgs {
    pub fn put(&self, fields: &mut serde_json::Map<String, serde_json::Value>) {
        put(fields, "common_name", self.common_name.clone());
        if !self.alt_names.is_empty() {
            fields.insert("alt_names".into(), json!(self.alt_names));
        }
    }
}

impl RequestArgs {
    pub fn put(
        &self,
        fields: &mut serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), CliError> {
        put(fields, "profile_id", self.profile_id);
        put(fields, "term", self.term);
        put(fields, "key_type", self.key_type.clone());
        put(fields, "key_bits", self.key_bits.clone());
        if let Some(path) = &self.csr {
            fields.insert("csr".into(), text_of(path)?.into());
        }
        Ok(())
    }
}
