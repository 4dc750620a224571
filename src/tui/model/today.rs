//! The Today page: everything that needs somebody now, gathered from all mounts.
//!
//! The lines are rebuilt when an answer arrives or the filter changes, not for every key.

mod entries;
mod lines;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::OrderRow;
use super::row::{Batch, Renewal, Row};
use crate::filter::Filter;
use crate::tui::source::{CertKey, SourceError};
use crate::tui::theme::Tone;
use crate::tui::time::DAY;
use svpki_types::api::DomainResponse;
use svpki_types::{Status, WaitingOn};

pub use entries::{Entry, choices, chosen, entries};
pub use lines::{CLOCK_SKEW, account_trouble, rebuild, yesterday};

/// Seconds from now within which an expiry is listed on Today.
pub const WEEK: i64 = 7 * DAY;
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Ending,
    Failed,
    Waiting,
    Trouble,
    /// Needs nobody, but may come as a surprise.
    Changed,
}

impl Section {
    pub const ALL: [Self; 5] = [
        Self::Ending,
        Self::Failed,
        Self::Waiting,
        Self::Trouble,
        Self::Changed,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Ending => "Expires within 7 days and will not renew",
            Self::Failed => "Failed",
            Self::Waiting => "Waits for you",
            Self::Trouble => "Accounts, domains and mounts in trouble",
            Self::Changed => "Changed since yesterday",
        }
    }
}

/// What Enter on a line opens: where the matter can be settled.
#[derive(Debug, Clone, PartialEq)]
pub enum Opens {
    Certificate(CertKey, Box<Row>),
    Order(CertKey),
    /// The certificates that this filter line finds.
    Filter(String),
    Health,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub section: Section,
    pub tone: Tone,
    pub symbol: Status,
    pub name: String,
    /// Unix seconds: when the certificate expires, or since when the line holds; 0 if neither applies.
    pub at: i64,
    pub why: String,
    /// The owner, or the team if there is no owner; empty if neither is known.
    pub whose: String,
    pub mount: String,
    /// Empty if the line is about the whole mount.
    pub config: String,
    pub opens: Opens,
}

impl Line {
    /// Mount and config; empty if the name of the line is the mount.
    pub fn place(&self) -> String {
        match (&*self.mount, &*self.config) {
            (mount, "") if mount == self.name => String::new(),
            (mount, "") => mount.to_owned(),
            (mount, config) => format!("{mount}/{config}"),
        }
    }
}

#[derive(Debug, Default)]
pub struct Today {
    /// By mount: certificates that are due for renewal, expire soon or expired lately, or why they could not be read.
    mounts: BTreeMap<Arc<str>, Result<Batch, SourceError>>,
    /// By mount: the domains whose validation its certificates need.
    domains: BTreeMap<Arc<str>, Vec<DomainResponse>>,
    /// By mount: certificates issued since yesterday.
    issued: BTreeMap<Arc<str>, Batch>,
    /// Unix seconds at which domains and issued certificates were last asked for.
    pub asked: i64,
    /// The lines that the filter shows.
    pub lines: Vec<Line>,
    /// The number of lines that need somebody, whether or not the filter shows them.
    pub need: usize,
    line: String,
    filter: Filter,
    /// Certificates whose renewal has failed.
    pub failing: usize,
    /// The selected line, counted among the entries that can be selected.
    pub index: usize,
}

impl Today {
    pub fn answer(&mut self, mount: Arc<str>, answer: Result<Batch, SourceError>) {
        // While the server is away, the rows that were read before are kept.
        if answer.as_ref().is_err_and(SourceError::is_server_wide) {
            return;
        }
        self.mounts.insert(mount, answer);
    }

    pub fn keep_mounts(&mut self, mounts: &[String]) {
        let kept = |mount: &str| mounts.iter().any(|kept| *kept == *mount);
        self.mounts.retain(|mount, _| kept(mount));
        self.domains.retain(|mount, _| kept(mount));
        self.issued.retain(|mount, _| kept(mount));
    }

    pub fn domains_answer(&mut self, mount: Arc<str>, domains: Vec<DomainResponse>) {
        self.domains.insert(mount, domains);
    }

    pub fn domains(&self) -> impl Iterator<Item = (&Arc<str>, &DomainResponse)> {
        let of_mounts = self.domains.iter();
        of_mounts.flat_map(|(mount, all)| all.iter().map(move |domain| (mount, domain)))
    }

    /// The domains of the order's config that its names belong to.
    pub fn domains_of<'a>(
        &'a self,
        order: &'a OrderRow,
    ) -> impl Iterator<Item = &'a DomainResponse> {
        let names = || {
            let others = order.order.subject_alt_names.iter().map(String::as_str);
            others.chain([order.name()])
        };
        self.domains()
            .filter(move |(mount, domain)| {
                **mount == order.key.mount
                    && *domain.config == *order.key.config
                    && names().any(|name| is_under(name, &domain.domain))
            })
            .map(|(_, domain)| domain)
    }

    /// The DNS record to publish for an order that waits for the validation of a domain.
    pub fn record_for(&self, order: &OrderRow) -> Option<String> {
        if order.order.waiting_on != Some(WaitingOn::Dcv) || !order.is_open() {
            return None;
        }
        let mut records = self
            .domains_of(order)
            .filter_map(|domain| domain.record.as_ref());
        let record = records.next()?;
        Some(format!("{} {} {}", record.name, record.kind, record.value))
    }

    pub fn issued_answer(&mut self, mount: Arc<str>, batch: Batch) {
        self.issued.insert(mount, batch);
    }

    pub fn filter(&self) -> &str {
        &self.line
    }

    /// Sets the filter, which takes effect with the next [`rebuild`]. Returns what is wrong with the line.
    pub fn set_filter(&mut self, line: &str) -> Option<String> {
        line.clone_into(&mut self.line);
        let (filter, mistake) = Filter::lenient(line);
        self.filter = filter;
        mistake.map(|why| why.to_string())
    }

    /// Whether every mount has answered at least once.
    pub fn is_complete(&self, mounts: usize) -> bool {
        self.mounts.len() >= mounts
    }

    /// Whether a mount has more certificates that need somebody than were read.
    pub fn more(&self) -> bool {
        let read = self.mounts.values().filter_map(|m| m.as_ref().ok());
        read.into_iter().any(|batch| !batch.next.is_empty())
    }

    fn rows(&self) -> impl Iterator<Item = (&Arc<str>, &Row)> {
        self.mounts.iter().flat_map(|(mount, batch)| {
            let rows = batch.as_ref().map_or(&[][..], |batch| &batch.rows[..]);
            rows.iter().map(move |row| (mount, row))
        })
    }

    /// The certificates whose renewal has failed, of one mount or of all.
    pub fn failing(&self, mount: Option<&str>, now: i64) -> impl Iterator<Item = &Row> {
        self.rows()
            .filter(move |(name, _)| mount.is_none_or(|mount| ***name == *mount))
            .map(|(_, row)| row)
            .filter(move |row| row.renewal(now) == Some(Renewal::Failed))
    }

    pub fn of(&self, section: Section) -> impl Iterator<Item = &Line> {
        self.lines
            .iter()
            .filter(move |line| line.section == section)
    }
}

/// Whether `name` is the domain or a name below it. A leading `*.` is ignored in both.
fn is_under(name: &str, domain: &str) -> bool {
    let bare = |text: &str| text.trim_start_matches("*.").to_ascii_lowercase();
    let (name, domain) = (bare(name), bare(domain));
    name == domain || name.ends_with(&format!(".{domain}"))
}
