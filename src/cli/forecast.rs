//! `svpki forecast`: renewals, validations and orders of each week to come, from the real inventory.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::pretty;
use super::{CliError, Column, Context, Exit, Format, List, Tone, column, plural};
use crate::forecast::{Life, Week, forecast};
use svpki_types::api::DomainAnswer;
use svpki_types::{ConfigName, Status};
use vault_client::{EngineClient, InventoryQuery};

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
