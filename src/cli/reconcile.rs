//! `svpki reconcile CONFIG`: what SCM has and Vault has not, and the reverse, as the engine's own walk tells it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{CliError, Column, Context, Exit, List, Tone, column, csv_column, plural};
use svpki_types::ConfigName;

#[derive(Debug, clap::Args)]
pub struct Args {
    pub config: ConfigName,
    /// Bring into Vault what only SCM has
    #[arg(long)]
    pub import: bool,
    /// Also list what is the same on both sides, and what SCM ended without a certificate
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    /// `same`, `only_in_scm`, `open_in_scm`, `ended_in_scm`, `only_in_vault`, `revoked_outside`, `replaced_outside` or
    /// `renewed_outside`; `imported` after an import.
    verdict: String,
    common_name: String,
    id: String,
    scm_id: String,
    serial_number: String,
    /// Empty where SCM's list tells none: a certificate is not looked up for it.
    scm_status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    message: String,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Page {
    rows: Vec<Row>,
    next: String,
}

const COLUMNS: [Column; 7] = [
    column("verdict", "VERDICT"),
    column("common_name", "NAME"),
    column("id", "ID"),
    column("scm_status", "SCM STATUS"),
    column("message", "MESSAGE"),
    csv_column("serial_number"),
    csv_column("scm_id"),
];

/// Each row may cost SCM a call.
const PAGE: usize = 50;

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let engine = context
        .engine_of(config)
        .await?
        .patient(std::time::Duration::from_secs(300))?;
    let spinner = context.ui.spinner("comparing with SCM");
    let mut list = List::new(&context.ui, &COLUMNS);
    let (mut compared, mut differing, mut importable, mut imported, mut failed) = (0, 0, 0, 0, 0);
    let mut after = String::new();
    loop {
        let page = engine
            .reconcile(config, &after, PAGE)
            .await?
            .into::<Page>()?
            .value;
        for mut row in page.rows {
            compared += 1;
            if args.import && row.verdict == "only_in_scm" {
                match engine.fetch(config, &row.id, &json!({})).await {
                    Ok(_) => {
                        row.verdict = "imported".into();
                        imported += 1;
                    }
                    Err(error) => {
                        row.message = error.to_string();
                        failed += 1;
                    }
                }
            }
            // An order that ended without a certificate is nothing that Vault could have.
            let nothing = matches!(row.verdict.as_str(), "same" | "ended_in_scm");
            let settled = nothing || row.verdict == "imported";
            differing += usize::from(!settled);
            importable += usize::from(row.verdict == "only_in_scm");
            if args.all || !nothing {
                let tone = if settled { Tone::Good } else { Tone::Warn };
                let shown: Value = serde_json::to_value(&row).unwrap_or_default();
                spinner.suspend(|| {
                    list.push(
                        &shown,
                        |key| if key == "verdict" { tone } else { Tone::Plain },
                    )
                })?;
            }
        }
        if page.next.is_empty() {
            break;
        }
        after = page.next;
        spinner.set_message(format!("comparing with SCM: {compared} so far"));
    }
    spinner.finish_and_clear();
    list.end(&format!(
        "SCM and Vault agree on {}",
        plural(compared, "certificate", "certificates")
    ))?;
    if imported > 0 {
        context.ui.status(&format!(
            "{} brought into Vault",
            plural(imported, "certificate", "certificates")
        ));
    }
    if importable > 0 && !args.import {
        context.ui.hint(&format!(
            "svpki reconcile {config} --import brings in what only SCM has"
        ));
    }
    Ok(match (failed, differing) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Findings,
        _ => Exit::SomeFailed,
    })
}
