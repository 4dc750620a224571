//! The rows of a run and their outcomes. They are kept on disk, because there may be 100,000 rows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::earlier::Earlier;
use super::error::BulkError;
use super::keys::RowId;
use super::outcome::{Outcome, State};
use super::request::Digest;
use super::spill::DiskVec;
use crate::cli::Ui;

/// A row of the plan, as it is kept in the [`RowStore`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RowEntry {
    pub row: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The digest of the row's content. It finds the row again when the file was changed during the run.
    #[serde(with = "hex::serde")]
    pub mark: Digest,
    /// The certificate that the row already had; empty for an enrolment.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub given_id: String,
    /// The role by which the row's existing certificate was ordered.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RowId>,
    /// The row contains a CSR, so its key is elsewhere.
    #[serde(skip_serializing_if = "is_false")]
    pub has_csr: bool,
    /// An earlier run sent the row and got no answer.
    #[serde(skip_serializing_if = "is_false")]
    pub resumes: bool,
    /// The row's key is [`RowId::idempotency_key`], not [`names_key`](super::keys::names_key). This is so for steps,
    /// and for orders of older versions that are still without an answer.
    #[serde(skip_serializing_if = "is_false")]
    pub old_key: bool,
    /// The certificate of an earlier run, now ended, that the new certificate replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// What the result file beside the input says about the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Earlier>,
    /// The index of the row's config in [`Targets::all`](super::target::Targets::all).
    pub target: usize,
    /// The number of this attempt to order the row, from 1.
    pub attempt: u32,
    /// The row is to be sent. All other rows have an outcome already.
    pub sends: bool,
}

impl RowEntry {
    /// The role by which the row's certificate was ordered: that of the outcome, or else that of the certificate
    /// before.
    pub fn role_of<'r>(&'r self, outcome: &'r Outcome) -> &'r str {
        if outcome.role.is_empty() {
            &self.role
        } else {
            &outcome.role
        }
    }

    /// The certificates that the new certificate of this row replaces.
    pub fn replaced_by(&self) -> Vec<String> {
        let given = Some(self.given_id.clone()).filter(|id| !id.is_empty());
        given.into_iter().chain(self.replaces.clone()).collect()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// The rows that need attention: the first ones in full, and how many there are.
#[derive(Default)]
pub struct BadRows {
    named: Vec<String>,
    count: usize,
}

/// How many bad rows are shown on the terminal. The result file has all of them.
const NAMED: usize = 20;

impl BadRows {
    pub fn add(&mut self, row: u32, status: &str, message: &str) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("row {row} is {status}: {message}"));
        }
    }

    /// Shows the rows on standard error. `all` names what contains the rest of them.
    pub fn tell(&self, ui: &Ui, all: &str) {
        ui.warnings(&self.named);
        let more = self.count - self.named.len();
        if more > 0 {
            ui.warning(&format!("and {more} more; {all} has them all"));
        }
    }
}

pub struct RowStore {
    lines: DiskVec<RowEntry>,
    outcomes: Mutex<DiskVec<Outcome>>,
    to_send: u64,
    bad: BadRows,
    has_roles: AtomicBool,
}

impl RowStore {
    pub fn open() -> Result<Self, BulkError> {
        Ok(Self {
            lines: DiskVec::new().map_err(BulkError::Spill)?,
            outcomes: Mutex::new(DiskVec::new().map_err(BulkError::Spill)?),
            to_send: 0,
            bad: BadRows::default(),
            has_roles: AtomicBool::new(false),
        })
    }

    /// Adds the next row. `settled` is its outcome, if it has one already; a row without an outcome is to be sent.
    pub fn add(&mut self, mut line: RowEntry, settled: Option<Outcome>) -> Result<(), BulkError> {
        line.sends = settled.is_none();
        *self.has_roles.get_mut() |= !line.role.is_empty();
        let index = self.lines.push(&line).map_err(BulkError::Spill)?;
        let Some(outcome) = settled else {
            self.to_send += 1;
            return Ok(());
        };
        self.set_outcome(index, &outcome)?;
        if outcome.state == State::Failed {
            self.bad.add(line.row, &outcome.status, &outcome.message);
        }
        Ok(())
    }

    pub fn rows(&self) -> u64 {
        self.lines.count()
    }

    pub fn to_send(&self) -> u64 {
        self.to_send
    }

    pub fn bad_rows(&self) -> &BadRows {
        &self.bad
    }

    pub fn entry(&self, index: u64) -> Result<Option<RowEntry>, BulkError> {
        self.lines.get(index).map_err(BulkError::Spill)
    }

    /// Whether any row has a certificate that was ordered by a role.
    pub fn has_roles(&self) -> bool {
        self.has_roles.load(Ordering::Relaxed)
    }

    /// Records the outcome of a row.
    pub fn set_outcome(&self, index: u64, outcome: &Outcome) -> Result<(), BulkError> {
        if !outcome.role.is_empty() {
            self.has_roles.store(true, Ordering::Relaxed);
        }
        self.outcomes()
            .set(index, outcome)
            .map_err(BulkError::Spill)
    }

    /// The outcome of a row. `None` when the run did not reach the row.
    pub fn outcome(&self, index: u64) -> Result<Option<Outcome>, BulkError> {
        self.outcomes().get(index).map_err(BulkError::Spill)
    }

    /// Like [`RowStore::outcome`], with the outcome `unsent` for a row that the run did not reach.
    pub fn outcome_or_unsent(&self, index: u64) -> Result<Outcome, BulkError> {
        let unsent = || Outcome::of(State::Unknown, "unsent", "the run ended before this row");
        Ok(self.outcome(index)?.unwrap_or_else(unsent))
    }

    /// The rows whose orders are still pending.
    pub fn pending(&self) -> Result<Vec<u64>, BulkError> {
        let mut pending = Vec::new();
        for index in 0..self.rows() {
            if let Some(outcome) = self.outcome(index)?
                && outcome.state == State::Pending
            {
                pending.push(index);
            }
        }
        Ok(pending)
    }

    fn outcomes(&self) -> MutexGuard<'_, DiskVec<Outcome>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
