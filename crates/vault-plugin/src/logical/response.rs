//! What a backend answers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Error;

/// The `data` of the answer, and warnings. `Ok(None)` from a backend is an answer without content (204).
#[derive(Clone, Default)]
pub struct Response {
    pub data: Map<String, Value>,
    pub warnings: Vec<String>,
    /// Sent instead of `data`, as it is.
    pub raw: Option<RawBody>,
    /// HTTP headers. The server sends those that the mount's `allowed_response_headers` name.
    pub headers: BTreeMap<String, String>,
}

#[derive(Clone)]
pub struct RawBody {
    pub status: u16,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Response {
    /// An answer whose `data` is the members of `value`, which must serialise to an object.
    pub fn of(value: &impl Serialize) -> Result<Self, Error> {
        match serde_json::to_value(value) {
            Ok(Value::Object(data)) => Ok(Self {
                data,
                ..Self::default()
            }),
            Ok(_) => Err(Error::internal("an answer must be an object")),
            Err(error) => Err(Error::internal(format!(
                "an answer cannot be written as JSON: {error}"
            ))),
        }
    }

    /// The answer to a list. Without keys the server answers 404, as for any list.
    pub fn list(keys: Vec<String>) -> Self {
        let mut data = Map::new();
        if !keys.is_empty() {
            data.insert("keys".into(), Value::from(keys));
        }
        Self {
            data,
            ..Self::default()
        }
    }

    /// As [`Response::list`], with a detail for each key.
    pub fn list_with_info(keys: Vec<String>, info: Map<String, Value>) -> Self {
        let mut response = Self::list(keys);
        if !info.is_empty() {
            response.data.insert("key_info".into(), Value::Object(info));
        }
        response
    }

    /// Each text once, however many say it.
    pub fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.warnings.contains(&text) {
            self.warnings.push(text);
        }
    }
}

/// Without `data`, which may hold a private key.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}
