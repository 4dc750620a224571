//! Looks at pending orders until they are certificates.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::error::BulkError;
use super::outcome::{Outcome, State};
use super::send::ordered;
use svpki_types::api::OrderResponse;
use svpki_types::{Backoff, OrderState, Status};
use vault_client::{EngineClient, VaultError, VaultErrorKind};

const LOOKS_AT_ONCE: usize = 8;

/// The present outcome of a pending row. The engine may ask SCM about the order; nothing is ordered.
pub async fn look(
    engine: &EngineClient,
    config: &str,
    outcome: &Outcome,
) -> Result<Outcome, VaultError> {
    if outcome.order_id.is_empty() {
        return collected(engine, config, &outcome.id, outcome).await;
    }
    let order = match asked(engine, config, &outcome.order_id).await {
        Ok(order) => order,
        // The record of an order may be removed once its certificate is stored.
        Err(error) if error.kind == VaultErrorKind::NotFound && !outcome.id.is_empty() => {
            return collected(engine, config, &outcome.id, outcome).await;
        }
        Err(error) => return Err(error),
    };
    match order.state {
        Some(OrderState::Issued) => {
            collected(engine, config, &order.sectigo_cert_unique_id, outcome).await
        }
        Some(state) if state.is_final() => Ok(Outcome {
            state: State::Failed,
            status: state.status().as_str().to_owned(),
            scm_code: order.last_scm_code,
            message: order.last_message,
            ..outcome.clone()
        }),
        _ => {
            let whom = order
                .waiting_on
                .map_or(String::new(), |whom| format!(", waits on {whom}"));
            Ok(Outcome {
                id: order.sectigo_cert_unique_id,
                role: order.role.unwrap_or_default(),
                status: Status::Pending.as_str().to_owned(),
                scm_code: order.last_scm_code,
                message: format!("order {} is pending{whom}", outcome.order_id),
                ..outcome.clone()
            })
        }
    }
}

/// The order after the engine asked SCM about it, if the token permits that; otherwise as it is stored.
async fn asked(
    engine: &EngineClient,
    config: &str,
    order: &str,
) -> Result<OrderResponse, VaultError> {
    let path = engine.path(&format!("orders/{config}/{order}"));
    match engine.server().write(&path, &json!({})).await {
        Ok(answer) => Ok(answer.into::<OrderResponse>()?.value),
        Err(error) if error.kind == VaultErrorKind::NotFound => Err(error),
        Err(_) => Ok(engine.order(config, order).await?.value),
    }
}

/// The outcome of the certificate as it is stored now.
pub async fn collected(
    engine: &EngineClient,
    config: &str,
    id: &str,
    before: &Outcome,
) -> Result<Outcome, VaultError> {
    let answer = engine.readcert(config, id, None).await?.value;
    let mut outcome = ordered(&answer);
    // The stored certificate does not contain the id of its order.
    outcome.order_id.clone_from(&before.order_id);
    outcome.action.clone_from(&before.action);
    outcome.attempt = before.attempt;
    Ok(outcome)
}

/// Looks at the pending rows again and again until all have ended or `until` has passed. `before` returns the outcome
/// of a row so far, `changed` receives the new one.
pub async fn poll_pending<'e>(
    at: impl Fn(u64) -> Result<(&'e EngineClient, &'e str), BulkError>,
    mut pending: Vec<u64>,
    until: Instant,
    shutdown: &impl Fn() -> bool,
    before: impl Fn(u64) -> Result<Outcome, BulkError>,
    mut changed: impl AsyncFnMut(u64, Outcome) -> Result<(), BulkError>,
) -> Result<(), BulkError> {
    let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));
    let mut looks_done = 0;
    loop {
        let pause = backoff.after(looks_done);
        let looks = pending.into_iter().map(|row| {
            let (before, at) = (before(row), at(row));
            async move {
                let (before, (engine, config)) = (before?, at?);
                // When the look fails, the row simply stays pending.
                let now = look(engine, config, &before).await.unwrap_or(before);
                Ok::<_, BulkError>((row, now))
            }
        });
        let mut looked = stream::iter(looks).buffered(LOOKS_AT_ONCE);
        let mut still = Vec::new();
        while let Some((row, now)) = looked.try_next().await? {
            if now.state == State::Pending {
                still.push(row);
            }
            changed(row, now).await?;
        }
        drop(looked);
        pending = still;
        if pending.is_empty() || shutdown() || Instant::now() + pause > until {
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        looks_done += 1;
    }
}
