//! Stores an order before it is sent to SCM.

use super::super::certificates;
use super::super::config::Config;
use super::super::index::Editor;
use super::super::locks::LockKey;
use super::super::renewal_window::RenewalWindow;
use super::super::store::{
    Action, CertRecord, CertificateSpec, Changes, IdempotencyRecord, Intent, Key, KeyRecord,
    OrderRecord, Phase, ReuseRecord, UndeliveredRecord,
};
use super::super::validate::CsrWithKey;
use super::super::{deletion, random, time};
use super::RequestIdentity;
use super::{Ledger, LockedOrder, TAG};
use svpki_types::{CertId, OrderId};
use vault_plugin::logical::{Error, StorageError};

/// Everything about an order that is known before it is sent.
pub struct NewOrder {
    pub action: Action,
    pub spec: CertificateSpec,
    pub auto_renew: Option<bool>,
    pub window: Option<RenewalWindow>,
    pub automatic: bool,
    pub identity: RequestIdentity,
}

/// The result of placing an order.
pub enum Placement {
    /// The order was stored; this task has to send it.
    Created(Box<LockedOrder>),
    /// An earlier request placed the order: with the same idempotency key, or for the same certificate.
    Existing(OrderId),
}

impl Ledger {
    /// The open renewal or replacement of this certificate.
    pub async fn open_on(&self, cert: &CertRecord) -> Result<Option<OrderRecord>, Error> {
        let Some(id) = &cert.renewal.order else {
            return Ok(None);
        };
        let order = self.load(&cert.config, id).await?;
        Ok(order.filter(|order| !order.state().is_final()))
    }

    /// Stores the order and its key in one batch. This is the first storage write of every request that places an
    /// order: a node that may not write refuses here, before anything was sent to SCM.
    pub async fn create(
        &self,
        config: &Config,
        new: NewOrder,
        csr_with_key: CsrWithKey,
    ) -> Result<Placement, Error> {
        let _alone = self.register_caller(config, &new.identity).await?;
        let RequestIdentity {
            order: id,
            key,
            fingerprint,
            role,
            reuse,
            ..
        } = new.identity;
        let _turn = match &key {
            Some(idempotency) => {
                let key = LockKey::Idempotency(config.name.clone(), idempotency.hash.clone());
                let turn = self.engine.locks.lock(key).await;
                if let Some(known) = self.find_by_idempotency_key(config, idempotency).await? {
                    return Ok(Placement::Existing(known.order));
                }
                Some(turn)
            }
            None => None,
        };
        let now = time::now();
        let order = OrderRecord {
            id: id.clone(),
            config: config.name.clone(),
            kind: config.kind,
            phase: Phase::Intent(Intent::Written),
            since: now,
            created: now,
            tag: format!("{TAG}{}", random::hex(16)?),
            csr: csr_with_key.csr.to_pem(),
            key_location: csr_with_key.key_location,
            sent: 0,
            account: config.account(),
            attempts: 0,
            held_back: 0,
            searches: 0,
            polls: 0,
            next_poll: now,
            scm_status: String::new(),
            last_code: None,
            last_message: String::new(),
            idempotency: key.as_ref().map(|idempotency| idempotency.hash.clone()),
            fingerprint: fingerprint.clone(),
            role,
            reuse,
            auto_renew: new.auto_renew,
            window: new.window,
            automatic: new.automatic,
            action: new.action,
            spec: new.spec,
        };
        let mut changes = Changes::default();
        changes.write(&Key::order(&config.name, &id), &order)?;
        changes.write(&Key::open_order(&config.name, &id), &now)?;
        if let Some(private) = &csr_with_key.key {
            let once = csr_with_key.key_location == super::super::store::KeyLocation::OneTime;
            changes.write(
                &Key::order_key(&config.name, &id),
                &KeyRecord {
                    pem: private.to_pem(),
                    once,
                    handed_out: None,
                },
            )?;
        }
        if let Some(idempotency) = key {
            let record = IdempotencyRecord {
                order: id.clone(),
                fields: idempotency.fields,
            };
            changes.write(&Key::idempotency(&config.name, &idempotency.hash), &record)?;
        }
        if let Some(fingerprint) = &fingerprint {
            let record = UndeliveredRecord {
                order: id.clone(),
                delivered_at: None,
            };
            changes.write(&Key::undelivered(&config.name, fingerprint), &record)?;
        }
        for digest in &order.reuse {
            let record = ReuseRecord {
                order: id.clone(),
                delivered: String::new(),
                delivered_at: 0,
                cert: None,
            };
            changes.write(&Key::reuse(&config.name, digest), &record)?;
        }
        let guard = self
            .engine
            .locks
            .lock(LockKey::order(&config.name, &id))
            .await;
        let mut index = None;
        if let Some(of) = order.action.of() {
            index = Some(self.engine.index.lock().await);
            // In the same batch, so that no other renewal or replacement of the certificate can start between the
            // check and the write.
            let before = certificates::load(&self.store, &config.name, of).await?;
            if let Some(open) = self.open_on(&before).await? {
                return Err(under_way(&before.id, &open));
            }
            let mut after = before.clone();
            after.renewal.order = Some(id.clone());
            let mut editor = Editor::open(&self.store).await?;
            certificates::put(&mut editor, &mut changes, Some(&before), &after).await?;
            editor.finish(&mut changes)?;
        }
        self.commit_intent(changes, &order).await?;
        drop(index);
        if !self.store.exists(&Key::config(&config.name)).await? {
            // The config was deleted while the order was being placed, so nobody could follow the order.
            drop(guard);
            deletion::delete_order(&self.engine, &self.store, &config.name, &id).await?;
            return Err(Error::not_found(format!(
                "config {} was deleted meanwhile; nothing was ordered",
                config.name
            )));
        }
        Ok(Placement::Created(Box::new(LockedOrder {
            order,
            guard,
            fresh: true,
        })))
    }
}

impl Ledger {
    /// Commits the order. If the commit reports an error but the order is in storage, only the storage's answer was
    /// lost: the caller's task then continues with the order, instead of leaving it to the background work.
    async fn commit_intent(&self, changes: Changes, order: &OrderRecord) -> Result<(), Error> {
        let Err(error) = self.store.commit(changes).await else {
            return Ok(());
        };
        if matches!(error, Error::Storage(StorageError::ReadOnly)) {
            return Err(error);
        }
        match self.load(&order.config, &order.id).await {
            Ok(Some(found)) if found.tag == order.tag => Ok(()),
            _ => Err(error),
        }
    }
}

/// A certificate has one open order at a time: SCM would accept a second order, and one of the two new certificates
/// would be paid for nothing.
pub fn under_way(of: &CertId, open: &OrderRecord) -> Error {
    Error::Conflict(format!(
        "certificate {of}: a {} is under way already, order {}; wait for it, or cancel it on orders/{}/{}",
        match open.action {
            Action::Replace { .. } => "replacement",
            _ => "renewal",
        },
        open.id,
        open.config,
        open.id,
    ))
}
