//! Bad input and bad answers: a clear error each, and the plugin lives on.

use serde_json::{Value, json};

use crate::test_mount::TestMount;

#[tokio::test]
async fn a_field_that_cannot_be_is_refused_by_name() {
    let test = TestMount::ready().await;
    let pids = test.server().plugin_pids();
    let long = "a".repeat(1 << 20);
    let label = "a".repeat(64);
    for (body, status, words) in [
        (
            json!({"comon_name": "x.example.com"}),
            400,
            vec!["comon_name", "common_name"],
        ),
        (
            json!({"common_name": ["x.example.com"], "term": "soon"}),
            400,
            vec!["term"],
        ),
        (json!({"common_name": {"a": 1}}), 400, vec!["common_name"]),
        (json!({"common_name": ""}), 400, vec!["sectigo_csr_domain"]),
        (json!({}), 400, vec!["sectigo_csr_domain"]),
        (json!({"common_name": long}), 400, vec!["common_name"]),
        (
            json!({"common_name": "x.example.com", "comments": "x"}),
            400,
            vec!["comments"],
        ),
        (
            json!({"common_name": "x.example.com", "sectigo_ssl_cert_comments": "c".repeat(2000)}),
            400,
            vec!["comments", "900"],
        ),
        (
            json!({"common_name": "x y.example.com"}),
            400,
            vec!["common name"],
        ),
        (
            json!({"common_name": format!("{label}.example.com")}),
            400,
            vec!["common name"],
        ),
        (
            json!({"common_name": "x.example.com", "alt_names": "good.example.com,bad name"}),
            400,
            vec!["alternative name"],
        ),
        (
            json!({"common_name": "x.example.com", "key_type": "DSA"}),
            400,
            vec!["DSA"],
        ),
        (
            json!({"common_name": "x.example.com", "key_type": "EC", "key_bits": "2048"}),
            400,
            vec!["2048", "P-256"],
        ),
        (
            json!({"common_name": "x.example.com", "term": -1}),
            400,
            vec!["term"],
        ),
        (
            json!({"common_name": "x.example.com", "profile_id": 51, "sectigo_ssl_cert_type": 52}),
            400,
            vec!["profile_id", "sectigo_ssl_cert_type"],
        ),
        (
            json!({"common_name": "x.example.com", "sectigo_csr_domain": "y.example.com"}),
            400,
            vec!["common_name", "sectigo_csr_domain"],
        ),
        (
            json!({"common_name": "x.example.com", "country": "Germany"}),
            400,
            vec!["country"],
        ),
        (
            json!({"common_name": "x.example.com", "sectigo_client_cert_email": "a@example.com"}),
            400,
            vec!["client_cert"],
        ),
        (
            json!({"common_name": "x.example.com", "format": "pkcs12"}),
            400,
            vec!["password"],
        ),
        (
            json!({"common_name": "x.example.com", "idempotency_key": "k".repeat(501)}),
            400,
            vec!["idempotency_key"],
        ),
        (
            json!({"csr": "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----"}),
            400,
            vec!["certificate request"],
        ),
    ] {
        let refused = test.write("enroll/web", body).await.refused(status, &words);
        assert!(
            refused.error().len() < 2_000,
            "{} bytes of error",
            refused.error().len()
        );
    }
    assert!(test.orders_at_scm("").await.is_empty());
    assert_eq!(test.server().plugin_pids(), pids);
}

#[tokio::test]
async fn an_odd_id_is_nothing_that_is_there() {
    let test = TestMount::ready().await;
    let issued = test
        .write("enroll/web", json!({"common_name": "id.example.com"}))
        .await
        .good();
    let id = issued.id().to_owned();
    for odd in [
        "1",
        "_",
        "1_",
        "_example",
        "1_other",
        "999999_example",
        "-1_example",
        "%2e%2e",
        "a%2Fb",
        "%00",
        "é",
        "1%20_example",
        "99999999999999999999999999_example",
        &id.to_uppercase(),
        &"x".repeat(5_000),
    ] {
        for path in ["certs", "readcert", "keys"] {
            let answer = test.read(&format!("{path}/web/{odd}")).await;
            assert!(
                matches!(answer.status, 400 | 404),
                "{path} {odd}: {answer:?}"
            );
        }
        for path in ["revoke", "renew", "replace", "fetch"] {
            let body = if path == "revoke" {
                json!({"reason": "r"})
            } else {
                json!({})
            };
            let answer = test.write(&format!("{path}/web/{odd}"), body).await;
            assert!(
                matches!(answer.status, 400 | 404),
                "{path} {odd}: {answer:?}"
            );
        }
        test.read(&format!("orders/web/{odd}")).await;
        let answer = test.read(&format!("current/web/{odd}")).await;
        assert!(
            matches!(answer.status, 400 | 404),
            "current {odd}: {answer:?}"
        );
    }
    // Names are exact: another case is another thing.
    test.read(&format!("certs/WEB/{id}"))
        .await
        .refused(404, &["WEB"]);
    test.read("current/web/ID.example.com")
        .await
        .refused(404, &["lower case"]);
    test.read(&format!("certs/web/{id}")).await.good();
    assert_eq!(
        test.delete(&format!("certs/web/{id}")).await.good().status,
        204
    );
    test.read(&format!("certs/web/{id}"))
        .await
        .refused(404, &["fetch"]);
}

#[tokio::test]
async fn a_config_that_cannot_work_is_refused() {
    let test = TestMount::new().await;
    for (more, words) in [
        (
            json!({"sectigo_cm_base_url": ""}),
            vec!["sectigo_cm_base_url"],
        ),
        (json!({"sectigo_cm_base_url": "ftp://scm"}), vec!["http"]),
        (
            json!({"sectigo_cm_base_url": "not an address"}),
            vec!["sectigo_cm_base_url"],
        ),
        (json!({"sectigo_cm_uri": "a/b"}), vec!["sectigo_cm_uri"]),
        (json!({"sectigo_cm_org_id": 0}), vec!["sectigo_cm_org_id"]),
        (
            json!({"sectigo_cm_org_id": "many"}),
            vec!["sectigo_cm_org_id"],
        ),
        (
            json!({"sectigo_cm_password": null}),
            vec!["sectigo_cm_password"],
        ),
        (
            json!({"sectigo_config_type": "both"}),
            vec!["ssl_cert", "client_cert"],
        ),
        (json!({"auth_method": "oauth2"}), vec!["oauth2_client_id"]),
        (
            json!({"auth_method": "client_certificate", "auth_certificate": "x", "auth_private_key": "y"}),
            vec!["auth_certificate"],
        ),
        (json!({"ca_bundle": "no PEM"}), vec!["ca_bundle"]),
        (
            json!({"allowed_domains": "exa mple"}),
            vec!["allowed_domains"],
        ),
        (
            json!({"key_storage": "sometimes"}),
            vec!["vault", "once", "never"],
        ),
        (
            json!({"max_requests_per_second": -3}),
            vec!["max_requests_per_second"],
        ),
        (
            json!({"sectigo_max_timeout": "soon"}),
            vec!["sectigo_max_timeout"],
        ),
        (
            json!({"sectigo_expiry_window": "wide"}),
            vec!["sectigo_expiry_window"],
        ),
        (json!({"sectigo_client_cert_type": 61}), vec!["client_cert"]),
    ] {
        let mut config = test.account();
        for (field, value) in more.as_object().unwrap() {
            match value {
                Value::Null => drop(config.remove(field)),
                value => drop(config.insert(field.clone(), value.clone())),
            }
        }
        let refused = test.write("configs/web", Value::Object(config)).await;
        refused.refused(400, &words);
    }
    assert_eq!(test.list("configs").await.status, 404, "nothing was stored");
    for odd in ["a b", "ä", "a~b", &"a".repeat(300)] {
        let odd = odd.replace(' ', "%20");
        let answer = test
            .write(&format!("configs/{odd}"), Value::Object(test.account()))
            .await;
        assert_eq!(answer.status, 400, "{odd}: {answer:?}");
    }
}

#[tokio::test]
async fn what_scm_says_is_passed_on() {
    let test = TestMount::ready().await;
    let pids = test.server().plugin_pids();
    let body = json!({"common_name": "said.example.com"});

    test.config("wrong", json!({"sectigo_cm_password": "not-the-password"}))
        .await;
    let refused = test.write("enroll/wrong", body.clone()).await;
    let refused = refused.refused(502, &["nothing was ordered"]);
    assert!(!refused.error().contains("not-the-password"));
    let health = test.read("health/wrong").await.good();
    assert_eq!(
        (
            &health.data()["reachable"],
            &health.data()["login_accepted"]
        ),
        (&json!(true), &json!(false))
    );
    assert_eq!(test.read("health").await.good().data()["healthy"], false);

    test.config(
        "nobody",
        json!({"sectigo_cm_base_url": "http://127.0.0.1:1"}),
    )
    .await;
    test.write("enroll/nobody", body.clone())
        .await
        .refused(503, &["nothing was ordered"]);
    test.write("profile/nobody", json!({}))
        .await
        .refused(503, &[]);
    let health = test.read("health/nobody").await.good();
    assert_eq!(health.data()["reachable"], false);

    let page = "<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>";
    test.rules(json!([{"call": "types", "status": 500, "body": page, "html": true}]))
        .await;
    let refused = test.write("profile/web", json!({})).await;
    let refused = refused.refused(503, &["HTTP 500", "the list of SSL profiles"]);
    assert!(refused.error().len() < 600, "{}", refused.error());

    let error =
        json!({"status": 400, "code": -62, "description": "Custom field 'SharedServer' is wrong"});
    test.rules(json!([{"call": "enroll", "error": error}]))
        .await;
    test.write("enroll/web", body.clone()).await.refused(
        400,
        &[
            "-62",
            "Custom field 'SharedServer' is wrong",
            "nothing was ordered",
        ],
    );
    let error = json!({"status": 403, "code": -7110, "description": "Access denied"});
    test.rules(json!([{"call": "enroll", "error": error}]))
        .await;
    test.write("enroll/web", body.clone())
        .await
        .refused(502, &["Access denied"]);
    test.rules(json!([])).await;
    test.config("strange", json!({"sectigo_cm_org_id": 200}))
        .await;
    let refused = test.write("enroll/strange", body).await;
    assert!(matches!(refused.status, 400 | 502), "{refused:?}");
    assert!(test.orders_at_scm("").await.is_empty());
    assert_eq!(test.server().plugin_pids(), pids);
}
