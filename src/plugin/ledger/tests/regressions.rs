//! What SCM, proxies in front of it and people may do to an open order.

use serde_json::{Value, json};

use crate::plugin::store::{OrderRecord, Phase};
use crate::plugin::testing::{TestMountWithScm, text};
use pki::{Csr, PrivateKey, San, Subject};
use svpki_types::{KeySpec, OrderState};
use vault_plugin::logical::{Operation, Response};

fn names(answer: &Response) -> Vec<&str> {
    let names = answer.data["subject_alt_names"].as_array().unwrap();
    names.iter().filter_map(Value::as_str).collect()
}

fn csr(common_name: Option<&str>, sans: &[&str], key: &PrivateKey) -> String {
    let subject = Subject {
        common_name: common_name.map(str::to_owned),
        ..Subject::default()
    };
    let sans: Vec<San> = sans.iter().map(|san| San::parse(san).unwrap()).collect();
    Csr::build(key, &subject, &sans).unwrap().to_pem()
}

fn key() -> PrivateKey {
    PrivateKey::generate(KeySpec::parse(Some("EC"), None).unwrap()).unwrap()
}

/// SCM does not read the alternative names of a CSR.
#[tokio::test(flavor = "multi_thread")]
async fn a_csr_without_a_common_name_loses_no_name() {
    let test = TestMountWithScm::new().await;
    for sans in [
        &["one.example.com"][..],
        &["a.example.com", "b.example.com"],
    ] {
        let body = json!({"csr": csr(None, sans, &key())});
        let issued = test.issued("enroll/web", body).await;
        for san in sans {
            assert!(names(&issued).contains(san), "{san}: {:?}", issued.data);
        }
    }
    // A common name that is given beside such a CSR is ordered as well.
    let body = json!({"csr": csr(None, &[], &key()), "common_name": "given.example.com"});
    let issued = test.issued("enroll/web", body).await;
    assert!(
        names(&issued).contains(&"given.example.com"),
        "{:?}",
        issued.data
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_order_is_found_however_its_csr_is_named() {
    let test = TestMountWithScm::new().await;
    let requests = [
        csr(None, &["l1.example.com", "l2.example.com"], &key()),
        csr(
            Some("Spelled.Example.COM"),
            &["spelled.example.com"],
            &key(),
        ),
    ];
    for (at, csr) in requests.into_iter().enumerate() {
        test.rules(json!([{"call": "enroll", "drop": "after", "first": 1}]))
            .await;
        let body = json!({"csr": csr, "sectigo_max_timeout": 20});
        let issued = test.issued("enroll/web", body).await;
        let orders = test.orders_at_scm("").await;
        assert_eq!(orders.len(), at + 1, "{orders:?}");
        assert_eq!(text(&issued, "ssl_id"), orders[at]["id"].to_string());
    }
    test.sim.stop().await;
}

/// An operator sees the order at SCM and fetches its certificate before the search for the lost order.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_order_that_was_fetched_is_not_sent_again() {
    let test = TestMountWithScm::new().await;
    test.rules(json!([{"call": "enroll", "drop": "after", "first": 1}]))
        .await;
    let body = json!({"common_name": "fetched.example.com", "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let order = text(&pending, "order_id").to_owned();
    assert_eq!(test.order(&order).await.state(), OrderState::Uncertain);
    let at_scm = test.orders_at_scm("").await[0]["id"].to_string();
    let id = format!("{at_scm}_{}", test.sim.customer_uri);
    let fetched = test.issued(&format!("fetch/web/{id}"), json!({})).await;
    assert_eq!(text(&fetched, "sectigo_cert_unique_id"), id);

    for _ in 0..3 {
        test.poll_once(&order).await;
    }
    assert_eq!(test.order(&order).await.state(), OrderState::Issued);
    assert_eq!(test.orders_at_scm("").await.len(), 1);
    let with_key = test.mount.read(&format!("keys/web/{id}"), json!({})).await;
    assert!(with_key["private_key"].is_string());
    // A fetched certificate is not renewed automatically, but an ordered one follows its config.
    let kept = crate::plugin::tests::cert(&test.mount, &id).await;
    assert_eq!(kept.auto_renew, None);
    test.sim.stop().await;
}

/// The same CSR again, with an additional name: until SCM has issued, it delivers the old certificate, which has the
/// same key.
#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_with_the_same_key_waits_for_the_new_certificate() {
    let test = TestMountWithScm::new().await;
    for lost in [false, true] {
        let (key, name) = (key(), format!("same-{lost}.example.com"));
        let request = csr(Some(&name), &[], &key);
        test.rules(json!([])).await;
        let old = test.issued("enroll/web", json!({"csr": request})).await;
        let id = text(&old, "sectigo_cert_unique_id");
        let mut rules = vec![json!({"common_name": name, "delay": "1s"})];
        if lost {
            rules.push(json!({"call": "replace", "drop": "before", "first": 1}));
        }
        test.rules(json!(rules)).await;
        let more = format!("www.{name}");
        let body = json!({"csr": request, "alt_names": more, "reason": "a name more", "sectigo_max_timeout": 20});
        let new = test.issued(&format!("replace/web/{id}"), body).await;
        assert_ne!(text(&new, "serial_number"), text(&old, "serial_number"));
        assert!(names(&new).contains(&more.as_str()), "{:?}", new.data);
    }
    test.sim.stop().await;
}

/// SCM delivers the old certificate as issued for ever, and says nothing about a replacement that it refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_never_comes_ends() {
    let test = TestMountWithScm::new().await;
    // Somebody may have revoked the old certificate in the meantime.
    for (forced, revoked) in [(true, false), (false, false), (false, true)] {
        let body = json!({"common_name": format!("never-{forced}.example.com")});
        test.rules(json!([])).await;
        let old = test.issued("enroll/web", body).await;
        let id = text(&old, "sectigo_cert_unique_id");
        test.rules(json!([{"reject": true}])).await;
        let body = json!({"reason": "new key", "sectigo_max_timeout": 0});
        let path = format!("replace/web/{id}");
        let pending = test.mount.write(&path, body).await.unwrap().unwrap();
        let order = text(&pending, "order_id").to_owned();
        let path = format!("orders/web/{order}");
        if test.poll_once(&order).await.state().is_final() {
            panic!("SCM said that it is rejected, and this test is for nothing");
        }
        let give_up = |force: bool| {
            test.mount.ask(
                Operation::Delete,
                &path,
                json!({"force": force.to_string()}),
            )
        };
        if forced {
            let refused = give_up(false).await.unwrap_err().to_string();
            assert!(refused.contains("force=true"), "{refused}");
            give_up(true).await.unwrap();
        } else {
            if revoked {
                let path = format!("orders/{}/revoke", text(&old, "ssl_id"));
                test.control("POST", &path, json!({})).await;
            }
            test.age(&order, 15 * 86_400).await;
            test.poll_once(&order).await;
        }
        let ended = test.order(&order).await;
        assert!(ended.state().is_final(), "{ended:?}");
        // The old certificate can be renewed again.
        test.rules(json!([])).await;
        if revoked {
            continue;
        }
        test.issued(&format!("renew/web/{id}"), json!({})).await;
    }
    test.sim.stop().await;
}

fn unknown_since(order: &OrderRecord) -> Option<i64> {
    match &order.phase {
        Phase::AtScm(at_scm) => at_scm.unknown_since,
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_of_a_proxy_ends_no_order() {
    let test = TestMountWithScm::new().await;
    test.rules(json!([{"approval": true}])).await;
    let body = json!({"common_name": "patient.example.com", "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let order = text(&pending, "order_id").to_owned();
    test.poll_once(&order).await;
    test.age(&order, 3 * 86_400).await;
    let lost = json!({"call": ["collect", "details"], "status": 404, "html": true});
    test.rules(json!([lost])).await;
    assert_eq!(test.poll_once(&order).await.state(), OrderState::Pending);
    // SCM knows the order again, so the short time in which it did not know the order does not count towards the day.
    test.rules(json!([])).await;
    assert_eq!(unknown_since(&test.poll_once(&order).await), None);
    test.rules(json!([lost])).await;
    assert!(unknown_since(&test.poll_once(&order).await).is_some());
    test.age(&order, 2 * 86_400).await;
    assert_eq!(test.poll_once(&order).await.state(), OrderState::Failed);
    test.sim.stop().await;
}

/// These codes do not say that nothing was stored: the order is searched, and sent again only if it is not there.
#[tokio::test(flavor = "multi_thread")]
async fn trouble_inside_scm_is_no_refusal() {
    let test = TestMountWithScm::new().await;
    for code in [-14, -65, -140, -195] {
        let error = json!({"status": 400, "code": code, "description": "not now"});
        test.rules(json!([{"call": "enroll", "error": error, "first": 1}]))
            .await;
        let name = format!("trouble{code}.example.com");
        let body = json!({"common_name": name, "sectigo_max_timeout": 0});
        let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
        let order = text(&pending, "order_id").to_owned();
        assert_eq!(
            test.order(&order).await.state(),
            OrderState::Uncertain,
            "{code}"
        );
        for _ in 0..4 {
            test.poll_once(&order).await;
        }
        assert_eq!(
            test.order(&order).await.state(),
            OrderState::Issued,
            "{code}"
        );
        assert_eq!(
            test.orders_at_scm(&format!("common_name={name}"))
                .await
                .len(),
            1
        );
    }
    test.sim.stop().await;
}

/// SCM's filter matches any name that contains this one, which may be thousands under the domain of a large company.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_order_is_found_among_thousands() {
    let test = TestMountWithScm::new().await;
    let name = "example.com";
    test.somebody_orders_many(1_001, name).await;
    test.rules(json!([{"call": "enroll", "drop": "after", "first": 1}]))
        .await;
    let body = json!({"common_name": name, "sectigo_max_timeout": 60});
    let issued = test.issued("enroll/web", body).await;
    assert_eq!(test.orders_at_scm("").await.len(), 1_002);
    assert_eq!(text(&issued, "common_name"), name);
    test.sim.stop().await;
}
