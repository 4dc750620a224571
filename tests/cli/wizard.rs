//! The wizard on a real terminal: a first run, a cut one that goes on, and confirmations.

use super::harness::{CliTestEnv, binary};
use crate::terminal::Terminal;

#[tokio::test(flavor = "multi_thread")]
async fn init_leads_to_a_certificate() {
    let env = CliTestEnv::without_config().await;
    env.stage
        .server
        .must("DELETE", "sys/mounts/pki", None)
        .await
        .unwrap();
    let catalogue = "sys/plugins/catalog/secret/sectigo-vault-pki?version=v0.1.0";
    env.stage
        .server
        .must("DELETE", catalogue, None)
        .await
        .unwrap();
    let mut terminal = env.terminal(&["init"]);
    terminal.answer("Register and mount it", "y");
    answer_account(&mut terminal, &env);
    terminal.answer("Password of that login", "wrong\r");
    terminal.answer("Is address, customer or login to be changed", "n");
    terminal.wait_for("SCM does not accept it");
    let password = env.stage.sim.password.clone();
    terminal.wait_for_times("Password of that login", 2);
    terminal.press(&format!("{password}\r"));
    answer_rest(&mut terminal);
    terminal.answer("Write this config", "y");
    terminal.answer("Name that it is for", "no name\r");
    terminal.wait_for("is no domain name");
    assert!(!terminal.screen().contains("Order it now"));
    terminal.wait_for_times("Name that it is for", 2);
    terminal.press("www.example.com\r");
    terminal.wait_for("Days");
    assert_eq!(env.run("orders list -o csv").stdout.lines().count(), 1);
    terminal.answer("Order it now", "y");
    terminal.wait_for("certs export web");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(!screen.contains(&password));
    assert!(screen.contains("svpki config write web"), "{screen}");
    assert_eq!(env.run("certs list -o csv").stdout.lines().count(), 2);
    is_recorded(
        "docs/init-session.txt",
        &as_a_reader_sees_it(&env.redact(&screen)),
    );
}

/// The recording that the documentation shows is what happens now. `SVPKI_UPDATE=1` records it anew.
fn is_recorded(file: &str, session: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("SVPKI_UPDATE").is_some() {
        std::fs::write(&path, session).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == session,
        "{file} is out of date: SVPKI_UPDATE=1 cargo test --test cli init_leads\n{session}"
    );
}

/// With names and times in place of what differs from run to run.
fn as_a_reader_sees_it(redacted: &str) -> String {
    let time = "YYYY-MM-DDTHH:MM:SSZ";
    let session = format!("$ svpki init\n{redacted}")
        .replace("http://VAULT", "http://127.0.0.1:8200")
        .replace("http://SCM", "http://127.0.0.1:9000")
        .replace("BIN/", "/opt/sectigo/")
        .replace(&"x".repeat(64), &"5f3a9c10".repeat(8))
        .replace(&"x".repeat(24), "0d2c4b6a8f1e3957d0b2c4e6")
        .replace("SERIAL", "3a:5c:7e:90:b2:d4:f6:18:2a:4c:6e:80:a2:c4:e6:0f");
    [
        "2026-11-26T09:00:00Z",
        "2027-06-13T09:00:00Z",
        "2027-04-08T17:00:00Z",
    ]
    .iter()
    .fold(session, |text, moment| text.replacen(time, moment, 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_wizard_goes_on() {
    let env = CliTestEnv::without_config().await;
    let mut terminal = env.terminal(&["config", "wizard"]);
    terminal.answer("Name of the config", "\r");
    terminal.answer("Kind of certificates", "\r");
    terminal.answer("Address of SCM", "nonsense\r");
    terminal.wait_for("is no address of SCM");
    terminal.wait_for_times("Address of SCM", 2);
    // The login page's whole address says who the customer is.
    let page = format!("{}/customer/example/", env.stage.sim.base_url);
    terminal.press(&format!("{page}\r"));
    terminal.answer("Customer name", "a b\r");
    terminal.wait_for("is no customer's name");
    terminal.wait_for_times("Customer name", 2);
    terminal.press("example\r");
    terminal.answer("SCM login", "admin\r");
    terminal.answer("Password of that login", "\u{3}");
    assert_eq!(terminal.exit_code(), 130, "{}", terminal.screen());
    let kept = env.home.path().join(".local/state/svpki/wizard.json");
    let text = std::fs::read_to_string(kept).unwrap();
    assert!(
        text.contains("admin") && !text.contains(&env.stage.sim.password),
        "{text}"
    );

    let mut terminal = env.terminal(&["config", "wizard"]);
    terminal.wait_for("Going on with");
    for question in [
        "Name of the config",
        "Kind of certificates",
        "Address of SCM",
        "Customer name",
        "SCM login",
    ] {
        terminal.answer(question, "\r");
    }
    let password = env.stage.sim.password.clone();
    terminal.answer("Password of that login", &format!("{password}\r"));
    answer_rest(&mut terminal);
    terminal.answer("Write this config", "y");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let written = env.run("config read web -o json").json();
    assert_eq!(written["sectigo_cm_user"], "admin");
    assert_eq!(
        written["profile_id"]
            .as_i64()
            .or(written["sectigo_ssl_cert_type"].as_i64()),
        Some(51)
    );
}

/// Whoever is stopped is told by what, before a question is asked.
#[tokio::test(flavor = "multi_thread")]
async fn what_stops_the_wizards() {
    let env = CliTestEnv::open().await;
    let port = dev_server::free_port().unwrap();
    let nobody = format!("http://127.0.0.1:{port}");
    let denied = env.token(&["default"]).await;
    let (address, root) = (env.stage.server.address(), env.stage.server.token());
    let scm = env.stage.sim.https_url.as_str();
    let mut text = String::new();
    let mut stopped = |what: &str, address: &str, token: &str, codes: [u32; 2]| {
        for (args, code) in [["init"].as_slice(), &["config", "wizard"]]
            .into_iter()
            .zip(codes)
        {
            let mut terminal = env.terminal_at(binary(), args, address, token);
            assert_eq!(terminal.exit_code(), code, "{what}: {}", terminal.screen());
            let line = args.join(" ");
            text.push_str(&format!(
                "$ svpki {line}    # {what}\n{}[exit {code}]\n\n",
                terminal.screen()
            ));
        }
    };
    stopped("no server", &nobody, root, [1, 1]);
    stopped("wrong CA", scm, root, [1, 1]);
    stopped("denied", address, &denied, [4, 3]);
    stopped("unknown token", address, "s.unknown", [4, 4]);
    env.seal().await;
    stopped("sealed", address, root, [1, 1]);
    assert!(!text.contains(&denied) && !text.contains("s.unknown"));
    let text = text.replace(&nobody, "http://NOBODY");
    insta::assert_snapshot!("wizards", env.redact(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_needs_the_name() {
    let env = CliTestEnv::open().await;
    let id = env.enrol("www.example.com").await;
    let mut terminal = env.terminal(&["revoke", "web", &id, "--reason", "test"]);
    terminal.answer("Type www.example.com to go on", "\r");
    assert_eq!(terminal.exit_code(), 1, "{}", terminal.screen());
    let mut terminal = env.terminal(&["revoke", "web", &id, "--reason", "test"]);
    terminal.answer("Type www.example.com to go on", "www.example.com\r");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let read = env.run(&format!("certs read web {id} -o json")).json();
    assert_eq!(read["status"], "revoked");
}

fn answer_account(terminal: &mut Terminal, env: &CliTestEnv) {
    terminal.answer("Name of the config", "\r");
    terminal.answer("Kind of certificates", "\r");
    terminal.answer("Address of SCM", &format!("{}\r", env.stage.sim.base_url));
    terminal.answer("Customer name", "example\r");
    terminal.answer("SCM login", "admin\r");
}

fn answer_rest(terminal: &mut Terminal) {
    terminal.wait_for("accepts the login");
    terminal.answer("Example Organisation (123)", "\r");
    terminal.answer("OV Multi-Domain (51)", "\r");
    terminal.answer("Term:", "\r");
    terminal.answer("Renew certificates before they end", "y");
    terminal.answer("How long before the end", "\r");
}
