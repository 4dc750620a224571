//! The errors of a call, and whether SCM may have executed it.

use std::fmt;
use std::time::Duration;

use super::codes::KnownCode;
use super::hints;

/// Whether SCM may have executed the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The call did not reach SCM.
    NotSent,
    /// SCM answered that it did not execute the call.
    Refused,
    /// The call was sent, and no answer says whether SCM has executed it.
    Unknown,
}

/// The kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScmErrorKind {
    /// There was no connection, or it broke, or no answer came in time.
    Unreachable,
    /// SCM does not accept this login.
    Login,
    /// The login lacks a privilege.
    Forbidden,
    NotFound,
    /// SCM refuses the content of the call, or this crate already did.
    BadContent,
    /// There were too many calls, or the CA is not available; a later call may succeed.
    Busy {
        retry_after: Option<Duration>,
    },
    /// An error inside SCM, or in a proxy in front of it.
    Server,
    /// SCM's answer cannot be read.
    InvalidResponse,
}

/// A failed call, with SCM's own code and text if it gave any. Contains no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScmError {
    pub(super) what: &'static str,
    pub(super) kind: ScmErrorKind,
    pub(super) outcome: Outcome,
    pub(super) status: Option<u16>,
    pub(super) code: Option<i64>,
    pub(super) text: String,
}

impl ScmError {
    /// An error for a call that was not sent.
    pub(super) fn not_sent(
        what: &'static str,
        kind: ScmErrorKind,
        text: impl Into<String>,
    ) -> Self {
        Self {
            what,
            kind,
            outcome: Outcome::NotSent,
            status: None,
            code: None,
            text: text.into(),
        }
    }

    /// An error for a successful answer that cannot be read: SCM may have executed the call.
    pub(super) fn invalid_response(
        what: &'static str,
        status: u16,
        text: impl Into<String>,
    ) -> Self {
        Self {
            what,
            kind: ScmErrorKind::InvalidResponse,
            outcome: Outcome::Unknown,
            status: Some(status),
            code: None,
            text: text.into(),
        }
    }

    /// An error that SCM answered.
    pub(super) fn answered(
        what: &'static str,
        status: u16,
        code: Option<i64>,
        text: String,
        retry_after: Option<Duration>,
    ) -> Self {
        Self {
            what,
            kind: kind(status, code, retry_after),
            outcome: match status {
                400..=499 => Outcome::Refused,
                _ => Outcome::Unknown,
            },
            status: Some(status),
            code,
            text,
        }
    }

    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    pub fn kind(&self) -> ScmErrorKind {
        self.kind
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// SCM's code.
    pub fn code(&self) -> Option<i64> {
        self.code
    }

    /// The meaning of SCM's code, if it decides what a caller does next.
    pub fn known_code(&self) -> Option<KnownCode> {
        self.code.and_then(KnownCode::of)
    }

    /// SCM's text, or ours if SCM gave none.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What an operator can do about the error.
    pub fn hint(&self) -> Option<&'static str> {
        if (self.outcome, self.kind) == (Outcome::NotSent, ScmErrorKind::Login) {
            return Some("check the client's id and secret, and the address that gives tokens");
        }
        if self.text == UNKNOWN_CA {
            return Some(
                "give SCM's own CA in ca_bundle: svpki config write NAME --ca-bundle FILE",
            );
        }
        self.code
            .and_then(hints::for_code)
            .or_else(|| self.status.and_then(hints::for_status))
    }

    /// Whether a call that only reads should be repeated.
    pub(super) fn is_transient(&self) -> bool {
        match self.kind {
            ScmErrorKind::Unreachable | ScmErrorKind::Busy { .. } => true,
            ScmErrorKind::Server => matches!(self.status, Some(500 | 502..=504)),
            _ => false,
        }
    }
}

fn kind(status: u16, code: Option<i64>, retry_after: Option<Duration>) -> ScmErrorKind {
    match (status, code.and_then(KnownCode::of)) {
        (429, _) => ScmErrorKind::Busy { retry_after },
        (503, _) if retry_after.is_some() => ScmErrorKind::Busy { retry_after },
        (500.., _) => ScmErrorKind::Server,
        (401, _) | (_, Some(KnownCode::LoginRefused)) => ScmErrorKind::Login,
        (403, _) | (_, Some(KnownCode::PrivilegeMissing)) => ScmErrorKind::Forbidden,
        (404, _) | (_, Some(KnownCode::NotFound)) => ScmErrorKind::NotFound,
        (_, Some(KnownCode::Unavailable)) => ScmErrorKind::Busy { retry_after },
        (_, Some(KnownCode::InternalError)) => ScmErrorKind::Server,
        (400.., _) => ScmErrorKind::BadContent,
        _ => ScmErrorKind::InvalidResponse,
    }
}

impl fmt::Display for ScmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, text) = (self.what, &self.text);
        match (self.outcome, self.kind) {
            (Outcome::NotSent, ScmErrorKind::Unreachable) => {
                write!(f, "SCM could not be reached for {what}: {text}")?;
            }
            (Outcome::NotSent, ScmErrorKind::Login) => write!(f, "{what} was refused: \"{text}\"")?,
            (Outcome::NotSent, _) => write!(f, "{what} was not sent to SCM: {text}")?,
            (Outcome::Unknown, _) => write!(f, "SCM gave no usable answer to {what}: {text}")?,
            (Outcome::Refused, _) => {
                write!(f, "SCM refused {what}: ")?;
                if let Some(code) = self.code {
                    write!(f, "{code} ")?;
                }
                write!(f, "\"{text}\"")?;
            }
        }
        if let Some(status) = self.status {
            write!(f, " (HTTP {status})")?;
        }
        if let Some(hint) = self.hint() {
            write!(f, "; hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ScmError {}

/// Replaces the TLS library's message.
pub(super) const UNKNOWN_CA: &str = "its certificate comes from a CA that is not trusted here";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_words_and_remedy_are_shown() {
        let error = ScmError::answered("enroll", 400, Some(-36), "Term is invalid".into(), None);
        let text = error.to_string();
        assert!(
            text.starts_with("SCM refused enroll: -36 \"Term is invalid\" (HTTP 400); hint: "),
            "{text}"
        );
        assert_eq!(error.outcome(), Outcome::Refused);
        assert_eq!(error.kind(), ScmErrorKind::BadContent);
    }

    #[test]
    fn statuses_and_codes_have_their_kind() {
        let of = |status, code| {
            let error = ScmError::answered("x", status, code, String::new(), None);
            (error.kind(), error.outcome())
        };
        let busy = ScmErrorKind::Busy { retry_after: None };
        assert_eq!(of(401, None), (ScmErrorKind::Login, Outcome::Refused));
        assert_eq!(of(400, Some(-16)), (ScmErrorKind::Login, Outcome::Refused));
        assert_eq!(
            of(400, Some(-3)),
            (ScmErrorKind::Forbidden, Outcome::Refused)
        );
        assert_eq!(of(403, None), (ScmErrorKind::Forbidden, Outcome::Refused));
        assert_eq!(of(404, None), (ScmErrorKind::NotFound, Outcome::Refused));
        assert_eq!(of(429, None), (busy, Outcome::Refused));
        assert_eq!(of(400, Some(-129)), (busy, Outcome::Refused));
        assert_eq!(of(503, None), (ScmErrorKind::Server, Outcome::Unknown));
        assert_eq!(
            of(302, None),
            (ScmErrorKind::InvalidResponse, Outcome::Unknown)
        );
    }
}
