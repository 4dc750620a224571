//! Private keys that are handed out once, and answers without a key.

use serde_json::json;

use super::{cert, id, refused, run};
use crate::plugin::store::{ANSWERED_AGAIN_FOR, HandedOut, Key, KeyLocation, KeyRecord};
use crate::plugin::testing::{TestMountWithScm, text};
use vault_plugin::logical::{Error, Operation, Response};

async fn test() -> TestMountWithScm {
    let test = TestMountWithScm::new().await;
    let once = json!({"key_storage": "once"});
    test.mount.write("configs/web", once).await.unwrap();
    test
}

async fn enroll(test: &TestMountWithScm, request: &str, name: &str) -> Response {
    let body = json!({"common_name": name});
    let answer = test.mount.write_as(request, "enroll/web", body).await;
    answer.unwrap().unwrap()
}

/// Moves the time at which the key was handed out back by `seconds`.
pub async fn handed_out_earlier(test: &TestMountWithScm, id: &str, seconds: i64) {
    let (store, config) = (test.mount.store(), "web".parse().unwrap());
    let id = id.parse().unwrap();
    let key = Key::private_key(&config, &id);
    let record: KeyRecord = store.read(&key).await.unwrap().unwrap();
    let before = record.handed_out.clone().unwrap();
    let at = before.at - seconds;
    let record = KeyRecord {
        handed_out: Some(HandedOut { at, ..before }),
        ..record
    };
    store.write(&key, &record).await.unwrap();
    store
        .write(&Key::handed_out(&config, &id), &at)
        .await
        .unwrap();
}

fn stored_keys(test: &TestMountWithScm) -> Vec<String> {
    let entries = test.mount.storage.entries();
    let keys = entries.into_iter().map(|entry| entry.key);
    keys.filter(|key| key.starts_with("key/") || key.starts_with("handed-out/"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_key_whose_answer_was_lost_is_answered_again_to_the_same_caller() {
    let test = test().await;
    let first = enroll(&test, "1", "lost.example.com").await;
    let key = text(&first, "private_key");
    // The server's audit device has blocked the answer, and the caller's tool repeats the request.
    let again = enroll(&test, "2", "lost.example.com").await;
    assert_eq!(text(&again, "order_id"), text(&first, "order_id"));
    assert_eq!(text(&again, "private_key"), key);
    assert_eq!(test.orders_at_scm("").await.len(), 1, "one order");
    let (path, current) = (
        format!("keys/web/{}", id(&first)),
        "current/web/lost.example.com",
    );
    for path in [path.as_str(), current] {
        let read = test.mount.read_as("caller", path, json!({})).await.unwrap();
        assert_eq!(text(&read, "private_key"), key);
    }
    // No other caller gets it, and not for ever.
    let other = test.mount.read_as("another", &path, json!({})).await;
    refused(other.map(Some), &["no private key", "another caller"]);
    run(&test.mount).await;
    assert_eq!(stored_keys(&test).len(), 2, "it is kept for a while");
    handed_out_earlier(&test, id(&first), ANSWERED_AGAIN_FOR + 1).await;
    let late = test.mount.read_as("caller", &path, json!({})).await;
    refused(late.map(Some), &["no private key"]);
    run(&test.mount).await;
    assert_eq!(stored_keys(&test), [""; 0]);
    assert_eq!(
        cert(&test.mount, id(&first)).await.key_location,
        KeyLocation::External
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_idempotency_key_a_one_time_key_is_answered_again_too() {
    let test = test().await;
    let body = json!({"common_name": "bulk.example.com", "idempotency_key": "row"});
    let ask = async |request| {
        let answer = test
            .mount
            .write_as(request, "enroll/web", body.clone())
            .await;
        answer.unwrap().unwrap()
    };
    let first = ask("1").await;
    let again = ask("2").await;
    assert_eq!(text(&again, "private_key"), text(&first, "private_key"));
    handed_out_earlier(&test, id(&first), ANSWERED_AGAIN_FOR + 1).await;
    let late = ask("3").await;
    assert_eq!(text(&late, "order_id"), text(&first, "order_id"));
    assert!(!late.data.contains_key("private_key"), "{:?}", late.data);
    assert!(
        late.warnings.join(" ").contains("no private key"),
        "{:?}",
        late.warnings
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whom_the_server_does_not_name_has_a_one_time_key_once() {
    let test = test().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "nobody.example.com"}))
        .await;
    assert!(!text(&first, "private_key").is_empty());
    assert_eq!(stored_keys(&test), [""; 0]);
    let path = format!("keys/web/{}", id(&first));
    refused(
        test.mount.ask(Operation::Read, &path, json!({})).await,
        &["no private key"],
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_replacement_is_not_removed_with_the_one_before_it() {
    let test = test().await;
    let first = enroll(&test, "1", "again.example.com").await;
    let path = format!("replace/web/{}", id(&first));
    test.rules(json!([{"delay": "1s"}])).await;
    let body = json!({"reason": "r", "sectigo_max_timeout": 0});
    let pending = test
        .mount
        .write_as("2", &path, body)
        .await
        .unwrap()
        .unwrap();
    handed_out_earlier(&test, id(&first), ANSWERED_AGAIN_FOR + 1).await;
    let (config, cert_id) = ("web".parse().unwrap(), id(&first).parse().unwrap());
    let marked = Key::handed_out(&config, &cert_id);
    let at: Option<i64> = test.mount.store().read(&marked).await.unwrap();
    test.control("POST", "clock", json!({"advance": "1h"}))
        .await;
    test.poll_once(text(&pending, "order_id")).await;
    assert!(at.is_some());
    run(&test.mount).await;
    let path = format!("keys/web/{}", id(&first));
    let read = test
        .mount
        .read_as("caller", &path, json!({}))
        .await
        .unwrap();
    assert_ne!(text(&read, "private_key"), text(&first, "private_key"));
    test.sim.stop().await;
}

/// Otherwise a template would write `<no value>` into the key file.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_there_is_said_and_can_be_required() {
    let test = TestMountWithScm::new().await;
    let own = super::csr("own.example.com");
    let body = json!({"csr": own, "common_name": "own.example.com"});
    test.issued("enroll/web", body).await;
    let path = "current/web/own.example.com";
    let read = test.mount.ask(Operation::Read, path, json!({})).await;
    let read = read.unwrap().unwrap();
    assert!(!read.data.contains_key("private_key"));
    assert!(
        read.warnings.join(" ").contains("no private key"),
        "{:?}",
        read.warnings
    );
    let required = json!({"require_key": true});
    let error = refused(
        test.mount
            .ask(Operation::Read, path, required.clone())
            .await,
        &["no private key"],
    );
    assert!(matches!(error, Error::NotFound(_)), "{error:?}");
    // Nothing changes for a certificate with a key.
    test.issued("enroll/web", json!({"common_name": "with.example.com"}))
        .await;
    let path = "current/web/with.example.com";
    let read = test
        .mount
        .ask(Operation::Read, path, required)
        .await
        .unwrap()
        .unwrap();
    assert!(!text(&read, "private_key").is_empty());
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
    test.sim.stop().await;
}
