//! The answers of a backend.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Error;

/// The `data` and the warnings of an answer. `Ok(None)` from a backend is an answer without content (204).
#[derive(Clone, Default)]
pub struct Response {
    pub data: Map<String, Value>,
    pub warnings: Vec<String>,
    /// If set, this is sent unchanged instead of `data`.
    pub raw: Option<RawBody>,
    /// HTTP headers. The server sends only those that `allowed_response_headers` of the mount lists.
    pub headers: BTreeMap<String, String>,
}

#[derive(Clone)]
pub struct RawBody {
    pub status: u16,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with the members of `value`, which must serialise to an object, as `data`.
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

    /// The answer to a list. Without keys the server answers 404, as for every list.
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

    /// Like [`Response::list`], with details for each key.
    pub fn list_with_info(keys: Vec<String>, info: Map<String, Value>) -> Self {
        let mut response = Self::list(keys);
        if !info.is_empty() {
            response.data.insert("key_info".into(), Value::Object(info));
        }
        response
    }

    /// Adds a warning, unless it is already there.
    pub fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.warnings.contains(&text) {
            self.warnings.push(text);
        }
    }
}

/// Does not show `data`, which may contain a private key.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}
