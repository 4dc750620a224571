//! Ends a run: writes the result file and the report, and determines the exit code.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Session;
use crate::cli::bulk::command_line::quoted;
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::keystore::Keystores;
use crate::cli::bulk::outcome::State;
use crate::cli::bulk::outdir::OutDir;
use crate::cli::bulk::report::{Report, several};
use crate::cli::bulk::row_store::RowStore;
use crate::cli::bulk::run::Stopped;
use crate::cli::bulk::{deploy_list, result};
use crate::cli::{CliError, Exit, Format, Tone};
use vault_client::VaultError;

/// A row of the report.
#[derive(Serialize)]
struct Reported<'r> {
    row: u32,
    /// The status, under the name that the column has in a plan.
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
pub(super) type WrittenFiles<'f> = (&'f OutDir, Option<&'f Keystores>);

/// Writes the result file and the report, and determines the exit code. The report is printed even when the result file
/// cannot be written.
pub(super) async fn finish(
    session: &Session<'_>,
    store: &RowStore,
    files: Option<WrittenFiles<'_>>,
    stopped: Option<Stopped>,
) -> Result<Exit, CliError> {
    let (context, path) = (session.context, &session.result.path);
    let written = write_results(session, store).await;
    let listed = write_deploy_list(session, store, files);
    let mut report = Report::new(context, None)?;
    let tally = report_rows(session, store, &mut report)?;
    let mut summary = Map::new();
    summary.insert("rows".into(), json!(store.rows()));
    for (status, count) in &tally.by_status {
        summary.insert(status.clone(), json!(count));
    }
    let counted: Vec<String> = tally
        .by_status
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
        return Err(stopped_error(session, &why, tally.unsent));
    }
    if let Err(error) = listed {
        return Err(CliError::from(error).hinted(format!(
            "the result is written, the deploy list is not: make room, or name another file with --deploy-list, and \
             give the same line again: {}",
            session.again
        )));
    }
    if tally.pending > 0 {
        context
            .ui
            .hint(&format!("for the pending ones: {}", status_line(session)));
    }
    Ok(match (tally.failed + tally.unsent, tally.pending) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Pending,
        _ => Exit::SomeFailed,
    })
}

/// How many rows have which outcome.
#[derive(Default)]
struct Tally {
    by_status: BTreeMap<String, u64>,
    failed: u64,
    pending: u64,
    unsent: u64,
}

/// Reports the rows: in a table only those that need attention, in all other formats every row.
fn report_rows(
    session: &Session<'_>,
    store: &RowStore,
    report: &mut Report<'_>,
) -> Result<Tally, CliError> {
    let mut tally = Tally::default();
    for index in 0..store.rows() {
        let Some(line) = store.entry(index)? else {
            continue;
        };
        let outcome = store.outcome_or_unsent(index)?;
        *tally.by_status.entry(outcome.status.clone()).or_default() += 1;
        let without_files = outcome.file_error.is_some();
        let tone = match outcome.state {
            State::Done if without_files => Tone::Warn,
            State::Done => Tone::Good,
            State::Pending | State::Unknown => Tone::Warn,
            State::Failed => Tone::Bad,
        };
        match outcome.state {
            State::Failed => tally.failed += 1,
            State::Pending => tally.pending += 1,
            State::Unknown => tally.unsent += 1,
            State::Done => tally.failed += u64::from(without_files),
        }
        // A row that an interrupted run did not send needs no attention: the next run sends it.
        let needs_nobody =
            (outcome.state == State::Done && !without_files) || outcome.status == "unsent";
        if session.context.ui.format() == Format::Table && needs_nobody {
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
    Ok(tally)
}

/// Writes the result file, unless another process has the journal.
async fn write_results(session: &Session<'_>, store: &RowStore) -> Result<Vec<String>, BulkError> {
    let path = &session.result.path;
    let Some(journal) = session.journal else {
        return Ok(Vec::new());
    };
    let mut notices = result::write(path, session.source, store, session.facts.width).await?;
    notices.extend(session.result.earlier.not_among(store)?);
    // The result is written. An error of the journal must not hide that.
    let _ = journal.result(path).await;
    Ok(notices)
}

/// Writes the list of `--deploy-list`, if it was requested.
fn write_deploy_list(
    session: &Session<'_>,
    store: &RowStore,
    files: Option<WrittenFiles<'_>>,
) -> Result<(), BulkError> {
    match (session.journal, &session.run.files.deploy_list, files) {
        (Some(_), Some(list), Some((files, keystores))) => {
            deploy_list::write(list, store, files, keystores)
        }
        _ => Ok(()),
    }
}

/// The command line that looks at the pending orders of the same file, sheet and result.
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
