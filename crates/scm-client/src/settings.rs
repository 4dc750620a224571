//! The settings of an SCM account.

use std::time::Duration;

use url::{Host, Url};

use super::{ScmError, ScmErrorKind};
use svpki_types::Secret;

const WHAT: &str = "the connection setting";

/// One SCM account.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For example `https://cert-manager.com`, `https://hard.cert-manager.com` or
    /// `https://admin.enterprise.sectigo.com`, with or without a final `/api` or `/api/ssl/v1`, because other tools
    /// use all these forms. Plain `http` is accepted only for this machine.
    pub base_url: String,
    /// The last part of the login page's address, `https://cert-manager.com/customer/<customer_uri>`.
    pub customer_uri: String,
    pub auth: Auth,
    /// PEM certificates that are trusted instead of the system's.
    pub ca_bundle: Option<String>,
    /// The timeout of one call. Orders get at least five minutes: SCM may be slow, and after a timeout it is unknown
    /// whether the order was placed.
    pub timeout: Duration,
    pub max_requests_per_second: Option<f64>,
}

/// The login.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Login and password are sent as headers of every call.
    Password { login: String, password: Secret },
    /// A TLS client certificate; the calls go to `/private/api`.
    ClientCertificate {
        login: String,
        certificate_pem: String,
        key: Secret,
    },
    /// A bearer token from `token_url`, for SCM's addresses under `admin.….sectigo.com`.
    OAuth2 {
        token_url: String,
        client_id: String,
        client_secret: Secret,
    },
}

impl Auth {
    fn prefix(&self) -> &'static [&'static str] {
        match self {
            Self::ClientCertificate { .. } => &["private", "api"],
            _ => &["api"],
        }
    }
}

impl Settings {
    /// The base URL of all calls, ending in `/api` or `/private/api`.
    pub(super) fn root(&self) -> Result<Url, ScmError> {
        let mut url = address("base_url", &self.base_url)?;
        let segments: Vec<String> = url
            .path()
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(str::to_owned)
            .collect();
        let end = segments
            .iter()
            .rposition(|segment| segment == "api")
            .map(|at| {
                if at > 0 && segments[at - 1] == "private" {
                    at - 1
                } else {
                    at
                }
            })
            .unwrap_or(segments.len());
        let before = segments[..end].iter().map(String::as_str);
        let path: Vec<&str> = before.chain(self.auth.prefix().iter().copied()).collect();
        url.set_path(&path.join("/"));
        Ok(url)
    }
}

/// Checks an `https` address without query and credentials. `http` is accepted only for this machine, because secrets
/// are sent to the address.
pub(super) fn address(field: &'static str, text: &str) -> Result<Url, ScmError> {
    let refuse = |reason: &str| {
        Err(bad(format!(
            "{field} {:?} {reason}",
            text.chars().take(120).collect::<String>()
        )))
    };
    // The text may contain a password, so the error does not repeat it.
    let Ok(url) = Url::parse(text.trim()) else {
        return refuse("is no URL: write it like https://cert-manager.com");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad(format!("{field} must not hold a user or a password")));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("must end before '?' and '#'");
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(host)) if is_this_machine(&host) => Ok(url),
        ("http", _) => refuse("would send secrets in clear text: use https"),
        _ => refuse("is no web address: write it like https://cert-manager.com"),
    }
}

pub(super) fn bad(text: impl Into<String>) -> ScmError {
    ScmError::not_sent(WHAT, ScmErrorKind::BadContent, text)
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(base_url: &str, auth: Auth) -> Result<String, String> {
        let settings = Settings {
            base_url: base_url.into(),
            customer_uri: "x".into(),
            auth,
            ca_bundle: None,
            timeout: Duration::from_secs(1),
            max_requests_per_second: None,
        };
        settings
            .root()
            .map(|url| url.to_string())
            .map_err(|error| error.to_string())
    }

    fn password() -> Auth {
        Auth::Password {
            login: "l".into(),
            password: Secret::new("p"),
        }
    }

    #[test]
    fn the_base_is_found_in_all_its_spellings() {
        for base in [
            "https://cert-manager.com",
            "https://cert-manager.com/",
            " https://cert-manager.com/api ",
            "https://cert-manager.com/api/",
            "https://cert-manager.com/api/ssl/v1",
            "https://cert-manager.com/private/api/ssl/v1/",
        ] {
            let found = root(base, password()).unwrap();
            assert_eq!(found, "https://cert-manager.com/api", "{base}");
            let certificate = Auth::ClientCertificate {
                login: "l".into(),
                certificate_pem: String::new(),
                key: Secret::default(),
            };
            let found = root(base, certificate).unwrap();
            assert_eq!(found, "https://cert-manager.com/private/api", "{base}");
        }
        let found = root("http://127.0.0.1:8080/gateway/scm", password()).unwrap();
        assert_eq!(found, "http://127.0.0.1:8080/gateway/scm/api");
    }

    #[test]
    fn plain_http_stays_on_this_machine_however_it_is_spelled() {
        for (base, host) in [
            ("http://2130706433", "127.0.0.1"),
            ("http://0x7f.1", "127.0.0.1"),
            ("http://127.9.9.9", "127.9.9.9"),
            ("http://[::1]:8080", "[::1]"),
            ("http://LOCALHOST", "localhost"),
            // The backslash begins the path, so nothing after it is a part of the host.
            ("http://localhost\\@evil.com", "localhost"),
        ] {
            let found = Url::parse(&root(base, password()).unwrap()).unwrap();
            assert_eq!(found.host_str(), Some(host), "{base}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_secrets() {
        for (base, word) in [
            ("cert-manager.com", "no URL"),
            ("", "no URL"),
            ("ftp://cert-manager.com", "no web address"),
            ("http://cert-manager.com", "clear text"),
            ("https://cert-manager.com/api?x=1", "'?'"),
            ("https://u:hunter2@cert-manager.com", "password"),
            ("http://127.0.0.1@cert-manager.com", "password"),
            ("http://127.0.0.1:80@cert-manager.com", "password"),
            ("http://127.0.0.1.cert-manager.com", "clear text"),
            ("http://localhost.cert-manager.com", "clear text"),
            ("http://localhost.", "clear text"),
            ("http://0.0.0.0", "clear text"),
            ("http://10.0.0.1", "clear text"),
            ("http://[::ffff:10.0.0.1]", "clear text"),
            ("http://3232235777", "clear text"),
            ("http://127.1.evil.com\\@127.0.0.1", "clear text"),
        ] {
            let error = root(base, password()).unwrap_err();
            assert!(
                error.contains(word) && error.contains("base_url"),
                "{base}: {error}"
            );
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
