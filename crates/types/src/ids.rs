//! Names and ids that stand in a path: exact and case-sensitive, and never able to leave their path segment.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text cannot be a name or an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {text:?} {why}")]
pub struct InvalidName {
    what: &'static str,
    text: String,
    why: &'static str,
}

const LONGEST: usize = 200;

fn check(what: &'static str, text: &str) -> Result<(), InvalidName> {
    let refuse = |why| {
        Err(InvalidName {
            what,
            text: text.chars().take(60).collect(),
            why,
        })
    };
    if text.is_empty() {
        return refuse("is empty");
    }
    if text.len() > LONGEST {
        return refuse("is longer than 200 bytes");
    }
    if !text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@'))
    {
        return refuse("may only hold letters, digits, '-', '_', '.' and '@'");
    }
    if text.starts_with('.') || text.contains("..") {
        return refuse("may not start with '.' or hold '..'");
    }
    Ok(())
}

macro_rules! path_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                check($what, text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                check($what, &text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

path_id!(
    /// The name of a config: one SCM account with its defaults and its policy.
    ConfigName,
    "config name"
);
path_id!(
    /// The name of a role: what may be asked of `issue` and `sign`.
    RoleName,
    "role name"
);
path_id!(
    /// `sectigo_cert_unique_id`: `<sslId>_<customerUri>`, for client certificates `<backendCertId>_<customerUri>`.
    CertId,
    "certificate id"
);
path_id!(
    /// Our own id of an order, given before SCM knows of it.
    OrderId,
    "order id"
);

impl CertId {
    /// Joins SCM's id and the customer URI as the documented plugin does.
    pub fn of(scm_id: &str, customer_uri: &str) -> Result<Self, InvalidName> {
        Self::try_from(format!("{scm_id}_{customer_uri}"))
    }

    /// SCM's part of the id: what stands before `_` and this customer URI, either of which may hold a `_` of its own.
    /// `None` for an id of another customer.
    pub fn scm_id(&self, customer_uri: &str) -> Option<&str> {
        let id = self.0.strip_suffix(customer_uri)?.strip_suffix('_')?;
        (!id.is_empty()).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_segment() {
        for bad in [
            "",
            "a/b",
            "..",
            "a..b",
            ".a",
            "a b",
            "a\n",
            "ä",
            &"x".repeat(201),
        ] {
            assert!(bad.parse::<CertId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_id_with_an_underline_is_not_cut() {
        for (scm_id, uri) in [
            ("44166", "murray"),
            ("a_b_c", "murray"),
            ("44166", "our_org"),
        ] {
            let id = CertId::of(scm_id, uri).unwrap();
            assert_eq!(id.scm_id(uri), Some(scm_id));
        }
        let id: CertId = "44166_murray".parse().unwrap();
        assert_eq!(id.scm_id("other"), None);
        assert_eq!(id.scm_id("44166_murray"), None);
    }
}
