//! `issue` and `sign`: what clients of Vault's own PKI engine send, and how many orders result at SCM.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::store::{Key, ReuseRecord};
use super::super::testing::{TestMount, TestMountWithScm};
use super::{DAY, cert, change, csr, grow_old, run};
use pki::{Certificate, Csr, PrivateKey};
use vault_plugin::logical::{Error, Operation, Response};

pub async fn test(role: Value) -> TestMountWithScm {
    let test = TestMountWithScm::new().await;
    test.mount.write("profile/web", json!({})).await.unwrap();
    write_role(&test, role).await;
    test
}

/// Clients of the PKI engine know nothing of SCM's profiles, and nobody has downloaded any.
#[tokio::test(flavor = "multi_thread")]
async fn a_ttl_is_met_by_a_term_though_nobody_has_downloaded_the_profile() {
    let test = TestMountWithScm::new().await;
    write_role(&test, json!({})).await;
    let body = json!({"common_name": "www.example.com", "ttl": "720h"});
    let first = issued(&test.mount, "issue/r", body.clone()).await;
    let profile = test.mount.read("profile/web/51", json!({})).await;
    let shortest = profile["terms"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_i64)
        .filter(|term| *term >= 30)
        .min()
        .unwrap();
    let end = first["expiration"].as_i64().unwrap();
    let days = (end - crate::plugin::time::now()) / DAY;
    assert!((shortest - 1..=shortest).contains(&days), "{days}");
    assert_eq!(
        serial(&issued(&test.mount, "issue/r", body).await),
        serial(&first)
    );
    assert_eq!(orders(&test).await, [1, 0, 0]);
    test.sim.stop().await;
}

pub async fn write_role(test: &TestMountWithScm, role: Value) -> Vec<String> {
    let mut all = json!({"config": "web", "max_wait": 20});
    for (name, value) in role.as_object().unwrap() {
        all[name] = value.clone();
    }
    let answer = test.mount.write("roles/r", all).await.unwrap();
    answer.map(|answer| answer.warnings).unwrap_or_default()
}

/// A request as the server passes it on. Each request has its own id, and all have the same caller.
pub async fn ask(mount: &TestMount, path: &str, body: Value) -> Result<Response, Error> {
    ask_by(mount, "caller", path, body).await
}

pub async fn ask_by(
    mount: &TestMount,
    accessor: &str,
    path: &str,
    body: Value,
) -> Result<Response, Error> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let id = format!("request {}", COUNT.fetch_add(1, Ordering::Relaxed));
    let answer = mount.write_by(accessor, &id, path, body).await;
    answer.map(Option::unwrap)
}

pub async fn issued(mount: &TestMount, path: &str, body: Value) -> Map<String, Value> {
    let answer = ask(mount, path, body).await.unwrap();
    assert!(
        answer.raw.is_none(),
        "pending: {:?}",
        answer.raw.map(|raw| raw.body)
    );
    answer.data
}

/// The text of a 503 response; it is not an [`Error`], because it has a header.
pub fn pending(answer: Result<Response, Error>) -> String {
    let answer = answer.unwrap();
    let raw = answer.raw.expect("no certificate yet");
    assert_eq!(raw.status, 503);
    assert_eq!(answer.headers["Retry-After"], "2");
    let body: Value = serde_json::from_slice(&raw.body).unwrap();
    body["errors"][0].as_str().unwrap().to_owned()
}

/// The orders that SCM has accepted, by call: enroll, renew, replace.
pub async fn orders(test: &TestMountWithScm) -> [usize; 3] {
    [
        test.calls("enroll").await,
        test.calls("renew").await,
        test.calls("replace").await,
    ]
}

pub fn serial(answer: &Map<String, Value>) -> &str {
    answer["serial_number"].as_str().unwrap()
}

pub fn leaf(answer: &Map<String, Value>) -> Certificate {
    Certificate::parse_pem_or_der(answer["certificate"].as_str().unwrap().as_bytes()).unwrap()
}

/// Checks the answer like the strictest clients of the PKI engine.
pub fn is_strictly_pki(answer: &Map<String, Value>, with_key: bool) {
    let mut names = BTreeSet::from([
        "certificate",
        "issuing_ca",
        "ca_chain",
        "serial_number",
        "expiration",
        "authority_key_id",
        "order_id",
    ]);
    if with_key {
        names.extend(["private_key", "private_key_type"]);
    }
    assert_eq!(
        answer.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        names
    );
    assert!(answer["expiration"].is_i64());
    assert!(serial(answer).contains(':'));
    let chain: Vec<&str> = answer["ca_chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pem| pem.as_str().unwrap())
        .collect();
    assert_eq!(answer["issuing_ca"], chain[0]);
    let mut below = leaf(answer);
    for pem in &chain {
        let issuer = Certificate::parse_pem_or_der(pem.as_bytes()).unwrap();
        assert!(below.is_issued_by(&issuer), "the chain is not linear");
        below = issuer;
    }
    for text in answer.values().filter_map(Value::as_str) {
        assert!(!text.ends_with('\n') && !text.contains("REQUEST"), "{text}");
    }
    if with_key {
        let key = PrivateKey::from_pem(answer["private_key"].as_str().unwrap()).unwrap();
        assert_eq!(key.spki_der(), leaf(answer).spki_der());
        assert_eq!(answer["private_key_type"], key.kind());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_restarts_of_an_agent_are_one_order() {
    let test = test(json!({})).await;
    let body = json!({"common_name": "www.example.com"});
    let first = issued(&test.mount, "issue/r", body.clone()).await;
    is_strictly_pki(&first, true);
    for _ in 0..9 {
        assert_eq!(issued(&test.mount, "issue/r", body.clone()).await, first);
    }
    // Another process finds it as well.
    let mount = test.mount.restarted().await;
    assert_eq!(issued(&mount, "issue/r", body.clone()).await, first);
    assert_eq!(orders(&test).await, [1, 0, 0]);
    let other = json!({"common_name": "www.example.com", "alt_names": "api.example.com"});
    assert_ne!(
        serial(&issued(&test.mount, "issue/r", other).await),
        serial(&first)
    );
    assert_eq!(orders(&test).await, [2, 0, 0]);

    let answer = ask(&test.mount, "issue/r", body).await.unwrap();
    let told = answer.warnings.join(" ");
    assert!(
        told.contains("nothing was ordered")
            && told.contains("days of its life are left")
            && told.contains("until 29 are"),
        "{told}"
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_a_certificate_again_is_the_roles_choice() {
    let test = test(json!({})).await;
    let body = json!({"common_name": "www.example.com"});
    let first = issued(&test.mount, "issue/r", body.clone()).await;
    // A caller whom the server does not identify never gets another caller's key.
    let stranger = test
        .mount
        .write("issue/r", body.clone())
        .await
        .unwrap()
        .unwrap();
    assert_ne!(serial(&stranger.data), serial(&first));
    assert_eq!(orders(&test).await, [2, 0, 0]);

    write_role(&test, json!({"reuse": "role"})).await;
    let shared = issued(&test.mount, "issue/r", body.clone()).await;
    let stranger = test
        .mount
        .write("issue/r", body.clone())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(serial(&stranger.data), serial(&shared));
    assert_eq!(orders(&test).await, [3, 0, 0]);

    write_role(&test, json!({"reuse": "off"})).await;
    delivered_earlier(&test, 61).await;
    let own = issued(&test.mount, "issue/r", body.clone()).await;
    delivered_earlier(&test, 61).await;
    let another = issued(&test.mount, "issue/r", body).await;
    assert_ne!(serial(&own), serial(&another));
    assert_eq!(orders(&test).await, [5, 0, 0]);
    test.sim.stop().await;
}

/// Moves all deliveries back by `seconds`.
async fn delivered_earlier(test: &TestMountWithScm, seconds: i64) {
    let (store, config) = (test.mount.store(), "web".parse().unwrap());
    for digest in store.list(&Key::reuses(&config)).await.unwrap() {
        let key = Key::reuse(&config, &digest);
        let mut record: ReuseRecord = store.read(&key).await.unwrap().unwrap();
        record.delivered_at -= seconds;
        store.write(&key, &record).await.unwrap();
    }
}

/// The answer was lost after it left the plugin, and Vault's client library repeats the request.
#[tokio::test(flavor = "multi_thread")]
async fn without_reuse_a_retry_buys_no_second_certificate() {
    let test = test(json!({"reuse": "off"})).await;
    let body = json!({"common_name": "www.example.com"});
    let first = issued(&test.mount, "issue/r", body.clone()).await;
    for _ in 0..2 {
        let retried = issued(&test.mount, "issue/r", body.clone()).await;
        assert_eq!(serial(&retried), serial(&first));
        assert_eq!(retried["private_key"], first["private_key"]);
        delivered_earlier(&test, 30).await;
    }
    // The time counts from the first answer.
    delivered_earlier(&test, 1).await;
    let another = issued(&test.mount, "issue/r", body).await;
    assert_ne!(serial(&another), serial(&first));
    assert_eq!(orders(&test).await, [2, 0, 0]);
    // Another holder of the name, with a CSR of its own, does not supersede the first one's certificate.
    let sign = json!({"csr": csr("www.example.com")});
    let one = issued(&test.mount, "sign/r", sign).await;
    let sign = json!({"csr": csr("www.example.com")});
    let two = issued(&test.mount, "sign/r", sign).await;
    assert_ne!(serial(&one), serial(&two));
    assert_eq!(orders(&test).await, [4, 0, 0]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_equal_csrs_are_one_order_whoever_brings_them() {
    let test = test(json!({})).await;
    let csr = csr("www.example.com");
    let body = json!({"csr": csr, "common_name": "www.example.com", "alt_names": "", "ip_sans": "", "uri_sans": "",
        "ttl": "2160h0m0s", "exclude_cn_from_sans": "true"});
    let together = (0..4).map(|_| issued(&test.mount, "sign/r", body.clone()));
    let mut answers = futures_util::future::join_all(together).await;
    answers.push(issued(&test.mount, "sign/r", body.clone()).await);
    answers.push(
        test.mount
            .write("sign/r", body)
            .await
            .unwrap()
            .unwrap()
            .data,
    );
    for answer in &answers {
        is_strictly_pki(answer, false);
        assert_eq!(
            leaf(answer).spki_der(),
            Csr::parse(&csr).unwrap().spki_der()
        );
        assert_eq!(serial(answer), serial(&answers[0]));
    }
    assert_eq!(orders(&test).await, [1, 0, 0]);
    test.sim.stop().await;
}

/// Vault's client library sends a request three times when the answer is 503: each was an order.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_ca_is_waited_for_by_asking_again_and_one_order_is_paid() {
    let test = test(json!({"max_wait": 1})).await;
    test.rules(json!([{"approval": true}])).await;
    let body = json!({"common_name": "www.example.com"});
    let mut said = vec![pending(ask(&test.mount, "issue/r", body.clone()).await)];
    said.push(pending(ask(&test.mount, "issue/r", body.clone()).await));
    let waiting = &test.orders_at_scm("").await[0]["id"];
    test.control("POST", &format!("orders/{waiting}/approve"), json!({}))
        .await;
    let certificate = loop {
        let answer = ask(&test.mount, "issue/r", body.clone()).await;
        match answer {
            Ok(answer) if answer.raw.is_none() => break answer.data,
            answer => said.push(pending(answer)),
        }
        assert!(said.len() < 120, "{said:?}");
    };
    for text in &said {
        assert!(
            text.contains("is pending") && text.contains("orders/web/"),
            "{text}"
        );
    }
    is_strictly_pki(&certificate, true);
    assert_eq!(issued(&test.mount, "issue/r", body).await, certificate);
    assert_eq!(orders(&test).await, [1, 0, 0]);
    test.sim.stop().await;
}

/// SCM takes longer to accept the order than its caller waits, and the plugin is killed in the meantime.
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_dies_over_an_order_finds_it_again() {
    let test = test(json!({"max_wait": 1})).await;
    test.rules(json!([{"call": "enroll", "slow": "3s", "first": 1}]))
        .await;
    let body = json!({"csr": csr("www.example.com")});
    let text = pending(ask(&test.mount, "sign/r", body.clone()).await);
    assert!(text.contains("SCM has not taken it yet"), "{text}");
    let mount = test.mount.restarted().await;
    for _ in 0..40 {
        let answer = ask(&mount, "sign/r", body.clone()).await;
        if answer.as_ref().is_ok_and(|answer| answer.raw.is_none()) {
            is_strictly_pki(&answer.unwrap().data, false);
            assert_eq!(test.orders_at_scm("").await.len(), 1);
            test.sim.stop().await;
            return;
        }
        pending(answer);
    }
    panic!("never issued");
}

/// cert-manager gives up after an error, and comes back an hour later with a new key.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_csr_after_a_cut_off_replaces_what_nobody_got() {
    let test = test(json!({"max_wait": 1})).await;
    test.rules(json!([{"call": "enroll", "delay": "3s"}])).await;
    pending(
        ask(
            &test.mount,
            "sign/r",
            json!({"csr": csr("www.example.com")}),
        )
        .await,
    );
    let second = csr("www.example.com");
    write_role(&test, json!({"max_wait": 20})).await;
    let answer = issued(&test.mount, "sign/r", json!({"csr": second})).await;
    is_strictly_pki(&answer, false);
    assert_eq!(
        leaf(&answer).spki_der(),
        Csr::parse(&second).unwrap().spki_der()
    );
    assert_eq!(orders(&test).await, [1, 0, 1]);
    // The certificate was delivered, so a request with the next key renews it, with its lineage.
    let third = csr("www.example.com");
    let renewed = issued(&test.mount, "sign/r", json!({"csr": third})).await;
    assert_eq!(
        leaf(&renewed).spki_der(),
        Csr::parse(&third).unwrap().spki_der()
    );
    assert_eq!(orders(&test).await, [1, 1, 1]);
    let page = test.mount.read("inventory", json!({})).await;
    let rows = page["certificates"].as_array().unwrap();
    let find = |serial: &str| {
        rows.iter()
            .find(|row| row["serial_number"] == serial)
            .unwrap()
    };
    let (old, new) = (find(serial(&answer)), find(serial(&renewed)));
    assert_eq!(new["renewed_from"], old["id"]);
    assert_eq!(
        (&old["status"], &new["role"]),
        (&json!("superseded"), &json!("r"))
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_near_its_end_is_renewed_and_never_handed_out_again() {
    let test = test(json!({})).await;
    let body = json!({"common_name": "www.example.com"});
    let first = issued(&test.mount, "issue/r", body.clone()).await;
    let page = test.mount.read("inventory", json!({})).await;
    let id = page["certificates"][0]["id"].as_str().unwrap().to_owned();
    grow_old(&test.mount, &id, 70).await;
    let second = issued(&test.mount, "issue/r", body.clone()).await;
    assert_ne!(serial(&second), serial(&first));
    assert_eq!(orders(&test).await, [1, 1, 0]);
    assert_eq!(issued(&test.mount, "issue/r", body.clone()).await, second);

    // An agent that asks gets the certificate that the background work has renewed.
    let id = cert(&test.mount, &id).await.renewed_to.unwrap();
    grow_old(&test.mount, id.as_str(), 75).await;
    change(&test.mount, id.as_str(), |cert| cert.not_after -= DAY).await;
    run(&test.mount).await;
    assert_eq!(orders(&test).await, [1, 2, 0]);
    let third = issued(&test.mount, "issue/r", body.clone()).await;
    assert_eq!(orders(&test).await, [1, 2, 0]);
    assert_ne!(serial(&third), serial(&second));

    // A revoked certificate is not handed out any more.
    let revoke = json!({"serial_number": serial(&third).replace(':', "-")});
    let revoked = ask(&test.mount, "revoke", revoke.clone()).await.unwrap();
    assert_eq!(revoked.data["state"], "revoked");
    assert!(revoked.data["revocation_time"].as_i64().unwrap() > 0);
    assert_eq!(
        ask(&test.mount, "revoke", revoke).await.unwrap().data,
        revoked.data
    );
    let fourth = issued(&test.mount, "issue/r", body).await;
    assert_ne!(serial(&fourth), serial(&third));
    assert_eq!(orders(&test).await, [2, 2, 0]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_told_once_as_a_4xx_and_then_tried_again() {
    let test = test(json!({"max_wait": 1})).await;
    test.rules(json!([{"delay": "2s", "reject": true}])).await;
    let body = json!({"common_name": "www.example.com"});
    pending(ask(&test.mount, "issue/r", body.clone()).await);
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    for _ in 0..20 {
        match ask(&test.mount, "issue/r", body.clone()).await {
            Err(Error::Conflict(text)) => {
                assert!(text.contains("ended as rejected"), "{text}");
                break;
            }
            answer => drop(pending(answer)),
        }
    }
    assert_eq!(orders(&test).await, [1, 0, 0]);
    test.rules(json!([])).await;
    write_role(&test, json!({"max_wait": 20})).await;
    issued(&test.mount, "issue/r", body).await;
    assert_eq!(orders(&test).await, [2, 0, 0]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_profiles_shortest_term_that_holds_the_ttl_is_ordered() {
    let test = test(json!({})).await;
    let terms = test.mount.read("profile/web/51", json!({})).await;
    for (ttl, term) in [("2160h0m0s", 90), ("91d", 199), ("31536000", 199), ("", 90)] {
        let body = json!({"common_name": format!("t{}.example.com", ttl.len()), "ttl": ttl, "alt_names": null});
        let answer = ask(&test.mount, "issue/r", body).await.unwrap();
        let orders = test.orders_at_scm("").await;
        assert_eq!(
            orders.last().unwrap()["term"],
            term,
            "{ttl} of {terms:?}: {orders:?}"
        );
        let told = answer.warnings.join(" ");
        assert_eq!(
            told.contains("365 days were asked for and 199 are ordered"),
            ttl == "31536000",
            "{told}"
        );
    }
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_the_role_and_the_config_must_allow_a_name() {
    let test =
        test(json!({"allowed_domains": "example.com", "allow_subdomains": true, "key_type": "ec"}))
            .await;
    let refused = async |path: &str, body: Value| match ask(&test.mount, path, body).await {
        Err(Error::BadRequest(text)) => text,
        other => panic!("{other:?}"),
    };
    for name in ["example.com", "www.example.org"] {
        let text = refused("issue/r", json!({"common_name": name})).await;
        assert!(
            text.contains("role r") && text.contains("allow_subdomains=true"),
            "{text}"
        );
        refused(
            "issue/r",
            json!({"common_name": "www.example.com", "alt_names": name}),
        )
        .await;
        refused(
            "sign/r",
            json!({"csr": csr(name), "common_name": "www.example.com"}),
        )
        .await;
    }
    let policy = json!({"allowed_domains": "www.example.com"});
    test.mount.write("configs/web", policy).await.unwrap();
    let text = refused("issue/r", json!({"common_name": "api.example.com"})).await;
    assert!(text.contains("this config's allowed_domains"), "{text}");
    issued(
        &test.mount,
        "issue/r",
        json!({"common_name": "www.example.com"}),
    )
    .await;
    for (field, value) in [
        ("uri_sans", "spiffe://a"),
        ("other_sans", "1.2;UTF8:a"),
        ("user_ids", "a"),
        ("serial_number", "7"),
    ] {
        let text = refused(
            "issue/r",
            json!({"common_name": "www.example.com", field: value}),
        )
        .await;
        assert!(text.contains(field), "{text}");
    }
    write_role(&test, json!({"key_type": "rsa"})).await;
    let text = refused("sign/r", json!({"csr": csr("www.example.com")})).await;
    assert!(
        text.contains("RSA 2048") && text.contains("EC P-256"),
        "{text}"
    );
    assert_eq!(orders(&test).await, [1, 0, 0]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_says_what_it_cannot_keep() {
    let test = test(json!({})).await;
    for (field, value) in [
        ("allowed_uri_sans", json!("spiffe://*")),
        ("generate_lease", json!(true)),
        ("no_store", json!("true")),
        ("code_signing_flag", json!(true)),
        ("use_csr_sans", json!(false)),
        ("config", json!("nowhere")),
        ("ttl", json!("soon")),
        ("reuse_until", json!("all")),
        ("key_bits", json!("oui")),
    ] {
        let written = test.mount.write("roles/r", json!({field: value})).await;
        assert!(
            matches!(&written, Err(Error::BadRequest(text)) if text.contains(field)),
            "{field} {written:?}"
        );
    }
    // A field that modules write with its default causes no warning, another value does.
    assert!(write_role(&test, json!({"server_flag": true, "key_usage": ["DigitalSignature", "KeyAgreement", "KeyEncipherment"]})).await.is_empty());
    let told = write_role(
        &test,
        json!({"server_flag": false, "ext_key_usage": "ClientAuth"}),
    )
    .await
    .join(" ");
    assert!(
        told.contains("server_flag") && told.contains("clientAuth"),
        "{told}"
    );
    let read = test.mount.read("roles/r", json!({})).await;
    assert_eq!(read["server_flag"], false);
    assert_eq!(
        (&read["reuse"], &read["max_ttl"], &read["allow_ip_sans"]),
        (&json!("entity"), &json!(0), &json!(true))
    );
    let listed = test
        .mount
        .ask(Operation::List, "roles/", json!({}))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(listed.data["keys"], json!(["r"]));
    test.mount
        .ask(Operation::Delete, "roles/r", json!({}))
        .await
        .unwrap();
    let gone = ask(
        &test.mount,
        "issue/r",
        json!({"common_name": "www.example.com"}),
    )
    .await;
    assert!(matches!(gone, Err(Error::NotFound(_))));
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_of_the_pki_engine_holds_what_it_does_there() {
    use base64::Engine as _;
    let decode = |text: &Value| {
        base64::engine::general_purpose::STANDARD
            .decode(text.as_str().unwrap())
            .unwrap()
    };
    let test = test(json!({"key_type": "rsa"})).await;
    let ask = async |more: Value| {
        let mut body = json!({"common_name": "www.example.com", "remove_roots_from_chain": "true"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        issued(&test.mount, "issue/r", body).await
    };
    let pem = ask(json!({})).await;
    assert!(
        pem["private_key"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN RSA PRIVATE KEY-----")
    );
    let chain = pem["ca_chain"].as_array().unwrap();
    assert!(chain.iter().all(|pem| {
        !Certificate::parse_pem_or_der(pem.as_str().unwrap().as_bytes())
            .unwrap()
            .is_self_signed()
    }));
    let pkcs8 = ask(json!({"private_key_format": "pkcs8"})).await;
    assert!(
        pkcs8["private_key"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN PRIVATE KEY-----")
    );
    let der = ask(json!({"format": "der"})).await;
    assert_eq!(decode(&der["certificate"]), leaf(&pem).der());
    assert_eq!(decode(&der["ca_chain"][0]), decode(&der["issuing_ca"]));
    assert_eq!(decode(&der["private_key"])[..2], [0x30, 0x82]);
    let bundle = ask(json!({"format": "pem_bundle"})).await;
    let parts: Vec<&str> = [&pem["private_key"], &pem["certificate"]]
        .into_iter()
        .chain(chain)
        .map(|part| part.as_str().unwrap())
        .collect();
    assert_eq!(bundle["certificate"], parts.join("\n"));
    assert_eq!(bundle["private_key"], pem["private_key"]);
    let keystore = ask(json!({"format": "pkcs12_bundle", "pkcs12_password": "changeit"})).await;
    assert_eq!(decode(&keystore["certificate"])[0], 0x30);
    let keystore = ask(json!({"format": "jks_bundle", "jks_password": "changeit"})).await;
    assert_eq!(
        decode(&keystore["certificate"])[..4],
        [0xfe, 0xed, 0xfe, 0xed]
    );
    assert_eq!(orders(&test).await, [1, 0, 0]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_found_by_its_serial_number_and_revoked_with_its_key() {
    let test = test(json!({})).await;
    let missing = test
        .mount
        .ask(Operation::Read, "cert/ca_chain", json!({}))
        .await;
    assert!(matches!(missing, Err(Error::NotFound(_))));
    let one = issued(
        &test.mount,
        "issue/r",
        json!({"common_name": "www.example.com"}),
    )
    .await;
    let other = issued(
        &test.mount,
        "issue/r",
        json!({"common_name": "api.example.com"}),
    )
    .await;
    for spelling in [
        serial(&one).to_owned(),
        serial(&one).to_uppercase().replace(':', "-"),
    ] {
        let read = test
            .mount
            .read(&format!("cert/{spelling}"), json!({}))
            .await;
        assert_eq!(read["certificate"], one["certificate"]);
        assert_eq!(read["revocation_time"], 0);
    }
    let chain = test.mount.read("cert/ca_chain", json!({})).await;
    assert_eq!(chain["ca_chain"], one["ca_chain"]);
    assert!(
        Certificate::parse_pem_or_der(
            chain["ca_chain"]
                .as_array()
                .unwrap()
                .last()
                .unwrap()
                .as_str()
                .unwrap()
                .as_bytes()
        )
        .unwrap()
        .is_self_signed()
    );
    let issuer = test.mount.read("issuer/default/json", json!({})).await;
    assert_eq!(issuer["certificate"], one["issuing_ca"]);

    let body = |key: &Map<String, Value>| json!({"serial_number": serial(&one), "private_key": key["private_key"]});
    let wrong = ask(&test.mount, "revoke-with-key", body(&other)).await;
    assert!(matches!(wrong, Err(Error::BadRequest(_))), "{wrong:?}");
    ask(&test.mount, "revoke-with-key", body(&one))
        .await
        .unwrap();
    let revoked = test
        .mount
        .read(&format!("cert/{}", serial(&one)), json!({}))
        .await;
    assert!(revoked["revocation_time"].as_i64().unwrap() > 0);
    // Revoked by the certificate itself, with what an older version has stored.
    let child = test.mount.storage.entries();
    let child = child
        .iter()
        .find(|entry| {
            entry.key.starts_with("serial/") && entry.key.contains(&serial(&other).replace(':', ""))
        })
        .unwrap();
    use vault_plugin::logical::Storage as _;
    test.mount.storage.delete(&child.key).await.unwrap();
    ask(
        &test.mount,
        "revoke",
        json!({"certificate": other["certificate"]}),
    )
    .await
    .unwrap();
    let unknown = ask(&test.mount, "revoke", json!({"serial_number": "00:11"})).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_writes_to_enroll_buys_once_where_the_config_says_so() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "www.example.com"});
    test.mount
        .write("configs/web", json!({"reuse": "entity"}))
        .await
        .unwrap();
    let first = issued(&test.mount, "enroll/web", body.clone()).await;
    for _ in 0..5 {
        let again = ask(&test.mount, "enroll/web", body.clone()).await.unwrap();
        assert_eq!(serial(&again.data), serial(&first));
        assert_eq!(again.data["private_key"], first["private_key"]);
        assert!(again.warnings.join(" ").contains("nothing was ordered"));
    }
    test.mount
        .write("configs/web", json!({"reuse": "off"}))
        .await
        .unwrap();
    // The request differs from the last one, which would be answered again in any case.
    let body = json!({"common_name": "www.example.com", "idempotency_key": "another"});
    assert_ne!(
        serial(&issued(&test.mount, "enroll/web", body).await),
        serial(&first)
    );
    assert_eq!(orders(&test).await, [2, 0, 0]);
    test.sim.stop().await;
}
