//! `svpki plugin install` and `upgrade`: what they change, what they leave alone, and what they take back.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dev_server::DevServer;

use super::harness::{CliTestEnv, Ran};

/// Everything that an installation could have changed.
async fn state(server: &DevServer) -> (String, Vec<String>, Vec<u32>) {
    let catalog = server
        .must("GET", "sys/plugins/catalog/secret/sectigo-vault-pki", None)
        .await
        .map(|answer| answer["data"].to_string())
        .unwrap_or_default();
    let mounts = server.must("GET", "sys/mounts", None).await.unwrap();
    let mut paths: Vec<String> = mounts["data"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    paths.sort();
    (catalog, paths, server.plugin_pids())
}

fn is_done(ran: &Ran) {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// A program that is no plugin, under a name of its own.
fn no_plugin(folder: &Path) -> String {
    let file = folder.join("no-plugin");
    std::fs::write(&file, "#!/bin/sh\nexit 0\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    file.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn install_heeds_mount_and_leaves_the_other_mounts_alone() {
    let env = CliTestEnv::without_config().await;
    let server = &env.stage.server;
    let plugin = server.plugin().display().to_string();
    let (catalog, mounts, pids) = state(server).await;
    let made = env.run(&format!("plugin install --binary {plugin} --mount team-b"));
    is_done(&made);
    assert!(
        made.stderr.contains("Mounted at team-b/"),
        "{}",
        made.stderr
    );
    for word in ["Registered", "Reloaded", "sectigo-vault-pki/"] {
        assert!(!made.stderr.contains(word), "{}", made.stderr);
    }
    let (catalog_now, mounts_now, pids_now) = state(server).await;
    assert_eq!(catalog_now, catalog);
    assert_eq!(mounts_now.len(), mounts.len() + 1);
    assert!(pids.iter().all(|pid| pids_now.contains(pid)), "restarted");
    let again = env.run(&format!("plugin install --binary {plugin} --mount team-b"));
    assert_eq!(again.code, 2, "{}", again.stderr);
    let two = env.run(&format!("plugin install --binary {plugin} --mount a,b"));
    assert_eq!(two.code, 2, "{}", two.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_cannot_be_a_mount_touches_nothing() {
    let env = CliTestEnv::without_config().await;
    let server = &env.stage.server;
    let plugin = server.plugin().display().to_string();
    let before = state(server).await;
    for (verb, path, code) in [
        ("install", "sys", 2),
        ("install", "auth/token", 2),
        ("install", "identity", 2),
        ("install", "''", 2),
        ("install", "/weird//x/", 2),
        ("install", "'a b'", 2),
        ("install", "pki/sub", 2),
        ("install", "secret", 2),
        ("upgrade", "nosuch", 3),
        ("upgrade", "secret", 3),
    ] {
        let line = format!("plugin {verb} --binary {plugin} --path {path}");
        let ran = env.run(&line.replace(" --path ''", " --path="));
        assert_eq!(ran.code, code, "{line}: {}", ran.stderr);
        assert_eq!(state(server).await, before, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_install_takes_everything_back() {
    let env = CliTestEnv::without_config().await;
    let server = &env.stage.server;
    server.must("DELETE", "sys/mounts/pki", None).await.unwrap();
    let entry = "sys/plugins/catalog/secret/sectigo-vault-pki";
    let entry = format!("{entry}?version=v0.1.0");
    server.must("DELETE", &entry, None).await.unwrap();
    let plugin = server.plugin().to_owned();
    let kept = env.home.path().join("good");
    std::fs::copy(&plugin, &kept).unwrap();
    std::fs::remove_file(&plugin).unwrap();
    let folder = plugin.parent().unwrap().display();
    let with = |binary: &str| {
        format!("plugin install --binary {binary} --copy --plugin-directory {folder}")
    };
    let failed = env.run(&with(&no_plugin(env.home.path())));
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    let rolled_back = ["catalog entry", "binary file"].map(|what| format!("Rolled back: {what}"));
    assert!(
        rolled_back.iter().all(|line| failed.stderr.contains(line)),
        "{}",
        failed.stderr
    );
    assert!(!plugin.exists());
    let secret = server
        .must("GET", "sys/plugins/catalog", None)
        .await
        .unwrap();
    assert!(
        !secret.to_string().contains("sectigo-vault-pki"),
        "{secret}"
    );
    is_done(&env.run(&with("good")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_without_its_file_is_found_and_mended() {
    let env = CliTestEnv::open().await;
    let server = &env.stage.server;
    let plugin = server.plugin().to_owned();
    let kept = env.home.path().join("good");
    std::fs::copy(&plugin, &kept).unwrap();
    std::fs::remove_file(&plugin).unwrap();
    let found = env.run("doctor");
    assert_eq!(found.code, 7, "{}{}", found.stdout, found.stderr);
    assert!(
        found
            .stdout
            .contains("the registered binary sectigo-vault-pki is missing"),
        "{}",
        found.stdout
    );
    let folder = plugin.parent().unwrap().display();
    let mended = env.run(&format!(
        "plugin install --binary good --copy --plugin-directory {folder} --mount pki"
    ));
    is_done(&mended);
    assert!(plugin.exists());
    let verified = env.run(&format!("plugin verify --plugin-directory {folder}"));
    assert_eq!(verified.code, 0, "{}", verified.stdout);
    is_done(&env.run("enroll web --common-name www.example.com --key-type EC"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_build_is_not_put_under_running_mounts() {
    let env = CliTestEnv::without_config().await;
    let server = &env.stage.server;
    let before = state(server).await;
    let mut bytes = std::fs::read(server.plugin()).unwrap();
    bytes.push(0);
    let other = env.home.path().join("other");
    std::fs::write(&other, bytes).unwrap();
    let folder = server.plugin().parent().unwrap().display();
    let ran = env.run(&format!(
        "plugin install --binary other --copy --plugin-directory {folder} --path team-b"
    ));
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("svpki plugin upgrade"),
        "{}",
        ran.stderr
    );
    assert_eq!(state(server).await, before);
}
