//! Faults that are known from public reports about other tools.

use serde_json::{Value, json};

use super::{cert, change, grow_old, id, job, refused, run};
use crate::plugin::testing::{TestMount, TestMountWithScm, text};
use vault_plugin::logical::{MemoryStorage, Operation, Storage as _};

/// `enroll` without a term, when the profile that has the terms is not downloaded.
#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_without_a_term_asks_scm_for_the_profile() {
    let test = TestMountWithScm::new().await;
    let without = json!({"sectigo_ssl_cert_validity": ""});
    test.mount.write("configs/web", without).await.unwrap();
    // With a single term, that term is ordered.
    let only = json!({"common_name": "only.example.com", "profile_id": 54});
    let issued = test.issued("enroll/web", only).await;
    assert_eq!(cert(&test.mount, id(&issued)).await.spec.term, Some(30));
    let stored = test.mount.read("profile/web/54", json!({})).await;
    assert_eq!(stored["terms"], json!([30]));
    // With several terms, they are named, and nothing is ordered.
    let several = json!({"common_name": "several.example.com", "profile_id": 51});
    refused(
        test.mount.write("enroll/web", several.clone()).await,
        &["term is missing", "profile 51", "90", "days"],
    );
    let mut rehearsed = several;
    rehearsed["dry_run"] = json!(true);
    refused(
        test.mount.write("enroll/web", rehearsed).await,
        &["term is missing", "profile 51"],
    );
    assert_eq!(test.calls("enroll").await, 1);
    test.sim.stop().await;
}

/// A dry run stored the profile that it had read.
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_enroll_wrote_the_profile() {
    let test = TestMountWithScm::new().await;
    let without = json!({"sectigo_ssl_cert_validity": ""});
    test.mount.write("configs/web", without).await.unwrap();
    test.mount.looked().await;
    let before = test.mount.storage.entries();
    let body = json!({"common_name": "only.example.com", "profile_id": 54, "dry_run": true});
    let rehearsed = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    assert_eq!(rehearsed.data["term"], 30);
    let keys = |entries: Vec<vault_plugin::logical::Entry>| -> Vec<String> {
        entries.into_iter().map(|entry| entry.key).collect()
    };
    assert_eq!(keys(test.mount.storage.entries()), keys(before));
    test.sim.stop().await;
}

/// A single-domain profile drops the alternative names. That was said once, in an answer to nobody, while the order
/// was pending.
#[tokio::test(flavor = "multi_thread")]
async fn names_that_scm_left_out_are_said_wherever_the_certificate_is_shown() {
    let test = TestMountWithScm::new().await;
    let drops = json!({"drops_alt_names": true});
    test.control("PATCH", "switches", drops).await;
    let body = json!({"common_name": "www.example.com", "alt_names": "api.example.com,b.example.com",
        "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let order = test.poll_once(text(&pending, "order_id")).await;
    let id = order.cert_id().expect("it is issued").to_string();
    let said = "left out of the certificate: api.example.com, b.example.com";
    for path in [
        format!("certs/web/{id}"),
        format!("readcert/web/{id}"),
        format!("keys/web/{id}"),
        "current/web/www.example.com".to_owned(),
    ] {
        let read = test.mount.ask(Operation::Read, &path, json!({})).await;
        let warnings = read.unwrap().unwrap().warnings;
        let told: Vec<_> = warnings.iter().filter(|w| w.contains(said)).collect();
        assert_eq!(told.len(), 1, "{path}: {warnings:?}");
    }
    let row = async |id: &str| {
        let page = test.mount.read("inventory", json!({})).await;
        let rows = page["certificates"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["id"] == id).unwrap()
    };
    let missing = json!(["api.example.com", "b.example.com"]);
    assert_eq!(row(&id).await["missing_names"], missing);
    // The renewal orders the same names, and also says that they are missing.
    grow_old(&test.mount, &id, 80).await;
    run(&test.mount).await;
    let renewed = cert(&test.mount, &id).await.renewed_to.expect("renewed");
    assert_eq!(row(renewed.as_str()).await["missing_names"], missing);
    // When the CA has included the names, the warning disappears.
    let keeps = json!({"drops_alt_names": false});
    test.control("PATCH", "switches", keeps).await;
    let renew = format!("renew/web/{renewed}");
    let whole = test.issued(&renew, json!({})).await;
    assert!(!whole.warnings.join(" ").contains("left out"));
    let last = row(super::id(&whole)).await;
    assert!(last.get("missing_names").is_none(), "{last}");
    test.sim.stop().await;
}

/// A stored account check was answered without its lists, and a refused login without its hint.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_look_lost_its_lists_and_its_hint() {
    let test = TestMountWithScm::new().await;
    test.mount.looked().await;
    let whole = test.mount.read("health/web", json!({})).await;
    let stored = test.mount.read("health/web", json!({"stored": true})).await;
    for list in ["organisations", "profiles"] {
        assert!(!whole[list].as_array().unwrap().is_empty(), "{whole:?}");
        assert_eq!(stored[list], whole[list]);
    }
    assert!(stored["age_seconds"].is_i64(), "{stored:?}");
    let error = json!({"status": 401, "code": -16, "description": "Unknown user"});
    test.rules(json!([{"error": error}])).await;
    let refused = test.mount.read("health/web", json!({})).await;
    assert_eq!(refused["login_accepted"], false, "{refused:?}");
    let stored = test.mount.read("health/web", json!({"stored": true})).await;
    let hint = stored["hint"].as_str().unwrap();
    assert!(hint.contains("not tried again since"), "{stored:?}");
    // The health of the mount does not show these lists.
    let mount = test.mount.read("health", json!({})).await;
    assert_eq!(mount["configs"]["web"].get("profiles"), None);
    test.sim.stop().await;
}

/// The CA leaves the common name out and sorts the names: the path that templates read must stay the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_path_of_an_ordered_name_stays_when_the_ca_leaves_the_common_name_out() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "www.example.com", "alt_names": "api.example.com"});
    let first = test.issued("enroll/web", body).await;
    let omits = json!({"omits_common_name": true});
    test.control("PATCH", "switches", omits).await;
    let path = format!("renew/web/{}", id(&first));
    let renewed = test.issued(&path, json!({})).await;
    assert_eq!(text(&renewed, "common_name"), "www.example.com");
    assert_eq!(
        renewed.data["subject_alt_names"],
        json!(["api.example.com", "www.example.com"])
    );
    let current = test
        .mount
        .read("current/web/www.example.com", json!({}))
        .await;
    assert_eq!(current["sectigo_cert_unique_id"], id(&renewed));
    // A certificate that is fetched from SCM gets the name under which SCM has it.
    let stored = format!("certs/web/{}", id(&renewed));
    let delete = test.mount.ask(Operation::Delete, &stored, json!({})).await;
    delete.unwrap();
    let fetched = test
        .issued(&format!("fetch/web/{}", id(&renewed)), json!({}))
        .await;
    assert_eq!(text(&fetched, "common_name"), "www.example.com");
    test.sim.stop().await;
}

/// Terraform reads, compares, and writes if there is a difference: a config must be writable in the form in which it
/// is read.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_changes_nothing_does_not_look_at_the_account_again() {
    let test = TestMountWithScm::new().await;
    test.mount.looked().await;
    let given = json!({"scm_timeout": "60s", "allowed_domains": "a.example.com,b.example.com", "key_type": "EC"});
    test.mount
        .write("configs/web", given.clone())
        .await
        .unwrap();
    test.mount.looked().await;
    let read = test.mount.read("configs/web", json!({})).await;
    assert_eq!(read["scm_timeout"], 60);
    assert_eq!(
        read["allowed_domains"],
        json!(["a.example.com", "b.example.com"])
    );
    let again: Value = read
        .iter()
        .filter(|(name, _)| *name != "name" && !name.ends_with("_set"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let looks = test.all_calls().await;
    for body in [again, given] {
        test.mount.write("configs/web", body.clone()).await.unwrap();
        let health = test.mount.read("health", json!({})).await;
        let look = &health["configs"]["web"];
        assert!(look["error"].is_null(), "{look}");
        assert_ne!(look["checked"], "", "it waits for a look: {body} {look}");
        assert_eq!(test.mount.read("configs/web", json!({})).await, read);
    }
    assert_eq!(test.all_calls().await, looks, "calls at SCM");
    // A write that changes something starts an account check, and so does the rewrite of a config whose account has an
    // error.
    let other = json!({"scm_timeout": "59s"});
    test.mount.write("configs/web", other).await.unwrap();
    test.mount.looked().await;
    assert!(test.all_calls().await > looks);
    let wrong = json!({"sectigo_cm_password": "wrong"});
    test.mount
        .write("configs/web", wrong.clone())
        .await
        .unwrap();
    test.mount.looked().await;
    let refusals = test.all_calls().await;
    test.mount.write("configs/web", wrong).await.unwrap();
    test.mount.looked().await;
    assert!(
        test.all_calls().await > refusals,
        "write again to try again"
    );
    test.sim.stop().await;
}

/// A storage from an hour ago, while SCM has newer data: nothing is renewed twice, and missing certificates are
/// reported.
#[tokio::test(flavor = "multi_thread")]
async fn a_storage_restored_from_a_snapshot_renews_nothing_again_and_tells_what_it_lacks() {
    let test = TestMountWithScm::new().await;
    let before = test
        .issued("enroll/web", json!({"common_name": "b.example.com"}))
        .await;
    grow_old(&test.mount, id(&before), 80).await;
    let snapshot = test.mount.storage.entries();
    let enrol = json!({"common_name": "a.example.com", "idempotency_key": "k"});
    let lost = test.issued("enroll/web", enrol).await;
    run(&test.mount).await;
    let renewed = cert(&test.mount, id(&before)).await.renewed_to;
    let renewed = renewed.expect("renewed").to_string();
    assert_eq!(test.calls("renew").await, 1);

    let storage = MemoryStorage::new(true);
    for entry in snapshot {
        storage.put(entry).await.unwrap();
    }
    let restored = TestMountWithScm {
        sim: test.sim,
        mount: TestMount::over(storage),
    };
    run(&restored.mount).await;
    assert_eq!(restored.calls("renew").await, 1, "bought again");
    let why = super::renew_error(&restored.mount, id(&before)).await;
    assert!(why.contains("renewed"), "{why}");
    assert_eq!(job(&restored.mount, "renew").await.done, 0);
    let page = restored.mount.read("reconcile/web", json!({})).await;
    let only: Vec<&str> = page["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["verdict"] == "only_in_scm")
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert_eq!(only, [id(&lost), &renewed]);
    restored.sim.stop().await;
}

/// It could not be seen which certificates are client certificates, or when their chains expire.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_says_what_it_may_be_used_for_and_when_its_chain_ends() {
    let test = TestMountWithScm::new().await;
    let first = test
        .issued("enroll/web", json!({"common_name": "www.example.com"}))
        .await;
    let usages = json!(["serverAuth", "clientAuth"]);
    let cert = cert(&test.mount, id(&first)).await;
    let authorities = cert.issuers.iter().chain(&cert.root);
    let ends = authorities.map(|pem| {
        let authority = pki::Certificate::parse_pem_or_der(pem.as_bytes()).unwrap();
        authority.not_after().as_second()
    });
    let chain = json!(crate::plugin::time::rfc3339(ends.min().unwrap()));
    let said = async || {
        let row = test.mount.read("inventory", json!({})).await["certificates"][0].clone();
        (
            row["extended_key_usages"].clone(),
            row["chain_not_after"].clone(),
        )
    };
    assert_eq!(first.data["extended_key_usages"], usages);
    assert_eq!(first.data["chain_not_after"], chain);
    assert_eq!(said().await, (usages.clone(), chain.clone()));

    // An older version has stored neither: both are added with the next change of the certificate.
    change(&test.mount, id(&first), |cert| {
        cert.extended_key_usages.clear();
        cert.chain_not_after = None;
        cert.auto_renew = Some(false);
    })
    .await;
    assert_eq!(said().await, (usages, chain));
    test.sim.stop().await;
}
