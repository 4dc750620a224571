//! Bearer tokens by OAuth 2 client credentials, kept in memory only.

use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::decode::{Record, token_error};
use super::http::{content_type, foreign, read_body, transport_error, without_secret};
use super::settings::{address, bad};
use super::{Outcome, ScmError, ScmErrorKind};
use svpki_types::Secret;

/// Used if the answer does not say how long the token is valid.
const USUAL_LIFE: Duration = Duration::from_secs(300);
/// A token is replaced this long before it expires, but not before half of its lifetime.
const AHEAD: Duration = Duration::from_secs(60);

pub(super) struct OAuth {
    token_url: Url,
    client_id: String,
    client_secret: Secret,
    token: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    refresh_at: Instant,
}

impl OAuth {
    pub(super) fn new(
        token_url: &str,
        client_id: String,
        client_secret: Secret,
    ) -> Result<Self, ScmError> {
        if client_id.is_empty() || client_secret.is_empty() {
            return Err(bad("client_id and client_secret are required for OAuth 2"));
        }
        Ok(Self {
            token_url: address("token_url", token_url)?,
            client_id,
            client_secret,
            token: Mutex::new(None),
        })
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.client_secret
    }

    /// The header with a valid token. The first caller fetches the token, the others wait for it. `refused` is a
    /// header that SCM has just refused: then a new token is fetched, unless another caller already did.
    pub(super) async fn header(
        &self,
        http: &reqwest::Client,
        timeout: Duration,
        refused: Option<&HeaderValue>,
    ) -> Result<HeaderValue, ScmError> {
        let mut token = self.token.lock().await;
        if let Some(held) = token.as_ref()
            && Some(&held.header) != refused
            && Instant::now() < held.refresh_at
        {
            return Ok(held.header.clone());
        }
        *token = None;
        let fresh = self.login(http, timeout).await.map_err(|error| ScmError {
            // Only the login failed; the call itself was not sent.
            outcome: Outcome::NotSent,
            ..error
        })?;
        let header = fresh.header.clone();
        *token = Some(fresh);
        Ok(header)
    }

    async fn login(&self, http: &reqwest::Client, timeout: Duration) -> Result<Token, ScmError> {
        const WHAT: &str = "the OAuth 2 login";
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.expose()),
        ];
        let asked = Instant::now();
        let response = http
            .post(self.token_url.clone())
            .header("accept", "application/json")
            .timeout(timeout)
            .form(&form)
            .send()
            .await
            .map_err(|error| transport_error(WHAT, &error))?;
        let status = response.status().as_u16();
        let content_type = content_type(&response);
        let body = read_body(WHAT, response).await?;
        if status != 200 {
            let text = token_error(&body).unwrap_or_else(|| {
                foreign(WHAT, status, &content_type, &body, &self.client_secret)
            });
            let text = without_secret(&text, &self.client_secret);
            let mut error = ScmError::answered(WHAT, status, None, text, None);
            // Token servers answer 400 for an unknown client.
            if matches!(status, 400 | 403) {
                error.kind = ScmErrorKind::Login;
            }
            return Err(error);
        }
        let record = Record::parse(&body).unwrap_or_default();
        let header = record
            .text("access_token")
            .and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok());
        let Some(mut header) = header else {
            return Err(ScmError::invalid_response(
                WHAT,
                status,
                "there is no access_token in the answer",
            ));
        };
        header.set_sensitive(true);
        let life = record
            .int("expires_in")
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map_or(USUAL_LIFE, |seconds| {
                Duration::from_secs(seconds.min(86_400))
            });
        Ok(Token {
            header,
            refresh_at: asked + life.saturating_sub(AHEAD).max(life / 2),
        })
    }
}
