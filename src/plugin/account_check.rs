//! Checks the account of a config with a login at SCM: on request, after a config was written, and at intervals.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use tokio::time::Instant;

use super::config::Config;
use super::engine::Engine;
use super::locks::LockKey;
use super::store::{CertKind, ConfigRecord, Key, Store};
use super::{field_values, random, time};
use scm_client::{ScmError, ScmErrorKind};
use svpki_types::api::{ConfigHealth, JobHealth, NamedId};
use vault_plugin::logical::{Context, Error};

/// Seconds between two checks of an account that works.
const INTERVAL: i64 = 900;
/// Seconds until the next check of an account with an error: the person who fixes it wants to see the result soon.
const INTERVAL_OF_TROUBLE: i64 = 120;
/// Seconds until the next check after SCM refused the login: SCM may lock a login that fails often.
const INTERVAL_OF_REFUSED_LOGIN: i64 = 3_600;
/// Seconds after which a result is too old to say anything about the present.
const STALE: i64 = 2 * INTERVAL_OF_REFUSED_LOGIN;
/// Seconds after which a first check that was announced should have a result.
const LONGEST_AWAITED: i64 = 300;
/// If SCM's clock and ours differ by this many seconds or more, ours is not trusted.
const LARGEST_SKEW: i64 = 3_600;
/// How many accounts are checked at the same time.
const WIDTH: usize = 4;

/// Checks an account in a separate task and stores the result, unless the config was changed in the meantime.
pub fn check_in_background(engine: &Arc<Engine>, context: &Context, config: Config) {
    let (engine, store) = (Arc::clone(engine), Store::of(context));
    tokio::spawn(async move {
        if let Err(error) = check_and_store(&engine, &store, &config).await {
            tracing::debug!(config = %config.name, error = %error, "a look at SCM was not kept");
        }
    });
}

/// The job `accounts`: checks every account whose last check is too old. The times vary, so that many configs are not
/// checked at the same moment.
pub async fn run(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    until: Instant,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let mut due = Vec::new();
    for config in configs {
        let last: Option<ConfigHealth> = store.read(&Key::health(&config.name)).await?;
        if last.is_some_and(|last| !is_due(&last, time::now())) {
            health.count_skipped("not due yet");
        } else {
            due.push(config.clone());
        }
    }
    let mut looks = stream::iter(due)
        .map(|config| async move {
            if Instant::now() >= until {
                return None;
            }
            // A check that takes longer than this run continues in its own task, which stores the result.
            let (with, of, engine, store) = (
                config.clone(),
                config.name,
                Arc::clone(engine),
                store.clone(),
            );
            let look = tokio::spawn(async move { check_and_store(&engine, &store, &with).await });
            match tokio::time::timeout_at(until, look).await {
                Ok(Ok(kept)) => Some((of, kept)),
                Ok(Err(_)) => Some((of, Err(Error::internal("the look was cut off")))),
                Err(_) => None,
            }
        })
        .buffer_unordered(WIDTH);
    while let Some(look) = looks.next().await {
        match look {
            Some((_, Ok(()))) => health.done += 1,
            Some((_, Err(Error::Storage(error)))) => return Err(error.into()),
            Some((name, Err(error))) => health.last_error = format!("config {name}: {error}"),
            None => health.count_skipped("no time left in this run"),
        }
    }
    Ok(health)
}

fn is_due(last: &ConfigHealth, now: i64) -> bool {
    let Some(at) = time::parse(&last.checked) else {
        return true;
    };
    let interval = if last.error.is_empty() {
        INTERVAL
    } else if last.reachable && !last.login_accepted {
        INTERVAL_OF_REFUSED_LOGIN
    } else {
        INTERVAL_OF_TROUBLE
    };
    #[expect(clippy::cast_possible_truncation, reason = "a part of an hour")]
    let spread = (random::fraction() * interval as f64 / 10.0) as i64;
    !(0..interval - spread).contains(&(now - at))
}

async fn check_and_store(engine: &Engine, store: &Store, config: &Config) -> Result<(), Error> {
    let look = check(config).await?;
    // If the config was written during this check, that write has started a check of its own, and this result is
    // dropped.
    let _turn = engine
        .locks
        .lock(LockKey::Config(config.name.clone()))
        .await;
    let stored: Option<ConfigRecord> = store.read(&Key::config(&config.name)).await?;
    let unchanged = match stored {
        Some(record) => {
            let now = Config::load(&config.name, &record)?;
            now.given.fingerprint() == config.given.fingerprint()
        }
        None => false,
    };
    if unchanged {
        store.write(&Key::health(&config.name), &look).await?;
    }
    Ok(())
}

/// Whether SCM refused this login so recently that it is not tried again: a monitor that asks every minute must not
/// lock the login. A write of the config replaces the last result, and with it this pause.
pub fn login_in_backoff(last: &ConfigHealth, now: i64) -> bool {
    let is_refused = last.reachable && !last.login_accepted && !last.error.is_empty();
    is_refused
        && time::parse(&last.checked)
            .is_some_and(|at| (0..INTERVAL_OF_REFUSED_LOGIN).contains(&(now - at)))
}

/// The answer for an account that was not checked yet.
pub fn not_checked_yet(config: &Config) -> ConfigHealth {
    ConfigHealth {
        kind: config.kind.as_str().to_owned(),
        base_url: config.base_url.clone(),
        awaited: time::rfc3339(time::now()),
        ..ConfigHealth::default()
    }
}

/// Whether the last check found no error, or the result of the first check may still come.
pub fn is_well(last: &ConfigHealth, now: i64) -> bool {
    let age = |text: &str| time::parse(text).map(|at| now - at);
    if !last.error.is_empty() {
        return false;
    }
    match (age(&last.checked), age(&last.awaited)) {
        (Some(age), _) => age <= STALE,
        (None, Some(age)) => age <= LONGEST_AWAITED,
        (None, None) => false,
    }
}

/// Why this node's clock must not decide anything that cannot be undone. `None` when SCM's clock confirmed it in
/// recent checks, or no account was checked yet.
pub async fn clock_in_doubt(
    store: &Store,
    configs: &[Config],
) -> Result<Option<&'static str>, Error> {
    let now = time::now();
    let mut looks = 0;
    let mut skews = Vec::new();
    for config in configs {
        let last: Option<ConfigHealth> = store.read(&Key::health(&config.name)).await?;
        let Some((at, last)) = last.and_then(|last| Some((time::parse(&last.checked)?, last)))
        else {
            continue;
        };
        looks += 1;
        // Ignores old results: this node's clock may have been changed since.
        let is_new = (0..=STALE).contains(&(now - at));
        skews.extend(last.clock_skew_seconds.filter(|_| is_new));
    }
    Ok(if skews.iter().any(|skew| skew.abs() >= LARGEST_SKEW) {
        Some("this node's clock and SCM's differ by an hour or more")
    } else if looks > 0 && skews.is_empty() {
        Some("no recent answer of SCM confirms this node's clock")
    } else {
        None
    })
}

/// Asks SCM what this account can do. A refusal of SCM is a part of the answer, not an error.
pub async fn check(config: &Config) -> Result<ConfigHealth, Error> {
    // A new client, so that no earlier login with other settings is used.
    let client = config.scm()?;
    let mut health = ConfigHealth {
        kind: config.kind.as_str().to_owned(),
        base_url: config.base_url.clone(),
        checked: time::rfc3339(time::now()),
        ..ConfigHealth::default()
    };
    match super::profiles::of(&client, config).await {
        Ok(profiles) => {
            health.reachable = true;
            health.login_accepted = true;
            let wanted = field_values::profile_id(&config.given, config.kind)?;
            health.profile_visible = match wanted {
                Some(id) => profiles.iter().any(|profile| profile.id == id),
                None => !profiles.is_empty(),
            };
            if !health.profile_visible {
                health.error = match wanted {
                    Some(id) => format!(
                        "this login does not see profile {id} for organisation {}",
                        config.org_id
                    ),
                    None => format!(
                        "this login sees no profile for organisation {}",
                        config.org_id
                    ),
                };
                health.hint = match config.kind {
                    CertKind::Ssl => "check the profile's id and that the organisation has the Web API enabled for SSL",
                    CertKind::Client => {
                        "check the profile's id and that the organisation has the Web API enabled for client \
                         certificates"
                    }
                }
                .to_owned();
            }
            health.profiles = profiles;
        }
        Err(error) => note(&mut health, &error),
    }
    if health.reachable && health.login_accepted {
        match client.organizations().await {
            Ok(organisations) => {
                let departments = organisations
                    .iter()
                    .flat_map(|organisation| &organisation.departments);
                health.organisation_visible = organisations.iter().any(|o| o.id == config.org_id)
                    || departments.clone().any(|d| d.id == config.org_id);
                health.organisations = organisations
                    .iter()
                    .map(|o| NamedId {
                        id: o.id,
                        name: o.name.clone(),
                    })
                    .chain(departments.map(|d| NamedId {
                        id: d.id,
                        name: d.name.clone(),
                    }))
                    .collect();
                if !health.organisation_visible && health.error.is_empty() {
                    health.error =
                        format!("this login does not see organisation {}", config.org_id);
                    health.hint = "choose one of those it sees".to_owned();
                }
            }
            Err(error) => note(&mut health, &error),
        }
    }
    health.clock_skew_seconds = client.clock_skew().map(|skew| skew.as_secs());
    Ok(health)
}

fn note(health: &mut ConfigHealth, error: &ScmError) {
    health.reachable = health.reachable || error.status().is_some();
    health.login_accepted =
        health.login_accepted || (error.status().is_some() && error.kind() != ScmErrorKind::Login);
    health.error = error.to_string();
    health.hint = error.hint().unwrap_or_default().to_owned();
    health.scm_code = error.code();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(seconds_ago: i64, now: i64) -> ConfigHealth {
        ConfigHealth {
            checked: time::rfc3339(now - seconds_ago),
            reachable: true,
            login_accepted: true,
            ..ConfigHealth::default()
        }
    }

    #[test]
    fn trouble_is_looked_at_sooner_and_a_refused_login_later() {
        let now = time::now();
        let trouble = |seconds_ago, login_accepted| ConfigHealth {
            error: "no".into(),
            login_accepted,
            ..looked(seconds_ago, now)
        };
        assert!(is_due(&ConfigHealth::default(), now));
        assert!(!is_due(&looked(INTERVAL / 2, now), now));
        assert!(is_due(&looked(INTERVAL, now), now));
        assert!(is_due(&trouble(INTERVAL_OF_TROUBLE, true), now));
        assert!(!is_due(&trouble(INTERVAL, false), now));
    }

    #[test]
    fn an_old_look_or_none_is_not_well() {
        let now = time::now();
        assert!(is_well(&looked(INTERVAL, now), now));
        assert!(!is_well(&looked(STALE + 1, now), now));
        assert!(!is_well(&ConfigHealth::default(), now));
        let awaited = |seconds_ago| ConfigHealth {
            awaited: time::rfc3339(now - seconds_ago),
            ..ConfigHealth::default()
        };
        assert!(is_well(&awaited(1), now));
        assert!(!is_well(&awaited(LONGEST_AWAITED + 1), now));
    }
}
