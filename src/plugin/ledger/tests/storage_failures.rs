//! The storage fails for a while in the middle of a batch, and the same process continues. It must neither answer nor
//! write from a half-finished state.

use std::sync::Arc;

use serde_json::{Value, json};

use super::crash_at_every_write::{
    counts, key_matches, nothing_is_left_open, orders_at_scm, waiting_to_be_stored,
};
use crate::plugin::testing::TestMount;
use crate::plugin::testing::text;
use scm_sim::{Options, Sim};
use vault_plugin::logical::{Error, MemoryStorage, Response};

/// How a storage fails that works again later.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    transactional: bool,
    failures: usize,
    /// The failing write is done, and only its answer is lost.
    written: bool,
}

/// A batch repeats a failing write once. Two failures exceed that, and five also affect the following requests.
const TROUBLES: [Trouble; 3] = [
    Trouble {
        transactional: false,
        failures: 2,
        written: false,
    },
    Trouble {
        transactional: false,
        failures: 5,
        written: true,
    },
    Trouble {
        transactional: true,
        failures: 1,
        written: true,
    },
];

async fn mount(sim: &Sim, trouble: Trouble) -> TestMount {
    let mount = TestMount::over(MemoryStorage::new(trouble.transactional));
    mount.config(sim).await;
    mount.looked().await;
    mount
}

fn begin(mount: &TestMount, trouble: Trouble, after: usize) {
    if trouble.written {
        mount.storage.lose_answers(after, trouble.failures);
    } else {
        mount.storage.fail_for(after, trouble.failures);
    }
}

async fn ask(mount: &TestMount, path: &str, mut body: Value) -> Result<Response, Error> {
    body["sectigo_max_timeout"] = json!(20);
    mount.write(path, body).await.map(Option::unwrap)
}

/// Repeats the request until it succeeds.
async fn insist(mount: &TestMount, path: &str, body: Value) -> Response {
    for _ in 0..20 {
        if let Ok(answer) = ask(mount, path, body.clone()).await
            && answer.data["status"] == "issued"
        {
            return answer;
        }
    }
    panic!("{path} never came through");
}

/// Checks that both trees of the index list each certificate once.
async fn listed(mount: &TestMount) -> Vec<String> {
    let mut orders = Vec::new();
    for sort in ["expiration", "common_name"] {
        let page = mount.read("inventory", json!({"sort": sort})).await;
        let rows = page["certificates"].as_array().unwrap();
        let mut names: Vec<String> = rows
            .iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        orders.push(names);
    }
    assert_eq!(orders[0], orders[1]);
    orders.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_and_who_comes_next_survive_errors_at_every_write() {
    let sim = Sim::start(Options::default()).await.unwrap();
    for (case, trouble) in TROUBLES.into_iter().enumerate() {
        for cut in 0.. {
            let mount = mount(&sim, trouble).await;
            let [one, two] = ["one", "two"].map(|name| format!("{name}-{cut}-{case}.example.com"));
            let first = json!({"common_name": one, "idempotency_key": "1"});
            let second = json!({"common_name": two, "idempotency_key": "2"});
            begin(&mount, trouble, cut);
            let before = mount.storage.writes();
            let _ = ask(&mount, "enroll/web", first.clone()).await;
            let reached = mount.storage.writes() - before >= cut;
            let next = insist(&mount, "enroll/web", second).await;
            let issued = insist(&mount, "enroll/web", first).await;
            for (name, answer) in [(&one, &issued), (&two, &next)] {
                key_matches(answer);
                let orders = orders_at_scm(&sim, name).await;
                assert_eq!(orders.len(), 1, "cut {cut}, {trouble:?}: {orders:?}");
                assert_eq!(orders[0]["id"].to_string(), text(answer, "ssl_id"));
            }
            assert_eq!(counts(&mount).await, (2, 2, 0), "cut {cut}, {trouble:?}");
            assert_eq!(listed(&mount).await.len(), 2, "cut {cut}, {trouble:?}");
            nothing_is_left_open(&mount);
            // The storage contains what this process has answered.
            let mount = mount.restarted().await;
            assert_eq!(counts(&mount).await, (2, 2, 0), "cut {cut}, {trouble:?}");
            if !reached {
                break;
            }
        }
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_survives_errors_at_every_write() {
    let sim = Sim::start(Options::default()).await.unwrap();
    for (case, trouble) in TROUBLES.into_iter().take(1).enumerate() {
        for cut in 0.. {
            let mount = mount(&sim, trouble).await;
            let name = format!("renew-{cut}-{case}.example.com");
            let old = insist(&mount, "enroll/web", json!({"common_name": name})).await;
            let old = text(&old, "sectigo_cert_unique_id").to_owned();
            let path = format!("renew/web/{old}");
            let body = json!({"idempotency_key": "k"});
            begin(&mount, trouble, cut);
            let before = mount.storage.writes();
            let _ = ask(&mount, &path, body.clone()).await;
            let reached = mount.storage.writes() - before >= cut;
            let renewed = insist(&mount, &path, body).await;
            key_matches(&renewed);
            assert_eq!(text(&renewed, "renewed_from"), old);
            assert_eq!(
                orders_at_scm(&sim, &name).await.len(),
                2,
                "cut {cut}, {trouble:?}"
            );
            assert_eq!(counts(&mount).await, (2, 1, 1), "cut {cut}, {trouble:?}");
            assert_eq!(listed(&mount).await.len(), 2, "cut {cut}, {trouble:?}");
            nothing_is_left_open(&mount);
            let before = mount.read(&format!("certs/web/{old}"), json!({})).await;
            assert_eq!(before["renewed_to"], renewed.data["sectigo_cert_unique_id"]);
            if !reached {
                break;
            }
        }
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_whose_common_batch_is_completed_late_are_answered() {
    let sim = Sim::start(Options::default()).await.unwrap();
    let mount = Arc::new(mount(&sim, TROUBLES[0]).await);
    let turn = mount.engine.index.lock().await;
    let enrolments = waiting_to_be_stored(&mount, 3).await;
    begin(&mount, TROUBLES[0], 2);
    drop(turn);
    for enrolment in enrolments {
        let issued = enrolment.await.unwrap().unwrap().unwrap();
        assert_eq!(text(&issued, "status"), "issued");
        key_matches(&issued);
    }
    assert_eq!(counts(&mount).await, (3, 3, 0));
    nothing_is_left_open(&mount);
    sim.stop().await;
}
