use serde_json::json;

use crate::harness::{Scm, enrolment};

#[tokio::test]
async fn validation_stays_open_until_someone_does_it() {
    let scm = Scm::start().await;
    scm.rule(json!({ "dcv": "pending" })).await;
    let id = scm.enrolled("www.example.com").await;
    assert_eq!(scm.status(id).await, "Applied");
    scm.advance("10d").await;
    assert_eq!(scm.status(id).await, "Applied");
    let info = scm.get(&format!("/api/ssl/v1/{id}/dcv")).await.json();
    assert_eq!(info["dcvLog"]["error"]["code"], -1137);
    let log = &info["dcvLog"]["log"][0];
    assert_eq!(log["domainName"], "www.example.com");
    let checked = log["lastCheck"].as_str().unwrap();
    assert_eq!(
        (checked.len(), &checked[10..11]),
        (19, " "),
        "yyyy-MM-dd HH:mm:ss: {checked}"
    );
    assert_eq!(info["instructions"][0]["dcvMode"], "CNAME");
    let recheck = scm.post(&format!("/api/ssl/v1/{id}/dcv/recheck"), "").await;
    assert_eq!(recheck.status, 202);
    assert_eq!(scm.status(id).await, "Applied");
    assert_eq!(
        scm.post(&format!("/control/orders/{id}/validate"), "")
            .await
            .status,
        200
    );
    assert_eq!(scm.status(id).await, "Issued");
    let info = scm.get(&format!("/api/ssl/v1/{id}/dcv")).await.json();
    assert!(info["dcvLog"].get("error").is_none());
    assert_eq!(info["instructions"], json!([]));
    scm.switch(json!({ "dcv_as_array": true })).await;
    let info = scm.get(&format!("/api/ssl/v2/{id}/dcv")).await.json();
    assert_eq!(info[0]["instructions"], json!([]));
    scm.get("/api/ssl/v1/999999/dcv").await.refused(404, -5101);
}

#[tokio::test]
async fn or_enrolment_is_refused() {
    let scm = Scm::start().await;
    scm.rule(json!({ "dcv": "refuse", "common_name": "*.nodcv.example" }))
        .await;
    let body = enrolment("a.nodcv.example", json!({}));
    let answer = scm.post("/api/ssl/v1/enroll", &body).await;
    answer.refused(400, -1137);
    assert!(answer.text().contains("a.nodcv.example"));
    assert_eq!(scm.orders("a.nodcv.example").await, 0);
    scm.enrolled("a.example").await;
}

#[tokio::test]
async fn instructions_are_those_of_the_asked_mode() {
    let scm = Scm::start().await;
    scm.rule(json!({ "dcv": "pending" })).await;
    for (mode, members) in [
        (json!(null), vec!["host", "point"]),
        (json!("CNAME"), vec!["host", "point"]),
        (json!("TXT"), vec!["host", "point"]),
        (json!("HTTP"), vec!["url", "file"]),
        (json!("HTTPS"), vec!["url", "file"]),
        (json!("EMAIL"), vec!["dcvEmail"]),
    ] {
        let others = json!({ "dcvMode": mode, "dcvEmail": "admin@example.com" });
        let id = scm.enrolled_with("www.example.com", others).await;
        let info = scm.get(&format!("/api/ssl/v1/{id}/dcv")).await.json();
        let instruction = info["instructions"][0].as_object().unwrap();
        assert_eq!(instruction["dcvMode"], *mode.as_str().unwrap_or("CNAME"));
        let mut given: Vec<&str> = instruction.keys().map(String::as_str).collect();
        given.retain(|name| !["domainName", "dcvMode"].contains(name));
        assert_eq!(given, members, "{mode}");
    }
}
