//! The three ways to log in to SCM.

use serde_json::{Value, json};

use crate::test_mount::TestMount;

#[tokio::test]
async fn with_a_client_certificate_on_the_private_address() {
    let test = TestMount::new().await;
    let scm = test.scm();
    let login = json!({
        "auth_method": "client_certificate", "sectigo_cm_password": null, "sectigo_cm_base_url": scm.https_url,
        "auth_certificate": scm.client_cert_pem, "auth_private_key": scm.client_key_pem, "ca_bundle": scm.ca_pem,
    });
    test.config("web", login.clone()).await;
    let health = test.read("health/web").await.good();
    assert_eq!(health.data()["login_accepted"], true, "{health:?}");
    test.write("enroll/web", json!({"common_name": "private.example.com"}))
        .await
        .good();
    let calls = test.calls("enroll").await;
    assert!(
        calls[0]["path"]
            .as_str()
            .unwrap()
            .starts_with("/private/api/"),
        "{calls:?}"
    );
    // Without the CA, the TLS of SCM is not trusted, and that cannot be turned off.
    let mut untrusted = login;
    untrusted["ca_bundle"] = json!("");
    test.config("untrusted", untrusted).await;
    let refused = test
        .write("enroll/untrusted", json!({"common_name": "x.example.com"}))
        .await;
    refused.refused(503, &["nothing was ordered"]);
}

#[tokio::test]
async fn with_oauth_tokens_that_expire() {
    let test = TestMount::new().await;
    let scm = test.scm();
    let login = json!({
        "auth_method": "oauth2", "sectigo_cm_password": null, "sectigo_cm_user": null,
        "oauth2_token_url": scm.token_url, "oauth2_client_id": scm.client_id, "oauth2_client_secret": scm.client_secret,
    });
    test.config("web", login.clone()).await;
    for name in ["one", "two"] {
        test.write(
            "enroll/web",
            json!({"common_name": format!("{name}.example.com")}),
        )
        .await
        .good();
    }
    // SCM drops the token: one new login, and the order goes through without being doubled.
    test.rules(json!([{"call": "enroll", "expire_token": true, "first": 1}]))
        .await;
    test.write("enroll/web", json!({"common_name": "three.example.com"}))
        .await
        .good();
    assert_eq!(test.orders_at_scm("").await.len(), 3);
    let mut wrong = login;
    wrong["oauth2_client_secret"] = json!("not-the-secret");
    test.config("wrong", wrong).await;
    let refused = test
        .write("enroll/wrong", json!({"common_name": "x.example.com"}))
        .await;
    let refused = refused.refused(502, &["nothing was ordered"]);
    assert!(!refused.error().contains("not-the-secret"));
    let read = test.read("configs/web").await.good();
    assert_eq!(read.data()["oauth2_client_secret_set"], true);
    assert_eq!(read.data()["oauth2_client_secret"], Value::Null);
}

#[tokio::test]
async fn a_rate_limit_of_ones_own_is_kept() {
    let test = TestMount::new().await;
    test.config("web", json!({"max_requests_per_second": 2}))
        .await;
    for name in ["a", "b", "c"] {
        test.write(
            "enroll/web",
            json!({"common_name": format!("{name}.example.com"), "sectigo_max_timeout": 0}),
        )
        .await
        .good();
    }
    let calls = test.control("GET", "calls", Value::Null).await;
    let times: Vec<jiff::Timestamp> = calls
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["at"].as_str().unwrap().parse().unwrap())
        .collect();
    // In no second are there more than the limit and the burst of its first moment.
    for window in times.windows(5) {
        let span = window[4].duration_since(window[0]);
        assert!(span.as_millis() >= 900, "five calls within {span}");
    }
}
