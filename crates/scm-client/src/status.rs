//! SCM's texts for the status of a certificate.

use std::fmt;

/// A status of SCM, read regardless of case and spaces, because SSL details, S/MIME lists and reports spell it
/// differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScmStatus {
    Init,
    Requested,
    SaApproved,
    Approved,
    Applied,
    Issued,
    Declined,
    Rejected,
    Invalid,
    Replaced,
    Revoked,
    Expired,
    /// An unknown status, as SCM wrote it.
    Other(String),
}

/// The meaning of a status for an order that waits for its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScmPhase {
    /// A person or a policy at SCM must approve it.
    WaitingApproval,
    /// The CA works on the order; collecting may already succeed.
    AtCa,
    Issued,
    /// An administrator has declined the order.
    Declined,
    /// The CA has rejected the order.
    Rejected,
    /// SCM considers the order invalid.
    Failed,
    Replaced,
    Revoked,
    Expired,
    /// An unknown status, which counts neither as success nor as the end.
    Unknown,
}

impl ScmStatus {
    pub fn parse(text: &str) -> Self {
        let folded: String = text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match folded.as_str() {
            "init" | "created" | "notenrolled" => Self::Init,
            "requested" | "awaitingapproval" => Self::Requested,
            "saapproved" => Self::SaApproved,
            "approved" => Self::Approved,
            "applied" => Self::Applied,
            "issued" | "downloaded" | "enrolledpendingdownload" => Self::Issued,
            "declined" => Self::Declined,
            "rejected" => Self::Rejected,
            "invalid" => Self::Invalid,
            "replaced" => Self::Replaced,
            "revoked" | "prerevoked" => Self::Revoked,
            "expired" => Self::Expired,
            _ => Self::Other(text.trim().chars().take(80).collect()),
        }
    }

    pub fn phase(&self) -> ScmPhase {
        match self {
            Self::Init | Self::Requested | Self::SaApproved => ScmPhase::WaitingApproval,
            Self::Approved | Self::Applied => ScmPhase::AtCa,
            Self::Issued => ScmPhase::Issued,
            Self::Declined => ScmPhase::Declined,
            Self::Rejected => ScmPhase::Rejected,
            Self::Invalid => ScmPhase::Failed,
            Self::Replaced => ScmPhase::Replaced,
            Self::Revoked => ScmPhase::Revoked,
            Self::Expired => ScmPhase::Expired,
            Self::Other(_) => ScmPhase::Unknown,
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Init => "Init",
            Self::Requested => "Requested",
            Self::SaApproved => "SA Approved",
            Self::Approved => "Approved",
            Self::Applied => "Applied",
            Self::Issued => "Issued",
            Self::Declined => "Declined",
            Self::Rejected => "Rejected",
            Self::Invalid => "Invalid",
            Self::Replaced => "Replaced",
            Self::Revoked => "Revoked",
            Self::Expired => "Expired",
            Self::Other(text) => text,
        }
    }
}

impl fmt::Display for ScmStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, phase) in [
            ("SAApproved", ScmPhase::WaitingApproval),
            ("SA Approved", ScmPhase::WaitingApproval),
            ("requested", ScmPhase::WaitingApproval),
            ("Awaiting Approval", ScmPhase::WaitingApproval),
            ("APPLIED", ScmPhase::AtCa),
            ("issued", ScmPhase::Issued),
            ("Enrolled - Pending Download", ScmPhase::Issued),
            ("pre_revoked", ScmPhase::Revoked),
            ("Declined", ScmPhase::Declined),
            ("rejected", ScmPhase::Rejected),
            ("Invalid", ScmPhase::Failed),
            ("Something new", ScmPhase::Unknown),
        ] {
            assert_eq!(ScmStatus::parse(text).phase(), phase, "{text}");
        }
        assert_eq!(ScmStatus::parse("Something new").as_str(), "Something new");
    }
}
