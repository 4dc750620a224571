//! `orders/:config/` and `orders/:config/:order_id`: all orders, and what they wait for.

use std::sync::Arc;

use serde_json::{Map, json};

use super::super::engine::Engine;
use super::super::ledger::Ledger;
use super::super::store::{Key, OrderRecord};
use super::super::{domains, fields, response};
use super::RequestContext;
use svpki_types::OrderId;
use vault_plugin::framework::{Call, Field, Route};
use vault_plugin::logical::{Error, Operation, Response};

const ALL: Field =
    Field::boolean("all", "Also the orders that have become certificates.").default("false");

const GIVE_UP: Field = Field::boolean(
    "force",
    "Give up the order even if SCM may have it: the plugin stops looking for it and removes its key.",
)
.default("false");

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("orders/:config/", "List the orders that are open, and those that ended without a certificate")
            .describe("With key_info: the state of each order, what it waits for, SCM's last message, and when SCM is asked next.")
            .param("config", super::CONFIG)
            .on(Operation::List, "List orders", &[fields::PAGING, &[ALL]], list),
        Route::new("orders/:config/:order_id", "An order")
            .describe(
                "A write asks SCM about the order now. Delete cancels an open order: one that waits for approval is \
                 declined at SCM, and one that was not sent is dropped. An order that the CA works on, or whose answer \
                 was lost, is given up only with force=true. The answer shows how the order ended, because SCM may have \
                 ended it first. For an order that had ended before, delete removes its record.",
            )
            .param("config", super::CONFIG)
            .param("order_id", "id of the order, as enroll answered it")
            .on(Operation::Read, "Read an order", &[], read)
            .on(Operation::Update, "Ask SCM about the order now", &[], poll)
            .on(Operation::Delete, "Cancel an order", &[&[GIVE_UP]], cancel),
    ]
}

async fn list(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext { store, config, .. } = RequestContext::of(engine, &call).await?;
    let after = call.fields.text(&fields::AFTER).unwrap_or_default();
    let limit = call
        .fields
        .integer(&fields::LIMIT)
        .filter(|n| *n > 0)
        .unwrap_or(1_000)
        .min(10_000);
    let limit = usize::try_from(limit).unwrap_or(1_000);
    let mut ids: Vec<String> = if call.fields.boolean(&ALL).unwrap_or_default() {
        store
            .list_page(&Key::orders(&config.name), &after, limit)
            .await?
    } else {
        not_certificates(&store, &config.name)
            .await?
            .into_iter()
            .filter(|id| *id > after)
            .collect()
    };
    ids.sort();
    ids.truncate(limit);
    let mut info = Map::new();
    for id in &ids {
        let Ok(id) = id.parse::<OrderId>() else {
            continue;
        };
        if let Some(order) = store
            .read::<OrderRecord>(&Key::order(&config.name, &id))
            .await?
        {
            info.insert(id.to_string(), json!(response::order(&config, &order)));
        }
    }
    Ok(Some(Response::list_with_info(ids, info)))
}

async fn not_certificates(
    store: &super::super::store::Store,
    config: &svpki_types::ConfigName,
) -> Result<Vec<String>, Error> {
    use svpki_types::Status;
    let mut children = store.list(&Key::open_orders()).await?;
    for status in [Status::Declined, Status::Rejected, Status::Failed] {
        children.extend(store.list(&Key::ended_orders(status)).await?);
    }
    Ok(children
        .iter()
        .filter_map(|child| Key::parse_order_child(child))
        .filter(|(of, _)| of == config)
        .map(|(_, id)| id.to_string())
        .collect())
}

async fn read(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext { store, config, .. } = RequestContext::of(engine, &call).await?;
    let id = order_id(&call)?;
    match store
        .read::<OrderRecord>(&Key::order(&config.name, &id))
        .await?
    {
        Some(order) => {
            let mut answer = response::order(&config, &order);
            answer.domains = domains::waited_for(&store, &order).await?;
            Response::of(&answer).map(Some)
        }
        None => Err(missing(&id)),
    }
}

async fn poll(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext {
        engine,
        store,
        config,
    } = RequestContext::of(engine, &call).await?;
    super::refuse_on_standby(&call).await?;
    let id = order_id(&call)?;
    let ledger = Ledger::new(&engine, &store);
    let order = match ledger.poll_once(&config, &id).await? {
        Some(order) => order,
        None => ledger
            .load(&config.name, &id)
            .await?
            .ok_or_else(|| missing(&id))?,
    };
    Response::of(&response::order(&config, &order)).map(Some)
}

async fn cancel(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext {
        engine,
        store,
        config,
    } = RequestContext::of(engine, &call).await?;
    super::refuse_on_standby(&call).await?;
    let force = call.fields.boolean(&GIVE_UP).unwrap_or_default();
    let ended = Ledger::new(&engine, &store)
        .cancel(&config, &order_id(&call)?, force)
        .await?;
    ended
        .map(|order| Response::of(&response::order(&config, &order)))
        .transpose()
}

fn order_id(call: &Call) -> Result<OrderId, Error> {
    call.param("order_id")
        .parse()
        .map_err(|error: svpki_types::InvalidName| Error::bad_request(error.to_string()))
}

fn missing(id: &OrderId) -> Error {
    Error::not_found(format!("there is no order {id}: list orders/<config>/"))
}
