//! The plugin's binary in a real server.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, and print what it measures"
)]

mod lifecycle;

use std::path::PathBuf;

use sectigo_vault_pki::cli::demo::server::{DevServer, Options, server_binary};

/// The plugin as cargo has just built it.
fn plugin() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_sectigo-vault-pki"))
}

fn options() -> Options {
    Options {
        log_level: "trace".to_owned(),
        ..Options::new(server_binary().expect("a server binary"), plugin())
    }
}

async fn server() -> DevServer {
    DevServer::start(options())
        .await
        .expect("a server with the plugin")
}
