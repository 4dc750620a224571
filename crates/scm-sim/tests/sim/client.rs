use serde_json::{Value, json};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::harness::{Scm, csr};

const ENROLL: &str = "/api/smime/v1/enroll";

fn enrolment(others: Value) -> String {
    let mut body = json!({
        "orgId": 123,
        "csr": csr("anything"),
        "certType": 61,
        "term": 365,
        "email": "ann@example.com",
        "firstName": "Ann",
        "middleName": "B.",
        "lastName": "Smith",
    });
    for (name, value) in others.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.to_string()
}

/// Enrols and answers `backendCertId`.
async fn enrolled(scm: &Scm, others: Value) -> String {
    let answer = scm.post(ENROLL, &enrolment(others)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["backendCertId"].as_str().unwrap().to_owned()
}

async fn in_list(scm: &Scm, backend: &str) -> Value {
    let list = scm
        .get(&format!("/api/smime/v2?backendCertId={backend}"))
        .await
        .json();
    list[0].clone()
}

#[tokio::test]
async fn enroll_answers_only_the_numbers_of_the_ca() {
    let scm = Scm::start().await;
    for version in ["v1", "v2"] {
        let answer = scm
            .post(
                &format!("/api/smime/{version}/enroll"),
                &enrolment(json!({})),
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let body = answer.json();
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        assert_eq!(
            body["orderNumber"].to_string(),
            body["backendCertId"].as_str().unwrap()
        );
    }
}

#[tokio::test]
async fn the_certificate_names_the_person() {
    let scm = Scm::start().await;
    let others = json!({ "secondaryEmails": ["ann.smith@example.com"], "eppn": "ann", "upn": "ann@ad", "phone": "+1 (555) 010-0" });
    let backend = enrolled(&scm, others).await;
    let answer = scm
        .get(&format!("/api/smime/v1/collect/{backend}?format=x509CO"))
        .await;
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    let der = pem::parse(&answer.body).unwrap().into_contents();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let name = certificate.subject().iter_common_name().next().unwrap();
    assert_eq!(name.as_str().unwrap(), "Ann B. Smith");
    let usage = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.email_protection && !usage.server_auth);
    let details = in_list(&scm, &backend).await["certificateDetails"].clone();
    assert_eq!(
        details["subjectAltNames"],
        "rfc822Name=ann@example.com, rfc822Name=ann.smith@example.com"
    );
    scm.switch(json!({ "reverse_email_names": true })).await;
    let others = json!({ "secondaryEmails": ["z@example.com"], "commonName": "Chosen" });
    let backend = enrolled(&scm, others).await;
    let details = in_list(&scm, &backend).await["certificateDetails"].clone();
    assert_eq!(
        details["subjectAltNames"],
        "rfc822Name=z@example.com, rfc822Name=ann@example.com"
    );
    assert!(details["subject"].as_str().unwrap().contains("CN=Chosen"));
}

#[tokio::test]
async fn every_collect_format() {
    let scm = Scm::start().await;
    let backend = enrolled(&scm, json!({})).await;
    let count = async |format: &str| {
        let path = format!("/api/smime/v2/collect/{backend}?format={format}");
        pem::parse_many(scm.get(&path).await.body).unwrap().len()
    };
    for (format, certificates) in [
        ("x509", 3),
        ("x509R", 3),
        ("pem", 3),
        ("pemia", 3),
        ("pemco", 1),
        ("x509IO", 2),
        ("base64", 1),
    ] {
        assert_eq!(count(format).await, certificates, "{format}");
    }
    let default = scm.get(&format!("/api/smime/v1/collect/{backend}")).await;
    assert!(default.text().starts_with("-----BEGIN PKCS7-----"));
    scm.get(&format!("/api/smime/v1/collect/{backend}?format=p12"))
        .await
        .refused(400, -126);
    scm.get("/api/smime/v1/collect/7").await.refused(404, -5101);
}

#[tokio::test]
async fn not_ready_and_revoked() {
    let scm = Scm::start().await;
    for (encoding, code) in [("code0", 0), ("code-183", -183)] {
        scm.rule(json!({ "polls": 1, "not_ready": encoding })).await;
        let backend = enrolled(&scm, json!({})).await;
        assert_eq!(in_list(&scm, &backend).await["state"], "requested");
        let path = format!("/api/smime/v1/collect/{backend}");
        scm.get(&path).await.refused(400, code);
        assert_eq!(scm.get(&path).await.status, 200);
        let revoke = format!("/api/smime/v1/revoke/order/{backend}");
        assert_eq!(
            scm.post(&revoke, "{\"reasonCode\":4,\"reason\":\"\"}")
                .await
                .status,
            204
        );
        scm.get(&path).await.refused(400, -192);
        scm.post(&revoke, "{\"reasonCode\":4}")
            .await
            .refused(400, -159);
        assert_eq!(in_list(&scm, &backend).await["state"], "revoked");
    }
}

#[tokio::test]
async fn list_details_and_update() {
    let scm = Scm::start().await;
    let backend = enrolled(&scm, json!({ "comments": "tag 9" })).await;
    let item = in_list(&scm, &backend).await;
    assert_eq!(
        (&item["state"], &item["comments"]),
        (&json!("issued"), &json!("tag 9"))
    );
    assert_eq!(item["orderNumber"].to_string(), backend);
    let expires = item["expires"].as_str().unwrap();
    assert_eq!(
        (expires.len(), &expires[4..5]),
        (10, "-"),
        "yyyy-MM-dd: {expires}"
    );
    let id = &item["id"];
    for path in [format!("/api/smime/v1/{id}"), format!("/api/smime/v2/{id}")] {
        let details = scm.get(&path).await.json();
        assert_eq!(details["commonName"], "Ann B. Smith");
        assert_eq!(details["requestedVia"], "API Enroll");
        assert_eq!(details["status"], "issued");
        assert_eq!(&details["expires"].as_str().unwrap()[2..3], "/");
        assert_eq!(
            details["extendedKeyUsages"],
            json!(["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4"])
        );
    }
    let body = json!({ "comments": "changed", "customFields": [{ "name": "Employee Number", "value": "12" }] });
    let details = scm
        .put(&format!("/api/smime/v1/{id}"), &body.to_string())
        .await
        .json();
    assert_eq!(details["comments"], "changed");
    assert_eq!(details["customFields"], body["customFields"]);
    scm.get("/api/smime/v1/999999").await.refused(404, -5101);
    let head = scm.head("/api/smime/v2?state=issued").await;
    assert_eq!((head.status, head.header("X-Total-Count")), (200, "1"));
}

#[tokio::test]
async fn filters_and_lists_of_a_person() {
    let scm = Scm::start().await;
    let ann = enrolled(&scm, json!({})).await;
    let bob = json!({ "email": "bob@example.com", "firstName": "Bob", "certType": 62 });
    let bob = enrolled(&scm, bob).await;
    let person = scm
        .get("/api/person/v1/id/byEmail/bob%40example.com")
        .await
        .json()["personId"]
        .clone();
    let serial = in_list(&scm, &bob).await["serialNumber"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in [
        "/api/smime/v2?email=bob@example.com".to_owned(),
        "/api/smime/v2?certTypeId=62&state=issued".to_owned(),
        format!("/api/smime/v2?personId={person}"),
        format!("/api/smime/v2?serialNumber={serial}"),
        format!("/api/smime/v2?backendCertId={bob}"),
        format!("/api/smime/v2/byPersonId/{person}"),
        "/api/smime/v2/byPersonEmail/bob@example.com".to_owned(),
        "/api/smime/v1/byPersonEmail/bob%40example%2Ecom".to_owned(),
    ] {
        let found = scm.get(&path).await.json();
        assert_eq!(found.as_array().unwrap().len(), 1, "{path}: {found}");
        assert_eq!(found[0]["backendCertId"], bob, "{path}");
    }
    assert_ne!(ann, bob);
    assert_eq!(
        scm.get("/api/smime/v2?size=1&position=1")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    scm.get("/api/smime/v2/byPersonEmail/eve@example.com")
        .await
        .refused(404, -105);
}

#[tokio::test]
async fn a_rejected_request_has_empty_and_null_values() {
    let scm = Scm::start().await;
    scm.rule(json!({ "reject": true })).await;
    enrolled(&scm, json!({})).await;
    let item = scm.get("/api/smime/v2?state=rejected").await.json()[0].clone();
    assert_eq!(item["serialNumber"], "");
    assert_eq!(item["orderNumber"], 0);
    assert_eq!(item["backendCertId"], Value::Null);
    assert_eq!(item["expires"], Value::Null);
}

#[tokio::test]
async fn renew_uses_the_same_key_under_new_numbers() {
    let scm = Scm::start().await;
    let old = enrolled(&scm, json!({})).await;
    let serial = in_list(&scm, &old).await["serialNumber"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in [
        format!("/api/smime/v2/renew/order/{old}"),
        format!("/api/smime/v2/renew/serial/{serial}"),
    ] {
        let answer = scm.post(&path, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let new = answer.json()["backendCertId"].as_str().unwrap().to_owned();
        assert_ne!(new, old);
        assert_eq!(key(&scm, &new).await, key(&scm, &old).await);
    }
    let body = json!({ "csr": csr("x"), "reason": "r", "revoke": true }).to_string();
    let answer = scm
        .post(&format!("/api/smime/v2/replace/order/{old}"), &body)
        .await;
    let new = answer.json()["backendCertId"].as_str().unwrap().to_owned();
    assert_eq!(in_list(&scm, &old).await["state"], "revoked");
    assert_eq!(
        scm.get(&format!("/api/smime/v1/collect/{new}"))
            .await
            .status,
        200
    );
    scm.post(&format!("/api/smime/v2/renew/order/{old}"), "")
        .await
        .refused(400, -123);
    scm.post("/api/smime/v2/renew/serial/a_b", "")
        .await
        .refused(400, -1001);
}

async fn key(scm: &Scm, backend: &str) -> Vec<u8> {
    let answer = scm
        .get(&format!("/api/smime/v1/collect/{backend}?format=pemco"))
        .await;
    let der = pem::parse(&answer.body).unwrap().into_contents();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    certificate.public_key().raw.to_vec()
}

#[tokio::test]
async fn revoke_by_serial_and_by_email() {
    let scm = Scm::start().await;
    let first = enrolled(&scm, json!({})).await;
    let serial = in_list(&scm, &first).await["serialNumber"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/smime/v1/revoke/serial/{serial}");
    assert_eq!(
        scm.post(&path, "{\"reasonCode\":1,\"reason\":\"x\"}")
            .await
            .status,
        204
    );
    let (second, third) = (
        enrolled(&scm, json!({})).await,
        enrolled(&scm, json!({})).await,
    );
    let body = json!({ "email": "ann@example.com", "reason": "gone", "reasonCode": 5 }).to_string();
    assert_eq!(scm.post("/api/smime/v1/revoke", &body).await.status, 204);
    for backend in [second, third] {
        assert_eq!(in_list(&scm, &backend).await["state"], "revoked");
    }
    scm.post("/api/smime/v1/revoke", &body)
        .await
        .refused(404, -1108);
    scm.post("/api/smime/v1/revoke", "{}")
        .await
        .refused(400, -1001);
    let other = enrolled(&scm, json!({})).await;
    let id = &in_list(&scm, &other).await["id"];
    let body = json!({ "certId": id, "reasonCode": 1 }).to_string();
    assert_eq!(
        scm.post("/api/smime/v1/revoke/manual", &body).await.status,
        204
    );
    scm.delete(&format!("/api/smime/v1/{id}"))
        .await
        .refused(400, -3);
}

#[tokio::test]
async fn refusals_have_their_codes() {
    let scm = Scm::start().await;
    for (others, code) in [
        (json!({ "email": null }), -1001),
        (json!({ "firstName": "" }), -1001),
        (json!({ "lastName": null }), -1001),
        (json!({ "email": "nobody" }), -518),
        (json!({ "secondaryEmails": "a@example.com" }), -1002),
        (json!({ "secondaryEmails": ["nobody"] }), -518),
        (json!({ "phone": "call me" }), -1001),
        (json!({ "phone": "1".repeat(33) }), -1001),
        (json!({ "commonName": "x".repeat(65) }), -1001),
        (
            json!({ "firstName": "x".repeat(40), "lastName": "y".repeat(40) }),
            -508,
        ),
        (json!({ "orgId": 999 }), -639),
        (json!({ "orgId": 200 }), -1021),
        (json!({ "certType": 51 }), -172),
        (json!({ "term": 7 }), -36),
        (json!({ "csr": "?" }), -9),
        (
            json!({ "customFields": [{ "name": "Employee Number", "value": "many" }] }),
            -160,
        ),
        (
            json!({ "customFields": [{ "name": "Cost Center", "value": "1" }] }),
            -135,
        ),
    ] {
        scm.post(ENROLL, &enrolment(others.clone()))
            .await
            .refused(400, code);
    }
    for _ in 0..2 {
        enrolled(&scm, json!({ "certType": 62 })).await;
    }
    scm.post(ENROLL, &enrolment(json!({ "certType": 62 })))
        .await
        .refused(400, -188);
}

#[tokio::test]
async fn profiles_and_custom_fields() {
    let scm = Scm::start().await;
    for version in ["v1", "v2"] {
        let types = scm
            .get(&format!("/api/smime/{version}/types?organizationId=123"))
            .await
            .json();
        assert_eq!(
            (&types[0]["id"], &types[0]["terms"]),
            (&json!(61), &json!([365, 730]))
        );
        let fields = scm
            .get(&format!("/api/smime/{version}/customFields"))
            .await
            .json();
        assert_eq!(
            fields,
            json!([{ "id": 4, "name": "Employee Number", "mandatory": false }])
        );
    }
}

#[tokio::test]
async fn every_documented_filter_chooses() {
    let scm = Scm::start().await;
    let ann = enrolled(&scm, json!({})).await;
    let found = async |filter: &str| {
        let answer = scm.get(&format!("/api/smime/v2?{filter}")).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
        answer.json().as_array().unwrap().len()
    };
    for (filter, expected) in [
        ("signatureAlgorithm=SHA256withECDSA", 1),
        ("signatureAlgorithm=MD5", 0),
        ("keyAlgorithm=EC&keyParam=P-256", 1),
        ("keyAlgorithm=RSA", 0),
        ("keyUsage=Digital%20Signature", 1),
        ("keyUsage=Key%20Encipherment", 0),
        ("extendedKeyUsage=1.3.6.1.5.5.7.3.4", 1),
        ("extendedKeyUsage=1.3.6.1.5.5.7.3.1", 0),
        ("email=nn@example.com", 1),
    ] {
        assert_eq!(found(filter).await, expected, "{filter}");
    }
    scm.switch(json!({ "filters": "exact" })).await;
    assert_eq!(found("email=nn@example.com").await, 0);
    assert_eq!(found("email=ANN@example.com").await, 1);
    for (name, longest) in [("serialNumber", 64), ("backendCertId", 255)] {
        let path = format!("/api/smime/v2?{name}={}", "1".repeat(longest + 1));
        scm.get(&path).await.refused(400, -1001);
    }
    assert!(!ann.is_empty());
}

#[tokio::test]
async fn every_documented_state_word_can_be_shown() {
    let scm = Scm::start().await;
    for word in ["", "created", "pre_revoked", "downloaded"] {
        scm.rule(json!({ "polls": 9, "show_status": word })).await;
        let backend = enrolled(&scm, json!({})).await;
        let item = in_list(&scm, &backend).await;
        assert_eq!(item["state"], word);
        let details = scm
            .get(&format!("/api/smime/v1/{}", item["id"]))
            .await
            .json();
        assert_eq!(details["status"], word);
    }
}

#[tokio::test]
async fn an_organisation_without_a_client_profile() {
    let scm = Scm::with_toml("profiles = [{ id = 61, name = 'S/MIME', kind = 'client', organisations = [200] }, { id = 1, name = 'OV' }]").await;
    scm.post(ENROLL, &enrolment(json!({})))
        .await
        .refused(400, -184);
}

#[tokio::test]
async fn dates_of_details_follow_the_switch_and_the_parameter() {
    let scm = Scm::start().await;
    let backend = enrolled(&scm, json!({})).await;
    let id = in_list(&scm, &backend).await["id"].clone();
    let expires = async |query: &str| {
        let path = format!("/api/smime/v1/{id}{query}");
        let details = scm.get(&path).await.json();
        details["expires"].as_str().unwrap().to_owned()
    };
    assert_eq!(&expires("").await[2..3], "/");
    assert_eq!(&expires("?dateFormat=EU").await[2..3], ".");
    scm.switch(json!({ "dates": "iso" })).await;
    assert_eq!(&expires("").await[4..5], "-");
}
