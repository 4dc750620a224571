use serde_json::{Value, json};

use crate::harness::Scm;

const SSL: &str = "/api/report/v1/ssl-certificates";

async fn ids(scm: &Scm, filter: Value) -> Vec<u64> {
    let answer = scm.post(SSL, &filter.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["statusCode"], 0);
    let reports = answer.json()["reports"].as_array().unwrap().clone();
    reports
        .iter()
        .map(|report| report["id"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn one_call_answers_comments_and_custom_fields() {
    let scm = Scm::start().await;
    let others = json!({
        "comments": "tag 7f3a",
        "externalRequester": "a@example.com",
        "customFields": [{ "name": "Stage", "value": "test" }],
    });
    let id = scm.enrolled_with("www.example.com", others).await;
    let answer = scm
        .post(SSL, &json!({ "commonName": "www.example.com" }).to_string())
        .await;
    let report = &answer.json()["reports"][0];
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    for (name, value) in [
        ("id", json!(id)),
        ("status", json!("Issued")),
        ("comments", json!("tag 7f3a")),
        ("externalRequester", json!("a@example.com")),
        (
            "customFields",
            json!([{ "name": "Stage", "value": "test" }]),
        ),
        ("serialNumber", details["serialNumber"].clone()),
        ("backendCertId", details["backendCertId"].clone()),
        ("sha1", details["certificateDetails"]["sha1Hash"].clone()),
    ] {
        assert_eq!(report[name], value, "{name}");
    }
    let requested = report["requested"].as_str().unwrap();
    assert!(
        requested.ends_with('Z') && requested.contains('T') && requested.contains('.'),
        "{requested}"
    );
}

#[tokio::test]
async fn filters() {
    let scm = Scm::start().await;
    let issued = scm
        .enrolled_with(
            "www.example.com",
            json!({ "externalRequester": "a@example.com" }),
        )
        .await;
    let waiting = scm
        .enrolled_with("w.example.com", json!({ "certType": 55, "orgId": 124 }))
        .await;
    let revoked = scm.enrolled("r.example.com").await;
    scm.post(
        &format!("/api/ssl/v1/revoke/{revoked}"),
        "{\"reason\":\"x\",\"reasonCode\":0}",
    )
    .await;
    let expired = scm
        .enrolled_with("e.example.com", json!({ "certType": 54, "term": 30 }))
        .await;
    scm.advance("15m").await;
    let today = scm.get("/control/clock").await.json()["now"]
        .as_str()
        .unwrap()[..10]
        .to_owned();
    for (filter, expected) in [
        (json!({}), vec![issued, waiting, revoked, expired]),
        (
            json!({ "certificateStatus": 0 }),
            vec![issued, waiting, revoked, expired],
        ),
        (json!({ "certificateStatus": 1 }), vec![waiting]),
        (json!({ "certificateStatus": "2" }), vec![issued]),
        (json!({ "certificateStatus": 3 }), vec![revoked]),
        (json!({ "certificateStatus": 4 }), vec![expired]),
        (json!({ "organizationIds": [124] }), vec![waiting]),
        (
            json!({ "externalRequester": "a@example.com" }),
            vec![issued],
        ),
        (json!({ "commonName": "www" }), vec![issued]),
        (json!({ "from": "2020-01-01", "to": "2020-12-31" }), vec![]),
        (
            json!({ "from": "2020-01-01T00:00:00.000Z", "certificateDateAttribute": 4 }),
            vec![issued, waiting, revoked, expired],
        ),
        (
            json!({ "certificateDateAttribute": 2, "from": "2020-01-01" }),
            vec![revoked],
        ),
        (
            json!({ "certificateDateAttribute": 5, "from": "2020-01-01" }),
            vec![issued, revoked, expired],
        ),
        (
            json!({ "certificateDateAttribute": 3, "to": today }),
            vec![expired],
        ),
    ] {
        assert_eq!(ids(&scm, filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn refusals_and_the_client_report() {
    let scm = Scm::start().await;
    scm.post(SSL, "").await.refused(400, -1002);
    scm.post(SSL, "{\"certificateStatus\":9}")
        .await
        .refused(400, -1001);
    scm.post(SSL, "{\"from\":\"yesterday\"}")
        .await
        .refused(400, -1002);
    scm.enrolled("www.example.com").await;
    let client = scm.post("/api/report/v1/client-certificates", "{}").await;
    assert_eq!(client.json(), json!({ "statusCode": 0, "reports": [] }));
}

#[tokio::test]
async fn numbers_as_text_limits_and_the_filter_switch() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    assert_eq!(
        ids(
            &scm,
            json!({ "organizationIds": ["123"], "certificateDateAttribute": "4" })
        )
        .await,
        [id]
    );
    for body in [
        json!({ "commonName": "x".repeat(257) }),
        json!({ "externalRequester": "x".repeat(513) }),
        json!({ "certificateDateAttribute": 1 }),
    ] {
        scm.post(SSL, &body.to_string()).await.refused(400, -1001);
    }
    scm.post(SSL, "{\"organizationIds\":[\"many\"]}")
        .await
        .refused(400, -1002);
    scm.switch(json!({ "filters": "exact" })).await;
    assert!(ids(&scm, json!({ "commonName": "www" })).await.is_empty());
    assert_eq!(
        ids(&scm, json!({ "commonName": "www.example.com" })).await,
        [id]
    );
}
