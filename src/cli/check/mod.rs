//! `svpki check`: for monitors. What ends soon, has ended or could not be renewed, and what will keep the next renewal
//! from working: a refused login, an order that hangs, a job that does not run, a wrong clock. Exit 7 when there is any.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

mod prometheus;
mod state;

use super::certs::within;
use super::{CliError, Column, Context, Exit, List, Tone, column, csv_column, plural};
use prometheus::Prometheus;
use svpki_types::api::InventoryRow;
use svpki_types::{ConfigName, Status};
use vault_client::{EngineClient, InventoryQuery};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this config
    pub config: Option<ConfigName>,
    /// Certificates that end within this time are findings
    #[arg(long, value_name = "DISTANCE", default_value = "30d", value_parser = distance)]
    pub within: SignedDuration,
    /// Orders that wait longer than this are findings
    #[arg(long, value_name = "DISTANCE", default_value = "24h", value_parser = distance)]
    pub waiting: SignedDuration,
    /// Prometheus text format: every certificate's end, and what else is checked
    #[arg(long, conflicts_with = "output")]
    pub prometheus: bool,
}

/// One thing to look at.
#[derive(Debug, Default, Serialize)]
struct Finding {
    /// `expired`, `expires`, `renewal_failed`, `renewal_blocked`, `names_missing`, `login_refused`, `scm_unreachable`, `clock_off`,
    /// `order_failed`, `order_waits`, `job_failed` or `job_not_run`.
    finding: &'static str,
    common_name: String,
    not_after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    days_left: Option<i64>,
    id: String,
    config: String,
    /// The role that it was ordered by, if any.
    #[serde(skip_serializing_if = "String::is_empty")]
    role: String,
    mount: String,
    message: String,
}

const COLUMNS: [Column; 9] = [
    column("finding", "FINDING"),
    column("common_name", "NAME"),
    column("days_left", "DAYS LEFT"),
    column("id", "ID"),
    column("config", "CONFIG"),
    column("message", "MESSAGE"),
    csv_column("not_after"),
    csv_column("mount"),
    csv_column("role"),
];

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let engines = match &args.config {
        Some(config) => vec![context.engine_of(config.as_str()).await?],
        None => context.engines().await?,
    };
    let now = Timestamp::now();
    let horizon = now + args.within;
    let mut prometheus = args
        .prometheus
        .then(|| Prometheus::begin(&context.ui))
        .transpose()?;
    let mut list = List::new(&context.ui, &COLUMNS);
    let mut findings = 0;
    let mut seen = 0;
    for engine in &engines {
        let config = args
            .config
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let mut query = InventoryQuery {
            status: vec![Status::Issued, Status::Expiring, Status::Expired],
            config: config.clone(),
            // A failed renewal may be far from its end: those rows must be seen, too.
            limit: 500,
            ..InventoryQuery::default()
        };
        loop {
            let page = engine.inventory(&query).await?.value;
            for row in &page.certificates {
                seen += 1;
                let found = finding(row, engine, horizon);
                findings += usize::from(found.is_some());
                match (&mut prometheus, found) {
                    (Some(out), _) => out.certificate(engine, row)?,
                    (None, Some(found)) => tell(&mut list, &found)?,
                    (None, None) => {}
                }
            }
            if page.next.is_empty() {
                if let Some(out) = &mut prometheus {
                    out.counts(engine, &page.summary);
                }
                break;
            }
            query.after = page.next;
        }
        let state = state::State::of(context, engine, &config).await?;
        let found = state.findings(engine, now, args.waiting);
        findings += found.len();
        match &mut prometheus {
            Some(out) => out.state(engine, &state),
            None => {
                for finding in &found {
                    tell(&mut list, finding)?;
                }
            }
        }
    }
    match prometheus {
        Some(out) => out.end()?,
        None => list.end(&format!(
            "OK: {}, none needs attention",
            plural(seen, "certificate", "certificates")
        ))?,
    }
    Ok(if findings == 0 {
        Exit::Done
    } else {
        Exit::Findings
    })
}

fn tell(list: &mut List<'_>, found: &Finding) -> Result<(), CliError> {
    let tone = match found.finding {
        "expires" | "order_waits" => Tone::Warn,
        _ => Tone::Bad,
    };
    list.push(
        found,
        |key| if key == "finding" { tone } else { Tone::Plain },
    )
}

fn finding(row: &InventoryRow, engine: &EngineClient, horizon: Timestamp) -> Option<Finding> {
    // A successor is there: the end of this one hurts nobody.
    if row.renewed_to.is_some() {
        return None;
    }
    let ends = Timestamp::from_second(row.expiration).ok()?;
    let left = ends
        .duration_since(Timestamp::now())
        .as_hours()
        .div_euclid(24);
    let (finding, message) = if row.status == Some(Status::Expired) {
        ("expired", String::new())
    } else if let Some(error) = &row.renew_error {
        ("renewal_failed", error.clone())
    } else if let Some(blocked) = &row.renew_blocked {
        let start = "svpki domains start";
        let domain = row.blocked_by.as_deref().unwrap_or_default();
        (
            "renewal_blocked",
            format!("{blocked}: {start} {} {domain}", row.config),
        )
    } else if ends < horizon {
        let due = row
            .renew_at
            .as_ref()
            .map(|when| format!("renewal due {when}"));
        (
            "expires",
            due.unwrap_or_else(|| "automatic renewal is off".to_owned()),
        )
    } else if !row.missing_names.is_empty() {
        let names = row.missing_names.join(", ");
        (
            "names_missing",
            format!("SCM left out of the certificate: {names}"),
        )
    } else {
        return None;
    };
    Some(Finding {
        finding,
        common_name: row.common_name.clone(),
        not_after: row.not_after.clone(),
        days_left: Some(left),
        id: row.id.clone(),
        config: row.config.clone(),
        role: row.role.clone().unwrap_or_default(),
        mount: engine.mount().to_owned(),
        message,
    })
}

fn distance(text: &str) -> Result<SignedDuration, String> {
    within(text).ok_or_else(|| "write a distance such as 30d, 12h or 4w".to_owned())
}
