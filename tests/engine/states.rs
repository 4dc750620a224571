//! Orders that wait, and orders that end without a certificate: each is shown as what it is, within one look.

use scm_sim::settings::Settings;
use serde_json::{Value, json};

use crate::test_mount::{Answer, PATIENCE, TestMount};

async fn pending(test: &TestMount, name: &str, more: Value) -> Answer {
    let mut body = json!({"common_name": name, "sectigo_max_timeout": 0});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let pending = test.write("enroll/web", body).await.good();
    assert_eq!(pending.status_word(), "pending", "{pending:?}");
    pending
}

fn order_path(answer: &Answer) -> String {
    format!("orders/web/{}", answer.text("order_id"))
}

/// One look at SCM, as the background has it.
async fn look(test: &TestMount, order: &str) -> Answer {
    test.write(order, json!({})).await.good()
}

async fn step_at_scm(test: &TestMount, pending: &Answer, step: &str) {
    let path = format!("orders/{}/{step}", pending.text("ssl_id"));
    test.control("POST", &path, Value::Null).await;
}

#[tokio::test]
async fn what_waits_for_approval_says_so_and_ends_as_the_approver_decides() {
    let test = TestMount::ready().await;
    test.rules(json!([{"approval": true}])).await;
    let mut orders = Vec::new();
    for step in ["approve", "decline", "reject"] {
        let pending = pending(&test, &format!("{step}.example.com"), json!({})).await;
        let order = order_path(&pending);
        let seen = look(&test, &order).await;
        assert_eq!(seen.data()["waiting_on"], "approval", "{seen:?}");
        assert_eq!(seen.data()["state"], "pending");
        orders.push((step, pending, order));
    }
    let listed = test.list("orders/web").await.good();
    assert_eq!(listed.data()["keys"].as_array().unwrap().len(), 3);
    for (_, pending, order) in &orders {
        let shown = test.read(order).await.good();
        assert_eq!(shown.data()["waiting_on"], "approval");
        let info = &listed.data()["key_info"][pending.text("order_id")];
        assert_eq!(info["waiting_on"], "approval", "{info}");
    }
    for (step, pending, order) in &orders {
        step_at_scm(&test, pending, step).await;
        let seen = look(&test, order).await;
        let (state, status) = match *step {
            "approve" => ("issued", "issued"),
            "decline" => ("declined", "declined"),
            _ => ("rejected", "rejected"),
        };
        assert_eq!(
            (seen.text("state"), seen.text("status")),
            (state, status),
            "{seen:?}"
        );
        let polls = seen.data()["polls"].clone();
        assert_eq!(
            look(&test, order).await.data()["polls"],
            polls,
            "an ended order is not polled"
        );
    }
    let summary = test.read("inventory").await.good();
    let status = &summary.data()["summary"]["status"];
    assert_eq!(
        (
            &status["declined"],
            &status["rejected"],
            &status["issued"],
            &status["pending"]
        ),
        (&json!(1), &json!(1), &json!(1), &json!(0))
    );

    // The record of an ended one can be removed.
    test.delete(&orders[1].2).await.good();
    test.read(&orders[1].2).await.refused(404, &["no order"]);
    let summary = test.read("inventory").await.good();
    assert_eq!(summary.data()["summary"]["status"]["declined"], 0);
}

#[tokio::test]
async fn a_waiting_request_ends_when_the_order_does() {
    let test = TestMount::ready().await;
    test.rules(json!([
        {"common_name": "declined.*", "approval": true, "decline_after": "1s"},
        {"common_name": "rejected.*", "delay": "1s", "reject": true},
    ]))
    .await;
    for word in ["declined", "rejected"] {
        let body = json!({"common_name": format!("{word}.example.com"), "idempotency_key": word});
        for _ in 0..2 {
            let refused = test.write("enroll/web", body.clone()).await;
            refused.refused(409, &[word]);
        }
    }
    assert_eq!(test.orders_at_scm("").await.len(), 2);
}

#[tokio::test]
async fn domain_validation_is_shown() {
    let test = TestMount::ready().await;
    test.rules(json!([
        {"common_name": "waits.*", "dcv": "pending"},
        {"common_name": "refused.*", "dcv": "refuse"},
    ]))
    .await;
    let pending = pending(&test, "waits.example.com", json!({})).await;
    let order = order_path(&pending);
    let seen = look(&test, &order).await;
    assert_eq!(seen.data()["waiting_on"], "dcv", "{seen:?}");
    test.delete(&order).await.refused(409, &["dcv"]);
    step_at_scm(&test, &pending, "validate").await;
    crate::support::until("it is issued", PATIENCE, async || {
        look(&test, &order).await.text("state") == "issued"
    })
    .await;
    // What SCM refuses for a domain's validation waits for it: nothing was ordered, and nothing is lost.
    let refused = test
        .write("enroll/web", json!({"common_name": "refused.example.com"}))
        .await
        .good();
    assert_eq!(refused.status_word(), "pending");
    let seen = test.read(&order_path(&refused)).await;
    assert_eq!(seen.data()["waiting_on"], "dcv", "{seen:?}");
    assert_eq!(seen.data()["last_scm_code"], -1137, "{seen:?}");
    assert!(test.orders_at_scm("refused.example.com").await.is_empty());
}

#[tokio::test]
async fn cancelling_calls_back_what_can_be_called_back() {
    let test = TestMount::ready().await;
    test.rules(json!([
        {"common_name": "waits*", "approval": true},
        {"common_name": "slow.*", "delay": "1h"},
        {"common_name": "soon.*", "delay": "1m"},
    ]))
    .await;
    // Whether anybody has asked SCM since the order was placed makes no difference.
    let unseen = pending(&test, "waits-unseen.example.com", json!({})).await;
    test.delete(&order_path(&unseen)).await.good();
    assert_eq!(
        test.orders_at_scm("waits-unseen.example.com").await[0]["state"],
        "Declined"
    );
    // Issued at SCM, and nobody has looked: it must not be thrown away.
    let soon = pending(&test, "soon.example.com", json!({})).await;
    test.control("POST", "clock", json!({"advance": "2m"}))
        .await;
    test.delete(&order_path(&soon))
        .await
        .refused(409, &["has just become a certificate", "revoke"]);
    assert_eq!(
        test.read(&order_path(&soon)).await.good().text("state"),
        "issued"
    );
    let waits = pending(&test, "waits.example.com", json!({})).await;
    look(&test, &order_path(&waits)).await;
    test.delete(&order_path(&waits)).await.good();
    assert_eq!(
        test.orders_at_scm("waits.example.com").await[0]["state"],
        "Declined"
    );
    let ended = test.read(&order_path(&waits)).await.good();
    assert_eq!(
        (ended.text("state"), ended.text("status")),
        ("cancelled", "failed")
    );
    // Whose wait for approval has ended at SCM since the last look is not called cancelled.
    let decided = pending(&test, "waits-decided.example.com", json!({})).await;
    let order = order_path(&decided);
    assert_eq!(look(&test, &order).await.data()["waiting_on"], "approval");
    step_at_scm(&test, &decided, "decline").await;
    assert_eq!(test.delete(&order).await.good().text("state"), "declined");
    assert_eq!(
        test.read(&order).await.good().text("state"),
        "declined",
        "its record stays until it is deleted again"
    );

    let slow = pending(&test, "slow.example.com", json!({})).await;
    look(&test, &order_path(&slow)).await;
    test.delete(&order_path(&slow))
        .await
        .refused(409, &["cannot be cancelled"]);
    test.delete("configs/web")
        .await
        .refused(409, &["1 open order", "force"]);
    test.delete("configs/web?force=true").await.good();
    test.list("orders/web").await.refused(404, &["no config"]);
    assert_eq!(test.list("configs").await.status, 404);
}

#[tokio::test]
async fn orders_are_checked_against_the_profile_before_they_leave() {
    let mut settings = Settings::default();
    settings.custom_fields[0].profiles.clear();
    let test = TestMount::with(settings).await;
    test.config(
        "web",
        json!({"sectigo_ssl_cert_validity": null, "sectigo_ssl_cert_type": null}),
    )
    .await;
    test.write("profile/web", json!({})).await.good();
    let keys = test.list("profile/web").await.good();
    assert_eq!(
        keys.data()["keys"],
        json!(["51", "52", "53", "54", "55", "56"])
    );
    let field = json!({"Cost Center": "4711"});
    for (more, words) in [
        (
            json!({"profile_id": 52, "term": 90}),
            vec!["RSA 2048", "P-256", "P-384"],
        ),
        (
            json!({"profile_id": 52, "term": 90, "key_type": "EC", "key_bits": "P-521"}),
            vec!["P-521", "P-256"],
        ),
        (
            json!({"profile_id": 51, "term": 91}),
            vec!["91", "90, 199, 365"],
        ),
        (json!({"profile_id": 51}), vec!["term", "90, 199, 365"]),
        (
            json!({"profile_id": 51, "term": 90, "sectigo_ssl_cert_custom_fields": {}}),
            vec!["Cost Center", "sectigo_ssl_cert_custom_fields"],
        ),
        (json!({"term": 90}), vec!["profile_id"]),
    ] {
        let mut body =
            json!({"common_name": "checked.example.com", "sectigo_ssl_cert_custom_fields": field});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        test.write("enroll/web", body).await.refused(400, &words);
    }
    assert!(test.calls("enroll").await.is_empty(), "nothing has left");
    let body = json!({"common_name": "checked.example.com", "profile_id": 54, "sectigo_ssl_cert_custom_fields": field});
    test.write("enroll/web", body).await.good();
    // The only term of a profile is taken without asking.
    assert_eq!(test.orders_at_scm("").await[0]["term"], 30);

    // A renewal and a replacement are checked alike.
    let body = json!({"common_name": "curve.example.com", "profile_id": 52, "term": 90, "key_type": "EC", "sectigo_ssl_cert_custom_fields": field});
    let issued = test.write("enroll/web", body).await.good();
    for step in ["renew", "replace"] {
        let refused = test
            .write(
                &format!("{step}/web/{}", issued.id()),
                json!({"key_type": "RSA"}),
            )
            .await;
        refused.refused(400, &["RSA 2048", "P-256"]);
    }
    assert!(test.calls("renew").await.is_empty() && test.calls("replace").await.is_empty());
    test.delete("profile/web/51").await.good();
    test.read("profile/web/51")
        .await
        .refused(404, &["not stored"]);
    test.write("profile/web/999", json!({}))
        .await
        .refused(404, &["999", "51"]);
}
