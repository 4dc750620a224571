use serde_json::json;

use crate::harness::{Scm, csr, csr_for, csr_with_names, enrolment};

const ENROLL: &str = "/api/ssl/v1/enroll";

#[tokio::test]
async fn answers_both_ids_and_ignores_what_it_does_not_know() {
    let scm = Scm::start().await;
    let body = enrolment(
        "www.example.com",
        json!({ "numberServers": 1, "serverType": -1, "externalRequester": "", "dcvMode": null, "dcvEmail": null }),
    );
    let answer = scm.post(ENROLL, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json()["sslId"].as_u64().unwrap() >= 1);
    let renew_id = answer.json()["renewId"].as_str().unwrap().to_owned();
    assert_eq!(renew_id.len(), 20);
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    assert!(renew_id.chars().all(allowed), "{renew_id}");
}

#[tokio::test]
async fn both_versions_and_numbers_as_text() {
    let scm = Scm::start().await;
    for path in ["/api/ssl/v1/enroll", "/api/ssl/v2/enroll"] {
        let others = json!({ "orgId": "123", "certType": "51", "term": "199" });
        let answer = scm.post(path, &enrolment("a.example.com", others)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let id = answer.json()["sslId"].as_u64().unwrap();
        assert_eq!(
            scm.get(&format!("/api/ssl/v1/{id}")).await.json()["term"],
            199
        );
    }
}

#[tokio::test]
async fn an_order_without_profile_and_term_takes_the_first() {
    let scm = Scm::start().await;
    let body = json!({ "orgId": 124, "csr": csr("a.example.com") }).to_string();
    let answer = scm.post(ENROLL, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = answer.json()["sslId"].as_u64().unwrap();
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(
        (&details["certType"]["id"], &details["term"]),
        (&json!(51), &json!(90))
    );
    assert_eq!(details["orgId"], 124);
}

#[tokio::test]
async fn names_come_from_the_list_and_never_from_the_csr() {
    let scm = Scm::start().await;
    let key = rcgen::KeyPair::generate().unwrap();
    let csr = csr_with_names("www.example.com", &key, &["hidden.example.com"]);
    for (listed, expected) in [
        (json!(null), "dNSName=www.example.com"),
        (json!(""), "dNSName=www.example.com"),
        (
            json!("b.example.com, www.example.com ,10.1.2.3"),
            "dNSName=www.example.com, dNSName=b.example.com, iPAddress=10.1.2.3",
        ),
    ] {
        let others = json!({ "csr": csr, "subjAltNames": listed });
        let id = scm.enrolled_with("www.example.com", others).await;
        let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
        assert_eq!(details["certificateDetails"]["subjectAltNames"], expected);
    }
}

#[tokio::test]
async fn csr_may_be_bare_base64() {
    let scm = Scm::start().await;
    let bare: String = csr("a.example.com")
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    scm.enrolled_with("a.example.com", json!({ "csr": bare }))
        .await;
}

#[tokio::test]
async fn every_offered_key_is_accepted() {
    let scm = Scm::start().await;
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ECDSA_P521_SHA512,
        &rcgen::PKCS_RSA_SHA256,
    ] {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let csr = csr_for("k.example.com", &key);
        let id = scm
            .enrolled_with("k.example.com", json!({ "csr": csr }))
            .await;
        assert_eq!(scm.status(id).await, "Issued");
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_cannot_be_parsed() {
    let scm = Scm::start().await;
    for body in ["", "\"\"", "[]", "{", "null", "<enroll/>"] {
        scm.post(ENROLL, body).await.refused(400, -1002);
    }
}

#[tokio::test]
async fn wrong_types_cannot_be_parsed() {
    let scm = Scm::start().await;
    for others in [
        json!({ "subjAltNames": ["a.example.com"] }),
        json!({ "orgId": "many" }),
        json!({ "orgId": [123] }),
        json!({ "orgId": 2_147_483_648_u32 }),
        json!({ "orgId": "99999999999" }),
        json!({ "certType": {} }),
        json!({ "term": 1.5 }),
        json!({ "customFields": "none" }),
        json!({ "customFields": [1] }),
        json!({ "dcvMode": "PIGEON" }),
    ] {
        let answer = scm
            .post(ENROLL, &enrolment("a.example.com", others.clone()))
            .await;
        assert_eq!(
            answer.json()["code"],
            -1002,
            "{others} gave {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn required_members_must_not_be_null() {
    let scm = Scm::start().await;
    for name in ["orgId", "csr"] {
        let body = enrolment("a.example.com", json!({ name: null }));
        let answer = scm.post(ENROLL, &body).await;
        answer.refused(400, -1001);
        let text = format!("Value of '{name}' must not be null.");
        assert_eq!(answer.json()["description"], text);
    }
}

#[tokio::test]
async fn limits_hold() {
    let scm = Scm::start().await;
    for others in [
        json!({ "comments": "x".repeat(1025) }),
        json!({ "externalRequester": format!("{}@example.com", "x".repeat(512)) }),
        json!({ "csr": "A".repeat(32_768) }),
        json!({ "orgId": 0 }),
        json!({ "term": 0 }),
        json!({ "customFields": [{ "name": "x".repeat(257), "value": "x" }] }),
        json!({ "customFields": [{ "name": "", "value": "x" }] }),
        json!({ "customFields": [{ "name": "Stage", "value": "x".repeat(257) }] }),
        json!({ "customFields": [{ "name": "Stage", "value": null }] }),
        json!({ "dcvMode": "EMAIL", "dcvEmail": "nobody" }),
    ] {
        scm.post(ENROLL, &enrolment("a.example.com", others))
            .await
            .refused(400, -1001);
    }
    let longest = json!({ "comments": "x".repeat(1024) });
    scm.enrolled_with("a.example.com", longest).await;
}

#[tokio::test]
async fn refusals_have_their_codes() {
    let scm = Scm::start().await;
    let weak = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----";
    let mut broken = pem::parse(csr("a.example.com")).unwrap().into_contents();
    *broken.last_mut().unwrap() ^= 1;
    let broken = pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", broken));
    let rsa = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let p521 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
    for (others, code) in [
        (json!({ "orgId": 999 }), -639),
        (json!({ "orgId": 200 }), -1021),
        (json!({ "certType": 999 }), -39),
        (json!({ "certType": 61 }), -39),
        (json!({ "term": 91 }), -36),
        (json!({ "csr": "not base64!" }), -9),
        (json!({ "csr": "QUJD!" }), -9),
        (json!({ "csr": weak }), -10),
        (json!({ "csr": broken }), -138),
        (
            json!({ "certType": 52, "csr": csr_for("a.example.com", &rsa) }),
            -11,
        ),
        (
            json!({ "certType": 52, "csr": csr_for("a.example.com", &p521) }),
            -13,
        ),
        (json!({ "certType": 56, "term": 365 }), -141),
        (json!({ "subjAltNames": "no blanks.example.com" }), -732),
        (json!({ "externalRequester": "nobody" }), -518),
        (json!({ "certType": 53 }), -62),
        (
            json!({ "customFields": [{ "name": "Unheard of", "value": "x" }] }),
            -135,
        ),
        (
            json!({ "customFields": [{ "name": "Stage", "value": "moon" }] }),
            -160,
        ),
        (
            json!({ "customFields": [{ "name": "Needed Until", "value": "23.11.2026" }] }),
            -160,
        ),
    ] {
        let answer = scm
            .post(ENROLL, &enrolment("a.example.com", others.clone()))
            .await;
        assert_eq!(answer.status, 400, "{others} gave {}", answer.text());
        assert_eq!(
            answer.json()["code"],
            code,
            "{others} gave {}",
            answer.text()
        );
    }
    let counters = scm.get("/control/counters").await.json();
    assert_eq!(counters["orders"], 0, "a refused enrolment is no order");
}

#[tokio::test]
async fn an_rsa_key_below_2048_bits_is_refused() {
    let scm = Scm::start().await;
    let body = enrolment("weak.example.com", json!({ "csr": RSA_1024_CSR }));
    scm.post(ENROLL, &body).await.refused(400, -13);
}

#[tokio::test]
async fn custom_fields_are_kept_and_may_be_mandatory() {
    let scm = Scm::start().await;
    let fields = json!([
        { "name": "Cost Center", "value": "4711" },
        { "name": "Stage", "value": "test" },
        { "name": "Needed Until", "value": "2027-01-31" },
    ]);
    let others = json!({ "certType": 53, "customFields": fields });
    let id = scm.enrolled_with("a.example.com", others).await;
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(details["customFields"], fields);
    let empty =
        json!({ "certType": 53, "customFields": [{ "name": "Cost Center", "value": " " }] });
    scm.post(ENROLL, &enrolment("a.example.com", empty))
        .await
        .refused(400, -62);
}

#[tokio::test]
async fn a_tenant_may_demand_an_external_requester() {
    let scm = Scm::with_toml("[switches]\nrequire_external_requester = true").await;
    scm.post(ENROLL, &enrolment("a.example.com", json!({})))
        .await
        .refused(400, -139);
    let others = json!({ "externalRequester": "a@example.com, b@example.com" });
    scm.enrolled_with("a.example.com", others).await;
}

#[tokio::test]
async fn the_same_request_twice_is_two_orders() {
    let scm = Scm::start().await;
    let body = enrolment("twice.example.com", json!({}));
    for _ in 0..2 {
        assert_eq!(scm.post(ENROLL, &body).await.status, 200);
    }
    assert_eq!(scm.orders("twice.example.com").await, 2);
}

/// Made once with `openssl req -new -newkey rsa:1024`.
const RSA_1024_CSR: &str = "\
-----BEGIN CERTIFICATE REQUEST-----\n\
MIIBWjCBxAIBADAbMRkwFwYDVQQDDBB3ZWFrLmV4YW1wbGUuY29tMIGfMA0GCSqG\n\
SIb3DQEBAQUAA4GNADCBiQKBgQDaPHDt0DP2UANOwX2f1xFE03xMiuqsblpNQrbx\n\
vPE0Zy98vLjh0K9Ph9Lr949zAQy0VbiZeUOTHAKMgiQqeBv4IYcZK8wjb6kl2lry\n\
23iyOSj4dfUp30OhyRVmKleDGMwGnshzut+fylrgVrhz8sVk86qGFeODDOnHJMpZ\n\
pANNYQIDAQABoAAwDQYJKoZIhvcNAQELBQADgYEApRtyiVnG3yAjgWanmKRzIgJk\n\
5/bXrqqhsrWA9Nm/y2tYuDaXMXYt+Hc671v0JmVSJ/N61QUbAd96VrSQMcrZdnkP\n\
VNQyjE+sC5l0yCcCMpYIKoOqyNgtMosqpDC1vmXnmArYhyHob47gOMdkMHmKHNH2\n\
B3ufTmMWYFteIhuykd0=\n\
-----END CERTIFICATE REQUEST-----";
