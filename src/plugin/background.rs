//! Background work. The server's periodic call starts it every minute; it runs only on the active node and for a
//! limited time. Each job continues where its last run stopped, and stores its result.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio::time::Instant;

use serde::Deserialize;

use super::config::Config;
use super::engine::Engine;
use super::error::StepError;
use super::ledger::Ledger;
use super::locks::LockKey;
use super::store::{Changes, Key, RETRY_BACKOFF, RevokeRecord, Store, TidySchedule};
use super::time_budget::{RunBudget, is_due, side_by_side};
use super::{
    account_check, automatic_renewal, domains, key_delivery, profiles, summary, tidy, time,
};
use svpki_types::api::{JobHealth, ProfileResponse};
use svpki_types::{ConfigName, OrderId, OrderState};
use vault_plugin::logical::{Context, Error};

/// The jobs. `settle` and `collect` work on open orders, `revoke` on client certificates that were replaced, `renew`
/// on certificates that are due, `keys` on one-time keys that were handed out, `accounts` on each config's login,
/// `domains` on the validation of its domains; `profiles` and `tidy` follow their schedules.
pub const NAMES: [&str; 9] = [
    "settle", "collect", "revoke", "renew", "keys", "accounts", "profiles", "domains", "tidy",
];

/// How long one run works after it has found the due orders. The server calls again after a minute.
const LONGEST_RUN: Duration = Duration::from_secs(50);
/// The least time that tidy has in every run, however long the other jobs took.
const TIDY_AT_LEAST: Duration = Duration::from_secs(5);
/// How many records of open orders are read at the same time.
const READERS: usize = 32;
/// How many orders of one account are worked on at the same time.
const WIDTH: usize = 8;
/// The longest pause between two steps on an order, in seconds.
const LONGEST_PAUSE: i64 = 3_600;

const UNANSWERED: &str = "SCM had not answered when its time in this run was over";

/// Starts a run unless one is under way. A standby node does nothing.
pub fn trigger(engine: &Arc<Engine>, context: &Context) {
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
    run_within(engine, context, LONGEST_RUN).await
}

/// Each part of the run has its own deadline, so that no part can use up the time of the next.
pub async fn run_within(
    engine: &Arc<Engine>,
    context: &Context,
    longest: Duration,
) -> Result<(), Error> {
    if context.system.is_standby().await? {
        return Ok(());
    }
    let store = Store::of(context);
    let configs = summary::configs(&store).await?;
    let due = due_orders(engine, &store, &configs, time::now()).await?;
    let began = Instant::now();
    let until = began + longest;
    let settling = Arc::new(RunBudget::new(longest / 4));
    run_and_record(
        &store,
        "settle",
        run_accounts(engine, &store, due.to_settle, due.settle, &settling),
    )
    .await?;
    let collecting = Arc::new(settling.next_phase(began + longest / 2));
    run_and_record(
        &store,
        "collect",
        run_accounts(engine, &store, due.to_collect, due.collect, &collecting),
    )
    .await?;
    run_and_record(
        &store,
        "revoke",
        revoke_replaced(engine, &store, &configs, &collecting),
    )
    .await?;
    let renewing = Arc::new(collecting.next_phase(began + longest / 5 * 4));
    run_and_record(
        &store,
        "renew",
        automatic_renewal::run(engine, &store, &configs, &renewing),
    )
    .await?;
    run_and_record(
        &store,
        "keys",
        key_delivery::run(engine, &store, &configs, until),
    )
    .await?;
    run_and_record(
        &store,
        "accounts",
        account_check::run(engine, &store, &configs, until),
    )
    .await?;
    run_and_record(
        &store,
        "profiles",
        refresh_profiles(engine, &store, &configs, until),
    )
    .await?;
    run_and_record(
        &store,
        "domains",
        domains::run(engine, &store, &configs, until),
    )
    .await?;
    // Tidy comes last and has a limit: it must never delay work that a caller waits for.
    let until = until.max(Instant::now() + TIDY_AT_LEAST);
    run_and_record(
        &store,
        "tidy",
        scheduled_tidy(engine, &store, &configs, until),
    )
    .await
}

/// Runs a job and stores its result, if there is anything to report.
async fn run_and_record(
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

/// The due orders of one account, the longest overdue first.
pub(super) type Due = (Config, Vec<OrderId>);

/// The due orders, and the counts of the orders that were skipped.
pub(super) struct DueOrders {
    pub to_settle: Vec<Due>,
    pub to_collect: Vec<Due>,
    settle: JobHealth,
    collect: JobHealth,
}

/// The part of an open order's record that says whether the order is due.
#[derive(Deserialize)]
struct Turn {
    state: OrderState,
    #[serde(default)]
    next_poll: i64,
}

/// Finds the due orders: uncertain orders are settled, the others are collected. Within an account the longest overdue
/// order comes first, so that an order for which a run had no time comes first in the next run. Accounts are sorted in
/// the same way, except that accounts whose SCM did not answer the last call come last.
pub(super) async fn due_orders(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    now: i64,
) -> Result<DueOrders, Error> {
    let (mut settle, mut collect) = (JobHealth::default(), JobHealth::default());
    let children = store.list(&Key::open_orders()).await?;
    let children: Vec<_> = children
        .iter()
        .filter_map(|child| Key::parse_order_child(child))
        .collect();
    let mut open = stream::iter(children)
        .map(|(name, id)| {
            let store = store.clone();
            async move {
                let turn = store.read::<Turn>(&Key::order(&name, &id)).await;
                (name, id, turn)
            }
        })
        .buffer_unordered(READERS);
    let mut due: Vec<(bool, ConfigName, i64, OrderId)> = Vec::new();
    while let Some((name, id, turn)) = open.next().await {
        if !configs.iter().any(|config| config.name == name) {
            collect.count_skipped("its config cannot be read");
            continue;
        }
        let Some(turn) = turn? else {
            store.remove(&Key::open_order(&name, &id)).await?;
            continue;
        };
        let unsettled = matches!(turn.state, OrderState::Intent | OrderState::Uncertain);
        if is_due(turn.next_poll, now, LONGEST_PAUSE) {
            // A time too far in the future was set by a wrong clock, so it is unknown since when the order is due.
            let since = if turn.next_poll > now {
                0
            } else {
                turn.next_poll
            };
            due.push((unsettled, name, since, id));
        } else {
            let health = if unsettled { &mut settle } else { &mut collect };
            health.count_skipped("not due yet");
        }
    }
    due.sort_by(|one, other| (one.2, &one.3).cmp(&(other.2, &other.3)));
    let (mut to_settle, mut to_collect): (Vec<Due>, Vec<Due>) = (Vec::new(), Vec::new());
    for (unsettled, name, _, id) in due {
        let accounts = if unsettled {
            &mut to_settle
        } else {
            &mut to_collect
        };
        match accounts.iter_mut().find(|(of, _)| of.name == name) {
            Some((_, ids)) => ids.push(id),
            None => {
                let config = configs.iter().find(|config| config.name == name);
                accounts.extend(config.map(|config| (config.clone(), vec![id])));
            }
        }
    }
    for accounts in [&mut to_settle, &mut to_collect] {
        accounts.sort_by_key(|(config, _)| engine.last_call_unanswered(config));
    }
    Ok(DueOrders {
        to_settle,
        to_collect,
        settle,
        collect,
    })
}

async fn run_accounts(
    engine: &Arc<Engine>,
    store: &Store,
    due: Vec<Due>,
    health: JobHealth,
    budget: &Arc<RunBudget>,
) -> Result<JobHealth, Error> {
    side_by_side(due, health, |(config, ids)| {
        let (engine, store, budget) = (Arc::clone(engine), store.clone(), Arc::clone(budget));
        async move { run_account(&engine, &store, &config, ids, &budget).await }
    })
    .await
}

/// Works on the first order of an account alone: it shows whether SCM answers before more orders are started.
async fn run_account(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    ids: Vec<OrderId>,
    budget: &Arc<RunBudget>,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let mut ids = ids.into_iter();
    let work = |id: OrderId| {
        let (engine, store, budget) = (Arc::clone(engine), store.clone(), Arc::clone(budget));
        let config = config.clone();
        async move { poll_order(&engine, &store, &config, id, &budget).await }
    };
    if let Some(first) = ids.next() {
        health.merge(work(first).await?);
    }
    let mut rest = stream::iter(ids).map(work).buffer_unordered(WIDTH);
    while let Some(one) = rest.next().await {
        health.merge(one?);
    }
    Ok(health)
}

/// Takes one step on one order. When the time is over, the run stops waiting but lets the step finish, because the
/// same batch may hold other orders.
async fn poll_order(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    id: OrderId,
    budget: &RunBudget,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let client = match engine.client(config) {
        Ok(client) => client,
        Err(error) => {
            health.last_error = format!("order {id}: {error}");
            return Ok(health);
        }
    };
    if let Some(why) = budget.skip_reason(&config.name, &client) {
        health.count_skipped(why);
        return Ok(health);
    }
    let (ledger, with, of) = (Ledger::new(engine, store), config.clone(), id.clone());
    let step = tokio::spawn(async move { ledger.poll_once(&with, &of).await });
    let result = match tokio::time::timeout_at(budget.deadline, step).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Error::internal("work on it was cut off")),
        Err(_) => {
            budget.mark_unresponsive(&config.name);
            health.count_skipped(UNANSWERED);
            return Ok(health);
        }
    };
    budget.record_response(&config.name, &client);
    match result {
        Ok(Some(_)) => health.done += 1,
        Ok(None) => health.count_skipped("a request is working on it"),
        Err(Error::Storage(error)) => return Err(error.into()),
        Err(error) => health.last_error = format!("order {id}: {error}"),
    }
    Ok(health)
}

/// Revokes the replaced client certificates that are still to be revoked.
async fn revoke_replaced(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    budget: &RunBudget,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let ledger = Ledger::new(engine, store);
    for child in store.list(&Key::to_revoke_all()).await? {
        let Some((name, id)) = Key::parse_cert_child(&child) else {
            continue;
        };
        let Some(config) = configs.iter().find(|config| config.name == name) else {
            health.count_skipped("its config cannot be read");
            continue;
        };
        let client = match engine.client(config) {
            Ok(client) => client,
            Err(error) => {
                health.last_error = format!("{id}: {error}");
                continue;
            }
        };
        if let Some(why) = budget.skip_reason(&name, &client) {
            health.count_skipped(why);
            continue;
        }
        let left: Option<RevokeRecord> = store.read(&Key::to_revoke(&name, &id)).await?;
        let next = left.map_or(0, |left| left.next_attempt);
        if !is_due(next, time::now(), RETRY_BACKOFF.longest_seconds()) {
            health.count_skipped("waits after a failure");
            continue;
        }
        // When the time of this part is over, the run stops waiting but lets the step store its result.
        let (ledger, with, of) = (ledger.clone(), config.clone(), id.clone());
        let revoking = tokio::spawn(async move { ledger.revoke_replaced(&with, &of).await });
        match tokio::time::timeout_at(budget.deadline, revoking).await {
            Ok(Ok(Ok(()))) => health.done += 1,
            Ok(Ok(Err(StepError::Local(Error::Storage(error))))) => return Err(error.into()),
            Ok(Ok(Err(error))) => health.last_error = format!("{id}: {error}"),
            Ok(Err(_)) => health.last_error = format!("{id}: work on it was cut off"),
            Err(_) => health.count_skipped(UNANSWERED),
        }
        budget.record_response(&name, &client);
    }
    Ok(health)
}

/// Downloads the stored profiles again when they are due.
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
        let stored: Option<ProfileResponse> =
            store.read(&Key::profile(&config.name, first)).await?;
        let age = stored
            .and_then(|p| time::parse(&p.downloaded))
            .map_or(i64::MAX, |at| now - at);
        if (0..config.profile_refresh).contains(&age) {
            health.count_skipped("fresh");
            continue;
        }
        if Instant::now() >= until {
            health.count_skipped("no time left in this run");
            continue;
        }
        let download = tokio::time::timeout_at(until, profiles::download(engine, config));
        let found = download
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable(UNANSWERED.to_owned())));
        match found {
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
    until: Instant,
) -> Result<JobHealth, Error> {
    let mut done = JobHealth::default();
    let schedule: TidySchedule = store.read(&Key::tidy_schedule()).await?.unwrap_or_default();
    let interval = i64::try_from(schedule.interval).unwrap_or(i64::MAX);
    let since = time::now() - schedule.last_run;
    let why_not = if interval == 0 {
        Some("no schedule")
    } else if (0..interval).contains(&since) && !tidy::is_under_way(store).await? {
        Some("not due yet")
    } else {
        account_check::clock_in_doubt(store, configs).await?
    };
    if let Some(why) = why_not {
        done.count_skipped(why);
        return Ok(done);
    }
    let Some(_turn) = engine.locks.try_lock(LockKey::Tidy) else {
        done.count_skipped("a tidy that a request started is running");
        return Ok(done);
    };
    let part = tidy::resume(engine, store, configs, schedule.safety_buffer, until).await?;
    done.done = part.removed;
    if part.complete {
        let schedule = TidySchedule {
            last_run: time::now(),
            ..schedule
        };
        store.write(&Key::tidy_schedule(), &schedule).await?;
    } else {
        done.count_skipped("too much for one run: it goes on in the next");
    }
    Ok(done)
}
