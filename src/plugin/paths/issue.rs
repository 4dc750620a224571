//! `issue/:role` and `sign/:role`: certificates for clients of Vault's own PKI engine.
//!
//! These clients repeat a request after any 5xx, at every restart and at every refresh, and do not say that they
//! repeat it. So the latest order of the same role, caller and names decides what is ordered (see `reuse`). A request
//! waits for a short time; if the certificate is not issued by then, the answer is 503.

use std::sync::Arc;

use super::super::config::KeyStorage;
use super::super::drift::{self, Drift};
use super::super::engine::Engine;
use super::super::ledger::{Ledger, NewOrder, Placement, WaitBudget};
use super::super::locks::Guard;
use super::super::pki_answer::{self, PkiForm};
use super::super::reuse::{Found, Wish};
use super::super::role::Role;
use super::super::store::{
    ANSWERED_AGAIN_FOR, Action, CertKind, CertRecord, Failure, KeyLocation, OrderRecord, Store,
};
use super::super::validate::{self, KeySource, ValidatedRequest};
use super::super::{
    certificates, config, fields, issuance, key_delivery, profiles, response, role_request, time,
};
use super::RequestContext;
use super::roles;
use crate::plugin::error::{NOTHING_ORDERED, bad_x509, scm_error};
use pki::Csr;
use svpki_types::{ErrorTags, OrderState, PendingOrder, RefusalCode};
use tokio::sync::oneshot;
use vault_plugin::framework::{Call, Route, Values};
use vault_plugin::logical::{Error, Operation, RawBody, Response, StorageError};

/// The most orders that one request works on, for example one that it finds and one that replaces its certificate for
/// another key.
const MOST_ORDERS: usize = 3;

/// In seconds. Three attempts of `max_wait` and two of these pauses fit into the 60 seconds of Vault's client library.
const ASK_AGAIN_AFTER: u64 = 2;

const ROLE: &str = "name of the role";

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("issue/:role", "A certificate with its key, as Vault's own PKI engine issues them")
            .describe(
                "Makes a key, orders the certificate and waits for it up to the role's max_wait. After that it answers \
                 503 with Retry-After, and the same request, sent again, waits for the same order. When a certificate \
                 in use serves the request, that certificate is answered again with its key, as far as the role's \
                 reuse allows. An order that ended without a certificate is a 4xx. The response holds what the PKI \
                 engine answers, and order_id.",
            )
            .param("role", ROLE)
            .on(Operation::Update, "Issue a certificate", fields::ISSUE, issue)
            .empty_clears(Operation::Update),
        Route::new("sign/:role", "A certificate for your CSR, as Vault's own PKI engine signs them")
            .describe(
                "Orders a certificate for the names of the CSR and waits as issue does. The same CSR is ordered once. \
                 Another CSR of the same caller for the same names continues the earlier order: a certificate that was \
                 never delivered is replaced within that order, and a certificate in use is renewed.",
            )
            .param("role", ROLE)
            .on(Operation::Update, "Sign a CSR", fields::SIGN, sign)
            .ignore_fields(Operation::Update, fields::SIGN_TOLERATED, "only you have the key")
            .empty_clears(Operation::Update),
    ]
}

async fn issue(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    answer(engine, call, |_| Ok(None)).await
}

async fn sign(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    answer(engine, call, |fields| {
        let text = config::text(fields, &fields::SIGN_CSR).ok_or_else(|| {
            Error::bad_request("csr is missing: sign takes a certificate request")
        })?;
        Csr::parse(&text).map(Some).map_err(bad_x509)
    })
    .await
}

async fn answer(
    engine: Arc<Engine>,
    call: Call,
    csr: fn(&Values) -> Result<Option<Csr>, Error>,
) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let role = roles::load(&store, call.param("role")).await?;
    let wait_budget = WaitBudget::at_most(role.max_wait);
    let csr = csr(&call.fields)?;
    let output = PkiForm::of(&call.fields, csr.is_none())?;
    let config = engine.config(&store, role.config.as_str()).await?;
    if config.kind != CertKind::Ssl {
        return Err(Error::bad_request(format!(
            "role {} orders with config {}, which is for client certificates",
            role.name, config.name
        )));
    }
    if csr.is_none() && config.key_storage == KeyStorage::Never {
        return Err(Error::bad_request(format!(
            "config {} has key_storage=never and makes no keys: use sign/{} with a CSR of your own",
            config.name, role.name
        )));
    }
    let mut warnings = role_request::without_effect(&call.fields)?;
    if let Some(csr) = &csr {
        warnings.extend(role_request::names_beside(csr, &call.fields));
    }
    let values = role_request::values(&role, &call.fields, csr.as_ref())?;
    let (ttl, warning) = role_request::ttl(&role, &call.fields)?;
    warnings.extend(warning);
    let mut wanted = validate::enrolment(&config, &values)?;
    wanted.spec.labels = role.labels.clone();
    role_request::check(&role, &call, &wanted.spec, csr.as_ref()).await?;
    let key = match &csr {
        Some(csr) => Err(csr),
        None => Ok(wanted.spec.key_type.as_str()),
    };
    let names = &wanted.spec.sans;
    let scope = format!("role {}", role.name);
    let (reuse, until) = (role.reuse, role.reuse_until);
    let request = &call.request;
    let wish = Wish::new(&scope, Some(&role.name), reuse, until, request, names, key);
    let asked = Arc::new(Asked {
        context: RequestContext {
            engine,
            store,
            config,
        },
        call,
        role,
        output,
        wanted,
        ttl,
        wish,
        wait_budget,
    });
    let mut response = asked.serve().await?;
    response.warnings.extend(warnings);
    Ok(Some(response))
}

/// A checked request to a role.
struct Asked {
    context: RequestContext,
    call: Call,
    role: Role,
    output: PkiForm,
    wanted: ValidatedRequest,
    /// The validity to order in seconds, if one is requested.
    ttl: Option<u64>,
    wish: Wish,
    wait_budget: WaitBudget,
}

impl Asked {
    async fn serve(self: &Arc<Self>) -> Result<Response, Error> {
        let RequestContext { store, config, .. } = &self.context;
        let mut warnings = Vec::new();
        for _ in 0..MOST_ORDERS {
            let turn = self.wish.lock(&self.context.engine, config);
            let Some(alone) = self.wait_budget.within(turn).await else {
                return Ok(ask_again("another request is ordering the same: ask again"));
            };
            let found = self.wish.find(store, config).await?;
            if let Found::Certificate(cert) = &found
                && let Some(response) = self.deliver(cert, true).await?
            {
                return Ok(response);
            }
            super::refuse_on_standby(&self.call).await?;
            let wanted = match found {
                Found::Order(_) => Some(self.wanted.clone()),
                _ => self.order().await?,
            };
            let Some(wanted) = wanted else {
                return Ok(ask_again(
                    "SCM has not said yet which terms the profile has: nothing is ordered; ask again",
                ));
            };
            warnings.clone_from(&wanted.warnings);
            let goes_on = match found {
                Found::Renew(_) => {
                    "SCM has not said yet what became of the certificate in use: its renewal goes on without you; ask \
                     again"
                }
                _ => "the order is not written down yet, and goes on without you: ask again",
            };
            let placed = self.placed(found, wanted, alone);
            let Some(placement) = self.wait_budget.within(placed).await else {
                return Ok(ask_again(goes_on));
            };
            let placement = placement?;
            let order = self
                .ledger()
                .wait_for(config, placement, self.wait_budget)
                .await?;
            match (order.state(), order.cert_id()) {
                (OrderState::Issued, Some(id)) => {
                    let cert = certificates::load(store, &config.name, id).await?;
                    if self.wish.is_for_its_key(&cert)
                        && let Some(mut response) = self.deliver(&cert, false).await?
                    {
                        response.warnings.append(&mut warnings);
                        if !order.last_message.is_empty() {
                            response.warn(order.last_message);
                        }
                        if cert.key_location == KeyLocation::OneTime {
                            response.warn(format!(
                                "config {} has key_storage=once: this key is answered to you again for {} minutes \
                                 and then removed, and the next request like this one orders another certificate",
                                config.name,
                                ANSWERED_AGAIN_FOR / 60
                            ));
                        }
                        return Ok(response);
                    }
                    // The certificate is for the key of an earlier request: the next round replaces it.
                }
                (state, _) if !state.is_final() => return not_yet(store, &order).await,
                _ => {
                    self.wish.note_ended(store, config, &order.id).await?;
                    return Err(ended(&order));
                }
            }
        }
        Ok(ask_again(
            "others are ordering the same names with other keys: ask again",
        ))
    }

    /// The order to place. Clients of the PKI engine never download profiles, and a `ttl` needs the terms of a
    /// profile, so a profile that is not stored is downloaded. `None` if the time is up: the download continues, and
    /// the next request finds the profile.
    async fn order(&self) -> Result<Option<ValidatedRequest>, Error> {
        let config = &self.context.config;
        let mut wanted = self.wanted.clone();
        let mut profile = None;
        if let Some(id) = wanted.spec.profile_id {
            let (engine, config) = (Arc::clone(&self.context.engine), config.clone());
            let context = self.call.context.clone();
            let found = tokio::spawn(async move {
                profiles::stored_or_at_scm(&engine, &context, &config, id, true).await
            });
            let Some(found) = self.wait_budget.within(found).await else {
                return Ok(None);
            };
            profile =
                found.map_err(|_| Error::internal("the download of the profile was cut off"))??;
        }
        let terms = profile.as_ref().map(|profile| profile.terms.as_slice());
        let usual = config.default_term()?;
        let (term, warning) = profiles::term_for(terms.unwrap_or_default(), self.ttl, usual);
        wanted.spec.term = term;
        wanted.warnings.extend(warning);
        validate::enrolment_order(config, profile.as_ref(), &mut wanted)?;
        Ok(Some(wanted))
    }

    fn ledger(&self) -> Ledger {
        self.context.ledger()
    }

    /// Places the order in a separate task, which continues after the caller's time is up: SCM may have to be asked
    /// first.
    async fn placed(
        self: &Arc<Self>,
        found: Found,
        wanted: ValidatedRequest,
        alone: Vec<Guard>,
    ) -> Result<Placement, Error> {
        let (done, placed) = oneshot::channel();
        let asked = Arc::clone(self);
        tokio::spawn(async move {
            let placement = asked.place(found, wanted).await;
            drop(alone);
            if let Err(Ok(placement)) = done.send(placement) {
                let (ledger, config) = (asked.ledger(), &asked.context.config);
                if let Err(error) = ledger.wait_for(config, placement, asked.wait_budget).await {
                    tracing::warn!(%error, "an order goes on later, whose caller did not wait for it");
                }
            }
        });
        placed
            .await
            .map_err(|_| Error::internal("placing the order was cut off"))?
    }

    async fn place(&self, found: Found, wanted: ValidatedRequest) -> Result<Placement, Error> {
        let RequestContext {
            engine,
            store,
            config,
        } = &self.context;
        let mut spec = wanted.spec;
        let action = match found {
            Found::Order(id) => return Ok(Placement::Existing(id)),
            Found::Nothing | Found::Certificate(_) => Action::Enroll,
            // SCM keeps profile and term when it replaces a certificate within its order.
            Found::Replace(cert) => {
                spec.profile_id = cert.spec.profile_id;
                spec.term = cert.spec.term;
                Action::Replace {
                    of: cert.id.clone(),
                    reason: "it was never delivered, and its caller asks again with a new key"
                        .into(),
                    revoke_old: false,
                }
            }
            Found::Renew(cert) if cert.spec.profile_id != spec.profile_id => Action::Enroll,
            Found::Renew(cert) => {
                let drift = drift::detect(&engine.client(config)?, &cert).await;
                match drift.map_err(|error| scm_error(&error, NOTHING_ORDERED))? {
                    Drift::Nothing => Action::Renew {
                        of: cert.id.clone(),
                    },
                    Drift::Revoked => {
                        drift::mark_revoked(engine, store, &cert).await?;
                        Action::Enroll
                    }
                    Drift::Replaced(_) | Drift::Renewed => Action::Enroll,
                }
            }
        };
        let csr_with_key = issuance::make_key(config, &spec, wanted.key).await?;
        let new = NewOrder {
            action,
            spec,
            auto_renew: wanted.auto_renew,
            window: wanted.window,
            automatic: false,
            identity: self.wish.identity(&self.call.request)?,
        };
        self.ledger().create(config, new, csr_with_key).await
    }

    /// Hands the certificate out; `None` if the answer needs its key and the key is gone.
    async fn deliver(&self, cert: &CertRecord, again: bool) -> Result<Option<Response>, Error> {
        let RequestContext {
            engine,
            store,
            config,
        } = &self.context;
        let caller = &self.call.request.caller;
        let needs_key = matches!(self.wanted.key, KeySource::Generate(_));
        let mut response = if needs_key {
            let mut has_key = true;
            let response =
                key_delivery::deliver_key(engine, store, &self.call.request, cert, |key| {
                    has_key = key.is_some();
                    match key {
                        Some(key) => pki_answer::certificate(cert, &self.output, Some(key)),
                        None => Ok(Response::default()),
                    }
                })
                .await?;
            if !has_key {
                return Ok(None);
            }
            response
        } else {
            pki_answer::certificate(cert, &self.output, None)?
        };
        if !caller.is_disconnected() {
            match self.wish.note_delivered(store, config, cert).await {
                // The server sends the request to its active node.
                Err(error @ Error::Storage(StorageError::ReadOnly)) => return Err(error),
                Err(error) => {
                    tracing::warn!(certificate = %cert.id, %error, "cannot note that a certificate was handed out");
                }
                Ok(()) => {}
            }
        }
        if let Some(left_out) = cert.left_out() {
            response.warn(left_out);
        }
        if again {
            response.warn(self.reused(cert));
        }
        Ok(Some(response))
    }

    /// The warning that a client gets the same certificate again, as it does each time if it renews too early.
    fn reused(&self, cert: &CertRecord) -> String {
        let days = |seconds: i64| seconds / 86_400;
        let lifetime = cert.not_after - cert.not_before;
        format!(
            "this is certificate {} again, nothing was ordered: {} days of its life are left, and it is handed out \
             until {} are (reuse_until={}). A client that renews earlier gets the same one until then",
            cert.id,
            days(cert.not_after - time::now()),
            days(self.role.reuse_until.seconds(lifetime)),
            self.role.reuse_until,
        )
    }
}

/// 503: the same request, sent again, continues to wait for the same order.
async fn not_yet(store: &Store, order: &OrderRecord) -> Result<Response, Error> {
    let pending = PendingOrder {
        order: order.id.clone(),
        config: order.config.clone(),
        waits: response::waits(store, order).await?,
    };
    Ok(unavailable(&pending.to_string()))
}

/// 503 without an order: marked with a tag, so that a program can tell it from an unknown outcome.
fn ask_again(text: &str) -> Response {
    unavailable(&ErrorTags::from(RefusalCode::AskAgain).before(text))
}

fn unavailable(text: &str) -> Response {
    Response {
        raw: Some(RawBody {
            status: 503,
            content_type: "application/json".to_owned(),
            body: serde_json::json!({"errors": [text]})
                .to_string()
                .into_bytes(),
        }),
        headers: [("Retry-After".to_owned(), ASK_AGAIN_AFTER.to_string())].into(),
        ..Response::default()
    }
}

/// The error for an order that ended without a certificate. It is a 4xx unless SCM was unavailable, because after a
/// 5xx a client would repeat the request, and order again, at once.
fn ended(order: &OrderRecord) -> Error {
    let text = issuance::ended_as(order);
    match order.failure() {
        Some(Failure::Content) => Error::BadRequest(text),
        Some(Failure::Unavailable) => Error::Unavailable(text),
        Some(Failure::Gateway) | None => Error::Conflict(text),
    }
}
