//! The time budget of a background run, and the accounts whose SCM did not answer within it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use scm_client::Client;
use svpki_types::ConfigName;
use svpki_types::api::JobHealth;
use vault_plugin::logical::Error;

/// How many accounts are worked on at the same time.
const ACCOUNTS: usize = 32;

/// One part of a run with its own deadline. An account that did not answer in one part is skipped in the following
/// parts.
pub struct RunBudget {
    pub deadline: Instant,
    unresponsive: Mutex<HashSet<ConfigName>>,
}

impl RunBudget {
    /// A budget that ends after `length` from now.
    pub fn new(length: Duration) -> Self {
        Self {
            deadline: Instant::now() + length,
            unresponsive: Mutex::default(),
        }
    }

    /// The next part of the same run.
    pub fn next_phase(&self, deadline: Instant) -> Self {
        Self {
            deadline,
            unresponsive: Mutex::new(self.lock().clone()),
        }
    }

    /// The reason to start no further work for this account; `None` if there is none.
    pub fn skip_reason(&self, config: &ConfigName, client: &Client) -> Option<&'static str> {
        if self.lock().contains(config) {
            Some("SCM does not answer")
        } else if client.login_in_backoff() {
            Some("SCM refuses the login")
        } else if Instant::now() >= self.deadline {
            Some("no time left in this run")
        } else {
            None
        }
    }

    /// Records whether SCM answered the account's last call.
    pub fn record_response(&self, config: &ConfigName, client: &Client) {
        if client.last_call_unanswered() {
            self.mark_unresponsive(config);
        }
    }

    pub fn mark_unresponsive(&self, config: &ConfigName) {
        self.lock().insert(config.clone());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<ConfigName>> {
        self.unresponsive
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works on several accounts at the same time, so that a slow SCM of one account does not delay the others.
pub async fn side_by_side<A, F>(
    accounts: Vec<A>,
    mut health: JobHealth,
    work: impl Fn(A) -> F,
) -> Result<JobHealth, Error>
where
    F: Future<Output = Result<JobHealth, Error>>,
{
    let mut all = stream::iter(accounts.into_iter().map(work)).buffer_unordered(ACCOUNTS);
    while let Some(of_account) = all.next().await {
        health.merge(of_account?);
    }
    Ok(health)
}

/// Whether the next attempt is due. A time that is further ahead than the longest pause was set by a wrong clock, and
/// counts as due.
pub fn is_due(next: i64, now: i64, longest_pause: i64) -> bool {
    next <= now || next > now + longest_pause
}
