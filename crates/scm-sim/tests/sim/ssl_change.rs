use serde_json::{Value, json};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::harness::{Scm, csr, csr_for};

fn public_key(der: &[u8]) -> Vec<u8> {
    let (_, certificate) = X509Certificate::from_der(der).unwrap();
    certificate.public_key().raw.to_vec()
}

async fn details(scm: &Scm, id: u64) -> Value {
    scm.get(&format!("/api/ssl/v1/{id}")).await.json()
}

#[tokio::test]
async fn renew_by_id_makes_a_new_order_from_the_old_one() {
    let scm = Scm::start().await;
    let others = json!({ "subjAltNames": "b.example.com", "comments": "kept", "term": 199 });
    let old = scm.enrolled_with("www.example.com", others).await;
    for body in ["{}", ""] {
        let answer = scm
            .post(&format!("/api/ssl/v1/renewById/{old}"), body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let new = answer.json()["sslId"].as_u64().unwrap();
        assert_ne!(new, old);
        let (was, is) = (details(&scm, old).await, details(&scm, new).await);
        assert_eq!(
            (&was["status"], &was["renewed"]),
            (&json!("Issued"), &json!(true))
        );
        assert!(was["renewedDate"].is_string());
        for name in ["commonName", "subjectAlternativeNames", "comments", "term"] {
            assert_eq!(was[name], is[name], "{name}");
        }
        assert_ne!(was["serialNumber"], is["serialNumber"]);
        let keys = (
            public_key(&scm.leaf(old).await),
            public_key(&scm.leaf(new).await),
        );
        assert_eq!(keys.0, keys.1, "without a CSR the old key is used again");
    }
}

#[tokio::test]
async fn renew_takes_another_key() {
    let scm = Scm::start().await;
    let old = scm.enrolled("www.example.com").await;
    let body = json!({ "csr": csr("www.example.com") }).to_string();
    let answer = scm
        .post(&format!("/api/ssl/v2/renewById/{old}"), &body)
        .await;
    let new = answer.json()["sslId"].as_u64().unwrap();
    assert_ne!(
        public_key(&scm.leaf(old).await),
        public_key(&scm.leaf(new).await)
    );
}

#[tokio::test]
async fn renew_by_renew_id_tells_no_id() {
    let scm = Scm::start().await;
    let body = crate::harness::enrolment("www.example.com", json!({}));
    let enrolled = scm.post("/api/ssl/v1/enroll", &body).await.json();
    let renew_id = enrolled["renewId"].as_str().unwrap();
    let answer = scm
        .post(&format!("/api/ssl/v1/renew/{renew_id}"), "{}")
        .await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(scm.orders("www.example.com").await, 2);
    scm.post("/api/ssl/v1/renew/unknown", "{}")
        .await
        .refused(404, -5101);
}

#[tokio::test]
async fn renewals_that_are_refused() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let path = format!("/api/ssl/v1/renewById/{id}");
    for body in ["\"\"", "[]"] {
        scm.post(&path, body).await.refused(400, -1002);
    }
    scm.switch(json!({ "renew_needs_csr": true })).await;
    scm.post(&path, "{}").await.refused(400, -1001);
    scm.switch(json!({ "renew_needs_csr": false })).await;
    let rsa = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let others = json!({ "certType": 56, "term": 365, "csr": csr_for("ev.example.com", &rsa) });
    let not_renewable = scm.enrolled_with("ev.example.com", others).await;
    let path = format!("/api/ssl/v1/renewById/{not_renewable}");
    scm.post(&path, "{}").await.refused(400, -180);
    let waiting = scm
        .enrolled_with("w.example.com", json!({ "certType": 55 }))
        .await;
    scm.post(&format!("/api/ssl/v1/renewById/{waiting}"), "{}")
        .await
        .refused(400, -123);
    scm.post("/api/ssl/v1/renewById/999999", "{}")
        .await
        .refused(404, -5101);
}

#[tokio::test]
async fn mark_renewed_needs_a_successor() {
    let scm = Scm::start().await;
    let old = scm.enrolled("www.example.com").await;
    let new = scm.enrolled("www.example.com").await;
    let path = format!("/api/ssl/v1/renew/manual/{old}");
    scm.post(&path, "{}").await.refused(400, -951);
    scm.post(&path, "{\"id\":999999}").await.refused(400, -124);
    assert_eq!(details(&scm, old).await["renewed"], false);
    assert_eq!(
        scm.post(&path, &json!({ "id": new }).to_string())
            .await
            .status,
        204
    );
    assert_eq!(details(&scm, old).await["renewed"], true);
    let number = details(&scm, new).await["orderNumber"].to_string();
    let body = json!({ "orderNumber": number }).to_string();
    assert_eq!(scm.post(&path, &body).await.status, 204);
}

#[tokio::test]
async fn replace_keeps_the_id_and_swaps_the_certificate_later() {
    let scm = Scm::start().await;
    let id = scm
        .enrolled_with(
            "www.example.com",
            json!({ "subjAltNames": "b.example.com" }),
        )
        .await;
    let before = (scm.leaf(id).await, details(&scm, id).await);
    scm.rule(json!({ "call": "replace", "delay": "5m" })).await;
    let body = json!({
        "csr": csr("www.example.com"),
        "reason": "key lost",
        "subjectAlternativeNames": ["c.example.com"],
    })
    .to_string();
    let path = format!("/api/ssl/v1/replace/{id}");
    let answer = scm.post(&path, &body).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(
        scm.leaf(id).await,
        before.0,
        "the old one until the new one is issued"
    );
    scm.switch(json!({ "old_certificate_while_replacing": false }))
        .await;
    scm.get(&format!("/api/ssl/v1/collect/{id}"))
        .await
        .refused(400, 0);
    scm.advance("6m").await;
    let after = (scm.leaf(id).await, details(&scm, id).await);
    assert_ne!(public_key(&before.0), public_key(&after.0));
    assert_eq!(after.1["status"], "Issued");
    assert_eq!(after.1["subjectAlternativeNames"], json!(["c.example.com"]));
    assert_eq!(after.1["backendCertId"], before.1["backendCertId"]);
    assert!(after.1["replaced"].is_string());
    assert_eq!(scm.orders("www.example.com").await, 1);
}

#[tokio::test]
async fn replacements_that_are_refused() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let path = format!("/api/ssl/v1/replace/{id}");
    let csr = csr("www.example.com");
    scm.post(&path, "").await.refused(400, -1002);
    scm.post(&path, &json!({ "reason": "x" }).to_string())
        .await
        .refused(400, -1001);
    scm.post(&path, &json!({ "csr": csr }).to_string())
        .await
        .refused(400, -1001);
    let empty = json!({ "csr": csr, "reason": "" }).to_string();
    scm.post(&path, &empty).await.refused(400, -1001);
    let text = json!({ "csr": csr, "reason": "x", "subjectAlternativeNames": "a.example.com" });
    scm.post(&path, &text.to_string()).await.refused(400, -1002);
    let long = json!({ "csr": csr, "reason": "x".repeat(513) }).to_string();
    scm.post(&path, &long).await.refused(400, -1001);
    let waiting = scm
        .enrolled_with("w.example.com", json!({ "certType": 55 }))
        .await;
    let body = json!({ "csr": csr, "reason": "x" }).to_string();
    scm.post(&format!("/api/ssl/v1/replace/{waiting}"), &body)
        .await
        .refused(400, -130);
}

#[tokio::test]
async fn a_rejected_replacement_leaves_the_old_certificate() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let before = scm.leaf(id).await;
    scm.rule(json!({ "call": "replace", "reject": true })).await;
    let body = json!({ "csr": csr("other.example.com"), "reason": "x" }).to_string();
    assert_eq!(
        scm.post(&format!("/api/ssl/v1/replace/{id}"), &body)
            .await
            .status,
        204
    );
    assert_eq!(scm.leaf(id).await, before);
    assert_eq!(details(&scm, id).await["commonName"], "www.example.com");
}

#[tokio::test]
async fn update_changes_remarks_at_any_time_and_the_request_only_before_issue() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let body = json!({ "sslId": id, "comments": "new" }).to_string();
    let answer = scm.put("/api/ssl/v1", &body).await;
    assert_eq!(
        (answer.status, &answer.json()["comments"]),
        (200, &json!("new"))
    );
    let body = json!({ "sslId": id, "term": 199 }).to_string();
    scm.put("/api/ssl/v1", &body).await.refused(400, -3);
    scm.put("/api/ssl/v1", "{\"comments\":\"x\"}")
        .await
        .refused(400, -1001);
    let waiting = scm
        .enrolled_with("w.example.com", json!({ "certType": 55 }))
        .await;
    let body =
        json!({ "sslId": waiting, "term": 199, "subjectAlternativeNames": ["n.example.com"] });
    let changed = scm.put("/api/ssl/v1", &body.to_string()).await.json();
    assert_eq!(
        (&changed["term"], &changed["status"]),
        (&json!(199), &json!("Requested"))
    );
    assert_eq!(changed["subjectAlternativeNames"], json!(["n.example.com"]));
    let body = json!({ "sslId": waiting, "term": 7 }).to_string();
    scm.put("/api/ssl/v1", &body).await.refused(400, -36);
}

#[tokio::test]
async fn a_rejected_request_can_be_mended_and_sent_again() {
    let scm = Scm::start().await;
    scm.rule(json!({ "call": "enroll", "first": 1, "reject": true }))
        .await;
    let id = scm.enrolled("www.example.com").await;
    assert_eq!(scm.status(id).await, "Rejected");
    let body = json!({ "sslId": id, "csr": csr("www.example.com") }).to_string();
    assert_eq!(
        scm.put("/api/ssl/v1", &body).await.json()["status"],
        "Issued"
    );
}

#[tokio::test]
async fn update_keeps_what_scm_itself_does_with_a_certificate() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let before = details(&scm, id).await;
    assert_eq!(before["autoRenewDetails"]["state"], "NOT_SCHEDULED");
    let body = json!({
        "sslId": id,
        "suspendNotifications": true,
        "autoRenewDetails": { "state": "SCHEDULED", "daysBeforeExpiration": "30" },
    });
    let changed = scm.put("/api/ssl/v1", &body.to_string()).await.json();
    assert_eq!(changed["suspendNotifications"], true);
    assert_eq!(
        changed["autoRenewDetails"],
        json!({ "state": "SCHEDULED", "daysBeforeExpiration": 30 })
    );
    assert_eq!(details(&scm, id).await, changed);
    for (member, value, code) in [
        ("externalRequester", json!("nobody"), -518),
        ("externalRequester", json!("x".repeat(513)), -1001),
        ("comments", json!("x".repeat(1025)), -1001),
        ("autoRenewDetails", json!("on"), -1002),
    ] {
        let body = json!({ "sslId": id, member: value }).to_string();
        scm.put("/api/ssl/v1", &body).await.refused(400, code);
    }
}

#[tokio::test]
async fn an_empty_common_name_is_no_name() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let body = json!({ "csr": csr("www.example.com"), "reason": "x", "commonName": "" });
    scm.post(&format!("/api/ssl/v1/replace/{id}"), &body.to_string())
        .await
        .refused(400, -1001);
    let waiting = scm
        .enrolled_with("w.example.com", json!({ "certType": 55 }))
        .await;
    let body = json!({ "sslId": waiting, "commonName": "" }).to_string();
    scm.put("/api/ssl/v1", &body).await.refused(400, -1001);
}

#[tokio::test]
async fn an_order_number_that_nobody_has_is_invalid() {
    let scm = Scm::start().await;
    let old = scm.enrolled("www.example.com").await;
    let path = format!("/api/ssl/v1/renew/manual/{old}");
    scm.post(&path, "{\"orderNumber\":\"7\"}")
        .await
        .refused(400, -1104);
    let body = json!({ "id": old, "dcvMode": "PIGEON" }).to_string();
    scm.post(&path, &body).await.refused(400, -1002);
}
