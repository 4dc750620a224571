//! Taking things out of Vault. Nothing here changes anything at SCM.

use std::sync::Arc;

use super::certificates;
use super::engine::Engine;
use super::index::Editor;
use super::locks::LockKey;
use super::store::{CertRecord, Changes, Key, OrderRecord, Store};
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
    for id in store.list(&Key::profiles(config)).await? {
        if let Ok(id) = id.parse() {
            store.remove(&Key::profile(config, id)).await?;
        }
    }
    Ok(())
}

/// Removes one certificate with its key and its row; `false` when it is not there.
pub async fn delete_certificate(
    engine: &Arc<Engine>,
    store: &Store,
    config: &ConfigName,
    id: &CertId,
) -> Result<bool, Error> {
    let _index = engine.index.lock().await;
    let Some(cert) = store.read::<CertRecord>(&Key::cert(config, id)).await? else {
        return Ok(false);
    };
    let mut changes = Changes::default();
    let mut editor = Editor::open(store).await?;
    certificates::remove(&mut editor, &mut changes, &cert).await?;
    changes.remove(&Key::to_revoke(config, id));
    editor.finish(&mut changes)?;
    store.commit(changes).await?;
    Ok(true)
}

/// Removes the record of an order, whatever its state, with everything that points to it.
pub async fn delete_order(
    engine: &Arc<Engine>,
    store: &Store,
    config: &ConfigName,
    id: &OrderId,
) -> Result<(), Error> {
    let _turn = engine.locks.lock(LockKey::order(config, id)).await;
    let mut changes = Changes::default();
    if let Some(order) = store.read::<OrderRecord>(&Key::order(config, id)).await? {
        if let Some(cert_id) = &order.cert_id {
            changes.remove(&Key::submitted(config, cert_id));
        }
        if let Some(hash) = &order.idempotency {
            changes.remove(&Key::idempotency(config, hash));
        }
        if let Some(fingerprint) = &order.fingerprint {
            changes.remove(&Key::undelivered(config, fingerprint));
        }
        changes.remove(&Key::ended_order(order.state.status(), config, id));
    }
    changes.remove(&Key::open_order(config, id));
    changes.remove(&Key::order_key(config, id));
    changes.remove(&Key::order(config, id));
    store.commit(changes).await
}
