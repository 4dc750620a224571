//! The ledger in doubt: what SCM shows may be this order or somebody else's, and what it does not show may still
//! appear.

use serde_json::{Value, json};

use crate::plugin::store::{ConfigRecord, Intent, Key, OrderRecord, Phase};
use crate::plugin::testing::{TestMountWithScm, text};
use crate::plugin::{background, time};
use scm_sim::{Options, Sim};
use svpki_types::{OrderState, Status};
use vault_plugin::logical::{Error, Operation, Response};

fn conflict(answer: Result<Option<Response>, Error>, words: &str) {
    match answer {
        Err(Error::Conflict(text)) => assert!(text.contains(words), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_has_one_order_at_a_time() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "one.example.com"}))
        .await;
    let id = text(&first, "sectigo_cert_unique_id");
    test.rules(json!([{"delay": "1h"}])).await;
    let now = json!({"sectigo_max_timeout": 0});
    let replace = format!("replace/web/{id}");
    let renew = format!("renew/web/{id}");
    let open = test
        .mount
        .write(&replace, now.clone())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(open.data["status"], "pending");
    // A second key for the same id would be useless, and so would be a renewal of a certificate that is being
    // replaced.
    conflict(
        test.mount.write(&replace, now.clone()).await,
        text(&open, "order_id"),
    );
    conflict(
        test.mount.write(&renew, now.clone()).await,
        "a replacement is under way",
    );
    assert_eq!(
        (test.calls("replace").await, test.calls("renew").await),
        (1, 0)
    );
    test.control("POST", "clock", json!({"advance": "2h"}))
        .await;
    let done = test.poll_once(text(&open, "order_id")).await;
    assert_eq!(done.state(), OrderState::Issued, "{}", done.last_message);
    // After that a renewal is possible again.
    let renewing = test
        .mount
        .write(&renew, now.clone())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(renewing.data["status"], "pending");
    conflict(
        test.mount.write(&replace, now).await,
        "a renewal is under way",
    );
    test.sim.stop().await;
}

/// The request for the renewal is lost on its way, while another person's order for the same name is open at SCM.
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_open_order_is_not_taken_for_a_lost_renewal() {
    for with_comment in [false, true] {
        let test = TestMountWithScm::new().await;
        let first = test
            .issued("enroll/web", json!({"common_name": "mine.example.com"}))
            .await;
        test.rules(json!([
            {"call": "renew", "drop": "before", "first": 1},
            {"call": "enroll", "approval": true},
        ]))
        .await;
        let comments = if with_comment { "vault-order:00ff" } else { "" };
        let theirs = json!({"certType": 51, "term": 90, "comments": comments});
        let theirs = test
            .somebody_orders("/api/ssl/v1/enroll", "mine.example.com", theirs)
            .await;
        let path = format!("renew/web/{}", text(&first, "sectigo_cert_unique_id"));
        let renewed = test
            .mount
            .write(
                &path,
                json!({"sectigo_max_timeout": if with_comment { 20 } else { 3 }}),
            )
            .await
            .unwrap()
            .unwrap();
        let order = text(&renewed, "order_id");
        if with_comment {
            // Its tag shows at once that it is not ours.
            assert_eq!(renewed.data["status"], "issued", "{:?}", renewed.data);
        } else {
            assert_eq!(test.order(order).await.state(), OrderState::Uncertain);
            assert_eq!(
                test.calls("renew").await,
                1,
                "not sent again while that may be it"
            );
            let id = &theirs["sslId"];
            test.control("POST", &format!("orders/{id}/approve"), json!({}))
                .await;
            // It is issued for another key, so it is not our order.
            for _ in 0..3 {
                test.poll_once(order).await;
            }
            let done = test.poll_once(order).await;
            assert_eq!(done.state(), OrderState::Issued, "{}", done.last_message);
        }
        let done = test.order(order).await;
        assert_ne!(done.scm_id().unwrap(), theirs["sslId"].to_string());
        assert_eq!(
            test.orders_at_scm("common_name=mine.example.com")
                .await
                .len(),
            3
        );
        test.sim.stop().await;
    }
}

/// SCM shows the date of an earlier replacement, which says nothing about this one.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_replacement_that_is_lost_on_its_way_is_sent_again() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "twice.example.com"}))
        .await;
    let path = format!("replace/web/{}", text(&first, "sectigo_cert_unique_id"));
    let second = test.issued(&path, json!({})).await;
    for fault in ["before", "after"] {
        test.rules(json!([{"call": "replace", "drop": fault, "first": 1}]))
            .await;
        let third = test.issued(&path, json!({"sectigo_max_timeout": 20})).await;
        assert_ne!(third.data["serial_number"], second.data["serial_number"]);
        assert_ne!(third.data["private_key"], second.data["private_key"]);
    }
    assert_eq!(
        test.orders_at_scm("common_name=twice.example.com")
            .await
            .len(),
        1
    );
    test.sim.stop().await;
}

/// Somebody renews the same certificate in the portal: until it is issued, the two renewals look the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_made_in_the_portal_is_let_go_when_its_key_shows() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "portal.example.com"}))
        .await;
    test.rules(json!([
        {"call": "renew", "nth": 2, "drop": "before"},
        {"call": "renew", "first": 1, "approval": true},
    ]))
    .await;
    let path = format!("/api/ssl/v1/renewById/{}", text(&first, "ssl_id"));
    let theirs = test
        .somebody_orders(&path, "portal.example.com", json!({}))
        .await;
    let theirs = theirs["sslId"].to_string();
    let path = format!("renew/web/{}", text(&first, "sectigo_cert_unique_id"));
    let renewed = test
        .mount
        .write(&path, json!({"sectigo_max_timeout": 3}))
        .await
        .unwrap()
        .unwrap();
    let order = text(&renewed, "order_id");
    test.poll_once(order).await;
    assert_eq!(test.order(order).await.scm_id(), Some(theirs.as_str()));
    test.control("POST", &format!("orders/{theirs}/approve"), json!({}))
        .await;
    for _ in 0..5 {
        test.poll_once(order).await;
    }
    let done = test.order(order).await;
    assert_eq!(done.state(), OrderState::Issued, "{}", done.last_message);
    assert_ne!(done.scm_id(), Some(theirs.as_str()));
    assert_eq!(test.calls("renew").await, 3);
    // The order from the portal is no longer taken for ours.
    let submitted = test.mount.storage.entries();
    assert!(
        !submitted
            .iter()
            .any(|entry| entry.key.starts_with("submitted/"))
    );
    test.sim.stop().await;
}

/// The renewal of a client certificate has the same key, so the predecessor matches by its key as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_forebear_with_the_same_key_is_not_taken_for_a_lost_renewal() {
    let test = TestMountWithScm::new().await;
    test.client_config().await;
    let first = test.issued("enroll/people", json!({})).await;
    let first = text(&first, "sectigo_cert_unique_id").to_owned();
    let second = test
        .issued(&format!("renew/people/{first}"), json!({}))
        .await;
    // Vault deletes the first certificate; SCM keeps it.
    test.mount
        .ask(
            Operation::Delete,
            &format!("certs/people/{first}"),
            json!({}),
        )
        .await
        .unwrap();
    test.rules(json!([{"call": "client_renew", "drop": "before", "first": 1}]))
        .await;
    let path = format!("renew/people/{}", text(&second, "sectigo_cert_unique_id"));
    let third = test.issued(&path, json!({"sectigo_max_timeout": 20})).await;
    assert_ne!(text(&third, "sectigo_cert_unique_id"), first);
    assert_eq!(test.orders_at_scm("kind=client").await.len(), 3);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_open_order_is_not_taken_for_a_lost_client_renewal() {
    let test = TestMountWithScm::new().await;
    test.client_config().await;
    let first = test.issued("enroll/people", json!({})).await;
    test.rules(json!([
        {"call": "client_renew", "drop": "before", "first": 1},
        {"call": "client_enroll", "approval": true},
    ]))
    .await;
    let theirs = json!({"certType": 61, "term": 365, "email": "jane@example.com", "firstName": "Jane",
        "lastName": "Doe", "comments": "vault-order:00ff"});
    test.somebody_orders("/api/smime/v1/enroll", "Jane Doe", theirs)
        .await;
    let path = format!("renew/people/{}", text(&first, "sectigo_cert_unique_id"));
    let renewed = test.issued(&path, json!({"sectigo_max_timeout": 20})).await;
    assert_eq!(
        renewed.data["renewed_from"],
        first.data["sectigo_cert_unique_id"]
    );
    test.sim.stop().await;
}

/// After a lost answer it is unknown whether SCM is still working on the request.
#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_an_order_is_given_minutes_to_show() {
    let test = TestMountWithScm::new().await;
    test.mount
        .write("configs/web", json!({"settle_after": ""}))
        .await
        .unwrap();
    for (fault, waits) in [
        (json!({"drop": "before"}), 300),
        (json!({"status": 502}), 300),
        // A proxy in front of SCM may also answer this.
        (json!({"status": 503}), 300),
        // Only SCM can answer this, so it has finished with the request.
        (
            json!({"error": {"status": 500, "code": -1, "description": "Internal error"}}),
            60,
        ),
    ] {
        let mut rule = json!({"call": "enroll", "first": 1});
        for (name, value) in fault.as_object().unwrap() {
            rule[name] = value.clone();
        }
        test.rules(json!([rule])).await;
        let before = test.calls("enroll").await;
        let body = json!({"common_name": "late.example.com", "sectigo_max_timeout": 0});
        let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
        let order = text(&pending, "order_id");
        // The record may come from another node whose clock was hours behind.
        let mut then = test.order(order).await;
        then.since -= 10_000;
        then.created -= 10_000;
        let key = Key::order(&then.config, &then.id);
        test.mount.store().write(&key, &then).await.unwrap();
        let order_then = test.poll_once(order).await;
        assert_eq!(order_then.state(), OrderState::Uncertain, "{fault}");
        test.age(order, waits - 5).await;
        let order_then = test.poll_once(order).await;
        assert_eq!(order_then.state(), OrderState::Uncertain, "{fault}");
        test.age(order, 10).await;
        for _ in 0..3 {
            test.poll_once(order).await;
        }
        assert_eq!(
            test.order(order).await.state(),
            OrderState::Issued,
            "{fault}"
        );
        assert_eq!(test.calls("enroll").await, before + 2);
    }
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_proves_nothing() {
    let test = TestMountWithScm::new().await;
    let elsewhere = Sim::start(Options::default()).await.unwrap();
    test.rules(json!([{"call": "enroll", "drop": "after", "first": 1}]))
        .await;
    let body = json!({"common_name": "moved.example.com", "sectigo_max_timeout": 0, "idempotency_key": "k"});
    // SCM's answer is lost, and before SCM is asked again, the config gets the address of another SCM.
    test.rules(json!([
        {"call": "enroll", "drop": "after", "first": 1},
        {"call": "list", "status": 503},
    ]))
    .await;
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let order = text(&pending, "order_id").to_owned();
    let to = |sim: &Sim| json!({"sectigo_cm_base_url": sim.base_url, "sectigo_cm_password": sim.password});
    test.mount
        .write("configs/web", to(&elsewhere))
        .await
        .unwrap();
    test.age(&order, 3_600).await;
    for _ in 0..3 {
        let seen = test.poll_once(&order).await;
        assert_eq!(seen.state(), OrderState::Uncertain);
        assert!(
            seen.last_message.contains("proves nothing"),
            "{}",
            seen.last_message
        );
    }
    let counters = elsewhere.control("GET", "counters", Value::Null).await;
    let counters = counters.unwrap();
    assert_eq!(counters["orders"], 0, "ordered a second time, elsewhere");

    // With the earlier address the order is found.
    test.rules(json!([])).await;
    test.mount
        .write("configs/web", to(&test.sim))
        .await
        .unwrap();
    for _ in 0..3 {
        test.poll_once(&order).await;
    }
    assert_eq!(test.order(&order).await.state(), OrderState::Issued);
    assert_eq!(
        test.orders_at_scm("common_name=moved.example.com")
            .await
            .len(),
        1
    );
    test.sim.stop().await;
    elsewhere.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_in_doubt_is_given_up_only_by_force() {
    let test = TestMountWithScm::new().await;
    test.mount
        .write("configs/web", json!({"settle_after": "1h"}))
        .await
        .unwrap();
    test.rules(json!([{"call": "enroll", "drop": "before", "first": 1}]))
        .await;
    let body = json!({"common_name": "gone.example.com", "sectigo_max_timeout": 0, "idempotency_key": "k"});
    let pending = test
        .mount
        .write("enroll/web", body.clone())
        .await
        .unwrap()
        .unwrap();
    let path = format!("orders/web/{}", text(&pending, "order_id"));
    conflict(
        test.mount.ask(Operation::Delete, &path, json!({})).await,
        "force=true",
    );
    test.mount
        .ask(Operation::Delete, &path, json!({"force": true}))
        .await
        .unwrap();
    let order = test.order(text(&pending, "order_id")).await;
    assert_eq!(order.state().status(), OrderState::Cancelled.status());
    assert_ne!(order.state().status(), Status::Pending);
    // SCM may have the order, so the same idempotency key does not order it again.
    conflict(
        test.mount.write("enroll/web", body).await,
        "ended as cancelled",
    );
    assert_eq!(test.calls("enroll").await, 1);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_waits_for_approval_is_given_up_by_force_when_scm_is_gone() {
    let test = TestMountWithScm::new().await;
    test.rules(json!([{"call": "enroll", "approval": true}]))
        .await;
    let body = json!({"common_name": "closed.example.com", "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let order = text(&pending, "order_id");
    test.poll_once(order).await;
    let TestMountWithScm { sim, mount } = test;
    sim.stop().await;
    let path = format!("orders/web/{order}");
    let refused = mount.ask(Operation::Delete, &path, json!({})).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    let force = json!({"force": true});
    mount.ask(Operation::Delete, &path, force).await.unwrap();
    let key = Key::order(&"web".parse().unwrap(), &order.parse().unwrap());
    let order: OrderRecord = mount.store().read(&key).await.unwrap().unwrap();
    assert_eq!(order.state(), OrderState::Cancelled);
    assert!(
        order.last_message.contains("may still have it"),
        "{}",
        order.last_message
    );
}

/// Attempts during a few minutes without network do not count.
#[tokio::test(flavor = "multi_thread")]
async fn attempts_that_never_left_do_not_make_the_first_lost_answer_the_last() {
    let test = TestMountWithScm::new().await;
    test.rules(json!([{"call": "enroll", "drop": "before", "first": 1}]))
        .await;
    let body = json!({"common_name": "outage.example.com", "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let mut order = test.order(text(&pending, "order_id")).await;
    assert_eq!(order.state(), OrderState::Uncertain);
    (order.attempts, order.held_back) = (6, 5);
    let key = Key::order(&order.config, &order.id);
    test.mount.store().write(&key, &order).await.unwrap();
    for _ in 0..3 {
        test.poll_once(order.id.as_str()).await;
    }
    let order = test.order(order.id.as_str()).await;
    assert_eq!(order.state(), OrderState::Issued, "{}", order.last_message);
    test.sim.stop().await;
}

/// The caller was told that the order is pending, and then requests to the OAuth2 token URL fail.
#[tokio::test(flavor = "multi_thread")]
async fn a_pending_order_does_not_end_when_the_token_address_hiccups() {
    let test = TestMountWithScm::new().await;
    test.rules(json!([{"call": "enroll", "status": 429, "first": 1}]))
        .await;
    let body = json!({"common_name": "token.example.com", "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let order = text(&pending, "order_id").to_owned();
    assert_eq!(
        test.order(&order).await.phase,
        Phase::Intent(Intent::Unsent)
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.read(&mut [0; 4_096]).await;
            let answer = b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = connection.write_all(answer).await;
        }
    });
    let oauth = json!({"auth_method": "oauth2", "oauth2_token_url": format!("http://{address}/token"),
        "oauth2_client_id": "me", "oauth2_client_secret": "secret"});
    test.mount.write("configs/web", oauth).await.unwrap();
    let after = test.poll_once(&order).await;
    assert_eq!(after.state(), OrderState::Intent, "{}", after.last_message);
    let back = json!({"auth_method": "password", "sectigo_cm_user": test.sim.login,
        "sectigo_cm_password": test.sim.password});
    test.mount.write("configs/web", back).await.unwrap();
    for _ in 0..2 {
        test.poll_once(&order).await;
    }
    assert_eq!(test.order(&order).await.state(), OrderState::Issued);
    test.sim.stop().await;
}

/// The details of other people's orders with the same name are read once each, not in every search.
#[tokio::test(flavor = "multi_thread")]
async fn a_busy_name_costs_one_look_at_each_order_of_others() {
    let test = TestMountWithScm::new().await;
    test.somebody_orders_many(12, "busy.example.com").await;
    let an_hour = json!({"settle_after": "1h"});
    test.mount.write("configs/web", an_hour).await.unwrap();
    test.rules(json!([{"call": "enroll", "drop": "before", "first": 1}]))
        .await;
    let body = json!({"common_name": "busy.example.com", "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    for _ in 0..4 {
        let order = test.poll_once(text(&pending, "order_id")).await;
        assert_eq!(order.state(), OrderState::Uncertain);
    }
    assert_eq!(test.calls("details").await, 12);
    test.sim.stop().await;
}

/// The storage has written the order, and only its answer was lost: the order continues for its caller.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_written_down_goes_on_when_only_the_answer_of_the_storage_was_lost() {
    let test = TestMountWithScm::new().await;
    test.mount.looked().await;
    test.mount.storage.lose_answers(0, 1);
    let body = json!({"common_name": "written.example.com"});
    test.issued("enroll/web", body).await;
    assert_eq!(test.orders_at_scm("").await.len(), 1);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tidy_leaves_an_idempotency_key_to_its_certificate() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "once.example.com", "idempotency_key": "k"});
    let first = test.issued("enroll/web", body.clone()).await;
    let order = text(&first, "order_id").to_owned();
    test.age(&order, 10_000).await;
    let tidied = test.mount.write("tidy", json!({"safety_buffer": 1})).await;
    let tidied = tidied.unwrap().unwrap();
    assert_eq!(tidied.data["kept"]["order of a stored certificate"], 1);
    let again = test.issued("enroll/web", body).await;
    assert_eq!(again.data["order_id"], first.data["order_id"]);
    assert_eq!(test.orders_at_scm("").await.len(), 1);

    // The order is removed together with its certificate.
    let id = text(&first, "sectigo_cert_unique_id");
    test.mount
        .ask(Operation::Delete, &format!("certs/web/{id}"), json!({}))
        .await
        .unwrap();
    let tidied = test.mount.write("tidy", json!({"safety_buffer": 1})).await;
    assert_eq!(tidied.unwrap().unwrap().data["removed_orders"], 1);
    test.sim.stop().await;
}

/// The limit for windows becomes stricter over the years: a config that was accepted once must still work and renew.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_too_wide_by_now_stops_nothing() {
    let test = TestMountWithScm::new().await;
    let old = test
        .issued("enroll/web", json!({"common_name": "wide.example.com"}))
        .await;
    let name = "web".parse().unwrap();
    let mut stored: ConfigRecord = test
        .mount
        .store()
        .read(&Key::config(&name))
        .await
        .unwrap()
        .unwrap();
    stored
        .fields
        .insert("sectigo_expiry_window".into(), json!("90"));
    stored
        .fields
        .insert("sectigo_auto_renew".into(), json!(true));
    test.mount
        .store()
        .write(&Key::config(&name), &stored)
        .await
        .unwrap();
    let health = test.mount.read("health", json!({})).await;
    assert_eq!(health["configs"]["web"]["error"], Value::Null);
    let path = format!("renew/web/{}", text(&old, "sectigo_cert_unique_id"));
    test.issued(&path, json!({})).await;
    // A new write is still checked against today's limit.
    let refused = test
        .mount
        .write("configs/web", json!({"sectigo_expiry_window": "89"}))
        .await;
    assert!(matches!(refused, Err(Error::BadRequest(_))), "{refused:?}");
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_looked_at_in_the_background() {
    let test = TestMountWithScm::new().await;
    test.mount.looked().await;
    let of = async || test.mount.read("health", json!({})).await;
    let health = of().await;
    assert_eq!(health["healthy"], true, "{health:?}");
    let look = &health["configs"]["web"];
    assert_eq!(
        (&look["reachable"], &look["login_accepted"]),
        (&json!(true), &json!(true))
    );
    assert!(look["age_seconds"].is_i64(), "{look}");
    assert_eq!(look["profiles"], Value::Null, "lists are on health/web");

    // A refused login shows soon after the write, without a request for a check.
    test.mount
        .write("configs/web", json!({"sectigo_cm_password": "wrong"}))
        .await
        .unwrap();
    test.mount.looked().await;
    let health = of().await;
    assert_eq!(health["healthy"], false);
    assert_eq!(health["configs"]["web"]["scm_code"], -16);

    // An SCM that cannot be reached shows with the next check that is due.
    test.mount
        .write(
            "configs/web",
            json!({"sectigo_cm_password": test.sim.password}),
        )
        .await
        .unwrap();
    test.mount.looked().await;
    let name = "web".parse().unwrap();
    let store = test.mount.store();
    let mut look: svpki_types::api::ConfigHealth =
        store.read(&Key::health(&name)).await.unwrap().unwrap();
    look.checked = time::rfc3339(time::now() - 3_600);
    store.write(&Key::health(&name), &look).await.unwrap();
    test.rules(json!([{"call": "types", "status": 503}])).await;
    background::run(&test.mount.engine, &test.mount.context)
        .await
        .unwrap();
    let health = of().await;
    assert_eq!(health["healthy"], false, "{health:?}");
    assert_eq!(health["jobs"]["accounts"]["done"], 1);
    test.sim.stop().await;
}

/// SCM shows a declined order without the id by which other orders are followed.
#[tokio::test(flavor = "multi_thread")]
async fn what_scm_declined_without_showing_an_id_keeps_its_idempotency_key() {
    let test = TestMountWithScm::new().await;
    test.client_config().await;
    test.rules(json!([{"call": "client_enroll", "drop": "after", "reject": true, "first": 1}]))
        .await;
    let body = json!({"idempotency_key": "k", "sectigo_max_timeout": 20});
    let ask = async || match test.mount.write("enroll/people", body.clone()).await {
        Err(Error::Conflict(text)) => text,
        other => panic!("{other:?}"),
    };
    let first = ask().await;
    assert!(first.contains("ended as rejected"), "{first}");
    assert_eq!(ask().await, first);
    assert_eq!(test.calls("client_enroll").await, 1);
    test.sim.stop().await;
}
