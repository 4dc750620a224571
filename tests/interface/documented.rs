//! The documented commands with the documented files, typed into the server's own command line, against a real server
//! and `scm-sim`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use dev_server::{DevServer, end, server_binary, without_server_settings};
use serde_json::Value;
use tempfile::TempDir;

use crate::samples::{self, Account};
use crate::support::{plugin, scm_sim, server};

/// `scm-sim` for a tenant that demands no custom field.
struct Scm {
    process: Child,
    account: Account,
}

impl Scm {
    fn start(folder: &Path) -> Self {
        let scenario = folder.join("tenant.toml");
        std::fs::write(&scenario, "custom_fields = []\n").unwrap();
        let mut process = Command::new(scm_sim())
            .args(["serve", "--scenario"])
            .arg(scenario)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Value = serde_json::from_str(&line).expect("the line that says it is ready");
        let said = |member: &str| ready[member].as_str().expect(member).to_owned();
        let account = BTreeMap::from([
            ("SCM_BASE_URL", said("base_url")),
            ("SCM_CUSTOMER_URI", said("customer_uri")),
            ("SCM_LOGIN", said("login")),
            ("SCM_PASSWORD", said("password")),
            ("SCM_TOKEN_URL", said("token_url")),
            ("SCM_CLIENT_ID", said("client_id")),
            ("SCM_CLIENT_SECRET", said("client_secret")),
        ]);
        Self {
            process,
            account: Account(account),
        }
    }
}

impl Drop for Scm {
    fn drop(&mut self) {
        let _ = end(&mut self.process);
    }
}

/// A terminal in a folder that holds the samples, filled in.
struct Terminal {
    server: DevServer,
    folder: TempDir,
    scm: Scm,
}

impl Terminal {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let terminal = Self {
            server: server(&plugin()).await,
            scm: Scm::start(folder.path()),
            folder,
        };
        for name in samples::names() {
            if !name.ends_with("client_certificate.json") {
                let file = terminal.folder.path().join(&name);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, terminal.scm.account.fill(&name)).unwrap();
            }
        }
        terminal
    }

    /// Runs `bao` or `vault` with these words. The answer as JSON; null when it printed none.
    fn run(&self, words: &str) -> Value {
        let (answer, said) = self.try_run(words);
        answer.unwrap_or_else(|| panic!("{words}: {said}"))
    }

    fn try_run(&self, words: &str) -> (Option<Value>, String) {
        let mut command = Command::new(std::fs::canonicalize(server_binary().unwrap()).unwrap());
        let output = without_server_settings(&mut command)
            .current_dir(self.folder.path())
            .args(words.split(' '))
            .envs([
                ("BAO_ADDR", self.server.address()),
                ("VAULT_ADDR", self.server.address()),
                ("BAO_TOKEN", self.server.token()),
                ("VAULT_TOKEN", self.server.token()),
                ("BAO_FORMAT", "json"),
                ("VAULT_FORMAT", "json"),
            ])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.success().then_some(answer), said)
    }
}

#[tokio::test]
async fn an_ssl_certificate_is_ordered_read_and_revoked_with_its_files() {
    let bao = Terminal::open().await;
    let p = "sectigo-vault-pki";
    bao.run(&format!(
        "write {p}/configs/web @ssl_cert/ssl_cert_config.json"
    ));
    assert_eq!(
        bao.run(&format!("list {p}/configs")),
        serde_json::json!(["web"])
    );
    let config = bao.run(&format!("read {p}/configs/web"));
    assert_eq!(config["data"]["sectigo_cm_org_id"], 123);
    assert!(
        !config
            .to_string()
            .contains(&bao.scm.account.0["SCM_PASSWORD"])
    );

    bao.run(&format!(
        "write {p}/profile/web @ssl_cert/ssl_cert_profile.json"
    ));
    assert_eq!(
        bao.run(&format!("list {p}/profile/web")),
        serde_json::json!(["51"])
    );
    assert_eq!(
        bao.run(&format!("read {p}/profile/web/51"))["data"]["id"],
        51
    );

    let enrolled = bao.run(&format!("write {p}/enroll/web @ssl_cert/ssl_cert.json"));
    let data = &enrolled["data"];
    assert_eq!(data["status"], "issued", "{enrolled}");
    assert_eq!(data["common_name"], "www.example.com");
    assert!(
        data["private_key"]
            .as_str()
            .unwrap()
            .contains("PRIVATE KEY")
    );
    let warnings = enrolled["warnings"].to_string();
    for unused in ["sectigo_cm_password", "num_servers", "server_type"] {
        assert!(warnings.contains(unused), "{warnings}");
    }
    let id = data["sectigo_cert_unique_id"].as_str().unwrap().to_owned();
    assert!(id.ends_with("_example"), "{id}");

    let read = bao.run(&format!("read {p}/certs/web/{id} @ssl_cert/ssl_cert.json"));
    assert_eq!(read["data"]["serial_number"], data["serial_number"]);
    assert_eq!(read["data"]["private_key"], Value::Null);
    let stored = bao.run(&format!("read {p}/readcert/web/{id}"));
    assert_eq!(stored["data"]["serial_number"], data["serial_number"]);
    assert_eq!(
        bao.run(&format!("list {p}/certs/web")),
        serde_json::json!([id])
    );
    let fetched = bao.run(&format!(
        "write {p}/fetch/web/{id} @ssl_cert/ssl_cert_fetch.json"
    ));
    assert_eq!(fetched["data"]["serial_number"], data["serial_number"]);

    bao.run(&format!(
        "write {p}/revoke/web/{id} @ssl_cert/ssl_cert_revoke.json"
    ));
    let revoked = bao.run(&format!("read {p}/certs/web/{id}"));
    assert_eq!(revoked["data"]["status"], "revoked");

    let (answer, said) = bao.try_run(&format!("delete {p}/configs/web"));
    assert!(answer.is_none() && said.contains("force=true"), "{said}");
    bao.run(&format!("delete {p}/certs/web/{id}"));
    bao.run(&format!("delete {p}/profile/web/51"));
    bao.run(&format!("delete {p}/configs/web"));
    assert!(bao.try_run(&format!("read {p}/configs/web")).0.is_none());
}

#[tokio::test]
async fn the_other_files_work_too() {
    let bao = Terminal::open().await;
    let p = "sectigo-vault-pki";
    bao.run(&format!(
        "write {p}/configs/web @ssl_cert/ssl_cert_config_oauth2.json"
    ));
    bao.run(&format!(
        "write {p}/configs/web @ssl_cert/ssl_cert_config_policy.json"
    ));
    let enrolled = bao.run(&format!("write {p}/enroll/web @ssl_cert/ssl_cert_ec.json"));
    assert_eq!(enrolled["data"]["status"], "issued", "{enrolled}");
    let page = bao.run(&format!("read {p}/inventory @mount/inventory.json"));
    assert_eq!(
        page["data"]["certificates"].as_array().unwrap().len(),
        1,
        "{page}"
    );
    bao.run(&format!("write {p}/tidy @mount/tidy.json"));
    bao.run(&format!("read {p}/tidy-status"));
}

#[tokio::test]
async fn an_ssl_certificate_is_renewed_and_replaced_with_its_files() {
    let bao = Terminal::open().await;
    let p = "sectigo-vault-pki";
    bao.run(&format!(
        "write {p}/configs/web @ssl_cert/ssl_cert_config.json"
    ));
    let enrolled = bao.run(&format!("write {p}/enroll/web @ssl_cert/ssl_cert.json"));
    let id = id_of(&enrolled);

    let renewed = bao.run(&format!(
        "write {p}/renew/web/{id} @ssl_cert/ssl_cert_renew.json"
    ));
    assert_eq!(renewed["data"]["renewed_from"], id.as_str(), "{renewed}");
    let new = id_of(&renewed);
    let current = bao.run(&format!("read {p}/current/web/www.example.com"));
    assert_eq!(current["data"]["sectigo_cert_unique_id"], new.as_str());

    let replaced = bao.run(&format!(
        "write {p}/replace/web/{new} @ssl_cert/ssl_cert_replace.json"
    ));
    assert_eq!(
        replaced["data"]["sectigo_cert_unique_id"],
        new.as_str(),
        "{replaced}"
    );
    let names = replaced["data"]["subject_alt_names"].to_string();
    assert!(names.contains("shop.example.com"), "{names}");

    assert_ne!(
        replaced["data"]["serial_number"],
        renewed["data"]["serial_number"]
    );
    let old = bao.run(&format!("read {p}/certs/web/{id}"));
    assert_eq!(old["data"]["status"], "superseded");
    assert_eq!(old["data"]["renewed_to"], new.as_str());
}

#[tokio::test]
async fn a_client_certificate_goes_the_whole_way_with_its_files() {
    let bao = Terminal::open().await;
    let p = "sectigo-vault-pki";
    bao.run(&format!(
        "write {p}/configs/mail @client_cert/client_cert_config.json"
    ));
    bao.run(&format!(
        "write {p}/configs/mail @client_cert/client_cert_config_policy.json"
    ));
    bao.run(&format!(
        "write {p}/profile/mail @client_cert/client_cert_profile.json"
    ));
    assert_eq!(
        bao.run(&format!("read {p}/profile/mail/61"))["data"]["id"],
        61
    );

    let enrolled = bao.run(&format!(
        "write {p}/enroll/mail @client_cert/client_cert.json"
    ));
    assert_eq!(enrolled["data"]["status"], "issued", "{enrolled}");
    assert!(
        enrolled["warnings"]
            .to_string()
            .contains("sectigo_cm_password")
    );
    let id = id_of(&enrolled);
    let read = bao.run(&format!(
        "read {p}/certs/mail/{id} @client_cert/client_cert.json"
    ));
    assert_eq!(
        read["data"]["serial_number"],
        enrolled["data"]["serial_number"]
    );
    let fetched = bao.run(&format!(
        "write {p}/fetch/mail/{id} @client_cert/client_cert_fetch.json"
    ));
    assert_eq!(
        fetched["data"]["serial_number"],
        enrolled["data"]["serial_number"]
    );

    let renewed = bao.run(&format!(
        "write {p}/renew/mail/{id} @client_cert/client_cert_renew.json"
    ));
    assert_eq!(renewed["data"]["renewed_from"], id.as_str(), "{renewed}");
    let renewed = id_of(&renewed);
    let replaced = bao.run(&format!(
        "write {p}/replace/mail/{renewed} @client_cert/client_cert_replace.json"
    ));
    let replacement = id_of(&replaced);
    let old = bao.run(&format!("read {p}/certs/mail/{renewed}"));
    assert_eq!(old["data"]["status"], "revoked", "{old}");
    bao.run(&format!(
        "write {p}/revoke/mail/{replacement} @client_cert/client_cert_revoke.json"
    ));
    let revoked = bao.run(&format!("read {p}/certs/mail/{replacement}"));
    assert_eq!(revoked["data"]["status"], "revoked");
}

fn id_of(answer: &Value) -> String {
    answer["data"]["sectigo_cert_unique_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}
