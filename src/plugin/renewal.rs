//! Renews one certificate, on request or because it is due.

use std::sync::Arc;

use super::config::{Config, KeyStorage};
use super::effective_fields::EffectiveFields;
use super::engine::Engine;
use super::error::bad_x509;
use super::ledger::{Ledger, NewOrder, Placement, RequestIdentity, under_way};
use super::locks::LockKey;
use super::response::OutputFormat;
use super::store::{
    Action, CertKind, CertRecord, CertificateSpec, Key, KeyLocation, KeyRecord, Lifecycle,
    OrderRecord, Store,
};
use super::validate::{self, CsrWithKey, KeySource, ValidatedRequest};
use super::{certificates, fields, issuance};
use pki::{Csr, PrivateKey};
use svpki_types::KeySpec;
use vault_plugin::framework::Values;
use vault_plugin::logical::Error;

/// The parameters with which a renewal starts.
pub struct Start<'a> {
    pub identity: RequestIdentity,
    /// The format that the caller wants; `None` for an automatic renewal, which no caller waits for.
    pub output: Option<&'a OutputFormat>,
    pub request: &'a Values,
}

/// Places the renewal of a certificate: it is checked like any order, and is ordered once, however many requests ask
/// for it.
pub async fn create_order(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    cert: &CertRecord,
    start: Start<'_>,
) -> Result<(Placement, Vec<String>), Error> {
    let _turn = engine
        .locks
        .lock(LockKey::certificate(&cert.config, &cert.id))
        .await;
    let cert = certificates::load(store, &cert.config, &cert.id).await?;
    if let Some(open) = Ledger::new(engine, store).open_on(&cert).await? {
        if !matches!(open.action, Action::Renew { .. }) {
            return Err(under_way(&cert.id, &open));
        }
        let warning = format!("a renewal is under way already: order {}", open.id);
        return Ok((Placement::Existing(open.id), vec![warning]));
    }
    refuse_wrong_state(&cert)?;
    let mut warnings = Vec::new();
    let csr_with_key = key(store, config, &cert, &start, &mut warnings).await?;
    if let Some(output) = start.output {
        issuance::check_format_possible(output, &csr_with_key)?;
    }
    let mut request = ValidatedRequest {
        spec: CertificateSpec {
            term: cert.spec.term.or(config.default_term()?),
            ..cert.spec.clone()
        },
        key: KeySource::Csr(Box::new(csr_with_key.csr.clone())),
        // A fetched certificate has automatic renewal off. Its successor is ordered by this engine, so the config
        // decides.
        auto_renew: cert
            .auto_renew
            .filter(|renews| *renews || cert.order.is_some()),
        window: cert.window,
        warnings: Vec::new(),
    };
    if request.spec.profile_id.is_none() {
        request.spec.profile_id = super::field_values::profile_id(&config.given, config.kind)?;
    }
    validate::finish_renewal(store, config, &mut request).await?;
    warnings.extend(request.warnings);
    let new = NewOrder {
        action: Action::Renew {
            of: cert.id.clone(),
        },
        spec: request.spec,
        auto_renew: request.auto_renew,
        window: cert.window,
        automatic: start.output.is_none(),
        identity: start.identity,
    };
    let placement = Ledger::new(engine, store)
        .create(config, new, csr_with_key)
        .await?;
    Ok((placement, warnings))
}

fn refuse_wrong_state(cert: &CertRecord) -> Result<(), Error> {
    let why = match cert.lifecycle {
        Lifecycle::Live => return Ok(()),
        Lifecycle::Revoked => "it is revoked: order a new one with enroll".to_owned(),
        Lifecycle::Replaced | Lifecycle::Superseded => match &cert.renewed_to {
            Some(to) => format!("{to} has taken its place: renew that one"),
            None => "another certificate has taken its place".to_owned(),
        },
    };
    Err(Error::Conflict(format!(
        "certificate {} cannot be renewed: {why}",
        cert.id
    )))
}

/// The key of the new certificate: from the caller's CSR, the present key, or a new key.
async fn key(
    store: &Store,
    config: &Config,
    cert: &CertRecord,
    start: &Start<'_>,
    warnings: &mut Vec<String>,
) -> Result<CsrWithKey, Error> {
    let request = start.request;
    let effective = EffectiveFields { request, config };
    let own = super::config::text(request, &fields::CSR);
    let reuse = request.boolean(&fields::REUSE_KEY).unwrap_or_default();
    if reuse && own.is_some() {
        return Err(Error::bad_request(
            "reuse_key=true renews with the key in use, and a CSR brings another: give one of the two",
        ));
    }
    if cert.kind == CertKind::Client {
        if own.is_some() {
            return Err(Error::bad_request(
                "SCM renews a client certificate with the key it has: for another key use replace or enroll",
            ));
        }
        warnings.push("SCM renews client certificates with the key they have".to_owned());
        return of_type_asked(&effective, in_use(store, cert).await?);
    }
    if let Some(text) = own {
        let csr = Csr::parse(&text).map_err(bad_x509)?;
        let name = csr.common_name().map(str::to_ascii_lowercase);
        if name.is_some_and(|name| name != cert.spec.common_name) {
            return Err(Error::bad_request(format!(
                "the CSR is for {:?} and the certificate for {:?}: a renewal keeps the name",
                csr.common_name().unwrap_or_default(),
                cert.spec.common_name
            )));
        }
        let source = validate::key_source(&effective, Some(csr))?;
        return issuance::make_key(config, &cert.spec, source).await;
    }
    if reuse {
        return of_type_asked(&effective, in_use(store, cert).await?);
    }
    let only_one = config.key_storage == KeyStorage::Never;
    if cert.key_location == KeyLocation::External
        && !cert.csr.is_empty()
        && (only_one || (start.output.is_none() && is_callers_csr(store, config, cert).await?))
    {
        // The key of the caller's CSR is used again: it is the only possible one, or the one that its holder continues
        // to use.
        return Ok(CsrWithKey {
            csr: Csr::parse(&cert.csr).map_err(bad_x509)?,
            key: None,
            key_location: KeyLocation::External,
        });
    }
    let source = successor_key(&effective, cert)?;
    issuance::make_key(config, &cert.spec, source).await
}

/// Whether the caller made the key. A one-time key that was handed out is not stored any more, but its order shows
/// that it was made here.
async fn is_callers_csr(store: &Store, config: &Config, cert: &CertRecord) -> Result<bool, Error> {
    let order = match &cert.order {
        Some(id) => {
            store
                .read::<OrderRecord>(&Key::order(&cert.config, id))
                .await?
        }
        None => None,
    };
    Ok(match order {
        Some(order) => order.key_location == KeyLocation::External,
        None => config.key_storage != KeyStorage::Once,
    })
}

/// Refuses the present key if the request asks for another key type.
fn of_type_asked(
    effective: &EffectiveFields<'_>,
    csr_with_key: CsrWithKey,
) -> Result<CsrWithKey, Error> {
    validate::key_source(effective, Some(csr_with_key.csr.clone()))?;
    Ok(csr_with_key)
}

/// A new key for the successor of this certificate: of the same type, unless the request asks for another one.
pub fn successor_key(
    effective: &EffectiveFields<'_>,
    cert: &CertRecord,
) -> Result<KeySource, Error> {
    let asked =
        effective.request.has(&fields::KEY_ALGO) || effective.request.has(&fields::KEY_SIZE);
    match kind_of(cert) {
        Some(key_spec) if !asked && effective.config.key_storage != KeyStorage::Never => {
            Ok(KeySource::Generate(key_spec))
        }
        _ => validate::key_source(effective, None),
    }
}

fn kind_of(cert: &CertRecord) -> Option<KeySpec> {
    let (algorithm, size) = cert.spec.key_type.split_once(' ')?;
    KeySpec::parse(Some(algorithm), Some(size)).ok()
}

async fn in_use(store: &Store, cert: &CertRecord) -> Result<CsrWithKey, Error> {
    if cert.key_location != KeyLocation::External
        && let Some(record) = store
            .read::<KeyRecord>(&Key::private_key(&cert.config, &cert.id))
            .await?
    {
        let key = PrivateKey::from_pem(record.pem.expose())
            .map_err(|error| Error::internal(error.to_string()))?;
        return validate::csr_with(key, &cert.spec, cert.key_location);
    }
    if cert.csr.is_empty() {
        return Err(Error::bad_request(format!(
            "neither the key nor the CSR of {} is here: renew it with a CSR of your own, or order a new one with enroll",
            cert.id
        )));
    }
    Ok(CsrWithKey {
        csr: Csr::parse(&cert.csr).map_err(bad_x509)?,
        key: None,
        key_location: KeyLocation::External,
    })
}
