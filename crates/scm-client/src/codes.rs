//! SCM's codes by which a caller decides what to do next. What to tell an operator about these and others: `hints`.

/// The meaning of a code; SCM has several codes for some meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownCode {
    /// The certificate is not there yet.
    NotReady,
    /// SCM, or the CA, cannot do it now.
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
    /// The customer has no domain validation at all.
    NoDomainValidation,
    /// Also the code for a custom field that is invalid; a revocation has none.
    AlreadyRevoked,
}

impl KnownCode {
    /// `None` for the codes by which no caller decides.
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
