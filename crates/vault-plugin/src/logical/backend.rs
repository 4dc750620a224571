//! A backend: one mount of this plugin.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Error, Request, Response, Storage};

/// What the server says when it sets a mount up.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The same for the same mount across restarts; empty while the catalogue only looks at the plugin.
    pub backend_uuid: String,
    /// `plugin_name`, `plugin_version` and the mount's options.
    pub config: BTreeMap<String, String>,
}

/// API paths and storage prefixes with a special meaning; read once per start of a mount.
#[derive(Debug, Clone, Default)]
pub struct SpecialPaths {
    pub root: Vec<String>,
    pub unauthenticated: Vec<String>,
    /// Storage keys, or prefixes that end in `/`, to be sealed once more where the seal can.
    pub seal_wrap: Vec<String>,
}

/// What the server tells about itself.
#[async_trait]
pub trait SystemView: Send + Sync + 'static {
    /// A performance standby: it serves reads, and its writes are refused.
    async fn is_standby(&self) -> Result<bool, Error>;

    /// The server's version, `2.7.2` or `1.20.4`.
    async fn server_version(&self) -> Result<String, Error>;

    /// The identity of a caller, by the `entity_id` of its request; `None` where the server knows no such entity.
    async fn entity(&self, id: &str) -> Result<Option<Entity>, Error>;
}

/// A caller, however it has logged in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entity {
    pub id: String,
    pub name: String,
    pub metadata: BTreeMap<String, String>,
    pub aliases: Vec<Alias>,
}

/// One login of a caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alias {
    pub mount_accessor: String,
    pub name: String,
    pub metadata: BTreeMap<String, String>,
}

/// What a backend may use while it handles a request.
#[derive(Clone)]
pub struct Context {
    pub storage: Arc<dyn Storage>,
    pub system: Arc<dyn SystemView>,
}

/// Makes a backend for each mount.
pub trait Factory: Send + Sync + 'static {
    /// Called at set-up, where storage must not be touched. An error fails the mount with its text.
    fn create(&self, setup: Setup) -> Result<Arc<dyn Backend>, String>;

    /// Semantic version with a leading `v`.
    fn version(&self) -> String;
}

#[async_trait]
pub trait Backend: Send + Sync + 'static {
    fn special_paths(&self) -> SpecialPaths;

    /// Before the first request; on a standby writes fail here, which is no error.
    async fn initialize(&self, context: Context) -> Result<(), Error>;

    /// Runs in a task of its own: it is not stopped when the caller hangs up.
    /// `Ok(None)`: nothing to say (204 for a write, 404 for a read).
    async fn handle(&self, context: Context, request: Request) -> Result<Option<Response>, Error>;

    /// Whether the thing that a write names is there: it decides between `create` and `update`. `None`: no such
    /// difference on this path.
    async fn exists(&self, context: Context, request: &Request) -> Result<Option<bool>, Error>;

    /// Another node wrote this storage key.
    async fn invalidate(&self, key: &str);

    /// The mount ends here: stop background work.
    async fn cleanup(&self);
}
