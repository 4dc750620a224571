//! Who waits to hear of which order.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use svpki_types::{ConfigName, OrderId};
use vault_plugin::logical::Caller;

#[derive(Default)]
pub struct Listeners {
    waiting: Mutex<HashMap<(ConfigName, OrderId), Caller>>,
}

impl Listeners {
    /// Takes the place of this order's listener; `false` when another caller still waits there.
    pub fn join(&self, config: &ConfigName, order: &OrderId, caller: &Caller) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (config.clone(), order.clone());
        if waiting.get(&place).is_some_and(|other| !other.is_gone()) {
            return false;
        }
        // Those who are gone leave, so that the table does not grow with the number of orders.
        if waiting.len() > 1_000 {
            waiting.retain(|_, caller| !caller.is_gone());
        }
        waiting.insert(place, caller.clone());
        true
    }
}
