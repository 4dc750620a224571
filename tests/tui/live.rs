//! The real program in a real terminal, on a real server with the real plugin and the simulated SCM behind it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use dev_server::server_binary;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::CommandBuilder;
use scm_sim::Sim;
use sectigo_vault_pki::cli::demo::{DemoEnvironment, DemoOptions, sample_data};
use sectigo_vault_pki::cli::{Ui, UiOptions};
use sectigo_vault_pki::tui::VaultSource;
use sectigo_vault_pki::tui::model::today;
use sectigo_vault_pki::tui::source::{PageQuery, Source as _, SourceError};
use serde_json::{Value, json};
use svpki_types::Status;
use tempfile::TempDir;

use crate::pty::Pty;

/// The status of the first row in the demo data, which expires soon.
pub const FIRST: &str = "expiring   ";

const SVPKI: &str = env!("CARGO_BIN_EXE_svpki");

fn quiet() -> Ui {
    Ui::new(UiOptions {
        quiet: true,
        no_input: true,
        ..UiOptions::default()
    })
}

/// The simulator's control API.
pub async fn control(sim: &Sim, method: &str, path: &str, body: Value) -> Value {
    sim.control(method, path, body).await.unwrap()
}

/// The number of orders that SCM has ever received.
pub async fn orders_at_scm(sim: &Sim) -> usize {
    let counters = control(sim, "GET", "counters", Value::Null).await;
    usize::try_from(counters["orders"].as_u64().unwrap()).unwrap()
}

/// Turns automatic renewal off and waits until the plugin orders nothing more: any later order is the dashboard's.
pub async fn nothing_by_itself(stage: &DemoEnvironment) {
    let off = json!({"sectigo_auto_renew": false});
    stage.engine.write_config("web", &off).await.unwrap();
    let mut quiet = 0;
    let mut seen = orders_at_scm(&stage.sim).await;
    while quiet < 5 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let now = orders_at_scm(&stage.sim).await;
        quiet = if now == seen { quiet + 1 } else { 0 };
        seen = now;
    }
}

/// Longer than two of the plugin's background runs.
pub const SVPKI_PATIENCE: std::time::Duration = std::time::Duration::from_secs(180);

/// SCM, server and plugin, without any config.
pub async fn bare() -> DemoEnvironment {
    let ui = quiet();
    let options = DemoOptions {
        server: server_binary().unwrap(),
        plugin: Path::new(env!("CARGO_BIN_EXE_sectigo-vault-pki")).to_owned(),
        mount: "sectigo-vault-pki".to_owned(),
    };
    DemoEnvironment::set(&ui, &options).await.unwrap()
}

pub async fn environment_of(certificates: usize) -> DemoEnvironment {
    let mut stage = bare().await;
    sample_data::fill(&quiet(), &mut stage, certificates)
        .await
        .unwrap();
    stage
}

/// Keeps the settings of the person who runs the tests out of the program.
fn environment(command: &mut CommandBuilder, home: &Path, address: &str, token: &str) {
    command.env_clear();
    for (name, value) in [
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("PATH", "/usr/bin:/bin"),
        ("HOME", home.to_str().unwrap()),
        ("VAULT_ADDR", address),
        ("VAULT_TOKEN", token),
    ] {
        command.env(name, value);
    }
    command.cwd(home);
}

/// The dashboard on the Certificates page.
pub fn dashboard(home: &TempDir, address: &str, token: &str, flags: &[&str]) -> Pty {
    let mut tui = first_page(home, address, token, flags, (110, 36));
    tui.sees("Certificates");
    tui.send("2");
    tui
}

pub fn first_page(
    home: &TempDir,
    address: &str,
    token: &str,
    flags: &[&str],
    (columns, lines): (u16, u16),
) -> Pty {
    let mut command = CommandBuilder::new(SVPKI);
    command.args(["tui", "--refresh", "1"]);
    command.args(flags);
    environment(&mut command, home.path(), address, token);
    Pty::spawn(command, columns, lines)
}

/// A proxy to the server, which drops all connections while it is cut.
struct Line {
    address: SocketAddr,
    cut: Arc<AtomicBool>,
    /// Requests that contain these bytes reach the server, but their answers are dropped.
    deaf_to: Arc<Mutex<Option<Vec<u8>>>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    fn to(server: &str) -> Self {
        let target = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let cut = Arc::new(AtomicBool::new(false));
        let deaf_to: Arc<Mutex<Option<Vec<u8>>>> = Arc::default();
        let open = Arc::new(Mutex::new(Vec::new()));
        let asked = Arc::clone(&deaf_to);
        let (is_cut, kept) = (Arc::clone(&cut), Arc::clone(&open));
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&target) else {
                    continue;
                };
                let pairs = [
                    (near.try_clone().unwrap(), far.try_clone().unwrap()),
                    (far.try_clone().unwrap(), near.try_clone().unwrap()),
                ];
                kept.lock().unwrap().extend([near, far]);
                let swallows = Arc::new(AtomicBool::new(false));
                for (n, (from, to)) in pairs.into_iter().enumerate() {
                    let (asked, swallows) = (Arc::clone(&asked), Arc::clone(&swallows));
                    std::thread::spawn(move || carry(n == 0, from, to, &asked, &swallows));
                }
            }
        });
        Self {
            address,
            cut,
            deaf_to,
            open,
        }
    }

    fn deaf_to(&self, bytes: Option<&str>) {
        *self.deaf_to.lock().unwrap() = bytes.map(|text| text.as_bytes().to_vec());
    }

    fn cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

/// Carries one direction of a connection, until either end closes it.
fn carry(
    is_request: bool,
    mut from: TcpStream,
    mut to: TcpStream,
    deaf_to: &Mutex<Option<Vec<u8>>>,
    swallows: &AtomicBool,
) {
    let mut buffer = [0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let bytes = &buffer[..count];
        if is_request {
            let asked = deaf_to.lock().unwrap().clone();
            if asked.is_some_and(|words| bytes.windows(words.len()).any(|at| at == words)) {
                swallows.store(true, Ordering::SeqCst);
            }
        } else if swallows.load(Ordering::SeqCst) {
            break;
        }
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = from.shutdown(std::net::Shutdown::Both);
}

async fn count(stage: &DemoEnvironment, status: &str) -> u64 {
    let query = vault_client::InventoryQuery {
        limit: 1,
        ..Default::default()
    };
    let answer = stage.engine.inventory(&query).await.unwrap().value;
    answer
        .summary
        .status
        .get(status)
        .copied()
        .unwrap_or_default()
}

/// The number of certificates in these configs of the first mount that are issued and not expiring.
async fn issued_in(stage: &DemoEnvironment, configs: &[&str]) -> usize {
    let query = vault_client::InventoryQuery {
        status: vec![Status::Issued],
        limit: 500,
        ..Default::default()
    };
    let rows = stage.engine.inventory(&query).await.unwrap().value;
    let of_configs = |row: &&svpki_types::api::InventoryRow| configs.contains(&&*row.config);
    rows.certificates.iter().filter(of_configs).count()
}

/// A common name that only one certificate in use has, in the first mount.
async fn issued_name(stage: &DemoEnvironment) -> String {
    let query = vault_client::InventoryQuery {
        status: vec![Status::Issued],
        ..Default::default()
    };
    let rows = stage
        .engine
        .inventory(&query)
        .await
        .unwrap()
        .value
        .certificates;
    let once = |name: &str| rows.iter().filter(|row| row.common_name == name).count() == 1;
    let row = rows.iter().find(|row| once(&row.common_name)).unwrap();
    row.common_name.clone()
}

/// A config that only one of several mounts has is no error in the others, but a missing mount is an error.
async fn a_config_elsewhere_is_an_empty_page(stage: &DemoEnvironment) {
    let source = VaultSource::new(stage.engine.server().clone(), Vec::new());
    let query = PageQuery {
        config: Some("lab".to_owned()),
        limit: 10,
        ..PageQuery::default()
    };
    let rows = async |mount: &str| {
        let page = source.inventory(mount, &query).await;
        page.map(|page| page.certificates.len())
    };
    assert!(rows("sectigo-lab").await.unwrap() > 0);
    assert_eq!(rows("sectigo-eu").await, Ok(0));
    let gone = rows("nowhere").await;
    assert!(matches!(gone, Err(SourceError::NotFound(_))), "{gone:?}");
}

/// While the demo data are created, the clock of the simulated SCM is turned back. No account check from then may
/// remain.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_demo_shows_no_account_in_trouble() {
    let stage = environment_of(20).await;
    let server = stage.engine.server();
    for engine in server.mounts().await.unwrap() {
        let health = server.engine(engine.mount()).health().await.unwrap().value;
        for (config, look) in &health.configs {
            assert!(!look.checked.is_empty(), "{config}");
            let trouble = today::account_trouble(look);
            assert_eq!(trouble, None, "{}/{config}", engine.mount());
        }
    }
    stage.clear().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session() {
    let stage = environment_of(40).await;
    a_config_elsewhere_is_an_empty_page(&stage).await;
    let home = tempfile::tempdir().unwrap();
    let mut tui = dashboard(&home, stage.server.address(), stage.server.token(), &[]);

    tui.sees(FIRST);

    // Filter and completion.
    tui.send("/status:rev");
    tui.sees("revoked");
    tui.send("\t");
    tui.sees("/ status:revoked ");
    tui.applies();
    tui.until("only revoked rows", |pty| !pty.text().contains(FIRST));
    tui.send("\x1b");
    tui.sees("Filter, e.g.");

    // Sort by name, descending.
    tui.send("sS");
    tui.sees("COMMON NAME ↓");
    tui.send("\x0c");

    // Details, and back.
    let name = issued_name(&stage).await;
    tui.send(&format!(
        "/cn:{name} status:issued mount:sectigo-vault-pki\r"
    ));
    tui.sees_only_row();
    tui.send("\r");
    tui.sees("Chain");
    tui.sees("Simulated Issuing CA (issuer, until");
    tui.sees("history");
    tui.send("G");
    tui.sees("-----END CERTIFICATE");
    tui.send("y");
    tui.sees("copied: the certificate as PEM");
    assert!(
        tui.raw().contains("\x1b]52;c;LS0tLS1CRUdJTi"),
        "OSC 52 with the PEM in base64"
    );
    tui.send("\x1b");
    tui.no_longer_sees("Lineage");

    // Enter must not revoke, but Enter after the typed name must.
    let revoked = count(&stage, "revoked").await;
    tui.press("R");
    tui.sees("This cannot be undone");
    tui.send("\r\r\r");
    tui.sees("nothing done");
    let (most, last) = name.split_at(name.len() - 1);
    tui.types(most);
    tui.send("\r");
    tui.types(last);
    tui.sees("Give a reason");
    assert_eq!(count(&stage, "revoked").await, revoked);
    tui.send("\t");
    tui.types("sold");
    tui.send("\t\x1b[C");
    tui.sees("0 unspecified");
    tui.confirm("\r");
    tui.sees("ok: revoked");
    assert_eq!(count(&stage, "revoked").await, revoked + 1);
    tui.send("\x1b");
    tui.no_longer_sees("ok: revoked");

    // Mark two certificates and renew both.
    tui.send("\x1b");
    tui.sees("Filter, e.g.");
    // The rows are read again, first without the old filter and then with the new one; all of them must be loaded. The
    // plugin renews due certificates in the meantime.
    tui.send("/config:mail,web status:issued mount:sectigo-vault-pki\r");
    let started = std::time::Instant::now();
    while !tui.shows_count(&format!(
        "row 1 of {}",
        issued_in(&stage, &["mail", "web"]).await
    )) {
        assert!(started.elapsed() < SVPKI_PATIENCE, "{}", tui.text());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let superseded = count(&stage, "superseded").await;
    tui.send("  ");
    tui.sees("2 marked");
    tui.press("r");
    tui.sees("Renew 2 certificates");
    tui.types("2");
    tui.confirm("\r");
    tui.sees("renew: 2 succeeded");
    assert_eq!(
        tui.text().matches("ok: new ID").count(),
        2,
        "{}",
        tui.text()
    );
    assert_eq!(count(&stage, "superseded").await, superseded + 2);
    tui.send("\x1b");
    tui.no_longer_sees("ok: new ID");

    // Many sizes in quick succession.
    for n in 0..60u16 {
        tui.resize(40 + n * 37 % 160, 10 + n * 13 % 50);
    }
    tui.resize(50, 10);
    tui.sees("too small");
    tui.resize(110, 36);
    tui.sees("COMMON NAME");

    // The other pages.
    tui.send("\t");
    tui.sees("approval in SCM");
    tui.send("\t");
    tui.sees("unsealed, active");
    tui.sees("job collect");
    tui.send("?");
    tui.sees("one row up");

    tui.send("q");
    assert_eq!(tui.ends().exit_code(), 0);
    assert!(tui.is_restored(), "the terminal is as it was");
    stage.clear().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong() {
    let stage = environment_of(20).await;
    let home = tempfile::tempdir().unwrap();
    let line = Line::to(stage.server.address());
    let address = format!("http://{}", line.address);

    // The server goes away and comes back.
    let mut tui = dashboard(&home, &address, stage.server.token(), &["--read-only"]);
    tui.sees(FIRST);
    tui.sees("READ-ONLY");
    assert!(tui.is_full_screen() && !tui.is_cooked());
    line.cut(true);
    tui.sees("SERVER UNREACHABLE");
    tui.sees(FIRST);
    tui.send("j\r");
    tui.sees("Lineage");
    tui.send("\x1b");
    line.cut(false);
    tui.no_longer_sees("SERVER UNREACHABLE");

    // SIGTERM restores the terminal.
    kill(Pid::from_raw(tui.pid()), Signal::SIGTERM).unwrap();
    assert_eq!(tui.ends().exit_code(), 130);
    assert!(tui.is_restored());

    // So does SIGHUP.
    let mut tui = dashboard(&home, &address, stage.server.token(), &[]);
    tui.sees(FIRST);
    kill(Pid::from_raw(tui.pid()), Signal::SIGHUP).unwrap();
    tui.ends();
    assert!(tui.is_restored());

    // When the token expires, the dashboard asks for another one and continues.
    let short = json!({"ttl": "1h", "renewable": false});
    let made = stage
        .server
        .must("POST", "auth/token/create", Some(&short))
        .await
        .unwrap();
    let token = made["auth"]["client_token"].as_str().unwrap();
    let mut tui = dashboard(&home, &address, token, &[]);
    tui.sees(FIRST);
    stage
        .server
        .must("POST", "auth/token/revoke", Some(&json!({"token": token})))
        .await
        .unwrap();
    tui.sees("Token expired or revoked");
    tui.send("wrong-token\r");
    tui.sees("refused");
    tui.send(&format!("{}\r", stage.server.token()));
    tui.sees("token accepted");
    tui.no_longer_sees("Token expired or revoked");
    assert!(!tui.raw().contains("wrong-token"), "a token is never shown");
    tui.send("q");
    assert_eq!(tui.ends().exit_code(), 0);

    // Ctrl-Z and fg, in a shell with job control.
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    environment(&mut command, home.path(), &address, stage.server.token());
    command.env("PS1", "shell> ");
    let mut tui = Pty::spawn(command, 110, 36);
    tui.sees("shell>");
    tui.send(&format!("{SVPKI} tui\n"));
    tui.sees("Certificates ");
    tui.send("2");
    tui.sees(FIRST);
    tui.send("\x1a");
    tui.sees("Stopped");
    assert!(!tui.is_full_screen());
    tui.send("stty -a | grep -o ' icanon'\n");
    tui.sees(" icanon");
    tui.send("fg\n");
    tui.until("the page is back", |pty| {
        pty.is_full_screen() && pty.text().contains(FIRST)
    });
    tui.send("q");
    tui.until("the shell", |pty| !pty.is_full_screen());
    tui.send("exit\n");
    tui.ends();
    stage.clear().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ordered() {
    let stage = environment_of(20).await;
    let home = tempfile::tempdir().unwrap();
    let line = Line::to(stage.server.address());
    let address = format!("http://{}", line.address);
    let name = issued_name(&stage).await;
    let superseded = count(&stage, "superseded").await;
    let mut tui = dashboard(&home, &address, stage.server.token(), &[]);
    tui.sees(FIRST);
    tui.send(&format!(
        "/cn:{name} status:issued mount:sectigo-vault-pki\r"
    ));
    tui.sees_only_row();

    // The order is placed but its answer is lost. Trying again orders nothing new.
    tui.press("r");
    tui.sees("idempotency_key=svpki-");
    line.deaf_to(Some("/renew/"));
    tui.confirm("y");
    tui.sees("a retry gives the same order");
    line.deaf_to(None);
    tui.no_longer_sees("SERVER UNREACHABLE");
    tui.press("r");
    tui.sees("y: renew");
    tui.confirm("y");
    tui.sees("ok: new ID");
    assert_eq!(count(&stage, "superseded").await, superseded + 1);
    let issued = vault_client::InventoryQuery {
        q: name.clone(),
        status: vec![Status::Issued, Status::Expiring],
        ..Default::default()
    };
    let found = stage.engine.inventory(&issued).await.unwrap().value;
    assert_eq!(found.certificates.len(), 1, "one successor, not two");
    tui.send("\x1b");
    tui.no_longer_sees("ok: new ID");

    // If a config returns private keys only once, the dashboard orders nothing, because it does not store keys.
    let config = found.certificates[0].config.clone();
    stage
        .server
        .must(
            "POST",
            &format!("sectigo-vault-pki/configs/{config}"),
            Some(&json!({"key_storage": "once"})),
        )
        .await
        .unwrap();
    tui.press("r");
    tui.sees("y: renew");
    tui.confirm("y");
    tui.sees("nothing sent");
    assert_eq!(count(&stage, "superseded").await, superseded + 1);
    tui.send("\x1b");
    tui.no_longer_sees("nothing sent");

    // The result of the last SCM check, and that of a new one.
    tui.send("\t\t");
    tui.sees("unsealed, active");
    tui.press("f");
    tui.sees("login accepted");

    // The report is still on the screen after the dashboard has ended.
    tui.send("q");
    assert_eq!(tui.ends().exit_code(), 0);
    let left = tui.text();
    assert!(
        left.contains("renew: 1 succeeded") && left.contains("nothing sent"),
        "{left}"
    );
    stage.clear().await.unwrap();
}

#[test]
fn a_pipe_is_no_terminal() {
    let output = std::process::Command::new(SVPKI)
        .arg("tui")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
}

/// The answer about the background arrives among the keys. It must not act as keys, and keys typed beside it must not
/// be lost.
#[tokio::test(flavor = "multi_thread")]
async fn the_background_is_asked_for_and_no_key_is_eaten() {
    let stage = environment_of(10).await;
    let home = tempfile::tempdir().unwrap();
    let (address, token) = (stage.server.address(), stage.server.token());
    let mut tui = first_page(&home, address, token, &[], (110, 36));
    tui.until("the question", |pty| pty.raw().contains("\x1b]11;?"));
    tui.send("2\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\/");
    tui.send("cn:zzz");
    tui.sees("/ cn:zzz");
    tui.sees("No certificates match");
    // Blue text belongs to the light theme.
    tui.until("the light theme", |pty| pty.raw().contains("[38;5;4;"));
    drop(tui);
    // If a theme was chosen, the terminal is not asked.
    let flags = ["--theme", "dark"];
    let tui = first_page(&home, address, token, &flags, (110, 36));
    tui.sees("Certificates");
    assert!(!tui.raw().contains("\x1b]11;?"));
    stage.clear().await.unwrap();
}

/// The dashboard used to say that there was no mount, and that the plugin should be installed.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_token_is_told_as_such_and_asked_for() {
    let stage = environment_of(10).await;
    let home = tempfile::tempdir().unwrap();
    for token in ["wrong", ""] {
        let mut tui = first_page(&home, stage.server.address(), token, &[], (110, 36));
        tui.sees("No valid token");
        assert!(!tui.text().contains("plugin install"), "{}", tui.text());
        tui.send(&format!("{}\r", stage.server.token()));
        tui.sees("token accepted");
        tui.send("2");
        tui.sees(FIRST);
    }
    stage.clear().await.unwrap();
}

/// The default timeout is a minute: too long to find out that a server hangs.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_told_long_before_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let flags = vault_client::Flags {
        address: Some(format!("http://{}", listener.local_addr().unwrap())),
        timeout: Some(std::time::Duration::from_secs(600)),
        ..Default::default()
    };
    let environment = vault_client::Environment::of(&[("VAULT_TOKEN", "t")], None);
    let settings = vault_client::Settings::read(&flags, &environment).unwrap();
    let server = vault_client::Server::new(settings).unwrap();
    let source = VaultSource::new(server, Vec::new());
    let answer = source.server().await;
    let Err(SourceError::Unreachable(why)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(why, "no answer within 5 s");
}
