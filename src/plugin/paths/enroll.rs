//! `enroll/:config`: order a certificate.

use std::sync::Arc;

use serde_json::json;

use super::super::answer::{self, Form};
use super::super::config::{self, Config};
use super::super::instance::Engine;
use super::super::ledger::{NewOrder, Placed};
use super::super::resolve::{self, KeySource, Resolved};
use super::super::reuse::{Found, Wish};
use super::super::role::Reuse;
use super::super::store::{Action, CertRecord};
use super::super::{certificates, fields, ordering};
use super::{Ground, OrderRequest, Placement};
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("enroll/:config", "Order a certificate and wait for it")
            .describe(
                "Makes a key and a CSR (or takes yours), orders the certificate at SCM and waits up to \
                 sectigo_max_timeout for it. When it takes longer the answer has status pending, and the certificate \
                 is collected in the background. What is not given here comes from the config. With an \
                 idempotency_key a repeated call answers the first order instead of placing another; without one, \
                 only the same call by the same caller does, and only while nobody has heard the first answer.",
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
                    fields::WAITING,
                    &[fields::IDEMPOTENCY_KEY, fields::DRY_RUN],
                    fields::FORMATS,
                ],
                enroll,
            ),
    ]
}

async fn enroll(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let ground = Ground::of(engine, &call).await?;
    let Ground { store, config, .. } = &ground;
    if call.fields.boolean(&fields::DRY_RUN).unwrap_or_default() {
        return dry_run(&ground, &call).await;
    }
    let request = OrderRequest::parse("enroll", &call, config)?;
    if let Some(existing) = ground.existing(&call, &request).await? {
        return ground.respond(&call, &request, existing).await;
    }
    let resolved = resolve::enrolment(store, config, &call.fields).await?;
    let wish = wish(config, &call, &resolved);
    let mut identity = request.identity.clone();
    let mut alone = Vec::new();
    if let Some(wish) = &wish {
        alone = wish.lock(&ground.engine, config).await;
        identity.reuse = wish.digests().cloned().collect();
        match wish.find(store, config).await? {
            Found::Certificate(cert) => return again(&ground, &call, &request, &cert).await,
            Found::Order(order) => {
                drop(alone);
                super::refuse_on_standby(&call).await?;
                let placement = Placement {
                    warnings: vec![format!(
                        "order {order} is for the same: nothing was ordered"
                    )],
                    placed: Placed::Known(order),
                };
                return ground.respond(&call, &request, placement).await;
            }
            Found::Nothing | Found::Renew(_) | Found::Replace(_) => {}
        }
    }
    let keyed = ordering::make_key(config, &resolved.wanted, resolved.key).await?;
    ordering::refuse_unmakeable(&request.form, &keyed)?;
    let new = NewOrder {
        action: Action::Enroll,
        wanted: resolved.wanted,
        auto_renew: resolved.auto_renew,
        window: resolved.window,
        automatic: false,
        identity,
    };
    let placement = Placement {
        placed: ground.ledger().place(config, new, keyed).await?,
        warnings: resolved.warnings,
    };
    drop(alone);
    ground.respond(&call, &request, placement).await
}

/// What this request has in common with others that the config wants to answer with one certificate. Who sends an
/// idempotency key says it better.
fn wish(config: &Config, call: &Call, resolved: &Resolved) -> Option<Wish> {
    if config.reuse == Reuse::Nobody || call.fields.has(&fields::IDEMPOTENCY_KEY) {
        return None;
    }
    let KeySource::Generate(key) = &resolved.key else {
        return None;
    };
    let wanted = &resolved.wanted;
    let mut names = wanted.sans.clone();
    names.push(format!("profile {}", wanted.profile_id.unwrap_or_default()));
    if let Some(person) = &wanted.person {
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

/// The certificate that serves already.
async fn again(
    ground: &Ground,
    call: &Call,
    request: &OrderRequest,
    cert: &CertRecord,
) -> Result<Option<Response>, Error> {
    let Ground {
        engine,
        store,
        config,
    } = ground;
    let caller = &call.request.caller;
    let mut response = certificates::hand_out_key(engine, store, caller, cert, |key| {
        answer::certificate(config, cert, &request.form, key)
    })
    .await?;
    response.warn(format!(
        "this is certificate {} again, nothing was ordered: it serves until {} of its life are left (reuse={}, \
         reuse_until={})",
        cert.id,
        config.reuse_until,
        config::text(&config.given, &fields::CONFIG_REUSE).unwrap_or_default(),
        config.reuse_until,
    ));
    Ok(Some(response))
}

/// What would be ordered.
async fn dry_run(ground: &Ground, call: &Call) -> Result<Option<Response>, Error> {
    let Ground { store, config, .. } = ground;
    let form = Form::of(&call.fields, config)?;
    let resolved = resolve::enrolment(store, config, &call.fields).await?;
    if let KeySource::Csr(_) = resolved.key {
        form.refuse_without_key()?;
    }
    let wanted = resolved.wanted;
    let mut response = Response::of(&json!({
        "dry_run": true,
        "config": config.name,
        "common_name": wanted.common_name,
        "subject_alt_names": wanted.sans,
        "key_type": wanted.key_type,
        "profile_id": wanted.profile_id,
        "term": wanted.term,
    }))?;
    response.warnings = resolved.warnings;
    Ok(Some(response))
}
