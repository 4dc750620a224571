//! The secrets engine: orders, keeps and renews certificates of Sectigo Certificate Manager (SCM).
//!
//! `paths` has one file for each path that callers see. `ledger` moves orders from state to state. `background`,
//! `automatic_renewal` and `tidy` are the work without a caller. `index` keeps up to a hundred thousand certificates
//! sorted. `store` holds every storage key.

mod account_check;
mod active_callers;
mod automatic_renewal;
mod backend;
mod background;
mod certificates;
mod config;
mod deletion;
mod domains;
mod drift;
mod effective_fields;
mod engine;
mod error;
#[cfg(test)]
mod field_coverage;
mod field_names;
mod field_values;
mod fields;
mod index;
mod issuance;
mod key_delivery;
mod labels;
mod ledger;
mod locks;
mod outlook;
mod owner;
mod paths;
mod pki_answer;
mod policy;
mod profiles;
mod random;
mod renewal;
mod renewal_window;
mod request_defaults;
mod response;
mod reuse;
mod revoked_list;
mod role;
mod role_request;
mod scm_adapter;
mod store;
mod summary;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tidy;
mod time;
mod time_budget;
mod validate;

#[cfg(test)]
pub(crate) use index::IndexRow;
#[cfg(test)]
pub(crate) use renewal_window::{RenewalRule, RenewalWindow};
#[cfg(test)]
pub(crate) use store::{CertKind, DomainEntry, DomainList, Lifecycle};
#[cfg(test)]
pub(crate) use testing::{TestMount, TestMountWithScm};
#[cfg(test)]
pub(crate) use tests::run as run_background;
#[cfg(test)]
pub(crate) use time::move_clock;

pub use backend::factory;
pub use renewal_window::longest_public_term;

use std::process::ExitCode;

const BY_HAND: &str = "\
sectigo-vault-pki is a secrets-engine plugin: a HashiCorp Vault or OpenBao server starts it, and it does nothing when
started by hand. To install it, put it into the server's plugin_directory, then:

    vault plugin register -sha256=$(sha256sum sectigo-vault-pki | cut -d' ' -f1) secret sectigo-vault-pki
    vault secrets enable sectigo-vault-pki
    vault path-help sectigo-vault-pki

With OpenBao say bao in place of vault. `svpki plugin install` does the same and checks each step.";

/// The crates whose log lines follow the server's log level; other libraries log only warnings and errors.
const OUR_CRATES: &[&str] = &["sectigo_vault_pki", "scm_client", "pki"];

/// Runs the plugin's process until it ends.
pub fn serve() -> ExitCode {
    crate::core_dumps::turn_off();
    vault_plugin::logical::serve(BY_HAND, OUR_CRATES, factory())
}

/// The reference of all paths and fields in Markdown, which is `docs/paths.md`.
pub fn reference() -> String {
    vault_plugin::framework::reference_page(&paths::router())
}

/// The version as the plugin catalogue shows it.
pub fn version() -> String {
    format!("v{}", env!("CARGO_PKG_VERSION"))
}
