use std::process::Command;

use serde_json::json;
use x509_parser::prelude::{CertificateRevocationList, FromDer as _, X509Certificate};

use crate::harness::Scm;

/// Serials in a CRL, as plain lower-case hex.
pub fn revoked_serials(der: &[u8]) -> Vec<String> {
    let (_, list) = CertificateRevocationList::from_der(der).unwrap();
    let revoked = list.iter_revoked_certificates();
    revoked
        .map(|entry| hex::encode(entry.raw_serial()))
        .collect()
}

fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(arguments)
        .output()
        .expect("this test runs `openssl`: install it (apt-get install openssl)");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {text}{errors}");
    text + &errors
}

#[tokio::test]
async fn openssl_accepts_the_chain_the_crl_and_ocsp() {
    let scm = Scm::start().await;
    let id = scm
        .enrolled_with("www.example.com", json!({ "subjAltNames": "10.0.0.1" }))
        .await;
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let leaf = file(
        "leaf.pem",
        &scm.get(&format!("/api/ssl/v1/collect/{id}/x509CO"))
            .await
            .body,
    );
    let issuing = file("issuing.pem", scm.sim.issuing_pem.as_bytes());
    let root = file("root.pem", scm.sim.root_pem.as_bytes());
    openssl(&[
        "verify",
        "-CAfile",
        &root,
        "-untrusted",
        &issuing,
        "-purpose",
        "sslserver",
        &leaf,
    ]);
    let addresses = openssl(&[
        "x509",
        "-in",
        &leaf,
        "-noout",
        "-ext",
        "authorityInfoAccess,crlDistributionPoints",
    ]);
    for path in ["/pki/ocsp", "/pki/issuing.crt", "/pki/issuing.crl"] {
        let url = format!("{}{path}", scm.sim.base_url);
        assert!(addresses.contains(&url), "{addresses}");
    }
    let issuer = scm.get("/pki/issuing.crt").await;
    assert_eq!(
        pem::parse(&scm.sim.issuing_pem).unwrap().contents(),
        issuer.body
    );
    let url = format!("{}/pki/ocsp", scm.sim.base_url);
    let ocsp = async || {
        let arguments: Vec<String> = [
            "ocsp", "-issuer", &issuing, "-cert", &leaf, "-url", &url, "-CAfile", &root,
        ]
        .iter()
        .map(|part| (*part).to_owned())
        .collect();
        let run = move || openssl(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        tokio::task::spawn_blocking(run).await.unwrap()
    };
    let said = ocsp().await;
    assert!(
        said.contains("Response verify OK") && said.contains("leaf.pem: good"),
        "{said}"
    );
    assert!(revoked_serials(&scm.get("/pki/issuing.crl").await.body).is_empty());

    let body = "{\"reasonCode\":1,\"reason\":\"x\"}";
    assert_eq!(
        scm.post(&format!("/api/ssl/v1/revoke/{id}"), body)
            .await
            .status,
        204
    );
    let said = ocsp().await;
    assert!(
        said.contains("leaf.pem: revoked") && said.contains("keyCompromise"),
        "{said}"
    );
    let crl = scm.get("/pki/issuing.crl").await.body;
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    let serial = details["serialNumber"]
        .as_str()
        .unwrap()
        .replace(':', "")
        .to_lowercase();
    assert_eq!(revoked_serials(&crl), [serial]);
    let crl = file("crl.der", &crl);
    openssl(&[
        "crl", "-inform", "DER", "-in", &crl, "-CAfile", &issuing, "-noout",
    ]);
}

#[tokio::test]
async fn ocsp_does_not_know_strangers_and_takes_nonsense() {
    let scm = Scm::start().await;
    let request = scm
        .http
        .post(format!("{}/pki/ocsp", scm.sim.base_url))
        .body("nonsense");
    let answer = crate::harness::answer(request).await;
    assert_eq!(
        (answer.status, answer.body),
        (200, vec![0x30, 3, 0x0a, 1, 1]),
        "malformedRequest"
    );
}

#[tokio::test]
async fn lifetimes_follow_the_term_or_the_profile() {
    let scm = Scm::start().await;
    for (profile, term, seconds) in [
        (51, 90, 90 * 86_400),
        (51, 365, 365 * 86_400),
        (54, 30, 600),
    ] {
        let others = json!({ "certType": profile, "term": term });
        let id = scm.enrolled_with("www.example.com", others).await;
        let der = scm.leaf(id).await;
        let (_, certificate) = X509Certificate::from_der(&der).unwrap();
        let validity = certificate.validity();
        let lifetime = validity.not_after.timestamp() - validity.not_before.timestamp();
        assert_eq!(lifetime, seconds, "profile {profile}, term {term}");
    }
}

#[tokio::test]
async fn serials_are_random_and_keys_are_the_requested_ones() {
    let scm = Scm::start().await;
    let key = rcgen::KeyPair::generate().unwrap();
    let csr = crate::harness::csr_for("www.example.com", &key);
    let mut serials = std::collections::HashSet::new();
    for _ in 0..5 {
        let id = scm
            .enrolled_with("www.example.com", json!({ "csr": csr }))
            .await;
        let der = scm.leaf(id).await;
        let (_, certificate) = X509Certificate::from_der(&der).unwrap();
        use rcgen::PublicKeyData as _;
        assert_eq!(certificate.public_key().raw, key.subject_public_key_info());
        assert!(certificate.raw_serial().len() >= 16 && certificate.raw_serial()[0] < 0x80);
        serials.insert(certificate.raw_serial().to_vec());
    }
    assert_eq!(serials.len(), 5);
}
