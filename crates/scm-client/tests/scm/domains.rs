//! Domains and their validation, against the simulator and against answers of every kind.

use scm_client::{
    Client, DcvMethod, DcvOrderStatus, DcvRecord, DcvStatus, Delegation, DomainFilter, ScmErrorKind,
};
use serde_json::json;

use crate::client;
use crate::simulator::{ORGANISATION, Simulator};
use crate::wire::{Wire, json as reply};

#[tokio::test]
async fn a_domain_is_validated_with_every_login() {
    for simulator in Simulator::start_both().await {
        for settings in [
            simulator.password(),
            simulator.certificate(),
            simulator.oauth(),
        ] {
            is_validated(&simulator, &Client::new(settings).unwrap()).await;
        }
    }
}

async fn is_validated(simulator: &Simulator, client: &Client) {
    let domain = json!({ "name": "shop.example" });
    simulator
        .control(reqwest::Method::PUT, "/domains", domain)
        .await;
    let dcv = client.dcv();
    let record = dcv
        .start("shop.example", DcvMethod::Cname)
        .await
        .unwrap()
        .unwrap();
    let DcvRecord::Cname { host, target } = &record else {
        panic!("{record:?}")
    };
    assert!(
        host.ends_with(".shop.example.") && target.ends_with(".sectigo.com."),
        "{record:?}"
    );
    let awaited = dcv.status("shop.example").await.unwrap();
    assert_eq!(awaited.order_status, DcvOrderStatus::AwaitingSubmission);
    let submitted = dcv
        .submit("shop.example", DcvMethod::Cname, None)
        .await
        .unwrap();
    assert_eq!(submitted.order_status, DcvOrderStatus::Submitted);
    let checked = dcv.sync("shop.example").await.unwrap();
    assert_eq!(
        (&checked.status, checked.record),
        (&DcvStatus::NotValidated, Some(record))
    );
    assert!(checked.next_check > checked.last_check && checked.last_check.is_some());
    let txt = dcv
        .submit("shop.example", DcvMethod::Txt, None)
        .await
        .unwrap();
    assert!(matches!(txt.record, Some(DcvRecord::Txt { text, .. }) if text.len() == 32));
    let addresses = dcv.addresses("shop.example").await.unwrap();
    assert!(
        addresses.contains(&"postmaster@shop.example".to_owned()),
        "{addresses:?}"
    );
    let mail = dcv
        .submit("shop.example", DcvMethod::Email, Some(&addresses[0]))
        .await
        .unwrap();
    assert_eq!(mail.order_status, DcvOrderStatus::Submitted);
    let path = "/domains/shop.example/validate";
    simulator
        .control(reqwest::Method::POST, path, json!({}))
        .await;
    let filter = DomainFilter {
        org_id: Some(ORGANISATION),
        ..DomainFilter::default()
    };
    let listed = dcv.list(&filter).all(10).await.unwrap();
    assert_eq!(
        (listed.len(), &listed[0].status),
        (1, &DcvStatus::Validated)
    );
    assert!(listed[0].expires.unwrap() > jiff::Timestamp::now());
    dcv.clear("shop.example").await.unwrap();
    assert_eq!(
        dcv.status("shop.example").await.unwrap().status,
        DcvStatus::NotValidated
    );
}

#[tokio::test]
async fn domains_are_entered_and_reported() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.password()).unwrap();
    let error = client
        .dcv()
        .start("new.example", DcvMethod::Http)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ScmErrorKind::BadContent, Some(-727)),
        "{error}"
    );
    let delegation = Delegation {
        org_id: ORGANISATION,
        cert_types: vec!["SSL".to_owned()],
        status: None,
    };
    let domains = client.domains();
    domains
        .create("new.example", std::slice::from_ref(&delegation))
        .await
        .unwrap();
    let listed = domains.list(Some(ORGANISATION)).all(10).await.unwrap();
    assert_eq!(listed[0].1, "new.example");
    let second = Delegation {
        org_id: 124,
        ..delegation
    };
    domains.delegate(listed[0].0, &second).await.unwrap();
    let details = domains.details(listed[0].0).await.unwrap();
    assert_eq!(details.delegations.len(), 2);
    let report = domains.report().await.unwrap();
    assert_eq!(
        (report[0].name.as_str(), report[0].suspended),
        ("new.example", false)
    );
    let record = client
        .dcv()
        .start("new.example", DcvMethod::Http)
        .await
        .unwrap();
    assert!(matches!(record, Some(DcvRecord::File { lines, .. }) if lines.len() == 2));
}

#[tokio::test]
async fn both_spellings_and_both_dates_are_read() {
    let wire = Wire::new([
        reply(200, r#"[{"domain":"A.example","dcvStatus":"Not validated","dcvOrderStatus":"Awaiting submission","expirationDate":"2027-02-03"},
            {"domain":"b.example","dcvStatus":"EXPIRED","expirationDate":"2027-02-03T05:00:00.000Z","dcvMethod":"DNSTXT_RANDOM_VALUE"},
            {"domain":"c.example","dcvStatus":"Held","dcvOrderStatus":null},{"dcvStatus":"VALIDATED"}]"#),
        reply(200, r#"{"status":"EXPIRED","orderStatus":"SUBMITTED","host":"_pki-validation.a.example","point":"a\"b;c"}"#),
    ])
    .await;
    let client = client(&wire.url);
    let listed = client
        .dcv()
        .list(&DomainFilter::default())
        .all(10)
        .await
        .unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0].domain, "a.example");
    assert_eq!(
        (&listed[0].status, &listed[0].order_status),
        (
            &DcvStatus::NotValidated,
            &DcvOrderStatus::AwaitingSubmission
        )
    );
    assert_eq!(
        listed[0].expires.unwrap().to_string(),
        "2027-02-03T00:00:00Z"
    );
    assert_eq!(
        listed[1].expires.unwrap().to_string(),
        "2027-02-03T05:00:00Z"
    );
    assert_eq!(
        DcvMethod::parse(listed[1].method.as_deref().unwrap()),
        Some(DcvMethod::Txt)
    );
    assert_eq!(listed[2].status, DcvStatus::Other("Held".to_owned()));
    let status = client.dcv().status("a.example").await.unwrap();
    let record = DcvRecord::Txt {
        host: "_pki-validation.a.example.".to_owned(),
        text: "a\"b;c".to_owned(),
    };
    assert_eq!(status.record, Some(record));
}
