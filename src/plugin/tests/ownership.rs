//! What was ordered elsewhere: whose it is in this mount, and whether Vault pays for its next one.

use serde_json::{Value, json};

use super::{DAY, cert, change, id, refused, run};
use crate::plugin::testing::Scene;
use vault_plugin::logical::{Error, Operation};

async fn other_config(scene: &Scene, name: &str, org: i64) {
    let config = json!({
        "sectigo_cm_base_url": format!("{}/", scene.sim.base_url), "sectigo_cm_uri": scene.sim.customer_uri,
        "sectigo_cm_org_id": org, "sectigo_cm_user": scene.sim.login, "sectigo_cm_password": scene.sim.password,
        "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90, "sectigo_csr_key_algo": "EC",
    });
    scene
        .rig
        .write(&format!("configs/{name}"), config)
        .await
        .unwrap();
}

async fn forget(scene: &Scene, config: &str, id: &str) {
    let path = format!("certs/{config}/{id}");
    scene
        .rig
        .ask(Operation::Delete, &path, json!({}))
        .await
        .unwrap();
}

async fn verdicts(scene: &Scene, config: &str) -> Vec<(String, Value)> {
    let page = scene
        .rig
        .read(&format!("reconcile/{config}"), json!({}))
        .await;
    let rows = page["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            (
                row["verdict"].as_str().unwrap().to_owned(),
                row["config"].clone(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_fetched_is_not_renewed_for_money_unless_asked() {
    let scene = Scene::new().await;
    let auto = json!({"sectigo_auto_renew": true});
    scene.rig.write("configs/web", auto).await.unwrap();
    let issued = scene
        .issued("enroll/web", json!({"common_name": "portal.example.com"}))
        .await;
    let id = id(&issued);
    forget(&scene, "web", id).await;
    let path = format!("fetch/web/{id}");
    let rehearsed = scene
        .issued(&path, json!({"auto_renew": true, "dry_run": true}))
        .await;
    assert!(
        rehearsed.data["renew_at"].is_string(),
        "{:?}",
        rehearsed.data
    );
    refused(
        scene
            .rig
            .ask(Operation::Read, &format!("readcert/web/{id}"), json!({}))
            .await,
        &["no certificate"],
    );
    let fetched = scene.issued(&path, json!({})).await;
    assert!(!fetched.data.contains_key("renew_at"), "{:?}", fetched.data);
    let grow_old = async || {
        change(&scene.rig, id, |cert| {
            cert.not_before -= 80 * DAY;
            cert.not_after -= 80 * DAY;
        })
        .await;
        run(&scene.rig).await;
    };
    grow_old().await;
    assert_eq!(scene.calls("renew").await, 0, "nobody asked for it");
    // Asked for, it is.
    let asked = json!({"auto_renew": true});
    let fetched = scene.rig.write(&path, asked).await.unwrap().unwrap();
    assert!(fetched.data["renew_at"].is_string());
    run(&scene.rig).await;
    assert_eq!(scene.calls("renew").await, 1);
    let renewal = cert(&scene.rig, id).await.renewed_to.unwrap();
    assert_eq!(
        cert(&scene.rig, renewal.as_str()).await.auto_renew,
        Some(true)
    );
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_belongs_to_one_config_of_the_mount() {
    let scene = Scene::new().await;
    other_config(&scene, "other", 123).await;
    let issued = scene
        .issued("enroll/web", json!({"common_name": "ours.example.com"}))
        .await;
    scene
        .rules(json!([{"call": "enroll", "delay": "1h"}]))
        .await;
    let body = json!({"common_name": "open.example.com", "sectigo_max_timeout": 0});
    scene.rig.write("enroll/web", body).await.unwrap();
    let path = format!("fetch/other/{}", id(&issued));
    let error = refused(
        scene.rig.write(&path, json!({})).await,
        &["config web", "certs/web/"],
    );
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    // The walk names the other config, also for an order that is not issued, and offers nothing to import.
    let all = verdicts(&scene, "other").await;
    assert_eq!(
        all,
        [
            ("in_other_config".to_owned(), json!("web")),
            ("in_other_config".to_owned(), json!("web"))
        ]
    );
    // Once it is nobody's any more, it may go there.
    forget(&scene, "web", id(&issued)).await;
    scene.issued(&path, json!({})).await;
    let all = verdicts(&scene, "web").await;
    assert_eq!(all, [("in_other_config".to_owned(), json!("other"))]);
    scene.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reconcile_looks_at_its_own_organisation() {
    let scene = Scene::new().await;
    other_config(&scene, "department", 124).await;
    let issued = scene
        .issued(
            "enroll/department",
            json!({"common_name": "theirs.example.com"}),
        )
        .await;
    forget(&scene, "department", id(&issued)).await;
    assert_eq!(verdicts(&scene, "web").await, []);
    let theirs = verdicts(&scene, "department").await;
    assert_eq!(theirs, [("only_in_scm".to_owned(), Value::Null)]);
    scene.sim.stop().await;
}
