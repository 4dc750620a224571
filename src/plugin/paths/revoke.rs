//! `revoke/:config/:id`: at SCM first, then here.

use std::sync::Arc;

use super::super::engine::Engine;
use super::super::error::scm_error;
use super::super::locks::LockKey;
use super::super::response::{self, OutputFormat};
use super::super::store::Lifecycle;
use super::super::{certificates, config, drift, fields, scm_adapter, time};
use super::RequestContext;
use svpki_types::{ErrorTags, RefusalCode};
use vault_plugin::framework::{Call, Route, Values};
use vault_plugin::logical::{Error, Operation, Response};

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
    ]
}

async fn revoke(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let RequestContext {
        engine,
        store,
        config,
    } = &context;
    let id = super::cert_id(&call)?;
    let reason = reason(&call.fields)?;
    let code = u8::try_from(
        call.fields
            .integer(&fields::REASON_CODE)
            .unwrap_or_default(),
    )
    .unwrap_or_default();
    let _turn = engine
        .locks
        .lock(LockKey::certificate(&config.name, &id))
        .await;
    let cert = certificates::load_issued(store, &config.name, &id).await?;
    if cert.lifecycle == Lifecycle::Revoked {
        let since = cert.revoked_at.map(time::rfc3339).unwrap_or_default();
        let text = format_args!("certificate {id} is revoked already, since {since}");
        return Err(Error::Conflict(
            ErrorTags::from(RefusalCode::AlreadyRevoked).before(text),
        ));
    }
    super::refuse_on_standby(&call).await?;
    drift::ensure_same_certificate(engine, config, &cert, "nothing was revoked").await?;
    let already = match scm_adapter::revoke(&engine.client(config)?, &cert, code, &reason).await {
        Ok(()) => false,
        Err(error) if error.code() == Some(scm_adapter::ALREADY_REVOKED) => true,
        Err(error) => {
            return Err(scm_error(
                &error,
                "whether it is revoked is shown by fetch and by SCM itself",
            ));
        }
    };
    let _index = engine.index.lock().await;
    let cert = certificates::update(store, &config.name, &id, |cert| {
        cert.lifecycle = Lifecycle::Revoked;
        cert.revoked_at = Some(time::now());
        cert.revoke_reason.clone_from(&reason);
    })
    .await?;
    // It is done: no default format of the config may turn that into an error.
    let mut response = response::certificate(config, &cert, &OutputFormat::plain(), None)?;
    if already {
        response.warn("it was revoked at SCM already; Vault now knows");
    }
    Ok(Some(response))
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
