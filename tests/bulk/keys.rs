//! Private keys are never lost without a message, and are always beside the certificate to which they belong.

use std::path::Path;

use pki::{Certificate, PrivateKey};
use serde_json::json;

use crate::cuts::{everything_once, reaches, start};
use crate::stage::{Stage, hosts, result_rows};

fn folder_matches(folder: &Path) -> String {
    let cert = std::fs::read(folder.join("cert.pem")).unwrap();
    let cert = Certificate::parse_pem_or_der(&cert).unwrap();
    let key = std::fs::read_to_string(folder.join("key.pem")).unwrap();
    let key = PrivateKey::from_pem(&key).unwrap();
    assert_eq!(key.spki_der(), cert.spki_der(), "{}", folder.display());
    cert.serial_hex_colon().to_owned()
}

/// Regression: after a replacement without `--out-dir` and another one with it, the old certificate and the compromised
/// key were still in the folder, and the run reported success. A renewal was written to another folder than the host's.
#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_folder_has_the_newest_certificate() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(1));
    let out = stage.path("out");
    let to = out.to_str().unwrap();
    stage
        .run(&["apply", "--yes", "--out-dir", to], &file)
        .await
        .expect(0);
    let host = out.join("host-0.example.com");
    let first = folder_matches(&host);
    let result = stage.path("hosts.web.result.csv");
    let replace = ["replace", "--yes", "--reason", "key compromise"];
    stage.run(&replace, &result).await.expect(0);
    let again = [&replace[..], &["--out-dir", to]].concat();
    stage.run(&again, &result).await.expect(0);
    let second = folder_matches(&host);
    assert_ne!(first, second);
    assert_eq!(result_rows(&result)[0]["serial"], second);
    assert_eq!(stage.orders_at_scm().await, 1, "replaced, and only once");

    let list = stage.path("deploy.csv");
    let args = [
        "renew",
        "--yes",
        "--out-dir",
        to,
        "--deploy-list",
        list.to_str().unwrap(),
    ];
    stage.run(&args, &result).await.expect(0);
    let third = folder_matches(&host);
    assert!(third != second && third != first);
    let id = &result_rows(&result)[0]["id"];
    assert_eq!(
        folder_matches(&out.join(format!("host-0.example.com-{id}"))),
        second
    );
    let rows = result_rows(&list);
    assert_eq!(
        rows[0]["key"],
        host.join("key.pem").display().to_string(),
        "{rows:?}"
    );
}

/// Regression: the run said `1 row: 1 issued`, exited with 0, and left a folder without key.pem.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_be_read_is_said_and_is_no_success() {
    let stage = Stage::open().await;
    let policy = r#"path "sectigo-vault-pki/*" { capabilities = ["create","read","update","list"] }
path "sectigo-vault-pki/keys/*" { capabilities = ["deny"] }"#;
    let body = json!({ "policy": policy });
    stage
        .server
        .must("PUT", "sys/policies/acl/nokeys", Some(&body))
        .await
        .unwrap();
    let body = json!({"policies": ["nokeys"]});
    let made = stage
        .server
        .must("POST", "auth/token/create", Some(&body))
        .await
        .unwrap();
    let token = made["auth"]["client_token"].as_str().unwrap();
    let file = stage.file("hosts.csv", hosts(1));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    let out = stage.path("out");
    let args = [
        "apply",
        "--yes",
        "--config",
        "web",
        "--out-dir",
        out.to_str().unwrap(),
    ];
    let mut command = stage.svpki(&args, &file);
    command.env("BAO_TOKEN", token);
    let ended = crate::stage::ended(command).await.expect(6);
    assert!(
        ended.out.contains("may not read keys/web/"),
        "{}",
        ended.out
    );
    assert!(out.join("host-0.example.com/cert.pem").exists());
    // When the token may read the key, the same command writes it.
    stage.run(&args, &file).await.expect(0);
    folder_matches(&out.join("host-0.example.com"));
    assert!(!result_rows(&stage.path("hosts.web.result.csv"))[0]["message"].contains("key"));
}

/// Regression: the run continued to order after the first file that could not be written, and 14 of 20 keys were lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_handed_out_once_is_not_ordered_into_a_place_that_cannot_take_it() {
    let stage = Stage::with(json!({"key_type": "EC", "key_storage": "once"})).await;
    let file = stage.file("hosts.csv", hosts(12));
    let out = stage.path("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("host-1.example.com"), "in the way").unwrap();
    let args = [
        "apply",
        "--yes",
        "--concurrency",
        "1",
        "--out-dir",
        out.to_str().unwrap(),
    ];
    let ended = stage.run(&args, &file).await.expect(6);
    assert!(ended.err.contains("cannot be written"), "{}", ended.err);
    assert_eq!(
        stage.orders_at_scm().await,
        2,
        "no order after the one without a place"
    );
    std::fs::remove_file(out.join("host-1.example.com")).unwrap();
    // The engine still has the key that could not be written, and returns it again.
    stage.run(&args, &file).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 12);
    for n in 0..12 {
        folder_matches(&out.join(format!("host-{n}.example.com")));
    }
    // Regression: the folder was written again without key.pem, with `1 row: 1 issued` and exit code 0.
    std::fs::remove_dir_all(&out).unwrap();
    stage.run(&args, &file).await.expect(0);
    for n in 0..12 {
        folder_matches(&out.join(format!("host-{n}.example.com")));
    }
}

/// Regression: after five kills, the run said `60 rows: 60 issued`, exited with 0, and three keys were lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_handed_out_once_outlasts_every_kill() {
    let stage = Stage::with(json!({"key_type": "EC", "key_storage": "once"})).await;
    let slow = json!([{"call": ["enroll"], "slow": "100ms"}]);
    stage.rules(&slow).await;
    let file = stage.file("hosts.csv", hosts(20));
    let journal = stage.path("hosts.web.svpki-journal");
    let out = stage.path("out");
    let args = [
        "apply",
        "--yes",
        "--concurrency",
        "3",
        "--out-dir",
        out.to_str().unwrap(),
    ];
    for _ in 0..5 {
        let mut run = start(stage.svpki(&args, &file));
        if !reaches(&mut run, &journal, 3).await {
            break;
        }
        run.kill().unwrap();
        run.wait().unwrap();
    }
    stage.run(&args, &file).await.expect(0);
    for n in 0..20 {
        folder_matches(&out.join(format!("host-{n}.example.com")));
    }
    everything_once(&stage, 20).await;
}

/// With `key_storage=once`, a key is returned again only to the same token.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_nowhere_is_said_with_its_cure() {
    let stage = Stage::with(json!({"key_type": "EC", "key_storage": "once"})).await;
    let file = stage.file("hosts.csv", hosts(1));
    let (first, out) = (stage.path("first"), stage.path("out"));
    let to_first = ["apply", "--yes", "--out-dir", first.to_str().unwrap()];
    stage.run(&to_first, &file).await.expect(0);
    let token = stage.token().await;
    let run = async |verb: &[&str], file: &Path| {
        let args = [verb, &["--yes", "--out-dir", out.to_str().unwrap()]].concat();
        let mut command = stage.svpki(&args, file);
        command.env("BAO_TOKEN", &token);
        crate::stage::ended(command).await
    };
    let ended = run(&["apply"], &file).await.expect(6);
    assert!(ended.out.contains("svpki bulk replace"), "{}", ended.out);
    let folder = out.join("host-0.example.com");
    assert!(folder.join("cert.pem").exists() && !folder.join("key.pem").exists());
    let result = stage.path("hosts.web.result.csv");
    let told = &result_rows(&result)[0]["message"];
    assert!(told.contains("svpki bulk replace"), "{told}");
    run(&["replace", "--reason", "the key is gone"], &result)
        .await
        .expect(0);
    folder_matches(&folder);
    assert_eq!(stage.orders_at_scm().await, 1);
}

/// Regression: `bulk status` could not write the files of orders that were approved later.
#[tokio::test(flavor = "multi_thread")]
async fn status_brings_the_files_of_what_was_approved() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", "CN,Profile\na.example.com,55\n");
    stage.run(&["apply", "--yes"], &file).await.expect(5);
    stage.decide("a.example.com", "approve").await;
    let out = stage.path("out");
    let args = [
        "status",
        "--wait",
        "90s",
        "--out-dir",
        out.to_str().unwrap(),
    ];
    stage.run(&args, &file).await.expect(0);
    folder_matches(&out.join("a.example.com"));
}
