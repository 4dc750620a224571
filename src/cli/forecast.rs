//! `svpki forecast`: renewals, validations and orders of each week to come, from the real inventory.
//!
//! The same rules as in the engine: a certificate is renewed in the first third of its window; the next one lives as
//! long as this one, but no longer than the day allows.

#[cfg(all(test, feature = "plugin"))]
mod calendar;
#[cfg(all(test, feature = "plugin"))]
mod estate;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::pretty;
use super::{CliError, Column, Context, Exit, Format, List, Tone, column, plural};
use svpki_types::api::{DomainAnswer, InventoryRow};
use svpki_types::{ConfigName, Status};
use vault_client::{EngineClient, InventoryQuery};

const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
/// Renewals that the engine begins in a minute at most.
const MOST_A_MINUTE: u64 = 50;
/// Calls at SCM for one renewal: a look before it, the order, and the certificate at the first or second try.
const CALLS_OF_AN_ORDER: u64 = 4;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this config
    pub config: Option<ConfigName>,
    /// The last day to look at
    #[arg(long, value_name = "DATE", default_value = "2030-01-01")]
    pub until: Date,
}

/// From which day on how long a public TLS certificate, and the proof of a domain, may be used (CA/Browser Forum
/// ballot SC-081), less what Sectigo keeps for itself.
const LIMITS: [(i64, i64, i64); 3] = [
    (0, 199, 198),
    (1_805_068_800, 99, 98),
    (1_868_227_200, 46, 10),
];

fn longest_term(at: i64) -> i64 {
    LIMITS
        .iter()
        .rev()
        .find(|(from, ..)| at >= *from)
        .map_or(199, |limit| limit.1)
        * DAY
}

fn longest_validation(at: i64) -> i64 {
    LIMITS
        .iter()
        .rev()
        .find(|(from, ..)| at >= *from)
        .map_or(198, |limit| limit.2)
        * DAY
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Week {
    /// Its first day.
    pub(crate) week: String,
    /// Certificates that are renewed.
    pub(crate) renewals: u64,
    /// Domains that are to be validated.
    pub(crate) validations: u64,
    /// Certificates that expire, because nothing renews them at today's settings.
    expires: u64,
    /// Renewals that a validation stands in the way of today.
    blocked: u64,
}

#[derive(Debug, Serialize)]
struct Summary {
    certificates: usize,
    renewals: u64,
    validations: u64,
    expires: u64,
    peak_week: String,
    peak_renewals: u64,
    /// Minutes that the peak week's renewals take at the pace of the engine and of the config.
    peak_minutes: u64,
    /// Calls at SCM in the peak week, and what the config's pace allows in a week; none when it is not limited.
    peak_calls: u64,
    allowed_calls: Option<u64>,
}

/// A certificate as the forecast sees it.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    id: String,
    not_before: i64,
    not_after: i64,
    /// When its window opens; none when nothing renews it.
    opens: Option<i64>,
    public_tls: bool,
    blocked: bool,
}

impl Life {
    pub(crate) fn of(row: &InventoryRow) -> Option<Self> {
        let at = |text: &str| text.parse::<Timestamp>().ok().map(|at| at.as_second());
        Some(Self {
            id: row.id.clone(),
            not_before: at(&row.not_before)?,
            not_after: row.expiration,
            opens: row.renew_at.as_deref().and_then(at),
            public_tls: row.kind != "client_cert",
            blocked: row.renew_blocked.is_some(),
        })
    }

    /// The moments at which it and its successors are renewed until the horizon.
    fn renewals(&self, now: i64, horizon: i64) -> Vec<i64> {
        let Some(opens) = self.opens else {
            return Vec::new();
        };
        let asked = (self.not_after - self.not_before).max(DAY / 24);
        #[expect(clippy::cast_precision_loss, reason = "a part of a life")]
        let fraction = (self.not_after - opens) as f64 / asked as f64;
        let (mut not_after, mut life, mut generation) = (self.not_after, asked, 0_u32);
        let mut moments = Vec::new();
        loop {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                reason = "seconds"
            )]
            let window = (life as f64 * fraction) as i64;
            let due = not_after - window + self.place(generation, window / 3);
            let due = due.max(now);
            if due >= horizon || moments.len() > 10_000 {
                return moments;
            }
            moments.push(due);
            generation += 1;
            life = match self.public_tls {
                true => asked.min(longest_term(due)),
                false => asked,
            };
            not_after = due + life;
        }
    }

    /// Its place in the first third of its window: any, but the same each time.
    fn place(&self, generation: u32, third: i64) -> i64 {
        let mut hasher = DefaultHasher::new();
        (&self.id, generation).hash(&mut hasher);
        let part = i64::from(u16::try_from(hasher.finish() & 0xffff).unwrap_or_default());
        third.max(0) * part / i64::from(u16::MAX)
    }
}

pub(crate) fn forecast(lives: &[Life], validations: &[i64], now: i64, horizon: i64) -> Vec<Week> {
    let mut weeks: BTreeMap<i64, Week> = BTreeMap::new();
    let last = (horizon - now).max(0) / WEEK;
    for number in 0..=last {
        weeks.entry(number).or_default();
    }
    let mut at = |moment: i64, count: &dyn Fn(&mut Week)| {
        if (now..horizon).contains(&moment) {
            count(weeks.entry((moment - now) / WEEK).or_default());
        }
    };
    for life in lives {
        let moments = life.renewals(now, horizon);
        if let Some(first) = moments.first().filter(|_| life.blocked) {
            at(*first, &|week| week.blocked += 1);
        }
        for moment in moments {
            at(moment, &|week| week.renewals += 1);
        }
        if life.opens.is_none() {
            at(life.not_after, &|week| week.expires += 1);
        }
    }
    for ends in validations {
        let mut moment = (*ends).max(now);
        while moment < horizon {
            at(moment, &|week| week.validations += 1);
            moment += longest_validation(moment);
        }
    }
    weeks
        .into_iter()
        .map(|(number, week)| Week {
            week: day_of(now + number * WEEK),
            ..week
        })
        .collect()
}

fn day_of(at: i64) -> String {
    Timestamp::from_second(at)
        .map(|at| at.to_zoned(TimeZone::UTC).date().to_string())
        .unwrap_or_default()
}

const COLUMNS: [Column; 5] = [
    column("week", "WEEK FROM"),
    column("renewals", "RENEWALS"),
    column("validations", "VALIDATIONS"),
    column("expires", "EXPIRES"),
    column("blocked", "BLOCKED"),
];

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let now = Timestamp::now().as_second();
    let horizon = args
        .until
        .to_zoned(TimeZone::UTC)
        .map_err(|error| CliError::usage(format!("--until: {error}")))?
        .timestamp()
        .as_second();
    if horizon <= now {
        return Err(CliError::usage("--until lies in the past"));
    }
    let engines = match &args.config {
        Some(config) => vec![context.engine_of(config.as_str()).await?],
        None => context.engines().await?,
    };
    let spinner = context.ui.spinner("reading the inventory");
    let (mut lives, mut validations, mut pace) = (Vec::new(), Vec::new(), None);
    for engine in &engines {
        let only = args.config.as_ref().map(ToString::to_string);
        lives.extend(inventory(engine, only.as_deref().unwrap_or_default()).await?);
        let configs = match only {
            Some(config) => vec![config],
            None => engine.configs().await?,
        };
        for config in configs {
            validations.extend(ends_of_validations(engine, &config).await?);
            let data = engine.config(&config).await?.data;
            let limit = data
                .get("max_requests_per_second")
                .and_then(serde_json::Value::as_u64);
            pace = match (pace, limit.filter(|limit| *limit > 0)) {
                (Some(slower), Some(limit)) => Some(limit.min(slower)),
                (known, limit) => known.or(limit),
            };
        }
    }
    spinner.finish_and_clear();
    let weeks = forecast(&lives, &validations, now, horizon);
    let summary = summary(&weeks, lives.len(), pace);
    if matches!(context.ui.format(), Format::Json | Format::Yaml) {
        let both = serde_json::json!({ "weeks": weeks, "summary": summary });
        match context.ui.format() {
            Format::Json => context.ui.line(&pretty(&both)?)?,
            _ => super::record(&context.ui, &[], &both)?,
        }
        return Ok(Exit::Done);
    }
    let mut list = List::new(&context.ui, &COLUMNS);
    for week in &weeks {
        list.push(week, |key| match key {
            "expires" if week.expires > 0 => Tone::Bad,
            "blocked" if week.blocked > 0 => Tone::Warn,
            "renewals" if week.renewals == summary.peak_renewals && week.renewals > 0 => {
                Tone::Strong
            }
            _ => Tone::Plain,
        })?;
    }
    list.end("No weeks")?;
    explain(context, &summary);
    Ok(Exit::Done)
}

async fn inventory(engine: &EngineClient, config: &str) -> Result<Vec<Life>, CliError> {
    let mut query = InventoryQuery {
        status: vec![Status::Issued, Status::Expiring],
        config: config.to_owned(),
        limit: 500,
        ..InventoryQuery::default()
    };
    let mut lives = Vec::new();
    loop {
        let page = engine.inventory(&query).await?.value;
        let in_use = page
            .certificates
            .iter()
            .filter(|row| row.renewed_to.is_none());
        lives.extend(in_use.filter_map(Life::of));
        if page.next.is_empty() {
            return Ok(lives);
        }
        query.after = page.next;
    }
}

/// When each validation ends that a certificate hangs on.
async fn ends_of_validations(engine: &EngineClient, config: &str) -> Result<Vec<i64>, CliError> {
    let listing = engine.domains(config).await?;
    Ok(listing
        .key_info
        .values()
        .filter_map(|info| serde_json::from_value::<DomainAnswer>(info.clone()).ok())
        .filter(|domain| domain.certificates > 0)
        .filter_map(|domain| domain.valid_until?.parse::<Timestamp>().ok())
        .map(|at| at.as_second())
        .collect())
}

fn summary(weeks: &[Week], certificates: usize, pace: Option<u64>) -> Summary {
    let sum = |of: fn(&Week) -> u64| weeks.iter().map(of).sum();
    // Of equal weeks the first.
    let peak = weeks.iter().rev().max_by_key(|week| week.renewals);
    let renewals = peak.map_or(0, |week| week.renewals);
    let calls = renewals * CALLS_OF_AN_ORDER;
    let a_minute = match pace {
        Some(pace) => MOST_A_MINUTE.min((pace * 60 / CALLS_OF_AN_ORDER).max(1)),
        None => MOST_A_MINUTE,
    };
    Summary {
        certificates,
        renewals: sum(|week| week.renewals),
        validations: sum(|week| week.validations),
        expires: sum(|week| week.expires),
        peak_week: peak.map(|week| week.week.clone()).unwrap_or_default(),
        peak_renewals: renewals,
        peak_minutes: renewals.div_ceil(a_minute),
        peak_calls: calls,
        allowed_calls: pace.map(|pace| pace * 7 * 86_400),
    }
}

fn explain(context: &Context, summary: &Summary) {
    let ui = &context.ui;
    ui.explain(&format!(
        "{} in use: {} and {} to come",
        plural(summary.certificates, "certificate", "certificates"),
        count(summary.renewals, "renewal"),
        count(summary.validations, "validation"),
    ));
    if summary.peak_renewals > 0 {
        let minutes = count(summary.peak_minutes, "minute");
        ui.explain(&format!(
            "Most in the week from {}: {}, {minutes} of the engine's work",
            summary.peak_week,
            count(summary.peak_renewals, "renewal"),
        ));
    }
    if summary
        .allowed_calls
        .is_some_and(|allowed| summary.peak_calls > allowed)
    {
        ui.warning("The peak needs more calls than max_requests_per_second of the slowest config allows: raise it");
    }
    if summary.expires > 0 {
        let they = count(summary.expires, "certificate");
        ui.warning(&format!(
            "{they} will expire: automatic renewal is off for them"
        ));
    }
}

fn count(number: u64, one: &str) -> String {
    plural(
        usize::try_from(number).unwrap_or(usize::MAX),
        one,
        &format!("{one}s"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    fn life(id: u32, from: &str, days: i64) -> Life {
        let not_before = at(from);
        let not_after = not_before + days * DAY;
        Life {
            id: id.to_string(),
            not_before,
            not_after,
            opens: Some(not_after - days * DAY / 3),
            public_tls: true,
            blocked: false,
        }
    }

    /// Gaps between renewals follow the limits of the day: about two thirds, and half a ninth, of 199, 99 and 46 days.
    #[test]
    fn terms_shrink_with_the_calendar() {
        let now = at("2026-11-01T00:00:00Z");
        let moments =
            life(1, "2026-11-01T00:00:00Z", 199).renewals(now, at("2030-01-01T00:00:00Z"));
        for pair in moments.windows(2) {
            let days = (pair[1] - pair[0]) / DAY;
            let term = longest_term(pair[0]) / DAY;
            assert!(
                (term * 2 / 3 - 1..=term * 7 / 9 + 1).contains(&days),
                "{days} days of {term}"
            );
        }
        assert!((18..=26).contains(&moments.len()), "{}", moments.len());
    }

    #[test]
    fn a_week_counts_what_falls_into_it() {
        let now = at("2026-11-01T00:00:00Z");
        let mut manual = life(1, "2026-10-01T00:00:00Z", 34);
        manual.opens = None;
        let lives = [manual, life(2, "2026-11-01T00:00:00Z", 30)];
        let weeks = forecast(&lives, &[now + 8 * DAY], now, now + 35 * DAY);
        assert_eq!(weeks[0].expires, 1);
        assert_eq!(weeks[1].validations, 1);
        assert_eq!(weeks.iter().map(|week| week.renewals).sum::<u64>(), 1);
        assert_eq!(weeks[0].week, "2026-11-01");
        let ten_days: u64 = forecast(
            &[],
            &[at("2029-04-01T00:00:00Z")],
            at("2029-04-01T00:00:00Z"),
            at("2029-05-01T00:00:00Z"),
        )
        .iter()
        .map(|week| week.validations)
        .sum();
        assert_eq!(
            ten_days, 3,
            "the proof of a domain is good for ten days then"
        );
    }

    #[test]
    fn ten_thousand_of_one_day_are_spread() {
        let now = at("2026-11-01T00:00:00Z");
        let lives: Vec<Life> = (0..10_000)
            .map(|id| life(id, "2026-11-01T00:00:00Z", 90))
            .collect();
        let weeks = forecast(&lives, &[], now, now + 75 * DAY);
        let most = weeks.iter().map(|week| week.renewals).max().unwrap();
        assert!(
            (6_000..8_000).contains(&most),
            "{most}: a third of a window of thirty days is ten days"
        );
    }
}
