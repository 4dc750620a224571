//! Finds the path of a run's result, and reads the result of earlier runs.

use std::path::{Path, PathBuf};

use super::columns::Field;
use super::earlier_results::EarlierResults;
use super::error::BulkError;
use super::file_names::{file_stem, result_path};
use super::input::Source;
use super::journal::History;
use super::preflight;
use super::sheet::Format;
use super::target::Targets;
use crate::cli::{CliError, Context};

/// The result file of a run.
pub struct ResultFile {
    /// The path that this run writes to.
    pub path: PathBuf,
    /// What earlier runs wrote into the result.
    pub earlier: EarlierResults,
}

impl ResultFile {
    /// For a run that writes no result. It does not tell the operator where a result would go.
    pub async fn to_read(
        targets: &Targets,
        source: &Source,
        asked_for: Option<&Path>,
        history: &History,
    ) -> Result<Self, CliError> {
        let path = wanted_path(targets, source, asked_for).await?;
        let earlier = EarlierResults::read(source, &path, history).await?;
        Ok(Self { path, earlier })
    }

    /// For a run that writes a result.
    pub async fn to_write(
        context: &Context,
        targets: &Targets,
        source: &Source,
        asked_for: Option<&Path>,
        history: &History,
    ) -> Result<Self, CliError> {
        let wanted = wanted_path(targets, source, asked_for).await?;
        if asked_for.is_none() && source.is_stdin() {
            return Err(CliError::usage("standard input has no folder for a result")
                .hinted("name a file with --result"));
        }
        let path = free_path(wanted.clone(), asked_for.is_some(), source, history).await?;
        if path != wanted {
            context.ui.warning(&format!(
                "{} was not written by this run, or changed since: the result goes to {}",
                wanted.display(),
                path.display()
            ));
        }
        let beside = if path.exists() { &path } else { &wanted };
        let earlier = EarlierResults::read(source, beside, history).await?;
        Ok(Self { path, earlier })
    }
}

/// The path that `--result` gives, or else the one beside the input.
async fn wanted_path(
    targets: &Targets,
    source: &Source,
    asked_for: Option<&Path>,
) -> Result<PathBuf, CliError> {
    let (_, format) = source.head().await?;
    let Some(path) = asked_for else {
        let run = preflight::run_name(targets, source);
        return Ok(result_path(&source.path, &format, &run));
    };
    refuse_other_ending(path, &format)?;
    Ok(path.to_owned())
}

/// Refuses a path with the ending of another format, because no program opens an XLSX workbook that is called `.csv`.
fn refuse_other_ending(path: &Path, format: &Format) -> Result<(), CliError> {
    let ending = path.extension().unwrap_or_default();
    let ending = ending.to_string_lossy().to_lowercase();
    let wanted = format.extension();
    if ending == wanted || !["csv", "xlsx", "ods"].contains(&ending.as_str()) {
        return Ok(());
    }
    Err(CliError::usage(format!(
        "--result {}: the sheet is {wanted}, and its result would be, too",
        path.display()
    ))
    .hinted(format!("name a file that ends in .{wanted}")))
}

/// The path to which the result is written. It never replaces a file that no run has written.
async fn free_path(
    wanted: PathBuf,
    asked_for: bool,
    source: &Source,
    history: &History,
) -> Result<PathBuf, BulkError> {
    // The result contains no passwords, so it must not replace an input that does.
    let (columns, _) = source.head().await?;
    let has_passwords = columns.column(&Field::ExportPassword).is_some();
    let is_ours = |path: &Path| {
        let may_replace_source = path == source.path && !has_passwords;
        !path.exists() || may_replace_source || history.wrote(path)
    };
    if is_ours(&wanted) {
        return Ok(wanted);
    }
    if asked_for {
        return Err(BulkError::refused(
            format!(
                "{} is there already, and this run did not write it",
                wanted.display()
            ),
            "name another file with --result, or move that one away",
        ));
    }
    let ending = wanted.extension().unwrap_or_default().to_string_lossy();
    let stem = file_stem(&wanted);
    (2..1000)
        .map(|n| wanted.with_file_name(format!("{stem}.{n}.{ending}")))
        .find(|path| is_ours(path))
        .ok_or_else(|| {
            BulkError::refused(
                "there are too many results beside the file",
                "give --result",
            )
        })
}

/// Checks that the result can be written, so that this fails before the first order and not after the last one.
pub fn check(path: &Path) -> Result<(), BulkError> {
    let probe = tempfile::Builder::new()
        .prefix(".svpki-")
        .tempfile_in(folder_of(path));
    probe.map(drop).map_err(BulkError::file(path))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
