//! Background work: in the server's periodic call every minute, on the active node only, bounded in time. Each job
//! goes on where the last run stopped, and leaves a note of what it did.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio::time::Instant;

use super::config::Config;
use super::instance::Engine;
use super::ledger::Ledger;
use super::store::{Changes, Key, OrderRecord, Store, TidySchedule};
use super::{health, profiles, renewal, summary, tidy, time};
use crate::domain::answers::{JobHealth, ProfileAnswer, TidyAnswer};
use crate::domain::{OrderId, OrderState};
use crate::plugin::logical::{Context, Error};

/// `settle` and `collect` look at open orders, `renew` at certificates, `accounts` at each config's login, `profiles`
/// and `tidy` at their schedules.
pub const NAMES: [&str; 6] = ["settle", "collect", "renew", "accounts", "profiles", "tidy"];

/// One run never takes longer; the server calls again after a minute.
const LONGEST_RUN: Duration = Duration::from_secs(50);
/// Orders that are worked on side by side.
const WIDTH: usize = 8;

/// Starts a run unless one is under way. A standby does nothing.
pub fn wake(engine: &Arc<Engine>, context: &Context) {
    let (engine, context) = (Arc::clone(engine), context.clone());
    let runner = Arc::clone(&engine);
    engine.spawn_background(async move {
        if let Err(error) = run(&runner, &context).await {
            tracing::warn!(error = %error, "background work stopped early");
        }
    });
}

/// One run of all jobs.
pub async fn run(engine: &Arc<Engine>, context: &Context) -> Result<(), Error> {
    if context.system.is_standby().await? {
        return Ok(());
    }
    let until = Instant::now() + LONGEST_RUN;
    let store = Store::of(context);
    let configs = summary::configs(&store).await?;
    orders(engine, &store, &configs, until).await?;
    noted(
        &store,
        "renew",
        renewal::run(engine, &store, &configs, until),
    )
    .await?;
    noted(
        &store,
        "accounts",
        health::run(engine, &store, &configs, until),
    )
    .await?;
    noted(
        &store,
        "profiles",
        refresh_profiles(engine, &store, &configs, until),
    )
    .await?;
    noted(&store, "tidy", scheduled_tidy(engine, &store, &configs)).await
}

/// Runs a job and writes down how it went, when there is anything to say.
async fn noted(
    store: &Store,
    name: &str,
    job: impl Future<Output = Result<JobHealth, Error>>,
) -> Result<(), Error> {
    let (started, began) = (Instant::now(), time::now());
    let mut health = match job.await {
        Ok(health) => health,
        Err(Error::Storage(error)) => return Err(error.into()),
        Err(error) => JobHealth {
            last_error: error.to_string(),
            ..JobHealth::default()
        },
    };
    health.last_run = time::rfc3339(began);
    health.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if !health.last_error.is_empty() {
        tracing::warn!(job = name, error = health.last_error, "background job");
    }
    store.write(&Key::job(name), &health).await
}

/// Looks at every open order that is due: uncertain ones are settled, the others collected.
async fn orders(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    until: Instant,
) -> Result<(), Error> {
    let (mut to_settle, mut to_collect) = (Vec::new(), Vec::new());
    let (mut settle, mut collect) = (JobHealth::default(), JobHealth::default());
    let now = time::now();
    for child in store.list(&Key::open_orders()).await? {
        let Some((name, id)) = Key::parse_order_child(&child) else {
            continue;
        };
        let Some(config) = configs.iter().find(|config| config.name == name) else {
            *collect
                .skipped
                .entry("its config cannot be read".into())
                .or_default() += 1;
            continue;
        };
        let Some(order) = store.read::<OrderRecord>(&Key::order(&name, &id)).await? else {
            store.remove(&Key::open_order(&name, &id)).await?;
            continue;
        };
        let unsettled = matches!(order.state, OrderState::Intent | OrderState::Uncertain);
        let health = if unsettled { &mut settle } else { &mut collect };
        if order.next_poll > now {
            *health.skipped.entry("not due yet".into()).or_default() += 1;
        } else if unsettled {
            to_settle.push((config.clone(), order.id));
        } else {
            to_collect.push((config.clone(), order.id));
        }
    }
    noted(
        store,
        "settle",
        work_on(engine, store, to_settle, settle, until),
    )
    .await?;
    noted(
        store,
        "collect",
        work_on(engine, store, to_collect, collect, until),
    )
    .await
}

async fn work_on(
    engine: &Arc<Engine>,
    store: &Store,
    due: Vec<(Config, OrderId)>,
    mut health: JobHealth,
    until: Instant,
) -> Result<JobHealth, Error> {
    let ledger = Ledger::new(engine, store);
    let mut results = stream::iter(due)
        .map(|(config, id)| {
            let ledger = ledger.clone();
            async move {
                if Instant::now() >= until {
                    return (id, Ok(None));
                }
                let result = ledger.nudge(&config, &id).await.map(Some);
                (id, result)
            }
        })
        .buffer_unordered(WIDTH);
    while let Some((id, result)) = results.next().await {
        match result {
            Ok(Some(Some(_))) => health.done += 1,
            Ok(Some(None)) => {
                *health
                    .skipped
                    .entry("a request is working on it".into())
                    .or_default() += 1
            }
            Ok(None) => {
                *health
                    .skipped
                    .entry("no time left in this run".into())
                    .or_default() += 1
            }
            Err(Error::Storage(error)) => return Err(error.into()),
            Err(error) => health.last_error = format!("order {id}: {error}"),
        }
    }
    Ok(health)
}

/// Downloads again what was downloaded once.
async fn refresh_profiles(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    until: Instant,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let now = time::now();
    for config in configs.iter().filter(|config| config.profile_refresh > 0) {
        let known = store.list(&Key::profiles(&config.name)).await?;
        let Some(first) = known.first().and_then(|id| id.parse().ok()) else {
            continue;
        };
        let stored: Option<ProfileAnswer> = store.read(&Key::profile(&config.name, first)).await?;
        let age = stored
            .and_then(|p| time::parse(&p.downloaded))
            .map_or(i64::MAX, |at| now - at);
        if age < config.profile_refresh {
            *health.skipped.entry("fresh".into()).or_default() += 1;
            continue;
        }
        if Instant::now() >= until {
            *health
                .skipped
                .entry("no time left in this run".into())
                .or_default() += 1;
            continue;
        }
        match profiles::download(engine, config).await {
            Ok(found) => {
                let mut changes = Changes::default();
                for profile in found.iter().filter(|p| known.contains(&p.id.to_string())) {
                    changes.write(&Key::profile(&config.name, profile.id), profile)?;
                    health.done += 1;
                }
                store.commit(changes).await?;
            }
            Err(error) => health.last_error = format!("config {}: {error}", config.name),
        }
    }
    Ok(health)
}

async fn scheduled_tidy(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let schedule: TidySchedule = store.read(&Key::tidy_schedule()).await?.unwrap_or_default();
    let interval = i64::try_from(schedule.interval).unwrap_or(i64::MAX);
    if interval == 0 || time::now() - schedule.last_run < interval {
        *health
            .skipped
            .entry(
                if interval == 0 {
                    "no schedule"
                } else {
                    "not due yet"
                }
                .into(),
            )
            .or_default() += 1;
        return Ok(health);
    }
    let answer: TidyAnswer = tidy::run(engine, store, configs, schedule.safety_buffer).await?;
    health.done = answer.removed_certificates + answer.removed_orders;
    let schedule = TidySchedule {
        last_run: time::now(),
        ..schedule
    };
    store.write(&Key::tidy_schedule(), &schedule).await?;
    Ok(health)
}
