//! One run of a verb over its rows: send, follow, write the result, say how it ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::Stream;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::args::RunArgs;
use super::error::BulkError;
use super::input::Input;
use super::journal::{Journal, State};
use super::outdir::OutDir;
use super::poll_pending::poll_pending;
use super::progress::Progress;
use super::report::{Report, several};
use super::row_store::RowStore;
use super::run::{Runner, Shutdown, Stopped, Task};
use super::send::Sender;
use super::sheet::ReadOptions;
use super::target::TargetConfig;
use super::{preflight, result};
use crate::cli::{CliError, Context, Exit, Format, Tone};
use vault_client::{EngineClient, VaultError};

/// What a run is about.
pub struct Session<'s> {
    pub context: &'s Context,
    pub target: &'s TargetConfig,
    /// None: nothing is sent, and nothing written down.
    pub journal: Option<&'s Journal>,
    pub input: &'s Path,
    pub sheet: &'s ReadOptions,
    pub run: &'s RunArgs,
    pub concurrency: usize,
    pub shutdown: &'s Shutdown,
    /// The verb, for the line that goes on with the run.
    pub action: &'s str,
}

/// Carries out a plan and reports it.
pub async fn carry_out(
    session: &Session<'_>,
    store: &RowStore,
    tasks: impl Stream<Item = Result<Task, BulkError>>,
) -> Result<Exit, CliError> {
    let Session {
        context,
        target,
        run,
        ..
    } = session;
    let files = match &run.out_dir {
        Some(root) => Some(OutDir::open(root).map_err(|why| CliError::file(root, &why))?),
        None => None,
    };
    let result = result_file(session).await?;
    if session.journal.is_some() {
        result::check(&result)?;
    }
    let to_send = store.to_send();
    let shutdown = session.shutdown;
    let progress = Progress::new(to_send, context.ui.bar(to_send, ""), |text| {
        context.ui.status(text)
    });
    let sender = Sender::new(
        target.engine.clone(),
        &target.config,
        run.patience,
        Some(preflight::login(context)),
    );
    let stopped = match session.journal {
        None => None,
        Some(journal) => {
            let runner = Runner {
                sender: &sender,
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
            // The journal cannot be written, or the file cannot be read any more: what is done is still reported.
            ended.unwrap_or_else(|error| Some(Stopped::Broken(error.to_string())))
        }
    };
    if stopped.is_none() {
        let engine = sender.engine().await;
        wait(session, &engine, store, shutdown).await?;
        if let Some(files) = &files {
            missing_files(&engine, &target.config, files, store).await?;
        }
    }
    let stopped = stopped.or_else(|| shutdown.is_asked().then_some(Stopped::Interrupted));
    finish(session, store, &result, stopped).await
}

/// Looks at pending orders: once, or for as long as `--wait` says.
async fn wait(
    session: &Session<'_>,
    engine: &EngineClient,
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
        engine,
        &session.target.config,
        pending,
        Instant::now() + patience,
        &asked,
        |index| store.outcome_or_unsent(index),
        async |index, outcome| {
            if outcome.state != State::Pending
                && let Some(line) = store.line(index)?
                && let (Some(id), Some(journal)) = (line.id, session.journal)
            {
                journal.ended(id, line.attempt, &outcome).await?;
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

/// Files of certificates that were issued later, or whose run was cut before it wrote them.
async fn missing_files(
    engine: &EngineClient,
    config: &str,
    files: &OutDir,
    store: &RowStore,
) -> Result<(), BulkError> {
    for index in 0..store.rows() {
        let Some(mut outcome) = store.outcome(index)? else {
            continue;
        };
        if outcome.state != State::Done || outcome.id.is_empty() || files.has(&outcome.id) {
            continue;
        }
        let answer = match engine.key(config, &outcome.id).await {
            Ok(answer) => Ok(answer),
            // Its key is elsewhere, or may not be read: the certificate alone is still of use.
            Err(_) => engine.readcert(config, &outcome.id, None).await,
        };
        let written = match answer {
            Ok(answer) => files
                .write(&answer.value)
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        // What a run could not write stays said: it may have been the only copy of a key.
        if let Err(why) = written {
            outcome.file_error.get_or_insert(why);
            store.set_outcome(index, &outcome)?;
        }
    }
    Ok(())
}

async fn result_file(session: &Session<'_>) -> Result<PathBuf, CliError> {
    if let Some(path) = &session.run.result {
        return Ok(path.clone());
    }
    let format = Input::open(session.input, session.sheet).await?.format;
    Ok(result::result_path(session.input, &format))
}

/// A row of the report.
#[derive(Serialize)]
struct Reported<'r> {
    row: u32,
    /// The column of a plan's verdict has the status here.
    #[serde(rename = "verdict")]
    word: &'r str,
    status: &'r str,
    common_name: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    order_id: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    serial: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    not_after: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scm_code: Option<i64>,
    message: &'r str,
}

/// Writes the result file and the report, and finds the exit code.
pub async fn finish(
    session: &Session<'_>,
    store: &RowStore,
    path: &Path,
    stopped: Option<Stopped>,
) -> Result<Exit, CliError> {
    let context = session.context;
    result::write(path, session.input, session.sheet, store).await?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut report = Report::new(context, None)?;
    let (mut failed, mut pending, mut unsent) = (0, 0, 0);
    for index in 0..store.rows() {
        let Some(line) = store.line(index)? else {
            continue;
        };
        let outcome = store.outcome_or_unsent(index)?;
        *counts.entry(outcome.status.clone()).or_default() += 1;
        let without_files = outcome.file_error.is_some();
        let tone = match outcome.state {
            State::Done if without_files => Tone::Warn,
            State::Done => Tone::Good,
            State::Pending | State::Unknown => Tone::Warn,
            State::Failed => Tone::Bad,
        };
        match outcome.state {
            State::Failed => failed += 1,
            State::Pending => pending += 1,
            State::Unknown => unsent += 1,
            State::Done => failed += u64::from(without_files),
        }
        // People see what needs them; programs see every row.
        if context.ui.format() == Format::Table && outcome.state == State::Done && !without_files {
            continue;
        }
        let reported = Reported {
            row: line.row,
            word: &outcome.status,
            status: &outcome.status,
            common_name: &line.title,
            id: &outcome.id,
            order_id: &outcome.order_id,
            serial: &outcome.serial,
            not_after: &outcome.not_after,
            scm_code: outcome.scm_code,
            message: &outcome.words(),
        };
        report.value(&reported, tone)?;
    }
    let mut summary = Map::new();
    summary.insert("rows".into(), json!(store.rows()));
    for (status, count) in &counts {
        summary.insert(status.clone(), json!(count));
    }
    summary.insert("result_file".into(), json!(path.display().to_string()));
    let counted: Vec<String> = counts
        .iter()
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    let words = format!(
        "{}: {}; written to {}",
        several(store.rows(), "row"),
        if counted.is_empty() {
            "nothing to do".to_owned()
        } else {
            counted.join(", ")
        },
        path.display()
    );
    report.end(&Value::Object(summary), &words)?;
    if let Some(why) = stopped {
        return Err(stopped_error(session, &why, unsent));
    }
    if pending > 0 {
        let status = format!(
            "svpki bulk status --config {} {}",
            session.target.config,
            session.input.display()
        );
        context.ui.hint(&format!("for the pending ones: {status}"));
    }
    Ok(match (failed + unsent, pending) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Pending,
        _ => Exit::SomeFailed,
    })
}

fn stopped_error(session: &Session<'_>, why: &Stopped, unsent: u64) -> CliError {
    let again = format!(
        "the same line goes on with them: svpki bulk {} --config {} {}",
        session.action,
        session.target.config,
        session.input.display()
    );
    let remain = format!("{} left undone", several(unsent, "row"));
    let of_server = |error: &VaultError, exit| {
        let mut error = CliError::from(error.clone());
        error.message = format!("stopped, with {remain}: {}", error.message);
        error.exit = exit;
        error
    };
    match why {
        Stopped::Interrupted => {
            let mut error = CliError::interrupted();
            error.message = format!("interrupted, with {remain}");
            error
        }
        Stopped::Lost(error) => of_server(error, Exit::Failed),
        Stopped::Refused(error) => of_server(error, Exit::Denied),
        Stopped::Account(words) => CliError::failed(format!(
            "stopped, with {remain}: refused again and again: {words}"
        )),
        Stopped::Broken(words) => CliError::failed(format!("stopped, with {remain}: {words}")),
    }
    .hinted(again)
}
