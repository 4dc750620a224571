//! What can go wrong with a call, and what became of it.

use std::fmt;
use std::time::Duration;

use super::codes::KnownCode;
use super::hints;

/// Whether SCM may have done what it was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The call did not reach SCM.
    NotSent,
    /// SCM answered that it did not do it.
    Refused,
    /// It was sent, and no answer says what became of it.
    Unknown,
}

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScmErrorKind {
    /// No connection, or it broke, or no answer came in time.
    Unreachable,
    /// SCM does not know this login.
    Login,
    /// The login may not do this.
    Forbidden,
    NotFound,
    /// SCM, or already we, refuse the content of the call.
    BadContent,
    /// Too many calls, or the CA is not available: later.
    Busy {
        retry_after: Option<Duration>,
    },
    /// An error inside SCM or before it.
    Server,
    /// An answer that we cannot read.
    InvalidResponse,
}

/// A failed call, with SCM's own code and words where it gave any. It holds no secret.
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
    /// The call never left us.
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

    /// SCM answered with a success that we cannot read: it may well have done what we asked.
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

    /// SCM answered with an error.
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

    /// SCM's own code.
    pub fn code(&self) -> Option<i64> {
        self.code
    }

    /// Its code, where a caller decides by it what to do next.
    pub fn known_code(&self) -> Option<KnownCode> {
        self.code.and_then(KnownCode::of)
    }

    /// SCM's own words, or ours when it gave none.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What to do about it.
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

    /// Whether a reading call is worth repeating.
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

/// In place of the library's own word.
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
