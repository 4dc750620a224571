//! Every field of every path, declared once: checking, aliases, help, OpenAPI and the sample files' fields all come
//! from here. Primary names are the documented plugin's; short names are those of Vault's own PKI engine.

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
