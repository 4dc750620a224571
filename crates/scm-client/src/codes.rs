//! SCM's codes that decide what a caller does next. `hints` says what to tell an operator about these and other codes.

/// The meaning of a code; SCM has several codes for some meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownCode {
    /// The certificate is not issued yet.
    NotReady,
    /// SCM or the CA is not available now.
    Unavailable,
    /// SCM itself failed.
    InternalError,
    LoginRefused,
    PrivilegeMissing,
    NotFound,
    /// The profile does not allow this term (any more).
    TermRefused,
    /// The profile does not allow this key (any more).
    KeyRefused,
    /// The validation of a domain is missing or has ended.
    DomainNotValidated,
    /// Domain validation is not available for the customer.
    NoDomainValidation,
    /// SCM uses this code also for an invalid custom field, which a revocation does not have.
    AlreadyRevoked,
}

impl KnownCode {
    /// `None` for a code that does not decide what a caller does.
    pub fn of(code: i64) -> Option<Self> {
        Some(match code {
            0 | -183 | -1400 | -103 | -109 => Self::NotReady,
            -129 | -140 | -195 => Self::Unavailable,
            -1 | -2 | -14 | -65 => Self::InternalError,
            -16 | -970 => Self::LoginRefused,
            -3 | -25 | -37 => Self::PrivilegeMissing,
            -5101 => Self::NotFound,
            -36 => Self::TermRefused,
            -11 | -13 | -78 | -141 | -170 | -194 => Self::KeyRefused,
            -107 | -737 | -1137 => Self::DomainNotValidated,
            -1608 => Self::NoDomainValidation,
            -159 => Self::AlreadyRevoked,
            _ => return None,
        })
    }
}
