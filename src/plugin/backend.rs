//! The engine as a backend of the server.

use std::sync::Arc;

use async_trait::async_trait;

use super::engine::Engine;
use super::store::{CACHED, SEALED};
use super::{background, paths, version};
use vault_plugin::framework::Router;
use vault_plugin::logical::{
    Backend, Cache, CachedStorage, Context, Error, Factory, Operation, Request, Response, Setup,
    SpecialPaths,
};

/// The factory that creates the backend of each mount.
pub fn factory() -> impl Factory {
    Engines
}

struct Engines;

impl Factory for Engines {
    fn create(&self, _setup: Setup) -> Result<Arc<dyn Backend>, String> {
        Ok(Arc::new(PkiBackend {
            cache: Arc::new(Cache::new(CACHED, CACHE_BYTES)),
            engine: Arc::new(Engine::new()),
            router: paths::router(),
        }))
    }

    fn version(&self) -> String {
        version()
    }
}

/// The most bytes that each cached folder keeps in memory.
const CACHE_BYTES: usize = 4 * 1024 * 1024;

struct PkiBackend {
    cache: Arc<Cache>,
    engine: Arc<Engine>,
    router: Router<Engine>,
}

impl PkiBackend {
    fn cached(&self, context: Context) -> Context {
        Context {
            storage: Arc::new(CachedStorage::new(context.storage, Arc::clone(&self.cache))),
            ..context
        }
    }
}

#[async_trait]
impl Backend for PkiBackend {
    fn special_paths(&self) -> SpecialPaths {
        SpecialPaths {
            unauthenticated: paths::UNAUTHENTICATED
                .iter()
                .map(|path| (*path).to_owned())
                .collect(),
            seal_wrap: SEALED.iter().map(|prefix| (*prefix).to_owned()).collect(),
            ..SpecialPaths::default()
        }
    }

    async fn initialize(&self, _context: Context) -> Result<(), Error> {
        Ok(())
    }

    async fn handle(&self, context: Context, request: Request) -> Result<Option<Response>, Error> {
        let context = self.cached(context);
        if request.operation == Operation::Rollback {
            background::trigger(&self.engine, &context);
            return Ok(None);
        }
        self.router
            .handle(Arc::clone(&self.engine), context, request)
            .await
    }

    async fn exists(&self, context: Context, request: &Request) -> Result<Option<bool>, Error> {
        self.router
            .exists(Arc::clone(&self.engine), self.cached(context), request)
            .await
    }

    async fn invalidate(&self, key: &str) {
        self.cache.invalidate(key);
    }

    async fn cleanup(&self) {
        self.engine.stop();
    }
}
