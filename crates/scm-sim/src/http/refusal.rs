//! SCM's error answers.

/// An error answer of SCM: an HTTP status, a numeric code and a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code:?} {description}")]
pub struct Refusal {
    pub status: u16,
    pub code: Option<i64>,
    pub description: String,
}

/// Stands for a status that is not documented; the switch `refusal_status` sets the value on the wire.
pub const UNDOCUMENTED_STATUS: u16 = 0;

impl Refusal {
    /// A refusal whose HTTP status is not documented.
    pub fn coded(code: i64, description: impl Into<String>) -> Self {
        Self {
            status: UNDOCUMENTED_STATUS,
            code: Some(code),
            description: description.into(),
        }
    }

    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub fn unknown_user() -> Self {
        Self::coded(-16, "Unknown user").with_status(401)
    }

    pub fn unreadable_body() -> Self {
        Self::coded(-1002, "Cannot parse message body").with_status(400)
    }

    pub fn null_member(field: &str) -> Self {
        Self::coded(-1001, format!("Value of '{field}' must not be null.")).with_status(400)
    }

    /// A member that exceeds a documented limit. The code is an assumption: that of a missing member, which the same
    /// bean validation reports.
    pub fn member_limit(field: &str, limit: &str) -> Self {
        Self::coded(-1001, format!("Value of '{field}' {limit}.")).with_status(400)
    }

    pub fn certificate_not_found() -> Self {
        Self::coded(-5101, "Certificate not found").with_status(404)
    }

    /// A path for which nothing is served.
    pub fn no_such_path() -> Self {
        Self {
            status: 404,
            code: None,
            description: "Not found: scm-sim does not serve this call".to_owned(),
        }
    }

    /// A path that is served only for other methods.
    pub fn no_such_method() -> Self {
        Self {
            status: 405,
            code: None,
            description: "Method not allowed: scm-sim does not serve this call".to_owned(),
        }
    }

    pub fn internal(description: impl Into<String>) -> Self {
        Self::coded(-1, description).with_status(500)
    }
}
