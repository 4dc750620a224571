//! What a request can end in, other than a response.

use super::StorageError;

/// Each variant has one HTTP status; the text is what the caller sees.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// 400: the caller can mend it.
    #[error("{0}")]
    BadRequest(String),
    /// 403.
    #[error("permission denied")]
    PermissionDenied,
    /// 404, with a text that says what is missing.
    #[error("{0}")]
    NotFound(String),
    /// 404: no route of that form.
    #[error("unsupported path")]
    UnsupportedPath,
    /// 405.
    #[error("unsupported operation")]
    UnsupportedOperation,
    /// 409: a state, or an earlier request, forbids it.
    #[error("{0}")]
    Conflict(String),
    /// 502: the service behind us refused us or answered nonsense.
    #[error("{0}")]
    BadGateway(String),
    /// 503: the service behind us cannot be had now.
    #[error("{0}")]
    Unavailable(String),
    /// The server's storage said no. A read-only refusal is passed on word for word, so that the server runs the
    /// request again on its active node.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// 500: a fault of ours.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::BadRequest(text.into())
    }

    pub fn not_found(text: impl Into<String>) -> Self {
        Self::NotFound(text.into())
    }

    pub fn internal(text: impl Into<String>) -> Self {
        Self::Internal(text.into())
    }
}
