//! Since when an order was not found at SCM, by the clock of this process, which only runs forward. None of it may be
//! lost: a new process searches for as long once more.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use svpki_types::OrderId;

/// What is remembered at most: those beyond it are forgotten, and searched for anew.
const MOST: usize = 10_000;

#[derive(Default)]
pub struct Absences {
    orders: Mutex<HashMap<OrderId, Absence>>,
}

#[derive(Default)]
struct Absence {
    /// Of which attempt to send it this is, and the first search that did not find it.
    since: Option<(u32, Instant)>,
    /// SCM's orders that have not its tag.
    others: HashSet<String>,
}

impl Absences {
    /// For how long this attempt has been searched for in vain; zero at the first search.
    pub fn absent_for(&self, order: &OrderId, attempt: u32) -> Duration {
        let now = Instant::now();
        let mut orders = self.lock();
        let absence = entry(&mut orders, order);
        let since = match absence.since {
            Some((of, since)) if of == attempt => since,
            _ => now,
        };
        absence.since = Some((attempt, since));
        now - since
    }

    /// Those of SCM's orders that are not known to be others.
    pub fn not_seen(&self, order: &OrderId, mut ids: Vec<String>) -> Vec<String> {
        if let Some(absence) = self.lock().get(order) {
            ids.retain(|id| !absence.others.contains(id));
        }
        ids
    }

    pub fn see(&self, order: &OrderId, other: String) {
        entry(&mut self.lock(), order).others.insert(other);
    }

    pub fn forget(&self, order: &OrderId) {
        self.lock().remove(order);
    }

    /// As if the first search had been so much earlier.
    #[cfg(test)]
    pub fn age(&self, order: &OrderId, by: Duration) {
        if let Some(Absence {
            since: Some((_, since)),
            ..
        }) = self.lock().get_mut(order)
        {
            *since = since.checked_sub(by).unwrap_or(*since);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OrderId, Absence>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entry<'a>(orders: &'a mut HashMap<OrderId, Absence>, order: &OrderId) -> &'a mut Absence {
    if orders.len() >= MOST && !orders.contains_key(order) {
        orders.clear();
    }
    orders.entry(order.clone()).or_default()
}
