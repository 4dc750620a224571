use serde_json::json;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::harness::{Answer, Scm, until};

/// Common names of the certificates in a PEM text, in its order.
fn names(pem: &[u8]) -> Vec<String> {
    pem::parse_many(pem)
        .unwrap()
        .iter()
        .map(|block| {
            assert_eq!(block.tag(), "CERTIFICATE");
            let (_, certificate) = X509Certificate::from_der(block.contents()).unwrap();
            let name = certificate.subject().iter_common_name().next().unwrap();
            name.as_str().unwrap().to_owned()
        })
        .collect()
}

const LEAF: &str = "www.example.com";
const ISSUING: &str = "Simulated Issuing CA";
const ROOT: &str = "Simulated Root CA";

#[tokio::test]
async fn every_pem_format_in_its_order_and_both_forms() {
    let scm = Scm::start().await;
    let id = scm.enrolled(LEAF).await;
    for (format, expected) in [
        ("x509", vec![ROOT, ISSUING, LEAF]),
        ("x509R", vec![LEAF, ISSUING, ROOT]),
        ("x509CO", vec![LEAF]),
        ("x509IO", vec![ROOT, ISSUING]),
        ("x509IOR", vec![ISSUING, ROOT]),
        ("pem", vec![ROOT, ISSUING, LEAF]),
        ("pemia", vec![LEAF, ISSUING, ROOT]),
        ("pemco", vec![LEAF]),
    ] {
        let in_query = scm
            .get(&format!("/api/ssl/v1/collect/{id}?format={format}"))
            .await;
        assert_eq!(in_query.status, 200, "{format}");
        assert_eq!(names(&in_query.body), expected, "{format}");
        let in_path = scm.get(&format!("/api/ssl/v2/collect/{id}/{format}")).await;
        assert_eq!(in_path.body, in_query.body, "{format}");
    }
    scm.switch(json!({ "pem_order": "leaf_first", "include_root": false }))
        .await;
    let pem = scm.get(&format!("/api/ssl/v1/collect/{id}/pem")).await;
    assert_eq!(names(&pem.body), [LEAF, ISSUING]);
}

#[tokio::test]
async fn pkcs7_in_both_armours() {
    let scm = Scm::start().await;
    let id = scm.enrolled(LEAF).await;
    let default = scm.get(&format!("/api/ssl/v1/collect/{id}")).await;
    assert!(
        default.text().starts_with("-----BEGIN PKCS7-----\n"),
        "{}",
        default.text()
    );
    let named = scm.get(&format!("/api/ssl/v1/collect/{id}/base64")).await;
    assert_eq!(named.body, default.body);
    let bin = scm.get(&format!("/api/ssl/v1/collect/{id}/bin")).await;
    assert_eq!(pem::parse(&default.body).unwrap().contents(), bin.body);
    let chain = scm.get(&format!("/api/ssl/v1/collect/{id}/x509")).await;
    for block in pem::parse_many(&chain.body).unwrap() {
        let der = block.contents();
        let held = bin.body.windows(der.len()).any(|window| window == der);
        assert!(held, "PKCS#7 holds the whole chain");
    }
}

#[tokio::test]
async fn headers_of_a_collected_certificate() {
    let scm = Scm::start().await;
    let id = scm.enrolled(LEAF).await;
    for (format, file) in [
        ("base64", "www_example_com.p7b"),
        ("x509CO", "www_example_com.cer"),
    ] {
        let request = scm
            .request(
                reqwest::Method::GET,
                &format!("/api/ssl/v1/collect/{id}/{format}"),
            )
            .header("accept", "application/json");
        let answer = crate::harness::answer(request).await;
        assert_eq!(
            answer.header("content-type"),
            "application/octet-stream;charset=UTF-8"
        );
        let disposition = format!("attachment; filename=\"{file}\"");
        assert_eq!(answer.header("content-disposition"), disposition);
    }
}

#[tokio::test]
async fn format_names_are_case_sensitive() {
    let scm = Scm::start().await;
    let id = scm.enrolled(LEAF).await;
    for format in ["X509", "x509co", "PEM", "pkcs7", "chain"] {
        scm.get(&format!("/api/ssl/v1/collect/{id}/{format}"))
            .await
            .refused(400, -126);
        scm.get(&format!("/api/ssl/v1/collect/{id}?format={format}"))
            .await
            .refused(400, -126);
    }
    scm.get("/api/ssl/v1/collect/999999")
        .await
        .refused(404, -5101);
}

fn is_not_ready(answer: &Answer, encoding: &str) {
    match encoding {
        "code0" => {
            answer.refused(400, 0);
            assert_eq!(answer.json()["description"], "Being processed by Sectigo");
        }
        "code-183" => {
            answer.refused(400, -183);
            assert_eq!(
                answer.json()["description"],
                "Certificate is not collectable."
            );
        }
        "code-1400" => answer.refused(400, -1400),
        _ => {
            assert_eq!((answer.status, answer.body.len()), (200, 0));
        }
    }
}

#[tokio::test]
async fn not_ready_in_every_encoding() {
    let scm = Scm::start().await;
    for encoding in ["code0", "code-183", "code-1400", "empty"] {
        scm.switch(json!({ "not_ready": encoding })).await;
        let id = scm
            .enrolled_with("a.example.com", json!({ "certType": 55 }))
            .await;
        is_not_ready(
            &scm.get(&format!("/api/ssl/v1/collect/{id}/x509")).await,
            encoding,
        );
    }
    for encoding in ["code0", "code-183", "code-1400", "empty"] {
        scm.rule(json!({ "polls": 1, "not_ready": encoding })).await;
        let id = scm.enrolled("b.example.com").await;
        is_not_ready(
            &scm.get(&format!("/api/ssl/v1/collect/{id}/x509")).await,
            encoding,
        );
        assert_eq!(
            names(
                &scm.get(&format!("/api/ssl/v1/collect/{id}/x509CO"))
                    .await
                    .body
            )
            .len(),
            1
        );
    }
}

#[tokio::test]
async fn issued_and_yet_not_ready_for_a_while() {
    let scm = Scm::start().await;
    let rule = json!({ "call": "collect", "nth": [1, 3], "not_ready": "code-183" });
    scm.rule(rule).await;
    let id = scm.enrolled(LEAF).await;
    let path = format!("/api/ssl/v1/collect/{id}/x509CO");
    for ready in [false, true, false, true] {
        let answer = scm.get(&path).await;
        assert_eq!(answer.status, if ready { 200 } else { 400 });
        assert_eq!(scm.status(id).await, "Issued");
    }
}

#[tokio::test]
async fn a_delay_counted_in_looks() {
    let scm = Scm::start().await;
    scm.rule(json!({ "polls": 3 })).await;
    let id = scm.enrolled(LEAF).await;
    let path = format!("/api/ssl/v1/collect/{id}");
    scm.get(&path).await.refused(400, 0);
    assert_eq!(scm.status(id).await, "Applied");
    scm.get(&path).await.refused(400, 0);
    assert_eq!(scm.get(&path).await.status, 200);
}

#[tokio::test]
async fn a_delay_in_time() {
    let scm = Scm::start().await;
    scm.rule(json!({ "delay": "10m" })).await;
    let id = scm.enrolled(LEAF).await;
    assert_eq!(scm.status(id).await, "Applied");
    scm.advance("9m").await;
    assert_eq!(scm.status(id).await, "Applied");
    scm.advance("61s").await;
    assert_eq!(scm.status(id).await, "Issued");
    scm.rule(json!({ "delay": "50ms" })).await;
    let id = scm.enrolled(LEAF).await;
    until("issue after 50 ms", async || {
        scm.status(id).await == "Issued"
    })
    .await;
}

#[tokio::test]
async fn what_will_never_be_ready_says_the_same_as_what_is_not_yet() {
    let scm = Scm::start().await;
    let id = scm
        .enrolled_with("a.example.com", json!({ "certType": 55 }))
        .await;
    let message = json!({ "message": "no" }).to_string();
    assert_eq!(
        scm.post(&format!("/api/ssl/v1/decline/{id}"), &message)
            .await
            .status,
        204
    );
    scm.get(&format!("/api/ssl/v1/collect/{id}"))
        .await
        .refused(400, -183);
    scm.rule(json!({ "reject": true })).await;
    let id = scm.enrolled("b.example.com").await;
    assert_eq!(scm.status(id).await, "Rejected");
    scm.get(&format!("/api/ssl/v1/collect/{id}"))
        .await
        .refused(400, -183);
}
