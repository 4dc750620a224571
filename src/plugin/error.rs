//! Turns errors of the lower layers into answers for the caller.

use pki::X509Error;
use scm_client::{ScmError, ScmErrorKind};
use svpki_types::{ErrorTags, RefusalCode};
use vault_plugin::logical::Error;

/// Why a step that reads storage and asks SCM failed.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    #[error(transparent)]
    Local(#[from] Error),
    #[error(transparent)]
    Scm(#[from] ScmError),
}

/// For a step that the caller asked for, and that no order of the caller depends on.
impl From<StepError> for Error {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Local(error) => error,
            StepError::Scm(error) => scm_error(&error, ""),
        }
    }
}

/// An error in a key, CSR, certificate or name that the caller gave and can correct.
pub fn bad_x509(error: X509Error) -> Error {
    Error::BadRequest(error.to_string())
}

/// Says in error messages that an order was not placed; programs read it as a tag.
pub const NOTHING_ORDERED: &str = "nothing was ordered";

/// An error of SCM in a step that the caller asked for. `became` says what happened to the caller's order.
pub fn scm_error(error: &ScmError, became: &str) -> Error {
    let text = if became.is_empty() {
        error.to_string()
    } else {
        format!("{error}; {became}")
    };
    let tags = ErrorTags {
        refusal: (became == NOTHING_ORDERED).then_some(RefusalCode::NothingOrdered),
        scm_code: error.code(),
    };
    let text = tags.before(text);
    match error.kind() {
        ScmErrorKind::BadContent => Error::BadRequest(text),
        ScmErrorKind::NotFound => Error::NotFound(text),
        ScmErrorKind::Login | ScmErrorKind::Forbidden | ScmErrorKind::InvalidResponse => {
            Error::BadGateway(text)
        }
        ScmErrorKind::Unreachable | ScmErrorKind::Busy { .. } | ScmErrorKind::Server => {
            Error::Unavailable(text)
        }
    }
}
