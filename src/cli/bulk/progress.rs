//! The progress of a run: a bar on a terminal, otherwise a line every few seconds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::outcome::State;

/// Counts the rows that have ended and shows the progress.
pub struct Progress<'p> {
    bar: ProgressBar,
    /// Prints a line on standard error.
    say: Box<dyn Fn(&str) + Send + Sync + 'p>,
    rows: u64,
    done: AtomicU64,
    failed: AtomicU64,
    started: Instant,
    said: Mutex<Instant>,
}

const BETWEEN_LINES: Duration = Duration::from_secs(5);

impl<'p> Progress<'p> {
    /// `bar` is hidden when standard error is not a terminal; then `say` prints lines instead.
    pub fn new(rows: u64, bar: ProgressBar, say: impl Fn(&str) + Send + Sync + 'p) -> Self {
        let now = Instant::now();
        Self {
            bar,
            say: Box::new(say),
            rows,
            done: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            started: now,
            said: Mutex::new(now),
        }
    }

    /// Counts a row that has ended.
    pub fn row(&self, state: State) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if state == State::Failed {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        self.bar.inc(1);
        if !self.bar.is_hidden() {
            // The bar itself shows how many rows are done and how long the rest will take.
            let (failed, rate) = (self.failed.load(Ordering::Relaxed), self.rate(done));
            self.bar
                .set_message(format!("{failed} failed, {rate:.1} rows a second"));
            return;
        }
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.elapsed() >= BETWEEN_LINES && done < self.rows {
            *said = Instant::now();
            (self.say)(&self.line(done));
        }
    }

    /// Prints a line above the bar.
    pub fn note(&self, text: &str) {
        if self.bar.is_hidden() {
            (self.say)(text);
        } else {
            self.bar.println(text);
        }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn rate(&self, done: u64) -> f64 {
        done as f64 / self.started.elapsed().as_secs_f64().max(0.001)
    }

    fn line(&self, done: u64) -> String {
        let rate = self.rate(done);
        let left = (self.rows.saturating_sub(done)) as f64 / rate;
        let failed = self.failed.load(Ordering::Relaxed);
        format!(
            "{done} of {} rows, {failed} failed, {rate:.1} rows a second, about {left:.0} s left",
            self.rows
        )
    }
}
