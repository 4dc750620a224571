//! Since when searches have not found an order at SCM, by this process's monotonic clock. Nothing is stored: a new process
//! starts the waiting time again.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use svpki_types::OrderId;

/// The most orders that are remembered; the search for any other order starts again.
const MOST: usize = 10_000;

#[derive(Default)]
pub struct Absences {
    orders: Mutex<HashMap<OrderId, Absence>>,
}

#[derive(Default)]
struct Absence {
    /// The attempt to send the order that this belongs to, and its first search that found nothing.
    since: Option<(u32, Instant)>,
    /// Orders at SCM that do not carry this order's tag.
    others: HashSet<String>,
}

impl Absences {
    /// For how long searches for this attempt have found nothing; zero at the first search.
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

    /// The orders at SCM that were not yet seen to carry another tag.
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

    /// Moves the first search back by this much.
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
