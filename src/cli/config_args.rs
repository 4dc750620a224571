//! The fields of a config as flags. `config write` sends them; the wizard takes them as answers.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::CliError;
use super::fields::{put, text_of};
use super::label_args::{note, notes_object, notes_text};

/// The methods to log in at SCM, the newest first.
pub const AUTH_METHODS: [&str; 3] = ["oauth2", "password", "client_certificate"];

#[derive(Debug, Clone, Default, clap::Args)]
pub struct ConfigArgs {
    /// Kind of certificates
    #[arg(long = "type", value_name = "KIND", value_parser = ["ssl_cert", "client_cert"])]
    pub kind: Option<String>,
    /// SCM's address, such as https://cert-manager.com
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// The customer part of SCM's login page
    #[arg(long, value_name = "NAME")]
    pub customer_uri: Option<String>,
    /// PEM file of the CAs that SCM's own certificate comes from
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
    /// How to log in at SCM
    #[arg(long, value_name = "METHOD", value_parser = AUTH_METHODS)]
    pub auth_method: Option<String>,
    /// SCM login that may use the API; the method oauth2 has a client id instead
    #[arg(long, value_name = "LOGIN")]
    pub user: Option<String>,
    /// Client id, for the method oauth2
    #[arg(long, value_name = "ID")]
    pub oauth2_client_id: Option<String>,
    /// Address that gives OAuth 2 tokens; without it Sectigo's own
    #[arg(id = "oauth2_url", long = "oauth2-token-url", value_name = "URL")]
    pub oauth2_url: Option<String>,
    /// PEM file of the certificate with its chain, for the method client_certificate
    #[arg(long, value_name = "FILE")]
    pub auth_certificate: Option<PathBuf>,
    /// PEM file of its private key
    #[arg(long, value_name = "FILE")]
    pub auth_private_key: Option<PathBuf>,
    /// SCM's number of the organisation
    #[arg(long, value_name = "ID")]
    pub org_id: Option<i64>,
    /// Profile for requests that name none
    #[arg(long, value_name = "ID")]
    pub profile_id: Option<i64>,
    /// Term in days for requests that name none
    #[arg(long, value_name = "DAYS")]
    pub term: Option<i64>,
    /// Domains that may be asked for; may be given several times
    #[arg(long, value_name = "DOMAIN", value_delimiter = ',')]
    pub allowed_domains: Vec<String>,
    /// Names below the allowed domains may be asked for
    #[arg(long, value_name = "true|false")]
    pub allow_subdomains: Option<bool>,
    /// Wildcard names may be asked for
    #[arg(long, value_name = "true|false")]
    pub allow_wildcards: Option<bool>,
    /// Whose certificates these are
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// The team that looks after them
    #[arg(long, value_name = "NAME")]
    pub team: Option<String>,
    /// The ticket that they are ordered for
    #[arg(long, value_name = "ID")]
    pub ticket: Option<String>,
    /// A note of your own about them; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = note)]
    pub metadata: Vec<(String, String)>,
    /// Renew before the end, in the background
    #[arg(long, value_name = "true|false")]
    pub auto_renew: Option<bool>,
    /// When renewal is due: days before the end, or a share of the lifetime such as 33%
    #[arg(long, value_name = "DAYS|PERCENT")]
    pub expiry_window: Option<String>,
    /// What becomes of private keys: kept in Vault, handed out once, or never made here
    #[arg(long, value_name = "WHERE", value_parser = ["vault", "once", "never"])]
    pub key_storage: Option<String>,
}

impl ConfigArgs {
    /// The fields for the engine. Files are read here.
    pub fn fields(&self) -> Result<Map<String, Value>, CliError> {
        let mut fields = Map::new();
        let f = &mut fields;
        put(f, "sectigo_config_type", self.kind.clone());
        put(f, "sectigo_cm_base_url", self.base_url.clone());
        put(f, "sectigo_cm_uri", self.customer_uri.clone());
        put(f, "auth_method", self.auth_method.clone());
        put(f, "sectigo_cm_user", self.user.clone());
        put(f, "oauth2_client_id", self.oauth2_client_id.clone());
        put(f, "oauth2_token_url", self.oauth2_url.clone());
        put(f, "sectigo_cm_org_id", self.org_id);
        put(f, "profile_id", self.profile_id);
        put(f, "term", self.term);
        put(f, "allow_subdomains", self.allow_subdomains);
        put(f, "allow_wildcard_certificates", self.allow_wildcards);
        put(f, "owner", self.owner.clone());
        put(f, "team", self.team.clone());
        put(f, "ticket", self.ticket.clone());
        if !self.metadata.is_empty() {
            f.insert("metadata".into(), notes_object(&self.metadata));
        }
        put(f, "sectigo_auto_renew", self.auto_renew);
        put(f, "sectigo_expiry_window", self.expiry_window.clone());
        put(f, "key_storage", self.key_storage.clone());
        if !self.allowed_domains.is_empty() {
            f.insert("allowed_domains".into(), json!(self.allowed_domains));
        }
        for (name, file) in [
            ("ca_bundle", &self.ca_bundle),
            ("auth_certificate", &self.auth_certificate),
            ("auth_private_key", &self.auth_private_key),
        ] {
            if let Some(path) = file {
                f.insert(name.into(), text_of(path)?.into());
            }
        }
        Ok(fields)
    }

    /// The answers to the wizard's questions, which have the names of the flags.
    pub fn answers(&self) -> Vec<(&'static str, String)> {
        let text = |question, value: &Option<String>| value.clone().map(|value| (question, value));
        let file = |question, value: &Option<PathBuf>| {
            value
                .as_ref()
                .map(|path| (question, path.display().to_string()))
        };
        let number =
            |question, value: Option<i64>| value.map(|value| (question, value.to_string()));
        let truth =
            |question, value: Option<bool>| value.map(|value| (question, value.to_string()));
        let notes = (!self.metadata.is_empty()).then(|| ("metadata", notes_text(&self.metadata)));
        let domains = (!self.allowed_domains.is_empty())
            .then(|| ("allowed_domains", self.allowed_domains.join(",")));
        [
            text("type", &self.kind),
            text("base_url", &self.base_url),
            text("customer_uri", &self.customer_uri),
            file("ca_bundle", &self.ca_bundle),
            text("auth_method", &self.auth_method),
            text("user", &self.user),
            text("oauth2_client_id", &self.oauth2_client_id),
            text("oauth2_token_url", &self.oauth2_url),
            file("auth_certificate", &self.auth_certificate),
            file("auth_private_key", &self.auth_private_key),
            number("org_id", self.org_id),
            number("profile_id", self.profile_id),
            number("term", self.term),
            domains,
            truth("allow_subdomains", self.allow_subdomains),
            truth("allow_wildcards", self.allow_wildcards),
            text("owner", &self.owner),
            text("team", &self.team),
            text("ticket", &self.ticket),
            notes,
            truth("auto_renew", self.auto_renew),
            text("expiry_window", &self.expiry_window),
            text("key_storage", &self.key_storage),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The field for the secret of a login method.
pub fn secret_field(auth_method: Option<&str>) -> &'static str {
    match auth_method {
        Some("oauth2") => "oauth2_client_secret",
        Some("client_certificate") => "auth_private_key",
        _ => "sectigo_cm_password",
    }
}
