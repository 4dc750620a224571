//! `svpki bulk apply FILE` and `svpki bulk retry FILE`.

use std::path::Path;
use std::sync::Arc;

use futures_util::{Stream, stream};

use super::args::{ApplyArgs, RunArgs};
use super::error::BulkError;
use super::input::Input;
use super::interrupt::Interrupts;
use super::journal::{Outcome, State};
use super::keys::RowIds;
use super::plan::{PlanOptions, Planned, Verdict, reading};
use super::report::several;
use super::request::Reading;
use super::row_store::{RowEntry, RowStore};
use super::run::{Origin, Shutdown, Task};
use super::send::Order;
use super::session::{self, Session};
use super::sheet::{ReadOptions, Row};
use super::target::TargetConfig;
use super::{planning, preflight, report};
use crate::cli::{CliError, Context, Exit};

pub async fn run(context: &Context, args: ApplyArgs, retry: bool) -> Result<Exit, CliError> {
    let shutdown = Arc::new(Shutdown::default());
    let _interrupts = Interrupts::listen(&shutdown, context.global.quiet);
    let target = shutdown
        .or(preflight::target(context, &args.config))
        .await?;
    keys_have_a_place(&target, &args.run)?;
    let sheet = args.sheet.options();
    let (journal, history) = preflight::journal(&args.file, &target, "enroll").await?;
    preflight::journal_notices(context, &history);
    let options = PlanOptions {
        concurrency: args
            .judge
            .concurrency
            .map_or_else(|| target.concurrency(), usize::from),
        allow_duplicates: args.judge.allow_duplicates,
        retry,
        skip_dry_run: args.run.yes && !args.run.strict,
    };
    let mut store = RowStore::open()?;
    let planned = planning::survey(
        context,
        &args.file,
        &sheet,
        &target,
        &history,
        &options,
        |planned| {
            let (line, settled) = line(planned, retry);
            Ok(store.add(line, settled)?)
        },
    );
    let summary = shutdown.or(planned).await?;
    drop(history);
    show_bad_rows(context, &store, &report::words(&summary));
    if args.run.strict && summary.bad() > 0 {
        let error = CliError::failed(format!(
            "{} of {} are bad, and --strict was given: nothing was ordered",
            summary.bad(),
            several(summary.rows(), "row")
        ));
        return Err(CliError {
            exit: Exit::SomeFailed,
            ..error
        }
        .hinted("svpki bulk plan shows them; mend the file, or leave --strict out"));
    }
    confirm(context, &target, store.to_send(), args.run.yes)?;
    let session = Session {
        context,
        target: &target,
        journal: Some(&journal),
        input: &args.file,
        sheet: &sheet,
        run: &args.run,
        concurrency: options.concurrency,
        shutdown: &shutdown,
        action: if retry { "retry" } else { "apply" },
    };
    let tasks = tasks(&args.file, &sheet, &target, &store).await?;
    session::carry_out(&session, &store, tasks).await
}

/// A key that is handed out once must have somewhere to go.
pub fn keys_have_a_place(target: &TargetConfig, run: &RunArgs) -> Result<(), CliError> {
    if target.key_storage == "once" && run.out_dir.is_none() {
        return Err(CliError::usage(format!(
            "config {:?} has key_storage=once: each key is handed out with its certificate and then forgotten",
            target.config
        ))
        .hinted("name a folder for certificates and keys with --out-dir"));
    }
    Ok(())
}

fn confirm(
    context: &Context,
    target: &TargetConfig,
    orders: u64,
    yes: bool,
) -> Result<(), CliError> {
    if orders == 0 || yes {
        return Ok(());
    }
    let question = format!(
        "Place {} through config {} of {} at {}?",
        several(orders, "order"),
        target.config,
        target.engine.mount(),
        target.address()
    );
    if context.ui.confirm(&question, false, "--yes")? {
        return Ok(());
    }
    Err(CliError::failed("nothing was ordered"))
}

/// The rows that somebody has to look at, and the plan in a line.
pub fn show_bad_rows(context: &Context, store: &RowStore, words: &str) {
    store.bad_rows().tell(&context.ui, "the result file");
    context.ui.status(words);
}

/// From what a row is to what is done with it: nothing more when something is settled.
fn line(planned: Planned, retry: bool) -> (RowEntry, Option<Outcome>) {
    let past = planned.past.as_ref();
    let failed = past.is_some_and(|past| past.state() == State::Failed);
    let settled = match planned.verdict {
        Verdict::New
            if retry
                && past.is_none()
                && planned
                    .earlier
                    .as_ref()
                    .is_none_or(|earlier| earlier.state != State::Failed) =>
        {
            let words = "it has not failed, so it is no part of a retry";
            let unsent = || Outcome::of(State::Unknown, "unsent", words);
            Some(planned.earlier.clone().unwrap_or_else(unsent))
        }
        Verdict::New => None,
        Verdict::Exists => Some(existing_outcome(&planned)),
        // It failed before and is not tried again now: the old words are the best ones.
        Verdict::Invalid if failed && !retry => {
            let before = past.and_then(|past| past.outcome.clone());
            Some(before.unwrap_or_else(|| bad(&planned)))
        }
        Verdict::Duplicate | Verdict::Invalid | Verdict::Denied => Some(bad(&planned)),
    };
    let attempt = past.map_or(1, |past| past.attempt);
    let line = RowEntry {
        row: planned.row,
        id: planned.row_id,
        attempt: attempt + u32::from(failed && settled.is_none()),
        title: planned.common_name,
        sends: settled.is_none(),
    };
    (line, settled)
}

fn existing_outcome(planned: &Planned) -> Outcome {
    if let Some(outcome) = planned.past.as_ref().and_then(|past| past.outcome.clone()) {
        return outcome;
    }
    match &planned.earlier {
        // Fed back: the file knows more of the certificate than the inventory's short words.
        Some(earlier) if earlier.state == State::Done && earlier.id == planned.id => {
            earlier.clone()
        }
        _ => Outcome {
            id: planned.id.clone(),
            ..Outcome::of(State::Done, planned.verdict.as_str(), &*planned.message)
        },
    }
}

fn bad(planned: &Planned) -> Outcome {
    Outcome::of(State::Failed, planned.verdict.as_str(), &*planned.message)
}

/// Finds the column of a row that a complaint is about.
fn origin(input: &Input, target: &TargetConfig, row: Row) -> Origin {
    let columns = Arc::clone(&input.columns);
    let kind = target.kind;
    Box::new(move |message| {
        let reading = Reading {
            columns: &columns,
            kind,
            profiles: &[],
            default_name: false,
        };
        reading.column_of(&row, message)
    })
}

/// The rows that are to be sent, read from the file a second time, so that a large file need not be held.
async fn tasks<'t>(
    file: &'t Path,
    sheet: &ReadOptions,
    target: &'t TargetConfig,
    store: &'t RowStore,
) -> Result<impl Stream<Item = Result<Task, BulkError>> + 't, BulkError> {
    let input = Input::open(file, sheet).await?;
    let ids = RowIds::new("enroll", &target.config).map_err(BulkError::Spill)?;
    let start = (input, ids, 0);
    Ok(stream::try_unfold(
        start,
        move |(mut input, mut ids, mut index)| async move {
            while let Some(row) = input.next().await? {
                let line = store.line(index)?.filter(|line| line.row == row.number);
                let Some(line) = line else { break };
                let here = index;
                index += 1;
                let request = reading(&input.columns, target).request(&row);
                let Ok(request) = request else { continue };
                let id = ids.next("", &request.body).map_err(BulkError::Spill)?;
                if line.id != Some(id) {
                    break;
                }
                if !line.sends {
                    continue;
                }
                let task = Task {
                    index: here,
                    row: row.number,
                    id,
                    attempt: line.attempt,
                    order: Order::Enroll(request.body),
                    origin: Some(origin(&input, target, row)),
                };
                return Ok(Some((task, (input, ids, index))));
            }
            // The rows must have run out on both sides.
            if index == store.rows() && input.next().await?.is_none() {
                return Ok(None);
            }
            Err(BulkError::Changed {
                path: file.to_owned(),
            })
        },
    ))
}
