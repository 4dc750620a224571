//! Steps on certificates that were changed in SCM's portal.

use std::time::Duration;

use serde_json::{Value, json};

use super::{cert, grow_old, id, refused, renew_error, run};
use crate::plugin::testing::{TestMountWithScm, text};
use crate::plugin::time;
use vault_plugin::logical::{Error, Operation, Response};

async fn drift(test: &TestMountWithScm, answer: &Response, step: &str) {
    let path = format!("orders/{}/{step}", text(answer, "ssl_id"));
    test.control("POST", &path, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_renewed_in_the_portal_is_not_ordered_again() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "portal.example.com"}))
        .await;
    grow_old(&test.mount, id(&first), 80).await;
    let path = format!("/api/ssl/v1/renewById/{}", text(&first, "ssl_id"));
    test.somebody_orders(&path, "portal.example.com", json!({}))
        .await;
    run(&test.mount).await;
    let error = renew_error(&test.mount, id(&first)).await;
    assert!(
        error.contains("renewed outside") && error.contains("fetch"),
        "{error}"
    );
    let kept = cert(&test.mount, id(&first)).await.renewal;
    assert_eq!(kept.failures, 1);
    assert!(kept.next_attempt > time::now(), "it is put off");
    assert_eq!(test.calls("renew").await, 1, "the portal's own");
    // A certificate that is fetched shows it from the beginning.
    test.mount
        .ask(
            Operation::Delete,
            &format!("certs/web/{}", id(&first)),
            json!({}),
        )
        .await
        .unwrap();
    let fetched = test
        .issued(&format!("fetch/web/{}", id(&first)), json!({}))
        .await;
    let error = renew_error(&test.mount, id(&fetched)).await;
    assert!(error.contains("renewed outside"), "{error}");
    grow_old(&test.mount, id(&fetched), 80).await;
    run(&test.mount).await;
    assert_eq!(test.calls("renew").await, 1);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_revoked_in_the_portal_is_marked_and_not_renewed() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "gone.example.com"}))
        .await;
    grow_old(&test.mount, id(&first), 80).await;
    drift(&test, &first, "revoke").await;
    run(&test.mount).await;
    let read = test
        .mount
        .read(&format!("certs/web/{}", id(&first)), json!({}))
        .await;
    assert_eq!(read["status"], "revoked");
    assert_eq!(test.calls("renew").await, 0);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_replaced_in_the_portal_is_left_alone_until_it_is_fetched() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "swapped.example.com"}))
        .await;
    drift(&test, &first, "replace").await;
    for (step, body) in [
        ("revoke", json!({"reason": "r"})),
        ("renew", json!({})),
        ("replace", json!({})),
    ] {
        let path = format!("{step}/web/{}", id(&first));
        let error = refused(
            test.mount.write(&path, body).await,
            &["another certificate", "fetch/web/", "nothing was"],
        );
        assert!(matches!(error, Error::Conflict(_)), "{error:?}");
        assert_eq!(test.calls(step).await, 0);
    }
    grow_old(&test.mount, id(&first), 80).await;
    run(&test.mount).await;
    let error = renew_error(&test.mount, id(&first)).await;
    assert!(error.contains("replaced outside"), "{error}");
    assert_eq!(test.calls("renew").await, 0);
    // After a fetch, the certificate that SCM has now is stored, and it is the one that is revoked.
    let fetched = test
        .issued(&format!("fetch/web/{}", id(&first)), json!({}))
        .await;
    assert_ne!(fetched.data["serial_number"], first.data["serial_number"]);
    assert!(fetched.warnings[0].contains(text(&first, "serial_number")));
    assert!(fetched.warnings[0].contains("private key is removed"));
    let keys = format!("keys/web/{}", id(&first));
    refused(
        test.mount.ask(Operation::Read, &keys, json!({})).await,
        &["no private key"],
    );
    let path = format!("revoke/web/{}", id(&first));
    let revoked = test.mount.write(&path, json!({"reason": "r"})).await;
    assert_eq!(revoked.unwrap().unwrap().data["status"], "revoked");
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn client_certificates_are_compared_by_serial_number_too() {
    let test = TestMountWithScm::new().await;
    test.client_config().await;
    let first = test.issued("enroll/people", json!({})).await;
    let at_scm = test.orders_at_scm("").await;
    let path = format!("orders/{}/replace", at_scm[0]["id"]);
    test.control("POST", &path, json!({})).await;
    let path = format!("revoke/people/{}", id(&first));
    let answer = test.mount.write(&path, json!({"reason": "r"})).await;
    refused(answer, &["another certificate", "fetch/people/"]);
    assert_eq!(test.calls("client_revoke").await, 0);
    test.sim.stop().await;
}

/// SCM may write serial numbers without colons and leading zeros, and after a replacement of ours it may show the
/// earlier one.
#[tokio::test(flavor = "multi_thread")]
async fn a_serial_number_that_is_only_spelled_otherwise_is_the_same() {
    let test = TestMountWithScm::new().await;
    let mut scenario = test.control("GET", "scenario", Value::Null).await;
    scenario["switches"]["serials"] = json!("plain");
    test.control("PUT", "scenario", scenario).await;
    let first = test
        .issued("enroll/web", json!({"common_name": "same.example.com"}))
        .await;
    for step in ["replace", "renew"] {
        test.issued(&format!("{step}/web/{}", id(&first)), json!({}))
            .await;
    }
    let path = format!("revoke/web/{}", id(&first));
    let revoked = test.mount.write(&path, json!({"reason": "r"})).await;
    assert_eq!(revoked.unwrap().unwrap().data["status"], "revoked");
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_fetched_does_not_take_the_place_of_what_has_a_key() {
    let test = TestMountWithScm::new().await;
    let name = json!({"common_name": "www.example.com"});
    let ours = test.issued("enroll/web", name).await;
    let body = json!({"certType": 51, "term": 90, "comments": ""});
    let theirs = test
        .somebody_orders("/api/ssl/v1/enroll", "www.example.com", body)
        .await;
    let path = format!("fetch/web/{}_{}", theirs["sslId"], test.sim.customer_uri);
    let fetched = loop {
        match test.mount.write(&path, json!({})).await {
            Ok(answer) => break answer.unwrap(),
            Err(Error::Conflict(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(error) => panic!("{error}"),
        }
    };
    let current = async || {
        let read = test
            .mount
            .read("current/web/www.example.com", json!({}))
            .await;
        read["sectigo_cert_unique_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(current().await, id(&ours));
    grow_old(&test.mount, id(&ours), 91).await;
    assert_eq!(current().await, id(&fetched), "ours has expired");
    test.sim.stop().await;
}
