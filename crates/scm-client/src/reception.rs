//! How SCM has received an account's last calls. Whoever calls without being asked to leaves it alone after some of them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Kind;

/// How long a refused login is left alone. SCM may lock it, and says nowhere after how many tries.
const FIRST_REST: Duration = Duration::from_secs(300);
/// It doubles up to this.
const LONGEST_REST: Duration = Duration::from_secs(3_600);

#[derive(Default)]
pub(super) struct Reception(Mutex<State>);

#[derive(Default)]
struct State {
    /// The last call got no answer, or only a part of one.
    unheard: bool,
    refusals: u32,
    rests_until: Option<Instant>,
}

impl Reception {
    /// Notes what came of a call: the kind of its error, if it had one.
    pub(super) fn note(&self, error: Option<Kind>) {
        let mut state = self.lock();
        state.unheard = error == Some(Kind::Unreachable);
        match error {
            // Calls that were under way together are one try.
            Some(Kind::Login) if rests(&state) => {}
            Some(Kind::Login) => {
                let rest = FIRST_REST * 2_u32.saturating_pow(state.refusals.min(10));
                state.refusals += 1;
                state.rests_until = Some(Instant::now() + rest.min(LONGEST_REST));
            }
            // Nobody has looked at the login.
            Some(Kind::Unreachable | Kind::Busy { .. } | Kind::Server | Kind::Nonsense) => {}
            Some(Kind::BadContent | Kind::Denied | Kind::NotFound) | None => {
                state.refusals = 0;
                state.rests_until = None;
            }
        }
    }

    pub(super) fn is_unheard(&self) -> bool {
        self.lock().unheard
    }

    pub(super) fn login_rests(&self) -> bool {
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
        let reception = Reception::default();
        for minutes in [5, 10, 20, 40, 60, 60] {
            assert!(!reception.login_rests());
            // Both were sent before the first was refused.
            reception.note(Some(Kind::Login));
            reception.note(Some(Kind::Login));
            tokio::time::advance(Duration::from_secs(minutes * 60 - 1)).await;
            assert!(reception.login_rests(), "{minutes}");
            tokio::time::advance(Duration::from_secs(2)).await;
        }
        reception.note(Some(Kind::Login));
        reception.note(Some(Kind::Server));
        assert!(reception.login_rests(), "that says nothing of the login");
        reception.note(Some(Kind::NotFound));
        assert!(!reception.login_rests(), "it was let in");
        reception.note(Some(Kind::Login));
        tokio::time::advance(FIRST_REST).await;
        assert!(!reception.login_rests(), "and begins anew");
    }
}
