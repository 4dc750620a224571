//! The storage fails for a while in the middle of a batch, and the same process goes on: it neither answers nor writes
//! from half of what it has begun.

use std::sync::Arc;

use serde_json::{Value, json};

use super::cuts::{at_scm, counts, key_matches, nothing_is_left_open, waiting_to_be_stored};
use crate::plugin::testing::Rig;
use crate::plugin::testing::text;
use scm_sim::{Options, Sim};
use vault_plugin::logical::{Error, MemoryStorage, Response};

/// How a storage fails that works again later.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    transactional: bool,
    failures: usize,
    /// What fails is written, and only the answer is lost.
    written: bool,
}

/// A batch survives one failure by itself. Two outlast its second try, and five meet those who come next.
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

async fn mount(sim: &Sim, trouble: Trouble) -> Rig {
    let rig = Rig::over(MemoryStorage::new(trouble.transactional));
    rig.config(sim).await;
    rig.looked().await;
    rig
}

fn begin(rig: &Rig, trouble: Trouble, after: usize) {
    if trouble.written {
        rig.storage.lose_answers(after, trouble.failures);
    } else {
        rig.storage.fail_for(after, trouble.failures);
    }
}

async fn ask(rig: &Rig, path: &str, mut body: Value) -> Result<Response, Error> {
    body["sectigo_max_timeout"] = json!(20);
    rig.write(path, body).await.map(Option::unwrap)
}

/// Asks again until it is heard.
async fn insist(rig: &Rig, path: &str, body: Value) -> Response {
    for _ in 0..20 {
        if let Ok(answer) = ask(rig, path, body.clone()).await
            && answer.data["status"] == "issued"
        {
            return answer;
        }
    }
    panic!("{path} never came through");
}

/// Both orders of the index name each certificate once.
async fn listed(rig: &Rig) -> Vec<String> {
    let mut orders = Vec::new();
    for sort in ["expiration", "common_name"] {
        let page = rig.read("inventory", json!({"sort": sort})).await;
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
            let rig = mount(&sim, trouble).await;
            let [one, two] = ["one", "two"].map(|name| format!("{name}-{cut}-{case}.example.com"));
            let first = json!({"common_name": one, "idempotency_key": "1"});
            let second = json!({"common_name": two, "idempotency_key": "2"});
            begin(&rig, trouble, cut);
            let before = rig.storage.writes();
            let _ = ask(&rig, "enroll/web", first.clone()).await;
            let reached = rig.storage.writes() - before >= cut;
            let next = insist(&rig, "enroll/web", second).await;
            let issued = insist(&rig, "enroll/web", first).await;
            for (name, answer) in [(&one, &issued), (&two, &next)] {
                key_matches(answer);
                let orders = at_scm(&sim, name).await;
                assert_eq!(orders.len(), 1, "cut {cut}, {trouble:?}: {orders:?}");
                assert_eq!(orders[0]["id"].to_string(), text(answer, "ssl_id"));
            }
            assert_eq!(counts(&rig).await, (2, 2, 0), "cut {cut}, {trouble:?}");
            assert_eq!(listed(&rig).await.len(), 2, "cut {cut}, {trouble:?}");
            nothing_is_left_open(&rig);
            // What is in storage is what this process has seen.
            let rig = rig.restarted().await;
            assert_eq!(counts(&rig).await, (2, 2, 0), "cut {cut}, {trouble:?}");
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
            let rig = mount(&sim, trouble).await;
            let name = format!("renew-{cut}-{case}.example.com");
            let old = insist(&rig, "enroll/web", json!({"common_name": name})).await;
            let old = text(&old, "sectigo_cert_unique_id").to_owned();
            let path = format!("renew/web/{old}");
            let body = json!({"idempotency_key": "k"});
            begin(&rig, trouble, cut);
            let before = rig.storage.writes();
            let _ = ask(&rig, &path, body.clone()).await;
            let reached = rig.storage.writes() - before >= cut;
            let renewed = insist(&rig, &path, body).await;
            key_matches(&renewed);
            assert_eq!(text(&renewed, "renewed_from"), old);
            assert_eq!(at_scm(&sim, &name).await.len(), 2, "cut {cut}, {trouble:?}");
            assert_eq!(counts(&rig).await, (2, 1, 1), "cut {cut}, {trouble:?}");
            assert_eq!(listed(&rig).await.len(), 2, "cut {cut}, {trouble:?}");
            nothing_is_left_open(&rig);
            let before = rig.read(&format!("certs/web/{old}"), json!({})).await;
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
    let rig = Arc::new(mount(&sim, TROUBLES[0]).await);
    let turn = rig.engine.index.lock().await;
    let enrolments = waiting_to_be_stored(&rig, 3).await;
    begin(&rig, TROUBLES[0], 2);
    drop(turn);
    for enrolment in enrolments {
        let issued = enrolment.await.unwrap().unwrap().unwrap();
        assert_eq!(text(&issued, "status"), "issued");
        key_matches(&issued);
    }
    assert_eq!(counts(&rig).await, (3, 3, 0));
    nothing_is_left_open(&rig);
    sim.stop().await;
}
