//! Background work, and steps on certificates to which something was done without us.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::store::{CertRecord, Key, OrderRecord, TidySchedule};
use super::super::testing::Rig;
use super::super::{certificates, jobs, time};
use super::scene::{Scene, text};
use crate::domain::answers::{ConfigHealth, JobHealth, ProfileAnswer};
use crate::domain::{CertId, KeySpec, OrderState};
use crate::plugin::logical::{Error, Operation, Response};
use crate::x509::{Csr, PrivateKey, San, Subject};

const DAY: i64 = 86_400;

fn refused(answer: Result<Option<Response>, Error>, words: &[&str]) -> Error {
    let error = answer.expect_err("it is refused");
    for word in words {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
    error
}

fn id(answer: &Response) -> &str {
    text(answer, "sectigo_cert_unique_id")
}

fn csr(name: &str) -> String {
    let key = PrivateKey::generate(KeySpec::parse(Some("EC"), None).unwrap()).unwrap();
    let subject = Subject {
        common_name: Some(name.to_owned()),
        ..Subject::default()
    };
    Csr::build(&key, &subject, &[San::parse(name).unwrap()])
        .unwrap()
        .to_pem()
}

async fn cert(rig: &Rig, id: &str) -> CertRecord {
    let key = Key::cert(&"web".parse().unwrap(), &id.parse().unwrap());
    rig.store().read(&key).await.unwrap().unwrap()
}

async fn change(rig: &Rig, id: &str, change: impl FnOnce(&mut CertRecord)) {
    let _index = rig.engine.index.lock().await;
    let (config, id): (_, CertId) = ("web".parse().unwrap(), id.parse().unwrap());
    certificates::update(&rig.store(), &config, &id, change)
        .await
        .unwrap();
}

/// As if so many of its 90 days had passed, with automatic renewal on.
async fn grow_old(rig: &Rig, id: &str, days: i64) {
    change(rig, id, |cert| {
        cert.auto_renew = Some(true);
        cert.not_before -= days * DAY;
        cert.not_after -= days * DAY;
    })
    .await;
}

async fn run(rig: &Rig) {
    jobs::run(&rig.engine, &rig.context).await.unwrap();
}

async fn job(rig: &Rig, name: &str) -> JobHealth {
    rig.store().read(&Key::job(name)).await.unwrap().unwrap()
}

async fn renew_error(rig: &Rig, id: &str) -> String {
    let page = rig.read("inventory", json!({})).await;
    let rows = page["certificates"].as_array().unwrap().clone();
    let row = rows.into_iter().find(|row| row["id"] == id).unwrap();
    row["renew_error"].as_str().unwrap_or_default().to_owned()
}

async fn outside(scene: &Scene, answer: &Response, step: &str) {
    let path = format!("orders/{}/{step}", text(answer, "ssl_id"));
    scene.control("POST", &path, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_renewed_in_the_portal_is_not_ordered_again() {
    let scene = Scene::new().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "portal.example.com"}))
        .await;
    grow_old(&scene.rig, id(&first), 80).await;
    let path = format!("/api/ssl/v1/renewById/{}", text(&first, "ssl_id"));
    scene
        .somebody_orders(&path, "portal.example.com", json!({}))
        .await;
    run(&scene.rig).await;
    let error = renew_error(&scene.rig, id(&first)).await;
    assert!(
        error.contains("renewed outside") && error.contains("fetch"),
        "{error}"
    );
    let kept = cert(&scene.rig, id(&first)).await.renewal;
    assert_eq!(kept.failures, 1);
    assert!(kept.next_attempt > time::now(), "it is put off");
    assert_eq!(scene.calls("renew").await, 1, "the portal's own");
    // One that is fetched says so from the beginning.
    scene
        .rig
        .ask(
            Operation::Delete,
            &format!("certs/web/{}", id(&first)),
            json!({}),
        )
        .await
        .unwrap();
    let fetched = scene
        .issued(&format!("fetch/web/{}", id(&first)), json!({}))
        .await;
    let error = renew_error(&scene.rig, id(&fetched)).await;
    assert!(error.contains("renewed outside"), "{error}");
    grow_old(&scene.rig, id(&fetched), 80).await;
    run(&scene.rig).await;
    assert_eq!(scene.calls("renew").await, 1);
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_revoked_in_the_portal_is_marked_and_not_renewed() {
    let scene = Scene::new().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "gone.example.com"}))
        .await;
    grow_old(&scene.rig, id(&first), 80).await;
    outside(&scene, &first, "revoke").await;
    run(&scene.rig).await;
    let read = scene
        .rig
        .read(&format!("certs/web/{}", id(&first)), json!({}))
        .await;
    assert_eq!(read["status"], "revoked");
    assert_eq!(scene.calls("renew").await, 0);
    scene.sim.stop().await;
}

/// SCM takes a renewal and declines it: that it calls the certificate renewed must not stop the next one.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_of_ours_that_was_declined_is_tried_again() {
    let scene = Scene::new().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "again.example.com"}))
        .await;
    grow_old(&scene.rig, id(&first), 80).await;
    scene
        .rules(json!([{"call": "renew", "approval": true}]))
        .await;
    run(&scene.rig).await;
    let order = cert(&scene.rig, id(&first)).await.renewal.order.unwrap();
    let path = format!("orders/web/{order}");
    scene
        .rig
        .ask(Operation::Delete, &path, json!({}))
        .await
        .unwrap();
    scene.rules(json!([])).await;
    change(&scene.rig, id(&first), |cert| cert.renewal.next_attempt = 0).await;
    run(&scene.rig).await;
    assert_eq!(scene.calls("renew").await, 2);
    assert!(
        cert(&scene.rig, id(&first)).await.renewed_to.is_some(),
        "{}",
        renew_error(&scene.rig, id(&first)).await
    );
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_replaced_in_the_portal_is_left_alone_until_it_is_fetched() {
    let scene = Scene::new().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "swapped.example.com"}))
        .await;
    outside(&scene, &first, "replace").await;
    for (step, body) in [
        ("revoke", json!({"reason": "r"})),
        ("renew", json!({})),
        ("replace", json!({})),
    ] {
        let path = format!("{step}/web/{}", id(&first));
        let error = refused(
            scene.rig.write(&path, body).await,
            &["another certificate", "fetch/web/", "nothing was"],
        );
        assert!(matches!(error, Error::Conflict(_)), "{error:?}");
        assert_eq!(scene.calls(step).await, 0);
    }
    grow_old(&scene.rig, id(&first), 80).await;
    run(&scene.rig).await;
    let error = renew_error(&scene.rig, id(&first)).await;
    assert!(error.contains("replaced outside"), "{error}");
    assert_eq!(scene.calls("renew").await, 0);
    // What SCM has now is brought in, and then it is the one that is revoked.
    let fetched = scene
        .issued(&format!("fetch/web/{}", id(&first)), json!({}))
        .await;
    assert_ne!(fetched.data["serial_number"], first.data["serial_number"]);
    assert!(fetched.warnings[0].contains(text(&first, "serial_number")));
    assert!(fetched.warnings[0].contains("private key is removed"));
    let keys = format!("keys/web/{}", id(&first));
    refused(
        scene.rig.ask(Operation::Read, &keys, json!({})).await,
        &["no private key"],
    );
    let path = format!("revoke/web/{}", id(&first));
    let revoked = scene.rig.write(&path, json!({"reason": "r"})).await;
    assert_eq!(revoked.unwrap().unwrap().data["status"], "revoked");
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn client_certificates_are_compared_by_serial_number_too() {
    let scene = Scene::new().await;
    super::doubts::client_config(&scene).await;
    let first = scene.issued("enroll/people", json!({})).await;
    let at_scm = scene.at_scm("").await;
    let path = format!("orders/{}/replace", at_scm[0]["id"]);
    scene.control("POST", &path, json!({})).await;
    let path = format!("revoke/people/{}", id(&first));
    let answer = scene.rig.write(&path, json!({"reason": "r"})).await;
    refused(answer, &["another certificate", "fetch/people/"]);
    assert_eq!(scene.calls("client_revoke").await, 0);
    scene.sim.stop().await;
}

/// SCM may write them without colons and leading zeros, and after a replacement of ours there is an older one, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_serial_number_that_is_only_spelled_otherwise_is_the_same() {
    let scene = Scene::new().await;
    let mut scenario = scene.control("GET", "scenario", Value::Null).await;
    scenario["switches"]["serials"] = json!("plain");
    scene.control("PUT", "scenario", scenario).await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "same.example.com"}))
        .await;
    for step in ["replace", "renew"] {
        scene
            .issued(&format!("{step}/web/{}", id(&first)), json!({}))
            .await;
    }
    let path = format!("revoke/web/{}", id(&first));
    let revoked = scene.rig.write(&path, json!({"reason": "r"})).await;
    assert_eq!(revoked.unwrap().unwrap().data["status"], "revoked");
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_answered_whatever_the_default_format_is() {
    let scene = Scene::new().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "form.example.com"}))
        .await;
    let config = json!({"format": "pkcs12"});
    scene.rig.write("configs/web", config).await.unwrap();
    let path = format!("revoke/web/{}", id(&first));
    let revoked = scene.rig.write(&path, json!({"reason": "r"})).await;
    let revoked = revoked.unwrap().unwrap();
    assert_eq!(revoked.data["status"], "revoked");
    assert!(text(&revoked, "certificate").starts_with("-----BEGIN"));
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_needs_a_key_we_shall_not_have_is_refused_before_it_costs() {
    let scene = Scene::new().await;
    let form = json!({"format": "pkcs12", "password": "changeit", "csr": csr("own.example.com")});
    let words = ["pkcs12", "private key"];
    refused(scene.rig.write("enroll/web", form.clone()).await, &words);
    let mut dry = form.clone();
    dry["dry_run"] = json!(true);
    refused(scene.rig.write("enroll/web", dry).await, &words);
    let first = scene
        .issued("enroll/web", json!({"common_name": "own.example.com"}))
        .await;
    for step in ["renew", "replace"] {
        let path = format!("{step}/web/{}", id(&first));
        refused(scene.rig.write(&path, form.clone()).await, &words);
    }
    assert_eq!(scene.at_scm("common_name=own.example.com").await.len(), 1);
    let path = format!("certs/web/{}", id(&first));
    scene
        .rig
        .ask(Operation::Delete, &path, json!({}))
        .await
        .unwrap();
    let fetch = format!("fetch/web/{}", id(&first));
    let body = json!({"format": "pkcs12", "password": "changeit"});
    refused(scene.rig.write(&fetch, body).await, &words);
    refused(scene.rig.ask(Operation::Read, &path, json!({})).await, &[]);
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contradictions_in_renew_and_replace_are_refused() {
    let scene = Scene::new().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "a.example.com"}))
        .await;
    let other = csr("b.example.com");
    for (step, body) in [
        (
            "replace",
            json!({"sectigo_ssl_cert_common_name": "a.example.com", "common_name": "b.example.com"}),
        ),
        (
            "replace",
            json!({"common_name": "a.example.com", "csr": other}),
        ),
        (
            "renew",
            json!({"reuse_key": true, "csr": csr("a.example.com")}),
        ),
        ("renew", json!({"reuse_key": true, "key_type": "RSA"})),
    ] {
        let path = format!("{step}/web/{}", id(&first));
        let error = refused(scene.rig.write(&path, body).await, &[]);
        assert!(matches!(error, Error::BadRequest(_)), "{error:?}");
    }
    assert_eq!(scene.at_scm("").await.len(), 1);
    // Both names spelled otherwise are one name.
    let body = json!({"sectigo_ssl_cert_common_name": "B.example.com", "common_name": "b.example.com",
        "csr": csr("b.example.com")});
    let path = format!("replace/web/{}", id(&first));
    let replaced = scene.issued(&path, body).await;
    assert_eq!(replaced.data["common_name"], "b.example.com");
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_has_changed_does_not_stop_a_renewal() {
    let scene = Scene::new().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "terms.example.com"}))
        .await;
    scene.rig.write("profile/web/51", json!({})).await.unwrap();
    let key = Key::profile(&"web".parse().unwrap(), 51);
    let mut profile: ProfileAnswer = scene.rig.store().read(&key).await.unwrap().unwrap();
    profile.terms = vec![47];
    profile.mandatory_custom_fields = vec!["cost centre".into()];
    scene.rig.store().write(&key, &profile).await.unwrap();
    let path = format!("renew/web/{}", id(&first));
    let renewed = scene.issued(&path, json!({})).await;
    let warnings = renewed.warnings.join("\n");
    assert!(
        warnings.contains("47 days") && warnings.contains("cost centre"),
        "{warnings}"
    );
    // In the background as well; but the key is sent, and must be one of the profile's.
    grow_old(&scene.rig, id(&renewed), 80).await;
    run(&scene.rig).await;
    assert_eq!(renew_error(&scene.rig, id(&renewed)).await, "");
    let second = cert(&scene.rig, id(&renewed)).await.renewed_to.unwrap();
    profile.key_types = [("RSA".to_owned(), vec!["4096".to_owned()])].into();
    scene.rig.store().write(&key, &profile).await.unwrap();
    let path = format!("renew/web/{second}");
    refused(scene.rig.write(&path, json!({})).await, &["RSA 4096"]);
    scene.sim.stop().await;
}

/// A host that takes connections and never says a word.
async fn dead_config(scene: &Scene, timeout: &str) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            taken.push(connection);
        }
    });
    let config = json!({
        "sectigo_cm_base_url": format!("http://{address}"), "sectigo_cm_uri": scene.sim.customer_uri,
        "sectigo_cm_org_id": 123, "sectigo_cm_user": scene.sim.login, "sectigo_cm_password": scene.sim.password,
        "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90, "scm_timeout": timeout,
    });
    scene.rig.write("configs/dead", config).await.unwrap();
}

/// Open orders of the config `dead`, made after one of `web`.
async fn dead_orders(scene: &Scene, model: &OrderRecord, count: usize) {
    let store = scene.rig.store();
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

async fn open_order(scene: &Scene, name: &str) -> OrderRecord {
    let body = json!({"common_name": name, "sectigo_max_timeout": 0});
    let open = scene.rig.write("enroll/web", body).await.unwrap().unwrap();
    scene.order(text(&open, "order_id")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_scm_that_does_not_answer_keeps_no_other_account_waiting() {
    let scene = Scene::new().await;
    let due = scene
        .issued("enroll/web", json!({"common_name": "due.example.com"}))
        .await;
    scene
        .rules(json!([{"call": "enroll", "delay": "1h"}]))
        .await;
    let open = open_order(&scene, "open.example.com").await;
    scene
        .control("POST", "clock", json!({"advance": "2h"}))
        .await;
    dead_config(&scene, "1s").await;
    dead_orders(&scene, &open, 24).await;
    scene.age(open.id.as_str(), 600).await;
    grow_old(&scene.rig, id(&due), 80).await;
    run(&scene.rig).await;
    assert_eq!(
        scene.order(open.id.as_str()).await.state,
        OrderState::Issued
    );
    let collect = job(&scene.rig, "collect").await;
    assert_eq!(collect.skipped["SCM does not answer"], 23, "{collect:?}");
    assert_eq!(job(&scene.rig, "renew").await.done, 1);
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_while_scm_is_still_silent() {
    let scene = Scene::new().await;
    scene
        .rules(json!([{"call": "enroll", "delay": "1h"}]))
        .await;
    let open = open_order(&scene, "open.example.com").await;
    dead_config(&scene, "10m").await;
    dead_orders(&scene, &open, 3).await;
    let work = jobs::run_within(
        &scene.rig.engine,
        &scene.rig.context,
        Duration::from_secs(4),
    );
    // Far more than the run may take, and far less than SCM.
    let ended = tokio::time::timeout(Duration::from_secs(120), work).await;
    ended.expect("the run ends").unwrap();
    let collect = job(&scene.rig, "collect").await;
    assert_eq!(collect.skipped["SCM does not answer"], 2, "{collect:?}");
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_fetched_does_not_take_the_place_of_what_has_a_key() {
    let scene = Scene::new().await;
    let name = json!({"common_name": "www.example.com"});
    let ours = scene.issued("enroll/web", name).await;
    let body = json!({"certType": 51, "term": 90, "comments": ""});
    let theirs = scene
        .somebody_orders("/api/ssl/v1/enroll", "www.example.com", body)
        .await;
    let path = format!("fetch/web/{}_{}", theirs["sslId"], scene.sim.customer_uri);
    let fetched = loop {
        match scene.rig.write(&path, json!({})).await {
            Ok(answer) => break answer.unwrap(),
            Err(Error::Conflict(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(error) => panic!("{error}"),
        }
    };
    let current = async || {
        let read = scene
            .rig
            .read("current/web/www.example.com", json!({}))
            .await;
        read["sectigo_cert_unique_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(current().await, id(&ours));
    grow_old(&scene.rig, id(&ours), 91).await;
    assert_eq!(current().await, id(&fetched), "ours has expired");
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_own_key_is_renewed_in_the_background_and_a_handed_out_one_is_made_anew() {
    let scene = Scene::new().await;
    let own = csr("own.example.com");
    let body = json!({"csr": own, "common_name": "own.example.com"});
    let own = scene.issued("enroll/web", body).await;
    let once = json!({"key_storage": "once"});
    scene.rig.write("configs/web", once).await.unwrap();
    let body = json!({"common_name": "once.example.com"});
    let once = scene.issued("enroll/web", body).await;
    for first in [&own, &once] {
        grow_old(&scene.rig, id(first), 80).await;
    }
    run(&scene.rig).await;
    for (first, same) in [(&own, true), (&once, false)] {
        let second = cert(&scene.rig, id(first)).await.renewed_to.unwrap();
        let second = cert(&scene.rig, second.as_str()).await;
        assert_eq!(second.csr == text(first, "csr"), same);
    }
    // By hand it is as it was: a fresh key, unless a CSR is given.
    let second = cert(&scene.rig, id(&own)).await.renewed_to.unwrap();
    let path = format!("renew/web/{second}");
    let renewed = scene.issued(&path, json!({})).await;
    assert!(renewed.data.contains_key("private_key"));
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_takes_names_away() {
    let scene = Scene::new().await;
    let body = json!({"common_name": "a.example.com", "alt_names": "b.example.com"});
    let first = scene.issued("enroll/web", body).await;
    let path = format!("replace/web/{}", id(&first));
    let body = json!({"alt_names": "a.example.com"});
    let replaced = scene.issued(&path, body).await;
    assert_eq!(replaced.data["subject_alt_names"], json!(["a.example.com"]));
    assert_eq!(replaced.warnings, [""; 0]);
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_with_names_that_nobody_asked_for_says_so() {
    let scene = Scene::new().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "a.example.com"}))
        .await;
    scene
        .rules(json!([{"call": "replace", "delay": "1h"}]))
        .await;
    let path = format!("replace/web/{}", id(&first));
    let body = json!({"alt_names": "b.example.com,www.a.example.com", "sectigo_max_timeout": 0});
    let open = scene.rig.write(&path, body).await.unwrap().unwrap();
    let mut order = scene.order(text(&open, "order_id")).await;
    order.wanted.sans = vec!["a.example.com".into()];
    let key = Key::order(&order.config, &order.id);
    scene.rig.store().write(&key, &order).await.unwrap();
    scene
        .control("POST", "clock", json!({"advance": "2h"}))
        .await;
    let done = scene.nudge(order.id.as_str()).await;
    assert_eq!(
        done.last_message,
        "SCM has put into the certificate what was not asked for: b.example.com"
    );
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_has_one_spelling() {
    let scene = Scene::new().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "one.example.com"}))
        .await;
    let path = format!("fetch/web/0{}", id(&first));
    refused(scene.rig.write(&path, json!({})).await, &["leading zeros"]);
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tidy_takes_what_was_revoked_longer_ago_than_the_buffer() {
    let scene = Scene::new().await;
    let mut ids = Vec::new();
    for name in ["long-ago", "lately", "fetched"] {
        let body = json!({"common_name": format!("{name}.example.com")});
        let issued = scene.issued("enroll/web", body).await;
        let path = format!("revoke/web/{}", id(&issued));
        let body = json!({"reason": "r"});
        scene.rig.write(&path, body).await.unwrap();
        ids.push(id(&issued).to_owned());
    }
    let ago = time::now() - 4 * DAY;
    change(&scene.rig, &ids[0], |cert| cert.revoked_at = Some(ago)).await;
    change(&scene.rig, &ids[2], |cert| cert.revoked_at = None).await;
    let tidied = scene.rig.write("tidy", json!({})).await.unwrap().unwrap();
    assert_eq!(tidied.data["removed_certificates"], 1, "{:?}", tidied.data);
    let path = format!("certs/web/{}", ids[0]);
    refused(scene.rig.ask(Operation::Read, &path, json!({})).await, &[]);
    let kept = &tidied.data["kept"];
    assert_eq!(kept["revoked within the safety buffer"], 1, "{kept}");
    assert_eq!(kept["revoked at SCM, not yet expired"], 1, "{kept}");
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_tidy_does_not_trust_a_clock_that_scm_contradicts() {
    let scene = Scene::new().await;
    scene.rig.looked().await;
    let first = scene
        .issued("enroll/web", json!({"common_name": "old.example.com"}))
        .await;
    grow_old(&scene.rig, id(&first), 100).await;
    change(&scene.rig, id(&first), |cert| cert.auto_renew = Some(false)).await;
    let store = scene.rig.store();
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
        (None, 0, "no SCM has told its time lately"),
    ] {
        let look = ConfigHealth {
            clock_skew_seconds: skew,
            checked: time::rfc3339(time::now() - ago),
            ..look.clone()
        };
        store.write(&key, &look).await.unwrap();
        run(&scene.rig).await;
        assert_eq!(job(&scene.rig, "tidy").await.skipped[why], 1);
    }
    cert(&scene.rig, id(&first)).await;
    store.write(&key, &look).await.unwrap();
    run(&scene.rig).await;
    assert_eq!(job(&scene.rig, "tidy").await.done, 1);
    scene.sim.stop().await;
}

/// Set by a clock that was years ahead.
#[tokio::test(flavor = "multi_thread")]
async fn what_lies_too_far_ahead_is_due() {
    let scene = Scene::new().await;
    let due = scene
        .issued("enroll/web", json!({"common_name": "due.example.com"}))
        .await;
    grow_old(&scene.rig, id(&due), 80).await;
    let years = time::now() + 1_000 * DAY;
    change(&scene.rig, id(&due), |cert| {
        cert.renewal.next_attempt = years;
    })
    .await;
    scene
        .rules(json!([{"call": "enroll", "delay": "1h"}]))
        .await;
    let open = open_order(&scene, "open.example.com").await;
    scene
        .control("POST", "clock", json!({"advance": "2h"}))
        .await;
    scene.age(open.id.as_str(), -1_000 * DAY).await;
    run(&scene.rig).await;
    assert_eq!(job(&scene.rig, "collect").await.done, 1);
    assert_eq!(job(&scene.rig, "renew").await.done, 1);
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_client_certificate_is_revoked_however_often_scm_refuses() {
    let scene = Scene::new().await;
    super::doubts::client_config(&scene).await;
    let enrol = scene.rig.write("enroll/people", json!({})).await;
    let first = enrol.unwrap().unwrap();
    let error = json!({"status": 400, "code": -1, "description": "not now"});
    scene
        .rules(json!([{"call": "client_revoke", "error": error}]))
        .await;
    let path = format!("replace/people/{}", id(&first));
    let body = json!({"sectigo_client_cert_revoke_on_replace": true});
    let replaced = scene.issued(&path, body).await;
    assert!(
        replaced.warnings.concat().contains("not now"),
        "{:?}",
        replaced.warnings
    );
    let status = async || {
        let read = scene
            .rig
            .read(&format!("readcert/people/{}", id(&first)), json!({}))
            .await;
        read["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status().await, "replaced");
    run(&scene.rig).await;
    assert_eq!(
        job(&scene.rig, "revoke").await.skipped["waits after a failure"],
        1
    );
    // A new process goes on, when the pause is over.
    let scene = Scene {
        rig: scene.rig.restarted().await,
        sim: scene.sim,
    };
    scene.rules(json!([])).await;
    let key = Key::to_revoke(&"people".parse().unwrap(), &id(&first).parse().unwrap());
    let store = scene.rig.store();
    let mut left: Value = store.read(&key).await.unwrap().unwrap();
    left["next_attempt"] = json!(0);
    store.write(&key, &left).await.unwrap();
    run(&scene.rig).await;
    assert_eq!(job(&scene.rig, "revoke").await.done, 1);
    let read = scene
        .rig
        .read(&format!("readcert/people/{}", id(&first)), json!({}))
        .await;
    assert_eq!(read["status"], "revoked");
    assert!(!store.exists(&key).await.unwrap());
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_revokes_is_cut_at_every_write() {
    for cut in 0.. {
        let scene = Scene::new().await;
        super::doubts::client_config(&scene).await;
        let first = scene.issued("enroll/people", json!({})).await;
        let path = format!("replace/people/{}", id(&first));
        let body = json!({"sectigo_client_cert_revoke_on_replace": true, "idempotency_key": "k",
            "sectigo_max_timeout": 20});
        scene.rig.storage.fail_after(cut);
        let through = scene.rig.write(&path, body.clone()).await.is_ok();
        let scene = Scene {
            rig: scene.rig.restarted().await,
            sim: scene.sim,
        };
        scene.issued(&path, body).await;
        run(&scene.rig).await;
        let read = format!("readcert/people/{}", id(&first));
        let read = scene.rig.read(&read, json!({})).await;
        assert_eq!(read["status"], "revoked", "cut {cut}");
        let left = scene.rig.storage.entries();
        assert!(!left.iter().any(|entry| entry.key.starts_with("to-revoke/")));
        scene.sim.stop().await;
        if through {
            assert!(cut > 3, "a replacement takes several writes");
            break;
        }
    }
}
