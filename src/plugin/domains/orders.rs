//! Orders that SCM has refused because of a domain, and that wait for the validation of the domain.

use std::sync::Arc;

use super::super::config::Config;
use super::super::engine::Engine;
use super::super::locks::LockKey;
use super::super::store::{DomainList, Key, OrderRecord, Store};
use super::super::time;
use super::{DAY, Dependents, answer};
use svpki_types::api::DomainResponse;
use svpki_types::{ConfigName, WaitingOn};
use vault_plugin::logical::Error;

/// After this many seconds an order that waits for a domain is sent again, even if the domain does not look validated:
/// we may have misread its state.
const RESEND_AFTER: i64 = 6 * 3_600;
/// How many seconds an order waits for a domain at most.
pub const LONGEST_WAIT: i64 = 30 * DAY;

impl OrderRecord {
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.spec.common_name.as_str())
            .chain(self.spec.sans.iter().map(String::as_str))
    }
}

/// Whether an order that waits for domains may be sent again.
pub async fn may_send(store: &Store, order: &OrderRecord) -> Result<bool, Error> {
    let now = time::now();
    if now - order.sent >= RESEND_AFTER {
        return Ok(true);
    }
    let known = DomainList::load(store, &order.config).await?;
    let found = known.of_names(order.names());
    let validated = found
        .iter()
        .all(|domain| domain.status == "validated" && !domain.has_ended_by(now));
    // A state from before SCM refused the order proves nothing.
    Ok(validated && !found.is_empty() && known.looked > order.sent)
}

/// The domains that an order waits for.
pub async fn waited_for(store: &Store, order: &OrderRecord) -> Result<Vec<DomainResponse>, Error> {
    if order.waiting_on() != Some(WaitingOn::Dcv) {
        return Ok(Vec::new());
    }
    let known = DomainList::load(store, &order.config).await?;
    let now = time::now();
    let found = known.of_names(order.names()).into_iter();
    Ok(found
        .filter(|domain| domain.status != "validated" || domain.has_ended_by(now))
        .map(|domain| answer(&order.config, domain, &Dependents::default()))
        .collect())
}

/// What a person has to do for an order that waits for a domain; `None` if that is not known.
pub async fn to_do(store: &Store, order: &OrderRecord) -> Result<Option<String>, Error> {
    if order.waiting_on() != Some(WaitingOn::Dcv) {
        return Ok(None);
    }
    let known = DomainList::load(store, &order.config).await?;
    Ok(for_order(&known, order))
}

fn for_order(known: &DomainList, order: &OrderRecord) -> Option<String> {
    let domain = known.in_the_way(order.names(), time::now())?;
    Some(match &domain.to_publish {
        Some(record) => format!("publish {}", record.explain()),
        None => format!(
            "the validation of {0} has ended: svpki domains start {1} {0}",
            domain.domain, order.config
        ),
    })
}

/// Makes the next background run read the domains of this config. Answers what has to be published for the order.
pub async fn note_waiting(
    engine: &Engine,
    store: &Store,
    order: &OrderRecord,
) -> Result<Option<String>, Error> {
    let known = request_look(engine, store, &order.config).await?;
    Ok(for_order(&known, order))
}

/// Makes sure that the domains of a waiting order are read again, whatever the refresh period of the config is.
pub async fn keep_looking(
    engine: &Engine,
    store: &Store,
    order: &OrderRecord,
) -> Result<(), Error> {
    let known = DomainList::load(store, &order.config).await?;
    if known.is_too_old_to_wait(time::now()) {
        request_look(engine, store, &order.config).await?;
    }
    Ok(())
}

/// Makes the next background run read the domains of this config. Answers their stored state.
pub(super) async fn request_look(
    engine: &Engine,
    store: &Store,
    config: &ConfigName,
) -> Result<DomainList, Error> {
    let _turn = engine.locks.lock(LockKey::Domains(config.clone())).await;
    let mut known = DomainList::load(store, config).await?;
    if !known.awaited {
        known.awaited = true;
        store.write(&Key::domains(config), &known).await?;
    }
    Ok(known)
}

/// After a domain was validated: makes the orders of its config that wait for a domain due.
pub async fn resume_waiting_orders(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
) -> Result<(), Error> {
    {
        let _turn = engine
            .locks
            .lock(LockKey::Domains(config.name.clone()))
            .await;
        let mut known = DomainList::load(store, &config.name).await?;
        // SCM was asked about one domain only. If the list was never read, the next run must still read it.
        known.awaited |= known.is_unseen();
        known.looked = time::now() + 1;
        store.write(&Key::domains(&config.name), &known).await?;
    }
    for child in store.list(&Key::open_orders()).await? {
        let Some((name, id)) = Key::parse_order_child(&child) else {
            continue;
        };
        if name != config.name {
            continue;
        }
        let Some(_turn) = engine.locks.try_lock(LockKey::order(&name, &id)) else {
            continue;
        };
        let key = Key::order(&name, &id);
        let order: Option<OrderRecord> = store.read(&key).await?;
        if let Some(mut order) = order.filter(|order| order.waiting_on() == Some(WaitingOn::Dcv)) {
            order.next_poll = time::now();
            store.write(&key, &order).await?;
        }
    }
    Ok(())
}
