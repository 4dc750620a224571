//! SCM's codes by which a caller decides what to do next. What to tell an operator about these and others: `hints`.

/// What a code means, where SCM has several for one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
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
    /// The validation of a domain stands in the way.
    DomainNotValidated,
    /// Also the code for a custom field that is invalid; a revocation has none.
    AlreadyRevoked,
}

/// Nothing for the codes that decide nothing.
pub fn meaning(code: i64) -> Option<Meaning> {
    Some(match code {
        0 | -183 | -1400 | -103 | -109 => Meaning::NotReady,
        -129 | -140 | -195 => Meaning::Unavailable,
        -1 | -2 | -14 | -65 => Meaning::InternalError,
        -16 | -970 => Meaning::LoginRefused,
        -3 | -25 | -37 => Meaning::PrivilegeMissing,
        -5101 => Meaning::NotFound,
        -36 => Meaning::TermRefused,
        -11 | -13 | -78 | -141 | -170 | -194 => Meaning::KeyRefused,
        -107 | -737 | -1137 => Meaning::DomainNotValidated,
        -159 => Meaning::AlreadyRevoked,
        _ => return None,
    })
}
