//! Ctrl-C: the first ends the run after what is in flight, the second ends it now.

use std::io::Write;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use super::run::Shutdown;

/// Listens for Ctrl-C and for a request to terminate, for as long as it lives.
pub struct Interrupts {
    task: Option<JoinHandle<()>>,
}

impl Interrupts {
    /// Unless `quiet`, says what the first one does.
    pub fn listen(shutdown: &Arc<Shutdown>, quiet: bool) -> Self {
        let shutdown = Arc::clone(shutdown);
        let signals = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        );
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
            // Without the signals the process ends at once, as any other.
            return Self { task: None };
        };
        let task = tokio::spawn(async move {
            one_of(&mut interrupt, &mut terminate).await;
            shutdown.graceful();
            if shutdown.is_running() && !quiet {
                // Nobody to read it is no error.
                let _ = writeln!(
                    std::io::stderr().lock(),
                    "stopping: no new rows are sent; waiting for those in flight (Ctrl-C again stops now)"
                );
            }
            one_of(&mut interrupt, &mut terminate).await;
            shutdown.immediate();
        });
        Self { task: Some(task) }
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn one_of(first: &mut Signal, second: &mut Signal) {
    tokio::select! {
        _ = first.recv() => {}
        _ = second.recv() => {}
    }
}
