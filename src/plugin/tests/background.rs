//! Background work.

use std::time::Duration;

use serde_json::json;

use super::{DAY, cert, change, csr, grow_old, id, job, refused, renew_error, run};
use crate::plugin::store::{Key, OrderRecord, TidySchedule};
use crate::plugin::testing::{Scene, text};
use crate::plugin::{jobs, time};
use svpki_types::OrderState;
use svpki_types::answers::{ConfigHealth, ProfileAnswer};
use vault_plugin::logical::Operation;

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

/// SCM may lock a login that is tried again and again: one order tries it, once, and then it is left alone until
/// somebody who was asked to has been let in.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_scm_refuses_is_not_tried_by_every_order() {
    let scene = Scene::new().await;
    let due = scene
        .issued("enroll/web", json!({"common_name": "due.example.com"}))
        .await;
    scene
        .rules(json!([{"call": "enroll", "delay": "1h"}]))
        .await;
    let mut open = Vec::new();
    for number in 0..5 {
        open.push(open_order(&scene, &format!("open-{number}.example.com")).await);
    }
    scene
        .control("POST", "clock", json!({"advance": "2h"}))
        .await;
    let waits = async || {
        for order in &open {
            scene.age(order.id.as_str(), 600).await;
        }
    };
    grow_old(&scene.rig, id(&due), 80).await;
    let refusal = json!({"status": 401, "code": -16, "description": "Unknown user"});
    scene.rules(json!([{"error": refusal}])).await;
    scene.rig.looked().await;
    let before = scene.all_calls().await;
    for passed_over in [4, 5] {
        waits().await;
        run(&scene.rig).await;
        let collect = job(&scene.rig, "collect").await;
        assert_eq!(
            collect.skipped["SCM refuses the login"], passed_over,
            "{collect:?}"
        );
        let renew = job(&scene.rig, "renew").await;
        assert_eq!(renew.skipped["SCM refuses the login"], 1, "{renew:?}");
        assert_eq!(scene.all_calls().await - before, 1, "by one order, once");
    }
    // The password is mended at SCM.
    scene.rules(json!([])).await;
    scene.nudge(open[0].id.as_str()).await;
    waits().await;
    run(&scene.rig).await;
    for order in &open {
        let order = scene.order(order.id.as_str()).await;
        assert_eq!(order.state, OrderState::Issued, "{}", order.last_message);
    }
    assert_eq!(job(&scene.rig, "renew").await.done, 1);
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
        let (first, second) = (
            cert(&scene.rig, id(first)).await,
            cert(&scene.rig, second.as_str()).await,
        );
        assert_eq!(second.csr == first.csr, same);
    }
    // By hand it is as it was: a fresh key, unless a CSR is given.
    let second = cert(&scene.rig, id(&own)).await.renewed_to.unwrap();
    let path = format!("renew/web/{second}");
    let renewed = scene.issued(&path, json!({})).await;
    assert!(renewed.data.contains_key("private_key"));
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
