//! `svpki bulk plan FILE`.

use std::pin::pin;

use futures_util::TryStreamExt;

use super::args::PlanArgs;
use super::error::BulkError;
use super::existing::ExistingCertificates;
use super::file_names::journal_path;
use super::input::Source;
use super::input_facts::InputFacts;
use super::journal::History;
use super::plan::{Known, PlanOptions, plan};
use super::planned::{Planned, Summary};
use super::preflight;
use super::report::{self, Report};
use super::result_file::ResultFile;
use super::target::Targets;
use crate::cli::{CliError, Context, Exit};

pub async fn run(context: &Context, args: PlanArgs) -> Result<Exit, CliError> {
    let source = preflight::source(&args.file, &args.sheet, args.strict)?;
    let targets = preflight::targets(context, &args.config, &source).await?;
    let journal = journal_path(&args.file, &preflight::run_name(&targets, &source));
    let history = History::read(&journal, &targets.all[0].location)?;
    preflight::journal_notices(context, &history);
    let options = PlanOptions {
        concurrency: args
            .judge
            .concurrency
            .map_or_else(|| targets.concurrency(), usize::from),
        allow_duplicates: args.judge.allow_duplicates,
        retry: false,
        skip_dry_run: false,
        marks_rows: false,
    };
    let mut report = Report::new(context, args.out.as_deref())?;
    let existing = existing(&targets).await?;
    let result = ResultFile::to_read(&targets, &source, None, &history).await?;
    let known = Known {
        targets: &targets,
        existing: &existing,
        history: &history,
        earlier: &result.earlier,
    };
    let (summary, facts) = survey(context, &source, &known, &options, |planned| {
        report.row(&planned)
    })
    .await?;
    report.end(&facts, &summary.to_json(), &report::words(&summary))?;
    Ok(if summary.bad() > 0 {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// Reads the existing certificates and orders of each config.
pub async fn existing(targets: &Targets) -> Result<Vec<ExistingCertificates>, BulkError> {
    let mut existing = Vec::with_capacity(targets.all.len());
    for target in &targets.all {
        existing.push(ExistingCertificates::read(&target.engine, &target.config).await?);
    }
    Ok(existing)
}

/// Plans the whole file and shows warnings about it. `row` is called with each row in order.
pub async fn survey(
    context: &Context,
    source: &Source,
    known: &Known<'_>,
    options: &PlanOptions,
    mut row: impl FnMut(Planned) -> Result<(), CliError>,
) -> Result<(Summary, InputFacts), CliError> {
    let mut input = source.rows().await?;
    let mut facts = InputFacts::of(&input);
    facts.tell(context);
    let spinner = context.ui.spinner("checking rows");
    let mut summary = Summary::default();
    {
        let mut rows = pin!(plan(&mut input, known, options)?);
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
    facts.tell_late(context, &input);
    Ok((summary, facts))
}
