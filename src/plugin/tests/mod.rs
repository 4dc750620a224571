//! Renewals, revocations and other maintenance, also of certificates that were changed outside Vault.

mod background_runs;
mod compat;
mod domain_looks;
mod domains;
mod drift;
mod face;
mod face_callers;
mod face_requests;
mod fairness;
mod fences;
mod formats;
mod one_time_keys;
mod ownership;
mod reports;
mod steps;
mod stored_secrets;

use serde_json::json;

use super::store::{CertRecord, Key};
use super::testing::{TestMount, text};
use super::{background, certificates};
use pki::{Csr, PrivateKey, San, Subject};
use svpki_types::api::JobHealth;
use svpki_types::{CertId, KeySpec};
use vault_plugin::logical::{Error, Response};

pub const DAY: i64 = 86_400;

pub fn refused(answer: Result<Option<Response>, Error>, words: &[&str]) -> Error {
    let error = answer.expect_err("it is refused");
    for word in words {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
    error
}

pub fn bad_request(error: &Error) {
    assert!(matches!(error, Error::BadRequest(_)), "{error:?}");
}

pub fn id(answer: &Response) -> &str {
    text(answer, "sectigo_cert_unique_id")
}

pub fn csr(name: &str) -> String {
    let key = PrivateKey::generate(KeySpec::parse(Some("EC"), None).unwrap()).unwrap();
    let subject = Subject {
        common_name: Some(name.to_owned()),
        ..Subject::default()
    };
    Csr::build(&key, &subject, &[San::parse(name).unwrap()])
        .unwrap()
        .to_pem()
}

pub async fn cert(mount: &TestMount, id: &str) -> CertRecord {
    let key = Key::cert(&"web".parse().unwrap(), &id.parse().unwrap());
    mount.store().read(&key).await.unwrap().unwrap()
}

pub async fn change(mount: &TestMount, id: &str, change: impl FnOnce(&mut CertRecord)) {
    let _index = mount.engine.index.lock().await;
    let (config, id): (_, CertId) = ("web".parse().unwrap(), id.parse().unwrap());
    certificates::update(&mount.store(), &config, &id, change)
        .await
        .unwrap();
}

/// Moves the validity of the certificate back by `days` of its 90 days, and turns automatic renewal on.
pub async fn grow_old(mount: &TestMount, id: &str, days: i64) {
    change(mount, id, |cert| {
        cert.auto_renew = Some(true);
        cert.not_before -= days * DAY;
        cert.not_after -= days * DAY;
    })
    .await;
}

pub async fn run(mount: &TestMount) {
    background::run(&mount.engine, &mount.context)
        .await
        .unwrap();
}

pub async fn job(mount: &TestMount, name: &str) -> JobHealth {
    mount.store().read(&Key::job(name)).await.unwrap().unwrap()
}

pub async fn renew_error(mount: &TestMount, id: &str) -> String {
    let page = mount.read("inventory", json!({})).await;
    let rows = page["certificates"].as_array().unwrap().clone();
    let row = rows.into_iter().find(|row| row["id"] == id).unwrap();
    row["renew_error"].as_str().unwrap_or_default().to_owned()
}
