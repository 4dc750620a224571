use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::harness::{Scm, enrolment};

#[tokio::test]
async fn a_front_proxy_answers_in_text_or_html() {
    let scm = Scm::start().await;
    scm.rule(json!({ "nth": 1, "status": 429, "retry_after": 7 }))
        .await;
    scm.rule(json!({ "nth": 1, "status": 503 })).await;
    scm.rule(json!({ "nth": 1, "status": 502, "html": true }))
        .await;
    scm.rule(json!({ "nth": 1, "status": 500, "body": "out of cheese" }))
        .await;
    // Every rule counts this one call; the one in front wins.
    let first = scm.get("/api/ssl/v1/types").await;
    assert_eq!(
        (first.status, first.text().as_str()),
        (500, "out of cheese")
    );
    assert_eq!(first.header("content-type"), "text/plain");
    assert_eq!(scm.get("/api/ssl/v1/types").await.status, 200);
    let rules = json!([{ "nth": 1, "status": 502, "html": true }, { "nth": 2, "status": 429, "retry_after": 7 }, { "nth": 3, "status": 503 }]);
    assert_eq!(
        scm.put("/control/rules", &rules.to_string()).await.status,
        204
    );
    let html = scm.get("/api/ssl/v1/types").await;
    assert_eq!(
        (html.status, html.header("content-type")),
        (502, "text/html")
    );
    assert!(html.text().starts_with("<html>"));
    let busy = scm.get("/api/ssl/v1/types").await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, "7"));
    let down = scm.get("/api/ssl/v1/types").await;
    assert_eq!(down.status, 503);
    assert!(down.text().starts_with("upstream connect error"));
}

#[tokio::test]
async fn the_proxy_answers_before_the_login_is_looked_at() {
    let scm = Scm::start().await;
    scm.rule(json!({ "status": 503 })).await;
    let url = format!("{}/api/ssl/v1/types", scm.sim.base_url);
    assert_eq!(scm.http.get(url).send().await.unwrap().status(), 503);
}

#[tokio::test]
async fn an_error_of_scm_on_demand() {
    let scm = Scm::start().await;
    let rule = json!({ "call": "enroll", "first": 1, "error": { "code": -140, "description": "CSR decoding is temporarily unavailable" } });
    scm.rule(rule).await;
    let body = enrolment("a.example.com", json!({}));
    scm.post("/api/ssl/v1/enroll", &body)
        .await
        .refused(400, -140);
    assert_eq!(scm.post("/api/ssl/v1/enroll", &body).await.status, 200);
    scm.rule(json!({ "call": "list", "error": { "status": 403, "code": -37, "description": "Access denied" } })).await;
    scm.get("/api/ssl/v1").await.refused(403, -37);
}

#[tokio::test]
async fn an_answer_lost_after_the_order_was_placed() {
    let scm = Scm::start().await;
    scm.rule(json!({ "call": "enroll", "nth": 1, "drop": "after" }))
        .await;
    let body = enrolment("lost.example.com", json!({ "comments": "tag" }));
    let lost = scm
        .request(reqwest::Method::POST, "/api/ssl/v1/enroll")
        .body(body)
        .send()
        .await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(scm.orders("lost.example.com").await, 1);
    let found = scm
        .get("/api/ssl/v1?commonName=lost.example.com")
        .await
        .json();
    let id = found[0]["sslId"].as_u64().unwrap();
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(
        (&details["comments"], &details["status"]),
        (&json!("tag"), &json!("Issued"))
    );
    let log = scm.get("/control/calls?call=enroll").await.json();
    assert!(
        log[0]["status"].is_null(),
        "the log knows that no answer left: {log}"
    );
}

#[tokio::test]
async fn a_request_lost_before_anything_was_done() {
    let scm = Scm::start().await;
    scm.rule(json!({ "call": "enroll", "nth": 1, "drop": "before" }))
        .await;
    let request = scm
        .request(reqwest::Method::POST, "/api/ssl/v1/enroll")
        .body(enrolment("lost.example.com", json!({})));
    assert!(request.send().await.is_err());
    assert_eq!(scm.orders("lost.example.com").await, 0);
    scm.enrolled("lost.example.com").await;
}

#[tokio::test]
async fn a_body_that_breaks_off() {
    let scm = Scm::start().await;
    let id = scm.enrolled("a.example.com").await;
    scm.rule(json!({ "call": ["collect", "revoke"], "first": 2, "truncate": 100 }))
        .await;
    let path = format!("/api/ssl/v1/collect/{id}/x509");
    let response = scm
        .request(reqwest::Method::GET, &path)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.content_length().unwrap() > 100);
    assert!(
        response.bytes().await.is_err(),
        "the connection ends within the body"
    );
    let response = scm
        .request(reqwest::Method::GET, &path)
        .send()
        .await
        .unwrap();
    assert!(response.bytes().await.is_err());
    assert_eq!(scm.get(&path).await.status, 200);
}

#[tokio::test]
async fn a_slow_answer_to_work_that_was_done_at_once() {
    let scm = Scm::start().await;
    scm.rule(json!({ "call": "enroll", "slow": "1h" })).await;
    let request = scm
        .request(reqwest::Method::POST, "/api/ssl/v1/enroll")
        .timeout(Duration::from_millis(300))
        .body(enrolment("slow.example.com", json!({})));
    let error = request.send().await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(scm.orders("slow.example.com").await, 1);
}

#[tokio::test]
async fn what_others_do_in_the_portal() {
    let scm = Scm::start().await;
    scm.rule(json!({ "common_name": "*.revoked.example", "revoke_outside_after": "30s" }))
        .await;
    scm.rule(json!({ "common_name": "*.replaced.example", "replace_outside_after": "30s" }))
        .await;
    scm.switch(json!({ "replace_revokes_old": true })).await;
    let revoked = scm.enrolled("a.revoked.example").await;
    let replaced = scm.enrolled("a.replaced.example").await;
    let before = scm.leaf(replaced).await;
    scm.advance("29s").await;
    assert_eq!(scm.status(revoked).await, "Issued");
    assert_eq!(scm.leaf(replaced).await, before);
    scm.advance("2s").await;
    assert_eq!(scm.status(revoked).await, "Revoked");
    assert_eq!(scm.status(replaced).await, "Issued");
    assert_ne!(scm.leaf(replaced).await, before);
    let crl = scm.get("/pki/issuing.crl").await.body;
    assert_eq!(crate::issuance::revoked_serials(&crl).len(), 2);
    scm.advance("1h").await;
    let orders = scm
        .get("/control/orders?common_name=a.replaced.example")
        .await
        .json();
    assert_eq!(
        orders["orders"][0]["certificates"], 2,
        "replaced once and not again"
    );
}

#[tokio::test]
async fn a_clock_of_its_own() {
    let scm = Scm::with_toml("[switches]\nclock_offset = '-2d'").await;
    let answer = scm.get("/api/ssl/v1/types").await;
    let date = jiff::fmt::rfc2822::parse(answer.header("date"))
        .unwrap()
        .timestamp();
    let behind = jiff::Timestamp::now().duration_since(date).as_hours();
    assert!((47..=48).contains(&behind), "{behind} hours behind");
}

#[tokio::test]
async fn rules_choose_by_profile_name_and_count() {
    let scm = Scm::start().await;
    scm.rule(json!({ "name": "third", "profile": [51, 52], "call": "enroll", "every": 3, "approval": true })).await;
    let mut states = Vec::new();
    for n in 0..6 {
        let id = scm.enrolled(&format!("h{n}.example.com")).await;
        states.push(scm.status(id).await);
    }
    assert_eq!(
        states,
        [
            "Issued",
            "Issued",
            "Requested",
            "Issued",
            "Issued",
            "Requested"
        ]
    );
    scm.rule(json!({ "common_name": "*.SLOW.example.com", "delay": "1h" }))
        .await;
    let slow = scm.enrolled("a.slow.example.com").await;
    assert_eq!(scm.status(slow).await, "Applied");
    scm.rule(json!({ "call": "details", "common_name": "a.slow.*", "status": 500 }))
        .await;
    assert_eq!(scm.get(&format!("/api/ssl/v1/{slow}")).await.status, 500);
    let log = scm.get("/control/calls?call=enroll").await.json();
    assert_eq!(log[2]["rules"], json!(["third"]));
}

#[tokio::test]
async fn the_code_may_be_missing_and_the_status_another() {
    let scm = Scm::start().await;
    scm.switch(json!({ "omit_error_code": true, "refusal_status": 403 }))
        .await;
    let body = enrolment("a.example.com", json!({ "term": 1 }));
    let answer = scm.post("/api/ssl/v1/enroll", &body).await;
    assert_eq!(answer.status, 403);
    assert!(answer.json().get("code").is_none());
    assert!(answer.json()["description"].is_string());
}

#[tokio::test]
async fn a_connection_that_is_given_up_without_a_word() {
    let scm = Scm::start().await;
    let rule = json!({ "call": "details", "first": 1, "abandon_connection": true });
    scm.rule(rule).await;
    let mut connection = tokio::net::TcpStream::connect(scm.sim.address)
        .await
        .unwrap();
    let request = format!(
        "GET /api/ssl/v1/77 HTTP/1.1\r\nHost: scm\r\nlogin: {}\r\npassword: {}\r\ncustomerUri: {}\r\n\r\n",
        scm.sim.login, scm.sim.password, scm.sim.customer_uri
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        assert_ne!(connection.read_buf(&mut answer).await.unwrap(), 0);
    }
    let answer = String::from_utf8(answer).unwrap().to_lowercase();
    assert!(answer.starts_with("http/1.1 404") && !answer.contains("connection: close"));
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut nothing = Vec::new();
    let end = connection.read_to_end(&mut nothing).await;
    assert!(nothing.is_empty(), "{end:?}");
    scm.get("/api/ssl/v1/77").await.refused(404, -5101);
    let log = scm.get("/control/calls?call=details").await.json();
    assert_eq!(
        log.as_array().unwrap().len(),
        2,
        "the call in between never came: {log}"
    );
}
