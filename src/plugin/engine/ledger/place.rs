//! Writing an order down before anything leaves.

use std::collections::BTreeMap;

use aws_lc_rs::digest;

use super::super::certificates;
use super::super::config::Config;
use super::super::index::Editor;
use super::super::resolve::Keyed;
use super::super::store::{
    Action, CertRecord, Changes, IdempotencyRecord, Key, KeyRecord, OrderRecord, Wanted,
};
use super::super::window::Window;
use super::super::{fields, random, removal, time};
use super::{Held, Ledger, TAG, lock_name};
use crate::domain::{CertId, OrderId, OrderState};
use crate::plugin::framework::{Call, Values};
use crate::plugin::logical::Error;

/// Random enough that no two orders meet.
const ID_BYTES: usize = 12;

/// Everything that is known of an order before it is sent.
pub struct NewOrder {
    pub action: Action,
    pub wanted: Wanted,
    pub auto_renew: Option<bool>,
    pub window: Option<Window>,
    pub automatic: bool,
    pub identity: Identity,
}

/// What tells an order from every other, and by what a repeated request is known.
pub struct Identity {
    order: OrderId,
    key: Option<Idempotency>,
}

/// An idempotency key with the digests of its request.
struct Idempotency {
    hash: String,
    fields: BTreeMap<String, String>,
}

/// What placing an order came to.
pub enum Placed {
    /// Written down; this task is to send it.
    New(Box<Held>),
    /// An earlier request placed it, with this idempotency key or on this certificate.
    Known(OrderId),
}

impl Identity {
    /// Of the order that this request asks for. `step` tells enroll, renew and replace apart.
    ///
    /// The server sends a request again by itself, under the same id, when the plugin dies over it. So the order's id is
    /// made from the request's, and the second finds what the first has placed, idempotency key or not.
    pub fn of(step: &str, call: &Call) -> Result<Self, Error> {
        let order = if call.request.id.is_empty() {
            random::hex(ID_BYTES)?
        } else {
            sha256(&call.request.id)[..2 * ID_BYTES].to_owned()
        };
        Ok(Self {
            order: order_id(&order)?,
            key: Idempotency::of(step, &call.fields)?,
        })
    }

    /// Of an order that no request asked for.
    pub fn unasked() -> Result<Self, Error> {
        Ok(Self {
            order: order_id(&random::hex(ID_BYTES)?)?,
            key: None,
        })
    }
}

fn order_id(text: &str) -> Result<OrderId, Error> {
    text.parse()
        .map_err(|_| Error::internal("an order id is no id"))
}

impl Idempotency {
    fn of(step: &str, request: &Values) -> Result<Option<Self>, Error> {
        let Some(key) = request
            .text(&fields::IDEMPOTENCY_KEY)
            .filter(|key| !key.is_empty())
        else {
            return Ok(None);
        };
        if key.len() > 500 {
            return Err(Error::bad_request(
                "idempotency_key is longer than 500 bytes",
            ));
        }
        // How long a caller waits, and in which form it wants the answer, does not make it another order.
        let passing = [
            &fields::IDEMPOTENCY_KEY,
            &fields::MAX_TIMEOUT,
            &fields::LOOP_PERIOD,
            &fields::FORMAT,
            &fields::FORMAT_TYPE,
            &fields::FORMAT_PASSWORD,
            &fields::INCLUDE_ROOT,
        ];
        let mut digests = BTreeMap::from([("(path)".to_owned(), sha256(step))]);
        for (name, value) in request.given() {
            if !passing.iter().any(|field| field.name == name) {
                digests.insert(name.to_owned(), sha256(&value.to_json().to_string()));
            }
        }
        Ok(Some(Idempotency {
            hash: sha256(&key),
            fields: digests,
        }))
    }
}

impl Ledger {
    /// The order that an earlier request of this identity has placed; 409 when its idempotency key stands for another
    /// request.
    pub async fn known(
        &self,
        config: &Config,
        identity: &Identity,
    ) -> Result<Option<OrderId>, Error> {
        if let Some(key) = &identity.key
            && let Some(order) = self.keyed(config, key).await?
        {
            return Ok(Some(order));
        }
        let placed = Key::order(&config.name, &identity.order);
        Ok(self
            .store
            .exists(&placed)
            .await?
            .then(|| identity.order.clone()))
    }

    async fn keyed(
        &self,
        config: &Config,
        idempotency: &Idempotency,
    ) -> Result<Option<OrderId>, Error> {
        let key = Key::idempotency(&config.name, &idempotency.hash);
        let Some(record) = self.store.read::<IdempotencyRecord>(&key).await? else {
            return Ok(None);
        };
        let differing: Vec<&str> = record
            .fields
            .keys()
            .chain(idempotency.fields.keys())
            .filter(|name| record.fields.get(*name) != idempotency.fields.get(*name))
            .map(String::as_str)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        if differing.is_empty() {
            return Ok(Some(record.order));
        }
        Err(Error::Conflict(format!(
            "idempotency_key was used with another request (order {}): {} differ{}",
            record.order,
            differing.join(", "),
            if differing.len() == 1 { "s" } else { "" },
        )))
    }

    /// The renewal or replacement of this certificate that has not ended yet.
    pub async fn open_on(&self, cert: &CertRecord) -> Result<Option<OrderRecord>, Error> {
        let Some(id) = &cert.renewal.order else {
            return Ok(None);
        };
        let order = self.load(&cert.config, id).await?;
        Ok(order.filter(|order| !order.state.is_final()))
    }

    /// Writes the order down, key and all, in one batch: the first storage write of every request that orders, so
    /// that a node that may not write refuses here, before anything has left.
    pub async fn place(
        &self,
        config: &Config,
        new: NewOrder,
        keyed: Keyed,
    ) -> Result<Placed, Error> {
        let Identity { order: id, key } = new.identity;
        let _turn = match &key {
            Some(idempotency) => {
                let name = format!("idempotency {} {}", config.name, idempotency.hash);
                let turn = self.engine.locks.lock(&name).await;
                if let Some(order) = self.keyed(config, idempotency).await? {
                    return Ok(Placed::Known(order));
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
            state: OrderState::Intent,
            since: now,
            created: now,
            tag: format!("{TAG}{}", random::hex(16)?),
            csr: keyed.csr.to_pem(),
            custody: keyed.custody,
            unsent: false,
            sent: 0,
            account: config.account(),
            answered: false,
            adopted: false,
            attempts: 0,
            searches: 0,
            polls: 0,
            next_poll: now,
            scm_id: None,
            cert_id: None,
            waiting_on: None,
            scm_status: String::new(),
            last_code: None,
            last_message: String::new(),
            idempotency: key.as_ref().map(|idempotency| idempotency.hash.clone()),
            auto_renew: new.auto_renew,
            window: new.window,
            automatic: new.automatic,
            failure: None,
            action: new.action,
            wanted: new.wanted,
        };
        let mut changes = Changes::default();
        changes.write(&Key::order(&config.name, &id), &order)?;
        changes.write(&Key::open_order(&config.name, &id), &now)?;
        if let Some(private) = &keyed.key {
            let once = keyed.custody == super::super::store::Custody::Once;
            changes.write(
                &Key::order_key(&config.name, &id),
                &KeyRecord {
                    pem: private.to_pem(),
                    once,
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
        let guard = self.engine.locks.lock(&lock_name(&config.name, &id)).await;
        let mut index = None;
        if let Some(of) = order.action.of() {
            index = Some(self.engine.index.lock().await);
            // In the same batch, so that no other renewal or replacement can start between the two.
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
        self.store.commit(changes).await?;
        drop(index);
        if !self.store.exists(&Key::config(&config.name)).await? {
            // Deleted while this was being placed: nobody could follow the order.
            drop(guard);
            removal::order(&self.engine, &self.store, &config.name, &id).await?;
            return Err(Error::not_found(format!(
                "config {} was deleted meanwhile; nothing was ordered",
                config.name
            )));
        }
        Ok(Placed::New(Box::new(Held {
            order,
            guard,
            fresh: true,
        })))
    }
}

/// One certificate has one order at a time: SCM would take a second, and one of the two keys would be for nothing.
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

fn sha256(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}
