//! `enroll/:config`: order a certificate.

use std::sync::Arc;

use serde_json::json;

use super::super::answer::Form;
use super::super::instance::Engine;
use super::super::ledger::{Identity, Ledger, NewOrder};
use super::super::resolve::{self, KeySource};
use super::super::store::Action;
use super::super::{fields, ordering};
use super::Ground;
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
        return Ok(Some(response));
    }
    let identity = Identity::of("enroll", config.kind, &call)?;
    let place = async |ledger: &Ledger, identity, form: &Form| {
        let resolved = resolve::enrolment(store, config, &call.fields).await?;
        let keyed = ordering::make_key(config, &resolved.wanted, resolved.key).await?;
        ordering::refuse_unmakeable(form, &keyed)?;
        let new = NewOrder {
            action: Action::Enroll,
            wanted: resolved.wanted,
            auto_renew: resolved.auto_renew,
            window: resolved.window,
            automatic: false,
            identity,
        };
        Ok((ledger.place(config, new, keyed).await?, resolved.warnings))
    };
    ground.ordered(&call, identity, place).await.map(Some)
}
