//! An action on one or many certificates: its requests and their progress.

use std::sync::Arc;

use super::row::Row;
use crate::tui::source::{CertKey, Done, Request, SourceError, Verb};
use crate::tui::text;
use svpki_types::Status;

/// Distinguishes a certificate from others with the same name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    pub status: Option<Status>,
    pub serial: Box<str>,
    /// Unix seconds.
    pub not_before: i64,
    /// Unix seconds.
    pub not_after: i64,
    /// The renewal is due or has failed.
    pub due: bool,
}

impl Facts {
    pub fn of(row: &Row, now: i64) -> Self {
        Self {
            status: row.status,
            serial: row.serial().into(),
            not_before: row.not_before,
            not_after: row.not_after,
            due: row.is_due(now),
        }
    }
}

/// A certificate or order that an action applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Mount, config, and the ID in the request path.
    pub key: CertKey,
    pub name: Arc<str>,
    /// `None` for an order, and for a marked certificate whose row is not loaded.
    pub facts: Option<Facts>,
    /// The idempotency key. It makes an ordering request safe to repeat: the server returns the first result again.
    pub once: Option<Arc<str>>,
    /// Names besides the common name, separated by spaces.
    pub alt_names: Box<str>,
}

impl Target {
    pub fn new(key: CertKey, name: &str) -> Self {
        Self {
            key,
            name: name.into(),
            facts: None,
            once: None,
            alt_names: Box::default(),
        }
    }

    /// Adds what the row says about the certificate.
    pub fn of(mut self, row: &Row, now: i64) -> Self {
        self.facts = Some(Facts::of(row, now));
        let others = row.alt_names().split(' ');
        let others: Vec<&str> = others.filter(|name| *name != row.common_name()).collect();
        self.alt_names = others.join(" ").into();
        self
    }

    pub fn request(&self, verb: Verb, fields: &[(&'static str, String)]) -> Request {
        let CertKey { mount, config, id } = &self.key;
        let path = match verb {
            Verb::Cancel | Verb::Poll => format!("{mount}/orders/{config}/{id}"),
            Verb::Enroll => format!("{mount}/enroll/{config}"),
            _ => format!("{mount}/{}/{config}/{id}", verb.word()),
        };
        let mut fields = fields.to_vec();
        if let Some(once) = self.once.as_ref().filter(|_| verb.orders()) {
            fields.push(("idempotency_key", once.to_string()));
        }
        Request { verb, path, fields }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemState {
    Waiting,
    Running,
    Done(Done),
    Failed(SourceError),
    /// Left out because the server became unreachable.
    NotSent,
    /// Left out because somebody stopped the job.
    Stopped,
}

#[derive(Debug, Clone)]
pub struct Item {
    pub target: Target,
    pub request: Request,
    pub state: ItemState,
}

/// The number of requests sent at the same time.
const AT_ONCE: usize = 4;

#[derive(Debug, Clone)]
pub struct Job {
    pub id: u64,
    pub verb: Verb,
    /// The fields of the request besides the path, the same for each item.
    pub fields: Vec<(&'static str, String)>,
    pub items: Vec<Item>,
    /// The first item shown.
    pub scroll: usize,
    /// Milliseconds since 1970.
    pub started: i64,
    /// Milliseconds since 1970.
    pub last_answer: i64,
}

impl Job {
    pub fn new(
        id: u64,
        verb: Verb,
        targets: Vec<Target>,
        fields: &[(&'static str, String)],
        started: i64,
    ) -> Self {
        let items = targets
            .into_iter()
            .map(|target| Item {
                request: target.request(verb, fields),
                target,
                state: ItemState::Waiting,
            })
            .collect();
        Self {
            id,
            verb,
            fields: fields.to_vec(),
            items,
            scroll: 0,
            started,
            last_answer: started,
        }
    }

    /// Marks the next waiting items as running and returns their requests.
    pub fn start_next(&mut self) -> Vec<(usize, Request)> {
        let running = self.count(|s| *s == ItemState::Running);
        let free = AT_ONCE.saturating_sub(running);
        self.items
            .iter_mut()
            .enumerate()
            .filter(|(_, item)| item.state == ItemState::Waiting)
            .take(free)
            .map(|(at, item)| {
                item.state = ItemState::Running;
                (at, item.request.clone())
            })
            .collect()
    }

    pub fn answer(&mut self, at: usize, result: Result<Done, SourceError>) {
        if result.as_ref().is_err_and(SourceError::is_server_wide) {
            for item in &mut self.items {
                if item.state == ItemState::Waiting {
                    item.state = ItemState::NotSent;
                }
            }
        }
        if let Some(item) = self.items.get_mut(at) {
            item.state = match result {
                Ok(done) => ItemState::Done(done),
                Err(error) => ItemState::Failed(error),
            };
        }
    }

    fn count(&self, is: impl Fn(&ItemState) -> bool) -> usize {
        self.items.iter().filter(|item| is(&item.state)).count()
    }

    pub fn ended(&self) -> usize {
        self.items.len() - self.count(|s| matches!(s, ItemState::Waiting | ItemState::Running))
    }

    /// Stops the items that still wait; returns their number.
    pub fn stop(&mut self) -> usize {
        let mut stopped = 0;
        for item in &mut self.items {
            if item.state == ItemState::Waiting {
                item.state = ItemState::Stopped;
                stopped += 1;
            }
        }
        stopped
    }

    pub fn stopped(&self) -> usize {
        self.count(|s| *s == ItemState::Stopped)
    }

    pub fn succeeded(&self) -> usize {
        self.count(|s| matches!(s, ItemState::Done(_)))
    }

    pub fn failed(&self) -> usize {
        self.count(|s| matches!(s, ItemState::Failed(_) | ItemState::NotSent))
    }

    /// Estimated seconds until the job is over, from the pace so far; `None` before the first answer and after the
    /// last.
    pub fn time_left(&self) -> Option<i64> {
        let ended = i64::try_from(self.ended())
            .ok()
            .filter(|ended| *ended > 0)?;
        let rest = i64::try_from(self.items.len()).ok()? - ended;
        let taken = self.last_answer.saturating_sub(self.started);
        (!self.is_over()).then(|| taken.saturating_mul(rest) / ended / 1000)
    }

    /// The outcome in text lines for a terminal: a summary, then each item that did not succeed.
    pub fn report(&self) -> Vec<String> {
        let mut lines = vec![format!("{}: {}", self.verb.word(), self.summary())];
        for item in &self.items {
            let why = match &item.state {
                ItemState::Done(_) => continue,
                ItemState::Failed(SourceError::Unreachable(why)) => {
                    format!("outcome unknown: {why}")
                }
                ItemState::Failed(error) => error.to_string(),
                ItemState::Running => "outcome unknown: it was in progress".to_owned(),
                ItemState::Waiting | ItemState::NotSent | ItemState::Stopped => {
                    "not sent".to_owned()
                }
            };
            lines.push(format!("  {}: {why}", item.target.name));
        }
        lines
    }

    /// Like [`Job::outcome`], with the number of unfinished items.
    pub fn summary(&self) -> String {
        match self.items.len() - self.ended() {
            0 => self.outcome(),
            open => format!(
                "{}, {} unfinished",
                self.outcome(),
                text::count(open as u64)
            ),
        }
    }

    /// The targets to try again, with their idempotency keys.
    pub fn unfinished(&self) -> Vec<Target> {
        self.items
            .iter()
            .filter(|item| {
                matches!(
                    item.state,
                    ItemState::Failed(_) | ItemState::NotSent | ItemState::Stopped
                )
            })
            .map(|item| item.target.clone())
            .collect()
    }

    /// For example `3 succeeded, 2 failed, 291 stopped`.
    pub fn outcome(&self) -> String {
        let mut parts = vec![format!(
            "{} succeeded",
            text::count(self.succeeded() as u64)
        )];
        for (count, word) in [(self.failed(), "failed"), (self.stopped(), "stopped")] {
            if count > 0 {
                parts.push(format!("{} {word}", text::count(count as u64)));
            }
        }
        parts.join(", ")
    }

    pub fn is_over(&self) -> bool {
        self.ended() == self.items.len()
    }
}
