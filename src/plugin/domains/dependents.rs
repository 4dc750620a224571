//! What depends on the domains: certificates, and automatic renewals that the state of a domain will block.

use std::collections::BTreeMap;

use super::super::config::Config;
use super::super::index::Reader;
use super::super::store::{DomainList, Store};
use super::super::summary::rule_of;
use super::super::time;
use svpki_types::ConfigName;
use vault_plugin::logical::Error;

/// What depends on one domain.
#[derive(Debug, Clone, Default)]
pub struct Dependents {
    pub certificates: u64,
    /// How many of `certificates` have a wildcard below the domain.
    pub wildcards: u64,
    /// Automatic renewals that the state of the domain will block.
    pub blocked: u64,
    pub first_blocked: Option<i64>,
    /// The ids of the first certificates.
    pub ids: Vec<String>,
}

/// The most ids that an answer shows.
const MOST_IDS: usize = 100;

/// Counts what depends on each domain of these configs. The second value says whether all certificates were counted.
pub async fn dependents(
    store: &Store,
    configs: &[Config],
    known: &BTreeMap<ConfigName, DomainList>,
) -> Result<(BTreeMap<(ConfigName, String), Dependents>, bool), Error> {
    let mut all: BTreeMap<(ConfigName, String), Dependents> = BTreeMap::new();
    let now = time::now();
    let mut reader = Reader::open(store).await?;
    let is_whole = reader
        .in_use(
            now,
            |name| known.contains_key(name),
            |row| {
                let Some(domains) = known.get(&row.config) else {
                    return;
                };
                let plan = row.renewal(rule_of(configs, &row.config), Some(domains), now);
                let of_wildcards =
                    domains.of_names(row.names().filter(|name| name.starts_with("*.")));
                for domain in domains.of_names(row.names()) {
                    let key = (row.config.clone(), domain.domain.clone());
                    let dependents = all.entry(key).or_default();
                    dependents.certificates += 1;
                    let has_wildcard = of_wildcards.iter().any(|one| one.domain == domain.domain);
                    dependents.wildcards += u64::from(has_wildcard);
                    if dependents.ids.len() < MOST_IDS {
                        dependents.ids.push(row.id.to_string());
                    }
                    let blocks = plan.as_ref().filter(|plan| {
                        plan.blocked_by.is_some_and(|by| by.domain == domain.domain)
                    });
                    if let Some(plan) = blocks {
                        dependents.blocked += 1;
                        let first = dependents.first_blocked.unwrap_or(plan.due);
                        dependents.first_blocked = Some(first.min(plan.due));
                    }
                }
            },
        )
        .await?;
    Ok((all, is_whole))
}
