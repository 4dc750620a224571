//! Sends the rows, several at once. Each row is written to the journal before it is sent and after it is answered.

use std::io::ErrorKind;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::{Stream, StreamExt, TryStreamExt};
use tokio::sync::{Notify, Semaphore};

use super::columns::Column;
use super::error::BulkError;
use super::existing::ExistingCertificates;
use super::journal::Journal;
use super::keys::{RowId, names_key};
use super::outcome::{Outcome, State};
use super::outdir::OutDir;
use super::plan::judge;
use super::planned::joined;
use super::poll_pending::look;
use super::progress::Progress;
use super::request::{Digest, Finding};
use super::row_store::RowStore;
use super::send::{Order, Response, SendResult, Sender};
use crate::cli::CliError;
use vault_client::{VaultError, VaultErrorKind};

/// A row that is to be sent.
pub struct Task {
    /// The row's index in the plan.
    pub index: u64,
    pub row: u32,
    pub id: RowId,
    pub attempt: u32,
    /// An earlier run sent the row and got no answer. Whatever the engine answers now belongs to that order.
    pub resumes: bool,
    /// The index of the row's config in `Runner::lanes`.
    pub target: usize,
    /// The certificates that the new certificate replaces.
    pub replaces: Vec<String>,
    /// A digest of the names that are ordered, when the idempotency key is made from it.
    pub subject: Option<Digest>,
    /// For a step: the serial number of the certificate before the step.
    pub serial: String,
    pub order: Order,
    /// Finds the column that caused a refusal. `None` for steps.
    pub origin: Option<Origin>,
}

/// Finds the column that an error message of the engine is about.
pub type Origin = Box<dyn Fn(&str) -> Option<Column> + Send + Sync>;

/// Why a run ended before its last row.
#[derive(Debug, Clone)]
pub enum Stopped {
    Interrupted,
    Lost(VaultError),
    Refused(VaultError),
    /// SCM refused the account several times in a row, so the other rows would be refused, too.
    Account(String),
    /// The journal or the input could not be written or read.
    Broken(String),
    /// Certificates or keys cannot be written to disk.
    Files(String),
}

/// Tells a run to end. After [`graceful`](Self::graceful) no new rows are sent; [`immediate`](Self::immediate) does not
/// even wait for the rows in flight.
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

    /// Records that rows are in flight from now on.
    pub fn begin(&self) {
        self.running.store(true, Ordering::SeqCst);
    }

    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::SeqCst)
    }

    /// Carries out `work`, which may be dropped at any point. Fails as soon as [`graceful`](Self::graceful) is called.
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

    /// Returns once [`immediate`](Self::immediate) was called.
    pub async fn wait_immediate(&self) {
        self.now.notified().await;
    }
}

/// A config of a run: its sender, and how many of its rows may be in flight.
pub struct Lane {
    pub sender: Sender,
    pub turns: Semaphore,
    pub key_storage: String,
}

/// What a run needs to send rows.
pub struct Runner<'r> {
    pub lanes: &'r [Lane],
    /// The existing certificates and orders of each config when the run began; empty for steps.
    pub existing: &'r [ExistingCertificates],
    /// Each new row gets an order of its own, even when a certificate or an order has its names.
    pub allow_duplicates: bool,
    /// `enroll`, `renew`, `replace` or `revoke`.
    pub action: &'r str,
    pub journal: &'r Journal,
    pub files: Option<&'r OutDir>,
    pub progress: &'r Progress<'r>,
    pub shutdown: &'r Shutdown,
    pub concurrency: usize,
    pub store: &'r RowStore,
}

/// The most attempts for one row. A row is sent again with another idempotency key when its answer is about an old
/// order; see [`Runner::is_bygone`].
const MOST_ATTEMPTS: u32 = 100;

/// After this many refusals of the account in a row, the run ends.
const ACCOUNT_REFUSALS: u32 = 8;

impl Runner<'_> {
    /// Sends the tasks concurrently until the last one is done or something stops the run.
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
                    // This task was read ahead before the run was told to stop.
                    if self.shutdown.is_asked() {
                        return Ok(());
                    }
                    let (sent, full) = self.one(&task).await?;
                    match sent {
                        SendResult::Answered(response) if response.account_refused => {
                            if refusals.fetch_add(1, Ordering::Relaxed) + 1 >= ACCOUNT_REFUSALS {
                                end(Stopped::Account(response.outcome.message));
                            }
                        }
                        SendResult::Answered(_) => refusals.store(0, Ordering::Relaxed),
                        SendResult::Unreachable(error) => end(Stopped::Lost(error)),
                        SendResult::TokenRejected(error) => end(Stopped::Refused(error)),
                    }
                    if let Some(why) = full {
                        end(Stopped::Files(why));
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

    /// Sends a row. The second value, if any, says why no more rows may be sent: the files of this one cannot be
    /// written.
    async fn one(&self, task: &Task) -> Result<(SendResult, Option<String>), BulkError> {
        let lane = &self.lanes[task.target];
        let turn = lane.turns.acquire().await;
        let mut attempt = task.attempt;
        let mut sent = loop {
            let by_names = task.subject.is_some();
            self.journal
                .sent(task.id, task.row, attempt, by_names)
                .await?;
            let key = match &task.subject {
                Some(subject) => names_key(subject, attempt),
                None => task.id.idempotency_key(attempt),
            };
            let mut sent = lane
                .sender
                .send(&task.order, &key, &|| self.shutdown.is_asked(), &|text| {
                    self.progress.note(text);
                })
                .await;
            if let SendResult::Answered(response) = &mut sent
                && (by_names || matches!(task.order, Order::Replace(..)))
            {
                follow_other_run(lane, response).await;
            }
            if attempt >= MOST_ATTEMPTS || !self.is_bygone(task, attempt, &sent)? {
                break sent;
            }
            attempt += 1;
        };
        drop(turn);
        let mut full = None;
        let outcome = match &mut sent {
            SendResult::Answered(response) => {
                self.action.clone_into(&mut response.outcome.action);
                response.outcome.attempt = attempt;
                full = self.keep_files(task, lane, response);
                name_column(task, response);
                response.outcome.clone()
            }
            // The journal has the row as sent, so the next run continues with it.
            SendResult::Unreachable(error) => {
                Outcome::of(State::Unknown, "unknown", error.to_string())
            }
            SendResult::TokenRejected(error) => {
                let unsent = Outcome::of(State::Unknown, "unsent", error.to_string());
                self.store.set_outcome(task.index, &unsent)?;
                return Ok((sent, None));
            }
        };
        self.journal
            .ended(task.id, attempt, task.subject.is_some(), &outcome)
            .await?;
        self.progress.row(outcome.state);
        self.store.set_outcome(task.index, &outcome)?;
        Ok((sent, full))
    }

    /// Whether the answer is about an old order that used the same idempotency key. This is so when the certificate of
    /// that order has ended, or when it existed before this run and the row is to have another one.
    fn is_bygone(&self, task: &Task, attempt: u32, sent: &SendResult) -> Result<bool, BulkError> {
        let SendResult::Answered(response) = sent else {
            return Ok(false);
        };
        let outcome = &response.outcome;
        let resumes = task.resumes && attempt == task.attempt;
        match &task.order {
            Order::Enroll(_) => {}
            // The certificate already had this serial number before the replacement, so the answer is about an earlier
            // replacement.
            Order::Replace(..) => {
                return Ok(!resumes
                    && outcome.state == State::Done
                    && !task.serial.is_empty()
                    && outcome.serial == task.serial);
            }
            Order::Renew(..) | Order::Revoke(..) => return Ok(false),
        }
        if BYGONE.contains(&outcome.status.as_str()) {
            return Ok(true);
        }
        let Some(existing) = self.existing.get(task.target) else {
            return Ok(false);
        };
        if resumes {
            return Ok(false);
        }
        match outcome.state {
            State::Failed if response.other_order.is_some() => Ok(true),
            State::Failed => match response.ended_order() {
                Some(order) => existing.has(order),
                None => Ok(false),
            },
            State::Done => Ok(self.allow_duplicates && existing.in_use(&outcome.id)?.is_some()),
            State::Pending => Ok(self.allow_duplicates && existing.has(&outcome.order_id)?),
            State::Unknown => Ok(false),
        }
    }

    /// Writes the certificate and the key as files, before the journal records the row as done. Returns an error
    /// message when the files of the next rows could not be written either.
    fn keep_files(&self, task: &Task, lane: &Lane, response: &mut Response) -> Option<String> {
        let (Some(files), Some(answer), State::Done) =
            (self.files, &response.answer, response.outcome.state)
        else {
            return None;
        };
        let Err(error) = files.write(answer, &task.replaces) else {
            if let Some(words) = files.passed_over(answer) {
                lane.sender.warnings.add(&words);
            }
            return None;
        };
        let words = error.to_string();
        response.outcome.file_error = Some(files_not_written(&words));
        // With `key_storage=once` no more keys may be ordered while files cannot be written. Other keys can be read
        // again.
        let hits_all = matches!(
            error.kind(),
            ErrorKind::StorageFull
                | ErrorKind::QuotaExceeded
                | ErrorKind::ReadOnlyFilesystem
                | ErrorKind::PermissionDenied
        );
        (hits_all || lane.key_storage == "once").then_some(words)
    }
}

/// If the key was used before with different values (another run has ordered the same names), adopts the outcome of
/// that order.
async fn follow_other_run(lane: &Lane, response: &mut Response) {
    let Some(order) = response.other_order.clone() else {
        return;
    };
    let engine = lane.sender.engine().await;
    let open = Outcome {
        order_id: order.clone(),
        ..Outcome::of(State::Pending, "pending", "")
    };
    let mut now = match look(&engine, lane.sender.config(), &open).await {
        Ok(now) => now,
        // The record of the order was removed, so the order ended long ago.
        Err(error) if error.kind == VaultErrorKind::NotFound => {
            Outcome::of(State::Failed, "failed", error.to_string())
        }
        // The state of the order is unknown. The next run asks again.
        Err(_) => return,
    };
    if now.state == State::Done && !BYGONE.contains(&now.status.as_str()) {
        now.status = "exists".to_owned();
        let words = format!("another run ordered these names (order {order})");
        now.message = joined([words, now.message]);
    }
    response.outcome = now;
}

pub fn files_not_written(why: &str) -> String {
    format!("its files were not written: {why}")
}

/// A certificate with one of these statuses has ended and cannot serve a row.
const BYGONE: [&str; 4] = ["revoked", "expired", "superseded", "replaced"];

/// A row that the engine refused gets the same status and message as in a plan: the verdict, the column and the reason.
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
