//! The operator's tool. Everything is in [`sectigo_vault_pki::cli`].

fn main() -> std::process::ExitCode {
    sectigo_vault_pki::cli::main()
}
