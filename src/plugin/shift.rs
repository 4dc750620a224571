//! One run of background work: how long it may go on, and whose SCM has not answered in it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use scm_client::Client;
use svpki_types::ConfigName;
use svpki_types::answers::JobHealth;

/// Accounts that are worked on side by side.
pub const ACCOUNTS: usize = 32;

/// A part of a run, which ends at its own time. What has not answered in one part is left alone in the next.
pub struct Shift {
    pub until: Instant,
    silent: Mutex<HashSet<ConfigName>>,
}

impl Shift {
    /// From now on for so long.
    pub fn new(length: Duration) -> Self {
        Self {
            until: Instant::now() + length,
            silent: Mutex::default(),
        }
    }

    /// The next part of the same run.
    pub fn then(&self, until: Instant) -> Self {
        Self {
            until,
            silent: Mutex::new(self.lock().clone()),
        }
    }

    /// Why nothing more is begun for this account.
    pub fn why_not(&self, config: &ConfigName, client: &Client) -> Option<&'static str> {
        if self.lock().contains(config) {
            Some("SCM does not answer")
        } else if client.login_rests() {
            Some("SCM refuses the login")
        } else if Instant::now() >= self.until {
            Some("no time left in this run")
        } else {
            None
        }
    }

    /// Notes whether SCM has answered the account's last call.
    pub fn heard(&self, config: &ConfigName, client: &Client) {
        if client.is_unheard() {
            self.silent(config);
        }
    }

    pub fn silent(&self, config: &ConfigName) {
        self.lock().insert(config.clone());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<ConfigName>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the time of the next try has come. One that lies further ahead than the longest pause was set by a clock
/// that was wrong.
pub fn is_due(next: i64, now: i64, longest_pause: i64) -> bool {
    next <= now || next > now + longest_pause
}

/// Counts what a job has passed over.
pub fn skip(health: &mut JobHealth, why: &str) {
    *health.skipped.entry(why.to_owned()).or_default() += 1;
}

/// What one account came to, added to what the others have.
pub fn add(all: &mut JobHealth, one: JobHealth) {
    all.done += one.done;
    for (why, count) in one.skipped {
        *all.skipped.entry(why).or_default() += count;
    }
    if !one.last_error.is_empty() {
        all.last_error = one.last_error;
    }
}
