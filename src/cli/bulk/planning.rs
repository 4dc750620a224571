//! `svpki bulk plan FILE`.

use std::path::Path;
use std::pin::pin;

use futures_util::TryStreamExt;

use super::args::PlanArgs;
use super::error::BulkError;
use super::existing::ExistingCertificates;
use super::input::Input;
use super::journal::History;
use super::plan::{PlanOptions, Planned, Summary, plan};
use super::preflight;
use super::report::{self, Report};
use super::result::journal_path;
use super::sheet::ReadOptions;
use super::target::TargetConfig;
use crate::cli::{CliError, Context, Exit};

pub async fn run(context: &Context, args: PlanArgs) -> Result<Exit, CliError> {
    let target = preflight::target(context, &args.config).await?;
    let history = History::read(&journal_path(&args.file), &target.location)?;
    preflight::journal_notices(context, &history);
    let options = PlanOptions {
        concurrency: args
            .judge
            .concurrency
            .map_or_else(|| target.concurrency(), usize::from),
        allow_duplicates: args.judge.allow_duplicates,
        retry: false,
        skip_dry_run: false,
    };
    let mut report = Report::new(context, args.out.as_deref())?;
    let summary = survey(
        context,
        &args.file,
        &args.sheet.options(),
        &target,
        &history,
        &options,
        |planned| report.row(&planned),
    )
    .await?;
    report.end(&summary.to_json(), &report::words(&summary))?;
    Ok(if summary.bad() > 0 {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// Plans the whole file; `row` takes each row in its order.
pub async fn survey(
    context: &Context,
    file: &Path,
    sheet: &ReadOptions,
    target: &TargetConfig,
    history: &History,
    options: &PlanOptions,
    mut row: impl FnMut(Planned) -> Result<(), CliError>,
) -> Result<Summary, CliError> {
    let mut input = Input::open(file, sheet).await?;
    context.ui.warnings(&input.notices);
    let existing = ExistingCertificates::read(&target.engine, &target.config).await?;
    let spinner = context.ui.spinner("checking rows");
    let mut summary = Summary::default();
    {
        let mut rows = pin!(plan(&mut input, target, &existing, history, options)?);
        while let Some(planned) = rows.try_next().await.map_err(|error: BulkError| {
            spinner.finish_and_clear();
            CliError::from(error)
        })? {
            summary.count(planned.verdict);
            spinner.set_message(format!("checking rows: {}", summary.rows()));
            row(planned)?;
        }
    }
    spinner.finish_and_clear();
    context.ui.warnings(input.stray_notice().as_slice());
    Ok(summary)
}
