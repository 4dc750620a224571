//! What reading the domains keeps when SCM refuses a part of it, and to which account stored domains belong.

use serde_json::{Map, Value, json};

use super::{change, id, job, run};
use crate::plugin::store::{DomainList, Key};
use crate::plugin::testing::{TestMountWithScm, text};
use scm_sim::{Options, Sim};
use vault_plugin::logical::{Operation, Response};

async fn domain(test: &TestMountWithScm, setting: Value) {
    test.control("PUT", "domains", setting).await;
}

async fn step(test: &TestMountWithScm, name: &str, body: Value) -> Response {
    let path = format!("domains/web/{name}");
    test.mount.write(&path, body).await.unwrap().unwrap()
}

async fn read_domain(test: &TestMountWithScm, name: &str) -> Map<String, Value> {
    let path = format!("domains/web/{name}");
    test.mount.read(&path, json!({})).await
}

async fn listing(test: &TestMountWithScm) -> Response {
    let list = test.mount.ask(Operation::List, "domains/web/", json!({}));
    list.await.unwrap().unwrap()
}

async fn names(test: &TestMountWithScm) -> Vec<String> {
    let list = listing(test).await;
    let info = list.data.get("key_info").and_then(Value::as_object);
    info.into_iter()
        .flat_map(|info| info.keys().cloned())
        .collect()
}

async fn known(test: &TestMountWithScm) -> DomainList {
    let key = Key::domains(&"web".parse().unwrap());
    test.mount.store().read(&key).await.unwrap().unwrap()
}

/// Lets the next run read the domains, as if enough time had passed.
async fn look_again(test: &TestMountWithScm) {
    let key = Key::domains(&"web".parse().unwrap());
    let mut known = known(test).await;
    known.looked -= 100_000;
    known.refused -= 100_000;
    test.mount.store().write(&key, &known).await.unwrap();
    run(&test.mount).await;
}

/// An account with a renewal that `ends-example.com` blocks, and a validation of `c-example.com` under way.
async fn blocked() -> TestMountWithScm {
    let test = TestMountWithScm::new().await;
    domain(
        &test,
        json!({"name": "ends-example.com", "valid_for": "21d"}),
    )
    .await;
    domain(&test, json!({"name": "c-example.com"})).await;
    let body = json!({"common_name": "www.ends-example.com"});
    let first = test.issued("enroll/web", body).await;
    change(&test.mount, id(&first), |cert| cert.auto_renew = Some(true)).await;
    run(&test.mount).await;
    step(&test, "c-example.com", json!({"action": "start"})).await;
    assert_eq!(blocked_renewals(&test).await, 1);
    test
}

async fn blocked_renewals(test: &TestMountWithScm) -> i64 {
    let health = test.mount.read("health", json!({})).await;
    health["blocked_renewals"].as_i64().unwrap()
}

/// One suspended domain removed the whole list for a day, and no alarm was raised any more.
#[tokio::test(flavor = "multi_thread")]
async fn one_domains_refusal_touches_that_domain_alone() {
    for (status, code) in [
        (404, -715),
        (400, -3),
        (403, -25),
        (400, -37),
        (500, -1),
        (400, -1608),
    ] {
        let test = blocked().await;
        let error = json!({"status": status, "code": code, "description": "no"});
        test.rules(json!([{"call": "domain_sync", "error": error}]))
            .await;
        look_again(&test).await;
        assert_eq!(names(&test).await, ["c-example.com", "ends-example.com"]);
        assert_eq!(blocked_renewals(&test).await, 1, "{code}");
        let done = job(&test.mount, "domains").await;
        assert_eq!((done.done, done.last_error.as_str()), (1, ""));
        let read = read_domain(&test, "c-example.com").await;
        let told = read["warnings"][0].as_str().unwrap();
        assert!(told.contains(&code.to_string()) || status == 500, "{told}");
        assert_eq!(read["record"]["kind"], "CNAME", "what was known stays");
        test.rules(json!([])).await;
        look_again(&test).await;
        let read = read_domain(&test, "c-example.com").await;
        assert_eq!(read.get("warnings"), None);
        test.sim.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_scm_refuses_leaves_what_it_told_before_with_its_day() {
    let test = blocked().await;
    let looked = known(&test).await.looked;
    for (status, code) in [(403, -25), (400, -3), (404, -715)] {
        let error = json!({"status": status, "code": code, "description": "no"});
        test.rules(json!([{"call": "domain_validations", "error": error}]))
            .await;
        look_again(&test).await;
        let list = listing(&test).await;
        let told = &list.warnings[0];
        assert!(told.contains("from SCM's answer of 20"), "{told}");
        assert_eq!(blocked_renewals(&test).await, 1);
        assert!(known(&test).await.looked <= looked, "nothing was seen");
    }
    // SCM says that domain validation is not available at all.
    test.rules(json!([])).await;
    let off = json!({"dcv_enabled": false});
    test.control("PATCH", "switches", off).await;
    look_again(&test).await;
    assert!(names(&test).await.is_empty());
    assert_eq!(blocked_renewals(&test).await, 0);
    test.sim.stop().await;
}

/// A run asks for the details of fifty domains: those that were asked for longest ago come first.
#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_validations_under_way_is_looked_at_in_turn() {
    let test = TestMountWithScm::new().await;
    for number in 0..60 {
        let name = format!("d{number:02}-example.com");
        domain(&test, json!({"name": name})).await;
        let body = json!({"domain": name});
        for step in ["start", "submit"] {
            let path = format!("/api/dcv/v1/validation/{step}/domain/cname");
            test.somebody_posts(&path, body.clone()).await;
        }
    }
    run(&test.mount).await;
    assert_eq!(test.calls("domain_sync").await, 50);
    look_again(&test).await;
    let all = known(&test).await.domains;
    let unseen = all.iter().filter(|one| one.to_publish.is_none()).count();
    assert_eq!((all.len(), unseen), (60, 0));
    test.sim.stop().await;
}

/// With a refresh period of 0, nothing ever noticed that the domain was validated.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_waits_for_a_domain_goes_on_without_a_period() {
    let test = TestMountWithScm::new().await;
    let off = json!({"profile_refresh_period": 0});
    test.mount.write("configs/web", off).await.unwrap();
    let switches = json!({"require_validated_domains": true});
    test.control("PATCH", "switches", switches).await;
    domain(&test, json!({"name": "example.com", "valid_for": "-1d"})).await;
    run(&test.mount).await;
    assert_eq!(names(&test).await, ["example.com"], "a first look comes");
    let looks = test.calls("domain_validations").await;
    run(&test.mount).await;
    assert_eq!(
        test.calls("domain_validations").await,
        looks,
        "and no other"
    );

    let body = json!({"common_name": "www.example.com"});
    let waiting = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let order = text(&waiting, "order_id").to_owned();
    run(&test.mount).await;
    // Somebody validates the domain in SCM, after the read that the refusal has caused.
    test.control("POST", "domains/example.com/validate", json!({}))
        .await;
    let key = Key::domains(&"web".parse().unwrap());
    let mut known = known(&test).await;
    known.looked -= 400;
    test.mount.store().write(&key, &known).await.unwrap();
    for _ in 0..4 {
        test.age(&order, 120).await;
        run(&test.mount).await;
    }
    let ended = test.order(&order).await;
    assert_eq!(
        ended.state().to_string(),
        "issued",
        "{}",
        ended.last_message
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_of_another_account_forgets_the_domains_of_the_first() {
    let test = TestMountWithScm::new().await;
    domain(
        &test,
        json!({"name": "first-example.com", "valid_for": "90d"}),
    )
    .await;
    run(&test.mount).await;
    assert_eq!(names(&test).await, ["first-example.com"]);
    test.mount
        .write("configs/web", json!({"sectigo_expiry_window": "20d"}))
        .await
        .unwrap();
    assert_eq!(
        names(&test).await,
        ["first-example.com"],
        "the same account"
    );

    let other = Sim::start(Options::default()).await.unwrap();
    let setting = json!({"name": "second-example.com", "valid_for": "90d"});
    other.control("PUT", "domains", setting).await.unwrap();
    test.mount.config(&other).await;
    let list = listing(&test).await;
    assert!(names(&test).await.is_empty());
    assert!(
        list.warnings[0].contains("next background run"),
        "{:?}",
        list.warnings
    );
    run(&test.mount).await;
    assert_eq!(names(&test).await, ["second-example.com"]);

    // Domains that a run stored late, or that an older version stored without account, are replaced as well.
    let key = Key::domains(&"web".parse().unwrap());
    let mut late = known(&test).await;
    late.account = "another".to_owned();
    late.domains[0].domain = "late-example.com".to_owned();
    test.mount.store().write(&key, &late).await.unwrap();
    run(&test.mount).await;
    assert_eq!(names(&test).await, ["second-example.com"]);
    test.sim.stop().await;
    other.stop().await;
}

/// `parent-example.com` belongs to another organisation: its validation proves nothing for us.
#[tokio::test(flavor = "multi_thread")]
async fn a_domain_of_another_organisation_serves_no_name_of_ours() {
    let test = TestMountWithScm::new().await;
    let orders = json!({"require_validated_domains": true});
    let parent = json!({"name": "parent-example.com", "valid_for": "300d", "organisations": [200]});
    let sub = json!({"name": "sub.parent-example.com", "valid_for": "21d", "organisations": [123]});
    domain(&test, parent).await;
    domain(&test, sub).await;
    test.control("PATCH", "switches", orders).await;
    let body = json!({"common_name": "www.sub.parent-example.com"});
    let first = test.issued("enroll/web", body).await;
    change(&test.mount, id(&first), |cert| cert.auto_renew = Some(true)).await;
    run(&test.mount).await;
    assert_eq!(names(&test).await, ["sub.parent-example.com"]);
    assert_eq!(blocked_renewals(&test).await, 1);
    test.sim.stop().await;
}

/// SCM lists no domain of the organisation: then all domains that the login sees count, as before there was a filter.
#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_without_domains_of_its_own_sees_those_of_the_login() {
    let test = TestMountWithScm::new().await;
    let only = json!({"name": "parent-example.com", "valid_for": "300d", "organisations": [200]});
    domain(&test, only).await;
    run(&test.mount).await;
    assert_eq!(names(&test).await, ["parent-example.com"]);
    assert_eq!(test.calls("domain_validations").await, 3);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validation_by_mail_has_its_address_and_no_record() {
    let test = TestMountWithScm::new().await;
    domain(&test, json!({"name": "m-example.com"})).await;
    let started = step(&test, "m-example.com", json!({"action": "start"})).await;
    assert_eq!(started.data["record"]["kind"], "CNAME");
    let mail = json!({"action": "start", "method": "email", "email": "admin@m-example.com"});
    let started = step(&test, "m-example.com", mail).await;
    assert_eq!(started.data.get("record"), None, "{:?}", started.data);
    assert_eq!(started.data["email"], "admin@m-example.com");
    assert_eq!(started.data["validation_method"], "email");
    run(&test.mount).await;
    look_again(&test).await;
    let read = read_domain(&test, "m-example.com").await;
    assert_eq!(
        (&read["email"], read.get("record")),
        (&json!("admin@m-example.com"), None)
    );
    // Somebody changes the method in SCM, and SCM does not answer the details then.
    let body = json!({"domain": "m-example.com"});
    for step in ["start", "submit"] {
        let path = format!("/api/dcv/v1/validation/{step}/domain/cname");
        test.somebody_posts(&path, body.clone()).await;
    }
    let error = json!({"status": 400, "code": -715, "description": "no"});
    test.rules(json!([{"call": "domain_sync", "error": error}]))
        .await;
    look_again(&test).await;
    let read = read_domain(&test, "m-example.com").await;
    assert_eq!(
        (&read["validation_method"], read.get("email")),
        (&json!("cname"), None)
    );
    test.sim.stop().await;
}

/// The validation was started in SCM, or its submission was lost: SCM would never have checked the record.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_submits_what_nobody_has_submitted() {
    let test = TestMountWithScm::new().await;
    for (name, method) in [("a-example.com", "cname"), ("b-example.com", "https")] {
        domain(&test, json!({"name": name})).await;
        let path = format!("/api/dcv/v1/validation/start/domain/{method}");
        test.somebody_posts(&path, json!({"domain": name})).await;
        run(&test.mount).await;
        let checked = step(&test, name, json!({"action": "check"})).await;
        assert_eq!(checked.data["validation"], "submitted");
        assert_eq!(checked.data["validation_method"], method);
        assert!(checked.data["record"].is_object(), "{:?}", checked.data);
    }
    test.sim.stop().await;
}

/// A domain that was checked before the list was read seemed to be the account's only one, for a day.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_before_the_first_look_hides_no_other_domain() {
    let test = TestMountWithScm::new().await;
    for name in ["a-example.com", "b-example.com"] {
        domain(&test, json!({"name": name, "valid_for": "90d"})).await;
    }
    step(&test, "a-example.com", json!({"action": "check"})).await;
    run(&test.mount).await;
    assert_eq!(names(&test).await, ["a-example.com", "b-example.com"]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_says_how_far_it_came() {
    let test = TestMountWithScm::new().await;
    domain(&test, json!({"name": "a-example.com"})).await;
    run(&test.mount).await;
    let start = || {
        let body = json!({"action": "start"});
        test.mount.write("domains/web/a-example.com", body)
    };
    test.rules(json!([{"call": "domain_submit", "drop": "after", "first": 1}]))
        .await;
    let lost = start().await.unwrap_err().to_string();
    assert!(lost.contains("is not known"), "{lost}");
    assert!(
        lost.contains("svpki domains read web a-example.com"),
        "{lost}"
    );
    test.rules(json!([])).await;
    run(&test.mount).await;
    let read = read_domain(&test, "a-example.com").await;
    assert_eq!(read["validation"], "submitted", "the next run looks");

    let error = json!({"status": 400, "code": -724, "description": "no"});
    test.rules(json!([{"call": "domain_submit", "error": error}]))
        .await;
    let made = start().await.unwrap_err().to_string();
    assert!(
        made.contains("svpki domains check web a-example.com"),
        "{made}"
    );
    test.rules(json!([{"call": "domain_start", "error": error}]))
        .await;
    let refused = start().await.unwrap_err().to_string();
    assert!(refused.contains("was not started"), "{refused}");
    test.sim.stop().await;
}
