//! `health` and `health/:config`: whether everything works, and if not, what is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::engine::{Engine, config_name};
use super::super::fields;
use super::super::index::{IN_USE_CUT, Reader};
use super::super::outlook::{self, Outlook};
use super::super::store::{Key, Store};
use super::super::{account_check, background, summary, time};
use svpki_types::api::{ConfigHealth, ConfigHealthResponse, HealthResponse, JobHealth};
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("health", "State of the mount")
            .describe(
                "Plugin version, what the last look at SCM found for each config and how old it is, certificates by \
                 status, renewals that a domain will block, profiles that SCM no longer offers with what uses them, and the \
                 last run of each background job. Nothing is asked at SCM here: each account is \
                 looked at in the background, after its config was written and every quarter of an hour.",
            )
            .on(Operation::Read, "Read the state of the mount", &[], all),
        Route::new("health/:config", "Try a config's account at SCM")
            .describe(
                "Asks SCM: reachable, login accepted, organisation and profile visible, clock skew. What is wrong \
                 stands in error and hint. With it come the plugin's version, the config's certificates by status, \
                 its renewals that a domain will block, profiles that SCM no longer offers with what uses them, and the \
                 last run of each background job. A login that SCM refused within the last hour is not tried \
                 again: the answer is what was seen then.",
            )
            .param("config", super::CONFIG)
            .on(
                Operation::Read,
                "Try the account",
                &[&[fields::HEALTH_STORED]],
                one,
            ),
    ]
}

async fn all(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let configs = summary::configs(&store).await?;
    let mut reader = Reader::open(&store).await?;
    let counts = summary::summary(&store, &mut reader, &configs, None, time::now()).await?;
    let jobs = last_runs(&store).await?;
    let now = time::now();
    let mut looks = BTreeMap::new();
    for name in store.list(&Key::configs()).await? {
        looks.insert(name.clone(), last_look(&engine, &store, &name, now).await?);
    }
    let (outlook, is_whole) = outlook::of(&store, &configs, &looks).await?;
    let blocked_renewals = outlook.values().map(|of| of.blocked_renewals).sum();
    for (name, outlook) in outlook {
        if let Some(look) = looks.get_mut(name.as_str()) {
            // These long lists are only shown by `health/:config`.
            look.organisations.clear();
            look.profiles.clear();
            with_outlook(look, outlook);
        }
    }
    let answer = HealthResponse {
        plugin_version: super::super::version(),
        healthy: looks.values().all(|look| account_check::is_well(look, now))
            && jobs.values().all(|job| job.last_error.is_empty()),
        configs: looks,
        certificates: counts.status,
        jobs,
        blocked_renewals,
        transactional_storage: store.transactional().await,
    };
    let mut response = Response::of(&answer)?;
    if !is_whole {
        response.warn(IN_USE_CUT);
    }
    Ok(Some(response))
}

fn with_outlook(look: &mut ConfigHealth, outlook: Outlook) {
    look.blocked_renewals = Some(outlook.blocked_renewals);
    look.gone_profiles = outlook.gone_profiles;
}

async fn last_runs(store: &Store) -> Result<BTreeMap<String, JobHealth>, Error> {
    let mut jobs = BTreeMap::new();
    for name in background::NAMES {
        let last = store.read::<JobHealth>(&Key::job(name)).await?;
        jobs.insert(name.to_owned(), last.unwrap_or_default());
    }
    Ok(jobs)
}

/// The result of the last account check of this config.
async fn last_look(
    engine: &Engine,
    store: &Store,
    name: &str,
    now: i64,
) -> Result<ConfigHealth, Error> {
    let config = match engine.config(store, name).await {
        Ok(config) => config,
        Err(Error::Storage(error)) => return Err(error.into()),
        Err(error) => {
            return Ok(ConfigHealth {
                error: format!("the stored config cannot be used: {error}"),
                hint: "write the config again".into(),
                ..ConfigHealth::default()
            });
        }
    };
    let look: Option<ConfigHealth> = store.read(&Key::health(&config.name)).await?;
    let look = look.unwrap_or_else(|| ConfigHealth {
        kind: config.kind.as_str().to_owned(),
        base_url: config.base_url.clone(),
        ..ConfigHealth::default()
    });
    Ok(ConfigHealth {
        age_seconds: time::parse(&look.checked).map(|at| now - at),
        ..look
    })
}

async fn one(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let name = config_name(call.param("config"))?;
    let config = engine.config(&store, name.as_str()).await?;
    let last: Option<ConfigHealth> = store.read(&Key::health(&name)).await?;
    let now = time::now();
    let stored = call.fields.boolean(&fields::HEALTH_STORED) == Some(true);
    let (mut look, kept) = match last.filter(|last| account_check::login_in_backoff(last, now)) {
        Some(last) => (rested(last, now), Ok(())),
        None if stored => (
            last_look(&engine, &store, name.as_str(), now).await?,
            Ok(()),
        ),
        None => {
            let look = account_check::check(&config).await?;
            // A standby may check, too, but it cannot store the result.
            let kept = store.write(&Key::health(&name), &look).await;
            (look, kept)
        }
    };
    let configs = [config];
    let looks = BTreeMap::from([(name.to_string(), look.clone())]);
    let (mut outlooks, is_whole) = outlook::of(&store, &configs, &looks).await?;
    with_outlook(&mut look, outlooks.remove(&name).unwrap_or_default());
    let mut reader = Reader::open(&store).await?;
    let counts = summary::summary(&store, &mut reader, &configs, Some(&name), time::now()).await?;
    let mut response = Response::of(&ConfigHealthResponse {
        look,
        plugin_version: super::super::version(),
        certificates: counts.status,
        jobs: last_runs(&store).await?,
    })?;
    if !is_whole {
        response.warn(IN_USE_CUT);
    }
    if kept.is_err() {
        response.warn("this node may not write: the look is not kept");
    }
    Ok(Some(response))
}

/// The stored result of an account whose login was refused, with a hint how to try again at once.
fn rested(last: ConfigHealth, now: i64) -> ConfigHealth {
    ConfigHealth {
        age_seconds: time::parse(&last.checked).map(|at| now - at),
        hint: format!(
            "{}; not tried again since {}, because SCM may lock a login that fails often: write the config again to \
             try at once",
            last.hint, last.checked
        ),
        ..last
    }
}
