//! `svpki bulk retry FILE`: repeats the action that failed, whether it was an order or a step.

use super::apply;
use super::args::{RetryArgs, StepArgs};
use super::earlier_results::EarlierResults;
use super::input::Source;
use super::journal::History;
use super::lifecycle::{self, Action};
use super::outcome::State;
use super::preflight;
use super::result_file::ResultFile;
use crate::cli::{CliError, Context, Exit};

pub async fn run(context: &Context, args: RetryArgs) -> Result<Exit, CliError> {
    let RetryArgs { apply: args, why } = args;
    let source = preflight::source(&args.file, &args.sheet, args.run.strict)?;
    let targets = preflight::targets(context, &args.config, &source).await?;
    let journal = apply::journal_of(&source, &args.run, &targets)?;
    let history = History::read(&journal, &targets.all[0].location)?;
    let asked_for = args.run.result.as_deref();
    let result = ResultFile::to_read(&targets, &source, asked_for, &history).await?;
    let failed = failed_actions(&source, &result.earlier).await?;
    let action = match failed.as_slice() {
        [] => return apply::run_some(context, args, source, true).await,
        [one] if one == "enroll" => return apply::run_some(context, args, source, true).await,
        [one] => Action::of(one),
        several => {
            return Err(CliError::usage(format!(
                "the file's rows failed at several things: {}",
                several.join(", ")
            ))
            .hinted("svpki bulk apply, renew, replace and revoke each go on with their own rows"));
        }
    };
    let action = action.ok_or_else(|| {
        CliError::usage("the file names an action that this version does not know")
    })?;
    let args = StepArgs {
        file: Some(args.file),
        filter: None,
        config: args.config,
        sheet: args.sheet,
        concurrency: args.judge.concurrency,
        why,
        successors: false,
        plan: false,
        run: args.run,
    };
    lifecycle::run_some(context, action, args, Some(source)).await
}

/// The actions that failed, according to the file or the result beside it.
async fn failed_actions(
    source: &Source,
    earlier: &EarlierResults,
) -> Result<Vec<String>, CliError> {
    let mut input = source.rows().await?;
    let mut earlier_runs = earlier.walk()?;
    let mut actions: Vec<String> = Vec::new();
    while let Some(row) = input.next().await? {
        let Some(earlier) = earlier_runs.next(&input.columns, &row)? else {
            continue;
        };
        let outcome = earlier.outcome;
        let action = if outcome.action.is_empty() {
            "enroll".to_owned()
        } else {
            outcome.action
        };
        if outcome.state == State::Failed && !actions.contains(&action) {
            actions.push(action);
        }
    }
    Ok(actions)
}
