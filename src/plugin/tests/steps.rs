//! Steps on certificates: renew, replace, revoke and fetch.

use serde_json::{Value, json};

use super::{csr, id, job, refused, run};
use crate::plugin::store::Key;
use crate::plugin::testing::{TestMountWithScm, text};
use vault_plugin::logical::{Error, Operation};

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_answered_whatever_the_default_format_is() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "form.example.com"}))
        .await;
    let config = json!({"format": "pkcs12"});
    test.mount.write("configs/web", config).await.unwrap();
    let path = format!("revoke/web/{}", id(&first));
    let revoked = test.mount.write(&path, json!({"reason": "r"})).await;
    let revoked = revoked.unwrap().unwrap();
    assert_eq!(revoked.data["status"], "revoked");
    assert!(text(&revoked, "certificate").starts_with("-----BEGIN"));
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_needs_a_key_we_shall_not_have_is_refused_before_it_costs() {
    let test = TestMountWithScm::new().await;
    let output = json!({"format": "pkcs12", "password": "changeit", "csr": csr("own.example.com")});
    let words = ["pkcs12", "private key"];
    refused(test.mount.write("enroll/web", output.clone()).await, &words);
    let mut dry = output.clone();
    dry["dry_run"] = json!(true);
    refused(test.mount.write("enroll/web", dry).await, &words);
    let first = test
        .issued("enroll/web", json!({"common_name": "own.example.com"}))
        .await;
    for step in ["renew", "replace"] {
        let path = format!("{step}/web/{}", id(&first));
        refused(test.mount.write(&path, output.clone()).await, &words);
    }
    assert_eq!(
        test.orders_at_scm("common_name=own.example.com")
            .await
            .len(),
        1
    );
    let path = format!("certs/web/{}", id(&first));
    test.mount
        .ask(Operation::Delete, &path, json!({}))
        .await
        .unwrap();
    let fetch = format!("fetch/web/{}", id(&first));
    let body = json!({"format": "pkcs12", "password": "changeit"});
    refused(test.mount.write(&fetch, body).await, &words);
    refused(test.mount.ask(Operation::Read, &path, json!({})).await, &[]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contradictions_in_renew_and_replace_are_refused() {
    let test = TestMountWithScm::new().await;
    let first = test
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
        let error = refused(test.mount.write(&path, body).await, &[]);
        assert!(matches!(error, Error::BadRequest(_)), "{error:?}");
    }
    assert_eq!(test.orders_at_scm("").await.len(), 1);
    // Both names are the same in different spellings.
    let body = json!({"sectigo_ssl_cert_common_name": "B.example.com", "common_name": "b.example.com",
        "csr": csr("b.example.com")});
    let path = format!("replace/web/{}", id(&first));
    let replaced = test.issued(&path, body).await;
    assert_eq!(replaced.data["common_name"], "b.example.com");
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_takes_names_away() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "a.example.com", "alt_names": "b.example.com"});
    let first = test.issued("enroll/web", body).await;
    let path = format!("replace/web/{}", id(&first));
    let body = json!({"alt_names": "a.example.com"});
    let replaced = test.issued(&path, body).await;
    assert_eq!(replaced.data["subject_alt_names"], json!(["a.example.com"]));
    assert_eq!(replaced.warnings, [""; 0]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_with_names_that_nobody_asked_for_says_so() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "a.example.com"}))
        .await;
    test.rules(json!([{"call": "replace", "delay": "1h"}]))
        .await;
    let path = format!("replace/web/{}", id(&first));
    let body = json!({"alt_names": "b.example.com,www.a.example.com", "sectigo_max_timeout": 0});
    let open = test.mount.write(&path, body).await.unwrap().unwrap();
    let mut order = test.order(text(&open, "order_id")).await;
    order.spec.sans = vec!["a.example.com".into()];
    let key = Key::order(&order.config, &order.id);
    test.mount.store().write(&key, &order).await.unwrap();
    test.control("POST", "clock", json!({"advance": "2h"}))
        .await;
    let done = test.poll_once(order.id.as_str()).await;
    assert_eq!(
        done.last_message,
        "the certificate has names that were not ordered: b.example.com"
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_has_one_spelling() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "one.example.com"}))
        .await;
    let path = format!("fetch/web/0{}", id(&first));
    refused(test.mount.write(&path, json!({})).await, &["leading zeros"]);
    test.sim.stop().await;
}

/// An order and its certificate answered different labels.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_did_not_say_what_its_config_says_of_its_certificates() {
    let test = TestMountWithScm::new().await;
    let labels = json!({"owner": "jane", "metadata": {"cost": "7"}});
    test.mount.write("configs/web", labels).await.unwrap();
    test.rules(json!([{"approval": true}])).await;
    let body = json!({"common_name": "a.example.com", "team": "web", "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let order = format!("orders/web/{}", text(&pending, "order_id"));
    let looked = test.mount.write(&order, json!({})).await.unwrap().unwrap();
    let read = test.mount.read(&order, json!({})).await;
    let list = test
        .mount
        .ask(Operation::List, "orders/web/", json!({}))
        .await;
    let list = list.unwrap().unwrap().data["key_info"].clone();
    let row = list.as_object().unwrap().values().next().unwrap().clone();
    for answer in [&pending.data, &looked.data, &read, row.as_object().unwrap()] {
        assert_eq!(answer["owner"], "jane", "{answer:?}");
        assert_eq!(answer["team"], "web", "{answer:?}");
        assert_eq!(answer["metadata"], json!({"cost": "7"}), "{answer:?}");
    }
    test.sim.stop().await;
}

/// The documentation says that a repeated fetch changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_fetch_with_the_same_labels_wrote_them_again() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "a.example.com"}))
        .await;
    let path = format!("fetch/web/{}", id(&first));
    let labels = json!({"owner": "jane", "metadata": {"cost": "7"}});
    test.issued(&path, labels.clone()).await;
    test.mount.storage.fail_after(0);
    test.issued(&path, labels).await;
    let more = json!({"metadata": {"cost": "8"}});
    refused(test.mount.write(&path, more).await, &[]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_client_certificate_is_revoked_however_often_scm_refuses() {
    let test = TestMountWithScm::new().await;
    test.client_config().await;
    let enrol = test.mount.write("enroll/people", json!({})).await;
    let first = enrol.unwrap().unwrap();
    let error = json!({"status": 400, "code": -1, "description": "not now"});
    test.rules(json!([{"call": "client_revoke", "error": error}]))
        .await;
    let path = format!("replace/people/{}", id(&first));
    let body = json!({"sectigo_client_cert_revoke_on_replace": true});
    let replaced = test.issued(&path, body).await;
    assert!(
        replaced.warnings.concat().contains("not now"),
        "{:?}",
        replaced.warnings
    );
    let status = async || {
        let read = test
            .mount
            .read(&format!("readcert/people/{}", id(&first)), json!({}))
            .await;
        read["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status().await, "replaced");
    run(&test.mount).await;
    assert_eq!(
        job(&test.mount, "revoke").await.skipped["waits after a failure"],
        1
    );
    // A new process continues when the pause is over.
    let test = TestMountWithScm {
        mount: test.mount.restarted().await,
        sim: test.sim,
    };
    test.rules(json!([])).await;
    let key = Key::to_revoke(&"people".parse().unwrap(), &id(&first).parse().unwrap());
    let store = test.mount.store();
    let mut left: Value = store.read(&key).await.unwrap().unwrap();
    left["next_attempt"] = json!(0);
    store.write(&key, &left).await.unwrap();
    run(&test.mount).await;
    assert_eq!(job(&test.mount, "revoke").await.done, 1);
    let read = test
        .mount
        .read(&format!("readcert/people/{}", id(&first)), json!({}))
        .await;
    assert_eq!(read["status"], "revoked");
    assert!(!store.exists(&key).await.unwrap());
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_revokes_is_cut_at_every_write() {
    for cut in 0.. {
        let test = TestMountWithScm::new().await;
        test.client_config().await;
        let first = test.issued("enroll/people", json!({})).await;
        let path = format!("replace/people/{}", id(&first));
        let body = json!({"sectigo_client_cert_revoke_on_replace": true, "idempotency_key": "k",
            "sectigo_max_timeout": 20});
        test.mount.storage.fail_after(cut);
        let through = test.mount.write(&path, body.clone()).await.is_ok();
        let test = TestMountWithScm {
            mount: test.mount.restarted().await,
            sim: test.sim,
        };
        test.issued(&path, body).await;
        run(&test.mount).await;
        let read = format!("readcert/people/{}", id(&first));
        let read = test.mount.read(&read, json!({})).await;
        assert_eq!(read["status"], "revoked", "cut {cut}");
        let left = test.mount.storage.entries();
        assert!(!left.iter().any(|entry| entry.key.starts_with("to-revoke/")));
        test.sim.stop().await;
        if through {
            assert!(cut > 3, "a replacement takes several writes");
            break;
        }
    }
}
