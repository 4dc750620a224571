//! What would become of every certificate of a file.

use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::Action;
use crate::cli::bulk::columns::Field;
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::input::Input;
use crate::cli::bulk::journal::{History, Outcome, Past, State};
use crate::cli::bulk::keys::RowIds;
use crate::cli::bulk::plan::{Planned, Summary, Verdict, reading};
use crate::cli::bulk::request::digest;
use crate::cli::bulk::row_store::RowEntry;
use crate::cli::bulk::send::Order;
use crate::cli::bulk::sheet::{ReadOptions, Row};
use crate::cli::bulk::spill::{DiskMap, DiskVec};
use crate::cli::bulk::target::TargetConfig;
use crate::cli::bulk::{request, result};
use crate::cli::{CliError, Context};
use svpki_types::Status;
use svpki_types::api::InventoryRow;
use vault_client::InventoryQuery;

/// Every certificate of the config by id: its status and its name.
pub(super) struct CertificateIndex {
    numbers: DiskMap,
    known: DiskVec<(Status, String)>,
}

impl CertificateIndex {
    pub(super) async fn read(target: &TargetConfig) -> Result<Self, BulkError> {
        let mut query = InventoryQuery {
            config: target.config.clone(),
            limit: 1000,
            ..InventoryQuery::default()
        };
        let mut index = Self {
            numbers: DiskMap::new().map_err(BulkError::Spill)?,
            known: DiskVec::new().map_err(BulkError::Spill)?,
        };
        loop {
            let page = target.engine.inventory(&query).await?.value;
            for row in page.certificates {
                index.add(row).map_err(BulkError::Spill)?;
            }
            if page.next.is_empty() {
                return Ok(index);
            }
            query.after = page.next;
        }
    }

    fn add(&mut self, row: InventoryRow) -> io::Result<()> {
        let status = row.status.unwrap_or(Status::Issued);
        let number = self.known.push(&(status, row.common_name))?;
        self.numbers.set(&digest([row.id.as_str()]), number)
    }

    fn get(&self, id: &str) -> io::Result<Option<(Status, String)>> {
        match self.numbers.get(&digest([id]))? {
            Some(number) => self.known.get(number),
            None => Ok(None),
        }
    }
}

pub(super) struct Planner<'p> {
    pub(super) action: Action,
    pub(super) target: &'p TargetConfig,
    pub(super) index: &'p CertificateIndex,
    pub(super) history: &'p History,
    pub(super) common: Map<String, Value>,
}

/// A row of the plan, and what is to be sent for it: nothing unless it is new.
pub(super) struct Decided {
    pub(super) planned: Planned,
    past: Option<Past>,
    pub(super) order: Option<Order>,
}

impl Planner<'_> {
    /// Plans the whole file; `each` takes each row in its order.
    pub(super) async fn plan(
        &self,
        context: &Context,
        file: &Path,
        sheet: &ReadOptions,
        mut each: impl FnMut(Decided) -> Result<(), CliError>,
    ) -> Result<Summary, CliError> {
        let mut input = Input::open(file, sheet).await?;
        context.ui.warnings(&input.notices);
        for column in input
            .columns
            .known
            .iter()
            .filter(|column| !self.action.uses(&column.field))
        {
            context
                .ui
                .warning(&format!("{column} is not used by {}", self.action.word()));
        }
        let mut ids =
            RowIds::new(self.action.word(), &self.target.config).map_err(BulkError::Spill)?;
        let mut seen = DiskMap::new().map_err(BulkError::Spill)?;
        let mut summary = Summary::default();
        while let Some(row) = input.next().await? {
            let decided = self.row(&input, &row, &mut ids, &mut seen)?;
            summary.count(decided.planned.verdict);
            each(decided)?;
        }
        context.ui.warnings(input.stray_notice().as_slice());
        Ok(summary)
    }

    fn row(
        &self,
        input: &Input,
        row: &Row,
        ids: &mut RowIds,
        seen: &mut DiskMap,
    ) -> Result<Decided, BulkError> {
        let certificate_id = certificate_id(input, row);
        let index = self.index.get(&certificate_id).map_err(BulkError::Spill)?;
        let (status, title) =
            index.map_or((None, String::new()), |(status, name)| (Some(status), name));
        let mut planned = Planned::bare(row.number, title);
        planned.id.clone_from(&certificate_id);
        let body = match self.body(input, row, &planned.common_name) {
            Ok(body) => body,
            Err(reason) => {
                planned.verdict = Verdict::Invalid;
                planned.message = reason;
                return Ok(Decided {
                    planned,
                    past: None,
                    order: None,
                });
            }
        };
        let id = ids.next(&certificate_id, &body).map_err(BulkError::Spill)?;
        planned.row_id = Some(id);
        let past = self.history.of(id)?;
        let key = digest([certificate_id.as_str()]);
        let twin = seen.get(&key).map_err(BulkError::Spill)?;
        if twin.is_none() {
            seen.set(&key, u64::from(row.number))
                .map_err(BulkError::Spill)?;
        }
        (planned.verdict, planned.message) =
            self.judge(&certificate_id, status, &body, past.as_ref(), twin);
        let order = (planned.verdict == Verdict::New).then(|| match self.action {
            Action::Renew => Order::Renew(certificate_id, body),
            Action::Replace => Order::Replace(certificate_id, body),
            Action::Revoke => Order::Revoke(certificate_id, body),
        });
        Ok(Decided {
            planned,
            past,
            order,
        })
    }

    fn judge(
        &self,
        certificate_id: &str,
        status: Option<Status>,
        body: &Map<String, Value>,
        past: Option<&Past>,
        twin: Option<u64>,
    ) -> (Verdict, String) {
        let invalid = |why: String| (Verdict::Invalid, why);
        if certificate_id.is_empty() {
            return invalid("there is no certificate id in this row".into());
        }
        if let Some(row) = twin {
            return (
                Verdict::Duplicate,
                format!("row {row} is for {certificate_id} already"),
            );
        }
        match past.map(|past| (past.state(), past.words())) {
            Some((State::Done | State::Pending, words)) => return (Verdict::Exists, words),
            // Under the same key when nobody knows; anew when it is known to have failed.
            Some((State::Unknown | State::Failed, words)) => return (Verdict::New, words),
            None => {}
        }
        let Some(status) = status else {
            return invalid(format!(
                "config {} has no certificate {certificate_id}",
                self.target.config
            ));
        };
        let usable = match self.action {
            Action::Renew => matches!(status, Status::Issued | Status::Expiring | Status::Expired),
            Action::Replace => matches!(status, Status::Issued | Status::Expiring),
            Action::Revoke => !matches!(status, Status::Revoked | Status::Expired),
        };
        if !usable {
            return (
                Verdict::Exists,
                format!("certificate {certificate_id} is {status} already"),
            );
        }
        if self.action == Action::Revoke && !body.contains_key("sectigo_revoke_reason") {
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
                .filter(|column| self.action.uses(&column.field))?;
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
        if self.action == Action::Revoke {
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
        let reading = reading(&input.columns, self.target);
        let read = reading.part(row).map_err(|findings| {
            let words: Vec<String> = findings.iter().map(request::Finding::to_string).collect();
            words.join("; ")
        })?;
        for parameter in ["csr", "key_type", "key_bits"] {
            put(parameter, read.get(parameter).cloned());
        }
        if self.action == Action::Replace {
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
fn certificate_id(input: &Input, row: &Row) -> String {
    if let Some(column) = input.columns.column(&Field::CertId) {
        return row
            .cells
            .get(column.index)
            .map_or(String::new(), |cell| cell.text.trim().to_owned());
    }
    result::read(&input.columns, row).map_or(String::new(), |earlier| earlier.id)
}

impl Decided {
    /// The row for the book, and what is settled about it already.
    pub(super) fn line(&self) -> (RowEntry, Option<Outcome>) {
        let planned = &self.planned;
        let sends = self.order.is_some();
        let failed = self
            .past
            .as_ref()
            .is_some_and(|past| past.state() == State::Failed);
        let attempt = self.past.as_ref().map_or(1, |past| past.attempt);
        let line = RowEntry {
            row: planned.row,
            title: planned.common_name.clone(),
            id: planned.row_id,
            attempt: attempt + u32::from(sends && failed),
            sends,
        };
        let known = || {
            let state = if planned.verdict.is_bad() {
                State::Failed
            } else {
                State::Done
            };
            Outcome {
                id: planned.id.clone(),
                ..Outcome::of(state, planned.verdict.as_str(), &*planned.message)
            }
        };
        let before = || self.past.as_ref()?.outcome.clone();
        (line, (!sends).then(|| before().unwrap_or_else(known)))
    }
}
