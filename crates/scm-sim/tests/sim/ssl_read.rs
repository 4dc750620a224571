use serde_json::json;

use crate::harness::Scm;

#[tokio::test]
async fn profiles_as_documented() {
    let scm = Scm::start().await;
    for path in ["/api/ssl/v1/types", "/api/ssl/v2/types?organizationId=124"] {
        let answer = scm.get(path).await;
        assert_eq!(answer.status, 200);
        let profiles = answer.json();
        let first = &profiles[0];
        assert_eq!(first["id"], 51);
        assert_eq!(first["terms"], json!([90, 199, 365]));
        assert_eq!(
            first["keyTypes"],
            json!({ "EC": ["P-256", "P-384", "P-521"], "RSA": ["2048", "3072", "4096"] })
        );
        assert_eq!(first["useSecondaryOrgName"], false);
        assert!(
            profiles[1].get("description").is_none(),
            "absent members are left out"
        );
    }
    scm.get("/api/ssl/v1/types?organizationId=999")
        .await
        .refused(400, -639);
}

#[tokio::test]
async fn profiles_of_an_organisation_only() {
    let scm = Scm::with_toml(
        r#"
        profiles = [
            { id = 1, name = "For all" },
            { id = 2, name = "Same name", organisations = [124] },
            { id = 3, name = "Same name", organisations = [200] },
        ]"#,
    )
    .await;
    let ids = async |path: &str| -> Vec<u64> {
        let profiles = scm.get(path).await.json();
        let profiles = profiles.as_array().unwrap().clone();
        profiles.iter().map(|p| p["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids("/api/ssl/v1/types").await, [1, 2, 3]);
    assert_eq!(ids("/api/ssl/v1/types?organizationId=124").await, [1, 2]);
    assert_eq!(ids("/api/ssl/v1/types?organizationId=123").await, [1]);
    assert_eq!(
        ids("/api/ssl/v1/types?orgId=123").await,
        [1, 2, 3],
        "unknown names are ignored"
    );
}

#[tokio::test]
async fn custom_fields_as_documented() {
    let fields = "custom_fields = [{ id = 1, name = \"Cost Center\", mandatory = true }, \
                  { id = 2, name = \"Stage\" }]";
    let scm = Scm::with_toml(fields).await;
    let fields = scm.get("/api/ssl/v1/customFields").await.json();
    assert_eq!(
        fields[0],
        json!({ "id": 1, "name": "Cost Center", "mandatory": true })
    );
    assert_eq!(fields[1]["mandatory"], false);
}

#[tokio::test]
async fn what_only_some_profiles_demand_is_not_listed_as_mandatory() {
    let scm = Scm::start().await;
    let fields = scm.get("/api/ssl/v1/customFields").await.json();
    assert_eq!(
        fields[0],
        json!({ "id": 1, "name": "Cost Center", "mandatory": false })
    );
}

#[tokio::test]
async fn details_of_an_issued_certificate() {
    let scm = Scm::start().await;
    let others = json!({
        "subjAltNames": "b.example.com",
        "comments": "tag 7",
        "externalRequester": "a@example.com",
    });
    let id = scm.enrolled_with("www.example.com", others).await;
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    for (name, value) in [
        ("commonName", json!("www.example.com")),
        ("id", json!(id)),
        ("sslId", json!(id)),
        ("orgId", json!(123)),
        ("status", json!("Issued")),
        ("vendor", json!("Sectigo")),
        ("term", json!(90)),
        ("requester", json!("admin")),
        ("requestedVia", json!("Web API")),
        ("comments", json!("tag 7")),
        ("externalRequester", json!("a@example.com")),
        ("renewed", json!(false)),
        ("keyAlgorithm", json!("EC")),
        ("keyType", json!("EC - P-256")),
        ("subjectAlternativeNames", json!(["b.example.com"])),
        ("suspendNotifications", json!(false)),
    ] {
        assert_eq!(details[name], value, "{name}");
    }
    assert_eq!(details["certType"]["id"], 51);
    let backend = details["backendCertId"].as_str().unwrap();
    assert_eq!(
        details["orderNumber"].to_string(),
        backend,
        "the same digits"
    );
    let serial = details["serialNumber"].as_str().unwrap();
    assert!(
        serial
            .split(':')
            .all(|pair| pair.len() == 2 && pair.to_uppercase() == pair)
    );
    for date in ["requested", "approved", "issued", "expires"] {
        let text = details[date].as_str().unwrap();
        assert_eq!(
            (text.len(), &text[2..3], &text[5..6]),
            (10, "/", "/"),
            "US date: {text}"
        );
    }
    let certificate = &details["certificateDetails"];
    assert!(
        certificate["issuer"]
            .as_str()
            .unwrap()
            .contains("CN=Simulated Issuing CA")
    );
    assert_eq!(certificate["sha1Hash"].as_str().unwrap().len(), 40);
    assert_eq!(certificate["sha256Hash"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn an_unissued_request_lacks_what_it_has_not() {
    let scm = Scm::start().await;
    let id = scm
        .enrolled_with("a.example.com", json!({ "certType": 55 }))
        .await;
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    assert_eq!(details["status"], "Requested");
    for name in [
        "serialNumber",
        "expires",
        "issued",
        "certificateDetails",
        "comments",
    ] {
        assert!(details.get(name).is_none(), "{name} in {details}");
    }
}

#[tokio::test]
async fn dates_in_every_documented_format() {
    let scm = Scm::start().await;
    let id = scm.enrolled("a.example.com").await;
    let issued = async |format: &str| {
        let path = format!("/api/ssl/v1/{id}?dateFormat={format}");
        let details = scm.get(&path).await.json();
        let text = details["issued"].as_str().unwrap();
        text.chars()
            .map(|c| if c.is_ascii_digit() { '9' } else { c })
            .collect::<String>()
    };
    for (format, shape) in [
        ("ISO", "9999-99-99"),
        ("iso_hms", "9999-99-99 99:99:99"),
        ("yyyy-mm-dd", "9999-99-99"),
        ("US", "99/99/9999"),
        ("US_HMS", "99/99/9999 99:99:99"),
        ("EU", "99.99.9999"),
        ("EU_HMS", "99.99.9999 99:99:99"),
        ("UK", "99/99/9999"),
        ("UK_HMS", "99/99/9999 99:99:99"),
        ("JP", "9999/99/99"),
        ("JP_HMS", "9999/99/99 99:99:99"),
        ("unheard-of", "99/99/9999"),
    ] {
        assert_eq!(issued(format).await, shape, "{format}");
    }
    scm.switch(json!({ "dates": "iso" })).await;
    assert_eq!(issued("").await, "9999-99-99");
}

#[tokio::test]
async fn unknown_and_malformed_ids() {
    let scm = Scm::start().await;
    scm.get("/api/ssl/v1/999999").await.refused(404, -5101);
    scm.get("/api/ssl/v1/seven").await.refused(400, -124);
    let answer = scm.get("/api/ssl/v3/types").await;
    assert_eq!(answer.status, 404);
    assert!(
        answer.json().get("code").is_none(),
        "only the description is promised"
    );
    assert!(answer.json()["description"].is_string());
    // What is not served says so, in the same form.
    for (path, status) in [
        ("/api/ssl/v1/types", 405),
        ("/api/ssl/v1/enroll-keygen", 405),
        ("/api/ssl/v2/import", 405),
        ("/api/ssl/v1/1001/location", 404),
    ] {
        let answer = scm.post(path, "{}").await;
        assert_eq!(answer.status, status, "{path}");
        let words = answer.json()["description"].to_string();
        assert!(
            words.contains("scm-sim does not serve this call"),
            "{path}: {words}"
        );
    }
}

#[tokio::test]
async fn pages_and_the_count() {
    let scm = Scm::start().await;
    for n in 0..5 {
        scm.enrolled(&format!("host{n}.example.com")).await;
    }
    let ids = |answer: &crate::harness::Answer| -> Vec<u64> {
        let items = answer.json();
        let items = items.as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["sslId"].as_u64().unwrap())
            .collect()
    };
    let all = scm.get("/api/ssl/v1").await;
    assert_eq!(all.header("X-Total-Count"), "5");
    let all = ids(&all);
    assert_eq!(all.len(), 5);
    let page = scm.get("/api/ssl/v1?size=2&position=1").await;
    assert_eq!(page.header("X-Total-Count"), "5");
    assert_eq!(ids(&page), all[1..3]);
    assert_eq!(
        ids(&scm.get("/api/ssl/v2?size=200&position=4").await),
        all[4..]
    );
    assert!(ids(&scm.get("/api/ssl/v1?position=9").await).is_empty());
    assert!(ids(&scm.get("/api/ssl/v1?size=0").await).is_empty());
    let head = scm.head("/api/ssl/v1?commonName=host3").await;
    assert_eq!((head.status, head.header("X-Total-Count")), (200, "1"));
    assert!(head.body.is_empty());
    for wrong in ["size=201", "size=-1", "size=x", "position=-1"] {
        scm.get(&format!("/api/ssl/v1?{wrong}"))
            .await
            .refused(400, -1001);
    }
    scm.switch(json!({ "default_page_size": 3 })).await;
    assert_eq!(ids(&scm.get("/api/ssl/v1").await).len(), 3);
}

#[tokio::test]
async fn filters() {
    let scm = Scm::start().await;
    let others = json!({ "subjAltNames": "alt.example.com", "orgId": 124, "externalRequester": "a@example.com" });
    let first = scm.enrolled_with("www.example.com", others).await;
    let second = scm
        .enrolled_with("other.example.org", json!({ "certType": 55 }))
        .await;
    let details = scm.get(&format!("/api/ssl/v1/{first}")).await.json();
    let text = |name: &str| details[name].as_str().unwrap().to_owned();
    let hash = details["certificateDetails"]["sha1Hash"].as_str().unwrap();
    let found = async |filter: &str| -> Vec<u64> {
        let answer = scm.get(&format!("/api/ssl/v1?{filter}")).await.json();
        let items = answer.as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["sslId"].as_u64().unwrap())
            .collect()
    };
    for (filter, expected) in [
        ("commonName=EXAMPLE.com".to_owned(), vec![first]),
        ("subjectAlternativeName=alt".to_owned(), vec![first]),
        ("status=issued".to_owned(), vec![first]),
        ("status=Requested".to_owned(), vec![second]),
        ("sslTypeId=55".to_owned(), vec![second]),
        ("orgId=124".to_owned(), vec![first]),
        (
            format!("serialNumber={}", text("serialNumber")),
            vec![first],
        ),
        (
            format!(
                "serialNumber={}",
                text("serialNumber").replace(':', "").to_lowercase()
            ),
            vec![first],
        ),
        ("externalRequester=a@example.com".to_owned(), vec![first]),
        ("requester=admin".to_owned(), vec![first, second]),
        (
            "keyAlgorithm=EC&keyParam=P-256".to_owned(),
            vec![first, second],
        ),
        ("keyAlgorithm=RSA".to_owned(), vec![]),
        (format!("sha1Hash={hash}"), vec![first]),
        ("comments=ignored&commonName=other".to_owned(), vec![second]),
    ] {
        assert_eq!(found(&filter).await, expected, "{filter}");
    }
    scm.switch(json!({ "filters": "exact" })).await;
    assert!(found("commonName=example").await.is_empty());
    assert_eq!(found("commonName=www.example.com").await, [first]);
    let item = &scm
        .get("/api/ssl/v1?commonName=www.example.com")
        .await
        .json()[0];
    assert_eq!(item["subjectAlternativeNames"], json!(["alt.example.com"]));
    assert_eq!(item["serialNumber"], details["serialNumber"]);
}

#[tokio::test]
async fn spellings_of_status() {
    let scm = Scm::start().await;
    scm.rule(json!({ "approval": true, "show_status": "SA Approved" }))
        .await;
    let id = scm.enrolled("a.example.com").await;
    assert_eq!(scm.status(id).await, "SA Approved");
    let found = scm.get("/api/ssl/v1?status=SAApproved").await;
    assert_eq!(found.header("X-Total-Count"), "1");
}

#[tokio::test]
async fn every_documented_filter_chooses() {
    let scm = Scm::start().await;
    let rsa = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let others = json!({ "csr": crate::harness::csr_for("rsa.example.com", &rsa) });
    let rsa = scm.enrolled_with("rsa.example.com", others).await;
    let ec = scm.enrolled("ec.example.com").await;
    let waiting = scm
        .enrolled_with("w.example.com", json!({ "certType": 55 }))
        .await;
    let renewed = scm.enrolled("r.example.com").await;
    let renewal = scm
        .post(&format!("/api/ssl/v1/renewById/{renewed}"), "{}")
        .await
        .json()["sslId"]
        .as_u64()
        .unwrap();
    let issued = vec![rsa, ec, renewed, renewal];
    let all = vec![rsa, ec, waiting, renewed, renewal];
    let found = async |filter: &str| -> Vec<u64> {
        let answer = scm.get(&format!("/api/ssl/v1?{filter}")).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
        let items = answer.json().as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["sslId"].as_u64().unwrap())
            .collect()
    };
    for (filter, expected) in [
        ("issuer=Simulated%20Issuing", issued.clone()),
        ("issuer=Elsewhere", vec![]),
        ("signatureAlgorithm=SHA256withECDSA", issued.clone()),
        ("signatureAlgorithm=MD5", vec![]),
        ("keySize=2048", vec![rsa]),
        ("keyParam=2048", vec![rsa]),
        ("keyUsage=Key%20Encipherment", vec![rsa]),
        ("extendedKeyUsage=1.3.6.1.5.5.7.3.1", issued.clone()),
        ("extendedKeyUsage=1.3.6.1.5.5.7.3.4", vec![]),
        ("requestedVia=WEB_API", all.clone()),
        ("requestedVia=Web%20API", all.clone()),
        ("requestedVia=ADMIN_UI", vec![]),
        ("renewalStatus=SCHEDULED", vec![]),
        ("renewalStatus=Not%20Scheduled", all.clone()),
        ("installStatus=NOT_SCHEDULED", all.clone()),
        ("installStatus=Successful", vec![]),
        ("md5Hash=00000000000000000000000000000000", vec![]),
    ] {
        assert_eq!(found(filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn filters_have_documented_lengths() {
    let scm = Scm::start().await;
    for (name, longest) in [
        ("vendor", 128),
        ("serialNumber", 128),
        ("requester", 128),
        ("externalRequester", 512),
        ("signatureAlgorithm", 32),
        ("keyAlgorithm", 32),
        ("keyParam", 32),
        ("sha1Hash", 40),
        ("md5Hash", 32),
        ("sha256Hash", 64),
        ("keyUsage", 256),
        ("extendedKeyUsage", 512),
    ] {
        let path = |length: usize| format!("/api/ssl/v1?{name}={}", "a".repeat(length));
        assert_eq!(scm.get(&path(longest)).await.status, 200, "{name}");
        scm.get(&path(longest + 1)).await.refused(400, -1001);
    }
}

#[tokio::test]
async fn names_of_subject_and_issuer_as_in_rfc_2253() {
    let scm = Scm::start().await;
    let id = scm.enrolled("www.example.com").await;
    let details = scm.get(&format!("/api/ssl/v1/{id}")).await.json();
    let certificate = &details["certificateDetails"];
    assert_eq!(
        certificate["subject"],
        "CN=www.example.com,O=Example Organisation"
    );
    assert_eq!(
        certificate["issuer"],
        "CN=Simulated Issuing CA,O=scm-sim (not a public CA)"
    );
}
