//! A request as a backend sees it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::caller::CallerHandle;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    Create,
    Read,
    Update,
    Patch,
    Delete,
    List,
    Help,
    /// `revoke` of a lease; not to be confused with a path of that name.
    Revoke,
    /// `renew` of a lease.
    Renew,
    /// The server's periodic call, every minute on every node.
    Rollback,
    /// `HEAD`.
    Header,
    /// OpenBao's question for the canonical path.
    ResolvePath,
    /// Anything else a server may come to send.
    #[default]
    Other,
}

/// One request to one mount. `data` holds the body, or the query of a GET or LIST, whose values are strings.
#[derive(Clone, Default)]
pub struct Request {
    pub id: String,
    pub operation: Operation,
    /// Relative to the mount, without a leading slash; a list ends in `/`.
    pub path: String,
    pub data: Map<String, Value>,
    pub mount_point: String,
    pub mount_type: String,
    pub display_name: String,
    pub entity_id: String,
    /// What the server has hashed of the token, with a salt of this mount: the same for the same token.
    pub client_token_hash: String,
    pub client_token_accessor: String,
    pub headers: BTreeMap<String, Vec<String>>,
    pub unauthenticated: bool,
    pub caller: CallerHandle,
}

/// Without `data`, which may hold secrets.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("operation", &self.operation)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
