//! Routes, typed fields and operations of a Vault backend, declared once: field checking, help and OpenAPI are made
//! from the same declarations that the handlers use.

mod field;
mod route;
mod values;

pub use field::{Field, Kind};
pub use route::{Call, Route, Router};
pub use values::Values;
