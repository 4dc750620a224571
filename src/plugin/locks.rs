//! Locks, identified by what they protect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use svpki_types::{CertId, ConfigName, OrderId, RoleName};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LockKey {
    Order(ConfigName, OrderId),
    Certificate(ConfigName, CertId),
    /// The digest of an idempotency key.
    Idempotency(ConfigName, String),
    /// A request fingerprint.
    Request(ConfigName, String),
    /// The digest of a `Wish`.
    Reuse(ConfigName, String),
    /// One request at a time writes a config.
    Config(ConfigName),
    Role(RoleName),
    Domains(ConfigName),
    /// Prevents two requests from bringing the same certificate into two configs.
    Owner(CertId),
    /// One run of tidy at a time.
    Tidy,
}

#[derive(Default)]
pub struct Locks {
    held: Mutex<HashMap<LockKey, Weak<AsyncMutex<()>>>>,
}

pub type Guard = OwnedMutexGuard<()>;

impl Locks {
    /// Waits for the lock.
    pub async fn lock(&self, key: LockKey) -> Guard {
        self.of(key).lock_owned().await
    }

    /// `None` while the lock is held.
    pub fn try_lock(&self, key: LockKey) -> Option<Guard> {
        self.of(key).try_lock_owned().ok()
    }

    fn of(&self, key: LockKey) -> Arc<AsyncMutex<()>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = held.get(&key).and_then(Weak::upgrade) {
            return lock;
        }
        // Removes locks that nobody holds, so that the table does not grow with the number of orders.
        if held.len() > 1_000 {
            held.retain(|_, lock| lock.strong_count() > 0);
        }
        let lock = Arc::new(AsyncMutex::new(()));
        held.insert(key, Arc::downgrade(&lock));
        lock
    }
}

impl LockKey {
    pub fn order(config: &ConfigName, id: &OrderId) -> Self {
        Self::Order(config.clone(), id.clone())
    }

    pub fn certificate(config: &ConfigName, id: &CertId) -> Self {
        Self::Certificate(config.clone(), id.clone())
    }

    pub fn request(config: &ConfigName, fingerprint: &str) -> Self {
        Self::Request(config.clone(), fingerprint.to_owned())
    }
}
