//! `certs/:config/` and `certs/:config/:id`: stored certificates. A read never orders within the request. If a renewal
//! is due, the read starts the background work and says so.

use std::sync::Arc;

use serde_json::{Map, json};

use super::super::engine::{Engine, config_name};
use super::super::index::IndexRow;
use super::super::response::{self, OutputFormat};
use super::super::store::{CertRecord, DomainList, Key, Lifecycle, OrderRecord, Store};
use super::super::{background, deletion, fields, key_delivery, time};
use super::RequestContext;
use svpki_types::{CertId, OrderId, Secret};
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

/// The limit of a list without `limit`, because `key_info` reads each certificate.
const DEFAULT_LIMIT: i64 = 1_000;

const TOLERATED_WHY: &str = "a read takes everything from the stored certificate";

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("certs/:config/", "List the certificates of a config")
            .describe("With key_info: names, dates and status of each. Give after and limit to page.")
            .param("config", super::CONFIG)
            .on(Operation::List, "List certificates", &[fields::PAGING], list),
        Route::new("certs/:config/:id", "A stored certificate")
            .describe(
                "Answers at once from storage. When automatic renewal is due, it is started in the background and a \
                 warning says so. The private key is on keys/, unless the config has certs_include_key=true: without \
                 it pem_bundle is the certificate and its chain. Delete removes Vault's copy and key; at SCM nothing \
                 changes.",
            )
            .param("config", super::CONFIG)
            .param("id", super::ID)
            .on(Operation::Read, "Read a certificate", &[fields::FORMATS], read)
            .ignore_fields(
                Operation::Read,
                &[
                    fields::SUBJECT,
                    fields::PROFILE,
                    fields::SSL,
                    fields::CLIENT,
                    fields::ORDER_AUTOMATION,
                    fields::WAITING,
                ],
                TOLERATED_WHY,
            )
            .on(Operation::Delete, "Delete Vault's copy", &[], delete),
    ]
}

async fn list(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext { store, config, .. } = RequestContext::of(engine, &call).await?;
    let after = call.fields.text(&fields::AFTER).unwrap_or_default();
    let limit = call
        .fields
        .integer(&fields::LIMIT)
        .filter(|n| *n > 0)
        .unwrap_or(DEFAULT_LIMIT)
        .min(10_000);
    let limit = usize::try_from(limit).unwrap_or(1_000);
    let keys = store
        .list_page(&Key::certs(&config.name), &after, limit)
        .await?;
    let domains = DomainList::load(&store, &config.name).await?;
    let mut info = Map::new();
    for id in &keys {
        let Ok(id) = id.parse::<CertId>() else {
            continue;
        };
        if let Some(cert) = store
            .read::<CertRecord>(&Key::cert(&config.name, &id))
            .await?
        {
            let row =
                IndexRow::of(&cert).answer(config.renewal_rule(), Some(&domains), time::now());
            let row = row.labelled(cert.spec.labels.or(&config.labels));
            info.insert(id.to_string(), json!(row));
        }
    }
    let full = keys.len() == limit;
    let mut response = Response::list_with_info(keys, info);
    if full {
        response.warn(format!(
            "the list may go on: ask again with after=<the last key> (limit {limit})"
        ));
    }
    Ok(Some(response))
}

async fn read(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let RequestContext {
        engine,
        store,
        config,
    } = &context;
    let id = super::cert_id(&call)?;
    let output = OutputFormat::of(&call.fields, config)?;
    let Some(cert) = store
        .read::<CertRecord>(&Key::cert(&config.name, &id))
        .await?
    else {
        return ordered(store, config, &id).await.map(Some);
    };
    let answered =
        |key: Option<&Secret>| response::certificate_with_csr(config, &cert, &output, key);
    let mut response = if config.certs_include_key {
        key_delivery::deliver_key(engine, store, &call.request, &cert, answered).await?
    } else {
        answered(None)?
    };
    let due = IndexRow::of(&cert)
        .renew_at(config.renewal_rule())
        .is_some_and(|at| at <= time::now());
    if due && cert.lifecycle == Lifecycle::Live {
        background::trigger(engine, &call.context);
        response.warn(match &cert.renewal.last_error {
            error if error.is_empty() => {
                "it is due for renewal, which runs in the background".to_owned()
            }
            error => format!("it is due for renewal; the last try failed: {error}"),
        });
    }
    Ok(Some(response))
}

/// Answers a certificate id that SCM has given to an order and not issued yet.
async fn ordered(
    store: &Store,
    config: &super::super::config::Config,
    id: &CertId,
) -> Result<Response, Error> {
    if let Some(order) = store
        .read::<OrderId>(&Key::submitted(&config.name, id))
        .await?
        && let Some(order) = store
            .read::<OrderRecord>(&Key::order(&config.name, &order))
            .await?
    {
        return response::pending(store, config, &order).await;
    }
    Err(Error::not_found(format!(
        "config {name} has no certificate {id}: list certs/{name}/, or fetch it from SCM with fetch/{name}/{id}",
        name = config.name
    )))
}

async fn delete(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let config = config_name(call.param("config"))?;
    let id = super::cert_id(&call)?;
    deletion::delete_certificate(&engine, &store, &config, &id).await?;
    Ok(None)
}
