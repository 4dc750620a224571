//! `svpki current CONFIG NAME`: the newest certificate of a name. The command stays the same across renewals.

use super::find::host_name;
use super::order_flow::{OutputArgs, write_outputs};
use super::{CliError, Context, Exit};
use svpki_types::ConfigName;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The config that it was ordered with
    pub config: ConfigName,
    /// The certificate's common name
    pub name: String,
    #[command(flatten)]
    pub output: OutputArgs,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    args.output.check()?;
    let engine = context.engine_of(config).await?;
    let answer = engine.current(config, &host_name(&args.name), None).await?;
    context.ui.warnings(&answer.warnings);
    write_outputs(&context.ui, &args.output, &answer.value)?;
    super::render::certificate(&context.ui, &answer.value, args.output.show_key)?;
    Ok(Exit::Done)
}
