//! The paths of the mount, one file each: a route's declaration and its handlers stand together.

mod certs;
mod configs;
mod current;
mod enroll;
mod fetch;
mod health;
mod inventory;
mod keys;
mod orders;
mod profile;
mod readcert;
mod reconcile;
mod renew;
mod replace;
mod revoke;
#[cfg(test)]
mod tests;
mod tidy;

use std::sync::Arc;

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
        inventory::routes(),
        health::routes(),
        reconcile::routes(),
        tidy::routes(),
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

/// What most handlers begin with.
struct RequestContext {
    engine: Arc<Engine>,
    store: Store,
    config: Config,
}

impl RequestContext {
    async fn of(engine: Arc<Engine>, call: &Call) -> Result<Self, Error> {
        let store = Store::of(&call.context);
        let config = engine.config(&store, call.param("config")).await?;
        Ok(Self {
            engine,
            store,
            config,
        })
    }
}

impl RequestContext {
    /// Answers the certificate of this order, or that it is pending. What `place` orders is ordered once: a request
    /// that comes again gets the result of the first, even if the config has changed since.
    async fn ordered(
        &self,
        call: &Call,
        identity: RequestIdentity,
        place: impl AsyncFnOnce(
            &Ledger,
            RequestIdentity,
            &OutputFormat,
        ) -> Result<(Placement, Vec<String>), Error>,
    ) -> Result<Response, Error> {
        let Self {
            engine,
            store,
            config,
        } = self;
        let output = OutputFormat::of(&call.fields, config)?;
        let ledger = Ledger::new(engine, store);
        let known = ledger.find_existing(config, &identity).await?;
        let (placement, warnings) = match &known {
            Some(known) => {
                refuse_on_standby(call).await?;
                let warnings = known.warning.clone().into_iter().collect();
                (Placement::Existing(known.order.clone()), warnings)
            }
            None => place(&ledger, identity.clone(), &output).await?,
        };
        let wait_budget = issuance::wait_budget(&call.fields, config);
        let order = ledger.wait_for(config, placement, wait_budget).await?;
        let caller = &call.request.caller;
        let mut answer =
            issuance::order_response(engine, store, config, &output, caller, &order).await;
        let told = answer.is_ok() || (order.state.is_final() && order.state != OrderState::Issued);
        if told && let Err(error) = ledger.mark_delivered(&identity, &order).await {
            // The answer must not be lost for that; the same request within the hour will get it once more.
            tracing::warn!(order = %order.id, %error, "cannot note that an order was heard of");
        }
        if let Ok(response) = &mut answer {
            response.warnings.extend(warnings);
        }
        answer
    }
}

fn cert_id(call: &Call) -> Result<CertId, Error> {
    call.param("id")
        .parse()
        .map_err(|error: svpki_types::InvalidName| Error::bad_request(error.to_string()))
}

/// Where a request asks SCM before its first storage write, the node must know beforehand that it may write: a standby
/// refuses here, and the server runs the request again on its active node.
async fn refuse_on_standby(call: &Call) -> Result<(), Error> {
    if call.context.system.is_standby().await? {
        return Err(vault_plugin::logical::StorageError::ReadOnly.into());
    }
    Ok(())
}
