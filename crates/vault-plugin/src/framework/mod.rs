//! Routes, typed fields and operations of a Vault backend, declared once: field checking, help, OpenAPI and the
//! reference page are made from the same declarations that the handlers use.

mod check;
mod dispatch;
mod duration;
mod field;
mod help;
mod lint;
mod openapi;
mod reference;
mod route;
mod router;
#[cfg(test)]
mod tests;
mod value;
mod values;

pub use field::{Field, FieldKind};
pub use reference::page as reference_page;
pub use route::{Action, Call, Route};
pub use router::Router;
pub use value::Value;
pub use values::{IgnoredFields, Values};
