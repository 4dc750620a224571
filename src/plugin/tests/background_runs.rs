//! Tests of the background work.

use std::time::Duration;

use serde_json::json;

use super::{DAY, cert, change, csr, grow_old, id, job, refused, renew_error, run};
use crate::plugin::store::{Key, OrderRecord, TidySchedule};
use crate::plugin::testing::{TestMountWithScm, text};
use crate::plugin::{background, time};
use svpki_types::OrderState;
use svpki_types::api::{ConfigHealth, ProfileResponse};
use vault_plugin::logical::Operation;

/// SCM accepts a renewal and declines it later. That SCM then calls the certificate renewed must not stop the next
/// attempt.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_of_ours_that_was_declined_is_tried_again() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "again.example.com"}))
        .await;
    grow_old(&test.mount, id(&first), 80).await;
    test.rules(json!([{"call": "renew", "approval": true}]))
        .await;
    run(&test.mount).await;
    let order = cert(&test.mount, id(&first)).await.renewal.order.unwrap();
    let path = format!("orders/web/{order}");
    test.mount
        .ask(Operation::Delete, &path, json!({}))
        .await
        .unwrap();
    test.rules(json!([])).await;
    change(&test.mount, id(&first), |cert| {
        cert.renewal.next_attempt = 0
    })
    .await;
    run(&test.mount).await;
    assert_eq!(test.calls("renew").await, 2);
    assert!(
        cert(&test.mount, id(&first)).await.renewed_to.is_some(),
        "{}",
        renew_error(&test.mount, id(&first)).await
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_has_changed_does_not_stop_a_renewal() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "terms.example.com"}))
        .await;
    test.mount.write("profile/web/51", json!({})).await.unwrap();
    let key = Key::profile(&"web".parse().unwrap(), 51);
    let mut profile: ProfileResponse = test.mount.store().read(&key).await.unwrap().unwrap();
    profile.terms = vec![47];
    profile.mandatory_custom_fields = vec!["cost centre".into()];
    test.mount.store().write(&key, &profile).await.unwrap();
    let path = format!("renew/web/{}", id(&first));
    let renewed = test.issued(&path, json!({})).await;
    let warnings = renewed.warnings.join("\n");
    assert!(
        warnings.contains("47 days") && warnings.contains("cost centre"),
        "{warnings}"
    );
    // The same in the background. Only the key is sent with a renewal, so it must be allowed by the profile.
    grow_old(&test.mount, id(&renewed), 80).await;
    run(&test.mount).await;
    assert_eq!(renew_error(&test.mount, id(&renewed)).await, "");
    let second = cert(&test.mount, id(&renewed)).await.renewed_to.unwrap();
    profile.key_types = [("RSA".to_owned(), vec!["4096".to_owned()])].into();
    test.mount.store().write(&key, &profile).await.unwrap();
    let path = format!("renew/web/{second}");
    refused(test.mount.write(&path, json!({})).await, &["RSA 4096"]);
    test.sim.stop().await;
}

/// A config whose SCM accepts connections and never answers.
async fn dead_config(test: &TestMountWithScm, timeout: &str) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            taken.push(connection);
        }
    });
    let config = json!({
        "sectigo_cm_base_url": format!("http://{address}"), "sectigo_cm_uri": test.sim.customer_uri,
        "sectigo_cm_org_id": 123, "sectigo_cm_user": test.sim.login, "sectigo_cm_password": test.sim.password,
        "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90, "scm_timeout": timeout,
    });
    test.mount.write("configs/dead", config).await.unwrap();
}

/// Open orders of the config `dead`, copied from an order of `web`.
async fn dead_orders(test: &TestMountWithScm, model: &OrderRecord, count: usize) {
    let store = test.mount.store();
    for number in 0..count {
        let order = OrderRecord {
            id: format!("{number:032x}").parse().unwrap(),
            config: "dead".parse().unwrap(),
            next_poll: 0,
            ..model.clone()
        };
        let key = Key::order(&order.config, &order.id);
        store.write(&key, &order).await.unwrap();
        let key = Key::open_order(&order.config, &order.id);
        store.write(&key, &0).await.unwrap();
    }
}

async fn open_order(test: &TestMountWithScm, name: &str) -> OrderRecord {
    let body = json!({"common_name": name, "sectigo_max_timeout": 0});
    let open = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    test.order(text(&open, "order_id")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_scm_that_does_not_answer_keeps_no_other_account_waiting() {
    let test = TestMountWithScm::new().await;
    let due = test
        .issued("enroll/web", json!({"common_name": "due.example.com"}))
        .await;
    test.rules(json!([{"call": "enroll", "delay": "1h"}])).await;
    let open = open_order(&test, "open.example.com").await;
    test.control("POST", "clock", json!({"advance": "2h"}))
        .await;
    dead_config(&test, "1s").await;
    dead_orders(&test, &open, 24).await;
    test.age(open.id.as_str(), 600).await;
    grow_old(&test.mount, id(&due), 80).await;
    run(&test.mount).await;
    assert_eq!(
        test.order(open.id.as_str()).await.state(),
        OrderState::Issued
    );
    let collect = job(&test.mount, "collect").await;
    assert_eq!(collect.skipped["SCM does not answer"], 23, "{collect:?}");
    assert_eq!(job(&test.mount, "renew").await.done, 1);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_while_scm_is_still_silent() {
    let test = TestMountWithScm::new().await;
    test.rules(json!([{"call": "enroll", "delay": "1h"}])).await;
    let open = open_order(&test, "open.example.com").await;
    dead_config(&test, "10m").await;
    dead_orders(&test, &open, 3).await;
    let work = background::run_within(
        &test.mount.engine,
        &test.mount.context,
        Duration::from_secs(4),
    );
    // Much longer than the run may take, and much shorter than SCM would take.
    let ended = tokio::time::timeout(Duration::from_secs(120), work).await;
    ended.expect("the run ends").unwrap();
    let collect = job(&test.mount, "collect").await;
    assert_eq!(collect.skipped["SCM does not answer"], 2, "{collect:?}");
    test.sim.stop().await;
}

/// SCM may lock a login that fails repeatedly: one order tries the login once, and then no other order does until a
/// call on request has succeeded.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_scm_refuses_is_not_tried_by_every_order() {
    let test = TestMountWithScm::new().await;
    let due = test
        .issued("enroll/web", json!({"common_name": "due.example.com"}))
        .await;
    test.rules(json!([{"call": "enroll", "delay": "1h"}])).await;
    let mut open = Vec::new();
    for number in 0..5 {
        open.push(open_order(&test, &format!("open-{number}.example.com")).await);
    }
    test.control("POST", "clock", json!({"advance": "2h"}))
        .await;
    let waits = async || {
        for order in &open {
            test.age(order.id.as_str(), 600).await;
        }
    };
    grow_old(&test.mount, id(&due), 80).await;
    let refusal = json!({"status": 401, "code": -16, "description": "Unknown user"});
    test.rules(json!([{"error": refusal}])).await;
    test.mount.looked().await;
    let before = test.all_calls().await;
    for passed_over in [4, 5] {
        waits().await;
        run(&test.mount).await;
        let collect = job(&test.mount, "collect").await;
        assert_eq!(
            collect.skipped["SCM refuses the login"], passed_over,
            "{collect:?}"
        );
        let renew = job(&test.mount, "renew").await;
        assert_eq!(renew.skipped["SCM refuses the login"], 1, "{renew:?}");
        assert_eq!(test.all_calls().await - before, 1, "by one order, once");
    }
    // The login works again at SCM.
    test.rules(json!([])).await;
    test.poll_once(open[0].id.as_str()).await;
    waits().await;
    run(&test.mount).await;
    for order in &open {
        let order = test.order(order.id.as_str()).await;
        assert_eq!(order.state(), OrderState::Issued, "{}", order.last_message);
    }
    assert_eq!(job(&test.mount, "renew").await.done, 1);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_own_key_is_renewed_in_the_background_and_a_handed_out_one_is_made_anew() {
    let test = TestMountWithScm::new().await;
    let own = csr("own.example.com");
    let body = json!({"csr": own, "common_name": "own.example.com"});
    let own = test.issued("enroll/web", body).await;
    let once = json!({"key_storage": "once"});
    test.mount.write("configs/web", once).await.unwrap();
    let body = json!({"common_name": "once.example.com"});
    let once = test.issued("enroll/web", body).await;
    for first in [&own, &once] {
        grow_old(&test.mount, id(first), 80).await;
    }
    run(&test.mount).await;
    for (first, same) in [(&own, true), (&once, false)] {
        let second = cert(&test.mount, id(first)).await.renewed_to.unwrap();
        let (first, second) = (
            cert(&test.mount, id(first)).await,
            cert(&test.mount, second.as_str()).await,
        );
        assert_eq!(second.csr == first.csr, same);
    }
    // A renewal on request is as before: a new key, unless a CSR is given.
    let second = cert(&test.mount, id(&own)).await.renewed_to.unwrap();
    let path = format!("renew/web/{second}");
    let renewed = test.issued(&path, json!({})).await;
    assert!(renewed.data.contains_key("private_key"));
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tidy_takes_what_was_revoked_longer_ago_than_the_buffer() {
    let test = TestMountWithScm::new().await;
    let mut ids = Vec::new();
    for name in ["long-ago", "lately", "fetched"] {
        let body = json!({"common_name": format!("{name}.example.com")});
        let issued = test.issued("enroll/web", body).await;
        let path = format!("revoke/web/{}", id(&issued));
        let body = json!({"reason": "r"});
        test.mount.write(&path, body).await.unwrap();
        ids.push(id(&issued).to_owned());
    }
    let ago = time::now() - 4 * DAY;
    change(&test.mount, &ids[0], |cert| cert.revoked_at = Some(ago)).await;
    change(&test.mount, &ids[2], |cert| cert.revoked_at = None).await;
    let tidied = test.mount.write("tidy", json!({})).await.unwrap().unwrap();
    assert_eq!(tidied.data["removed_certificates"], 1, "{:?}", tidied.data);
    let path = format!("certs/web/{}", ids[0]);
    refused(test.mount.ask(Operation::Read, &path, json!({})).await, &[]);
    let kept = &tidied.data["kept"];
    assert_eq!(kept["revoked within the safety buffer"], 1, "{kept}");
    assert_eq!(kept["revoked at SCM, not yet expired"], 1, "{kept}");
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_tidy_does_not_trust_a_clock_that_scm_contradicts() {
    let test = TestMountWithScm::new().await;
    test.mount.looked().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "old.example.com"}))
        .await;
    grow_old(&test.mount, id(&first), 100).await;
    change(&test.mount, id(&first), |cert| {
        cert.auto_renew = Some(false)
    })
    .await;
    let store = test.mount.store();
    let schedule = TidySchedule {
        interval: 60,
        safety_buffer: 60,
        last_run: 0,
    };
    store.write(&Key::tidy_schedule(), &schedule).await.unwrap();
    let key = Key::health(&"web".parse().unwrap());
    let look: ConfigHealth = store.read(&key).await.unwrap().unwrap();
    for (skew, ago, why) in [
        (
            Some(-3_600),
            0,
            "this node's clock and SCM's differ by an hour or more",
        ),
        (
            Some(4_000),
            0,
            "this node's clock and SCM's differ by an hour or more",
        ),
        (
            None,
            0,
            "no recent answer of SCM confirms this node's clock",
        ),
    ] {
        let look = ConfigHealth {
            clock_skew_seconds: skew,
            checked: time::rfc3339(time::now() - ago),
            ..look.clone()
        };
        store.write(&key, &look).await.unwrap();
        run(&test.mount).await;
        assert_eq!(job(&test.mount, "tidy").await.skipped[why], 1);
    }
    cert(&test.mount, id(&first)).await;
    store.write(&key, &look).await.unwrap();
    run(&test.mount).await;
    assert_eq!(job(&test.mount, "tidy").await.done, 1);
    test.sim.stop().await;
}

/// The times were set by a clock that was years ahead.
#[tokio::test(flavor = "multi_thread")]
async fn what_lies_too_far_ahead_is_due() {
    let test = TestMountWithScm::new().await;
    let due = test
        .issued("enroll/web", json!({"common_name": "due.example.com"}))
        .await;
    grow_old(&test.mount, id(&due), 80).await;
    let years = time::now() + 1_000 * DAY;
    change(&test.mount, id(&due), |cert| {
        cert.renewal.next_attempt = years;
    })
    .await;
    test.rules(json!([{"call": "enroll", "delay": "1h"}])).await;
    let open = open_order(&test, "open.example.com").await;
    test.control("POST", "clock", json!({"advance": "2h"}))
        .await;
    test.age(open.id.as_str(), -1_000 * DAY).await;
    run(&test.mount).await;
    assert_eq!(job(&test.mount, "collect").await.done, 1);
    assert_eq!(job(&test.mount, "renew").await.done, 1);
    test.sim.stop().await;
}
