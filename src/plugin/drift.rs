//! Drift: a change of a certificate that was made at SCM without Vault.

use std::sync::Arc;

use super::config::Config;
use super::engine::Engine;
use super::error::scm_error;
use super::scm_adapter::{self, ScmCertificate};
use super::store::{CertRecord, Lifecycle, Store};
use super::{certificates, time};
use scm_client::{Client, ScmError, ScmPhase};
use vault_plugin::logical::Error;

/// A change at SCM that is missing in the certificate's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    Nothing,
    Revoked,
    /// SCM has another certificate under this id, with this serial number.
    Replaced(String),
    Renewed,
}

impl Drift {
    pub fn of(cert: &CertRecord, seen: &ScmCertificate) -> Self {
        let in_use = cert.lifecycle == Lifecycle::Live;
        let revoked = seen
            .status
            .as_ref()
            .is_some_and(|status| status.phase() == ScmPhase::Revoked);
        match another(cert, seen) {
            // An open order of ours may have caused the change.
            Some(serial) if in_use && cert.renewal.order.is_none() => Self::Replaced(serial),
            _ if revoked && cert.lifecycle != Lifecycle::Revoked => Self::Revoked,
            _ if in_use
                && seen.renewed
                && cert.renewed_to.is_none()
                && !cert.renewal.reached_scm =>
            {
                Self::Renewed
            }
            _ => Self::Nothing,
        }
    }

    /// The reason why the change forbids a renewal of the certificate; `None` if it does not.
    pub fn explain(&self, cert: &CertRecord) -> Option<String> {
        match self {
            Self::Nothing | Self::Revoked => None,
            Self::Replaced(serial) => Some(format!("replaced outside: {}", replaced(cert, serial))),
            Self::Renewed => Some(format!(
                "renewed outside: SCM has a renewal of {id} that Vault did not order. Find it with reconcile/{config} \
                 and fetch it, and delete certs/{config}/{id} when nobody uses it any more; or renew it by hand with \
                 renew/{config}/{id}",
                id = cert.id,
                config = cert.config
            )),
        }
    }
}

/// Asks SCM for the certificate. If SCM does not know the certificate, it counts as unchanged.
pub async fn detect(client: &Client, cert: &CertRecord) -> Result<Drift, ScmError> {
    let seen = scm_adapter::get(client, cert.kind, &cert.scm_id).await?;
    Ok(seen.map_or(Drift::Nothing, |seen| Drift::of(cert, &seen)))
}

/// SCM identifies certificates by id alone. Fails if SCM has another serial number under this id than the record.
/// `became` tells the caller what happened to the certificate when SCM cannot be asked.
pub async fn ensure_same_certificate(
    engine: &Engine,
    config: &Config,
    cert: &CertRecord,
    became: &str,
) -> Result<(), Error> {
    let client = engine.client(config)?;
    let seen = scm_adapter::get(&client, cert.kind, &cert.scm_id)
        .await
        .map_err(|error| scm_error(&error, became))?;
    match seen.and_then(|seen| another(cert, &seen)) {
        Some(serial) => Err(Error::Conflict(format!(
            "{}; {became}",
            replaced(cert, &serial)
        ))),
        None => Ok(()),
    }
}

pub async fn mark_revoked(
    engine: &Arc<Engine>,
    store: &Store,
    cert: &CertRecord,
) -> Result<CertRecord, Error> {
    let _index = engine.index.lock().await;
    certificates::update(store, &cert.config, &cert.id, |cert| {
        cert.lifecycle = Lifecycle::Revoked;
        cert.revoked_at = Some(time::now());
        cert.revoke_reason = "revoked at SCM".into();
    })
    .await
}

fn replaced(cert: &CertRecord, serial: &str) -> String {
    let bring = match &cert.renewal.order {
        Some(order) => format!("order {order} is bringing it in"),
        None => format!("fetch/{}/{} brings it in", cert.config, cert.id),
    };
    format!(
        "SCM has another certificate under the id {}, with serial number {serial}, and Vault the one with {}: {bring}",
        cert.id, cert.serial
    )
}

/// The serial number that SCM has under this id, if Vault does not know it. SCM may show a replacement late, so
/// earlier serial numbers of the id count as known.
fn another(cert: &CertRecord, seen: &ScmCertificate) -> Option<String> {
    let theirs = seen
        .serial
        .as_ref()
        .filter(|serial| !folded(serial).is_empty())?;
    let known = std::iter::once(&cert.serial).chain(&cert.earlier_serials);
    let is_known = known
        .map(|serial| folded(serial))
        .any(|serial| serial == folded(theirs));
    (!is_known).then(|| theirs.clone())
}

/// SCM writes serial numbers with or without colons, and may leave out leading zeros.
fn folded(serial: &str) -> String {
    let digits: String = serial
        .chars()
        .filter(char::is_ascii_hexdigit)
        .map(|digit| digit.to_ascii_lowercase())
        .collect();
    digits.trim_start_matches('0').to_owned()
}
