//! Plans a step on each certificate of a file.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Action;
use crate::cli::bulk::columns::Field;
use crate::cli::bulk::earlier::Earlier;
use crate::cli::bulk::earlier_results::EarlierResults;
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::input::{Input, RowMarks, Source};
use crate::cli::bulk::input_facts::InputFacts;
use crate::cli::bulk::journal::{History, Past};
use crate::cli::bulk::keys::RowIds;
use crate::cli::bulk::outcome::{Outcome, State};
use crate::cli::bulk::plan::reading;
use crate::cli::bulk::planned::{Planned, Summary, Verdict, joined};
use crate::cli::bulk::request::{self, digest, fold_name};
use crate::cli::bulk::row_store::RowEntry;
use crate::cli::bulk::send::Order;
use crate::cli::bulk::sheet::Row;
use crate::cli::bulk::spill::{DiskMap, DiskVec};
use crate::cli::bulk::target::{TargetConfig, Targets};
use crate::cli::{CliError, Context};
use svpki_types::Status;
use svpki_types::api::{InventoryRow, left_out};
use vault_client::InventoryQuery;

/// What is known of a certificate.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KnownCertificate {
    status: Status,
    name: String,
    /// Its subject alternative names, with e-mail addresses.
    #[serde(default)]
    sans: Vec<String>,
    pub(super) serial: String,
    renewed_to: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_out: Option<String>,
}

impl KnownCertificate {
    /// The names that the certificate may have in the column of this field.
    fn names_for(&self, field: &Field) -> Vec<&str> {
        let name = Some(self.name.as_str()).filter(|name| !name.is_empty());
        let sans = self.sans.iter().map(String::as_str);
        match field {
            Field::Email => sans.filter(|name| name.contains('@')).collect(),
            Field::Csr => name.into_iter().chain(sans).collect(),
            _ => name.into_iter().collect(),
        }
    }
}

/// The certificates of a config by their ids.
pub(super) struct CertificateIndex {
    numbers: DiskMap,
    known: DiskVec<KnownCertificate>,
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
        let number = self.known.push(&KnownCertificate {
            status: row.status.unwrap_or(Status::Issued),
            name: row.common_name,
            sans: row.subject_alt_names,
            serial: row.serial_number,
            renewed_to: row.renewed_to,
            role: row.role.unwrap_or_default(),
            left_out: left_out(&row.missing_names),
        })?;
        self.numbers.set(&digest([row.id.as_str()]), number)
    }

    fn get(&self, id: &str) -> io::Result<Option<KnownCertificate>> {
        match self.numbers.get(&digest([id]))? {
            Some(number) => self.known.get(number),
            None => Ok(None),
        }
    }
}

pub(super) struct Planner<'p> {
    pub(super) action: Action,
    pub(super) targets: &'p Targets,
    /// One index for each config.
    pub(super) indexes: &'p [CertificateIndex],
    pub(super) history: &'p History,
    pub(super) earlier: &'p EarlierResults,
    pub(super) common: Map<String, Value>,
    /// The step is for the successors of the rows' certificates.
    pub(super) successors: bool,
    /// Only rows that failed before, or got no answer, are sent.
    pub(super) retry: bool,
}

/// A planned row, and the request for it. Only a new row has a request.
pub(super) struct Decided {
    pub(super) planned: Planned,
    past: Option<Past>,
    pub(super) order: Option<Order>,
    /// The serial number that the certificate has now.
    pub(super) serial: String,
    action: Action,
}

impl Planner<'_> {
    /// Plans the whole file. `each` is called with each row in order.
    pub(super) async fn plan(
        &self,
        context: &Context,
        source: &Source,
        mut each: impl FnMut(Decided) -> Result<(), CliError>,
    ) -> Result<(Summary, InputFacts), CliError> {
        let mut input = source.rows().await?;
        let mut facts = InputFacts::of(&input);
        facts.tell(context);
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
        let mut ids = RowIds::new(self.action.word(), "").map_err(BulkError::Spill)?;
        let mut marks = RowMarks::new()?;
        let mut earlier_runs = self.earlier.walk()?;
        let mut seen = DiskMap::new().map_err(BulkError::Spill)?;
        let mut summary = Summary::default();
        while let Some(row) = input.next().await? {
            let mark = marks.next(&input.columns, &row)?;
            let earlier = earlier_runs.next(&input.columns, &row)?;
            let mut decided = self.row(&input, &row, earlier, &mut ids, &mut seen)?;
            decided.planned.mark = mark;
            summary.count(decided.planned.verdict);
            each(decided)?;
        }
        facts.tell_late(context, &input);
        Ok((summary, facts))
    }

    fn row(
        &self,
        input: &Input,
        row: &Row,
        earlier: Option<Earlier>,
        ids: &mut RowIds,
        seen: &mut DiskMap,
    ) -> Result<Decided, BulkError> {
        let certificate_id = certificate_id(input, row, earlier.as_ref(), self.successors);
        let invalid = |mut planned: Planned, reason: String| {
            planned.verdict = Verdict::Invalid;
            planned.message = reason;
            Ok(Decided {
                planned,
                past: None,
                order: None,
                serial: String::new(),
                action: self.action,
            })
        };
        let chosen = self.targets.of(&input.columns, row);
        let at = *chosen.as_ref().unwrap_or(&0);
        let target = &self.targets.all[at];
        let known = self.indexes[at]
            .get(&certificate_id)
            .map_err(BulkError::Spill)?;
        let (title, role) = known.as_ref().map_or_else(Default::default, |known| {
            (known.name.clone(), known.role.clone())
        });
        let mut planned = Planned::bare(row.number, title);
        planned.role = role;
        planned.id.clone_from(&certificate_id);
        planned.target = at;
        planned.know(&input.columns, earlier);
        if self.targets.single().is_none() {
            planned.config.clone_from(&target.config);
        }
        if let Err(finding) = chosen {
            return invalid(planned, finding.to_string());
        }
        let body = match self.body(input, row, target, &planned.common_name) {
            Ok(body) => body,
            Err(reason) => return invalid(planned, reason),
        };
        planned.has_csr = body.contains_key("csr");
        // The reason does not count for the row's id: the same step with another reason is the same step.
        let mut wish = body.clone();
        wish.retain(|name, _| !name.contains("reason"));
        let first = &self.targets.all[0];
        let id = ids
            .next_in(&target.scope(first), &certificate_id, &wish)
            .map_err(BulkError::Spill)?;
        planned.row_id = Some(id);
        let past = self.history.of(id)?;
        let key = digest([&target.scope(first), certificate_id.as_str()]);
        let twin = seen.get(&key).map_err(BulkError::Spill)?;
        if twin.is_none() {
            seen.set(&key, u64::from(row.number))
                .map_err(BulkError::Spill)?;
        }
        if let Some(reason) = another_holder(input, row, target, known.as_ref()) {
            return invalid(planned, reason);
        }
        (planned.verdict, planned.message) = self.judge(
            &certificate_id,
            target,
            known.as_ref(),
            &body,
            past.as_ref(),
            planned.earlier.as_ref(),
            twin,
        );
        let left_out = known.as_ref().and_then(|known| known.left_out.clone());
        planned.message = joined([planned.message, left_out.unwrap_or_default()]);
        let order = (planned.verdict == Verdict::New).then(|| match self.action {
            Action::Renew => Order::Renew(certificate_id, body),
            Action::Replace => Order::Replace(certificate_id, body),
            Action::Revoke => Order::Revoke(certificate_id, body),
        });
        Ok(Decided {
            planned,
            past,
            order,
            serial: known.map_or(String::new(), |known| known.serial),
            action: self.action,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "all that is known of one row")]
    fn judge(
        &self,
        certificate_id: &str,
        target: &TargetConfig,
        known: Option<&KnownCertificate>,
        body: &Map<String, Value>,
        past: Option<&Past>,
        earlier: Option<&Earlier>,
        twin: Option<u64>,
    ) -> (Verdict, String) {
        let invalid = |why: String| (Verdict::Invalid, why);
        let word = self.action.word();
        if certificate_id.is_empty() {
            return invalid("there is no certificate id in this row".into());
        }
        if let Some(row) = twin {
            return (
                Verdict::Duplicate,
                format!("row {row} is for {certificate_id} already"),
            );
        }
        match past.map(|past| (past.state(), past)) {
            Some((State::Done, past)) => {
                let newest = past.id();
                let done = if newest == certificate_id {
                    format!("an earlier run did it: {word} of {certificate_id}")
                } else {
                    format!("an earlier run did it: {newest} took its place")
                };
                return (
                    Verdict::Exists,
                    format!(
                        "{done}; to do it again: svpki {word} {} {newest}",
                        target.config
                    ),
                );
            }
            Some((State::Pending, past)) => return (Verdict::Exists, past.words()),
            // Without an answer the row is sent under the same key again; after a definite failure under a new key.
            Some((State::Unknown | State::Failed, past)) => return (Verdict::New, past.words()),
            None => {}
        }
        // The journal has no record of the row. A result (the input itself, or the one beside it) may say that the step
        // is done or pending.
        if let Some(earlier) = earlier
            && !self.successors
            && earlier.outcome.action == word
            && matches!(earlier.outcome.state, State::Done | State::Pending)
        {
            return (
                Verdict::Exists,
                format!(
                    "this file says that it is done already: {word} of {certificate_id}, {}",
                    earlier.outcome.status
                ),
            );
        }
        let Some(known) = known else {
            return invalid(format!(
                "config {} has no certificate {certificate_id}",
                target.config
            ));
        };
        let status = known.status;
        let usable = match self.action {
            Action::Renew => {
                matches!(status, Status::Issued | Status::Expiring | Status::Expired)
                    && known.renewed_to.is_none()
            }
            Action::Replace => matches!(status, Status::Issued | Status::Expiring),
            Action::Revoke => !matches!(status, Status::Revoked | Status::Expired),
        };
        if !usable {
            let newest = known.renewed_to.as_ref();
            let by = newest.map_or(String::new(), |newest| {
                format!(", and {newest} took its place")
            });
            return (
                Verdict::Exists,
                format!("certificate {certificate_id} is {status} already{by}"),
            );
        }
        if self.action == Action::Revoke && !body.contains_key("sectigo_revoke_reason") {
            return invalid(
                "a revocation needs a reason: fill the column Reason, or give --reason".into(),
            );
        }
        if self.retry
            && !earlier.is_some_and(|earlier| {
                matches!(earlier.outcome.state, State::Failed | State::Unknown)
            })
        {
            return (
                Verdict::Exists,
                "it has not failed, so it is no part of a retry".into(),
            );
        }
        (Verdict::New, String::new())
    }

    /// The fields of the request, apart from the certificate's id.
    fn body(
        &self,
        input: &Input,
        row: &Row,
        target: &TargetConfig,
        name: &str,
    ) -> Result<Map<String, Value>, String> {
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
        let reading = reading(&input.columns, target);
        let all_said = |findings: Vec<request::Finding>| {
            joined(findings.iter().map(request::Finding::to_string))
        };
        if self.action == Action::Revoke {
            let faults = reading.faults(row, |field| self.action.uses(field));
            if !faults.is_empty() {
                return Err(all_said(faults));
            }
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
        let read = reading.part(row).map_err(all_said)?;
        for parameter in ["csr", "key_type", "key_bits"] {
            put(parameter, read.get(parameter).cloned());
        }
        if self.action == Action::Replace {
            put("alt_names", read.get("alt_names").cloned());
            // The name that the certificate already has is not a change.
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

/// Says so when the row names another holder than the certificate has. This happens when only one column was sorted.
fn another_holder(
    input: &Input,
    row: &Row,
    target: &TargetConfig,
    known: Option<&KnownCertificate>,
) -> Option<String> {
    let known = known?;
    let said = reading(&input.columns, target).holders(row);
    said.into_iter().find_map(|(column, said)| {
        let of_certificate = known.names_for(&column.field);
        let is_holder = of_certificate
            .iter()
            .any(|name| fold_name(name) == fold_name(&said));
        (!of_certificate.is_empty() && !is_holder).then(|| {
            format!(
                "{column}: the certificate of this row is {}'s, and the row says {said}: was a column sorted?",
                of_certificate.join(", ")
            )
        })
    })
}

/// The id of the row's certificate: from the operator's own column, or from the result columns.
fn certificate_id(input: &Input, row: &Row, earlier: Option<&Earlier>, successors: bool) -> String {
    if let Some(earlier) = earlier.filter(|earlier| successors && !earlier.successor_id.is_empty())
    {
        return earlier.successor_id.clone();
    }
    // When a run has ordered a certificate for the row, the operator's column `ID` is probably not a certificate id.
    let ordered = earlier.filter(|earlier| !earlier.is_step() && !earlier.id.is_empty());
    if let Some(column) = input.columns.column(&Field::CertId)
        && ordered.is_none()
    {
        return row
            .cells
            .get(column.index)
            .map_or(String::new(), |cell| cell.text.trim().to_owned());
    }
    earlier
        .map(|earlier| earlier.id.clone())
        .or_else(|| Some(input.columns.earlier_result(row)?[0].to_owned()))
        .unwrap_or_default()
}

impl Decided {
    /// The row for the store. The outcome is `Some` when nothing is to be sent.
    pub(super) fn line(&self) -> (RowEntry, Option<Outcome>) {
        let planned = &self.planned;
        let sends = self.order.is_some();
        let past = self.past.as_ref();
        let failed = past.is_some_and(|past| past.state() == State::Failed);
        let attempt = past.map_or(1, |past| past.attempt);
        let line = RowEntry {
            row: planned.row,
            title: planned.common_name.clone(),
            mark: planned.mark,
            given_id: planned.id.clone(),
            role: planned.role.clone(),
            id: planned.row_id,
            has_csr: planned.has_csr,
            attempt: attempt + u32::from(sends && failed),
            resumes: past.is_some_and(|past| past.state() == State::Unknown),
            old_key: true,
            replaces: None,
            target: planned.target,
            sends,
            beside: planned.beside.clone(),
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
        // The result's own record of this step has more details than the plan.
        let told = || {
            let earlier = planned.earlier.as_ref()?;
            let same =
                planned.verdict == Verdict::Exists && earlier.outcome.action == self.action.word();
            same.then(|| earlier.outcome.clone())
        };
        let settled = (!sends).then(|| before().or_else(told).unwrap_or_else(known));
        (line, settled)
    }
}
