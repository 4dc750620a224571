//! The plugin that a HashiCorp Vault or OpenBao server starts.

use std::process::ExitCode;

fn main() -> ExitCode {
    sectigo_vault_pki::plugin::serve()
}
