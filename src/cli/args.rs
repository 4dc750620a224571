//! The flags that every command has.

use std::path::PathBuf;
use std::time::Duration;

use super::{Color, Format};
use svpki_types::parse_duration;
use vault_client::Flags;

/// Flags of every command.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Form of the data on standard output
    #[arg(short, long, global = true, value_enum, default_value = "table")]
    pub output: Format,
    /// Only this mount of the engine; may be given several times
    #[arg(
        long,
        global = true,
        env = "SVPKI_MOUNT",
        value_name = "PATH",
        value_delimiter = ','
    )]
    pub mount: Vec<String>,
    /// Server address [env: BAO_ADDR, VAULT_ADDR]
    #[arg(long, global = true, hide_short_help = true, value_name = "URL")]
    pub address: Option<String>,
    /// Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]
    #[arg(long, global = true, hide_short_help = true, value_name = "NAME")]
    pub namespace: Option<String>,
    /// PEM file of the CAs to trust instead of the system's [env: BAO_CACERT, VAULT_CACERT]
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE")]
    pub ca_cert: Option<PathBuf>,
    /// Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]
    #[arg(long, global = true, hide_short_help = true, value_name = "FOLDER")]
    pub ca_path: Option<PathBuf>,
    /// Client certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
    /// File with the client certificate's private key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE")]
    pub client_key: Option<PathBuf>,
    /// Name in the server's certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]
    #[arg(long, global = true, hide_short_help = true, value_name = "NAME")]
    pub tls_server_name: Option<String>,
    /// File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]
    #[arg(long, global = true, hide_short_help = true, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Colours: on a terminal without NO_COLOR, always, or never
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_enum,
        default_value = "auto"
    )]
    pub color: Color,
    /// Only data, warnings and errors
    #[arg(short, long, global = true, hide_short_help = true)]
    pub quiet: bool,
    /// Never ask; what is missing is an error
    #[arg(long, global = true, hide_short_help = true)]
    pub no_input: bool,
    /// Print each request to the server on standard error, without its contents
    #[arg(long, global = true, hide_short_help = true)]
    pub debug: bool,
}

impl Global {
    /// The mounts that were named, without slashes around them; an empty one counts as none.
    pub fn mounts(&self) -> Vec<String> {
        self.mount
            .iter()
            .map(|mount| mount.trim_matches('/').to_owned())
            .filter(|mount| !mount.is_empty())
            .collect()
    }

    pub fn connection_flags(&self) -> Flags {
        Flags {
            address: self.address.clone(),
            namespace: self.namespace.clone(),
            ca_cert: self.ca_cert.clone(),
            ca_path: self.ca_path.clone(),
            client_cert: self.client_cert.clone(),
            client_key: self.client_key.clone(),
            tls_server_name: self.tls_server_name.clone(),
            timeout: self.timeout,
            token_file: self.token_file.clone(),
        }
    }
}

/// Whole seconds, written as such or with a unit.
pub fn seconds(text: &str) -> Result<u64, String> {
    parse_duration(text)
        .map(|duration| duration.as_secs())
        .ok_or_else(|| "write seconds, or like 90s or 10m".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "write seconds, or like 90s or 2m".to_owned())
}
