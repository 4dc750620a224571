//! What is known before the first row is looked at: the config and its profiles.

use serde_json::Value;

use super::error::BulkError;
use super::request::CertKind;
use svpki_types::api::ProfileResponse;
use vault_client::{EngineClient, VaultErrorKind};

/// The config that a file is ordered through.
#[derive(Clone)]
pub struct TargetConfig {
    pub engine: EngineClient,
    pub config: String,
    pub kind: CertKind,
    pub profiles: Vec<ProfileResponse>,
    pub default_name: bool,
    /// `vault`, `once` or `never`.
    pub key_storage: String,
    /// Requests a second that the config sends to SCM; 0 is no limit.
    pub rate: u64,
    /// The cluster, namespace and mount, so that a journal of one is not taken for another's.
    pub location: String,
}

impl TargetConfig {
    pub async fn load(engine: EngineClient, config: &str) -> Result<Self, BulkError> {
        let fields = engine.config(config).await?.data;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = match text("sectigo_config_type") {
            "client_cert" => CertKind::Client,
            _ => CertKind::Ssl,
        };
        let rate = fields
            .get("max_requests_per_second")
            .and_then(Value::as_u64);
        Ok(Self {
            kind,
            profiles: profiles(&engine, config).await?,
            default_name: !text("sectigo_csr_domain").trim().is_empty(),
            key_storage: text("key_storage").to_owned(),
            rate: rate.unwrap_or_default(),
            location: location(&engine).await?,
            config: config.to_owned(),
            engine,
        })
    }

    /// The server's address as a person would write it.
    pub fn address(&self) -> String {
        let address = self.engine.server().address().to_string();
        address.trim_end_matches('/').to_owned()
    }

    /// How many rows are worked on at once when nobody says: the config's rate limit is kept busy, and no more.
    pub fn concurrency(&self) -> usize {
        match self.rate {
            0 => 16,
            rate => usize::try_from(rate).unwrap_or(16).clamp(1, 16),
        }
    }
}

async fn profiles(engine: &EngineClient, config: &str) -> Result<Vec<ProfileResponse>, BulkError> {
    let ids = match engine.profiles(config).await {
        Ok(listing) => listing.keys,
        // A token that may enrol need not see the profiles; rows then name them by id.
        Err(error) if error.kind == VaultErrorKind::Denied => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut profiles = Vec::with_capacity(ids.len());
    for id in ids {
        match engine.profile(config, &id).await {
            Ok(profile) => profiles.push(profile.value),
            Err(error) if error.kind == VaultErrorKind::Denied => {}
            Err(error) => return Err(error.into()),
        }
    }
    profiles.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    Ok(profiles)
}

/// The cluster's own id: nodes and addresses of one cluster share it.
async fn location(engine: &EngineClient) -> Result<String, BulkError> {
    let server = engine.server();
    let query = [("standbyok", "true"), ("perfstandbyok", "true")];
    let health = server.read("sys/health", &query).await?.data;
    let cluster = health
        .get("cluster_id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Ok(format!(
        "{cluster} {}/{}",
        server.namespace().unwrap_or_default(),
        engine.mount()
    ))
}
