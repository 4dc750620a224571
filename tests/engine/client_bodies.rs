//! What programs send that need more than a server around them, and what they read of the answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::clients::test;
use crate::test_mount::Answer;
use crate::tools::{
    EC, csr, openssl, public_key_of_certificate, public_key_of_csr, public_key_of_key, verify,
};

/// As strict as the parser of cert-manager: everything that is there, each once, makes one chain from the leaf up.
fn judge(answer: &Answer, scm_root: &str) {
    let data = answer.data();
    let chain: Vec<String> = data["ca_chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pem| format!("{}\n", pem.as_str().unwrap()))
        .collect();
    assert_eq!(data["issuing_ca"].as_str().unwrap(), chain[0].trim_end());
    let issuer_of = |pem: &str| {
        openssl(&["x509", "-noout", "-issuer", "-nameopt", "RFC2253"], pem).replace("issuer=", "")
    };
    let subject_of = |pem: &str| {
        openssl(&["x509", "-noout", "-subject", "-nameopt", "RFC2253"], pem).replace("subject=", "")
    };
    let mut below = answer.text("certificate").to_owned();
    for pem in &chain {
        assert_eq!(
            issuer_of(&below),
            subject_of(pem),
            "the chain is not linear"
        );
        below.clone_from(pem);
    }
    let issuers: Vec<String> = chain
        .iter()
        .filter(|pem| issuer_of(pem) != subject_of(pem))
        .cloned()
        .collect();
    verify(answer.text("certificate"), &issuers, scm_root);
    assert!(!answer.text("serial_number").is_empty());
    assert!(data["expiration"].is_i64());
    for (name, value) in data.as_object().unwrap() {
        assert!(
            [
                "certificate",
                "issuing_ca",
                "ca_chain",
                "serial_number",
                "expiration",
                "authority_key_id",
                "private_key",
                "private_key_type",
                "order_id"
            ]
            .contains(&name.as_str()),
            "{name}"
        );
        let text = value.as_str().unwrap_or_default();
        assert!(!text.contains("REQUEST"));
    }
}

/// The bodies of pki-clients' sources, byte for byte in their types.
#[tokio::test(flavor = "multi_thread")]
async fn the_bodies_that_each_client_sends_are_taken_and_answered_as_it_reads_them() {
    let test = test().await;
    let root = test.scm().root_pem.clone();
    // cert-manager: all texts, unset ones empty, the common name often only among the names.
    let (request, _) = csr("/", "DNS:cm.example.com,DNS:also.example.com", EC);
    let cert_manager = json!({"common_name": "", "alt_names": "cm.example.com,also.example.com", "ip_sans": "",
        "uri_sans": "", "ttl": "2160h0m0s", "csr": request, "exclude_cn_from_sans": "true"});
    for _ in 0..5 {
        let answer = test
            .ask("POST", "sign/r", Some(cert_manager.clone()))
            .await
            .good();
        judge(&answer, &root);
        assert_eq!(
            public_key_of_certificate(answer.text("certificate")),
            public_key_of_csr(&request)
        );
        assert_eq!(answer.data()["private_key"], Value::Null);
    }
    assert_eq!(test.calls("enroll").await.len(), 1, "five equal CSRs");
    // Its next one has another key, and is a renewal.
    let (second, _) = csr("/", "DNS:cm.example.com,DNS:also.example.com", EC);
    let mut body = cert_manager;
    body["csr"] = json!(second);
    judge(&test.write("sign/r", body).await.good(), &root);
    assert_eq!(
        (
            test.calls("enroll").await.len(),
            test.calls("renew").await.len()
        ),
        (1, 1)
    );

    let issue = async |body: Value, times: usize| {
        let before = test.calls("enroll").await.len();
        let mut last = None;
        for _ in 0..times {
            let answer = test.ask("PUT", "issue/r", Some(body.clone())).await.good();
            if let Some(last) = &last {
                assert_eq!(answer.data(), last);
            }
            last = Some(answer.data().clone());
            if body["format"] != "der" {
                judge(&answer, &root);
                assert_eq!(
                    public_key_of_certificate(answer.text("certificate")),
                    public_key_of_key(answer.text("private_key"))
                );
            }
        }
        assert_eq!(test.calls("enroll").await.len(), before + 1);
        last.unwrap()
    };
    // Terraform's vault_pki_secret_backend_cert.
    issue(json!({"common_name": "tf.example.com", "format": "pem", "private_key_format": "der",
        "exclude_cn_from_sans": false, "remove_roots_from_chain": false, "ttl": "720h", "alt_names": "tf2.example.com",
        "issuer_ref": "default"}), 2).await;
    // Vault Secrets Operator.
    issue(json!({"common_name": "vso.example.com", "alt_names": "", "ip_sans": "", "uri_sans": "", "other_sans": "",
        "user_ids": "", "ttl": "", "not_after": "", "exclude_cn_from_sans": false, "remove_roots_from_chain": true}), 2).await;
    // External Secrets Operator: the manifest's parameters at every refresh.
    issue(json!({"common_name": "eso.example.com"}), 50).await;
    // Ansible's module: null where nothing is set.
    issue(json!({"common_name": "ansible.example.com", "alt_names": "", "ip_sans": "", "uri_sans": "", "other_sans": "",
        "ttl": null, "format": "pem", "private_key_format": "der", "exclude_cn_from_sans": false}), 2).await;
    // Spring Vault: DER in base64, the ttl a number.
    let spring = issue(
        json!({"common_name": "spring.example.com", "alt_names": "", "ttl": 7_776_000,
        "exclude_cn_from_sans": false, "format": "der", "private_key_format": "der"}),
        2,
    )
    .await;
    let der = STANDARD
        .decode(spring["certificate"].as_str().unwrap())
        .unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("der");
    std::fs::write(&file, der).unwrap();
    openssl(
        &[
            "x509",
            "-inform",
            "DER",
            "-noout",
            "-in",
            file.to_str().unwrap(),
        ],
        "",
    );

    // What they destroy: by serial number, or with the key.
    let revoked = test
        .ask(
            "PUT",
            "revoke",
            Some(json!({"serial_number": spring["serial_number"]})),
        )
        .await
        .good();
    assert!(revoked.data()["revocation_time"].is_i64());
    assert_eq!(revoked.text("state"), "revoked");
    let again = test
        .ask(
            "PUT",
            "issue/r",
            Some(json!({"common_name": "spring.example.com"})),
        )
        .await
        .good();
    assert_ne!(
        again.data()["serial_number"],
        spring["serial_number"],
        "revoked, it is handed out no more"
    );

    // step-ca asks whom to trust before it has logged in.
    let (mount, address) = (&test.mount, test.server().address());
    for path in ["cert/ca_chain", "ca_chain", "issuer/default/json"] {
        let answer = test
            .http
            .get(format!("{address}/v1/{mount}/{path}"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.text().await.unwrap().contains("BEGIN CERTIFICATE"));
    }
    let denied = test
        .http
        .get(format!(
            "{address}/v1/{mount}/cert/{}",
            again.text("serial_number")
        ))
        .send()
        .await
        .unwrap();
    assert_eq!(denied.status(), 403);
}
