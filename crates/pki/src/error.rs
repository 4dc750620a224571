//! What can be wrong with a key, a request, a certificate or a name.

/// One layer, one error: each says which thing it is about and what is wrong with it. No text holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum X509Error {
    #[error("private key: {0}")]
    Key(String),
    #[error("{name:?} {reason}")]
    Name { name: String, reason: String },
    #[error("subject {field}: {reason}")]
    Subject { field: &'static str, reason: String },
    #[error("certificate request: {0}")]
    Csr(String),
    #[error("certificate: {0}")]
    Certificate(String),
    #[error("certificate bundle: {0}")]
    Bundle(String),
    #[error("certificate chain: {0}")]
    Chain(String),
    #[error("signature: {0}")]
    Signature(String),
    #[error("format: {0}")]
    Format(String),
}

impl X509Error {
    /// About a name that a caller wrote; what is shown of it is bounded.
    pub(super) fn name(name: &str, reason: impl Into<String>) -> Self {
        Self::Name {
            name: name.chars().take(80).collect(),
            reason: reason.into(),
        }
    }
}
