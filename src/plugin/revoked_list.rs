//! Which certificates SCM lists as revoked. Its list shows no status, and one call for each certificate would take hours in
//! a large account.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::config::Config;
use super::scm_adapter;
use super::store::CertKind;
use super::time;
use scm_client::{Client, ScmError, ScmPhase, ScmStatus, SslFilter};
use svpki_types::ConfigName;

/// A walk over a large account reads many pages: the list is asked for once in this time, in seconds.
const KEPT_FOR: i64 = 300;
const PAGE: usize = 200;

/// By config: of which settings, since when, and SCM's ids.
type Lists = HashMap<ConfigName, (Vec<u8>, i64, Arc<HashSet<String>>)>;

#[derive(Default)]
pub struct RevokedLists(Mutex<Lists>);

impl RevokedLists {
    /// Ids of SSL certificates of the config's organisation.
    pub async fn of(
        &self,
        client: &Client,
        config: &Config,
    ) -> Result<Arc<HashSet<String>>, ScmError> {
        let (fingerprint, now) = (config.given.fingerprint(), time::now());
        if let Some((known, since, ids)) = self.lists().get(&config.name)
            && *known == fingerprint
            && (0..KEPT_FOR).contains(&(now - since))
        {
            return Ok(Arc::clone(ids));
        }
        let ids = Arc::new(read(client, config).await?);
        let entry = (fingerprint, now, Arc::clone(&ids));
        self.lists().insert(config.name.clone(), entry);
        Ok(ids)
    }

    fn lists(&self) -> std::sync::MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        // One that passes over the filter would have everything revoked.
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
