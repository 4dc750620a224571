//! `svpki reconcile CONFIG`: the certificates that only SCM or only Vault has, as the engine's comparison finds them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{CliError, Column, Context, Exit, List, Tone, column, csv_column, plural};
use svpki_types::ConfigName;
use vault_client::EngineClient;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The config to compare
    pub config: ConfigName,
    /// Bring into Vault what only SCM has; it is not renewed automatically, so nothing is ordered
    #[arg(long)]
    pub import: bool,
    /// With --import: let Vault renew what is brought in, which orders new certificates; asks first, and says how many
    #[arg(long, requires = "import")]
    pub auto_renew: bool,
    /// With --auto-renew: do not ask
    #[arg(long, requires = "auto_renew")]
    pub yes: bool,
    /// Also list what is the same on both sides, what another config has, and what SCM ended or revoked
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    /// `same`, `only_in_scm`, `in_other_config`, `open_in_scm`, `ended_in_scm`, `only_in_vault`, `revoked_outside`,
    /// `replaced_outside` or `renewed_outside`; `imported` after an import.
    verdict: String,
    /// The other config of the mount that has the certificate.
    #[serde(skip_serializing_if = "String::is_empty")]
    config: String,
    common_name: String,
    id: String,
    scm_id: String,
    serial_number: String,
    /// Empty when SCM's list contains no status. Certificates are not requested one by one for it.
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

/// A small page, because each row may need a request to SCM.
const PAGE: usize = 50;

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let engine = context
        .engine_of(config)
        .await?
        .patient(std::time::Duration::from_secs(300))?;
    if args.import {
        announce(context, &engine, &args).await?;
    }
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
                match engine
                    .fetch(config, &row.id, &json!({"auto_renew": args.auto_renew}))
                    .await
                {
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
            // These are no differences: Vault has the certificate, perhaps in another config, or cannot have it,
            // because the order ended without one or it is revoked.
            let nothing = matches!(
                row.verdict.as_str(),
                "same" | "ended_in_scm" | "in_other_config"
            );
            if !row.config.is_empty() {
                row.message = format!("config {} has it", row.config);
            }
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

/// Says what an import will do before it begins. With `--auto-renew` each certificate will be renewed, which is an
/// order; so the server is asked when, and the operator must confirm.
async fn announce(context: &Context, engine: &EngineClient, args: &Args) -> Result<(), CliError> {
    let config = args.config.as_str();
    let spinner = context.ui.spinner("counting what only SCM has");
    let (mut found, mut due, mut next) = (0, 0, None::<Timestamp>);
    let mut after = String::new();
    loop {
        let page = engine
            .reconcile(config, &after, PAGE)
            .await?
            .into::<Page>()?
            .value;
        for row in page.rows.iter().filter(|row| row.verdict == "only_in_scm") {
            found += 1;
            if !args.auto_renew {
                continue;
            }
            let body = json!({"auto_renew": true, "dry_run": true});
            // A certificate that cannot be fetched is reported by the import itself.
            let Ok(answer) = engine.fetch(config, &row.id, &body).await else {
                continue;
            };
            let at = answer
                .value
                .renew_at
                .and_then(|at| at.parse::<Timestamp>().ok());
            match at {
                Some(at) if at <= Timestamp::now() => due += 1,
                Some(at) => next = Some(next.map_or(at, |next| next.min(at))),
                None => {}
            }
        }
        // The rest of the pages contains only Vault's own list.
        if page.next.is_empty() || page.next.starts_with("vault:") {
            break;
        }
        after = page.next;
    }
    spinner.finish_and_clear();
    let certificates = plural(found, "certificate", "certificates");
    if !args.auto_renew {
        context.ui.status(&format!(
            "{certificates} to bring in; no order follows: automatic renewal is off for each (--auto-renew turns it on)"
        ));
        return Ok(());
    }
    let later = next.map_or_else(String::new, |next| {
        format!(", the next of the others on {}", next.strftime("%Y-%m-%d"))
    });
    let message = format!(
        "{certificates} to bring in, and Vault would order {}: {due} at once{later}",
        plural(found, "renewal for it", "renewals, one for each")
    );
    context.ui.status(&message);
    if found == 0 || args.yes || context.ui.confirm("Go on?", false, "--yes")? {
        return Ok(());
    }
    Err(CliError::failed("nothing was brought in"))
}
