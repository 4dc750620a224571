//! `svpki revoke CONFIG ID`: revokes a certificate at SCM. This cannot be undone, so the operator must type its name.

use serde_json::Value;

use super::fields::{FieldArgs, put};
use super::find::CertRef;
use super::order_flow::is_of_unknown_outcome;
use super::{CliError, Context, Exit, Format, day, render};
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
    /// 0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation
    #[arg(long, value_name = "CODE", value_parser = ["0", "1", "3", "4", "5"])]
    pub reason_code: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub fields: FieldArgs,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let mut fields = args.fields.read()?;
    let has_reason = fields.contains_key("reason") || fields.contains_key("sectigo_revoke_reason");
    if args.reason.is_none() && !has_reason {
        let reason = context.ui.ask("Reason", None, "--reason")?;
        put(&mut fields, "sectigo_revoke_reason", Some(reason));
    }
    put(&mut fields, "sectigo_revoke_reason", args.reason);
    put(
        &mut fields,
        "reason_code",
        args.reason_code.and_then(|code| code.parse::<i64>().ok()),
    );
    let engine = context.engine_of(config).await?;
    let id = args.id.id(&engine, config).await?;
    let id = id.as_str();
    if !args.yes {
        let certificate = engine.readcert(config, id, None).await?.value;
        let name = if certificate.common_name.is_empty() {
            id
        } else {
            &certificate.common_name
        };
        let until = day(&certificate.not_after);
        context.ui.confirm_name(
            &format!("This permanently revokes {name} ({id}, valid until {until})."),
            name,
            false,
        )?;
    }
    context.ui.unfinished(Some(format!(
        "it is not known whether SCM revoked it: svpki certs read {config} {id} shows it"
    )));
    let answer = engine.revoke(config, id, &Value::Object(fields)).await;
    if !answer.as_ref().is_err_and(is_of_unknown_outcome) {
        context.ui.unfinished(None);
    }
    let answer = answer?;
    context.ui.warnings(&answer.warnings);
    context.ui.status(&format!("Certificate {id} is revoked"));
    // A person knows the certificate; a program needs its new state.
    if context.ui.format() != Format::Table {
        render::certificate(&context.ui, &answer.value, false)?;
    }
    Ok(Exit::Done)
}
