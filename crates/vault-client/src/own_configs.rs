//! What a token sees that has no right on a mount as a whole, and rights on some of its configs.

use serde_json::{Map, Value};

use super::client::Answered;
use super::{EngineClient, InventoryQuery, VaultError};
use svpki_types::api::{ConfigHealthResponse, HealthResponse, InventoryResponse, InventorySummary};

/// Parts a config from the place in its own pages.
const PLACE: char = '|';

impl EngineClient {
    /// The configs whose inventory the token's policies name. None are found in a policy with wildcards.
    pub(super) async fn own_configs(&self) -> Result<Vec<String>, VaultError> {
        let acl = self
            .server()
            .read("sys/internal/ui/resultant-acl", &[])
            .await?;
        Ok(named_in(&acl.data, self.mount()))
    }

    /// One page after the other of each config that the token may see; the summary is that of all of them.
    pub(super) async fn own_inventory(
        &self,
        query: &InventoryQuery,
    ) -> Result<Answered<InventoryResponse>, VaultError> {
        let configs = match query.config.as_str() {
            "" => self.own_configs().await?,
            config => vec![config.to_owned()],
        };
        let (at, after) = query
            .after
            .split_once(PLACE)
            .unwrap_or(("", query.after.as_str()));
        let at = configs.iter().position(|name| name == at).unwrap_or(0);
        let Some(config) = configs.get(at) else {
            return Err(VaultError::bad_path(
                &self.path("inventory"),
                "no config is named",
            ));
        };
        let of_page = InventoryQuery {
            after: after.to_owned(),
            ..query.clone()
        };
        let mut page = self.inventory_of(config, &of_page).await?;
        if !page.value.next.is_empty() {
            page.value.next = format!("{config}{PLACE}{}", page.value.next);
        } else if let Some(next) = configs.get(at + 1) {
            page.value.next = format!("{next}{PLACE}");
        }
        for other in configs.iter().filter(|name| *name != config) {
            let counts = InventoryQuery {
                limit: 1,
                ..InventoryQuery::default()
            };
            let counts = self.inventory_of(other, &counts).await?.value.summary;
            add(&mut page.value.summary, counts);
        }
        Ok(page)
    }

    /// What the last look at each of these configs found; the mount's own members stay empty.
    pub(super) async fn own_health(
        &self,
        config: Option<&str>,
    ) -> Result<Answered<HealthResponse>, VaultError> {
        let configs = match config {
            Some(config) => vec![config.to_owned()],
            None => self.own_configs().await?,
        };
        let mut health = HealthResponse {
            healthy: true,
            ..HealthResponse::default()
        };
        let mut warnings = Vec::new();
        for config in configs {
            let answer: Answered<ConfigHealthResponse> = self
                .server()
                .read(&self.at("health", &[&config])?, &[("stored", "true")])
                .await?
                .into()?;
            let one = answer.value;
            warnings.extend(answer.warnings);
            health.healthy &= one.look.error.is_empty();
            health.plugin_version = one.plugin_version;
            health.jobs = one.jobs;
            for (status, count) in one.certificates {
                *health.certificates.entry(status).or_default() += count;
            }
            health.configs.insert(config, one.look);
        }
        if health.configs.is_empty() {
            return Err(VaultError::bad_path(
                &self.path("health"),
                "no config is named",
            ));
        }
        Ok(Answered {
            value: health,
            warnings,
        })
    }

    async fn inventory_of(
        &self,
        config: &str,
        query: &InventoryQuery,
    ) -> Result<Answered<InventoryResponse>, VaultError> {
        let mut pairs = query.pairs();
        pairs.retain(|(name, _)| *name != "config");
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (*k, v.as_str())).collect();
        self.server()
            .read(&self.at("inventory", &[config])?, &pairs)
            .await?
            .into()
    }
}

/// Names of configs in the server's answer to "what may I do": paths may begin with a namespace.
fn named_in(acl: &Map<String, Value>, mount: &str) -> Vec<String> {
    let folder = format!("{mount}/inventory/");
    let mut names: Vec<String> = acl
        .get("exact_paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(path, _)| {
            let (before, name) = path.split_once(&folder)?;
            let is_whole = before.is_empty() || before.ends_with('/');
            (is_whole && !name.is_empty() && !name.contains('/')).then(|| name.to_owned())
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

fn add(sum: &mut InventorySummary, more: InventorySummary) {
    for (status, count) in more.status {
        *sum.status.entry(status).or_default() += count;
    }
    let weeks = sum.expiry_weeks.len().max(more.expiry_weeks.len());
    sum.expiry_weeks.resize(weeks, 0);
    for (week, count) in sum.expiry_weeks.iter_mut().zip(more.expiry_weeks) {
        *week += count;
    }
    sum.total += more.total;
    sum.configs.extend(more.configs);
    sum.configs.sort();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn configs_are_read_out_of_what_the_token_may_do() {
        let acl = json!({
            "exact_paths": {
                "pki/inventory/web": {"capabilities": ["read"]},
                "team/pki/inventory/mail": {"capabilities": ["read"]},
                "other-pki/inventory/not": {"capabilities": ["read"]},
                "pki/inventory": {"capabilities": ["read"]},
                "pki/enroll/shop": {"capabilities": ["update"]},
            },
            "glob_paths": {"pki/inventory/": {"capabilities": ["read"]}},
        });
        assert_eq!(named_in(acl.as_object().unwrap(), "pki"), ["mail", "web"]);
    }
}
