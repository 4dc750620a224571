//! The certificates that SCM lists as revoked. SCM's usual list shows no status, and one call for each certificate
//! would take hours in a large account.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::config::Config;
use super::scm_adapter;
use super::store::CertKind;
use super::time;
use scm_client::{Client, ScmError, ScmPhase, ScmStatus, SslFilter};
use svpki_types::ConfigName;

/// For how many seconds a list is kept: a walk through a large account reads many pages, and needs the list only once.
const KEPT_FOR: i64 = 300;
const PAGE: usize = 200;

/// By config: the fingerprint of the config, when the list was read, and SCM's ids.
type Lists = HashMap<ConfigName, (Vec<u8>, i64, Arc<HashSet<String>>)>;

#[derive(Default)]
pub struct RevokedLists(Mutex<Lists>);

impl RevokedLists {
    /// The ids of the revoked SSL certificates of the config's organisation.
    pub async fn of(
        &self,
        client: &Client,
        config: &Config,
    ) -> Result<Arc<HashSet<String>>, ScmError> {
        let (fingerprint, now) = (config.given.fingerprint(), time::now());
        if let Some((known, since, ids)) = self.lists().get(&config.name)
            && *known == fingerprint
            && is_fresh(*since, now)
        {
            return Ok(Arc::clone(ids));
        }
        let ids = Arc::new(read(client, config).await?);
        let entry = (fingerprint, now, Arc::clone(&ids));
        let mut lists = self.lists();
        lists.retain(|_, (_, since, _)| is_fresh(*since, now));
        lists.insert(config.name.clone(), entry);
        Ok(ids)
    }

    pub fn forget(&self, config: &ConfigName) {
        self.lists().remove(config);
    }

    fn lists(&self) -> std::sync::MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(since: i64, now: i64) -> bool {
    (0..KEPT_FOR).contains(&(now - since))
}

async fn read(client: &Client, config: &Config) -> Result<HashSet<String>, ScmError> {
    let mut ids = HashSet::new();
    let mut position = 0;
    loop {
        let listing = client.ssl().list(&SslFilter {
            status: Some(ScmStatus::parse("Revoked")),
            org_id: Some(config.org_id),
            ..SslFilter::default()
        });
        let (page, more) = listing.page(position, PAGE).await?;
        // Checks that SCM applies the filter: otherwise every certificate would look revoked.
        if let (0, Some(first)) = (position, page.first()) {
            let seen = scm_adapter::get(client, CertKind::Ssl, &first.ssl_id.to_string()).await?;
            let status = seen.and_then(|seen| seen.status);
            if status.is_none_or(|status| status.phase() != ScmPhase::Revoked) {
                return Ok(ids);
            }
        }
        position += page.len();
        ids.extend(page.iter().map(|entry| entry.ssl_id.to_string()));
        if !more || page.is_empty() {
            return Ok(ids);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::TestMountWithScm;
    use super::*;
    use vault_plugin::logical::Operation;

    /// SCM's ids were kept until the end of the process, also after their config was deleted.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_list_outlived_its_config_and_its_time() {
        let test = TestMountWithScm::new().await;
        let engine = &test.mount.engine;
        let config = engine.config(&test.mount.store(), "web").await.unwrap();
        let client = engine.client(&config).unwrap();
        let lists = &engine.revoked_lists;
        lists.of(&client, &config).await.unwrap();
        let mut other = config.clone();
        other.name = "other".parse().unwrap();
        for (_, since, _) in lists.lists().values_mut() {
            *since -= KEPT_FOR;
        }
        lists.of(&client, &other).await.unwrap();
        let known: Vec<ConfigName> = lists.lists().keys().cloned().collect();
        assert_eq!(known, [other.name]);

        lists.of(&client, &config).await.unwrap();
        let delete = Operation::Delete;
        test.mount
            .ask(delete, "configs/web", json!({}))
            .await
            .unwrap();
        assert!(!lists.lists().contains_key(&config.name));
        test.sim.stop().await;
    }
}
