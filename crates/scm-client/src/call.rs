//! A call to SCM, and its answer.

use reqwest::Method;
use serde_json::Value;

use super::ScmError;
use super::decode::Record;
use super::http::foreign;
use svpki_types::Secret;

/// A call to make. `what` names the call in errors.
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

    /// Marks a call that orders something: it gets a longer timeout, because SCM may be slow.
    pub(super) fn order(mut self) -> Self {
        self.is_order = true;
        self
    }

    pub(super) fn only_reads(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}

/// A successful answer.
pub(super) struct Answer {
    pub(super) what: &'static str,
    pub(super) status: u16,
    /// `X-Total-Count`.
    pub(super) total: Option<u64>,
    pub(super) body: Vec<u8>,
    pub(super) content_type: String,
    pub(super) secret: Secret,
}

impl Answer {
    pub(super) fn record(&self) -> Result<Record, ScmError> {
        Record::parse(&self.body).ok_or_else(|| self.invalid_response("expected a JSON object"))
    }

    pub(super) fn records(&self) -> Result<Vec<Record>, ScmError> {
        Record::parse_all(&self.body).ok_or_else(|| self.invalid_response("expected a JSON array"))
    }

    pub(super) fn invalid_response(&self, expected: &str) -> ScmError {
        let got = foreign(
            self.what,
            self.status,
            &self.content_type,
            &self.body,
            &self.secret,
        );
        ScmError::invalid_response(self.what, self.status, format!("{expected}, got {got}"))
    }
}
