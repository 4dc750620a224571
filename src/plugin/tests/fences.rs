//! What a config forbids, and which requests that stops.

use serde_json::{Value, json};

use super::{DAY, bad_request, cert, grow_old, id, job, refused, renew_error, run};
use crate::plugin::testing::TestMountWithScm;
use pki::{Csr, PrivateKey, San, Subject};
use svpki_types::KeySpec;
use vault_plugin::logical::Operation;

/// A caller's CSR with these names; the first is the common name.
fn csr(names: &[&str]) -> String {
    with_subject(
        Subject {
            common_name: Some(names[0].to_owned()),
            ..Subject::default()
        },
        names,
    )
}

fn with_subject(subject: Subject, names: &[&str]) -> String {
    let key = PrivateKey::generate(KeySpec::parse(Some("EC"), None).unwrap()).unwrap();
    let sans: Vec<San> = names.iter().map(|name| San::parse(name).unwrap()).collect();
    Csr::build(&key, &subject, &sans).unwrap().to_pem()
}

/// An SCM that takes names from a CSR, and a config for one team.
async fn fenced() -> TestMountWithScm {
    let test = TestMountWithScm::new().await;
    test.control("PATCH", "switches", json!({"takes_csr_names": true}))
        .await;
    let policy = json!({"allowed_domains": "team-a.example.com", "allow_subdomains": true});
    test.mount.write("configs/web", policy).await.unwrap();
    test
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_a_csr_beside_the_names_asked_for_passes_no_fence() {
    let test = fenced().await;
    let (own, evil) = ("a.team-a.example.com", "evil.bank.example.com");
    let also = "b.team-a.example.com";
    let smuggled = csr(&[own, evil]);
    // What would happen without the check: SCM puts the name into the certificate.
    let body =
        json!({"csr": &smuggled, "subjAltNames": also, "certType": 51, "term": 90, "orgId": 123});
    let placement = test.somebody_posts("/api/ssl/v1/enroll", body).await;
    let path = format!("fetch/web/{}_{}", placement["sslId"], test.sim.customer_uri);
    let fetched = test.mount.write(&path, json!({})).await.unwrap().unwrap();
    let names = fetched.data["subject_alt_names"].to_string();
    assert!(names.contains(evil), "{names}");
    let before = test.orders_at_scm("").await.len();

    for body in [
        json!({"csr": &smuggled, "alt_names": also}),
        json!({"csr": &smuggled}),
        json!({"csr": &smuggled, "alt_names": also, "dry_run": true}),
        json!({"csr": csr(&[evil]), "alt_names": also}),
    ] {
        let error = refused(
            test.mount.write("enroll/web", body).await,
            &[evil, "allowed_domains"],
        );
        bad_request(&error);
    }
    // A name that would be allowed, but was not ordered.
    let more = csr(&[own, "c.team-a.example.com"]);
    let body = json!({"csr": more, "alt_names": also});
    let error = refused(
        test.mount.write("enroll/web", body).await,
        &["CSR", "not ordered: c.team-a.example.com"],
    );
    bad_request(&error);
    // The same with a name from the config's defaults.
    let default = json!({"alt_names": also});
    test.mount.write("configs/web", default).await.unwrap();
    let body = json!({"csr": csr(&[own, "c.team-a.example.com"])});
    refused(test.mount.write("enroll/web", body).await, &["not ordered"]);
    assert_eq!(test.orders_at_scm("").await.len(), before);

    let body =
        json!({"csr": csr(&[own, also]), "alt_names": format!("{also},d.team-a.example.com")});
    let issued = test.issued("enroll/web", body).await;
    assert_eq!(
        issued.data["subject_alt_names"],
        json!([own, also, "d.team-a.example.com"])
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_the_csr_of_a_renewal_or_replacement_passes_no_fence() {
    let test = fenced().await;
    let (own, evil) = ("a.team-a.example.com", "evil.bank.example.com");
    let also = "b.team-a.example.com";
    let body = json!({"common_name": own, "alt_names": also});
    let first = test.issued("enroll/web", body).await;
    let renew = format!("renew/web/{}", id(&first));
    let replace = format!("replace/web/{}", id(&first));
    let nameless = with_subject(Subject::default(), &[own, evil]);
    for (path, body, words) in [
        (
            &renew,
            json!({"csr": csr(&[own, evil])}),
            [evil, "allowed_domains"],
        ),
        (&renew, json!({"csr": nameless}), [evil, "allowed_domains"]),
        (
            &renew,
            json!({"csr": csr(&[own, "c.team-a.example.com"])}),
            ["c.team-a", "not ordered"],
        ),
        (
            &replace,
            json!({"csr": csr(&[own, evil]), "alt_names": also}),
            [evil, "allowed_domains"],
        ),
        (
            &replace,
            json!({"csr": csr(&[own, "c.team-a.example.com"]), "alt_names": also}),
            ["c.team-a", "not ordered"],
        ),
    ] {
        let error = refused(test.mount.write(path, body).await, &words);
        bad_request(&error);
    }
    assert_eq!(test.calls("renew").await + test.calls("replace").await, 0);
    let renewed = test.issued(&renew, json!({"csr": csr(&[own, also])})).await;
    assert_eq!(renewed.data["subject_alt_names"], json!([own, also]));
    test.sim.stop().await;
}

/// A CSR that was accepted before its names were checked must not be renewed for ever.
#[tokio::test(flavor = "multi_thread")]
async fn an_automatic_renewal_sends_no_csr_with_names_that_are_not_ordered() {
    let test = fenced().await;
    let (own, evil) = ("a.team-a.example.com", "evil.bank.example.com");
    let first = test.issued("enroll/web", json!({"csr": csr(&[own])})).await;
    super::change(&test.mount, id(&first), |cert| cert.csr = csr(&[own, evil])).await;
    grow_old(&test.mount, id(&first), 80).await;
    run(&test.mount).await;
    assert_eq!(test.calls("renew").await, 0);
    let why = renew_error(&test.mount, id(&first)).await;
    assert!(why.contains(evil), "{why}");
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_was_tightened_holds_for_renewals_too() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "a.example.com"}))
        .await;
    let tightened = json!({"allowed_domains": "team-a.example.com"});
    test.mount.write("configs/web", tightened).await.unwrap();
    let path = format!("renew/web/{}", id(&first));
    refused(
        test.mount.write(&path, json!({})).await,
        &["a.example.com", "allowed_domains"],
    );
    grow_old(&test.mount, id(&first), 80).await;
    run(&test.mount).await;
    assert_eq!(test.calls("renew").await, 0);
    assert_eq!(job(&test.mount, "renew").await.done, 0);
    let why = renew_error(&test.mount, id(&first)).await;
    assert!(why.contains("allowed_domains"), "{why}");
    assert!(cert(&test.mount, id(&first)).await.not_after <= 10 * DAY + crate::plugin::time::now());
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_names_in_the_csr_of_a_person_pass_no_fence() {
    let test = TestMountWithScm::new().await;
    test.client_config().await;
    test.control("PATCH", "switches", json!({"takes_csr_names": true}))
        .await;
    let policy = json!({"allowed_email_domains": "example.com"});
    test.mount.write("configs/people", policy).await.unwrap();
    let named = |name: &str, email: Option<&str>| Subject {
        common_name: Some(name.to_owned()),
        email: email.map(str::to_owned),
        ..Subject::default()
    };
    for (subject, sans, words) in [
        (
            named("Jane Doe", None),
            &["jane@example.com", "boss@bank.example.org"][..],
            ["boss@bank", "allowed_email"],
        ),
        (
            named("boss@bank.example.org", None),
            &[],
            ["boss@bank", "allowed_email"],
        ),
        (
            named("Jane Doe", Some("boss@bank.example.org")),
            &[],
            ["boss@bank", "allowed_email"],
        ),
        (
            named("Jane Doe", None),
            &["joe@example.com"],
            ["joe@example.com", "not ordered"],
        ),
        (
            named("Jane Doe", None),
            &["www.example.com"],
            ["www.example.com", "not ordered"],
        ),
        (named("Joe Roe", None), &[], ["Joe Roe", "Jane Doe"]),
    ] {
        let body = json!({"csr": with_subject(subject, sans), "sectigo_csr_domain": "Jane Doe"});
        let error = refused(test.mount.write("enroll/people", body).await, &words);
        bad_request(&error);
    }
    assert_eq!(test.calls("client_enroll").await, 0);
    for common_name in ["Jane Doe", "jane@example.com"] {
        let subject = named(common_name, Some("jane@example.com"));
        let body = json!({"csr": with_subject(subject, &["jane@example.com"])});
        test.issued("enroll/people", body).await;
    }
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_cannot_be_public_is_refused_before_anything_is_paid() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "www.example.com"}))
        .await;
    let replace = format!("replace/web/{}", id(&first));
    for name in [
        "localhost",
        "intranet",
        "printer.local",
        "vault.internal",
        "www.example",
        "10.0.0.5",
        "::1",
        "*.corp",
    ] {
        for (path, body) in [
            ("enroll/web", json!({"common_name": name})),
            (
                "enroll/web",
                json!({"common_name": "a.example.com", "alt_names": name}),
            ),
            ("enroll/web", json!({"csr": csr(&[name])})),
            (
                &replace,
                json!({"alt_names": format!("www.example.com,{name}")}),
            ),
        ] {
            let error = refused(
                test.mount.write(path, body).await,
                &[
                    name,
                    "cannot be in a public certificate",
                    "allow_private_names",
                ],
            );
            bad_request(&error);
        }
    }
    assert_eq!(test.calls("enroll").await + test.calls("replace").await, 1);
    let private = json!({"allow_private_names": true});
    test.mount.write("configs/web", private).await.unwrap();
    let body = json!({"common_name": "printer.local", "alt_names": "10.0.0.5"});
    let issued = test.issued("enroll/web", body).await;
    // The CA has issued this name: turning the setting off must not stop a certificate that is in use.
    let public = json!({"allow_private_names": false});
    test.mount.write("configs/web", public).await.unwrap();
    test.issued(&format!("replace/web/{}", id(&issued)), json!({}))
        .await;
    test.issued(&format!("renew/web/{}", id(&issued)), json!({}))
        .await;
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_too_long_for_a_common_name_is_told_to_go_into_alt_names() {
    let test = TestMountWithScm::new().await;
    let long = format!("{}.example.com", "a".repeat(60));
    for body in [
        json!({"common_name": &long}),
        json!({"csr": with_subject(Subject::default(), &[&long])}),
    ] {
        refused(
            test.mount.write("enroll/web", body).await,
            &["72 characters", "64", "alt_names"],
        );
    }
    assert_eq!(test.calls("enroll").await, 0);
    let body = json!({"common_name": "short.example.com", "alt_names": &long});
    let first = test.issued("enroll/web", body).await;
    assert_eq!(
        first.data["subject_alt_names"],
        json!(["short.example.com", &long])
    );
    // Without a common name in the CSR, the first of its names that is short enough is used.
    let body = json!({"csr": with_subject(Subject::default(), &[&long, "b.example.com"])});
    let second = test.issued("enroll/web", body).await;
    assert_eq!(second.data["common_name"], "b.example.com");
    test.issued(&format!("replace/web/{}", id(&second)), json!({}))
        .await;
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_that_takes_one_spelling_refuses_the_other() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "a.example.com"}))
        .await;
    let (replace, revoke) = (
        format!("replace/web/{}", id(&first)),
        format!("revoke/web/{}", id(&first)),
    );
    let only = async |word: &str| {
        let body = json!({"field_names": word});
        test.mount.write("configs/web", body).await.unwrap();
    };
    let short = [
        (
            "enroll/web",
            json!({"common_name": "a.example.com"}),
            "sectigo_csr_domain",
        ),
        (
            "enroll/web",
            json!({"alt_names": "a.example.com"}),
            "sectigo_ssl_cert_subject_alt_names",
        ),
        (
            "enroll/web",
            json!({"csr": csr(&["a.example.com"])}),
            "sectigo_csr",
        ),
        (
            "enroll/web",
            json!({"profile_id": 51}),
            "sectigo_ssl_cert_type",
        ),
        (
            "enroll/web",
            json!({"term": 90}),
            "sectigo_ssl_cert_validity",
        ),
        (
            &replace,
            json!({"common_name": "b.example.com"}),
            "sectigo_ssl_cert_common_name",
        ),
        (&revoke, json!({"reason": "x"}), "sectigo_revoke_reason"),
    ];
    let long = [
        (
            "enroll/web",
            json!({"sectigo_csr_domain": "a.example.com"}),
            "common_name",
        ),
        (
            "enroll/web",
            json!({"sectigo_csr": csr(&["a.example.com"])}),
            "csr",
        ),
        (
            "enroll/web",
            json!({"sectigo_ssl_cert_type": 51}),
            "profile_id",
        ),
        (
            "enroll/web",
            json!({"sectigo_ssl_cert_validity": 90}),
            "term",
        ),
        (
            &replace,
            json!({"sectigo_ssl_cert_common_name": "b.example.com"}),
            "common_name",
        ),
    ];
    only("sectigo").await;
    for (path, body, instead) in &short {
        let error = refused(
            test.mount.write(path, body.clone()).await,
            &["field_names=sectigo", instead],
        );
        bad_request(&error);
    }
    only("short").await;
    for (path, body, instead) in &long {
        let error = refused(
            test.mount.write(path, body.clone()).await,
            &["field_names=short", instead],
        );
        bad_request(&error);
    }
    // Giving both names at once does not avoid the check.
    let both = json!({"common_name": "a.example.com", "sectigo_csr_domain": "a.example.com"});
    refused(test.mount.write("enroll/web", both).await, &["field_names"]);
    assert_eq!(test.orders_at_scm("").await.len(), 1);
    test.issued("enroll/web", json!({"common_name": "b.example.com"}))
        .await;
    only("sectigo").await;
    let body = json!({"sectigo_csr_domain": "c.example.com", "sectigo_ssl_cert_type": 51, "idempotency_key": "c"});
    test.issued("enroll/web", body).await;
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inventory_of_a_config_shows_nothing_of_others() {
    let test = TestMountWithScm::new().await;
    let other: Value = json!({
        "sectigo_cm_base_url": test.sim.base_url, "sectigo_cm_uri": test.sim.customer_uri, "sectigo_cm_org_id": 123,
        "sectigo_cm_user": test.sim.login, "sectigo_cm_password": test.sim.password, "profile_id": 51, "term": 90,
        "key_type": "EC",
    });
    test.mount.write("configs/secret", other).await.unwrap();
    for n in 0..3 {
        for config in ["secret", "web"] {
            let body = json!({"common_name": format!("{n}.{config}.example.com")});
            test.issued(&format!("enroll/{config}"), body).await;
        }
    }
    test.rules(json!([{"delay": "1h"}])).await;
    let body = json!({"common_name": "waits.example.com", "sectigo_max_timeout": 0});
    test.mount.write("enroll/secret", body).await.unwrap();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let query = json!({"limit": 1, "after": after});
        let page = test.mount.read("inventory/web", query).await;
        let whole = Value::Object(page.clone()).to_string();
        assert!(!whole.contains("secret"), "{whole}");
        assert_eq!(page["summary"]["total"], 3);
        assert_eq!(page["summary"]["status"]["pending"], 0);
        assert_eq!(page["summary"]["configs"], json!(["web"]));
        let rows = page["certificates"].as_array().unwrap();
        seen.extend(
            rows.iter()
                .map(|row| row["common_name"].as_str().unwrap().to_owned()),
        );
        after = page["next"].as_str().unwrap_or_default().to_owned();
        if after.is_empty() {
            break;
        }
        use base64::Engine as _;
        let place = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(&after)
            .unwrap();
        assert!(!String::from_utf8_lossy(&place).contains("secret"));
    }
    seen.sort();
    assert_eq!(
        seen,
        [
            "0.web.example.com",
            "1.web.example.com",
            "2.web.example.com"
        ]
    );
    let ask = async |path: &str, query: Value| test.mount.ask(Operation::Read, path, query).await;
    refused(
        ask("inventory/web", json!({"config": "secret"})).await,
        &["config"],
    );
    refused(ask("inventory/nobody", json!({})).await, &["nobody"]);
    let all = test.mount.read("inventory", json!({})).await;
    assert_eq!(all["summary"]["total"], 6);
    test.sim.stop().await;
}
