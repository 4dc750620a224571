//! A stage with everything on it, the binary run as a shell would, and transcripts that are the same each time.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dev_server::server_binary;
use sectigo_vault_pki::cli::demo::{DemoEnvironment, DemoOptions};
use sectigo_vault_pki::cli::{Ui, UiOptions};
use serde_json::{Value, json};

use crate::terminal::Terminal;

/// Server, plugin, SCM, a config `web`, and a home of its own.
pub struct CliTestEnv {
    pub stage: DemoEnvironment,
    pub home: tempfile::TempDir,
}

pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl CliTestEnv {
    pub async fn open() -> Self {
        let env = Self::without_config().await;
        let mut env = env;
        env.stage
            .config("web", &json!({"profile_id": 51, "term": 199}))
            .await
            .unwrap();
        env
    }

    pub async fn without_config() -> Self {
        Self::at("pki").await
    }

    /// The plugin at this mount.
    pub async fn at(mount: &str) -> Self {
        let ui = Ui::new(UiOptions {
            quiet: true,
            no_input: true,
            ..UiOptions::default()
        });
        let options = DemoOptions {
            server: server_binary().expect("a server binary"),
            plugin: crate::support::plugin(),
            mount: mount.to_owned(),
        };
        Self {
            stage: DemoEnvironment::set(&ui, &options).await.expect("a stage"),
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// Orders a certificate, and gives its id.
    pub async fn enrol(&self, name: &str) -> String {
        self.enrol_with(json!({"common_name": name, "key_type": "EC"}))
            .await
    }

    /// One more certificate for a name that was ordered just now: the same request would be answered the first one.
    pub async fn enrol_another(&self, name: &str) -> String {
        self.enrol_with(
            json!({"common_name": name, "key_type": "EC", "idempotency_key": "another"}),
        )
        .await
    }

    async fn enrol_with(&self, fields: Value) -> String {
        let answer = self
            .stage
            .engine
            .enroll("web", &fields)
            .await
            .unwrap()
            .value;
        answer.sectigo_cert_unique_id
    }

    /// The binary with the root token; a line of words as a shell would part them, `'…'` included.
    pub fn command(&self, line: &str) -> Command {
        let mut command = svpki(self.home.path(), line);
        command
            .env("VAULT_ADDR", self.stage.server.address())
            .env("VAULT_TOKEN", self.stage.server.token());
        command
    }

    /// `svpki` at a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        self.terminal_of(binary(), args)
    }

    /// Any program at a terminal; it finds `svpki` on its path.
    pub fn terminal_of(&self, program: impl AsRef<OsStr>, args: &[&str]) -> Terminal {
        let (address, token) = (self.stage.server.address(), self.stage.server.token());
        self.terminal_at(program, args, address, token)
    }

    pub fn terminal_at(
        &self,
        program: impl AsRef<OsStr>,
        args: &[&str],
        address: &str,
        token: &str,
    ) -> Terminal {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = binary().parent().unwrap().to_owned();
        let folders = [own].into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).unwrap();
        let environment = [
            ("PATH", path.as_os_str()),
            ("VAULT_ADDR", OsStr::new(address)),
            ("VAULT_TOKEN", OsStr::new(token)),
        ];
        Terminal::open(program, args, self.home.path(), environment)
    }

    /// A token with these policies and the default one.
    pub async fn token(&self, policies: &[&str]) -> String {
        let server = &self.stage.server;
        let body = json!({"policies": policies});
        let made = server
            .must("PUT", "auth/token/create", Some(&body))
            .await
            .unwrap();
        made["auth"]["client_token"].as_str().unwrap().to_owned()
    }

    pub async fn seal(&self) {
        let server = &self.stage.server;
        server
            .must("PUT", "sys/seal", Some(&json!({})))
            .await
            .unwrap();
    }

    /// How SCM behaves from now on.
    pub async fn rules(&self, rules: Value) {
        let told = self.stage.sim.control("PUT", "rules", rules).await;
        told.unwrap();
    }

    /// How often SCM was asked anything.
    pub async fn calls(&self) -> usize {
        let log = self.stage.sim.control("GET", "calls", Value::Null).await;
        let log = log.unwrap();
        log["calls"].as_array().or(log.as_array()).unwrap().len()
    }

    pub fn run(&self, line: &str) -> Ran {
        ran(self.command(line), "")
    }

    pub fn run_with(&self, line: &str, stdin: &str) -> Ran {
        ran(self.command(line), stdin)
    }

    /// What was typed and what came, with whatever differs from run to run made the same.
    pub fn transcript(&self, lines: &[&str]) -> String {
        let mut text = String::new();
        for line in lines {
            let ran = self.run(line);
            text.push_str(&shown(line, &ran));
        }
        self.redact(&text)
    }

    /// The server's folder of plugins.
    fn plugins(&self) -> &Path {
        self.stage.server.plugin().parent().unwrap()
    }

    pub fn redact(&self, text: &str) -> String {
        let text = text
            .replace(self.stage.server.address(), "http://VAULT")
            .replace(&self.stage.sim.https_url, "https://SCM")
            .replace(&self.stage.sim.base_url, "http://SCM")
            .replace(&self.home.path().display().to_string(), "HOME")
            .replace(&self.plugins().display().to_string(), "PLUGINS")
            .replace(&binary().parent().unwrap().display().to_string(), "BIN");
        redact(&text)
    }
}

/// The binary with nothing of the caller's environment.
pub fn svpki(home: &Path, line: &str) -> Command {
    let mut command = Command::new(binary());
    command
        .args(words(line))
        .current_dir(home)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home);
    command
}

pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_svpki"))
}

pub fn ran(mut command: Command, stdin: &str) -> Ran {
    use std::io::Write;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().unwrap_or(-1),
    }
}

pub fn shown(line: &str, ran: &Ran) -> String {
    let mut text = format!("$ svpki {line}\n{}", ran.stdout);
    for line in ran.stderr.lines() {
        text.push_str(&format!("2> {line}\n"));
    }
    text.push_str(&format!("[exit {}]\n\n", ran.code));
    text
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("{why}: {}", self.stdout))
    }

    pub fn error(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stderr)
            .unwrap_or_else(|why| panic!("{why}: {}", self.stderr));
        value["error"].clone()
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut quoted = false;
    let mut word = String::new();
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Times, dates, long hex words and colon hex become words of their own length class, so that columns stay put.
fn redact(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut before = ' ';
    while !rest.is_empty() {
        if !before.is_ascii_alphanumeric()
            && let Some((length, stand_in)) = volatile(rest)
        {
            out.push_str(&stand_in);
            before = 'x';
            rest = &rest[length..];
            continue;
        }
        let c = rest.chars().next().unwrap();
        out.push(c);
        before = c;
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn volatile(text: &str) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let matches = |pattern: &str| {
        bytes.len() >= pattern.len()
            && pattern.bytes().zip(bytes).all(|(p, b)| match p {
                b'0' => b.is_ascii_digit(),
                p => p == *b,
            })
    };
    // A certificate differs each time, and says nothing to a reader.
    if let Some(rest) = text.strip_prefix("-----BEGIN ") {
        let label = rest.split("-----").next()?;
        let end = format!("-----END {label}-----");
        let length = text.find(&end)? + end.len();
        return Some((length, format!("<{label}>")));
    }
    // Whole seconds are compared, so that the turn of one may fall between the two.
    if text.starts_with("Clock skew ") && text.split('\n').next()?.ends_with('s') {
        let length = text.find('\n')?;
        return Some((length, "Clock skew            0 s".to_owned()));
    }
    // As a value; at the head of a CSV column it is only a name.
    if text.starts_with("clock_skew_seconds\":") || text.starts_with("clock_skew_seconds:") {
        let length = text.find([',', '\n'])?;
        let end = text[..length].trim_end_matches(|c: char| c.is_ascii_digit());
        return Some((length, format!("{}0", end.trim_end_matches('-'))));
    }
    // What a token of the server's longest life has left.
    if matches("0000000 s") {
        return Some((9, "SECONDS s".to_owned()));
    }
    if matches("0000-00-00T00:00:00") {
        let length = text.find('Z').filter(|at| *at < 32)? + 1;
        return Some((length, "YYYY-MM-DDTHH:MM:SSZ".to_owned()));
    }
    if matches("0000-00-00") {
        return Some((10, "YYYY-MM-DD".to_owned()));
    }
    let run = |ok: fn(u8) -> bool| bytes.iter().take_while(|b| ok(**b)).count();
    let colons = run(|b| b.is_ascii_hexdigit() || b == b':');
    if colons >= 40 && text[..colons].contains(':') {
        return Some((colons, "SERIAL".to_owned()));
    }
    let hex = run(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let letter_follows = bytes.get(hex).is_some_and(u8::is_ascii_alphanumeric);
    if hex >= 20 && !letter_follows {
        return Some((hex, "x".repeat(hex)));
    }
    if hex == 10 && text.starts_with("17") | text.starts_with("18") {
        return Some((10, "SECONDS".to_owned()));
    }
    None
}
