//! A Vault backend: its requests, responses, errors, storage and trait, and the gRPC services that connect a server
//! and a backend. A backend sees only these types, and nothing of the wire format.

mod backend;
mod cached_storage;
mod caller;
mod convert;
mod error;
mod memory;
mod proto;
mod remote_storage;
mod remote_system;
mod request;
mod response;
mod serve;
mod service;
mod storage;
mod write_ahead;

pub use backend::{Alias, Backend, Context, Entity, Factory, Setup, SpecialPaths, SystemView};
pub use cached_storage::{Cache, CachedStorage};
pub use caller::CallerHandle;
pub use error::Error;
pub use memory::{MemoryStorage, MemorySystem};
pub use request::{Operation, Request};
pub use response::{RawBody, Response};
pub use serve::serve;
pub use storage::{Batch, Change, Entry, Storage, StorageError};
