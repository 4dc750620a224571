//! The forms in which PEM is accepted, and in which chains and keystores are answered.

use serde_json::json;

use super::{csr, id, refused};
use crate::plugin::testing::{TestMountWithScm, text};
use pki::Certificate;
use vault_plugin::logical::Operation;

/// Environment variables and JSON files often contain PEM in this form.
#[tokio::test(flavor = "multi_thread")]
async fn pem_with_line_ends_written_as_two_characters_is_read() {
    let test = TestMountWithScm::new().await;
    let flat = |pem: &str| pem.trim().replace('\n', "\\n");
    let sim = &test.sim;
    let account = json!({"auth_method": "client_certificate", "sectigo_cm_base_url": sim.https_url,
        "auth_certificate": flat(&sim.client_cert_pem), "auth_private_key": flat(&sim.client_key_pem),
        "ca_bundle": flat(&sim.ca_pem)});
    test.mount.write("configs/web", account).await.unwrap();
    let body = json!({"csr": flat(&csr("flat.example.com"))});
    let issued = test.issued("enroll/web", body).await;
    assert_eq!(issued.data["common_name"], "flat.example.com");
    test.sim.stop().await;
}

/// SCM delivers several paths since its roots are also signed by older ones.
#[tokio::test(flavor = "multi_thread")]
async fn the_chain_is_one_path_and_the_one_that_the_config_says() {
    let test = TestMountWithScm::new().await;
    test.control("PATCH", "switches", json!({"cross_signed": true}))
        .await;
    let subjects = |answer: &vault_plugin::logical::Response| -> Vec<(String, String)> {
        let chain = answer.data["ca_chain"].as_array().unwrap();
        chain
            .iter()
            .map(|pem| {
                let one = Certificate::parse_pem_or_der(pem.as_str().unwrap().as_bytes()).unwrap();
                let issuer = one.issuer_name().rsplit("CN=").next().unwrap().to_owned();
                (one.common_name().unwrap().to_owned(), issuer)
            })
            .collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let (issuing, root, older) = (
        "Simulated Issuing CA",
        "Simulated Root CA",
        "Simulated Older Root CA",
    );
    let body = json!({"common_name": "old-phones.example.com"});
    let compatible = test.issued("enroll/web", body).await;
    assert_eq!(
        subjects(&compatible),
        [pair(issuing, root), pair(root, older)]
    );
    let path = format!("certs/web/{}", id(&compatible));
    let whole = test
        .mount
        .ask(Operation::Read, &path, json!({"include_root": true}))
        .await;
    assert_eq!(
        subjects(&whole.unwrap().unwrap()),
        [pair(issuing, root), pair(root, older), pair(older, older)]
    );
    test.mount
        .write("configs/web", json!({"chain": "short"}))
        .await
        .unwrap();
    let short = test
        .issued(
            "enroll/web",
            json!({"common_name": "new-phones.example.com"}),
        )
        .await;
    assert_eq!(subjects(&short), [pair(issuing, root)]);
    // The same for a fetched certificate.
    test.mount
        .ask(Operation::Delete, &path, json!({}))
        .await
        .unwrap();
    let fetch = format!("fetch/web/{}", id(&compatible));
    let fetched = test.mount.write(&fetch, json!({})).await.unwrap().unwrap();
    assert_eq!(subjects(&fetched), [pair(issuing, root)]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_tells_the_alias_of_a_keystore() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "*.Apps.example.com"});
    let first = test.issued("enroll/web", body).await;
    let path = format!("keys/web/{}", id(&first));
    for (format, asked, alias) in [
        ("pkcs12", None, "*.apps.example.com"),
        ("pkcs12", Some("Tomcat"), "Tomcat"),
        ("pkcs12_legacy", Some("Tomcat"), "Tomcat"),
        ("jks", None, "*.apps.example.com"),
        ("jks", Some("Tomcat"), "tomcat"),
    ] {
        let mut query = json!({"format": format, "password": "changeit"});
        if let Some(asked) = asked {
            query["alias"] = json!(asked);
        }
        let answer = test.mount.ask(Operation::Read, &path, query).await;
        let answer = answer.unwrap().unwrap();
        assert_eq!(text(&answer, "alias"), alias, "{format} {asked:?}");
        assert_eq!(text(&answer, "format"), format);
    }
    let query = json!({"format": "pem", "alias": "Tomcat"});
    refused(
        test.mount.ask(Operation::Read, &path, query).await,
        &["alias", "keystore"],
    );
    test.sim.stop().await;
}
