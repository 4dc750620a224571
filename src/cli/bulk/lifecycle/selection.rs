//! The file of certificates that a step works on.

use std::path::{Path, PathBuf};

use super::Action;
use crate::cli::bulk::args::StepArgs;
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::filter::Filter;
use crate::cli::bulk::report::several;
use crate::cli::bulk::sheet::{Cell, Dialect, Format, ResultWriter};
use crate::cli::bulk::target::TargetConfig;
use crate::cli::{CliError, Context};
use vault_client::InventoryQuery;

/// The file of certificates: the operator's, or one made from the filter, so that a cut run knows what was meant.
pub(super) struct Selection {
    pub(super) path: PathBuf,
    /// Removed with this, when the file is only for looking at.
    _folder: Option<tempfile::TempDir>,
}

impl Selection {
    fn at(path: PathBuf) -> Self {
        Self {
            path,
            _folder: None,
        }
    }

    pub(super) async fn of(
        context: &Context,
        action: Action,
        args: &StepArgs,
        target: &TargetConfig,
    ) -> Result<Self, CliError> {
        let Some(text) = &args.filter else {
            let missing = || CliError::usage("name a file or a --filter");
            return Ok(Self::at(args.file.clone().ok_or_else(missing)?));
        };
        let filter = Filter::parse(text).map_err(|why| CliError::usage(why.to_string()))?;
        if args.plan {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("selection.csv");
            select(target, &filter, &path).await?;
            return Ok(Self {
                path,
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
        let count = select(target, &filter, &path).await?;
        context.ui.status(&format!(
            "The filter's {} are in {path}; if this run is cut, go on with: svpki bulk {} --config {} {path}",
            several(count, "certificate"),
            action.word(),
            target.config,
            path = path.display(),
        ));
        Ok(Self::at(path))
    }
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
