//! Certificates that were ordered elsewhere: to which config they belong, and whether Vault pays for their renewal.

use serde_json::{Value, json};

use super::{DAY, cert, change, id, refused, run};
use crate::plugin::testing::TestMountWithScm;
use vault_plugin::logical::{Error, Operation};

async fn other_config(test: &TestMountWithScm, name: &str, org: i64) {
    let config = json!({
        "sectigo_cm_base_url": format!("{}/", test.sim.base_url), "sectigo_cm_uri": test.sim.customer_uri,
        "sectigo_cm_org_id": org, "sectigo_cm_user": test.sim.login, "sectigo_cm_password": test.sim.password,
        "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90, "sectigo_csr_key_algo": "EC",
    });
    test.mount
        .write(&format!("configs/{name}"), config)
        .await
        .unwrap();
}

async fn forget(test: &TestMountWithScm, config: &str, id: &str) {
    let path = format!("certs/{config}/{id}");
    test.mount
        .ask(Operation::Delete, &path, json!({}))
        .await
        .unwrap();
}

async fn verdicts(test: &TestMountWithScm, config: &str) -> Vec<(String, Value)> {
    let page = test
        .mount
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
    let test = TestMountWithScm::new().await;
    let auto = json!({"sectigo_auto_renew": true});
    test.mount.write("configs/web", auto).await.unwrap();
    let issued = test
        .issued("enroll/web", json!({"common_name": "portal.example.com"}))
        .await;
    let id = id(&issued);
    forget(&test, "web", id).await;
    let path = format!("fetch/web/{id}");
    let rehearsed = test
        .issued(&path, json!({"auto_renew": true, "dry_run": true}))
        .await;
    assert!(
        rehearsed.data["renew_at"].is_string(),
        "{:?}",
        rehearsed.data
    );
    refused(
        test.mount
            .ask(Operation::Read, &format!("readcert/web/{id}"), json!({}))
            .await,
        &["no certificate"],
    );
    let fetched = test.issued(&path, json!({})).await;
    assert!(!fetched.data.contains_key("renew_at"), "{:?}", fetched.data);
    let grow_old = async || {
        change(&test.mount, id, |cert| {
            cert.not_before -= 80 * DAY;
            cert.not_after -= 80 * DAY;
        })
        .await;
        run(&test.mount).await;
    };
    grow_old().await;
    assert_eq!(test.calls("renew").await, 0, "nobody asked for it");
    // On request it is renewed automatically.
    let asked = json!({"auto_renew": true});
    let fetched = test.mount.write(&path, asked).await.unwrap().unwrap();
    assert!(fetched.data["renew_at"].is_string());
    run(&test.mount).await;
    assert_eq!(test.calls("renew").await, 1);
    let renewal = cert(&test.mount, id).await.renewed_to.unwrap();
    assert_eq!(
        cert(&test.mount, renewal.as_str()).await.auto_renew,
        Some(true)
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_belongs_to_one_config_of_the_mount() {
    let test = TestMountWithScm::new().await;
    other_config(&test, "other", 123).await;
    let issued = test
        .issued("enroll/web", json!({"common_name": "ours.example.com"}))
        .await;
    test.rules(json!([{"call": "enroll", "delay": "1h"}])).await;
    let body = json!({"common_name": "open.example.com", "sectigo_max_timeout": 0});
    test.mount.write("enroll/web", body).await.unwrap();
    let path = format!("fetch/other/{}", id(&issued));
    let error = refused(
        test.mount.write(&path, json!({})).await,
        &["config web", "certs/web/"],
    );
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    // Reconcile names the other config, also for an order that is not issued, and offers nothing to import.
    let all = verdicts(&test, "other").await;
    assert_eq!(
        all,
        [
            ("in_other_config".to_owned(), json!("web")),
            ("in_other_config".to_owned(), json!("web"))
        ]
    );
    // Once no config has it any more, it can be fetched here.
    forget(&test, "web", id(&issued)).await;
    test.issued(&path, json!({})).await;
    let all = verdicts(&test, "web").await;
    assert_eq!(all, [("in_other_config".to_owned(), json!("other"))]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reconcile_looks_at_its_own_organisation() {
    let test = TestMountWithScm::new().await;
    other_config(&test, "department", 124).await;
    let issued = test
        .issued(
            "enroll/department",
            json!({"common_name": "theirs.example.com"}),
        )
        .await;
    forget(&test, "department", id(&issued)).await;
    assert_eq!(verdicts(&test, "web").await, []);
    let theirs = verdicts(&test, "department").await;
    assert_eq!(theirs, [("only_in_scm".to_owned(), Value::Null)]);
    test.sim.stop().await;
}
