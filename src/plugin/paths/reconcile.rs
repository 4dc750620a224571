//! `reconcile/:config`: compares the certificates of SCM and Vault in both directions, page by page.

use std::sync::Arc;

use serde_json::json;

use super::super::config::Config;
use super::super::drift::Drift;
use super::super::engine::Engine;
use super::super::error::StepError;
use super::super::fields;
use super::super::owner::Siblings;
use super::super::scm_adapter;
use super::super::store::{CertKind, CertRecord, Key, Store};
use super::RequestContext;
use scm_client::{Client, ClientFilter, ScmError, ScmPhase, ScmStatus, SslFilter};
use svpki_types::CertId;
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

/// Small, because each row may need a call to SCM.
const DEFAULT_LIMIT: i64 = 50;
const LARGEST_LIMIT: i64 = 200;

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("reconcile/:config", "Compare SCM with Vault")
            .describe(
                "Walks SCM's list of the config's organisation (SCM lists client certificates of all that the login \
                 sees), then Vault's, and says of each certificate: same, only_in_scm, only_in_vault, in_other_config \
                 (another config of this mount has it: config names it), revoked_outside, replaced_outside (another certificate is under its id) or renewed_outside; and of \
                 an order that SCM lists and that is no certificate: open_in_scm, or ended_in_scm when it was \
                 declined or rejected, or when the certificate was revoked. next is the place to go on from: give it as after. Changes \
                 nothing; use fetch to bring one in.",
            )
            .param("config", super::CONFIG)
            .on(Operation::Read, "Compare SCM with Vault", &[fields::PAGING], read),
    ]
}

/// The position of a walk: first `scm:<position>`, then `vault:<last id>`.
enum Cursor {
    Scm(usize),
    Vault(String),
}

async fn read(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext {
        engine,
        store,
        config,
    } = RequestContext::of(engine, &call).await?;
    let limit = call
        .fields
        .integer(&fields::LIMIT)
        .unwrap_or(DEFAULT_LIMIT)
        .clamp(1, LARGEST_LIMIT);
    let limit = usize::try_from(limit).unwrap_or_default();
    let client = engine.client(&config)?;
    let walk = Walk {
        store: &store,
        engine: &engine,
        siblings: Siblings::of(&store, &config).await?,
        config: &config,
        client: &client,
    };
    let (rows, next) = match parse_cursor(&call.fields.text(&fields::AFTER).unwrap_or_default())? {
        Cursor::Scm(position) => walk.scm(position, limit).await?,
        Cursor::Vault(after) => walk.vault(&after, limit).await?,
    };
    let response = Response::of(&json!({ "rows": rows, "next": next }))?;
    Ok(Some(response))
}

fn parse_cursor(text: &str) -> Result<Cursor, Error> {
    match text.split_once(':') {
        None if text.is_empty() => Ok(Cursor::Scm(0)),
        Some(("scm", position)) if position.parse::<usize>().is_ok() => {
            Ok(Cursor::Scm(position.parse().unwrap_or_default()))
        }
        Some(("vault", after)) => Ok(Cursor::Vault(after.to_owned())),
        _ => Err(Error::bad_request("after is not a next of an earlier page")),
    }
}

type Page = (Vec<serde_json::Value>, String);

struct Walk<'a> {
    engine: &'a Engine,
    store: &'a Store,
    siblings: Siblings<'a>,
    config: &'a Config,
    client: &'a Client,
}

/// An entry of SCM's list of SSL or client certificates.
struct Entry {
    scm_id: String,
    common_name: String,
    serial: String,
    status: Option<ScmStatus>,
}

impl Walk<'_> {
    /// Finds the entries of SCM's list that are not stored.
    async fn scm(&self, position: usize, limit: usize) -> Result<Page, StepError> {
        let (entries, more) = self.entries(position, limit).await?;
        let next = if more {
            format!("scm:{}", position + entries.len())
        } else {
            "vault:".to_owned()
        };
        let mut rows = Vec::new();
        for entry in entries {
            let Ok(id) = CertId::of(&entry.scm_id, &self.config.customer_uri) else {
                continue;
            };
            let stored: Option<CertRecord> =
                self.store.read(&Key::cert(&self.config.name, &id)).await?;
            // Stored certificates are compared in the second half, the walk through Vault's list.
            if stored.is_some()
                || self
                    .store
                    .exists(&Key::submitted(&self.config.name, &id))
                    .await?
            {
                continue;
            }
            if let Some(other) = self.siblings.owner(&id).await? {
                rows.push(json!({
                    "verdict": "in_other_config",
                    "config": other,
                    "scm_id": entry.scm_id,
                    "id": id,
                    "common_name": entry.common_name,
                    "serial_number": entry.serial,
                    "scm_status": "",
                }));
                continue;
            }
            let status = self.status(&entry).await?;
            rows.push(json!({
                "verdict": only_at_scm(status.as_ref(), &entry.serial),
                "scm_id": entry.scm_id,
                "id": id,
                "common_name": entry.common_name,
                "serial_number": entry.serial,
                "scm_status": status.map(|status| status.to_string()).unwrap_or_default(),
            }));
        }
        Ok((rows, next))
    }

    /// The status of an entry. SCM's list of SSL certificates also contains orders, and shows no status. Entries
    /// without a serial number are looked up individually; revoked certificates are read from a separate list.
    async fn status(&self, entry: &Entry) -> Result<Option<ScmStatus>, ScmError> {
        if entry.status.is_some() {
            return Ok(entry.status.clone());
        }
        if !entry.serial.is_empty() {
            let revoked = self
                .engine
                .revoked_lists
                .of(self.client, self.config)
                .await?;
            let is_revoked = revoked.contains(&entry.scm_id);
            return Ok(is_revoked.then(|| ScmStatus::parse("Revoked")));
        }
        let seen = scm_adapter::get(self.client, self.config.kind, &entry.scm_id).await?;
        Ok(seen.and_then(|seen| seen.status))
    }

    async fn entries(&self, position: usize, limit: usize) -> Result<(Vec<Entry>, bool), ScmError> {
        match self.config.kind {
            CertKind::Ssl => {
                let listing = self.client.ssl().list(&SslFilter {
                    org_id: Some(self.config.org_id),
                    ..SslFilter::default()
                });
                let (page, more) = listing.page(position, limit).await?;
                let entries = page.into_iter().map(|entry| Entry {
                    scm_id: entry.ssl_id.to_string(),
                    common_name: entry.common_name.unwrap_or_default(),
                    serial: entry.serial_number.unwrap_or_default().to_lowercase(),
                    status: None,
                });
                Ok((entries.collect(), more))
            }
            CertKind::Client => {
                // This list does not show organisations, and cannot be filtered by one.
                let listing = self.client.client().list(&ClientFilter::default());
                let (page, more) = listing.page(position, limit).await?;
                let entries = page.into_iter().map(|entry| Entry {
                    scm_id: entry.backend_cert_id.unwrap_or_default(),
                    common_name: entry.subject.unwrap_or_default(),
                    serial: entry.serial_number.unwrap_or_default().to_lowercase(),
                    status: entry.state,
                });
                Ok((entries.collect(), more))
            }
        }
    }

    /// Compares each stored certificate with its details at SCM.
    async fn vault(&self, after: &str, limit: usize) -> Result<Page, StepError> {
        let ids = self
            .store
            .list_page(&Key::certs(&self.config.name), after, limit)
            .await?;
        let next = if ids.len() < limit {
            String::new()
        } else {
            ids.last()
                .map(|id| format!("vault:{id}"))
                .unwrap_or_default()
        };
        let mut rows = Vec::new();
        for id in ids {
            let Ok(id) = id.parse::<CertId>() else {
                continue;
            };
            let Some(cert) = self
                .store
                .read::<CertRecord>(&Key::cert(&self.config.name, &id))
                .await?
            else {
                continue;
            };
            let seen = scm_adapter::get(self.client, cert.kind, &cert.scm_id).await?;
            let (verdict, status) = match seen {
                None => ("only_in_vault", String::new()),
                Some(seen) => {
                    let status = seen
                        .status
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    let verdict = match Drift::of(&cert, &seen) {
                        Drift::Nothing => "same",
                        Drift::Revoked => "revoked_outside",
                        Drift::Replaced(_) => "replaced_outside",
                        Drift::Renewed => "renewed_outside",
                    };
                    (verdict, status)
                }
            };
            rows.push(json!({
                "verdict": verdict,
                "scm_id": cert.scm_id,
                "id": id,
                "common_name": cert.common_name,
                "serial_number": cert.serial,
                "scm_status": status,
            }));
        }
        Ok((rows, next))
    }
}

/// Whether an entry of SCM can be fetched. An entry with a serial number is a certificate; otherwise the status of the
/// order decides.
fn only_at_scm(status: Option<&ScmStatus>, serial: &str) -> &'static str {
    let phase = status.map_or(ScmPhase::Unknown, ScmStatus::phase);
    match phase {
        // SCM does not deliver a revoked certificate, and nobody needs it.
        ScmPhase::Revoked => "ended_in_scm",
        _ if !serial.is_empty() => "only_in_scm",
        ScmPhase::Declined | ScmPhase::Rejected | ScmPhase::Failed => "ended_in_scm",
        ScmPhase::WaitingApproval | ScmPhase::AtCa => "open_in_scm",
        _ => "only_in_scm",
    }
}
