//! This secrets engine: orders, keeps and renews certificates of Sectigo Certificate Manager.
//!
//! `paths` holds what callers see, one file a path; `ledger` what happens to an order; `renewal`, `jobs` and `tidy`
//! what happens by itself; `index` the order of a hundred thousand certificates; `store` every storage key.

mod answer;
mod at_scm;
mod backend;
mod certificates;
mod config;
mod defaults;
#[cfg(test)]
mod effects;
mod error;
mod fields;
mod health;
mod index;
mod instance;
mod jobs;
mod ledger;
mod listeners;
mod locks;
mod ordering;
mod outside;
mod paths;
mod policy;
mod profiles;
mod random;
mod removal;
mod renewal;
mod resolve;
mod shift;
mod store;
mod summary;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tidy;
mod time;
mod window;
mod written;

pub use backend::factory;
pub use window::longest_public_term;

/// The reference of all paths and fields, in Markdown: `docs/paths.md`.
pub fn reference() -> String {
    super::framework::reference_page(&paths::router())
}

/// Our version as the catalogue shows it.
pub fn version() -> String {
    format!("v{}", env!("CARGO_PKG_VERSION"))
}
