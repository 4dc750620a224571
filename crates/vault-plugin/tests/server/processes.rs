//! One process for all mounts: they keep apart, and all serve again after its end.

use std::time::{Duration, Instant};

use dev_server::DevServer;
use dev_server::fixtures::{end_is_known, server, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::example;

fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal).unwrap();
}

fn only_pid(server: &DevServer) -> u32 {
    let pids = server.plugin_pids();
    assert_eq!(pids.len(), 1, "{pids:?}");
    pids[0]
}

#[tokio::test]
async fn two_mounts_share_one_process_and_keep_apart() {
    let server = server(&example()).await;
    server.mount("second").await.unwrap();
    let text = json!({"text": "mine"});
    server
        .must("POST", "second/notes/a", Some(&text))
        .await
        .unwrap();
    only_pid(&server);
    let (status, _) = server
        .request("GET", "sectigo-vault-pki/notes/a", None)
        .await
        .unwrap();
    assert_eq!(status, 404);

    // One mount's end is not the other's.
    server
        .must("DELETE", "sys/mounts/sectigo-vault-pki", None)
        .await
        .unwrap();
    server.must("GET", "second/notes/a", None).await.unwrap();
    only_pid(&server);
    server
        .must("DELETE", "sys/mounts/second", None)
        .await
        .unwrap();
    until(
        "the last mount takes the process along",
        Duration::from_secs(10),
        async || server.plugin_pids().is_empty(),
    )
    .await;
}

#[tokio::test]
async fn after_a_kill_it_serves_again_with_at_most_one_failed_request_and_loses_nothing() {
    let server = server(&example()).await;
    server.mount("second").await.unwrap();
    let text = json!({"text": "kept"});
    for note in ["sectigo-vault-pki/notes/a", "second/notes/a"] {
        server.must("POST", note, Some(&text)).await.unwrap();
    }
    let before = only_pid(&server);
    send(before, Signal::SIGKILL);
    let start = Instant::now();
    end_is_known(&server, before).await;
    for note in ["sectigo-vault-pki/notes/a", "second/notes/a"] {
        let mut answers = Vec::new();
        for _ in 0..2 {
            answers.push(server.request("GET", note, None).await.unwrap());
        }
        assert_eq!(answers[1].0, 200, "{answers:?}");
        assert_eq!(answers[1].1["data"]["text"], "kept");
    }
    eprintln!(
        "killed and serving both mounts again: {:?}",
        start.elapsed()
    );
    assert_ne!(only_pid(&server), before);
}
