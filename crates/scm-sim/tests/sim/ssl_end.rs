use serde_json::json;

use crate::harness::Scm;

const REASON: &str = r#"{"reasonCode":1,"reason":"key lost"}"#;

#[tokio::test]
async fn revoke_and_what_comes_after() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let answer = scm.post(&format!("/api/ssl/v1/revoke/{id}"), REASON).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(
        (&details["status"], &details["reasonCode"]),
        (&json!("Revoked"), &json!(1))
    );
    assert!(details["revoked"].is_string());
    scm.get(&format!("/api/ssl/v1/collect/{id}"))
        .await
        .refused(400, -110);
    scm.post(&format!("/api/ssl/v1/revoke/{id}"), REASON)
        .await
        .refused(400, -159);
    scm.switch(json!({ "reason_code_as_text": true })).await;
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(details["reasonCode"], "1");
}

#[tokio::test]
async fn reason_codes() {
    let scm = Scm::start().await;
    for code in [json!(0), json!(1), json!(3), json!(4), json!(5), json!("4")] {
        let id = scm.enrolled("www.example.com").await;
        let body = json!({ "reasonCode": code, "reason": "x" }).to_string();
        let answer = scm.post(&format!("/api/ssl/v2/revoke/{id}"), &body).await;
        assert_eq!(answer.status, 204, "{code}: {}", answer.text());
    }
    let id = scm.enrolled("www.example.com").await;
    let path = format!("/api/ssl/v1/revoke/{id}");
    for code in [2, 6, -1, 300] {
        let body = json!({ "reasonCode": code, "reason": "x" }).to_string();
        scm.post(&path, &body).await.refused(400, -1001);
    }
    let body = json!({ "reasonCode": "LOST", "reason": "x" }).to_string();
    scm.post(&path, &body).await.refused(400, -1002);
    for body in [
        json!({ "reasonCode": 0 }),
        json!({ "reasonCode": 0, "reason": " " }),
    ] {
        scm.post(&path, &body.to_string()).await.refused(400, -1001);
    }
    scm.switch(json!({ "strict_reason_code": true })).await;
    scm.post(&path, "{\"reason\":\"x\"}")
        .await
        .refused(400, -1001);
    scm.switch(json!({ "strict_reason_code": false })).await;
    assert_eq!(scm.post(&path, "{\"reason\":\"x\"}").await.status, 204);
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(details["reasonCode"], 0);
}

#[tokio::test]
async fn only_issued_certificates_can_be_revoked() {
    let scm = Scm::start().await;
    let id = scm
        .enrolled_with("a.example.com", json!({ "certType": 55 }))
        .await;
    scm.post(&format!("/api/ssl/v1/revoke/{id}"), REASON)
        .await
        .refused(400, -102);
    scm.post("/api/ssl/v1/revoke/999999", REASON)
        .await
        .refused(404, -5101);
}

#[tokio::test]
async fn revoke_by_serial_in_any_spelling() {
    let scm = Scm::start().await;
    for spell in [
        |serial: &str| serial.to_owned(),
        |serial: &str| serial.replace(':', ""),
        |serial: &str| serial.to_lowercase(),
    ] {
        let id = scm.enrolled("www.example.com").await;
        let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
        let serial = spell(details["serialNumber"].as_str().unwrap());
        let path = format!("/api/ssl/v1/revoke/serial/{serial}");
        assert_eq!(scm.post(&path, REASON).await.status, 204, "{serial}");
        assert_eq!(scm.status(id).await, "Revoked");
    }
    scm.post("/api/ssl/v1/revoke/serial/AB:CD", REASON)
        .await
        .refused(404, -5101);
}

/// Its id stands for the certificate that has taken its place, and that one stays.
#[tokio::test]
async fn a_certificate_that_was_replaced_is_revoked_by_its_serial_alone() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    let body = json!({"csr": crate::harness::csr("www.example.com"), "reason": "lost"});
    let path = format!("/api/ssl/v1/replace/{id}");
    assert!(scm.post(&path, &body.to_string()).await.status < 300);
    let path = format!(
        "/api/ssl/v1/revoke/serial/{}",
        details["serialNumber"].as_str().unwrap()
    );
    assert_eq!(scm.post(&path, REASON).await.status, 204);
    assert_eq!(scm.status(id).await, "Issued");
    scm.post(&path, REASON).await.refused(400, -159);
}

#[tokio::test]
async fn mark_revoked_changes_the_books_but_not_the_ca() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let path = "/api/ssl/v1/revoke/manual";
    scm.post(path, "{\"reasonCode\":1}")
        .await
        .refused(400, -951);
    let body =
        json!({ "certId": id, "reasonCode": 1, "revokeDate": "2026-01-02T03:04:05.000+01:00" });
    assert_eq!(scm.post(path, &body.to_string()).await.status, 204);
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(
        (&details["status"], &details["revoked"]),
        (&json!("Revoked"), &json!("01/02/2026"))
    );
    let crl = scm.get("/pki/issuing.crl").await;
    assert!(crate::issuance::revoked_serials(&crl.body).is_empty());
    scm.post(path, &body.to_string()).await.refused(400, -159);
    let id = scm.enrolled("www.example.com").await;
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    let body = json!({ "serialNumber": details["serialNumber"], "issuer": "any" });
    assert_eq!(scm.post(path, &body.to_string()).await.status, 204);
}

#[tokio::test]
async fn approve_and_decline() {
    let scm = Scm::start().await;
    let message = json!({ "message": "looks right" }).to_string();
    let id = scm
        .enrolled_with("a.example.com", json!({ "certType": 55 }))
        .await;
    let path = format!("/api/ssl/v1/approve/{id}");
    scm.post(&path, "{}").await.refused(400, -1001);
    scm.post(&path, "{\"message\":\"\"}")
        .await
        .refused(400, -1001);
    assert_eq!(scm.post(&path, &message).await.status, 204);
    assert_eq!(scm.status(id).await, "Issued");
    scm.post(&path, &message).await.refused(400, -1112);
    let id = scm
        .enrolled_with("b.example.com", json!({ "certType": 55 }))
        .await;
    assert_eq!(
        scm.post(&format!("/api/ssl/v2/decline/{id}"), &message)
            .await
            .status,
        204
    );
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(details["status"], "Declined");
    assert!(details["declined"].is_string());
}

#[tokio::test]
async fn who_may_approve() {
    let scm = Scm::with_toml(
        r#"
        accounts = [
            { login = "clerk", password = "c", auto_approve = false },
            { login = "boss", password = "b" },
        ]
        [switches]
        forbid_own_approval = true"#,
    )
    .await;
    let id = scm.enrolled("a.example.com").await;
    assert_eq!(
        scm.status(id).await,
        "Requested",
        "the clerk has no auto-approval"
    );
    let path = format!("/api/ssl/v1/approve/{id}");
    let message = json!({ "message": "yes" }).to_string();
    scm.post(&path, &message).await.refused(400, -1140);
    let by_boss = scm
        .http
        .post(format!("{}{path}", scm.sim.base_url))
        .header("login", "boss")
        .header("password", "b")
        .header("customerUri", "example")
        .body(message);
    assert_eq!(crate::harness::answer(by_boss).await.status, 204);
    assert_eq!(scm.status(id).await, "Issued");
}

#[tokio::test]
async fn verdicts_that_come_by_themselves() {
    let scm = Scm::start().await;
    scm.rule(json!({ "common_name": "*.auto.example", "approve_after": "20s" }))
        .await;
    scm.rule(json!({ "common_name": "*.no.example", "decline_after": "10s" }))
        .await;
    let auto = scm.enrolled("a.auto.example").await;
    let no = scm.enrolled("a.no.example").await;
    assert_eq!(scm.status(auto).await, "Requested");
    scm.advance("15s").await;
    assert_eq!(
        (
            scm.status(auto).await.as_str(),
            scm.status(no).await.as_str()
        ),
        ("Requested", "Declined")
    );
    scm.advance("6s").await;
    assert_eq!(scm.status(auto).await, "Issued");
}

#[tokio::test]
async fn only_what_was_brought_in_can_be_deleted() {
    let scm = Scm::start().await;
    let id = scm.enrolled("a.example.com").await;
    let path = format!("/api/ssl/v1/{id}");
    scm.delete(&path).await.refused(400, -3);
    assert_eq!(
        scm.post(&format!("/control/orders/{id}/discover"), "")
            .await
            .status,
        200
    );
    assert_eq!(scm.delete(&path).await.status, 204);
    scm.get(&path).await.refused(404, -5101);
}

#[tokio::test]
async fn expiry_is_a_status() {
    let scm = Scm::start().await;
    let id = scm
        .enrolled_with("a.example.com", json!({ "certType": 54, "term": 30 }))
        .await;
    assert_eq!(scm.status(id).await, "Issued");
    scm.advance("11m").await;
    assert_eq!(scm.status(id).await, "Expired");
    assert_eq!(
        scm.get("/api/ssl/v1?status=Expired")
            .await
            .header("X-Total-Count"),
        "1"
    );
    assert_eq!(
        scm.get(&format!("/api/ssl/v1/collect/{id}")).await.status,
        200
    );
}

#[tokio::test]
async fn reasons_and_messages_have_512_characters_at_most() {
    let scm = Scm::start().await;
    let long = "x".repeat(513);
    let id = scm.enrolled("a.example.com").await;
    let body = json!({ "reasonCode": 0, "reason": long }).to_string();
    scm.post(&format!("/api/ssl/v1/revoke/{id}"), &body)
        .await
        .refused(400, -1001);
    let id = scm
        .enrolled_with("b.example.com", json!({ "certType": 55 }))
        .await;
    let body = json!({ "message": long }).to_string();
    for step in ["approve", "decline"] {
        scm.post(&format!("/api/ssl/v1/{step}/{id}"), &body)
            .await
            .refused(400, -1001);
    }
    let body = json!({ "message": "x".repeat(512) }).to_string();
    let decline = format!("/api/ssl/v1/decline/{id}");
    assert_eq!(scm.post(&decline, &body).await.status, 204);
    let again = scm.post(&decline, &body).await;
    again.refused(400, -1112);
    let words = again.json()["description"].to_string();
    assert!(
        words.contains("decline") && words.contains("Declined"),
        "{words}"
    );
}

#[tokio::test]
async fn only_issued_certificates_can_be_marked_revoked() {
    let scm = Scm::start().await;
    let id = scm
        .enrolled_with("a.example.com", json!({ "certType": 55 }))
        .await;
    let body = json!({ "certId": id, "reasonCode": 1 }).to_string();
    scm.post("/api/ssl/v1/revoke/manual", &body)
        .await
        .refused(400, -102);
}
