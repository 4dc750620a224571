//! What enroll, renew and replace have in common: make the key, wait for the order, answer.

use std::num::NonZero;
use std::sync::{Arc, LazyLock};

use tokio::sync::Semaphore;

use super::config::Config;
use super::effective_fields::EffectiveFields;
use super::engine::Engine;
use super::ledger::WaitBudget;
use super::response::{self, OutputFormat};
use super::store::{CertificateSpec, Failure, KeyLocation, OrderRecord, Store};
use super::validate::{self, CsrWithKey, KeySource};
use super::{certificates, fields, key_delivery};
use svpki_types::{ErrorTags, KeySpec, OrderState, RefusalCode};
use vault_plugin::framework::Values;
use vault_plugin::logical::{Error, Request, Response};

/// One RSA key for each core at a time, for all mounts of this process together: an RSA key can take seconds on a core.
static RSA_KEYS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(cores()));

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Makes the key and the CSR. An RSA key waits for its turn, and is made on a blocking
/// thread. An EC key takes less than a millisecond, and is made at once.
pub async fn make_key(
    config: &Config,
    spec: &CertificateSpec,
    source: KeySource,
) -> Result<CsrWithKey, Error> {
    let storage = config.key_storage;
    if !matches!(source, KeySource::Generate(KeySpec::Rsa(_))) {
        return validate::make_key(spec, source, storage);
    }
    // A panic's own words are for nobody: they could name what it held.
    let cut_off = || Error::internal("key generation was cut off");
    let turn = RSA_KEYS.acquire().await.map_err(|_| cut_off())?;
    let spec = spec.clone();
    let generate = move || {
        // The thread keeps its permit until it ends: a caller who disconnects does not stop it.
        let _turn = turn;
        validate::make_key(&spec, source, storage)
    };
    tokio::task::spawn_blocking(generate)
        .await
        .map_err(|_| cut_off())?
}

/// Refuses a format that needs the private key when only the caller has the key. This check comes before the order,
/// which costs money.
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

/// The answer about an order in its present state.
pub async fn order_response(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    output: &OutputFormat,
    request: &Request,
    order: &OrderRecord,
) -> Result<Response, Error> {
    match (order.state(), order.cert_id()) {
        (OrderState::Issued, Some(id)) => {
            let cert = certificates::load(store, &config.name, id).await?;
            let answered = |key: Option<&svpki_types::Secret>| {
                let mut response = response::certificate(config, &cert, output, key)?;
                if key.is_none() && order.key_location != KeyLocation::External {
                    response.warn(key_delivery::no_key(&cert));
                }
                Ok(response)
            };
            let mut response =
                key_delivery::deliver_key(engine, store, request, &cert, answered).await?;
            if !order.last_message.is_empty() {
                response.warn(order.last_message.clone());
            }
            Ok(response)
        }
        (state, _) if !state.is_final() => response::pending(store, config, order).await,
        _ => Err(refusal(order)),
    }
}

fn refusal(order: &OrderRecord) -> Error {
    let text = ended_as(order);
    match order.failure() {
        Some(Failure::Content) => Error::BadRequest(text),
        Some(Failure::Gateway) => Error::BadGateway(text),
        Some(Failure::Unavailable) => Error::Unavailable(text),
        None => Error::Conflict(text),
    }
}

/// The message about how an order ended, with SCM's code as a tag for programs.
pub fn ended_as(order: &OrderRecord) -> String {
    let tags = ErrorTags {
        refusal: Some(RefusalCode::OrderEnded),
        scm_code: order.last_code,
    };
    tags.before(format_args!(
        "order {} ended as {}: {}",
        order.id,
        order.state(),
        order.last_message
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestMountWithScm;
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn each_core_makes_one_rsa_key_at_a_time() {
        let test = TestMountWithScm::new().await;
        let store = test.mount.store();
        let config = test.mount.engine.config(&store, "web").await.unwrap();
        let spec = CertificateSpec {
            common_name: "www.example.com".into(),
            ..CertificateSpec::default()
        };
        let key_spec = |algorithm| KeySpec::parse(Some(algorithm), None).unwrap();
        // Takes all permits, as if every core was making a key.
        let cores = u32::try_from(cores()).unwrap();
        let all = RSA_KEYS.acquire_many(cores).await.unwrap();
        let (next_config, next_spec) = (config.clone(), spec.clone());
        let next = tokio::spawn(async move {
            let rsa = KeySource::Generate(key_spec("RSA"));
            make_key(&next_config, &next_spec, rsa).await
        });
        // In the time of three other keys, the waiting key would have been made if it could start.
        let others = tokio::task::spawn_blocking(move || {
            for _ in 0..3 {
                pki::PrivateKey::generate(key_spec("RSA")).unwrap();
            }
        });
        others.await.unwrap();
        assert!(!next.is_finished());
        // A request with a CSR and one for an EC key do not wait for a permit.
        let ec = KeySource::Generate(key_spec("EC"));
        let made = make_key(&config, &spec, ec).await.unwrap();
        let csr = KeySource::Csr(Box::new(made.csr));
        make_key(&config, &spec, csr).await.unwrap();
        assert!(!next.is_finished());
        drop(all);
        assert!(next.await.unwrap().unwrap().key.is_some());
        test.sim.stop().await;
    }
}
