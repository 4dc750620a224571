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
    /// The revocation of a lease, not a path with this name.
    Revoke,
    /// The renewal of a lease.
    Renew,
    /// The server's periodic call, every minute on every node.
    Rollback,
    /// `HEAD`.
    Header,
    /// OpenBao's request for the canonical path.
    ResolvePath,
    /// Operations that are not known to this version.
    #[default]
    Other,
}

/// One request to one mount. `data` is the body, or for GET and LIST the query, whose values are strings.
#[derive(Clone, Default)]
pub struct Request {
    pub id: String,
    pub operation: Operation,
    /// Relative to the mount, without a leading slash. The path of a list ends in `/`.
    pub path: String,
    pub data: Map<String, Value>,
    pub mount_point: String,
    pub mount_type: String,
    pub display_name: String,
    pub entity_id: String,
    /// The server's hash of the token, salted for this mount: the same token has the same hash.
    pub client_token_hash: String,
    pub client_token_accessor: String,
    pub headers: BTreeMap<String, Vec<String>>,
    pub unauthenticated: bool,
    pub caller: CallerHandle,
}

/// Does not show `data`, which may contain secrets.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("operation", &self.operation)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
