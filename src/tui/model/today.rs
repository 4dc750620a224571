//! What needs somebody now, gathered from all mounts: the page that is looked at in the morning.
//!
//! The lines are made when an answer comes in, never for a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::row::{Batch, Renewal, Row};
use super::{Model, OrderRow};
use crate::filter::{Filter, Subject};
use crate::tui::source::{CertKey, SourceError};
use crate::tui::text;
use crate::tui::theme::Tone;
use crate::tui::time::{self, DAY, HOUR};
use svpki_types::api::{ConfigHealth, DomainAnswer, HealthResponse};
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
    /// Needs nobody, but may surprise.
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

/// Where a line is mended.
#[derive(Debug, Clone, PartialEq)]
pub enum Opens {
    Certificate(CertKey, Box<Row>),
    Order(CertKey),
    /// Rows that a filter finds.
    Filter(String),
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
    /// The owner, else the team; empty where neither is known.
    pub whose: String,
    pub mount: String,
    /// Empty where all configs of the mount are meant.
    pub config: String,
    pub opens: Opens,
}

impl Line {
    /// Mount and config; empty where the name says it.
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
    /// By mount: certificates that are due, about to end, or ended lately.
    mounts: BTreeMap<Arc<str>, Result<Batch, SourceError>>,
    /// By mount: the domains that its certificates hang on.
    domains: BTreeMap<Arc<str>, Vec<DomainAnswer>>,
    /// By mount: certificates that began since yesterday.
    issued: BTreeMap<Arc<str>, Batch>,
    /// Unix seconds at which domains and what was issued were last asked for.
    pub asked: i64,
    /// Those that the filter shows.
    pub lines: Vec<Line>,
    /// Lines that need somebody, whatever the filter.
    pub need: usize,
    line: String,
    filter: Filter,
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
        let kept = |mount: &str| mounts.iter().any(|kept| *kept == *mount);
        self.mounts.retain(|mount, _| kept(mount));
        self.domains.retain(|mount, _| kept(mount));
        self.issued.retain(|mount, _| kept(mount));
    }

    pub fn domains_answer(&mut self, mount: Arc<str>, domains: Vec<DomainAnswer>) {
        self.domains.insert(mount, domains);
    }

    pub fn domains(&self) -> impl Iterator<Item = (&Arc<str>, &DomainAnswer)> {
        let of_mounts = self.domains.iter();
        of_mounts.flat_map(|(mount, all)| all.iter().map(move |domain| (mount, domain)))
    }

    /// The domains of a config that a name of this order may wait for.
    pub fn domains_of<'a>(&'a self, order: &'a OrderRow) -> impl Iterator<Item = &'a DomainAnswer> {
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

    /// What is to be published for an order that waits for the validation of a domain.
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

    /// Holds from the next [`rebuild`] on; gives what is wrong with the line.
    pub fn set_filter(&mut self, line: &str) -> Option<String> {
        line.clone_into(&mut self.line);
        let (filter, mistake) = Filter::lenient(line);
        self.filter = filter;
        mistake.map(|why| why.to_string())
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
        .all()
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
        let same = (line.section, line.name.clone(), line.place());
        let fresh = line.section != Section::Failed || !seen.contains(&same);
        seen.push(same);
        fresh
    });
    lines.extend(of_orders);
    for (mount, batch) in &model.today.issued {
        let fresh = batch
            .rows
            .iter()
            .filter(|row| row.not_before > yesterday(now));
        lines.extend(fresh.map(|row| of_issued(mount, row)));
    }
    for (mount, domain) in model.today.domains() {
        lines.extend(of_domain(mount, domain));
    }
    for (mount, health) in &model.health {
        lines.extend(of_health(mount, health));
    }
    for mount in &model.store.mounts {
        if let Some(error) = mount.error.as_ref().filter(|error| !error.is_server_wide()) {
            lines.push(trouble(
                mount.name.to_string(),
                format!("cannot be read: {error}"),
                &mount.name,
                "",
            ));
        }
    }
    // What differs from before first, then the newest.
    lines.sort_by_key(|line| match line.section {
        Section::Changed => (line.section, line.tone == Tone::Plain, -line.at),
        section => (section, false, line.at),
    });
    // What only changed needs nobody.
    let need = lines.iter().filter(|line| line.section != Section::Changed);
    model.today.need = need.count();
    lines.retain(|line| shows(model, line, now));
    model.today.lines = lines;
    model.today.failing = model.today.failing(None, now).count();
}

fn shows(model: &Model, line: &Line, now: i64) -> bool {
    let filter = &model.today.filter;
    let key = match &line.opens {
        _ if filter.is_empty() => return true,
        Opens::Certificate(key, row) => {
            return filter.matches(&row.subject(&key.mount, now), now);
        }
        Opens::Order(key) => Some(key),
        Opens::Filter(_) | Opens::Health => None,
    };
    let order = key.and_then(|key| model.orders.all().find(|order| order.key == *key));
    let labels = order.map(OrderRow::labels).unwrap_or_default();
    let alt_names = order.map(|order| order.order.subject_alt_names.join(" "));
    let alt_names = alt_names.unwrap_or_default();
    let role = order.and_then(|order| order.order.role.as_deref());
    let id = key.map(|key| &*key.id).unwrap_or_default();
    let haystack = [line.name.as_str(), &alt_names, id, &line.why].join("\n");
    let subject = Subject {
        status: Some(line.symbol),
        mount: &line.mount,
        config: &line.config,
        common_name: &line.name,
        alt_names: &alt_names,
        serial: "",
        haystack: &haystack.to_lowercase(),
        not_after: 0,
        id,
        issuer: "",
        renewal: None,
        profile_id: None,
        role: role.unwrap_or_default(),
        changes: "",
        missing_names: "",
        labels: &labels,
    };
    filter.matches(&subject, now)
}

/// `name` is the domain or below it; a wildcard stands for its parent.
fn is_under(name: &str, domain: &str) -> bool {
    let bare = |text: &str| text.trim_start_matches("*.").to_ascii_lowercase();
    let (name, domain) = (bare(name), bare(domain));
    name == domain || name.ends_with(&format!(".{domain}"))
}

/// When yesterday began, less a second: CAs let a certificate begin at midnight.
pub fn yesterday(now: i64) -> i64 {
    now.div_euclid(DAY) * DAY - DAY - 1
}

fn of_issued(mount: &Arc<str>, row: &Row) -> Line {
    let what = match row.renewed_from {
        Some(_) => "renewed",
        None if row.changes.is_empty() => "issued",
        None => "replaced",
    };
    let missing = row.missing_names.replace(' ', ", ");
    let (tone, why) = match (&*missing, &*row.changes) {
        ("", "") => (Tone::Plain, what.to_owned()),
        ("", changes) => (
            Tone::Warning,
            format!("{what}: {changes} other than before"),
        ),
        (missing, _) => (Tone::Warning, format!("{what}: SCM left out {missing}")),
    };
    Line {
        section: Section::Changed,
        tone,
        symbol: Status::Issued,
        name: row.name().to_owned(),
        at: row.not_before,
        why,
        whose: row.whose().to_owned(),
        mount: mount.to_string(),
        config: row.config.to_string(),
        opens: Opens::Certificate(row.key(mount), Box::new(row.clone())),
    }
}

/// A domain whose validation ends before renewals that hang on it.
fn of_domain(mount: &str, domain: &DomainAnswer) -> Option<Line> {
    if domain.blocked_renewals == 0 {
        return None;
    }
    let count = usize::try_from(domain.blocked_renewals).unwrap_or(usize::MAX);
    let blocked = text::plural(count, "renewal");
    let end = domain.valid_until.as_deref().and_then(time::seconds);
    let why = match (domain.status.as_str(), end) {
        ("validated", Some(end)) => {
            format!("{blocked} blocked: validation ends {}", time::date(end))
        }
        ("expired", Some(end)) => {
            format!("{blocked} blocked: validation ended {}", time::date(end))
        }
        _ => format!("{blocked} blocked: not validated"),
    };
    let opens = format!("renewal:blocked config:{} mount:{mount}", domain.config);
    Some(Line {
        at: end.unwrap_or(0),
        opens: Opens::Filter(opens),
        ..trouble(
            format!("domain {}", domain.domain),
            why,
            mount,
            &domain.config,
        )
    })
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
        Some(Renewal::Blocked) => {
            let why = row.renew_blocked.as_deref().unwrap_or_default();
            (Section::Ending, format!("renewal blocked: {why}"))
        }
        Some(Renewal::Off) => (Section::Ending, "automatic renewal is off".to_owned()),
        Some(Renewal::Due) if now - row.renew_at > OVERDUE => (
            Section::Ending,
            format!("due {}, not renewed yet", time::relative(row.renew_at, now)),
        ),
        None if expired => (Section::Ending, "expired without a successor".to_owned()),
        _ => return None,
    };
    let bad = expired || matches!(renewal, Some(Renewal::Failed | Renewal::Blocked));
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
        whose: row.whose().to_owned(),
        mount: mount.to_string(),
        config: row.config.to_string(),
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
        whose: row.whose().to_owned(),
        mount: row.key.mount.to_string(),
        config: row.key.config.to_string(),
        opens: Opens::Order(row.key.clone()),
    })
}

fn trouble(name: String, why: String, mount: &str, config: &str) -> Line {
    Line {
        section: Section::Trouble,
        tone: Tone::Bad,
        symbol: Status::Failed,
        name,
        at: 0,
        why,
        whose: String::new(),
        mount: mount.to_owned(),
        config: config.to_owned(),
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
            return vec![trouble(mount.to_owned(), why, mount, "")];
        }
    };
    let configs = health.configs.iter().filter_map(|(name, config)| {
        let why = account_trouble(config)?;
        Some(trouble(
            format!("account of config {name}"),
            why,
            mount,
            name,
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
                mount,
                "",
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
    /// Nothing needs anybody.
    Quiet,
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
    let changed_only = |line: &Line| line.section == Section::Changed;
    let quiet = today.lines.iter().all(changed_only);
    let height = height.saturating_sub(2 * usize::from(quiet));
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
    if quiet {
        entries.push(Entry::Quiet);
    }
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
    entries.truncate(height + 2 * usize::from(quiet));
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
