//! `keys/:config/:id`: a certificate with its private key.

use std::sync::Arc;

use super::super::engine::Engine;
use super::super::response::{self, OutputFormat};
use super::super::{certificates, fields, key_delivery};
use super::RequestContext;
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("keys/:config/:id", "A certificate with its private key")
            .describe(
                "Keys have a path of their own, so that a policy can grant every certificate and no key. With \
                 key_storage=once the key is answered to one caller, to the same entity or token again within ten minutes, and then removed. Formats pkcs12 and jks need a \
                 password and answer base64.",
            )
            .param("config", super::CONFIG)
            .param("id", super::ID)
            .on(Operation::Read, "Read certificate and key", &[fields::FORMATS], read)
            .ignore_fields(
                Operation::Read,
                &[&[fields::REQUIRE_KEY]],
                "keys/ never answers a certificate without its key",
            ),
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
    key_delivery::deliver_key(&engine, &store, &call.request, &cert, |key| match key {
        Some(key) => response::certificate(&config, &cert, &output, Some(key)),
        None => Err(Error::not_found(key_delivery::no_key(&cert))),
    })
    .await
    .map(Some)
}
