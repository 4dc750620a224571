//! What the documents leave open or say in two ways: a switch for each, both positions tried.

use serde_json::{Value, json};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::harness::{Answer, Scm, answer, csr, enrolment};

#[tokio::test]
async fn what_is_absent_may_be_left_out_null_or_empty() {
    let scm = Scm::start().await;
    let id = scm
        .enrolled_with("a.example.com", json!({ "certType": 55 }))
        .await;
    let path = format!("/api/ssl/v1/{id}");
    for (absent, shown) in [
        ("omitted", None),
        ("null", Some(Value::Null)),
        ("empty", Some(json!(""))),
    ] {
        scm.switch(json!({ "absent": absent })).await;
        let details = scm.get(&path).await.json();
        for name in ["serialNumber", "approved", "issued", "expires", "comments"] {
            assert_eq!(details.get(name), shown.as_ref(), "{name}, {absent}");
        }
        assert_eq!(details["status"], "Requested");
        let list = scm.get("/api/ssl/v1").await.json();
        assert_eq!(list[0].get("serialNumber"), shown.as_ref(), "{absent}");
        let report = scm.post("/api/report/v1/ssl-certificates", "{}").await;
        let report = report.json()["reports"][0].clone();
        for name in ["serialNumber", "issued", "expires", "comments"] {
            assert_eq!(report.get(name), shown.as_ref(), "{name}, {absent}");
        }
    }
}

#[tokio::test]
async fn serials_with_colons_or_plain_without_leading_zeros() {
    let scm = Scm::start().await;
    let id = scm.enrolled("a.example.com").await;
    let serial = |answer: Answer| answer.json()["serialNumber"].as_str().unwrap().to_owned();
    let path = format!("/api/ssl/v1/{id}");
    let colons = serial(scm.get(&path).await);
    scm.switch(json!({ "serials": "plain" })).await;
    let plain = serial(scm.get(&path).await);
    let digits = colons.replace(':', "");
    assert_eq!(plain, digits.trim_start_matches('0'));
    let list = scm.get(&format!("/api/ssl/v1?serialNumber={plain}")).await;
    assert_eq!(list.json()[0]["serialNumber"], plain);
    let report = scm.post("/api/report/v1/ssl-certificates", "{}").await;
    assert_eq!(report.json()["reports"][0]["serialNumber"], plain);
    let body = "{\"reasonCode\":0,\"reason\":\"x\"}";
    let revoke = format!("/api/ssl/v1/revoke/serial/{plain}");
    assert_eq!(scm.post(&revoke, body).await.status, 204);
}

#[tokio::test]
async fn what_will_never_be_ready_may_say_so_in_any_way() {
    let scm = Scm::start().await;
    scm.rule(json!({ "reject": true })).await;
    let id = scm.enrolled("a.example.com").await;
    let path = format!("/api/ssl/v1/collect/{id}");
    scm.get(&path).await.refused(400, -183);
    scm.switch(json!({ "never_ready": "code0" })).await;
    scm.get(&path).await.refused(400, 0);
    scm.switch(json!({ "never_ready": "empty" })).await;
    assert_eq!(scm.get(&path).await.body.len(), 0);
}

#[tokio::test]
async fn the_documented_codes_of_not_ready_that_nobody_met() {
    let scm = Scm::start().await;
    for (encoding, code) in [("code-103", -103), ("code-109", -109)] {
        scm.rule(json!({ "polls": 1, "not_ready": encoding })).await;
        let id = scm.enrolled("a.example.com").await;
        let path = format!("/api/ssl/v1/collect/{id}");
        scm.get(&path).await.refused(400, code);
        assert_eq!(scm.get(&path).await.status, 200);
    }
}

#[tokio::test]
async fn a_renewal_without_a_body_may_be_refused() {
    let scm = Scm::start().await;
    let id = scm.enrolled("a.example.com").await;
    scm.switch(json!({ "renew_needs_body": true })).await;
    let path = format!("/api/ssl/v1/renewById/{id}");
    scm.post(&path, "").await.refused(400, -1002);
    assert_eq!(scm.post(&path, "{}").await.status, 200);
}

#[tokio::test]
async fn pemia_in_either_order() {
    let scm = Scm::start().await;
    let id = scm.enrolled("a.example.com").await;
    let pemia = async || {
        let chain = scm.get(&format!("/api/ssl/v1/collect/{id}/pemia")).await;
        pem::parse_many(chain.body).unwrap()
    };
    let mut leaf_first = pemia().await;
    scm.switch(json!({ "pemia_order": "root_first" })).await;
    leaf_first.reverse();
    assert_eq!(pemia().await, leaf_first);
}

#[tokio::test]
async fn an_organisation_without_the_api_is_refused_everywhere_with_a_code_of_ones_choice() {
    let scm = Scm::start().await;
    for code in [-1021, -25] {
        scm.switch(json!({ "api_off_code": code })).await;
        for path in ["ssl/v1", "smime/v1", "smime/v2"] {
            scm.get(&format!("/api/{path}/types?organizationId=200"))
                .await
                .refused(400, code);
        }
        let body = enrolment("a.example.com", json!({ "orgId": 200 }));
        scm.post("/api/ssl/v1/enroll", &body)
            .await
            .refused(400, code);
    }
}

#[tokio::test]
async fn client_calls_may_have_one_version_for_each_way_to_log_in() {
    let scm = Scm::with_toml("[switches]\nclient_versions = 'by_login'").await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", scm.sim.client_id.as_deref().unwrap()),
        ("client_secret", &scm.sim.client_secret),
    ];
    let token = answer(scm.http.post(&scm.sim.token_url).form(&form)).await;
    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    let with_token = async |path: &str| {
        let url = format!("{}{path}", scm.sim.base_url);
        answer(scm.http.get(url).bearer_auth(&token)).await.status
    };
    assert_eq!(with_token("/api/smime/v2/types").await, 200);
    assert_eq!(with_token("/api/smime/v1/types").await, 404);
    assert_eq!(with_token("/api/smime/v2").await, 200);
    assert_eq!(with_token("/api/ssl/v1/types").await, 200);
    assert_eq!(scm.get("/api/smime/v1/types").await.status, 200);
    assert_eq!(scm.get("/api/smime/v2/types").await.status, 404);
    assert_eq!(scm.get("/api/smime/v2").await.status, 200);
    scm.get("/api/smime/v2/byPersonEmail/a@example.com")
        .await
        .refused(404, -105);
    scm.post("/api/smime/v2/renew/order/7", "")
        .await
        .refused(404, -5101);
}

#[tokio::test]
async fn a_replacement_may_leave_a_record_of_what_it_replaced() {
    let scm = Scm::with_toml("[switches]\nreplace_leaves_record = true").await;
    let id = scm
        .enrolled_with("www.example.com", json!({ "comments": "tag 7" }))
        .await;
    let old = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    let body = json!({ "csr": csr("www.example.com"), "reason": "x" }).to_string();
    let path = format!("/api/ssl/v1/replace/{id}");
    assert_eq!(scm.post(&path, &body).await.status, 204);
    let list = scm.get("/api/ssl/v1?status=Replaced").await;
    assert_eq!(list.header("X-Total-Count"), "1", "{}", list.text());
    let record = list.json()[0]["sslId"].as_u64().unwrap();
    assert_ne!(record, id);
    let record = scm.get(&format!("/api/ssl/v1/{record}")).await.json();
    assert_eq!(record["status"], "Replaced");
    assert_eq!(record["serialNumber"], old["serialNumber"]);
    assert_eq!(record["comments"], "tag 7");
    assert!(record["replaced"].is_string());
    let new = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(new["status"], "Issued");
    assert_ne!(new["serialNumber"], old["serialNumber"]);
    let ssl_id = record["id"].as_u64().unwrap();
    scm.post(
        &format!("/api/ssl/v1/revoke/{ssl_id}"),
        "{\"reason\":\"x\",\"reasonCode\":0}",
    )
    .await
    .refused(400, -102);
}

#[tokio::test]
async fn the_ca_may_add_www() {
    let scm = Scm::with_toml("[switches]\nadds_www = true").await;
    for (name, expected) in [
        (
            "example.com",
            "dNSName=example.com, dNSName=www.example.com",
        ),
        ("www.example.org", "dNSName=www.example.org"),
        ("*.example.net", "dNSName=*.example.net"),
    ] {
        let id = scm.enrolled(name).await;
        let der = scm.leaf(id).await;
        assert!(X509Certificate::from_der(&der).is_ok());
        let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
        assert_eq!(details["certificateDetails"]["subjectAltNames"], expected);
    }
}

#[tokio::test]
async fn a_token_may_not_say_how_long_it_lives() {
    let scm = Scm::with_toml("[switches]\ntoken_tells_lifetime = false").await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", scm.sim.client_id.as_deref().unwrap()),
        ("client_secret", &scm.sim.client_secret),
    ];
    let token = answer(scm.http.post(&scm.sim.token_url).form(&form))
        .await
        .json();
    assert!(token["access_token"].is_string());
    assert!(token.get("expires_in").is_none(), "{token}");
}

#[tokio::test]
async fn an_enrolment_may_answer_no_renew_id() {
    let scm = Scm::with_toml("[switches]\ntells_renew_id = false").await;
    let body = enrolment("a.example.com", json!({}));
    let answer = scm.post("/api/ssl/v1/enroll", &body).await.json();
    assert!(answer["sslId"].is_u64());
    assert!(answer.get("renewId").is_none(), "{answer}");
}

#[tokio::test]
async fn a_customer_without_prevalidation_must_say_how_domains_are_validated() {
    let scm = Scm::with_toml("[switches]\nrequire_dcv_mode = true").await;
    let path = "/api/ssl/v1/enroll";
    for mode in [json!(null), json!("")] {
        let body = enrolment("a.example.com", json!({ "dcvMode": mode }));
        scm.post(path, &body).await.refused(400, -1001);
    }
    scm.enrolled_with("a.example.com", json!({ "dcvMode": "TXT" }))
        .await;
}

#[tokio::test]
async fn an_empty_body_of_any_kind_and_an_error_with_details() {
    let scm = Scm::start().await;
    let json_type = "application/json;charset=UTF-8";
    let details = json!({ "description": "gone", "details": "for good", "items": [] }).to_string();
    let rules = json!([
        { "nth": 1, "status": 400, "body": "", "content_type": json_type },
        { "nth": 2, "status": 401, "body": "" },
        { "nth": 3, "status": 404, "body": details, "content_type": json_type },
    ]);
    assert_eq!(
        scm.put("/control/rules", &rules.to_string()).await.status,
        204
    );
    let empty = scm.get("/api/ssl/v1/types").await;
    assert_eq!(
        (empty.status, empty.body.len(), empty.header("content-type")),
        (400, 0, json_type)
    );
    let login = scm.get("/api/ssl/v1/types").await;
    assert_eq!((login.status, login.body.len()), (401, 0));
    let gone = scm.get("/api/ssl/v1/types").await;
    assert_eq!((gone.status, gone.text()), (404, details));
}
