//! Writes files of a run's certificates that were not written when their rows were sent.

use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::Session;
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::keystore::Keystores;
use crate::cli::bulk::outcome::State;
use crate::cli::bulk::outdir::{FilesState, OutDir};
use crate::cli::bulk::row_store::RowStore;
use crate::cli::bulk::run::files_not_written;
use crate::cli::bulk::target::TargetConfig;
use vault_client::{EngineClient, Server, VaultError, VaultErrorKind};

/// Writes the files of certificates that were issued later, or whose run ended before it wrote them. When a key cannot
/// be had, the row's message says why and how to get a new one.
pub(super) async fn missing_files(
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
                // Without the key, the certificate is still useful.
                (engine.readcert(config, &outcome.id, None).await, why)
            }
        };
        let error = match answer {
            Ok(answer) => match files.write(&answer.value, &entry.replaced_by()) {
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

/// Writes the keystores of all certificates whose PEM files are complete. A failure goes into the row's outcome.
pub(super) async fn write_keystores(
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
        // The key for a CSR is not on this machine. For a folder without a key, the row already has a message.
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
