//! A mount in memory for the tests of this engine.

mod with_scm;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::engine::Engine;
use super::paths;
use super::store::{CACHED, Store};
use scm_sim::Sim;
use vault_plugin::framework::Router;
use vault_plugin::logical::{
    Cache, CachedStorage, CallerHandle, Context, Error, MemoryStorage, MemorySystem, Operation,
    Request, Response,
};

pub use with_scm::{TestMountWithScm, text};

/// One plugin process with its storage.
pub struct TestMount {
    pub storage: Arc<MemoryStorage>,
    pub context: Context,
    pub engine: Arc<Engine>,
    router: Arc<Router<Engine>>,
}

impl TestMount {
    pub fn over(storage: MemoryStorage) -> Self {
        let storage = Arc::new(storage);
        let cache = Arc::new(Cache::new(CACHED, 1024 * 1024));
        let cached = CachedStorage::new(Arc::<MemoryStorage>::clone(&storage), cache);
        Self {
            context: Context {
                storage: Arc::new(cached),
                system: Arc::new(MemorySystem::default()),
            },
            storage,
            engine: Arc::new(Engine::new()),
            router: Arc::new(paths::router()),
        }
    }

    /// A new process with the storage of the old one.
    pub async fn restarted(&self) -> Self {
        let storage = self.storage.restarted();
        storage.recover().await.unwrap();
        Self::over(storage)
    }

    pub fn store(&self) -> Store {
        Store::of(&self.context)
    }

    pub async fn write(&self, path: &str, body: Value) -> Result<Option<Response>, Error> {
        self.ask(Operation::Update, path, body).await
    }

    /// A write with this request id; the server sends the same id again when the plugin died. The caller is always the
    /// same.
    pub async fn write_as(
        &self,
        id: &str,
        path: &str,
        body: Value,
    ) -> Result<Option<Response>, Error> {
        self.write_by("caller", id, path, body).await
    }

    /// Like [`Self::write_as`], with the token of this accessor.
    pub async fn write_by(
        &self,
        accessor: &str,
        id: &str,
        path: &str,
        body: Value,
    ) -> Result<Option<Response>, Error> {
        let request = Request {
            id: id.to_owned(),
            client_token_accessor: accessor.to_owned(),
            ..request(Operation::Update, path, body)
        };
        self.handle(request).await
    }

    /// A read with the token of this accessor.
    pub async fn read_as(
        &self,
        accessor: &str,
        path: &str,
        query: Value,
    ) -> Result<Response, Error> {
        let request = Request {
            client_token_accessor: accessor.to_owned(),
            ..request(Operation::Read, path, query)
        };
        self.handle(request).await.map(Option::unwrap)
    }

    pub async fn read(&self, path: &str, query: Value) -> Map<String, Value> {
        let answer = self.ask(Operation::Read, path, query).await;
        answer.unwrap().unwrap().data
    }

    pub async fn ask(
        &self,
        operation: Operation,
        path: &str,
        body: Value,
    ) -> Result<Option<Response>, Error> {
        self.handle(request(operation, path, body)).await
    }

    async fn handle(&self, request: Request) -> Result<Option<Response>, Error> {
        // As in the service: the task continues when the caller disconnects.
        let (caller, _waiting) = CallerHandle::waiting();
        let request = Request { caller, ..request };
        let (router, engine) = (Arc::clone(&self.router), Arc::clone(&self.engine));
        let context = self.context.clone();
        tokio::spawn(async move { router.handle(engine, context, request).await })
            .await
            .unwrap()
    }

    /// Waits for the account check that follows a write of the config `web`.
    pub async fn looked(&self) {
        for _ in 0..1_000 {
            let health = self.read("health", json!({})).await;
            let look = &health["configs"]["web"];
            if look["awaited"].is_null() || !look["checked"].as_str().unwrap_or_default().is_empty()
            {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
        panic!("nobody looked at the account");
    }

    /// Writes a config `web` for this SCM.
    pub async fn config(&self, sim: &Sim) {
        let config = json!({
            "sectigo_cm_base_url": sim.base_url,
            "sectigo_cm_uri": sim.customer_uri,
            "sectigo_cm_org_id": 123,
            "sectigo_cm_user": sim.login,
            "sectigo_cm_password": sim.password,
            "sectigo_ssl_cert_type": 51,
            "sectigo_ssl_cert_validity": 90,
            "sectigo_csr_key_algo": "EC",
            "settle_after": 0,
        });
        self.write("configs/web", config).await.unwrap();
    }
}

fn request(operation: Operation, path: &str, body: Value) -> Request {
    Request {
        operation,
        path: path.to_owned(),
        data: body.as_object().cloned().unwrap_or_default(),
        ..Request::default()
    }
}
