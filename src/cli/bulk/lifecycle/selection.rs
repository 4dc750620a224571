//! The file of certificates that a step works on.

use std::path::{Path, PathBuf};

use super::Action;
use crate::cli::bulk::args::StepArgs;
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::filter::Filter;
use crate::cli::bulk::preflight;
use crate::cli::bulk::report::several;
use crate::cli::bulk::session::quoted;
use crate::cli::bulk::sheet::{Cell, Dialect, Format, ResultWriter};
use crate::cli::bulk::target::TargetConfig;
use crate::cli::{CliError, Context};
use vault_client::InventoryQuery;

/// The file of certificates: the operator's, or one made from the filter, so that a cut run knows what was meant.
pub(super) struct Selection {
    pub(super) path: PathBuf,
    /// The config that the filter looked into.
    pub(super) target: Option<TargetConfig>,
    /// The line that goes on with this choice.
    pub(super) again: Option<String>,
    /// Removed with this, when the file is only for looking at.
    _folder: Option<tempfile::TempDir>,
}

impl Selection {
    fn at(path: PathBuf) -> Self {
        Self {
            path,
            target: None,
            again: None,
            _folder: None,
        }
    }

    pub(super) async fn of(
        context: &Context,
        action: Action,
        args: &StepArgs,
    ) -> Result<Self, CliError> {
        let Some(text) = &args.filter else {
            let missing = || CliError::usage("name a file or a --filter");
            return Ok(Self::at(args.file.clone().ok_or_else(missing)?));
        };
        let target = preflight::target(context, &args.config).await?;
        let filter = Filter::parse(text).map_err(|why| CliError::usage(why.to_string()))?;
        if args.plan {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("selection.csv");
            select(&target, &filter, &path).await?;
            return Ok(Self {
                path,
                target: Some(target),
                again: None,
                _folder: Some(folder),
            });
        }
        let now = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S");
        let path = PathBuf::from(format!(
            "svpki-{}-{}-{now}.csv",
            action.word(),
            target.config
        ));
        crate::cli::check_free(&path, false)?;
        let count = select(&target, &filter, &path).await?;
        // The filter may choose others the next time.
        let again = go_on(&args.filter, &path);
        context.ui.status(&format!(
            "The filter's {} are in {}; if this run is cut, go on with: {again}",
            several(count, "certificate"),
            path.display(),
        ));
        Ok(Self {
            path,
            target: Some(target),
            again: Some(again),
            _folder: None,
        })
    }
}

/// This command line with the file instead of the filter.
fn go_on(filter: &Option<String>, path: &Path) -> String {
    let mut words = vec!["svpki".to_owned()];
    let mut given = std::env::args().skip(1).peekable();
    while let Some(word) = given.next() {
        if matches!(word.as_str(), "--filter" | "--where") && given.peek() == filter.as_ref() {
            given.next();
        } else if !word.starts_with("--filter=") && !word.starts_with("--where=") {
            words.push(quoted(&word));
        }
    }
    words.push(quoted(&path.display().to_string()));
    words.join(" ")
}

/// Writes the certificates that the filter chooses; tells how many there are.
async fn select(target: &TargetConfig, filter: &Filter, path: &Path) -> Result<u64, BulkError> {
    let mut query = InventoryQuery {
        config: target.config.clone(),
        limit: 1000,
        ..filter.query.clone()
    };
    let mut writer = ResultWriter::create(path, &Format::Csv(Dialect::default()))?;
    writer.row(&[Cell::text("Certificate ID"), Cell::text("Common Name")])?;
    let mut count = 0;
    loop {
        let page = target.engine.inventory(&query).await?.value;
        for row in page.certificates.iter().filter(|row| filter.matches(row)) {
            writer.row(&[Cell::text(&*row.id), Cell::text(&*row.common_name)])?;
            count += 1;
        }
        if page.next.is_empty() {
            writer.finish()?;
            return Ok(count);
        }
        query.after = page.next;
    }
}
