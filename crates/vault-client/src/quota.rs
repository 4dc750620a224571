//! A rate-limit quota of the server refuses a request before anything is done for it: it is sent again when the server
//! says so, whichever verb it belongs to.

use std::time::Duration;

use async_trait::async_trait;
use hyper::http::{Request, Response, StatusCode, header::RETRY_AFTER};
use rustify::client::Client;
use rustify::errors::ClientError;

/// Without `Retry-After`, which servers send only when `enable_rate_limit_response_headers` is set.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// What all pauses of one request may come to.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// A client that waits for the server's quota.
pub(super) struct Patient<'a, C>(pub(super) &'a C);

#[async_trait]
impl<C: Client> Client for Patient<'_, C> {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ClientError> {
        let (mut pause, mut waited) = (FIRST_PAUSE, Duration::ZERO);
        loop {
            let response = self.0.send(request.clone()).await?;
            let Some(asked) = pause_asked(&request, &response) else {
                return Ok(response);
            };
            let wait = asked.unwrap_or(pause).min(LONGEST_PAUSE);
            if waited + wait > LONGEST_WAIT {
                return Ok(response);
            }
            tracing::info!(
                path = request.uri().path(),
                seconds = wait.as_secs(),
                "the server's rate-limit quota is used up: waiting"
            );
            tokio::time::sleep(wait).await;
            waited += wait;
            pause *= 2;
        }
    }

    fn base(&self) -> &str {
        self.0.base()
    }
}

/// Whether a quota refused the request, and the pause that the server names.
fn pause_asked(
    request: &Request<Vec<u8>>,
    response: &Response<Vec<u8>>,
) -> Option<Option<Duration>> {
    // A standby in good health answers 429 as well.
    let of_health = request.uri().path().ends_with("/sys/health");
    if response.status() != StatusCode::TOO_MANY_REQUESTS || of_health {
        return None;
    }
    let named = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    // A quota of leases is not freed by waiting.
    let of_rate = String::from_utf8_lossy(response.body()).contains("rate limit quota");
    (named.is_some() || of_rate).then_some(named)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Server(Mutex<Vec<Response<Vec<u8>>>>);

    #[async_trait]
    impl Client for Server {
        async fn send(&self, _request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ClientError> {
            Ok(self.0.lock().unwrap().pop().unwrap())
        }

        fn base(&self) -> &str {
            ""
        }
    }

    fn answer(status: u16, retry_after: Option<&str>, body: &str) -> Response<Vec<u8>> {
        let mut answer = Response::builder().status(status);
        if let Some(value) = retry_after {
            answer = answer.header(RETRY_AFTER, value);
        }
        answer.body(body.as_bytes().to_vec()).unwrap()
    }

    /// The status in the end, and the time that it took.
    async fn sent(path: &str, answers: Vec<Response<Vec<u8>>>) -> (u16, Duration) {
        let server = Server(Mutex::new(answers.into_iter().rev().collect()));
        let began = tokio::time::Instant::now();
        let request = Request::builder().uri(path).body(Vec::new()).unwrap();
        let answer = Patient(&server).send(request).await.unwrap();
        (answer.status().as_u16(), began.elapsed())
    }

    const QUOTA: &str = r#"{"errors":["request path \"x\": rate limit quota exceeded"]}"#;

    #[tokio::test(start_paused = true)]
    async fn a_quota_of_the_server_is_waited_for_as_it_says() {
        let answers = vec![
            answer(429, Some("7"), QUOTA),
            answer(429, None, QUOTA),
            answer(200, None, "{}"),
        ];
        let (status, waited) = sent("/v1/pki/inventory", answers).await;
        assert_eq!((status, waited.as_secs()), (200, 7 + 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_quota_that_stays_used_up_is_told_in_the_end() {
        let answers = (0..20).map(|_| answer(429, Some("100"), QUOTA)).collect();
        let (status, waited) = sent("/v1/pki/inventory", answers).await;
        assert_eq!((status, waited.as_secs()), (429, 300));
    }

    #[tokio::test(start_paused = true)]
    async fn another_429_is_not_waited_for() {
        for (path, body) in [
            ("/v1/sys/health", ""),
            ("/v1/pki/x", r#"{"errors":["lease count quota exceeded"]}"#),
        ] {
            let (status, waited) = sent(path, vec![answer(429, None, body)]).await;
            assert_eq!((status, waited), (429, Duration::ZERO), "{path}");
        }
    }
}
