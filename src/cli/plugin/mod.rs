//! `svpki plugin`: registers the plugin's binary in a server's catalogue and mounts it, compares the registered with
//! the installed binary, and upgrades it.

mod install;
mod server_paths;
mod status;

use std::path::PathBuf;

pub use install::{Install, install, put_back};
pub use server_paths::{ServerPaths, sha256_of};

use super::{CliError, Context, Exit};
use vault_client::{Mount, PLUGIN_NAME, Server};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Register the plugin's binary and mount it
    Install(InstallArgs),
    /// Replace the binary, register the new one and reload the plugin for all its mounts
    Upgrade(InstallArgs),
    /// Compare the binary with its registration, and see whether every mount answers
    Verify(VerifyArgs),
    /// Registered versions, and what each mount runs
    Status,
}

#[derive(Debug, Clone, clap::Args)]
pub struct InstallArgs {
    /// The plugin's binary on this machine
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// Path to mount it at, or of the mount to upgrade; --mount says the same [default: sectigo-vault-pki]
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// The file's name in the server's plugin_directory
    #[arg(long, value_name = "NAME", default_value = PLUGIN_NAME)]
    pub command: String,
    /// The server's plugin_directory, when the token may not read the server's settings
    #[arg(long, value_name = "FOLDER")]
    pub plugin_directory: Option<PathBuf>,
    /// Put the binary into the plugin_directory, which is on this machine
    #[arg(long)]
    pub copy: bool,
    /// Print the commands that do it, and do nothing
    #[arg(long)]
    pub print: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct VerifyArgs {
    /// The plugin's binary, to compare with what is registered
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// The server's plugin_directory, when the token may not read the server's settings
    #[arg(long, value_name = "FOLDER")]
    pub plugin_directory: Option<PathBuf>,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Install(args) => install::run(context, args, false).await,
        Command::Upgrade(args) => install::run(context, args, true).await,
        Command::Verify(args) => status::verify(context, &args).await,
        Command::Status => status::status(context).await,
    }
}

/// The binary beside this program, which is used when none is named.
pub fn sibling_binary() -> Result<PathBuf, CliError> {
    let own = std::env::current_exe().map_err(|why| CliError::failed(why.to_string()))?;
    let binary = own.with_file_name(PLUGIN_NAME);
    if binary.is_file() {
        return Ok(binary);
    }
    Err(
        CliError::usage(format!("{}: no such file", binary.display()))
            .hinted("name the plugin's binary with --binary FILE"),
    )
}

async fn our_mounts(server: &Server) -> Result<Vec<Mount>, CliError> {
    let all = server.all_mounts().await?;
    Ok(all
        .into_iter()
        .filter(|mount| mount.kind == PLUGIN_NAME)
        .collect())
}
