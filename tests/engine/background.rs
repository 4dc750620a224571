//! What happens with nobody asking: the server's call comes once a minute, so that all of it is waited for together.

use std::time::Duration;

use futures_util::join;
use scm_sim::settings::{Settings, Span};
use serde_json::{Value, json};

use crate::dns::Dns;
use crate::support::until;
use crate::test_mount::{Answer, PATIENCE, TestMount};
use crate::tools::{public_key_of_certificate, public_key_of_key};

/// Two of the server's calls, and some.
const TWO_CALLS: Duration = Duration::from_secs(150);
/// The same for a renewal that waits for its place in the window's first third.
const FOUR_CALLS: Duration = Duration::from_secs(300);

/// An SCM whose profile 54 issues certificates that live so long.
fn living(seconds: i64) -> Settings {
    let mut settings = Settings::default();
    for profile in &mut settings.profiles {
        if profile.id == 54 {
            profile.lifetime = Some(Span::from_secs(seconds));
        }
    }
    settings
}

fn matches(answer: &Answer) {
    assert_eq!(
        public_key_of_key(answer.text("private_key")),
        public_key_of_certificate(answer.text("certificate"))
    );
}

#[tokio::test]
async fn with_nobody_asking() {
    join!(
        every_not_ready_is_collected(),
        a_certificate_is_renewed(),
        a_renewal_that_fails_is_shown_and_put_off(),
        tidy_runs_by_its_schedule(),
        a_lost_answer_is_settled(),
        profiles_are_downloaded_again(),
        an_account_that_went_bad_is_noticed(),
        a_domain_is_kept_ahead_of_its_renewals(),
    );
}

/// Its validation ends: the renewals that it will stop are told three weeks before; one that is due waits with the
/// record, and goes through by itself once the record is published.
async fn a_domain_is_kept_ahead_of_its_renewals() {
    let dns = Dns::start();
    let test = TestMount::with(living(300)).await;
    let switches = json!({"require_validated_domains": true, "dcv_resolver": dns.address});
    test.control("PATCH", "switches", switches).await;
    let domain = json!({"name": "example.com", "valid_for": "21d"});
    test.control("PUT", "domains", domain).await;
    let auto = json!({"sectigo_auto_renew": true, "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90});
    test.config("web", auto).await;
    let body = json!({"common_name": "later.example.com"});
    test.write("enroll/web", body).await.good();
    let path = "inventory?q=later.example.com";
    let told = test
        .until(path, TWO_CALLS, |read| {
            read.data()["certificates"][0]["renew_blocked"].is_string()
        })
        .await;
    let row = &told.data()["certificates"][0];
    let sentence = row["renew_blocked"].as_str().unwrap();
    assert!(sentence.contains("will not renew on"), "{sentence}");
    assert!(
        sentence.contains("the validation of example.com ends on"),
        "{sentence}"
    );
    assert_eq!(row["domains"], json!(["example.com"]));
    let health = test.read("health").await.good();
    assert_eq!(
        health.data()["jobs"]["domains"]["last_error"],
        Value::Null,
        "{health:?}"
    );

    let soon = json!({"common_name": "soon.example.com", "sectigo_expiry_window": "90%", "sectigo_ssl_cert_type": 54, "sectigo_ssl_cert_validity": 30});
    let first = test.write("enroll/web", soon).await.good();
    let domain = json!({"name": "example.com", "valid_for": "-1s"});
    test.control("PUT", "domains", domain).await;
    let waiting = test
        .until_listed("orders/web/", FOUR_CALLS, |list| {
            list["key_info"]
                .as_object()
                .is_some_and(|orders| orders.values().any(|order| order["waiting_on"] == "dcv"))
        })
        .await;
    let orders = waiting.data()["key_info"].as_object().unwrap().clone();
    assert_eq!(orders.len(), 1, "{orders:?}");
    let (order, info) = orders.into_iter().next().unwrap();
    assert_eq!(
        (info["action"].as_str(), info["last_scm_code"].as_i64()),
        (Some("renew"), Some(-1137))
    );

    let body = json!({"action": "start", "method": "cname"});
    let started = test.write("domains/web/example.com", body).await.good();
    let record = started.data()["record"].clone();
    let read = test.read(&format!("orders/web/{order}")).await.good();
    assert_eq!(read.data()["domains"][0]["record"], record);
    let check = json!({"action": "check"});
    let early = test
        .write("domains/web/example.com", check.clone())
        .await
        .good();
    assert_ne!(early.data()["status"], "validated");
    dns.cname(
        record["name"].as_str().unwrap(),
        record["value"].as_str().unwrap(),
    );
    let proven = test.write("domains/web/example.com", check).await.good();
    assert_eq!(proven.data()["status"], "validated");
    let path = format!("readcert/web/{}", first.id());
    test.until(&path, FOUR_CALLS, |read| read.status_word() == "superseded")
        .await;
    assert_eq!(
        test.orders_at_scm("soon.example.com").await.len(),
        2,
        "renewed once"
    );
    let row = test.read("inventory?q=later.example.com").await.good();
    assert_eq!(row.data()["certificates"][0]["renew_blocked"], Value::Null);
}

async fn every_not_ready_is_collected() {
    let test = TestMount::ready().await;
    let encodings = ["code0", "code-183", "code-1400", "empty"];
    let rules: Vec<Value> = encodings
        .iter()
        .map(|code| json!({"common_name": format!("{code}.*"), "delay": "15s", "not_ready": code}))
        .collect();
    test.rules(json!(rules)).await;
    let mut ids = Vec::new();
    for code in encodings {
        let body = json!({"common_name": format!("{code}.example.com"), "sectigo_max_timeout": 0});
        let pending = test.write("enroll/web", body).await.good();
        assert_eq!(pending.status_word(), "pending");
        assert!(pending.warnings().contains("orders/web/"), "{pending:?}");
        // The id is known before the certificate is there.
        let early = test
            .read(&format!("certs/web/{}", pending.id()))
            .await
            .good();
        assert_eq!(early.status_word(), "pending");
        ids.push(pending.id().to_owned());
    }
    let summary = test.read("inventory").await.good();
    assert_eq!(summary.data()["summary"]["status"]["pending"], 4);
    for id in ids {
        let path = format!("keys/web/{id}");
        let issued = test
            .until(&path, Duration::from_secs(120), |read| read.status == 200)
            .await;
        matches(&issued);
    }
    let health = test.read("health").await.good();
    assert_eq!(
        health.data()["jobs"]["collect"]["last_error"],
        Value::Null,
        "{health:?}"
    );
    assert!(
        !health.data()["jobs"]["collect"]["last_run"]
            .as_str()
            .unwrap()
            .is_empty()
    );
}

async fn a_certificate_is_renewed() {
    let test = TestMount::with(living(300)).await;
    let auto = json!({"sectigo_auto_renew": true, "sectigo_expiry_window": "90%", "sectigo_ssl_cert_type": 54, "sectigo_ssl_cert_validity": 30});
    test.config("web", auto).await;
    let first = test
        .write("enroll/web", json!({"common_name": "auto.example.com"}))
        .await
        .good();
    let path = format!("readcert/web/{}", first.id());
    let old = test
        .until(&path, FOUR_CALLS, |read| read.status_word() == "superseded")
        .await;
    let current = test.read("current/web/auto.example.com").await.good();
    matches(&current);
    assert_eq!(old.text("renewed_to"), current.id());
    assert_eq!(current.text("renewed_from"), first.id());
    assert_ne!(
        public_key_of_key(current.text("private_key")),
        public_key_of_key(first.text("private_key"))
    );
    assert_eq!(
        test.orders_at_scm("auto.example.com").await.len(),
        2,
        "renewed once"
    );
    let health = test.read("health").await.good();
    assert!(
        health.data()["jobs"]["renew"]["done"].is_u64(),
        "{health:?}"
    );
}

async fn a_renewal_that_fails_is_shown_and_put_off() {
    let test = TestMount::with(living(300)).await;
    let auto = json!({"sectigo_auto_renew": true, "sectigo_expiry_window": "90%", "sectigo_ssl_cert_type": 54, "sectigo_ssl_cert_validity": 30});
    test.config("web", auto).await;
    let first = test
        .write("enroll/web", json!({"common_name": "stuck.example.com"}))
        .await
        .good();
    let error = json!({"status": 400, "code": -180, "description": "Renewal is not permitted"});
    test.rules(json!([{"call": "renew", "error": error}])).await;
    let failed = |read: &Answer| !read.data()["certificates"][0]["renew_error"].is_null();
    let page = test.until("inventory", TWO_CALLS, failed).await;
    let row = &page.data()["certificates"][0];
    let said = row["renew_error"].as_str().unwrap();
    assert!(
        said.contains("-180") && said.contains("not permitted"),
        "{said}"
    );
    assert_eq!(row["id"], first.id());
    // The certificate is still the one in use, a reader is told, and waking the work does not ask SCM again.
    let read = test.read(&format!("certs/web/{}", first.id())).await.good();
    assert!(read.warnings().contains("-180"), "{read:?}");
    for _ in 0..5 {
        test.read(&format!("certs/web/{}", first.id())).await.good();
    }
    assert_eq!(test.calls("renew").await.len(), 1);
    assert_eq!(
        test.read("current/web/stuck.example.com").await.good().id(),
        first.id()
    );
}

async fn tidy_runs_by_its_schedule() {
    let test = TestMount::with(living(2)).await;
    test.config(
        "web",
        json!({"sectigo_ssl_cert_type": 54, "sectigo_ssl_cert_validity": 30}),
    )
    .await;
    test.write("enroll/web", json!({"common_name": "brief.example.com"}))
        .await
        .good();
    test.config("web", json!({"sectigo_ssl_cert_type": 51}))
        .await;
    test.write("enroll/web", json!({"common_name": "stays.example.com"}))
        .await
        .good();
    let schedule = json!({"interval": 60, "safety_buffer": "1s"});
    test.write("tidy", schedule).await.good();
    let gone = |read: &Answer| read.data()["summary"]["total"] == 1;
    test.until("inventory", Duration::from_secs(200), gone)
        .await;
    let status = test.read("tidy-status").await.good();
    assert_eq!(status.data()["state"], "idle", "{status:?}");
}

async fn a_lost_answer_is_settled() {
    let test = TestMount::ready().await;
    test.rules(json!([{"call": "enroll", "drop": "after", "first": 1}]))
        .await;
    let body = json!({"common_name": "settled.example.com", "sectigo_max_timeout": 0});
    let pending = test.write("enroll/web", body).await.good();
    assert_eq!(pending.status_word(), "pending");
    let order = test
        .read(&format!("orders/web/{}", pending.text("order_id")))
        .await
        .good();
    assert_eq!(order.data()["state"], "uncertain");
    let issued = test
        .until("current/web/settled.example.com", TWO_CALLS, |read| {
            read.status == 200
        })
        .await;
    matches(&issued);
    assert_eq!(test.orders_at_scm("settled.example.com").await.len(), 1);
}

async fn profiles_are_downloaded_again() {
    let test = TestMount::ready().await;
    let often = json!({"profile_refresh_period": "1s"});
    test.write("configs/web", often).await.good();
    test.write("profile/web/51", json!({})).await.good();
    let mut scenario = test.control("GET", "scenario", Value::Null).await;
    let profiles = scenario["profiles"].as_array_mut().unwrap();
    let changed = profiles.iter_mut().find(|profile| profile["id"] == 51);
    changed.unwrap()["terms"] = json!([45]);
    test.control("PUT", "scenario", scenario).await;
    let refused = |read: &Answer| read.data()["terms"] == json!([45]);
    test.until("profile/web/51", TWO_CALLS, refused).await;
    // What was not downloaded before is not downloaded now.
    test.read("profile/web/52").await.refused(404, &[]);
    let body = json!({"common_name": "old.example.com", "term": 199});
    test.write("enroll/web", body)
        .await
        .refused(400, &["199 days", "45 days"]);
    // The config's own term gives way.
    let body = json!({"common_name": "old.example.com"});
    let issued = test.write("enroll/web", body).await.good();
    assert!(
        issued.warnings().contains("45 days are ordered"),
        "{issued:?}"
    );
}

async fn an_account_that_went_bad_is_noticed() {
    let test = TestMount::ready().await;
    let looked = |read: &Answer| !read.data()["configs"]["web"]["age_seconds"].is_null();
    let well = test.until("health", PATIENCE, looked).await;
    assert_eq!(well.data()["healthy"], true, "{well:?}");
    assert_eq!(well.data()["configs"]["web"]["profile_visible"], true);
    test.write(
        "configs/web",
        json!({"sectigo_cm_password": "changed at SCM"}),
    )
    .await
    .good();
    let unwell = |read: &Answer| read.data()["healthy"] == false;
    let health = test.until("health", PATIENCE, unwell).await;
    let web = &health.data()["configs"]["web"];
    assert_eq!(
        (&web["reachable"], &web["login_accepted"]),
        (&json!(true), &json!(false))
    );
    let ran = |read: &Answer| !read.data()["jobs"]["accounts"]["last_run"].is_null();
    test.until("health", TWO_CALLS, ran).await;
}

#[tokio::test]
async fn however_many_read_a_due_certificate_it_is_renewed_once() {
    let test = TestMount::with(living(60)).await;
    let auto = json!({"sectigo_auto_renew": true, "sectigo_expiry_window": "90%", "sectigo_ssl_cert_type": 54, "sectigo_ssl_cert_validity": 30});
    test.config("web", auto).await;
    let first = test
        .write("enroll/web", json!({"common_name": "often.example.com"}))
        .await
        .good();
    assert!(first.text("renew_at") < first.text("not_after"));
    // From now on the CA takes its time, so that reads meet a renewal under way.
    test.rules(json!([{"call": "renew", "delay": "4s"}])).await;
    let path = format!("certs/web/{}", first.id());
    let mut warned = false;
    until("the renewal is placed", PATIENCE, async || {
        let reads = (0..8).map(|_| test.read(&path));
        for read in futures_util::future::join_all(reads).await {
            warned |= read.good().warnings().contains("due for renewal");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        test.orders_at_scm("often.example.com").await.len() > 1
    })
    .await;
    assert!(warned, "a reader hears that it is due");
    // Asked for by hand while it is under way, it is the same order.
    let renewed = test
        .write(&format!("renew/web/{}", first.id()), json!({}))
        .await
        .good();
    assert!(renewed.warnings().contains("under way"), "{renewed:?}");
    assert_eq!(renewed.status_word(), "issued");
    assert_eq!(renewed.text("renewed_from"), first.id());
    assert_eq!(test.orders_at_scm("often.example.com").await.len(), 2);
    assert_eq!(test.calls("renew").await.len(), 1);
}

#[tokio::test]
async fn a_window_that_would_loop_is_refused() {
    let test = TestMount::ready().await;
    let path = "configs/web";
    for (window, term) in [
        (json!(90), 90),
        (json!("90"), 90),
        (json!("100%"), 90),
        (json!("91%"), 90),
        (json!(398), 365),
        (json!(0), 90),
    ] {
        let body = json!({"sectigo_auto_renew": true, "sectigo_expiry_window": window, "sectigo_ssl_cert_validity": term});
        test.write(path, body)
            .await
            .refused(400, &["sectigo_expiry_window"]);
    }
    // The same for one order, over its config.
    let body = json!({"common_name": "loop.example.com", "sectigo_expiry_window": 90, "sectigo_auto_renew": true});
    test.write("enroll/web", body)
        .await
        .refused(400, &["sectigo_expiry_window"]);
    let body = json!({"sectigo_auto_renew": true, "sectigo_expiry_window": 30});
    test.write(path, body).await.good();
    assert!(test.orders_at_scm("").await.is_empty());
}
