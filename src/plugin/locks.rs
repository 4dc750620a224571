//! Locks by name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

#[derive(Default)]
pub struct Locks {
    held: Mutex<HashMap<String, Weak<AsyncMutex<()>>>>,
}

pub type Guard = OwnedMutexGuard<()>;

impl Locks {
    /// Waits for its turn.
    pub async fn lock(&self, name: &str) -> Guard {
        self.of(name).lock_owned().await
    }

    /// `None` while somebody else holds it.
    pub fn try_lock(&self, name: &str) -> Option<Guard> {
        self.of(name).try_lock_owned().ok()
    }

    fn of(&self, name: &str) -> Arc<AsyncMutex<()>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = held.get(name).and_then(Weak::upgrade) {
            return lock;
        }
        // Names that nobody holds any more go, so that the table does not grow with the number of orders.
        if held.len() > 1_000 {
            held.retain(|_, lock| lock.strong_count() > 0);
        }
        let lock = Arc::new(AsyncMutex::new(()));
        held.insert(name.to_owned(), Arc::downgrade(&lock));
        lock
    }
}
