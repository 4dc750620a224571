//! The Sectigo engine's own paths, typed.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{Answer, Answered, Listing, Server, VaultError, VaultErrorKind};
use svpki_types::api::{
    CertificateResponse, ConfigHealth, DomainResponse, HealthResponse, InventoryResponse,
    OrderResponse, ProfileResponse, TidyResponse,
};
use svpki_types::{Labels, Status};

/// One mount of the engine.
#[derive(Debug, Clone)]
pub struct EngineClient {
    server: Server,
    mount: String,
}

/// The filters of `inventory`; empty members do not filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InventoryQuery {
    pub status: Vec<Status>,
    pub config: String,
    /// Part of a name, an alternative name, a serial number or an id.
    pub q: String,
    /// RFC 3339, a date, or a distance from now such as `30d`.
    pub expires_before: String,
    pub expires_after: String,
    /// Empty members do not filter.
    pub labels: Labels,
    /// As `expires_after`, for the first day.
    pub issued_after: String,
    pub sort: String,
    pub after: String,
    /// Rows a page; 0 leaves it to the engine.
    pub limit: usize,
}

impl EngineClient {
    pub(super) fn new(server: Server, mount: &str) -> Self {
        Self {
            server,
            mount: mount.trim_matches('/').to_owned(),
        }
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The mount's path, without slashes around it.
    pub fn mount(&self) -> &str {
        &self.mount
    }

    /// The same mount for calls that may last as long as `patience`, if that is longer than the settings say.
    pub fn patient(&self, patience: Duration) -> Result<Self, VaultError> {
        if patience <= self.server.settings().timeout.value {
            return Ok(self.clone());
        }
        let server = self
            .server
            .with_timeout(patience)
            .map_err(|why| VaultError::bad_path(&self.mount, why))?;
        Ok(Self {
            server,
            mount: self.mount.clone(),
        })
    }

    /// The full path of something in this mount: what goes into a `vault` command.
    pub fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.mount)
    }

    // --- configs

    /// All configs; those that the token has rights on, where it may not list them.
    pub async fn configs(&self) -> Result<Vec<String>, VaultError> {
        match self.server.list(&self.path("configs/"), &[]).await {
            Ok(listing) => Ok(listing.keys),
            Err(error) if error.kind == VaultErrorKind::Denied => {
                let own = self.own_configs().await;
                own_or(own.map(|own| (!own.is_empty()).then_some(own)), error)
            }
            Err(error) => Err(error),
        }
    }

    pub async fn config(&self, name: &str) -> Result<Answer, VaultError> {
        self.server.read(&self.at("configs", &[name])?, &[]).await
    }

    /// Creates a config or changes the given fields of one.
    pub async fn write_config(&self, name: &str, fields: &Value) -> Result<Answer, VaultError> {
        self.server
            .write(&self.at("configs", &[name])?, fields)
            .await
    }

    /// Asks SCM with these settings and stores nothing.
    pub async fn try_config(
        &self,
        name: &str,
        fields: &Map<String, Value>,
    ) -> Result<Answered<ConfigHealth>, VaultError> {
        let mut fields = fields.clone();
        fields.insert("dry_run".into(), json!(true));
        self.write("configs", &[name], &Value::Object(fields)).await
    }

    pub async fn delete_config(&self, name: &str, force: bool) -> Result<Answer, VaultError> {
        let query = if force { &[("force", "true")][..] } else { &[] };
        self.server
            .delete(&self.at("configs", &[name])?, query)
            .await
    }

    // --- roles

    pub async fn roles(&self) -> Result<Vec<String>, VaultError> {
        Ok(self.server.list(&self.path("roles/"), &[]).await?.keys)
    }

    pub async fn role(&self, name: &str) -> Result<Answer, VaultError> {
        self.server.read(&self.at("roles", &[name])?, &[]).await
    }

    /// Creates a role or changes the given fields of one.
    pub async fn write_role(&self, name: &str, fields: &Value) -> Result<Answer, VaultError> {
        self.server.write(&self.at("roles", &[name])?, fields).await
    }

    pub async fn delete_role(&self, name: &str) -> Result<Answer, VaultError> {
        self.server.delete(&self.at("roles", &[name])?, &[]).await
    }

    /// A certificate with its key, in the words of Vault's own PKI engine.
    pub async fn issue(&self, role: &str, fields: &Value) -> Result<Answer, VaultError> {
        self.server.write(&self.at("issue", &[role])?, fields).await
    }

    // --- certificates

    pub async fn enroll(
        &self,
        config: &str,
        fields: &Value,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        self.write("enroll", &[config], fields).await
    }

    /// Checks all of an order that can be checked without SCM, and orders nothing: what would be ordered.
    pub async fn try_enroll(
        &self,
        config: &str,
        fields: &Map<String, Value>,
    ) -> Result<Answer, VaultError> {
        let mut fields = fields.clone();
        fields.insert("dry_run".into(), json!(true));
        self.server
            .write(&self.at("enroll", &[config])?, &Value::Object(fields))
            .await
    }

    /// One folder's ids with what is known of each; for a page at a time use [`EngineClient::inventory`].
    pub async fn certs(&self, config: &str) -> Result<Listing, VaultError> {
        self.list("certs", &[config]).await
    }

    /// A certificate without its key. When automatic renewal is due, this nudges it.
    pub async fn cert(
        &self,
        config: &str,
        id: &str,
        format: Option<&str>,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        self.read_certificate("certs", config, id, format).await
    }

    /// The stored copy; nothing else happens.
    pub async fn readcert(
        &self,
        config: &str,
        id: &str,
        format: Option<&str>,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        self.read_certificate("readcert", config, id, format).await
    }

    /// The newest issued certificate for a common name, with its key.
    pub async fn current(
        &self,
        config: &str,
        common_name: &str,
        format: Option<&str>,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        self.read_certificate("current", config, common_name, format)
            .await
    }

    /// A certificate with its private key, as PEM. Other formats are made where they are needed, so that their
    /// passwords are sent nowhere.
    pub async fn key(
        &self,
        config: &str,
        id: &str,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        self.read_certificate("keys", config, id, None).await
    }

    /// Removes the stored copy; SCM is not told.
    pub async fn delete_cert(&self, config: &str, id: &str) -> Result<Answer, VaultError> {
        self.server
            .delete(&self.at("certs", &[config, id])?, &[])
            .await
    }

    pub async fn revoke(
        &self,
        config: &str,
        id: &str,
        fields: &Value,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        self.write("revoke", &[config, id], fields).await
    }

    pub async fn renew(
        &self,
        config: &str,
        id: &str,
        fields: &Value,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        self.write("renew", &[config, id], fields).await
    }

    pub async fn replace(
        &self,
        config: &str,
        id: &str,
        fields: &Value,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        self.write("replace", &[config, id], fields).await
    }

    /// Brings a certificate that SCM has into storage.
    pub async fn fetch(
        &self,
        config: &str,
        id: &str,
        fields: &Value,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        self.write("fetch", &[config, id], fields).await
    }

    // --- orders

    pub async fn orders(&self, config: &str) -> Result<Listing, VaultError> {
        self.list("orders", &[config]).await
    }

    pub async fn order(
        &self,
        config: &str,
        id: &str,
    ) -> Result<Answered<OrderResponse>, VaultError> {
        self.read("orders", &[config, id]).await
    }

    /// Asks SCM for the order now.
    pub async fn poll_order(
        &self,
        config: &str,
        id: &str,
    ) -> Result<Answered<OrderResponse>, VaultError> {
        self.server
            .write(&self.at("orders", &[config, id])?, &json!({}))
            .await?
            .into()
    }

    /// The order as it ended, which SCM may have done first; all empty where it had ended before, and its record is
    /// removed. With `force` an order that may be at SCM is given up, too, and its key is lost.
    pub async fn cancel_order(
        &self,
        config: &str,
        id: &str,
        force: bool,
    ) -> Result<Answered<OrderResponse>, VaultError> {
        let query: &[(&str, &str)] = if force { &[("force", "true")] } else { &[] };
        self.server
            .delete(&self.at("orders", &[config, id])?, query)
            .await?
            .into()
    }

    // --- profiles

    pub async fn profiles(&self, config: &str) -> Result<Listing, VaultError> {
        self.list("profile", &[config]).await
    }

    pub async fn profile(
        &self,
        config: &str,
        id: &str,
    ) -> Result<Answered<ProfileResponse>, VaultError> {
        self.read("profile", &[config, id]).await
    }

    /// Downloads one profile, or all of them.
    pub async fn sync_profiles(
        &self,
        config: &str,
        id: Option<&str>,
    ) -> Result<Answer, VaultError> {
        let path = match id {
            Some(id) => self.at("profile", &[config, id])?,
            None => self.at("profile", &[config])?,
        };
        self.server.write(&path, &json!({})).await
    }

    // --- the mount as a whole

    /// One page over all configs of the mount; over those that the token has rights on, where it may not see the mount.
    pub async fn inventory(
        &self,
        query: &InventoryQuery,
    ) -> Result<Answered<InventoryResponse>, VaultError> {
        let pairs = query.pairs();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (*k, v.as_str())).collect();
        match self.server.read(&self.path("inventory"), &pairs).await {
            Err(error) if error.kind == VaultErrorKind::Denied => {
                own_or(self.own_inventory(query).await, error)
            }
            other => other?.into(),
        }
    }

    pub async fn health(&self) -> Result<Answered<HealthResponse>, VaultError> {
        self.health_of(None).await
    }

    /// What the last looks at the accounts found, of one config or of all; of those that the token has rights on, where
    /// it may not see the mount.
    pub async fn health_of(
        &self,
        config: Option<&str>,
    ) -> Result<Answered<HealthResponse>, VaultError> {
        let answer = self.server.read(&self.path("health"), &[]).await;
        let mut answer: Answered<HealthResponse> = match answer {
            Err(error) if error.kind == VaultErrorKind::Denied => {
                return own_or(self.own_health(config).await, error);
            }
            other => other?.into()?,
        };
        if let Some(config) = config {
            answer.value.configs.retain(|name, _| name == config);
        }
        Ok(answer)
    }

    /// Asks SCM now.
    pub async fn config_health(&self, config: &str) -> Result<Answered<ConfigHealth>, VaultError> {
        self.read("health", &[config]).await
    }

    // --- domains

    /// Domains of the config's account, with `key_info`.
    pub async fn domains(&self, config: &str) -> Result<Listing, VaultError> {
        self.list("domains", &[config]).await
    }

    pub async fn domain(
        &self,
        config: &str,
        domain: &str,
    ) -> Result<Answered<DomainResponse>, VaultError> {
        self.read("domains", &[config, domain]).await
    }

    /// `action`: `start` or `check`.
    pub async fn step_domain(
        &self,
        config: &str,
        domain: &str,
        fields: &Value,
    ) -> Result<Answered<DomainResponse>, VaultError> {
        self.write("domains", &[config, domain], fields).await
    }

    pub async fn tidy(&self, fields: &Value) -> Result<Answered<TidyResponse>, VaultError> {
        self.write("tidy", &[], fields).await
    }

    pub async fn tidy_status(&self) -> Result<Answered<TidyResponse>, VaultError> {
        self.read("tidy-status", &[]).await
    }

    /// A page of the comparison of SCM's list with ours: `rows` and `next`.
    pub async fn reconcile(
        &self,
        config: &str,
        after: &str,
        limit: usize,
    ) -> Result<Answer, VaultError> {
        let limit = limit.to_string();
        let mut query = vec![("limit", limit.as_str())];
        if !after.is_empty() {
            query.push(("after", after));
        }
        self.server
            .read(&self.at("reconcile", &[config])?, &query)
            .await
    }

    async fn list(&self, folder: &str, names: &[&str]) -> Result<Listing, VaultError> {
        let path = self.at(folder, names)?;
        self.server.list(&format!("{path}/"), &[]).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        folder: &str,
        names: &[&str],
    ) -> Result<Answered<T>, VaultError> {
        self.server
            .read(&self.at(folder, names)?, &[])
            .await?
            .into()
    }

    async fn write<T: DeserializeOwned>(
        &self,
        folder: &str,
        names: &[&str],
        fields: &Value,
    ) -> Result<Answered<T>, VaultError> {
        self.server
            .write(&self.at(folder, names)?, fields)
            .await?
            .into()
    }

    async fn read_certificate(
        &self,
        folder: &str,
        config: &str,
        id: &str,
        format: Option<&str>,
    ) -> Result<Answered<CertificateResponse>, VaultError> {
        let format = format.map(|text| [("format", text)]);
        let query = format.as_ref().map_or(&[][..], |pair| &pair[..]);
        self.server
            .read(&self.at(folder, &[config, id])?, query)
            .await?
            .into()
    }

    /// Joins names into a path, each staying in its own segment.
    pub(super) fn at(&self, folder: &str, names: &[&str]) -> Result<String, VaultError> {
        let mut path = self.path(folder);
        for name in names {
            if name.is_empty() || name.contains('/') {
                let why = format!("{name:?} is no name or id: it is empty or holds a '/'");
                return Err(VaultError::bad_path(&path, why));
            }
            path.push('/');
            path.push_str(name);
        }
        Ok(path)
    }
}

/// What a token sees of its own configs; where there is nothing of its own, that it may not see the mount.
fn own_or<T>(own: Result<Option<T>, VaultError>, denied: VaultError) -> Result<T, VaultError> {
    match own {
        Ok(Some(own)) => Ok(own),
        Ok(None) => Err(denied),
        Err(error) if error.kind == VaultErrorKind::Denied => Err(denied),
        Err(error) => Err(error),
    }
}

impl InventoryQuery {
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let words: Vec<&str> = self.status.iter().map(|status| status.as_str()).collect();
        let notes: Vec<String> = self
            .labels
            .metadata
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut pairs = vec![
            ("status", words.join(",")),
            ("config", self.config.clone()),
            ("q", self.q.clone()),
            ("expires_before", self.expires_before.clone()),
            ("expires_after", self.expires_after.clone()),
            ("owner", self.labels.owner.clone()),
            ("team", self.labels.team.clone()),
            ("ticket", self.labels.ticket.clone()),
            ("metadata", notes.join(",")),
            ("issued_after", self.issued_after.clone()),
            ("sort", self.sort.clone()),
            ("after", self.after.clone()),
        ];
        if self.limit > 0 {
            pairs.push(("limit", self.limit.to_string()));
        }
        pairs.retain(|(_, value)| !value.is_empty());
        pairs
    }
}
