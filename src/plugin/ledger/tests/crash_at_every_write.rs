//! Interrupts the ledger at every storage write: whatever was written until then, no order is lost or doubled.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::plugin::random;
use crate::plugin::store::Key;
use crate::plugin::testing::TestMount;
use pki::{Certificate, PrivateKey};
use scm_sim::{Options, Sim};
use vault_plugin::logical::{Error, MemoryStorage, Response};

/// The orders that this SCM has for a name.
pub(super) async fn orders_at_scm(sim: &Sim, name: &str) -> Vec<Value> {
    let path = format!("orders?common_name={name}");
    let found = sim.control("GET", &path, Value::Null).await.unwrap();
    found["orders"].as_array().unwrap().clone()
}

fn text<'a>(answer: &'a Response, member: &str) -> &'a str {
    answer.data[member].as_str().unwrap()
}

pub(super) fn key_matches(answer: &Response) {
    let key = PrivateKey::from_pem(text(answer, "private_key")).unwrap();
    let leaf = Certificate::parse_pem_or_der(text(answer, "certificate").as_bytes()).unwrap();
    assert_eq!(key.spki_der(), leaf.spki_der());
}

/// Checks that the storage holds only finished work.
pub(super) fn nothing_is_left_open(mount: &TestMount) {
    let entries = mount.storage.entries();
    for prefix in ["open/", "order-key/", "submitted/", "ended/"] {
        let left: Vec<_> = entries
            .iter()
            .filter(|entry| entry.key.starts_with(prefix))
            .map(|entry| &entry.key)
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

pub(super) async fn counts(mount: &TestMount) -> (u64, u64, u64) {
    let page = mount.read("inventory", json!({})).await;
    let status = &page["summary"]["status"];
    assert_eq!(status["pending"], 0);
    let of = |word: &str| status[word].as_u64().unwrap();
    (
        page["summary"]["total"].as_u64().unwrap(),
        of("issued"),
        of("superseded"),
    )
}

/// Who repeats a request after the plugin died during it: the caller, with its idempotency key; the server, under the
/// same request id; or the caller's tool, which got an error and repeats the request as it was.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Again {
    Caller,
    Server,
    Tool,
}

/// `true`: the storage has transactions.
const CUTS: [(bool, Again); 4] = [
    (true, Again::Caller),
    (false, Again::Caller),
    (false, Again::Server),
    (true, Again::Tool),
];

/// Sends the first or the second of two equal requests.
async fn send(
    mount: &TestMount,
    again: Again,
    path: &str,
    mut body: Value,
) -> Result<Response, Error> {
    body["sectigo_max_timeout"] = json!(20);
    let answer = match again {
        Again::Caller => {
            body["idempotency_key"] = json!("k");
            mount.write(path, body).await
        }
        Again::Server => mount.write_as("4e1b1f4c", path, body).await,
        Again::Tool => mount.write_as(&random::hex(4)?, path, body).await,
    };
    answer.map(Option::unwrap)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_is_cut_at_every_write() {
    let sim = Sim::start(Options::default()).await.unwrap();
    for (case, (transactional, again)) in CUTS.into_iter().enumerate() {
        for cut in 0.. {
            let name = format!("cut-{cut}-{case}.example.com");
            let mount = TestMount::over(MemoryStorage::new(transactional));
            mount.config(&sim).await;
            let body = json!({"common_name": name});
            mount.storage.fail_after(cut);
            let through = send(&mount, again, "enroll/web", body.clone())
                .await
                .is_ok();
            if through && again == Again::Tool {
                // The request was answered, so repeating it would be another order.
                break;
            }

            let mount = mount.restarted().await;
            let issued = send(&mount, again, "enroll/web", body).await.unwrap();
            assert_eq!(text(&issued, "status"), "issued", "cut {cut}, case {case}");
            key_matches(&issued);
            let orders = orders_at_scm(&sim, &name).await;
            assert_eq!(orders.len(), 1, "cut {cut}, case {case}: {orders:?}");
            assert_eq!(orders[0]["id"].to_string(), text(&issued, "ssl_id"));
            nothing_is_left_open(&mount);
            assert_eq!(counts(&mount).await, (1, 1, 0));
            if through {
                assert!(cut > 2, "an order takes several writes");
                break;
            }
        }
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_is_cut_at_every_write() {
    let sim = Sim::start(Options::default()).await.unwrap();
    for (case, (transactional, again)) in CUTS.into_iter().enumerate() {
        for cut in 0.. {
            let name = format!("renew-{cut}-{case}.example.com");
            let mount = TestMount::over(MemoryStorage::new(transactional));
            mount.config(&sim).await;
            let old = mount
                .write("enroll/web", json!({"common_name": name}))
                .await;
            let old = text(&old.unwrap().unwrap(), "sectigo_cert_unique_id").to_owned();
            let path = format!("renew/web/{old}");
            mount.storage.fail_after(cut);
            let through = send(&mount, again, &path, json!({})).await.is_ok();
            if through && again == Again::Tool {
                // The request was answered, so repeating it would be another order.
                break;
            }

            let mount = mount.restarted().await;
            let renewed = send(&mount, again, &path, json!({})).await.unwrap();
            assert_eq!(text(&renewed, "status"), "issued", "cut {cut}, case {case}");
            assert_eq!(text(&renewed, "renewed_from"), old);
            key_matches(&renewed);
            assert_eq!(
                orders_at_scm(&sim, &name).await.len(),
                2,
                "cut {cut}, case {case}"
            );
            nothing_is_left_open(&mount);
            assert_eq!(counts(&mount).await, (2, 1, 1));
            let before = mount.read(&format!("certs/web/{old}"), json!({})).await;
            assert_eq!(before["renewed_to"], renewed.data["sectigo_cert_unique_id"]);
            if through {
                break;
            }
        }
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_is_cut_at_every_write() {
    let sim = Sim::start(Options::default()).await.unwrap();
    for (case, (transactional, again)) in CUTS.into_iter().enumerate() {
        for cut in 0.. {
            let name = format!("replace-{cut}-{case}.example.com");
            let mount = TestMount::over(MemoryStorage::new(transactional));
            mount.config(&sim).await;
            let old = mount
                .write("enroll/web", json!({"common_name": name}))
                .await
                .unwrap()
                .unwrap();
            let id = text(&old, "sectigo_cert_unique_id").to_owned();
            let path = format!("replace/web/{id}");
            let body = json!({"reason": "new key", "alt_names": format!("www.{name}")});
            mount.storage.fail_after(cut);
            let through = send(&mount, again, &path, body.clone()).await.is_ok();
            if through && again == Again::Tool {
                // The request was answered, so repeating it would be another order.
                break;
            }

            let mount = mount.restarted().await;
            let new = send(&mount, again, &path, body).await.unwrap();
            assert_eq!(
                text(&new, "status"),
                "issued",
                "cut {cut}, case {case}: {:?}",
                new.data
            );
            assert_eq!(text(&new, "sectigo_cert_unique_id"), id);
            assert_ne!(text(&new, "serial_number"), text(&old, "serial_number"));
            key_matches(&new);
            let orders = orders_at_scm(&sim, &name).await;
            assert_eq!(orders.len(), 1, "cut {cut}, case {case}: {orders:?}");
            assert_eq!(
                orders[0]["certificates"], 2,
                "cut {cut}, case {case}: replaced once"
            );
            nothing_is_left_open(&mount);
            assert_eq!(counts(&mount).await, (1, 1, 0));
            if through {
                break;
            }
        }
    }
    sim.stop().await;
}

/// Starts `count` enrolments that all wait for the index lock with issued certificates.
pub(super) async fn waiting_to_be_stored(
    mount: &Arc<TestMount>,
    count: usize,
) -> Vec<JoinHandle<Result<Option<Response>, Error>>> {
    let enrolments = (0..count)
        .map(|n| {
            let mount = Arc::clone(mount);
            tokio::spawn(async move {
                let name = format!("together-{n}.example.com");
                let body = json!({"common_name": name, "sectigo_max_timeout": 20});
                mount.write("enroll/web", body).await
            })
        })
        .collect();
    while mount.engine.pending_commits.len() < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    enrolments
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_end_together_are_stored_together() {
    let sim = Sim::start(Options::default()).await.unwrap();
    let mount = Arc::new(TestMount::over(MemoryStorage::new(true)));
    mount.config(&sim).await;
    mount.looked().await;
    let turn = mount.engine.index.lock().await;
    let enrolments = waiting_to_be_stored(&mount, 6).await;
    let before = mount.storage.writes();
    drop(turn);
    for enrolment in enrolments {
        let issued = enrolment.await.unwrap().unwrap().unwrap();
        assert_eq!(text(&issued, "status"), "issued");
        key_matches(&issued);
    }
    assert_eq!(mount.storage.writes() - before, 1);
    assert_eq!(counts(&mount).await, (6, 6, 0));
    nothing_is_left_open(&mount);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_stored_holds_up_no_other() {
    let sim = Sim::start(Options::default()).await.unwrap();
    let mount = Arc::new(TestMount::over(MemoryStorage::new(true)));
    mount.config(&sim).await;
    mount.looked().await;
    let turn = mount.engine.index.lock().await;
    let enrolments = waiting_to_be_stored(&mount, 3).await;
    let open = mount.store().list(&Key::open_orders()).await.unwrap();
    let (config, order) = Key::parse_order_child(&open[1]).unwrap();
    let sealed = Key::order_key(&config, &order);
    mount.store().remove(&sealed).await.unwrap();
    drop(turn);
    let mut failed = Vec::new();
    for enrolment in enrolments {
        match enrolment.await.unwrap() {
            Ok(issued) => key_matches(&issued.unwrap()),
            Err(error) => failed.push(error.to_string()),
        }
    }
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].contains("sealed key"), "{failed:?}");
    let page = mount.read("inventory", json!({})).await;
    assert_eq!(page["summary"]["total"], 2);
    sim.stop().await;
}

#[tokio::test]
async fn a_node_that_may_not_write_sends_nothing_to_scm() {
    let sim = Sim::start(Options::default()).await.unwrap();
    let mount = TestMount::over(MemoryStorage::new(true));
    mount.config(&sim).await;
    mount.storage.set_read_only(true);
    let refused = mount
        .write("enroll/web", json!({"common_name": "standby.example.com"}))
        .await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(
            refused,
            Error::Storage(vault_plugin::logical::StorageError::ReadOnly)
        ),
        "{refused:?}"
    );
    assert!(orders_at_scm(&sim, "standby.example.com").await.is_empty());
    sim.stop().await;
}
