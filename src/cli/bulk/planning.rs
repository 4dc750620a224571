//! `svpki bulk plan FILE`.

use std::pin::pin;

use futures_util::TryStreamExt;
use serde::Serialize;
use serde_json::Value;

use super::args::PlanArgs;
use super::error::BulkError;
use super::existing::ExistingCertificates;
use super::input::{Input, Source};
use super::journal::History;
use super::plan::{Known, PlanOptions, Planned, Summary, plan};
use super::preflight;
use super::report::{self, Report};
use super::result::journal_path;
use super::sheet::column_letters;
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
    };
    let mut report = Report::new(context, args.out.as_deref())?;
    let existing = existing(&targets).await?;
    let known = Known {
        targets: &targets,
        existing: &existing,
        history: &history,
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

/// What Vault holds of each config.
pub async fn existing(targets: &Targets) -> Result<Vec<ExistingCertificates>, BulkError> {
    let mut existing = Vec::with_capacity(targets.all.len());
    for target in &targets.all {
        existing.push(ExistingCertificates::read(&target.engine, &target.config).await?);
    }
    Ok(existing)
}

/// Plans the whole file; `row` takes each row in its order.
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

/// What was read of a file: its sheet, its header, and which column feeds which field.
#[derive(Debug, Default, Serialize)]
pub struct InputFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header_row: Option<u32>,
    columns: Vec<ColumnFact>,
    warnings: Vec<String>,
    /// How wide the table is, what stands under no header included.
    #[serde(skip)]
    pub width: usize,
}

#[derive(Debug, Serialize)]
struct ColumnFact {
    column: String,
    header: String,
    field: String,
}

impl InputFacts {
    pub fn of(input: &Input) -> Self {
        let columns = &input.columns;
        Self {
            sheet: input.format.sheet().map(str::to_owned),
            header_row: Some(columns.header_row).filter(|row| *row > 0),
            columns: columns
                .known
                .iter()
                .map(|column| ColumnFact {
                    column: column_letters(column.index),
                    header: column.header.clone(),
                    field: column.field.parameter().to_owned(),
                })
                .collect(),
            warnings: input.notices.clone(),
            width: 0,
        }
    }

    /// Says what people should see before the rows.
    pub fn tell(&self, context: &Context) {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|one| {
                let header = one.header.lines().next().unwrap_or_default();
                format!("{} {header:?} → {}", one.column, one.field)
            })
            .collect();
        let place = match (&self.sheet, self.header_row) {
            (Some(sheet), Some(row)) => format!("sheet {sheet:?}, header in row {row}; "),
            (Some(sheet), None) => format!("sheet {sheet:?}; "),
            (None, Some(row)) if row > 1 => format!("header in row {row}; "),
            _ => String::new(),
        };
        context
            .ui
            .status(&format!("{place}columns: {}", columns.join(", ")));
        context.ui.warnings(&self.warnings);
    }

    /// Says what was noticed in the rows.
    pub fn tell_late(&mut self, context: &Context, input: &Input) {
        let late = input.late_notices();
        context.ui.warnings(&late);
        self.warnings.extend(late);
        self.width = input.width;
    }

    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
