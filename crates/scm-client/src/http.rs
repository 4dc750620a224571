//! Reads an answer of SCM, or makes the error if there is none.

use std::error::Error as _;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};

use super::decode::shown;
use super::error::UNKNOWN_CA;
use super::{Outcome, ScmError, ScmErrorKind, clock_skew};
use svpki_types::Secret;

/// A list of 200 certificates is much smaller.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// Removes the secret, so that a server that repeats our request in its answer does not get our password into an error
/// or a log.
pub(super) fn without_secret(text: &str, secret: &Secret) -> String {
    if secret.expose().len() < 4 {
        return text.to_owned();
    }
    text.replace(secret.expose(), "[redacted]")
}

/// Describes an answer that does not come from SCM. Only the server's log gets the beginning of the body: the address
/// comes from a config, and the caller must not be able to read answers of other services in the network.
pub(super) fn foreign(
    what: &'static str,
    status: u16,
    content_type: &str,
    body: &[u8],
    secret: &Secret,
) -> String {
    if body.iter().all(u8::is_ascii_whitespace) {
        return "an answer without a text".to_owned();
    }
    let start = without_secret(&String::from_utf8_lossy(body), secret);
    let start = shown(&start);
    tracing::warn!(
        call = what,
        status,
        content_type,
        start,
        "this is not SCM's answer"
    );
    let kind = if content_type.is_empty() {
        "no content type"
    } else {
        content_type
    };
    format!(
        "{} bytes ({kind}) that are not SCM's; the server's log has the beginning",
        body.len()
    )
}

/// The content type without parameters.
pub(super) fn content_type(response: &Response) -> String {
    let full = text_header(response, CONTENT_TYPE.as_str()).unwrap_or_default();
    shown(full.split(';').next().unwrap_or_default())
}

/// The error for a failure below HTTP.
pub(super) fn transport_error(what: &'static str, error: &reqwest::Error) -> ScmError {
    let not_sent = error.is_connect() || error.is_builder();
    let text = if error.is_timeout() && !not_sent {
        "no answer came in time".to_owned()
    } else {
        chain(error)
    };
    ScmError {
        outcome: if not_sent {
            Outcome::NotSent
        } else {
            Outcome::Unknown
        },
        ..ScmError::not_sent(what, ScmErrorKind::Unreachable, text)
    }
}

/// The causes of an error, the outermost first. The address is left out, because it says nothing new and may be long.
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Some layers repeat the message of the layer below.
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        cause = error.source();
    }
    if parts.is_empty() {
        return "the connection failed".into();
    }
    let text = parts.join(": ");
    if text.contains("UnknownIssuer") {
        return UNKNOWN_CA.to_owned();
    }
    shown(&text)
}

/// Reads the whole body, up to a limit.
pub(super) async fn read_body(
    what: &'static str,
    mut response: Response,
) -> Result<Vec<u8>, ScmError> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => {
                return Err(ScmError {
                    kind: ScmErrorKind::Unreachable,
                    ..ScmError::invalid_response(
                        what,
                        status,
                        format!("the answer broke off: {}", chain(&error)),
                    )
                });
            }
        }
        if body.len() > LARGEST_ANSWER {
            return Err(ScmError::invalid_response(
                what,
                status,
                format!("the answer is longer than {LARGEST_ANSWER} bytes"),
            ));
        }
    }
}

pub(super) fn text_header(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

/// Reads `Retry-After`, which is a number of seconds or a date.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let text = text_header(response, RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = clock_skew::parse(&text)?;
    Some(Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default())
}
