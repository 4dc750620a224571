//! `fetch/:config/:id`: stores a certificate that SCM has.

use std::sync::Arc;

use super::super::config::Config;
use super::super::drift::{self, Drift};
use super::super::engine::Engine;
use super::super::error::scm_error;
use super::super::index::Editor;
use super::super::locks::LockKey;
use super::super::owner::Siblings;
use super::super::response::{self, OutputFormat};
use super::super::scm_adapter::{self, ScmCertificate};
use super::super::store::{
    CertKind, CertRecord, CertificateSpec, Changes, Key, KeyLocation, Lifecycle, OrderRecord,
    Person, Store,
};
use super::super::{certificates, fields, labels};
use super::RequestContext;
use pki::{Certificate, Chain, San, bundle};
use scm_client::{Collected, ScmStatus};
use svpki_types::{CertId, Labels, OrderId};
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("fetch/:config/:id", "Bring a certificate from SCM into Vault")
            .describe(
                "For certificates that were ordered elsewhere: the id is SCM's id, '_' and the customer URI. There \
                 is no private key with it, and it is not renewed automatically unless you give auto_renew=true, \
                 which also works for one that is stored. A certificate belongs to one config: one that another \
                 config of the mount has is refused. A certificate that is stored already is answered as it is, after a look \
                 at what SCM has done meanwhile: one that was revoked is marked, and one that was replaced is brought \
                 in instead, without a key unless it has the old one.",
            )
            .param("config", super::CONFIG)
            .param("id", super::ID)
            .on(
                Operation::Update,
                "Fetch a certificate",
                &[
                    &[fields::AUTO_RENEW, fields::DRY_RUN],
                    fields::LABELS,
                    fields::FORMATS,
                ],
                fetch,
            )
            .ignore_fields(
                Operation::Update,
                &[fields::PROFILE, fields::WAITING, &[fields::EXPIRY_WINDOW]],
                "everything about the certificate comes from SCM",
            ),
    ]
}

async fn fetch(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let RequestContext {
        engine,
        store,
        config,
    } = &context;
    let id = super::cert_id(&call)?;
    let output = OutputFormat::of(&call.fields, config)?;
    output.require_key()?;
    super::refuse_on_standby(&call).await?;
    if id.scm_id(&config.customer_uri).is_none() {
        return Err(Error::bad_request(format!(
            "certificate ids of config {} end in _{}",
            config.name, config.customer_uri
        )));
    }
    let asked = call
        .fields
        .has(&fields::AUTO_RENEW)
        .then(|| call.fields.boolean(&fields::AUTO_RENEW).unwrap_or_default());
    let labels = labels::asked(&call.fields)?;
    let is_rehearsal = call.fields.boolean(&fields::DRY_RUN).unwrap_or_default();
    let _turn = engine.locks.lock(LockKey::Owner(id.clone())).await;
    if let Some(cert) = store
        .read::<CertRecord>(&Key::cert(&config.name, &id))
        .await?
    {
        if is_rehearsal {
            let cert = CertRecord {
                auto_renew: asked.or(cert.auto_renew),
                ..labelled(cert, &labels)
            };
            return response::certificate(config, &cert, &output, None).map(Some);
        }
        let (mut cert, warning) = refreshed(engine, store, config, cert).await?;
        let is_news = asked.is_some_and(|asked| Some(asked) != cert.auto_renew)
            || labels.or(&cert.spec.labels) != cert.spec.labels;
        if is_news {
            let _index = engine.index.lock().await;
            cert = certificates::update(store, &config.name, &id, |cert| {
                cert.auto_renew = asked.or(cert.auto_renew);
                cert.spec.labels = labels.or(&cert.spec.labels);
            })
            .await?;
        }
        let mut response = response::certificate(config, &cert, &output, None)?;
        response.warnings.extend(warning);
        return Ok(Some(response));
    }
    if let Some(order) = store
        .read::<OrderId>(&Key::submitted(&config.name, &id))
        .await?
        && let Some(order) = store
            .read::<OrderRecord>(&Key::order(&config.name, &order))
            .await?
    {
        // The certificate belongs to an open order, whose key is stored here: the ledger will store both.
        return response::pending(store, config, &order).await.map(Some);
    }
    let siblings = Siblings::of(store, config).await?;
    if let Some(other) = siblings.owner(&id).await? {
        return Err(Error::Conflict(format!(
            "config {other} of this mount has certificate {id}: read certs/{other}/{id}. In two configs it would be \
             renewed twice"
        )));
    }
    let cert = CertRecord {
        // Off by default, because each renewal costs money and comes with a new key that no server uses.
        auto_renew: Some(asked.unwrap_or(false)),
        ..labelled(from_scm(engine, config, &id).await?, &labels)
    };
    if is_rehearsal {
        return response::certificate(config, &cert, &output, None).map(Some);
    }
    let _index = engine.index.lock().await;
    let old: Option<CertRecord> = store.read(&Key::cert(&config.name, &id)).await?;
    if let Some(old) = old {
        return response::certificate(config, &old, &output, None).map(Some);
    }
    let mut changes = Changes::default();
    let mut editor = Editor::open(store).await?;
    certificates::put(&mut editor, &mut changes, None, &cert).await?;
    editor.finish(&mut changes)?;
    store.commit(changes).await?;
    response::certificate(config, &cert, &output, None).map(Some)
}

fn labelled(mut cert: CertRecord, labels: &Labels) -> CertRecord {
    cert.spec.labels = labels.or(&cert.spec.labels);
    cert
}

/// Asks SCM about a stored certificate and takes over a change. If SCM cannot answer, nothing changes.
async fn refreshed(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    cert: CertRecord,
) -> Result<(CertRecord, Option<String>), Error> {
    if cert.lifecycle != Lifecycle::Live {
        return Ok((cert, None));
    }
    let Ok(drift) = drift::detect(&engine.client(config)?, &cert).await else {
        return Ok((cert, None));
    };
    match drift {
        Drift::Nothing => Ok((cert, None)),
        Drift::Revoked => Ok((drift::mark_revoked(engine, store, &cert).await?, None)),
        Drift::Renewed => {
            let _index = engine.index.lock().await;
            let why = drift.explain(&cert);
            let cert = certificates::update(store, &config.name, &cert.id, |cert| {
                cert.renewal.last_error = why.clone().unwrap_or_default();
                cert.renewal.last_code = None;
            })
            .await?;
            Ok((cert, why))
        }
        Drift::Replaced(_) => {
            let new = from_scm(engine, config, &cert.id).await?;
            let had_key = cert.key_location != KeyLocation::External;
            let cert = take_over(engine, store, new).await?;
            let mut warning = format!(
                "SCM had another certificate under this id: it has taken the place of the one with serial number {}",
                cert.earlier_serials.last().cloned().unwrap_or_default()
            );
            if had_key && cert.key_location == KeyLocation::External {
                warning.push_str(", whose private key is removed: it does not fit");
            }
            Ok((cert, Some(warning)))
        }
    }
}

/// Stores a certificate that was issued in SCM's portal under a known id, in place of the earlier one.
async fn take_over(
    engine: &Arc<Engine>,
    store: &Store,
    new: CertRecord,
) -> Result<CertRecord, Error> {
    let _index = engine.index.lock().await;
    let old = certificates::load(store, &new.config, &new.id).await?;
    if old.renewal.order.is_some() || old.serial == new.serial {
        // An order was placed in the meantime, or another fetch has stored it already.
        return Ok(old);
    }
    // The certificate keeps the name under which it is found, if it still contains that name.
    let (is_ssl, sans) = (new.kind == CertKind::Ssl, new.sans.clone());
    let keeps = |name: &String| is_ssl && sans.contains(name);
    let mut new = CertRecord {
        common_name: Some(old.common_name.clone())
            .filter(keeps)
            .unwrap_or(new.common_name),
        spec: CertificateSpec {
            common_name: Some(old.spec.common_name.clone())
                .filter(keeps)
                .unwrap_or(new.spec.common_name),
            sans: new.spec.sans,
            profile_id: new.spec.profile_id.or(old.spec.profile_id),
            term: new.spec.term.or(old.spec.term),
            key_type: new.spec.key_type,
            ..old.spec.clone()
        },
        renewed_from: old.renewed_from.clone(),
        auto_renew: old.auto_renew,
        window: old.window,
        ..new
    };
    new.role.clone_from(&old.role);
    new.revoked_serials.clone_from(&old.revoked_serials);
    new.earlier_serials.clone_from(&old.earlier_serials);
    new.earlier_serials.push(old.serial.clone());
    let mut changes = Changes::default();
    if has_same_key(&new, &old) {
        new.order.clone_from(&old.order);
        new.csr.clone_from(&old.csr);
        new.key_location = old.key_location;
    } else {
        changes.remove(&Key::private_key(&new.config, &new.id));
    }
    let mut editor = Editor::open(store).await?;
    certificates::put(&mut editor, &mut changes, Some(&old), &new).await?;
    editor.finish(&mut changes)?;
    store.commit(changes).await?;
    Ok(new)
}

fn has_same_key(new: &CertRecord, old: &CertRecord) -> bool {
    let key = |cert: &CertRecord| {
        let leaf = Certificate::parse_pem_or_der(cert.certificate.as_bytes()).ok()?;
        Some(leaf.spki_der().to_vec())
    };
    key(new).is_some_and(|new| key(old) == Some(new))
}

async fn from_scm(engine: &Arc<Engine>, config: &Config, id: &CertId) -> Result<CertRecord, Error> {
    let client = engine.client(config)?;
    let scm_id = id.scm_id(&config.customer_uri).unwrap_or_default();
    // `01063` would store certificate 1063 a second time.
    let number = scm_adapter::ssl_id(scm_id);
    if config.kind == CertKind::Ssl && (number < 1 || number.to_string() != scm_id) {
        return Err(Error::bad_request(format!(
            "{scm_id:?} is no sslId: it is a positive number, without leading zeros"
        )));
    }
    let failed = |error: scm_client::ScmError| scm_error(&error, "nothing was stored");
    let seen = scm_adapter::get(&client, config.kind, scm_id)
        .await
        .map_err(failed)?;
    let Some(seen) = seen else {
        return Err(Error::not_found(format!(
            "SCM has no certificate {scm_id} that this login may see"
        )));
    };
    let bytes = match scm_adapter::collect(&client, config.kind, scm_id)
        .await
        .map_err(failed)?
    {
        Collected::Ready(bytes) => bytes,
        Collected::NotReady { message, .. } => {
            return Err(Error::Conflict(format!(
                "certificate {scm_id} is not issued (SCM's status is {}): {message}",
                seen.status.as_ref().map_or("unknown", ScmStatus::as_str)
            )));
        }
    };
    let chain = bundle::parse(&bytes)
        .and_then(|found| Chain::assemble_any_leaf(found, config.chain))
        .map_err(|error| {
            Error::BadGateway(format!(
                "what SCM delivered for {scm_id} cannot be used: {error}"
            ))
        })?;
    let mut cert = certificates::record(
        config,
        id.clone(),
        scm_id.to_owned(),
        &chain,
        spec(config, &seen, &chain),
    );
    // The serial number comes from the certificate itself, so the details' spelling of it must not count as drift.
    let seen = ScmCertificate {
        serial: None,
        ..seen
    };
    match Drift::of(&cert, &seen) {
        Drift::Revoked => {
            cert.lifecycle = Lifecycle::Revoked;
            cert.revoke_reason = "revoked at SCM".into();
        }
        drift @ Drift::Renewed => {
            cert.renewal.last_error = drift.explain(&cert).unwrap_or_default();
        }
        Drift::Nothing | Drift::Replaced(_) => {}
    }
    Ok(cert)
}

/// The spec for a future renewal, as far as SCM tells it.
fn spec(config: &Config, seen: &ScmCertificate, chain: &Chain) -> CertificateSpec {
    let leaf = &chain.leaf;
    let sans: Vec<String> = leaf.sans().iter().map(San::to_string).collect();
    // The CA may have left out the common name; SCM still knows the ordered one.
    let ordered = seen.common_name.clone().filter(|name| sans.contains(name));
    let common_name = leaf
        .common_name()
        .map(str::to_owned)
        .or(ordered)
        .or_else(|| sans.first().cloned());
    let person = (config.kind == CertKind::Client).then(|| Person {
        email: leaf.emails().next().unwrap_or_default().to_owned(),
        ..Person::default()
    });
    CertificateSpec {
        common_name: common_name
            .or_else(|| seen.common_name.clone())
            .unwrap_or_default(),
        sans,
        profile_id: seen.profile_id,
        term: seen.term,
        person,
        ..CertificateSpec::default()
    }
}
