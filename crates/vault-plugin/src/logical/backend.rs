//! A backend: one mount of this plugin.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Error, Request, Response, Storage};

/// What the server passes when it sets up a mount.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Stays the same for a mount across restarts; empty while the catalogue only inspects the plugin.
    pub backend_uuid: String,
    /// `plugin_name`, `plugin_version` and the mount's options.
    pub config: BTreeMap<String, String>,
}

/// API paths and storage prefixes with a special meaning. They are read once for each start of a mount.
#[derive(Debug, Clone, Default)]
pub struct SpecialPaths {
    pub root: Vec<String>,
    pub unauthenticated: Vec<String>,
    /// Storage keys, or prefixes that end in `/`, that the seal encrypts once more if it can.
    pub seal_wrap: Vec<String>,
}

/// What the server tells about itself.
#[async_trait]
pub trait SystemView: Send + Sync + 'static {
    /// Whether this node is a performance standby, which serves reads and whose writes are refused.
    async fn is_standby(&self) -> Result<bool, Error>;

    /// The server's version, for example `2.7.2` or `1.20.4`.
    async fn server_version(&self) -> Result<String, Error>;

    /// The identity of a caller, by the `entity_id` of its request; `None` if the server does not know the entity.
    async fn entity(&self, id: &str) -> Result<Option<Entity>, Error>;
}

/// A caller, independent of the login method.
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

/// Creates the backend of each mount.
pub trait Factory: Send + Sync + 'static {
    /// Called at set-up, when storage must not be used. An error fails the set-up of the mount with this text.
    fn create(&self, setup: Setup) -> Result<Arc<dyn Backend>, String>;

    /// The semantic version with a leading `v`.
    fn version(&self) -> String;
}

#[async_trait]
pub trait Backend: Send + Sync + 'static {
    fn special_paths(&self) -> SpecialPaths;

    /// Called before the first request. On a standby, failing writes are no error.
    async fn initialize(&self, context: Context) -> Result<(), Error>;

    /// Handles a request in a separate task, which is not stopped when the caller disconnects. `Ok(None)` is an answer
    /// without content (204 for a write, 404 for a read).
    async fn handle(&self, context: Context, request: Request) -> Result<Option<Response>, Error>;

    /// Whether the object of a write exists: it decides between `create` and `update`. `None` if the path makes no
    /// such difference.
    async fn exists(&self, context: Context, request: &Request) -> Result<Option<bool>, Error>;

    /// Called when another node has written this storage key.
    async fn invalidate(&self, key: &str);

    /// Called at the end of the mount: stops background work.
    async fn cleanup(&self);
}
