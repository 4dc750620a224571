//! Sends the findings to a webhook, signed as specified by Standard Webhooks (<https://www.standardwebhooks.com>).
//! Tries again when the receiver has a temporary problem.

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::json;

use super::super::{CliError, secret_from_file};
use super::digest::Group;
use svpki_types::Secret;

/// The pauses between the tries.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];
/// The timeout of one try.
const PATIENCE: Duration = Duration::from_secs(20);
/// The specification's prefix of a secret in base64.
const PREFIX: &str = "whsec_";

pub(super) struct Webhook {
    url: reqwest::Url,
    key: hmac::Key,
}

impl Webhook {
    pub(super) fn of(url: &str, secret: &Path) -> Result<Self, CliError> {
        // The URL may contain a token, so the message must not repeat it.
        let url = reqwest::Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http"))
            .ok_or_else(|| {
                CliError::usage(
                    "--webhook: write an address such as https://hooks.example.com/svpki",
                )
            })?;
        let secret = secret_from_file(secret)?;
        if secret.is_empty() {
            return Err(CliError::usage("the webhook's secret is empty"));
        }
        let key = signing_key(&secret)?;
        Ok(Self { url, key })
    }

    pub(super) async fn send(&self, groups: &[Group]) -> Result<(), CliError> {
        let host = self.url.host_str().unwrap_or_default();
        let failed = |why: String| CliError::failed(format!("webhook {host}: {why}"));
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| failed("no TLS client can be made".into()))?;
        let now = jiff::Timestamp::now();
        let body = json!({"type": "svpki.check", "timestamp": now.to_string(), "data": groups});
        let body = body.to_string();
        // The id stays the same in every try, so that the receiver can recognise a message that it already has.
        let id = format!("msg_{}", super::super::order_flow::random_key()?);
        let mut pauses = PAUSES.iter();
        loop {
            let at = jiff::Timestamp::now().as_second().to_string();
            let sent = client
                .post(self.url.clone())
                .header("content-type", "application/json")
                .header("webhook-id", &id)
                .header("webhook-timestamp", &at)
                .header("webhook-signature", signature(&self.key, &id, &at, &body))
                .body(body.clone())
                .send()
                .await;
            let why = match sent {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => {
                    let status = answer.status();
                    if !passes(status) {
                        return Err(failed(format!("answered HTTP {}", status.as_u16())));
                    }
                    format!("answered HTTP {}", status.as_u16())
                }
                Err(error) if error.is_timeout() => "gave no answer in time".to_owned(),
                Err(_) => "cannot be reached".to_owned(),
            };
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(failed(format!("{why}, {} times", PAUSES.len() + 1))),
            }
        }
    }
}

/// Whether the receiver has a temporary problem and may accept the same message later.
fn passes(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        )
}

/// A secret with the prefix is base64; any other secret is used as it is.
fn signing_key(secret: &Secret) -> Result<hmac::Key, CliError> {
    let bytes = match secret.expose().strip_prefix(PREFIX) {
        Some(text) => zeroize::Zeroizing::new(STANDARD.decode(text).map_err(|_| {
            CliError::usage("the webhook's secret begins with whsec_, and the rest is not base64")
        })?),
        None => zeroize::Zeroizing::new(secret.expose().as_bytes().to_vec()),
    };
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn signature(key: &hmac::Key, id: &str, at: &str, body: &str) -> String {
    let tag = hmac::sign(key, format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_sent_again() {
        let again = |status| passes(StatusCode::from_u16(status).unwrap());
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert!(again(status), "{status}");
        }
        for status in [301, 400, 401, 404, 410, 413] {
            assert!(!again(status), "{status}");
        }
    }

    /// The example from the specification's own libraries.
    #[test]
    fn a_signature_is_the_one_that_receivers_compute() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let key = signing_key(&secret).unwrap();
        assert_eq!(
            signature(
                &key,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "1614265330",
                "{\"test\": 2432232314}"
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
