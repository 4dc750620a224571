//! The backend service, which the server calls for each mount of this plugin.
//!
//! One process serves all mounts; the metadata of each call names the mount. Every call of a backend runs in a
//! separate task: it is not stopped when the caller disconnects, and a panic ends only that call.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

use super::proto::pb;
use super::proto::pb::backend_server;
use super::remote_storage::RemoteStorage;
use super::remote_system::RemoteSystem;
use super::{
    Backend, CallerHandle, Context, Error, Factory, Operation, Setup, StorageError, convert,
    write_ahead,
};
use crate::goplugin::Broker;

/// The metadata key that names the mount.
const MOUNT: &str = "multiplex_id";

/// The number of the plugin type "secrets engine".
const SECRETS_ENGINE: u32 = 1;

/// Serves the backends that `factory` creates.
pub(super) struct Service<F> {
    factory: Arc<F>,
    broker: Broker,
    mounts: RwLock<HashMap<String, Arc<MountedBackend>>>,
}

struct MountedBackend {
    backend: Arc<dyn Backend>,
    context: Context,
    storage: Arc<RemoteStorage>,
}

impl<F: Factory> Service<F> {
    pub(super) fn new(factory: Arc<F>, broker: Broker) -> Self {
        Self {
            factory,
            broker,
            mounts: RwLock::default(),
        }
    }

    fn mount(&self, metadata: &MetadataMap) -> Result<Arc<MountedBackend>, Status> {
        let mounts = self.mounts.read().unwrap_or_else(PoisonError::into_inner);
        let mount = mounts.get(mount_name(metadata)).cloned();
        mount.ok_or_else(|| Status::internal("no backend instance found"))
    }

    fn remember(&self, name: String, mount: Arc<MountedBackend>) -> Option<Arc<MountedBackend>> {
        let mut mounts = self.mounts.write().unwrap_or_else(PoisonError::into_inner);
        mounts.insert(name, mount)
    }

    fn forget(&self, metadata: &MetadataMap) -> Option<Arc<MountedBackend>> {
        let mut mounts = self.mounts.write().unwrap_or_else(PoisonError::into_inner);
        mounts.remove(mount_name(metadata))
    }

    async fn set_up(&self, args: pb::SetupArgs) -> Result<Arc<MountedBackend>, String> {
        let setup = Setup {
            backend_uuid: args.backend_uuid,
            config: args.config.into_iter().collect(),
        };
        let factory = Arc::clone(&self.factory);
        let backend = spawn_isolated(async move { factory.create(setup) })
            .await
            .map_err(|Panicked| Panicked.to_string())??;
        let channel = self.broker.dial(args.broker_id).await;
        let channel = channel.map_err(|error| error.to_string())?;
        let storage = Arc::new(RemoteStorage::new(channel.clone()));
        Ok(Arc::new(MountedBackend {
            backend,
            context: Context {
                storage: storage.clone(),
                system: Arc::new(RemoteSystem::new(channel)),
            },
            storage,
        }))
    }
}

/// The name of the mount; empty if the server starts a process for each mount.
fn mount_name(metadata: &MetadataMap) -> &str {
    metadata
        .get(MOUNT)
        .and_then(|name| name.to_str().ok())
        .unwrap_or_default()
}

impl MountedBackend {
    async fn initialize(&self) -> Result<(), Error> {
        match self.storage.recover().await {
            // A standby may not write; the active node completes the batch.
            Ok(()) | Err(StorageError::ReadOnly) => {}
            // The next operation tries again, and reports the error if it persists.
            Err(error) => tracing::warn!(%error, "an unfinished batch of writes may be left"),
        }
        match self.backend.initialize(self.context.clone()).await {
            Err(Error::Storage(StorageError::ReadOnly)) => Ok(()),
            initialized => initialized,
        }
    }

    async fn handle(
        &self,
        wire: Option<pb::Request>,
        caller: CallerHandle,
    ) -> Result<Option<super::Response>, Error> {
        let request = super::Request {
            caller,
            ..convert::request(wire)?
        };
        let (operation, path) = (request.operation, request.path.clone());
        let answered = self.backend.handle(self.context.clone(), request).await;
        match operation {
            Operation::Rollback => harmless_rollback(answered),
            Operation::Help => always_help(&path, answered),
            _ => answered,
        }
    }
}

/// The periodic call also reaches nodes that may not write: there it must not fail.
fn harmless_rollback(
    answered: Result<Option<super::Response>, Error>,
) -> Result<Option<super::Response>, Error> {
    match answered {
        Err(Error::Storage(StorageError::ReadOnly)) => Ok(None),
        answered => answered,
    }
}

/// Makes sure that there is always a help text: without one the server's handler crashes, and an error for the whole
/// mount removes the API description of all other mounts.
fn always_help(
    path: &str,
    answered: Result<Option<super::Response>, Error>,
) -> Result<Option<super::Response>, Error> {
    match answered {
        Ok(None) => Ok(Some(no_help())),
        Err(error) if path.is_empty() => {
            tracing::warn!(%error, "the help of a mount failed");
            Ok(Some(no_help()))
        }
        answered => answered,
    }
}

fn no_help() -> super::Response {
    let mut response = super::Response::default();
    let text = Value::from("There is no help here.");
    response.data.insert("help".to_owned(), text);
    response
}

#[derive(Debug, thiserror::Error)]
#[error("the plugin failed in a way it should not; its log in the server's says where")]
struct Panicked;

impl From<Panicked> for Error {
    fn from(panicked: Panicked) -> Self {
        Self::Internal(panicked.to_string())
    }
}

/// Runs `work` to its end in a separate task, even if the caller disconnects.
async fn spawn_isolated<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Panicked> {
    tokio::spawn(work).await.map_err(|_| Panicked)
}

#[tonic::async_trait]
impl<F: Factory> backend_server::Backend for Service<F> {
    async fn handle_request(
        &self,
        call: Request<pb::HandleRequestArgs>,
    ) -> Result<Response<pb::HandleRequestReply>, Status> {
        let (metadata, _, args) = call.into_parts();
        // The server asks this before every request. Our paths have only one spelling, so no backend needs to be
        // asked.
        if args.request.as_ref().is_some_and(asks_for_canonical_path) {
            return Ok(Response::new(pb::HandleRequestReply {
                response: None,
                err: Some(Error::UnsupportedPath.into()),
            }));
        }
        let mount = self.mount(&metadata)?;
        // Dropped at the end of this call, when the server has its answer or no longer waits for it.
        let (caller, _waiting) = CallerHandle::waiting();
        let answered =
            spawn_isolated(async move { mount.handle(args.request, caller).await }).await;
        let reply = match answered.unwrap_or_else(|panicked| Err(panicked.into())) {
            Ok(response) => pb::HandleRequestReply {
                response: response.map(convert::response),
                err: None,
            },
            Err(error) => pb::HandleRequestReply {
                response: None,
                err: Some(error.into()),
            },
        };
        Ok(Response::new(reply))
    }

    async fn special_paths(
        &self,
        call: Request<pb::Empty>,
    ) -> Result<Response<pb::SpecialPathsReply>, Status> {
        let mut paths = self.mount(call.metadata())?.backend.special_paths();
        paths.seal_wrap.push(write_ahead::PREFIX.to_owned());
        Ok(Response::new(pb::SpecialPathsReply {
            paths: Some(convert::special_paths(paths)),
        }))
    }

    async fn handle_existence_check(
        &self,
        call: Request<pb::HandleExistenceCheckArgs>,
    ) -> Result<Response<pb::HandleExistenceCheckReply>, Status> {
        let (metadata, _, args) = call.into_parts();
        let mount = self.mount(&metadata)?;
        let answered = spawn_isolated(async move {
            let request = convert::request(args.request)?;
            mount.backend.exists(mount.context.clone(), &request).await
        })
        .await;
        let reply = match answered.unwrap_or_else(|panicked| Err(panicked.into())) {
            Ok(found) => pb::HandleExistenceCheckReply {
                check_found: found.is_some(),
                exists: found.unwrap_or(false),
                err: None,
            },
            Err(error) => pb::HandleExistenceCheckReply {
                check_found: false,
                exists: false,
                err: Some(error.into()),
            },
        };
        Ok(Response::new(reply))
    }

    async fn cleanup(&self, call: Request<pb::Empty>) -> Result<Response<pb::Empty>, Status> {
        if let Some(mount) = self.forget(call.metadata()) {
            // A panic was already logged, and the mount is removed in any case.
            let _ = spawn_isolated(async move { mount.backend.cleanup().await }).await;
        }
        Ok(Response::new(pb::Empty {}))
    }

    async fn invalidate_key(
        &self,
        call: Request<pb::InvalidateKeyArgs>,
    ) -> Result<Response<pb::Empty>, Status> {
        let (metadata, _, args) = call.into_parts();
        let mount = self.mount(&metadata)?;
        mount.storage.invalidate(&args.key);
        let _ = spawn_isolated(async move { mount.backend.invalidate(&args.key).await }).await;
        Ok(Response::new(pb::Empty {}))
    }

    async fn setup(
        &self,
        call: Request<pb::SetupArgs>,
    ) -> Result<Response<pb::SetupReply>, Status> {
        let (metadata, _, args) = call.into_parts();
        let err = match self.set_up(args).await {
            Ok(mount) => {
                if let Some(before) = self.remember(mount_name(&metadata).to_owned(), mount) {
                    let _ = spawn_isolated(async move { before.backend.cleanup().await }).await;
                }
                String::new()
            }
            Err(text) if text.is_empty() => "the backend cannot be set up".to_owned(),
            Err(text) => text,
        };
        Ok(Response::new(pb::SetupReply { err }))
    }

    async fn initialize(
        &self,
        call: Request<pb::InitializeArgs>,
    ) -> Result<Response<pb::InitializeReply>, Status> {
        let mount = self.mount(call.metadata())?;
        let initialized = spawn_isolated(async move { mount.initialize().await }).await;
        let err = initialized
            .unwrap_or_else(|panicked| Err(panicked.into()))
            .err();
        Ok(Response::new(pb::InitializeReply {
            err: err.map(Into::into),
        }))
    }

    async fn r#type(&self, _: Request<pb::Empty>) -> Result<Response<pb::TypeReply>, Status> {
        Ok(Response::new(pb::TypeReply {
            r#type: SECRETS_ENGINE,
        }))
    }
}

fn asks_for_canonical_path(request: &pb::Request) -> bool {
    Operation::from(request.operation.as_str()) == Operation::ResolvePath
}

#[cfg(test)]
mod tests;
