//! `svpki forecast`: the renewals, validations and expiries of each coming week, computed from the inventory.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Map, Value};

use super::output::pretty;
use super::{CliError, Column, Context, Exit, Format, List, Tone, column, plural};
use crate::forecast::{Life, Week, forecast};
use svpki_types::api::DomainResponse;
use svpki_types::{ConfigName, Status};
use vault_client::{EngineClient, InventoryQuery};

/// The most renewals that the engine begins in a minute.
const MOST_A_MINUTE: u64 = 50;
/// Requests to SCM for one renewal: a check before it, the order, and one or two to collect the certificate.
const CALLS_OF_AN_ORDER: u64 = 4;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this config
    pub config: Option<ConfigName>,
    /// The last day to look at
    #[arg(long, value_name = "DATE", default_value = "2030-01-01")]
    pub until: Date,
}

#[derive(Debug, Serialize)]
struct Summary {
    certificates: usize,
    renewals: u64,
    validations: u64,
    expires: u64,
    peak_week: String,
    peak_renewals: u64,
    /// How many minutes the renewals of the peak week take, given the limits of the engine and of the config.
    peak_minutes: u64,
    /// Requests to SCM in the peak week, and how many the config's rate limit allows in a week; `None` without a limit.
    peak_calls: u64,
    allowed_calls: Option<u64>,
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
    let horizon = end_of(args.until, now)?;
    let engines = match &args.config {
        Some(config) => vec![context.engine_of(config.as_str()).await?],
        None => context.engines().await?,
    };
    let spinner = context.ui.spinner("reading the inventory");
    let (mut lives, mut validations, mut pace) = (Vec::new(), BTreeMap::new(), None);
    for engine in &engines {
        let only = args.config.as_ref().map(ToString::to_string);
        lives.extend(inventory(engine, only.as_deref().unwrap_or_default()).await?);
        let configs = match only {
            Some(config) => vec![config],
            None => engine.configs().await?,
        };
        for config in configs {
            let data = engine.config(&config).await?.data;
            let account = account(&data);
            for (domain, ends) in ends_of_validations(engine, &config).await? {
                // Configs of the same account have the same domains, and each domain is validated only once.
                let known = validations.entry((account.clone(), domain)).or_insert(ends);
                *known = ends.max(*known);
            }
            let limit = data.get("max_requests_per_second").and_then(Value::as_u64);
            pace = match (pace, limit.filter(|limit| *limit > 0)) {
                (Some(slower), Some(limit)) => Some(limit.min(slower)),
                (known, limit) => known.or(limit),
            };
        }
    }
    spinner.finish_and_clear();
    let validations: Vec<i64> = validations.into_values().collect();
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

/// The account of a config, in which domains are validated: address and customer.
fn account(config: &Map<String, Value>) -> [String; 2] {
    ["sectigo_cm_base_url", "sectigo_cm_uri"].map(|field| {
        let text = config.get(field).and_then(Value::as_str);
        let text = text.unwrap_or_default().trim_end_matches('/');
        text.trim_end_matches("/api").to_lowercase()
    })
}

/// The domains on which certificates depend, with the end of their validations.
async fn ends_of_validations(
    engine: &EngineClient,
    config: &str,
) -> Result<Vec<(String, i64)>, CliError> {
    let listing = engine.domains(config).await?;
    Ok(listing
        .key_info
        .values()
        .filter_map(|info| serde_json::from_value::<DomainResponse>(info.clone()).ok())
        .filter(|domain| domain.certificates > 0)
        .filter_map(|domain| {
            let ends: Timestamp = domain.valid_until?.parse().ok()?;
            // `*.x` is validated together with `x`.
            let base = domain.domain.trim_start_matches("*.").to_owned();
            Some((base, ends.as_second()))
        })
        .collect())
}

/// The last possible day of a forecast. A longer one would not be useful.
const LAST_DAY: Date = date(2099, 12, 31);

/// The end of the last day of the forecast, in Unix seconds.
fn end_of(until: Date, now: i64) -> Result<i64, CliError> {
    if until > LAST_DAY {
        return Err(CliError::usage(format!(
            "--until {until}: the forecast ends on {LAST_DAY} at the latest"
        )));
    }
    let next_day = until.saturating_add(jiff::Span::new().days(1));
    let end = next_day.to_zoned(TimeZone::UTC);
    let end = end
        .map_err(|_| CliError::usage(format!("--until {until} is not a date that can be used")))?;
    let end = end.timestamp().as_second();
    match end > now {
        true => Ok(end),
        false => Err(CliError::usage(format!("--until {until} lies in the past"))
            .hinted("give today, or a day to come")),
    }
}

fn summary(weeks: &[Week], certificates: usize, pace: Option<u64>) -> Summary {
    let sum = |of: fn(&Week) -> u64| weeks.iter().map(of).sum();
    // `max_by_key` takes the last maximum, so search from the end to find the first one.
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

    #[test]
    fn the_last_day_is_looked_at_as_well() {
        let now = "2026-11-29T15:00:00Z".parse::<Timestamp>().unwrap();
        let end = |day| end_of(day, now.as_second());
        let midnight = "2026-11-30T00:00:00Z".parse::<Timestamp>().unwrap();
        assert_eq!(end(date(2026, 11, 29)), Ok(midnight.as_second()));
        for (day, words) in [
            (date(2026, 11, 28), "2026-11-28 lies in the past"),
            (Date::MAX, "2099-12-31 at the latest"),
        ] {
            let error = end(day).unwrap_err();
            assert!(error.message.contains(words), "{error}");
        }
    }

    #[test]
    fn configs_of_one_account_are_known_by_address_and_customer() {
        let of = |url: &str, customer: &str| {
            let config =
                serde_json::json!({"sectigo_cm_base_url": url, "sectigo_cm_uri": customer});
            account(config.as_object().unwrap())
        };
        let one = of("https://cert-manager.com", "acme");
        assert_eq!(one, of("https://cert-manager.com/api/", "acme"));
        assert_ne!(one, of("https://cert-manager.com", "other"));
    }
}
