//! `svpki bulk renew|revoke|replace`: certificates that are there already, from a file or from a filter.

mod chosen;
mod planner;

use std::sync::Arc;

use futures_util::stream;
use serde_json::{Map, Value, json};

use self::chosen::Chosen;
use self::planner::{Planner, inventory};
use super::apply::{Fate, keys_have_a_place, show_bad_rows};
use super::args::StepArgs;
use super::columns::Field;
use super::error::BulkError;
use super::ground::Ground;
use super::interrupt::Interrupts;
use super::journal::History;
use super::place;
use super::plan::{Summary, Verdict};
use super::report::{self, Report, several};
use super::result::journal_path;
use super::run::{Stop, Task};
use super::session::{Session, carry_out};
use crate::cli::{CliError, Context, Exit};

/// What is done with each certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Renew,
    Revoke,
    Replace,
}

impl Step {
    fn word(self) -> &'static str {
        match self {
            Self::Renew => "renew",
            Self::Revoke => "revoke",
            Self::Replace => "replace",
        }
    }

    /// What a row of this kind may bring beside the certificate's id.
    fn uses(self, field: &Field) -> bool {
        let always = matches!(field, Field::CertId | Field::CommonName);
        always
            || match self {
                Self::Renew => matches!(field, Field::Csr | Field::KeyType | Field::KeySize),
                Self::Revoke => matches!(field, Field::Reason | Field::ReasonCode),
                Self::Replace => matches!(
                    field,
                    Field::AltNames | Field::Csr | Field::KeyType | Field::KeySize | Field::Reason
                ),
            }
    }
}

pub async fn run(context: &Context, step: Step, args: StepArgs) -> Result<Exit, CliError> {
    let stop = Arc::new(Stop::default());
    let _interrupts = Interrupts::listen(&stop, context.global.quiet);
    let ground = stop.or(place::ground(context, &args.config)).await?;
    if step != Step::Revoke && !args.plan {
        keys_have_a_place(&ground, &args.run)?;
    }
    let held = stop.or(async { Ok(inventory(&ground).await?) }).await?;
    let chosen = Chosen::of(context, step, &args, &ground).await?;
    let (journal, history) = if args.plan {
        (
            None,
            History::read(&journal_path(&chosen.path), &ground.place)?,
        )
    } else {
        let (journal, history) = place::journal(&chosen.path, &ground, step.word()).await?;
        (Some(journal), history)
    };
    place::journal_notices(context, &history);
    let sheet = args.sheet.options();
    let common = reason_fields(context, step, &args)?;
    let planner = Planner {
        step,
        ground: &ground,
        held: &held,
        history: &history,
        common,
    };
    let (lines, orders, summary, rows) = planner.plan(context, &chosen.path, &sheet).await?;
    if args.plan {
        let mut report = Report::new(context, None)?;
        for planned in &rows {
            report.row(planned)?;
        }
        report.end(&summary.to_json(), &words(step, &summary))?;
        return Ok(if summary.bad() > 0 {
            Exit::Findings
        } else {
            Exit::Done
        });
    }
    show_bad_rows(context, &lines, &words(step, &summary));
    if args.run.strict && summary.bad() > 0 {
        let error = CliError::failed("some rows are bad, and --strict was given: nothing was done");
        return Err(CliError {
            exit: Exit::SomeFailed,
            ..error
        });
    }
    confirm(
        context,
        step,
        &ground,
        summary.of(Verdict::New),
        args.run.yes,
    )?;
    let tasks = lines
        .iter()
        .zip(orders)
        .enumerate()
        .filter_map(|(index, (line, order))| {
            let (Fate::Send { attempt }, Some(id), Some(order)) = (&line.fate, line.id, order)
            else {
                return None;
            };
            Some(Ok(Task {
                index,
                row: line.row,
                id,
                attempt: *attempt,
                order,
                origin: None,
            }))
        });
    let session = Session {
        context,
        ground: &ground,
        journal: journal.as_ref(),
        input: &chosen.path,
        sheet: &sheet,
        run: &args.run,
        concurrency: args
            .concurrency
            .map_or_else(|| ground.concurrency(), usize::from),
        stop: &stop,
        action: step.word(),
    };
    let tasks: Vec<Result<Task, BulkError>> = tasks.collect();
    carry_out(&session, &lines, stream::iter(tasks)).await
}

/// The reason for all rows; a revocation without one is asked for it.
fn reason_fields(
    context: &Context,
    step: Step,
    args: &StepArgs,
) -> Result<Map<String, Value>, CliError> {
    let mut fields = Map::new();
    let parameter = match step {
        Step::Revoke => "sectigo_revoke_reason",
        Step::Replace => "sectigo_replace_reason",
        Step::Renew if args.reason.is_some() => {
            return Err(CliError::usage("a renewal takes no reason"));
        }
        Step::Renew => return Ok(fields),
    };
    let mut reason = args.reason.clone();
    if step == Step::Revoke && reason.is_none() && !args.plan && context.ui.asks() {
        reason = Some(
            context
                .ui
                .ask("Reason for rows that give none", None, "--reason")?,
        );
    }
    if let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) {
        fields.insert(parameter.into(), json!(reason.trim()));
    }
    if let Some(code) = args
        .reason_code
        .as_ref()
        .and_then(|code| code.parse::<i64>().ok())
    {
        if step != Step::Revoke {
            return Err(CliError::usage("--reason-code is for revoke"));
        }
        fields.insert("reason_code".into(), json!(code));
    }
    Ok(fields)
}

fn words(step: Step, summary: &Summary) -> String {
    let counts = report::words(summary);
    let counts = counts.split(';').next().unwrap_or_default();
    format!(
        "{counts}; {} {}",
        several(summary.of(Verdict::New), "certificate"),
        match step {
            Step::Renew => "would be renewed",
            Step::Revoke => "would be revoked",
            Step::Replace => "would be replaced",
        }
    )
}

/// Yes or no; for a revocation, which nothing undoes, the number must be typed.
fn confirm(
    context: &Context,
    step: Step,
    ground: &Ground,
    count: u64,
    yes: bool,
) -> Result<(), CliError> {
    if count == 0 || yes {
        return Ok(());
    }
    let what = format!(
        "{} {} of config {} at {}",
        match step {
            Step::Renew => "Renew",
            Step::Revoke => "Revoke for ever",
            Step::Replace => "Replace",
        },
        several(count, "certificate"),
        ground.config,
        ground.engine.server().address()
    );
    if step == Step::Revoke {
        return context
            .ui
            .confirm_name(&format!("{what}."), &count.to_string(), false);
    }
    if context.ui.confirm(&format!("{what}?"), false, "--yes")? {
        return Ok(());
    }
    Err(CliError::failed("nothing was done"))
}
