//! What the client reads out of SCM's answers.

use scm_client::{ClientFilter, Collected, ScmPhase, ScmStatus, SslEnroll, SslReportQuery};

use crate::client;
use crate::wire::{Wire, answer, json, text};

#[tokio::test]
async fn every_way_to_say_not_ready() {
    let code = |code: i64| {
        json(
            400,
            &format!(r#"{{"code":{code},"description":"Being processed by Sectigo"}}"#),
        )
    };
    for (what, reply, expected) in [
        ("0", code(0), Some(0)),
        ("-183", code(-183), Some(-183)),
        ("-1400", code(-1400), Some(-1400)),
        ("-103", code(-103), Some(-103)),
        ("-109", code(-109), Some(-109)),
        (
            "text",
            json(400, r#"{"code":"0","description":"x"}"#),
            Some(0),
        ),
        (
            "words",
            json(400, r#"{"description":"Certificate is not collectable."}"#),
            None,
        ),
        ("empty", answer(200, "", ""), None),
        ("blank", answer(200, "", "\r\n"), None),
    ] {
        let wire = Wire::new([reply]).await;
        match client(&wire.url).ssl().collect(5, "x509").await.unwrap() {
            Collected::NotReady { code, message } => {
                assert_eq!(code, expected, "{what}");
                assert!(!message.is_empty());
            }
            Collected::Ready(bytes) => panic!("{what}: {bytes:?}"),
        }
        assert_eq!(wire.last().line(), "GET /api/ssl/v1/collect/5?format=x509");
    }
}

#[tokio::test]
async fn any_other_error_of_collect_is_one() {
    for reply in [
        json(400, r#"{"code":-126,"description":"Unsupported"}"#),
        json(400, r#"{"description":"no code"}"#),
        json(404, r#"{"code":0,"description":"x"}"#),
        text(400, "no JSON"),
    ] {
        let wire = Wire::new([reply]).await;
        assert!(client(&wire.url).ssl().collect(5, "x509").await.is_err());
    }
}

#[tokio::test]
async fn a_certificate_is_bytes() {
    let bytes = [0x30, 0x82, 0, 0xff];
    let headers = "content-type: application/octet-stream\r\ncontent-disposition: attachment; filename=\"a_b.p7b\"\r\n";
    let wire = Wire::new([answer(200, headers, bytes)]).await;
    let collected = client(&wire.url)
        .client()
        .collect("1923182777", "bin")
        .await
        .unwrap();
    assert_eq!(collected, Collected::Ready(bytes.into()));
    assert_eq!(
        wire.last().line(),
        "GET /api/smime/v1/collect/1923182777?format=bin"
    );
}

#[tokio::test]
async fn orders_answer_ids_of_any_type() {
    for (body, renew_id) in [
        (
            r#"{"sslId":136,"renewId":"sWXl3EAqzn2qXLNP6pSW"}"#,
            Some("sWXl3EAqzn2qXLNP6pSW"),
        ),
        (r#"{"sslId":"136","renewId":"","more":{"x":[1]}}"#, None),
        (r#"{ "sslId" : 136 }"#, None),
    ] {
        let wire = Wire::new([json(200, body)]).await;
        let enrolled = client(&wire.url)
            .ssl()
            .enroll(&SslEnroll::default())
            .await
            .unwrap();
        assert_eq!(
            (enrolled.ssl_id, enrolled.renew_id.as_deref()),
            (136, renew_id)
        );
    }
    for body in [
        r#"{"orderNumber":1923182777,"backendCertId":"1923182777"}"#,
        r#"{"orderNumber":"1923182777"}"#,
        r#"{"backendCertId":1923182777}"#,
    ] {
        let wire = Wire::new([json(200, body)]).await;
        let enrolled = client(&wire.url).client().renew("17").await.unwrap();
        assert_eq!(enrolled.backend_cert_id, "1923182777");
    }
}

#[tokio::test]
async fn details_with_everything_and_with_nothing() {
    let full = r#"{
        "commonName":"ccmqa.com","sslId":58,"id":58,"orgId":"2","status":"Revoked","orderNumber":0,
        "backendCertId":"1923182777","vendor":"Sectigo",
        "certType":{"id":3,"name":"OV","terms":[365,"730"],"keyTypes":{"RSA":["2048",4096],"EC":["P-256"]}},
        "term":365,"approved":"","requested":"01/31/2023","expires":"02/16/2023","reasonCode":"4","renewed":true,
        "serialNumber":"AB:CD:EF","keyType":"RSA - 2048","comments":"tag","unknown":null,
        "subjectAlternativeNames":["a.example","b.example"],
        "customFields":[{"name":"cost","value":"7"},{"name":"note"}],
        "certificateDetails":{"issuer":"CN=Test CA","subject":"CN=ccmqa.com"}}"#;
    let wire = Wire::new([json(200, full), json(200, "{}")]).await;
    let client = client(&wire.url);
    let details = client.ssl().details(58).await.unwrap();
    assert_eq!(details.ssl_id, Some(58));
    assert_eq!(details.status.unwrap().phase(), ScmPhase::Revoked);
    let profile = details.profile.unwrap();
    assert_eq!((profile.id, profile.terms), (3, vec![365, 730]));
    assert_eq!(profile.key_types["RSA"], ["2048", "4096"]);
    assert_eq!(
        (details.org_id, details.reason_code, details.approved),
        (Some(2), Some(4), None)
    );
    assert_eq!(details.comments.as_deref(), Some("tag"));
    assert_eq!(details.custom_fields.len(), 2);
    assert_eq!(details.issuer.as_deref(), Some("CN=Test CA"));
    let nothing = client.ssl().details(59).await.unwrap();
    assert_eq!(
        (nothing.ssl_id, nothing.status, nothing.renewed),
        (None, None, false)
    );
}

#[tokio::test]
async fn profiles_fields_and_organizations() {
    let wire = Wire::new([
        json(200, r#"[{"id":1999,"name":"OV","terms":[365],"keyTypes":{"RSA":["2048"]},"useSecondaryOrgName":false},{"name":"no id"}]"#),
        json(200, r#"[{"id":1,"name":"cost center","mandatory":true},{"id":2,"name":"note","mandatory":false}]"#),
        json(200, r#"[{"id":7,"name":"Org","certTypes":["SSL"],"departments":[{"id":8,"name":"Dep","parentName":"Org"}]}]"#),
        json(200, r#"{"id":7,"name":"Org","sslCertsApiEnabled":true,"clientCertsApiEnabled":false,"certTypes":["SSL"]}"#),
        json(200, r#"[{"id":1,"name":"cost center","certType":"ssl","state":"ACTIVE","mandatories":["REST_API"],"input":{"type":"TEXT_OPTION","options":["a","b"]}}]"#),
    ])
    .await;
    let client = client(&wire.url);
    let profiles = client.ssl().profiles(Some(7)).await.unwrap();
    assert_eq!((profiles.len(), profiles[0].id), (1, 1999));
    let rules = client.ssl().custom_fields().await.unwrap();
    assert_eq!(
        (
            rules[0].name.as_str(),
            rules[0].mandatory,
            rules[1].mandatory
        ),
        ("cost center", true, false)
    );
    let organizations = client.organizations().await.unwrap();
    assert_eq!(organizations[0].departments[0].id, 8);
    let details = client.organization(7).await.unwrap();
    assert_eq!(
        (details.ssl_api_enabled, details.client_api_enabled),
        (Some(true), Some(false))
    );
    let fields = client.custom_field_definitions("SSL").await.unwrap();
    assert_eq!(
        (fields[0].options.len(), fields[0].mandatories[0].as_str()),
        (2, "REST_API")
    );
    let lines: Vec<String> = wire.asked().iter().map(|request| request.line()).collect();
    assert_eq!(
        lines,
        [
            "GET /api/ssl/v1/types?organizationId=7",
            "GET /api/ssl/v1/customFields",
            "GET /api/organization/v1",
            "GET /api/organization/v1/7",
            "GET /api/customField/v2?certType=SSL",
        ]
    );
}

#[tokio::test]
async fn a_rejected_client_certificate_has_almost_nothing() {
    let wire = Wire::new([json(
        200,
        r#"[{"id":1,"state":"rejected","certificateDetails":{},"serialNumber":"","orderNumber":0,"backendCertId":null,"expires":null,"comments":"tag"}]"#,
    )])
    .await;
    let filter = ClientFilter {
        email: Some("ann+x@example.com".into()),
        ..ClientFilter::default()
    };
    let listed = client(&wire.url)
        .client()
        .list(&filter)
        .all(10)
        .await
        .unwrap();
    assert_eq!(listed[0].state, Some(ScmStatus::Rejected));
    assert_eq!(
        (&listed[0].backend_cert_id, &listed[0].serial_number),
        (&None, &None)
    );
    assert_eq!(listed[0].comments.as_deref(), Some("tag"));
    assert_eq!(
        wire.last().line(),
        "GET /api/smime/v2?email=ann%2Bx%40example.com&size=200&position=0"
    );
}

#[tokio::test]
async fn the_report_shows_comments() {
    let wire = Wire::new([
        json(200, r#"{"statusCode":0,"reports":[{"id":58,"commonName":"a.example","status":"Applied","comments":"tag-1","serialNumber":null}]}"#),
        json(200, r#"{"statusCode":-9,"description":"bad"}"#),
        json(200, "{}"),
    ])
    .await;
    let client = client(&wire.url);
    let query = SslReportQuery {
        common_name: Some("a.example".into()),
        from: Some("2026-11-23T10:00:00.5Z".parse().unwrap()),
        ..SslReportQuery::default()
    };
    let rows = client.ssl().report(&query).await.unwrap();
    assert_eq!(
        (rows[0].ssl_id, rows[0].comments.as_deref()),
        (58, Some("tag-1"))
    );
    assert_eq!(
        wire.last().json(),
        serde_json::json!({"commonName": "a.example", "organizationIds": [], "certificateStatus": 0,
            "certificateDateAttribute": 4, "from": "2026-11-23T10:00:00.000Z"})
    );
    assert!(
        client
            .ssl()
            .report(&query)
            .await
            .unwrap_err()
            .to_string()
            .contains("-9 \"bad\"")
    );
    assert!(client.ssl().report(&query).await.is_err());
}

#[tokio::test]
async fn the_clock_of_scm_is_remembered() {
    let wire = Wire::new([answer(200, "date: Mon, 23 Nov 2020 10:00:00 GMT\r\n", "{}")]).await;
    let client = client(&wire.url);
    assert_eq!(client.clock_skew(), None);
    client.ssl().details(1).await.unwrap();
    assert!(client.clock_skew().unwrap().as_hours() < -24 * 365);
}
