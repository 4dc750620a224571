//! What enroll, renew and replace have in common: make the key, wait for the order, answer.

use std::sync::{Arc, LazyLock};

use tokio::sync::{Semaphore, oneshot};

use super::config::Config;
use super::effective_fields::EffectiveFields;
use super::engine::Engine;
use super::ledger::WaitBudget;
use super::response::{self, OutputFormat};
use super::store::{CertificateSpec, Failure, KeyLocation, OrderRecord, Store};
use super::validate::{self, CsrWithKey, KeySource};
use super::{certificates, fields, key_delivery};
use svpki_types::{ErrorTags, OrderState, RefusalCode};
use vault_plugin::framework::Values;
use vault_plugin::logical::{Error, Request, Response};

/// Limits how many keys are made at the same time, for all mounts of this process together.
static KEY_GENERATION: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(keys_at_once()));

/// One key for each core where the threads that make keys give way to other threads, else one for every second core.
fn keys_at_once() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if cfg!(target_os = "linux") {
        cores
    } else {
        (cores / 2).max(1)
    }
}

/// Makes the key and the CSR. A key is generated in a separate thread, because that may take seconds.
pub async fn make_key(
    config: &Config,
    spec: &CertificateSpec,
    source: KeySource,
) -> Result<CsrWithKey, Error> {
    let (spec, storage) = (spec.clone(), config.key_storage);
    if matches!(source, KeySource::Csr(_)) {
        return validate::make_key(&spec, source, storage);
    }
    let cut_off = || Error::internal("key generation was cut off");
    let turn = KEY_GENERATION.acquire().await.map_err(|_| cut_off())?;
    let (sender, made) = oneshot::channel();
    let generate = move || {
        // The thread keeps its permit until it ends: a caller who disconnects does not stop it.
        let _turn = turn;
        lower_own_priority();
        let _ = sender.send(validate::make_key(&spec, source, storage));
    };
    std::thread::Builder::new()
        .name("key-generation".to_owned())
        .spawn(generate)
        .map_err(|error| Error::internal(format!("no thread to make a key: {error}")))?;
    made.await.map_err(|_| cut_off())?
}

/// Lowers the priority of this thread: an RSA key can take seconds on a core, and the server and its other requests
/// come first.
#[cfg(target_os = "linux")]
fn lower_own_priority() {
    // A step of the nice value changes the share of CPU time by about a quarter.
    const GIVE_WAY: i32 = 10;
    let own = rustix::thread::gettid();
    // Errors are ignored: a key can also be made at the usual priority.
    let _ = rustix::process::getpriority_process(Some(own)).and_then(|usual| {
        rustix::process::setpriority_process(Some(own), usual.saturating_add(GIVE_WAY))
    });
}

/// On other systems a thread has no priority of its own.
#[cfg(not(target_os = "linux"))]
fn lower_own_priority() {}

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
    use svpki_types::KeySpec;

    #[tokio::test(flavor = "multi_thread")]
    async fn each_core_makes_one_key_at_a_time() {
        let test = TestMountWithScm::new().await;
        let store = test.mount.store();
        let config = test.mount.engine.config(&store, "web").await.unwrap();
        let spec = CertificateSpec {
            common_name: "www.example.com".into(),
            ..CertificateSpec::default()
        };
        let key_spec = KeySpec::parse(Some("EC"), None).unwrap();
        // Takes all permits, as if every core was making a key.
        let keys = u32::try_from(keys_at_once()).unwrap();
        let all = KEY_GENERATION.acquire_many(keys).await.unwrap();
        let (next_config, next_spec) = (config.clone(), spec.clone());
        let next = tokio::spawn(async move {
            make_key(&next_config, &next_spec, KeySource::Generate(key_spec)).await
        });
        // In the time of a hundred keys, the waiting key would have been made if it could start.
        let csr = tokio::task::spawn_blocking(move || {
            for _ in 0..100 {
                pki::PrivateKey::generate(key_spec).unwrap();
            }
            let key = pki::PrivateKey::generate(key_spec).unwrap();
            pki::Csr::build(&key, &pki::Subject::default(), &[]).unwrap()
        });
        let csr = KeySource::Csr(Box::new(csr.await.unwrap()));
        assert!(!next.is_finished());
        // A request with a CSR does not wait for a permit.
        make_key(&config, &spec, csr).await.unwrap();
        assert!(!next.is_finished());
        drop(all);
        assert!(next.await.unwrap().unwrap().key.is_some());
        test.sim.stop().await;
    }

    /// The nice value is the nineteenth field of a thread's `stat` file (proc_pid_stat(5)).
    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_makes_keys_gives_way() {
        let nice = || -> i32 {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            let (_, after_name) = stat.rsplit_once(')').unwrap();
            after_name
                .split_whitespace()
                .nth(16)
                .unwrap()
                .parse()
                .unwrap()
        };
        let usual = nice();
        let (own, lowered) = std::thread::spawn(move || {
            let own = nice();
            lower_own_priority();
            (own, nice())
        })
        .join()
        .unwrap();
        assert_eq!((own, lowered), (usual, (usual + 10).min(19)));
        assert_eq!(nice(), usual, "no other thread gives way");
    }
}
