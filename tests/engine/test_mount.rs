//! One server for all tests at a time, and for each test a mount and an SCM of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use dev_server::DevServer;
use scm_sim::settings::Settings;
use scm_sim::{Options, Sim};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::support::{options, plugin, until};

/// How long anything may take before a test says that it hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server, and the runtime in which it and the simulators live: tests come and go with runtimes of their own.
struct SharedServer {
    runtime: Option<Runtime>,
    server: Arc<DevServer>,
    audit: tempfile::TempDir,
}

impl Drop for SharedServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl SharedServer {
    /// Every request and answer goes into a file.
    fn start() -> Arc<Self> {
        let audit = tempfile::tempdir().unwrap();
        let device = format!(
            "audit \"file\" \"all\" {{ options {{ file_path = \"{}\" }} }}",
            audit_file(&audit).display()
        );
        Self::with_audit(audit, device)
    }

    fn with_audit(audit: tempfile::TempDir, device: String) -> Arc<Self> {
        // A runtime cannot be entered from another one's thread.
        let started = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            let mut options = options(&plugin());
            options.mounts = Vec::new();
            options.more = device;
            let server = runtime.block_on(DevServer::start(options));
            Self {
                server: Arc::new(server.expect("a server with the plugin")),
                runtime: Some(runtime),
                audit,
            }
        });
        Arc::new(started.join().unwrap())
    }

    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<SharedServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stage) = shared.upgrade() {
            return stage;
        }
        let stage = Self::start();
        *shared = Arc::downgrade(&stage);
        stage
    }

    async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let handle = self.runtime.as_ref().unwrap().handle().clone();
        handle.spawn(work).await.unwrap()
    }
}

fn audit_file(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("audit.log")
}

/// A mount with an SCM behind it.
#[derive(Clone)]
pub struct TestMount {
    stage: Arc<SharedServer>,
    sim: Arc<Sim>,
    pub mount: String,
    pub http: reqwest::Client,
}

impl TestMount {
    /// A mount of its own in the shared server, and an SCM of its own with default settings.
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        Self::on(SharedServer::shared(), settings).await
    }

    /// With a server of its own, for what would disturb others.
    pub async fn alone() -> Self {
        Self::on(SharedServer::start(), Settings::default()).await
    }

    /// With a server of its own, whose only audit device is this one.
    pub async fn audited_by(device: String) -> Self {
        let stage = SharedServer::with_audit(tempfile::tempdir().unwrap(), device);
        Self::on(stage, Settings::default()).await
    }

    async fn on(stage: Arc<SharedServer>, settings: Settings) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let mount = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let server = Arc::clone(&stage.server);
        let at = mount.clone();
        let sim = stage
            .run(async move {
                server.mount(&at).await.expect("a mount");
                let options = Options {
                    settings,
                    ..Options::default()
                };
                Sim::start(options).await.expect("an SCM")
            })
            .await;
        Self {
            stage,
            sim: Arc::new(sim),
            mount,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// With a config `web` for SSL certificates.
    pub async fn ready() -> Self {
        let test = Self::new().await;
        test.config("web", json!({})).await;
        test
    }

    pub fn server(&self) -> &DevServer {
        &self.stage.server
    }

    /// What the server's audit device has written: every request and answer, as an auditor may read them.
    pub fn audit(&self) -> String {
        std::fs::read_to_string(audit_file(&self.stage.audit)).unwrap()
    }

    pub fn scm(&self) -> &Sim {
        &self.sim
    }

    /// The account, with quick settling so that a test need not wait as long as an operator may.
    pub fn account(&self) -> Map<String, Value> {
        let scm = self.scm();
        let account = json!({
            "sectigo_config_type": "ssl_cert",
            "sectigo_cm_base_url": scm.base_url,
            "sectigo_cm_uri": scm.customer_uri,
            "sectigo_cm_org_id": 123,
            "sectigo_cm_user": scm.login,
            "sectigo_cm_password": scm.password,
            "sectigo_ssl_cert_type": 51,
            "sectigo_ssl_cert_validity": 90,
            "settle_after": "1s",
        });
        account.as_object().unwrap().clone()
    }

    /// Writes a config: the account with `more` over it. `null` leaves a field out.
    pub async fn config(&self, name: &str, more: Value) -> Answer {
        let mut config = self.account();
        for (field, value) in more.as_object().unwrap() {
            match value {
                Value::Null => drop(config.remove(field)),
                value => drop(config.insert(field.clone(), value.clone())),
            }
        }
        self.write(&format!("configs/{name}"), Value::Object(config))
            .await
            .good()
    }

    pub async fn write(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, Some(body)).await
    }

    pub async fn read(&self, path: &str) -> Answer {
        self.ask("GET", path, None).await
    }

    pub async fn list(&self, path: &str) -> Answer {
        self.ask("LIST", path, None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, None).await
    }

    /// With the root token. `path` is below the mount, a query included.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.ask_as(self.server().token(), method, path, body).await
    }

    pub async fn ask_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let verb = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}/v1/{}/{path}", self.server().address(), self.mount);
        let mut request = self
            .http
            .request(verb, url)
            .header("X-Vault-Token", token)
            .header("X-Vault-Request", "true");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer of the server");
        Answer {
            asked: format!("{method} {path}"),
            status: response.status().as_u16(),
            body: serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default(),
        }
    }

    /// Writes as clients do, which ask again for a while after a 503: SCM may not have issued yet.
    pub async fn ask_again(&self, token: &str, path: &str, body: Value) -> Answer {
        let mut answer = self.ask_as(token, "POST", path, Some(body.clone())).await;
        for _ in 0..10 {
            if answer.status != 503 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            answer = self.ask_as(token, "POST", path, Some(body.clone())).await;
        }
        answer
    }

    /// Waits until a read answers what `holds` asks for.
    pub async fn until(
        &self,
        path: &str,
        within: Duration,
        holds: impl Fn(&Answer) -> bool,
    ) -> Answer {
        let mut last = None;
        until(path, within, async || {
            let answer = self.read(path).await;
            let yes = holds(&answer);
            last = Some(answer);
            if !yes {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            yes
        })
        .await;
        last.unwrap()
    }

    /// The same for a list.
    pub async fn until_listed(
        &self,
        path: &str,
        within: Duration,
        holds: impl Fn(&Value) -> bool,
    ) -> Answer {
        let mut last = None;
        until(path, within, async || {
            let answer = self.list(path).await;
            let yes = answer.status == 200 && holds(answer.data());
            last = Some(answer);
            if !yes {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            yes
        })
        .await;
        last.unwrap()
    }

    /// A call of the simulator's control API.
    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        self.scm().control(method, path, body).await.unwrap()
    }

    /// From now on SCM goes by these rules.
    pub async fn rules(&self, rules: Value) {
        self.control("PUT", "rules", rules).await;
    }

    /// SCM's orders for a common name (or all, when it is empty).
    pub async fn orders_at_scm(&self, common_name: &str) -> Vec<Value> {
        let query = if common_name.is_empty() {
            String::new()
        } else {
            format!("?common_name={common_name}")
        };
        let found = self
            .control("GET", &format!("orders{query}"), Value::Null)
            .await;
        found["orders"].as_array().unwrap().clone()
    }

    /// Calls of this kind that SCM has seen.
    pub async fn calls(&self, kind: &str) -> Vec<Value> {
        let path = format!("calls?call={kind}");
        let found = self.control("GET", &path, Value::Null).await;
        found.as_array().unwrap().clone()
    }
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub asked: String,
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// A success, or the test ends here.
    #[track_caller]
    pub fn good(self) -> Self {
        assert!(matches!(self.status, 200..=299), "{self:?}");
        self
    }

    /// A refusal with this status whose text holds each of these.
    #[track_caller]
    pub fn refused(self, status: u16, words: &[&str]) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        let said = self.error();
        for word in words {
            assert!(said.contains(word), "no {word:?} in: {said}");
        }
        self
    }

    pub fn data(&self) -> &Value {
        &self.body["data"]
    }

    #[track_caller]
    pub fn text(&self, member: &str) -> &str {
        self.data()[member]
            .as_str()
            .unwrap_or_else(|| panic!("no {member} in {self:?}"))
    }

    pub fn status_word(&self) -> &str {
        self.data()["status"].as_str().unwrap_or_default()
    }

    pub fn id(&self) -> &str {
        self.text("sectigo_cert_unique_id")
    }

    /// All error texts in one.
    pub fn error(&self) -> String {
        let errors = self.body["errors"].as_array();
        let texts = errors.into_iter().flatten().filter_map(Value::as_str);
        texts.collect::<Vec<_>>().join("\n")
    }

    /// All warnings in one.
    pub fn warnings(&self) -> String {
        let warnings = self.body["warnings"].as_array();
        let texts = warnings.into_iter().flatten().filter_map(Value::as_str);
        texts.collect::<Vec<_>>().join("\n")
    }
}
