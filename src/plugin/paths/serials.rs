//! `cert/:serial`, `ca_chain` and `issuer/default`: what clients of Vault's own PKI engine read. This mount has one
//! issuer, that of the certificate that was issued last.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::certificates;
use super::super::engine::Engine;
use super::super::store::{CertRecord, IssuerRecord, Key, Lifecycle, Store};
use super::super::time;
use crate::plugin::error::bad_x509;
use pki::Certificate;
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, RawBody, Response};

/// Readable without a token, as in the PKI engine: clients read them to know whom to trust before they log in.
pub const UNAUTHENTICATED: &[&str] = &[
    "ca",
    "ca/pem",
    "ca_chain",
    "cert/ca",
    "cert/ca_chain",
    "issuer/default/json",
    "issuer/default/pem",
    "issuer/default/der",
];

const SERIAL: &str = "serial number: hexadecimal, with colons or hyphens";
const PEM: &str = "application/pem-certificate-chain";
const DER: &str = "application/pkix-cert";

pub fn routes() -> Vec<Route<Engine>> {
    let chain = "The chain of the certificate that was issued last, issuing CA first.";
    let issuing = "The CA that issued the last certificate of this mount.";
    vec![
        Route::new("ca_chain", "The chain of the issuing CA, PEM")
            .describe(chain)
            .on(
                Operation::Read,
                "Read the chain as plain PEM",
                &[],
                raw_chain,
            ),
        Route::new("ca", "The issuing CA, DER")
            .describe(issuing)
            .on(
                Operation::Read,
                "Read the issuing CA as DER",
                &[],
                issuer_der,
            ),
        Route::new("ca/pem", "The issuing CA, PEM")
            .describe(issuing)
            .on(
                Operation::Read,
                "Read the issuing CA as plain PEM",
                &[],
                issuer_pem,
            ),
        Route::new("cert/ca", "The issuing CA as a certificate")
            .describe(issuing)
            .on(Operation::Read, "Read the issuing CA", &[], issuer_cert),
        Route::new("cert/ca_chain", "The chain of the issuing CA")
            .describe(chain)
            .on(Operation::Read, "Read the chain", &[], chain_text),
        Route::new("issuer/default", "The issuing CA")
            .describe(chain)
            .on(Operation::Read, "Read the issuing CA", &[], issuer),
        Route::new("issuer/default/json", "The issuing CA, without a token")
            .describe(chain)
            .on(Operation::Read, "Read the issuing CA", &[], issuer),
        Route::new("issuer/default/pem", "The issuing CA, PEM")
            .describe(issuing)
            .on(
                Operation::Read,
                "Read the issuing CA as plain PEM",
                &[],
                issuer_pem,
            ),
        Route::new("issuer/default/der", "The issuing CA, DER")
            .describe(issuing)
            .on(
                Operation::Read,
                "Read the issuing CA as DER",
                &[],
                issuer_der,
            ),
        Route::new("cert/:serial", "A certificate by its serial number")
            .describe("Every certificate of this mount, without its key.")
            .param("serial", SERIAL)
            .on(Operation::Read, "Read a certificate", &[], cert),
        Route::new(
            "cert/:serial/raw",
            "A certificate by its serial number, DER",
        )
        .describe("Every certificate of this mount, without its key.")
        .param("serial", SERIAL)
        .on(Operation::Read, "Read a certificate as DER", &[], cert_der),
        Route::new(
            "cert/:serial/raw/pem",
            "A certificate by its serial number, PEM",
        )
        .describe("Every certificate of this mount, without its key.")
        .param("serial", SERIAL)
        .on(
            Operation::Read,
            "Read a certificate as plain PEM",
            &[],
            cert_pem,
        ),
    ]
}

async fn load(call: &Call) -> Result<CertRecord, Error> {
    let serial = certificates::serial(call.param("serial"))?;
    let found = certificates::of_serial(&Store::of(&call.context), &serial).await?;
    found
        .into_iter()
        .find(|cert| cert.serial == serial)
        .ok_or_else(|| {
            Error::not_found(format!(
                "there is no certificate with serial number {serial}"
            ))
        })
}

async fn cert(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let cert = load(&call).await?;
    let revoked = cert
        .revoked_at
        .filter(|_| cert.lifecycle == Lifecycle::Revoked);
    Response::of(&json!({
        "certificate": cert.certificate.trim_end(),
        "ca_chain": trimmed(cert.issuers.iter().chain(&cert.root)),
        "revocation_time": revoked.unwrap_or_default(),
        "revocation_time_rfc3339": revoked.map(time::rfc3339).unwrap_or_default(),
    }))
    .map(Some)
}

async fn cert_pem(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    Ok(Some(raw(PEM, load(&call).await?.certificate.into_bytes())))
}

async fn cert_der(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let pem = load(&call).await?.certificate;
    let certificate = Certificate::parse_pem_or_der(pem.as_bytes()).map_err(bad_x509)?;
    Ok(Some(raw(DER, certificate.der().to_vec())))
}

/// The chain: the issuing CA first, and the root last if SCM delivers it.
async fn chain(call: &Call) -> Result<Vec<String>, Error> {
    let store = Store::of(&call.context);
    let issuer: Option<IssuerRecord> = store.read(&Key::default_issuer()).await?;
    let issuer = issuer.ok_or_else(|| {
        Error::not_found(
            "this mount has not issued a certificate yet: its CA is known after the first one",
        )
    })?;
    Ok(trimmed(issuer.issuers.iter().chain(&issuer.root)))
}

fn trimmed<'a>(pems: impl Iterator<Item = &'a String>) -> Vec<String> {
    pems.map(|pem| pem.trim_end().to_owned()).collect()
}

async fn raw_chain(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    Ok(Some(raw(PEM, chain(&call).await?.join("\n").into_bytes())))
}

async fn chain_text(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let chain = chain(&call).await?;
    Response::of(&json!({
        "certificate": chain.join("\n"),
        "ca_chain": chain,
        "revocation_time": 0,
        "revocation_time_rfc3339": "",
    }))
    .map(Some)
}

async fn issuer(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let chain = chain(&call).await?;
    Response::of(&json!({
        "certificate": chain.first().cloned().map_or(Value::Null, Value::String),
        "ca_chain": chain,
        "issuer_id": "default",
        "issuer_name": "default",
    }))
    .map(Some)
}

async fn issuer_cert(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    Response::of(&json!({
        "certificate": chain(&call).await?.first(),
        "revocation_time": 0,
        "revocation_time_rfc3339": "",
    }))
    .map(Some)
}

async fn issuer_pem(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let first = chain(&call).await?.into_iter().next().unwrap_or_default();
    Ok(Some(raw(PEM, first.into_bytes())))
}

async fn issuer_der(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let first = chain(&call).await?.into_iter().next().unwrap_or_default();
    let certificate = Certificate::parse_pem_or_der(first.as_bytes()).map_err(bad_x509)?;
    Ok(Some(raw(DER, certificate.der().to_vec())))
}

fn raw(content_type: &str, body: Vec<u8>) -> Response {
    Response {
        raw: Some(RawBody {
            status: 200,
            content_type: content_type.to_owned(),
            body,
        }),
        ..Response::default()
    }
}
