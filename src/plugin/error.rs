//! How faults of the layers below become answers to the caller.

use pki::X509Error;
use scm_client::{Kind as ScmKind, ScmError};
use svpki_types::Marks;
use vault_plugin::logical::Error;

/// A key, request, certificate or name that the caller gave and can mend.
pub fn bad_x509(error: X509Error) -> Error {
    Error::BadRequest(error.to_string())
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
