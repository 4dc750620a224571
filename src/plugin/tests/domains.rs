//! Domains whose validation ends, and what depends on them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{DAY, cert, change, face, grow_old, id, refused, run};
use crate::plugin::store::{DomainList, Key};
use crate::plugin::testing::{TestMountWithScm, text};
use crate::plugin::time;
use svpki_types::{OrderState, WaitingOn};
use vault_plugin::logical::Operation;

async fn validating(valid_for: &str) -> TestMountWithScm {
    let test = TestMountWithScm::new().await;
    let switches = json!({"require_validated_domains": true});
    test.control("PATCH", "switches", switches).await;
    domain(&test, valid_for).await;
    test
}

async fn domain(test: &TestMountWithScm, valid_for: &str) {
    let domain = json!({"name": "example.com", "valid_for": valid_for});
    test.control("PUT", "domains", domain).await;
}

async fn listed(test: &TestMountWithScm) -> Value {
    let list = test
        .mount
        .ask(Operation::List, "domains/web/", json!({}))
        .await;
    let list = list.unwrap().unwrap();
    list.data["key_info"]["example.com"].clone()
}

async fn row(test: &TestMountWithScm, id: &str) -> Value {
    let page = test.mount.read("inventory", json!({})).await;
    let rows = page["certificates"].as_array().unwrap().clone();
    rows.into_iter().find(|row| row["id"] == id).unwrap()
}

/// Makes the next run read the domains.
async fn forget_look(test: &TestMountWithScm) {
    let key = Key::domains(&"web".parse().unwrap());
    let mut known: DomainList = test.mount.store().read(&key).await.unwrap().unwrap();
    known.looked = 0;
    test.mount.store().write(&key, &known).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_a_domain_will_stop_is_told_weeks_before() {
    let test = validating("21d").await;
    let first = test
        .issued("enroll/web", json!({"common_name": "www.example.com"}))
        .await;
    change(&test.mount, id(&first), |cert| cert.auto_renew = Some(true)).await;
    run(&test.mount).await;
    let calls = test.all_calls().await;
    let seen = row(&test, id(&first)).await;
    assert_eq!(seen["domains"], json!(["example.com"]));
    assert_eq!(seen["blocked_by"], "example.com");
    let told = seen["renew_blocked"].as_str().unwrap();
    let ends = time::rfc3339(time::now() + 21 * DAY);
    assert!(told.starts_with("will not renew on 2"), "{told}");
    assert!(
        told.ends_with(&format!(
            "the validation of example.com ends on {}",
            &ends[..10]
        )),
        "{told}"
    );
    let entry = listed(&test).await;
    assert_eq!(
        (entry["status"].as_str(), entry["method"].as_str()),
        (Some("validated"), Some("cname"))
    );
    assert_eq!(
        (&entry["certificates"], &entry["blocked_renewals"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(entry["certificate_ids"], json!([id(&first)]));
    assert_eq!(test.all_calls().await, calls, "lists ask nothing at SCM");

    let path = "domains/web/example.com";
    let body = json!({"action": "start", "method": "cname"});
    let started = test.mount.write(path, body).await.unwrap().unwrap();
    assert_eq!(started.data["record"]["kind"], "CNAME");
    assert!(
        started.data["record"]["name"]
            .as_str()
            .unwrap()
            .ends_with(".example.com.")
    );
    assert_eq!(started.data["validation"], "submitted");
    let read = test.mount.read(path, json!({})).await;
    assert_eq!(read["record"], started.data["record"]);
    test.control("POST", "domains/example.com/validate", json!({}))
        .await;
    let body = json!({"action": "check"});
    let checked = test.mount.write(path, body).await.unwrap().unwrap();
    assert_eq!(
        (&checked.data["status"], &checked.data["validation"]),
        (&json!("validated"), &json!("not_initiated"))
    );
    assert_eq!(checked.data["blocked_renewals"], 0);
    assert_eq!(row(&test, id(&first)).await["renew_blocked"], Value::Null);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_refused_for_a_domain_waits_and_goes_on_by_itself() {
    for code in [-107, -737, -1137] {
        let test = validating("-1d").await;
        test.control("PATCH", "switches", json!({"dcv_code": code}))
            .await;
        let body = json!({"common_name": "www.example.com", "idempotency_key": "one"});
        let waiting = test
            .mount
            .write("enroll/web", body.clone())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(waiting.data["status"], "pending");
        let order = text(&waiting, "order_id").to_owned();
        let kept = test.order(&order).await;
        assert_eq!(
            (kept.state(), kept.waiting_on(), kept.last_code),
            (OrderState::Intent, Some(WaitingOn::Dcv), Some(code))
        );
        // The attempt has certainly placed nothing, so it does not count when an answer is lost later.
        assert_eq!((kept.attempts, kept.held_back), (1, 1));
        run(&test.mount).await;
        let body_of_domain = json!({"action": "start", "method": "txt"});
        test.mount
            .write("domains/web/example.com", body_of_domain)
            .await
            .unwrap();
        let read = test
            .mount
            .read(&format!("orders/web/{order}"), json!({}))
            .await;
        assert_eq!(read["domains"][0]["record"]["kind"], "TXT", "{read:?}");
        // The same request finds the waiting order.
        let again = test.mount.write("enroll/web", body).await.unwrap().unwrap();
        assert_eq!(text(&again, "order_id"), order);
        let asked = test.calls("enroll").await;
        test.age(&order, 120).await;
        run(&test.mount).await;
        assert_eq!(
            test.calls("enroll").await,
            asked,
            "nothing is sent before the domain is proven"
        );
        test.control("POST", "domains/example.com/validate", json!({}))
            .await;
        forget_look(&test).await;
        run(&test.mount).await;
        test.age(&order, 120).await;
        for _ in 0..2 {
            run(&test.mount).await;
        }
        let ended = test.order(&order).await;
        assert_eq!(ended.state(), OrderState::Issued, "{}", ended.last_message);
        assert_eq!(
            test.orders_at_scm("common_name=www.example.com")
                .await
                .len(),
            1
        );
        test.sim.stop().await;
    }
}

/// A caller of a role was told that SCM had not taken the order yet, and nobody was told what to publish.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_waits_for_a_domain_was_told_as_not_taken_yet() {
    let test = validating("-1d").await;
    run(&test.mount).await;
    let start = json!({"action": "start", "method": "cname"});
    let started = test.mount.write("domains/web/example.com", start).await;
    let record = started.unwrap().unwrap().data["record"]["value"].clone();
    let record = record.as_str().unwrap();
    face::write_role(&test, json!({})).await;
    let body = json!({"common_name": "www.example.com"});
    let told = face::pending(face::ask(&test.mount, "issue/r", body.clone()).await);
    assert!(told.contains("it waits for dcv"), "{told}");
    assert!(told.contains(record), "{told}");
    let waits = told.parse::<svpki_types::PendingOrder>().unwrap().waits;
    assert!(waits.contains(record), "{waits}");
    let enrolled = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let told = enrolled.warnings.join(" ");
    assert!(
        told.contains("it waits for dcv") && told.contains(record),
        "{told}"
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_waits_for_its_domain_and_is_ordered_once() {
    let test = validating("10d").await;
    let first = test
        .issued("enroll/web", json!({"common_name": "www.example.com"}))
        .await;
    grow_old(&test.mount, id(&first), 85).await;
    domain(&test, "-1d").await;
    run(&test.mount).await;
    let order = cert(&test.mount, id(&first)).await.renewal.order.unwrap();
    assert_eq!(
        test.order(order.as_str()).await.waiting_on(),
        Some(WaitingOn::Dcv)
    );
    let seen = row(&test, id(&first)).await;
    assert!(
        seen["renew_blocked"].as_str().unwrap().contains("ended on"),
        "{seen}"
    );
    test.control("POST", "domains/example.com/validate", json!({}))
        .await;
    let body = json!({"action": "check"});
    test.mount
        .write("domains/web/example.com", body)
        .await
        .unwrap();
    // The check has started a run of its own.
    let mut tries = 0;
    while !test.order(order.as_str()).await.state().is_final() && tries < 50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        test.poll_once(order.as_str()).await;
        tries += 1;
    }
    let order = test.order(order.as_str()).await;
    assert_eq!(order.state(), OrderState::Issued, "{}", order.last_message);
    assert!(cert(&test.mount, id(&first)).await.renewed_to.is_some());
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_goes_first_where_a_validation_ends_before_its_window() {
    let test = validating("198d").await;
    let first = test
        .issued("enroll/web", json!({"common_name": "www.example.com"}))
        .await;
    // The window opens in three days.
    grow_old(&test.mount, id(&first), 57).await;
    run(&test.mount).await;
    assert!(cert(&test.mount, id(&first)).await.renewed_to.is_none());
    // SCM tells only the day, and the engine takes its beginning, which is less than a day away at any time of the
    // day.
    let midnight = DAY - time::now() % DAY;
    domain(&test, &format!("{}s", midnight + 3_600)).await;
    forget_look(&test).await;
    for _ in 0..2 {
        run(&test.mount).await;
    }
    assert!(
        cert(&test.mount, id(&first)).await.renewed_to.is_some(),
        "{}",
        row(&test, id(&first)).await
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_without_domain_validation_is_left_alone() {
    let test = TestMountWithScm::new().await;
    test.control("PATCH", "switches", json!({"dcv_enabled": false}))
        .await;
    run(&test.mount).await;
    run(&test.mount).await;
    assert_eq!(test.calls("domain_validations").await, 1);
    let health = test.mount.read("health", json!({})).await;
    assert_eq!(health["healthy"], true, "{health:?}");
    let list = test
        .mount
        .ask(Operation::List, "domains/web/", json!({}))
        .await
        .unwrap()
        .unwrap();
    assert!(list.warnings[0].contains("-1608"), "{:?}", list.warnings);
    test.sim.stop().await;
}

/// Changes profile 51 as an administrator would at SCM.
async fn change_profile(test: &TestMountWithScm, member: &str, value: Value) {
    let mut scenario = test.control("GET", "scenario", Value::Null).await;
    scenario["profiles"][0][member] = value;
    test.control("PUT", "scenario", scenario).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_term_that_the_profile_no_longer_has_gives_way_to_the_nearest() {
    let test = TestMountWithScm::new().await;
    change_profile(&test, "terms", json!([30, 47])).await;
    test.mount.write("profile/web/51", json!({})).await.unwrap();
    let issued = test
        .issued("enroll/web", json!({"common_name": "www.example.com"}))
        .await;
    let warnings = issued.warnings.join("\n");
    assert!(
        warnings.contains("no longer has the config's term of 90 days: 47 days are ordered"),
        "{warnings}"
    );
    assert_eq!(
        test.orders_at_scm("common_name=www.example.com").await[0]["term"],
        47
    );
    let body = json!({"common_name": "own.example.com", "term": 199});
    refused(
        test.mount.write("enroll/web", body).await,
        &["199 days", "30, 47 days"],
    );
    test.sim.stop().await;
}

/// From the day on which maximum lifetimes became shorter, every new order was refused until the profile was
/// refreshed.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_term_has_the_profile_read_again_at_once() {
    let test = TestMountWithScm::new().await;
    test.mount.write("profile/web/51", json!({})).await.unwrap();
    run(&test.mount).await;
    change_profile(&test, "terms", json!([30, 47])).await;
    let body = json!({"common_name": "www.example.com"});
    let enrolled = test.mount.write("enroll/web", body.clone()).await;
    refused(enrolled, &["-36", "nothing was ordered", "within a minute"]);
    let downloads = test.calls("types").await;
    run(&test.mount).await;
    assert_eq!(test.calls("types").await, downloads + 1);
    let issued = test.issued("enroll/web", body).await;
    assert!(
        issued.warnings.join("\n").contains("47 days are ordered"),
        "{:?}",
        issued.warnings
    );
    run(&test.mount).await;
    assert_eq!(test.calls("types").await, downloads + 1, "once is enough");
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_says_in_what_it_differs() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "www.example.com"}))
        .await;
    let path = format!("renew/web/{}", id(&first));
    let same = test.issued(&path, json!({})).await;
    assert_eq!(same.data.get("changes"), None);
    change_profile(&test, "lifetime", json!("40d")).await;
    let path = format!("renew/web/{}", id(&same));
    let shorter = test.issued(&path, json!({})).await;
    assert_eq!(shorter.data["changes"], json!(["lifetime"]));
    assert_eq!(
        row(&test, id(&shorter)).await["changes"],
        json!(["lifetime"])
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_profile_is_told_with_its_cure() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "www.example.com"}))
        .await;
    change_profile(&test, "deleted", json!(true)).await;
    let path = format!("renew/web/{}", id(&first));
    let words = ["-111", "superseding profile"];
    refused(test.mount.write(&path, json!({})).await, &words);
    change_profile(&test, "superseded_by", json!(52)).await;
    test.issued(&path, json!({})).await;
    test.sim.stop().await;
}

/// `inventory`, `check` and `domains` showed it, and `health` said that everything was well.
#[tokio::test(flavor = "multi_thread")]
async fn health_did_not_say_how_many_renewals_a_domain_blocks() {
    let test = validating("21d").await;
    for name in ["a.example.com", "b.example.com"] {
        let body = json!({"common_name": name});
        let cert = test.issued("enroll/web", body).await;
        change(&test.mount, id(&cert), |cert| cert.auto_renew = Some(true)).await;
    }
    test.client_config().await;
    test.mount.looked().await;
    run(&test.mount).await;
    assert_eq!(listed(&test).await["blocked_renewals"], 2);
    let blocked = async || {
        let mount = test.mount.read("health", json!({})).await;
        let own = test.mount.read("health/web", json!({})).await;
        let stored = test.mount.read("health/web", json!({"stored": true})).await;
        assert_eq!(mount["configs"]["people"]["blocked_renewals"], 0);
        assert_eq!(mount["blocked_renewals"], own["blocked_renewals"]);
        assert_eq!(own["blocked_renewals"], stored["blocked_renewals"]);
        assert_eq!(
            mount["configs"]["web"]["blocked_renewals"],
            own["blocked_renewals"]
        );
        own["blocked_renewals"].clone()
    };
    assert_eq!(blocked().await, 2);
    domain(&test, "300d").await;
    forget_look(&test).await;
    run(&test.mount).await;
    assert_eq!(blocked().await, 0);
    test.sim.stop().await;
}

/// Which orders would fail was only found out when they failed, one by one.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_scm_no_longer_offers_is_named_with_what_uses_it() {
    let test = TestMountWithScm::new().await;
    test.mount.write("profile/web", json!({})).await.unwrap();
    face::write_role(&test, json!({"profile_id": 51})).await;
    let first = test
        .issued("enroll/web", json!({"common_name": "www.example.com"}))
        .await;
    let second = json!({"common_name": "other.example.com", "profile_id": 52, "term": 90});
    test.issued("enroll/web", second).await;
    let health = async || test.mount.read("health/web", json!({})).await;
    assert_eq!(health().await.get("gone_profiles"), None);

    change_profile(&test, "deleted", json!(true)).await;
    let told = health().await["gone_profiles"].clone();
    let gone = &told[0];
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert_eq!(
        (
            &gone["profile_id"],
            &gone["of_config"],
            &gone["roles"],
            &gone["certificates"],
            &gone["refused_renewals"]
        ),
        (
            &json!(51),
            &json!(true),
            &json!(["r"]),
            &json!(1),
            &json!(0)
        )
    );
    let message = gone["message"].as_str().unwrap();
    for words in [
        "config web",
        "role r",
        "1 certificate",
        "superseding profile",
        "svpki roles write r --profile-id",
    ] {
        assert!(message.contains(words), "{message}");
    }
    let mount = test.mount.read("health", json!({})).await;
    assert_eq!(mount["configs"]["web"]["gone_profiles"], told);

    // SCM's refusal of a renewal shows that there is no superseding profile.
    change(&test.mount, id(&first), |cert| cert.auto_renew = Some(true)).await;
    grow_old(&test.mount, id(&first), 80).await;
    run(&test.mount).await;
    let seen = row(&test, id(&first)).await;
    assert_eq!(seen["renew_scm_code"], -111, "{seen}");
    let error = seen["renew_error"].as_str().unwrap();
    assert!(error.contains("profile 51"), "{error}");
    assert_eq!(health().await["gone_profiles"][0]["refused_renewals"], 1);

    // SCM has a superseding profile, which the renewal takes and keeps; config and role have another profile by now.
    change_profile(&test, "superseded_by", json!(52)).await;
    change(&test.mount, id(&first), |cert| {
        cert.renewal.next_attempt = 0
    })
    .await;
    run(&test.mount).await;
    test.mount
        .write("configs/web", json!({"profile_id": 52}))
        .await
        .unwrap();
    face::write_role(&test, json!({"profile_id": 52})).await;
    let renewed = row(&test, id(&first)).await["renewed_to"].clone();
    let successor = row(&test, renewed.as_str().unwrap()).await;
    assert_eq!(successor["profile_id"], 52, "{successor}");
    assert_eq!(health().await.get("gone_profiles"), None);
    test.sim.stop().await;
}
