//! What a token sees that has no right on a mount as a whole, and rights on some of its configs.

use serde_json::{Map, Value};

use super::client::Answered;
use super::{EngineClient, InventoryQuery, VaultError, VaultErrorKind};
use svpki_types::api::{ConfigHealthResponse, HealthResponse, InventoryResponse, InventorySummary};

/// Parts a config from the place in its own pages.
const PLACE: char = '|';

impl EngineClient {
    /// The configs that the token may see.
    pub(super) async fn own_configs(&self) -> Result<Vec<String>, VaultError> {
        let own = self.own_summaries().await?;
        Ok(own.into_iter().map(|(config, _)| config).collect())
    }

    /// The configs whose inventory the token's policies name, each with its summary. None are found in a policy with
    /// wildcards, and a config that is named there and gone hides no other.
    async fn own_summaries(&self) -> Result<Vec<(String, InventorySummary)>, VaultError> {
        let acl = self
            .server()
            .read("sys/internal/ui/resultant-acl", &[])
            .await?;
        let namespace = self.server().namespace().unwrap_or_default();
        let counts = InventoryQuery {
            limit: 1,
            ..InventoryQuery::default()
        };
        let mut own = Vec::new();
        for config in named_in(&acl.data, namespace, self.mount()) {
            match self.inventory_of(&config, &counts).await {
                Ok(seen) => own.push((config, seen.value.summary)),
                Err(error)
                    if matches!(
                        error.kind,
                        VaultErrorKind::NotFound | VaultErrorKind::Denied
                    ) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(own)
    }

    /// One page after the other of each config that the token may see; the summary is that of all of them. None when
    /// it may see none.
    pub(super) async fn own_inventory(
        &self,
        query: &InventoryQuery,
    ) -> Result<Option<Answered<InventoryResponse>>, VaultError> {
        if !query.config.is_empty() {
            return self.inventory_of(&query.config, query).await.map(Some);
        }
        let summaries = self.own_summaries().await?;
        let (at, after) = query
            .after
            .split_once(PLACE)
            .unwrap_or(("", query.after.as_str()));
        let at = summaries
            .iter()
            .position(|(name, _)| name == at)
            .unwrap_or(0);
        let Some((config, _)) = summaries.get(at) else {
            return Ok(None);
        };
        let of_page = InventoryQuery {
            after: after.to_owned(),
            ..query.clone()
        };
        let mut page = self.inventory_of(config, &of_page).await?;
        if !page.value.next.is_empty() {
            page.value.next = format!("{config}{PLACE}{}", page.value.next);
        } else if let Some((next, _)) = summaries.get(at + 1) {
            page.value.next = format!("{next}{PLACE}");
        }
        let config = config.clone();
        for (other, counts) in summaries {
            if other != config {
                add(&mut page.value.summary, counts);
            }
        }
        Ok(Some(page))
    }

    /// What the last look at each of these configs found; the mount's own members stay empty. None when the token may
    /// see none.
    pub(super) async fn own_health(
        &self,
        config: Option<&str>,
    ) -> Result<Option<Answered<HealthResponse>>, VaultError> {
        let configs = match config {
            Some(config) => vec![config.to_owned()],
            None => self.own_configs().await?,
        };
        let mut health = HealthResponse {
            healthy: true,
            ..HealthResponse::default()
        };
        let mut warnings = Vec::new();
        for name in configs {
            let path = self.at("health", &[&name])?;
            let answer: Answered<ConfigHealthResponse> = self
                .server()
                .read(&path, &[("stored", "true")])
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
            health.configs.insert(name, one.look);
        }
        Ok((!health.configs.is_empty()).then_some(Answered {
            value: health,
            warnings,
        }))
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

/// Names of configs in the server's answer to "what may I do": with or without the namespace that was asked.
fn named_in(acl: &Map<String, Value>, namespace: &str, mount: &str) -> Vec<String> {
    let folder = format!("{mount}/inventory/");
    let namespace = namespace.trim_matches('/');
    let mut names: Vec<String> = acl
        .get("exact_paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(_, rule)| {
            let words = rule["capabilities"].as_array().into_iter().flatten();
            words
                .filter_map(Value::as_str)
                .any(|word| word == "read" || word == "root")
        })
        .filter_map(|(path, _)| {
            let inside = path
                .strip_prefix(namespace)
                .and_then(|rest| rest.strip_prefix('/'));
            let name = [Some(path.as_str()), inside]
                .into_iter()
                .flatten()
                .find_map(|path| path.strip_prefix(&folder))?;
            (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
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
                "pki/inventory/refused": {"capabilities": ["deny"]},
                "other-pki/inventory/not": {"capabilities": ["read"]},
                "pki/inventory": {"capabilities": ["read"]},
                "pki/enroll/shop": {"capabilities": ["update"]},
            },
            "glob_paths": {"pki/inventory/": {"capabilities": ["read"]}},
        });
        let named = |namespace, mount| named_in(acl.as_object().unwrap(), namespace, mount);
        assert_eq!(named("", "pki"), ["web"]);
        assert_eq!(named("team", "pki"), ["mail", "web"]);
        assert_eq!(named("team/", "pki"), ["mail", "web"]);
        assert_eq!(named("", "team/pki"), ["mail"]);
        // Another namespace or mount, whose name begins with the same letters.
        let acl = json!({"exact_paths": {
            "teampki/inventory/ops": {"capabilities": ["read"]},
            "team-b/pki/inventory/sales": {"capabilities": ["read"]},
        }});
        let named = |namespace, mount| named_in(acl.as_object().unwrap(), namespace, mount);
        for mount in ["pki", "-b/pki"] {
            assert!(named("team", mount).is_empty(), "{mount}");
        }
        assert_eq!(named("team", "teampki"), ["ops"]);
        assert_eq!(named("teampki", "teampki"), ["ops"]);
        assert_eq!(named("team-b", "pki"), ["sales"]);
    }
}
