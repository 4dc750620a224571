//! Builds the lines of Today: certificates, orders, domains, accounts and mounts that need somebody.

use std::sync::Arc;

use super::{Line, Opens, Section, WEEK};
use crate::filter::Subject;
use crate::tui::model::row::{Renewal, Row};
use crate::tui::model::{Model, OrderRow};
use crate::tui::source::SourceError;
use crate::tui::text;
use crate::tui::theme::Tone;
use crate::tui::time::{self, DAY, HOUR};
use svpki_types::api::{ConfigHealth, DomainResponse, HealthResponse};
use svpki_types::{OrderState, Status, WaitingOn};

/// Seconds after [`latest_renewal`]. A renewal that was not made by then is listed if the certificate expires within a
/// week.
const OVERDUE: i64 = 2 * HOUR;

/// Seconds by which SCM's clock may differ from ours without a warning.
pub const CLOCK_SKEW: i64 = 60;

/// Rebuilds the lines from what is known now.
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
            // Each failed attempt to renew leaves an order, but the certificate has a line already.
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
    // Certificates that differ from their predecessors first, then the newest.
    lines.sort_by_key(|line| match line.section {
        Section::Changed => (line.section, line.tone == Tone::Plain, -line.at),
        section => (section, false, line.at),
    });
    // Certificates that only changed need nobody.
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

/// The second before yesterday began (UTC). CAs often let a certificate begin at midnight.
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

/// A domain whose validation ends before the renewals that need it are due.
fn of_domain(mount: &str, domain: &DomainResponse) -> Option<Line> {
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

/// The latest time, in Unix seconds, at which the engine renews by itself: it spreads renewals over the first third of
/// their windows.
fn latest_renewal(row: &Row) -> i64 {
    row.renew_at + (row.not_after - row.renew_at) / 3
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
        Some(Renewal::Due) if now - latest_renewal(row) > OVERDUE => (
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
        // What a policy hides is not in trouble, and the banner already reports a lost server.
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

/// Why an account needs somebody; `None` if it is well or was not checked yet.
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
