//! Reads the domains of an account from SCM in the background.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::config::Config;
use super::super::engine::Engine;
use super::super::error::scm_error;
use super::super::locks::LockKey;
use super::super::store::{CertKind, DomainEntry, DomainList, Key, Store};
use super::super::time;
use super::list;
use scm_client::{
    Client, Dcv, DomainFilter, DomainListed, DomainValidation, KnownCode, ScmError, ScmErrorKind,
};
use svpki_types::api::JobHealth;
use vault_plugin::logical::Error;

/// The most domains of an account that are stored.
const MOST_DOMAINS: usize = 5_000;
/// The most domains whose validation one run asks SCM about individually.
const MOST_DETAILS: usize = 50;
/// The time that a run reserves for storing the result.
const TO_STORE: Duration = Duration::from_secs(5);

/// The job `domains`: reads the domains of every account whose stored domains are too old.
pub async fn run(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    until: Instant,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let with_domains = |config: &&Config| config.kind == CertKind::Ssl;
    for config in configs.iter().filter(with_domains) {
        let known = DomainList::load(store, &config.name).await?;
        let known = known.of_account(config);
        if !known.is_due(config.profile_refresh, time::now()) {
            health.count_skipped("not due yet");
        } else if engine
            .client(config)
            .is_ok_and(|client| client.login_in_backoff())
        {
            health.count_skipped("SCM refuses the login");
        } else {
            match tokio::time::timeout_at(until, refresh(engine, store, config, until)).await {
                Ok(Ok(found)) if found.error.is_empty() => health.done += 1,
                Ok(Ok(_)) => health.count_skipped("SCM gives this login no domain validation"),
                Ok(Err(Error::Storage(error))) => return Err(error.into()),
                Ok(Err(error)) => health.last_error = format!("config {}: {error}", config.name),
                Err(_) => health.count_skipped("no time left in this run"),
            }
        }
    }
    Ok(health)
}

/// Asks SCM for the domains of one account and stores the answer.
async fn refresh(
    engine: &Engine,
    store: &Store,
    config: &Config,
    until: Instant,
) -> Result<DomainList, Error> {
    let client = engine.client(config)?;
    let _turn = engine
        .locks
        .lock(LockKey::Domains(config.name.clone()))
        .await;
    let known = DomainList::load(store, &config.name).await?;
    let known = known.of_account(config);
    let found = match look(&client, config.org_id, &known, until).await {
        Ok(found) => found,
        Err(error) if error.known_code() == Some(KnownCode::NoDomainValidation) => {
            refused(&error, DomainList::default())
        }
        // Keeps the domains of the last answer: a refused list, or an answer that does not come from SCM, ends no
        // validation.
        Err(error) if is_refusal_of_the_list(&error) => refused(&error, known),
        Err(error) => return Err(scm_error(&error, "the domains are as they were seen last")),
    };
    let found = DomainList {
        account: list::account(config),
        ..found
    };
    store.write(&Key::domains(&config.name), &found).await?;
    Ok(found)
}

fn is_refusal_of_the_list(error: &ScmError) -> bool {
    matches!(
        error.kind(),
        ScmErrorKind::Forbidden | ScmErrorKind::NotFound
    )
}

fn refused(error: &ScmError, known: DomainList) -> DomainList {
    DomainList {
        awaited: false,
        error: error.to_string(),
        refused: time::now(),
        ..known
    }
}

/// Asks SCM for the domains of an organisation and for the state of each validation under way.
async fn look(
    client: &Client,
    org_id: i64,
    known: &DomainList,
    until: Instant,
) -> Result<DomainList, ScmError> {
    let now = time::now();
    let listed = listed(client, org_id).await?.into_iter();
    let mut domains: Vec<DomainEntry> = listed
        .map(|one| DomainEntry::listed(one).with_known(known))
        .collect();
    ask_each(&client.dcv(), &mut domains, now, until).await?;
    domains.sort_by(|a, b| a.domain.cmp(&b.domain));
    Ok(DomainList {
        looked: now,
        domains,
        ..DomainList::default()
    })
}

/// The domains of this organisation. Domains of other organisations are left out: they may cover our names, but we may
/// not order for them. If SCM lists none, or does not accept the id as an organisation's, the id may be a
/// department's. If that has none either, all domains that the login sees are listed.
async fn listed(client: &Client, org_id: i64) -> Result<Vec<DomainListed>, ScmError> {
    let of_organisation = DomainFilter {
        org_id: Some(org_id),
        ..DomainFilter::default()
    };
    let of_department = DomainFilter {
        department_id: Some(org_id),
        ..DomainFilter::default()
    };
    for filter in [of_organisation, of_department] {
        match client.dcv().list(&filter).all(MOST_DOMAINS).await {
            Ok(found) if found.is_empty() => {}
            Err(error) if is_refusal_of_the_id(&error) => {}
            decided => return decided,
        }
    }
    let all = client.dcv().list(&DomainFilter::default());
    all.all(MOST_DOMAINS).await
}

fn is_refusal_of_the_id(error: &ScmError) -> bool {
    error.known_code() != Some(KnownCode::NoDomainValidation)
        && matches!(
            error.kind(),
            ScmErrorKind::BadContent | ScmErrorKind::NotFound
        )
}

/// Asks SCM about each validation under way, beginning with those that were asked about longest ago. Domains for which
/// there is no time left keep their stored state.
async fn ask_each(
    dcv: &Dcv<'_>,
    domains: &mut [DomainEntry],
    now: i64,
    until: Instant,
) -> Result<(), ScmError> {
    let under_way = domains.iter_mut().filter(|domain| domain.is_under_way());
    let mut under_way: Vec<&mut DomainEntry> = under_way.collect();
    under_way.sort_by_key(|domain| domain.asked);
    for domain in under_way.into_iter().take(MOST_DETAILS) {
        if Instant::now() + TO_STORE > until {
            break;
        }
        domain.asked = now;
        match ask(dcv, domain).await {
            Ok(validation) => domain.update(validation),
            // A refused login is not an error of this domain.
            Err(error) if error.kind() == ScmErrorKind::Login => return Err(error),
            // An error for one domain says nothing about the others.
            Err(error) => {
                tracing::warn!(domain = domain.domain, %error, "SCM did not answer for a domain");
                domain.error = error.to_string();
                if is_of_scm_itself(error.kind()) {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Asks for the state of a validation. For a submitted one, this makes SCM check the record.
async fn ask(dcv: &Dcv<'_>, domain: &DomainEntry) -> Result<DomainValidation, ScmError> {
    match domain.validation.as_str() {
        "submitted" => dcv.sync(domain.base()).await,
        _ => dcv.status(domain.base()).await,
    }
}

/// Whether the next call would fail in the same way.
fn is_of_scm_itself(kind: ScmErrorKind) -> bool {
    matches!(kind, ScmErrorKind::Unreachable | ScmErrorKind::Busy { .. })
}
