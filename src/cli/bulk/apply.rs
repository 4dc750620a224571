//! `svpki bulk apply FILE` and `svpki bulk retry FILE`.

use std::path::Path;
use std::sync::Arc;

use futures_util::{Stream, stream};

use super::args::{ApplyArgs, RunArgs};
use super::error::BulkError;
use super::ground::Ground;
use super::input::Input;
use super::interrupt::Interrupts;
use super::journal::{Outcome, State};
use super::keys::{RowId, RowIds};
use super::plan::{PlanOptions, Planned, Verdict, reading};
use super::report::several;
use super::request::Reading;
use super::run::{Origin, Stop, Task};
use super::send::Order;
use super::session::{self, Session};
use super::sheet::{ReadOptions, Row};
use super::{place, planning, report};
use crate::cli::{CliError, Context, Exit};

/// What is to be done with a row of the plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    Send {
        attempt: u32,
    },
    /// Nothing is sent; the result says this of it.
    Settled(Box<Outcome>),
}

/// A row of the plan, as small as can be: there may be 100,000.
#[derive(Debug, Clone)]
pub struct Line {
    pub row: u32,
    pub title: Box<str>,
    pub id: Option<RowId>,
    pub attempt: u32,
    pub fate: Fate,
}

pub async fn run(context: &Context, args: ApplyArgs, retry: bool) -> Result<Exit, CliError> {
    let stop = Arc::new(Stop::default());
    let _interrupts = Interrupts::listen(&stop, context.global.quiet);
    let ground = stop.or(place::ground(context, &args.config)).await?;
    keys_have_a_place(&ground, &args.run)?;
    let sheet = args.sheet.options();
    let (journal, history) = place::journal(&args.file, &ground, "enroll").await?;
    place::journal_notices(context, &history);
    let options = PlanOptions {
        concurrency: args
            .judge
            .concurrency
            .map_or_else(|| ground.concurrency(), usize::from),
        allow_duplicates: args.judge.allow_duplicates,
        retry,
        unseen: args.run.yes && !args.run.strict,
    };
    let mut lines = Vec::new();
    let planned = planning::survey(
        context,
        &args.file,
        &sheet,
        &ground,
        &history,
        &options,
        |planned| {
            lines.push(line(planned, retry));
            Ok(())
        },
    );
    let summary = stop.or(planned).await?;
    drop(history);
    show_bad_rows(context, &lines, &report::words(&summary));
    let to_send = lines
        .iter()
        .filter(|line| matches!(line.fate, Fate::Send { .. }))
        .count();
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
    confirm(context, &ground, to_send, args.run.yes)?;
    let session = Session {
        context,
        ground: &ground,
        journal: Some(&journal),
        input: &args.file,
        sheet: &sheet,
        run: &args.run,
        concurrency: options.concurrency,
        stop: &stop,
        action: if retry { "retry" } else { "apply" },
    };
    let tasks = tasks(&args.file, &sheet, &ground, &lines).await?;
    session::carry_out(&session, &lines, tasks).await
}

/// A key that is handed out once must have somewhere to go.
pub fn keys_have_a_place(ground: &Ground, run: &RunArgs) -> Result<(), CliError> {
    if ground.key_storage == "once" && run.out_dir.is_none() {
        return Err(CliError::usage(format!(
            "config {:?} has key_storage=once: each key is handed out with its certificate and then forgotten",
            ground.config
        ))
        .hinted("name a folder for certificates and keys with --out-dir"));
    }
    Ok(())
}

fn confirm(context: &Context, ground: &Ground, orders: usize, yes: bool) -> Result<(), CliError> {
    if orders == 0 || yes {
        return Ok(());
    }
    let question = format!(
        "Place {} through config {} of {} at {}?",
        several(orders as u64, "order"),
        ground.config,
        ground.engine.mount(),
        ground.engine.server().address()
    );
    if context.ui.confirm(&question, false, "--yes")? {
        return Ok(());
    }
    Err(CliError::failed("nothing was ordered"))
}

/// The rows that somebody has to look at, and the plan in a line.
pub fn show_bad_rows(context: &Context, lines: &[Line], words: &str) {
    const SHOWN: usize = 20;
    let bad = lines.iter().filter_map(|line| match &line.fate {
        Fate::Settled(outcome) if outcome.state == State::Failed => Some((line, outcome)),
        _ => None,
    });
    for (line, outcome) in bad.clone().take(SHOWN) {
        context.ui.warning(&format!(
            "row {} is {}: {}",
            line.row, outcome.status, outcome.message
        ));
    }
    let more = bad.count().saturating_sub(SHOWN);
    if more > 0 {
        context
            .ui
            .warning(&format!("and {more} more; the result file has them all"));
    }
    context.ui.status(words);
}

/// From what a row is to what is done with it.
fn line(planned: Planned, retry: bool) -> Line {
    let past = planned.past.as_ref();
    let attempt = past.map_or(1, |past| past.attempt);
    let failed = past.is_some_and(|past| past.state() == State::Failed);
    let fate = match planned.verdict {
        Verdict::New
            if retry
                && past.is_none()
                && planned
                    .earlier
                    .as_ref()
                    .is_none_or(|earlier| earlier.state != State::Failed) =>
        {
            let words = "it has not failed, so it is no part of a retry";
            Fate::Settled(Box::new(
                planned
                    .earlier
                    .clone()
                    .unwrap_or_else(|| Outcome::of(State::Unknown, "unsent", words)),
            ))
        }
        Verdict::New => Fate::Send {
            attempt: attempt + u32::from(failed),
        },
        Verdict::Exists => Fate::Settled(Box::new(existing(&planned))),
        // It failed before and is not tried again now: the old words are the best ones.
        Verdict::Invalid if failed && !retry => Fate::Settled(Box::new(
            past.and_then(|past| past.outcome.clone())
                .unwrap_or_else(|| bad(&planned)),
        )),
        Verdict::Duplicate | Verdict::Invalid | Verdict::Denied => {
            Fate::Settled(Box::new(bad(&planned)))
        }
    };
    Line {
        row: planned.row,
        title: planned.common_name.into(),
        id: planned.row_id,
        attempt: match fate {
            Fate::Send { attempt } => attempt,
            Fate::Settled(_) => attempt,
        },
        fate,
    }
}

fn existing(planned: &Planned) -> Outcome {
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
fn origin(input: &Input, ground: &Ground, row: Row) -> Origin {
    let columns = Arc::clone(&input.columns);
    let kind = ground.kind;
    Box::new(move |complaint| {
        let reading = Reading {
            columns: &columns,
            kind,
            profiles: &[],
            default_name: false,
        };
        reading.column_of(&row, complaint)
    })
}

/// The rows that are to be sent, read from the file a second time, so that a large file need not be held.
async fn tasks<'t>(
    file: &'t Path,
    sheet: &ReadOptions,
    ground: &'t Ground,
    lines: &'t [Line],
) -> Result<impl Stream<Item = Result<Task, BulkError>> + 't, BulkError> {
    let input = Input::open(file, sheet).await?;
    let ids = RowIds::new("enroll", &ground.config);
    let start = (input, ids, 0);
    Ok(stream::try_unfold(
        start,
        move |(mut input, mut ids, mut index)| async move {
            while let Some(row) = input.next().await? {
                let line = lines.get(index).filter(|line| line.row == row.number);
                let Some(line) = line else { break };
                let here = index;
                index += 1;
                let request = reading(&input.columns, ground).request(&row);
                let Ok(request) = request else { continue };
                let id = ids.next("", &request.body);
                if line.id != Some(id) {
                    break;
                }
                let Fate::Send { attempt } = line.fate else {
                    continue;
                };
                let task = Task {
                    index: here,
                    row: row.number,
                    id,
                    attempt,
                    order: Order::Enroll(request.body),
                    origin: Some(origin(&input, ground, row)),
                };
                return Ok(Some((task, (input, ids, index))));
            }
            // The rows must have run out on both sides.
            if index == lines.len() && input.next().await?.is_none() {
                return Ok(None);
            }
            Err(BulkError::Changed {
                path: file.to_owned(),
            })
        },
    ))
}
