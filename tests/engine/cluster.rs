//! Three nodes with raft storage: one order wherever it is asked for, and the same answers everywhere.

use std::time::Duration;

use scm_sim::{Options, Sim};
use serde_json::{Value, json};

use crate::support::cluster::Cluster;
use crate::support::{plugin, until};
use crate::tools::{public_key_of_certificate, public_key_of_key};

const WITHIN: Duration = Duration::from_secs(60);

async fn at_scm(sim: &Sim) -> usize {
    let found = sim.control("GET", "orders", Value::Null).await.unwrap();
    usize::try_from(found["count"].as_u64().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_sent_to_any_node_is_one_order() {
    let sim = Sim::start(Options::default()).await.unwrap();
    let mut cluster = Cluster::start(&plugin()).await;
    let active = cluster.leader().await;
    let at = |path: &str| format!("sectigo-vault-pki/{path}");
    for node in cluster.nodes() {
        until("the mount is there", WITHIN, async || {
            cluster.request(node, "GET", &at("health"), None).await.0 == 200
        })
        .await;
    }
    let config = json!({
        "sectigo_cm_base_url": sim.base_url, "sectigo_cm_uri": sim.customer_uri, "sectigo_cm_org_id": 123,
        "sectigo_cm_user": sim.login, "sectigo_cm_password": sim.password,
        "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90, "settle_after": 1,
    });
    let (status, said) = cluster
        .request(active, "POST", &at("configs/web"), Some(&config))
        .await;
    assert!(status < 300, "{said}");

    let mut ids = Vec::new();
    for (number, node) in cluster.nodes().enumerate() {
        until("the config is replicated", WITHIN, async || {
            cluster
                .request(node, "GET", &at("configs/web"), None)
                .await
                .0
                == 200
        })
        .await;
        let name = format!("node{node}.example.com");
        let body = json!({"common_name": name, "idempotency_key": name});
        let (status, issued) = cluster
            .request(node, "POST", &at("enroll/web"), Some(&body))
            .await;
        assert_eq!(status, 200, "node {node} (active {active}): {issued}");
        let data = &issued["data"];
        assert_eq!(data["status"], "issued");
        assert_eq!(
            public_key_of_key(data["private_key"].as_str().unwrap()),
            public_key_of_certificate(data["certificate"].as_str().unwrap())
        );
        ids.push(data["sectigo_cert_unique_id"].as_str().unwrap().to_owned());
        assert_eq!(at_scm(&sim).await, number + 1, "one order for one request");
        // The same request elsewhere is the same order.
        let other = (node + 1) % 3;
        let (status, again) = cluster
            .request(other, "POST", &at("enroll/web"), Some(&body))
            .await;
        assert_eq!(
            (status, &again["data"]["sectigo_cert_unique_id"]),
            (200, &json!(ids[number])),
            "{again}"
        );
        assert_eq!(at_scm(&sim).await, number + 1);
    }

    // Each node has all of them, in its reads and in its inventory.
    for node in cluster.nodes() {
        for id in &ids {
            for path in ["certs", "readcert", "keys"] {
                let path = at(&format!("{path}/web/{id}"));
                until("the certificate is replicated", WITHIN, async || {
                    cluster.request(node, "GET", &path, None).await.0 == 200
                })
                .await;
            }
        }
        until("the inventory is replicated", WITHIN, async || {
            let (status, page) = cluster
                .request(node, "GET", &at("inventory?limit=10"), None)
                .await;
            status == 200
                && page["data"]["summary"]["status"]["issued"] == 3
                && page["data"]["certificates"]
                    .as_array()
                    .is_some_and(|rows| rows.len() == 3)
        })
        .await;
    }

    // A change is seen everywhere although each node keeps what it has read.
    let path = at(&format!("revoke/web/{}", ids[0]));
    let (status, said) = cluster
        .request(
            (active + 1) % 3,
            "POST",
            &path,
            Some(&json!({"reason": "test"})),
        )
        .await;
    assert_eq!(status, 200, "{said}");
    for node in cluster.nodes() {
        until("the revocation is replicated", WITHIN, async || {
            let path = at(&format!("certs/web/{}", ids[0]));
            let (_, read) = cluster.request(node, "GET", &path, None).await;
            let (_, page) = cluster.request(node, "GET", &at("inventory"), None).await;
            read["data"]["status"] == "revoked" && page["data"]["summary"]["status"]["revoked"] == 1
        })
        .await;
    }

    // The active node is lost with an order under way: its follower finds the order and finishes it.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let rules = json!([{"call": "enroll", "slow": "30s", "first": 1}]);
    sim.control("PUT", "rules", rules).await.unwrap();
    let before = at_scm(&sim).await;
    let url = format!("{}/v1/{}", cluster.address(active), at("enroll/web"));
    let body = json!({"common_name": "failover.example.com", "idempotency_key": "failover"});
    let asking = client
        .post(url)
        .header("X-Vault-Token", cluster.token())
        .json(&body)
        .send();
    let asking = tokio::spawn(asking);
    until("SCM has the order", WITHIN, async || {
        at_scm(&sim).await > before
    })
    .await;
    cluster.kill(active);
    let survivor = cluster.leader().await;
    assert!(
        asking.await.unwrap().is_err(),
        "the answer is lost with the node"
    );
    let mut last = Value::Null;
    until(
        "the order is finished",
        Duration::from_secs(120),
        async || {
            let answer = cluster
                .ask(survivor, "POST", &at("enroll/web"), Some(&body))
                .await;
            let Some((status, answer)) = answer else {
                return false;
            };
            last = answer;
            status == 200 && last["data"]["status"] == "issued"
        },
    )
    .await;
    assert_eq!(
        public_key_of_key(last["data"]["private_key"].as_str().unwrap()),
        public_key_of_certificate(last["data"]["certificate"].as_str().unwrap())
    );
    assert_eq!(at_scm(&sim).await, before + 1);
    sim.stop().await;
}
