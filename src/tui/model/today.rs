//! What needs somebody now, gathered from all mounts: the page that is looked at in the morning.
//!
//! The lines are made when an answer comes in, never for a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::row::{Batch, Renewal, Row};
use super::{Model, OrderRow};
use crate::tui::source::{CertKey, SourceError};
use crate::tui::theme::Tone;
use crate::tui::time::{self, DAY, HOUR};
use svpki_types::api::{ConfigHealth, HealthResponse};
use svpki_types::{OrderState, Status, WaitingOn};

/// What ends sooner than this is of this week, in seconds.
pub const WEEK: i64 = 7 * DAY;
/// A renewal that is due for longer than this, in seconds, does not come by itself.
const OVERDUE: i64 = 2 * HOUR;
/// Seconds by which SCM's clock may differ from ours.
pub const CLOCK_SKEW: i64 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Ending,
    Failed,
    Waiting,
    Trouble,
}

impl Section {
    pub const ALL: [Self; 4] = [Self::Ending, Self::Failed, Self::Waiting, Self::Trouble];

    pub fn title(self) -> &'static str {
        match self {
            Self::Ending => "Expires within 7 days and will not renew",
            Self::Failed => "Failed",
            Self::Waiting => "Waits for you",
            Self::Trouble => "Accounts and mounts in trouble",
        }
    }
}

/// Where a line is mended.
#[derive(Debug, Clone, PartialEq)]
pub enum Opens {
    Certificate(CertKey, Box<Row>),
    Order(CertKey),
    Health,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub section: Section,
    pub tone: Tone,
    pub symbol: Status,
    pub name: String,
    /// Unix seconds: its end, or since when; 0 when there is none.
    pub at: i64,
    pub why: String,
    /// Mount and config.
    pub place: String,
    pub opens: Opens,
}

#[derive(Debug, Default)]
pub struct Today {
    /// By mount: certificates that are due, about to end, or ended lately.
    mounts: BTreeMap<Arc<str>, Result<Batch, SourceError>>,
    pub lines: Vec<Line>,
    /// Certificates whose renewal has failed.
    pub failing: usize,
    /// The line under the bar, counted among those that can be chosen.
    pub index: usize,
}

impl Today {
    pub fn answer(&mut self, mount: Arc<str>, answer: Result<Batch, SourceError>) {
        // What was read stays while the server is away.
        if answer.as_ref().is_err_and(SourceError::is_server_wide) {
            return;
        }
        self.mounts.insert(mount, answer);
    }

    pub fn keep_mounts(&mut self, mounts: &[String]) {
        self.mounts
            .retain(|mount, _| mounts.iter().any(|kept| **kept == **mount));
    }

    /// Something has been heard of every mount.
    pub fn heard(&self, mounts: usize) -> bool {
        self.mounts.len() >= mounts
    }

    /// There are more certificates that need somebody than were read.
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

    /// Certificates whose renewal has failed, of one mount or of all.
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

/// Makes the lines anew from what is known now.
pub fn rebuild(model: &mut Model) {
    let now = model.now();
    let mut lines: Vec<Line> = Vec::new();
    for (mount, row) in model.today.rows() {
        lines.extend(of_certificate(mount, row, now));
    }
    let renewing: Vec<(&Arc<str>, &str)> = lines
        .iter()
        .filter_map(|line| match &line.opens {
            Opens::Certificate(key, _) => Some((&key.mount, &*key.id)),
            _ => None,
        })
        .collect();
    let mut of_orders: Vec<Line> = model
        .orders
        .rows
        .iter()
        .filter(|order| {
            // Each try of a renewal leaves an order; the certificate has its line already.
            let of = order.order.renewed_from.as_deref();
            !of.is_some_and(|of| order_ended(order) && renewing.contains(&(&order.key.mount, of)))
        })
        .filter_map(|order| of_order(order, now))
        .collect();
    of_orders.sort_by_key(|line| std::cmp::Reverse(line.at));
    let mut seen = Vec::new();
    of_orders.retain(|line| {
        let same = (line.section, line.name.clone(), line.place.clone());
        let fresh = line.section != Section::Failed || !seen.contains(&same);
        seen.push(same);
        fresh
    });
    lines.extend(of_orders);
    for (mount, health) in &model.health {
        lines.extend(of_health(mount, health));
    }
    for mount in &model.store.mounts {
        if let Some(error) = mount.error.as_ref().filter(|error| !error.is_server_wide()) {
            lines.push(trouble(
                mount.name.to_string(),
                format!("cannot be read: {error}"),
                String::new(),
            ));
        }
    }
    lines.sort_by_key(|line| (line.section, line.at));
    model.today.lines = lines;
    model.today.failing = model.today.failing(None, now).count();
}

fn order_ended(order: &OrderRow) -> bool {
    !order.is_open()
}

fn of_certificate(mount: &Arc<str>, row: &Row, now: i64) -> Option<Line> {
    let renewal = row.renewal(now);
    let soon = row.not_after < now + WEEK;
    let expired = row.status == Some(Status::Expired);
    if !row.in_use() && (!expired || row.renewed_to.is_some()) {
        return None;
    }
    let failure = row.renewal_failure(now);
    let (section, why) = match renewal {
        Some(Renewal::Failed) => {
            let section = if soon {
                Section::Ending
            } else {
                Section::Failed
            };
            let why = failure.unwrap_or_default();
            (section, format!("renewal failed: {why}"))
        }
        _ if !soon => return None,
        Some(Renewal::Off) => (Section::Ending, "automatic renewal is off".to_owned()),
        Some(Renewal::Due) if now - row.renew_at > OVERDUE => (
            Section::Ending,
            format!("due {}, not renewed yet", time::relative(row.renew_at, now)),
        ),
        None if expired => (Section::Ending, "expired without a successor".to_owned()),
        _ => return None,
    };
    let bad = expired || renewal == Some(Renewal::Failed);
    Some(Line {
        section,
        tone: if bad { Tone::Bad } else { Tone::Warning },
        symbol: if expired {
            Status::Expired
        } else if bad {
            Status::Failed
        } else {
            Status::Expiring
        },
        name: row.name().to_owned(),
        at: row.not_after,
        why,
        place: format!("{mount}/{}", row.config),
        opens: Opens::Certificate(row.key(mount), Box::new(row.clone())),
    })
}

fn of_order(row: &OrderRow, now: i64) -> Option<Line> {
    let since = time::seconds(&row.order.since).unwrap_or(0);
    let (section, tone, symbol, why) = match (row.order.state?, row.order.waiting_on) {
        (OrderState::Uncertain, _) => (
            Section::Waiting,
            Tone::Bad,
            Status::Failed,
            "uncertain: SCM's answer was lost; do not order again".to_owned(),
        ),
        (OrderState::Failed | OrderState::Rejected | OrderState::Declined, _)
            if since > now - DAY =>
        {
            let why = format!("{} {}: {}", row.action(), row.state_word(), row.reason());
            (Section::Failed, Tone::Bad, Status::Failed, why)
        }
        (state, Some(WaitingOn::Approval)) if !state.is_final() => (
            Section::Waiting,
            Tone::Warning,
            Status::Pending,
            "approval in SCM".to_owned(),
        ),
        (state, Some(WaitingOn::Dcv)) if !state.is_final() => (
            Section::Waiting,
            Tone::Warning,
            Status::Pending,
            "domain validation".to_owned(),
        ),
        _ => return None,
    };
    Some(Line {
        section,
        tone,
        symbol,
        name: row.name().to_owned(),
        at: since,
        why,
        place: format!("{}/{}", row.key.mount, row.key.config),
        opens: Opens::Order(row.key.clone()),
    })
}

fn trouble(name: String, why: String, place: String) -> Line {
    Line {
        section: Section::Trouble,
        tone: Tone::Bad,
        symbol: Status::Failed,
        name,
        at: 0,
        why,
        place,
        opens: Opens::Health,
    }
}

fn of_health(mount: &str, health: &Result<HealthResponse, SourceError>) -> Vec<Line> {
    let health = match health {
        Ok(health) => health,
        // What a policy hides is not in trouble, and a lost server has its banner.
        Err(error) if error.is_server_wide() || matches!(error, SourceError::Denied(_)) => {
            return Vec::new();
        }
        Err(error) => {
            let why = format!("health cannot be read: {error}");
            return vec![trouble(mount.to_owned(), why, String::new())];
        }
    };
    let configs = health.configs.iter().filter_map(|(name, config)| {
        let why = account_trouble(config)?;
        Some(trouble(
            format!("account of config {name}"),
            why,
            format!("{mount}/{name}"),
        ))
    });
    let jobs = health
        .jobs
        .iter()
        .filter(|(_, job)| !job.last_error.is_empty())
        .map(|(name, job)| {
            trouble(
                format!("background job {name}"),
                job.last_error.clone(),
                mount.to_owned(),
            )
        });
    configs.chain(jobs).collect()
}

/// Why an account needs somebody; `None` when it is well, or was not checked yet.
pub fn account_trouble(config: &ConfigHealth) -> Option<String> {
    if config.checked.is_empty() {
        return None;
    }
    let code = config
        .scm_code
        .map(|code| format!(" ({code})"))
        .unwrap_or_default();
    let what = match config {
        c if !c.reachable => "SCM does not answer",
        c if !c.login_accepted => "SCM refuses the login",
        c if !c.organisation_visible => "the organisation is not visible",
        c if !c.profile_visible => "the profile is not visible",
        c => {
            let skew = c.clock_skew_seconds.filter(|skew| skew.abs() > CLOCK_SKEW);
            return match (skew, c.error.as_str()) {
                (_, error) if !error.is_empty() => Some(format!("{error}{code}")),
                (Some(skew), _) => Some(format!(
                    "SCM's clock is {} {}",
                    time::span(skew.abs()),
                    if skew > 0 {
                        "ahead of ours"
                    } else {
                        "behind ours"
                    }
                )),
                (None, _) => None,
            };
        }
    };
    match config.error.as_str() {
        "" => Some(what.to_owned()),
        error => Some(format!("{what}: {error}{code}")),
    }
}

/// What stands on one line of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Entry<'a> {
    Blank,
    Heading(Section, usize),
    Line(&'a Line),
    /// So many lines of the section have no room.
    More(Section, usize),
}

impl Entry<'_> {
    pub fn can_be_chosen(&self) -> bool {
        matches!(self, Self::Line(_) | Self::More(..))
    }
}

/// The page in so many lines: every section that has lines shows its first ones.
pub fn entries(today: &Today, height: usize) -> Vec<Entry<'_>> {
    let counts: Vec<(Section, usize)> = Section::ALL
        .into_iter()
        .map(|section| (section, today.of(section).count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    let spaced = all + 2 * counts.len() <= height;
    let gaps = if spaced {
        counts.len().saturating_sub(1)
    } else {
        0
    };
    let room = height.saturating_sub(counts.len() + gaps);
    let mut given: Vec<usize> = vec![0; counts.len()];
    let mut left = room;
    // One line each in turn, until the room or the lines are used up.
    while left > 0 {
        let mut changed = false;
        for (given, (_, count)) in given.iter_mut().zip(&counts) {
            if *given < *count && left > 0 {
                *given += 1;
                left -= 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let mut entries = Vec::new();
    for ((section, count), given) in counts.into_iter().zip(given) {
        if spaced && !entries.is_empty() {
            entries.push(Entry::Blank);
        }
        entries.push(Entry::Heading(section, count));
        let shown = if given < count {
            given.saturating_sub(1)
        } else {
            given
        };
        entries.extend(today.of(section).take(shown).map(Entry::Line));
        if given < count && given > 0 {
            entries.push(Entry::More(section, count - shown));
        }
    }
    entries.truncate(height);
    entries
}

/// The entry under the bar.
pub fn chosen(today: &Today, height: usize) -> Option<Entry<'_>> {
    let entries = entries(today, height);
    let mut choices = entries.into_iter().filter(Entry::can_be_chosen);
    choices.nth(today.index)
}

pub fn choices(today: &Today, height: usize) -> usize {
    let entries = entries(today, height);
    entries.iter().filter(|entry| entry.can_be_chosen()).count()
}
