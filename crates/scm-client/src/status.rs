//! SCM's words for where a certificate stands.

use std::fmt;

/// A status as SCM spells it, in any case and with or without blanks: SSL details, S/MIME lists and reports each have
/// their own spelling.
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
    /// None of those we know; kept as it came.
    Other(String),
}

/// What a status means for whoever waits for the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A person or a policy at SCM must approve it.
    WaitingApproval,
    /// The CA works on it; collecting may already succeed.
    AtCa,
    Issued,
    /// An administrator said no.
    Declined,
    /// The CA said no.
    Rejected,
    /// SCM found the request invalid.
    Failed,
    Replaced,
    Revoked,
    Expired,
    /// A word we do not know: neither success nor the end.
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

    pub fn meaning(&self) -> Meaning {
        match self {
            Self::Init | Self::Requested | Self::SaApproved => Meaning::WaitingApproval,
            Self::Approved | Self::Applied => Meaning::AtCa,
            Self::Issued => Meaning::Issued,
            Self::Declined => Meaning::Declined,
            Self::Rejected => Meaning::Rejected,
            Self::Invalid => Meaning::Failed,
            Self::Replaced => Meaning::Replaced,
            Self::Revoked => Meaning::Revoked,
            Self::Expired => Meaning::Expired,
            Self::Other(_) => Meaning::Unknown,
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
        for (text, meaning) in [
            ("SAApproved", Meaning::WaitingApproval),
            ("SA Approved", Meaning::WaitingApproval),
            ("requested", Meaning::WaitingApproval),
            ("Awaiting Approval", Meaning::WaitingApproval),
            ("APPLIED", Meaning::AtCa),
            ("issued", Meaning::Issued),
            ("Enrolled - Pending Download", Meaning::Issued),
            ("pre_revoked", Meaning::Revoked),
            ("Declined", Meaning::Declined),
            ("rejected", Meaning::Rejected),
            ("Invalid", Meaning::Failed),
            ("Something new", Meaning::Unknown),
        ] {
            assert_eq!(ScmStatus::parse(text).meaning(), meaning, "{text}");
        }
        assert_eq!(ScmStatus::parse("Something new").as_str(), "Something new");
    }
}
