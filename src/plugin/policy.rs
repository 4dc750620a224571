//! The policy of a config: one check for the common name and every SAN, whether they come from the request, a CSR or
//! the config.

use std::fmt;

use super::config::Policy;
use pki::San;
use svpki_types::{ErrorTags, RefusalCode};
use vault_plugin::logical::Error;

impl Policy {
    pub fn check(&self, names: &[San]) -> Result<(), Error> {
        names.iter().try_for_each(|name| self.check_one(name))
    }

    fn check_one(&self, name: &San) -> Result<(), Error> {
        match name {
            San::Dns(domain) => self.check_domain(domain),
            San::Ip(ip) => {
                let text = ip.to_string();
                if self.allowed_domains.is_empty() || self.allowed_domains.contains(&text) {
                    return Ok(());
                }
                Err(self.refused(
                    "IP address",
                    &text,
                    "allowed_domains",
                    &self.allowed_domains,
                ))
            }
            San::Email(address) => {
                let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
                let allowed = &self.allowed_email_domains;
                if allowed.is_empty() || allowed.iter().any(|known| known == domain) {
                    return Ok(());
                }
                Err(self.refused("e-mail address", address, "allowed_email_domains", allowed))
            }
        }
    }

    fn check_domain(&self, domain: &str) -> Result<(), Error> {
        let bare = domain.strip_prefix("*.");
        if bare.is_some() && !self.allow_wildcards {
            return Err(forbidden(format_args!(
                "{domain:?} is a wildcard, and this config has allow_wildcard_certificates=false"
            )));
        }
        if self.allowed_domains.is_empty() {
            return Ok(());
        }
        let base = bare.unwrap_or(domain);
        // `*.example.com` covers names below `example.com`.
        let is_below = bare.is_some();
        let allowed = self.allowed_domains.iter().any(|known| {
            let below = base
                .strip_suffix(known.as_str())
                .is_some_and(|rest| rest.ends_with('.'));
            (base == known && (!is_below || self.allow_subdomains))
                || (below && self.allow_subdomains)
        });
        if allowed {
            return Ok(());
        }
        Err(self.refused("domain", domain, "allowed_domains", &self.allowed_domains))
    }

    fn refused(&self, what: &str, name: &str, field: &str, allowed: &[String]) -> Error {
        let below = if field == "allowed_domains" && self.allow_subdomains {
            " and names below"
        } else {
            ""
        };
        forbidden(format_args!(
            "{what} {name:?} is not allowed by this config's {field}: {}{below}",
            allowed.join(", "),
        ))
    }
}

fn forbidden(why: fmt::Arguments<'_>) -> Error {
    Error::BadRequest(ErrorTags::from(RefusalCode::Policy).before(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(policy: &Policy, name: &str) -> bool {
        policy.check(&[San::parse(name).unwrap()]).is_ok()
    }

    #[test]
    fn domains() {
        let mut policy = Policy {
            allowed_domains: vec!["example.com".into(), "192.0.2.1".into()],
            allow_wildcards: true,
            ..Policy::default()
        };
        assert!(allows(&policy, "example.com"));
        assert!(allows(&policy, "EXAMPLE.com"));
        assert!(allows(&policy, "192.0.2.1"));
        for no in [
            "www.example.com",
            "*.example.com",
            "notexample.com",
            "example.org",
            "192.0.2.2",
        ] {
            assert!(!allows(&policy, no), "{no}");
        }
        policy.allow_subdomains = true;
        for yes in [
            "www.example.com",
            "a.b.example.com",
            "*.example.com",
            "*.a.example.com",
        ] {
            assert!(allows(&policy, yes), "{yes}");
        }
        assert!(!allows(&policy, "notexample.com"));
        assert!(!allows(&policy, "*.com"));
        policy.allow_wildcards = false;
        assert!(!allows(&policy, "*.example.com"));
    }

    #[test]
    fn addresses() {
        let policy = Policy {
            allowed_email_domains: vec!["example.com".into()],
            ..Policy::default()
        };
        assert!(allows(&policy, "a@example.com"));
        assert!(!allows(&policy, "a@sub.example.com"));
        assert!(!allows(&policy, "a@example.com.evil.org"));
    }
}
