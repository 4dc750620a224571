//! The outcome of a row.

use serde::{Deserialize, Serialize};

/// The state of a row's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The certificate exists, or the step is done.
    Done,
    /// The order is open: it waits for an approval, for the validation of a domain, or for the CA.
    Pending,
    /// The order will never become a certificate.
    Failed,
    /// The request was sent, but no answer came, or it was not sent yet.
    Unknown,
}

/// The outcome of a row, as the journal and the result file record it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub state: State,
    /// The id of the certificate, once it exists.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order_id: String,
    /// The status in the engine's words: `issued`, `pending`, `declined`, …
    pub status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub serial: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub not_after: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scm_code: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The number of the attempt that placed the order, from 1; 0 when it is unknown.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
    /// The action: `enroll`, `renew`, `replace` or `revoke`. Empty in journals of older versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub action: String,
    /// The role by which the certificate was ordered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// Why the requested files were not written.
    #[serde(default, rename = "unfiled", skip_serializing_if = "Option::is_none")]
    pub file_error: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Outcome {
    pub fn of(state: State, status: &str, message: impl Into<String>) -> Self {
        Self {
            state,
            id: String::new(),
            order_id: String::new(),
            status: status.to_owned(),
            serial: String::new(),
            not_after: String::new(),
            scm_code: None,
            message: message.into(),
            attempt: 0,
            action: String::new(),
            role: String::new(),
            file_error: None,
        }
    }

    /// The text for the column `message`.
    pub fn words(&self) -> String {
        let both = [
            self.message.as_str(),
            self.file_error.as_deref().unwrap_or_default(),
        ];
        let said: Vec<&str> = both.into_iter().filter(|text| !text.is_empty()).collect();
        said.join("; ")
    }
}
