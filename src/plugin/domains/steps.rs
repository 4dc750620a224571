//! The steps of a validation that a request can take: starting it, and making SCM check the record.

use super::super::config::Config;
use super::super::engine::Engine;
use super::super::error::scm_error;
use super::super::locks::LockKey;
use super::super::store::{DomainEntry, DomainList, Key, Store};
use super::orders::request_look;
use scm_client::{Dcv, DcvMethod, DcvOrderStatus, DcvStatus, DomainValidation, Outcome, ScmError};
use vault_plugin::logical::Error;

/// Starts the validation of a domain. Then the record to publish is known, and SCM checks for it.
pub async fn start(
    engine: &Engine,
    store: &Store,
    config: &Config,
    name: &str,
    method: DcvMethod,
    email: Option<&str>,
) -> Result<DomainEntry, Error> {
    let client = engine.client(config)?;
    let dcv = client.dcv();
    let email = email.filter(|_| method == DcvMethod::Email);
    if method == DcvMethod::Email && email.is_none() {
        return Err(which_address(&dcv, name).await);
    }
    match make_and_submit(&dcv, name, method, email).await {
        Ok(validation) => keep(engine, store, config, name, validation).await,
        Err(refused) => {
            // SCM may have started the validation all the same; then the next read shows it.
            request_look(engine, store, &config.name).await?;
            Err(refused.told(config, name))
        }
    }
}

async fn which_address(dcv: &Dcv<'_>, name: &str) -> Error {
    match dcv.addresses(name).await {
        Ok(addresses) => Error::bad_request(format!(
            "email is missing: SCM sends the mail to one of {}",
            addresses.join(", ")
        )),
        Err(error) => scm_error(&error, "the validation was not started"),
    }
}

/// Why a validation was not started, and how far it got.
struct NotStarted {
    error: ScmError,
    /// SCM has answered the record to publish.
    is_made: bool,
}

impl NotStarted {
    fn told(&self, config: &Config, name: &str) -> Error {
        let config = &config.name;
        let became = match (self.error.outcome(), self.is_made) {
            (Outcome::Unknown, _) => format!(
                "whether the validation was started is not known: svpki domains read {config} {name} shows it after \
                 the next background run"
            ),
            (_, true) => format!(
                "SCM has made the record and does not look for it yet: svpki domains check {config} {name}"
            ),
            (_, false) => "the validation was not started".to_owned(),
        };
        scm_error(&self.error, &became)
    }
}

async fn make_and_submit(
    dcv: &Dcv<'_>,
    name: &str,
    method: DcvMethod,
    email: Option<&str>,
) -> Result<DomainValidation, NotStarted> {
    let record = match method {
        DcvMethod::Cname | DcvMethod::Http | DcvMethod::Https => {
            let made = dcv.start(name, method).await;
            made.map_err(|error| NotStarted {
                error,
                is_made: false,
            })?
        }
        DcvMethod::Txt | DcvMethod::Email => None,
    };
    let submitted = dcv.submit(name, method, email).await;
    let validation = submitted.map_err(|error| NotStarted {
        error,
        is_made: record.is_some(),
    })?;
    Ok(DomainValidation {
        record: validation.record.clone().or(record),
        email: validation.email.clone().or(email.map(str::to_owned)),
        ..validation
    })
}

/// Makes SCM check the record now.
pub async fn check(
    engine: &Engine,
    store: &Store,
    config: &Config,
    name: &str,
) -> Result<DomainEntry, Error> {
    let client = engine.client(config)?;
    let validation = look(&client.dcv(), name).await;
    let validation =
        validation.map_err(|error| scm_error(&error, "the validation is unchanged"))?;
    keep(engine, store, config, name, validation).await
}

/// Makes SCM check the record. If the answer shows that the validation was never submitted, submits it: it was started
/// by hand in SCM, or our submission was lost, and otherwise SCM would never check its record.
async fn look(dcv: &Dcv<'_>, name: &str) -> Result<DomainValidation, ScmError> {
    let validation = dcv.sync(name).await?;
    let is_made = validation.order_status == DcvOrderStatus::AwaitingSubmission;
    let method = validation.order_method.filter(|_| is_made);
    // The mail needs an address, which is only given when the validation is started again.
    let Some(method) = method.filter(|method| *method != DcvMethod::Email) else {
        return Ok(validation);
    };
    let submitted = dcv.submit(name, method, None).await?;
    Ok(DomainValidation {
        record: submitted.record.or(validation.record),
        ..submitted
    })
}

async fn keep(
    engine: &Engine,
    store: &Store,
    config: &Config,
    name: &str,
    validation: DomainValidation,
) -> Result<DomainEntry, Error> {
    let _turn = engine
        .locks
        .lock(LockKey::Domains(config.name.clone()))
        .await;
    let mut known = DomainList::load(store, &config.name).await?;
    let entry = known.entry_mut(name);
    if validation.status == DcvStatus::Validated
        && validation.order_status == DcvOrderStatus::NotInitiated
    {
        // Only the list says with which method a domain was validated.
        let method = entry.validation_method.clone();
        entry.method = method.or(entry.method.take());
    }
    entry.update(validation);
    let entry = entry.clone();
    store.write(&Key::domains(&config.name), &known).await?;
    Ok(entry)
}
