//! Why a call to the server failed.

use std::error::Error as _;
use std::fmt;

use rustify::errors::ClientError;
use serde_json::Value;

use super::connection_error::{ConnectionFailure, Progress};
use super::{Origin, Settings};
use svpki_types::{ErrorTags, RefusalCode};

/// What kind of failure it was: decides the exit code and the hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VaultErrorKind {
    /// 400: the caller can correct the request.
    BadRequest,
    /// 409: an idempotency key with another body, or a state that forbids the step.
    Conflict,
    /// 401 or 403: the token may not do this.
    Denied,
    /// The server answered something that is not its protocol.
    InvalidAnswer,
    /// 404.
    NotFound,
    /// 429: a quota of the server, beyond the time that is waited for.
    RateLimited,
    /// The server is sealed.
    Sealed,
    /// 500 and whatever has no better word.
    ServerFault,
    /// No node of the cluster is active.
    Standby,
    /// No answer within the client's timeout.
    Timeout,
    /// The server's certificate, or ours, was not accepted.
    Tls,
    /// Nothing listens there, or the connection broke.
    Unreachable,
    /// The server was never initialised.
    Uninitialized,
    /// 405: the path exists and does not do this.
    Unsupported,
    /// 502 or 503: the plugin could not get what it needed from SCM.
    Upstream,
}

impl From<ConnectionFailure> for VaultErrorKind {
    fn from(failure: ConnectionFailure) -> Self {
        match failure {
            // What was asked may have been done, so this is no TLS error, although an alert may have been lost.
            ConnectionFailure::Ended | ConnectionFailure::Unreached => Self::Unreachable,
            _ => Self::Tls,
        }
    }
}

impl VaultErrorKind {
    /// The word in `{"error":{"kind":…}}`: stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Conflict => "conflict",
            Self::Denied => "denied",
            Self::InvalidAnswer => "invalid_answer",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Sealed => "sealed",
            Self::ServerFault => "server_fault",
            Self::Standby => "standby",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Uninitialized => "uninitialized",
            Self::Unreachable => "unreachable",
            Self::Unsupported => "unsupported",
            Self::Upstream => "upstream",
        }
    }
}

/// A failed call: its path, the kind of failure, and the server's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultError {
    pub kind: VaultErrorKind,
    /// `read sectigo/configs/web`: the operation and the path, never the body.
    pub request: String,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The server's `errors`, or the transport's own chain of causes.
    pub errors: Vec<String>,
    /// What the plugin refused, where that matters to a program.
    pub refusal: Option<RefusalCode>,
    /// SCM's own code, when the plugin's answer carries one.
    pub scm_code: Option<i64>,
    /// What to do about it, when that is known.
    pub hint: Option<String>,
}

impl std::error::Error for VaultError {}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.request)?;
        if self.errors.is_empty() {
            return match (self.kind, self.status) {
                (VaultErrorKind::NotFound, _) => f.write_str("not found"),
                (_, Some(status)) => write!(f, "the server answered HTTP {status} and no reason"),
                (kind, None) => f.write_str(kind.as_str()),
            };
        }
        f.write_str(&self.errors.join("; "))
    }
}

impl VaultError {
    /// The server's words hold these.
    pub(super) fn says(&self, words: &str) -> bool {
        self.errors.iter().any(|text| text.contains(words))
    }

    pub(super) fn from_transport(request: &str, settings: &Settings, error: ClientError) -> Self {
        match error {
            ClientError::ServerResponseError { code, content } => {
                Self::from_status(request, code, content.as_deref().unwrap_or_default())
                    .with(settings)
            }
            other => Self::from_connection(request, settings, &other),
        }
    }

    /// What only the settings tell: which token it was, and where the address came from.
    fn with(mut self, settings: &Settings) -> Self {
        let token = &settings.token;
        match self.kind {
            VaultErrorKind::Denied if token.value.is_empty() => {
                self.errors = vec!["no token was given".to_owned()];
                self.hint = Some(
                    "log in with `bao login` or `vault login`, or set BAO_TOKEN or VAULT_TOKEN"
                        .into(),
                );
            }
            VaultErrorKind::Denied if self.says("invalid token") || self.says("bad token") => {
                return self.of_an_invalid_token(settings);
            }
            VaultErrorKind::BadRequest if self.says("HTTP request to an HTTPS server") => {
                self.kind = VaultErrorKind::Tls;
                self.errors = vec![format!(
                    "the server at {} speaks https, and the address says http",
                    settings.address.value
                )];
                self.hint = Some(format!(
                    "write https:// in {}",
                    settings.address.name("ADDR")
                ));
            }
            _ => {}
        }
        self
    }

    /// The server does not know the token.
    pub(super) fn of_an_invalid_token(mut self, settings: &Settings) -> Self {
        let origin = &settings.token.origin;
        self.errors = vec![format!(
            "the token from {origin} is not valid: it has expired, was revoked, or is of another server or namespace"
        )];
        self.hint = Some(match origin {
            Origin::Variable(name) => format!(
                "log in with `bao login` or `vault login`, and unset {name} or give it the new token: it wins"
            ),
            _ => "log in with `bao login` or `vault login`".into(),
        });
        self
    }

    /// An answer with a status other than 2xx.
    pub(super) fn from_status(request: &str, status: u16, body: &str) -> Self {
        let mut tags = ErrorTags::default();
        let errors: Vec<String> = server_errors(body)
            .iter()
            .map(|text| {
                let (found, words) = ErrorTags::split(text);
                tags.refusal = tags.refusal.or(found.refusal);
                tags.scm_code = tags.scm_code.or(found.scm_code);
                words.to_owned()
            })
            .collect();
        let text = errors.join("\n").to_lowercase();
        let kind = match status {
            _ if text.contains("not initialized") => VaultErrorKind::Uninitialized,
            _ if text.contains("active cluster node not found") => VaultErrorKind::Standby,
            400 => VaultErrorKind::BadRequest,
            401 | 403 => VaultErrorKind::Denied,
            404 => VaultErrorKind::NotFound,
            405 => VaultErrorKind::Unsupported,
            409 => VaultErrorKind::Conflict,
            429 => VaultErrorKind::RateLimited,
            503 if text.contains("is sealed") || text.contains("barrier is sealed") => {
                VaultErrorKind::Sealed
            }
            502 | 503 => VaultErrorKind::Upstream,
            504 => VaultErrorKind::Timeout,
            _ => VaultErrorKind::ServerFault,
        };
        Self {
            kind,
            request: request.to_owned(),
            status: Some(status),
            refusal: tags.refusal,
            scm_code: tags.scm_code,
            hint: hint(kind, &text),
            errors,
        }
    }

    pub(super) fn invalid_answer(request: &str, why: impl fmt::Display) -> Self {
        Self {
            kind: VaultErrorKind::InvalidAnswer,
            request: request.to_owned(),
            status: None,
            errors: vec![format!("the server's answer is not understood: {why}")],
            refusal: None,
            scm_code: None,
            hint: Some("check that the address is a Vault or OpenBao server, and that svpki and the plugin are of like versions: svpki doctor".into()),
        }
    }

    /// A path that cannot be asked for, found before anything is sent.
    pub(super) fn bad_path(request: &str, why: impl fmt::Display) -> Self {
        Self {
            kind: VaultErrorKind::BadRequest,
            request: request.to_owned(),
            status: None,
            errors: vec![why.to_string()],
            refusal: None,
            scm_code: None,
            hint: None,
        }
    }

    fn from_connection(request: &str, settings: &Settings, error: &ClientError) -> Self {
        let address = &settings.address.value;
        let cause = || cause_words(causes(error).last().map_or("", String::as_str));
        let (kind, hint, cause) = match reqwest_error(error) {
            Some(why) if why.is_timeout() => (
                VaultErrorKind::Timeout,
                format!(
                    "is the server busy? A longer time is given with --timeout or {}",
                    settings.timeout.name("CLIENT_TIMEOUT")
                ),
                format!("waited {} s", settings.timeout.value.as_secs()),
            ),
            why => {
                let secure = address.scheme() == "https";
                let failure = why.map_or(ConnectionFailure::Unreached, |why| {
                    ConnectionFailure::of(why, secure, Progress::by(why))
                });
                let words = failure.words().map(str::to_owned);
                (
                    failure.into(),
                    failure.hint(settings),
                    words.unwrap_or_else(cause),
                )
            }
        };
        let what = match kind {
            VaultErrorKind::Timeout => "no answer in time from",
            VaultErrorKind::Tls => "no trusted TLS connection to",
            _ => "cannot reach",
        };
        Self {
            kind,
            request: request.to_owned(),
            status: None,
            errors: vec![format!("{what} {address}: {cause}")],
            refusal: None,
            scm_code: None,
            hint: Some(hint),
        }
    }
}

/// The innermost cause, without what only programmers read.
fn cause_words(text: &str) -> String {
    let text = text
        .split_once(" (os error ")
        .map_or(text, |(words, _)| words);
    if text.contains("failed to lookup address") {
        return "no machine of that name is known".to_owned();
    }
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "the connection failed".to_owned(),
    }
}

fn reqwest_error(error: &ClientError) -> Option<&reqwest::Error> {
    match error {
        ClientError::RequestError { source, .. } | ClientError::ResponseError { source } => {
            source.downcast_ref()
        }
        ClientError::ReqwestBuildError { source } => Some(source),
        _ => None,
    }
}

/// The chain of causes below rustify's own words, outermost first.
fn causes(error: &ClientError) -> Vec<String> {
    let mut texts = Vec::new();
    let mut next: Option<&(dyn std::error::Error + 'static)> = match reqwest_error(error) {
        Some(inner) => Some(inner),
        None => {
            texts.push(error.to_string());
            error.source()
        }
    };
    while let Some(cause) = next {
        texts.push(cause.to_string());
        next = cause.source();
    }
    texts
}

/// The `errors` of the server's answer; what is no such answer (a proxy's page) is cut to its first words.
fn server_errors(body: &str) -> Vec<String> {
    if let Ok(value) = serde_json::from_str::<Value>(body) {
        let errors = value.get("errors").and_then(Value::as_array);
        let texts: Vec<String> = errors
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(tidy)
            .filter(|text| !text.is_empty())
            .collect();
        if !texts.is_empty() || errors.is_some() {
            return texts;
        }
        // The server answers an error with data (and no `errors`) when a backend gave both.
        if let Some(text) = value.pointer("/data/error").and_then(Value::as_str) {
            return vec![text.to_owned()];
        }
    }
    let body = body.trim();
    if body.is_empty() {
        return Vec::new();
    }
    vec![body.chars().take(300).collect()]
}

/// Removes the list frame that the server puts around errors, `2 errors occurred:\n\t* one\n\t* other\n\n`, and puts
/// them into one line.
fn tidy(text: &str) -> String {
    let trimmed = text.trim();
    let listed = trimmed.split_once(" occurred:\n\t* ").filter(|(count, _)| {
        let mut words = count.split(' ');
        words
            .next()
            .is_some_and(|count| count.parse::<u32>().is_ok())
            && matches!(words.next(), Some("error" | "errors"))
            && words.next().is_none()
    });
    match listed {
        Some((_, errors)) => errors
            .split("\n\t* ")
            .map(str::trim)
            .collect::<Vec<_>>()
            .join("; "),
        None => trimmed.to_owned(),
    }
}

fn hint(kind: VaultErrorKind, text: &str) -> Option<String> {
    let hint = match kind {
        VaultErrorKind::Denied => {
            "the token's policies do not allow this: `svpki doctor` prints the policy that is missing"
        }
        VaultErrorKind::Sealed => {
            "unseal the server: `bao operator unseal` or `vault operator unseal`"
        }
        VaultErrorKind::Uninitialized => {
            "initialise the server: `bao operator init` or `vault operator init`"
        }
        VaultErrorKind::Standby => {
            "no node of the cluster is active: wait for the election of a new one, or look at the other nodes"
        }
        VaultErrorKind::RateLimited => {
            "a rate limit quota of the server stops this: try later, or ask who set the quota"
        }
        VaultErrorKind::NotFound if text.contains("no handler for route") => {
            "no engine is mounted there: see `svpki plugin status`, or name the mount with --mount"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_become_kinds() {
        let kind = |status, body: &str| VaultError::from_status("read x", status, body).kind;
        assert_eq!(kind(404, r#"{"errors":[]}"#), VaultErrorKind::NotFound);
        assert_eq!(
            kind(503, r#"{"errors":["Vault is sealed"]}"#),
            VaultErrorKind::Sealed
        );
        assert_eq!(
            kind(503, r#"{"errors":["SCM unreachable"]}"#),
            VaultErrorKind::Upstream
        );
        assert_eq!(kind(418, "tea"), VaultErrorKind::ServerFault);
    }

    #[test]
    fn states_of_a_server_have_kinds_and_hints_of_their_own() {
        for (status, words, kind, hint) in [
            (
                400,
                "Vault is not initialized",
                VaultErrorKind::Uninitialized,
                "operator init",
            ),
            (
                500,
                "local node not active but active cluster node not found",
                VaultErrorKind::Standby,
                "active",
            ),
            (
                429,
                "rate limit quota exceeded",
                VaultErrorKind::RateLimited,
                "quota",
            ),
            (
                503,
                "Vault is sealed",
                VaultErrorKind::Sealed,
                "operator unseal",
            ),
        ] {
            let body = serde_json::json!({"errors": [words]}).to_string();
            let error = VaultError::from_status("read x", status, &body);
            assert_eq!(error.kind, kind, "{words}");
            assert!(
                error.hint.is_some_and(|text| text.contains(hint)),
                "{words}"
            );
        }
    }

    #[test]
    fn a_token_is_named_by_where_it_came_from() {
        use crate::{Environment, Flags};
        let with = |variables: &[(&str, &str)], words: &str| {
            let env = Environment::of(variables, None);
            let settings = Settings::read(&Flags::default(), &env).unwrap();
            let body = serde_json::json!({"errors": [words]}).to_string();
            VaultError::from_status("read x", 403, &body).with(&settings)
        };
        let none = with(&[], "permission denied");
        assert_eq!(none.to_string(), "read x: no token was given");
        let stale = with(
            &[("BAO_TOKEN", "s.old")],
            "permission denied\ninvalid token",
        );
        assert!(
            stale
                .to_string()
                .contains("token from BAO_TOKEN is not valid"),
            "{stale}"
        );
        assert!(stale.hint.unwrap().contains("unset BAO_TOKEN"));
        let denied = with(&[("BAO_TOKEN", "s.team")], "permission denied");
        assert!(denied.hint.unwrap().contains("policies"));
        for error in [none.errors, stale.errors, denied.errors] {
            assert!(!error.concat().contains("s.old"));
        }
    }

    #[test]
    fn the_servers_words_are_kept() {
        let error = VaultError::from_status(
            "write pki/enroll/web",
            400,
            "{\"errors\":[\"1 error occurred:\\n\\t* [scm:-36] SCM refused enroll: -36 \\\"no such term\\\"\\n\\n\"]}",
        );
        assert_eq!(
            error.to_string(),
            "write pki/enroll/web: SCM refused enroll: -36 \"no such term\""
        );
        assert_eq!(error.scm_code, Some(-36));
        let several = "{\"errors\":[\"2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token\\n\\n\"]}";
        let several = VaultError::from_status("read x", 403, several);
        assert_eq!(
            several.to_string(),
            "read x: permission denied; invalid token"
        );
        let page = VaultError::from_status("read x", 502, "<html>bad gateway</html>");
        assert_eq!(page.to_string(), "read x: <html>bad gateway</html>");
    }

    #[test]
    fn marks_are_read_and_not_shown() {
        let of = |text: &str| {
            let body = serde_json::json!({"errors": [text]}).to_string();
            VaultError::from_status("write x", 409, &body)
        };
        let ended = of("[order-ended scm:-16] order 7 ended as failed: Unknown user");
        assert_eq!(ended.refusal, Some(RefusalCode::OrderEnded));
        assert_eq!(ended.scm_code, Some(-16));
        assert_eq!(ended.errors, ["order 7 ended as failed: Unknown user"]);
        let other = of("SCM refused details: -16 \"Unknown user\"");
        assert_eq!((other.refusal, other.scm_code), (None, None));
    }
}
