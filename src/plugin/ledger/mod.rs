//! The order ledger. It makes sure that no order is lost and that none is placed twice.
//!
//! An order is stored before it is sent ([`create`]), sent once ([`send`]), searched at SCM when the answer was lost
//! ([`recover`]), polled until SCM has decided ([`collect`]), and done only when certificate, key and index are stored
//! together ([`finish`]). Each step reads the record, does one thing at SCM and writes the record. So after a crash,
//! or on another node, the next step continues from there. Repeated requests are recognised in [`dedup`].

mod absence;
mod cancel;
mod collect;
mod commit_queue;
mod create;
mod dedup;
mod finish;
mod matching;
mod recover;
mod request_identity;
mod revoke;
mod send;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::config::Config;
use super::engine::Engine;
use super::locks::{Guard, LockKey};
use super::store::{Intent, Key, OrderRecord, Phase, Store, Uncertain};
use super::time;
use svpki_types::{Backoff, ConfigName, OrderId, OrderState};
use vault_plugin::logical::Error;

pub use absence::Absences;
pub use commit_queue::CommitQueue;
pub use create::{NewOrder, Placement, under_way};
pub use dedup::MOST_RENEWALS;
pub use request_identity::{RequestIdentity, caller, requester, sha256};

/// The prefix of the tag in SCM's comments.
const TAG: &str = "vault-order:";

/// How much longer than its wait time a request waits for SCM to accept the order, so that a caller who does not wait
/// for the certificate still gets a refusal at once in most cases.
const SENDING: Duration = Duration::from_secs(10);

/// The least time that a request waits until its order is stored, so that a caller with a wait time of 0 gets the
/// order's id.
const PLACING: Duration = Duration::from_secs(5);

/// The ledger of one mount, used for one request or one background run.
#[derive(Clone)]
pub struct Ledger {
    engine: Arc<Engine>,
    store: Store,
}

/// An order with its lock: only this task works on it.
pub struct LockedOrder {
    pub order: OrderRecord,
    guard: Guard,
    /// This task stored the order as `Intent::Written` and has not sent it yet.
    fresh: bool,
}

impl Ledger {
    pub fn new(engine: &Arc<Engine>, store: &Store) -> Self {
        Self {
            engine: Arc::clone(engine),
            store: store.clone(),
        }
    }

    pub async fn load(
        &self,
        config: &ConfigName,
        id: &OrderId,
    ) -> Result<Option<OrderRecord>, Error> {
        self.store.read(&Key::order(config, id)).await
    }

    /// Works on an order that was just placed until it has ended or the time is up, and answers its state.
    pub async fn wait_for(
        &self,
        config: &Config,
        placement: Placement,
        wait_budget: WaitBudget,
    ) -> Result<OrderRecord, Error> {
        match placement {
            Placement::Created(locked) => self.spawn_driver(config, *locked, wait_budget).await,
            Placement::Existing(order) => self.attach(config, order, wait_budget).await,
        }
    }

    /// Takes one step on an order; `None` while another task works on it, or if there is no such order.
    pub async fn poll_once(
        &self,
        config: &Config,
        id: &OrderId,
    ) -> Result<Option<OrderRecord>, Error> {
        let Some(guard) = self.engine.locks.try_lock(LockKey::order(&config.name, id)) else {
            return Ok(None);
        };
        let Some(order) = self.load(&config.name, id).await? else {
            return Ok(None);
        };
        let mut locked = LockedOrder {
            order,
            guard,
            fresh: false,
        };
        self.advance(config, &mut locked).await?;
        Ok(Some(locked.order))
    }

    /// Works on an order in a separate task: SCM may take minutes to answer, and a caller who does not wait is told
    /// that the order is pending while the order is still being sent.
    async fn spawn_driver(
        &self,
        config: &Config,
        locked: LockedOrder,
        wait_budget: WaitBudget,
    ) -> Result<OrderRecord, Error> {
        let id = locked.order.id.clone();
        let (ledger, with) = (self.clone(), config.clone());
        let task =
            tokio::spawn(
                async move { ledger.run_until_deadline(&with, locked, wait_budget).await },
            );
        match tokio::time::timeout_at(wait_budget.deadline + wait_budget.sending, task).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::internal(format!("work on order {id} was cut off"))),
            Err(_) => self
                .load(&config.name, &id)
                .await?
                .ok_or_else(|| Error::internal(format!("order {id} is gone"))),
        }
    }

    /// Waits for an order that an earlier request placed.
    pub async fn attach(
        &self,
        config: &Config,
        id: OrderId,
        wait_budget: WaitBudget,
    ) -> Result<OrderRecord, Error> {
        let missing = || Error::internal(format!("order {id} is gone"));
        let key = LockKey::order(&config.name, &id);
        let Ok(guard) =
            tokio::time::timeout_at(wait_budget.deadline, self.engine.locks.lock(key)).await
        else {
            return self.load(&config.name, &id).await?.ok_or_else(missing);
        };
        let order = self.load(&config.name, &id).await?.ok_or_else(missing)?;
        if order.state().is_final() || !wait_budget.is_left() {
            return Ok(order);
        }
        self.run_until_deadline(
            config,
            LockedOrder {
                order,
                guard,
                fresh: false,
            },
            wait_budget,
        )
        .await
    }

    async fn run_until_deadline(
        &self,
        config: &Config,
        mut locked: LockedOrder,
        wait_budget: WaitBudget,
    ) -> Result<OrderRecord, Error> {
        let backoff = Backoff::new(Duration::from_secs(1), wait_budget.longest_pause);
        let mut looks = 0;
        loop {
            // Even without any time left, a new order is sent, and SCM is asked once.
            let sent_now = locked.fresh;
            self.advance(config, &mut locked).await?;
            let state = locked.order.state();
            if state.is_final() {
                return Ok(locked.order);
            }
            if locked.order.phase == Phase::Intent(Intent::WaitsForDomain) {
                // A person has to validate the domain first, so waiting is of no use.
                return Ok(locked.order);
            }
            if sent_now && state == OrderState::Submitted && wait_budget.is_left() {
                continue;
            }
            let due = Duration::from_secs(
                u64::try_from(locked.order.next_poll - time::now()).unwrap_or_default(),
            );
            let rest = match state {
                // In these states `next_poll` decides when SCM may be asked again.
                OrderState::Intent | OrderState::Uncertain => due.max(Duration::from_millis(200)),
                _ => jittered(backoff.after(looks)),
            };
            if Instant::now() + rest > wait_budget.deadline {
                return Ok(locked.order);
            }
            tokio::time::sleep(rest).await;
            looks += 1;
        }
    }

    /// Takes the step that the order's state requires, and stores the result.
    async fn advance(&self, config: &Config, locked: &mut LockedOrder) -> Result<(), Error> {
        let fresh = std::mem::take(&mut locked.fresh);
        let _one_at_a_time = &locked.guard;
        let order = &mut locked.order;
        match order.phase {
            Phase::Intent(Intent::WaitsForDomain) => self.send_when_validated(config, order).await,
            Phase::Intent(Intent::Unsent) => self.send(config, order).await,
            Phase::Intent(Intent::Written) if fresh => self.send(config, order).await,
            // The task that stored the order is gone, and it is unknown whether it sent the order.
            Phase::Intent(Intent::Written) => {
                order.since = time::now();
                self.recover_lost(config, order, Uncertain::default()).await
            }
            Phase::Uncertain(uncertain) => self.recover_lost(config, order, uncertain).await,
            Phase::AtScm(_) => self.collect(config, order).await,
            Phase::Issued(_) | Phase::Ended { .. } => Ok(()),
        }
    }

    async fn save(&self, order: &OrderRecord) -> Result<(), Error> {
        self.store
            .write(&Key::order(&order.config, &order.id), order)
            .await
    }
}

/// How long a request waits for its order.
#[derive(Debug, Clone, Copy)]
pub struct WaitBudget {
    deadline: Instant,
    /// Until when the request waits for the order to be stored.
    placed_by: Instant,
    /// How long after `deadline` the request still waits for SCM to accept the order.
    sending: Duration,
    longest_pause: Duration,
}

impl WaitBudget {
    pub fn new(wait: Duration, longest_pause: Duration) -> Self {
        // Limits the wait, because adding to an `Instant` can overflow.
        let wait = wait.min(Duration::from_secs(86_400));
        let now = Instant::now();
        Self {
            deadline: now + wait,
            placed_by: now + wait.max(PLACING),
            sending: SENDING,
            longest_pause,
        }
    }

    /// For a caller with a deadline of its own: does not wait longer, even while the order is still being sent.
    pub fn at_most(wait: Duration) -> Self {
        Self {
            sending: Duration::ZERO,
            ..Self::new(wait, Duration::from_secs(5))
        }
    }

    /// Runs the work that comes before the order is stored; `None` when the time is up. All calls share one deadline.
    pub async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.placed_by, work).await.ok()
    }

    pub fn is_left(self) -> bool {
        Instant::now() < self.deadline
    }
}

/// Varies a pause by up to a tenth, so that many orders do not ask SCM at the same moment.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.9 + 0.2 * super::random::fraction())
}

/// When the background work takes the next step on an order: soon for a young order, and every quarter of an hour for
/// one that has waited for days.
fn next_look(order: &OrderRecord, now: i64) -> i64 {
    let age = (now - order.created).max(0);
    let pause = (age / 10).clamp(20, 900);
    now + pause
}
