//! Keeps calls apart as the settings require, and pauses them while SCM asks for it.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{ScmError, ScmErrorKind};

/// The longest time that a call waits for a pause of SCM, or before it is repeated. If it would wait longer, it fails,
/// and the error says when to try again. The wait for a slot is not limited by this.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The longest pause, whatever SCM asks for.
const LONGEST_BLOCK: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(super) struct RateLimiter {
    interval: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next_slot: Option<Instant>,
    /// Slots that were reserved and then given up by their callers.
    unused: BTreeSet<Instant>,
    blocked_until: Option<Instant>,
}

impl RateLimiter {
    pub(super) fn new(max_requests_per_second: Option<f64>) -> Self {
        let interval = max_requests_per_second
            .filter(|rate| rate.is_finite() && *rate > 0.0)
            .map(|rate| Duration::from_secs_f64((1.0 / rate).min(3600.0)));
        Self {
            interval,
            state: Mutex::default(),
        }
    }

    /// Waits for the slot of this call. Fails without sending anything if that would take longer than `patience`.
    pub(super) async fn acquire(
        &self,
        what: &'static str,
        patience: Duration,
    ) -> Result<(), ScmError> {
        let at = {
            let mut state = self.lock();
            let now = Instant::now();
            state.unused = state.unused.split_off(&now);
            let unused = state.unused.first().copied();
            let slot = unused.unwrap_or(state.next_slot.unwrap_or(now).max(now));
            let blocked = state.blocked_until.unwrap_or(now);
            if blocked > now + LONGEST_WAIT.min(patience) {
                return Err(busy(what, blocked - now, "SCM asked us to wait"));
            }
            let at = slot.max(blocked);
            if at > now + patience {
                return Err(busy(
                    what,
                    at - now,
                    "too many calls wait for max_requests_per_second",
                ));
            }
            match (unused, self.interval) {
                (Some(unused), _) => drop(state.unused.remove(&unused)),
                (None, Some(interval)) => state.next_slot = Some(at + interval),
                (None, None) => {}
            }
            at
        };
        let mut slot = Slot {
            rate_limiter: self.interval.map(|_| self),
            at,
        };
        sleep_until(at).await;
        slot.rate_limiter = None;
        Ok(())
    }

    /// Pauses all calls for this long, because SCM asked for it.
    pub(super) fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration.min(LONGEST_BLOCK);
        let mut state = self.lock();
        state.blocked_until = state.blocked_until.max(Some(until));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reserved slot. If its caller gives up before, the next caller gets the slot.
struct Slot<'a> {
    rate_limiter: Option<&'a RateLimiter>,
    at: Instant,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if let Some(rate_limiter) = self.rate_limiter {
            rate_limiter.lock().unused.insert(self.at);
        }
    }
}

fn busy(what: &'static str, wait: Duration, why: &str) -> ScmError {
    let seconds = wait.as_secs_f64().ceil();
    ScmError::not_sent(
        what,
        ScmErrorKind::Busy {
            retry_after: Some(wait),
        },
        format!("{why}: come back in {seconds} s"),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const PATIENT: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn calls_are_spread_and_a_block_holds_them() {
        let rate_limiter = RateLimiter::new(Some(4.0));
        let start = Instant::now();
        for _ in 0..9 {
            rate_limiter.acquire("x", PATIENT).await.unwrap();
        }
        assert_eq!(start.elapsed().as_secs(), 2);
        rate_limiter.pause(Duration::from_secs(5));
        rate_limiter.acquire("x", PATIENT).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 7);
        rate_limiter.pause(Duration::from_secs(90));
        let error = rate_limiter.acquire("x", PATIENT).await.unwrap_err();
        assert_eq!(error.outcome(), super::super::Outcome::NotSent);
        assert!(
            matches!(error.kind(), ScmErrorKind::Busy { retry_after: Some(wait) } if wait.as_secs() >= 80)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_turns_of_callers_who_have_gone_are_used() {
        let rate_limiter = Arc::new(RateLimiter::new(Some(1.0)));
        let start = Instant::now();
        rate_limiter.acquire("x", PATIENT).await.unwrap();
        let waiting = [(); 20].map(|()| {
            let rate_limiter = Arc::clone(&rate_limiter);
            tokio::spawn(async move { rate_limiter.acquire("x", PATIENT).await })
        });
        tokio::task::yield_now().await;
        for turn in waiting {
            turn.abort();
            let _ = turn.await;
        }
        for _ in 0..3 {
            rate_limiter.acquire("x", PATIENT).await.unwrap();
        }
        assert_eq!(start.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nobody_waits() {
        let rate_limiter = RateLimiter::new(None);
        let start = Instant::now();
        for _ in 0..1000 {
            rate_limiter.acquire("x", PATIENT).await.unwrap();
        }
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}
