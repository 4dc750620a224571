//! `fetch/:config/:id`: bring a certificate that SCM has into storage.

use std::sync::Arc;

use super::super::answer::{self, Form};
use super::super::at_scm::{self, Seen};
use super::super::config::Config;
use super::super::error::scm_error;
use super::super::index::Editor;
use super::super::instance::Engine;
use super::super::outside::{self, Outside};
use super::super::store::{
    CertRecord, Changes, Custody, Key, Kind, OrderRecord, Person, Standing, Store, Wanted,
};
use super::super::{certificates, fields};
use super::Ground;
use pki::{Certificate, Chain, San, bundle};
use scm_client::{Collected, ScmStatus};
use svpki_types::{CertId, OrderId};
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("fetch/:config/:id", "Bring a certificate from SCM into Vault")
            .describe(
                "For certificates that were ordered elsewhere: the id is SCM's id, '_' and the customer URI. There \
                 is no private key with it. A certificate that is stored already is answered as it is, after a look \
                 at what SCM has done meanwhile: one that was revoked is marked, and one that was replaced is brought \
                 in instead, without a key unless it has the old one.",
            )
            .param("config", super::CONFIG)
            .param("id", super::ID)
            .on(Operation::Update, "Fetch a certificate", &[fields::FORMATS], fetch)
            .tolerate(
                Operation::Update,
                &[fields::PROFILE, fields::WAITING, fields::ORDER_AUTOMATION],
                "everything about the certificate comes from SCM",
            ),
    ]
}

async fn fetch(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let ground = Ground::of(engine, &call).await?;
    let Ground {
        engine,
        store,
        config,
    } = &ground;
    let id = super::cert_id(&call)?;
    let form = Form::of(&call.fields, config)?;
    form.refuse_without_key()?;
    super::refuse_on_standby(&call).await?;
    if id
        != CertId::of(id.scm_id(), &config.customer_uri)
            .map_err(|error| Error::bad_request(error.to_string()))?
    {
        return Err(Error::bad_request(format!(
            "certificate ids of config {} end in _{}",
            config.name, config.customer_uri
        )));
    }
    if let Some(cert) = store
        .read::<CertRecord>(&Key::cert(&config.name, &id))
        .await?
    {
        let (cert, warning) = refreshed(engine, store, config, cert).await?;
        let mut response = answer::certificate(config, &cert, &form, None)?;
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
        // Its key waits for it here: the ledger brings it in.
        return answer::pending(&order).map(Some);
    }
    let cert = from_scm(engine, config, &id).await?;
    let _index = engine.index.lock().await;
    let old: Option<CertRecord> = store.read(&Key::cert(&config.name, &id)).await?;
    if let Some(old) = old {
        return answer::certificate(config, &old, &form, None).map(Some);
    }
    let mut changes = Changes::default();
    let mut editor = Editor::open(store).await?;
    certificates::put(&mut editor, &mut changes, None, &cert).await?;
    editor.finish(&mut changes)?;
    store.commit(changes).await?;
    answer::certificate(config, &cert, &form, None).map(Some)
}

/// What SCM says of a certificate that is stored, where that is news. What SCM cannot answer changes nothing.
async fn refreshed(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    cert: CertRecord,
) -> Result<(CertRecord, Option<String>), Error> {
    if cert.standing != Standing::Live {
        return Ok((cert, None));
    }
    let Ok(outside) = outside::look(&engine.client(config)?, &cert).await else {
        return Ok((cert, None));
    };
    match outside {
        Outside::Nothing => Ok((cert, None)),
        Outside::Revoked => Ok((outside::mark_revoked(engine, store, &cert).await?, None)),
        Outside::Renewed => {
            let _index = engine.index.lock().await;
            let why = outside.told(&cert);
            let cert = certificates::update(store, &config.name, &cert.id, |cert| {
                cert.renewal.last_error = why.clone().unwrap_or_default();
            })
            .await?;
            Ok((cert, why))
        }
        Outside::Replaced(_) => {
            let new = from_scm(engine, config, &cert.id).await?;
            let had_key = cert.custody != Custody::Elsewhere;
            let cert = take_over(engine, store, new).await?;
            let mut warning = format!(
                "SCM had another certificate under this id: it has taken the place of the one with serial number {}",
                cert.earlier_serials.last().cloned().unwrap_or_default()
            );
            if had_key && cert.custody == Custody::Elsewhere {
                warning.push_str(", whose private key is removed: it does not fit");
            }
            Ok((cert, Some(warning)))
        }
    }
}

/// Puts a certificate that somebody had issued under a known id into the place of the one that had it.
async fn take_over(
    engine: &Arc<Engine>,
    store: &Store,
    new: CertRecord,
) -> Result<CertRecord, Error> {
    let _index = engine.index.lock().await;
    let old = certificates::load(store, &new.config, &new.id).await?;
    if old.renewal.order.is_some() || old.serial == new.serial {
        // An order was placed meanwhile, or another fetch was faster.
        return Ok(old);
    }
    let mut new = CertRecord {
        wanted: Wanted {
            common_name: new.wanted.common_name,
            sans: new.wanted.sans,
            profile_id: new.wanted.profile_id.or(old.wanted.profile_id),
            term: new.wanted.term.or(old.wanted.term),
            key_type: new.wanted.key_type,
            ..old.wanted.clone()
        },
        renewed_from: old.renewed_from.clone(),
        auto_renew: old.auto_renew,
        window: old.window,
        ..new
    };
    new.earlier_serials.clone_from(&old.earlier_serials);
    new.earlier_serials.push(old.serial.clone());
    let mut changes = Changes::default();
    if has_same_key(&new, &old) {
        new.order.clone_from(&old.order);
        new.csr.clone_from(&old.csr);
        new.custody = old.custody;
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
    let scm_id = id.scm_id();
    // 01063 would be certificate 1063 a second time.
    let number = at_scm::ssl_id(scm_id);
    if config.kind == Kind::Ssl && (number < 1 || number.to_string() != scm_id) {
        return Err(Error::bad_request(format!(
            "{scm_id:?} is no sslId: it is a positive number, without leading zeros"
        )));
    }
    let failed = |error: scm_client::ScmError| scm_error(&error, "nothing was stored");
    let seen = at_scm::look_up(&client, config.kind, scm_id)
        .await
        .map_err(failed)?;
    let Some(seen) = seen else {
        return Err(Error::not_found(format!(
            "SCM has no certificate {scm_id} that this login may see"
        )));
    };
    let bytes = match at_scm::collect(&client, config.kind, scm_id)
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
        wanted(config, &seen, &chain),
    );
    // Its serial number is the one that SCM delivered, however the details spell it.
    let seen = Seen {
        serial: None,
        ..seen
    };
    match Outside::of(&cert, &seen) {
        Outside::Revoked => {
            cert.standing = Standing::Revoked;
            cert.revoke_reason = "revoked at SCM".into();
        }
        outside @ Outside::Renewed => {
            cert.renewal.last_error = outside.told(&cert).unwrap_or_default();
        }
        Outside::Nothing | Outside::Replaced(_) => {}
    }
    Ok(cert)
}

/// What a renewal of it will have to ask for, as far as SCM tells.
fn wanted(config: &Config, seen: &Seen, chain: &Chain) -> Wanted {
    let leaf = &chain.leaf;
    let sans: Vec<String> = leaf.sans().iter().map(San::to_string).collect();
    let common_name = leaf
        .common_name()
        .map(str::to_owned)
        .or_else(|| sans.first().cloned());
    let person = (config.kind == Kind::Client).then(|| Person {
        email: leaf.emails().next().unwrap_or_default().to_owned(),
        ..Person::default()
    });
    Wanted {
        common_name: common_name
            .or_else(|| seen.common_name.clone())
            .unwrap_or_default(),
        sans,
        profile_id: seen.profile_id,
        term: seen.term,
        person,
        ..Wanted::default()
    }
}
