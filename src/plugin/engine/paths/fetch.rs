//! `fetch/:config/:id`: bring a certificate that SCM has into storage.

use std::sync::Arc;

use super::super::answer::{self, Form};
use super::super::at_scm::{self, Seen};
use super::super::config::Config;
use super::super::error::scm_error;
use super::super::index::Editor;
use super::super::instance::Engine;
use super::super::store::{
    CertRecord, Changes, Key, Kind, OrderRecord, Person, Standing, Store, Wanted,
};
use super::super::{certificates, fields, time};
use super::Ground;
use crate::domain::{CertId, OrderId};
use crate::plugin::framework::{Call, Route};
use crate::plugin::logical::{Error, Operation, Response};
use crate::scm::{Collected, Meaning, ScmStatus};
use crate::x509::{Chain, San, bundle};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("fetch/:config/:id", "Bring a certificate from SCM into Vault")
            .describe(
                "For certificates that were ordered elsewhere: the id is SCM's id, '_' and the customer URI. There \
                 is no private key with it. A certificate that is stored already is answered as it is; whether SCM \
                 has revoked it meanwhile is looked up.",
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
        let cert = refreshed(engine, store, config, cert).await?;
        return answer::certificate(config, &cert, &form, None).map(Some);
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
) -> Result<CertRecord, Error> {
    if cert.standing != Standing::Live {
        return Ok(cert);
    }
    let seen = at_scm::look_up(&engine.client(config)?, cert.kind, &cert.scm_id).await;
    let revoked = matches!(
        seen,
        Ok(Some(Seen { status: Some(ref status), .. })) if status.meaning() == Meaning::Revoked
    );
    if !revoked {
        return Ok(cert);
    }
    let _index = engine.index.lock().await;
    certificates::update(store, &config.name, &cert.id, |cert| {
        cert.standing = Standing::Revoked;
        cert.revoked_at = Some(time::now());
        cert.revoke_reason = "revoked at SCM".into();
    })
    .await
}

async fn from_scm(engine: &Arc<Engine>, config: &Config, id: &CertId) -> Result<CertRecord, Error> {
    let client = engine.client(config)?;
    let scm_id = id.scm_id();
    if config.kind == Kind::Ssl && at_scm::ssl_id(scm_id) < 1 {
        return Err(Error::bad_request(format!(
            "{scm_id:?} is no sslId: it is a positive number"
        )));
    }
    let failed = |error: crate::scm::ScmError| scm_error(&error, "nothing was stored");
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
        .and_then(Chain::assemble_any_leaf)
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
    if seen
        .status
        .is_some_and(|status| status.meaning() == Meaning::Revoked)
    {
        cert.standing = Standing::Revoked;
        cert.revoke_reason = "revoked at SCM".into();
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
