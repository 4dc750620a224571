//! A config: one SCM account with its request defaults, its policy and its automation, read from the fields that
//! were written.

pub use super::field_values::text;

use std::time::Duration;

use super::field_names::FieldNames;
use super::fields;
use super::renewal_window::{RenewalRule, RenewalWindow, longest_public_term};
use super::role::{self, Reuse};
use super::store::{CertKind, ConfigRecord};
use super::{field_values, time};
use pki::PathPreference;
use svpki_types::{ConfigName, Labels, Secret};
use vault_plugin::framework::{Field, Values};
use vault_plugin::logical::Error;

/// The checked and typed form of a [`ConfigRecord`]. Built from the record each time it is needed.
#[derive(Clone)]
pub struct Config {
    pub name: ConfigName,
    pub kind: CertKind,
    pub base_url: String,
    pub customer_uri: String,
    pub org_id: i64,
    pub auth: scm_client::Auth,
    pub ca_bundle: Option<String>,
    pub max_requests_per_second: Option<f64>,
    pub scm_timeout: Duration,
    pub auto_renew: bool,
    pub window: RenewalWindow,
    pub max_timeout: Duration,
    pub loop_period: Duration,
    pub settle_after: i64,
    pub profile_refresh: i64,
    pub policy: Policy,
    pub field_names: FieldNames,
    pub chain: PathPreference,
    /// Whether `enroll` may answer with a certificate that is already in use; `reuse_until` is the window before its
    /// expiry in which it may not.
    pub reuse: Reuse,
    pub reuse_until: RenewalWindow,
    pub key_storage: KeyStorage,
    pub certs_include_key: bool,
    /// For certificates that have no labels of their own.
    pub labels: Labels,
    /// The given fields, in which request defaults are looked up.
    pub given: Values,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    pub allowed_domains: Vec<String>,
    pub allow_subdomains: bool,
    pub allow_wildcards: bool,
    pub allowed_email_domains: Vec<String>,
    pub allow_private_names: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStorage {
    Vault,
    Once,
    Never,
}

/// Every field that a config takes.
pub const FIELDS: &[&[Field]] = &[
    fields::ACCOUNT,
    fields::CONNECTION,
    fields::AUTOMATION,
    fields::POLICY,
    fields::SUBJECT,
    fields::PROFILE,
    fields::SSL,
    fields::CLIENT,
    fields::FORMATS_DEFAULT,
    fields::LABELS,
];

impl Config {
    /// Reads a stored config.
    pub fn load(name: &ConfigName, record: &ConfigRecord) -> Result<Self, Error> {
        let declared: Vec<&'static Field> = FIELDS.iter().flat_map(|group| group.iter()).collect();
        let (values, _) = Values::parse(&record.fields, &declared, &[])?;
        Self::of(name, values)
    }

    /// Checks everything about a config that can be checked without asking SCM.
    pub fn check(name: &ConfigName, given: Values) -> Result<Self, Error> {
        let config = Self::of(name, given)?;
        config.check_window(config.window, config.auto_renew, config.default_term()?)?;
        Ok(config)
    }

    /// Contains no check that depends on the date: a config that was once accepted must stay readable, also after the
    /// longest term of public certificates has become shorter.
    fn of(name: &ConfigName, given: Values) -> Result<Self, Error> {
        let kind = match text(&given, &fields::CONFIG_TYPE).as_deref() {
            Some("client_cert") => CertKind::Client,
            _ => CertKind::Ssl,
        };
        let window: RenewalWindow = text(&given, &fields::EXPIRY_WINDOW)
            .unwrap_or_default()
            .parse()
            .map_err(|error| Error::bad_request(format!("{error}")))?;
        let config = Self {
            name: name.clone(),
            kind,
            base_url: mandatory(&given, &fields::BASE_URL)?,
            customer_uri: customer_uri(&given)?,
            org_id: given.integer(&fields::ORG_ID).filter(|id| *id > 0).ok_or_else(|| {
                Error::bad_request("sectigo_cm_org_id is missing: give the id of the organisation or department")
            })?,
            auth: auth(&given)?,
            ca_bundle: text(&given, &fields::CA_BUNDLE).map(|pem| pki::with_line_ends(&pem).to_string()),
            max_requests_per_second: requests_per_second(&given)?,
            scm_timeout: seconds(&given, &fields::SCM_TIMEOUT),
            auto_renew: given.boolean(&fields::AUTO_RENEW).unwrap_or_default(),
            window,
            max_timeout: seconds(&given, &fields::MAX_TIMEOUT),
            loop_period: seconds(&given, &fields::LOOP_PERIOD).max(Duration::from_secs(1)),
            settle_after: whole_seconds(&given, &fields::SETTLE_AFTER),
            profile_refresh: whole_seconds(&given, &fields::PROFILE_REFRESH),
            policy: policy(&given)?,
            field_names: FieldNames::of(&given),
            chain: match text(&given, &fields::CHAIN).as_deref() {
                Some("short") => PathPreference::Short,
                _ => PathPreference::Compatible,
            },
            reuse: Reuse::of(&given, &fields::CONFIG_REUSE),
            reuse_until: role::reuse_until(&given)?,
            key_storage: match text(&given, &fields::KEY_STORAGE).as_deref() {
                Some("once") => KeyStorage::Once,
                Some("never") => KeyStorage::Never,
                _ => KeyStorage::Vault,
            },
            labels: super::labels::of(&given),
            certs_include_key: given.boolean(&fields::CERTS_INCLUDE_KEY).unwrap_or_default(),
            given,
        };
        field_values::check(&config.given, config.kind)?;
        Ok(config)
    }

    /// The SCM account without its secret. It is stored with an order, because a search with another account does not
    /// prove that SCM does not have the order.
    pub fn account(&self) -> String {
        let login = match &self.auth {
            scm_client::Auth::Password { login, .. }
            | scm_client::Auth::ClientCertificate { login, .. } => login,
            scm_client::Auth::OAuth2 { client_id, .. } => client_id,
        };
        format!("{login} at {}", self.address())
    }

    fn address(&self) -> &str {
        let address = self.base_url.trim_end_matches('/');
        address.strip_suffix("/api").unwrap_or(address)
    }

    /// Whether both configs see the same certificates under the same ids, whatever their logins are.
    pub fn shares_ids_with(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.customer_uri == other.customer_uri
            && self.address().eq_ignore_ascii_case(other.address())
    }

    /// The field with the secret that is sent to SCM, and the fields that decide to which address and for which user
    /// it is sent.
    pub fn login_fields(&self) -> (&'static Field, &'static [&'static Field]) {
        match self.auth {
            scm_client::Auth::Password { .. } => (
                &fields::PASSWORD,
                &[
                    &fields::AUTH_METHOD,
                    &fields::BASE_URL,
                    &fields::CA_BUNDLE,
                    &fields::CUSTOMER_URI,
                    &fields::USER,
                ],
            ),
            scm_client::Auth::ClientCertificate { .. } => (
                &fields::AUTH_PRIVATE_KEY,
                &[
                    &fields::AUTH_METHOD,
                    &fields::BASE_URL,
                    &fields::CA_BUNDLE,
                    &fields::CUSTOMER_URI,
                    &fields::USER,
                    &fields::AUTH_CERTIFICATE,
                ],
            ),
            scm_client::Auth::OAuth2 { .. } => (
                &fields::OAUTH2_CLIENT_SECRET,
                &[
                    &fields::AUTH_METHOD,
                    &fields::BASE_URL,
                    &fields::CA_BUNDLE,
                    &fields::CUSTOMER_URI,
                    &fields::OAUTH2_TOKEN_URL,
                    &fields::OAUTH2_CLIENT_ID,
                ],
            ),
        }
    }

    pub fn default_term(&self) -> Result<Option<i64>, Error> {
        field_values::term(&self.given, self.kind)
    }

    pub fn renewal_rule(&self) -> RenewalRule {
        RenewalRule {
            auto_renew: self.auto_renew,
            window: self.window,
        }
    }

    /// Refuses a window that would renew a certificate of this term (days) as soon as it is issued. Without a term,
    /// the longest term that a public certificate may have today is used.
    pub fn check_window(
        &self,
        window: RenewalWindow,
        auto_renew: bool,
        term: Option<i64>,
    ) -> Result<(), Error> {
        let cap = longest_public_term(time::now());
        let days = match (term, self.kind) {
            (Some(term), _) => term,
            (None, CertKind::Ssl) => cap,
            (None, CertKind::Client) => return Ok(()),
        };
        if !window.loops_for(days * 86_400) {
            return Ok(());
        }
        let basis = if term.is_some() {
            "a term"
        } else {
            "today's longest term"
        };
        Err(Error::bad_request(format!(
            "sectigo_expiry_window {window} would {verb} certificates with {basis} of {days} days {when}: use fewer \
             days, or a percentage such as 33%",
            verb = if auto_renew {
                "renew"
            } else {
                "show as expiring"
            },
            when = if auto_renew {
                "over and over"
            } else {
                "from their first day"
            },
        )))
    }

    /// Warnings about settings that are allowed and probably not intended.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.base_url.starts_with("http://") {
            warnings.push("sectigo_cm_base_url is plain http: logins and keys of this account travel unprotected".into());
        }
        if let (CertKind::Ssl, Ok(Some(term))) = (self.kind, self.default_term()) {
            let cap = longest_public_term(time::now());
            if term > cap {
                warnings.push(format!("a term of {term} days is above the {cap} days that a public TLS certificate may live today"));
            }
        }
        let private = self.policy.allowed_domains.iter().find_map(|name| {
            let why = pki::San::parse(name).ok()?.why_private()?;
            Some(format!("allowed_domains: {name} {why}; orders for it are refused unless allow_private_names=true"))
        });
        if self.kind == CertKind::Ssl && !self.policy.allow_private_names {
            warnings.extend(private);
        }
        if self.certs_include_key {
            warnings.push("certs_include_key=true: every token that may read certs/ of this config can read its private keys".into());
        }
        warnings
    }

    pub fn scm(&self) -> Result<scm_client::Client, Error> {
        scm_client::Client::new(scm_client::Settings {
            base_url: self.base_url.clone(),
            customer_uri: self.customer_uri.clone(),
            auth: self.auth.clone(),
            ca_bundle: self.ca_bundle.clone(),
            timeout: self.scm_timeout,
            max_requests_per_second: self.max_requests_per_second,
        })
        .map_err(|error| Error::bad_request(rename_setting_errors(error.text())))
    }
}

/// Replaces the names that `scm_client` uses in its error messages by the names of our fields.
fn rename_setting_errors(text: &str) -> String {
    [
        ("base_url", fields::BASE_URL.name),
        ("token_url", fields::OAUTH2_TOKEN_URL.name),
        (
            "the client certificate and its key",
            "auth_certificate and auth_private_key",
        ),
    ]
    .iter()
    .find_map(|(theirs, ours)| Some(format!("{ours}{}", text.strip_prefix(theirs)?)))
    .unwrap_or_else(|| text.to_owned())
}

fn mandatory(values: &Values, field: &Field) -> Result<String, Error> {
    text(values, field)
        .ok_or_else(|| Error::bad_request(format!("{} is missing: a config needs it", field.name)))
}

fn seconds(values: &Values, field: &Field) -> Duration {
    Duration::from_secs(values.seconds(field).unwrap_or_default())
}

fn whole_seconds(values: &Values, field: &Field) -> i64 {
    i64::try_from(values.seconds(field).unwrap_or_default()).unwrap_or(i64::MAX)
}

/// The customer URI becomes a part of certificate ids and so of paths, which limits its characters.
fn customer_uri(values: &Values) -> Result<String, Error> {
    let uri = mandatory(values, &fields::CUSTOMER_URI)?;
    let valid = uri.len() <= 100
        && uri
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if valid && !uri.contains("..") {
        return Ok(uri);
    }
    Err(Error::bad_request(
        "sectigo_cm_uri is the last part of SCM's login address: letters, digits, '-', '_' and '.' only",
    ))
}

fn requests_per_second(values: &Values) -> Result<Option<f64>, Error> {
    match values
        .integer(&fields::MAX_REQUESTS_PER_SECOND)
        .unwrap_or_default()
    {
        0 => Ok(None),
        n @ 1..=10_000 => Ok(Some(f64::from(u16::try_from(n).unwrap_or(u16::MAX)))),
        _ => Err(Error::bad_request(
            "max_requests_per_second is 0 (no limit) to 10000",
        )),
    }
}

fn auth(values: &Values) -> Result<scm_client::Auth, Error> {
    let secret = |field: &Field| {
        text(values, field).map(Secret::new).ok_or_else(|| {
            Error::bad_request(format!(
                "{} is missing: auth_method asks for it",
                field.name
            ))
        })
    };
    let needed = |field: &Field| {
        text(values, field).ok_or_else(|| {
            Error::bad_request(format!(
                "{} is missing: auth_method asks for it",
                field.name
            ))
        })
    };
    match text(values, &fields::AUTH_METHOD).as_deref() {
        Some("client_certificate") => Ok(scm_client::Auth::ClientCertificate {
            login: needed(&fields::USER)?,
            certificate_pem: pki::with_line_ends(&needed(&fields::AUTH_CERTIFICATE)?).to_string(),
            key: Secret::new(
                pki::with_line_ends(secret(&fields::AUTH_PRIVATE_KEY)?.expose()).as_str(),
            ),
        }),
        Some("oauth2") => Ok(scm_client::Auth::OAuth2 {
            token_url: needed(&fields::OAUTH2_TOKEN_URL)?,
            client_id: needed(&fields::OAUTH2_CLIENT_ID)?,
            client_secret: secret(&fields::OAUTH2_CLIENT_SECRET)?,
        }),
        _ => Ok(scm_client::Auth::Password {
            login: needed(&fields::USER)?,
            password: secret(&fields::PASSWORD)?,
        }),
    }
}

fn policy(values: &Values) -> Result<Policy, Error> {
    let folded = |field: &Field| -> Result<Vec<String>, Error> {
        values
            .text_list(field)
            .unwrap_or_default()
            .iter()
            .map(|name| fold_allowed(field, name))
            .collect()
    };
    Ok(Policy {
        allowed_domains: folded(&fields::ALLOWED_DOMAINS)?,
        allow_subdomains: values
            .boolean(&fields::ALLOW_SUBDOMAINS)
            .unwrap_or_default(),
        allow_wildcards: values.boolean(&fields::ALLOW_WILDCARDS).unwrap_or(true),
        allowed_email_domains: folded(&fields::ALLOWED_EMAIL_DOMAINS)?,
        allow_private_names: values
            .boolean(&fields::ALLOW_PRIVATE_NAMES)
            .unwrap_or_default(),
    })
}

fn fold_allowed(field: &Field, name: &str) -> Result<String, Error> {
    if let Ok(ip) = name.parse::<std::net::IpAddr>() {
        return Ok(ip.to_string());
    }
    pki::domain_name(name.trim_start_matches('.'))
        .map_err(|error| Error::bad_request(format!("{}: {error}", field.name)))
}
