//! Ctrl-C and SIGTERM: the first signal ends the run once the rows in flight are answered, the second ends it at once.

use std::io::Write;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use super::run::Shutdown;

/// Listens for SIGINT and SIGTERM until it is dropped.
pub struct Interrupts {
    task: Option<JoinHandle<()>>,
}

impl Interrupts {
    /// Starts to listen. Unless `quiet`, the first signal prints what happens now.
    pub fn listen(shutdown: &Arc<Shutdown>, quiet: bool) -> Self {
        let shutdown = Arc::clone(shutdown);
        let signals = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        );
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
            // Without signal handlers SIGINT and SIGTERM end the process at once, which is the default.
            return Self { task: None };
        };
        let task = tokio::spawn(async move {
            one_of(&mut interrupt, &mut terminate).await;
            shutdown.graceful();
            if shutdown.is_running() && !quiet {
                // Ignore the error: standard error may be closed.
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
