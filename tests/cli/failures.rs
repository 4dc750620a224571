//! What goes wrong, and how it is told: to people and as JSON, with its exit code.

use serde_json::json;

use super::harness::{CliTestEnv, ran, shown, svpki};

#[test]
fn usage() {
    let home = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for line in [
        "",
        "nonsense",
        "enroll",
        "certs read web",
        "enroll web --key-type DSA",
        "enroll web/x --common-name a",
        "enroll web -o json --key-type DSA",
        "certs list --timeout soon",
        "config write web --password-stdin=hunter2",
        "config write web --password hunter2",
        "certs list --token s.planted",
        "init",
        "config wizard",
        "tui",
        "completions",
        "completions tcsh",
        "man nonsense",
        "bulk apply",
        "demo --nonsense",
    ] {
        let ran = ran(svpki(home.path(), line), "");
        assert_eq!(ran.code, 2, "{line}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{line}");
        if !line.is_empty() {
            text.push_str(&shown(line, &ran));
        }
    }
    for secret in ["=hunter2", "'hunter2'", "s.planted'"] {
        let told = text.lines().filter(|line| line.starts_with("2>"));
        assert!(told.clone().all(|line| !line.contains(secret)), "{text}");
    }
    insta::assert_snapshot!("usage", text);
}

#[test]
fn no_server_and_bad_settings() {
    let home = tempfile::tempdir().unwrap();
    // A port that nobody listens on: we have just closed it.
    let port = dev_server::free_port().unwrap();
    let address = format!("http://127.0.0.1:{port}");
    let mut text = String::new();
    for (line, name, value) in [
        ("certs list", "VAULT_ADDR", address.as_str()),
        ("certs list -o json", "VAULT_ADDR", address.as_str()),
        ("certs list", "VAULT_SKIP_VERIFY", "true"),
        ("certs list", "VAULT_ADDR", "vault.example.com"),
        ("certs list", "VAULT_CLIENT_CERT", "/nonexistent.pem"),
        ("certs list", "VAULT_CACERT", "/nonexistent.pem"),
        ("certs list", "VAULT_CLIENT_TIMEOUT", "soon"),
    ] {
        let mut command = svpki(home.path(), line);
        command.env(name, value);
        let ran = ran(command, "");
        text.push_str(
            &shown(&format!("{line}    # {name}={value}"), &ran).replace(&address, "http://NOBODY"),
        );
    }
    insta::assert_snapshot!("settings", text);
}

#[tokio::test(flavor = "multi_thread")]
async fn denied() {
    let env = CliTestEnv::open().await;
    env.enrol("www.example.com").await;
    let server = &env.stage.server;
    let policy = "path \"pki/readcert/*\" { capabilities = [\"read\"] }\n\
                  path \"pki/enroll/*\" { capabilities = [\"update\", \"create\"] }";
    server
        .must(
            "PUT",
            "sys/policies/acl/app",
            Some(&json!({"policy": policy})),
        )
        .await
        .unwrap();
    let token = env.token(&["app"]).await;
    let with_token = |line: &str| {
        let mut command = env.command(line);
        command.env("VAULT_TOKEN", &token);
        ran(command, "")
    };
    let mut text = String::new();
    for line in [
        "certs read web 1001_example",
        "certs read web 1001_example --stored",
        "certs export web 1001_example --format pem_bundle",
        "revoke web 1001_example --reason x --yes -o json",
        "config read web",
        "doctor",
    ] {
        text.push_str(&shown(line, &with_token(line)));
    }
    assert!(!text.contains(&token));
    insta::assert_snapshot!("denied", env.redact(&text));

    // It may not see whether keys are kept, nor read one: the key must not be lost.
    let rescued = with_token("enroll web --common-name app.example.com --key-type EC");
    assert_eq!(rescued.code, 0, "{}", rescued.stderr);
    assert!(
        env.home.path().join("1002_example.key").is_file(),
        "{}",
        rescued.stderr
    );
    let unknown = ran(
        {
            let mut command = env.command("certs list");
            command.env("VAULT_TOKEN", "s.unknown");
            command
        },
        "",
    );
    assert_eq!(unknown.code, 4, "{}", unknown.stderr);
    assert!(!unknown.stderr.contains("s.unknown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tls_server_that_is_no_vault() {
    let env = CliTestEnv::open().await;
    let ca = env.home.path().join("ca.pem");
    std::fs::write(&ca, &env.stage.sim.ca_pem).unwrap();
    let mut text = String::new();
    // SCM's own port stands for a TLS server that is no Vault.
    for (line, name) in [
        ("certs list --mount pki", "127.0.0.1"),
        ("certs list --mount pki -o json", "127.0.0.1"),
        ("certs list --mount pki --ca-cert ca.pem", "127.0.0.1"),
        (
            "certs list --mount pki --ca-cert ca.pem --tls-server-name localhost",
            "127.0.0.1",
        ),
        (
            "certs list --mount pki --ca-cert ca.pem --tls-server-name other.example.com",
            "127.0.0.1",
        ),
    ] {
        let mut command = env.command(line);
        command.env(
            "VAULT_ADDR",
            env.stage.sim.https_url.replace("127.0.0.1", name),
        );
        text.push_str(&shown(line, &ran(command, "")));
    }
    insta::assert_snapshot!("wrong_ca", env.redact(&text));
}

/// Whoever is told that nothing was ordered is not told to find out whether something was.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_orders_nothing() {
    let env = CliTestEnv::open().await;
    let error = json!({"status": 401, "code": -16, "description": "Unknown user"});
    env.rules(json!([{"call": "enroll", "error": error}])).await;
    let line = "enroll web --common-name www.example.com --key-type EC -o json";
    let refused = env.run(line);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    let error = refused.error();
    let said = |member: &str| error[member].as_str().unwrap_or_default().to_owned();
    assert!(said("message").contains("nothing was ordered"), "{error}");
    assert!(!said("hint").contains("it is not known whether"), "{error}");
}
