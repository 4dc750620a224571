//! The states of certificates and of orders.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no status: use one of {known}", known = Status::ALL.map(Status::as_str).join(", "))]
pub struct UnknownStatus(String);

/// What a certificate, or the order that is to become one, is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Ordered, not yet issued.
    Pending,
    Issued,
    /// Issued and inside its config's expiry window. Derived, never stored.
    Expiring,
    /// Derived from `not_after`, never stored.
    Expired,
    Revoked,
    /// Another certificate took its place under the same id.
    Replaced,
    /// A renewal took its place under a new id.
    Superseded,
    /// A person at SCM said no.
    Declined,
    /// The CA said no.
    Rejected,
    /// The order ended without a certificate for another reason, or was cancelled.
    Failed,
}

impl Status {
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Issued,
        Self::Expiring,
        Self::Expired,
        Self::Revoked,
        Self::Replaced,
        Self::Superseded,
        Self::Declined,
        Self::Rejected,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Issued => "issued",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Replaced => "replaced",
            Self::Superseded => "superseded",
            Self::Declined => "declined",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }

    /// Only orders have it: no certificate does.
    pub fn is_of_orders(self) -> bool {
        matches!(
            self,
            Self::Pending | Self::Declined | Self::Rejected | Self::Failed
        )
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| UnknownStatus(text.chars().take(40).collect()))
    }
}

/// Where an order stands in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderState {
    /// Written down, not yet known to have reached SCM.
    Intent,
    /// Sent, and it is unknown whether SCM accepted it.
    Uncertain,
    /// SCM gave an id.
    Submitted,
    /// SCM knows it and has not issued yet.
    Pending,
    /// The certificate is stored.
    Issued,
    Declined,
    Rejected,
    Failed,
    Cancelled,
}

impl OrderState {
    /// No further step will be taken for this order.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Issued | Self::Declined | Self::Rejected | Self::Failed | Self::Cancelled
        )
    }

    /// The word that callers see for it.
    pub fn status(self) -> Status {
        match self {
            Self::Intent | Self::Uncertain | Self::Submitted | Self::Pending => Status::Pending,
            Self::Issued => Status::Issued,
            Self::Declined => Status::Declined,
            Self::Rejected => Status::Rejected,
            Self::Failed | Self::Cancelled => Status::Failed,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Uncertain => "uncertain",
            Self::Submitted => "submitted",
            Self::Pending => "pending",
            Self::Issued => "issued",
            Self::Declined => "declined",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for OrderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whom an open order waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaitingOn {
    /// A person at SCM must approve it.
    Approval,
    /// Domain control validation is not done.
    Dcv,
    /// The CA works on it.
    Ca,
}

impl WaitingOn {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Dcv => "dcv",
            Self::Ca => "ca",
        }
    }
}

impl fmt::Display for WaitingOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse::<Status>().unwrap(), status);
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert!("Issued".parse::<Status>().is_err());
    }
}
