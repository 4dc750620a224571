//! Finds the order that an earlier request has placed.

use super::super::config::Config;
use super::super::locks::{Guard, LockKey};
use super::super::store::{
    ANSWERED_AGAIN_FOR, CertRecord, IdempotencyRecord, Key, Lifecycle, OrderRecord, Phase, ScmIds,
    UndeliveredRecord, is_answered_again,
};
use super::super::{account_check, time};
use super::Ledger;
use super::request_identity::{Idempotency, RequestIdentity};
use tokio::time::Instant;

use svpki_types::{ConfigName, OrderId, OrderState};
use vault_plugin::logical::{CallerHandle, Error};

/// For how many seconds after its issue an undelivered order waits for its caller to repeat the request. The same
/// request much later asks for another certificate.
const UNDELIVERED_FOR: i64 = 3_600;

/// How many renewals are followed at most to find the certificate in use.
pub const MOST_RENEWALS: usize = 1_000;

/// An order that an earlier request has placed.
pub struct ExistingOrder {
    pub order: OrderId,
    /// A warning that tells the caller that an earlier request placed the order.
    pub warning: Option<String>,
}

impl Ledger {
    /// The order that an earlier request with this identity has placed. Fails with 409 when the idempotency key was
    /// used for a different request.
    pub async fn find_existing(
        &self,
        config: &Config,
        identity: &RequestIdentity,
    ) -> Result<Option<ExistingOrder>, Error> {
        if let Some(key) = &identity.key {
            return self.find_by_idempotency_key(config, key).await;
        }
        if self
            .store
            .exists(&Key::order(&config.name, &identity.order))
            .await?
        {
            return Ok(Some(ExistingOrder {
                order: identity.order.clone(),
                warning: None,
            }));
        }
        match &identity.fingerprint {
            Some(fingerprint) => {
                self.find_undelivered(config, fingerprint, &identity.caller)
                    .await
            }
            None => Ok(None),
        }
    }

    /// The order of this idempotency key. When its certificate has ended, the key may be used for a new order.
    pub(super) async fn find_by_idempotency_key(
        &self,
        config: &Config,
        idempotency: &Idempotency,
    ) -> Result<Option<ExistingOrder>, Error> {
        let key = Key::idempotency(&config.name, &idempotency.hash);
        let Some(record) = self.store.read::<IdempotencyRecord>(&key).await? else {
            return Ok(None);
        };
        let Some(order) = self.in_force(config, &record.order).await? else {
            return Ok(None);
        };
        let differing = Vec::from_iter(idempotency.differing(&record.fields));
        if differing.is_empty() {
            let warning = (order != record.order).then(|| {
                format!(
                    "the certificate of order {} has ended; it was renewed as order {order}, and nothing was ordered \
                     now",
                    record.order
                )
            });
            return Ok(Some(ExistingOrder { order, warning }));
        }
        Err(Error::Conflict(format!(
            "idempotency_key was used with another request (order {}): {} differ{}",
            record.order,
            differing.join(", "),
            if differing.len() == 1 { "s" } else { "" },
        )))
    }

    /// The undelivered order of the same request by the same caller, who has disconnected. An order that ended without
    /// a certificate is forgotten, so that a repeated request places a new one.
    async fn find_undelivered(
        &self,
        config: &Config,
        fingerprint: &str,
        caller: &CallerHandle,
    ) -> Result<Option<ExistingOrder>, Error> {
        let _turn = self
            .engine
            .locks
            .lock(LockKey::request(&config.name, fingerprint))
            .await;
        let Some(record) = self
            .store
            .read::<UndeliveredRecord>(&Key::undelivered(&config.name, fingerprint))
            .await?
        else {
            return Ok(None);
        };
        let Some(order) = self.load(&config.name, &record.order).await? else {
            return Ok(None);
        };
        let now = time::now();
        let waits = match (order.state(), record.delivered_at) {
            (state, _) if state.is_final() && state != OrderState::Issued => false,
            (_, Some(at)) => is_answered_again(at, now),
            (OrderState::Issued, None) => now - order.since <= UNDELIVERED_FOR,
            _ => true,
        };
        let waits = waits && self.in_force(config, &order.id).await?.as_ref() == Some(&order.id);
        if !waits
            || !self
                .engine
                .active_callers
                .claim(&config.name, &order.id, caller)
        {
            return Ok(None);
        }
        Ok(Some(ExistingOrder {
            warning: Some(match record.delivered_at {
                None => format!(
                    "order {} of an earlier request like this one, whose answer was lost: nothing was ordered now",
                    order.id
                ),
                Some(at) => format!(
                    "order {} of the same request, which was answered {} seconds ago: nothing was ordered now. For \
                     another certificate give an idempotency_key, or ask {} seconds after the first answer",
                    order.id,
                    now - at,
                    ANSWERED_AGAIN_FOR
                ),
            }),
            order: order.id,
        }))
    }

    /// Registers the caller of this request, so that no other request is answered with its order while the caller
    /// waits. The returned guard makes equal requests wait until this order is stored. Fails when the caller has
    /// already disconnected, because it may be repeating the request.
    pub(super) async fn register_caller(
        &self,
        config: &Config,
        identity: &RequestIdentity,
    ) -> Result<Option<Guard>, Error> {
        let Some(fingerprint) = &identity.fingerprint else {
            return Ok(None);
        };
        let turn = self
            .engine
            .locks
            .lock(LockKey::request(&config.name, fingerprint))
            .await;
        if identity.caller.is_disconnected() {
            return Err(Error::internal(
                "the caller has disconnected; nothing was ordered",
            ));
        }
        self.engine
            .active_callers
            .claim(&config.name, &identity.order, &identity.caller);
        Ok(Some(turn))
    }

    /// The order with which a repeated request is answered: this order, unless its certificate has ended. Then it is
    /// the order of the first renewal whose certificate has not ended. `None` when all of them have ended, or one was
    /// deleted.
    async fn in_force(&self, config: &Config, id: &OrderId) -> Result<Option<OrderId>, Error> {
        let Some(order) = self.load(&config.name, id).await? else {
            return Ok(None);
        };
        let Phase::Issued(ScmIds { mut cert_id, .. }) = order.phase else {
            return Ok(Some(order.id));
        };
        let mut answers = Some(order.id);
        for _ in 0..MOST_RENEWALS {
            let key = Key::cert(&config.name, &cert_id);
            let Some(cert) = self.store.read::<CertRecord>(&key).await? else {
                return Ok(None);
            };
            if !self.has_ended(config, &cert).await? {
                return Ok(answers.or(cert.order));
            }
            let Some(next) = cert.renewed_to else {
                return Ok(None);
            };
            (cert_id, answers) = (next, None);
        }
        Ok(None)
    }

    /// A certificate that has ended is ordered again and paid again. So our clock is trusted only if SCM's clock does
    /// not contradict it.
    async fn has_ended(&self, config: &Config, cert: &CertRecord) -> Result<bool, Error> {
        if cert.lifecycle == Lifecycle::Revoked {
            return Ok(true);
        }
        Ok(cert.not_after <= time::now()
            && account_check::clock_in_doubt(&self.store, std::slice::from_ref(config))
                .await?
                .is_none())
    }

    /// Records that the caller of this request, if it is still connected, gets its order now. For a while the same
    /// request is answered with the same order, because the plugin cannot know whether the answer arrives.
    pub async fn mark_delivered(
        &self,
        identity: &RequestIdentity,
        order: &OrderRecord,
    ) -> Result<(), Error> {
        let Some(fingerprint) = identity
            .fingerprint
            .as_ref()
            .filter(|_| !identity.caller.is_disconnected())
        else {
            return Ok(());
        };
        // An equal request may be storing its own order at the same time.
        let _turn = self
            .engine
            .locks
            .lock(LockKey::request(&order.config, fingerprint))
            .await;
        let key = Key::undelivered(&order.config, fingerprint);
        let record = self.store.read::<UndeliveredRecord>(&key).await?;
        match record.filter(|record| record.order == order.id) {
            Some(_) if order.state().is_final() && order.state() != OrderState::Issued => {
                self.store.remove(&key).await
            }
            Some(record) if record.delivered_at.is_none() => {
                let record = UndeliveredRecord {
                    delivered_at: Some(time::now()),
                    ..record
                };
                self.store.write(&key, &record).await
            }
            _ => Ok(()),
        }
    }

    /// Removes the records of requests that were answered long enough ago. Answers how many were removed.
    pub async fn forget_delivered(
        &self,
        config: &ConfigName,
        until: Instant,
    ) -> Result<u64, Error> {
        let mut forgotten = 0;
        for fingerprint in self.store.list(&Key::undelivered_all(config)).await? {
            if Instant::now() >= until {
                break;
            }
            let key = Key::undelivered(config, &fingerprint);
            let _turn = self
                .engine
                .locks
                .lock(LockKey::request(config, &fingerprint))
                .await;
            let record: Option<UndeliveredRecord> = self.store.read(&key).await?;
            let delivered_at = record.and_then(|record| record.delivered_at);
            if delivered_at.is_some_and(|at| !is_answered_again(at, time::now())) {
                self.store.remove(&key).await?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }
}
