//! `svpki bulk renew|revoke|replace`: certificates that are there already, from a file or from a filter.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream;
use serde_json::{Map, Value, json};

use super::apply::{Fate, Line, keys_have_a_place, show_bad_rows};
use super::args::StepArgs;
use super::columns::Field;
use super::error::BulkError;
use super::filter::Filter;
use super::ground::Ground;
use super::input::Input;
use super::interrupt::Interrupts;
use super::journal::{History, Outcome, Past, State};
use super::keys::RowIds;
use super::plan::{Planned, Summary, Verdict, reading};
use super::report::{self, Report, several};
use super::result::{self, journal_path};
use super::run::{Stop, Task};
use super::send::Order;
use super::session::{Session, carry_out};
use super::sheet::{Cell, Dialect, Format, ReadOptions, ResultWriter, Row};
use super::{place, request};
use crate::cli::{CliError, Context, Exit};
use crate::domain::Status;
use crate::domain::answers::InventoryRow;
use crate::vault::InventoryQuery;

/// What is done with each certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Renew,
    Revoke,
    Replace,
}

impl Step {
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

pub async fn run(context: &Context, step: Step, args: StepArgs) -> Result<Exit, CliError> {
    let stop = Arc::new(Stop::default());
    let _interrupts = Interrupts::listen(&stop, context.global.quiet);
    let ground = stop.or(place::ground(context, &args.config)).await?;
    if step != Step::Revoke && !args.plan {
        keys_have_a_place(&ground, &args.run)?;
    }
    let held = stop.or(async { Ok(inventory(&ground).await?) }).await?;
    let chosen = Chosen::of(context, step, &args, &ground).await?;
    let (journal, history) = if args.plan {
        (
            None,
            History::read(&journal_path(&chosen.path), &ground.place)?,
        )
    } else {
        let (journal, history) = place::journal(&chosen.path, &ground, step.word()).await?;
        (Some(journal), history)
    };
    place::journal_notices(context, &history);
    let sheet = args.sheet.options();
    let common = reason_fields(context, step, &args)?;
    let planner = Planner {
        step,
        ground: &ground,
        held: &held,
        history: &history,
        common,
    };
    let (lines, orders, summary, rows) = planner.plan(context, &chosen.path, &sheet).await?;
    if args.plan {
        let mut report = Report::new(context, None)?;
        for planned in &rows {
            report.row(planned)?;
        }
        report.end(&summary.to_json(), &words(step, &summary))?;
        return Ok(if summary.bad() > 0 {
            Exit::Findings
        } else {
            Exit::Done
        });
    }
    show_bad_rows(context, &lines, &words(step, &summary));
    if args.run.strict && summary.bad() > 0 {
        let error = CliError::failed("some rows are bad, and --strict was given: nothing was done");
        return Err(CliError {
            exit: Exit::SomeFailed,
            ..error
        });
    }
    confirm(
        context,
        step,
        &ground,
        summary.of(Verdict::New),
        args.run.yes,
    )?;
    let tasks = lines
        .iter()
        .zip(orders)
        .enumerate()
        .filter_map(|(index, (line, order))| {
            let (Fate::Send { attempt }, Some(id), Some(order)) = (&line.fate, line.id, order)
            else {
                return None;
            };
            Some(Ok(Task {
                index,
                row: line.row,
                id,
                attempt: *attempt,
                order,
                origin: None,
            }))
        });
    let session = Session {
        context,
        ground: &ground,
        journal: journal.as_ref(),
        input: &chosen.path,
        sheet: &sheet,
        run: &args.run,
        concurrency: args
            .concurrency
            .map_or_else(|| ground.concurrency(), usize::from),
        stop: &stop,
        action: step.word(),
    };
    let tasks: Vec<Result<Task, BulkError>> = tasks.collect();
    carry_out(&session, &lines, stream::iter(tasks)).await
}

/// The file of certificates: the operator's, or one made from the filter, so that a cut run knows what was meant.
struct Chosen {
    path: PathBuf,
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

    async fn of(
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

/// Every certificate of the config by id: its status and its name.
async fn inventory(ground: &Ground) -> Result<HashMap<String, (Status, String)>, BulkError> {
    let mut query = InventoryQuery {
        config: ground.config.clone(),
        limit: 1000,
        ..InventoryQuery::default()
    };
    let mut held = HashMap::new();
    loop {
        let page = ground.engine.inventory(&query).await?.value;
        for row in page.certificates {
            held.insert(
                row.id,
                (row.status.unwrap_or(Status::Issued), row.common_name),
            );
        }
        if page.next.is_empty() {
            return Ok(held);
        }
        query.after = page.next;
    }
}

/// The reason for all rows; a revocation without one is asked for it.
fn reason_fields(
    context: &Context,
    step: Step,
    args: &StepArgs,
) -> Result<Map<String, Value>, CliError> {
    let mut fields = Map::new();
    let parameter = match step {
        Step::Revoke => "sectigo_revoke_reason",
        Step::Replace => "sectigo_replace_reason",
        Step::Renew if args.reason.is_some() => {
            return Err(CliError::usage("a renewal takes no reason"));
        }
        Step::Renew => return Ok(fields),
    };
    let mut reason = args.reason.clone();
    if step == Step::Revoke && reason.is_none() && !args.plan && context.ui.asks() {
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
        if step != Step::Revoke {
            return Err(CliError::usage("--reason-code is for revoke"));
        }
        fields.insert("reason_code".into(), json!(code));
    }
    Ok(fields)
}

struct Planner<'p> {
    step: Step,
    ground: &'p Ground,
    held: &'p HashMap<String, (Status, String)>,
    history: &'p History,
    common: Map<String, Value>,
}

type Plan = (Vec<Line>, Vec<Option<Order>>, Summary, Vec<Planned>);

impl Planner<'_> {
    async fn plan(
        &self,
        context: &Context,
        file: &Path,
        sheet: &ReadOptions,
    ) -> Result<Plan, CliError> {
        let mut input = Input::open(file, sheet).await?;
        context.ui.warnings(&input.notices);
        for column in input
            .columns
            .known
            .iter()
            .filter(|column| !self.step.uses(&column.field))
        {
            context
                .ui
                .warning(&format!("{column} is not used by {}", self.step.word()));
        }
        let mut ids = RowIds::new(self.step.word(), &self.ground.config);
        let mut seen = HashSet::new();
        let (mut lines, mut orders, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let mut summary = Summary::default();
        while let Some(row) = input.next().await? {
            let (line, order, planned) = self.row(&input, &row, &mut ids, &mut seen);
            summary.count(planned.verdict);
            lines.push(line);
            orders.push(order);
            rows.push(planned);
        }
        Ok((lines, orders, summary, rows))
    }

    fn row(
        &self,
        input: &Input,
        row: &Row,
        ids: &mut RowIds,
        seen: &mut HashSet<String>,
    ) -> (Line, Option<Order>, Planned) {
        let target = target(input, row);
        let title = self
            .held
            .get(&target)
            .map_or_else(String::new, |(_, name)| name.clone());
        let mut planned = Planned::bare(row.number, title);
        planned.id.clone_from(&target);
        let body = match self.body(input, row, &planned.common_name) {
            Ok(body) => body,
            Err(reason) => {
                planned.verdict = Verdict::Invalid;
                planned.message = reason;
                return (settled(&planned, None), None, planned);
            }
        };
        let id = ids.next(&target, &body);
        planned.row_id = Some(id);
        let past = self.history.of(id);
        (planned.verdict, planned.message) = self.judge(&target, &body, past, seen);
        if planned.verdict != Verdict::New {
            return (settled(&planned, past), None, planned);
        }
        let failed = past.is_some_and(|past| past.state() == State::Failed);
        let attempt = past.map_or(1, |past| past.attempt) + u32::from(failed);
        let line = Line {
            row: row.number,
            title: planned.common_name.clone().into(),
            id: Some(id),
            attempt,
            fate: Fate::Send { attempt },
        };
        let order = match self.step {
            Step::Renew => Order::Renew(target, body),
            Step::Replace => Order::Replace(target, body),
            Step::Revoke => Order::Revoke(target, body),
        };
        (line, Some(order), planned)
    }

    fn judge(
        &self,
        target: &str,
        body: &Map<String, Value>,
        past: Option<&Past>,
        seen: &mut HashSet<String>,
    ) -> (Verdict, String) {
        let invalid = |why: String| (Verdict::Invalid, why);
        if target.is_empty() {
            return invalid("there is no certificate id in this row".into());
        }
        if !seen.insert(target.to_owned()) {
            return (
                Verdict::Duplicate,
                format!("a row above is for {target} already"),
            );
        }
        match past.map(|past| (past.state(), past.words())) {
            Some((State::Done | State::Pending, words)) => return (Verdict::Exists, words),
            // Under the same key when nobody knows; anew when it is known to have failed.
            Some((State::Unknown | State::Failed, words)) => return (Verdict::New, words),
            None => {}
        }
        let Some((status, _)) = self.held.get(target) else {
            return invalid(format!(
                "config {} has no certificate {target}",
                self.ground.config
            ));
        };
        let usable = match self.step {
            Step::Renew => matches!(status, Status::Issued | Status::Expiring | Status::Expired),
            Step::Replace => matches!(status, Status::Issued | Status::Expiring),
            Step::Revoke => !matches!(status, Status::Revoked | Status::Expired),
        };
        if !usable {
            return (
                Verdict::Exists,
                format!("certificate {target} is {status} already"),
            );
        }
        if self.step == Step::Revoke && !body.contains_key("sectigo_revoke_reason") {
            return invalid(
                "a revocation needs a reason: fill the column Reason, or give --reason".into(),
            );
        }
        (Verdict::New, String::new())
    }

    /// The fields that go with the certificate's id.
    fn body(&self, input: &Input, row: &Row, name: &str) -> Result<Map<String, Value>, String> {
        let mut body = self.common.clone();
        let text = |field: &Field| {
            let column = input
                .columns
                .column(field)
                .filter(|column| self.step.uses(&column.field))?;
            let cell = row
                .cells
                .get(column.index)
                .filter(|cell| !cell.is_blank())?;
            Some(cell.text.trim().to_owned())
        };
        let mut put = |parameter: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(parameter.to_owned(), value);
            }
        };
        if self.step == Step::Revoke {
            put(
                "sectigo_revoke_reason",
                text(&Field::Reason).map(|reason| json!(reason)),
            );
            if let Some(code) = text(&Field::ReasonCode) {
                let known = ["0", "1", "3", "4", "5"].contains(&code.as_str());
                let number = code.parse::<i64>().ok().filter(|_| known);
                put(
                    "reason_code",
                    Some(json!(number.ok_or_else(|| {
                        format!("reason code {code:?} is none of 0, 1, 3, 4, 5")
                    })?)),
                );
            }
            return Ok(body);
        }
        put(
            "sectigo_replace_reason",
            text(&Field::Reason).map(|reason| json!(reason)),
        );
        let reading = reading(&input.columns, self.ground);
        let read = reading.part(row).map_err(|findings| {
            let words: Vec<String> = findings.iter().map(request::Finding::to_string).collect();
            words.join("; ")
        })?;
        for parameter in ["csr", "key_type", "key_bits"] {
            put(parameter, read.get(parameter).cloned());
        }
        if self.step == Step::Replace {
            put("alt_names", read.get("alt_names").cloned());
            // The name it has already is no wish.
            put(
                "common_name",
                read.get("common_name")
                    .filter(|given| *given != name)
                    .cloned(),
            );
        }
        Ok(body)
    }
}

/// The certificate's id: from its own column, or from the columns of an earlier result.
fn target(input: &Input, row: &Row) -> String {
    if let Some(column) = input.columns.column(&Field::CertId) {
        return row
            .cells
            .get(column.index)
            .map_or(String::new(), |cell| cell.text.trim().to_owned());
    }
    result::read(&input.columns, row).map_or(String::new(), |earlier| earlier.id)
}

fn settled(planned: &Planned, past: Option<&Past>) -> Line {
    let outcome = past
        .and_then(|past| past.outcome.clone())
        .unwrap_or_else(|| {
            let state = if planned.verdict.is_bad() {
                State::Failed
            } else {
                State::Done
            };
            Outcome {
                id: planned.id.clone(),
                ..Outcome::of(state, planned.verdict.as_str(), &*planned.message)
            }
        });
    Line {
        row: planned.row,
        title: planned.common_name.clone().into(),
        id: planned.row_id,
        attempt: past.map_or(1, |past| past.attempt),
        fate: Fate::Settled(Box::new(outcome)),
    }
}

fn words(step: Step, summary: &Summary) -> String {
    let counts = report::words(summary);
    let counts = counts.split(';').next().unwrap_or_default();
    format!(
        "{counts}; {} {}",
        several(summary.of(Verdict::New), "certificate"),
        match step {
            Step::Renew => "would be renewed",
            Step::Revoke => "would be revoked",
            Step::Replace => "would be replaced",
        }
    )
}

/// Yes or no; for a revocation, which nothing undoes, the number must be typed.
fn confirm(
    context: &Context,
    step: Step,
    ground: &Ground,
    count: u64,
    yes: bool,
) -> Result<(), CliError> {
    if count == 0 || yes {
        return Ok(());
    }
    let what = format!(
        "{} {} of config {} at {}",
        match step {
            Step::Renew => "Renew",
            Step::Revoke => "Revoke for ever",
            Step::Replace => "Replace",
        },
        several(count, "certificate"),
        ground.config,
        ground.engine.server().address()
    );
    if step == Step::Revoke {
        return context
            .ui
            .confirm_name(&format!("{what}."), &count.to_string(), false);
    }
    if context.ui.confirm(&format!("{what}?"), false, "--yes")? {
        return Ok(());
    }
    Err(CliError::failed("nothing was done"))
}
