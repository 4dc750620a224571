//! A successful answer before it is converted to HTTP.

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

use super::refusal::{Refusal, UNDOCUMENTED_STATUS};
use crate::settings::Switches;

#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(HeaderName, String)>,
    pub body: Vec<u8>,
}

const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

impl Reply {
    pub fn json(value: &Value) -> Self {
        Self::text("application/json;charset=UTF-8", value.to_string())
    }

    pub fn text(content_type: &str, text: impl Into<String>) -> Self {
        Self {
            status: 200,
            headers: vec![(CONTENT_TYPE, content_type.to_owned())],
            body: text.into().into_bytes(),
        }
    }

    pub fn bytes(content_type: &str, body: Vec<u8>) -> Self {
        Self {
            status: 200,
            headers: vec![(CONTENT_TYPE, content_type.to_owned())],
            body,
        }
    }

    /// A page of a list, with the length of the whole list.
    pub fn page(items: Vec<Value>, total: usize) -> Self {
        let mut reply = Self::json(&Value::Array(items));
        reply.headers.push((TOTAL_COUNT, total.to_string()));
        reply
    }

    pub fn attachment(content_type: &str, file_name: &str, body: Vec<u8>) -> Self {
        let mut reply = Self::bytes(content_type, body);
        let disposition = format!("attachment; filename=\"{file_name}\"");
        reply.headers.push((CONTENT_DISPOSITION, disposition));
        reply
    }

    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn no_content() -> Self {
        Self::empty(204)
    }

    pub fn created(location: String) -> Self {
        let mut reply = Self::empty(201);
        reply.headers.push((LOCATION, location));
        reply
    }

    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// SCM's error body, changed by the switches.
    pub fn refusal(refusal: &Refusal, switches: &Switches) -> Self {
        let mut body = serde_json::Map::new();
        if let Some(code) = refusal.code.filter(|_| !switches.omit_error_code) {
            body.insert("code".to_owned(), code.into());
        }
        body.insert("description".to_owned(), refusal.description.clone().into());
        let status = match refusal.status {
            UNDOCUMENTED_STATUS => switches.refusal_status,
            status => status,
        };
        Self::json(&Value::Object(body)).with_status(status)
    }

    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
