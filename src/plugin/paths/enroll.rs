//! `enroll/:config`: order a certificate.

use std::sync::Arc;

use serde_json::json;

use super::super::engine::Engine;
use super::super::ledger::{Ledger, NewOrder, RequestIdentity};
use super::super::response::OutputFormat;
use super::super::store::Action;
use super::super::validate::{self, KeySource};
use super::super::{fields, issuance};
use super::RequestContext;
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
    let context = RequestContext::of(engine, &call).await?;
    let RequestContext { store, config, .. } = &context;
    if call.fields.boolean(&fields::DRY_RUN).unwrap_or_default() {
        let output = OutputFormat::of(&call.fields, config)?;
        let request = validate::enrolment(store, config, &call.fields).await?;
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
        return Ok(Some(response));
    }
    let identity = RequestIdentity::of("enroll", config.kind, &call)?;
    let place = async |ledger: &Ledger, identity, output: &OutputFormat| {
        let request = validate::enrolment(store, config, &call.fields).await?;
        let csr_with_key = issuance::make_key(config, &request.spec, request.key).await?;
        issuance::check_format_possible(output, &csr_with_key)?;
        let new = NewOrder {
            action: Action::Enroll,
            spec: request.spec,
            auto_renew: request.auto_renew,
            window: request.window,
            automatic: false,
            identity,
        };
        Ok((
            ledger.create(config, new, csr_with_key).await?,
            request.warnings,
        ))
    };
    context.ordered(&call, identity, place).await.map(Some)
}
