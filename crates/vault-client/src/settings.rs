//! Connection settings, read as `vault` and `bao` read them: a flag wins over `BAO_X`, which wins over `VAULT_X`
//! even when it is empty; each value remembers where it came from, for `svpki doctor`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::setting::{Environment, Flags, Origin, Setting, SettingsError};
use super::token;
use svpki_types::{Secret, parse_duration};

/// Which roots are trusted instead of the system's.
#[derive(Debug, Clone, PartialEq)]
pub enum Roots {
    System,
    File(PathBuf),
    Pem(String),
    Folder(PathBuf),
}

impl fmt::Display for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("the system's CAs"),
            Self::File(path) | Self::Folder(path) => write!(f, "only {}", path.display()),
            Self::Pem(_) => f.write_str("only the given PEM text"),
        }
    }
}

/// Everything that is needed to speak to a server.
#[derive(Clone, PartialEq)]
pub struct Settings {
    pub address: Setting<Url>,
    /// Empty when none was found.
    pub token: Setting<Secret>,
    pub namespace: Setting<Option<String>>,
    pub roots: Setting<Roots>,
    /// The server's certificate is not verified.
    pub skip_verify: Setting<bool>,
    pub client_cert: Setting<Option<PathBuf>>,
    pub client_key: Setting<Option<PathBuf>>,
    pub tls_server_name: Setting<Option<String>>,
    pub timeout: Setting<Duration>,
    pub proxy: Setting<Option<Url>>,
    /// Things an operator should know, such as a token file that others can read.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads the process's environment, the token file and the token helper.
    pub fn from_env(flags: &Flags) -> Result<Self, SettingsError> {
        Self::read(flags, &Environment::of_process())
    }

    /// As [`Settings::from_env`], from a given environment.
    pub fn read(flags: &Flags, env: &Environment) -> Result<Self, SettingsError> {
        let mut warnings = Vec::new();
        let skip_verify = skip_verify(env)?;
        let address = address(flags, env)?;
        if address.value.scheme() == "http" && !is_loopback(&address.value) {
            warnings.push(format!(
                "{} is plain http: the token and every key travel unprotected",
                address.value
            ));
        }
        if skip_verify.value && address.value.scheme() == "https" {
            warnings.push(format!(
                "the server's certificate is NOT verified ({}): a machine between here and {} can read and use \
                 this token and every key; name the server's CA with VAULT_CACERT instead",
                skip_verify.origin, address.value
            ));
        }
        let client_cert = optional(flags.client_cert.clone(), "--client-cert", || {
            env.server_variable("CLIENT_CERT")
                .map(|s| s.map(PathBuf::from))
        });
        let client_key = optional(flags.client_key.clone(), "--client-key", || {
            env.server_variable("CLIENT_KEY")
                .map(|s| s.map(PathBuf::from))
        });
        if client_cert.value.is_some() != client_key.value.is_some() {
            let (given, absent) = match client_cert.value {
                Some(_) => (
                    &client_cert.origin,
                    "the private key is not: --client-key or VAULT_CLIENT_KEY",
                ),
                None => (
                    &client_key.origin,
                    "the certificate is not: --client-cert or VAULT_CLIENT_CERT",
                ),
            };
            return Err(SettingsError::new(
                "client certificate",
                format!("{given} is set, and {absent}"),
            ));
        }
        let token = token::find(flags, env, address.value.as_str(), &mut warnings)?;
        if !token.value.expose().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SettingsError::new(
                format!("token ({})", token.origin),
                "holds a character that no token has",
            ));
        }
        Ok(Self {
            address,
            token,
            namespace: namespace(flags, env)?,
            roots: roots(flags, env),
            skip_verify,
            client_cert,
            client_key,
            tls_server_name: optional(flags.tls_server_name.clone(), "--tls-server-name", || {
                env.server_variable("TLS_SERVER_NAME")
            }),
            timeout: timeout(flags, env)?,
            proxy: proxy(env)?,
            warnings,
        })
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.address.value.as_str())
            .field("namespace", &self.namespace.value)
            .field("token", &"[redacted]")
            .finish_non_exhaustive()
    }
}

/// Host names and addresses of this machine.
pub(super) fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => true,
    }
}

fn optional<T>(
    flag: Option<T>,
    name: &'static str,
    variable: impl FnOnce() -> Option<Setting<T>>,
) -> Setting<Option<T>> {
    match flag {
        Some(value) => Setting::new(Some(value), Origin::Flag(name)),
        None => match variable() {
            Some(setting) => setting.map(Some),
            None => Setting::new(None, Origin::Default),
        },
    }
}

fn address(flags: &Flags, env: &Environment) -> Result<Setting<Url>, SettingsError> {
    let text = match &flags.address {
        Some(text) => Setting::new(text.clone(), Origin::Flag("--address")),
        None => env
            .server_variable("AGENT_ADDR")
            .or_else(|| env.server_variable("ADDR"))
            .unwrap_or_else(|| Setting::new("https://127.0.0.1:8200".to_owned(), Origin::Default)),
    };
    let refuse = |why: String| {
        SettingsError::new(format!("server address ({})", text.origin), why)
            .hinted("write it as https://vault.example.com:8200")
    };
    let url = Url::parse(&text.value)
        .map_err(|_| refuse(format!("{:?} is not an address", text.value)))?;
    match url.scheme() {
        "unix" => {}
        "http" | "https" => {
            if url.host().is_none() {
                return Err(refuse(format!("{:?} names no host", text.value)));
            }
            if !url.username().is_empty() || url.password().is_some() {
                return Err(refuse(
                    "a user or password in the address is not used".into(),
                ));
            }
            if url.query().is_some() || url.fragment().is_some() {
                return Err(refuse(format!(
                    "{:?} holds a query or a fragment",
                    text.value
                )));
            }
        }
        other => return Err(refuse(format!("{other}:// is not http, https or unix"))),
    }
    Ok(Setting::new(url, text.origin))
}

fn namespace(flags: &Flags, env: &Environment) -> Result<Setting<Option<String>>, SettingsError> {
    let found = optional(flags.namespace.clone(), "--namespace", || {
        env.server_variable("NAMESPACE")
    });
    let clean = found
        .value
        .as_deref()
        .map(|name| name.trim_matches('/').to_owned())
        .filter(|name| !name.is_empty() && name != "root");
    if let Some(name) = &clean
        && !name.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
    {
        return Err(SettingsError::new(
            format!("namespace ({})", found.origin),
            format!("{name:?} is no namespace"),
        ));
    }
    Ok(Setting::new(clean, found.origin))
}

/// The first that is given wins, and replaces the system's roots.
fn roots(flags: &Flags, env: &Environment) -> Setting<Roots> {
    if let Some(path) = &flags.ca_cert {
        return Setting::new(Roots::File(path.clone()), Origin::Flag("--ca-cert"));
    }
    if let Some(path) = &flags.ca_path {
        return Setting::new(Roots::Folder(path.clone()), Origin::Flag("--ca-path"));
    }
    let file = env
        .server_variable("CACERT")
        .map(|s| s.map(|p| Roots::File(p.into())));
    let pem = || {
        env.server_variable("CACERT_BYTES")
            .map(|s| s.map(Roots::Pem))
    };
    let folder = || {
        env.server_variable("CAPATH")
            .map(|s| s.map(|p| Roots::Folder(p.into())))
    };
    file.or_else(pem)
        .or_else(folder)
        .unwrap_or_else(|| Setting::new(Roots::System, Origin::Default))
}

/// Whether the server's certificate is left unverified, as the vendors' `…_SKIP_VERIFY` says.
fn skip_verify(env: &Environment) -> Result<Setting<bool>, SettingsError> {
    let Some(found) = env.server_variable("SKIP_VERIFY") else {
        return Ok(Setting::new(false, Origin::Default));
    };
    match found.value.as_str() {
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Setting::new(false, found.origin)),
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Setting::new(true, found.origin)),
        other => Err(SettingsError::new(
            found.origin,
            format!(
                "{:?} is neither true nor false",
                other.chars().take(40).collect::<String>()
            ),
        )),
    }
}

fn timeout(flags: &Flags, env: &Environment) -> Result<Setting<Duration>, SettingsError> {
    if let Some(timeout) = flags.timeout {
        return Ok(Setting::new(timeout, Origin::Flag("--timeout")));
    }
    let Some(found) = env.server_variable("CLIENT_TIMEOUT") else {
        return Ok(Setting::new(Duration::from_secs(60), Origin::Default));
    };
    match parse_duration(&found.value) {
        Some(duration) if !duration.is_zero() => Ok(Setting::new(duration, found.origin)),
        _ => Err(SettingsError::new(
            found.origin,
            format!(
                "{:?} is no duration: write seconds, or like 90s or 2m",
                found.value
            ),
        )),
    }
}

fn proxy(env: &Environment) -> Result<Setting<Option<Url>>, SettingsError> {
    let found = env
        .server_variable("PROXY_ADDR")
        .or_else(|| env.server_variable("HTTP_PROXY"));
    let Some(found) = found else {
        return Ok(Setting::new(None, Origin::Default));
    };
    let url = Url::parse(&found.value).map_err(|_| {
        SettingsError::new(
            &found.origin,
            format!("{:?} is not the address of a proxy", redacted(&found.value)),
        )
        .hinted("write it as http://proxy.example.com:3128")
    })?;
    Ok(Setting::new(Some(url), found.origin))
}

/// A proxy's address may hold a password before its `@`.
fn redacted(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::read(&Flags::default(), &Environment::of(variables, None))
    }

    #[test]
    fn bao_wins_over_vault_even_when_empty() {
        let settings = read(&[("BAO_ADDR", "https://a:1"), ("VAULT_ADDR", "https://b:2")]).unwrap();
        assert_eq!(settings.address.value.as_str(), "https://a:1/");
        assert_eq!(settings.address.origin, Origin::Variable("BAO_ADDR".into()));
        let settings = read(&[("BAO_ADDR", ""), ("VAULT_ADDR", "https://b:2")]).unwrap();
        assert_eq!(settings.address.value.as_str(), "https://127.0.0.1:8200/");
        let settings = read(&[("VAULT_TOKEN", "t"), ("VAULT_NAMESPACE", "/team/")]).unwrap();
        assert_eq!(settings.token.value.expose(), "t");
        assert_eq!(settings.namespace.value.as_deref(), Some("team"));
    }

    #[test]
    fn flags_win() {
        let flags = Flags {
            address: Some("http://127.0.0.1:1".into()),
            ..Flags::default()
        };
        let env = Environment::of(&[("BAO_ADDR", "https://a:1")], None);
        let settings = Settings::read(&flags, &env).unwrap();
        assert_eq!(settings.address.origin, Origin::Flag("--address"));
        assert!(settings.warnings.is_empty());
    }

    #[test]
    fn unverified_tls_is_warned_of() {
        for on in ["1", "true", "T"] {
            let settings = read(&[("BAO_SKIP_VERIFY", on)]).unwrap();
            assert!(settings.skip_verify.value);
            assert!(settings.warnings[0].contains("NOT verified (BAO_SKIP_VERIFY)"));
        }
        assert!(read(&[("VAULT_SKIP_VERIFY", "no")]).is_err());
        for off in ["", "0", "false"] {
            let settings = read(&[("VAULT_SKIP_VERIFY", off)]).unwrap();
            assert!(!settings.skip_verify.value && settings.warnings.is_empty());
        }
    }

    #[test]
    fn bad_settings_say_where() {
        for (name, value) in [
            ("VAULT_ADDR", "vault:8200/x"),
            ("VAULT_ADDR", "ftp://h"),
            ("VAULT_ADDR", "https://u:p@h"),
            ("VAULT_CLIENT_TIMEOUT", "soon"),
            ("VAULT_CLIENT_TIMEOUT", "0"),
            ("VAULT_CLIENT_CERT", "/x"),
            ("VAULT_PROXY_ADDR", "not a url"),
            ("VAULT_TOKEN", "a\nb"),
            ("VAULT_NAMESPACE", "ä"),
        ] {
            assert!(read(&[(name, value)]).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn the_token_is_not_in_debug() {
        let settings = read(&[("VAULT_TOKEN", "s.topsecret")]).unwrap();
        assert!(!format!("{settings:?}").contains("topsecret"));
    }
}
