//! Converts requests, responses and errors between the wire and a backend, as a Vault server expects them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::proto::pb;
use super::{
    CallerHandle, Error, Operation, RawBody, Request, Response, SpecialPaths, StorageError,
};

/// The numbers of the server's error types. The server takes an unknown number for success.
mod kind {
    pub(super) const UNKNOWN: u32 = 0;
    pub(super) const INTERNAL: u32 = 2;
    pub(super) const CODED: u32 = 3;
    pub(super) const BAD_REQUEST: u32 = 4;
    pub(super) const UNSUPPORTED_OPERATION: u32 = 5;
    pub(super) const UNSUPPORTED_PATH: u32 = 6;
    pub(super) const PERMISSION_DENIED: u32 = 8;
}

impl From<&str> for Operation {
    fn from(name: &str) -> Self {
        match name {
            "create" => Self::Create,
            "read" => Self::Read,
            "update" => Self::Update,
            "patch" => Self::Patch,
            "delete" => Self::Delete,
            "list" => Self::List,
            "help" => Self::Help,
            "revoke" => Self::Revoke,
            "renew" => Self::Renew,
            "rollback" => Self::Rollback,
            "header" => Self::Header,
            "resolve-path" => Self::ResolvePath,
            _ => Self::Other,
        }
    }
}

/// Converts a request. A call without a request is refused, like one whose data is not an object.
pub(super) fn request(wire: Option<pb::Request>) -> Result<Request, Error> {
    let wire =
        wire.ok_or_else(|| Error::bad_request("the server sent a call without a request"))?;
    Ok(Request {
        id: wire.id,
        operation: wire.operation.as_str().into(),
        path: wire.path,
        data: data(&wire.data)?,
        mount_point: wire.mount_point,
        mount_type: wire.mount_type,
        display_name: wire.display_name,
        entity_id: wire.entity_id,
        client_token_hash: wire.client_token,
        client_token_accessor: wire.client_token_accessor,
        headers: wire
            .headers
            .into_iter()
            .map(|(name, values)| (name, values.header))
            .collect(),
        unauthenticated: wire.unauthenticated,
        caller: CallerHandle::default(),
    })
}

fn data(json: &str) -> Result<Map<String, Value>, Error> {
    if json.is_empty() {
        return Ok(Map::new());
    }
    // The parser's message is left out, because it may quote the data.
    match serde_json::from_str(json) {
        Ok(Value::Object(data)) => Ok(data),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(Error::bad_request(
            "the data of a request must be a JSON object",
        )),
        Err(_) => Err(Error::bad_request(
            "the data of the request is not valid JSON",
        )),
    }
}

pub(super) fn response(response: Response) -> pb::Response {
    let data = match response.raw {
        Some(raw) => raw_data(&raw),
        None => response.data,
    };
    pb::Response {
        // Always an object, because the server refuses empty text.
        data: Value::Object(data).to_string(),
        warnings: response.warnings,
        headers: response
            .headers
            .into_iter()
            .map(|(name, value)| {
                (
                    name,
                    pb::Header {
                        header: vec![value],
                    },
                )
            })
            .collect(),
    }
}

fn raw_data(raw: &RawBody) -> Map<String, Value> {
    // The body is always encoded, because the server decodes every text that happens to be valid base64.
    let body = STANDARD.encode(&raw.body);
    Map::from_iter([
        ("http_raw_body".to_owned(), body.into()),
        (
            "http_content_type".to_owned(),
            raw.content_type.clone().into(),
        ),
        ("http_status_code".to_owned(), raw.status.into()),
    ])
}

impl From<Error> for pb::ProtoError {
    fn from(error: Error) -> Self {
        let (err_type, err_code) = match &error {
            Error::BadRequest(_) => (kind::BAD_REQUEST, 0),
            Error::PermissionDenied => (kind::PERMISSION_DENIED, 0),
            Error::NotFound(_) => (kind::CODED, 404),
            Error::UnsupportedPath => (kind::UNSUPPORTED_PATH, 0),
            Error::UnsupportedOperation => (kind::UNSUPPORTED_OPERATION, 0),
            Error::Conflict(_) => (kind::CODED, 409),
            Error::BadGateway(_) => (kind::CODED, 502),
            Error::Unavailable(_) | Error::Storage(StorageError::Conflict) => (kind::CODED, 503),
            // The server recognises this text only in an error of unknown type.
            Error::Storage(StorageError::ReadOnly) => (kind::UNKNOWN, 0),
            Error::Storage(StorageError::Failed(_)) | Error::Internal(_) => (kind::INTERNAL, 0),
        };
        Self {
            err_type,
            err_msg: error.to_string(),
            err_code,
        }
    }
}

pub(super) fn special_paths(paths: SpecialPaths) -> pb::Paths {
    pb::Paths {
        root: paths.root,
        unauthenticated: paths.unauthenticated,
        seal_wrap_storage: paths.seal_wrap,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wire(data: &str) -> Option<pb::Request> {
        Some(pb::Request {
            operation: "update".to_owned(),
            path: "configs/web".to_owned(),
            data: data.to_owned(),
            ..pb::Request::default()
        })
    }

    #[test]
    fn data_is_an_object_or_nothing() {
        for nothing in ["", "null", "{}"] {
            assert!(request(wire(nothing)).unwrap().data.is_empty());
        }
        let read = request(wire(r#"{"n":18446744073709551615,"limit":"2"}"#)).unwrap();
        assert_eq!(read.operation, Operation::Update);
        assert_eq!(read.data["n"], json!(18446744073709551615_u64));
        for wrong in ["[]", "5", "\"text\"", "{", "hunter2"] {
            let error = request(wire(wrong)).unwrap_err();
            assert!(matches!(&error, Error::BadRequest(text) if !text.contains("hunter2")));
        }
        assert!(request(None).is_err());
    }

    #[test]
    fn an_answer_always_carries_an_object() {
        assert_eq!(response(Response::default()).data, "{}");
        let raw = Response {
            raw: Some(RawBody {
                status: 418,
                content_type: "text/plain".to_owned(),
                body: b"abcd".to_vec(),
            }),
            ..Response::default()
        };
        let sent: Value = serde_json::from_str(&response(raw).data).unwrap();
        assert_eq!(
            sent,
            json!({"http_raw_body": "YWJjZA==", "http_content_type": "text/plain", "http_status_code": 418})
        );
    }

    #[test]
    fn every_error_has_a_number_that_the_server_knows() {
        let text = || "text".to_owned();
        let sent = [
            (Error::BadRequest(text()), 4, 0, "text"),
            (Error::PermissionDenied, 8, 0, "permission denied"),
            (Error::NotFound(text()), 3, 404, "text"),
            (Error::UnsupportedPath, 6, 0, "unsupported path"),
            (Error::UnsupportedOperation, 5, 0, "unsupported operation"),
            (Error::Conflict(text()), 3, 409, "text"),
            (Error::BadGateway(text()), 3, 502, "text"),
            (Error::Unavailable(text()), 3, 503, "text"),
            (Error::Internal(text()), 2, 0, "text"),
            (StorageError::Failed(text()).into(), 2, 0, "text"),
            (
                StorageError::Conflict.into(),
                3,
                503,
                "transaction commit failed",
            ),
            (
                StorageError::ReadOnly.into(),
                0,
                0,
                "cannot write to readonly storage",
            ),
        ];
        for (error, err_type, err_code, err_msg) in sent {
            let wire = pb::ProtoError::from(error);
            assert_eq!(
                (wire.err_type, wire.err_code, wire.err_msg.as_str()),
                (err_type, err_code, err_msg)
            );
        }
    }
}
