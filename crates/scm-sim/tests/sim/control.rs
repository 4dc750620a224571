use reqwest::Method;
use serde_json::json;

use crate::harness::{Scm, answer};

#[tokio::test]
async fn orders_are_counted_by_name() {
    let scm = Scm::start().await;
    for _ in 0..3 {
        scm.enrolled("www.example.com").await;
    }
    scm.enrolled_with("w.example.com", json!({ "certType": 55 }))
        .await;
    assert_eq!(scm.orders("WWW.example.com").await, 3);
    assert_eq!(
        scm.orders("www.example").await,
        0,
        "names are compared whole"
    );
    let all = scm.get("/control/orders").await.json();
    assert_eq!(all["count"], 4);
    let waiting = scm
        .get("/control/orders?state=requested&kind=ssl")
        .await
        .json();
    assert_eq!(waiting["orders"][0]["common_name"], "w.example.com");
    let newest = scm.get("/control/orders?newest=1").await.json();
    assert_eq!(
        (&newest["count"], newest["orders"].as_array().unwrap().len()),
        (&json!(4), 1)
    );
    let counters = scm.get("/control/counters").await.json();
    assert_eq!(
        (&counters["orders"], &counters["client_orders"]),
        (&json!(4), &json!(0))
    );
    assert_eq!(counters["calls"], json!({ "enroll": 4 }));
}

#[tokio::test]
async fn steps_that_a_person_takes() {
    let scm = Scm::start().await;
    let step = async |id: u64, step: &str, body: &str| {
        scm.post(&format!("/control/orders/{id}/{step}"), body)
            .await
    };
    let waiting = async || {
        scm.enrolled_with("w.example.com", json!({ "certType": 55 }))
            .await
    };
    let id = waiting().await;
    assert_eq!(step(id, "approve", "").await.json()["state"], "Issued");
    assert_eq!(step(id, "approve", "").await.status, 409);
    let key = scm.leaf(id).await;
    assert_eq!(step(id, "replace", "").await.status, 200);
    assert_ne!(scm.leaf(id).await, key);
    assert_eq!(
        step(id, "revoke", "{\"reason_code\":4}").await.json()["state"],
        "Revoked"
    );
    assert_eq!(
        step(waiting().await, "decline", "").await.json()["state"],
        "Declined"
    );
    assert_eq!(
        step(waiting().await, "reject", "").await.json()["state"],
        "Rejected"
    );
    assert_eq!(step(id, "validate", "").await.status, 409);
    assert_eq!(step(id, "dance", "").await.status, 404);
    assert_eq!(step(999_999, "approve", "").await.status, 404);
    assert_eq!(step(id, "revoke", "{\"reason\":1}").await.status, 400);
}

#[tokio::test]
async fn the_log_shows_calls_without_secrets() {
    let scm = Scm::start().await;
    let body = json!({ "orgId": 123, "csr": "x", "passPhrase": "hunter22", "nested": { "clientSecret": "hunter23" } });
    scm.post("/api/ssl/v1/enroll?a=1", &body.to_string()).await;
    scm.get("/api/ssl/v1/77").await;
    let log = scm.get("/control/calls").await;
    assert!(
        !log.text().contains("hunter2") && !log.text().contains(&scm.sim.password),
        "{}",
        log.text()
    );
    let log = log.json();
    assert_eq!(log.as_array().unwrap().len(), 2);
    assert_eq!(
        (&log[0]["method"], &log[0]["path"], &log[0]["query"]),
        (&json!("POST"), &json!("/api/ssl/v1/enroll"), &json!("a=1"))
    );
    assert_eq!(
        (&log[0]["login"], &log[0]["status"]),
        (&json!("admin"), &json!(400))
    );
    assert_eq!(log[0]["body"]["orgId"], 123);
    assert_eq!(log[1]["error"], "-5101 Certificate not found");
    let after = scm.get("/control/calls?after=1").await.json();
    assert_eq!(after.as_array().unwrap().len(), 1);
    assert_eq!(scm.get("/control/calls?newest=1").await.json(), after);
    assert_eq!(scm.delete("/control/calls").await.status, 204);
    assert_eq!(scm.get("/control/calls").await.json(), json!([]));
}

#[tokio::test]
async fn the_scenario_changes_while_it_runs() {
    let scm = Scm::start().await;
    let toml = "profiles = [{ id = 7, name = 'Only this' }]\n[[rules]]\ncall = 'types'\nnth = 2\nstatus = 503\n";
    let request = scm
        .request(Method::PUT, "/control/scenario")
        .header("content-type", "application/toml")
        .body(toml);
    assert_eq!(answer(request).await.status, 204);
    assert_eq!(scm.get("/api/ssl/v1/types").await.json()[0]["id"], 7);
    assert_eq!(scm.get("/api/ssl/v1/types").await.status, 503);
    let mut scenario = scm.get("/control/scenario").await.json();
    assert_eq!(scenario["rules"][0]["status"], 503);
    scenario["profiles"][0]["id"] = json!(8);
    let text = scenario.to_string();
    assert_eq!(
        scm.put("/control/scenario", &text).await.status,
        204,
        "what it answers it also takes"
    );
    assert_eq!(scm.get("/api/ssl/v1/types").await.json()[0]["id"], 8);
    for (path, body) in [
        ("/control/scenario", "{\"accounts\":[]}"),
        ("/control/scenario", "{\"profile\":[]}"),
        ("/control/rules", "[{\"stauts\":503}]"),
        ("/control/rules", "{\"delay\":\"soon\"}"),
    ] {
        let answer = scm.put(path, body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["error"].is_string());
    }
    let answer = scm
        .send(Method::PATCH, "/control/switches", "{\"colour\":1}")
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn reset_forgets_orders_and_keeps_the_identity() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    scm.advance("3h").await;
    assert_eq!(scm.post("/control/reset", "").await.status, 204);
    assert_eq!(scm.get("/control/orders").await.json()["count"], 0);
    assert_eq!(scm.get("/control/calls").await.json(), json!([]));
    scm.get(&format!("/api/ssl/v1/{id}"))
        .await
        .refused(404, -5101);
    let issuer = scm.get("/pki/issuing.crt").await.body;
    assert_eq!(pem::parse(&scm.sim.issuing_pem).unwrap().contents(), issuer);
}

#[tokio::test]
async fn other_sites_may_not_steer_it() {
    let scm = Scm::start().await;
    let reset = |origin: String| {
        scm.request(Method::POST, "/control/reset")
            .header("origin", origin)
    };
    assert_eq!(
        answer(reset("https://evil.example".to_owned()))
            .await
            .status,
        403
    );
    assert_eq!(answer(reset(scm.sim.base_url.clone())).await.status, 204);
}
