//! Declares every field of every path once: checks, aliases, help, OpenAPI and the fields of the sample files are made
//! from these declarations. Primary names are those of the documented plugin, short names those of Vault's own PKI
//! engine.

mod account;
mod automation;
mod certificate;
mod domains;
mod labels;
mod policy;
mod reading;
mod role;
mod steps;

pub use account::*;
pub use automation::*;
pub use certificate::*;
pub use domains::*;
pub use labels::*;
pub use policy::*;
pub use reading::*;
pub use role::*;
pub use steps::*;
