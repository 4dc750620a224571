//! The state of one mount in memory. Nothing is lost when a new process starts without it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinHandle;

use super::active_callers::ActiveCallers;
use super::config::Config;
pub use super::field_values::config_name;
use super::ledger::{Absences, CommitQueue};
use super::locks::Locks;
use super::revoked_list::RevokedLists;
use super::store::{ConfigRecord, Key, Store};
use svpki_types::ConfigName;
use vault_plugin::logical::Error;

pub struct Engine {
    /// Locks, for example so that only one task works on an order or on an idempotency key.
    pub locks: Locks,
    pub active_callers: ActiveCallers,
    /// The lock of the index: one task writes at a time.
    pub index: AsyncMutex<()>,
    /// Orders whose certificates wait for the index lock. The task that holds the lock stores them as a group.
    pub pending_commits: CommitQueue,
    pub absences: Absences,
    pub revoked_lists: RevokedLists,
    clients: Mutex<HashMap<ConfigName, (Vec<u8>, scm_client::Client)>>,
    background: Mutex<Option<JoinHandle<()>>>,
    renewal_scan_end: Mutex<Option<String>>,
}

impl Engine {
    pub fn new() -> Self {
        Self {
            locks: Locks::default(),
            active_callers: ActiveCallers::default(),
            index: AsyncMutex::new(()),
            pending_commits: CommitQueue::default(),
            absences: Absences::default(),
            revoked_lists: RevokedLists::default(),
            clients: Mutex::new(HashMap::new()),
            background: Mutex::new(None),
            renewal_scan_end: Mutex::new(None),
        }
    }

    /// The config of this name; 404 if there is none.
    pub async fn config(&self, store: &Store, name: &str) -> Result<Config, Error> {
        let name = config_name(name)?;
        match store.read::<ConfigRecord>(&Key::config(&name)).await? {
            Some(record) => Config::load(&name, &record),
            None => Err(no_config(&name)),
        }
    }

    /// The client of this config. It is kept until the config changes, because it holds the rate limit and the OAuth2
    /// token.
    pub fn client(&self, config: &Config) -> Result<scm_client::Client, Error> {
        let fingerprint = config.given.fingerprint();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, client)) = clients.get(&config.name)
            && *known == fingerprint
        {
            return Ok(client.clone());
        }
        let client = config.scm()?;
        clients.insert(config.name.clone(), (fingerprint, client.clone()));
        Ok(client)
    }

    /// Whether SCM did not answer this account's last call.
    pub fn last_call_unanswered(&self, config: &Config) -> bool {
        self.client(config)
            .is_ok_and(|client| client.last_call_unanswered())
    }

    /// Drops the client of a deleted config, because the client holds the config's secrets.
    pub fn forget_client(&self, config: &ConfigName) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.remove(config);
    }

    #[cfg(test)]
    pub fn has_client(&self, config: &ConfigName) -> bool {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.contains_key(config)
    }

    /// Starts the background work unless it is still running. The work does not depend on the request that started it.
    pub fn spawn_background<F>(self: &Arc<Self>, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut background = self
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if background.as_ref().is_none_or(JoinHandle::is_finished) {
            *background = Some(tokio::spawn(work));
        }
    }

    /// The index key at which the last search for due renewals stopped early.
    pub fn renewal_scan_end(&self) -> Option<String> {
        let end = self.renewal_scan_end.lock();
        end.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_renewal_scan_end(&self, key: Option<String>) {
        let mut end = self
            .renewal_scan_end
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *end = key;
    }

    /// Stops the background work at once, except for a step on an order that is under way. This is safe, because the
    /// ledger may be interrupted at any point.
    pub fn stop(&self) {
        let mut background = self
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = background.take() {
            task.abort();
        }
    }
}

pub fn no_config(name: &ConfigName) -> Error {
    Error::not_found(format!(
        "there is no config {:?}: a list of configs/ shows what there is",
        name.as_str()
    ))
}
