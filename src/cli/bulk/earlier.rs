//! What an earlier run wrote of a row, in the columns of a result.

use serde::{Deserialize, Serialize};
use svpki_types::text::for_spreadsheet;

use super::columns::Columns;
use super::outcome::{Outcome, State};
use super::sheet::Row;

/// What a result file says of an earlier run with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The certificate or the pending order in the column `id`.
    pub id: String,
    pub successor_id: String,
    pub outcome: Outcome,
}

impl Earlier {
    /// What a row of a result file says.
    pub fn read(columns: &Columns, row: &Row) -> Option<Self> {
        let [
            id,
            status,
            serial,
            not_after,
            scm_code,
            message,
            successor,
            action,
            role,
        ] = columns.earlier_result(row)?.map(unescape_formula);
        let state = match status {
            "" => return None,
            "pending" => State::Pending,
            "unknown" | "unsent" => State::Unknown,
            "declined" | "failed" | "rejected" | "invalid" | "denied" | "duplicate" => {
                State::Failed
            }
            _ => State::Done,
        };
        let mut outcome = Outcome::of(state, status, message);
        let newest = if successor.is_empty() { id } else { successor };
        // A copied row whose id somebody removed: it says nothing of a certificate.
        if newest.is_empty() && matches!(state, State::Done | State::Pending) {
            return None;
        }
        newest.clone_into(&mut outcome.id);
        if state == State::Pending {
            // The order's id, or already the one that its certificate will have.
            newest.clone_into(&mut outcome.order_id);
        }
        outcome.serial = serial.to_owned();
        outcome.not_after = not_after.to_owned();
        outcome.scm_code = scm_code.parse().ok();
        outcome.action = action.to_owned();
        outcome.role = role.to_owned();
        Some(Self {
            id: id.to_owned(),
            successor_id: successor.to_owned(),
            outcome,
        })
    }

    /// What was done with the certificate after it was ordered.
    pub fn is_step(&self) -> bool {
        !matches!(self.outcome.action.as_str(), "" | "enroll")
    }
}

/// As it was before a spreadsheet was kept from taking it for a formula.
fn unescape_formula(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|bare| for_spreadsheet(bare) == text)
        .unwrap_or(text)
}
