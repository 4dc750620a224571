//! Hands out private keys. A one-time key (`key_storage=once`) is handed out to one caller. For a while the same
//! caller gets it again, because the answer may have been lost; then the key is removed.

use std::sync::Arc;

use tokio::time::Instant;

use super::config::Config;
use super::engine::Engine;
use super::index::Editor;
use super::ledger::{Ledger, requester};
use super::store::{
    ANSWERED_AGAIN_FOR, CertRecord, Changes, HandedOut, Key, KeyLocation, KeyRecord, Store,
    is_answered_again,
};
use super::{certificates, time};
use svpki_types::api::JobHealth;
use svpki_types::{CertId, ConfigName, Secret};
use vault_plugin::logical::{Error, Request, Response};

/// Answers a certificate with its private key, if this caller may have the key. A one-time key counts as handed out
/// only after the answer was built, and only if its caller is still connected.
pub async fn deliver_key(
    engine: &Engine,
    store: &Store,
    request: &Request,
    cert: &CertRecord,
    answer: impl FnOnce(Option<&Secret>) -> Result<Response, Error>,
) -> Result<Response, Error> {
    let path = Key::private_key(&cert.config, &cert.id);
    match cert.key_location {
        KeyLocation::External => return answer(None),
        KeyLocation::Stored => {
            let record = store.read::<KeyRecord>(&path).await?;
            return answer(record.map(|record| record.pem).as_ref());
        }
        KeyLocation::OneTime => {}
    }
    let _index = engine.index.lock().await;
    let Some(record) = store.read::<KeyRecord>(&path).await? else {
        return answer(None);
    };
    let (now, to) = (time::now(), requester(request));
    if let Some(before) = &record.handed_out {
        if !is_answered_again(before.at, now) || to.as_ref() != Some(&before.to) {
            return answer(None);
        }
        let mut answer = answer(Some(&record.pem))?;
        answer.warn(format!(
            "this one-time private key was answered to you before; it is removed {ANSWERED_AGAIN_FOR} seconds after \
             its first answer"
        ));
        return Ok(answer);
    }
    let answer = answer(Some(&record.pem))?;
    if request.caller.is_disconnected() {
        return Err(Error::internal(format!(
            "the caller has disconnected: the key of {} stays stored",
            cert.id
        )));
    }
    let Some(to) = to else {
        // Without an entity or a token the caller cannot be recognised, so the key is removed at once.
        remove(store, &cert.config, &cert.id).await?;
        return Ok(answer);
    };
    let mut changes = Changes::default();
    let record = KeyRecord {
        handed_out: Some(HandedOut { at: now, to }),
        ..record
    };
    changes.write(&path, &record)?;
    changes.write(&Key::handed_out(&cert.config, &cert.id), &now)?;
    store.commit(changes).await?;
    Ok(answer)
}

/// The message why an answer holds no private key.
pub fn no_key(cert: &CertRecord) -> String {
    let why = match cert.key_location {
        KeyLocation::OneTime => "its one-time key was handed out to another caller",
        KeyLocation::Stored => "its key is gone from storage",
        KeyLocation::External => {
            "it was ordered with the caller's own CSR, or fetched, or its one-time key was handed out already"
        }
    };
    format!("there is no private key of {} here: {why}", cert.id)
}

/// The job `keys`: removes the one-time keys, and then the records of requests, that were answered long enough ago.
pub async fn run(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    until: Instant,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    for child in store.list(&Key::handed_out_all()).await? {
        let Some((config, id)) = Key::parse_cert_child(&child) else {
            continue;
        };
        if Instant::now() >= until {
            health.count_skipped("no time left in this run");
            continue;
        }
        let at: Option<i64> = store.read(&Key::handed_out(&config, &id)).await?;
        if at.is_some_and(|at| is_answered_again(at, time::now())) {
            health.count_skipped("answered a moment ago");
            continue;
        }
        let _index = engine.index.lock().await;
        let key: Option<KeyRecord> = store.read(&Key::private_key(&config, &id)).await?;
        // The key may be a new one that a replacement has stored and nobody has got yet.
        let over = key.and_then(|key| key.handed_out);
        if over.is_some_and(|handed| !is_answered_again(handed.at, time::now())) {
            remove(store, &config, &id).await?;
            health.done += 1;
        } else {
            store.remove(&Key::handed_out(&config, &id)).await?;
        }
    }
    let ledger = Ledger::new(engine, store);
    for config in configs {
        health.done += ledger.forget_delivered(&config.name, until).await?;
    }
    Ok(health)
}

/// Removes the private key of a certificate. The caller holds the index lock.
async fn remove(store: &Store, config: &ConfigName, id: &CertId) -> Result<(), Error> {
    let mut changes = Changes::default();
    changes.remove(&Key::private_key(config, id));
    changes.remove(&Key::handed_out(config, id));
    if let Some(old) = store.read::<CertRecord>(&Key::cert(config, id)).await? {
        let new = CertRecord {
            key_location: KeyLocation::External,
            ..old.clone()
        };
        let mut editor = Editor::open(store).await?;
        certificates::put(&mut editor, &mut changes, Some(&old), &new).await?;
        editor.finish(&mut changes)?;
    }
    store.commit(changes).await
}
