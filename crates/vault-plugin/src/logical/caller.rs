//! The caller of a request, and whether it still waits for the answer.

use tokio::sync::watch;

/// The caller of a request. The request continues when its caller has disconnected, but the answer is lost.
///
/// Without a guard the caller counts as disconnected from the start, as in the server's periodic call.
#[derive(Debug, Clone)]
pub struct CallerHandle {
    waiting: watch::Receiver<()>,
}

/// The caller waits as long as this guard exists.
#[derive(Debug)]
pub struct CallerGuard {
    _waiting: watch::Sender<()>,
}

impl CallerHandle {
    pub fn waiting() -> (Self, CallerGuard) {
        let (sender, receiver) = watch::channel(());
        (Self { waiting: receiver }, CallerGuard { _waiting: sender })
    }

    pub fn is_disconnected(&self) -> bool {
        self.waiting.has_changed().is_err()
    }
}

impl Default for CallerHandle {
    fn default() -> Self {
        Self::waiting().0
    }
}
