//! Removes expired and revoked certificates, and orders that have ended. The walk works in slices: it needs little
//! memory, can stop after any slice, and continues from there.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::config::Config;
use super::deletion;
use super::engine::Engine;
use super::index::{Direction, IndexRow, Reader, Tree};
use super::store::{CertRecord, Key, Lifecycle, OrderRecord, Phase, ScmIds, Store};
use super::time;
use svpki_types::api::TidyResponse;
use svpki_types::{ConfigName, OrderId};
use vault_plugin::logical::Error;

/// How many index nodes one slice reads.
const SLICE_NODES: usize = 50;
/// How many orders one slice reads.
const SLICE_ORDERS: usize = 200;
/// The most entries that are removed in one batch, because the size of a server's transaction is limited.
const BATCH: usize = 16;

/// A walk that a run did not finish.
#[derive(Serialize, Deserialize)]
struct Progress {
    safety_buffer: u64,
    place: Place,
    answer: TidyResponse,
}

/// The entries behind which a walk continues; `None` at the start.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    /// A key of the expiry tree.
    certificates: Option<String>,
    certificates_done: bool,
    orders: Option<(ConfigName, String)>,
}

/// The result of one part of a walk.
pub struct Part {
    pub removed: u64,
    pub complete: bool,
}

/// Walks through the whole mount once. Entries that stay are counted by reason.
pub async fn run(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    safety_buffer: u64,
) -> Result<TidyResponse, Error> {
    let mut walk = Progress::begin(safety_buffer);
    walk.work(engine, store, configs, None).await?;
    Ok(walk.answer)
}

/// Continues the walk that the last run did not finish, or starts one, until the time is up. Does at least one slice.
pub async fn resume(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    safety_buffer: u64,
    until: Instant,
) -> Result<Part, Error> {
    let left: Option<Progress> = store.read(&Key::tidy_progress()).await?;
    let mut walk = left
        .filter(|left| left.safety_buffer == safety_buffer)
        .unwrap_or_else(|| Progress::begin(safety_buffer));
    let before = walk.removed();
    let complete = walk.work(engine, store, configs, Some(until)).await?;
    Ok(Part {
        removed: walk.removed() - before,
        complete,
    })
}

pub async fn is_under_way(store: &Store) -> Result<bool, Error> {
    store.exists(&Key::tidy_progress()).await
}

impl Progress {
    fn begin(safety_buffer: u64) -> Self {
        Self {
            safety_buffer,
            place: Place::default(),
            answer: TidyResponse {
                state: "running".into(),
                started: time::rfc3339(time::now()),
                ..TidyResponse::default()
            },
        }
    }

    fn removed(&self) -> u64 {
        self.answer.removed_certificates + self.answer.removed_orders
    }

    /// Answers whether the walk is finished.
    async fn work(
        &mut self,
        engine: &Arc<Engine>,
        store: &Store,
        configs: &[Config],
        until: Option<Instant>,
    ) -> Result<bool, Error> {
        store.write(&Key::tidy_status(), &self.answer).await?;
        let result = self.sweep(engine, store, configs, until).await;
        match &result {
            Ok(false) => store.write(&Key::tidy_progress(), &*self).await?,
            ended => {
                self.answer.state = "idle".into();
                self.answer.finished = time::rfc3339(time::now());
                if let Err(error) = ended {
                    self.answer.last_error = error.to_string();
                }
                store.remove(&Key::tidy_progress()).await?;
            }
        }
        store.write(&Key::tidy_status(), &self.answer).await?;
        result
    }

    async fn sweep(
        &mut self,
        engine: &Arc<Engine>,
        store: &Store,
        configs: &[Config],
        until: Option<Instant>,
    ) -> Result<bool, Error> {
        let is_over = || until.is_some_and(|until| Instant::now() >= until);
        while !self.place.certificates_done {
            self.certificates(engine, store).await?;
            if is_over() {
                return Ok(false);
            }
        }
        let mut configs: Vec<&ConfigName> = configs.iter().map(|config| &config.name).collect();
        configs.sort();
        for config in configs {
            let mut after = match &self.place.orders {
                Some((at, _)) if *at > *config => continue,
                Some((at, after)) if at == config => after.clone(),
                _ => String::new(),
            };
            loop {
                let ids = store
                    .list_page(&Key::orders(config), &after, SLICE_ORDERS)
                    .await?;
                let Some(last) = ids.last().cloned() else {
                    break;
                };
                self.orders(engine, store, config, &ids).await?;
                self.place.orders = Some((config.clone(), last.clone()));
                after = last;
                if is_over() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn keep(&mut self, why: &str) {
        *self.answer.kept.entry(why.to_owned()).or_default() += 1;
    }

    /// One slice of the certificates, sorted by expiry.
    async fn certificates(&mut self, engine: &Arc<Engine>, store: &Store) -> Result<(), Error> {
        let (now, buffer) = (time::now(), self.buffer());
        let (mut rows, mut last, mut is_full): (Vec<IndexRow>, _, _) = (Vec::new(), None, false);
        let mut kept = Vec::new();
        let cut = Reader::open(store)
            .await?
            .scan(
                Tree::Expiry,
                Direction::Up,
                self.place.certificates.as_deref(),
                SLICE_NODES,
                |_| true,
                |visited| {
                    let row = visited.row;
                    match reason_to_keep(row, now, buffer) {
                        Some(why) => kept.push(why),
                        None => rows.push(row.clone()),
                    }
                    last = Some(visited.key.to_owned());
                    is_full = rows.len() == BATCH;
                    !is_full
                },
            )
            .await?;
        for why in kept {
            self.keep(why);
        }
        let mut over = Vec::new();
        for row in rows {
            match since_revoked(store, &row, now, buffer).await? {
                Some(why) => self.keep(why),
                None => over.push((row.config, row.id)),
            }
        }
        self.answer.removed_certificates += deletion::certificates(engine, store, &over).await?;
        self.place.certificates_done = cut.is_none() && !is_full;
        self.place.certificates = last.or(self.place.certificates.take());
        Ok(())
    }

    async fn orders(
        &mut self,
        engine: &Arc<Engine>,
        store: &Store,
        config: &ConfigName,
        ids: &[String],
    ) -> Result<(), Error> {
        let mut over: Vec<OrderId> = Vec::new();
        for id in ids {
            let Ok(id) = id.parse::<OrderId>() else {
                continue;
            };
            let Some(order) = store.read::<OrderRecord>(&Key::order(config, &id)).await? else {
                continue;
            };
            if !order.state().is_final() {
                self.keep("order is open");
            } else if let Phase::Issued(ScmIds { cert_id: cert, .. }) = &order.phase
                && store.exists(&Key::cert(config, cert)).await?
            {
                // Its idempotency key must continue to find this certificate: a repeated request must not place a new
                // order.
                self.keep("order of a stored certificate");
            } else if time::now() - order.since <= self.buffer() {
                self.keep("order ended within the safety buffer");
            } else {
                over.push(id);
            }
        }
        for batch in over.chunks(BATCH) {
            deletion::orders(engine, store, config, batch).await?;
            self.answer.removed_orders += u64::try_from(batch.len()).unwrap_or_default();
        }
        Ok(())
    }

    fn buffer(&self) -> i64 {
        i64::try_from(self.safety_buffer).unwrap_or(i64::MAX)
    }
}

/// Why a revoked certificate stays. Only the certificate's record has the date of revocation, and the record of a
/// fetched certificate does not have it either.
async fn since_revoked(
    store: &Store,
    row: &IndexRow,
    now: i64,
    buffer: i64,
) -> Result<Option<&'static str>, Error> {
    if row.lifecycle != Lifecycle::Revoked {
        return Ok(None);
    }
    let cert: Option<CertRecord> = store.read(&Key::cert(&row.config, &row.id)).await?;
    let since = cert.and_then(|cert| cert.revoked_at);
    let ended = since.map_or(row.not_after, |since| since.min(row.not_after));
    Ok(match since {
        _ if now - ended > buffer => None,
        Some(_) => Some("revoked within the safety buffer"),
        None => Some("revoked at SCM, not yet expired"),
    })
}

fn reason_to_keep(row: &IndexRow, now: i64, buffer: i64) -> Option<&'static str> {
    if row.renewing {
        return Some("an order for it is under way");
    }
    match row.lifecycle {
        Lifecycle::Revoked => None,
        Lifecycle::Live if row.not_after > now => Some("in use"),
        Lifecycle::Superseded | Lifecycle::Replaced if row.not_after > now => {
            Some("superseded, not yet expired")
        }
        _ if now - row.not_after <= buffer => Some("expired within the safety buffer"),
        _ => None,
    }
}
