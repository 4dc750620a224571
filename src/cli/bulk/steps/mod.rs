//! `svpki bulk renew|revoke|replace`: certificates that are there already, from a file or from a filter.

mod chosen;
mod planner;

use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use serde_json::{Map, Value, json};

use self::chosen::Chosen;
use self::planner::{Held, Planner};
use super::apply::{keys_have_a_place, show_bad_rows};
use super::args::StepArgs;
use super::aside::Shelf;
use super::book::Book;
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
use super::send::Order;
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
    let held = stop.or(async { Ok(Held::read(&ground).await?) }).await?;
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
    if args.plan {
        let mut report = Report::new(context, None)?;
        let summary = planner
            .plan(context, &chosen.path, &sheet, |decided| {
                report.row(&decided.planned)
            })
            .await?;
        report.end(&summary.to_json(), &words(step, &summary))?;
        return Ok(if summary.bad() > 0 {
            Exit::Findings
        } else {
            Exit::Done
        });
    }
    let mut book = Book::open()?;
    let mut orders = Shelf::new().map_err(BulkError::Aside)?;
    let summary = planner
        .plan(context, &chosen.path, &sheet, |decided| {
            let (line, settled) = decided.line();
            if let Some(order) = &decided.order {
                orders.set(book.rows(), order).map_err(BulkError::Aside)?;
            }
            Ok(book.add(line, settled)?)
        })
        .await?;
    show_bad_rows(context, &book, &words(step, &summary));
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
    carry_out(&session, &book, tasks(&book, &orders)).await
}

/// The rows that are to be sent.
fn tasks<'t>(
    book: &'t Book,
    orders: &'t Shelf<Order>,
) -> impl Stream<Item = Result<Task, BulkError>> + 't {
    stream::iter(0..book.rows()).filter_map(async |index| task(book, orders, index).transpose())
}

fn task(book: &Book, orders: &Shelf<Order>, index: u64) -> Result<Option<Task>, BulkError> {
    let (Some(line), Some(order)) = (
        book.line(index)?,
        orders.get(index).map_err(BulkError::Aside)?,
    ) else {
        return Ok(None);
    };
    Ok(line.id.map(|id| Task {
        index,
        row: line.row,
        id,
        attempt: line.attempt,
        order,
        origin: None,
    }))
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
        ground.address()
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
