//! `readcert/:config/:id`: answers the stored certificate, without any other effect.

use std::sync::Arc;

use super::super::engine::Engine;
use super::super::response::{self, OutputFormat};
use super::super::{certificates, fields};
use super::RequestContext;
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("readcert/:config/:id", "The stored copy of a certificate")
            .describe(
                "Reads storage, and nothing else happens. The private key is on keys/; pem_bundle is the certificate \
                 and its chain here.",
            )
            .param("config", super::CONFIG)
            .param("id", super::ID)
            .on(
                Operation::Read,
                "Read the stored copy",
                &[fields::FORMATS],
                read,
            ),
    ]
}

async fn read(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext { store, config, .. } = RequestContext::of(engine, &call).await?;
    let output = OutputFormat::of(&call.fields, &config)?;
    let cert = certificates::load(&store, &config.name, &super::cert_id(&call)?).await?;
    response::certificate_with_csr(&config, &cert, &output, None).map(Some)
}
