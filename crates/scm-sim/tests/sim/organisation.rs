use serde_json::json;

use crate::harness::Scm;

#[tokio::test]
async fn list_with_departments() {
    let scm = Scm::start().await;
    for path in [
        "/api/organization/v1",
        "/api/organization/v1/managedBy/RAO_SSL",
        "/api/organization/v1/managed-by/RAO_SSL",
    ] {
        let list = scm.get(path).await.json();
        assert_eq!(list[0]["id"], 123);
        assert_eq!(
            list[0]["departments"],
            json!([{ "id": 124, "name": "Web Services", "parentName": "Example Organisation" }])
        );
        assert!(list[0].get("certTypes").is_none(), "moved to the details");
    }
}

#[tokio::test]
async fn details_of_an_organisation_and_of_a_department() {
    let scm = Scm::start().await;
    let organisation = scm.get("/api/organization/v1/123").await.json();
    assert_eq!(organisation["certTypes"], json!(["SSL", "SMIME"]));
    assert_eq!(organisation["sslCertsApiEnabled"], true);
    let department = scm.get("/api/organization/v1/124").await.json();
    assert_eq!(department["name"], "Web Services");
    assert_eq!(department["clientCertsApiEnabled"], true);
    let closed = scm.get("/api/organization/v1/200").await.json();
    assert_eq!(closed["sslCertsApiEnabled"], false);
    scm.get("/api/organization/v1/999")
        .await
        .refused(404, -1023);
}

#[tokio::test]
async fn by_type_of_certificate() {
    let scm = Scm::start().await;
    for (kind, count) in [("SSL", 1), ("Client", 1), ("Device", 0), ("CodeSign", 0)] {
        let list = scm
            .get(&format!("/api/organization/v1/report-type/{kind}"))
            .await
            .json();
        assert_eq!(list.as_array().unwrap().len(), count, "{kind}");
    }
    assert_eq!(
        scm.get("/api/organization/v1/report-type/Paper")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn definitions_of_custom_fields() {
    let scm = Scm::start().await;
    let ssl = scm.get("/api/customField/v2?certType=SSL").await.json();
    assert_eq!(ssl[0]["name"], "Cost Center");
    assert_eq!(ssl[0]["certType"], "ssl");
    assert_eq!(ssl[0]["state"], "ACTIVE");
    assert_eq!(
        ssl[0]["mandatories"],
        json!(["ADMIN_UI", "WEB_FORM", "REST_API", "SOAP_API"])
    );
    assert_eq!(
        ssl[1]["input"],
        json!({ "type": "TEXT_OPTION", "options": ["test", "production"] })
    );
    assert_eq!(ssl[2]["input"], json!({ "type": "DATE" }));
    assert_eq!(ssl[1]["mandatories"], json!([]));
    let smime = scm.get("/api/customField/v2?certType=SMIME").await.json();
    assert_eq!(smime.as_array().unwrap().len(), 1);
    scm.get("/api/customField/v2?certType=PAPER")
        .await
        .refused(400, -1002);
}
