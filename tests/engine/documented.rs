//! The documented commands with their documented files, through the server's own command line.

use std::path::Path;
use std::process::{Command, Stdio};

use dev_server::{server_binary, without_server_settings};
use serde_json::{Value, json};

use crate::test_mount::TestMount;
use crate::tools::{public_key_of_certificate, public_key_of_key, verify};

/// The vendor's command line, pointed at one mount.
struct Cli<'a> {
    test: &'a TestMount,
}

impl Cli<'_> {
    /// `verb MOUNT/path [@examples/…/file]`, its JSON answer.
    #[track_caller]
    fn run(&self, verb: &str, path: &str, file: Option<&str>) -> Value {
        let mut command = Command::new(server_binary().unwrap());
        without_server_settings(&mut command)
            .args([verb, "-format=json"])
            .arg(format!("{}/{path}", self.test.mount))
            .env("BAO_ADDR", self.test.server().address())
            .env("BAO_TOKEN", self.test.server().token())
            .env("VAULT_ADDR", self.test.server().address())
            .env("VAULT_TOKEN", self.test.server().token())
            .stdin(Stdio::null());
        let folder = tempfile::TempDir::new().unwrap();
        if let Some(file) = file {
            let filled = folder.path().join("request.json");
            std::fs::write(&filled, self.filled(file)).unwrap();
            command.arg(format!("@{}", filled.display()));
        }
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{verb} {path} {file:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    fn filled(&self, file: &str) -> String {
        let scm = self.test.scm();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample_json_data");
        let mut text = std::fs::read_to_string(path.join(file)).unwrap();
        let quoted = |text: &str| json!(text).to_string().trim_matches('"').to_owned();
        for (name, value) in [
            ("SCM_BASE_URL", &scm.base_url),
            ("SCM_CUSTOMER_URI", &scm.customer_uri),
            ("SCM_LOGIN", &scm.login),
            ("SCM_PASSWORD", &scm.password),
            ("SCM_TOKEN_URL", &scm.token_url),
            ("SCM_CLIENT_ID", scm.client_id.as_ref().unwrap()),
            ("SCM_CLIENT_SECRET", &scm.client_secret),
            ("SCM_CLIENT_CERTIFICATE", &scm.client_cert_pem),
            ("SCM_CLIENT_KEY", &scm.client_key_pem),
        ] {
            text = text.replace(&format!("${{{name}}}"), &quoted(value));
        }
        assert!(!text.contains("${"), "{text}");
        text
    }
}

fn text<'a>(answer: &'a Value, member: &str) -> &'a str {
    answer["data"][member]
        .as_str()
        .unwrap_or_else(|| panic!("no {member} in {answer}"))
}

fn id(answer: &Value) -> &str {
    text(answer, "sectigo_cert_unique_id")
}

fn warned(answer: &Value, words: &[&str]) {
    let said = answer["warnings"].to_string();
    for word in words {
        assert!(said.contains(word), "no {word} in {said}");
    }
}

fn sound(answer: &Value, test: &TestMount) {
    let leaf = text(answer, "certificate");
    let chain: Vec<String> = serde_json::from_value(answer["data"]["ca_chain"].clone()).unwrap();
    // In SCM's own forms the certificate member may begin with the chain.
    let bare = bench_leaf(leaf);
    verify(&bare, &chain, &test.scm().root_pem);
    assert_eq!(
        public_key_of_certificate(&bare),
        public_key_of_key(text(answer, "private_key"))
    );
}

/// The last certificate of a text that ends in the leaf.
fn bench_leaf(text: &str) -> String {
    let begin = text.rfind("-----BEGIN CERTIFICATE-----").unwrap();
    text[begin..].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_command_for_ssl_certificates() {
    let test = TestMount::new().await;
    let cli = Cli { test: &test };
    cli.run(
        "write",
        "configs/web",
        Some("ssl_cert/ssl_cert_config.json"),
    );
    let config = cli.run("read", "configs/web", None);
    assert_eq!(text(&config, "sectigo_cm_user"), test.scm().login);
    assert_eq!(config["data"]["sectigo_cm_password_set"], true);
    assert_eq!(config["data"].get("sectigo_cm_password"), None);
    assert_eq!(cli.run("list", "configs", None), json!(["web"]));

    let profile = cli.run(
        "write",
        "profile/web",
        Some("ssl_cert/ssl_cert_profile.json"),
    );
    assert_eq!(profile["data"]["id"], 51);
    assert_eq!(cli.run("list", "profile/web", None), json!(["51"]));
    assert_eq!(
        cli.run("read", "profile/web/51", None)["data"]["terms"],
        json!([90, 199, 365])
    );

    let issued = cli.run("write", "enroll/web", Some("ssl_cert/ssl_cert.json"));
    assert_eq!(text(&issued, "status"), "issued");
    assert_eq!(text(&issued, "common_name"), "www.example.com");
    sound(&issued, &test);
    warned(
        &issued,
        &[
            "num_servers",
            "server_type",
            "sectigo_cm_user",
            "sectigo_cm_password",
        ],
    );
    let first = id(&issued).to_owned();
    assert_eq!(cli.run("list", "certs/web", None), json!([first]));

    // With the file of the order as its query, and without.
    for file in [Some("ssl_cert/ssl_cert.json"), None] {
        let read = cli.run("read", &format!("certs/web/{first}"), file);
        assert_eq!(
            read["data"]["serial_number"],
            issued["data"]["serial_number"]
        );
        assert_eq!(read["data"].get("private_key"), None);
    }
    let read = cli.run("read", &format!("readcert/web/{first}"), None);
    assert_eq!(
        read["data"]["serial_number"],
        issued["data"]["serial_number"]
    );

    let replaced = cli.run(
        "write",
        &format!("replace/web/{first}"),
        Some("ssl_cert/ssl_cert_replace.json"),
    );
    assert_eq!(id(&replaced), first);
    assert_ne!(
        replaced["data"]["serial_number"],
        issued["data"]["serial_number"]
    );
    assert_eq!(
        replaced["data"]["subject_alt_names"],
        json!(["www.example.com", "shop.example.com"])
    );
    sound(&replaced, &test);

    let renewed = cli.run(
        "write",
        &format!("renew/web/{first}"),
        Some("ssl_cert/ssl_cert_renew.json"),
    );
    let second = id(&renewed).to_owned();
    assert_ne!(second, first);
    assert_eq!(text(&renewed, "renewed_from"), first);
    sound(&renewed, &test);
    assert_ne!(
        public_key_of_key(text(&renewed, "private_key")),
        public_key_of_key(text(&replaced, "private_key")),
        "a renewal has a fresh key"
    );
    let old = cli.run("read", &format!("readcert/web/{first}"), None);
    assert_eq!(
        (text(&old, "status"), text(&old, "renewed_to")),
        ("superseded", second.as_str())
    );
    let current = cli.run("read", "current/web/www.example.com", None);
    assert_eq!(id(&current), second);

    cli.run("delete", &format!("certs/web/{second}"), None);
    let fetched = cli.run(
        "write",
        &format!("fetch/web/{second}"),
        Some("ssl_cert/ssl_cert_fetch.json"),
    );
    assert_eq!(
        fetched["data"]["serial_number"],
        renewed["data"]["serial_number"]
    );
    assert_eq!(fetched["data"].get("private_key"), None);

    let revoked = cli.run(
        "write",
        &format!("revoke/web/{second}"),
        Some("ssl_cert/ssl_cert_revoke.json"),
    );
    assert_eq!(text(&revoked, "status"), "revoked");
    let at_scm = test.orders_at_scm("www.example.com").await;
    let state = |scm_id: &str| {
        let found = at_scm
            .iter()
            .find(|order| order["id"].as_i64() == scm_id.parse().ok());
        found.unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(text(&revoked, "ssl_id")), "Revoked");
    let read = cli.run("read", &format!("certs/web/{second}"), None);
    assert_eq!(text(&read, "status"), "revoked");

    cli.run(
        "write",
        "configs/web",
        Some("ssl_cert/ssl_cert_config_policy.json"),
    );
    let merged = cli.run("read", "configs/web", None);
    assert_eq!(merged["data"]["sectigo_cm_password_set"], true);
    assert_eq!(merged["data"]["allowed_domains"], json!(["example.com"]));
    let bundle = cli.run("write", "enroll/web", Some("ssl_cert/ssl_cert_ec.json"));
    assert_eq!(text(&bundle, "format"), "pem_bundle");

    let page = cli.run("read", "inventory", Some("mount/inventory.json"));
    assert_eq!(
        page["data"]["certificates"].as_array().unwrap().len(),
        1,
        "{page}"
    );
    let tidied = cli.run("write", "tidy", Some("mount/tidy.json"));
    assert_eq!(tidied["data"]["removed_certificates"], 0);
    assert_eq!(text(&cli.run("read", "tidy-status", None), "state"), "idle");
    assert_eq!(cli.run("read", "health", None)["data"]["healthy"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_command_for_client_certificates() {
    let test = TestMount::new().await;
    let cli = Cli { test: &test };
    let path = |verb: &str, id: &str| format!("{verb}/mail/{id}");
    cli.run(
        "write",
        "configs/mail",
        Some("client_cert/client_cert_config.json"),
    );
    let profile = cli.run(
        "write",
        "profile/mail",
        Some("client_cert/client_cert_profile.json"),
    );
    assert_eq!(profile["data"]["id"], 61);

    let issued = cli.run("write", "enroll/mail", Some("client_cert/client_cert.json"));
    assert_eq!(text(&issued, "status"), "issued");
    assert_eq!(text(&issued, "common_name"), "Jane Doe");
    sound(&issued, &test);
    let first = id(&issued).to_owned();
    let at_scm = test.orders_at_scm("").await;
    assert_eq!(
        format!(
            "{}_{}",
            at_scm[0]["backend_id"].as_str().unwrap(),
            test.scm().customer_uri
        ),
        first
    );
    for file in [Some("client_cert/client_cert.json"), None] {
        let read = cli.run("read", &path("certs", &first), file);
        assert_eq!(
            read["data"]["serial_number"],
            issued["data"]["serial_number"]
        );
    }

    // SCM renews with the key in use, and the answer says so.
    let renewed = cli.run(
        "write",
        &path("renew", &first),
        Some("client_cert/client_cert_renew.json"),
    );
    let second = id(&renewed).to_owned();
    assert_ne!(second, first);
    assert_eq!(
        public_key_of_key(text(&renewed, "private_key")),
        public_key_of_key(text(&issued, "private_key"))
    );
    warned(&renewed, &["key they have"]);
    sound(&renewed, &test);
    assert_eq!(
        text(&cli.run("read", &path("readcert", &first), None), "status"),
        "superseded"
    );

    // A replacement is a new order; the old one is revoked because the file asks for it.
    let replaced = cli.run(
        "write",
        &path("replace", &second),
        Some("client_cert/client_cert_replace.json"),
    );
    let third = id(&replaced).to_owned();
    assert_ne!(third, second);
    assert_ne!(
        public_key_of_key(text(&replaced, "private_key")),
        public_key_of_key(text(&issued, "private_key"))
    );
    sound(&replaced, &test);
    assert_eq!(
        text(&cli.run("read", &path("readcert", &second), None), "status"),
        "revoked"
    );
    assert_eq!(id(&cli.run("read", "current/mail/Jane Doe", None)), third);

    cli.run("delete", &path("certs", &third), None);
    let fetched = cli.run(
        "write",
        &path("fetch", &third),
        Some("client_cert/client_cert_fetch.json"),
    );
    assert_eq!(
        fetched["data"]["serial_number"],
        replaced["data"]["serial_number"]
    );
    let revoked = cli.run(
        "write",
        &path("revoke", &third),
        Some("client_cert/client_cert_revoke.json"),
    );
    assert_eq!(text(&revoked, "status"), "revoked");
    cli.run(
        "write",
        "configs/mail",
        Some("client_cert/client_cert_config_policy.json"),
    );
}
