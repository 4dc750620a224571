//! The errors with which a request can end.

use super::StorageError;

/// Each variant has one HTTP status. The text is shown to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// 400: the caller can correct the request.
    #[error("{0}")]
    BadRequest(String),
    /// 403.
    #[error("permission denied")]
    PermissionDenied,
    /// 404; the text says what is missing.
    #[error("{0}")]
    NotFound(String),
    /// 404: no route has this form.
    #[error("unsupported path")]
    UnsupportedPath,
    /// 405.
    #[error("unsupported operation")]
    UnsupportedOperation,
    /// 409: a state or an earlier request does not allow this.
    #[error("{0}")]
    Conflict(String),
    /// 502: the service behind us refused us, or its answer could not be used.
    #[error("{0}")]
    BadGateway(String),
    /// 503: the service behind us is not available now.
    #[error("{0}")]
    Unavailable(String),
    /// The server's storage failed. The text of a read-only refusal is passed on unchanged, so that the server sends
    /// the request to its active node.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// 500: a fault of this program.
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
