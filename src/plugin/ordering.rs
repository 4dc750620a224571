//! What enroll, renew and replace have in common: make the key, wait a while, answer.

use std::sync::Arc;

use super::answer::{self, Form};
use super::config::Config;
use super::defaults::Layered;
use super::instance::Engine;
use super::ledger::Patience;
use super::resolve::{self, KeySource, Keyed};
use super::store::{Custody, Failure, OrderRecord, Store, Wanted};
use super::{certificates, fields, key_delivery};
use svpki_types::{Marks, OrderState, Refusal};
use vault_plugin::framework::Values;
use vault_plugin::logical::{Error, Request, Response};

/// Makes the key and the CSR on a thread that may be busy for a while.
pub async fn make_key(config: &Config, wanted: &Wanted, source: KeySource) -> Result<Keyed, Error> {
    let (wanted, storage) = (wanted.clone(), config.key_storage);
    tokio::task::spawn_blocking(move || resolve::make_key(&wanted, source, storage))
        .await
        .map_err(|_| Error::internal("key generation was cut off"))?
}

/// An answer in a form that holds the private key cannot be made where only the caller has it: say so before the order
/// is paid.
pub fn refuse_unmakeable(form: &Form, keyed: &Keyed) -> Result<(), Error> {
    match keyed.custody {
        Custody::Elsewhere => form.refuse_without_key(),
        Custody::Vault | Custody::Once => Ok(()),
    }
}

/// How long this request waits.
pub fn patience(request: &Values, config: &Config) -> Patience {
    let layered = Layered { request, config };
    let seconds =
        |field| std::time::Duration::from_secs(layered.seconds(field).unwrap_or_default());
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
    Patience::new(wait, pause.max(std::time::Duration::from_secs(1)))
}

/// What a caller hears of an order as it stands.
pub async fn conclude(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    form: &Form,
    request: &Request,
    order: &OrderRecord,
) -> Result<Response, Error> {
    match (order.state, &order.cert_id) {
        (OrderState::Issued, Some(id)) => {
            let cert = certificates::load(store, &config.name, id).await?;
            let answered = |key: Option<&svpki_types::Secret>| {
                let mut response = answer::certificate(config, &cert, form, key)?;
                if key.is_none() && order.custody != Custody::Elsewhere {
                    response.warn(key_delivery::no_key(&cert));
                }
                Ok(response)
            };
            let mut response =
                key_delivery::hand_out_key(engine, store, request, &cert, answered).await?;
            if !order.last_message.is_empty() {
                response.warn(order.last_message.clone());
            }
            Ok(response)
        }
        (state, _) if !state.is_final() => answer::pending(order),
        _ => Err(refusal(order)),
    }
}

fn refusal(order: &OrderRecord) -> Error {
    let marks = Marks {
        refusal: Some(Refusal::OrderEnded),
        scm_code: order.last_code,
    };
    let text = marks.before(format_args!(
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
