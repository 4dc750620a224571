//! Who waits for the answer of a request.

use tokio::sync::watch;

/// The one who sent a request. The request goes on when its caller is gone, and nobody hears what came of it.
///
/// Without a [`Waiting`] nobody waits from the start, as in the server's periodic call.
#[derive(Debug, Clone)]
pub struct Caller {
    waiting: watch::Receiver<()>,
}

/// While it lives, the caller waits.
#[derive(Debug)]
pub struct Waiting {
    _waiting: watch::Sender<()>,
}

impl Caller {
    pub fn waiting() -> (Self, Waiting) {
        let (sender, receiver) = watch::channel(());
        (Self { waiting: receiver }, Waiting { _waiting: sender })
    }

    pub fn is_gone(&self) -> bool {
        self.waiting.has_changed().is_err()
    }
}

impl Default for Caller {
    fn default() -> Self {
        Self::waiting().0
    }
}
