//! `svpki bulk status FILE`: shows the state of the orders of earlier runs. Orders nothing.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;

use super::apply::journal_of;
use super::args::{RunArgs, StatusArgs};
use super::command_line::same_line;
use super::error::BulkError;
use super::input::RowMarks;
use super::input_facts::InputFacts;
use super::interrupt::Interrupts;
use super::journal::History;
use super::keys::RowIds;
use super::outcome::{Outcome, State};
use super::plan::reading;
use super::planning;
use super::poll_pending::collected;
use super::result_file::ResultFile;
use super::row_store::{RowEntry, RowStore};
use super::run::Shutdown;
use super::session::{Session, carry_out};
use super::target::TargetConfig;
use super::{preflight, request};
use crate::cli::{CliError, Context, Exit};
use vault_client::VaultErrorKind;

pub async fn run(context: &Context, args: StatusArgs) -> Result<Exit, CliError> {
    let shutdown = Arc::new(Shutdown::default());
    let _interrupts = Interrupts::listen(&shutdown, context.global.quiet);
    let source = preflight::source(&args.file, &args.sheet, false)?;
    let targets = shutdown
        .or(preflight::targets(context, &args.config, &source))
        .await?;
    let run = RunArgs {
        yes: true,
        strict: false,
        wait: args.wait,
        patience: Duration::ZERO,
        result: args.result.clone(),
        files: args.files.clone(),
    };
    let first = &targets.all[0];
    let path = journal_of(&source, &run, &targets)?;
    // While another run has the journal, this one only reads it.
    let (journal, history) = match preflight::journal(path.clone(), first, "status").await {
        Ok((journal, history)) => (Some(journal), history),
        Err(BulkError::Busy { .. }) => (None, History::read(&path, &first.location)?),
        Err(error) => return Err(error.into()),
    };
    preflight::journal_notices(context, &history);
    let result = args.result.as_deref();
    let result = ResultFile::to_write(context, &targets, &source, result, &history).await?;
    let mut earlier_runs = result.earlier.walk()?;
    let existing = planning::existing(&targets).await?;
    let mut input = source.rows().await?;
    let mut facts = InputFacts::of(&input);
    facts.tell(context);
    let mut ids = RowIds::new("enroll", "").map_err(BulkError::Spill)?;
    let mut marks = RowMarks::new()?;
    let mut store = RowStore::open()?;
    while let Some(row) = input.next().await? {
        let mark = marks.next(&input.columns, &row)?;
        let earlier = earlier_runs.next(&input.columns, &row)?;
        let chosen = targets.of(&input.columns, &row);
        let at = *chosen.as_ref().unwrap_or(&0);
        let target = &targets.all[at];
        let read = chosen
            .map_err(|finding| vec![finding])
            .and_then(|_| reading(&input.columns, target).request(&row));
        let (title, id, has_csr) = match &read {
            Ok(request) => {
                let id = ids
                    .next_in(&target.scope(first), "", &request.body)
                    .map_err(BulkError::Spill)?;
                let has_csr = request.body.contains_key("csr");
                (request.title.clone(), Some(id), has_csr)
            }
            Err(_) => (String::new(), None, false),
        };
        let past = match id {
            Some(id) => history.of(id)?,
            None => None,
        };
        // A renewal, replacement or revocation in the result came after the order.
        let later = earlier.as_ref().filter(|earlier| earlier.is_step());
        let mut outcome = match (&past, &earlier, &read) {
            _ if later.is_some() => later
                .map(|later| later.outcome.clone())
                .unwrap_or_else(unsent),
            (Some(past), ..) => past
                .outcome
                .clone()
                .unwrap_or_else(|| Outcome::of(State::Unknown, "unknown", past.words())),
            (None, Some(earlier), _) => earlier.outcome.clone(),
            (None, None, Ok(_)) => unsent(),
            (None, None, Err(findings)) => {
                let words: Vec<String> = findings.iter().map(request::Finding::to_string).collect();
                Outcome::of(State::Failed, "invalid", words.join("; "))
            }
        };
        if outcome.state == State::Done && existing[at].in_use(&outcome.id)?.is_none() {
            outcome = now(target, outcome).await?;
        }
        let line = RowEntry {
            row: row.number,
            title,
            mark,
            given_id: later.map_or(String::new(), |later| later.id.clone()),
            id: id.filter(|_| later.is_none()),
            has_csr,
            target: at,
            attempt: past.map_or(1, |past| past.attempt),
            beside: earlier.filter(|_| input.columns.results.is_none()),
            ..RowEntry::default()
        };
        store.add(line, Some(outcome))?;
    }
    facts.tell_late(context, &input);
    let session = Session {
        context,
        targets: &targets,
        existing: &existing,
        allow_duplicates: false,
        journal: journal.as_ref(),
        source: &source,
        result: &result,
        facts,
        run: &run,
        concurrency: 1,
        shutdown: &shutdown,
        action: "status",
        again: same_line(),
    };
    carry_out(&session, &store, stream::empty()).await
}

fn unsent() -> Outcome {
    Outcome::of(State::Unknown, "unsent", "no run has sent it yet")
}

/// The present state of a certificate that is no longer in use.
async fn now(target: &TargetConfig, before: Outcome) -> Result<Outcome, BulkError> {
    match collected(&target.engine, &target.config, &before.id, &before).await {
        Ok(now) => Ok(now),
        Err(error)
            if matches!(
                error.kind,
                VaultErrorKind::NotFound | VaultErrorKind::Denied
            ) =>
        {
            Ok(before)
        }
        Err(error) => Err(error.into()),
    }
}
