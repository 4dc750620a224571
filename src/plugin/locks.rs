//! Locks by key: one task at a time works on what a key names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use svpki_types::{CertId, ConfigName, OrderId};

/// What is locked. A task that holds several takes them in the order of this list, the index lock last.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LockKey {
    /// A config and the result of its account check.
    Config(ConfigName),
    /// The schedule of `tidy`.
    Tidy,
    /// Requests with the same fingerprint.
    Fingerprint(ConfigName, String),
    /// Requests with the same idempotency key, by its hash.
    IdempotencyKey(ConfigName, String),
    /// The next step of a certificate: its renewal or revocation.
    Certificate(ConfigName, CertId),
    Order(ConfigName, OrderId),
}

impl LockKey {
    pub fn order(config: &ConfigName, id: &OrderId) -> Self {
        Self::Order(config.clone(), id.clone())
    }

    pub fn certificate(config: &ConfigName, id: &CertId) -> Self {
        Self::Certificate(config.clone(), id.clone())
    }
}

#[derive(Default)]
pub struct Locks {
    held: Mutex<HashMap<LockKey, Weak<AsyncMutex<()>>>>,
}

pub type Guard = OwnedMutexGuard<()>;

impl Locks {
    /// Waits for its turn.
    pub async fn lock(&self, key: LockKey) -> Guard {
        self.of(key).lock_owned().await
    }

    /// `None` while another task holds it.
    pub fn try_lock(&self, key: LockKey) -> Option<Guard> {
        self.of(key).try_lock_owned().ok()
    }

    fn of(&self, key: LockKey) -> Arc<AsyncMutex<()>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = held.get(&key).and_then(Weak::upgrade) {
            return lock;
        }
        // Keys that no task holds any more go, so that the table does not grow with the number of orders.
        if held.len() > 1_000 {
            held.retain(|_, lock| lock.strong_count() > 0);
        }
        let lock = Arc::new(AsyncMutex::new(()));
        held.insert(key, Arc::downgrade(&lock));
        lock
    }
}
