//! Sends calls and sorts out what came of them.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode, redirect};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use url::Url;

use super::clock_skew::{self, ClockSkew};
use super::decode::{Record, error_body, shown};
use super::http::{chain, read_body, transport_error};
use super::login_backoff::LoginBackoff;
use super::oauth::OAuth;
use super::rate_limit::{LONGEST_WAIT, RateLimiter};
use super::settings::{Auth, Settings, bad};
use super::{ClientCertificates, ScmError, ScmErrorKind, Ssl};
use svpki_types::Secret;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The least that an order gets.
const ORDER_TIMEOUT: Duration = Duration::from_secs(300);
/// How often a call that only reads is sent.
const READ_ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// One SCM account, ready to be called. Clones share connections, token, pace and clock.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    root: Url,
    login: Login,
    smime_version: &'static str,
    timeout: Duration,
    rate_limiter: RateLimiter,
    clock_skew: ClockSkew,
    login_backoff: LoginBackoff,
    /// Never shown, wherever it may turn up.
    secret: Secret,
}

enum Login {
    Headers(HeaderMap),
    Bearer(OAuth),
}

/// One call to make. `what` names it in errors.
pub(super) struct Call {
    pub(super) what: &'static str,
    pub(super) method: Method,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    pub(super) is_order: bool,
}

impl Call {
    pub(super) fn get(what: &'static str, path: &[&str]) -> Self {
        Self {
            what,
            method: Method::GET,
            path: path.iter().map(|segment| (*segment).to_owned()).collect(),
            query: Vec::new(),
            body: None,
            is_order: false,
        }
    }

    pub(super) fn post(what: &'static str, path: &[&str], body: Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(what, path)
        }
    }

    pub(super) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query
            .extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// Something is ordered with it, which takes SCM long.
    pub(super) fn order(mut self) -> Self {
        self.is_order = true;
        self
    }

    fn only_reads(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}

/// A success.
pub(super) struct Answer {
    what: &'static str,
    status: u16,
    /// `X-Total-Count`.
    pub(super) total: Option<u64>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn record(&self) -> Result<Record, ScmError> {
        Record::parse(&self.body).ok_or_else(|| self.invalid_response("expected a JSON object"))
    }

    pub(super) fn records(&self) -> Result<Vec<Record>, ScmError> {
        Record::parse_all(&self.body).ok_or_else(|| self.invalid_response("expected a JSON array"))
    }

    pub(super) fn invalid_response(&self, expected: &str) -> ScmError {
        let start = shown(&String::from_utf8_lossy(&self.body));
        let text = format!("{expected}, got {} bytes: {start}", self.body.len());
        ScmError::invalid_response(self.what, self.status, text)
    }
}

impl Client {
    /// Checks the settings and prepares the client. Nothing is sent yet.
    pub fn new(settings: Settings) -> Result<Self, ScmError> {
        let root = settings.root()?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("sectigo-vault-pki/", env!("CARGO_PKG_VERSION")))
            // Login headers go to SCM and nowhere else.
            .redirect(redirect::Policy::none())
            // What may be repeated is decided here, not in the layers below.
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout))
            // A connection that idles longer is often closed by the other side just as we use it.
            .pool_idle_timeout(Duration::from_secs(20));
        if let Some(bundle) = settings
            .ca_bundle
            .as_deref()
            .filter(|pem| !pem.trim().is_empty())
        {
            let trusted = reqwest::Certificate::from_pem_bundle(bundle.as_bytes())
                .ok()
                .filter(|trusted| !trusted.is_empty())
                .ok_or_else(|| bad("ca_bundle holds no PEM certificates"))?;
            builder = builder.tls_certs_only(trusted);
        }
        let smime_version = match settings.auth {
            // The OAuth addresses document version 2 only, the others version 1 for most calls.
            Auth::OAuth2 { .. } => "v2",
            _ => "v1",
        };
        let (login, secret) = match settings.auth {
            Auth::Password { login, password } => {
                let mut headers = identity(&login, &settings.customer_uri)?;
                headers.insert("password", header("password", password.expose())?);
                (Login::Headers(headers), password)
            }
            Auth::ClientCertificate {
                login,
                certificate_pem,
                key,
            } => {
                let pem = Secret::new(format!("{}\n{}", certificate_pem.trim(), key.expose()));
                let identity_pem = reqwest::Identity::from_pem(pem.expose().as_bytes())
                    .map_err(|_| bad("the client certificate and its key are no PEM pair"))?;
                builder = builder.identity(identity_pem);
                let headers = identity(&login, &settings.customer_uri)?;
                (Login::Headers(headers), Secret::default())
            }
            Auth::OAuth2 {
                token_url,
                client_id,
                client_secret,
            } => {
                let oauth = OAuth::new(&token_url, client_id, client_secret)?;
                let secret = oauth.secret().clone();
                (Login::Bearer(oauth), secret)
            }
        };
        let http = builder
            .build()
            .map_err(|error| bad(format!("the TLS settings do not work: {}", chain(&error))))?;
        Ok(Self(Arc::new(Inner {
            http,
            root,
            login,
            smime_version,
            timeout: settings.timeout,
            rate_limiter: RateLimiter::new(settings.max_requests_per_second),
            clock_skew: ClockSkew::default(),
            login_backoff: LoginBackoff::default(),
            secret,
        })))
    }

    /// SSL certificates.
    pub fn ssl(&self) -> Ssl<'_> {
        Ssl::new(self)
    }

    /// Client (S/MIME) certificates.
    pub fn client(&self) -> ClientCertificates<'_> {
        ClientCertificates::new(self)
    }

    /// SCM's clock minus ours, from its last answer; `None` before the first.
    pub fn clock_skew(&self) -> Option<SignedDuration> {
        self.0.clock_skew.skew()
    }

    pub(super) fn smime_version(&self) -> &'static str {
        self.0.smime_version
    }

    /// Whether the last call got no answer from SCM, or only a part of one.
    pub fn last_call_unanswered(&self) -> bool {
        self.0.login_backoff.last_call_unanswered()
    }

    /// Whether SCM has refused the login so lately that nobody should try it who was not asked to: it may be locked.
    pub fn login_in_backoff(&self) -> bool {
        self.0.login_backoff.login_in_backoff()
    }

    /// Sends the call. A call that only reads is repeated a few times within the timeout, others never.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, ScmError> {
        let result = self.repeated(call).await;
        let error = result.as_ref().err();
        self.0.login_backoff.note(error.map(ScmError::kind));
        result
    }

    async fn repeated(&self, call: Call) -> Result<Answer, ScmError> {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let error = match self.attempt(&call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = match error.kind() {
                ScmErrorKind::Busy {
                    retry_after: Some(wait),
                } => wait,
                _ => pause.mul_f64(0.5 + jitter()),
            };
            let is_last = attempt == READ_ATTEMPTS
                || wait > LONGEST_WAIT
                || started.elapsed() + wait > self.0.timeout;
            if !call.only_reads() || !error.is_transient() || is_last {
                return Err(error);
            }
            tracing::debug!(call = call.what, attempt, "trying again: {error}");
            sleep(wait).await;
            pause *= 2;
            attempt += 1;
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Answer, ScmError> {
        let inner = &self.0;
        inner.rate_limiter.acquire(call.what, inner.timeout).await?;
        let Login::Bearer(oauth) = &inner.login else {
            return self.exchange(call, None).await;
        };
        let token = oauth.header(&inner.http, inner.timeout, None).await?;
        match self.exchange(call, Some(&token)).await {
            // Refused before it was looked at: with a new token it may be sent once more, whatever it is.
            Err(error) if error.status() == Some(401) => {
                let fresh = oauth
                    .header(&inner.http, inner.timeout, Some(&token))
                    .await?;
                self.exchange(call, Some(&fresh)).await
            }
            other => other,
        }
    }

    async fn exchange(&self, call: &Call, token: Option<&HeaderValue>) -> Result<Answer, ScmError> {
        let inner = &self.0;
        let started = Instant::now();
        let timeout = if call.is_order {
            inner.timeout.max(ORDER_TIMEOUT)
        } else {
            inner.timeout
        };
        let mut request = inner
            .http
            .request(call.method.clone(), self.url(call))
            .header("accept", "application/json, application/octet-stream, */*")
            .timeout(timeout);
        if let Login::Headers(headers) = &inner.login {
            request = request.headers(headers.clone());
        }
        if let Some(token) = token {
            request = request.header("authorization", token.clone());
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request
            .send()
            .await
            .map_err(|error| transport_error(call.what, &error))?;
        let status = response.status();
        tracing::debug!(
            call = call.what,
            method = %call.method,
            status = status.as_u16(),
            milliseconds = started.elapsed().as_millis(),
            "SCM answered"
        );
        if let Some(date) = text_header(&response, DATE.as_str()) {
            inner.clock_skew.observe(&date);
        }
        let retry_after = retry_after(&response);
        if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
            inner.rate_limiter.pause(retry_after.unwrap_or_default());
        }
        let total = text_header(&response, "x-total-count").and_then(|text| text.parse().ok());
        let body = read_body(call.what, response).await;
        if status.is_success() {
            return Ok(Answer {
                what: call.what,
                status: status.as_u16(),
                total,
                body: body?,
            });
        }
        // The status says enough, even if the body broke off.
        let (code, text) = error_body(&body.unwrap_or_default());
        let error = ScmError::answered(
            call.what,
            status.as_u16(),
            code,
            self.without_secret(text),
            retry_after,
        );
        Err(error)
    }

    fn url(&self, call: &Call) -> Url {
        let mut url = self.0.root.clone();
        // An https address can always be extended.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(&call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        url
    }

    /// A server that repeats what it was sent must not get our password into an error.
    fn without_secret(&self, text: String) -> String {
        let secret = self.0.secret.expose();
        if secret.len() < 4 {
            return text;
        }
        text.replace(secret, "[redacted]")
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.0.root)
    }
}

fn identity(login: &str, customer_uri: &str) -> Result<HeaderMap, ScmError> {
    let mut headers = HeaderMap::new();
    headers.insert("login", header("login", login)?);
    headers.insert("customerUri", header("customer_uri", customer_uri)?);
    Ok(headers)
}

fn header(field: &str, text: &str) -> Result<HeaderValue, ScmError> {
    if text.is_empty() {
        return Err(bad(format!("{field} is empty")));
    }
    let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        bad(format!(
            "{field} holds a character that no header can carry"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn text_header(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

/// Seconds, or a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = text_header(response, RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = clock_skew::parse(&text)?;
    Some(Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default())
}

/// Between 0 and 1, so that many clients do not come back in step.
fn jitter() -> f64 {
    let mut byte = [0];
    // Without random bytes all wait the same: harmless.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}
