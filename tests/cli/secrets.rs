//! No secret shows: not on the screen, not with `--debug`, not in the process list, not in the files that stay.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::harness::{CliTestEnv, Ran, ran};

/// What must show nowhere. The words are never part of anything else.
const CLIENT_SECRET: &str = "oauth-geheimnis-4711";
const PASSPHRASE: &str = "kennwort-der-datei-0815";

/// Runs it, and gathers what the process list says of it and of whatever it starts while it runs.
fn watched(command: Command, stdin: &str) -> (Ran, String) {
    let over = Arc::new(AtomicBool::new(false));
    let own = std::process::id();
    let watcher = {
        let over = Arc::clone(&over);
        std::thread::spawn(move || {
            let mut lines = String::new();
            while !over.load(Ordering::Relaxed) {
                for line in lines_of_descendants(own) {
                    if !lines.contains(&line) {
                        lines.push_str(&line);
                        lines.push('\n');
                    }
                }
            }
            lines
        })
    };
    let told = ran(command, stdin);
    over.store(true, Ordering::Relaxed);
    (told, watcher.join().unwrap())
}

/// `/proc/PID/cmdline` of every `svpki` below this process, and of what that started.
fn lines_of_descendants(own: u32) -> Vec<String> {
    let children = |pid: &str| -> Vec<String> {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
        tasks
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
            .flat_map(|text| {
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    let mut lines = Vec::new();
    let mut open = children(&own.to_string());
    while let Some(pid) = open.pop() {
        open.extend(children(&pid));
        if let Ok(line) = std::fs::read(format!("/proc/{pid}/cmdline")) {
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            if line.contains("svpki") {
                lines.push(line);
            }
        }
    }
    lines
}

/// Every file below a folder, but those that were asked for with a key in them.
fn kept(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            kept(&path, text);
        } else if !path.ends_with("fields.json") {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_verb_shows_a_secret() {
    let env = CliTestEnv::open().await;
    let home = env.home.path();
    // The word of the dev server's own token is part of others.
    let token = env.token(&["root"]).await;
    let password = env.stage.sim.password.clone();
    let scm = env.stage.sim.base_url.clone();
    std::fs::write(home.join("hosts.csv"), "Common Name\nrow.example.com\n").unwrap();
    let account = json!({
        "sectigo_cm_base_url": scm,
        "sectigo_cm_uri": "example",
        "sectigo_cm_org_id": 123,
        "sectigo_config_type": "ssl_cert",
        "auth_method": "oauth2",
        "oauth2_token_url": format!("{scm}/token"),
        "oauth2_client_id": "vault",
        "oauth2_client_secret": CLIENT_SECRET,
    });
    std::fs::write(home.join("fields.json"), account.to_string()).unwrap();
    let account = format!(
        "config write other --base-url {scm} --customer-uri example --user admin --org-id 123 --type ssl_cert --password-stdin"
    );
    let mut seen = String::new();
    for (line, stdin) in [
        (account.as_str(), password.as_str()),
        ("config write oauth --file fields.json", ""),
        (
            "config write oauth --file -",
            "{\"oauth2_client_secret\": \"oauth-geheimnis-4711\", oops}",
        ),
        (
            "config write other --password-stdin --dry-run",
            "wrong-geheimnis",
        ),
        ("config list", ""),
        ("config read other", ""),
        ("config read oauth", ""),
        ("config test other", ""),
        ("config test oauth", ""),
        ("profile sync web", ""),
        ("profile list web", ""),
        ("profile read web 51", ""),
        ("enroll web --common-name www.example.com --key-type EC", ""),
        ("certs list", ""),
        ("certs read web 1001_example", ""),
        (
            "certs export web 1001_example --format pkcs12 --out www.p12 --password-stdin",
            PASSPHRASE,
        ),
        (
            "certs export web 1001_example --format jks --out www.jks --password-stdin",
            PASSPHRASE,
        ),
        (
            "certs export web 7_example --format pkcs12 --out no.p12 --password-stdin",
            PASSPHRASE,
        ),
        ("renew web 1001_example", ""),
        ("replace web 1002_example --reason test --key-type EC", ""),
        ("fetch web 1002_example", ""),
        ("orders list", ""),
        ("orders read web 000000000000000000000000", ""),
        ("orders wait web 000000000000000000000000 --wait 1", ""),
        (
            "orders cancel web 000000000000000000000000 --yes --force",
            "",
        ),
        ("check", ""),
        ("reconcile web --import", ""),
        ("doctor", ""),
        ("plugin status", ""),
        ("plugin verify", ""),
        ("plugin install --print", ""),
        ("plugin upgrade --print", ""),
        ("bulk plan --config web hosts.csv", ""),
        ("bulk apply --config web hosts.csv --yes", ""),
        ("bulk status --config web hosts.csv", ""),
        ("bulk retry --config web hosts.web.result.csv --yes", ""),
        ("bulk renew --config web hosts.web.result.csv --yes", ""),
        (
            "bulk revoke --config web hosts.web.result.csv --reason test --yes",
            "",
        ),
        ("revoke web 1002_example --reason test --yes", ""),
        ("certs delete web 1002_example --yes", ""),
        ("config delete other --yes", ""),
    ] {
        for form in ["table", "json"] {
            let mut command = env.command(&format!("{line} --debug -o {form}"));
            command.env("VAULT_TOKEN", &token);
            let (told, listed) = watched(command, stdin);
            assert!(
                told.stderr.contains("DEBUG") || told.code == 2,
                "--debug tells what is asked: {line}: {}",
                told.stderr
            );
            assert!(listed.contains("svpki"), "{line}: nothing was seen");
            seen.push_str(&told.stdout);
            seen.push_str(&told.stderr);
            seen.push_str(&listed);
        }
    }
    kept(home, &mut seen);
    for secret in [
        &token,
        &password,
        CLIENT_SECRET,
        PASSPHRASE,
        "wrong-geheimnis",
        "X-Vault-Token",
        "PRIVATE KEY",
    ] {
        let at = seen.find(secret);
        assert_eq!(
            at.map(|at| seen[at.saturating_sub(200)..at].to_owned()),
            None,
            "{secret}"
        );
    }
}

/// The server's own description says which fields are secret; each is refused as a flag's value, and not repeated.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_field_can_be_set_by_a_flag() {
    fn secrets(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                // A parameter has its name beside its schema.
                if members.contains_key("schema")
                    && members["schema"]["x-vault-displayAttrs"]["sensitive"] == true
                    && let Some(name) = members["name"].as_str()
                {
                    found.push(name.to_owned());
                }
                for (name, member) in members {
                    if name != "schema" && member["x-vault-displayAttrs"]["sensitive"] == true {
                        found.push(name.clone());
                    }
                    secrets(member, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| secrets(item, found)),
            _ => {}
        }
    }
    let env = CliTestEnv::open().await;
    let described = env
        .stage
        .server
        .must("GET", "sys/internal/specs/openapi", None)
        .await
        .unwrap();
    let mut names = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        if path.starts_with("/pki/") {
            secrets(item, &mut names);
        }
    }
    names.sort();
    names.dedup();
    for name in [
        "sectigo_cm_password",
        "oauth2_client_secret",
        "auth_private_key",
        "password",
    ] {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
    for name in &names {
        for line in [
            "config write web",
            "enroll web --common-name a.example.com",
            "renew web 1_example",
            "replace web 1_example --reason x",
            "fetch web 1_example",
        ] {
            let told = env.run(&format!("{line} --set {name}=gepflanzt"));
            assert_eq!(told.code, 2, "{line} {name}: {}", told.stderr);
            assert!(
                !format!("{}{}", told.stdout, told.stderr).contains("gepflanzt"),
                "{line} {name}: {}",
                told.stderr
            );
        }
    }
}

/// The real processes, as a monitor of the machine would see them.
#[tokio::test(flavor = "multi_thread")]
async fn neither_the_plugin_nor_the_tool_leaves_a_core_dump() {
    let env = CliTestEnv::without_config().await;
    let core = |pid: u32| {
        let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"))
            .unwrap();
        line.split_whitespace()
            .skip(4)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let plugins = env.stage.server.plugin_pids();
    assert!(!plugins.is_empty());
    for pid in plugins {
        assert_eq!(core(pid), ["0", "0", "bytes"], "the plugin");
    }
    // It reads its password from a pipe that stays open.
    let mut tool = env.command(
        "config write web --base-url http://127.0.0.1:1 --customer-uri x --user x --org-id 1 --type ssl_cert --password-stdin",
    );
    let mut tool = tool
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let starts = std::time::Instant::now();
    while core(tool.id()) != ["0", "0", "bytes"] {
        assert!(
            starts.elapsed().as_secs() < 60,
            "svpki: {:?}",
            core(tool.id())
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    tool.kill().unwrap();
    tool.wait().unwrap();
}
