//! Remembers an account's refused logins and unanswered calls, so that background work does not use the account for a
//! while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use svpki_types::Backoff;
use tokio::time::Instant;

use super::ScmErrorKind;

/// For how long a refused login is not tried. SCM may lock a login, and does not document after how many attempts.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(300), Duration::from_secs(3_600));

#[derive(Default)]
pub(super) struct LoginBackoff(Mutex<State>);

#[derive(Default)]
struct State {
    /// The last call got no answer, or only a part of one.
    unanswered: bool,
    refusals: u32,
    rests_until: Option<Instant>,
}

impl LoginBackoff {
    /// Records the result of a call: the kind of its error, if it had one.
    pub(super) fn note(&self, error: Option<ScmErrorKind>) {
        let mut state = self.lock();
        state.unanswered = error == Some(ScmErrorKind::Unreachable);
        match error {
            // Calls that were under way at the same time count as one attempt.
            Some(ScmErrorKind::Login) if rests(&state) => {}
            Some(ScmErrorKind::Login) => {
                state.rests_until = Some(Instant::now() + BACKOFF.after(state.refusals));
                state.refusals = state.refusals.saturating_add(1);
            }
            // These errors do not say whether SCM accepts the login.
            Some(
                ScmErrorKind::Unreachable
                | ScmErrorKind::Busy { .. }
                | ScmErrorKind::Server
                | ScmErrorKind::InvalidResponse,
            ) => {}
            Some(ScmErrorKind::BadContent | ScmErrorKind::Forbidden | ScmErrorKind::NotFound)
            | None => {
                state.refusals = 0;
                state.rests_until = None;
            }
        }
    }

    pub(super) fn last_call_unanswered(&self) -> bool {
        self.lock().unanswered
    }

    pub(super) fn login_in_backoff(&self) -> bool {
        rests(&self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rests(state: &State) -> bool {
    state
        .rests_until
        .is_some_and(|until| Instant::now() < until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_refused_login_rests_longer_each_time() {
        let login_backoff = LoginBackoff::default();
        for minutes in [5, 10, 20, 40, 60, 60] {
            assert!(!login_backoff.login_in_backoff());
            // Both calls were sent before the first was refused.
            login_backoff.note(Some(ScmErrorKind::Login));
            login_backoff.note(Some(ScmErrorKind::Login));
            tokio::time::advance(Duration::from_secs(minutes * 60 - 1)).await;
            assert!(login_backoff.login_in_backoff(), "{minutes}");
            tokio::time::advance(Duration::from_secs(2)).await;
        }
        login_backoff.note(Some(ScmErrorKind::Login));
        login_backoff.note(Some(ScmErrorKind::Server));
        assert!(
            login_backoff.login_in_backoff(),
            "that says nothing of the login"
        );
        login_backoff.note(Some(ScmErrorKind::NotFound));
        assert!(!login_backoff.login_in_backoff(), "it was let in");
        login_backoff.note(Some(ScmErrorKind::Login));
        tokio::time::advance(BACKOFF.after(0)).await;
        assert!(!login_backoff.login_in_backoff(), "and begins anew");
    }
}
