//! Which names a role allows, and the expansion of templates in its domains.

use super::super::fields;
use pki::San;
use vault_plugin::framework::Values;
use vault_plugin::logical::{Entity, Error};

/// The rules of a role for names.
pub(super) struct Names {
    pub(super) domains: Vec<String>,
    pub(super) template: bool,
    pub(super) bare: bool,
    pub(super) subdomains: bool,
    pub(super) glob: bool,
    pub(super) wildcards: bool,
    pub(super) ips: bool,
}

impl Names {
    pub(super) fn check(&self, name: &San, allowed: &[String]) -> Result<(), String> {
        let domain = match name {
            San::Ip(ip) if !self.ips => {
                return Err(format!(
                    "IP address {ip} is not allowed: allow_ip_sans=false"
                ));
            }
            San::Ip(_) => return Ok(()),
            San::Dns(domain) => domain.as_str(),
            San::Email(address) => address.rsplit_once('@').map_or("", |(_, domain)| domain),
        };
        let base = domain.strip_prefix("*.");
        if base.is_some() && !self.wildcards {
            return Err(format!(
                "{domain:?} is a wildcard, and allow_wildcard_certificates=false"
            ));
        }
        if self.domains.is_empty() {
            return Ok(());
        }
        let matches = |known: &String| {
            let below = |name: &str| {
                name.strip_suffix(known.as_str())
                    .is_some_and(|rest| rest.ends_with('.'))
            };
            (self.bare && domain == known)
                // `*.example.com` covers names below `example.com`.
                || (self.subdomains && (below(domain) || base.is_some_and(|base| base == known)))
                || (self.glob && known.contains('*') && glob(known, domain))
        };
        if allowed.iter().any(matches) {
            return Ok(());
        }
        let mut ways = Vec::new();
        for (on, word) in [
            (self.bare, "allow_bare_domains"),
            (self.subdomains, "allow_subdomains"),
            (self.glob, "allow_glob_domains"),
        ] {
            ways.push(format!("{word}={on}"));
        }
        Err(format!(
            "{domain:?} is not allowed by allowed_domains: {} ({})",
            if allowed.is_empty() {
                "none for this caller".to_owned()
            } else {
                allowed.join(", ")
            },
            ways.join(", ")
        ))
    }
}

/// Matches with `*` as a placeholder for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

/// The allowed domains, normalised like the names that are compared with them.
pub(super) fn domains(given: &Values) -> Result<Vec<String>, Error> {
    if given.boolean(&fields::ROLE_ANY_NAME).unwrap_or_default() {
        return Ok(Vec::new());
    }
    let listed = given.text_list(&fields::ROLE_DOMAINS).unwrap_or_default();
    listed
        .iter()
        .map(|domain| {
            if domain.contains('*') || domain.contains("{{") {
                return Ok(domain.clone());
            }
            pki::domain_name(domain)
                .map_err(|error| Error::bad_request(format!("allowed_domains: {error}")))
        })
        .collect()
}

/// Expands a template for this caller. `None` if the caller's identity has no such value, or one that cannot be a part
/// of a domain.
pub(super) fn expand(template: &str, entity: &Entity) -> Result<Option<String>, Error> {
    let mut text = String::new();
    let mut rest = template;
    let mut whole = true;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inner, after) = after.split_once("}}").ok_or_else(|| {
            Error::bad_request(format!("allowed_domains: {template:?} has no }}}}"))
        })?;
        text.push_str(before);
        match identity(inner.trim(), entity) {
            Ok(Some(value)) if is_part_of_a_domain(value) => text.push_str(value),
            Ok(_) => whole = false,
            Err(()) => {
                return Err(Error::bad_request(format!(
                    "allowed_domains: {{{{{inner}}}}} is not known: path-help of roles lists the templates"
                )));
            }
        }
        rest = after;
    }
    text.push_str(rest);
    let text = text.to_ascii_lowercase();
    let plain = text.replace('*', "x");
    Ok((whole && pki::domain_name(&plain).is_ok()).then_some(text))
}

/// The value must not act as a pattern, or change the meaning of the domain.
fn is_part_of_a_domain(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

fn identity<'a>(path: &str, entity: &'a Entity) -> Result<Option<&'a str>, ()> {
    let path = path.strip_prefix("identity.entity.").ok_or(())?;
    if path == "name" {
        return Ok(Some(&entity.name));
    }
    if path == "id" {
        return Ok(Some(&entity.id));
    }
    if let Some(key) = path.strip_prefix("metadata.") {
        return Ok(entity.metadata.get(key).map(String::as_str));
    }
    let path = path.strip_prefix("aliases.").ok_or(())?;
    let (accessor, part) = path.split_once('.').ok_or(())?;
    let alias = entity
        .aliases
        .iter()
        .find(|alias| alias.mount_accessor == accessor);
    match (part, part.strip_prefix("metadata.")) {
        ("name", _) => Ok(alias.map(|alias| alias.name.as_str())),
        (_, Some(key)) => Ok(alias
            .and_then(|alias| alias.metadata.get(key))
            .map(String::as_str)),
        _ => Err(()),
    }
}
