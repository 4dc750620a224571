//! For how long searches have not found an order at SCM, measured with this process's monotonic clock. This is not
//! stored: a new process starts to measure again.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use svpki_types::OrderId;

/// How many orders are remembered at most. When the limit is reached all of them are forgotten, and their times start
/// again.
const MOST: usize = 10_000;

#[derive(Default)]
pub struct Absences {
    orders: Mutex<HashMap<OrderId, Absence>>,
}

#[derive(Default)]
struct Absence {
    /// The attempt to send the order, and the time of its first search that found nothing.
    since: Option<(u32, Instant)>,
    /// Ids of orders at SCM that are known not to carry this order's tag.
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

    /// Those of `ids` that are not yet known to carry another tag.
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

    /// Moves the time of the first search back by `by`.
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
