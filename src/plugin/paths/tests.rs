//! What the paths accept, refuse and answer, independent of what happens to the orders.

use serde_json::{Map, Value, json};

use super::super::testing::TestMount;
use super::router;
use scm_sim::{Options, Sim};
use vault_plugin::logical::{Error, MemoryStorage, Operation, Response};

#[test]
fn the_declarations_hold_no_mistake() {
    assert_eq!(router().lint(), [""; 0]);
}

async fn mount() -> (Sim, TestMount) {
    let sim = Sim::start(Options::default()).await.unwrap();
    let mount = TestMount::over(MemoryStorage::new(true));
    mount.config(&sim).await;
    (sim, mount)
}

fn refused(answer: Result<Option<Response>, Error>) -> String {
    match answer {
        Err(Error::BadRequest(text)) => text,
        other => panic!("not refused: {other:?}"),
    }
}

fn conflict(answer: Result<Option<Response>, Error>) -> String {
    match answer {
        Err(Error::Conflict(text)) => text,
        other => panic!("no conflict: {other:?}"),
    }
}

fn id(answer: &Response) -> String {
    let id = answer.data["sectigo_cert_unique_id"].as_str().unwrap();
    id.to_owned()
}

async fn enrolled(mount: &TestMount, body: Value) -> Response {
    mount.write("enroll/web", body).await.unwrap().unwrap()
}

/// What the present config would order for a request with a name.
async fn would_order(mount: &TestMount) -> Map<String, Value> {
    let body = json!({"common_name": "www.example.com", "dry_run": true});
    enrolled(mount, body).await.data
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spelling_that_was_written_last_stands() {
    let (sim, mount) = mount().await;
    for (write, member, value) in [
        (json!({"profile_id": 52}), "profile_id", 52),
        (json!({"sectigo_ssl_cert_type": 51}), "profile_id", 51),
        (json!({"term": 199}), "term", 199),
        (json!({"sectigo_ssl_cert_validity": 90}), "term", 90),
        (json!({"term": 199}), "term", 199),
    ] {
        mount.write("configs/web", write.clone()).await.unwrap();
        assert_eq!(would_order(&mount).await[member], value, "{write}");
    }
    for write in [
        json!({"format": "der"}),
        json!({"sectigo_ssl_cert_format_type": "x509"}),
        json!({"format": "pem_bundle"}),
    ] {
        mount.write("configs/web", write).await.unwrap();
        would_order(&mount).await;
    }
    let config = mount.read("configs/web", json!({})).await;
    assert_eq!(config["format"], "pem_bundle");
    assert!(!config.contains_key("sectigo_ssl_cert_format_type"));
    assert!(!config.contains_key("sectigo_ssl_cert_validity"));

    for both in [
        json!({"profile_id": 51, "sectigo_ssl_cert_type": 52}),
        json!({"term": 90, "sectigo_ssl_cert_validity": 199}),
        json!({"format": "der", "sectigo_ssl_cert_format_type": "x509"}),
    ] {
        let text = refused(mount.write("configs/web", both.clone()).await);
        assert!(text.contains("give one"), "{both}: {text}");
    }
    // Removing one spelling removes the value.
    mount
        .write("configs/web", json!({"sectigo_ssl_cert_validity": ""}))
        .await
        .unwrap();
    let config = mount.read("configs/web", json!({})).await;
    assert!(!config.contains_key("term"), "{config:?}");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_that_no_request_could_use_is_refused() {
    let (sim, mount) = mount().await;
    for (write, word) in [
        (json!({"format": "nonsense"}), "nonsense"),
        (
            json!({"sectigo_ssl_cert_format_type": "nonsense"}),
            "nonsense",
        ),
        (json!({"sectigo_csr_key_algo": "DSA"}), "DSA"),
        (json!({"sectigo_csr_key_size": "2048"}), "2048"),
        (json!({"sectigo_csr": "garbage"}), "sectigo_csr"),
        (
            json!({"sectigo_csr_domain": "b@d..name"}),
            "sectigo_csr_domain",
        ),
        (
            json!({"alt_names": "good.example.com,bad name"}),
            "alternative name",
        ),
        (json!({"sectigo_csr_country": "Germany"}), "country"),
        (
            json!({"sectigo_ssl_cert_comments": "c".repeat(901)}),
            "comments",
        ),
    ] {
        let text = refused(mount.write("configs/web", write.clone()).await);
        assert!(text.contains(word), "{write}: {text}");
        would_order(&mount).await;
    }
    // The password comes with each request.
    mount
        .write("configs/web", json!({"format": "pkcs12"}))
        .await
        .unwrap();
    let client = json!({
        "sectigo_config_type": "client_cert", "sectigo_ssl_cert_type": "", "sectigo_ssl_cert_validity": "",
        "sectigo_csr_domain": "Jane Doe", "sectigo_client_cert_email": "jane@example.com",
    });
    mount.write("configs/web", client).await.unwrap();
    let text = refused(
        mount
            .write("configs/web", json!({"sectigo_client_cert_email": "jane"}))
            .await,
    );
    assert!(text.contains("sectigo_client_cert_email"), "{text}");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_named_by_any_of_its_spellings() {
    let (sim, mount) = mount().await;
    for (path, body) in [
        ("profile/web", json!({"profile_id": 51})),
        ("profile/web", json!({"sectigo_ssl_cert_type": 51})),
        ("profile/web/51", json!({"profile_id": 51})),
        ("profile/web/51", json!({})),
    ] {
        let profile = mount.write(path, body.clone()).await.unwrap().unwrap();
        assert_eq!(profile.data["id"], 51, "{path} {body}");
    }
    for (path, body) in [
        ("profile/web/51", json!({"profile_id": 52})),
        (
            "profile/web",
            json!({"profile_id": 51, "sectigo_ssl_cert_type": 52}),
        ),
        ("profile/web", json!({"sectigo_client_cert_type": 51})),
    ] {
        refused(mount.write(path, body).await);
    }
    sim.stop().await;
}

/// Request files of the documented plugin contain the account and fields that SCM has retired, on every path.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_request_file_is_taken_with_a_warning_everywhere() {
    let (sim, mount) = mount().await;
    let credentials = json!({
        "sectigo_cm_user": "admin", "sectigo_cm_password": "planted", "auth_private_key": "planted",
        "oauth2_client_secret": "planted", "sectigo_ssl_cert_num_servers": 1, "sectigo_ssl_cert_server_type": -1,
    });
    for route in router().routes() {
        for action in &route.actions {
            let at = format!("{:?} {}", action.operation, route.pattern);
            let writes_config =
                route.pattern == "configs/:name" && action.operation == Operation::Update;
            if writes_config {
                continue;
            }
            let path = route.pattern.replace(":config", "none").replace(':', "");
            let answer = mount
                .ask(action.operation, &path, credentials.clone())
                .await;
            match answer {
                Ok(Some(response)) => {
                    let told = response.warnings.join(" ");
                    for name in ["sectigo_cm_password", "oauth2_client_secret", "server_type"] {
                        assert!(told.contains(name), "{at}: {told}");
                    }
                    assert!(!told.contains("planted"), "{at}: {told}");
                }
                Ok(None) => {}
                Err(error) => {
                    let error = error.to_string();
                    assert!(!error.contains("unknown field"), "{at}: {error}");
                }
            }
        }
    }
    let health = mount
        .ask(Operation::Read, "health/web", credentials.clone())
        .await;
    assert!(
        health
            .unwrap()
            .unwrap()
            .warnings
            .join(" ")
            .contains("sectigo_cm_password")
    );
    // Fields of the connection to SCM are no credentials, and are refused.
    refused(mount.write("enroll/web", json!({"scm_timeout": 3})).await);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_takes_what_the_file_of_its_order_says_with_a_warning() {
    let (sim, mount) = mount().await;
    let first = enrolled(&mount, json!({"common_name": "www.example.com"})).await;
    let automation = json!({"sectigo_auto_renew": true, "sectigo_expiry_window": 10});
    let mut of_order = json!({
        "sectigo_ssl_cert_type": 52, "sectigo_ssl_cert_validity": 90, "sectigo_csr_domain": "other.example.com",
    });
    let mut comments = json!({"sectigo_ssl_cert_comments": "a word"});
    for body in [&mut of_order, &mut comments] {
        let members = automation.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(members);
    }
    let renewed = mount
        .write(&format!("renew/web/{}", id(&first)), of_order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(renewed.data["common_name"], "www.example.com");
    let told = renewed.warnings.join(" ");
    assert!(told.contains("not used: sectigo_auto_renew"), "{told}");
    assert!(told.contains("sectigo_csr_domain"), "{told}");
    let replaced = mount
        .write(&format!("replace/web/{}", id(&renewed)), comments)
        .await
        .unwrap()
        .unwrap();
    let told = replaced.warnings.join(" ");
    assert!(told.contains("sectigo_ssl_cert_comments"), "{told}");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_no_config_is_not_found() {
    let (sim, mount) = mount().await;
    let page = mount
        .ask(Operation::Read, "inventory", json!({"config": "none"}))
        .await;
    assert!(matches!(page, Err(Error::NotFound(_))), "{page:?}");
    let page = mount.read("inventory", json!({"config": "web"})).await;
    assert_eq!(page["certificates"], json!([]));
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_for_orders_in_the_inventory_is_shown_where_they_are() {
    let (sim, mount) = mount().await;
    for (status, words) in [
        (
            "pending,issued",
            Some("pending: only orders have this status"),
        ),
        (
            "declined,failed",
            Some("declined, failed: only orders have this status"),
        ),
        ("issued,expiring", None),
    ] {
        let query = json!({"status": status});
        let page = mount.ask(Operation::Read, "inventory", query).await;
        let warnings = page.unwrap().unwrap().warnings.concat();
        match words {
            Some(words) => assert!(
                warnings.contains(words) && warnings.contains("orders/"),
                "{warnings}"
            ),
            None => assert_eq!(warnings, ""),
        }
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_of_one_config_counts_its_certificates() {
    let (sim, mount) = mount().await;
    enrolled(&mount, json!({"common_name": "www.example.com"})).await;
    let other = json!({
        "sectigo_cm_base_url": sim.base_url, "sectigo_cm_uri": "other", "sectigo_cm_org_id": 123,
        "sectigo_cm_user": sim.login, "sectigo_cm_password": sim.password,
    });
    mount.write("configs/other", other).await.unwrap();
    for (config, issued) in [("web", 1), ("other", 0)] {
        let health = mount.read(&format!("health/{config}"), json!({})).await;
        assert_eq!(health["certificates"]["issued"], issued, "{config}");
        assert_eq!(health["plugin_version"], super::super::version());
        assert!(health["jobs"]["renew"].is_object());
        assert!(health["login_accepted"].is_boolean());
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_is_told_the_nearest() {
    let (sim, mount) = mount().await;
    for (name, nearest) in [
        ("ttl", "path-help lists the fields that are known"),
        ("postal_code", "path-help lists the fields that are known"),
        ("subject_alt_names", "did you mean alt_names?"),
    ] {
        let text = refused(mount.write("enroll/web", json!({(name): "x"})).await);
        assert!(text.contains(nearest), "{text}");
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_stands_for_a_request_however_it_is_spelled() {
    let (sim, mount) = mount().await;
    let first = enrolled(
        &mount,
        json!({"idempotency_key": "k", "common_name": "www.example.com", "alt_names": "b.example.com",
            "profile_id": 51, "term": 90, "key_type": "EC"}),
    )
    .await;
    let again = json!({"idempotency_key": "k", "sectigo_csr_domain": "WWW.Example.com", "alt_names": ["dns:B.example.com"],
        "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90, "key_type": "ec"});
    let second = enrolled(&mount, again.clone()).await;
    assert_eq!(first.data["order_id"], second.data["order_id"]);
    let mut other = again;
    other["sectigo_ssl_cert_validity"] = json!(199);
    let text = conflict(mount.write("enroll/web", other).await);
    assert!(
        text.ends_with("sectigo_ssl_cert_validity differs"),
        "{text}"
    );
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_forbids_a_step_is_a_conflict() {
    let (sim, mount) = mount().await;
    let rules = json!([{"delay": "1h"}]);
    sim.control("PUT", "rules", rules).await.unwrap();
    let pending = enrolled(
        &mount,
        json!({"common_name": "www.example.com", "sectigo_max_timeout": 1}),
    )
    .await;
    let order = pending.data["order_id"].as_str().unwrap();
    for (step, body) in [
        ("revoke", json!({"reason": "r"})),
        ("renew", json!({})),
        ("replace", json!({})),
    ] {
        let text = conflict(
            mount
                .write(&format!("{step}/web/{}", id(&pending)), body.clone())
                .await,
        );
        assert!(
            text.contains(&format!("orders/web/{order}")),
            "{step}: {text}"
        );
        let nothing = mount.write(&format!("{step}/web/7_example"), body).await;
        assert!(
            matches!(nothing, Err(Error::NotFound(_))),
            "{step}: {nothing:?}"
        );
    }
    for change in [
        json!({"sectigo_cm_uri": "another"}),
        json!({"sectigo_config_type": "client_cert", "sectigo_ssl_cert_type": "", "sectigo_ssl_cert_validity": ""}),
    ] {
        let text = conflict(mount.write("configs/web", change).await);
        assert!(text.contains("cannot be changed"), "{text}");
    }
    let text = conflict(mount.ask(Operation::Delete, "configs/web", json!({})).await);
    assert!(text.contains("force=true"), "{text}");
    sim.stop().await;
}

/// consul-template's `pkiCert` takes every PEM text in an answer for a certificate or a key, and repeats the request
/// when one is neither: each attempt was an order.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_pair_is_read_from_holds_no_request() {
    let (sim, mount) = mount().await;
    let first = enrolled(&mount, json!({"common_name": "www.example.com"})).await;
    let id = id(&first);
    let step = async |step: &str| {
        let path = format!("{step}/web/{id}");
        mount.write(&path, json!({})).await.unwrap().unwrap()
    };
    let (replaced, renewed) = (step("replace").await, step("renew").await);
    let mut answers = vec![
        first.data.clone(),
        replaced.data.clone(),
        renewed.data.clone(),
    ];
    for path in [
        format!("keys/web/{id}"),
        "current/web/www.example.com".to_owned(),
    ] {
        answers.push(mount.read(&path, json!({})).await);
    }
    for answer in answers {
        let pems = answer.values().filter_map(Value::as_str);
        for pem in pems.filter(|text| text.contains("-----BEGIN")) {
            assert!(!pem.contains("REQUEST"), "{answer:?}");
        }
    }
    for path in ["certs", "readcert"] {
        let read = mount.read(&format!("{path}/web/{id}"), json!({})).await;
        assert!(
            read["csr"]
                .as_str()
                .unwrap()
                .contains("CERTIFICATE REQUEST")
        );
    }
    sim.stop().await;
}

/// A template slept for nine tenths of the certificate's lifetime, whatever happened to the certificate.
#[tokio::test(flavor = "multi_thread")]
async fn a_template_reads_current_again_within_five_minutes() {
    let (sim, mount) = mount().await;
    enrolled(&mount, json!({"common_name": "www.example.com"})).await;
    let current = mount.read("current/web/www.example.com", json!({})).await;
    // If both members are there and no lease, consul-template sleeps for `ttl` + 1 seconds.
    assert!(current["rotation_period"].is_u64());
    assert!((1..300).contains(&current["ttl"].as_u64().unwrap()));
    sim.stop().await;
}

/// The client of a config holds its secrets, and was kept until the end of the process.
#[tokio::test(flavor = "multi_thread")]
async fn the_secrets_of_a_deleted_config_are_not_kept_in_memory() {
    let (sim, mount) = mount().await;
    let name = "web".parse().unwrap();
    mount.write("profile/web", json!({})).await.unwrap();
    assert!(mount.engine.has_client(&name));
    mount
        .ask(Operation::Delete, "configs/web", json!({}))
        .await
        .unwrap();
    assert!(!mount.engine.has_client(&name));
    sim.stop().await;
}
