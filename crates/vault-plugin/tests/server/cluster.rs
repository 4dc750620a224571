//! Three nodes: standbys that read for themselves, writes that find the active node, and its loss.

use std::time::{Duration, Instant};

use serde_json::json;

use dev_server::cluster::Cluster;
use dev_server::fixtures::until;

const WITHIN: Duration = Duration::from_secs(60);

/// One test, since three servers take their time to find each other.
#[tokio::test]
async fn every_node_serves_and_the_loss_of_the_active_one_loses_nothing() {
    let mut cluster = Cluster::start(&crate::example()).await;
    let active = cluster.leader().await;

    // A write goes through any node to the active one, and is read on every node.
    for node in cluster.nodes() {
        let note = format!("sectigo-vault-pki/notes/from-{node}");
        until("the mount is there", WITHIN, async || {
            cluster
                .request(node, "GET", "sectigo-vault-pki/about", None)
                .await
                .0
                == 200
        })
        .await;
        let body = json!({"text": format!("{node}")});
        let (status, said) = cluster.request(node, "POST", &note, Some(&body)).await;
        assert_eq!(status, 200, "{said}");
        let batch = json!({(format!("x-{node}")): "1", (format!("y-{node}")): "1"});
        let path = "sectigo-vault-pki/batch";
        let (status, said) = cluster.request(node, "POST", path, Some(&batch)).await;
        assert_eq!(status, 204, "{said}");
        for reader in cluster.nodes() {
            until("the note is replicated", WITHIN, async || {
                cluster.request(reader, "GET", &note, None).await.0 == 200
            })
            .await;
        }
    }

    // Each node runs the plugin itself, and knows what it is.
    for node in cluster.nodes() {
        let (_, about) = cluster
            .request(node, "GET", "sectigo-vault-pki/about", None)
            .await;
        assert_eq!(
            about["data"]["standby"],
            json!(node != active),
            "node {node}: {about}"
        );
        assert_eq!(cluster.plugin_pids(node).len(), 1);
    }

    // What the active node wrote is told to the standbys.
    for node in cluster.nodes().filter(|node| *node != active) {
        until("the write is told", WITHIN, async || {
            let log = cluster.log(node);
            log.lines()
                .any(|line| line.contains("invalidated") && line.contains("notes/from-"))
        })
        .await;
    }

    let killed = Instant::now();
    cluster.kill(active);
    let survivor = cluster.leader().await;
    let body = json!({"text": "after"});
    until("a survivor takes writes", WITHIN, async || {
        let note = "sectigo-vault-pki/notes/after";
        let answer = cluster.ask(survivor, "POST", note, Some(&body)).await;
        answer.is_some_and(|(status, _)| status == 200)
    })
    .await;
    eprintln!(
        "a write after the loss of the active node: {:?}",
        killed.elapsed()
    );
    for node in cluster.nodes() {
        let note = format!("sectigo-vault-pki/notes/from-{node}");
        assert_eq!(cluster.request(survivor, "GET", &note, None).await.0, 200);
    }
}
