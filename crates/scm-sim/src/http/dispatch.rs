//! The steps of every API call: consult the rules, authenticate the caller, run the handler under the lock, wait until
//! the journal is written. Only then is the answer sent, or lost if the scenario says so.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawPathParams, Request};
use axum::http::header::{CONTENT_LENGTH, DATE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, Response};
use axum::routing::{MethodFilter, on};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde_json::Value;

use super::auth::Caller;
use super::listener::{Abandoned, HangUp, Peer};
use super::refusal::Refusal;
use super::reply::Reply;
use crate::ca::Csr;
use crate::call_log::LoggedCall;
use crate::look;
use crate::order::id_of_backend;
use crate::settings::{ClientVersions, Drop, Effects};
use crate::world::World;

/// The path of the OAuth2 token endpoint, to which a refused login refers.
pub const TOKEN_PATH: &str = "/auth/realms/apiclients/protocol/openid-connect/token";

/// A call of the documented API. The path begins after the prefix; `{version}` stands for `v1` and `v2`.
pub struct Route {
    pub verb: Verb,
    pub path: &'static str,
    /// The name of the call in scenarios and in the log.
    pub call: &'static str,
    pub handler: Handler,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

pub type Handler = fn(&mut World, &Ask) -> Result<Reply, Refusal>;

/// A call as the handler gets it.
pub struct Ask {
    pub caller: Caller,
    pub body: Bytes,
    pub effects: Effects,
    params: Vec<(String, String)>,
    query: Vec<(String, String)>,
}

/// The world, shared by all connections.
#[derive(Clone)]
pub struct Dispatcher(Arc<Mutex<World>>);

const LONGEST_BODY: usize = 8 * 1024 * 1024;
const PREFIXES: [&str; 2] = ["/api", "/private/api"];

impl Dispatcher {
    pub fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ask {
    pub fn param(&self, name: &str) -> &str {
        let mut params = self.params.iter();
        params
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// The `{id}` of the path.
    pub fn id(&self) -> Result<u32, Refusal> {
        self.param("id")
            .parse()
            .map_err(|_| Refusal::coded(-124, "Wrong SSL certificate id"))
    }

    /// A query parameter that is present and not empty.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The part of a list that `position` and `size` select, with the length of the whole list.
    pub fn page<T>(
        &self,
        items: Vec<T>,
        default_size: usize,
        shown: impl Fn(T) -> Value,
    ) -> Result<Reply, Refusal> {
        let number = |name: &str, largest: usize| {
            self.query(name)
                .map(|text| {
                    text.parse::<usize>()
                        .ok()
                        .filter(|number| *number <= largest)
                        .ok_or_else(|| {
                            Refusal::member_limit(name, &format!("must be between 0 and {largest}"))
                        })
                })
                .transpose()
        };
        let size = number("size", 200)?.unwrap_or(default_size);
        let position = number("position", i32::MAX as usize)?.unwrap_or(0);
        let total = items.len();
        let chosen = items
            .into_iter()
            .skip(position)
            .take(size)
            .map(shown)
            .collect();
        Ok(Reply::page(chosen, total))
    }
}

/// All routes, under both prefixes.
pub fn router(desk: &Dispatcher, routes: impl Iterator<Item = &'static Route>) -> Router {
    let mut router = Router::new();
    for route in routes {
        for prefix in PREFIXES {
            for path in versions(route.path) {
                let desk = desk.clone();
                let private = prefix != PREFIXES[0];
                let handler = move |params: RawPathParams,
                                    Extension(peer): Extension<Peer>,
                                    request: Request| {
                    let params = params
                        .iter()
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .collect();
                    answer(desk, route, private, params, peer, request)
                };
                router = router.route(&format!("{prefix}{path}"), on(route.verb.filter(), handler));
            }
        }
    }
    router
}

impl Verb {
    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

fn versions(path: &str) -> Vec<String> {
    if path.contains("{version}") {
        ["v1", "v2"]
            .iter()
            .map(|version| path.replace("{version}", version))
            .collect()
    } else {
        vec![path.to_owned()]
    }
}

async fn answer(
    desk: Dispatcher,
    route: &'static Route,
    private: bool,
    params: Vec<(String, String)>,
    peer: Peer,
    request: Request,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LONGEST_BODY).await else {
        return Reply::text("text/plain", "Request Entity Too Large")
            .with_status(413)
            .into_response();
    };
    let call = match route.call {
        "list" if head.method == Method::HEAD => "count",
        "client_list" if head.method == Method::HEAD => "client_count",
        call => call,
    };
    let query = head.uri.query().unwrap_or_default().to_owned();
    let mut log = LoggedCall {
        number: 0,
        at: Timestamp::UNIX_EPOCH,
        call,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: query.clone(),
        login: None,
        body: body.clone(),
        status: None,
        error: None,
        rules: Vec::new(),
    };
    let looks = {
        let world = desk.world();
        let (domain, order) = looked_at(&world, route.call, &params, &body);
        (
            world.looks(domain.as_deref(), order),
            world.settings.switches.clone(),
        )
    };
    let seen = look::all(looks.0, &looks.1).await;
    let (reply, effects, ticket, now) = {
        let mut world = desk.world();
        world.settle();
        world.looked(seen);
        let (effects, rules) = consult(&mut world, call, &params, &body);
        log.rules = rules;
        let proven = Proof {
            headers: &head.headers,
            private,
            certified: peer.certified,
            path: head.uri.path(),
        };
        let outcome = if effects.drop == Some(Drop::Before) {
            None
        } else {
            let ask = |caller| Ask {
                caller,
                params,
                query: url::form_urlencoded::parse(query.as_bytes())
                    .into_owned()
                    .collect(),
                body,
                effects: effects.clone(),
            };
            Some(work(
                &mut world,
                route,
                &proven,
                &effects,
                &mut log.login,
                ask,
            ))
        };
        let reply = outcome.map(|outcome| {
            outcome.unwrap_or_else(|refusal| {
                log.error = Some(format!(
                    "{} {}",
                    refusal
                        .code
                        .map_or_else(String::new, |code| code.to_string()),
                    refusal.description
                ));
                refused(&world, &refusal)
            })
        });
        let lost = effects.drop.is_some();
        log.status = reply.as_ref().filter(|_| !lost).map(|reply| reply.status);
        log.at = world.now();
        let (ticket, now) = (world.ticket(), world.now());
        world.call_log.log(log);
        (reply, effects, ticket, now)
    };
    let safe = match ticket {
        Ok(Some(ticket)) => ticket.safe().await,
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    if let Some(slow) = effects.slow {
        tokio::time::sleep(slow.unsigned()).await;
    }
    let reply = match (safe, reply) {
        (Ok(()), Some(reply)) if effects.drop.is_none() => reply,
        (Ok(()), _) => return HangUp::response(),
        (Err(error), _) => {
            let switches = desk.world().settings.switches.clone();
            Reply::refusal(&error.into(), &switches)
        }
    };
    finished(reply, &effects, now)
}

struct Proof<'a> {
    headers: &'a HeaderMap,
    private: bool,
    certified: bool,
    path: &'a str,
}

/// Executes a call: the front proxy's fault, authentication, and the handler.
fn work(
    world: &mut World,
    route: &Route,
    proof: &Proof<'_>,
    effects: &Effects,
    login: &mut Option<String>,
    ask: impl FnOnce(Caller) -> Ask,
) -> Result<Reply, Refusal> {
    if let Some(status) = effects.status {
        return Ok(proxy_answer(status, effects));
    }
    let caller = Caller::admit(world, proof.headers, proof.private, proof.certified)?;
    *login = Some(caller.login.clone());
    if effects.expire_token == Some(true) {
        let token = proof.headers.get("authorization");
        if let Some(token) = token.and_then(|token| token.to_str().ok()) {
            world
                .call_log
                .revoke_token(token.trim_start_matches("Bearer ").trim());
        }
        return Err(Refusal::unknown_user());
    }
    if world.settings.switches.client_versions == ClientVersions::ByLogin
        && !is_documented(proof.path, &caller)
    {
        return Err(Refusal::no_such_path());
    }
    if let Some(error) = &effects.error {
        let refusal = Refusal::coded(error.code, error.description.clone());
        return Err(match error.status {
            Some(status) => refusal.with_status(status),
            None => refusal,
        });
    }
    (route.handler)(world, &ask(caller))
}

/// Whether the documents for this login method contain the client certificate call in this version.
fn is_documented(path: &str, caller: &Caller) -> bool {
    let Some((_, call)) = path.split_once("/smime/") else {
        return true;
    };
    let (version, rest) = call.split_once('/').unwrap_or((call, ""));
    if caller.by_token {
        return version == "v2";
    }
    let by_person = rest.starts_with("byPerson");
    let newer = rest.is_empty() || rest.starts_with("renew/") || rest.starts_with("replace/");
    by_person || newer == (version == "v2")
}

/// The answer of a front proxy: text or an HTML page. SCM never sees such a call.
fn proxy_answer(status: u16, effects: &Effects) -> Reply {
    let default = match status {
        429 => "Too Many Requests",
        502 => "Bad Gateway",
        503 => "upstream connect error or disconnect/reset before headers. reset reason: overflow",
        _ => "Internal Server Error",
    };
    let text = effects.body.as_deref().unwrap_or(default);
    let reply = if effects.html == Some(true) {
        let page = format!(
            "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status} {text}</h1></center>\r\n</body>\r\n</html>\r\n"
        );
        Reply::text("text/html", page)
    } else {
        let content_type = effects.content_type.as_deref().unwrap_or("text/plain");
        Reply::text(content_type, text)
    };
    let reply = reply.with_status(status);
    match effects.retry_after {
        Some(seconds) => reply.with_header(RETRY_AFTER, seconds.to_string()),
        None => reply,
    }
}

fn refused(world: &World, refusal: &Refusal) -> Reply {
    let reply = Reply::refusal(refusal, &world.settings.switches);
    if reply.status == 401 {
        let server = format!(
            "Bearer realm=\"apiclients\", authorization_uri=\"{}{}\"",
            world.base_url, TOKEN_PATH
        );
        return reply.with_header(WWW_AUTHENTICATE, server);
    }
    reply
}

/// Finishes an answer: adds this SCM's time, and cuts the body if a rule says so.
fn finished(reply: Reply, effects: &Effects, now: Timestamp) -> Response<Body> {
    let whole = Bytes::copy_from_slice(&reply.body);
    let mut response = reply.into_response();
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, date);
    }
    if effects.abandon_connection == Some(true) {
        response.extensions_mut().insert(Abandoned);
    }
    if let Some(length) = effects.truncate {
        let promised = HeaderValue::from(whole.len().max(1));
        response.headers_mut().insert(CONTENT_LENGTH, promised);
        *response.body_mut() = cut_short(&whole, length);
    }
    response
}

/// A body that ends with an error after `length` bytes, or one byte before its end if it is shorter.
fn cut_short(whole: &Bytes, length: usize) -> Body {
    let kept = whole.slice(..length.min(whole.len().saturating_sub(1)));
    let broken = async {
        // Gives the connection a moment to send the first part.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut by the scenario"))
    };
    let start = stream::once(async { Ok(kept) });
    Body::from_stream(start.chain(stream::once(broken)))
}

/// The effects of the scenario's rules on this call, and the names of the rules that apply.
fn consult(
    world: &mut World,
    call: &'static str,
    params: &[(String, String)],
    body: &[u8],
) -> (Effects, Vec<String>) {
    if world.settings.rules.is_empty() {
        return Default::default();
    }
    let (profile, common_name) = subject(world, params, body);
    let World {
        settings, call_log, ..
    } = world;
    call_log.consult(&settings.rules, call, profile, common_name.as_deref())
}

/// The domain or the order that the CA checks because of this call.
fn looked_at(
    world: &World,
    call: &str,
    params: &[(String, String)],
    body: &[u8],
) -> (Option<String>, Option<u32>) {
    match call {
        "domain_sync" if world.settings.switches.sync_looks => {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            (body["domain"].as_str().map(str::to_lowercase), None)
        }
        "dcv_recheck" => {
            let id = params.iter().find(|(name, _)| name == "id");
            (None, id.and_then(|(_, id)| id.parse().ok()))
        }
        _ => (None, None),
    }
}

/// The profile and common name that a call is about: those of the order it names, or of the request in its body.
fn subject(
    world: &World,
    params: &[(String, String)],
    body: &[u8],
) -> (Option<u32>, Option<String>) {
    let order = params.iter().find_map(|(name, value)| match name.as_str() {
        "id" => world.any_order(value.parse().ok()?),
        "backend" => world.any_order(id_of_backend(value.parse().ok()?)?),
        "serial" => world.order_by_serial(value),
        "renew_id" => world.order_by_renew_id(value),
        _ => None,
    });
    if let Some(order) = order {
        return (Some(order.profile), Some(order.common_name.clone()));
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return (None, None);
    };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let profile = members.get("certType").and_then(|profile| match profile {
        Value::Number(number) => number.as_u64().and_then(|id| u32::try_from(id).ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    let common_name = text("email")
        .map(str::to_owned)
        .or_else(|| Csr::parse(text("csr")?).ok()?.common_name)
        .or_else(|| text("commonName").map(str::to_owned));
    (profile, common_name)
}
