//! `enroll/:config`: orders a certificate.

use std::sync::Arc;

use serde_json::json;

use super::super::config::{self, Config};
use super::super::engine::Engine;
use super::super::ledger::{NewOrder, Placement};
use super::super::response::{self, OutputFormat};
use super::super::reuse::{Found, Wish};
use super::super::role::Reuse;
use super::super::store::{Action, CertRecord};
use super::super::validate::{self, KeySource, ValidatedRequest};
use super::super::{fields, issuance, key_delivery};
use super::{OrderInHand, OrderRequest, RequestContext};
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("enroll/:config", "Order a certificate and wait for it")
            .describe(
                "Makes a key and a CSR (or takes yours), orders the certificate at SCM and waits up to \
                 sectigo_max_timeout for it. When it takes longer the answer has status pending, and the certificate \
                 is collected in the background. What is not given here comes from the config. With an \
                 idempotency_key a repeated call answers the first order instead of placing another. Without one, \
                 the same call by the same caller does so for ten minutes after its answer, and as long as the first \
                 answer could not be delivered.",
            )
            .param("config", super::CONFIG)
            .on(
                Operation::Update,
                "Order a certificate",
                &[
                    fields::SUBJECT,
                    fields::PROFILE,
                    fields::SSL,
                    fields::CLIENT,
                    fields::ORDER_AUTOMATION,
                    fields::LABELS,
                    fields::WAITING,
                    &[fields::IDEMPOTENCY_KEY, fields::DRY_RUN],
                    fields::FORMATS,
                ],
                enroll,
            ),
    ]
}

async fn enroll(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let RequestContext { store, config, .. } = &context;
    if call.fields.boolean(&fields::DRY_RUN).unwrap_or_default() {
        return dry_run(&context, &call).await;
    }
    let request = OrderRequest::parse("enroll", &call, config)?;
    if let Some(existing) = context.existing(&call, &request).await? {
        return context.respond(&call, &request, existing).await;
    }
    let mut wanted = validate::enrolment(config, &call.fields)?;
    let wish = wish(config, &call, &wanted);
    let mut identity = request.identity.clone();
    let mut alone = Vec::new();
    if let Some(wish) = &wish {
        alone = wish.lock(&context.engine, config).await;
        identity.reuse = wish.digests().cloned().collect();
        match wish.find(store, config).await? {
            Found::Certificate(cert) => return again(&context, &call, &request, &cert).await,
            Found::Order(order) => {
                drop(alone);
                super::refuse_on_standby(&call).await?;
                let in_hand = OrderInHand {
                    warnings: vec![format!(
                        "order {order} is open for the same request: nothing was ordered"
                    )],
                    placement: Placement::Existing(order),
                };
                return context.respond(&call, &request, in_hand).await;
            }
            Found::Nothing | Found::Renew(_) | Found::Replace(_) => {}
        }
    }
    let (engine, spec) = (&context.engine, &wanted.spec);
    let profile = validate::profile(engine, &call.context, config, spec, true).await?;
    validate::enrolment_order(config, profile.as_ref(), &mut wanted)?;
    let csr_with_key = issuance::make_key(config, &wanted.spec, wanted.key).await?;
    issuance::check_format_possible(&request.output, &csr_with_key)?;
    let new = NewOrder {
        action: Action::Enroll,
        spec: wanted.spec,
        auto_renew: wanted.auto_renew,
        window: wanted.window,
        automatic: false,
        identity,
    };
    let in_hand = OrderInHand {
        placement: context.ledger().create(config, new, csr_with_key).await?,
        warnings: wanted.warnings,
    };
    drop(alone);
    context.respond(&call, &request, in_hand).await
}

/// The wish of this request, if the config has `reuse`. A request with an idempotency key has none, because its key
/// decides.
fn wish(config: &Config, call: &Call, request: &ValidatedRequest) -> Option<Wish> {
    if config.reuse == Reuse::Nobody || call.fields.has(&fields::IDEMPOTENCY_KEY) {
        return None;
    }
    let KeySource::Generate(key) = &request.key else {
        return None;
    };
    let spec = &request.spec;
    let mut names = spec.sans.clone();
    names.push(format!("profile {}", spec.profile_id.unwrap_or_default()));
    if let Some(person) = &spec.person {
        names.push(format!("{} {}", person.first_name, person.last_name));
    }
    Some(Wish::new(
        "config",
        None,
        config.reuse,
        config.reuse_until,
        &call.request,
        &names,
        Ok(&key.to_string()),
    ))
}

/// Answers a certificate in use.
async fn again(
    context: &RequestContext,
    call: &Call,
    request: &OrderRequest,
    cert: &CertRecord,
) -> Result<Option<Response>, Error> {
    let RequestContext {
        engine,
        store,
        config,
    } = context;
    let mut response = key_delivery::deliver_key(engine, store, &call.request, cert, |key| {
        response::certificate(config, cert, &request.output, key)
    })
    .await?;
    response.warn(format!(
        "this is certificate {} again, nothing was ordered (reuse={}); a new one is ordered when reuse_until={} is \
         all that is left of its life",
        cert.id,
        config::text(&config.given, &fields::CONFIG_REUSE).unwrap_or_default(),
        config.reuse_until,
    ));
    Ok(Some(response))
}

/// Answers what would be ordered.
async fn dry_run(context: &RequestContext, call: &Call) -> Result<Option<Response>, Error> {
    let RequestContext { engine, config, .. } = context;
    let output = OutputFormat::of(&call.fields, config)?;
    let mut request = validate::enrolment(config, &call.fields)?;
    let profile = validate::profile(engine, &call.context, config, &request.spec, false).await?;
    validate::enrolment_order(config, profile.as_ref(), &mut request)?;
    if let KeySource::Csr(_) = request.key {
        output.require_key()?;
    }
    let spec = request.spec;
    let mut response = Response::of(&json!({
        "dry_run": true,
        "config": config.name,
        "common_name": spec.common_name,
        "subject_alt_names": spec.sans,
        "key_type": spec.key_type,
        "profile_id": spec.profile_id,
        "term": spec.term,
    }))?;
    response.warnings = request.warnings;
    Ok(Some(response))
}
