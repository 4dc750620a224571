//! The plugin's process: shared by mounts, killed, interrupted, orphaned.

use std::path::Path;
use std::time::{Duration, Instant};

use dev_server::{DevServer, Options};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{options, plugin, until};

fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal).unwrap();
}

fn only_pid(server: &DevServer) -> u32 {
    let pids = server.plugin_pids();
    assert_eq!(pids.len(), 1, "{pids:?}");
    pids[0]
}

fn runs(pid: u32) -> bool {
    // A zombie that nobody has waited for yet has ended.
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .any(|line| line.starts_with("State:") && !line.contains('Z') && !line.contains('X'))
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

/// Its sockets in a folder of their own, so that one left behind is seen.
fn with_sockets_in(folder: &Path) -> Options {
    Options {
        plugin_env: vec![(
            "PLUGIN_UNIX_SOCKET_DIR".to_owned(),
            folder.display().to_string(),
        )],
        ..options(&plugin())
    }
}

#[tokio::test]
async fn when_the_server_is_killed_the_plugin_and_its_socket_go() {
    let sockets = tempfile::tempdir().unwrap();
    let mut server = DevServer::start(with_sockets_in(sockets.path()))
        .await
        .unwrap();
    let pid = only_pid(&server);
    assert!(!is_empty(sockets.path()));
    server.kill().unwrap();
    let gone = until("the orphan ends", Duration::from_secs(10), async || {
        !runs(pid)
    })
    .await;
    eprintln!("gone after the server was killed: {gone:?}");
    assert!(is_empty(sockets.path()));
}

#[tokio::test]
async fn when_the_server_stops_the_plugin_and_its_socket_go() {
    let sockets = tempfile::tempdir().unwrap();
    let mut server = DevServer::start(with_sockets_in(sockets.path()))
        .await
        .unwrap();
    let pid = only_pid(&server);
    server.stop().unwrap();
    until("the plugin ends", Duration::from_secs(5), async || {
        !runs(pid)
    })
    .await;
    assert!(is_empty(sockets.path()));
}

#[tokio::test]
async fn an_interrupt_is_ignored_and_a_termination_leaves_no_socket() {
    let sockets = tempfile::tempdir().unwrap();
    let server = DevServer::start(with_sockets_in(sockets.path()))
        .await
        .unwrap();
    let pid = only_pid(&server);
    for _ in 0..3 {
        send(pid, Signal::SIGINT);
    }
    let (status, _) = server
        .request("GET", "sectigo-vault-pki/no/such/path", None)
        .await
        .unwrap();
    assert_eq!(status, 404);
    assert_eq!(only_pid(&server), pid);

    send(pid, Signal::SIGTERM);
    until("it ends", Duration::from_secs(5), async || !runs(pid)).await;
    assert!(is_empty(sockets.path()));
}

/// A cleaner of temporary files takes the socket away: the connection of the server stays, and whatever comes later has
/// a process.
#[tokio::test]
async fn a_socket_that_is_deleted_ends_nothing() {
    let sockets = tempfile::tempdir().unwrap();
    let server = DevServer::start(with_sockets_in(sockets.path()))
        .await
        .unwrap();
    let works = async |mount: &str| {
        let path = format!("{mount}/configs?list=true");
        let (status, body) = server.request("GET", &path, None).await.unwrap();
        assert_eq!(status, 404, "an empty list: {body}");
    };
    for entry in std::fs::read_dir(sockets.path()).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    for _ in 0..10 {
        works("sectigo-vault-pki").await;
    }
    server.mount("second").await.unwrap();
    works("second").await;
    let reload = serde_json::json!({"plugin": "sectigo-vault-pki"});
    server
        .must("PUT", "sys/plugins/reload/backend", Some(&reload))
        .await
        .unwrap();
    for mount in ["sectigo-vault-pki", "second"] {
        works(mount).await;
    }
}

/// Figures for the README; nothing is asserted of them.
#[tokio::test]
async fn what_a_mount_costs() {
    let server = DevServer::start(Options {
        mounts: Vec::new(),
        log_level: "warn".to_owned(),
        ..options(&plugin())
    })
    .await
    .unwrap();
    let start = Instant::now();
    server.mount("first").await.unwrap();
    let cold = start.elapsed();
    let start = Instant::now();
    server.mount("second").await.unwrap();
    let warm = start.elapsed();
    let status = std::fs::read_to_string(format!("/proc/{}/status", only_pid(&server))).unwrap();
    let memory = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    eprintln!("first mount {cold:?}, second {warm:?}, {memory}");
}
