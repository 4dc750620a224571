//! The Sectigo PKI secrets engine.

use std::sync::Arc;

use async_trait::async_trait;

use super::logical::{
    Backend, Context, Error, Factory, Operation, Request, Response, Setup, SpecialPaths,
};

/// What the server makes mounts with.
pub fn factory() -> impl Factory {
    Engines
}

struct Engines;

impl Factory for Engines {
    fn create(&self, _: Setup) -> Result<Arc<dyn Backend>, String> {
        Ok(Arc::new(Engine))
    }

    fn version(&self) -> String {
        concat!("v", env!("CARGO_PKG_VERSION")).to_owned()
    }
}

/// A mount that has no paths yet, and says so.
struct Engine;

#[async_trait]
impl Backend for Engine {
    fn special_paths(&self) -> SpecialPaths {
        SpecialPaths::default()
    }

    async fn initialize(&self, _: Context) -> Result<(), Error> {
        Ok(())
    }

    async fn handle(&self, _: Context, request: Request) -> Result<Option<Response>, Error> {
        match request.operation {
            Operation::Help => {
                let mut response = Response::default();
                let text = "The Sectigo PKI secrets engine. It has no paths yet.";
                response.data.insert("help".to_owned(), text.into());
                Ok(Some(response))
            }
            Operation::Rollback => Ok(None),
            _ => Err(Error::UnsupportedPath),
        }
    }

    async fn exists(&self, _: Context, _: &Request) -> Result<Option<bool>, Error> {
        Ok(None)
    }

    async fn invalidate(&self, _: &str) {}

    async fn cleanup(&self) {}
}
