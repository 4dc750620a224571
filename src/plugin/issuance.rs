//! What enroll, renew and replace have in common: make the key, wait a while, answer.

use std::sync::Arc;

use super::config::Config;
use super::effective_fields::EffectiveFields;
use super::engine::Engine;
use super::ledger::WaitBudget;
use super::response::{self, OutputFormat};
use super::store::{CertificateSpec, Failure, KeyLocation, OrderRecord, Store};
use super::validate::{self, CsrWithKey, KeySource};
use super::{certificates, fields};
use svpki_types::{ErrorTags, OrderState, RefusalCode};
use vault_plugin::framework::Values;
use vault_plugin::logical::{CallerHandle, Error, Response};

/// Makes the key and the CSR on a thread that may be busy for a while.
pub async fn make_key(
    config: &Config,
    spec: &CertificateSpec,
    source: KeySource,
) -> Result<CsrWithKey, Error> {
    let (spec, storage) = (spec.clone(), config.key_storage);
    tokio::task::spawn_blocking(move || validate::make_key(&spec, source, storage))
        .await
        .map_err(|_| Error::internal("key generation was cut off"))?
}

/// An answer in a form that holds the private key cannot be made where only the caller has it: say so before the order
/// is paid.
pub fn check_format_possible(
    output: &OutputFormat,
    csr_with_key: &CsrWithKey,
) -> Result<(), Error> {
    match csr_with_key.key_location {
        KeyLocation::External => output.require_key(),
        KeyLocation::Stored | KeyLocation::OneTime => Ok(()),
    }
}

/// How long this request waits.
pub fn wait_budget(request: &Values, config: &Config) -> WaitBudget {
    let effective = EffectiveFields { request, config };
    let seconds =
        |field| std::time::Duration::from_secs(effective.seconds(field).unwrap_or_default());
    let wait = if request.has(&fields::MAX_TIMEOUT) {
        seconds(&fields::MAX_TIMEOUT)
    } else {
        config.max_timeout
    };
    let pause = if request.has(&fields::LOOP_PERIOD) {
        seconds(&fields::LOOP_PERIOD)
    } else {
        config.loop_period
    };
    WaitBudget::new(wait, pause.max(std::time::Duration::from_secs(1)))
}

/// What a caller hears of an order as it stands.
pub async fn order_response(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    output: &OutputFormat,
    caller: &CallerHandle,
    order: &OrderRecord,
) -> Result<Response, Error> {
    match (order.state, &order.cert_id) {
        (OrderState::Issued, Some(id)) => {
            let cert = certificates::load(store, &config.name, id).await?;
            let mut response = certificates::deliver_key(engine, store, caller, &cert, |key| {
                response::certificate(config, &cert, output, key)
            })
            .await?;
            if !order.last_message.is_empty() {
                response.warn(order.last_message.clone());
            }
            Ok(response)
        }
        (state, _) if !state.is_final() => response::pending(order),
        _ => Err(refusal(order)),
    }
}

fn refusal(order: &OrderRecord) -> Error {
    let tags = ErrorTags {
        refusal: Some(RefusalCode::OrderEnded),
        scm_code: order.last_code,
    };
    let text = tags.before(format_args!(
        "order {} ended as {}: {}",
        order.id, order.state, order.last_message
    ));
    match order.failure {
        Some(Failure::Content) => Error::BadRequest(text),
        Some(Failure::Gateway) => Error::BadGateway(text),
        Some(Failure::Unavailable) => Error::Unavailable(text),
        None => Error::Conflict(text),
    }
}
