//! What several of the test programs need.

#![allow(dead_code, reason = "each test program uses its own part")]

pub mod cluster;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use dev_server::{DevServer, Options, server_binary};

/// The plugin as cargo has just built it.
pub fn plugin() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_sectigo-vault-pki"))
}

/// A program of another crate of the workspace, built now if it is not yet.
fn built(arguments: &[&str], path: &str) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked"])
        .args(arguments)
        .status()
        .expect("cargo");
    assert!(built.success(), "cargo build {}", arguments.join(" "));
    plugin().parent().unwrap().join(path)
}

/// The small engine on the same toolkit.
pub fn notebook() -> PathBuf {
    built(
        &["--package", "vault-plugin", "--example", "notebook"],
        "examples/notebook",
    )
}

/// The simulator, as a program of its own.
pub fn scm_sim() -> PathBuf {
    built(&["--package", "scm-sim", "--bin", "scm-sim"], "scm-sim")
}

/// A dev server with `plugin`, mounted once, that says all in its log.
pub fn options(plugin: &Path) -> Options {
    Options {
        log_level: "trace".to_owned(),
        ..Options::new(server_binary().expect("a server binary"), plugin)
    }
}

pub async fn server(plugin: &Path) -> DevServer {
    DevServer::start(options(plugin))
        .await
        .expect("a server with the plugin")
}

/// Asks again until the answer is yes. Returns how long it took.
pub async fn until(what: &str, within: Duration, mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < within, "not within {within:?}: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    start.elapsed()
}

/// Waits until the server has said that this process has ended. Before that it still sends requests there, however
/// long the process has been gone: what a caller meets then tells nothing about the plugin.
pub async fn end_is_known(server: &DevServer, pid: u32) {
    let id = format!("id={pid}");
    until(
        "the server hears of the end",
        Duration::from_secs(30),
        async || {
            server.log().lines().any(|line| {
                line.contains("plugin process exited")
                    && line.split_whitespace().any(|word| word == id)
            })
        },
    )
    .await;
    // It takes note of the end just after it has said so.
    tokio::time::sleep(Duration::from_millis(200)).await;
}
