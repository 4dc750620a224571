//! Reading an HTTP answer, and what a failure below HTTP means.

use std::error::Error as _;

use reqwest::Response;

use super::decode::shown;
use super::{Outcome, ScmError, ScmErrorKind};

/// A list of 200 certificates is far below.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// What a failure below HTTP means.
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

/// The causes from the outside in, without the address: it says nothing new and may be long.
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Layers that repeat what lies below them.
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        cause = error.source();
    }
    if parts.is_empty() {
        return "the connection failed".into();
    }
    shown(&parts.join(": "))
}

/// The whole body, up to a bound.
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
