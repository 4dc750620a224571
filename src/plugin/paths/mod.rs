//! The paths of the mount. Each file has the declaration of its routes and their handlers.

mod certs;
mod configs;
mod current;
mod domains;
mod enroll;
mod fetch;
mod health;
mod inventory;
mod issue;
mod keys;
mod orders;
mod profile;
mod readcert;
mod reconcile;
mod renew;
mod replace;
mod revoke;
mod roles;
mod serials;
#[cfg(test)]
mod tests;
mod tidy;

use std::sync::Arc;

pub use serials::UNAUTHENTICATED;

use super::config::Config;
use super::engine::Engine;
use super::fields;
use super::issuance;
use super::ledger::{Ledger, Placement, RequestIdentity};
use super::response::OutputFormat;
use super::store::Store;
use svpki_types::{CertId, OrderState};
use vault_plugin::framework::{Call, Route, Router};
use vault_plugin::logical::{Error, Response};

const CONFIG: &str = "name of the config";
const ID: &str = "sectigo_cert_unique_id: the id at SCM, '_' and the customer URI";

pub fn router() -> Router<Engine> {
    let routes: Vec<Route<Engine>> = [
        configs::routes(),
        enroll::routes(),
        certs::routes(),
        readcert::routes(),
        keys::routes(),
        current::routes(),
        revoke::routes(),
        replace::routes(),
        renew::routes(),
        fetch::routes(),
        profile::routes(),
        orders::routes(),
        domains::routes(),
        inventory::routes(),
        health::routes(),
        reconcile::routes(),
        tidy::routes(),
        roles::routes(),
        issue::routes(),
        serials::routes(),
    ]
    .into_iter()
    .flatten()
    .collect();
    Router::new(
        "Sectigo Certificate Manager",
        "Orders, keeps and renews public certificates of Sectigo Certificate Manager (SCM). Write a config with your \
         SCM account, then order with enroll/<config>. Orders run in the background until SCM has decided; \
         certificates are read on certs/, their private keys on keys/, and the newest for a name on current/.",
        env!("CARGO_PKG_VERSION"),
        routes,
    )
    .ignore_fields(&[fields::ACCOUNT], fields::ACCOUNT_IN_REQUESTS_WHY)
    .ignore_fields(&[fields::RETIRED], fields::RETIRED_WHY)
}

/// The engine, the storage and the config of a request.
struct RequestContext {
    engine: Arc<Engine>,
    store: Store,
    config: Config,
}

impl RequestContext {
    async fn of(engine: Arc<Engine>, call: &Call) -> Result<Self, Error> {
        let store = Store::of(&call.context);
        let config = engine.config(&store, call.param("config")).await?;
        config.field_names.check(&call.fields)?;
        Ok(Self {
            engine,
            store,
            config,
        })
    }
}

/// What enroll, renew and replace read from a request first: the format of the answer and the request's identity.
struct OrderRequest {
    output: OutputFormat,
    identity: RequestIdentity,
}

impl OrderRequest {
    /// `step` tells enroll, renew and replace apart.
    fn parse(step: &str, call: &Call, config: &Config) -> Result<Self, Error> {
        Ok(Self {
            identity: RequestIdentity::of(step, config.kind, call)?,
            output: OutputFormat::of(&call.fields, config)?,
        })
    }
}

/// An order that this request has placed or found, with warnings for the caller.
struct OrderInHand {
    placement: Placement,
    warnings: Vec<String>,
}

impl RequestContext {
    fn ledger(&self) -> Ledger {
        Ledger::new(&self.engine, &self.store)
    }

    /// The order that an earlier request has placed. A repeated request gets the result of the first one, even if the
    /// config has changed since.
    async fn existing(
        &self,
        call: &Call,
        request: &OrderRequest,
    ) -> Result<Option<OrderInHand>, Error> {
        let found = self
            .ledger()
            .find_existing(&self.config, &request.identity)
            .await?;
        let Some(known) = found else {
            return Ok(None);
        };
        refuse_on_standby(call).await?;
        Ok(Some(OrderInHand {
            placement: Placement::Existing(known.order),
            warnings: known.warning.into_iter().collect(),
        }))
    }

    /// Waits for the order as long as the request allows, and answers its certificate, or that it is pending.
    async fn respond(
        &self,
        call: &Call,
        request: &OrderRequest,
        in_hand: OrderInHand,
    ) -> Result<Option<Response>, Error> {
        let Self {
            engine,
            store,
            config,
        } = self;
        let ledger = self.ledger();
        let wait_budget = issuance::wait_budget(&call.fields, config);
        let order = ledger
            .wait_for(config, in_hand.placement, wait_budget)
            .await?;
        let answer = issuance::order_response(
            engine,
            store,
            config,
            &request.output,
            &call.request,
            &order,
        )
        .await;
        let told =
            answer.is_ok() || (order.state().is_final() && order.state() != OrderState::Issued);
        if told && let Err(error) = ledger.mark_delivered(&request.identity, &order).await {
            // The answer must not fail because of this. The same request within the hour is answered with the same
            // order once more.
            tracing::warn!(order = %order.id, %error, "cannot note that the answer about an order was delivered");
        }
        let mut response = answer?;
        response.warnings.extend(in_hand.warnings);
        Ok(Some(response))
    }
}

fn cert_id(call: &Call) -> Result<CertId, Error> {
    call.param("id")
        .parse()
        .map_err(|error: svpki_types::InvalidName| Error::bad_request(error.to_string()))
}

/// For requests that ask SCM before their first storage write: refuses on a standby, and the server sends the request
/// to its active node.
async fn refuse_on_standby(call: &Call) -> Result<(), Error> {
    if call.context.system.is_standby().await? {
        return Err(vault_plugin::logical::StorageError::ReadOnly.into());
    }
    Ok(())
}
