//! What this SCM offers and how it behaves: organisations, accounts, profiles, switches and the scenario's rules.
//!
//! One TOML or JSON file contains all of it (`scm-sim serve --scenario FILE`). Whatever the file leaves out has its
//! default value, but a list (`organisations`, `accounts`, `profiles`, `custom_fields`) replaces the whole default
//! list.

mod defaults;
mod rules;
mod span;
mod switches;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use rules::{Dcv, Drop, Effects, ErrorAnswer, OneOrMany, Rule};
pub use span::{NotASpan, Span};
pub use switches::{
    Absent, ClientVersions, DateStyle, DcvMissing, DcvWords, FilterMatch, NotReady, PemOrder,
    SerialStyle, Switches,
};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub organisations: Vec<Organisation>,
    pub accounts: Vec<Account>,
    pub profiles: Vec<Profile>,
    pub custom_fields: Vec<CustomField>,
    pub domains: Vec<DomainSetting>,
    pub switches: Switches,
    pub rules: Vec<Rule>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    pub id: u32,
    pub name: String,
    #[serde(default)]
    pub departments: Vec<Department>,
    /// "Enable Web/REST API" for SSL certificates.
    #[serde(default = "yes")]
    pub ssl_api: bool,
    /// "Enable Web/REST API" for client certificates.
    #[serde(default = "yes")]
    pub client_api: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub id: u32,
    pub name: String,
}

/// An administrator of SCM.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub login: String,
    /// If absent, generated at the first start and stored in the state file.
    pub password: Option<String>,
    #[serde(default = "default_customer_uri")]
    pub customer_uri: String,
    /// The OAuth2 client of this administrator; its secret is generated if absent.
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    /// "Allow SSL auto approve": without it, the orders of this administrator stay `Requested`.
    #[serde(default = "yes")]
    pub auto_approve: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Ssl,
    /// S/MIME.
    Client,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub id: u32,
    pub name: String,
    #[serde(default = "ssl")]
    pub kind: Kind,
    pub description: Option<String>,
    /// The allowed terms in days.
    #[serde(default = "default_terms")]
    pub terms: Vec<u32>,
    /// The allowed sizes or curves by algorithm (`RSA`, `EC`).
    #[serde(default = "all_keys")]
    pub key_types: BTreeMap<String, Vec<String>>,
    /// Only these organisations and departments may use the profile; if empty, all may.
    #[serde(default)]
    pub organisations: Vec<u32>,
    /// The actual lifetime of the certificates, independent of the term, to watch renewals.
    pub lifetime: Option<Span>,
    /// Whether certificates of the profile may be renewed (-180 otherwise).
    #[serde(default = "yes")]
    pub renewable: bool,
    /// An administrator has deleted the profile: it is not shown, and nobody may order with it.
    #[serde(default)]
    pub deleted: bool,
    /// The profile with which certificates of the deleted profile are renewed.
    pub superseded_by: Option<u32>,
    /// The most valid certificates of one person (-188); only for S/MIME.
    pub max_valid_per_person: Option<usize>,
    /// How orders of this profile proceed, unless a rule says otherwise.
    #[serde(default)]
    pub course: Effects,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    pub id: u32,
    pub name: String,
    #[serde(default = "ssl")]
    pub kind: Kind,
    #[serde(default)]
    pub mandatory: bool,
    /// `TEXT_SINGLE_LINE`, `TEXT_MULTI_LINE`, `EMAIL`, `NUMBER`, `TEXT_OPTION` or `DATE`.
    #[serde(default = "single_line")]
    pub input: String,
    #[serde(default)]
    pub options: Vec<String>,
    /// Only orders of these profiles must have the field; if empty, all orders.
    #[serde(default)]
    pub profiles: Vec<u32>,
}

/// A domain that exists from the start.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainSetting {
    pub name: String,
    /// The organisations and departments to which the domain is delegated; if empty, all.
    #[serde(default)]
    pub organisations: Vec<u32>,
    #[serde(default)]
    pub suspended: bool,
    /// How long the domain's validation is still valid; negative if it has expired. If absent, the domain was never
    /// validated.
    pub valid_for: Option<Span>,
    /// How the domain was validated; `CNAME` if absent.
    pub method: Option<Method>,
}

/// How control of a domain is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Email,
    Cname,
    Http,
    Https,
    Txt,
}

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("cannot read the scenario {path}: {source}")]
    Unreadable {
        path: String,
        source: std::io::Error,
    },
    #[error("the scenario {path} is not valid: {reason}")]
    Invalid { path: String, reason: String },
    #[error("the scenario contradicts itself: {0}")]
    Contradiction(String),
}

impl Settings {
    /// Reads a `.json` file as JSON, everything else as TOML.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| SettingsError::Unreadable {
            path: shown.clone(),
            source,
        })?;
        let parsed = if path.extension().is_some_and(|ext| ext == "json") {
            serde_json::from_str(&text).map_err(|error| error.to_string())
        } else {
            toml::from_str(&text).map_err(|error| error.to_string())
        };
        let settings: Self = parsed.map_err(|reason| SettingsError::Invalid {
            path: shown,
            reason,
        })?;
        settings.check()?;
        Ok(settings)
    }

    /// Refuses settings that would cause surprises later: no account, a duplicate id, a profile without a term.
    pub fn check(&self) -> Result<(), SettingsError> {
        let refuse = |text: String| Err(SettingsError::Contradiction(text));
        if self.accounts.is_empty() {
            return refuse("there is no account to log in with".to_owned());
        }
        let mut ids: Vec<u32> = self.organisation_ids().collect();
        if let Some(id) = first_twice(&mut ids) {
            return refuse(format!("organisation or department id {id} occurs twice"));
        }
        let mut ids: Vec<u32> = self.profiles.iter().map(|profile| profile.id).collect();
        if let Some(id) = first_twice(&mut ids) {
            return refuse(format!("profile id {id} occurs twice"));
        }
        if let Some(profile) = self.profiles.iter().find(|p| p.terms.is_empty()) {
            return refuse(format!("profile {} has no terms", profile.id));
        }
        Ok(())
    }

    pub fn profile(&self, kind: Kind, id: u32) -> Option<&Profile> {
        self.profiles.iter().find(|p| p.kind == kind && p.id == id)
    }

    /// The organisation with this id, or with a department with this id.
    pub fn organisation(&self, id: u32) -> Option<&Organisation> {
        self.organisations
            .iter()
            .find(|org| org.id == id || org.departments.iter().any(|dep| dep.id == id))
    }

    fn organisation_ids(&self) -> impl Iterator<Item = u32> {
        self.organisations
            .iter()
            .flat_map(|org| std::iter::once(org.id).chain(org.departments.iter().map(|dep| dep.id)))
    }
}

impl Profile {
    /// The terms that are not too long; if all are too long, only `longest` itself.
    pub fn terms_within(&self, longest: u32) -> Vec<u32> {
        let terms: Vec<u32> = self
            .terms
            .iter()
            .copied()
            .filter(|term| *term <= longest)
            .collect();
        match terms.is_empty() {
            true => vec![longest],
            false => terms,
        }
    }

    pub fn serves(&self, organisation: &Organisation, asked: u32) -> bool {
        self.organisations.is_empty()
            || self.organisations.contains(&asked)
            || self.organisations.contains(&organisation.id)
    }
}

fn first_twice(ids: &mut [u32]) -> Option<u32> {
    ids.sort_unstable();
    ids.windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
}

fn yes() -> bool {
    true
}

fn ssl() -> Kind {
    Kind::Ssl
}

fn single_line() -> String {
    "TEXT_SINGLE_LINE".to_owned()
}

fn default_customer_uri() -> String {
    "example".to_owned()
}

fn default_terms() -> Vec<u32> {
    vec![90, 199, 365]
}

fn all_keys() -> BTreeMap<String, Vec<String>> {
    defaults::keys(&["2048", "3072", "4096"], &["P-256", "P-384", "P-521"])
}
