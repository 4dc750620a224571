//! The engine as a backend of the server.

use std::sync::Arc;

use async_trait::async_trait;

use super::instance::Engine;
use super::store::SEALED;
use super::{jobs, paths, version};
use crate::plugin::framework::Router;
use crate::plugin::logical::{
    Backend, Context, Error, Factory, Operation, Request, Response, Setup, SpecialPaths,
};

/// Makes the engine of each mount.
pub fn factory() -> impl Factory {
    Engines
}

struct Engines;

impl Factory for Engines {
    fn create(&self, _setup: Setup) -> Result<Arc<dyn Backend>, String> {
        Ok(Arc::new(Mount {
            engine: Arc::new(Engine::new()),
            router: paths::router(),
        }))
    }

    fn version(&self) -> String {
        version()
    }
}

struct Mount {
    engine: Arc<Engine>,
    router: Router<Engine>,
}

#[async_trait]
impl Backend for Mount {
    fn special_paths(&self) -> SpecialPaths {
        SpecialPaths {
            seal_wrap: SEALED.iter().map(|prefix| (*prefix).to_owned()).collect(),
            ..SpecialPaths::default()
        }
    }

    async fn initialize(&self, _context: Context) -> Result<(), Error> {
        Ok(())
    }

    async fn handle(&self, context: Context, request: Request) -> Result<Option<Response>, Error> {
        if request.operation == Operation::Rollback {
            jobs::wake(&self.engine, &context);
            return Ok(None);
        }
        self.router
            .handle(Arc::clone(&self.engine), context, request)
            .await
    }

    async fn exists(&self, context: Context, request: &Request) -> Result<Option<bool>, Error> {
        self.router
            .exists(Arc::clone(&self.engine), context, request)
            .await
    }

    /// Nothing of storage is kept in memory but clients, which are compared with their config before each use.
    async fn invalidate(&self, _key: &str) {}

    async fn cleanup(&self) {
        self.engine.stop();
    }
}
