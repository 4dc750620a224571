//! Asks the engine to check a row, without ordering anything.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Known, PlanOptions, reading};
use crate::cli::bulk::columns::Columns;
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::journal::Past;
use crate::cli::bulk::outcome::State;
use crate::cli::bulk::planned::{Planned, Verdict, joined};
use crate::cli::bulk::request::{Finding, Request, fold_name};
use crate::cli::bulk::send::is_transient;
use crate::cli::bulk::sheet::Row;
use crate::cli::bulk::target::TargetConfig;
use svpki_types::{Backoff, RefusalCode, Status};
use vault_client::{EngineClient, VaultError, VaultErrorKind};

/// A row that only the engine can judge.
pub(super) struct Asked {
    pub(super) columns: Arc<Columns>,
    pub(super) row: Row,
    pub(super) request: Request,
    pub(super) planned: Planned,
}

impl Asked {
    pub(super) async fn ask(
        self,
        known: &Known<'_>,
        options: &PlanOptions,
    ) -> Result<Planned, BulkError> {
        let mut planned = self.planned;
        let target = &known.targets.all[planned.target];
        let existing = &known.existing[planned.target];
        let mut ended = None;
        if let Some(past) = planned
            .past
            .as_ref()
            .filter(|past| past.state() == State::Done)
        {
            match standing(target, past).await? {
                CertificateUse::InUse(why) => {
                    planned.verdict = Verdict::Exists;
                    planned.message = why;
                    return Ok(planned);
                }
                CertificateUse::Ended(why) => ended = Some(why),
            }
        }
        if options.skip_dry_run && !self.request.names.is_empty() {
            planned.verdict = Verdict::New;
            planned.message = ended.unwrap_or_default();
            return Ok(planned);
        }
        let checked = match dry_run(&target.engine, &target.config, &self.request.body).await {
            Ok(checked) => checked,
            Err(error) => {
                let (verdict, reason) = judge(&error)?;
                let column = reading(&self.columns, target).column_of(&self.row, &reason);
                planned.verdict = verdict;
                planned.column = column.as_ref().map(|column| column.header.clone());
                planned.message = Finding { column, reason }.to_string();
                return Ok(planned);
            }
        };
        planned.common_name = checked.common_name;
        planned.profile_id = checked.profile_id;
        planned.term = checked.term;
        planned.key_type = checked.key_type;
        planned.verdict = Verdict::New;
        let lacking = existing.lacking(&self.request.names)?;
        planned.message = joined(ended.into_iter().chain(lacking).chain(checked.warnings));
        planned.subject_alt_names = checked.subject_alt_names;
        // Only the engine's answer contains the names of a CSR.
        if self.request.names.is_empty() && !options.allow_duplicates {
            let mut names: Vec<String> = [&planned.common_name]
                .into_iter()
                .chain(&planned.subject_alt_names)
                .map(|name| fold_name(name))
                .collect();
            names.sort();
            names.dedup();
            if let Some(covering) = existing.covering(&names)? {
                planned.cover(covering);
            }
        }
        Ok(planned)
    }
}

/// Whether the certificate that an earlier run ordered is still in use.
enum CertificateUse {
    InUse(String),
    Ended(String),
}

async fn standing(target: &TargetConfig, past: &Past) -> Result<CertificateUse, BulkError> {
    let id = past.id();
    match target.engine.readcert(&target.config, id, None).await {
        Ok(answer) => Ok(match answer.value.status {
            Some(status @ (Status::Issued | Status::Expiring | Status::Pending)) => {
                CertificateUse::InUse(format!("an earlier run ordered it: {id} is {status}"))
            }
            status => CertificateUse::Ended(format!(
                "certificate {id} of an earlier run is {}: a new one is ordered",
                status.map_or("gone", Status::as_str)
            )),
        }),
        Err(error) if error.kind == VaultErrorKind::NotFound => {
            let ends = past
                .outcome
                .as_ref()
                .map_or("", |outcome| &outcome.not_after);
            let over = ends
                .parse::<jiff::Timestamp>()
                .is_ok_and(|ends| ends <= jiff::Timestamp::now());
            Ok(if over {
                CertificateUse::Ended(format!(
                    "certificate {id} of an earlier run has expired: a new one is ordered"
                ))
            } else {
                CertificateUse::InUse(format!(
                    "an earlier run ordered it: {id}. It is no longer stored, and is valid until {ends}: bring it back with svpki fetch, or order again with --allow-duplicates in a copy of the file"
                ))
            })
        }
        // The token may not read the certificate. The inventory does not list it as in use, so it counts as ended.
        Err(error) if error.kind == VaultErrorKind::Denied => Ok(CertificateUse::Ended(format!(
            "certificate {id} of an earlier run is no longer in use: a new one is ordered"
        ))),
        Err(error) => Err(error.into()),
    }
}

/// The engine's answer to a dry run.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Checked {
    common_name: String,
    subject_alt_names: Vec<String>,
    key_type: String,
    profile_id: Option<i64>,
    term: Option<i64>,
    dry_run: bool,
    #[serde(skip)]
    warnings: Vec<String>,
}

/// How often a dry run is tried while the server does not answer. It orders nothing, so it can safely be repeated, and
/// a plan of 100,000 rows may well meet a failover.
const TRIES: u32 = 5;

async fn dry_run(
    engine: &EngineClient,
    config: &str,
    body: &Map<String, Value>,
) -> Result<Checked, VaultError> {
    let mut body = body.clone();
    body.insert("dry_run".into(), json!(true));
    let path = engine.path(&format!("enroll/{config}"));
    let body = Value::Object(body);
    let backoff = Backoff::new(Duration::from_millis(400), Duration::from_secs(60));
    let mut failures = 0;
    loop {
        match engine.server().write(&path, &body).await {
            Ok(answer) => {
                let answered = answer.into::<Checked>()?;
                let mut checked = answered.value;
                checked.warnings = answered.warnings;
                debug_assert!(checked.dry_run, "an engine that orders on a dry run");
                return Ok(checked);
            }
            Err(error) if is_transient(&error) && failures + 1 < TRIES => {
                tokio::time::sleep(backoff.after(failures)).await;
                failures += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The verdict on a row that the engine refuses. Any other error is returned, and ends the plan.
pub fn judge(error: &VaultError) -> Result<(Verdict, String), VaultError> {
    let reason = error.errors.join("; ");
    match error.kind {
        VaultErrorKind::BadRequest | VaultErrorKind::Conflict => {
            let forbidden = error.refusal == Some(RefusalCode::Policy);
            Ok((
                if forbidden {
                    Verdict::Denied
                } else {
                    Verdict::Invalid
                },
                reason,
            ))
        }
        VaultErrorKind::Denied => {
            let hint = error.hint.as_deref().unwrap_or_default();
            Ok((
                Verdict::Denied,
                format!("the server refuses: {reason}; {hint}"),
            ))
        }
        _ => Err(error.clone()),
    }
}
