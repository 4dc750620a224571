use async_trait::async_trait;

use super::backend_server::Backend as _;
use super::*;
use crate::logical::{MemoryStorage, MemorySystem, Response as Answer, SpecialPaths};

/// Answers, fails or panics, depending on the path.
struct Fake;

#[async_trait]
impl Backend for Fake {
    fn special_paths(&self) -> SpecialPaths {
        SpecialPaths::default()
    }

    async fn initialize(&self, _: Context) -> Result<(), Error> {
        Err(StorageError::ReadOnly.into())
    }

    async fn handle(
        &self,
        _: Context,
        request: crate::logical::Request,
    ) -> Result<Option<Answer>, Error> {
        match request.path.as_str() {
            "read-only" => Err(StorageError::ReadOnly.into()),
            "panic" => panic!("as asked"),
            _ => Ok(None),
        }
    }

    async fn exists(
        &self,
        _: Context,
        request: &crate::logical::Request,
    ) -> Result<Option<bool>, Error> {
        Ok((request.path == "here").then_some(true))
    }

    async fn invalidate(&self, _: &str) {}

    async fn cleanup(&self) {}
}

impl Factory for Fake {
    fn create(&self, _: Setup) -> Result<Arc<dyn Backend>, String> {
        Ok(Arc::new(Fake))
    }

    fn version(&self) -> String {
        String::new()
    }
}

/// A service with one mount, named `m`.
async fn service() -> Service<Fake> {
    let service = Service::new(Arc::new(Fake), Broker::without_host());
    let channel = tonic::transport::Endpoint::from_static("http://localhost").connect_lazy();
    let mount = MountedBackend {
        backend: Arc::new(Fake),
        context: Context {
            storage: Arc::new(MemoryStorage::default()),
            system: Arc::new(MemorySystem::default()),
        },
        storage: Arc::new(RemoteStorage::new(channel)),
    };
    service.remember("m".to_owned(), Arc::new(mount));
    service
}

fn call<T>(mount: &'static str, args: T) -> Request<T> {
    let mut call = Request::new(args);
    call.metadata_mut().insert(MOUNT, mount.parse().unwrap());
    call
}

fn request(operation: &str, path: &str) -> Option<pb::Request> {
    Some(pb::Request {
        operation: operation.to_owned(),
        path: path.to_owned(),
        data: "null".to_owned(),
        ..pb::Request::default()
    })
}

async fn handle(operation: &str, path: &str) -> pb::HandleRequestReply {
    let request = request(operation, path);
    let call = call("m", pb::HandleRequestArgs { request });
    service()
        .await
        .handle_request(call)
        .await
        .unwrap()
        .into_inner()
}

#[tokio::test]
async fn an_unknown_mount_is_said_to_be_one() {
    let service = service().await;
    let args = || pb::HandleRequestArgs {
        request: request("read", "x"),
    };
    for call in [call("other", args()), Request::new(args())] {
        let status = service.handle_request(call).await.err().unwrap();
        assert_eq!(status.message(), "no backend instance found");
    }
    // After its cleanup, the known mount is unknown as well.
    service.cleanup(call("m", pb::Empty {})).await.unwrap();
    assert!(service.handle_request(call("m", args())).await.is_err());
    service.cleanup(call("m", pb::Empty {})).await.unwrap();
}

#[tokio::test]
async fn the_question_for_a_canonical_path_needs_no_mount() {
    let request = request("resolve-path", "panic");
    let call = Request::new(pb::HandleRequestArgs { request });
    let reply = service().await.handle_request(call).await.unwrap();
    assert_eq!(reply.into_inner().err.unwrap().err_type, 6);
}

#[tokio::test]
async fn a_read_only_node_is_an_error_of_a_request_but_not_of_the_periodic_call() {
    assert_eq!(handle("update", "read-only").await.err.unwrap().err_type, 0);
    assert!(handle("rollback", "read-only").await.err.is_none());
}

#[tokio::test]
async fn help_is_always_an_answer() {
    assert!(handle("read", "").await.response.is_none());
    assert!(
        handle("help", "")
            .await
            .response
            .unwrap()
            .data
            .contains("help")
    );
}

#[tokio::test]
async fn a_panic_is_an_error_of_one_call() {
    let error = handle("read", "panic").await.err.unwrap();
    assert_eq!(error.err_type, 2);
    assert!(!error.err_msg.contains("as asked"));
}

#[tokio::test]
async fn existence_is_told_only_where_there_is_a_difference() {
    let service = service().await;
    for (path, expected) in [("here", (true, true)), ("anywhere", (false, false))] {
        let request = request("create", path);
        let call = call("m", pb::HandleExistenceCheckArgs { request });
        let reply = service
            .handle_existence_check(call)
            .await
            .unwrap()
            .into_inner();
        assert_eq!((reply.check_found, reply.exists), expected);
    }
}

#[tokio::test]
async fn write_ahead_entries_are_seal_wrapped_with_the_backends_own() {
    let reply = service().await.special_paths(call("m", pb::Empty {})).await;
    let paths = reply.unwrap().into_inner().paths.unwrap();
    assert_eq!(paths.seal_wrap_storage, [write_ahead::PREFIX]);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_cannot_be_called_back_fails_the_mount_with_a_text() {
    let args = pb::SetupArgs {
        broker_id: 7,
        ..pb::SetupArgs::default()
    };
    let reply = service().await.setup(call("n", args)).await.unwrap();
    assert!(reply.into_inner().err.contains("number 7"));
}
