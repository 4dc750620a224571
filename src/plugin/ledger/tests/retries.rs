//! Requests that are repeated without an idempotency key.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::WaitBudget;
use crate::plugin::background;
use crate::plugin::locks::LockKey;
use crate::plugin::store::{ANSWERED_AGAIN_FOR, Key, UndeliveredRecord};
use crate::plugin::testing::{TestMountWithScm, text};
use crate::plugin::tests::grow_old;
use svpki_types::OrderState;
use vault_plugin::logical::{Operation, Response};

/// Each step before an order had a limit of five seconds, so three of them took longer than the client waits.
#[tokio::test(start_paused = true)]
async fn what_is_done_before_an_order_had_an_end_of_its_own_for_each_step() {
    let wait_budget = WaitBudget::at_most(Duration::from_secs(1));
    let for_ever = wait_budget.within(std::future::pending::<()>());
    assert_eq!(for_ever.await, None);
    let next = wait_budget.within(tokio::time::sleep(Duration::from_secs(1)));
    assert_eq!(next.await, None);
    // A caller with a wait time of 0 still gets the time to store the order.
    let wait_budget = WaitBudget::at_most(Duration::ZERO);
    let written = wait_budget.within(tokio::time::sleep(Duration::from_secs(4)));
    assert_eq!(written.await, Some(()));
}

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

/// A caller disconnects after its order was stored and before the answer. Answers the order's id.
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
        if test.order(order).await.state() == state {
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
    // With another format, wait time or spelling it is the same request.
    let patient = json!({"common_name": "HungUp.example.com", "sectigo_max_timeout": 20, "format": "pem_bundle"});
    let first = enroll(&test, "2", &patient).await;
    assert_eq!(text(&first, "status"), "issued");
    assert!(!text(&first, "private_key").is_empty());
    assert!(first.warnings.join(" ").contains("nothing was ordered now"));
    assert_eq!(orders(&test).await, 1);

    // The order was answered now, but only the caller knows whether the answer arrived: for a while it is answered
    // again.
    let again = enroll(&test, "3", &body).await;
    assert_eq!(text(&again, "order_id"), text(&first, "order_id"));
    assert!(again.warnings.join(" ").contains("nothing was ordered now"));
    assert_eq!(orders(&test).await, 1);

    // After that time the same request asks for another certificate.
    delivered_earlier(&test, text(&first, "order_id"), ANSWERED_AGAIN_FOR + 1).await;
    let second = enroll(&test, "4", &body).await;
    assert_ne!(text(&second, "order_id"), text(&first, "order_id"));
    assert!(second.warnings.is_empty(), "{:?}", second.warnings);
    assert_eq!(orders(&test).await, 2);
}

/// Moves the time at which the caller of this order was answered back by `seconds`.
async fn delivered_earlier(test: &TestMountWithScm, order: &str, seconds: i64) {
    let fingerprint = test.order(order).await.fingerprint.unwrap();
    let key = Key::undelivered(&"web".parse().unwrap(), &fingerprint);
    let store = test.mount.store();
    let record: UndeliveredRecord = store.read(&key).await.unwrap().unwrap();
    let record = UndeliveredRecord {
        delivered_at: record.delivered_at.map(|at| at - seconds),
        ..record
    };
    store.write(&key, &record).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_of_an_answered_request_is_removed_in_the_background() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "answered.example.com"});
    let first = enroll(&test, "1", &body).await;
    let kept = async || {
        background::run(&test.mount.engine, &test.mount.context)
            .await
            .unwrap();
        let config = "web".parse().unwrap();
        let all = test
            .mount
            .store()
            .list(&Key::undelivered_all(&config))
            .await;
        all.unwrap().len()
    };
    assert_eq!(kept().await, 1);
    delivered_earlier(&test, text(&first, "order_id"), ANSWERED_AGAIN_FOR + 1).await;
    assert_eq!(kept().await, 0);
}

/// Two such requests write their state under the same key: one must not remove what the other is writing.
#[tokio::test(flavor = "multi_thread")]
async fn noting_that_an_answer_was_given_waits_for_a_request_that_is_being_written_down() {
    let test = TestMountWithScm::new().await;
    slow_once(&test).await;
    let mount = &test.mount;
    let body = json!({"common_name": "turns.example.com", "sectigo_max_timeout": 20});
    let mut asking = Box::pin(mount.write_as("1", "enroll/web", body));
    let order = loop {
        tokio::time::timeout(Duration::from_millis(10), asking.as_mut())
            .await
            .expect_err("no answer yet");
        if let Some(open) = open_orders(&test).await.first() {
            break Key::parse_order_child(open).unwrap().1.to_string();
        }
    };
    let fingerprint = test.order(&order).await.fingerprint.unwrap();
    let turn = mount
        .engine
        .locks
        .lock(LockKey::request(&"web".parse().unwrap(), &fingerprint))
        .await;
    let _ = tokio::time::timeout(
        Duration::from_secs(1),
        until(&test, &order, OrderState::Issued),
    )
    .await;
    tokio::select! {
        _ = &mut asking => panic!("it did not wait for its turn"),
        () = async {
            until(&test, &order, OrderState::Issued).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        } => {}
    }
    drop(turn);
    asking.await.unwrap();
}

/// A certificate that has ended is not answered any more: its idempotency key is free for a new order.
#[tokio::test(flavor = "multi_thread")]
async fn the_idempotency_key_of_a_certificate_that_has_ended_is_free() {
    let test = TestMountWithScm::new().await;
    for ended in ["expired", "revoked", "deleted"] {
        let body = json!({"common_name": format!("{ended}.example.com"), "idempotency_key": ended});
        let first = test.issued("enroll/web", body.clone()).await;
        let again = test.issued("enroll/web", body.clone()).await;
        assert_eq!(text(&again, "order_id"), text(&first, "order_id"));
        let id = text(&first, "sectigo_cert_unique_id");
        match ended {
            "expired" => grow_old(&test.mount, id, 91).await,
            "revoked" => {
                let path = format!("revoke/web/{id}");
                test.mount
                    .write(&path, json!({"reason": "r"}))
                    .await
                    .unwrap();
            }
            _ => {
                let path = format!("certs/web/{id}");
                test.mount
                    .ask(Operation::Delete, &path, json!({}))
                    .await
                    .unwrap();
            }
        }
        let new = test.issued("enroll/web", body.clone()).await;
        assert_ne!(text(&new, "order_id"), text(&first, "order_id"), "{ended}");
        assert_ne!(text(&new, "sectigo_cert_unique_id"), id, "{ended}");
        // Now the key belongs to the new order, also when tidy has removed the old one.
        test.age(text(&first, "order_id"), 10_000).await;
        test.mount
            .write("tidy", json!({"safety_buffer": 1}))
            .await
            .unwrap();
        let again = test.issued("enroll/web", body).await;
        assert_eq!(text(&again, "order_id"), text(&new, "order_id"), "{ended}");
    }
    assert_eq!(orders(&test).await, 6);
}

/// The certificate was renewed long ago: the same sheet in the next year must not order a second line of certificates.
#[tokio::test(flavor = "multi_thread")]
async fn the_idempotency_key_of_a_renewed_certificate_stands_for_its_renewal() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "next-year.example.com", "idempotency_key": "row 1"});
    let first = test.issued("enroll/web", body.clone()).await;
    let id = text(&first, "sectigo_cert_unique_id");
    let renewed = test.issued(&format!("renew/web/{id}"), json!({})).await;
    let again = test
        .mount
        .write("enroll/web", body.clone())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        text(&again, "order_id"),
        text(&first, "order_id"),
        "it has not ended"
    );
    grow_old(&test.mount, id, 91).await;
    let again = test.issued("enroll/web", body).await;
    assert_eq!(text(&again, "order_id"), text(&renewed, "order_id"));
    assert!(again.warnings.join(" ").contains("nothing was ordered now"));
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
    // The first order is still there for its caller.
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
    // The caller of the first request is gone when it is answered.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let answer = enroll(&test, "2", &body).await;
    assert_eq!(text(&answer, "status"), "issued");
    assert!(!text(&answer, "private_key").is_empty());
    assert_eq!(orders(&test).await, 1);
    // A one-time key is not used up by an answer that cannot be built.
    let other = json!({"common_name": "twice.example.com", "sectigo_max_timeout": 0});
    let pending = enroll(&test, "3", &other).await;
    let order = test.poll_once(text(&pending, "order_id")).await;
    let path = format!("keys/web/{}", order.cert_id().unwrap());
    let asked = |query| test.mount.ask(Operation::Read, &path, query);
    asked(json!({"format": "pkcs12"})).await.unwrap_err();
    let key = asked(json!({})).await.unwrap().unwrap();
    assert!(!text(&key, "private_key").is_empty());
}

/// The caller may already be repeating the request: nothing is ordered that nobody waits for.
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
