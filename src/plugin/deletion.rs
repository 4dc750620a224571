//! Removes data from Vault. Nothing here changes anything at SCM.

use std::sync::Arc;

use super::certificates;
use super::engine::Engine;
use super::index::Editor;
use super::locks::LockKey;
use super::store::{
    CertRecord, Changes, IdempotencyRecord, Key, OrderRecord, ReuseRecord, Store, UndeliveredRecord,
};
use svpki_types::{CertId, ConfigName, OrderId};
use vault_plugin::logical::Error;

/// Removes every certificate, key, order, profile and idempotency record of a config.
pub async fn delete_config_data(
    engine: &Arc<Engine>,
    store: &Store,
    config: &ConfigName,
) -> Result<(), Error> {
    for id in store.list(&Key::certs(config)).await? {
        if let Ok(id) = id.parse::<CertId>() {
            delete_certificate(engine, store, config, &id).await?;
        }
    }
    for id in store.list(&Key::orders(config)).await? {
        if let Ok(id) = id.parse::<OrderId>() {
            delete_order(engine, store, config, &id).await?;
        }
    }
    for hash in store.list(&Key::idempotencies(config)).await? {
        store.remove(&Key::idempotency(config, &hash)).await?;
    }
    for digest in store.list(&Key::reuses(config)).await? {
        store.remove(&Key::reuse(config, &digest)).await?;
    }
    for id in store.list(&Key::profiles(config)).await? {
        if let Ok(id) = id.parse() {
            store.remove(&Key::profile(config, id)).await?;
        }
    }
    store.remove(&Key::domains(config)).await?;
    Ok(())
}

/// Removes one certificate with its key and its index row; `false` if there is none.
pub async fn delete_certificate(
    engine: &Arc<Engine>,
    store: &Store,
    config: &ConfigName,
    id: &CertId,
) -> Result<bool, Error> {
    let removed = certificates(engine, store, &[(config.clone(), id.clone())]).await?;
    Ok(removed > 0)
}

/// Removes these certificates with their keys and index rows in one batch. Answers how many there were.
pub async fn certificates(
    engine: &Arc<Engine>,
    store: &Store,
    ids: &[(ConfigName, CertId)],
) -> Result<u64, Error> {
    let _index = engine.index.lock().await;
    let mut changes = Changes::default();
    let mut editor = Editor::open(store).await?;
    let mut removed = 0;
    for (config, id) in ids {
        let Some(cert) = store.read::<CertRecord>(&Key::cert(config, id)).await? else {
            continue;
        };
        certificates::remove(&mut editor, &mut changes, &cert).await?;
        changes.remove(&Key::to_revoke(config, id));
        removed += 1;
    }
    editor.finish(&mut changes)?;
    store.commit(changes).await?;
    Ok(removed)
}

/// Removes the record of an order, whatever its state, with everything that refers to it.
pub async fn delete_order(
    engine: &Arc<Engine>,
    store: &Store,
    config: &ConfigName,
    id: &OrderId,
) -> Result<(), Error> {
    orders(engine, store, config, std::slice::from_ref(id)).await
}

/// Like [`delete_order`] for several orders, in one batch.
pub async fn orders(
    engine: &Arc<Engine>,
    store: &Store,
    config: &ConfigName,
    ids: &[OrderId],
) -> Result<(), Error> {
    // All tasks lock several orders in the same sequence, so that no two can block each other.
    let mut ids: Vec<&OrderId> = ids.iter().collect();
    ids.sort();
    let mut turns = Vec::new();
    let mut changes = Changes::default();
    for id in ids {
        turns.push(engine.locks.lock(LockKey::order(config, id)).await);
        remove_order(store, &mut changes, config, id).await?;
    }
    store.commit(changes).await
}

async fn remove_order(
    store: &Store,
    changes: &mut Changes,
    config: &ConfigName,
    id: &OrderId,
) -> Result<(), Error> {
    if let Some(order) = store.read::<OrderRecord>(&Key::order(config, id)).await? {
        if let Some(cert_id) = order.cert_id() {
            changes.remove(&Key::submitted(config, cert_id));
        }
        // The idempotency key and the fingerprint may belong to a later order by now.
        if let Some(hash) = &order.idempotency {
            let key = Key::idempotency(config, hash);
            let known: Option<IdempotencyRecord> = store.read(&key).await?;
            if known.is_none_or(|known| known.order == *id) {
                changes.remove(&key);
            }
        }
        if let Some(fingerprint) = &order.fingerprint {
            let key = Key::undelivered(config, fingerprint);
            let known: Option<UndeliveredRecord> = store.read(&key).await?;
            if known.is_none_or(|known| known.order == *id) {
                changes.remove(&key);
            }
        }
        for digest in &order.reuse {
            let key = Key::reuse(config, digest);
            let latest = store.read::<ReuseRecord>(&key).await?;
            if latest.is_some_and(|latest| latest.order == order.id) {
                changes.remove(&key);
            }
        }
        changes.remove(&Key::ended_order(order.state().status(), config, id));
    }
    changes.remove(&Key::open_order(config, id));
    changes.remove(&Key::order_key(config, id));
    changes.remove(&Key::order(config, id));
    Ok(())
}
