use std::path::{Path, PathBuf};

use scm_sim::settings::Settings;
use serde_json::json;

use crate::harness::{Scm, csr, enrolment};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
}

async fn started(name: &str) -> Scm {
    Scm::with(Settings::read(&shipped(name)).unwrap()).await
}

#[tokio::test]
async fn approval() {
    let scm = started("approval.toml").await;
    let waits = scm.enrolled("www.example.com").await;
    let auto = scm.enrolled("www.auto.example.com").await;
    let no = scm.enrolled("www.no.example.com").await;
    scm.advance("25s").await;
    assert_eq!(scm.status(waits).await, "Requested");
    assert_eq!(scm.status(auto).await, "Issued");
    assert_eq!(scm.status(no).await, "Declined");
    scm.post(&format!("/control/orders/{waits}/approve"), "")
        .await;
    assert_eq!(scm.status(waits).await, "Issued");
}

#[tokio::test]
async fn slow_ca() {
    let scm = started("slow-ca.toml").await;
    let plain = scm.enrolled("www.example.com").await;
    let polls = scm.enrolled("www.polls.example.com").await;
    let empty = scm.enrolled("www.empty.example.com").await;
    let late = scm.enrolled("www.late.example.com").await;
    let collect = async |id: u64| scm.get(&format!("/api/ssl/v1/collect/{id}")).await;
    collect(plain).await.refused(400, 0);
    let nothing = collect(empty).await;
    assert_eq!((nothing.status, nothing.body.len()), (200, 0));
    for _ in 0..4 {
        collect(polls).await.refused(400, -1400);
    }
    assert_eq!(collect(polls).await.status, 200);
    scm.advance("31s").await;
    assert_eq!(collect(plain).await.status, 200);
    for _ in 0..2 {
        collect(late).await.refused(400, -183);
    }
    assert_eq!(collect(late).await.status, 200);
}

#[tokio::test]
async fn unreliable() {
    let scm = started("unreliable.toml").await;
    let mut answers = Vec::new();
    for n in 0..20 {
        let request = scm
            .request(reqwest::Method::POST, "/api/ssl/v1/enroll")
            .body(enrolment(&format!("h{n}.example.com"), json!({})));
        answers.push(
            request
                .send()
                .await
                .map(|answer| answer.status().as_u16())
                .ok(),
        );
    }
    let orders = scm.get("/control/counters").await.json()["orders"]
        .as_u64()
        .unwrap();
    let told = answers
        .iter()
        .filter(|answer| **answer == Some(200))
        .count() as u64;
    assert!(
        answers.contains(&None) && answers.contains(&Some(429)),
        "{answers:?}"
    );
    assert!(told < orders && orders < 20, "{told} told, {orders} placed");
}

#[tokio::test]
async fn refusals() {
    let scm = started("refusals.toml").await;
    let fields = json!([{ "name": "Cost Center", "value": "1" }]);
    let enroll = async |name: &str| {
        let others = json!({ "externalRequester": "a@example.com", "customFields": fields });
        scm.post("/api/ssl/v1/enroll", &enrolment(name, others))
            .await
    };
    scm.post("/api/ssl/v1/enroll", &enrolment("a.example.com", json!({})))
        .await
        .refused(400, -139);
    let bare = json!({ "externalRequester": "a@example.com" });
    scm.post("/api/ssl/v1/enroll", &enrolment("a.example.com", bare))
        .await
        .refused(400, -62);
    enroll("a.nodcv.example.com").await.refused(400, -1137);
    let id = |answer: crate::harness::Answer| answer.json()["sslId"].as_u64().unwrap();
    let rejected = id(enroll("a.reject.example.com").await);
    let declined = id(enroll("a.decline.example.com").await);
    let open = id(enroll("a.dcv.example.com").await);
    scm.advance("6s").await;
    assert_eq!(scm.status(rejected).await, "Rejected");
    assert_eq!(scm.status(declined).await, "Declined");
    assert_eq!(scm.status(open).await, "Applied");
    let issued = id(enroll("a.example.com").await);
    scm.post(
        &format!("/api/ssl/v1/revoke/{issued}"),
        "{\"reason\":\"x\"}",
    )
    .await
    .refused(400, -1001);
}

#[tokio::test]
async fn short_lived() {
    let scm = started("short-lived.toml").await;
    let others = json!({ "certType": 72, "term": 30 });
    let id = scm.enrolled_with("www.example.com", others).await;
    scm.advance("61s").await;
    assert_eq!(scm.status(id).await, "Expired");
    let others = json!({ "certType": 73, "term": 30 });
    let id = scm.enrolled_with("www.example.com", others).await;
    let body = json!({ "csr": csr("www.example.com") }).to_string();
    scm.post(&format!("/api/ssl/v1/renewById/{id}"), &body)
        .await
        .refused(400, -180);
}

#[tokio::test]
async fn behind_our_back() {
    let scm = started("behind-our-back.toml").await;
    let revoked = scm.enrolled("www.revoked.example.com").await;
    let replaced = scm.enrolled("www.replaced.example.com").await;
    let before = scm.leaf(replaced).await;
    scm.advance("31s").await;
    assert_eq!(scm.status(revoked).await, "Revoked");
    assert_ne!(scm.leaf(replaced).await, before);
}

#[test]
fn a_mistake_in_a_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    for (text, named) in [
        ("[[rules]]\nstauts = 503", "stauts"),
        ("[[rules]]\ndelay = 'soon'", "soon"),
        (
            "[[profiles]]\nid = 1\nname = 'x'\ncourse = { delai = 3 }",
            "delai",
        ),
        (
            "profiles = [{ id = 1, name = 'a' }, { id = 1, name = 'b' }]",
            "profile id 1",
        ),
        (
            "profiles = [{ id = 1, name = 'a', terms = [] }]",
            "no terms",
        ),
        ("accounts = []", "no account"),
        (
            "organisations = [{ id = 1, name = 'a', departments = [{ id = 1, name = 'b' }] }]",
            "id 1",
        ),
        ("= 3", "not valid"),
    ] {
        let path = dir.path().join("scenario.toml");
        std::fs::write(&path, text).unwrap();
        let error = Settings::read(&path).unwrap_err().to_string();
        assert!(error.contains(named), "{text}: {error}");
    }
    let error = Settings::read(&dir.path().join("absent.toml"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("absent.toml"), "{error}");
    let json = dir.path().join("scenario.json");
    std::fs::write(&json, "{\"rules\":[{\"status\":503}]}").unwrap();
    assert_eq!(Settings::read(&json).unwrap().rules.len(), 1);
}

#[test]
fn the_manual_names_everything_that_a_scenario_can_hold() {
    let manual = include_str!("../../../../docs/scm-sim.md");
    let settings = json!(Settings::default());
    let rule = json!(scm_sim::settings::Rule::default());
    for object in [
        &settings,
        &settings["switches"],
        &settings["organisations"][0],
        &settings["accounts"][0],
        &settings["profiles"][0],
        &settings["custom_fields"][0],
        &rule,
    ] {
        for name in object.as_object().unwrap().keys() {
            assert!(
                manual.contains(&format!("`{name}`")) || manual.contains(&format!("[{name}]")),
                "docs/scm-sim.md says nothing of {name}"
            );
        }
    }
}
