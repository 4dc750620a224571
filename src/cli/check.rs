//! `svpki check`: for monitors. What ends soon, has ended, or could not be renewed; exit 7 when there is any.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::certs::within;
use super::{CliError, Column, Context, Exit, List, Tone, Ui, column, csv_column, plural};
use svpki_types::api::{InventoryResponse, InventoryRow, InventorySummary};
use svpki_types::{ConfigName, Status};
use vault_client::{EngineClient, InventoryQuery};

#[derive(Debug, clap::Args)]
pub struct Args {
    pub config: Option<ConfigName>,
    /// Certificates that end within this time are findings
    #[arg(long, value_name = "DISTANCE", default_value = "30d", value_parser = distance)]
    pub within: SignedDuration,
    /// Prometheus text format: every certificate's end, and counts by status
    #[arg(long, conflicts_with = "output")]
    pub prometheus: bool,
}

/// One thing to look at.
#[derive(Debug, Serialize)]
struct Finding {
    /// `expired`, `expires`, `renewal_failed` or `renewal_blocked`.
    finding: &'static str,
    common_name: String,
    not_after: String,
    days_left: i64,
    id: String,
    config: String,
    mount: String,
    message: String,
}

const COLUMNS: [Column; 8] = [
    column("finding", "FINDING"),
    column("common_name", "NAME"),
    column("days_left", "DAYS LEFT"),
    column("id", "ID"),
    column("config", "CONFIG"),
    column("message", "MESSAGE"),
    csv_column("not_after"),
    csv_column("mount"),
];

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let engines = match &args.config {
        Some(config) => vec![context.engine_of(config.as_str()).await?],
        None => context.engines().await?,
    };
    let horizon = Timestamp::now() + args.within;
    let prometheus = args
        .prometheus
        .then(|| Prometheus::begin(&context.ui))
        .transpose()?;
    let mut list = List::new(&context.ui, &COLUMNS);
    let mut findings = 0;
    let mut seen = 0;
    for engine in &engines {
        let mut query = InventoryQuery {
            status: vec![Status::Issued, Status::Expiring, Status::Expired],
            config: args
                .config
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
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
                match (&prometheus, found) {
                    (Some(out), _) => out.certificate(engine, row)?,
                    (None, Some(found)) => {
                        let tone = if found.finding == "expires" {
                            Tone::Warn
                        } else {
                            Tone::Bad
                        };
                        list.push(
                            &found,
                            |key| if key == "finding" { tone } else { Tone::Plain },
                        )?;
                    }
                    (None, None) => {}
                }
            }
            if last_page(&page) {
                if let Some(out) = &prometheus {
                    out.remember(engine, page.summary);
                }
                break;
            }
            query.after = page.next;
        }
    }
    match prometheus {
        Some(out) => out.end()?,
        None => list.end(&format!(
            "Nothing to look at: {} in use",
            plural(seen, "certificate", "certificates")
        ))?,
    }
    Ok(if findings == 0 {
        Exit::Done
    } else {
        Exit::Findings
    })
}

fn last_page(page: &InventoryResponse) -> bool {
    page.next.is_empty()
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
    } else {
        return None;
    };
    Some(Finding {
        finding,
        common_name: row.common_name.clone(),
        not_after: row.not_after.clone(),
        days_left: left,
        id: row.id.clone(),
        config: row.config.clone(),
        mount: engine.mount().to_owned(),
        message,
    })
}

/// The text format, one line a certificate as it comes; the counts at the end.
struct Prometheus<'ui> {
    ui: &'ui Ui,
    summaries: std::sync::Mutex<Vec<(String, InventorySummary)>>,
}

impl<'ui> Prometheus<'ui> {
    fn begin(ui: &'ui Ui) -> Result<Self, CliError> {
        ui.line(
            "# HELP svpki_certificate_not_after_seconds End of a certificate in use, as Unix time.",
        )?;
        ui.line("# TYPE svpki_certificate_not_after_seconds gauge")?;
        Ok(Self {
            ui,
            summaries: std::sync::Mutex::default(),
        })
    }

    fn certificate(&self, engine: &EngineClient, row: &InventoryRow) -> Result<(), CliError> {
        let status = row.status.map_or("", Status::as_str);
        self.ui.line(&format!(
            "svpki_certificate_not_after_seconds{{mount=\"{}\",config=\"{}\",common_name=\"{}\",id=\"{}\",status=\"{status}\"}} {}",
            label(engine.mount()),
            label(&row.config),
            label(&row.common_name),
            label(&row.id),
            row.expiration
        ))
    }

    fn remember(&self, engine: &EngineClient, summary: InventorySummary) {
        let mut summaries = self
            .summaries
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        summaries.push((engine.mount().to_owned(), summary));
    }

    fn end(self) -> Result<(), CliError> {
        self.ui
            .line("# HELP svpki_certificates Certificates by status.")?;
        self.ui.line("# TYPE svpki_certificates gauge")?;
        let summaries = self
            .summaries
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for (mount, summary) in summaries {
            for (status, count) in summary.status {
                let (mount, status) = (label(&mount), label(&status));
                self.ui.line(&format!(
                    "svpki_certificates{{mount=\"{mount}\",status=\"{status}\"}} {count}"
                ))?;
            }
        }
        self.ui.flush()
    }
}

/// A label's value as the format wants it.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn distance(text: &str) -> Result<SignedDuration, String> {
    within(text).ok_or_else(|| "write a distance such as 30d, 12h or 4w".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_be_left() {
        assert_eq!(label("a\"}\\\n"), "a\\\"}\\\\\\n");
    }
}
