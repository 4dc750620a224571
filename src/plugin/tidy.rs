//! Removing what is over: expired and revoked certificates, and orders that have ended.

use std::sync::Arc;

use super::config::Config;
use super::deletion;
use super::engine::Engine;
use super::index::{Direction, IndexRow, Reader, Tree};
use super::store::{CertRecord, Key, Lifecycle, OrderRecord, Store};
use super::time;
use svpki_types::api::TidyResponse;
use svpki_types::{OrderId, OrderState};
use vault_plugin::logical::Error;

/// Goes through the mount once. What stays is counted by reason.
pub async fn run(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    safety_buffer: u64,
) -> Result<TidyResponse, Error> {
    let buffer = i64::try_from(safety_buffer).unwrap_or(i64::MAX);
    let mut answer = TidyResponse {
        state: "running".into(),
        started: time::rfc3339(time::now()),
        ..TidyResponse::default()
    };
    store.write(&Key::tidy_status(), &answer).await?;
    let result = sweep(engine, store, configs, buffer, &mut answer).await;
    answer.state = "idle".into();
    answer.finished = time::rfc3339(time::now());
    if let Err(error) = &result {
        answer.last_error = error.to_string();
    }
    store.write(&Key::tidy_status(), &answer).await?;
    result.map(|()| answer)
}

async fn sweep(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    buffer: i64,
    answer: &mut TidyResponse,
) -> Result<(), Error> {
    let now = time::now();
    let (mut over, mut revoked): (Vec<IndexRow>, Vec<IndexRow>) = (Vec::new(), Vec::new());
    let mut keep = |why: &str| *answer.kept.entry(why.to_owned()).or_default() += 1;
    Reader::open(store)
        .await?
        .scan(
            Tree::Expiry,
            Direction::Up,
            None,
            usize::MAX,
            |_| true,
            |visited| {
                let row = visited.row;
                if row.lifecycle == Lifecycle::Revoked && !row.renewing {
                    revoked.push(row.clone());
                    return true;
                }
                match reason_to_keep(row, now, buffer) {
                    Some(why) => keep(why),
                    None => over.push(row.clone()),
                }
                true
            },
        )
        .await?;
    for row in revoked {
        // Only the record knows since when; one that was fetched may not.
        let cert = store
            .read::<CertRecord>(&Key::cert(&row.config, &row.id))
            .await?;
        let since = cert.and_then(|cert| cert.revoked_at);
        let ended = since.map_or(row.not_after, |since| since.min(row.not_after));
        if now - ended > buffer {
            over.push(row);
        } else {
            let why = if since.is_some() {
                "revoked within the safety buffer"
            } else {
                "revoked at SCM, not yet expired"
            };
            *answer.kept.entry(why.to_owned()).or_default() += 1;
        }
    }
    for row in over {
        if deletion::delete_certificate(engine, store, &row.config, &row.id).await? {
            answer.removed_certificates += 1;
        }
    }
    for config in configs {
        for id in store.list(&Key::orders(&config.name)).await? {
            let Ok(id) = id.parse::<OrderId>() else {
                continue;
            };
            let Some(order) = store
                .read::<OrderRecord>(&Key::order(&config.name, &id))
                .await?
            else {
                continue;
            };
            if !order.state.is_final() {
                *answer.kept.entry("order is open".into()).or_default() += 1;
            } else if let Some(cert) = &order.cert_id
                && order.state == OrderState::Issued
                && store.exists(&Key::cert(&config.name, cert)).await?
            {
                // Its idempotency key must go on to stand for this certificate: the same request again is no new order.
                *answer
                    .kept
                    .entry("order of a stored certificate".into())
                    .or_default() += 1;
            } else if now - order.since <= buffer {
                *answer
                    .kept
                    .entry("order ended within the safety buffer".into())
                    .or_default() += 1;
            } else {
                deletion::delete_order(engine, store, &config.name, &id).await?;
                answer.removed_orders += 1;
            }
        }
    }
    Ok(())
}

fn reason_to_keep(row: &IndexRow, now: i64, buffer: i64) -> Option<&'static str> {
    if row.renewing {
        return Some("an order for it is under way");
    }
    match row.lifecycle {
        Lifecycle::Live if row.not_after > now => Some("in use"),
        Lifecycle::Superseded | Lifecycle::Replaced if row.not_after > now => {
            Some("superseded, not yet expired")
        }
        _ if now - row.not_after <= buffer => Some("expired within the safety buffer"),
        _ => None,
    }
}
