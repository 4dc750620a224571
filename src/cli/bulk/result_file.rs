//! Where a run writes its result, and what earlier runs wrote there.

use std::path::{Path, PathBuf};

use super::earlier_results::EarlierResults;
use super::input::Source;
use super::journal::History;
use super::sheet::Format;
use super::target::Targets;
use super::{preflight, result};
use crate::cli::{CliError, Context};

/// Where the results of a file's runs are.
pub struct ResultFile {
    /// Where this run writes.
    pub path: PathBuf,
    /// What earlier runs wrote.
    pub earlier: EarlierResults,
}

impl ResultFile {
    /// A run that only looks writes none, and says nothing of where it would.
    pub async fn of(
        context: Option<&Context>,
        targets: &Targets,
        source: &Source,
        asked_for: Option<&Path>,
        history: &History,
    ) -> Result<Self, CliError> {
        let wanted = match asked_for {
            Some(path) => {
                let (_, format) = source.head().await?;
                refuse_other_ending(path, &format)?;
                path.to_owned()
            }
            None => {
                let (_, format) = source.head().await?;
                let run = preflight::run_name(targets, source);
                result::result_path(&source.path, &format, &run)
            }
        };
        let Some(context) = context else {
            let earlier = EarlierResults::read(source, &wanted, history).await?;
            return Ok(Self {
                path: wanted,
                earlier,
            });
        };
        if asked_for.is_none() && source.is_stdin() {
            return Err(CliError::usage("standard input has no folder for a result")
                .hinted("name a file with --result"));
        }
        let path = result::free_path(wanted.clone(), asked_for.is_some(), source, history).await?;
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

/// A result has the format of its sheet: no program opens a workbook that is called `.csv`.
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
