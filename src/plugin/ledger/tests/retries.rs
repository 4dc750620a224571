//! Requests that come again without an idempotency key.

use std::time::Duration;

use serde_json::{Value, json};

use crate::plugin::store::Key;
use crate::plugin::testing::{TestMountWithScm, text};
use svpki_types::OrderState;
use vault_plugin::logical::{Operation, Response};

async fn slow_once(test: &TestMountWithScm) {
    let rules = json!([{"call": "enroll", "slow": "3s", "first": 1}]);
    test.rules(rules).await;
}

async fn orders(test: &TestMountWithScm) -> usize {
    test.orders_at_scm("").await.len()
}

async fn enroll(test: &TestMountWithScm, request: &str, body: &Value) -> Response {
    let answer = test.mount.write_as(request, "enroll/web", body.clone());
    answer.await.unwrap().unwrap()
}

async fn open_orders(test: &TestMountWithScm) -> Vec<String> {
    test.mount.store().list(&Key::open_orders()).await.unwrap()
}

/// Its caller is gone before the answer, and after the order was written down. Answers the order's id.
async fn hung_up(test: &TestMountWithScm, request: &str, body: &Value) -> String {
    let before = open_orders(test).await;
    let asking = test.mount.write_as(request, "enroll/web", body.clone());
    let mut asking = std::pin::pin!(asking);
    loop {
        let pause = Duration::from_millis(10);
        tokio::time::timeout(pause, asking.as_mut())
            .await
            .expect_err("no answer yet");
        let open = open_orders(test).await;
        if let Some(new) = open.iter().find(|open| !before.contains(open)) {
            let (_, id) = Key::parse_order_child(new).unwrap();
            return id.to_string();
        }
    }
}

async fn until(test: &TestMountWithScm, order: &str, state: OrderState) {
    for _ in 0..600 {
        if test.order(order).await.state == state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", test.order(order).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_hung_up_and_asks_the_same_gets_the_first_order() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "hungup.example.com"});
    slow_once(&test).await;
    hung_up(&test, "1", &body).await;
    // In another form, with another patience and in another spelling it is the same request.
    let patient = json!({"common_name": "HungUp.example.com", "sectigo_max_timeout": 20, "format": "pem_bundle"});
    let first = enroll(&test, "2", &patient).await;
    assert_eq!(text(&first, "status"), "issued");
    assert!(!text(&first, "private_key").is_empty());
    assert!(first.warnings.join(" ").contains("nothing was ordered now"));
    assert_eq!(orders(&test).await, 1);

    // It has been heard of now: who asks once more wants another certificate.
    let second = enroll(&test, "3", &body).await;
    assert_ne!(text(&second, "order_id"), text(&first, "order_id"));
    assert!(second.warnings.is_empty(), "{:?}", second.warnings);
    assert_eq!(orders(&test).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_request_or_another_caller_has_an_order_of_its_own() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "mine.example.com"});
    slow_once(&test).await;
    hung_up(&test, "1", &body).await;
    let other = json!({"common_name": "mine.example.com", "alt_names": "www.mine.example.com"});
    enroll(&test, "2", &other).await;
    test.mount.write("enroll/web", body.clone()).await.unwrap();
    assert_eq!(orders(&test).await, 3);
    // And the first is still there for the one who asked.
    let first = enroll(&test, "3", &body).await;
    assert!(first.warnings.join(" ").contains("nothing was ordered now"));
    assert_eq!(orders(&test).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_callers_that_wait_at_once_have_an_order_each() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "twins.example.com"});
    slow_once(&test).await;
    let (one, two) = tokio::join!(enroll(&test, "1", &body), enroll(&test, "2", &body));
    assert_ne!(text(&one, "order_id"), text(&two, "order_id"));
    assert_eq!(orders(&test).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_came_to_nothing_is_not_waited_for() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "refused.example.com"});
    let refusal = json!({"status": 400, "code": -7110, "description": "not this one"});
    test.rules(json!([{"call": "enroll", "slow": "3s", "error": refusal, "first": 1}]))
        .await;
    let first = hung_up(&test, "1", &body).await;
    until(&test, &first, OrderState::Failed).await;
    assert_eq!(orders(&test).await, 0);
    let answer = enroll(&test, "2", &body).await;
    assert_eq!(text(&answer, "status"), "issued");
    assert_eq!(orders(&test).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_much_later_is_another_order() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "later.example.com"});
    slow_once(&test).await;
    let first = hung_up(&test, "1", &body).await;
    until(&test, &first, OrderState::Issued).await;
    test.age(&first, 3_700).await;
    let second = enroll(&test, "2", &body).await;
    assert_ne!(text(&second, "order_id"), first);
    assert_eq!(orders(&test).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_handed_out_once_is_not_handed_to_nobody() {
    let test = TestMountWithScm::new().await;
    let once = json!({"key_storage": "once"});
    test.mount.write("configs/web", once).await.unwrap();
    let body = json!({"common_name": "once.example.com", "sectigo_max_timeout": 20});
    slow_once(&test).await;
    let first = hung_up(&test, "1", &body).await;
    until(&test, &first, OrderState::Issued).await;
    // The first request is answered into nothing.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let answer = enroll(&test, "2", &body).await;
    assert_eq!(text(&answer, "status"), "issued");
    assert!(!text(&answer, "private_key").is_empty());
    assert_eq!(orders(&test).await, 1);
    // Nor spent on an answer that cannot be made.
    let other = json!({"common_name": "twice.example.com", "sectigo_max_timeout": 0});
    let pending = enroll(&test, "3", &other).await;
    let order = test.poll_once(text(&pending, "order_id")).await;
    let path = format!("keys/web/{}", order.cert_id.unwrap());
    let asked = |query| test.mount.ask(Operation::Read, &path, query);
    asked(json!({"format": "pkcs12"})).await.unwrap_err();
    let key = asked(json!({})).await.unwrap().unwrap();
    assert!(!text(&key, "private_key").is_empty());
}

/// It may be asking again by now: nothing is ordered that nobody waits for.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_gone_before_the_order_is_written_down_has_ordered_nothing() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "gone.example.com", "key_type": "RSA"});
    let asking = test.mount.write_as("1", "enroll/web", body.clone());
    tokio::time::timeout(Duration::from_millis(1), asking)
        .await
        .expect_err("an RSA key takes longer");
    enroll(&test, "2", &body).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(orders(&test).await, 1);
}
