//! Carries out one run of a verb: sends the rows, follows pending orders, writes the result, and reports how it ended.

mod ending;
mod files;

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::Stream;
use tokio::sync::Semaphore;

use self::ending::finish;
use self::files::{missing_files, write_keystores};
use super::args::RunArgs;
use super::error::BulkError;
use super::existing::ExistingCertificates;
use super::input::Source;
use super::input_facts::InputFacts;
use super::journal::Journal;
use super::keystore::Keystores;
use super::outcome::State;
use super::outdir::OutDir;
use super::poll_pending::poll_pending;
use super::preflight;
use super::progress::Progress;
use super::report::several;
use super::result_file::{self, ResultFile};
use super::row_store::RowStore;
use super::run::{Lane, Runner, Shutdown, Stopped, Task};
use super::send::Sender;
use super::target::Targets;
use crate::cli::{CliError, Context, Exit};
use vault_client::EngineClient;

/// What a run needs.
pub struct Session<'s> {
    pub context: &'s Context,
    pub targets: &'s Targets,
    /// The existing certificates and orders of each config when the run began; empty for steps.
    pub existing: &'s [ExistingCertificates],
    pub allow_duplicates: bool,
    /// `None` when nothing is sent and no file is written, because another process has locked the journal.
    pub journal: Option<&'s Journal>,
    pub source: &'s Source,
    pub result: &'s ResultFile,
    pub facts: InputFacts,
    pub run: &'s RunArgs,
    pub concurrency: usize,
    pub shutdown: &'s Shutdown,
    /// The action on each row: `enroll`, `renew`, …
    pub action: &'s str,
    /// The command line that continues the run.
    pub again: String,
}

/// Sends the tasks of a plan and reports the outcome.
pub async fn carry_out(
    session: &Session<'_>,
    store: &RowStore,
    tasks: impl Stream<Item = Result<Task, BulkError>>,
) -> Result<Exit, CliError> {
    let Session {
        context,
        targets,
        run,
        ..
    } = session;
    let files = match &run.files.out_dir {
        Some(root) => Some(OutDir::open(root).map_err(|why| CliError::file(root, &why))?),
        None => None,
    };
    let server = targets.all[0].engine.server();
    let asked = &run.files.keystores;
    let keystores = Keystores::of(context, asked, server, session.source, store).await?;
    if let Some(journal) = session.journal {
        let path = &session.result.path;
        result_file::check(path)?;
        if *path != session.source.path {
            journal.claim(path).await?;
        }
    }
    let to_send = store.to_send();
    let shutdown = session.shutdown;
    let progress = Progress::new(to_send, context.ui.bar(to_send, ""), |text| {
        context.ui.status(text)
    });
    let lanes: Vec<Lane> = targets
        .all
        .iter()
        .map(|target| Lane {
            sender: Sender::new(
                target.engine.clone(),
                &target.config,
                run.patience,
                Some(preflight::login(context)),
            ),
            turns: Semaphore::new(if targets.all.len() == 1 {
                session.concurrency.max(1)
            } else {
                target.concurrency()
            }),
            key_storage: target.key_storage.clone(),
        })
        .collect();
    let stopped = match session.journal {
        None => None,
        Some(journal) => {
            let runner = Runner {
                lanes: &lanes,
                existing: session.existing,
                allow_duplicates: session.allow_duplicates,
                action: session.action,
                journal,
                files: files.as_ref(),
                progress: &progress,
                shutdown,
                concurrency: session.concurrency,
                store,
            };
            shutdown.begin();
            let ended = runner.run(pin!(tasks)).await;
            progress.finish();
            // The journal cannot be written, or the input cannot be read. What was done so far is still reported.
            ended.unwrap_or_else(|error| Some(Stopped::Broken(error.to_string())))
        }
    };
    if stopped.is_none() {
        let mut engines = Vec::with_capacity(lanes.len());
        for lane in &lanes {
            engines.push(lane.sender.engine().await);
        }
        wait(session, &engines, store, shutdown).await?;
        if let Some(files) = &files {
            missing_files(session, &engines, files, store).await?;
            if let Some(keystores) = &keystores {
                write_keystores(session, keystores, engines[0].server(), files, store).await?;
            }
        }
    }
    for lane in &lanes {
        context.ui.warnings(&lane.sender.warnings.summary());
    }
    let stopped = stopped.or_else(|| shutdown.is_asked().then_some(Stopped::Interrupted));
    let written = files.as_ref().map(|files| (files, keystores.as_ref()));
    finish(session, store, written, stopped).await
}

/// Looks at pending orders: once, or for as long as `--wait` says.
async fn wait(
    session: &Session<'_>,
    engines: &[EngineClient],
    store: &RowStore,
    shutdown: &Shutdown,
) -> Result<(), CliError> {
    let pending = store.pending()?;
    if pending.is_empty() {
        return Ok(());
    }
    let patience = session.run.wait.unwrap_or(Duration::ZERO);
    let count = pending.len() as u64;
    let spinner = session
        .context
        .ui
        .spinner(&format!("waiting for {}", several(count, "pending order")));
    let asked = || shutdown.is_asked();
    let looks = poll_pending(
        |index| {
            let target = store.entry(index)?.map_or(0, |entry| entry.target);
            Ok((
                &engines[target],
                session.targets.all[target].config.as_str(),
            ))
        },
        pending,
        Instant::now() + patience,
        &asked,
        |index| store.outcome_or_unsent(index),
        async |index, outcome| {
            if outcome.state != State::Pending
                && let Some(line) = store.entry(index)?
                && let (Some(id), Some(journal)) = (line.id, session.journal)
            {
                let attempt = line.attempt.max(outcome.attempt);
                journal.ended(id, attempt, !line.old_key, &outcome).await?;
            }
            store.set_outcome(index, &outcome)
        },
    );
    let looked = tokio::select! {
        looked = looks => looked,
        () = shutdown.wait_immediate() => Ok(()),
    };
    spinner.finish_and_clear();
    Ok(looked?)
}
