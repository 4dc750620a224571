//! Which caller waits for which order.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use svpki_types::{ConfigName, OrderId};
use vault_plugin::logical::CallerHandle;

#[derive(Default)]
pub struct ActiveCallers {
    waiting: Mutex<HashMap<(ConfigName, OrderId), CallerHandle>>,
}

impl ActiveCallers {
    /// Registers this caller as the one that waits for the order; `false` if another connected caller already does.
    pub fn claim(&self, config: &ConfigName, order: &OrderId, caller: &CallerHandle) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (config.clone(), order.clone());
        if waiting
            .get(&place)
            .is_some_and(|other| !other.is_disconnected())
        {
            return false;
        }
        // Disconnected callers are removed, so that the table does not grow with the number of orders.
        if waiting.len() > 1_000 {
            waiting.retain(|_, caller| !caller.is_disconnected());
        }
        waiting.insert(place, caller.clone());
        true
    }
}
