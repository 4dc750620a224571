//! Secrets of a config and private keys: where they are stored, and where they are sent.

use serde_json::json;

use super::{bad_request, refused};
use crate::plugin::store::SEALED;
use crate::plugin::testing::{TestMount, TestMountWithScm};
use scm_sim::{Options, Sim};
use vault_plugin::logical::MemoryStorage;

/// The attacker may write configs, but does not know the password.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_secret_is_not_sent_to_an_address_that_comes_without_it() {
    let test = TestMountWithScm::new().await;
    // No config uses this SCM, so every call to it comes from a write below.
    let stranger = TestMountWithScm {
        sim: Sim::start(Options::default()).await.unwrap(),
        mount: TestMount::over(MemoryStorage::new(true)),
    };
    let read = test.mount.read("configs/web", json!({})).await;
    let other_host = &stranger.sim.base_url;
    for dry_run in [true, false] {
        for (body, words) in [
            (
                json!({"sectigo_cm_base_url": other_host}),
                ["sectigo_cm_base_url", "sectigo_cm_password"],
            ),
            (
                json!({"sectigo_cm_base_url": other_host, "sectigo_cm_password": " "}),
                ["sectigo_cm_password", "missing"],
            ),
            (
                json!({"ca_bundle": test.sim.ca_pem}),
                ["ca_bundle", "sectigo_cm_password"],
            ),
            (
                json!({"sectigo_cm_user": "mallory"}),
                ["sectigo_cm_user", "sectigo_cm_password"],
            ),
            (
                json!({"sectigo_cm_uri": "other"}),
                ["sectigo_cm_uri", "sectigo_cm_password"],
            ),
            (
                json!({"sectigo_cm_user": "mallory", "ca_bundle": test.sim.ca_pem}),
                ["ca_bundle, sectigo_cm_user", "sectigo_cm_password"],
            ),
        ] {
            let mut body = body;
            body["dry_run"] = json!(dry_run);
            let error = refused(test.mount.write("configs/web", body).await, &words);
            bad_request(&error);
        }
    }
    assert_eq!(stranger.all_calls().await, 0);
    assert_eq!(test.mount.read("configs/web", json!({})).await, read);
    // With the secret given, or without a change of the address, the write is accepted as before.
    for body in [
        json!({"sectigo_cm_base_url": test.sim.base_url, "sectigo_cm_user": test.sim.login, "dry_run": true}),
        json!({"sectigo_cm_base_url": format!(" {} ", test.sim.base_url), "scm_timeout": "30s"}),
        json!({"sectigo_cm_base_url": format!("{}/api", test.sim.base_url), "sectigo_cm_password": test.sim.password}),
    ] {
        test.mount.write("configs/web", body).await.unwrap();
    }
    test.sim.stop().await;
    stranger.sim.stop().await;
}

/// The server protects sealed prefixes once more with an HSM or KMS.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_secret_is_stored_below_sealed_prefixes_alone() {
    let test = TestMountWithScm::new().await;
    test.issued("enroll/web", json!({"common_name": "a.example.com"}))
        .await;
    test.rules(json!([{"call": "enroll", "delay": "1h"}])).await;
    let body = json!({"common_name": "b.example.com", "sectigo_max_timeout": 0});
    test.mount.write("enroll/web", body).await.unwrap();
    let mut folders = Vec::new();
    for entry in test.mount.storage.entries() {
        let value = String::from_utf8_lossy(&entry.value);
        if value.contains("PRIVATE KEY") || value.contains(&test.sim.password) {
            let folder = entry.key.split('/').next().unwrap().to_owned();
            assert!(entry.seal_wrap, "{}", entry.key);
            assert!(SEALED.contains(&format!("{folder}/").as_str()), "{folder}");
            folders.push(folder);
        }
    }
    folders.sort();
    assert_eq!(folders, ["config", "key", "order-key"]);
    test.sim.stop().await;
}

/// Stored secrets of a login method that is no longer used are not sent to a new address, either.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_another_login_method_is_not_sent_anywhere_without_being_given_again() {
    let test = TestMountWithScm::new().await;
    let (sim, mount) = (&test.sim, &test.mount);
    let oauth = json!({"auth_method": "oauth2", "oauth2_token_url": sim.token_url,
        "oauth2_client_id": sim.client_id, "oauth2_client_secret": sim.client_secret});
    mount.write("configs/web", oauth).await.unwrap();
    let strange = "http://127.0.0.1:9/token";
    // The earlier password is still stored.
    let back = json!({"auth_method": "password", "sectigo_cm_base_url": "http://127.0.0.1:9"});
    refused(
        mount.write("configs/web", back).await,
        &["auth_method, sectigo_cm_base_url", "sectigo_cm_password"],
    );
    refused(
        mount
            .write("configs/web", json!({"oauth2_token_url": strange}))
            .await,
        &["oauth2_token_url", "oauth2_client_secret"],
    );
    refused(
        mount
            .write("configs/web", json!({"oauth2_client_id": "other"}))
            .await,
        &["oauth2_client_id", "oauth2_client_secret"],
    );
    // In two steps: fields that are not in use may change, but their secret must be given when they are used again.
    let password = json!({"auth_method": "password", "sectigo_cm_password": sim.password});
    mount.write("configs/web", password).await.unwrap();
    mount
        .write("configs/web", json!({"oauth2_token_url": strange}))
        .await
        .unwrap();
    refused(
        mount
            .write(
                "configs/web",
                json!({"auth_method": "oauth2", "dry_run": true}),
            )
            .await,
        &["auth_method", "oauth2_client_secret"],
    );
    let certificate = json!({"auth_method": "client_certificate", "sectigo_cm_base_url": sim.https_url,
        "auth_certificate": sim.client_cert_pem, "auth_private_key": sim.client_key_pem, "ca_bundle": sim.ca_pem});
    mount.write("configs/web", certificate).await.unwrap();
    refused(
        mount
            .write("configs/web", json!({"auth_certificate": sim.ca_pem}))
            .await,
        &["auth_certificate", "auth_private_key"],
    );
    test.sim.stop().await;
}
