//! The plugin, in layers, each knowing only those below it: [`goplugin`] (any go-plugin host), [`logical`] (any
//! Vault backend), [`framework`] (routes and fields of any Vault backend), `engine` (this secrets engine).

pub mod engine;
pub mod framework;
pub mod goplugin;
pub mod logical;

use std::process::ExitCode;

const BY_HAND: &str = "\
sectigo-vault-pki is a secrets-engine plugin: a HashiCorp Vault or OpenBao server starts it, and it does nothing when
started by hand. To install it, put it into the server's plugin_directory, then:

    vault plugin register -sha256=$(sha256sum sectigo-vault-pki | cut -d' ' -f1) secret sectigo-vault-pki
    vault secrets enable sectigo-vault-pki
    vault path-help sectigo-vault-pki

With OpenBao say bao in place of vault. `svpki plugin install` does the same and checks each step.";

/// The whole life of the plugin's process.
pub fn serve() -> ExitCode {
    logical::serve(BY_HAND, engine::factory())
}
