//! `revoke/:config/:id`, `revoke` and `revoke-with-key`: revoke at SCM first, then in storage.

use std::sync::Arc;

use serde_json::json;

use super::super::engine::Engine;
use super::super::error::{bad_x509, scm_error};
use super::super::locks::LockKey;
use super::super::response::{self, OutputFormat};
use super::super::store::{CertKind, CertRecord, Lifecycle, Store};
use super::super::{certificates, config, drift, fields, scm_adapter, time};
use super::RequestContext;
use pki::{Certificate, PrivateKey};
use svpki_types::{CertId, ErrorTags, RefusalCode};
use vault_plugin::framework::{Call, Route, Values};
use vault_plugin::logical::{Error, Operation, Response};

/// SCM's reason code for a compromised key.
const KEY_COMPROMISE: u8 = 1;

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("revoke/:config/:id", "Revoke a certificate at SCM")
            .describe(
                "The certificate stays in Vault with status revoked. Revoking cannot be undone. When SCM has another \
                 certificate under the id than Vault, nothing is revoked: fetch brings that one in. The answer is \
                 always PEM.",
            )
            .param("config", super::CONFIG)
            .param("id", super::ID)
            .on(
                Operation::Update,
                "Revoke a certificate",
                &[fields::REVOKE],
                revoke,
            ),
        Route::new("revoke", "Revoke a certificate by its serial number, as Vault's own PKI engine does")
            .describe(
                "Works for every certificate of this mount, with reason 0 (unspecified) at SCM. For a certificate that \
                 is revoked already the answer says so. A certificate that was replaced is revoked by its serial number \
                 where SCM still knows that number; the certificate that replaced it is never revoked instead.",
            )
            .on(
                Operation::Update,
                "Revoke a certificate",
                &[&[fields::REVOKE_SERIAL, fields::REVOKE_CERTIFICATE]],
                by_serial,
            )
            .empty_clears(Operation::Update),
        Route::new("revoke-with-key", "Revoke a certificate with its private key")
            .describe(
                "The holder of a private key may revoke its certificate, with reason 1 (key compromise) at SCM.",
            )
            .on(
                Operation::Update,
                "Revoke a certificate",
                &[&[
                    fields::REVOKE_SERIAL,
                    fields::REVOKE_CERTIFICATE,
                    fields::REVOKE_KEY,
                ]],
                with_key,
            )
            .empty_clears(Operation::Update),
    ]
}

async fn revoke(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let id = super::cert_id(&call)?;
    let reason = reason(&call.fields)?;
    let code = call.fields.integer(&fields::REASON_CODE);
    let code = u8::try_from(code.unwrap_or_default()).unwrap_or_default();
    let (cert, known) = at_scm_and_here(&context, &call, &id, code, &reason).await?;
    if known == Known::Here {
        let since = cert.revoked_at.map(time::rfc3339).unwrap_or_default();
        let text = format_args!("certificate {id} is revoked already, since {since}");
        return Err(Error::Conflict(
            ErrorTags::from(RefusalCode::AlreadyRevoked).before(text),
        ));
    }
    // The certificate is revoked: a default format of the config that cannot be built must not turn that into an
    // error.
    let mut response = response::certificate(&context.config, &cert, &OutputFormat::plain(), None)?;
    if known == Known::AtScm {
        response.warn("it was revoked at SCM already; Vault now knows");
    }
    Ok(Some(response))
}

/// Where a certificate was already revoked before this request.
#[derive(PartialEq, Eq)]
enum Known {
    Nowhere,
    AtScm,
    Here,
}

/// Revokes a certificate at SCM and in storage. Also answers where it was already revoked.
async fn at_scm_and_here(
    context: &RequestContext,
    call: &Call,
    id: &CertId,
    code: u8,
    reason: &str,
) -> Result<(CertRecord, Known), Error> {
    let RequestContext {
        engine,
        store,
        config,
    } = context;
    let _turn = engine
        .locks
        .lock(LockKey::certificate(&config.name, id))
        .await;
    let cert = certificates::load_issued(store, &config.name, id).await?;
    if cert.lifecycle == Lifecycle::Revoked {
        return Ok((cert, Known::Here));
    }
    super::refuse_on_standby(call).await?;
    drift::ensure_same_certificate(engine, config, &cert, "nothing was revoked").await?;
    let known = match scm_adapter::revoke(&engine.client(config)?, &cert, code, reason).await {
        Ok(()) => Known::Nowhere,
        Err(error) if error.known_code() == Some(scm_client::KnownCode::AlreadyRevoked) => {
            Known::AtScm
        }
        Err(error) => {
            return Err(scm_error(
                &error,
                "whether it is revoked is shown by fetch and by SCM itself",
            ));
        }
    };
    let _index = engine.index.lock().await;
    let cert = certificates::update(store, &config.name, id, |cert| {
        cert.lifecycle = Lifecycle::Revoked;
        cert.revoked_at = Some(time::now());
        cert.revoke_reason = reason.to_owned();
    })
    .await?;
    Ok((cert, known))
}

async fn by_serial(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let reason = "revoked through Vault by its serial number";
    as_pki_revokes(engine, call, 0, reason, None).await
}

async fn with_key(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let reason = "revoked through Vault by a holder of its private key";
    let pem = config::text(&call.fields, &fields::REVOKE_KEY)
        .ok_or_else(|| Error::bad_request("private_key is missing"))?;
    let key = PrivateKey::from_pem(&pem).map_err(bad_x509)?;
    as_pki_revokes(engine, call, KEY_COMPROMISE, reason, Some(&key)).await
}

/// Revokes the certificate with the serial number of the request, and answers like the PKI engine. As there, a
/// certificate that is already revoked counts as a success.
async fn as_pki_revokes(
    engine: Arc<Engine>,
    call: Call,
    code: u8,
    reason: &str,
    proof: Option<&PrivateKey>,
) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let serial = asked_serial(&call.fields)?;
    let mut found = certificates::of_serial(&store, &serial).await?;
    let Some(at) = found.iter().position(|cert| cert.serial == serial) else {
        let newer = found.pop().ok_or_else(|| {
            Error::not_found(format!(
                "there is no certificate with serial number {serial}"
            ))
        })?;
        let context = RequestContext {
            config: engine.config(&store, newer.config.as_str()).await?,
            engine,
            store,
        };
        return replaced(&context, &call, &newer, &serial, reason, proof).await;
    };
    let cert = found.swap_remove(at);
    let leaf = Certificate::parse_pem_or_der(cert.certificate.as_bytes());
    if let Some(key) = proof
        && !leaf.is_ok_and(|leaf| leaf.spki_der() == key.spki_der())
    {
        return Err(Error::bad_request(
            "private_key is not the key of this certificate: nothing was revoked",
        ));
    }
    let context = RequestContext {
        config: engine.config(&store, cert.config.as_str()).await?,
        engine,
        store,
    };
    let (revoked, _) = at_scm_and_here(&context, &call, &cert.id, code, reason).await?;
    is_revoked(revoked.revoked_at.unwrap_or_default())
}

fn is_revoked(at: i64) -> Result<Option<Response>, Error> {
    Ok(Some(Response::of(&json!({
        "revocation_time": at,
        "revocation_time_rfc3339": time::rfc3339(at),
        "state": "revoked",
    }))?))
}

/// Revokes a serial number that was replaced: another certificate has its id now, and must not be revoked in its
/// place.
async fn replaced(
    context: &RequestContext,
    call: &Call,
    newer: &CertRecord,
    serial: &str,
    reason: &str,
    proof: Option<&PrivateKey>,
) -> Result<Option<Response>, Error> {
    let RequestContext {
        engine,
        store,
        config,
    } = context;
    if let Some(at) = newer.revoked_serials.get(serial) {
        return is_revoked(*at);
    }
    let conflict = |why: &str| {
        Error::Conflict(format!(
            "certificate {serial} was replaced by {} under the same id {}: {why}; nothing was revoked",
            newer.serial, newer.id
        ))
    };
    if proof.is_some() {
        return Err(conflict(
            "Vault keeps no copy that private_key could be compared with; revoke takes its serial_number",
        ));
    }
    if config.kind != CertKind::Ssl {
        return Err(conflict("SCM revokes client certificates by their id"));
    }
    super::refuse_on_standby(call).await?;
    let turn = LockKey::certificate(&config.name, &newer.id);
    let _turn = engine.locks.lock(turn).await;
    let newer = &certificates::load(store, &config.name, &newer.id).await?;
    if let Some(at) = newer.revoked_serials.get(serial) {
        return is_revoked(*at);
    }
    let client = engine.client(config)?;
    let revoked = scm_adapter::revoke_replaced(&client, newer, serial, reason).await;
    let became = "whether it is revoked is shown by SCM itself";
    if !revoked.map_err(|error| scm_error(&error, became))? {
        return Err(conflict(
            "SCM knows only the newer one by its serial number. Ask Sectigo to revoke the older one, or revoke the \
             newer one by its own serial number if you mean that",
        ));
    }
    let at = time::now();
    let _index = engine.index.lock().await;
    certificates::update(store, &config.name, &newer.id, |cert| {
        cert.revoked_serials.insert(serial.to_owned(), at);
    })
    .await?;
    is_revoked(at)
}

/// The serial number of the request, in the stored form. It is given directly or in a certificate.
fn asked_serial(request: &Values) -> Result<String, Error> {
    let serial = config::text(request, &fields::REVOKE_SERIAL);
    let certificate = config::text(request, &fields::REVOKE_CERTIFICATE)
        .map(|pem| Certificate::parse_pem_or_der(pem.as_bytes()).map_err(bad_x509))
        .transpose()?;
    match (serial, certificate) {
        (Some(serial), None) => certificates::serial(&serial),
        (None, Some(certificate)) => Ok(certificate.serial_hex_colon().to_owned()),
        (Some(_), Some(_)) => Err(Error::bad_request(
            "serial_number and certificate are both given: give one",
        )),
        (None, None) => Err(Error::bad_request("serial_number is missing")),
    }
}

fn reason(request: &Values) -> Result<String, Error> {
    let reason = config::text(request, &fields::REVOKE_REASON).ok_or_else(|| {
        Error::bad_request(
            "sectigo_revoke_reason (reason) is missing: say why, in 1 to 512 characters",
        )
    })?;
    if reason.chars().count() > 512 {
        return Err(Error::bad_request(
            "sectigo_revoke_reason is longer than 512 characters",
        ));
    }
    Ok(reason)
}
