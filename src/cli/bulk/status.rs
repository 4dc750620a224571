//! `svpki bulk status FILE`: how the orders of earlier runs stand. Orders nothing.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;

use super::args::{RunArgs, StatusArgs};
use super::error::BulkError;
use super::input::Input;
use super::interrupt::Interrupts;
use super::journal::{History, Outcome, State};
use super::keys::RowIds;
use super::plan::reading;
use super::result::{self, journal_path};
use super::row_store::{RowEntry, RowStore};
use super::run::Shutdown;
use super::session::{Session, carry_out};
use super::{preflight, request};
use crate::cli::{CliError, Context, Exit};

pub async fn run(context: &Context, args: StatusArgs) -> Result<Exit, CliError> {
    let shutdown = Arc::new(Shutdown::default());
    let _interrupts = Interrupts::listen(&shutdown, context.global.quiet);
    let target = shutdown
        .or(preflight::target(context, &args.config))
        .await?;
    let sheet = args.sheet.options();
    // A run that goes on at the same time keeps its journal to itself; we only look then.
    let (journal, history) = match preflight::journal(&args.file, &target, "enroll").await {
        Ok((journal, history)) => (Some(journal), history),
        Err(BulkError::Busy { .. }) => (
            None,
            History::read(&journal_path(&args.file), &target.location)?,
        ),
        Err(error) => return Err(error.into()),
    };
    preflight::journal_notices(context, &history);
    let mut input = Input::open(&args.file, &sheet).await?;
    let mut ids = RowIds::new("enroll", &target.config).map_err(BulkError::Spill)?;
    let mut store = RowStore::open()?;
    while let Some(row) = input.next().await? {
        let earlier = result::read(&input.columns, &row);
        let read = reading(&input.columns, &target).request(&row);
        let (title, id) = match &read {
            Ok(request) => {
                let id = ids.next("", &request.body).map_err(BulkError::Spill)?;
                (request.title.clone(), Some(id))
            }
            Err(_) => (String::new(), None),
        };
        let past = match id {
            Some(id) => history.of(id)?,
            None => None,
        };
        let outcome = match (&past, earlier, read) {
            (Some(past), ..) => past
                .outcome
                .clone()
                .unwrap_or_else(|| Outcome::of(State::Unknown, "unknown", past.words())),
            (None, Some(earlier), _) => earlier,
            (None, None, Ok(_)) => Outcome::of(State::Unknown, "unsent", "no run has sent it yet"),
            (None, None, Err(findings)) => {
                let words: Vec<String> = findings.iter().map(request::Finding::to_string).collect();
                Outcome::of(State::Failed, "invalid", words.join("; "))
            }
        };
        let line = RowEntry {
            row: row.number,
            title,
            id,
            attempt: past.map_or(1, |past| past.attempt),
            sends: false,
        };
        store.add(line, Some(outcome))?;
    }
    let run = RunArgs {
        yes: true,
        strict: false,
        wait: args.wait,
        patience: Duration::ZERO,
        result: args.result.clone(),
        out_dir: None,
    };
    let session = Session {
        context,
        target: &target,
        journal: journal.as_ref(),
        input: &args.file,
        sheet: &sheet,
        run: &run,
        concurrency: 1,
        shutdown: &shutdown,
        action: "status",
    };
    carry_out(&session, &store, stream::empty()).await
}
