//! A Vault backend, free of the wire: what a request, a response, an error, a storage and a backend are.
//!
//! The gRPC service that carries them stands beside these types; a backend sees only what is declared here.

mod backend;
mod error;
mod request;
mod response;
mod storage;

pub use backend::{Backend, Context, Factory, Setup, SpecialPaths, SystemView};
pub use error::Error;
pub use request::{Operation, Request};
pub use response::{RawBody, Response};
pub use storage::{Batch, Change, Entry, Storage, StorageError};
