//! Stored certificates: every change of one goes through here, so that record, key and index stay one.

use super::config::Config;
use super::index::{Editor, IndexRow};
use super::store::{
    CertRecord, CertificateSpec, Changes, Key, KeyLocation, KeyRecord, Lifecycle, OrderRecord,
    Store,
};
use pki::{Chain, San};
use svpki_types::{CertId, ConfigName, OrderId, Secret};
use vault_plugin::logical::{CallerHandle, Error, Response};

pub async fn load(store: &Store, config: &ConfigName, id: &CertId) -> Result<CertRecord, Error> {
    store.read(&Key::cert(config, id)).await?.ok_or_else(|| {
        Error::not_found(format!(
            "config {config} has no certificate {id}: list certs/{config}/, or fetch it from SCM"
        ))
    })
}

/// The same for a step that changes it: an id that SCM has given and not issued yet is no mistake of the caller's.
pub async fn load_issued(
    store: &Store,
    config: &ConfigName,
    id: &CertId,
) -> Result<CertRecord, Error> {
    match load(store, config, id).await {
        Err(Error::NotFound(text)) => {
            match store.read::<OrderId>(&Key::submitted(config, id)).await? {
                Some(order) => Err(Error::Conflict(format!(
                    "certificate {id} is not issued yet: look at orders/{config}/{order}"
                ))),
                None => Err(Error::NotFound(text)),
            }
        }
        found => found,
    }
}

/// Puts a certificate record into the batch, and its row into the index. `old` is what the store holds now. The
/// caller holds the index lock.
pub async fn put(
    editor: &mut Editor<'_>,
    changes: &mut Changes,
    old: Option<&CertRecord>,
    new: &CertRecord,
) -> Result<(), Error> {
    changes.write(&Key::cert(&new.config, &new.id), new)?;
    editor
        .replace(old.map(IndexRow::of).as_ref(), Some(&IndexRow::of(new)))
        .await
}

/// Takes a certificate, its key and its row out. The caller holds the index lock.
pub async fn remove(
    editor: &mut Editor<'_>,
    changes: &mut Changes,
    old: &CertRecord,
) -> Result<(), Error> {
    changes.remove(&Key::cert(&old.config, &old.id));
    changes.remove(&Key::private_key(&old.config, &old.id));
    editor.replace(Some(&IndexRow::of(old)), None).await
}

/// Changes one certificate in a batch of its own. The caller holds the index lock.
pub async fn update(
    store: &Store,
    config: &ConfigName,
    id: &CertId,
    change: impl FnOnce(&mut CertRecord),
) -> Result<CertRecord, Error> {
    let old = load(store, config, id).await?;
    let mut new = old.clone();
    change(&mut new);
    let mut changes = Changes::default();
    let mut editor = Editor::open(store).await?;
    put(&mut editor, &mut changes, Some(&old), &new).await?;
    editor.finish(&mut changes)?;
    store.commit(changes).await?;
    Ok(new)
}

/// The record of a certificate that SCM delivered.
pub fn record(
    config: &Config,
    id: CertId,
    scm_id: String,
    chain: &Chain,
    spec: CertificateSpec,
) -> CertRecord {
    let leaf = &chain.leaf;
    let sans: Vec<String> = leaf.sans().iter().map(San::to_string).collect();
    CertRecord {
        id,
        config: config.name.clone(),
        kind: config.kind,
        scm_id,
        order: None,
        lifecycle: Lifecycle::Live,
        common_name: leaf
            .common_name()
            .map(str::to_owned)
            .or_else(|| sans.first().cloned())
            .unwrap_or_else(|| spec.common_name.clone()),
        sans,
        serial: leaf.serial_hex_colon().to_owned(),
        not_before: leaf.not_before().as_second(),
        not_after: leaf.not_after().as_second(),
        issuer: leaf.issuer_name().to_owned(),
        certificate: leaf.to_pem(),
        issuers: chain.issuers.iter().map(pki::Certificate::to_pem).collect(),
        root: chain.root.as_ref().map(pki::Certificate::to_pem),
        csr: String::new(),
        key_location: KeyLocation::External,
        renewed_from: None,
        renewed_to: None,
        earlier_serials: Vec::new(),
        revoked_at: None,
        revoke_reason: String::new(),
        auto_renew: None,
        window: None,
        renewal: super::store::Renewal::default(),
        spec: CertificateSpec {
            key_type: leaf.key_description().as_str().to_owned(),
            ..spec
        },
    }
}

/// The record of the certificate that an order has become.
pub fn record_of_order(
    config: &Config,
    order: &OrderRecord,
    id: CertId,
    scm_id: String,
    chain: &Chain,
) -> CertRecord {
    CertRecord {
        order: Some(order.id.clone()),
        csr: order.csr.clone(),
        key_location: order.key_location,
        auto_renew: order.auto_renew,
        window: order.window,
        ..record(config, id, scm_id, chain, order.spec.clone())
    }
}

/// Answers a certificate with its private key, if that is here. A key of custody `once` is forgotten with that: not
/// before there is an answer to put it into, and not when nobody waits for it any more.
pub async fn deliver_key(
    engine: &super::engine::Engine,
    store: &Store,
    caller: &CallerHandle,
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
    let answer = answer(Some(&record.pem))?;
    if caller.is_disconnected() {
        return Err(Error::internal(format!(
            "nobody waits for the key of {} any more: it stays",
            cert.id
        )));
    }
    let old = load(store, &cert.config, &cert.id).await?;
    let new = CertRecord {
        key_location: KeyLocation::External,
        ..old.clone()
    };
    let mut changes = Changes::default();
    changes.remove(&path);
    let mut editor = Editor::open(store).await?;
    put(&mut editor, &mut changes, Some(&old), &new).await?;
    editor.finish(&mut changes)?;
    store.commit(changes).await?;
    Ok(answer)
}
