//! Sends calls and classifies their results.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::{DATE, HeaderMap, HeaderValue};
use reqwest::{StatusCode, redirect};
use tokio::time::{Instant, sleep};
use url::Url;

use super::call::{Answer, Call};
use super::clock_skew::ClockSkew;
use super::decode::error_body;
use super::http::{
    chain, content_type, foreign, read_body, retry_after, text_header, transport_error,
    without_secret,
};
use super::login_backoff::LoginBackoff;
use super::oauth::OAuth;
use super::rate_limit::{LONGEST_WAIT, RateLimiter};
use super::settings::{Auth, Settings, address, bad};
use super::{ScmError, ScmErrorKind};
use svpki_types::Secret;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The shortest timeout of an order.
const ORDER_TIMEOUT: Duration = Duration::from_secs(300);
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];
/// How often a call that only reads is sent at most.
const READ_ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A client for one SCM account. Clones share connections, token, rate limit and clock.
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
    /// The account's secret, which is removed from everything that is shown.
    secret: Secret,
}

enum Login {
    Headers(HeaderMap),
    Bearer(OAuth),
}

impl Client {
    /// Checks the settings and prepares the client. Nothing is sent yet.
    pub fn new(settings: Settings) -> Result<Self, ScmError> {
        let root = settings.root()?;
        let token_url = match &settings.auth {
            Auth::OAuth2 { token_url, .. } => Some(address("token_url", token_url)?),
            _ => None,
        };
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("sectigo-vault-pki/", env!("CARGO_PKG_VERSION")))
            // Login headers must only be sent to SCM.
            .redirect(redirect::Policy::none())
            // This crate decides which calls are repeated, not the HTTP library.
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout))
            // After a longer idle time the server often closes a connection just when we use it.
            .pool_idle_timeout(Duration::from_secs(20));
        if root.scheme() == "http" || token_url.is_some_and(|url| url.scheme() == "http") {
            // Plain http must stay on this machine: no proxy is used, and no resolver decides what `localhost` is.
            builder = builder.no_proxy().resolve_to_addrs("localhost", &LOOPBACK);
        }
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
            // SCM documents only version 2 for the OAuth2 addresses, and version 1 of most calls for the others.
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
                let identity_pem =
                    reqwest::Identity::from_pem(pem.expose().as_bytes()).map_err(|_| {
                        bad("auth_certificate and auth_private_key do not form a matching PEM pair")
                    })?;
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

    /// SCM's clock minus ours, from its last answer; `None` before the first answer.
    pub fn clock_skew(&self) -> Option<SignedDuration> {
        self.0.clock_skew.skew()
    }

    /// With OAuth2 only version 2 of domain validation is documented, otherwise version 1.
    pub(super) fn dcv_version(&self) -> &'static str {
        self.0.smime_version
    }

    pub(super) fn smime_version(&self) -> &'static str {
        self.0.smime_version
    }

    /// Whether the last call got no answer from SCM, or only a part of one.
    pub fn last_call_unanswered(&self) -> bool {
        self.0.login_backoff.last_call_unanswered()
    }

    /// Whether SCM refused the login so recently that background work should not try it, because SCM may lock it.
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
            // SCM refused the token before it read the call, so every call may be sent once more with a new token.
            Err(error) if error.status() == Some(401) => {
                let fresh = oauth
                    .header(&inner.http, inner.timeout, Some(&token))
                    .await?;
                self.exchange(call, Some(&fresh)).await
            }
            other => other,
        }
    }

    /// Orders get a longer timeout, because a timeout leaves it unknown whether SCM has executed the call.
    fn timeout_of(&self, call: &Call) -> Duration {
        if call.is_order {
            self.0.timeout.max(ORDER_TIMEOUT)
        } else {
            self.0.timeout
        }
    }

    async fn exchange(&self, call: &Call, token: Option<&HeaderValue>) -> Result<Answer, ScmError> {
        let inner = &self.0;
        let started = Instant::now();
        let timeout = self.timeout_of(call);
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
        let content_type = content_type(&response);
        let body = read_body(call.what, response).await;
        if status.is_success() {
            return Ok(Answer {
                what: call.what,
                status: status.as_u16(),
                total,
                body: body?,
                content_type,
                secret: inner.secret.clone(),
            });
        }
        // The status is sufficient, even if the body is incomplete.
        let body = body.unwrap_or_default();
        let (code, text) = error_body(&body).unwrap_or_else(|| {
            let status = status.as_u16();
            let got = foreign(call.what, status, &content_type, &body, &inner.secret);
            (None, got)
        });
        let error = ScmError::answered(
            call.what,
            status.as_u16(),
            code,
            without_secret(&text, &inner.secret),
            retry_after,
        );
        Err(error)
    }

    fn url(&self, call: &Call) -> Url {
        let mut url = self.0.root.clone();
        // The path of an https URL can always be extended.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(&call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        url
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

/// A number between 0 and 1, so that many clients do not repeat their calls at the same moment.
fn jitter() -> f64 {
    let mut byte = [0];
    // Without random bytes all clients wait equally long, which does no harm.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_five_minutes_however_short_the_timeout_is() {
        let client = |seconds| {
            Client::new(Settings {
                base_url: "https://scm.example.com".into(),
                customer_uri: "acme".into(),
                auth: Auth::Password {
                    login: "me".into(),
                    password: Secret::new("secret"),
                },
                ca_bundle: None,
                timeout: Duration::from_secs(seconds),
                max_requests_per_second: None,
            })
            .unwrap()
        };
        let (order, read) = (
            Call::post("x", &[], serde_json::Value::Null).order(),
            Call::get("x", &[]),
        );
        for (timeout, of_an_order) in [(30, 300), (900, 900)] {
            let client = client(timeout);
            assert_eq!(client.timeout_of(&order).as_secs(), of_an_order);
            assert_eq!(client.timeout_of(&read).as_secs(), timeout);
        }
    }
}
