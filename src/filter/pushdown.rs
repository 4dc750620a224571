//! The part of a filter that the server can apply. It may let through more rows than the whole filter, never fewer.

use super::{Filter, Test};
use svpki_types::Status;

/// The filter fields of a request for a page of `inventory`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pushdown {
    pub status: Option<Status>,
    pub config: Option<String>,
    pub q: Option<String>,
    /// Unix seconds.
    pub expires_before: Option<i64>,
    /// Unix seconds.
    pub expires_after: Option<i64>,
}

impl Filter {
    /// Returns the part of the filter that the server can apply. `configs` are the names of all configs: the server
    /// compares them exactly, while a filter line ignores case and may have wildcards.
    pub fn pushdown(&self, now: i64, configs: &[String]) -> Pushdown {
        let mut asked = Pushdown::default();
        for term in self.terms.iter().filter(|term| !term.negated) {
            match &term.test {
                Test::Status(any) => {
                    if let [status] = any[..] {
                        asked.status = Some(status);
                    }
                }
                Test::Config(any) => {
                    let mut meant = configs
                        .iter()
                        .filter(|config| any.iter().any(|pattern| pattern.is(config)));
                    if let (Some(config), None) = (meant.next(), meant.next()) {
                        asked.config = Some(config.clone());
                    }
                }
                Test::CommonName(any) | Test::AltName(any) => {
                    if let [pattern] = &any[..] {
                        asked.look_for(pattern.literal());
                    }
                }
                Test::Text(pattern) => asked.look_for(pattern.literal()),
                Test::Expires {
                    before: true,
                    bound,
                } => {
                    let at = bound.at(now);
                    asked.expires_before =
                        Some(asked.expires_before.map_or(at, |other| other.min(at)));
                }
                Test::Expires {
                    before: false,
                    bound,
                } => {
                    let at = bound.at(now);
                    asked.expires_after =
                        Some(asked.expires_after.map_or(at, |other| other.max(at)));
                }
                Test::Id(any) => {
                    if let [pattern] = &any[..] {
                        asked.look_for(pattern.literal());
                    }
                }
                Test::Mount(_)
                | Test::Role(_)
                | Test::Label(..)
                | Test::Missing(_)
                | Test::Changes(_)
                | Test::Serial(_)
                | Test::Issuer(_)
                | Test::Profile(_)
                | Test::Host(_)
                | Test::Renewal(_)
                | Test::Nothing => {}
            }
        }
        asked
    }

    /// False if no row of this mount can match the filter.
    pub fn wants_mount(&self, mount: &str) -> bool {
        self.terms.iter().all(|term| match &term.test {
            Test::Mount(any) => any.iter().any(|p| p.is(mount)) != term.negated,
            Test::Nothing => false,
            _ => true,
        })
    }
}

impl Pushdown {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn look_for(&mut self, literal: &str) {
        // Not sent: text in Unicode, because the server knows names only in their DNS form, and hexadecimal digits
        // alone, which may be part of a serial number.
        let digits = literal.bytes().all(|b| b.is_ascii_hexdigit());
        if !digits && literal.is_ascii() && self.q.as_ref().is_none_or(|q| q.len() < literal.len())
        {
            self.q = Some(literal.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushdown(line: &str) -> Pushdown {
        let configs = ["prod", "Lab", "lab-eu", "lab-us"].map(str::to_owned);
        line.parse::<Filter>()
            .unwrap()
            .pushdown(1_000_000, &configs)
    }

    #[test]
    fn takes_what_the_server_understands() {
        assert_eq!(
            pushdown("status:expiring config:prod exp<1d cn:*.example.com api !lab"),
            Pushdown {
                status: Some(Status::Expiring),
                config: Some("prod".to_owned()),
                q: Some(".example.com".to_owned()),
                expires_before: Some(1_086_400),
                expires_after: None,
            }
        );
        assert!(
            pushdown(
                "!status:issued status:a,b"
                    .replace("a,b", "issued,expired")
                    .as_str()
            )
            .is_empty()
        );
        assert!(pushdown("cafe").is_empty());
        assert!(pushdown("münchen").is_empty());
        assert_eq!(pushdown("config:LAB").config.as_deref(), Some("Lab"));
        assert_eq!(pushdown("config:lab-*").config, None);
        assert_eq!(pushdown("config:none").config, None);
    }

    #[test]
    fn skips_mounts_that_cannot_match() {
        let filter: Filter = "mount:sectigo-*".parse().unwrap();
        assert!(filter.wants_mount("sectigo-eu"));
        assert!(!filter.wants_mount("other"));
    }
}
