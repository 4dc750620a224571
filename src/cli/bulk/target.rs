//! The configs of a run, with their profiles. They are read before the first row is planned.

use std::collections::BTreeMap;

use serde_json::Value;

use super::columns::{Columns, Field};
use super::error::BulkError;
use super::input::Source;
use super::request::{CertKind, Finding};
use super::sheet::Row;
use crate::cli::{CliError, Context};
use svpki_types::api::ProfileResponse;
use vault_client::{EngineClient, VaultErrorKind};

/// The configs through which the rows of a file are ordered.
pub struct Targets {
    pub all: Vec<TargetConfig>,
    /// The index of the config for rows that name none. `None` when every row must name its config.
    default: Option<usize>,
    /// For each mount (may be empty) and config that rows name: the index in `all`, or why there is no such config.
    named: BTreeMap<(String, String), Result<usize, String>>,
}

/// Limits how many configs a sheet may name.
const MOST_CONFIGS: usize = 200;

impl Targets {
    /// One config for all rows.
    pub fn one(config: TargetConfig) -> Self {
        Self {
            all: vec![config],
            default: Some(0),
            named: BTreeMap::new(),
        }
    }

    /// The configs that the columns `Config` and `Mount` name. `default` is for rows whose cells are empty.
    pub async fn of_rows(
        context: &Context,
        default: Option<TargetConfig>,
        source: &Source,
    ) -> Result<Self, CliError> {
        let mut this = Self {
            default: default.as_ref().map(|_| 0),
            all: default.into_iter().collect(),
            named: BTreeMap::new(),
        };
        let mut input = source.rows().await?;
        while let Some(row) = input.next().await? {
            let named = names(&input.columns, &row);
            if named == Default::default() || this.named.contains_key(&named) {
                continue;
            }
            if this.named.len() >= MOST_CONFIGS {
                return Err(CliError::usage(format!(
                    "the file names more than {MOST_CONFIGS} configs"
                )));
            }
            let found = this.load(context, &named).await?;
            this.named.insert(named, found);
        }
        Ok(this)
    }

    async fn load(
        &mut self,
        context: &Context,
        (mount, config): &(String, String),
    ) -> Result<Result<usize, String>, CliError> {
        let config = match (config.as_str(), self.default.map(|at| &self.all[at])) {
            ("", Some(default)) => default.config.clone(),
            ("", None) => return Ok(Err("names a mount and no config".to_owned())),
            (config, _) => config.to_owned(),
        };
        let mut found = Vec::new();
        for engine in context.engines().await? {
            let is_meant = mount.is_empty() || engine.mount() == mount.trim_matches('/');
            if is_meant && engine.configs().await?.contains(&config) {
                found.push(engine);
            }
        }
        let engine = match found.len() {
            1 => found.remove(0),
            0 if mount.is_empty() => return Ok(Err(format!("there is no config {config:?}"))),
            0 => {
                return Ok(Err(format!(
                    "there is no config {config:?} in the mount {mount:?}"
                )));
            }
            _ => {
                return Ok(Err(format!(
                    "several mounts have a config {config:?}: say which in a column Mount"
                )));
            }
        };
        let same = self
            .all
            .iter()
            .position(|one| one.config == config && one.engine.mount() == engine.mount());
        if let Some(at) = same {
            return Ok(Ok(at));
        }
        self.all.push(TargetConfig::load(engine, &config).await?);
        Ok(Ok(self.all.len() - 1))
    }

    /// The index of a row's config.
    pub fn of(&self, columns: &Columns, row: &Row) -> Result<usize, Finding> {
        if let (Some(at), true) = (self.default, self.named.is_empty()) {
            return Ok(at);
        }
        let at = match self.named.get(&names(columns, row)) {
            Some(Ok(at)) => return Ok(*at),
            Some(Err(why)) => Err(why.clone()),
            None => self.default.ok_or_else(|| {
                "names no config, and there is no --config for such rows".to_owned()
            }),
        };
        at.map_err(|reason| Finding {
            column: columns
                .column(&Field::Config)
                .or_else(|| columns.column(&Field::Mount))
                .cloned(),
            reason,
        })
    }

    /// The config of all rows, if the rows do not name their configs.
    pub fn single(&self) -> Option<&TargetConfig> {
        match (self.all.as_slice(), self.named.is_empty()) {
            ([one], true) => Some(one),
            _ => None,
        }
    }

    pub fn names(&self) -> String {
        let names: Vec<&str> = self.all.iter().map(|one| one.config.as_str()).collect();
        names.join(", ")
    }

    /// How many rows are sent or checked at once, without `--concurrency`.
    pub fn concurrency(&self) -> usize {
        let sum: usize = self.all.iter().map(TargetConfig::concurrency).sum();
        sum.clamp(1, 64)
    }
}

/// The mount and the config that a row names; both may be empty.
fn names(columns: &Columns, row: &Row) -> (String, String) {
    let text = |field: &Field| {
        columns
            .column(field)
            .and_then(|column| row.cells.get(column.index))
            .map_or(String::new(), |cell| cell.text.trim().to_owned())
    };
    (text(&Field::Mount), text(&Field::Config))
}

/// A config through which rows are ordered.
#[derive(Clone)]
pub struct TargetConfig {
    pub engine: EngineClient,
    pub config: String,
    pub kind: CertKind,
    pub profiles: Vec<ProfileResponse>,
    pub default_name: bool,
    /// Whether names may be ordered that no public CA would issue.
    pub allow_private_names: bool,
    /// `vault`, `once` or `never`.
    pub key_storage: String,
    /// How many requests per second the config sends to SCM; 0 means no limit.
    pub rate: u64,
    /// The cluster, namespace and mount. A journal entry only counts in the same location.
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
            allow_private_names: fields
                .get("allow_private_names")
                .and_then(Value::as_bool)
                .unwrap_or_default(),
            default_name: !text("sectigo_csr_domain").trim().is_empty(),
            key_storage: text("key_storage").to_owned(),
            rate: rate.unwrap_or_default(),
            location: location(&engine).await?,
            config: config.to_owned(),
            engine,
        })
    }

    /// Distinguishes the rows of this config from the rows of other configs in the same file.
    pub fn scope(&self, first: &Self) -> String {
        if self.engine.mount() == first.engine.mount() {
            self.config.clone()
        } else {
            format!("{}/{}", self.engine.mount(), self.config)
        }
    }

    /// The server's address without a slash at the end.
    pub fn address(&self) -> String {
        let address = self.engine.server().address().to_string();
        address.trim_end_matches('/').to_owned()
    }

    /// How many rows are sent or checked at once, without `--concurrency`: as many as the rate limit can serve.
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
        // A token that may enrol need not be able to read the profiles. Rows can then name a profile only by its id.
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

/// The location of an engine. It starts with the cluster's id, which all nodes and addresses of a cluster share.
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
