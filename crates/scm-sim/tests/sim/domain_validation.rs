use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};

use crate::dns::{Dns, web};
use crate::harness::{Answer, Scm, enrolment};

const VALIDATION: &str = "/api/dcv/v1/validation";

async fn scm_with_domains(domains: Value) -> Scm {
    let scm = Scm::start().await;
    scm.switch(json!({ "require_validated_domains": true }))
        .await;
    for domain in domains.as_array().unwrap() {
        let answer = scm.put("/control/domains", &domain.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    scm
}

async fn step(scm: &Scm, step: &str, domain: &str) -> Answer {
    let body = json!({ "domain": domain }).to_string();
    scm.post(&format!("{VALIDATION}/{step}"), &body).await
}

async fn status(scm: &Scm, domain: &str) -> Value {
    let body = json!({ "domain": domain }).to_string();
    scm.post("/api/dcv/v2/validation/status", &body)
        .await
        .json()
}

#[tokio::test]
async fn a_cname_record_proves_a_domain_once_it_stands() {
    let dns = Dns::start();
    let scm = scm_with_domains(json!([{ "name": "shop.example" }])).await;
    scm.switch(json!({ "dcv_resolver": dns.address })).await;
    step(&scm, "submit/domain/cname", "shop.example")
        .await
        .refused(400, -724);
    let started = step(&scm, "start/domain/cname", "shop.example")
        .await
        .json();
    let (host, point) = (
        started["host"].as_str().unwrap(),
        started["point"].as_str().unwrap(),
    );
    assert!(
        host.starts_with('_') && host.ends_with(".shop.example."),
        "{host}"
    );
    assert!(point.ends_with(".sectigo.com."), "{point}");
    assert_eq!(
        status(&scm, "shop.example").await["orderStatus"],
        "AWAITING_SUBMISSION"
    );
    let submitted = step(&scm, "submit/domain/cname", "shop.example")
        .await
        .json();
    assert_eq!(submitted["orderStatus"], "SUBMITTED");
    let looked = step(&scm, "sync", "shop.example").await.json();
    assert_eq!(
        (looked["status"].as_str(), looked["orderStatus"].as_str()),
        (Some("NOT_VALIDATED"), Some("SUBMITTED"))
    );
    assert_eq!(looked["host"], host);
    assert!(looked["lastCheck"].as_str().unwrap() < looked["nextCheck"].as_str().unwrap());
    dns.cname(host, "0.1.sectigo.com.");
    assert_eq!(
        step(&scm, "sync", "shop.example").await.json()["status"],
        "NOT_VALIDATED"
    );
    dns.cname(host, point);
    let proven = step(&scm, "sync", "shop.example").await.json();
    assert_eq!(
        (proven["status"].as_str(), proven["orderStatus"].as_str()),
        (Some("VALIDATED"), Some("NOT_INITIATED"))
    );
    assert!(proven.get("host").is_none());
    let listed = scm
        .get(&format!(
            "{VALIDATION}?domain=shop.example&org=&department=&expiresIn="
        ))
        .await;
    assert_eq!(listed.header("x-total-count"), "1");
    assert_eq!(listed.json()[0]["dcvMethod"], "CNAME_CSR_HASH");
    let again = step(&scm, "start/domain/cname", "shop.example")
        .await
        .json();
    assert_ne!(again["host"], host, "a new value after a validation");
}

#[tokio::test]
async fn the_ca_looks_by_itself_when_the_next_check_has_come() {
    let dns = Dns::start();
    let scm = scm_with_domains(json!([{ "name": "shop.example" }])).await;
    scm.switch(json!({ "dcv_resolver": dns.address, "sync_looks": false }))
        .await;
    let submitted = step(&scm, "submit/domain/txt", "shop.example").await.json();
    let (host, text) = (
        submitted["host"].as_str().unwrap(),
        submitted["point"].as_str().unwrap(),
    );
    assert_eq!((host, text.len()), ("_pki-validation.shop.example.", 32));
    status(&scm, "shop.example").await;
    dns.txt(host, text);
    assert_eq!(
        step(&scm, "sync", "shop.example").await.json()["status"],
        "NOT_VALIDATED"
    );
    scm.advance("3h").await;
    assert_eq!(status(&scm, "shop.example").await["status"], "VALIDATED");
}

#[tokio::test]
async fn a_file_proves_a_domain_and_a_click_another() {
    let files = Arc::new(Mutex::new(HashMap::new()));
    let address = web(Arc::clone(&files)).await;
    let scm = scm_with_domains(json!([{ "name": "a.example" }, { "name": "b.example" }])).await;
    scm.switch(json!({ "dcv_http": address })).await;
    let started = step(&scm, "start/domain/http", "a.example").await.json();
    let path = started["url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://a.example")
        .unwrap()
        .to_owned();
    step(&scm, "submit/domain/http", "a.example").await;
    assert_eq!(
        step(&scm, "sync", "a.example").await.json()["status"],
        "NOT_VALIDATED"
    );
    let body = format!(
        "{}\n{}\n",
        started["firstLine"].as_str().unwrap(),
        started["secondLine"].as_str().unwrap()
    );
    files.lock().unwrap().insert(path, body);
    assert_eq!(
        step(&scm, "sync", "a.example").await.json()["status"],
        "VALIDATED"
    );

    let lists = step(&scm, "start/domain/email", "b.example").await.json();
    assert_eq!(lists["dcvEmails"][0]["adminEmails"][0], "admin@b.example");
    let mail = json!({ "domain": "b.example", "email": "admin@b.example" }).to_string();
    let submitted = scm
        .post(&format!("{VALIDATION}/submit/domain/email"), &mail)
        .await
        .json();
    assert!(submitted["emailValidationReferenceNumber"].is_string());
    assert_eq!(
        step(&scm, "sync", "b.example").await.json()["validationEmail"],
        "admin@b.example"
    );
    assert_eq!(
        scm.post("/control/domains/b.example/validate", "")
            .await
            .status,
        200
    );
    assert_eq!(status(&scm, "b.example").await["status"], "VALIDATED");
}

#[tokio::test]
async fn a_validation_that_has_run_out_blocks_orders_until_it_is_made_again() {
    let scm =
        scm_with_domains(json!([{ "name": "shop.example", "valid_for": "20d", "method": "TXT" }]))
            .await;
    let id = scm.enrolled("www.shop.example").await;
    scm.advance("21d").await;
    assert_eq!(status(&scm, "shop.example").await["status"], "EXPIRED");
    let body = enrolment("www.shop.example", json!({}));
    let renewal = format!("/api/ssl/v1/renewById/{id}");
    for code in [-107, -737, -1137] {
        scm.switch(json!({ "dcv_code": code })).await;
        scm.post("/api/ssl/v1/enroll", &body)
            .await
            .refused(400, code);
        scm.post(&renewal, "{}").await.refused(400, code);
    }
    scm.switch(json!({ "dcv_missing": "pending" })).await;
    let waits = scm.post(&renewal, "{}").await.json()["sslId"]
        .as_u64()
        .unwrap();
    assert_eq!(scm.status(waits).await, "Applied");
    scm.post("/control/domains/shop.example/validate", "").await;
    assert_eq!(scm.status(waits).await, "Issued");
    let other = enrolment("www.elsewhere.example", json!({}));
    scm.post("/api/ssl/v1/enroll", &other)
        .await
        .refused(400, -1010);
}

#[tokio::test]
async fn refusals_and_spellings_are_those_of_the_documents() {
    let scm = scm_with_domains(json!([
        { "name": "shop.example", "valid_for": "-1d" }, { "name": "off.example", "suspended": true },
        { "name": "*.star.example" }, { "name": "deep.shop.example" },
    ]))
    .await;
    step(&scm, "start/domain/cname", "unknown.example")
        .await
        .refused(400, -727);
    step(&scm, "start/domain/cname", "off.example")
        .await
        .refused(400, -715);
    step(&scm, "start/domain/txt", "shop.example")
        .await
        .refused(400, -1603);
    assert_eq!(
        step(&scm, "start/domain/cname", "star.example")
            .await
            .status,
        200
    );
    scm.switch(
        json!({ "dcv_of_subdomains": false, "dcv_words": "spaced", "txt_start_answers": true }),
    )
    .await;
    step(&scm, "start/domain/cname", "deep.shop.example")
        .await
        .refused(400, -723);
    assert!(step(&scm, "start/domain/txt", "shop.example").await.json()["message"].is_string());
    let listed = scm
        .get(&format!(
            "{VALIDATION}?dcvStatus=NOT_VALIDATED&orderStatus=Awaiting%20submission"
        ))
        .await
        .json();
    assert_eq!(listed[0]["domain"], "*.star.example");
    assert_eq!(
        (
            listed[0]["dcvStatus"].as_str(),
            listed[0]["dcvOrderStatus"].as_str()
        ),
        (Some("Not validated"), Some("Awaiting submission"))
    );
    assert_eq!(
        scm.get(&format!("{VALIDATION}?expiresIn=3"))
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(step(&scm, "delete", "shop.example").await.body, b"");
    scm.switch(json!({ "dcv_enabled": false })).await;
    scm.get(VALIDATION).await.refused(400, -1608);
}

#[tokio::test]
async fn a_persistent_record_validates_again_and_again() {
    let dns = Dns::start();
    let scm = scm_with_domains(json!([{ "name": "shop.example", "valid_for": "1d" }])).await;
    scm.switch(json!({ "dcv_resolver": dns.address, "persistent_txt": true }))
        .await;
    dns.txt(
        "_validation-persist.shop.example.",
        "sectigo.com; accounturi=https://example/1",
    );
    for _ in 0..2 {
        scm.advance("200d").await;
        assert_eq!(status(&scm, "shop.example").await["status"], "VALIDATED");
    }
}

#[tokio::test]
async fn domains_are_entered_delegated_and_reported() {
    let scm = scm_with_domains(json!([])).await;
    let body =
        json!({ "name": "new.example", "delegations": [{ "orgId": 123, "certTypes": ["SSL"] }] })
            .to_string();
    let created = scm.post("/api/domain/v1", &body).await;
    assert_eq!((created.status, &created.body[..]), (201, &b""[..]));
    let id = created
        .header("location")
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    scm.post("/api/domain/v1", &body).await.refused(400, -700);
    let listed = scm.get("/api/domain/v1?name=new.example&orgId=123").await;
    assert_eq!(
        listed.json(),
        json!([{ "id": id.parse::<u64>().unwrap(), "name": "new.example" }])
    );
    let path = format!("/api/domain/v1/{id}");
    let other = json!({ "orgId": 124, "certTypes": ["SSL"] }).to_string();
    assert_eq!(
        scm.post(&format!("{path}/delegation"), &other).await.status,
        200
    );
    assert_eq!(
        scm.get(&path).await.json()["delegations"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        scm.send(Method::DELETE, &format!("{path}/delegation"), &other)
            .await
            .status,
        200
    );
    assert_eq!(
        scm.get(&path).await.json()["validationStatus"],
        "NOT_VALIDATED"
    );
    let report = scm.post("/api/report/v1/domains", "").await.json();
    assert_eq!(report["reports"][0]["dcvStatus"], "Not Initiated");
    assert_eq!(scm.put(&format!("{path}/suspend"), "").await.status, 200);
    let enrolment = enrolment("www.new.example", json!({}));
    scm.post("/api/ssl/v1/enroll", &enrolment)
        .await
        .refused(400, -1010);
    assert_eq!(scm.delete(&path).await.status, 204);
    scm.get(&path).await.refused(404, -727);
}

#[tokio::test]
async fn a_certificates_own_validation_looks_at_its_record() {
    let dns = Dns::start();
    let scm = Scm::start().await;
    scm.switch(json!({ "dcv_resolver": dns.address })).await;
    scm.rule(json!({ "dcv": "pending" })).await;
    let id = scm.enrolled("www.example.com").await;
    let info = scm.get(&format!("/api/ssl/v1/{id}/dcv")).await.json();
    let record = &info["instructions"][0];
    let recheck = format!("/api/ssl/v1/{id}/dcv/recheck");
    assert_eq!(scm.post(&recheck, "").await.status, 202);
    assert_eq!(scm.status(id).await, "Applied");
    dns.cname(
        record["host"].as_str().unwrap(),
        record["point"].as_str().unwrap(),
    );
    assert_eq!(scm.post(&recheck, "").await.status, 202);
    assert_eq!(scm.status(id).await, "Issued");
}

#[tokio::test]
async fn the_coming_limits_shorten_terms_and_validations() {
    let scm = scm_with_domains(json!([{ "name": "shop.example", "valid_for": "900d" }])).await;
    scm.switch(json!({ "coming_limits": true })).await;
    let terms = async || {
        let types = scm.get("/api/ssl/v1/types").await.json();
        types[0]["terms"]
            .as_array()
            .unwrap()
            .iter()
            .map(|term| term.as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert!(terms().await.contains(&199) || terms().await == [90]);
    scm.advance("860d").await;
    assert_eq!(terms().await, [46]);
    let body = enrolment("www.shop.example", json!({ "term": 199 }));
    scm.post("/api/ssl/v1/enroll", &body)
        .await
        .refused(400, -36);
    scm.post("/control/domains/shop.example/validate", "").await;
    scm.advance("11d").await;
    assert_eq!(status(&scm, "shop.example").await["status"], "EXPIRED");
}

#[tokio::test]
async fn a_deleted_profile_blocks_renewals_until_another_supersedes_it() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let change = async |change: &dyn Fn(&mut Value)| {
        let mut scenario = scm.get("/control/scenario").await.json();
        change(&mut scenario["profiles"][0]);
        assert_eq!(
            scm.put("/control/scenario", &scenario.to_string())
                .await
                .status,
            204
        );
    };
    change(&|profile| profile["deleted"] = json!(true)).await;
    let body = enrolment("www.example.com", json!({}));
    scm.post("/api/ssl/v1/enroll", &body)
        .await
        .refused(400, -39);
    let renewal = format!("/api/ssl/v1/renewById/{id}");
    scm.post(&renewal, "{}").await.refused(400, -111);
    change(&|profile| profile["superseded_by"] = json!(52)).await;
    assert_eq!(scm.post(&renewal, "{}").await.status, 200);
}
