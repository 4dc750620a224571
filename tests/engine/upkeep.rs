//! The table of all certificates, and what is taken out of it.

use scm_sim::settings::{Settings, Span};
use serde_json::{Value, json};

use crate::test_mount::{Answer, PATIENCE, TestMount};

fn names(page: &Answer) -> Vec<&str> {
    let rows = page.data()["certificates"].as_array().unwrap();
    rows.iter()
        .map(|row| row["common_name"].as_str().unwrap())
        .collect()
}

async fn enrol(test: &TestMount, config: &str, name: &str, term: i64) -> Answer {
    let body = json!({"common_name": name, "term": term, "key_type": "EC"});
    test.write(&format!("enroll/{config}"), body).await.good()
}

/// All pages of this query, each of `limit`.
async fn pages(test: &TestMount, query: &str, limit: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let page = test
            .read(&format!("inventory?limit={limit}&{query}&after={after}"))
            .await
            .good();
        assert!(names(&page).len() <= limit);
        found.extend(names(&page).into_iter().map(str::to_owned));
        after = page.text("next").to_owned();
        if after.is_empty() {
            return found;
        }
    }
}

#[tokio::test]
async fn inventory_filters_sorts_and_pages() {
    let test = TestMount::ready().await;
    test.config("other", json!({"sectigo_expiry_window": "50%"}))
        .await;
    let terms = [("d", 365), ("a", 90), ("c", 199), ("b", 365), ("e", 90)];
    let mut issued = Vec::new();
    for (name, term) in terms {
        issued.push(enrol(&test, "web", &format!("{name}.example.com"), term).await);
    }
    let other = enrol(&test, "other", "z.example.org", 90).await;
    test.write(
        &format!("revoke/web/{}", issued[0].id()),
        json!({"reason": "r"}),
    )
    .await
    .good();

    let by_name = [
        "a.example.com",
        "b.example.com",
        "c.example.com",
        "d.example.com",
        "e.example.com",
        "z.example.org",
    ];
    for limit in [1, 2, 5, 6, 200] {
        assert_eq!(pages(&test, "sort=common_name", limit).await, by_name);
        let mut reversed = by_name;
        reversed.reverse();
        assert_eq!(pages(&test, "sort=-common_name", limit).await, reversed);
        let up = pages(&test, "sort=expiration", limit).await;
        let mut down = pages(&test, "sort=-expiration", limit).await;
        down.reverse();
        assert_eq!(up, down);
        assert_eq!(up.len(), 6);
        assert_eq!(up[5], "b.example.com", "placed last of the two longest");
    }
    for (query, expected) in [
        ("status=revoked", vec!["d.example.com"]),
        (
            "status=issued&sort=common_name",
            vec![
                "a.example.com",
                "b.example.com",
                "c.example.com",
                "e.example.com",
                "z.example.org",
            ],
        ),
        (
            "status=issued,revoked&config=web&sort=common_name",
            by_name[..5].to_vec(),
        ),
        ("config=other", vec!["z.example.org"]),
        ("q=EXAMPLE.ORG", vec!["z.example.org"]),
        (&format!("q={}", other.id()), vec!["z.example.org"]),
        (
            &format!("q={}", other.text("serial_number")),
            vec!["z.example.org"],
        ),
        (
            &format!(
                "q={}",
                other.text("serial_number").replace(':', "").to_uppercase()
            ),
            vec!["z.example.org"],
        ),
        ("q=nothing", vec![]),
        (
            &format!(
                "expires_after={}&sort=common_name",
                issued[2].data()["expiration"]
            ),
            vec!["b.example.com", "d.example.com"],
        ),
        (
            &format!(
                "expires_before={}&config=web&sort=common_name",
                issued[2].text("not_after")
            ),
            vec!["a.example.com", "e.example.com"],
        ),
        (
            &format!(
                "expires_before={}&config=web&sort=-expiration&status=issued&limit=1",
                issued[2].text("not_after")
            ),
            vec!["e.example.com"],
        ),
    ] {
        let page = test.read(&format!("inventory?{query}")).await.good();
        assert_eq!(names(&page), expected, "{query}");
        let sum: u64 = page.data()["summary"]["status"]
            .as_object()
            .unwrap()
            .values()
            .map(|n| n.as_u64().unwrap())
            .sum();
        assert_eq!(sum, page.data()["summary"]["total"].as_u64().unwrap());
    }
    let page = test.read("inventory?config=web").await.good();
    let summary = &page.data()["summary"];
    assert_eq!(
        (
            &summary["total"],
            &summary["status"]["issued"],
            &summary["status"]["revoked"]
        ),
        (&json!(5), &json!(4), &json!(1))
    );
    let weeks: u64 = summary["expiry_weeks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(weeks, 4, "{summary}");
    for (query, word) in [
        ("status=fine", "fine"),
        ("sort=size", "sort"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("after=%25%25", "after"),
        ("expires_before=soon", "expires_before"),
        ("statsu=issued", "status"),
    ] {
        test.read(&format!("inventory?{query}"))
            .await
            .refused(400, &[word]);
    }
    test.read("inventory?config=nobody")
        .await
        .refused(404, &["nobody"]);

    // The list of one config, with details and in pages.
    let listed = test.list("certs/web").await.good();
    let keys: Vec<String> = serde_json::from_value(listed.data()["keys"].clone()).unwrap();
    assert_eq!(keys.len(), 5);
    assert_eq!(
        listed.data()["key_info"][issued[0].id()]["status"],
        "revoked"
    );
    let page = test.list("certs/web?limit=2").await.good();
    assert_eq!(page.data()["keys"], json!(keys[..2]));
    let page = test
        .list(&format!("certs/web?limit=9&after={}", keys[1]))
        .await
        .good();
    assert_eq!(page.data()["keys"], json!(keys[2..]));
}

#[tokio::test]
async fn tidy_takes_what_is_over_and_says_what_it_kept() {
    let mut settings = Settings::default();
    for profile in &mut settings.profiles {
        if profile.id == 54 {
            profile.lifetime = Some(Span::from_secs(1));
        }
    }
    let test = TestMount::with(settings).await;
    test.config(
        "web",
        json!({"sectigo_ssl_cert_type": null, "sectigo_ssl_cert_validity": null}),
    )
    .await;
    let body = |name: &str, profile: i64, term: i64| json!({"common_name": name, "profile_id": profile, "term": term, "sectigo_auto_renew": false});
    let brief = test
        .write("enroll/web", body("brief.example.com", 54, 30))
        .await
        .good();
    let long = test
        .write("enroll/web", body("long.example.com", 51, 90))
        .await
        .good();
    let gone = test
        .write("enroll/web", body("gone.example.com", 51, 90))
        .await
        .good();
    test.write(&format!("revoke/web/{}", gone.id()), json!({"reason": "r"}))
        .await
        .good();
    let path = format!("readcert/web/{}", brief.id());
    test.until(&path, PATIENCE, |read| read.status_word() == "expired")
        .await;

    let kept = test.write("tidy", json!({})).await.good();
    assert_eq!(kept.data()["removed_certificates"], 0);
    let why = &kept.data()["kept"];
    assert_eq!(
        (
            &why["in use"],
            &why["revoked within the safety buffer"],
            &why["expired within the safety buffer"]
        ),
        (&json!(1), &json!(1), &json!(1)),
        "{why}"
    );
    // With a buffer of a second the expired one goes, and the revoked one, and the records of all ended orders with them.
    crate::support::until("the buffer is over", PATIENCE, async || {
        test.write("tidy", json!({"safety_buffer": 1})).await.good();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let page = test.read("inventory").await.good();
        page.data()["summary"]["total"] == 1
    })
    .await;
    test.read(&path).await.refused(404, &[]);
    test.read(&format!("keys/web/{}", brief.id()))
        .await
        .refused(404, &[]);
    test.read(&format!("readcert/web/{}", long.id()))
        .await
        .good();
    let status = test.read("tidy-status").await.good();
    assert_eq!(status.text("state"), "idle");
    assert!(!status.text("finished").is_empty());
    test.write("tidy", json!({"interval": 5}))
        .await
        .refused(400, &["minute"]);
}

#[tokio::test]
async fn deleting_a_config_takes_everything_with_it_or_nothing() {
    let test = TestMount::ready().await;
    let issued = enrol(&test, "web", "kept.example.com", 90).await;
    test.delete("configs/web")
        .await
        .refused(409, &["certificates", "force=true"]);
    test.read(&format!("keys/web/{}", issued.id())).await.good();
    test.write("configs/web", json!({"sectigo_cm_uri": "another"}))
        .await
        .refused(409, &["sectigo_cm_uri"]);
    test.write("configs/web", json!({"sectigo_config_type": "client_cert", "sectigo_ssl_cert_type": "", "sectigo_ssl_cert_validity": ""})).await.refused(409, &["sectigo_config_type"]);
    test.delete("configs/web?force=true").await.good();
    assert_eq!(
        test.read("inventory").await.good().data()["summary"]["total"],
        0
    );
    // A config of the same name begins empty.
    test.config("web", json!({})).await;
    test.read(&format!("keys/web/{}", issued.id()))
        .await
        .refused(404, &[]);
    assert_eq!(test.list("certs/web").await.status, 404);
    assert_eq!(
        test.list("orders/web?all=true").await.data()["keys"],
        Value::Null
    );
}

#[tokio::test]
async fn the_current_certificate_is_the_newest_in_use() {
    let test = TestMount::ready().await;
    let first = enrol(&test, "web", "now.example.com", 90).await;
    // The same request would be answered the first one.
    let body = json!({"common_name": "now.example.com", "term": 90, "key_type": "EC", "idempotency_key": "another"});
    let second = test.write("enroll/web", body).await.good();
    assert_ne!(first.id(), second.id());
    let current = async || test.read("current/web/now.example.com").await;
    assert_eq!(
        current().await.good().id(),
        second.id(),
        "of two of the same second, the later order"
    );
    test.write(
        &format!("revoke/web/{}", second.id()),
        json!({"reason": "r"}),
    )
    .await
    .good();
    assert_eq!(current().await.good().id(), first.id());
    test.write(
        &format!("revoke/web/{}", first.id()),
        json!({"reason": "r"}),
    )
    .await
    .good();
    current().await.refused(404, &["now.example.com"]);
    // Another name that begins alike is another name.
    enrol(&test, "web", "now.example.com.example.org", 90).await;
    current().await.refused(404, &[]);
    // Internationalised names are spelled as they are in the certificate.
    enrol(&test, "web", "Bücher.example.com", 90).await;
    let read = test
        .read("current/web/xn--bcher-kva.example.com")
        .await
        .good();
    assert_eq!(read.text("common_name"), "xn--bcher-kva.example.com");
}

#[tokio::test]
async fn reconcile_names_what_differs_a_page_at_a_time() {
    let test = TestMount::ready().await;
    let same = enrol(&test, "web", "same.example.com", 90).await;
    let forgotten = enrol(&test, "web", "forgotten.example.com", 90).await;
    let renewed = enrol(&test, "web", "renewed.example.com", 90).await;
    let gone = enrol(&test, "web", "gone.example.com", 90).await;
    test.delete(&format!("certs/web/{}", forgotten.id()))
        .await
        .good();
    let at_scm = async |method: reqwest::Method, path: String| {
        let scm = test.scm();
        let answer = test
            .http
            .request(method, format!("{}/api/ssl/v1/{path}", scm.base_url))
            .header("login", &scm.login)
            .header("password", &scm.password)
            .header("customerUri", &scm.customer_uri)
            .header("content-type", "application/json")
            .body("{}")
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    };
    let ssl = |answer: &Answer| answer.text("ssl_id").to_owned();
    at_scm(
        reqwest::Method::POST,
        format!("renewById/{}", ssl(&renewed)),
    )
    .await;
    test.control(
        "POST",
        &format!("orders/{}/discover", ssl(&gone)),
        json!({}),
    )
    .await;
    at_scm(reqwest::Method::DELETE, ssl(&gone)).await;
    // Orders stand in SCM's list, too: one that was declined, one of another config that nobody has decided, and one of
    // a config that is gone.
    test.rules(json!([{"approval": true}])).await;
    test.config("other", json!({})).await;
    test.config("past", json!({})).await;
    for (config, name) in [
        ("web", "declined"),
        ("other", "elsewhere"),
        ("past", "open"),
    ] {
        let body = json!({"common_name": format!("{name}.example.com"), "sectigo_max_timeout": 0});
        let placed = test.write(&format!("enroll/{config}"), body).await.good();
        if config == "web" {
            let order = format!("orders/web/{}", placed.text("order_id"));
            test.delete(&order).await.good();
        }
    }
    test.delete("configs/past?force=true").await.good();

    for limit in [1, 2, 50] {
        let mut verdicts = Vec::new();
        let mut after = String::new();
        loop {
            let page = test
                .read(&format!("reconcile/web?limit={limit}&after={after}"))
                .await
                .good();
            let rows = page.data()["rows"].as_array().unwrap();
            assert!(rows.len() <= limit);
            for row in rows {
                let of = |member: &str| row[member].as_str().unwrap().to_owned();
                verdicts.push((of("common_name"), of("verdict")));
            }
            after = page.text("next").to_owned();
            if after.is_empty() {
                break;
            }
        }
        verdicts.sort();
        let expected = [
            ("declined.example.com", "ended_in_scm"),
            ("elsewhere.example.com", "in_other_config"),
            ("forgotten.example.com", "only_in_scm"),
            ("gone.example.com", "only_in_vault"),
            ("open.example.com", "open_in_scm"),
            ("renewed.example.com", "only_in_scm"),
            ("renewed.example.com", "renewed_outside"),
            ("same.example.com", "same"),
        ];
        let expected = expected.map(|(name, verdict)| (name.to_owned(), verdict.to_owned()));
        assert_eq!(verdicts, expected, "limit {limit}");
    }
    // What only SCM has is brought in, without a key.
    let fetched = test
        .write(&format!("fetch/web/{}", forgotten.id()), json!({}))
        .await
        .good();
    assert_eq!(
        fetched.data()["certificate"],
        forgotten.data()["certificate"]
    );
    test.read(&format!("keys/web/{}", forgotten.id()))
        .await
        .refused(404, &[]);
    test.read(&format!("keys/web/{}", same.id())).await.good();
    test.read("reconcile/web?after=nonsense")
        .await
        .refused(400, &["after"]);
}
