//! How faults of the layers below become answers to the caller.

use crate::domain::Marks;
use crate::plugin::logical::Error;
use crate::scm::{Kind as ScmKind, ScmError};
use crate::x509::X509Error;

impl From<X509Error> for Error {
    fn from(error: X509Error) -> Self {
        Self::BadRequest(error.to_string())
    }
}

/// SCM's refusal of a step that the caller asked for. `became` says what is now true of the caller's order.
pub fn scm_error(error: &ScmError, became: &str) -> Error {
    let text = if became.is_empty() {
        error.to_string()
    } else {
        format!("{error}; {became}")
    };
    let marks = Marks {
        scm_code: error.code(),
        ..Marks::default()
    };
    let text = marks.before(text);
    match error.kind() {
        ScmKind::BadContent => Error::BadRequest(text),
        ScmKind::NotFound => Error::NotFound(text),
        ScmKind::Login | ScmKind::Denied | ScmKind::Nonsense => Error::BadGateway(text),
        ScmKind::Unreachable | ScmKind::Busy { .. } | ScmKind::Server => Error::Unavailable(text),
    }
}
