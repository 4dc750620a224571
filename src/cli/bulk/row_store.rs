//! The rows of a run, and what became of each. They are put aside on disk: there may be 100,000.

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

/// A row of the plan.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RowEntry {
    pub row: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What stands in the row: finds it again when the file was changed meanwhile.
    #[serde(with = "hex::serde")]
    pub mark: Digest,
    /// The certificate that the row came with; empty for an enrolment.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub given_id: String,
    /// The role that the certificate was ordered by which is there already.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RowId>,
    /// The row brings a key of its own, in a CSR.
    #[serde(skip_serializing_if = "is_false")]
    pub has_csr: bool,
    /// An earlier run sent it and got no answer.
    #[serde(skip_serializing_if = "is_false")]
    pub resumes: bool,
    /// A run of an older version sent it, under the key of its content.
    #[serde(skip_serializing_if = "is_false")]
    pub old_key: bool,
    /// The certificate of an earlier run that has ended, whose place this one takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// What the result beside the file says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Earlier>,
    /// Which of the run's configs it is for.
    pub target: usize,
    /// Which order for this row it is, from 1.
    pub attempt: u32,
    /// It is to be sent; any other row is settled already.
    pub sends: bool,
}

impl RowEntry {
    /// The role by which the row's certificate was ordered, as the answer has it or the certificate before.
    pub fn role_of<'r>(&'r self, outcome: &'r Outcome) -> &'r str {
        if outcome.role.is_empty() {
            &self.role
        } else {
            &outcome.role
        }
    }

    /// The certificates whose place the row's new one takes.
    pub fn replaced_by(&self) -> Vec<String> {
        let given = Some(self.given_id.clone()).filter(|id| !id.is_empty());
        given.into_iter().chain(self.replaces.clone()).collect()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// Rows that somebody has to look at: the first ones in full, and how many there are.
#[derive(Default)]
pub struct BadRows {
    named: Vec<String>,
    count: usize,
}

/// Bad rows that are named on the terminal; the file has them all.
const NAMED: usize = 20;

impl BadRows {
    pub fn add(&mut self, row: u32, status: &str, message: &str) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("row {row} is {status}: {message}"));
        }
    }

    /// Says them beside the data; `all` is where the others are.
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

    /// Adds the next row; `settled` is what is known of it already, and a row without it is to be sent.
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

    /// Whether a row has a certificate that was ordered by a role.
    pub fn has_roles(&self) -> bool {
        self.has_roles.load(Ordering::Relaxed)
    }

    /// Writes down what became of a row.
    pub fn set_outcome(&self, index: u64, outcome: &Outcome) -> Result<(), BulkError> {
        if !outcome.role.is_empty() {
            self.has_roles.store(true, Ordering::Relaxed);
        }
        self.outcomes()
            .set(index, outcome)
            .map_err(BulkError::Spill)
    }

    /// What became of a row; nothing for one that was not reached.
    pub fn outcome(&self, index: u64) -> Result<Option<Outcome>, BulkError> {
        self.outcomes().get(index).map_err(BulkError::Spill)
    }

    /// As [`RowStore::outcome`], with the words for a row that was not reached.
    pub fn outcome_or_unsent(&self, index: u64) -> Result<Outcome, BulkError> {
        let unsent = || Outcome::of(State::Unknown, "unsent", "the run ended before this row");
        Ok(self.outcome(index)?.unwrap_or_else(unsent))
    }

    /// Rows that were accepted and are no certificate yet.
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
