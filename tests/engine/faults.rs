//! What goes wrong on the way to SCM and back: one order there in every case, and its certificate here.

use std::time::Duration;

use dev_server::server_binary;
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{end_is_known, until};
use crate::test_mount::{Answer, PATIENCE, TestMount};
use crate::tools::{public_key_of_certificate, public_key_of_key};

/// One order at SCM for this name, and its certificate with the matching key here.
async fn exactly_one(test: &TestMount, config: &str, name: &str) -> Answer {
    let path = format!("current/{config}/{name}");
    let current = test.read(&path).await.good();
    assert_eq!(
        public_key_of_key(current.text("private_key")),
        public_key_of_certificate(current.text("certificate"))
    );
    let orders = test.orders_at_scm(name).await;
    assert_eq!(orders.len(), 1, "{orders:?}");
    assert_eq!(orders[0]["id"].to_string(), current.text("ssl_id"));
    current
}

async fn enrol(test: &TestMount, name: &str) -> Answer {
    test.write("enroll/web", json!({"common_name": name})).await
}

#[tokio::test]
async fn an_answer_lost_after_the_commit_is_found_again() {
    let test = TestMount::ready().await;
    test.rules(json!([{"call": "enroll", "drop": "after", "first": 1}]))
        .await;
    let issued = enrol(&test, "lost.example.com").await.good();
    assert_eq!(issued.status_word(), "issued");
    exactly_one(&test, "web", "lost.example.com").await;
    assert_eq!(
        test.calls("enroll").await.len(),
        1,
        "a POST is never repeated blindly"
    );
}

#[tokio::test]
async fn a_request_lost_before_the_commit_is_sent_again() {
    let test = TestMount::ready().await;
    test.rules(json!([{"call": "enroll", "drop": "before", "first": 1}]))
        .await;
    enrol(&test, "gone.example.com").await.good();
    exactly_one(&test, "web", "gone.example.com").await;
    assert_eq!(test.calls("enroll").await.len(), 2);
}

#[tokio::test]
async fn three_times_503_is_one_order() {
    let test = TestMount::ready().await;
    test.rules(
        json!([{"call": "enroll", "status": 503, "body": "Service Unavailable", "first": 3}]),
    )
    .await;
    enrol(&test, "busy.example.com").await.good();
    exactly_one(&test, "web", "busy.example.com").await;
    assert_eq!(test.calls("enroll").await.len(), 4);
}

#[tokio::test]
async fn a_truncated_answer_is_an_unknown_outcome() {
    let test = TestMount::ready().await;
    test.rules(json!([
        {"call": "enroll", "truncate": 9, "first": 1},
        {"call": "collect", "truncate": 500, "first": 1},
    ]))
    .await;
    enrol(&test, "short.example.com").await.good();
    exactly_one(&test, "web", "short.example.com").await;
}

#[tokio::test]
async fn a_429_is_obeyed() {
    let test = TestMount::ready().await;
    test.rules(json!([{"call": "enroll", "status": 429, "retry_after": 3, "first": 1}]))
        .await;
    enrol(&test, "many.example.com").await.good();
    exactly_one(&test, "web", "many.example.com").await;
    let calls = test.calls("enroll").await;
    let at = |call: &serde_json::Value| {
        call["at"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
    };
    assert_eq!(calls.len(), 2);
    let pause = at(&calls[1]).duration_since(at(&calls[0]));
    assert!(pause.as_secs() >= 2, "asked again after {pause}");
}

#[tokio::test]
async fn eight_requests_with_one_key_are_one_order() {
    let test = TestMount::ready().await;
    test.rules(json!([{"delay": "2s"}])).await;
    let body = json!({"common_name": "eight.example.com", "idempotency_key": "deploy-4711"});
    let answers = join_all((0..8).map(|_| test.write("enroll/web", body.clone()))).await;
    let first = answers[0].clone().good();
    for answer in answers {
        let answer = answer.good();
        assert_eq!(answer.status_word(), "issued");
        assert_eq!(answer.id(), first.id());
        assert_eq!(answer.data()["private_key"], first.data()["private_key"]);
    }
    exactly_one(&test, "web", "eight.example.com").await;

    // In another form it is still the same order; as another request it is refused.
    let again = json!({"common_name": "eight.example.com", "idempotency_key": "deploy-4711", "format": "pem_bundle"});
    assert_eq!(
        test.write("enroll/web", again).await.good().id(),
        first.id()
    );
    let other = json!({"common_name": "nine.example.com", "alt_names": "ten.example.com", "idempotency_key": "deploy-4711"});
    let refused = test.write("enroll/web", other).await;
    let refused = refused.refused(
        409,
        &["sectigo_csr_domain", "sectigo_ssl_cert_subject_alt_names"],
    );
    assert!(
        !refused.error().contains("eight.example.com"),
        "a digest tells nothing"
    );
    assert_eq!(test.orders_at_scm("").await.len(), 1);

    // Without a key, two requests are two orders.
    let two = join_all((0..2).map(|_| enrol(&test, "two.example.com"))).await;
    assert_ne!(two[0].clone().good().id(), two[1].clone().good().id());
}

#[tokio::test]
async fn an_scm_that_is_not_there_costs_nothing_and_gives_the_key_back() {
    let test = TestMount::ready().await;
    let address = test.scm().base_url.clone();
    test.config("web", json!({"sectigo_cm_base_url": "http://127.0.0.1:1"}))
        .await;
    let body = json!({"common_name": "down.example.com", "idempotency_key": "again"});
    let refused = test.write("enroll/web", body.clone()).await;
    refused.refused(503, &["nothing was ordered"]);
    test.config("web", json!({"sectigo_cm_base_url": address}))
        .await;
    test.write("enroll/web", body).await.good();
    exactly_one(&test, "web", "down.example.com").await;
}

/// Kills the plugin while SCM has the order of this request and its answer is still on its way. What the caller hears
/// is an error, or the certificate: the server may have sent the request again by itself.
async fn killed_before_the_answer(test: &TestMount, body: &serde_json::Value) -> Answer {
    let name = body["common_name"].as_str().unwrap();
    test.rules(json!([{"call": "enroll", "slow": "10s", "first": 1}]))
        .await;
    let asking = tokio::spawn({
        let (test, body) = (test.clone(), body.clone());
        async move { test.write("enroll/web", body).await }
    });
    until("SCM has the order", PATIENCE, async || {
        !test.orders_at_scm(name).await.is_empty()
    })
    .await;
    let before = test.server().plugin_pids();
    crate::tools::run("kill", &["-9", &before[0].to_string()], b"");
    let answer = asking.await.unwrap();
    assert!(answer.status >= 500 || answer.status == 200, "{answer:?}");
    end_is_known(test.server(), before[0]).await;

    // At most one request fails.
    let mut failed = 0;
    until("it serves again", PATIENCE, async || {
        let well = test.read("health").await.status == 200;
        failed += usize::from(!well);
        well
    })
    .await;
    assert!(failed <= 1, "{failed} requests failed");
    assert_ne!(test.server().plugin_pids(), before);
    answer
}

#[tokio::test]
async fn a_plugin_killed_between_post_and_answer_loses_nothing() {
    let test = TestMount::alone().await;
    test.config("web", json!({})).await;
    let body = json!({"common_name": "killed.example.com", "idempotency_key": "k"});
    killed_before_the_answer(&test, &body).await;
    let issued = test.write("enroll/web", body).await.good();
    assert_eq!(issued.status_word(), "issued", "{issued:?}");
    exactly_one(&test, "web", "killed.example.com").await;
}

#[tokio::test]
async fn a_request_that_the_server_sends_again_by_itself_is_one_order() {
    let test = TestMount::alone().await;
    test.config("web", json!({})).await;
    let body = json!({"common_name": "unkeyed.example.com"});
    let answer = killed_before_the_answer(&test, &body).await;
    if answer.status == 200 {
        assert_eq!(answer.status_word(), "issued", "{answer:?}");
    }
    // The caller does not ask again: what is open goes on.
    until("the order is issued", PATIENCE, async || {
        for id in test.list("orders/web").await.data()["keys"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let order = format!("orders/web/{}", id.as_str().unwrap());
            test.write(&order, json!({})).await.good();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        test.read("current/web/unkeyed.example.com").await.status == 200
    })
    .await;
    exactly_one(&test, "web", "unkeyed.example.com").await;
}

#[tokio::test]
async fn a_plugin_killed_while_it_has_nothing_to_do_serves_again() {
    let test = TestMount::alone().await;
    test.config("web", json!({})).await;
    let issued = enrol(&test, "idle.example.com").await.good();
    let slow = json!({"common_name": "waiting.example.com", "sectigo_max_timeout": 0});
    test.rules(json!([{"delay": "1s"}])).await;
    let pending = test.write("enroll/web", slow).await.good();
    let before = test.server().plugin_pids();
    crate::tools::run("kill", &["-9", &before[0].to_string()], b"");
    end_is_known(test.server(), before[0]).await;
    let mut failed = 0;
    until("it serves again", PATIENCE, async || {
        let read = test.read(&format!("keys/web/{}", issued.id())).await;
        failed += usize::from(read.status != 200);
        read.status == 200
    })
    .await;
    assert!(failed <= 1, "{failed} requests failed");
    assert_ne!(test.server().plugin_pids(), before);
    let order = format!("orders/web/{}", pending.text("order_id"));
    until("the open order goes on", PATIENCE, async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        test.write(&order, json!({})).await.good().text("state") == "issued"
    })
    .await;
    exactly_one(&test, "web", "idle.example.com").await;
    exactly_one(&test, "web", "waiting.example.com").await;
}

#[tokio::test]
async fn who_hangs_up_does_not_stop_the_order_and_gets_it_by_asking_again() {
    let test = TestMount::ready().await;
    test.rules(json!([{"call": "enroll", "slow": "5s", "first": 1}]))
        .await;
    let asking = tokio::spawn({
        let test = test.clone();
        async move { enrol(&test, "hungup.example.com").await }
    });
    until("SCM has the order", PATIENCE, async || {
        !test.orders_at_scm("hungup.example.com").await.is_empty()
    })
    .await;
    asking.abort();
    assert!(
        asking.await.unwrap_err().is_cancelled(),
        "gone before the answer"
    );
    test.until("current/web/hungup.example.com", PATIENCE, |answer| {
        answer.status == 200
    })
    .await;
    let again = enrol(&test, "hungup.example.com").await.good();
    assert_eq!(again.status_word(), "issued");
    assert!(
        again.warnings().contains("nothing was ordered now"),
        "{again:?}"
    );
    exactly_one(&test, "web", "hungup.example.com").await;
    // It was answered, and nobody here knows whether the answer arrived: for a while it is answered again.
    assert_eq!(
        enrol(&test, "hungup.example.com").await.good().id(),
        again.id()
    );
    exactly_one(&test, "web", "hungup.example.com").await;
}

#[tokio::test]
async fn what_a_client_sends_again_after_an_error_is_one_order() {
    let test = TestMount::alone().await;
    test.config("web", json!({})).await;
    test.rules(json!([{"call": "enroll", "slow": "10s", "first": 1}]))
        .await;
    let client = tokio::process::Command::new(server_binary().unwrap())
        .args(["write", "-format=json"])
        .arg(format!("{}/enroll/web", test.mount))
        .arg("common_name=tool.example.com")
        .env("BAO_ADDR", test.server().address())
        .env("VAULT_ADDR", test.server().address())
        .env("BAO_TOKEN", test.server().token())
        .env("VAULT_TOKEN", test.server().token())
        // What the client library does by default, and its command line when it is told to.
        .env("BAO_MAX_RETRIES", "2")
        .env("VAULT_MAX_RETRIES", "2")
        .kill_on_drop(true)
        .output();
    let asking = tokio::spawn(client);
    until("SCM has the order", PATIENCE, async || {
        !test.orders_at_scm("tool.example.com").await.is_empty()
    })
    .await;
    let plugin = test.server().plugin_pids()[0];
    crate::tools::run("kill", &["-9", &plugin.to_string()], b"");
    let said = asking.await.unwrap().unwrap();
    let words = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{words}");
    let answer: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(answer["data"]["status"], "issued", "{answer}");
    exactly_one(&test, "web", "tool.example.com").await;
}
