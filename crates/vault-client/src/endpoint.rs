//! The one endpoint for every path: vaultrs' own way to call paths for which it has no function.

use rustify::endpoint::Endpoint;
use rustify::enums::{RequestMethod, RequestType, ResponseType};
use rustify::errors::ClientError;
use serde_json::Value;
use zeroize::Zeroizing;

/// The operation at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Delete,
    List,
    Read,
    Write,
}

impl Operation {
    /// The word of the vendors' command line for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// A request for an arbitrary path below `/v1/`.
pub(super) struct RawRequest {
    pub(super) operation: Operation,
    /// Without a leading slash, not percent-encoded.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    /// Wiped when dropped: it may hold a password. (The copies that the transport makes are not.)
    pub(super) body: Option<Zeroizing<Vec<u8>>>,
}

#[async_trait::async_trait]
impl Endpoint for RawRequest {
    type Response = Value;
    const REQUEST_BODY_TYPE: RequestType = RequestType::JSON;
    const RESPONSE_BODY_TYPE: ResponseType = ResponseType::JSON;

    fn path(&self) -> String {
        self.path.clone()
    }

    fn method(&self) -> RequestMethod {
        match self.operation {
            Operation::Delete => RequestMethod::DELETE,
            Operation::List => RequestMethod::LIST,
            Operation::Read => RequestMethod::GET,
            Operation::Write => RequestMethod::PUT,
        }
    }

    fn query(&self) -> Result<Option<String>, ClientError> {
        if self.query.is_empty() {
            return Ok(None);
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.query);
        Ok(Some(query.finish()))
    }

    fn body(&self) -> Result<Option<Vec<u8>>, ClientError> {
        Ok(self.body.as_ref().map(|body| body.to_vec()))
    }
}

/// Refuses a path that would arrive as another one: the URL parser drops `.` and `..`.
pub(super) fn check_path(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("the path is empty".into());
    }
    let segments = path.strip_suffix('/').unwrap_or(path).split('/');
    for segment in segments {
        if segment.is_empty() || segment == "." || segment == ".." {
            return Err(format!(
                "the path {path:?} holds an empty, '.' or '..' segment"
            ));
        }
        if segment.chars().any(char::is_control) {
            return Err(format!("the path {path:?} holds a control character"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_arrives_as_written_or_not_at_all() {
        for good in [
            "sys/mounts",
            "pki/certs/web/",
            "pki/current/web/*.example.com",
        ] {
            assert_eq!(check_path(good), Ok(()), "{good}");
        }
        for bad in ["", "/", "a//b", "a/../b", "a/.", "a/\n"] {
            assert!(check_path(bad).is_err(), "{bad:?}");
        }
    }
}
