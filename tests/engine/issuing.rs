//! Keys, requests, chains and forms of issued certificates, judged by openssl and Java; who gets the key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::test_mount::{Answer, TestMount};
use crate::tools::{
    csr, keytool, openssl, public_key_of_certificate, public_key_of_csr, public_key_of_key, verify,
};

fn chain(answer: &Answer) -> Vec<String> {
    let chain = answer.data()["ca_chain"].as_array().unwrap();
    chain
        .iter()
        .map(|pem| pem.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_key_type_matches_its_certificate_and_the_chain_verifies() {
    let test = TestMount::ready().await;
    for (algorithm, size, shown) in [
        ("RSA", "2048", "Public-Key: (2048 bit)"),
        ("RSA", "3072", "Public-Key: (3072 bit)"),
        ("RSA", "4096", "Public-Key: (4096 bit)"),
        ("EC", "P-256", "NIST CURVE: P-256"),
        ("EC", "P-384", "NIST CURVE: P-384"),
        ("EC", "P-521", "NIST CURVE: P-521"),
    ] {
        let name = format!("{}.example.com", size.to_lowercase());
        let body = json!({"common_name": name, "alt_names": format!("www.{name},9.9.9.9"),
            "key_type": algorithm, "key_bits": size});
        let issued = test.write("enroll/web", body).await.good();
        assert_eq!(issued.status_word(), "issued", "{issued:?}");
        let (certificate, key) = (issued.text("certificate"), issued.text("private_key"));
        assert_eq!(
            public_key_of_certificate(certificate),
            public_key_of_key(key)
        );
        let text = openssl(&["x509", "-noout", "-text"], certificate);
        assert!(text.contains(shown), "{text}");
        assert!(
            text.contains(&format!("DNS:www.{name}")) && text.contains("9.9.9.9"),
            "{text}"
        );
        verify(certificate, &chain(&issued), &test.scm().root_pem);
        assert_eq!(issued.text("issuing_ca"), chain(&issued)[0]);
        assert_eq!(issued.text("private_key_type"), algorithm.to_lowercase());

        // The same certificate, and the key only where a key is answered.
        let id = issued.id();
        for path in ["certs", "readcert"] {
            let read = test.read(&format!("{path}/web/{id}")).await.good();
            assert_eq!(read.data()["certificate"], issued.data()["certificate"]);
            assert_eq!(read.data()["private_key"], Value::Null);
        }
        for path in [format!("keys/web/{id}"), format!("current/web/{name}")] {
            let read = test.read(&path).await.good();
            assert_eq!(read.data()["private_key"], issued.data()["private_key"]);
        }
        let rooted = test
            .read(&format!("readcert/web/{id}?include_root=true"))
            .await
            .good();
        assert_eq!(chain(&rooted).len(), chain(&issued).len() + 1);
    }
    assert_eq!(test.orders_at_scm("").await.len(), 6);
}

#[tokio::test]
async fn a_request_of_ones_own_keeps_its_key_and_is_judged_like_any_other() {
    let test = TestMount::ready().await;
    let (own, key) = csr(
        "/CN=own.example.com/O=Example",
        "DNS:own.example.com,DNS:also.example.com",
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    );
    let issued = test.write("enroll/web", json!({"csr": own})).await.good();
    let certificate = issued.text("certificate");
    assert_eq!(
        public_key_of_certificate(certificate),
        public_key_of_csr(&own)
    );
    assert_eq!(
        public_key_of_certificate(certificate),
        public_key_of_key(&key)
    );
    assert_eq!(issued.data()["private_key"], Value::Null);
    assert_eq!(
        issued.data()["subject_alt_names"],
        json!(["own.example.com", "also.example.com"])
    );
    let keys = test.read(&format!("keys/web/{}", issued.id())).await;
    keys.refused(404, &["no private key"]);

    // Names of a CSR pass the policy like all others, whatever they hide behind.
    test.config("narrow", json!({"allowed_domains": "example.com", "allow_subdomains": true, "allow_wildcard_certificates": false})).await;
    let rsa = ["-newkey", "rsa:2048"];
    for (subject, sans, word) in [
        ("/CN=evil.org", "", "evil.org"),
        (
            "/CN=www.example.com",
            "DNS:www.example.com,DNS:evil.org",
            "evil.org",
        ),
        ("/CN=www.example.com", "IP:192.0.2.1", "192.0.2.1"),
        ("/CN=*.example.com", "", "wildcard"),
    ] {
        let (request, _) = csr(subject, sans, &rsa);
        let refused = test.write("enroll/narrow", json!({"csr": request})).await;
        refused.refused(400, &[word]);
    }
    let refused = test
        .write(
            "enroll/narrow",
            json!({"common_name": "a.example.com", "alt_names": "b.example.org"}),
        )
        .await;
    refused.refused(400, &["b.example.org", "allowed_domains"]);

    let (weak, _) = csr("/CN=weak.example.com", "", &["-newkey", "rsa:1024"]);
    test.write("enroll/web", json!({"csr": weak}))
        .await
        .refused(400, &["RSA 1024"]);
    // One changed byte in the signed part.
    let body = own
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect::<String>();
    let mut der = STANDARD.decode(body).unwrap();
    let at = der.windows(3).position(|three| three == b"own").unwrap();
    der[at] = b'O';
    let forged = STANDARD.encode(&der);
    test.write("enroll/web", json!({"csr": forged}))
        .await
        .refused(400, &["signature"]);
    for broken in [
        "hello",
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
    ] {
        let refused = test.write("enroll/web", json!({"csr": broken})).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(!refused.error().is_empty());
    }
    assert_eq!(test.orders_at_scm("").await.len(), 1);
}

#[tokio::test]
async fn every_format_is_read_back() {
    let test = TestMount::ready().await;
    let issued = test
        .write("enroll/web", json!({"common_name": "forms.example.com"}))
        .await
        .good();
    let id = issued.id();
    let key = issued.text("private_key");
    let read = async |query: &str| test.read(&format!("keys/web/{id}?{query}")).await;

    let der = read("format=der").await.good();
    let folder = TempDir::new().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let decoded = |answer: &Answer| STANDARD.decode(answer.text("certificate")).unwrap();
    let path = file("der", &decoded(&der));
    let public = openssl(
        &["x509", "-inform", "DER", "-in", &path, "-noout", "-pubkey"],
        "",
    );
    assert_eq!(public, public_key_of_key(key));

    let bundle = read("format=pem_bundle").await.good();
    let text = bundle.text("certificate");
    assert_eq!(
        text.matches("BEGIN CERTIFICATE").count(),
        2,
        "leaf and issuer, no root"
    );
    assert_eq!(public_key_of_key(text), public_key_of_key(key));
    assert_eq!(public_key_of_certificate(text), public_key_of_key(key));

    let p12 = read("format=pkcs12&password=open-sesame").await.good();
    let path = file("p12", &decoded(&p12));
    let pass = ["-passin", "pass:open-sesame"];
    let out = openssl(
        &[&["pkcs12", "-in", &path, "-nodes"][..], &pass].concat(),
        "",
    );
    assert_eq!(public_key_of_key(&out), public_key_of_key(key));
    assert_eq!(out.matches("BEGIN CERTIFICATE").count(), 2);
    for (format, store) in [("pkcs12", "PKCS12"), ("jks", "JKS")] {
        let stored = read(&format!("format={format}&password=open-sesame"))
            .await
            .good();
        file(format, &decoded(&stored));
        let said = keytool(
            folder.path(),
            &[
                "-list",
                "-v",
                "-keystore",
                format,
                "-storetype",
                store,
                "-storepass",
                "open-sesame",
            ],
        );
        assert!(
            said.contains("PrivateKeyEntry") && said.contains("CN=forms.example.com"),
            "{said}"
        );
        read(&format!("format={format}"))
            .await
            .refused(400, &["password"]);
    }
    for scms in [
        "x509", "x509CO", "x509IO", "x509IOR", "x509R", "base64", "bin", "pem", "pemco", "pemia",
    ] {
        let read = test
            .read(&format!(
                "readcert/web/{id}?sectigo_ssl_cert_format_type={scms}"
            ))
            .await
            .good();
        assert!(!read.text("certificate").is_empty(), "{scms}");
    }
    read("format=docx").await.refused(400, &["docx"]);
    read("format=der&sectigo_ssl_cert_format_type=x509")
        .await
        .refused(400, &["give one"]);
    // A form that holds the key is not for those who may not have it.
    for path in ["certs", "readcert"] {
        let refused = test
            .read(&format!(
                "{path}/web/{id}?format=pkcs12&password=open-sesame"
            ))
            .await;
        assert_eq!(refused.status, 400, "{refused:?}");
    }
}

#[tokio::test]
async fn keys_are_kept_handed_out_once_or_never_made() {
    let test = TestMount::ready().await;
    test.config("once", json!({"key_storage": "once"})).await;
    test.config("never", json!({"key_storage": "never"})).await;

    let once = test
        .write("enroll/once", json!({"common_name": "once.example.com"}))
        .await
        .good();
    assert_eq!(
        public_key_of_key(once.text("private_key")),
        public_key_of_certificate(once.text("certificate"))
    );
    // For a while to the same caller again, whose answer may have been lost, and to nobody else.
    let path = format!("keys/once/{}", once.id());
    let again = test.read(&path).await.good();
    assert_eq!(again.text("private_key"), once.text("private_key"));
    let other = test
        .server()
        .must("POST", "auth/token/create", Some(&json!({})))
        .await
        .unwrap();
    let other = other["auth"]["client_token"].as_str().unwrap();
    let read = async |path: &str| test.ask_as(other, "GET", path, None).await;
    read(&path).await.refused(404, &["another caller"]);
    // The pending one keeps its key until somebody takes it.
    test.rules(json!([{"delay": "1s"}])).await;
    let body = json!({"common_name": "later.example.com", "sectigo_max_timeout": 0});
    let pending = test.write("enroll/once", body).await.good();
    assert_eq!(pending.status_word(), "pending");
    let order = format!("orders/once/{}", pending.text("order_id"));
    crate::support::until("it is issued", crate::test_mount::PATIENCE, async || {
        let state = test.write(&order, json!({})).await.good();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        state.data()["state"] == "issued"
    })
    .await;
    let path = format!("keys/once/{}", pending.id());
    let first = test.read(&path).await.good();
    assert_eq!(
        public_key_of_key(first.text("private_key")),
        public_key_of_certificate(first.text("certificate"))
    );
    read(&path).await.refused(404, &["another caller"]);

    let refused = test
        .write("enroll/never", json!({"common_name": "x.example.com"}))
        .await;
    refused.refused(400, &["key_storage=never", "sectigo_csr"]);
    let (own, _) = csr("/CN=never.example.com", "", &["-newkey", "rsa:2048"]);
    test.write("enroll/never", json!({"csr": own})).await.good();
}

#[tokio::test]
async fn a_token_that_may_read_certificates_gets_no_key() {
    let test = TestMount::ready().await;
    test.config("migrated", json!({"certs_include_key": true}))
        .await;
    let issued = test
        .write("enroll/web", json!({"common_name": "acl.example.com"}))
        .await
        .good();
    let id = issued.id();
    let mount = &test.mount;
    let policy = format!(
        r#"path "{mount}/certs/web/*" {{ capabilities = ["read"] }}
           path "{mount}/certs/web/" {{ capabilities = ["list"] }}
           path "{mount}/readcert/web/*" {{ capabilities = ["read"] }}"#
    );
    let server = test.server();
    let name = format!("certs-{mount}");
    let put = json!({"policy": policy});
    let path = format!("sys/policies/acl/{name}");
    let client = &test.http;
    let put = client
        .put(format!("{}/v1/{path}", server.address()))
        .header("X-Vault-Token", server.token())
        .json(&put);
    assert!(put.send().await.unwrap().status().is_success());
    let created = client
        .post(format!("{}/v1/auth/token/create", server.address()))
        .header("X-Vault-Token", server.token())
        .json(&json!({"policies": [name], "no_default_policy": true}));
    let created: Value = created.send().await.unwrap().json().await.unwrap();
    let token = created["auth"]["client_token"].as_str().unwrap();

    for path in ["certs", "readcert"] {
        for query in ["", "?format=pem_bundle", "?include_root=true"] {
            let read = test
                .ask_as(token, "GET", &format!("{path}/web/{id}{query}"), None)
                .await;
            assert!(
                !read.body.to_string().contains("PRIVATE KEY"),
                "{path}{query}"
            );
            let read = read.good();
            let bundled = query.contains("bundle");
            assert_eq!(
                read.text("certificate")
                    .matches("BEGIN CERTIFICATE")
                    .count(),
                1 + usize::from(bundled),
                "{path}{query}"
            );
            let told = read.body["warnings"].to_string();
            assert_eq!(told.contains("keys/web/"), bundled, "{path}{query}: {told}");
        }
    }
    let listed = test.ask_as(token, "LIST", "certs/web", None).await.good();
    assert_eq!(listed.data()["keys"], json!([id]));
    for path in [
        format!("keys/web/{id}"),
        "current/web/acl.example.com".to_owned(),
        "configs/web".to_owned(),
    ] {
        test.ask_as(token, "GET", &path, None)
            .await
            .refused(403, &[]);
    }
    // Who migrates from the closed plugin may have it the other way.
    let old_way = test
        .write("enroll/migrated", json!({"common_name": "old.example.com"}))
        .await
        .good();
    let read = test
        .read(&format!("certs/migrated/{}", old_way.id()))
        .await
        .good();
    assert_eq!(read.data()["private_key"], old_way.data()["private_key"]);
    let read = test
        .read(&format!("readcert/migrated/{}", old_way.id()))
        .await
        .good();
    assert_eq!(read.data()["private_key"], Value::Null);
}

#[tokio::test]
async fn what_takes_a_certificates_place_has_a_key_of_the_same_type() {
    let test = TestMount::ready().await;
    let body = json!({"common_name": "same.example.com", "key_type": "EC", "key_bits": "P-384"});
    let first = test.write("enroll/web", body).await.good();
    let shown = |answer: &Answer| openssl(&["x509", "-noout", "-text"], answer.text("certificate"));
    let replaced = test
        .write(&format!("replace/web/{}", first.id()), json!({}))
        .await
        .good();
    assert!(shown(&replaced).contains("P-384"), "{}", shown(&replaced));
    let renewed = test
        .write(&format!("renew/web/{}", first.id()), json!({}))
        .await
        .good();
    assert!(shown(&renewed).contains("P-384"));
    let other = json!({"key_type": "RSA", "key_bits": 3072});
    let other = test
        .write(&format!("replace/web/{}", renewed.id()), other)
        .await
        .good();
    assert!(shown(&other).contains("3072 bit"));
}
