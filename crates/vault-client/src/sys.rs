//! The server's own paths: mounts, plugin catalogue, token, capabilities, health.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::endpoint::Operation;
use super::{EngineClient, Server, VaultError, VaultErrorKind};

/// The name under which the plugin is registered, and so the type of its mounts.
pub const PLUGIN_NAME: &str = "sectigo-vault-pki";

/// A secrets engine's mount.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mount {
    /// Without the trailing slash.
    pub path: String,
    /// The plugin's name.
    pub kind: String,
    pub description: String,
    pub accessor: String,
    /// The version that the mount is pinned to; empty when it follows the catalogue.
    pub plugin_version: String,
    /// The version that serves now; empty when the token may not see it.
    pub running_plugin_version: String,
    pub running_sha256: String,
}

/// Answer of `sys/health`: needs no token and comes from a sealed server too.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ServerHealth {
    pub initialized: bool,
    pub sealed: bool,
    pub standby: bool,
    pub performance_standby: bool,
    pub version: String,
    pub cluster_name: String,
    pub server_time_utc: i64,
    enterprise: Option<Value>,
    echo_duration_ms: Option<Value>,
}

impl ServerHealth {
    /// For words on the screen only.
    pub fn product(&self) -> ServerProduct {
        // OpenBao begins at 2.0; of the two only Vault tells of its editions and its replication's timing.
        let tells = self.enterprise.is_some() || self.echo_duration_ms.is_some();
        if tells || self.version.starts_with("1.") {
            ServerProduct::Vault
        } else {
            ServerProduct::OpenBao
        }
    }
}

/// Which of the two servers it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ServerProduct {
    OpenBao,
    #[default]
    Vault,
}

impl ServerProduct {
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenBao => "OpenBao",
            Self::Vault => "Vault",
        }
    }

    /// The command of its own command line.
    pub fn command(self) -> &'static str {
        match self {
            Self::OpenBao => "bao",
            Self::Vault => "vault",
        }
    }
}

/// What is known of our own token.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TokenInfo {
    pub accessor: String,
    pub display_name: String,
    pub policies: Vec<String>,
    pub identity_policies: Option<Vec<String>>,
    pub renewable: bool,
    /// Seconds; 0 when it does not end.
    pub ttl: i64,
    pub expire_time: Option<String>,
}

/// By path: `read`, `update`, `deny`, …
pub type Capabilities = BTreeMap<String, Vec<String>>;

/// A plugin as the catalogue has it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CatalogPlugin {
    pub name: String,
    pub version: String,
    pub command: String,
    pub args: Option<Vec<String>>,
    pub sha256: String,
    pub builtin: bool,
    pub deprecation_status: String,
    /// The server does not find the file that is registered: nothing can be started from this entry.
    #[serde(skip)]
    pub file_is_missing: bool,
}

impl Server {
    /// The mounts of our plugin that this token can see, sorted by path. Mounts registered under another name of
    /// the plugin are not found: [`Server::all_mounts`] has them.
    pub async fn mounts(&self) -> Result<Vec<EngineClient>, VaultError> {
        let mounts = self.all_mounts().await?;
        Ok(mounts
            .into_iter()
            .filter(|mount| mount.kind == PLUGIN_NAME)
            .map(|mount| self.engine(&mount.path))
            .collect())
    }

    /// The engine at a mount path.
    pub fn engine(&self, mount: &str) -> EngineClient {
        EngineClient::new(self.clone(), mount)
    }

    /// Every secrets engine, sorted by path. A token without `sys/mounts` sees those it has any right on.
    pub async fn all_mounts(&self) -> Result<Vec<Mount>, VaultError> {
        let data = match self.read("sys/mounts", &[]).await {
            Ok(answer) => answer.data,
            Err(error) if error.kind == VaultErrorKind::Denied => {
                let mut answer = match self.read("sys/internal/ui/mounts", &[]).await {
                    Ok(answer) => answer,
                    Err(_) => return Err(error),
                };
                match answer.data.remove("secret") {
                    Some(Value::Object(secret)) => secret,
                    _ => Map::new(),
                }
            }
            Err(error) => return Err(error),
        };
        let mut mounts: Vec<Mount> = data
            .into_iter()
            .filter(|(_, value)| value.get("type").is_some())
            .map(|(path, value)| {
                let text = |name: &str| {
                    value
                        .get(name)
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                Mount {
                    path: path.trim_end_matches('/').to_owned(),
                    kind: text("type"),
                    description: text("description"),
                    accessor: text("accessor"),
                    plugin_version: text("plugin_version"),
                    running_plugin_version: text("running_plugin_version"),
                    running_sha256: text("running_sha256"),
                }
            })
            .collect();
        mounts.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(mounts)
    }

    /// Mounts the engine at a path.
    pub async fn mount(&self, path: &str, fields: &Value) -> Result<(), VaultError> {
        self.write(&format!("sys/mounts/{path}"), fields)
            .await
            .map(drop)
    }

    pub async fn unmount(&self, path: &str) -> Result<(), VaultError> {
        self.delete(&format!("sys/mounts/{path}"), &[])
            .await
            .map(drop)
    }

    /// The mount's own settings: time to live, audit keys, plugin version.
    pub async fn mount_tuning(&self, path: &str) -> Result<Map<String, Value>, VaultError> {
        Ok(self
            .read(&format!("sys/mounts/{path}/tune"), &[])
            .await?
            .data)
    }

    pub async fn tune_mount(&self, path: &str, fields: &Value) -> Result<(), VaultError> {
        self.write(&format!("sys/mounts/{path}/tune"), fields)
            .await
            .map(drop)
    }

    /// The registered versions of a secrets plugin; empty when it is not registered.
    pub async fn catalog(&self, name: &str) -> Result<Vec<CatalogPlugin>, VaultError> {
        let (request, body) = self
            .root()?
            .send(Operation::Read, "sys/plugins/catalog", &[], None)
            .await?;
        let detailed = body
            .pointer("/data/detailed")
            .or_else(|| body.get("detailed"));
        let mut found = Vec::new();
        for entry in detailed.and_then(Value::as_array).into_iter().flatten() {
            let text = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default();
            if text("type") == "secret" && text("name") == name {
                let plugin: CatalogPlugin = serde_json::from_value(entry.clone())
                    .map_err(|why| VaultError::invalid_answer(&request, why))?;
                found.push(match self.catalog_entry(name, &plugin.version).await {
                    Ok(entry) => entry.unwrap_or(plugin),
                    // The server looks at the file before it tells of the entry.
                    Err(error) if error.says("no such file or directory") => CatalogPlugin {
                        file_is_missing: true,
                        ..plugin
                    },
                    Err(error) => return Err(error),
                });
            }
        }
        Ok(found)
    }

    /// One registered version, with its command and checksum; an empty version is the unversioned entry.
    pub async fn catalog_entry(
        &self,
        name: &str,
        version: &str,
    ) -> Result<Option<CatalogPlugin>, VaultError> {
        let version_query = [("version", version)];
        let query = if version.is_empty() {
            &[][..]
        } else {
            &version_query[..]
        };
        match self
            .root()?
            .read(&format!("sys/plugins/catalog/secret/{name}"), query)
            .await
        {
            Ok(answer) => {
                let mut plugin = answer.into::<CatalogPlugin>()?.value;
                if plugin.version.is_empty() {
                    version.clone_into(&mut plugin.version);
                }
                Ok(Some(plugin))
            }
            Err(error) if error.kind == VaultErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Registers a version of a secrets plugin: `command`, `sha256`, `version`, `args`, `env`.
    pub async fn register_plugin(&self, name: &str, fields: &Value) -> Result<(), VaultError> {
        self.root()?
            .write(&format!("sys/plugins/catalog/secret/{name}"), fields)
            .await
            .map(drop)
    }

    pub async fn deregister_plugin(&self, name: &str, version: &str) -> Result<(), VaultError> {
        let version_query = [("version", version)];
        let query = if version.is_empty() {
            &[][..]
        } else {
            &version_query[..]
        };
        self.root()?
            .delete(&format!("sys/plugins/catalog/secret/{name}"), query)
            .await
            .map(drop)
    }

    /// Restarts the plugin for all its mounts.
    pub async fn reload_plugin(&self, name: &str) -> Result<Vec<String>, VaultError> {
        let fields = json!({ "plugin": name });
        Ok(self
            .write("sys/plugins/reload/backend", &fields)
            .await?
            .warnings)
    }

    /// The server's state. Sealed, uninitialised and standby servers answer too.
    pub async fn health(&self) -> Result<ServerHealth, VaultError> {
        let codes = [
            ("standbyok", "true"),
            ("perfstandbyok", "true"),
            ("sealedcode", "200"),
            ("uninitcode", "200"),
            ("drsecondarycode", "200"),
        ];
        Ok(self
            .root()?
            .read("sys/health", &codes)
            .await?
            .into::<ServerHealth>()?
            .value)
    }

    /// Vault or OpenBao, for words on the screen only.
    pub async fn product(&self) -> Result<ServerProduct, VaultError> {
        Ok(self.health().await?.product())
    }

    /// What our token may do on each of the paths.
    pub async fn capabilities(&self, paths: &[String]) -> Result<Capabilities, VaultError> {
        let answer = self
            .write("sys/capabilities-self", &json!({ "paths": paths }))
            .await?;
        Ok(paths
            .iter()
            .map(|path| {
                let words = answer.data.get(path).and_then(Value::as_array);
                let words = words.into_iter().flatten().filter_map(Value::as_str);
                (path.clone(), words.map(str::to_owned).collect())
            })
            .collect())
    }

    pub async fn token(&self) -> Result<TokenInfo, VaultError> {
        Ok(self
            .read("auth/token/lookup-self", &[])
            .await?
            .into::<TokenInfo>()?
            .value)
    }

    /// Extends the token's life as far as its role allows.
    pub async fn renew_token(&self) -> Result<(), VaultError> {
        self.write("auth/token/renew-self", &json!({}))
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_products_are_told_apart_by_what_only_vault_says() {
        let product = |health: Value| {
            let health: ServerHealth = serde_json::from_value(health).unwrap();
            health.product()
        };
        let bao = json!({"version": "2.7.2", "sealed": false});
        assert_eq!(product(bao), ServerProduct::OpenBao);
        for vault in [
            json!({"version": "1.21.4"}),
            json!({"version": "2.0.0", "enterprise": false}),
            json!({"version": "2.0.0", "echo_duration_ms": 0}),
        ] {
            assert_eq!(product(vault), ServerProduct::Vault);
        }
    }
}
