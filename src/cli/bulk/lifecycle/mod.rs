//! `svpki bulk renew|revoke|replace`: steps on existing certificates, which come from a file or from a filter.

mod planner;
mod selection;

use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use serde_json::{Map, Value, json};

use self::planner::{CertificateIndex, Planner};
use self::selection::Selection;
use super::apply::{journal_of, keys_have_a_location, show_bad_rows};
use super::args::StepArgs;
use super::columns::Field;
use super::command_line::same_line;
use super::error::BulkError;
use super::input::Source;
use super::interrupt::Interrupts;
use super::journal::History;
use super::planned::{Summary, Verdict};
use super::preflight;
use super::report::{self, Report, several};
use super::result_file::ResultFile;
use super::row_store::RowStore;
use super::run::{Shutdown, Task};
use super::send::Order;
use super::session::{Session, carry_out};
use super::spill::DiskVec;
use super::target::Targets;
use crate::cli::{CliError, Context, Exit};

/// The step that is made with each certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Renew,
    Revoke,
    Replace,
}

impl Action {
    /// The action for the word in a result file.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Renew, Self::Revoke, Self::Replace]
            .into_iter()
            .find(|action| action.word() == word)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Renew => "renew",
            Self::Revoke => "revoke",
            Self::Replace => "replace",
        }
    }

    /// Whether the action uses this field of a row.
    fn uses(self, field: &Field) -> bool {
        let always = matches!(
            field,
            Field::CertId | Field::CommonName | Field::Config | Field::Mount
        );
        always
            || (*field == Field::ExportPassword && self != Self::Revoke)
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
    run_some(context, action, args, None).await
}

/// Like [`run`]. With `to_retry`, a file that was already opened, only rows that failed before are sent.
pub async fn run_some(
    context: &Context,
    action: Action,
    args: StepArgs,
    to_retry: Option<Source>,
) -> Result<Exit, CliError> {
    let shutdown = Arc::new(Shutdown::default());
    let _interrupts = Interrupts::listen(&shutdown, context.global.quiet);
    let selection = Selection::of(context, action, &args).await?;
    let retry = to_retry.is_some();
    let source = match to_retry {
        Some(source) => source,
        None => preflight::source(&selection.path, &args.sheet, args.run.strict)?,
    };
    let targets = match &selection.target {
        Some(target) => Targets::one(target.clone()),
        None => {
            shutdown
                .or(preflight::targets(context, &args.config, &source))
                .await?
        }
    };
    if action != Action::Revoke && !args.plan {
        keys_have_a_location(&targets, &args.run)?;
    }
    let mut indexes = Vec::with_capacity(targets.all.len());
    for target in &targets.all {
        let read = async { Ok(CertificateIndex::read(target).await?) };
        indexes.push(shutdown.or(read).await?);
    }
    let first = &targets.all[0];
    let path = journal_of(&source, &args.run, &targets)?;
    let (journal, history) = if args.plan {
        (None, History::read(&path, &first.location)?)
    } else {
        let (journal, history) = preflight::journal(path, first, action.word()).await?;
        (Some(journal), history)
    };
    preflight::journal_notices(context, &history);
    let common = reason_fields(context, action, &args)?;
    let asked_for = args.run.result.as_deref();
    let result = if args.plan {
        ResultFile::to_read(&targets, &source, asked_for, &history).await?
    } else {
        ResultFile::to_write(context, &targets, &source, asked_for, &history).await?
    };
    let planner = Planner {
        action,
        targets: &targets,
        indexes: &indexes,
        history: &history,
        earlier: &result.earlier,
        common,
        retry,
        successors: args.successors,
    };
    let concurrency = args
        .concurrency
        .map_or_else(|| targets.concurrency(), usize::from);
    if args.plan {
        let mut report = Report::new(context, None)?;
        let (summary, facts) = planner
            .plan(context, &source, |decided| report.row(&decided.planned))
            .await?;
        report.end(&facts, &summary.to_json(), &words(action, &summary))?;
        say_time(context, &targets, summary.of(Verdict::New), concurrency);
        return Ok(if summary.bad() > 0 {
            Exit::Findings
        } else {
            Exit::Done
        });
    }
    let mut store = RowStore::open()?;
    let mut orders = DiskVec::<OrderAndSerial>::new().map_err(BulkError::Spill)?;
    let (summary, facts) = planner
        .plan(context, &source, |decided| {
            let (line, settled) = decided.line();
            if let Some(order) = &decided.order {
                orders
                    .set(store.rows(), &(order.clone(), decided.serial.clone()))
                    .map_err(BulkError::Spill)?;
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
    let count = summary.of(Verdict::New);
    say_time(context, &targets, count, concurrency);
    confirm(context, action, &targets, count, args.run.yes)?;
    let session = Session {
        context,
        targets: &targets,
        existing: &[],
        allow_duplicates: false,
        journal: journal.as_ref(),
        source: &source,
        result: &result,
        facts,
        run: &args.run,
        concurrency,
        shutdown: &shutdown,
        action: action.word(),
        again: selection.again.clone().unwrap_or_else(same_line),
    };
    carry_out(&session, &store, tasks(&store, &orders)).await
}

fn say_time(context: &Context, targets: &Targets, count: u64, concurrency: usize) {
    if count > 0 {
        let time = time_needed(targets, count, concurrency);
        context
            .ui
            .status(&format!("{} in {time}", several(count, "certificate")));
    }
}

/// Estimates how long the steps take: `about 20 minutes (10 requests a second at most, 8 certificates at a time)`. A
/// step needs at least two requests to SCM, the order and the collection of the certificate, and seldom takes less than
/// two seconds.
fn time_needed(targets: &Targets, steps: u64, at_once: usize) -> String {
    const REQUESTS: u64 = 2;
    const SECONDS: u64 = 2;
    let rates = targets.all.iter().map(|one| one.rate);
    let rate: u64 = rates.clone().sum();
    let by_work = (steps * SECONDS).div_ceil(at_once.max(1) as u64);
    let (seconds, limit) = if rates.clone().all(|rate| rate > 0) {
        let by_rate = (steps * REQUESTS).div_ceil(rate);
        let limit = format!("{} a second at most", several(rate, "request"));
        (by_rate.max(by_work), limit)
    } else {
        (by_work, "no limit of requests".to_owned())
    };
    let time = match seconds {
        0..=90 => several(seconds, "second"),
        91..=5400 => several(seconds.div_ceil(60), "minute"),
        _ => format!("{:.1} hours", seconds as f64 / 3600.0),
    };
    format!(
        "about {time} ({limit}, {} at a time)",
        several(at_once as u64, "certificate")
    )
}

/// A request, and the serial number that the certificate has before it.
type OrderAndSerial = (Order, String);

/// The tasks of the rows that are to be sent.
fn tasks<'t>(
    store: &'t RowStore,
    orders: &'t DiskVec<OrderAndSerial>,
) -> impl Stream<Item = Result<Task, BulkError>> + 't {
    stream::iter(0..store.rows()).filter_map(async |index| task(store, orders, index).transpose())
}

fn task(
    store: &RowStore,
    orders: &DiskVec<OrderAndSerial>,
    index: u64,
) -> Result<Option<Task>, BulkError> {
    let (Some(line), Some((order, serial))) = (
        store.entry(index)?,
        orders.get(index).map_err(BulkError::Spill)?,
    ) else {
        return Ok(None);
    };
    Ok(line.id.map(|id| Task {
        index,
        row: line.row,
        id,
        attempt: line.attempt,
        resumes: line.resumes,
        target: line.target,
        replaces: line.replaced_by(),
        subject: None,
        serial,
        order,
        origin: None,
    }))
}

/// The reason for all rows. When a revocation has none, the operator is asked for it.
fn reason_fields(
    context: &Context,
    action: Action,
    args: &StepArgs,
) -> Result<Map<String, Value>, CliError> {
    let mut fields = Map::new();
    let parameter = match action {
        Action::Revoke => "sectigo_revoke_reason",
        Action::Replace => "sectigo_replace_reason",
        Action::Renew if args.why.reason.is_some() => {
            return Err(CliError::usage("a renewal takes no reason"));
        }
        Action::Renew => return Ok(fields),
    };
    let mut reason = args.why.reason.clone();
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
        .why
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
    format!(
        "{}; {} {}",
        report::counts(summary),
        several(summary.of(Verdict::New), "certificate"),
        match action {
            Action::Renew => "would be renewed",
            Action::Revoke => "would be revoked",
            Action::Replace => "would be replaced",
        }
    )
}

/// Asks for confirmation. For a revocation, which cannot be undone, the operator must type the number of certificates.
fn confirm(
    context: &Context,
    action: Action,
    targets: &Targets,
    count: u64,
    yes: bool,
) -> Result<(), CliError> {
    if count == 0 || yes {
        return Ok(());
    }
    let what = format!(
        "{} {} of {} {} at {}",
        match action {
            Action::Renew => "Renew",
            Action::Revoke => "Permanently revoke",
            Action::Replace => "Replace",
        },
        several(count, "certificate"),
        if targets.all.len() == 1 {
            "config"
        } else {
            "configs"
        },
        targets.names(),
        targets.all[0].address()
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
