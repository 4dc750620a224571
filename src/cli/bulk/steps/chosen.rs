//! The file of certificates that a step works on.

use std::path::{Path, PathBuf};

use super::Step;
use crate::cli::bulk::args::StepArgs;
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::filter::Filter;
use crate::cli::bulk::ground::Ground;
use crate::cli::bulk::report::several;
use crate::cli::bulk::sheet::{Cell, Dialect, Format, ResultWriter};
use crate::cli::{CliError, Context};
use crate::domain::answers::InventoryRow;
use crate::vault::InventoryQuery;

/// The file of certificates: the operator's, or one made from the filter, so that a cut run knows what was meant.
pub(super) struct Chosen {
    pub(super) path: PathBuf,
    /// Removed with this, when the file is only for looking at.
    _folder: Option<tempfile::TempDir>,
}

impl Chosen {
    fn at(path: PathBuf) -> Self {
        Self {
            path,
            _folder: None,
        }
    }

    pub(super) async fn of(
        context: &Context,
        step: Step,
        args: &StepArgs,
        ground: &Ground,
    ) -> Result<Self, CliError> {
        let Some(text) = &args.filter else {
            let missing = || CliError::usage("name a file or a --filter");
            return Ok(Self::at(args.file.clone().ok_or_else(missing)?));
        };
        let filter = Filter::parse(text).map_err(|why| CliError::usage(why.to_string()))?;
        let rows = select(ground, &filter).await?;
        if args.plan {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("chosen.csv");
            write_chosen(&path, &rows)?;
            return Ok(Self {
                path,
                _folder: Some(folder),
            });
        }
        let now = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S");
        let path = PathBuf::from(format!("svpki-{}-{}-{now}.csv", step.word(), ground.config));
        crate::cli::check_free(&path, false)?;
        write_chosen(&path, &rows)?;
        context.ui.status(&format!(
            "The filter's {} are in {path}; if this run is cut, go on with: svpki bulk {} --config {} {path}",
            several(rows.len() as u64, "certificate"),
            step.word(),
            ground.config,
            path = path.display(),
        ));
        Ok(Self::at(path))
    }
}

async fn select(ground: &Ground, filter: &Filter) -> Result<Vec<InventoryRow>, BulkError> {
    let mut query = InventoryQuery {
        config: ground.config.clone(),
        limit: 1000,
        ..filter.query.clone()
    };
    let mut rows = Vec::new();
    loop {
        let page = ground.engine.inventory(&query).await?.value;
        rows.extend(
            page.certificates
                .into_iter()
                .filter(|row| filter.matches(row)),
        );
        if page.next.is_empty() {
            return Ok(rows);
        }
        query.after = page.next;
    }
}

fn write_chosen(path: &Path, rows: &[InventoryRow]) -> Result<(), BulkError> {
    let mut writer = ResultWriter::create(path, &Format::Csv(Dialect::default()))?;
    writer.row(&[Cell::text("Certificate ID"), Cell::text("Common Name")])?;
    for row in rows {
        writer.row(&[Cell::text(&*row.id), Cell::text(&*row.common_name)])?;
    }
    writer.finish()?;
    Ok(())
}
