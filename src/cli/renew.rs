//! `svpki renew CONFIG ID`: orders a successor with a new id.

use std::path::PathBuf;

use serde_json::json;

use super::fields::{FieldArgs, csr_of};
use super::find::CertRef;
use super::order_flow::{Order, PlaceArgs, submit};
use super::{CliError, Context, Exit};
use svpki_types::ConfigName;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The config that it was ordered with
    pub config: ConfigName,
    /// Its id, common name or serial number
    pub id: CertRef,
    /// Keep the key of the old certificate instead of making a fresh one
    #[arg(long, conflicts_with = "csr")]
    pub reuse_key: bool,
    /// A file with your own certificate request; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub csr: Option<PathBuf>,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub fields: FieldArgs,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let mut fields = args.fields.read()?;
    if args.reuse_key {
        fields.insert("reuse_key".into(), json!(true));
    }
    if let Some(path) = &args.csr {
        fields.insert("csr".into(), csr_of(path)?.into());
    }
    let engine = context.engine_of(config).await?;
    let id = args.id.id(&engine, config).await?;
    let order = Order::Renew(id.as_str());
    submit(context, &engine, config, order, &args.place, fields).await
}
