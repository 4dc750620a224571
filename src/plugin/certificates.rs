//! Stored certificates. Every change of a certificate goes through this module, so that record, key and index stay
//! consistent.

use std::collections::BTreeMap;

use super::config::Config;
use super::index::{Direction, Editor, IndexRow, Reader, Tree};
use super::store::{
    CertKind, CertRecord, CertificateSpec, Changes, Key, KeyLocation, Lifecycle, OrderRecord, Store,
};
use pki::{Chain, San};
use svpki_types::{CertId, ConfigName, OrderId};
use vault_plugin::logical::Error;

pub async fn load(store: &Store, config: &ConfigName, id: &CertId) -> Result<CertRecord, Error> {
    store.read(&Key::cert(config, id)).await?.ok_or_else(|| {
        Error::not_found(format!(
            "config {config} has no certificate {id}: list certs/{config}/, or fetch it from SCM"
        ))
    })
}

/// Like [`load`], for a step that changes the certificate. An id that SCM has given but not yet issued is a conflict,
/// not an unknown certificate.
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

/// Normalises a serial number from the forms in which people and programs write it to the stored form: hexadecimal
/// with colons.
pub fn serial(text: &str) -> Result<String, Error> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, ':' | '-' | ' '))
        .collect::<String>()
        .to_ascii_lowercase();
    let digits = if digits.len() % 2 == 1 {
        format!("0{digits}")
    } else {
        digits
    };
    match hex::decode(&digits) {
        Ok(bytes) if !bytes.is_empty() && bytes.len() <= 32 => {
            let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(bytes.join(":"))
        }
        _ => Err(Error::bad_request(
            "a serial number is hexadecimal, with colons or hyphens between the bytes",
        )),
    }
}

/// The certificates that have this serial number (hexadecimal with colons), or had it before a replacement.
/// Certificates that were stored by older versions are searched in the index.
pub async fn of_serial(store: &Store, serial: &str) -> Result<Vec<CertRecord>, Error> {
    let mut found = Vec::new();
    for child in store.list(&Key::serials(serial)).await? {
        if let Some((config, id)) = Key::parse_cert_child(&child) {
            found.extend(store.read::<CertRecord>(&Key::cert(&config, &id)).await?);
        }
    }
    if found.is_empty() {
        let mut row = None;
        Reader::open(store)
            .await?
            .scan(
                Tree::Expiry,
                Direction::Down,
                None,
                usize::MAX,
                |_| true,
                |visited| {
                    if visited.row.serial == serial {
                        row = Some(visited.row.clone());
                    }
                    row.is_none()
                },
            )
            .await?;
        if let Some(row) = row {
            found.extend(
                store
                    .read::<CertRecord>(&Key::cert(&row.config, &row.id))
                    .await?,
            );
        }
    }
    Ok(found)
}

/// Writes a certificate record and its index row. `old` is the record in storage. The caller holds the index lock.
pub async fn put(
    editor: &mut Editor<'_>,
    changes: &mut Changes,
    old: Option<&CertRecord>,
    new: &CertRecord,
) -> Result<(), Error> {
    let new = new.clone().complete();
    changes.write(&Key::cert(&new.config, &new.id), &new)?;
    changes.write(&Key::serial(&new.serial, &new.config, &new.id), &())?;
    editor
        .replace(old.map(IndexRow::of).as_ref(), Some(&IndexRow::of(&new)))
        .await
}

/// Removes a certificate, its key and its index row. The caller holds the index lock.
pub async fn remove(
    editor: &mut Editor<'_>,
    changes: &mut Changes,
    old: &CertRecord,
) -> Result<(), Error> {
    changes.remove(&Key::cert(&old.config, &old.id));
    for serial in old.earlier_serials.iter().chain([&old.serial]) {
        changes.remove(&Key::serial(serial, &old.config, &old.id));
    }
    changes.remove(&Key::private_key(&old.config, &old.id));
    changes.remove(&Key::handed_out(&old.config, &old.id));
    editor.replace(Some(&IndexRow::of(old)), None).await
}

/// Changes one certificate, in its own batch. The caller holds the index lock.
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
        common_name: name_of(config.kind, leaf.common_name(), &sans, &spec.common_name),
        sans,
        serial: leaf.serial_hex_colon().to_owned(),
        not_before: leaf.not_before().as_second(),
        not_after: leaf.not_after().as_second(),
        issuer: leaf.issuer_name().to_owned(),
        certificate: leaf.to_pem(),
        issuers: chain.issuers.iter().map(pki::Certificate::to_pem).collect(),
        root: chain.root.as_ref().map(pki::Certificate::to_pem),
        extended_key_usages: Vec::new(),
        chain_not_after: None,
        csr: String::new(),
        key_location: KeyLocation::External,
        role: None,
        renewed_from: None,
        renewed_to: None,
        changes: Vec::new(),
        earlier_serials: Vec::new(),
        revoked_serials: BTreeMap::new(),
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
    .complete()
}

/// The name under which a certificate is stored and found: the ordered name as long as the certificate contains it,
/// because a CA may leave out the common name or use another of the names as common name.
fn name_of(kind: CertKind, common_name: Option<&str>, sans: &[String], ordered: &str) -> String {
    if kind == CertKind::Ssl && sans.iter().any(|san| san == ordered) {
        return ordered.to_owned();
    }
    common_name
        .or(sans.first().map(String::as_str))
        .unwrap_or(ordered)
        .to_owned()
}

/// The record of the certificate that was issued for an order.
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
        role: order.role.clone(),
        auto_renew: order.auto_renew,
        window: order.window,
        ..record(config, id, scm_id, chain, order.spec.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The CA has left out the common name and sorted the names, or has used another name as common name.
    #[test]
    fn a_certificate_is_found_under_its_ordered_name_while_it_has_that_name() {
        let sans = ["api.example.com", "www.example.com"].map(str::to_owned);
        let ssl = |common_name, ordered| name_of(CertKind::Ssl, common_name, &sans, ordered);
        assert_eq!(ssl(None, "www.example.com"), "www.example.com");
        assert_eq!(
            ssl(Some("api.example.com"), "www.example.com"),
            "www.example.com"
        );
        assert_eq!(
            ssl(Some("www.example.com"), "old.example.com"),
            "www.example.com"
        );
        assert_eq!(ssl(None, "old.example.com"), "api.example.com");
        let emails = ["jane@example.com".to_owned()];
        let person = name_of(
            CertKind::Client,
            Some("Jane Doe"),
            &emails,
            "jane@example.com",
        );
        assert_eq!(person, "Jane Doe");
    }
}
