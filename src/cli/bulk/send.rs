//! Sends the request of one row, even if the server is unavailable for a while.
//!
//! A request without an answer is sent again under the same idempotency key until the server is back or the patience
//! ends. If the first request did place an order, the engine answers with that order, so nothing is ordered twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use super::outcome::{Outcome, State};
use super::repeated_warnings::RepeatedWarnings;
use svpki_types::api::{CertificateResponse, NOT_ISSUED_YET, left_out};
use svpki_types::{Backoff, RefusalCode, Status};
use vault_client::{EngineClient, Server, VaultError, VaultErrorKind};

/// Asks a person for another token. `None` when nobody can be asked or no token is given.
pub trait TokenPrompt: Send + Sync {
    fn login(&self, server: &Server, refused: &VaultError) -> Option<Server>;
}

/// The request for a row. Steps contain the id of their certificate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Order {
    Enroll(Map<String, Value>),
    Renew(String, Map<String, Value>),
    Replace(String, Map<String, Value>),
    Revoke(String, Map<String, Value>),
}

/// How a row's request ended, and whether the run can go on.
#[derive(Debug, Clone)]
pub enum SendResult {
    Answered(Box<Response>),
    /// The server did not answer within the patience. The run stops.
    Unreachable(VaultError),
    /// The token is no longer accepted and there is no other one. The run stops.
    TokenRejected(VaultError),
}

#[derive(Debug, Clone)]
pub struct Response {
    pub outcome: Outcome,
    /// The certificate and the key, as far as the engine returned them.
    pub answer: Option<CertificateResponse>,
    /// SCM refused the account, or the server refused the token. The row itself is not at fault.
    pub account_refused: bool,
    /// The engine refused the request, and nothing was ordered.
    pub not_taken: Option<VaultError>,
    /// The order that already used the idempotency key with different values.
    pub other_order: Option<String>,
}

impl Response {
    /// The order that ended without a certificate, if the answer names it.
    pub fn ended_order(&self) -> Option<&str> {
        if !self.outcome.order_id.is_empty() {
            return Some(&self.outcome.order_id);
        }
        let (_, rest) = self.outcome.message.split_once("order ")?;
        rest.split_whitespace().next()
    }
}

/// Sends the requests of all rows of one config.
pub struct Sender {
    engine: Mutex<(u32, EngineClient)>,
    config: String,
    patience: Duration,
    login: Option<Arc<dyn TokenPrompt>>,
    /// How many of the latest answers in a row were pending.
    pending: AtomicU32,
    /// The server does not answer, and the operator was told.
    away: AtomicBool,
    /// Warnings of the engine that are not in the outcomes of the rows.
    pub warnings: RepeatedWarnings,
}

/// After this many pending answers in a row the CA is considered slow, and further requests do not wait for it.
const SLOW_AFTER: u32 = 8;

impl Sender {
    pub fn new(
        engine: EngineClient,
        config: &str,
        patience: Duration,
        login: Option<Arc<dyn TokenPrompt>>,
    ) -> Self {
        Self {
            engine: Mutex::new((0, engine)),
            config: config.to_owned(),
            patience,
            login,
            pending: AtomicU32::new(0),
            away: AtomicBool::new(false),
            warnings: RepeatedWarnings::default(),
        }
    }

    pub fn config(&self) -> &str {
        &self.config
    }

    /// The engine client with the current token.
    pub async fn engine(&self) -> EngineClient {
        self.engine.lock().await.1.clone()
    }

    /// Sends the request until there is an answer. `shutdown` ends the wait for a server that does not answer; `say` is
    /// called with messages about that.
    pub async fn send(
        &self,
        order: &Order,
        key: &str,
        shutdown: &impl Fn() -> bool,
        say: &impl Fn(&str),
    ) -> SendResult {
        let started = Instant::now();
        let backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(5));
        let mut failures = 0;
        loop {
            let (generation, engine) = self.engine.lock().await.clone();
            let error = match self.once(&engine, order, key).await {
                Ok(answer) => {
                    if self.away.swap(false, Ordering::Relaxed) {
                        say("the server answers again");
                    }
                    return SendResult::Answered(Box::new(self.response(order, answer)));
                }
                Err(error) if error.kind == VaultErrorKind::Denied => {
                    match engine.server().token().await {
                        // The token is still valid, but its policy forbids this request.
                        Ok(_) => return SendResult::Answered(Box::new(refused(&error))),
                        // Whether the token is still valid is not known.
                        Err(lookup) if is_transient(&lookup) => lookup,
                        Err(_) if self.login_again(generation, &error).await => continue,
                        Err(_) => return SendResult::TokenRejected(error),
                    }
                }
                Err(error) => error,
            };
            if !is_transient(&error) {
                return SendResult::Answered(Box::new(refused(&error)));
            }
            let pause = backoff.after(failures);
            if started.elapsed() + pause > self.patience || shutdown() {
                return SendResult::Unreachable(error);
            }
            if !self.away.swap(true, Ordering::Relaxed) {
                say(&format!(
                    "no answer ({}): asking again for up to {} s",
                    error
                        .errors
                        .first()
                        .map_or("the server is away", String::as_str),
                    self.patience.as_secs()
                ));
            }
            tokio::time::sleep(pause).await;
            failures += 1;
        }
    }

    async fn once(
        &self,
        engine: &EngineClient,
        order: &Order,
        key: &str,
    ) -> Result<CertificateResponse, VaultError> {
        let body = |fields: &Map<String, Value>| {
            let mut body = fields.clone();
            body.insert("idempotency_key".into(), json!(key));
            // In seconds. Five seconds are enough for the engine to ask SCM once. A slow CA is followed later by
            // [`poll_pending`].
            let slow = self.pending.load(Ordering::Relaxed) >= SLOW_AFTER;
            body.insert(
                "sectigo_max_timeout".into(),
                json!(if slow { 1 } else { 5 }),
            );
            Value::Object(body)
        };
        let config = &self.config;
        let answered = match order {
            Order::Enroll(fields) => engine.enroll(config, &body(fields)).await?,
            Order::Renew(id, fields) => engine.renew(config, id, &body(fields)).await?,
            Order::Replace(id, fields) => engine.replace(config, id, &body(fields)).await?,
            Order::Revoke(id, fields) => {
                let fields = Value::Object(fields.clone());
                match engine.revoke(config, id, &fields).await {
                    // `AlreadyRevoked` is no error: an earlier request has revoked it, but its answer was lost.
                    Err(error) if error.refusal != Some(RefusalCode::AlreadyRevoked) => {
                        return Err(error);
                    }
                    Err(_) => {}
                    Ok(revoked) => revoked.warnings.iter().for_each(|w| self.warnings.add(w)),
                }
                return Ok(engine.readcert(config, id, None).await?.value);
            }
        };
        // These warnings are already in the row's outcome.
        let left_out = left_out(&answered.value.missing_names);
        let said =
            |text: &String| text.starts_with(NOT_ISSUED_YET) || Some(text) == left_out.as_ref();
        let warnings = answered.warnings.iter().filter(|text| !said(text));
        warnings.for_each(|text| self.warnings.add(text));
        Ok(answered.value)
    }

    fn response(&self, order: &Order, answer: CertificateResponse) -> Response {
        let outcome = match order {
            Order::Revoke(..) => revoked(&answer),
            _ => ordered(&answer),
        };
        match outcome.state {
            State::Pending => self.pending.fetch_add(1, Ordering::Relaxed),
            _ => self.pending.swap(0, Ordering::Relaxed),
        };
        Response {
            outcome,
            answer: Some(answer),
            account_refused: false,
            not_taken: None,
            other_order: None,
        }
    }

    /// When the token was refused for several rows, only one of them asks for another token; the others wait for it.
    async fn login_again(&self, generation: u32, refused: &VaultError) -> bool {
        let mut current = self.engine.lock().await;
        if current.0 != generation {
            return true;
        }
        let Some(login) = self.login.clone() else {
            return false;
        };
        let (server, error) = (current.1.server().clone(), refused.clone());
        let asked = tokio::task::spawn_blocking(move || login.login(&server, &error)).await;
        let Ok(Some(server)) = asked else {
            return false;
        };
        *current = (generation + 1, server.engine(current.1.mount()));
        true
    }
}

/// Whether the fault is temporary: the same request may succeed later, and can safely be sent again.
pub fn is_transient(error: &VaultError) -> bool {
    if error.refusal == Some(RefusalCode::OrderEnded) {
        return false;
    }
    match error.kind {
        VaultErrorKind::Unreachable
        | VaultErrorKind::Timeout
        | VaultErrorKind::Sealed
        | VaultErrorKind::Standby
        | VaultErrorKind::RateLimited
        | VaultErrorKind::ServerFault
        | VaultErrorKind::InvalidAnswer => true,
        // With 502 SCM has refused the request; with 503 SCM is not available.
        VaultErrorKind::Upstream => error.status == Some(503),
        _ => false,
    }
}

/// The outcome of a row whose enroll, renew or replace was answered.
pub fn ordered(answer: &CertificateResponse) -> Outcome {
    let status = answer.status.unwrap_or(Status::Pending);
    let state = match status {
        Status::Pending => State::Pending,
        Status::Declined | Status::Rejected | Status::Failed => State::Failed,
        _ => State::Done,
    };
    of_answer(answer, state, status)
}

fn revoked(answer: &CertificateResponse) -> Outcome {
    of_answer(
        answer,
        State::Done,
        answer.status.unwrap_or(Status::Revoked),
    )
}

fn of_answer(answer: &CertificateResponse, state: State, status: Status) -> Outcome {
    let message = match state {
        State::Pending => format!("order {} is pending", answer.order_id),
        _ => left_out(&answer.missing_names).unwrap_or_default(),
    };
    Outcome {
        state,
        id: answer.sectigo_cert_unique_id.clone(),
        order_id: answer.order_id.clone(),
        status: status.as_str().to_owned(),
        serial: answer.serial_number.clone(),
        not_after: answer.not_after.clone(),
        scm_code: None,
        message,
        attempt: 0,
        action: String::new(),
        role: answer.role.clone().unwrap_or_default(),
        file_error: None,
    }
}

fn refused(error: &VaultError) -> Response {
    let mut message = error.errors.join("; ");
    if message.is_empty() {
        message = error.to_string();
    }
    // The key was used with different values, so that request may have placed an order, which still stands. The row
    // must not count as failed: its next attempt would order again under another key.
    let other_request =
        error.kind == VaultErrorKind::Conflict && message.contains("idempotency_key was used");
    let mut outcome = if other_request {
        let words = format!("an earlier run sent this row with other values: {message}");
        Outcome::of(State::Unknown, "unknown", words)
    } else {
        Outcome::of(State::Failed, "failed", message)
    };
    outcome.scm_code = error.scm_code;
    let other_order = || {
        let (_, rest) = outcome.message.split_once("(order ")?;
        Some(rest.split_once(')')?.0.to_owned())
    };
    Response {
        other_order: if other_request { other_order() } else { None },
        outcome,
        answer: None,
        account_refused: error.status == Some(502) || error.kind == VaultErrorKind::Denied,
        not_taken: (error.kind == VaultErrorKind::BadRequest
            && error.refusal != Some(RefusalCode::OrderEnded))
        .then(|| error.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{StatusCode, Uri};
    use axum::routing::get;
    use axum::{Json, Router};
    use vault_client::{Environment, Flags, Settings};

    /// A 403 may come while the server cannot say whether the token is still valid: a moment later the same request is
    /// answered, and nobody has to log in.
    #[tokio::test]
    async fn a_token_that_cannot_be_looked_up_for_a_moment_is_not_rejected() {
        let orders = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&orders);
        let answer = move |uri: Uri| async move {
            if uri.path().ends_with("lookup-self") {
                return (
                    StatusCode::SERVICE_UNAVAILABLE,
                    Json(json!({"errors": ["no leader"]})),
                );
            }
            if uri.path().contains("enroll") && count.fetch_add(1, Ordering::Relaxed) == 0 {
                return (
                    StatusCode::FORBIDDEN,
                    Json(json!({"errors": ["permission denied"]})),
                );
            }
            let data = json!({"status": "issued", "sectigo_cert_unique_id": "7_example"});
            (StatusCode::OK, Json(json!({"data": data})))
        };
        let service = Router::new().fallback(get(answer.clone()).post(answer.clone()).put(answer));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, service).await });
        let variables = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", "root")];
        let environment = Environment::of(&variables, None);
        let settings = Settings::read(&Flags::default(), &environment).unwrap();
        let engine = Server::new(settings).unwrap().engine("pki");
        let sender = Sender::new(engine, "web", Duration::from_secs(20), None);
        let sent = sender
            .send(&Order::Enroll(Map::new()), "key", &|| false, &|_| {})
            .await;
        let SendResult::Answered(response) = sent else {
            panic!("{sent:?}");
        };
        assert_eq!(response.outcome.id, "7_example", "{response:?}");
        assert_eq!(orders.load(Ordering::Relaxed), 2);
    }
}
