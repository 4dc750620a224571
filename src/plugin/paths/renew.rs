//! `renew/:config/:id`: orders a new certificate under a new id, with a new key.

use std::sync::Arc;

use super::super::engine::Engine;
use super::super::error::NOTHING_ORDERED;
use super::super::store::Lifecycle;
use super::super::{certificates, drift, fields, renewal};
use super::{OrderInHand, OrderRequest, RequestContext};
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("renew/:config/:id", "Renew a certificate now")
            .describe(
                "Orders a new certificate with the names, profile and custom fields of this one: new id, fresh key \
                 unless you give a CSR or reuse_key=true. The old one stays valid and becomes superseded. SCM renews \
                 client certificates with the key they have.",
            )
            .param("config", super::CONFIG)
            .param("id", super::ID)
            .on(
                Operation::Update,
                "Renew a certificate",
                &[
                    &[fields::CSR, fields::KEY_ALGO, fields::KEY_SIZE],
                    fields::RENEW,
                    fields::WAITING,
                    &[fields::IDEMPOTENCY_KEY],
                    fields::FORMATS,
                ],
                renew,
            )
            .ignore_fields(
                Operation::Update,
                &[fields::ORDER_AUTOMATION, fields::PROFILE, &[fields::COMMON_NAME]],
                "a renewal has them from its certificate",
            ),
    ]
}

async fn renew(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let RequestContext {
        engine,
        store,
        config,
    } = &context;
    let id = super::cert_id(&call)?;
    let request = OrderRequest::parse(&format!("renew/{id}"), &call, config)?;
    if let Some(existing) = context.existing(&call, &request).await? {
        return context.respond(&call, &request, existing).await;
    }
    let cert = certificates::load_issued(store, &config.name, &id).await?;
    if cert.lifecycle == Lifecycle::Live && cert.renewal.order.is_none() {
        super::refuse_on_standby(&call).await?;
        drift::ensure_same_certificate(engine, config, &cert, NOTHING_ORDERED).await?;
    }
    let start = renewal::Start {
        identity: request.identity.clone(),
        output: Some(&request.output),
        request: &call.fields,
    };
    let (placement, warnings) = renewal::create_order(engine, store, config, &cert, start).await?;
    context
        .respond(
            &call,
            &request,
            OrderInHand {
                placement,
                warnings,
            },
        )
        .await
}
