//! Vault's own clients, run against a mount: the server's command line and agent, consul-template, hvac.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use dev_server::{server_binary, without_server_settings};

use crate::test_mount::TestMount;

/// Where the programs that tests fetch stay.
fn fetched() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

static FETCHING: Mutex<()> = Mutex::new(());

pub fn consul_template() -> PathBuf {
    let _one = FETCHING.lock();
    let program = fetched().join("consul-template");
    if !program.exists() {
        let built = Command::new("go")
            .args(["install", "github.com/hashicorp/consul-template@v0.41.1"])
            .env("GOBIN", fetched())
            .status()
            .expect("this test builds consul-template with Go: install it (scripts/test-packages)");
        assert!(built.success());
    }
    program
}

/// A Python with hvac.
pub fn hvac() -> PathBuf {
    crate::python::python("hvac", "hvac", &["hvac==2.4.0"])
}

pub fn bao() -> PathBuf {
    std::fs::canonicalize(server_binary().unwrap()).unwrap()
}

pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The server's own command line, which is Vault's client library.
pub async fn library_at(address: &str, token: &str, arguments: &[&str]) -> Output {
    let mut command = command(address, token, bao());
    command.args(arguments);
    finished(command).await
}

/// A run of the server's own program, or of another one, with the root token.
pub async fn run(test: &TestMount, program: PathBuf, arguments: &[&str]) -> Output {
    let (address, token) = (test.server().address(), test.server().token());
    let mut command = command(address, token, program);
    command.args(arguments).env("PKI_MOUNT", &test.mount);
    finished(command).await
}

fn command(address: &str, token: &str, program: PathBuf) -> Command {
    let mut command = Command::new(program);
    without_server_settings(&mut command)
        .envs([("BAO_ADDR", address), ("VAULT_ADDR", address)])
        .envs([("BAO_TOKEN", token), ("VAULT_TOKEN", token)])
        // The library tries again by itself; its command line does only when told.
        .envs([("BAO_MAX_RETRIES", "2"), ("VAULT_MAX_RETRIES", "2")])
        .stdin(Stdio::null());
    command
}

async fn finished(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// One start of the server's agent, until its templates are written or its process has ended.
pub async fn agent(test: &TestMount, folder: &Path, more: &str) -> String {
    agent_at(test.server().address(), test.server().token(), folder, more).await
}

pub async fn agent_at(address: &str, token: &str, folder: &Path, more: &str) -> String {
    said(&finished(agent_command(address, token, folder, more)).await)
}

pub fn agent_command(address: &str, token: &str, folder: &Path, more: &str) -> Command {
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    std::fs::write(file("token"), token).unwrap();
    let config = format!(
        "vault {{ address = \"{address}\" }}\n\
         auto_auth {{ method {{ type = \"token_file\" config = {{ token_file_path = \"{}\" }} }} }}\n{more}\n",
        file("token"),
    );
    std::fs::write(file("agent.hcl"), config).unwrap();
    let mut command = command(address, token, bao());
    command.args(["agent", "-log-level=debug"]);
    command.arg(format!("-config={}", file("agent.hcl")));
    command
}

pub fn template(contents: &str, destination: &Path) -> String {
    format!(
        "template {{\n contents = <<EOT\n{contents}\nEOT\n destination = \"{}\"\n error_on_missing_key = true\n}}\n",
        destination.display()
    )
}
