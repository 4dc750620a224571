//! Cancels orders.

use super::super::config::Config;
use super::super::deletion;
use super::super::error::scm_error;
use super::super::locks::LockKey;
use super::super::scm_adapter;
use super::super::store::{AtScm, CertKind, Ending, Intent, OrderRecord, Phase};
use super::Ledger;
use svpki_types::{OrderId, WaitingOn};
use vault_plugin::logical::Error;

impl Ledger {
    /// Cancels an open order and answers its final state: SCM may have ended the order first. An order that has
    /// already ended is removed from storage, and the answer is `None`. With `force`, an order that SCM may have is
    /// given up as well: it is not searched for any more.
    pub async fn cancel(
        &self,
        config: &Config,
        id: &OrderId,
        force: bool,
    ) -> Result<Option<OrderRecord>, Error> {
        let guard = self
            .engine
            .locks
            .lock(LockKey::order(&config.name, id))
            .await;
        let missing = || {
            Error::not_found(format!(
                "there is no order {id}: list orders/{}/",
                config.name
            ))
        };
        let mut order = self.load(&config.name, id).await?.ok_or_else(missing)?;
        if order.state().is_final() {
            drop(guard);
            deletion::delete_order(&self.engine, &self.store, &config.name, id).await?;
            return Ok(None);
        }
        // Only SCM knows what the order waits for, and the order may have ended since SCM was last asked.
        if matches!(order.phase, Phase::AtScm(_)) {
            self.collect(config, &mut order).await?;
            if let Phase::Issued(ids) = &order.phase {
                return Err(Error::Conflict(format!(
                    "order {id} has just become a certificate, {}: revoke that",
                    ids.cert_id
                )));
            }
            if order.state().is_final() {
                return Ok(Some(order));
            }
        }
        let mut told = "cancelled".to_owned();
        match &order.phase {
            Phase::Intent(Intent::Unsent | Intent::WaitsForDomain) => {}
            Phase::AtScm(AtScm {
                ids,
                waiting_on: Some(WaitingOn::Approval),
                ..
            }) if order.kind == CertKind::Ssl => {
                let client = self.engine.client(config)?;
                let ssl_id = scm_adapter::ssl_id(&ids.scm_id);
                let declined = client.ssl().decline(ssl_id, "cancelled in Vault").await;
                match declined {
                    Err(error) if force => {
                        told = format!("cancelled; SCM may still have it: {error}");
                    }
                    declined => declined.map_err(|error| scm_error(&error, "the order goes on"))?,
                }
            }
            _ if force => {}
            Phase::Intent(_) | Phase::Uncertain(_) => {
                return Err(Error::Conflict(format!(
                    "SCM's answer to order {id} was lost, and SCM may have the order: wait until the plugin has found \
                     out, or give the order up with force=true"
                )));
            }
            _ => {
                return Err(Error::Conflict(format!(
                    "order {id} cannot be cancelled{}: SCM cancels only orders that wait for approval. Revoke the \
                     certificate once it is issued, or give the order and its key up with force=true",
                    order
                        .waiting_on()
                        .map(|whom| format!(", it waits for {whom}"))
                        .unwrap_or_else(|| format!(" ({})", order.last_message))
                )));
            }
        }
        self.end(&mut order, Ending::Cancelled, told).await?;
        Ok(Some(order))
    }
}
