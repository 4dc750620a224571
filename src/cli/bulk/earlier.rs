//! What an earlier run wrote about a row into the result columns.

use serde::{Deserialize, Serialize};
use svpki_types::text::for_spreadsheet;

use super::columns::Columns;
use super::outcome::{Outcome, State};
use super::sheet::Row;

/// What a result file says about an earlier run of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The value of the column `id`: the certificate or the pending order.
    pub id: String,
    pub successor_id: String,
    pub outcome: Outcome,
}

impl Earlier {
    /// Reads the result columns of a row. `None` when they hold no result.
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
        // Somebody copied the row and removed its id, so the row no longer refers to a certificate.
        if newest.is_empty() && matches!(state, State::Done | State::Pending) {
            return None;
        }
        newest.clone_into(&mut outcome.id);
        if state == State::Pending {
            // `newest` is the id of the order, or the id that its certificate is going to have.
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

    /// Whether the last action was a step on an existing certificate (renew, replace or revoke), not an order.
    pub fn is_step(&self) -> bool {
        !matches!(self.outcome.action.as_str(), "" | "enroll")
    }
}

/// Undoes [`for_spreadsheet`]: removes the apostrophe that keeps spreadsheets from taking a text for a formula.
fn unescape_formula(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|bare| for_spreadsheet(bare) == text)
        .unwrap_or(text)
}
