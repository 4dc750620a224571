//! Who waits for the answer of a request.

use tokio::sync::watch;

/// The one who sent a request. The request goes on when its caller is gone, and nobody hears what came of it.
///
/// Without a guard nobody waits from the start, as in the server's periodic call.
#[derive(Debug, Clone)]
pub struct CallerHandle {
    waiting: watch::Receiver<()>,
}

/// While it lives, the caller waits.
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
