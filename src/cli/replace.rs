//! `svpki replace CONFIG ID`: reissues a certificate under the same id.

use super::enroll::{RequestArgs, SubjectArgs};
use super::fields::FieldArgs;
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
    /// Why; SCM keeps it
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    #[command(flatten)]
    pub subject: SubjectArgs,
    #[command(flatten)]
    pub request: RequestArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub fields: FieldArgs,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let mut fields = args.fields.read()?;
    if !fields.contains_key("sectigo_replace_reason") {
        let reason = match args.reason {
            Some(reason) => reason,
            None => context.ui.ask("Reason", None, "--reason")?,
        };
        fields.insert("sectigo_replace_reason".into(), reason.into());
    }
    args.subject.put(&mut fields);
    args.request.put(&mut fields)?;
    let engine = context.engine_of(config).await?;
    let id = args.id.id(&engine, config).await?;
    let order = Order::Replace(id.as_str());
    submit(context, &engine, config, order, &args.place, fields).await
}
