//! A Vault or OpenBao server of our own, in dev mode, with the plugin registered and mounted.
//!
//! It listens on a loopback port of its own, keeps everything in memory, writes its log into a temporary
//! folder, and ends with the value that started it.

#[cfg(feature = "fixtures")]
pub mod cluster;
#[cfg(feature = "fixtures")]
pub mod fixtures;
mod ports;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

pub use ports::free_port;

/// The plugin's name in the server's catalogue, and the type of its mounts.
pub const PLUGIN_NAME: &str = "sectigo-vault-pki";

/// The root token of every server started here.
pub const ROOT_TOKEN: &str = "root";

const READY_WITHIN: Duration = Duration::from_secs(60);
/// What Vault and OpenBao write when they listen.
const STARTED: &str = "server started!";
const STOP_WITHIN: Duration = Duration::from_secs(15);

/// What stops the stage from being set.
#[derive(Debug, thiserror::Error)]
pub enum DevServerError {
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
    #[error("no server binary: {0}")]
    NoServer(String),
    #[error("the server did not come up: {why}\n{log}")]
    NotReady { why: String, log: String },
    #[error("{method} {path}: {source}")]
    Http {
        method: String,
        path: String,
        source: reqwest::Error,
    },
    #[error("{method} {path} answered {status}: {body}")]
    Refused {
        method: String,
        path: String,
        status: u16,
        body: Value,
    },
}

fn io_error(what: impl Into<String>) -> impl FnOnce(io::Error) -> DevServerError {
    let what = what.into();
    move |source| DevServerError::Io { what, source }
}

/// What to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The Vault or OpenBao binary; [`server_binary`] finds one.
    pub server: PathBuf,
    /// The plugin's binary.
    pub plugin: PathBuf,
    /// Where to mount the plugin; empty: it is only registered.
    pub mounts: Vec<String>,
    /// `trace`, `debug`, `info`, `warn` or `error`.
    pub log_level: String,
    /// Variables for the plugin, from its catalogue entry.
    pub plugin_env: Vec<(String, String)>,
    /// More of the server's configuration, such as another listener, in its own notation.
    pub more: String,
}

impl Options {
    /// Mounted once, at `sectigo-vault-pki/`, with the log level `info`.
    pub fn new(server: impl Into<PathBuf>, plugin: impl Into<PathBuf>) -> Self {
        Self {
            server: server.into(),
            plugin: plugin.into(),
            mounts: vec![PLUGIN_NAME.to_owned()],
            log_level: "info".to_owned(),
            plugin_env: Vec::new(),
            more: String::new(),
        }
    }
}

/// The server binary to use: `VAULT_BIN`, else what `scripts/server-binary` here says (it fetches OpenBao when there
/// is none), else `bao` or `vault` on `PATH`.
pub fn server_binary() -> Result<PathBuf, DevServerError> {
    if let Some(named) = std::env::var_os("VAULT_BIN").filter(|named| !named.is_empty()) {
        return Ok(PathBuf::from(named));
    }
    let script = Path::new("scripts/server-binary");
    if script.is_file() {
        let output = Command::new(script)
            .stderr(Stdio::inherit())
            .output()
            .map_err(io_error(script.display().to_string()))?;
        let printed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() && !printed.is_empty() {
            return Ok(PathBuf::from(printed));
        }
        return Err(DevServerError::NoServer(format!(
            "{} ended with {}",
            script.display(),
            output.status
        )));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    ["bao", "vault"]
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| {
            DevServerError::NoServer(
                "neither bao nor vault is on PATH; name one with VAULT_BIN".to_owned(),
            )
        })
}

/// A running server. Dropping it stops it and removes its folder.
pub struct DevServer {
    process: Option<Child>,
    /// What copies the server's words into its log, until the server has ended.
    copying: Option<JoinHandle<()>>,
    address: String,
    client: reqwest::Client,
    plugin: PathBuf,
    plugin_env: Vec<(String, String)>,
    folder: TempDir,
}

impl DevServer {
    /// Starts a server, waits until it answers, registers the plugin and mounts it.
    pub async fn start(options: Options) -> Result<Self, DevServerError> {
        let folder = tempfile::Builder::new()
            .prefix("sectigo-stage-")
            .tempdir()
            .map_err(io_error("a temporary folder"))?;
        let plugins = folder.path().join("plugins");
        std::fs::create_dir(&plugins).map_err(io_error("the plugin folder"))?;
        let plugin = plugins.join(PLUGIN_NAME);
        place(&options.plugin, &plugin)?;

        let mut server = Self {
            process: None,
            copying: None,
            address: String::new(),
            client: reqwest::Client::builder()
                .no_proxy()
                .build()
                .map_err(|source| DevServerError::Http {
                    method: "set up".to_owned(),
                    path: "client".to_owned(),
                    source,
                })?,
            plugin,
            plugin_env: options.plugin_env.clone(),
            folder,
        };
        server.launch(&options).await?;
        server.register().await?;
        for mount in &options.mounts {
            server.mount(mount).await?;
        }
        Ok(server)
    }

    /// `http://127.0.0.1:PORT`, for `VAULT_ADDR` or `BAO_ADDR`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The root token.
    pub fn token(&self) -> &str {
        ROOT_TOKEN
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().map_or(0, Child::id)
    }

    /// The plugin's processes: none before the first mount, one for all mounts afterwards. Read from `/proc`; empty
    /// where there is none.
    pub fn plugin_pids(&self) -> Vec<u32> {
        children_running(self.pid(), &self.plugin)
    }

    /// The binary in the server's plugin folder.
    pub fn plugin(&self) -> &Path {
        &self.plugin
    }

    /// What the server printed, the plugin's log lines among it.
    pub fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    pub fn log(&self) -> String {
        std::fs::read(self.log_file())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// One request with the root token. `path` is what follows `/v1/`; the method may be `LIST`. The answer is the
    /// status and the body, `null` when there is none.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), DevServerError> {
        let failed = |source| DevServerError::Http {
            method: method.to_owned(),
            path: path.to_owned(),
            source,
        };
        let verb = reqwest::Method::from_bytes(method.as_bytes()).unwrap_or(reqwest::Method::GET);
        let mut request = self
            .client
            .request(verb, format!("{}/v1/{path}", self.address))
            .header("X-Vault-Token", ROOT_TOKEN)
            .header("X-Vault-Request", "true");
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(failed)?;
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            if bytes.is_empty() {
                Value::Null
            } else {
                Value::String(String::from_utf8_lossy(&bytes).into_owned())
            }
        });
        Ok((status, body))
    }

    /// As [`DevServer::request`], where anything but success is an error.
    pub async fn must(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, DevServerError> {
        match self.request(method, path, body).await? {
            (200..=299, body) => Ok(body),
            (status, body) => Err(DevServerError::Refused {
                method: method.to_owned(),
                path: path.to_owned(),
                status,
                body,
            }),
        }
    }

    /// Puts the plugin's binary into the catalogue with its checksum, as after an upgrade of the file.
    pub async fn register(&self) -> Result<(), DevServerError> {
        let env: Vec<String> = self
            .plugin_env
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let entry = json!({"sha256": sha256(&self.plugin)?, "command": PLUGIN_NAME, "env": env});
        let path = format!("sys/plugins/catalog/secret/{PLUGIN_NAME}");
        self.must("PUT", &path, Some(&entry)).await.map(drop)
    }

    /// Mounts the plugin at one more path.
    pub async fn mount(&self, path: &str) -> Result<(), DevServerError> {
        let mount = json!({"type": PLUGIN_NAME});
        self.must("POST", &format!("sys/mounts/{path}"), Some(&mount))
            .await
            .map(drop)
    }

    /// Ends the server as an operator would, with `SIGTERM`, and waits for it; after 15 seconds with `SIGKILL`.
    pub fn stop(&mut self) -> Result<(), DevServerError> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        end(&mut process).map_err(io_error("waiting for the server"))?;
        self.hear_out();
        Ok(())
    }

    /// Ends the server with `SIGKILL`, as a crash would.
    pub fn kill(&mut self) -> Result<(), DevServerError> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        process.kill().map_err(io_error("killing the server"))?;
        process.wait().map_err(io_error("waiting for the server"))?;
        self.hear_out();
        Ok(())
    }

    async fn launch(&mut self, options: &Options) -> Result<(), DevServerError> {
        let config = self.folder.path().join("server.hcl");
        let plugins = self.folder.path().join("plugins");
        // Without clustering no second port is opened, which could be somebody else's.
        std::fs::write(
            &config,
            format!(
                "plugin_directory = \"{}\"\ndisable_clustering = true\n{}",
                plugins.display(),
                options.more
            ),
        )
        .map_err(io_error("the server's configuration"))?;

        let port = free_port()?;
        self.address = format!("http://127.0.0.1:{port}");
        self.spawn(options, &config, port)?;
        self.until_ready().await
    }

    fn spawn(&mut self, options: &Options, config: &Path, port: u16) -> Result<(), DevServerError> {
        let log = File::create(self.log_file()).map_err(io_error("the server's log"))?;
        // As under systemd, a pipe: into a file, the server flushes its log to the disk before it takes note that a
        // plugin has ended, and keeps sending requests to it for as long as a busy disk takes.
        let (words, stdout) = io::pipe().map_err(io_error("the server's log"))?;
        let stderr = stdout.try_clone().map_err(io_error("the server's log"))?;
        let child = without_server_settings(&mut Command::new(&options.server))
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={ROOT_TOKEN}"))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .arg(format!("-config={}", config.display()))
            .arg(format!("-log-level={}", options.log_level))
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(io_error(options.server.display().to_string()))?;
        self.process = Some(child);
        self.copying = Some(copy_into(log, words));
        Ok(())
    }

    async fn until_ready(&mut self) -> Result<(), DevServerError> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            // Somebody else's server on this port would answer, too; only ours writes to this log.
            if self.log().contains(STARTED)
                && let Ok((200, _)) = self.request("GET", "sys/health", None).await
            {
                return Ok(());
            }
            let why = match self.ended().map_err(io_error("the server"))? {
                Some(status) => {
                    self.hear_out();
                    format!("it ended with {status}")
                }
                None if Instant::now() > deadline => format!("not ready within {READY_WITHIN:?}"),
                None => {
                    sleep(Duration::from_millis(20)).await;
                    continue;
                }
            };
            return Err(DevServerError::NotReady {
                why,
                log: last_lines(&self.log(), 15),
            });
        }
    }

    /// Waits for the last words of a server that has ended.
    fn hear_out(&mut self) {
        if let Some(copying) = self.copying.take() {
            // It ends with the pipe, and a failure to write a log is not worth more than the log that is missing.
            let _ = copying.join();
        }
    }

    fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process.as_mut().map_or(Ok(None), Child::try_wait)
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        // Nothing can be done about a failure here.
        let _ = self.stop();
    }
}

/// Takes out what the caller's own server settings would change: `VAULT_…`, `BAO_…`.
pub fn without_server_settings(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("VAULT_") || text.starts_with("BAO_") {
            command.env_remove(&name);
        }
    }
    command
}

fn copy_into(mut log: File, mut words: io::PipeReader) -> JoinHandle<()> {
    std::thread::spawn(move || {
        // With a full disk the words go nowhere, rather than that the server ends of a closed pipe.
        if io::copy(&mut words, &mut log).is_err() {
            let _ = io::copy(&mut words, &mut io::sink());
        }
    })
}

/// `SIGTERM`, a patient wait, and `SIGKILL` for a process that does not listen.
pub fn end(process: &mut Child) -> io::Result<()> {
    if let Ok(pid) = i32::try_from(process.id()) {
        // It may be gone already, which the wait finds out.
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
    let deadline = std::time::Instant::now() + STOP_WITHIN;
    while process.try_wait()?.is_none() {
        if std::time::Instant::now() > deadline {
            process.kill()?;
            return process.wait().map(drop);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// The checksum that the catalogue wants: SHA-256 of the file, in lower-case hex.
pub fn sha256(file: &Path) -> Result<String, DevServerError> {
    let bytes = std::fs::read(file).map_err(io_error(file.display().to_string()))?;
    Ok(hex::encode(aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        &bytes,
    )))
}

/// Hard link where possible, else a copy: the server refuses links that lead out of its plugin folder.
pub fn place(from: &Path, to: &Path) -> Result<(), DevServerError> {
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    std::fs::copy(from, to)
        .map_err(io_error(from.display().to_string()))
        .map(drop)
}

/// Direct children of `parent` that run `binary`, by `/proc`.
pub fn children_running(parent: u32, binary: &Path) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| {
            // Behind the command in parentheses: state, then the parent.
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let parent_of = stat
                .rsplit_once(')')
                .and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
            parent_of == Some(parent) && program(*pid).is_some_and(|program| program == binary)
        })
        .collect()
}

/// The link may only be read by those who may read the process's memory, and the plugin lets nobody; how it was called
/// is open to all.
fn program(pid: u32) -> Option<PathBuf> {
    if let Ok(exe) = std::fs::read_link(format!("/proc/{pid}/exe")) {
        return Some(replaced_or_not(&exe));
    }
    let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
    Some(PathBuf::from(line.split('\0').next()?))
}

/// Linux says `NAME (deleted)` of a program whose file was replaced after it started.
fn replaced_or_not(exe: &Path) -> PathBuf {
    let text = exe.to_string_lossy();
    PathBuf::from(text.strip_suffix(" (deleted)").unwrap_or(&text))
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
