//! No secret comes out where it should not: neither in an answer, nor in the log at its most talkative, nor in the audit log.

use serde_json::{Value, json};

use crate::test_mount::TestMount;

#[tokio::test]
async fn nothing_planted_is_found_in_answers_in_the_trace_log_or_in_the_audit_log() {
    let test = TestMount::ready().await;
    let scm = test.scm();
    test.config("oauth", json!({
        "auth_method": "oauth2", "sectigo_cm_password": null, "sectigo_cm_user": null,
        "oauth2_token_url": scm.token_url, "oauth2_client_id": scm.client_id, "oauth2_client_secret": scm.client_secret,
    })).await;
    test.config("certificate", json!({
        "auth_method": "client_certificate", "sectigo_cm_password": null, "sectigo_cm_base_url": scm.https_url,
        "auth_certificate": scm.client_cert_pem, "auth_private_key": scm.client_key_pem, "ca_bundle": scm.ca_pem,
    })).await;
    test.config(
        "wrong",
        json!({"sectigo_cm_password": "planted-wrong-password"}),
    )
    .await;
    let mut said = Vec::new();
    let mut keys = Vec::new();
    for config in ["web", "oauth", "certificate"] {
        let body = json!({"common_name": format!("{config}.example.com")});
        let issued = test.write(&format!("enroll/{config}"), body).await.good();
        let pem = issued.text("private_key").to_owned();
        let id = issued.id();
        said.push(test.read(&format!("configs/{config}")).await.good());
        said.push(test.read(&format!("certs/{config}/{id}")).await.good());
        said.push(
            test.read(&format!("readcert/{config}/{id}?format=pem_bundle"))
                .await,
        );
        said.push(
            test.read(&format!("orders/{config}/{}", issued.text("order_id")))
                .await
                .good(),
        );
        said.push(test.list(&format!("certs/{config}")).await.good());
        said.push(test.read(&format!("health/{config}")).await.good());
        test.read(&format!(
            "keys/{config}/{id}?format=pkcs12&password=planted-p12-password"
        ))
        .await
        .good();
        // One line of the key, long enough to be no accident.
        keys.push(pem.lines().nth(2).unwrap().to_owned());
    }
    said.push(
        test.write("enroll/wrong", json!({"common_name": "x.example.com"}))
            .await,
    );
    said.push(test.write("enroll/web", json!({"common_name": "x.example.com", "password": ["planted-p12-password"], "term": "x"})).await);
    said.push(
        test.write(
            "configs/web",
            json!({"sectigo_cm_password": {"planted-nested": 1}}),
        )
        .await,
    );
    said.push(
        test.write(
            "enroll/web",
            json!({"csr": "planted-csr-is-a-key -----BEGIN PRIVATE KEY-----"}),
        )
        .await,
    );
    said.push(test.read("inventory").await.good());
    said.push(test.read("health").await.good());

    let client_key = scm.client_key_pem.lines().nth(1).unwrap();
    let mut secrets = vec![
        scm.password.as_str(),
        scm.client_secret.as_str(),
        client_key,
        "planted-wrong-password",
        "planted-p12-password",
    ];
    secrets.extend(keys.iter().map(String::as_str));
    for answer in &said {
        let text = answer.body.to_string();
        for secret in &secrets {
            assert!(
                !text.contains(*secret),
                "{} tells {secret}: {text}",
                answer.asked
            );
        }
    }
    let log = test.server().log();
    assert!(log.contains("[TRACE]"), "the log is at its most talkative");
    assert!(log.contains(&test.mount));
    for secret in &secrets {
        let line = log.lines().find(|line| line.contains(*secret));
        assert_eq!(line, None, "the log tells {secret}");
    }
    let audit = test.audit();
    assert!(audit.contains(&format!("{}/enroll/web", test.mount)));
    for secret in &secrets {
        let line = audit.lines().find(|line| line.contains(*secret));
        assert_eq!(line, None, "the audit log tells {secret}");
    }
    // SCM saw them, so they were in use.
    let logins: Vec<Value> = test.calls("enroll").await;
    assert!(logins.len() >= 4, "{logins:?}");
}
