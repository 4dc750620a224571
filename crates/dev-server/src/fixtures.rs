//! What tests in a real server need, whichever crate they belong to.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::{DevServer, Options, server_binary};

/// A program of the workspace, built now if it is not yet: `arguments` name it to cargo, `path` lies in the folder of
/// what cargo builds.
pub fn built(arguments: &[&str], path: &str) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked"])
        .args(arguments)
        .status()
        .expect("cargo");
    assert!(built.success(), "cargo build {}", arguments.join(" "));
    // A test program lies in target/debug/deps.
    let program = std::env::current_exe().unwrap();
    program.parent().unwrap().parent().unwrap().join(path)
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
