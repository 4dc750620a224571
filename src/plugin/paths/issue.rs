//! `issue/:role` and `sign/:role`: certificates as programs of Vault's own PKI engine ask for them.
//!
//! These programs ask again after any 5xx, at every restart and at every refresh, and never say that they do. So what is
//! ordered goes by what an earlier order of the same role, caller and names has left (see `reuse`), a request waits for
//! a short while, and what is not issued by then is answered with 503.

use std::sync::Arc;

use super::super::config::KeyStorage;
use super::super::drift::{self, Drift};
use super::super::engine::Engine;
use super::super::ledger::{Ledger, NewOrder, Placement, WaitBudget};
use super::super::locks::Guard;
use super::super::pki_answer::{self, PkiForm};
use super::super::reuse::{Found, Wish};
use super::super::role::{KeyType, Role};
use super::super::store::{
    ANSWERED_AGAIN_FOR, Action, CertKind, CertRecord, CertificateSpec, Failure, KeyLocation,
    OrderRecord, Store,
};
use super::super::validate::{self, KeySource, ValidatedRequest};
use super::super::{certificates, config, fields, issuance, key_delivery, profiles, time};
use super::RequestContext;
use super::roles;
use crate::plugin::error::{bad_x509, scm_error};
use pki::{Csr, San};
use svpki_types::{OrderState, PendingOrder};
use tokio::sync::oneshot;
use vault_plugin::framework::{Call, Field, Route, Value, Values};
use vault_plugin::logical::{Error, Operation, RawBody, Response, StorageError};

/// Orders that one request goes through at most: one that it finds, and one that replaces it for another key.
const MOST_ORDERS: usize = 3;

/// Seconds. Three tries of `max_wait` and two of these pauses fit into the 60 seconds of Vault's client library.
const ASK_AGAIN_AFTER: u64 = 2;

/// RFC 5280's time for "no end", which clients send and the calendar here does not reach.
const WITHOUT_END: &str = "9999-12-31T23:59:59Z";

const ROLE: &str = "name of the role";

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("issue/:role", "A certificate with its key, as Vault's own PKI engine issues them")
            .describe(
                "Makes a key, orders the certificate and waits for it up to the role's max_wait; then it answers 503 \
                 with Retry-After, and the same request asks on for the same order. A request that a certificate in \
                 use would serve gets that one again, key included, as the role's reuse says. What has ended without \
                 a certificate is a 4xx. The response holds what the PKI engine answers, and order_id.",
            )
            .param("role", ROLE)
            .on(Operation::Update, "Issue a certificate", fields::ISSUE, issue)
            .empty_clears(Operation::Update),
        Route::new("sign/:role", "A certificate for your CSR, as Vault's own PKI engine signs them")
            .describe(
                "Orders a certificate for the names of the CSR and waits as issue does. The same CSR is ordered once. \
                 Another CSR of the same caller for the same names goes on from the earlier order: a certificate that \
                 nobody has got is replaced within it, and one in use is renewed.",
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
    let mut warnings = without_effect(&call.fields)?;
    if let Some(csr) = &csr {
        warnings.extend(names_beside(csr, &call.fields));
    }
    let mut values = values(&role, &call.fields, csr.as_ref())?;
    let profile = profile_id(&role, &config)?;
    if let Some(id) = profile {
        // A ttl means nothing without the terms that can be ordered, and these clients never ask for profiles. The
        // download goes on when the caller's time is up, so that the next request finds the profile.
        let (engine, context, config) = (Arc::clone(&engine), call.context.clone(), config.clone());
        let stored =
            tokio::spawn(
                async move { profiles::store_missing(&engine, &context, &config, id).await },
            );
        match wait_budget.within(stored).await {
            Some(Ok(stored)) => stored?,
            Some(Err(_)) => return Err(Error::internal("the download of the profile was cut off")),
            None => {
                return Ok(Some(ask_again(
                    "SCM has not said yet which terms the profile has: nothing is ordered; ask again",
                )));
            }
        }
    }
    let terms = profiles::terms(&store, &config, profile).await?;
    let (term, warning) = term(&config, &role, &terms, &call.fields)?;
    if let Some(term) = term {
        values.insert(&fields::TERM, Value::Integer(term));
    }
    warnings.extend(warning);
    let wanted = validate::enrolment(&engine, &call.context, &config, &values).await?;
    check(&role, &call, &wanted.spec, csr.as_ref()).await?;
    let key = match &csr {
        Some(csr) => Err(csr),
        None => Ok(wanted.spec.key_type.as_str()),
    };
    let names = &wanted.spec.sans;
    let scope = format!("role {}", role.name);
    let (reuse, until) = (role.reuse, role.reuse_until);
    let request = &call.request;
    let wish = Wish::new(&scope, Some(&role.name), reuse, until, request, names, key);
    warnings.extend(wanted.warnings.iter().cloned());
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
        wish,
        wait_budget,
    });
    let mut response = asked.serve().await?;
    response.warnings.extend(warnings);
    Ok(Some(response))
}

/// A checked request of a role.
struct Asked {
    context: RequestContext,
    call: Call,
    role: Role,
    output: PkiForm,
    wanted: ValidatedRequest,
    wish: Wish,
    wait_budget: WaitBudget,
}

impl Asked {
    async fn serve(self: &Arc<Self>) -> Result<Response, Error> {
        let RequestContext { store, config, .. } = &self.context;
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
            let placed = self.placed(found, alone);
            let Some(placement) = self.wait_budget.within(placed).await else {
                return Ok(ask_again(
                    "SCM has not said yet what became of the certificate in use: its renewal goes on without you; \
                     ask again",
                ));
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
                    // Issued for the key of an earlier request: it is replaced in the next round.
                }
                (state, _) if !state.is_final() => return Ok(not_yet(&order)),
                _ => {
                    self.wish.note_ended(store, config, &order.id).await?;
                    return Err(ended(&order));
                }
            }
        }
        Err(Error::Unavailable(
            "others are ordering the same names with other keys: ask again".into(),
        ))
    }

    fn ledger(&self) -> Ledger {
        self.context.ledger()
    }

    /// Places it in a task of its own, which goes on when the caller's time is up: SCM may have to be asked before.
    async fn placed(self: &Arc<Self>, found: Found, alone: Vec<Guard>) -> Result<Placement, Error> {
        let (done, placed) = oneshot::channel();
        let asked = Arc::clone(self);
        tokio::spawn(async move {
            let placement = asked.place(found).await;
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

    async fn place(&self, found: Found) -> Result<Placement, Error> {
        let RequestContext {
            engine,
            store,
            config,
        } = &self.context;
        let mut spec = self.wanted.spec.clone();
        let action = match found {
            Found::Order(id) => return Ok(Placement::Existing(id)),
            Found::Nothing | Found::Certificate(_) => Action::Enroll,
            // Within its order SCM keeps profile and term.
            Found::Replace(cert) => {
                spec.profile_id = cert.spec.profile_id;
                spec.term = cert.spec.term;
                Action::Replace {
                    of: cert.id.clone(),
                    reason: "its caller never got it, and asks with a new key".into(),
                    revoke_old: false,
                }
            }
            Found::Renew(cert) if cert.spec.profile_id != spec.profile_id => Action::Enroll,
            Found::Renew(cert) => {
                let drift = drift::detect(&engine.client(config)?, &cert).await;
                match drift.map_err(|error| scm_error(&error, "nothing was ordered"))? {
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
        let source = match &self.wanted.key {
            KeySource::Csr(csr) => KeySource::Csr(csr.clone()),
            KeySource::Generate(spec) => KeySource::Generate(*spec),
        };
        let csr_with_key = issuance::make_key(config, &spec, source).await?;
        let new = NewOrder {
            action,
            spec,
            auto_renew: self.wanted.auto_renew,
            window: self.wanted.window,
            automatic: false,
            identity: self.wish.identity(&self.call.request)?,
        };
        self.ledger().create(config, new, csr_with_key).await
    }

    /// Hands the certificate out; `None` when its key was to be with it and is gone.
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
                // The server runs the request again on its active node.
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

    /// A client whose own window opens earlier would ask in vain, again and again.
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

/// What the role says of names and of the CSR's key.
async fn check(
    role: &Role,
    call: &Call,
    spec: &CertificateSpec,
    csr: Option<&Csr>,
) -> Result<(), Error> {
    let mut names = validate::parse_sans(&spec.sans)?;
    names.push(San::parse(&spec.common_name).map_err(bad_x509)?);
    if let Some(csr) = csr {
        names.extend(csr.sans().iter().cloned());
        role.check_key(csr)?;
    }
    let entity = if role.needs_entity() && !call.request.entity_id.is_empty() {
        call.context.system.entity(&call.request.entity_id).await?
    } else {
        None
    };
    role.check_names(&names, entity.as_ref())
}

/// The request in the words of an enrolment. What the config has as a default for these is none for a role's request.
fn values(role: &Role, asked: &Values, csr: Option<&Csr>) -> Result<Values, Error> {
    let (name, sans) = match csr {
        Some(csr) => {
            let sans: Vec<String> = csr.sans().iter().map(San::to_string).collect();
            (csr.common_name().map(str::to_owned), sans)
        }
        None => {
            let list = |field: &Field| asked.text_list(field).unwrap_or_default();
            let mut sans = list(&fields::ISSUE_ALT_NAMES);
            for ip in list(&fields::ISSUE_IPS) {
                if ip.parse::<std::net::IpAddr>().is_err() {
                    return Err(Error::bad_request(format!(
                        "ip_sans: {ip:?} is no IP address"
                    )));
                }
                sans.push(ip);
            }
            (config::text(asked, &fields::ISSUE_NAME), sans)
        }
    };
    let name = name.or_else(|| sans.first().cloned()).ok_or_else(|| {
        Error::bad_request(match csr {
            Some(_) => "the CSR has neither a common name nor other names",
            None => "common_name is missing: give it, or alt_names",
        })
    })?;
    let mut values = Values::default();
    let mut all = vec![name.clone()];
    all.extend(sans);
    values.insert(&fields::COMMON_NAME, Value::Text(name));
    values.insert(&fields::SSL_ALT_NAMES, Value::TextList(all));
    values.insert(
        &fields::CSR,
        Value::Text(csr.map(Csr::to_pem).unwrap_or_default()),
    );
    if let (KeyType::Only(spec), None) = (role.key_type, csr) {
        values.insert(&fields::KEY_ALGO, Value::Text(spec.algorithm().to_owned()));
        values.insert(&fields::KEY_SIZE, Value::Text(spec.size().to_owned()));
    }
    if let Some(id) = role.profile_id {
        values.insert(&fields::PROFILE_ID, Value::Integer(id));
    }
    if let Some(auto_renew) = role.auto_renew {
        values.insert(&fields::AUTO_RENEW, Value::Boolean(auto_renew));
    }
    Ok(values)
}

/// Refuses what SCM cannot put into a certificate, and warns of what has no effect: clients send much of it always.
fn without_effect(asked: &Values) -> Result<Vec<String>, Error> {
    for field in [
        &fields::ISSUE_URIS,
        &fields::ISSUE_OTHERS,
        &fields::ISSUE_USER_IDS,
    ] {
        if !asked.text_list(field).unwrap_or_default().is_empty() {
            return Err(Error::bad_request(format!(
                "{}: {}",
                field.name, field.description
            )));
        }
    }
    let text = |field: &Field| config::text(asked, field);
    if text(&fields::ISSUE_SERIAL).is_some() {
        let field = &fields::ISSUE_SERIAL;
        return Err(Error::bad_request(format!(
            "{}: {}",
            field.name, field.description
        )));
    }
    let mut warnings = Vec::new();
    if text(&fields::ISSUE_ISSUER).is_some_and(|issuer| issuer != "default") {
        warnings.push("issuer_ref is not used: the profile decides which CA issues".into());
    }
    let named = text(&fields::ISSUE_NAME);
    let others = asked
        .text_list(&fields::ISSUE_ALT_NAMES)
        .unwrap_or_default();
    if asked.boolean(&fields::ISSUE_EXCLUDE_CN) == Some(true)
        && named.is_some_and(|name| !others.contains(&name))
    {
        warnings.push(
            "exclude_cn_from_sans is not used: a public CA puts the common name among the names"
                .into(),
        );
    }
    for field in [
        &fields::ISSUE_METADATA,
        &fields::ISSUE_NOT_BEFORE,
        &fields::PKCS12_ENCODER,
        &fields::JKS_ALIAS,
    ] {
        if asked.has(field) && text(field).is_some() {
            warnings.push(format!("{} is not used: {}", field.name, field.description));
        }
    }
    Ok(warnings)
}

/// As in the PKI engine, the names of a CSR are ordered, and no others.
fn names_beside(csr: &Csr, asked: &Values) -> Option<String> {
    let mut named: Vec<String> = config::text(asked, &fields::ISSUE_NAME)
        .into_iter()
        .collect();
    for field in [&fields::ISSUE_ALT_NAMES, &fields::ISSUE_IPS] {
        named.extend(asked.text_list(field).unwrap_or_default());
    }
    let in_csr = |name: &String| {
        let name = name.to_ascii_lowercase();
        csr.sans().iter().any(|san| san.to_string() == name)
            || csr
                .common_name()
                .is_some_and(|own| own.eq_ignore_ascii_case(&name))
    };
    named.retain(|name| !in_csr(name));
    (!named.is_empty()).then(|| format!("not in the CSR, and so not ordered: {}", named.join(", ")))
}

/// The role's profile, else the config's.
fn profile_id(role: &Role, config: &config::Config) -> Result<Option<i64>, Error> {
    match role.profile_id {
        Some(id) => Ok(Some(id)),
        None => super::super::field_values::profile_id(&config.given, config.kind),
    }
}

/// The term to order, in days, and what to say when it is another validity than was asked for.
fn term(
    config: &config::Config,
    role: &Role,
    terms: &[i64],
    asked: &Values,
) -> Result<(Option<i64>, Option<String>), Error> {
    let mut ttl = asked.seconds(&fields::ISSUE_TTL).filter(|ttl| *ttl > 0);
    if let Some(end) = config::text(asked, &fields::ISSUE_NOT_AFTER) {
        let end = match end.parse() {
            Ok(end) => end,
            Err(_) if end == WITHOUT_END => jiff::Timestamp::MAX,
            Err(_) => {
                return Err(Error::bad_request(format!(
                    "not_after {end:?} is no time such as 2027-01-31T12:00:00Z"
                )));
            }
        };
        if ttl.is_some() {
            return Err(Error::bad_request(
                "ttl and not_after are both given: give one",
            ));
        }
        let left = u64::try_from(end.as_second() - time::now()).unwrap_or_default();
        if left == 0 {
            return Err(Error::bad_request("not_after is in the past"));
        }
        ttl = Some(left);
    }
    let mut warnings = Vec::new();
    if let (Some(given), Some(most)) = (ttl, role.max_ttl)
        && given > most
    {
        warnings.push(format!(
            "a ttl of {given} seconds is above the role's max_ttl of {most}, which stands"
        ));
        ttl = Some(most);
    }
    let ttl = ttl.or(role.ttl).or(role.max_ttl);
    let (term, warning) = profiles::term_for(terms, ttl, config.default_term()?);
    warnings.extend(warning);
    Ok((term, (!warnings.is_empty()).then(|| warnings.join("; "))))
}

/// 503: the same request, sent again, goes on waiting for the same order.
fn not_yet(order: &OrderRecord) -> Response {
    let waits = match (order.state(), order.waiting_on()) {
        (OrderState::Uncertain, _) => {
            "SCM's answer was lost, and the order is being looked up there".to_owned()
        }
        (OrderState::Intent, _) => "SCM has not taken it yet".to_owned(),
        (_, Some(waiting_on)) => format!("it waits for {waiting_on}"),
        _ => "the CA has not issued it yet".to_owned(),
    };
    ask_again(
        &PendingOrder {
            order: order.id.clone(),
            config: order.config.clone(),
            waits,
        }
        .to_string(),
    )
}

fn ask_again(text: &str) -> Response {
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

/// What has ended is for people to mend: a 5xx would make a program ask, and order, again at once.
fn ended(order: &OrderRecord) -> Error {
    let text = issuance::ended_as(order);
    match order.failure() {
        Some(Failure::Content) => Error::BadRequest(text),
        Some(Failure::Unavailable) => Error::Unavailable(text),
        Some(Failure::Gateway) | None => Error::Conflict(text),
    }
}
