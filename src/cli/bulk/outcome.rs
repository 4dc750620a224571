//! What became of a row.

use serde::{Deserialize, Serialize};

/// How a row's order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The certificate is there.
    Done,
    /// Accepted; it waits for somebody.
    Pending,
    /// It will never become a certificate.
    Failed,
    /// Sent, and no answer came.
    Unknown,
}

/// What became of a row: what the result file says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub state: State,
    /// The certificate's id, once there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order_id: String,
    /// The engine's word: `issued`, `pending`, `declined`, …
    pub status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub serial: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub not_after: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scm_code: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Which order for the row it is, from 1; 0 when nobody said.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
    /// What was done: `enroll`, `renew`, `replace` or `revoke`. Empty in journals of older versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub action: String,
    /// The role that the certificate was ordered by.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// Why the files that were asked for are not there.
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

    /// All that is to be said of it.
    pub fn words(&self) -> String {
        let both = [
            self.message.as_str(),
            self.file_error.as_deref().unwrap_or_default(),
        ];
        let said: Vec<&str> = both.into_iter().filter(|text| !text.is_empty()).collect();
        said.join("; ")
    }
}
