//! The wizard on a real terminal: a first run, a cut one that goes on, and confirmations.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use super::harness::{CliTestEnv, binary, ran};
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
    terminal.answer("Register and mount the plugin?", "y");
    answer_account(&mut terminal, &env);
    terminal.answer("Password of that login", "wrong\r");
    terminal.answer("Change the address, customer or login?", "n");
    terminal.wait_for("SCM does not accept it");
    let password = env.stage.sim.password.clone();
    terminal.wait_for_times("Password of that login", 2);
    terminal.press(&format!("{password}\r"));
    answer_rest(&mut terminal);
    terminal.answer("Write this config?", "y");
    terminal.answer("Common name for the test order", "no name\r");
    terminal.wait_for("no name");
    assert!(!terminal.screen().contains("Order it now?"));
    terminal.wait_for_times("Common name for the test order", 2);
    terminal.press("www.example.com\r");
    terminal.wait_for("Days");
    assert_eq!(env.run("orders list -o csv").stdout.lines().count(), 1);
    terminal.answer("Order it now?", "y");
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
    shown_commands_do_the_same(&env, &screen);
}

/// What the session shows as commands is typed into a shell as it stands: each writes the config that the wizard wrote.
fn shown_commands_do_the_same(env: &CliTestEnv, screen: &str) {
    let shell = |command: &str| {
        let folder = |program: PathBuf| program.parent().unwrap().display().to_string();
        let server = std::fs::canonicalize(dev_server::server_binary().unwrap()).unwrap();
        let path = format!("{}:{}", folder(binary()), folder(server));
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", command])
            .current_dir(env.home.path())
            .env_clear()
            .env("HOME", env.home.path())
            .env("PATH", path)
            .env("VAULT_ADDR", env.stage.server.address())
            .env("VAULT_TOKEN", env.stage.server.token());
        let told = ran(shell, &env.stage.sim.password);
        assert_eq!(told.code, 0, "$ {command}\n{}{}", told.stdout, told.stderr);
    };
    let export = screen.lines().last().unwrap();
    let (command, _) = export
        .trim_start_matches("hint: ")
        .split_once(" exports it")
        .expect("a command and what it does");
    shell(command);
    let bundle = std::fs::read_to_string(env.home.path().join("FILE")).unwrap();
    assert!(bundle.contains("PRIVATE KEY-----"));

    let written = env.run("config read web -o json").json();
    for start in ["  bao write ", "  svpki config write "] {
        let from = screen.find(start).unwrap_or_else(|| panic!("no {start}"));
        let (command, _) = screen[from..].split_once("\n\n").unwrap();
        let gone = env.run("config delete web --force --yes");
        assert_eq!(gone.code, 0, "{}", gone.stderr);
        shell(command);
        let again = env.run("config read web -o json").json();
        assert_eq!(again, written, "{command}");
    }
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
    terminal.wait_for("is not a valid address of SCM");
    terminal.wait_for_times("Address of SCM", 2);
    // The login page's whole address says who the customer is.
    let page = format!("{}/customer/example/", env.stage.sim.base_url);
    terminal.press(&format!("{page}\r"));
    terminal.answer("Customer name", "a b\r");
    terminal.wait_for("is not a customer name");
    terminal.wait_for_times("Customer name", 2);
    terminal.press("example\r");
    terminal.answer("Way to log in", "j\r");
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
    terminal.wait_for("Resuming an unfinished run");
    // What was answered is shown and not asked again.
    terminal.wait_for("SCM login: admin");
    let password = env.stage.sim.password.clone();
    terminal.answer("Password of that login", &format!("{password}\r"));
    answer_rest(&mut terminal);
    terminal.answer("Write this config?", "y");
    terminal.answer("Write a role for them now?", "y");
    terminal.answer("Name of the role", "edge shop\r");
    terminal.wait_for_times("Name of the role", 2);
    terminal.press("edge\r");
    terminal.answer("Domains that it may order for", "example.com\r");
    terminal.answer("Names below these domains?", "y");
    terminal.answer("The domains themselves?", "n");
    terminal.answer("Which one?", "\r");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    assert!(
        terminal.said().contains("path: pki/sign/edge"),
        "{}",
        terminal.screen()
    );
    let role = env.run("roles read edge -o json").json();
    for (name, value) in [
        ("config", json!("web")),
        ("allowed_domains", json!(["example.com"])),
        ("allow_subdomains", json!(true)),
        ("allow_bare_domains", json!(false)),
    ] {
        assert_eq!(role[name], value, "{name}: {role}");
    }
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
    answer_login(terminal, env);
}

/// The whole wizard, where the command line names the config.
pub fn answer_named_config(terminal: &mut Terminal, env: &CliTestEnv) {
    answer_login(terminal, env);
    let password = env.stage.sim.password.clone();
    terminal.answer("Password of that login", &format!("{password}\r"));
    answer_rest(terminal);
    terminal.answer("Write this config?", "y");
    terminal.answer("Write a role for them now?", "n");
}

fn answer_login(terminal: &mut Terminal, env: &CliTestEnv) {
    terminal.answer("Kind of certificates", "\r");
    terminal.answer("Address of SCM", &format!("{}\r", env.stage.sim.base_url));
    terminal.answer("Customer name", "example\r");
    terminal.answer("Way to log in", "j\r");
    terminal.answer("SCM login", "admin\r");
}

fn answer_rest(terminal: &mut Terminal) {
    terminal.wait_for("accepts the login");
    terminal.answer("Example Organisation (123)", "\r");
    terminal.answer("OV Multi-Domain (51)", "\r");
    terminal.answer("Term:", "\r");
    terminal.answer("Allowed domains", "\r");
    terminal.answer("Owner", "\r");
    terminal.answer("Team", "\r");
    terminal.answer("Ticket", "\r");
    terminal.answer("Notes", "\r");
    terminal.answer("Renew certificates before they end", "y");
    terminal.answer("How long before the end", "\r");
}

/// Every kind and every login, as typed, with the mistakes that people make, and the config that comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn three_logins_and_both_kinds_become_what_was_typed() {
    let env = CliTestEnv::without_config().await;
    let sim = &env.stage.sim;
    let write = |name: &str, text: &str| std::fs::write(env.home.path().join(name), text).unwrap();
    write("scm-ca.pem", &sim.ca_pem);
    write("client.pem", &sim.client_cert_pem);
    write("client.key", &sim.client_key_pem);
    let https = sim.https_url.clone();

    // OAuth 2 comes first: Enter takes it.
    let mut terminal = env.terminal(&["config", "wizard", "oauth"]);
    terminal.answer("Kind of certificates", "\r");
    terminal.answer("Address of SCM", "nonsense\r");
    terminal.wait_for("is not a valid address of SCM");
    terminal.wait_for_times("Address of SCM", 2);
    // Ctrl-U takes back the line, Ctrl-W a word, and an arrow goes back by a letter.
    terminal.press(&format!("http://wrong\u{15}{https}\r"));
    terminal.answer("Customer name", "\r");
    terminal.wait_for("is not a customer name");
    terminal.wait_for_times("Customer name", 2);
    terminal.press("exmple\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[Da\r");
    terminal.answer("CA of SCM's own certificate", "nowhere.pem\r");
    terminal.wait_for("nowhere.pem: No such file");
    terminal.wait_for_times("CA of SCM's own certificate", 2);
    terminal.press("client.key\r");
    terminal.wait_for("holds no certificate in PEM");
    terminal.wait_for_times("CA of SCM's own certificate", 3);
    terminal.press("scm-ca.pem\r");
    terminal.answer("Way to log in", "\r");
    terminal.answer("Client id", "\r");
    terminal.wait_for("a value is required");
    terminal.wait_for_times("Client id", 2);
    terminal.press(&format!("{}\r", sim.client_id.clone().unwrap_or_default()));
    terminal.answer("Address that gives tokens", "nonsense\r");
    terminal.wait_for("is not an address");
    terminal.wait_for_times("Address that gives tokens", 2);
    terminal.press(&format!("{}\r", sim.token_url));
    terminal.answer("Client secret", "\r");
    terminal.wait_for_times("a value is required", 2);
    terminal.wait_for_times("Client secret", 2);
    let secret = sim.client_secret.clone();
    terminal.press(&format!("{secret}\r"));
    terminal.wait_for("accepts the login");
    terminal.answer("Organisation", "\r");
    terminal.answer("Profile", "\r");
    terminal.answer("Term", "\r");
    terminal.answer("Allowed domains", "not a domain\r");
    terminal.wait_for("is not a domain");
    terminal.wait_for_times("Allowed domains", 2);
    terminal.press("example.com, example.org\r");
    terminal.answer("Names below these domains", "y");
    terminal.answer("Wildcard names", "n");
    terminal.answer("Owner", "shop\r");
    terminal.answer("Team", "web operations\r");
    terminal.answer("Ticket", "T-1\r");
    terminal.answer("Notes", "production\r");
    terminal.wait_for("write NAME=VALUE");
    terminal.wait_for_times("Notes", 2);
    terminal.press("Stage=test, Cost=7\r");
    terminal.answer("Renew certificates before they end", "y");
    terminal.answer("How long before the end", "100%\r");
    terminal.wait_for("would renew endlessly");
    terminal.wait_for_times("How long before the end", 2);
    terminal.press("25%\r");
    terminal.wait_for("oauth2_client_secret=-");
    terminal.answer("Write this config?", "y");
    terminal.answer("Write a role for them now?", "n");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    assert!(!terminal.said().contains(&secret));
    let read = env.run("config read oauth -o json").json();
    for (field, value) in [
        ("auth_method", json!("oauth2")),
        ("sectigo_cm_base_url", json!(https)),
        ("sectigo_cm_uri", json!("example")),
        ("oauth2_token_url", json!(sim.token_url)),
        ("allowed_domains", json!(["example.com", "example.org"])),
        ("allow_subdomains", json!(true)),
        ("allow_wildcard_certificates", json!(false)),
        ("owner", json!("shop")),
        ("team", json!("web operations")),
        ("ticket", json!("T-1")),
        (
            "metadata",
            json!([{"name": "Cost", "value": "7"}, {"name": "Stage", "value": "test"}]),
        ),
        ("sectigo_expiry_window", json!("25%")),
        ("ca_bundle", json!(sim.ca_pem)),
        ("oauth2_client_secret_set", json!(true)),
    ] {
        assert_eq!(read[field], value, "{field}: {read}");
    }

    // Run again, Enter keeps all, and the one thing that is changed is all that is written.
    let mut terminal = env.terminal(&["config", "wizard", "oauth"]);
    terminal.wait_for("Enter keeps what it holds");
    for question in [
        "Kind of certificates",
        "Address of SCM",
        "Customer name",
        "CA of SCM's own certificate",
        "Way to log in",
        "Client id",
        "Address that gives tokens",
        "Client secret",
        "Organisation",
        "Profile",
        "Term",
        "Allowed domains",
        "Names below these domains",
        "Wildcard names",
        "Owner",
        "Team",
        "Ticket",
        "Notes",
        "Renew certificates before they end",
    ] {
        terminal.answer(question, "\r");
    }
    terminal.answer("How long before the end", "30\r");
    terminal.wait_for("This will be written");
    assert!(
        !terminal.screen().contains("allowed_domains="),
        "{}",
        terminal.screen()
    );
    terminal.answer("Write this config?", "y");
    terminal.answer("Write a role for them now?", "n");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let mut changed = read.clone();
    changed["sectigo_expiry_window"] = json!("30");
    let now = env.run("config read oauth -o json").json();
    assert_eq!(now, changed);

    // A script answers everything with flags and a file: S/MIME by client certificate, SSL by password.
    write(
        "answers.toml",
        &format!(
            "name = \"people\"\ntype = \"client_cert\"\nbase_url = {https:?}\ncustomer_uri = \"example\"\n\
             ca_bundle = \"scm-ca.pem\"\nauth_method = \"client_certificate\"\nuser = \"admin\"\n\
             auth_certificate = \"client.pem\"\nauth_private_key = \"client.key\"\norg_id = 123\n\
             profile_id = 61\nauto_renew = false\n"
        ),
    );
    let people = env.run("config wizard --answers answers.toml --yes");
    assert_eq!(people.code, 0, "{}{}", people.stdout, people.stderr);
    assert!(
        people.stderr.contains("--email jane@example.com"),
        "{}",
        people.stderr
    );
    let read = env.run("config read people -o json").json();
    for (field, value) in [
        ("auth_method", json!("client_certificate")),
        ("sectigo_config_type", json!("client_cert")),
        ("auth_certificate", json!(sim.client_cert_pem)),
        ("auth_private_key_set", json!(true)),
    ] {
        assert_eq!(read[field], value, "{field}: {read}");
    }
    let line = format!(
        "config wizard web --type ssl_cert --base-url {} --customer-uri example --auth-method password --user admin \
         --org-id 123 --profile-id 52 --term 90 --auto-renew false --password-stdin --yes",
        sim.base_url
    );
    let web = env.run_with(&line, &sim.password);
    assert_eq!(web.code, 0, "{}{}", web.stdout, web.stderr);
    let typo = env.run_with(&line.replace("--org-id 123", "--org-id 999"), &sim.password);
    assert_eq!(typo.code, 2, "{}", typo.stderr);
    write("bad.json", "{\"custmer\": 1}");
    let unknown = env.run("config wizard x --answers bad.json");
    assert!(
        unknown
            .stderr
            .contains("custmer is not the name of a question"),
        "{}",
        unknown.stderr
    );

    // And a copy holds the same, but for what is given with it.
    let copied = env.run_with(
        "config copy web web2 --term 30 --password-stdin",
        &sim.password,
    );
    assert_eq!(copied.code, 0, "{}", copied.stderr);
    let same = |name: &str| {
        let mut read = env.run(&format!("config read {name} -o json")).json();
        read["config"] = json!("");
        read
    };
    let (mut web, copy) = (same("web"), same("web2"));
    assert_eq!(copy["term"], 30, "{copy}");
    web["term"] = json!(30);
    assert_eq!(copy, web);
    let again = env.run_with("config copy web web2 --password-stdin", &sim.password);
    assert_eq!(again.code, 2, "{}", again.stderr);
}
