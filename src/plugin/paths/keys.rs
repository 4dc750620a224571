//! `keys/:config/:id`: a certificate with its private key.

use std::sync::Arc;

use super::super::engine::Engine;
use super::super::response::{self, OutputFormat};
use super::super::{certificates, fields};
use super::RequestContext;
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("keys/:config/:id", "A certificate with its private key")
            .describe(
                "Keys have a path of their own, so that a policy can grant every certificate and no key. With \
                 key_storage=once the key is answered once and then forgotten. Formats pkcs12 and jks need a \
                 password and answer base64.",
            )
            .param("config", super::CONFIG)
            .param("id", super::ID)
            .on(Operation::Read, "Read certificate and key", &[fields::FORMATS], read),
    ]
}

async fn read(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext {
        engine,
        store,
        config,
    } = RequestContext::of(engine, &call).await?;
    let output = OutputFormat::of(&call.fields, &config)?;
    let cert = certificates::load(&store, &config.name, &super::cert_id(&call)?).await?;
    certificates::deliver_key(&engine, &store, &call.request.caller, &cert, |key| match key {
        Some(key) => response::certificate(&config, &cert, &output, Some(key)),
        None => Err(Error::not_found(format!(
            "there is no private key of {} here: its CSR came from outside, or the key was handed out already",
            cert.id
        ))),
    })
    .await
    .map(Some)
}
