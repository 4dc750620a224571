//! What goes over the wire.

use scm_client::{ClientEnroll, CustomField, SslEnroll, SslFilter, SslReplace};
use serde_json::json;

use crate::client;
use crate::wire::{Wire, answer, json as reply};

#[tokio::test]
async fn an_order_carries_what_scm_wants() {
    let wire = Wire::new([reply(200, r#"{"sslId":1}"#), reply(200, r#"{"sslId":2}"#)]).await;
    let client = client(&wire.url);
    let mut order = SslEnroll {
        org_id: 7,
        csr: "-----BEGIN CERTIFICATE REQUEST-----\nAA+/=\n-----END CERTIFICATE REQUEST-----\n"
            .into(),
        profile_id: 3,
        term: 365,
        subject_alt_names: vec!["a.example".into(), "b.example".into()],
        comments: "tag".into(),
        external_requester: Some("ann@example.com".into()),
        custom_fields: vec![CustomField {
            name: "cost".into(),
            value: "7".into(),
        }],
        ..SslEnroll::default()
    };
    client.ssl().enroll(&order).await.unwrap();
    let sent = wire.last();
    assert_eq!(sent.line(), "POST /api/ssl/v1/enroll");
    assert!(sent.headers["content-type"].starts_with("application/json"));
    assert_eq!(
        sent.json(),
        json!({"orgId": 7, "csr": order.csr, "certType": 3, "term": 365, "subjAltNames": "a.example,b.example",
            "comments": "tag", "externalRequester": "ann@example.com", "customFields": [{"name": "cost", "value": "7"}]})
    );
    order.subject_alt_names.clear();
    order.custom_fields.clear();
    order.comments.clear();
    order.external_requester = None;
    client.ssl().enroll(&order).await.unwrap();
    assert_eq!(
        wire.last().json(),
        json!({"orgId": 7, "csr": order.csr, "certType": 3, "term": 365})
    );
}

#[tokio::test]
async fn renew_replace_and_revoke() {
    let done = || answer(204, "", "");
    let wire = Wire::new([
        reply(200, r#"{"sslId":"59"}"#),
        reply(200, r#"{"sslId":60}"#),
        done(),
        done(),
        done(),
    ])
    .await;
    let client = client(&wire.url);
    assert_eq!(client.ssl().renew_by_id(58, None).await.unwrap(), 59);
    assert_eq!(
        (wire.last().line(), wire.last().body),
        ("POST /api/ssl/v1/renewById/58".into(), "{}".into())
    );
    assert_eq!(client.ssl().renew_by_id(58, Some("csr")).await.unwrap(), 60);
    assert_eq!(wire.last().json(), json!({"csr": "csr"}));
    let replacement = SslReplace {
        csr: "csr".into(),
        reason: "lost".into(),
        common_name: None,
        subject_alt_names: vec!["a.example".into(), "b.example".into()],
    };
    client.ssl().replace(58, &replacement).await.unwrap();
    assert_eq!(wire.last().line(), "POST /api/ssl/v1/replace/58");
    assert_eq!(
        wire.last().json(),
        json!({"csr": "csr", "reason": "lost", "subjectAlternativeNames": ["a.example", "b.example"]})
    );
    client.ssl().revoke(58, 4, "superseded").await.unwrap();
    assert_eq!(wire.last().line(), "POST /api/ssl/v1/revoke/58");
    assert_eq!(
        wire.last().json(),
        json!({"reasonCode": 4, "reason": "superseded"})
    );
    client.client().revoke("1923", 0, "left").await.unwrap();
    assert_eq!(wire.last().line(), "POST /api/smime/v1/revoke/order/1923");
    assert_eq!(
        wire.last().json(),
        json!({"reasonCode": 0, "reason": "left"})
    );
}

#[tokio::test]
async fn client_certificates_have_their_own_calls() {
    let ids = r#"{"orderNumber":2,"backendCertId":"2"}"#;
    let wire = Wire::new([
        reply(200, ids),
        reply(200, ids),
        reply(200, r#"{"id":9,"status":"issued"}"#),
    ])
    .await;
    let client = client(&wire.url);
    let order = ClientEnroll {
        org_id: 7,
        csr: "csr".into(),
        profile_id: 3,
        term: 365,
        email: "ann@example.com".into(),
        first_name: "Ann".into(),
        last_name: "Lee".into(),
        secondary_emails: vec!["a.lee@example.com".into()],
        comments: "tag".into(),
        ..ClientEnroll::default()
    };
    client.client().enroll(&order).await.unwrap();
    assert_eq!(wire.last().line(), "POST /api/smime/v1/enroll");
    assert_eq!(
        wire.last().json(),
        json!({"orgId": 7, "csr": "csr", "certType": 3, "term": 365, "email": "ann@example.com", "firstName": "Ann",
            "lastName": "Lee", "secondaryEmails": ["a.lee@example.com"], "comments": "tag"})
    );
    client.client().renew("1923").await.unwrap();
    assert_eq!(
        (wire.last().line(), wire.last().body),
        ("POST /api/smime/v2/renew/order/1923".into(), String::new())
    );
    assert_eq!(client.client().details(9).await.unwrap().id, Some(9));
    assert_eq!(wire.last().line(), "GET /api/smime/v1/9");
}

#[tokio::test]
async fn names_in_a_filter_are_escaped() {
    let wire = Wire::new([reply(200, "[]")]).await;
    let filter = SslFilter {
        common_name: Some("*.a&b.example".into()),
        org_id: Some(7),
        ..SslFilter::default()
    };
    assert!(
        client(&wire.url)
            .ssl()
            .list(&filter)
            .all(10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        wire.last().line(),
        "GET /api/ssl/v1?commonName=*.a%26b.example&orgId=7&size=200&position=0"
    );
}
