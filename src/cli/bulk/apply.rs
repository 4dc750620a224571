//! `svpki bulk apply FILE` and `svpki bulk retry FILE`.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::{Stream, stream};

use super::args::{ApplyArgs, RunArgs};
use super::command_line::same_line;
use super::error::BulkError;
use super::file_names::journal_path;
use super::input::{Input, Source};
use super::interrupt::Interrupts;
use super::outcome::{Outcome, State};
use super::plan::{Known, PlanOptions, reading};
use super::planned::{Planned, Verdict};
use super::report::several;
use super::request::Reading;
use super::result_file::ResultFile;
use super::row_store::{RowEntry, RowStore};
use super::run::{Origin, Shutdown, Task};
use super::send::Order;
use super::session::{Session, carry_out};
use super::sheet::Row;
use super::target::{TargetConfig, Targets};
use super::{planning, preflight, report};
use crate::cli::{CliError, Context, Exit};

pub async fn run(context: &Context, args: ApplyArgs) -> Result<Exit, CliError> {
    let source = preflight::source(&args.file, &args.sheet, args.run.strict)?;
    run_some(context, args, source, false).await
}

/// Like [`run`]. With `retry`, only rows that failed before are ordered.
pub async fn run_some(
    context: &Context,
    args: ApplyArgs,
    source: Source,
    retry: bool,
) -> Result<Exit, CliError> {
    let shutdown = Arc::new(Shutdown::default());
    let _interrupts = Interrupts::listen(&shutdown, context.global.quiet);
    let targets = shutdown
        .or(preflight::targets(context, &args.config, &source))
        .await?;
    keys_have_a_location(&targets, &args.run)?;
    let journal_path = journal_of(&source, &args.run, &targets)?;
    let (journal, history) = preflight::journal(journal_path, &targets.all[0], "enroll").await?;
    preflight::journal_notices(context, &history);
    let options = PlanOptions {
        concurrency: args
            .judge
            .concurrency
            .map_or_else(|| targets.concurrency(), usize::from),
        allow_duplicates: args.judge.allow_duplicates,
        retry,
        skip_dry_run: args.run.yes && !args.run.strict,
        marks_rows: true,
    };
    let result = args.run.result.as_deref();
    let result = ResultFile::to_write(context, &targets, &source, result, &history).await?;
    let existing = shutdown
        .or(async { Ok(planning::existing(&targets).await?) })
        .await?;
    let known = Known {
        targets: &targets,
        existing: &existing,
        history: &history,
        earlier: &result.earlier,
    };
    let mut store = RowStore::open()?;
    let planned = planning::survey(context, &source, &known, &options, |planned| {
        let (line, settled) = line(planned, retry);
        Ok(store.add(line, settled)?)
    });
    let (summary, facts) = shutdown.or(planned).await?;
    let words = match options.skip_dry_run {
        false => report::words(&summary),
        true => format!(
            "{}; {} at most: the engine checks each row as it is sent",
            report::counts(&summary),
            report::orders(&summary)
        ),
    };
    show_bad_rows(context, &store, &words);
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
    confirm(context, &targets, store.to_send(), args.run.yes)?;
    let session = Session {
        context,
        targets: &targets,
        existing: &existing,
        allow_duplicates: args.judge.allow_duplicates,
        journal: Some(&journal),
        source: &source,
        result: &result,
        facts,
        run: &args.run,
        concurrency: options.concurrency,
        shutdown: &shutdown,
        action: "enroll",
        again: same_line(),
    };
    let tasks = tasks(&source, &targets, &store, args.judge.allow_duplicates).await?;
    carry_out(&session, &store, tasks).await
}

/// The path of the journal of `source`. For standard input the journal is beside the result file.
pub fn journal_of(source: &Source, run: &RunArgs, targets: &Targets) -> Result<PathBuf, CliError> {
    let name = preflight::run_name(targets, source);
    if !source.is_stdin() {
        return Ok(journal_path(&source.path, &name));
    }
    let result = run.result.as_ref().ok_or_else(|| {
        CliError::usage("standard input has no folder for a result and a journal")
            .hinted("name the result's file with --result")
    })?;
    Ok(journal_path(result, &name))
}

/// Refuses to run without `--out-dir` when a config has `key_storage=once`: the key would be lost.
pub fn keys_have_a_location(targets: &Targets, run: &RunArgs) -> Result<(), CliError> {
    let once = targets.all.iter().find(|one| one.key_storage == "once");
    if let Some(once) = once.filter(|_| run.files.out_dir.is_none()) {
        return Err(CliError::usage(format!(
            "config {:?} has key_storage=once: each key is handed out with its certificate and then forgotten",
            once.config
        ))
        .hinted("name a folder for certificates and keys with --out-dir"));
    }
    Ok(())
}

fn confirm(context: &Context, targets: &Targets, orders: u64, yes: bool) -> Result<(), CliError> {
    if orders == 0 || yes {
        return Ok(());
    }
    let first = &targets.all[0];
    let question = match targets.single() {
        Some(one) => format!(
            "Place {} through config {} of {} at {}?",
            several(orders, "order"),
            one.config,
            one.engine.mount(),
            one.address()
        ),
        None => format!(
            "Place {} through the configs {} at {}?",
            several(orders, "order"),
            targets.names(),
            first.address()
        ),
    };
    if context.ui.confirm(&question, false, "--yes")? {
        return Ok(());
    }
    Err(CliError::failed("nothing was ordered"))
}

/// Shows the rows that need attention, and the counts of the plan (`words`).
pub fn show_bad_rows(context: &Context, store: &RowStore, words: &str) {
    store.bad_rows().tell(&context.ui, "the result file");
    context.ui.status(words);
}

/// The store entry of a planned row. The outcome is `Some` when the row is settled, that is, when nothing is to be
/// sent.
fn line(planned: Planned, retry: bool) -> (RowEntry, Option<Outcome>) {
    let past = planned.past.as_ref();
    let failed = past.is_some_and(|past| past.state() == State::Failed);
    let earlier = planned.earlier.as_ref().map(|earlier| &earlier.outcome);
    let settled = match planned.verdict {
        Verdict::New
            if retry
                && past.is_none()
                && earlier.is_none_or(|earlier| earlier.state != State::Failed) =>
        {
            let words = "it has not failed, so it is no part of a retry";
            let unsent = || Outcome::of(State::Unknown, "unsent", words);
            Some(earlier.cloned().unwrap_or_else(unsent))
        }
        Verdict::New => None,
        Verdict::Exists => Some(match planned.step() {
            Some(step) => step.outcome.clone(),
            None => existing_outcome(&planned),
        }),
        // The row failed in an earlier run and is not retried now. The message of that run is more precise than the
        // plan's.
        Verdict::Invalid if failed && !retry => {
            let before = past.and_then(|past| past.outcome.clone());
            Some(before.unwrap_or_else(|| bad(&planned)))
        }
        Verdict::Duplicate | Verdict::Invalid | Verdict::Denied => Some(bad(&planned)),
    };
    let sends = settled.is_none();
    let ended = past.filter(|past| past.state() == State::Done && sends);
    let attempt = past.map_or(1, |past| past.attempt.max(1));
    let step = planned.step();
    let line = RowEntry {
        row: planned.row,
        // This outcome is about a step (renew, replace, revoke), not about the order that `row_id` identifies.
        id: planned.row_id.filter(|_| step.is_none()),
        mark: planned.mark,
        given_id: step.map_or(planned.given_id.clone(), |step| step.id.clone()),
        role: planned.role,
        has_csr: planned.has_csr,
        // Each order after a failed one or after one whose certificate has ended needs a new idempotency key.
        attempt: attempt + u32::from((failed && sends) || ended.is_some()),
        resumes: past.is_some_and(|past| past.state() == State::Unknown),
        old_key: past.is_some_and(|past| past.state() == State::Unknown && !past.by_names),
        replaces: ended.map(|past| past.id().to_owned()),
        target: planned.target,
        title: planned.common_name,
        sends,
        beside: planned.beside,
    };
    (line, settled)
}

fn existing_outcome(planned: &Planned) -> Outcome {
    if let Some(outcome) = planned.past.as_ref().and_then(|past| past.outcome.clone()) {
        return outcome;
    }
    if planned.is_order {
        // This is an order of another run. It is followed to its certificate like an order of this run.
        return Outcome {
            order_id: planned.id.clone(),
            ..Outcome::of(State::Pending, "pending", &*planned.message)
        };
    }
    match planned.earlier.as_ref().map(|earlier| &earlier.outcome) {
        // The input is a result: its row has more details of the certificate than the inventory.
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

/// Returns a function that finds the column which an error message of the engine is about.
fn origin(input: &Input, target: &TargetConfig, row: Row) -> Origin {
    let columns = Arc::clone(&input.columns);
    let kind = target.kind;
    Box::new(move |message| {
        let reading = Reading {
            columns: &columns,
            kind,
            profiles: &[],
            default_name: false,
            allow_private_names: false,
        };
        reading.column_of(&row, message)
    })
}

/// The tasks for the rows that are to be sent. The copy of the file is read a second time, so that the rows of a large
/// file need not be held in memory.
async fn tasks<'t>(
    source: &'t Source,
    targets: &'t Targets,
    store: &'t RowStore,
    allow_duplicates: bool,
) -> Result<impl Stream<Item = Result<Task, BulkError>> + 't, BulkError> {
    let start = (source.rows().await?, 0);
    Ok(stream::try_unfold(
        start,
        move |(mut input, mut index)| async move {
            while let Some(row) = input.next().await? {
                let here = index;
                index += 1;
                let Some(entry) = store.entry(here)?.filter(|entry| entry.sends) else {
                    continue;
                };
                let Some(id) = entry.id else { continue };
                let target = &targets.all[entry.target];
                let Ok(request) = reading(&input.columns, target).request(&row) else {
                    continue;
                };
                let task = Task {
                    index: here,
                    row: row.number,
                    id,
                    attempt: entry.attempt,
                    resumes: entry.resumes,
                    target: entry.target,
                    replaces: entry.replaced_by(),
                    serial: String::new(),
                    subject: (!allow_duplicates && !entry.old_key && !request.names.is_empty())
                        .then_some(request.subject),
                    order: Order::Enroll(request.body),
                    origin: Some(origin(&input, target, row)),
                };
                return Ok(Some((task, (input, index))));
            }
            Ok(None)
        },
    ))
}
