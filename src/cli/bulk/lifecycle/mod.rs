//! `svpki bulk renew|revoke|replace`: certificates that are there already, from a file or from a filter.

mod planner;
mod selection;

use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use serde_json::{Map, Value, json};

use self::planner::{CertificateIndex, Planner};
use self::selection::Selection;
use super::apply::{keys_have_a_place, show_bad_rows};
use super::args::StepArgs;
use super::columns::Field;
use super::error::BulkError;
use super::interrupt::Interrupts;
use super::journal::History;
use super::plan::{Summary, Verdict};
use super::preflight;
use super::report::{self, Report, several};
use super::result::journal_path;
use super::row_store::RowStore;
use super::run::{Shutdown, Task};
use super::send::Order;
use super::session::{Session, carry_out};
use super::spill::DiskVec;
use super::target::TargetConfig;
use crate::cli::{CliError, Context, Exit};

/// What is done with each certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Renew,
    Revoke,
    Replace,
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Renew => "renew",
            Self::Revoke => "revoke",
            Self::Replace => "replace",
        }
    }

    /// What a row of this kind may bring beside the certificate's id.
    fn uses(self, field: &Field) -> bool {
        let always = matches!(field, Field::CertId | Field::CommonName);
        always
            || match self {
                Self::Renew => matches!(field, Field::Csr | Field::KeyType | Field::KeySize),
                Self::Revoke => matches!(field, Field::Reason | Field::ReasonCode),
                Self::Replace => matches!(
                    field,
                    Field::AltNames | Field::Csr | Field::KeyType | Field::KeySize | Field::Reason
                ),
            }
    }
}

pub async fn run(context: &Context, action: Action, args: StepArgs) -> Result<Exit, CliError> {
    let shutdown = Arc::new(Shutdown::default());
    let _interrupts = Interrupts::listen(&shutdown, context.global.quiet);
    let target = shutdown
        .or(preflight::target(context, &args.config))
        .await?;
    if action != Action::Revoke && !args.plan {
        keys_have_a_place(&target, &args.run)?;
    }
    let index = shutdown
        .or(async { Ok(CertificateIndex::read(&target).await?) })
        .await?;
    let selection = Selection::of(context, action, &args, &target).await?;
    let (journal, history) = if args.plan {
        (
            None,
            History::read(&journal_path(&selection.path), &target.location)?,
        )
    } else {
        let (journal, history) =
            preflight::journal(&selection.path, &target, action.word()).await?;
        (Some(journal), history)
    };
    preflight::journal_notices(context, &history);
    let sheet = args.sheet.options();
    let common = reason_fields(context, action, &args)?;
    let planner = Planner {
        action,
        target: &target,
        index: &index,
        history: &history,
        common,
    };
    if args.plan {
        let mut report = Report::new(context, None)?;
        let summary = planner
            .plan(context, &selection.path, &sheet, |decided| {
                report.row(&decided.planned)
            })
            .await?;
        report.end(&summary.to_json(), &words(action, &summary))?;
        return Ok(if summary.bad() > 0 {
            Exit::Findings
        } else {
            Exit::Done
        });
    }
    let mut store = RowStore::open()?;
    let mut orders = DiskVec::new().map_err(BulkError::Spill)?;
    let summary = planner
        .plan(context, &selection.path, &sheet, |decided| {
            let (line, settled) = decided.line();
            if let Some(order) = &decided.order {
                orders.set(store.rows(), order).map_err(BulkError::Spill)?;
            }
            Ok(store.add(line, settled)?)
        })
        .await?;
    show_bad_rows(context, &store, &words(action, &summary));
    if args.run.strict && summary.bad() > 0 {
        let error = CliError::failed("some rows are bad, and --strict was given: nothing was done");
        return Err(CliError {
            exit: Exit::SomeFailed,
            ..error
        });
    }
    confirm(
        context,
        action,
        &target,
        summary.of(Verdict::New),
        args.run.yes,
    )?;
    let session = Session {
        context,
        target: &target,
        journal: journal.as_ref(),
        input: &selection.path,
        sheet: &sheet,
        run: &args.run,
        concurrency: args
            .concurrency
            .map_or_else(|| target.concurrency(), usize::from),
        shutdown: &shutdown,
        action: action.word(),
    };
    carry_out(&session, &store, tasks(&store, &orders)).await
}

/// The rows that are to be sent.
fn tasks<'t>(
    store: &'t RowStore,
    orders: &'t DiskVec<Order>,
) -> impl Stream<Item = Result<Task, BulkError>> + 't {
    stream::iter(0..store.rows()).filter_map(async |index| task(store, orders, index).transpose())
}

fn task(store: &RowStore, orders: &DiskVec<Order>, index: u64) -> Result<Option<Task>, BulkError> {
    let (Some(line), Some(order)) = (
        store.line(index)?,
        orders.get(index).map_err(BulkError::Spill)?,
    ) else {
        return Ok(None);
    };
    Ok(line.id.map(|id| Task {
        index,
        row: line.row,
        id,
        attempt: line.attempt,
        order,
        origin: None,
    }))
}

/// The reason for all rows; a revocation without one is asked for it.
fn reason_fields(
    context: &Context,
    action: Action,
    args: &StepArgs,
) -> Result<Map<String, Value>, CliError> {
    let mut fields = Map::new();
    let parameter = match action {
        Action::Revoke => "sectigo_revoke_reason",
        Action::Replace => "sectigo_replace_reason",
        Action::Renew if args.reason.is_some() => {
            return Err(CliError::usage("a renewal takes no reason"));
        }
        Action::Renew => return Ok(fields),
    };
    let mut reason = args.reason.clone();
    if action == Action::Revoke && reason.is_none() && !args.plan && context.ui.asks() {
        reason = Some(
            context
                .ui
                .ask("Reason for rows that give none", None, "--reason")?,
        );
    }
    if let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) {
        fields.insert(parameter.into(), json!(reason.trim()));
    }
    if let Some(code) = args
        .reason_code
        .as_ref()
        .and_then(|code| code.parse::<i64>().ok())
    {
        if action != Action::Revoke {
            return Err(CliError::usage("--reason-code is for revoke"));
        }
        fields.insert("reason_code".into(), json!(code));
    }
    Ok(fields)
}

fn words(action: Action, summary: &Summary) -> String {
    let counts = report::words(summary);
    let counts = counts.split(';').next().unwrap_or_default();
    format!(
        "{counts}; {} {}",
        several(summary.of(Verdict::New), "certificate"),
        match action {
            Action::Renew => "would be renewed",
            Action::Revoke => "would be revoked",
            Action::Replace => "would be replaced",
        }
    )
}

/// Yes or no; for a revocation, which nothing undoes, the number must be typed.
fn confirm(
    context: &Context,
    action: Action,
    target: &TargetConfig,
    count: u64,
    yes: bool,
) -> Result<(), CliError> {
    if count == 0 || yes {
        return Ok(());
    }
    let what = format!(
        "{} {} of config {} at {}",
        match action {
            Action::Renew => "Renew",
            Action::Revoke => "Revoke for ever",
            Action::Replace => "Replace",
        },
        several(count, "certificate"),
        target.config,
        target.address()
    );
    if action == Action::Revoke {
        return context
            .ui
            .confirm_name(&format!("{what}."), &count.to_string(), false);
    }
    if context.ui.confirm(&format!("{what}?"), false, "--yes")? {
        return Ok(());
    }
    Err(CliError::failed("nothing was done"))
}
