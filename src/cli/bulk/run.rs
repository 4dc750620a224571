//! The run itself: many rows at once, each written to the journal before it is sent and after it is answered.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::{Stream, StreamExt, TryStreamExt};
use tokio::sync::Notify;

use super::columns::Column;
use super::error::BulkError;
use super::journal::{Journal, Outcome, State};
use super::keys::RowId;
use super::outdir::OutDir;
use super::plan::judge;
use super::progress::Progress;
use super::request::Finding;
use super::row_store::RowStore;
use super::send::{Order, Response, SendResult, Sender};
use crate::cli::CliError;
use vault_client::VaultError;

/// One row that is to be sent.
pub struct Task {
    /// Its place among the rows of the plan.
    pub index: u64,
    pub row: u32,
    pub id: RowId,
    pub attempt: u32,
    pub order: Order,
    /// Names the column that a refusal is about; absent where there is no such file.
    pub origin: Option<Origin>,
}

/// Finds the column that a complaint of the engine is about.
pub type Origin = Box<dyn Fn(&str) -> Option<Column> + Send + Sync>;

/// Why a run ended before its last row.
#[derive(Debug, Clone)]
pub enum Stopped {
    Interrupted,
    Lost(VaultError),
    Refused(VaultError),
    /// SCM refused the account, again and again: the other rows would fail alike.
    Account(String),
    /// The journal or the input gave out.
    Broken(String),
}

/// Asks a run to end: first after what is in flight, then at once.
#[derive(Default)]
pub struct Shutdown {
    running: AtomicBool,
    soon: AtomicBool,
    asked: Notify,
    now: Notify,
}

impl Shutdown {
    pub fn graceful(&self) {
        self.soon.store(true, Ordering::SeqCst);
        self.asked.notify_one();
    }

    /// Rows are in flight from here on.
    pub fn begin(&self) {
        self.running.store(true, Ordering::SeqCst);
    }

    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::SeqCst)
    }

    /// What may be dropped at any point: ends with an interruption as soon as one is asked for.
    pub async fn or<T>(
        &self,
        work: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        tokio::select! {
            done = work => done,
            () = self.asked.notified() => Err(CliError::interrupted()),
        }
    }

    pub fn immediate(&self) {
        self.graceful();
        self.now.notify_one();
    }

    pub fn is_asked(&self) -> bool {
        self.soon.load(Ordering::SeqCst)
    }

    /// Ends when nothing more is to be waited for.
    pub async fn wait_immediate(&self) {
        self.now.notified().await;
    }
}

/// What a run works with.
pub struct Runner<'r> {
    pub sender: &'r Sender,
    pub journal: &'r Journal,
    pub files: Option<&'r OutDir>,
    pub progress: &'r Progress<'r>,
    pub shutdown: &'r Shutdown,
    pub concurrency: usize,
    pub store: &'r RowStore,
}

/// So many refusals of the account in a row end the run.
const ACCOUNT_REFUSALS: u32 = 8;

impl Runner<'_> {
    /// Sends the tasks, some at once, until the last one or until something stops the run.
    pub async fn run(
        &self,
        tasks: impl Stream<Item = Result<Task, BulkError>>,
    ) -> Result<Option<Stopped>, BulkError> {
        let stopped = Mutex::new(None);
        let refusals = AtomicU32::new(0);
        let end = |why: Stopped| {
            self.shutdown.graceful();
            stopped
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(why);
        };
        let work = tasks
            .take_while(|_| {
                let go_on = !self.shutdown.is_asked();
                async move { go_on }
            })
            .try_for_each_concurrent(self.concurrency.max(1), |task| {
                let (end, refusals) = (&end, &refusals);
                async move {
                    // Read ahead before the run was asked to stop.
                    if self.shutdown.is_asked() {
                        return Ok(());
                    }
                    match self.one(&task).await? {
                        SendResult::Answered(response) if response.account_refused => {
                            if refusals.fetch_add(1, Ordering::Relaxed) + 1 >= ACCOUNT_REFUSALS {
                                end(Stopped::Account(response.outcome.message));
                            }
                        }
                        SendResult::Answered(_) => refusals.store(0, Ordering::Relaxed),
                        SendResult::Unreachable(error) => end(Stopped::Lost(error)),
                        SendResult::TokenRejected(error) => end(Stopped::Refused(error)),
                    }
                    Ok(())
                }
            });
        tokio::select! {
            done = work => done?,
            () = self.shutdown.wait_immediate() => end(Stopped::Interrupted),
        }
        let why = stopped.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(why.or_else(|| self.shutdown.is_asked().then_some(Stopped::Interrupted)))
    }

    async fn one(&self, task: &Task) -> Result<SendResult, BulkError> {
        self.journal.sent(task.id, task.row, task.attempt).await?;
        let key = task.id.idempotency_key(task.attempt);
        let mut sent = self
            .sender
            .send(&task.order, &key, &|| self.shutdown.is_asked())
            .await;
        let outcome = match &mut sent {
            SendResult::Answered(response) => {
                self.keep_files(response).await;
                name_column(task, response);
                response.outcome.clone()
            }
            // The journal has the row as sent: the next run goes on with it.
            SendResult::Unreachable(error) => {
                Outcome::of(State::Unknown, "unknown", error.to_string())
            }
            SendResult::TokenRejected(error) => {
                let unsent = Outcome::of(State::Unknown, "unsent", error.to_string());
                self.store.set_outcome(task.index, &unsent)?;
                return Ok(sent);
            }
        };
        self.journal.ended(task.id, task.attempt, &outcome).await?;
        self.progress.row(outcome.state);
        self.store.set_outcome(task.index, &outcome)?;
        Ok(sent)
    }

    /// Certificate and key as files, before the journal calls the row done.
    async fn keep_files(&self, response: &mut Response) {
        let (Some(files), Some(answer), State::Done) =
            (self.files, &response.answer, response.outcome.state)
        else {
            return;
        };
        if let Err(error) = files.write(answer) {
            response.outcome.file_error = Some(error.to_string());
        }
    }
}

/// A row that the engine did not take is told as a plan tells it: a verdict, the column, the reason.
fn name_column(task: &Task, response: &mut Response) {
    let (Some(error), Some(origin)) = (&response.not_taken, &task.origin) else {
        return;
    };
    if let Ok((verdict, reason)) = judge(error) {
        response.outcome.status = verdict.as_str().to_owned();
        response.outcome.message = Finding {
            column: origin(&reason),
            reason,
        }
        .to_string();
    }
}
