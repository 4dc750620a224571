//! The background job that renews certificates that are due.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::drift::{self, Drift};
use super::engine::Engine;
use super::error::{NOTHING_ORDERED, scm_error};
use super::index::{Direction, Editor, IndexRow, Reader, StatusBucket, Tree, Visited, time_key};
use super::ledger::{Ledger, RequestIdentity, WaitBudget};
use super::renewal::{self, Start};
use super::renewal_window::RenewalRule;
use super::store::{CertRecord, Changes, DomainList, Key, RETRY_BACKOFF, Store};
use super::time_budget::{RunBudget, is_due, side_by_side};
use super::{certificates, random, time};
use scm_client::Client;
use svpki_types::api::JobHealth;
use svpki_types::{ConfigName, ErrorTags};
use vault_plugin::framework::Values;
use vault_plugin::logical::Error;

/// How many renewals of one account a run starts at most; the next run continues.
const MOST_PER_RUN: usize = 50;
/// Seconds after its expiry for which a certificate is still renewed.
const GRACE: i64 = 7 * 86_400;
/// How long SCM may take to answer the state of a certificate before its renewal.
const LONGEST_LOOK: Duration = Duration::from_secs(10);
/// How many index nodes a scan reads at most. In tests a node holds an eighth of the rows.
const SCAN_BUDGET: usize = if cfg!(test) { 16_000 } else { 2_000 };

/// Renews certificates that are due, a bounded number in a bounded time.
pub async fn run(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    budget: &Arc<RunBudget>,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let accounts = due(engine, store, configs, budget, SCAN_BUDGET, &mut health).await?;
    side_by_side(accounts, health, |(config, rows)| {
        let (engine, store, budget) = (Arc::clone(engine), store.clone(), Arc::clone(budget));
        async move { renew_all(&engine, &store, &config, rows, &budget).await }
    })
    .await
}

/// Renews these certificates of one account, one after the other.
async fn renew_all(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    rows: Vec<IndexRow>,
    budget: &RunBudget,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let client = match engine.client(config) {
        Ok(client) => client,
        Err(error) => {
            health.last_error = format!("config {}: {error}", config.name);
            return Ok(health);
        }
    };
    for row in rows {
        let skipped = match budget.skip_reason(&config.name, &client) {
            Some(why) => Some(why),
            None => match renew_one(engine, store, config, &client, &row, budget).await {
                Ok(skipped) => skipped,
                Err(error) => {
                    health.last_error = format!("{}: {error}", row.id);
                    note_failure(engine, store, &row, &error).await?;
                    Some("failed")
                }
            },
        };
        match skipped {
            None => health.done += 1,
            Some(why) => health.count_skipped(why),
        }
    }
    Ok(health)
}

/// Renews one certificate, or answers why it was skipped.
async fn renew_one(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    client: &Client,
    row: &IndexRow,
    budget: &RunBudget,
) -> Result<Option<&'static str>, Error> {
    let cert = certificates::load(store, &row.config, &row.id).await?;
    // Renewing a certificate that was already renewed at SCM would cost a second certificate.
    let drift = match tokio::time::timeout(LONGEST_LOOK, drift::detect(client, &cert)).await {
        Ok(Ok(drift)) => drift,
        Ok(Err(error)) => {
            budget.record_response(&config.name, client);
            return Err(scm_error(&error, NOTHING_ORDERED));
        }
        Err(_) => {
            budget.mark_unresponsive(&config.name);
            return Err(Error::Unavailable(format!(
                "SCM did not tell the state of the certificate within {} seconds; nothing was ordered",
                LONGEST_LOOK.as_secs()
            )));
        }
    };
    if drift == Drift::Revoked {
        drift::mark_revoked(engine, store, &cert).await?;
        return Ok(Some("revoked at SCM"));
    }
    if let Some(why) = drift.explain(&cert) {
        return Err(Error::Conflict(why));
    }
    let nothing = Values::default();
    let start = Start {
        identity: RequestIdentity::internal()?,
        output: None,
        request: &nothing,
    };
    let (placement, _) = renewal::create_order(engine, store, config, &cert, start).await?;
    // The order is sent now. If it takes longer, the job `collect` continues with it.
    let wait_budget = WaitBudget::new(Duration::from_secs(2), Duration::from_secs(1));
    // If the order ends without a certificate, [`Ledger`] counts the failure.
    Ledger::new(engine, store)
        .wait_for(config, placement, wait_budget)
        .await?;
    budget.record_response(&config.name, client);
    Ok(None)
}

/// How many rows a run may take for one account, and those it has taken.
struct Account {
    most: usize,
    why_not: Option<&'static str>,
    rows: Vec<IndexRow>,
}

/// The search for rows whose renewal is due.
struct DueSearch<'a> {
    configs: &'a [Config],
    domains: BTreeMap<ConfigName, DomainList>,
    accounts: HashMap<&'a ConfigName, Account>,
    now: i64,
}

/// The rows whose renewal is due, the most urgent of each account first. The limit applies to each account separately,
/// so that no account takes the place of another. An account whose SCM did not answer the last call, or whose settings
/// give no client, has at most one row; an account whose login is in backoff has none.
///
/// At most `nodes` nodes of the index are read from its start, and as many again from where the last run stopped. So
/// each run sees the most urgent rows, and the others in turn.
pub async fn due(
    engine: &Engine,
    store: &Store,
    configs: &[Config],
    budget: &RunBudget,
    nodes: usize,
    health: &mut JobHealth,
) -> Result<Vec<(Config, Vec<IndexRow>)>, Error> {
    let mut search = DueSearch::new(engine, store, configs, budget).await?;
    let mut reader = Reader::open(store).await?;
    let start = time_key(search.now - GRACE);
    let mut end = search.scan(&mut reader, &start, nodes, health).await?;
    if let Some(front) = end {
        health.count_skipped("the index was too long for one run");
        let last = engine.renewal_scan_end();
        let from = last.filter(|last| *last > front).unwrap_or(front);
        end = search.scan(&mut reader, &from, nodes, health).await?;
    }
    engine.set_renewal_scan_end(end);
    Ok(search.accounts())
}

fn rule(configs: &[Config], name: &ConfigName) -> Option<RenewalRule> {
    let config = configs.iter().find(|config| config.name == *name);
    config.map(Config::renewal_rule)
}

impl<'a> DueSearch<'a> {
    async fn new(
        engine: &Engine,
        store: &Store,
        configs: &'a [Config],
        budget: &RunBudget,
    ) -> Result<Self, Error> {
        let account = |config: &'a Config| {
            let client = engine.client(config);
            // One renewal is enough to show whether SCM answers again, or what is wrong with the settings.
            let trusted = client
                .as_ref()
                .is_ok_and(|client| !client.last_call_unanswered());
            let account = Account {
                most: if trusted { MOST_PER_RUN } else { 1 },
                why_not: client
                    .ok()
                    .and_then(|client| budget.skip_reason(&config.name, &client)),
                rows: Vec::new(),
            };
            (&config.name, account)
        };
        Ok(Self {
            configs,
            domains: DomainList::load_all(store, configs).await?,
            accounts: configs.iter().map(account).collect(),
            now: time::now(),
        })
    }

    /// Visits the rows behind `after`. If `nodes` was not enough, answers the key behind which to continue.
    async fn scan(
        &mut self,
        reader: &mut Reader<'_>,
        after: &str,
        nodes: usize,
        health: &mut JobHealth,
    ) -> Result<Option<String>, Error> {
        let configs = self.configs;
        let furthest = reader
            .buckets
            .iter()
            .filter_map(|(_, bucket)| Some(bucket.window_seconds(rule(configs, &bucket.config)?)))
            .max()
            .unwrap_or_default();
        // A renewal may be due before its window opens, when the validation of a domain ends.
        let last = self.now + furthest / 3 * 4;
        let renews = |bucket: &StatusBucket| {
            rule(configs, &bucket.config).is_some_and(|rule| bucket.renews(rule))
        };
        let visit = |visited: &Visited<'_>| {
            let row = visited.row;
            if row.not_after <= last {
                self.consider(row, health);
            }
            row.not_after <= last
        };
        reader
            .scan(
                Tree::Expiry,
                Direction::Up,
                Some(after),
                nodes,
                renews,
                visit,
            )
            .await
    }

    /// Adds the row to its account if it is due, or counts the reason for skipping it.
    fn consider(&mut self, row: &IndexRow, health: &mut JobHealth) {
        let now = self.now;
        let plan = rule(self.configs, &row.config)
            .and_then(|rule| row.renewal(rule, self.domains.get(&row.config), now));
        if plan.is_none_or(|plan| plan.due > now && row.not_after > now) {
            return;
        }
        let Some(account) = self.accounts.get_mut(&row.config) else {
            return;
        };
        if row.renewing {
            health.count_skipped("an order for it is under way");
        } else if !is_due(row.next_attempt, now, RETRY_BACKOFF.longest_seconds()) {
            health.count_skipped("waits after a failure");
        } else if let Some(why) = account.why_not {
            health.count_skipped(why);
        } else if account.rows.len() >= account.most {
            health.count_skipped("too many for one run");
        } else {
            account.rows.push(row.clone());
        }
    }

    /// The accounts with due rows. Accounts that may renew only one certificate come last. Otherwise the order is
    /// random, because there may be more accounts than are worked on at the same time.
    fn accounts(mut self) -> Vec<(Config, Vec<IndexRow>)> {
        let mut accounts: Vec<(bool, f64, Config, Vec<IndexRow>)> = self
            .configs
            .iter()
            .filter_map(|config| {
                let account = self.accounts.remove(&config.name)?;
                let last = account.most < MOST_PER_RUN;
                let rows = Some(account.rows).filter(|rows| !rows.is_empty())?;
                Some((last, random::fraction(), config.clone(), rows))
            })
            .collect();
        accounts.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
        accounts
            .into_iter()
            .map(|(_, _, config, rows)| (config, rows))
            .collect()
    }
}

/// Stores why a renewal could not be placed, and when the next attempt is due.
async fn note_failure(
    engine: &Arc<Engine>,
    store: &Store,
    row: &IndexRow,
    error: &Error,
) -> Result<(), Error> {
    if matches!(error, Error::Storage(_)) {
        return Err(error.clone());
    }
    let _index = engine.index.lock().await;
    let Some(old) = store
        .read::<CertRecord>(&Key::cert(&row.config, &row.id))
        .await?
    else {
        return Ok(());
    };
    let mut new = old.clone();
    let why = error.to_string();
    let (tags, why) = ErrorTags::split(&why);
    new.renewal
        .failed(why.to_owned(), tags.scm_code, time::now());
    let mut changes = Changes::default();
    let mut editor = Editor::open(store).await?;
    certificates::put(&mut editor, &mut changes, Some(&old), &new).await?;
    editor.finish(&mut changes)?;
    store.commit(changes).await
}
