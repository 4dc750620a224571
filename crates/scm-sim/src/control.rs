//! The control API, for tests and for the page: plain JSON without login. Calls from other web sites are refused.
//!
//! | call | meaning |
//! |---|---|
//! | `GET /control/orders?common_name=&kind=&state=&newest=` | `{"count", "orders": […]}`, oldest first; each filter is exact, case ignored; `newest` shows only the last so many |
//! | `POST /control/orders/{id}/approve` `decline` `reject` `revoke` `replace` `validate` `discover` | what a person or the CA does outside of the caller's sight; `validate` ends a pending DCV, `discover` makes the certificate one that was brought in from outside. Body may hold `{"reason_code": 1}` for `revoke` |
//! | `GET /control/calls?call=&after=&newest=` | log of calls, oldest first, bodies without secrets; `after` is a call's `number` |
//! | `DELETE /control/calls` | forgets the log and the counters |
//! | `GET /control/counters` | `{"orders", "ssl_orders", "client_orders", "calls": {kind: count}}` |
//! | `GET /control/scenario`, `PUT /control/scenario` | the settings as JSON; `PUT` takes JSON, or TOML with `Content-Type: application/toml`, replaces them all and starts the rules' counts anew |
//! | `PUT /control/rules`, `POST /control/rules` | replaces the rules by a list; adds one or a list in front |
//! | `PATCH /control/switches` | changes the switches named in the body |
//! | `GET /control/clock`, `POST /control/clock` | `{"now"}`; `{"advance": "10m"}` moves this SCM's clock |
//! | `GET /control/domains` | every domain with its validation |
//! | `PUT /control/domains` | enters or changes a domain: `{"name", "valid_for", "method", "organisations", "suspended"}`, as in a scenario |
//! | `POST /control/domains/{name}/validate` | the domain is validated now, as by a click in a mail |
//! | `POST /control/reset` | no orders, people, calls or counts; the clock right; scenario, CA and login stay |
//!
//! An error answers 400, 404 or 409 with `{"error": …}`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, patch, post, put};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call_log::LoggedCall;
use super::domain::{Domain, Method};
use super::http::Dispatcher;
use super::order::{Order, State as OrderState};
use super::settings::{DomainSetting, Kind, Rule, Settings, Span};
use super::world::World;

pub(super) fn router() -> Router<Dispatcher> {
    Router::new()
        .route("/control/orders", get(orders))
        .route("/control/orders/{id}/{step}", post(step))
        .route("/control/calls", get(calls).delete(forget_calls))
        .route("/control/counters", get(counters))
        .route("/control/scenario", get(scenario).put(replace_scenario))
        .route("/control/rules", put(replace_rules).post(add_rules))
        .route("/control/switches", patch(change_switches))
        .route("/control/clock", get(clock).post(advance))
        .route("/control/domains", get(domains).put(enter_domain))
        .route("/control/domains/{name}/validate", post(validate_domain))
        .route("/control/reset", post(reset))
        .layer(from_fn(same_site))
}

/// Why a control call failed.
struct Problem(StatusCode, String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

fn bad(error: impl ToString) -> Problem {
    Problem(StatusCode::BAD_REQUEST, error.to_string())
}

/// Pages of other sites must not control the simulator through a person's browser.
async fn same_site(request: Request, next: Next) -> Response {
    let own = from_own_page(request.headers());
    if own {
        next.run(request).await
    } else {
        Problem(StatusCode::FORBIDDEN, "called from another site".to_owned()).into_response()
    }
}

fn from_own_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    text(ORIGIN).is_none_or(|origin| origin.split_once("://").map(|(_, at)| at) == text(HOST))
}

/// Does the work under the lock, and answers when the journal is written.
async fn changed<T>(
    desk: &Dispatcher,
    work: impl FnOnce(&mut World) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let unsafe_state = |error: super::state_log::Unwritable| {
        Problem(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    };
    let (answer, ticket) = {
        let mut world = desk.world();
        world.settle();
        let answer = work(&mut world)?;
        (answer, world.ticket().map_err(unsafe_state)?)
    };
    if let Some(ticket) = ticket {
        ticket.safe().await.map_err(unsafe_state)?;
    }
    Ok(answer)
}

#[derive(Deserialize)]
struct OrderFilter {
    common_name: Option<String>,
    kind: Option<Kind>,
    state: Option<String>,
    newest: Option<usize>,
}

async fn orders(
    State(desk): State<Dispatcher>,
    Query(filter): Query<OrderFilter>,
) -> Result<Json<Value>, Problem> {
    changed(&desk, |world| {
        let same = |wanted: &Option<String>, value: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
        };
        let found: Vec<&Order> = world
            .orders()
            .filter(|order| same(&filter.common_name, &order.common_name))
            .filter(|order| filter.kind.is_none_or(|kind| kind == order.kind))
            .filter(|order| same(&filter.state, &format!("{:?}", order.state)))
            .collect();
        let newest = filter.newest.unwrap_or(found.len()).min(found.len());
        let chosen: Vec<Value> = found[found.len() - newest..]
            .iter()
            .map(|order| shown(order))
            .collect();
        Ok(Json(json!({ "count": found.len(), "orders": chosen })))
    })
    .await
}

fn shown(order: &Order) -> Value {
    json!({
        "id": order.id,
        "kind": order.kind,
        "backend_id": order.backend_id().to_string(),
        "renew_id": order.renew_id,
        "common_name": order.common_name,
        "names": order.names,
        "org_id": order.org_id,
        "profile": order.profile,
        "term": order.term,
        "state": format!("{:?}", order.state),
        "requester": order.requester,
        "requested": order.requested.to_string(),
        "comments": order.comments,
        "dcv_pending": order.dcv_open,
        "renewed": order.renewed,
        "serial": order.certificate.as_ref().map(|issued| &issued.serial),
        "not_after": order.certificate.as_ref().map(|issued| issued.not_after.to_string()),
        "certificates": order.certificates().count(),
    })
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StepBody {
    reason_code: Option<u8>,
}

async fn step(
    State(desk): State<Dispatcher>,
    Path((id, step)): Path<(u32, String)>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let body: StepBody = if body.is_empty() {
        StepBody::default()
    } else {
        serde_json::from_slice(&body).map_err(bad)?
    };
    changed(&desk, |world| {
        let missing = || Problem(StatusCode::NOT_FOUND, format!("there is no order {id}"));
        let mut order = world.any_order(id).cloned().ok_or_else(missing)?;
        take_step(world, &mut order, &step, &body)?;
        world.keep(order);
        world.any_order(id).map(shown).map(Json).ok_or_else(missing)
    })
    .await
}

fn take_step(world: &World, order: &mut Order, step: &str, body: &StepBody) -> Result<(), Problem> {
    use OrderState::{Applied, Issued, Rejected, Requested};
    let now = world.now();
    match (step, order.state) {
        ("approve", Requested) => world.approve(order, now),
        ("decline", Requested) => World::decline(order, now),
        ("reject", Requested | Applied) => {
            order.state = Rejected;
            order.work = None;
        }
        ("validate", _) if order.dcv_open => {
            order.dcv_open = false;
            order.not_before(now);
        }
        ("discover", _) => order.imported = true,
        ("revoke", Issued) => World::revoke(order, now, body.reason_code.unwrap_or(0)),
        ("replace", Issued) => world.replace_outside(order, now),
        ("approve" | "decline" | "reject" | "validate" | "revoke" | "replace", state) => {
            let text = format!("order {} is {state:?}: cannot {step}", order.id);
            return Err(Problem(StatusCode::CONFLICT, text));
        }
        _ => {
            let text = format!(
                "there is no step {step:?}: use approve, decline, reject, validate, discover, revoke or replace"
            );
            return Err(Problem(StatusCode::NOT_FOUND, text));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct CallFilter {
    call: Option<String>,
    #[serde(default)]
    after: u64,
    newest: Option<usize>,
}

async fn calls(State(desk): State<Dispatcher>, Query(filter): Query<CallFilter>) -> Json<Value> {
    let world = desk.world();
    let mut chosen: Vec<&LoggedCall> = world
        .call_log
        .calls()
        .rev()
        .filter(|call| call.number > filter.after)
        .filter(|call| filter.call.as_ref().is_none_or(|kind| kind == call.call))
        .take(filter.newest.unwrap_or(usize::MAX))
        .collect();
    chosen.reverse();
    Json(chosen.into_iter().map(LoggedCall::to_json).collect())
}

async fn forget_calls(State(desk): State<Dispatcher>) -> StatusCode {
    desk.world().call_log.forget_calls();
    StatusCode::NO_CONTENT
}

async fn counters(State(desk): State<Dispatcher>) -> Json<Value> {
    let world = desk.world();
    let of = |kind| world.orders().filter(|order| order.kind == kind).count();
    let (ssl, client) = (of(Kind::Ssl), of(Kind::Client));
    Json(json!({
        "orders": ssl + client,
        "ssl_orders": ssl,
        "client_orders": client,
        "calls": world.call_log.counters,
    }))
}

async fn scenario(State(desk): State<Dispatcher>) -> Json<Value> {
    Json(json!(desk.world().settings))
}

async fn replace_scenario(
    State(desk): State<Dispatcher>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let toml = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/toml"));
    let settings: Settings = if toml {
        let text = std::str::from_utf8(&body).map_err(bad)?;
        toml::from_str(text).map_err(bad)?
    } else {
        serde_json::from_slice(&body).map_err(bad)?
    };
    settings.check().map_err(bad)?;
    changed(&desk, |world| {
        world.call_log.restart_rules(settings.rules.len());
        world.settings = settings;
        world.enter_domains();
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

async fn domains(State(desk): State<Dispatcher>) -> Json<Value> {
    Json(json!(desk.world().domains().collect::<Vec<_>>()))
}

async fn enter_domain(State(desk): State<Dispatcher>, body: Bytes) -> Result<Json<Value>, Problem> {
    let setting: DomainSetting = serde_json::from_slice(&body).map_err(bad)?;
    changed(&desk, |world| {
        let entered = world.entered(&setting);
        let known = world.domain(entered.id).cloned();
        let domain = Domain {
            running: known.as_ref().and_then(|known| known.running.clone()),
            proof: known.and_then(|known| known.proof),
            ..entered
        };
        world.keep_domain(domain.clone());
        Ok(Json(json!(domain)))
    })
    .await
}

async fn validate_domain(
    State(desk): State<Dispatcher>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    changed(&desk, |world| {
        let missing = || Problem(StatusCode::NOT_FOUND, format!("there is no domain {name}"));
        let mut domain = world.domain_by_name(&name).cloned().ok_or_else(missing)?;
        let method = domain
            .running
            .as_ref()
            .map_or(Method::Email, |running| running.method);
        world.prove(&mut domain, method);
        world.keep_domain(domain.clone());
        Ok(Json(json!(domain)))
    })
    .await
}

/// Reads one rule or a list of rules.
fn read_rules(body: &[u8]) -> Result<Vec<Rule>, Problem> {
    match serde_json::from_slice(body).map_err(bad)? {
        list @ Value::Array(_) => serde_json::from_value(list).map_err(bad),
        one => serde_json::from_value(one)
            .map(|rule| vec![rule])
            .map_err(bad),
    }
}

async fn replace_rules(State(desk): State<Dispatcher>, body: Bytes) -> Result<StatusCode, Problem> {
    let rules = read_rules(&body)?;
    let mut world = desk.world();
    world.call_log.restart_rules(rules.len());
    world.settings.rules = rules;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_rules(State(desk): State<Dispatcher>, body: Bytes) -> Result<StatusCode, Problem> {
    let mut rules = read_rules(&body)?;
    let mut world = desk.world();
    world.call_log.add_rules_in_front(rules.len());
    rules.append(&mut world.settings.rules);
    world.settings.rules = rules;
    Ok(StatusCode::NO_CONTENT)
}

async fn change_switches(
    State(desk): State<Dispatcher>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let changes: serde_json::Map<String, Value> = serde_json::from_slice(&body).map_err(bad)?;
    let mut world = desk.world();
    let mut switches = match json!(world.settings.switches) {
        Value::Object(members) => members,
        _ => Default::default(),
    };
    switches.extend(changes);
    world.settings.switches = serde_json::from_value(Value::Object(switches)).map_err(bad)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clock(State(desk): State<Dispatcher>) -> Json<Value> {
    Json(json!({ "now": desk.world().now().to_string() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: Span,
}

async fn advance(State(desk): State<Dispatcher>, body: Bytes) -> Result<Json<Value>, Problem> {
    let Advance { advance } = serde_json::from_slice(&body).map_err(bad)?;
    changed(&desk, |world| {
        world.advance(advance.signed());
        Ok(Json(json!({ "now": world.now().to_string() })))
    })
    .await
}

async fn reset(State(desk): State<Dispatcher>) -> Result<StatusCode, Problem> {
    changed(&desk, |world| {
        world.reset();
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
