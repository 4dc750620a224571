//! `health` and `health/:config`: is everything well, and if not, what.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::index::Reader;
use super::super::instance::{Engine, config_name};
use super::super::store::{Key, Store};
use super::super::{health, jobs, summary, time};
use crate::domain::answers::{ConfigHealth, HealthAnswer, JobHealth};
use crate::plugin::framework::{Call, Route};
use crate::plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("health", "State of the mount")
            .describe(
                "Plugin version, what the last look at SCM found for each config, certificates by status, and the \
                 last run of each background job. Nothing is asked at SCM.",
            )
            .on(Operation::Read, "Read the state of the mount", &[], all),
        Route::new("health/:config", "Try a config's account at SCM")
            .describe(
                "Asks SCM: reachable, login accepted, organisation and profile visible, clock skew. What is wrong \
                 stands in error and hint.",
            )
            .param("config", super::CONFIG)
            .on(Operation::Read, "Try the account", &[], one),
    ]
}

async fn all(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let configs = summary::configs(&store).await?;
    let mut reader = Reader::open(&store).await?;
    let counts = summary::summary(&store, &mut reader, &configs, None, time::now()).await?;
    let mut jobs = BTreeMap::new();
    for name in jobs::NAMES {
        jobs.insert(
            name.to_owned(),
            store
                .read::<JobHealth>(&Key::job(name))
                .await?
                .unwrap_or_default(),
        );
    }
    let mut looks = BTreeMap::new();
    for config in &configs {
        let look: Option<ConfigHealth> = store.read(&Key::health(&config.name)).await?;
        let look = look.unwrap_or_else(|| ConfigHealth {
            kind: config.kind.as_str().to_owned(),
            base_url: config.base_url.clone(),
            ..ConfigHealth::default()
        });
        looks.insert(config.name.to_string(), look);
    }
    let answer = HealthAnswer {
        plugin_version: super::super::version(),
        healthy: looks.values().all(|look| look.error.is_empty())
            && jobs.values().all(|job| job.last_error.is_empty()),
        configs: looks,
        certificates: counts.status,
        jobs,
        transactional_storage: store.transactional().await,
    };
    Response::of(&answer).map(Some)
}

async fn one(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let name = config_name(call.param("config"))?;
    let config = engine.config(&store, name.as_str()).await?;
    let look = health::look(&config).await?;
    // A standby may look, too; it only cannot keep what it saw.
    let kept = store.write(&Key::health(&name), &look).await;
    let mut response = Response::of(&look)?;
    if kept.is_err() {
        response.warn("this node may not write: the look is not kept");
    }
    Ok(Some(response))
}
