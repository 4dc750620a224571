//! A server with the plugin, a simulated SCM, a config, and commands to run `svpki` with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use dev_server::{DevServer, PLUGIN_NAME, without_server_settings};
use reqwest::Method;
use scm_sim::settings::Settings;
use scm_sim::{Options, Sim};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support;

pub struct Stage {
    pub server: DevServer,
    pub sim: Sim,
    folder: TempDir,
}

/// What a command printed, and its exit code.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|why| panic!("{why}\n{}\n{}", self.out, self.err))
    }

    /// Asserts the exit code. If it is another one, shows all output.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.out,
            self.err
        );
        self
    }
}

impl Stage {
    /// With one config `web`, EC keys and stored profiles.
    pub async fn open() -> Self {
        Self::with(json!({"key_type": "EC", "key_bits": "P-256"})).await
    }

    pub async fn with(extra: Value) -> Self {
        // Mandatory custom fields have tests of their own.
        let settings = Settings {
            custom_fields: Vec::new(),
            ..Settings::default()
        };
        Self::at(settings, extra).await
    }

    pub async fn at(settings: Settings, extra: Value) -> Self {
        let options = Options {
            settings,
            ..Options::default()
        };
        let sim = Sim::start(options).await.expect("a simulated SCM");
        let server = support::server(&support::plugin()).await;
        let mut config = json!({
            "sectigo_cm_base_url": sim.base_url,
            "sectigo_cm_uri": sim.customer_uri,
            "sectigo_cm_user": sim.login,
            "sectigo_cm_password": sim.password,
            "sectigo_cm_org_id": 1,
            "sectigo_ssl_cert_validity": 365,
        });
        let fields = config.as_object_mut().unwrap();
        fields.extend(extra.as_object().unwrap().clone());
        let profiles = control(&sim, "scenario").await;
        let profile = &profiles["profiles"].as_array().unwrap()[0];
        fields
            .entry("sectigo_ssl_cert_type")
            .or_insert(profile["id"].clone());
        fields["sectigo_cm_org_id"] = profiles["organisations"][0]["id"].clone();
        let stage = Self {
            server,
            sim,
            folder: TempDir::new().unwrap(),
        };
        stage.must("PUT", "configs/web", Some(&config)).await;
        stage.must("PUT", "profile/web", Some(&json!({}))).await;
        stage
    }

    /// Sends a request to a path below the mount.
    pub async fn must(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let path = format!("{PLUGIN_NAME}/{path}");
        self.server
            .must(method, &path, body)
            .await
            .expect("an answer")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The command `svpki bulk …`, not started yet.
    pub fn svpki(&self, args: &[&str], file: &Path) -> Command {
        let (address, token) = (self.server.address(), self.server.token());
        svpki(self.folder.path(), address, token, args, file)
    }

    /// Replaces the rules by which the simulated SCM delays and fails requests.
    pub async fn rules(&self, rules: &Value) {
        self.control(Method::PUT, "rules", rules).await;
    }

    /// Sends a request to the simulator's control API.
    pub async fn control(&self, method: Method, path: &str, body: &Value) {
        let told = self.sim.control(method.as_str(), path, body.clone()).await;
        told.unwrap();
    }

    pub async fn run(&self, args: &[&str], file: &Path) -> Ended {
        ended(self.svpki(args, file)).await
    }

    /// Creates another token with all rights.
    pub async fn token(&self) -> String {
        let made = self
            .server
            .must("POST", "auth/token/create", Some(&json!({"ttl": "1h"})))
            .await
            .unwrap();
        made["auth"]["client_token"].as_str().unwrap().to_owned()
    }

    pub async fn revoke(&self, token: &str) {
        let body = json!({"token": token});
        self.server
            .must("POST", "auth/token/revoke", Some(&body))
            .await
            .unwrap();
    }

    /// Does what a person would do in SCM with the newest order for a name.
    pub async fn decide(&self, name: &str, step: &str) {
        let orders = control(&self.sim, &format!("orders?common_name={name}")).await;
        let order = orders["orders"]
            .as_array()
            .unwrap()
            .last()
            .expect("an order")
            .clone();
        let id = &order["id"];
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let path = format!("orders/{id}/{step}");
        self.control(Method::POST, &path, &json!({})).await;
    }

    /// The ids and common names of the certificates in use.
    pub async fn live(&self) -> Vec<(String, String)> {
        let page = self
            .must("GET", "inventory?status=issued,expiring&limit=100", None)
            .await;
        let rows = page["data"]["certificates"].as_array().unwrap();
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        rows.iter()
            .map(|row| (text(row, "id"), text(row, "common_name")))
            .collect()
    }

    /// How many SSL orders SCM has.
    pub async fn orders_at_scm(&self) -> u64 {
        control(&self.sim, "counters").await["ssl_orders"]
            .as_u64()
            .unwrap()
    }

    /// The ids and common names of all certificates in Vault.
    pub async fn certificates(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let page = self
                .must("GET", &format!("inventory?limit=500&after={after}"), None)
                .await;
            for row in page["data"]["certificates"].as_array().unwrap() {
                let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
                all.push((text("id"), text("common_name")));
            }
            after = page["data"]["next"].as_str().unwrap_or_default().to_owned();
            if after.is_empty() {
                return all;
            }
        }
    }
}

/// The command `svpki bulk …` for any server, not started yet.
pub fn svpki(home: &Path, address: &str, token: &str, args: &[&str], file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_svpki"));
    without_server_settings(&mut command)
        .env("BAO_ADDR", address)
        .env("BAO_TOKEN", token)
        .env("HOME", home)
        .current_dir(home)
        .arg("bulk")
        .args(args)
        .arg(file)
        .stdin(Stdio::null());
    command
}

pub async fn ended(mut command: Command) -> Ended {
    let output: Output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .expect("svpki");
    Ended {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Reads from the simulator's control API.
pub async fn control(sim: &Sim, path: &str) -> Value {
    sim.control("GET", path, Value::Null).await.unwrap()
}

/// A CSV file with this many hosts.
pub fn hosts(count: usize) -> String {
    let rows: String = (0..count)
        .map(|n| format!("host-{n}.example.com\n"))
        .collect();
    format!("Common Name\n{rows}")
}

/// The rows of a CSV result, by header.
pub fn result_rows(path: &Path) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}
