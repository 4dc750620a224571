//! The names a certificate can be for.

use std::fmt;
use std::net::IpAddr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::X509Error;

/// A subject alternative name of one of the kinds that SCM issues.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum San {
    /// As [`domain_name`] gives it: lower case, A-labels.
    Dns(String),
    Ip(IpAddr),
    /// The part after `@` is folded, the part before is kept.
    Email(String),
}

impl San {
    /// Reads what people write: `dns:`, `ip:` or `email:` before the value, or the bare value, which is an IP address
    /// if it reads as one, an e-mail address if it holds `@`, and a domain name otherwise.
    pub fn parse(text: &str) -> Result<Self, X509Error> {
        let text = text.trim();
        let kind = text
            .split_once(':')
            .map(|(kind, value)| (kind.trim().to_ascii_lowercase(), value.trim()));
        match kind {
            Some((kind, value)) if kind == "dns" => domain_name(value).map(Self::Dns),
            Some((kind, value)) if kind == "email" => email_address(value).map(Self::Email),
            Some((kind, value)) if kind == "ip" => value
                .parse()
                .map(Self::Ip)
                .map_err(|_| X509Error::name(value, "is no IP address")),
            Some((kind, _)) if matches!(kind.as_str(), "uri" | "rid" | "dirname" | "othername") => {
                Err(X509Error::name(
                    text,
                    "is of a kind that SCM does not take: use dns:, ip: or email:",
                ))
            }
            _ => match text.parse() {
                Ok(address) => Ok(Self::Ip(address)),
                Err(_) if text.contains('@') => email_address(text).map(Self::Email),
                Err(_) => domain_name(text).map(Self::Dns),
            },
        }
    }
}

impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) | Self::Email(name) => f.pad(name),
            Self::Ip(address) => fmt::Display::fmt(address, f),
        }
    }
}

/// The one form in which we keep a domain name: internationalised labels as A-labels (UTS 46, non-transitional), all
/// in lower case, a leading `*.` kept. What no certificate can hold is refused: underscores, blanks, empty or too
/// long labels, a trailing dot, a bare `*`, addresses and URLs.
pub fn domain_name(text: &str) -> Result<String, X509Error> {
    let text = text.trim();
    let refuse = |reason: &str| Err(X509Error::name(text, reason));
    if text.is_empty() {
        return refuse("is not a valid domain name: it is empty");
    }
    if text.len() > 1024 {
        return refuse("is not a valid domain name: it is longer than 253 characters");
    }
    if text.contains("://") || text.contains('/') {
        return refuse("is not a valid domain name: give the host name alone, not a URL");
    }
    if text.contains(':') {
        return refuse("is not a valid domain name: give the host name alone, without a port");
    }
    if text.ends_with(['.', '。', '．', '｡']) {
        return refuse("ends with a dot: a certificate holds the name without it");
    }
    let (wildcard, name) = match text.strip_prefix("*.") {
        Some(rest) => ("*.", rest),
        None => ("", text),
    };
    if name.contains('*') {
        return refuse(
            "is not a valid domain name: a wildcard is a single '*' in place of the whole first label",
        );
    }
    if name.contains('_') {
        return refuse("is not a valid domain name: public certificates hold no '_'");
    }
    let ascii = match Uts46::new().to_ascii(
        name.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        DnsLength::Ignore,
    ) {
        Ok(ascii) => ascii.into_owned(),
        Err(_) => {
            return refuse(
                "is not a valid domain name: labels hold letters, digits and '-', and neither start nor end with '-'",
            );
        }
    };
    if wildcard.len() + ascii.len() > 253 {
        return refuse("is not a valid domain name: it is longer than 253 characters");
    }
    if ascii.split('.').any(str::is_empty) {
        return refuse("is not a valid domain name: it has an empty label");
    }
    if ascii.split('.').any(|label| label.len() > 63) {
        return refuse("is not a valid domain name: a label is longer than 63 characters");
    }
    if ascii
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
    {
        return refuse("is neither a domain name nor an IP address: its last label is a number");
    }
    Ok(format!("{wildcard}{ascii}"))
}

/// An e-mail address as certificates hold it: printable ASCII before the `@`, a folded domain name after it.
pub fn email_address(text: &str) -> Result<String, X509Error> {
    let text = text.trim();
    let refuse = |reason: &str| Err(X509Error::name(text, reason));
    let Some((local, domain)) = text.rsplit_once('@') else {
        return refuse("is no e-mail address: it has no '@'");
    };
    if local.is_empty() || local.len() > 64 {
        return refuse("is no e-mail address: the part before '@' has 1 to 64 characters");
    }
    let dot_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if !local.chars().all(dot_atom) || local.split('.').any(str::is_empty) {
        return refuse(
            "is no e-mail address that a certificate can hold: before '@' stand ASCII letters, digits, single dots and !#$%&'*+-/=?^_`{|}~",
        );
    }
    let domain = domain_name(domain)?;
    if domain.starts_with('*') {
        return refuse("is no e-mail address: its domain cannot be a wildcard");
    }
    Ok(format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn domains_are_folded_once() {
        let same = |text: &str, folded: &str| {
            assert_eq!(domain_name(text).unwrap(), folded, "{text}");
            assert_eq!(domain_name(folded).unwrap(), folded, "{text} again");
        };
        same("WWW.Example.COM", "www.example.com");
        same(" *.Bücher.example ", "*.xn--bcher-kva.example");
        same("faß.example", "xn--fa-hia.example");
        same("r3---sn.example.com", "r3---sn.example.com");
        same("localhost", "localhost");
    }

    #[test]
    fn what_is_no_domain_is_refused_with_its_reason() {
        for (bad, word) in [
            ("", "empty"),
            ("example.com.", "ends with a dot"),
            ("https://example.com", "URL"),
            ("example.com:443", "port"),
            ("a..b", "empty label"),
            ("*", "wildcard"),
            ("w*.example.com", "wildcard"),
            ("*.*.example.com", "wildcard"),
            ("a_b.example.com", "'_'"),
            ("-a.example.com", "neither start nor end"),
            ("a b.example.com", "letters, digits"),
            ("10.0.0.999", "last label is a number"),
            (&format!("{}.example.com", "x".repeat(64)), "63"),
            (
                &"abcd.".repeat(51).replace("abcd.abcd", "a.abcd").repeat(2),
                "dot",
            ),
            (&vec!["abcdefg"; 40].join("."), "253"),
            ("xn--a.example", "letters"),
        ] {
            let text = domain_name(bad).unwrap_err().to_string();
            assert!(text.contains(word), "{bad:?}: {text}");
        }
    }

    #[test]
    fn sans_of_every_kind() {
        let san = |text: &str| San::parse(text).unwrap();
        assert_eq!(san("DNS:A.example"), San::Dns("a.example".into()));
        assert_eq!(san("a.example"), San::Dns("a.example".into()));
        assert_eq!(san("192.0.2.7"), San::Ip([192, 0, 2, 7].into()));
        assert_eq!(san("ip:2001:DB8::1").to_string(), "2001:db8::1");
        assert_eq!(san("2001:db8::1").to_string(), "2001:db8::1");
        assert_eq!(
            san("Ann.Lee@Example.COM"),
            San::Email("Ann.Lee@example.com".into())
        );
        assert_eq!(san("email:a@b.example"), San::Email("a@b.example".into()));
        for bad in [
            "ip:example.com",
            "uri:https://example.com",
            "a@",
            "@b.example",
            "a b@c.example",
            "a@*.example",
            "..@x.example",
            "a@b@c.example",
            "ä@b.example",
        ] {
            assert!(San::parse(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_a_name_or_an_error(text in ".{0,300}") {
            if let Ok(san) = San::parse(&text) {
                let plain = san.to_string();
                prop_assert!(plain.is_ascii());
                prop_assert_eq!(San::parse(&plain).unwrap(), san);
            }
        }
    }
}
