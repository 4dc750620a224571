//! The queue of issued orders whose certificates are not stored yet.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

use super::super::config::Config;
use super::super::store::OrderRecord;
use pki::Chain;
use svpki_types::{CertId, ConfigName};
use vault_plugin::logical::Error;

/// An order, and the chain that SCM issued for it.
pub struct PendingCommit {
    pub config: Config,
    pub order: OrderRecord,
    pub chain: Chain,
    /// Receives the order as it was stored.
    pub done: oneshot::Sender<Result<OrderRecord, Error>>,
}

impl PendingCommit {
    /// The certificates whose records this commit changes.
    fn touches(&self) -> impl Iterator<Item = (&ConfigName, &CertId)> {
        let ids = self
            .order
            .cert_id()
            .into_iter()
            .chain(self.order.action.of());
        ids.map(|id| (&self.order.config, id))
    }
}

/// The waiting orders, oldest first.
#[derive(Default)]
pub struct CommitQueue {
    waiting: Mutex<Vec<PendingCommit>>,
}

impl CommitQueue {
    pub fn add(&self, one: PendingCommit) {
        self.lock().push(one);
    }

    /// Takes the oldest order and others that can be stored in the same batch, at most `most` in all. The orders of a
    /// batch change different certificates, because writes of a batch cannot be read before its commit. Orders whose
    /// task no longer waits are dropped: they are collected again.
    pub fn take(&self, most: usize) -> Vec<PendingCommit> {
        let mut waiting = self.lock();
        let mut touched: HashSet<(ConfigName, CertId)> = HashSet::new();
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        for one in waiting.drain(..).filter(|one| !one.done.is_closed()) {
            let touches: Vec<_> = one
                .touches()
                .map(|(config, id)| (config.clone(), id.clone()))
                .collect();
            let apart = !touches.iter().any(|cert| touched.contains(cert));
            touched.extend(touches);
            if apart && taken.len() < most {
                taken.push(one);
            } else {
                left.push(one);
            }
        }
        *waiting = left;
        taken
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<PendingCommit>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
