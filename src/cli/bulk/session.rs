//! One run of a verb over its rows: send, follow, write the result, say how it ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::{Map, Value, json};

use tokio::sync::Semaphore;

use super::args::RunArgs;
use super::error::BulkError;
use super::existing::ExistingCertificates;
use super::input::Source;
use super::input_facts::InputFacts;
use super::journal::Journal;
use super::keystore::Keystores;
use super::outcome::State;
use super::outdir::{self, FilesState, KEY, LEAF, OutDir, host_of};
use super::poll_pending::poll_pending;
use super::progress::Progress;
use super::report::{Report, several};
use super::result_file::{self, ResultFile};
use super::row_store::{RowEntry, RowStore};
use super::run::{Lane, Runner, Shutdown, Stopped, Task, files_not_written};
use super::send::Sender;
use super::sheet::{Cell, Format as SheetFormat, ResultWriter};
use super::target::{TargetConfig, Targets};
use super::{preflight, result};
use crate::cli::{CliError, Context, Exit, Format, Tone};
use vault_client::{EngineClient, Server, VaultError, VaultErrorKind};

/// What a run is about.
pub struct Session<'s> {
    pub context: &'s Context,
    pub targets: &'s Targets,
    /// What Vault held of each config when the run began; empty where it does not matter.
    pub existing: &'s [ExistingCertificates],
    pub allow_duplicates: bool,
    /// None: nothing is sent, and nothing written down.
    pub journal: Option<&'s Journal>,
    pub source: &'s Source,
    pub result: &'s ResultFile,
    pub facts: InputFacts,
    pub run: &'s RunArgs,
    pub concurrency: usize,
    pub shutdown: &'s Shutdown,
    /// What is done with a row: `enroll`, `renew`, …
    pub action: &'s str,
    /// The line that goes on with the run.
    pub again: String,
}

/// The command line of this process, to be given once more.
pub fn same_line() -> String {
    let words = std::env::args().skip(1).map(|word| quoted(&word));
    let words: Vec<String> = std::iter::once("svpki".to_owned()).chain(words).collect();
    words.join(" ")
}

/// A word as a shell reads it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Carries out a plan and reports it.
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
            // The journal cannot be written, or the file cannot be read any more: what is done is still reported.
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
        context.ui.warnings(&lane.sender.warnings.told());
    }
    let stopped = stopped.or_else(|| shutdown.is_asked().then_some(Stopped::Interrupted));
    let written = files.as_ref().map(|files| (files, keystores.as_ref()));
    finish(session, store, written, stopped).await
}

/// Keystores of all certificates whose PEM files are there. What is missing is an outcome, like a missing key.
async fn write_keystores(
    session: &Session<'_>,
    keystores: &Keystores,
    server: &Server,
    files: &OutDir,
    store: &RowStore,
) -> Result<(), BulkError> {
    let bar = session.context.ui.bar(store.rows(), "keystores");
    let written = stream::iter(0..store.rows()).map(|index| async move {
        let (Some(entry), Some(outcome)) = (store.entry(index)?, store.outcome(index)?) else {
            return Ok((index, None));
        };
        // The key of a CSR is with whoever made it; what has no key in its folder has been told.
        let has_key = files.state(&outcome.id, &outcome.serial) == FilesState::Complete;
        if outcome.state != State::Done || entry.has_csr || !has_key {
            return Ok((index, None));
        }
        let written = keystores.write(server, files, index, &outcome.id).await;
        let words = written
            .err()
            .map(|why| format!("its keystore was not written: {why}"));
        Ok::<_, BulkError>((index, words.map(|words| (outcome, words))))
    });
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let mut written = pin!(written.buffer_unordered(at_once));
    while let Some((index, failed)) = written.try_next().await? {
        bar.inc(1);
        if let Some((mut outcome, words)) = failed {
            outcome.file_error = Some(match outcome.file_error.take() {
                Some(before) => format!("{before}; {words}"),
                None => words,
            });
            store.set_outcome(index, &outcome)?;
        }
    }
    bar.finish_and_clear();
    Ok(())
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

/// Files of certificates that were issued later, or whose run was cut before it wrote them. A key that is not there is
/// said, with its cure.
async fn missing_files(
    session: &Session<'_>,
    engines: &[EngineClient],
    files: &OutDir,
    store: &RowStore,
) -> Result<(), BulkError> {
    for index in 0..store.rows() {
        let (Some(entry), Some(mut outcome)) = (store.entry(index)?, store.outcome(index)?) else {
            continue;
        };
        if outcome.state != State::Done || outcome.id.is_empty() || outcome.status == "revoked" {
            continue;
        }
        match files.state(&outcome.id, &outcome.serial) {
            FilesState::Complete => {
                if outcome.file_error.take().is_some() {
                    store.set_outcome(index, &outcome)?;
                }
                continue;
            }
            FilesState::WithoutKey if entry.has_csr => continue,
            _ => {}
        }
        let target = &session.targets.all[entry.target];
        let (engine, config) = (&engines[entry.target], target.config.as_str());
        let (answer, no_key) = match engine.key(config, &outcome.id).await {
            Ok(answer) => (Ok(answer), None),
            Err(error) => {
                let why = (!entry.has_csr).then(|| no_key(target, &outcome.id, &error));
                // The certificate alone is still of use.
                (engine.readcert(config, &outcome.id, None).await, why)
            }
        };
        let error = match answer {
            Ok(answer) => match files.write(&answer.value, &replaced_by(&entry)) {
                Ok(_) => {
                    let words = files.passed_over(&answer.value);
                    session.context.ui.warnings(words.as_slice());
                    None
                }
                Err(error) => Some(files_not_written(&error.to_string())),
            },
            Err(error) => Some(files_not_written(&error.to_string())),
        };
        let error = match (error, no_key) {
            (Some(error), Some(key)) => Some(format!("{error}; {key}")),
            (error, key) => error.or(key),
        };
        if error != outcome.file_error {
            outcome.file_error = error;
            store.set_outcome(index, &outcome)?;
        }
    }
    Ok(())
}

/// The certificates whose place a row's new one takes.
pub fn replaced_by(entry: &RowEntry) -> Vec<String> {
    let given = Some(entry.given_id.clone()).filter(|id| !id.is_empty());
    given.into_iter().chain(entry.replaces.clone()).collect()
}

fn no_key(target: &TargetConfig, id: &str, error: &VaultError) -> String {
    let config = &target.config;
    match error.kind {
        VaultErrorKind::Denied => {
            format!("its key was not written: the token may not read keys/{config}/{id}")
        }
        VaultErrorKind::NotFound => format!(
            "there is no key of it in Vault any more: get a new one with svpki bulk replace --out-dir, or svpki replace {config} {id}"
        ),
        _ => format!("its key was not written: {error}"),
    }
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
    successor_id: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    order_id: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    serial: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    not_after: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    role: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scm_code: Option<i64>,
    message: &'r str,
}

/// The folder of certificates and keys, and the keystores in it.
type WrittenFiles<'f> = (&'f OutDir, Option<&'f Keystores>);

/// Writes the result file and the report, and finds the exit code. The report comes whatever became of the file.
pub async fn finish(
    session: &Session<'_>,
    store: &RowStore,
    files: Option<WrittenFiles<'_>>,
    stopped: Option<Stopped>,
) -> Result<Exit, CliError> {
    let (context, path) = (session.context, &session.result.path);
    let written = write_results(session, store).await;
    let listed = write_deploy_list(session, store, files);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut report = Report::new(context, None)?;
    let (mut failed, mut pending, mut unsent) = (0, 0, 0);
    for index in 0..store.rows() {
        let Some(line) = store.entry(index)? else {
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
        // People see what needs them; programs see every row. Rows that a cut left unsent need nobody but the next run.
        let needs_nobody =
            (outcome.state == State::Done && !without_files) || outcome.status == "unsent";
        if context.ui.format() == Format::Table && needs_nobody {
            continue;
        }
        let given = line.given_id.as_str();
        let reported = Reported {
            row: line.row,
            word: &outcome.status,
            status: &outcome.status,
            common_name: &line.title,
            id: if given.is_empty() { &outcome.id } else { given },
            successor_id: if given.is_empty() || given == outcome.id {
                ""
            } else {
                &outcome.id
            },
            order_id: &outcome.order_id,
            serial: &outcome.serial,
            not_after: &outcome.not_after,
            role: line.role_of(&outcome),
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
    let counted: Vec<String> = counts
        .iter()
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    let place = match (&written, session.journal) {
        (Err(error), _) => format!("the result could not be written: {error}"),
        (Ok(_), None) => "another svpki works on the file and writes its result".to_owned(),
        (Ok(_), Some(_)) => {
            summary.insert("result_file".into(), json!(path.display().to_string()));
            format!("written to {}", path.display())
        }
    };
    let words = format!(
        "{}: {}; {place}",
        several(store.rows(), "row"),
        if counted.is_empty() {
            "nothing to do".to_owned()
        } else {
            counted.join(", ")
        },
    );
    report.end(&session.facts, &Value::Object(summary), &words)?;
    match written {
        Ok(notices) => context.ui.warnings(&notices),
        Err(error) if stopped.is_none() => {
            return Err(CliError::from(error).hinted(format!(
                "the journal has everything: make room and give the same line again: {}",
                session.again
            )));
        }
        Err(_) => {}
    }
    if let Some(why) = stopped {
        return Err(stopped_error(session, &why, unsent));
    }
    if let Err(error) = listed {
        return Err(CliError::from(error).hinted(format!(
            "the result is written, the deploy list is not: make room, or name another file with --deploy-list, and \
             give the same line again: {}",
            session.again
        )));
    }
    if pending > 0 {
        context
            .ui
            .hint(&format!("for the pending ones: {}", status_line(session)));
    }
    Ok(match (failed + unsent, pending) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Pending,
        _ => Exit::SomeFailed,
    })
}

/// The result file. A run that only looks on writes none.
async fn write_results(session: &Session<'_>, store: &RowStore) -> Result<Vec<String>, BulkError> {
    let path = &session.result.path;
    let Some(journal) = session.journal else {
        return Ok(Vec::new());
    };
    let mut notices = result::write(path, session.source, store, session.facts.width).await?;
    notices.extend(session.result.earlier.not_among(store)?);
    // A journal that is full must not hide the result that was written.
    let _ = journal.result(path).await;
    Ok(notices)
}

/// The list of what belongs where, when it is asked for.
fn write_deploy_list(
    session: &Session<'_>,
    store: &RowStore,
    files: Option<WrittenFiles<'_>>,
) -> Result<(), BulkError> {
    match (session.journal, &session.run.files.deploy_list, files) {
        (Some(_), Some(list), Some(files)) => deploy_list(list, store, files),
        _ => Ok(()),
    }
}

fn deploy_list(
    path: &Path,
    store: &RowStore,
    (files, keystores): WrittenFiles<'_>,
) -> Result<(), BulkError> {
    let mut writer = ResultWriter::create(path, &SheetFormat::Csv(Default::default()))?;
    writer.row(&preflight::DEPLOY_LIST.map(Cell::text))?;
    for index in 0..store.rows() {
        let (Some(entry), Some(outcome)) = (store.entry(index)?, store.outcome(index)?) else {
            continue;
        };
        let Some(folder) = files.folder_of(&outcome.id) else {
            continue;
        };
        let file = |name: &str| {
            let path = folder.join(name);
            Cell::text(if path.exists() {
                path.display().to_string()
            } else {
                String::new()
            })
        };
        let [(_, pkcs12, _), (_, legacy, _), (_, jks, _)] = outdir::KEYSTORES;
        let host = host_of(&folder, &outcome.id);
        // A row with a CSR of its own has no keystore, and so no password.
        let kept_at = keystores
            .filter(|_| !entry.has_csr)
            .and_then(|keystores| keystores.kept_at(index, &host));
        writer.row(&[
            Cell::text(result::escape_formula(&entry.title)),
            Cell::text(&*outcome.id),
            Cell::text(&*outcome.serial),
            Cell::text(&*outcome.not_after),
            Cell::text(folder.display().to_string()),
            file(LEAF),
            file("fullchain.pem"),
            file(KEY),
            file(pkcs12),
            file(legacy),
            file(jks),
            Cell::text(kept_at.unwrap_or_default()),
        ])?;
    }
    Ok(writer.finish()?)
}

/// Looks at the same file, sheet and result once more.
fn status_line(session: &Session<'_>) -> String {
    let mut words = vec!["svpki bulk status".to_owned()];
    let mut flag = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(format!("{name} {}", quoted(&value)));
        }
    };
    let single = session.targets.single();
    flag("--config", single.map(|one| one.config.clone()));
    flag("--sheet", session.source.options.sheet.clone());
    let shown = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    flag("--result", shown(&session.run.result));
    flag("--out-dir", shown(&session.run.files.out_dir));
    let keystores = &session.run.files.keystores;
    for format in &keystores.keystore {
        flag("--keystore", Some(format.clone()));
    }
    flag("--password-file", shown(&keystores.password.password_file));
    flag("--password-kv", keystores.password_kv.clone());
    words.push(quoted(&session.source.path.display().to_string()));
    words.join(" ")
}

fn stopped_error(session: &Session<'_>, why: &Stopped, unsent: u64) -> CliError {
    let again = format!("the same line goes on with them: {}", session.again);
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
        Stopped::Files(words) => CliError {
            exit: Exit::SomeFailed,
            ..CliError::failed(format!(
                "stopped, with {remain}: certificates and keys cannot be written: {words}"
            ))
        },
    }
    .hinted(again)
}
