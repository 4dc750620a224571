//! The wizard on a real terminal: a first run, a cut one that goes on, and confirmations.

use super::harness::Theatre;
use super::terminal::Terminal;

#[tokio::test(flavor = "multi_thread")]
async fn init_leads_to_a_certificate() {
    let theatre = Theatre::without_config().await;
    theatre
        .stage
        .server
        .must("DELETE", "sys/mounts/pki", None)
        .await
        .unwrap();
    let catalogue = "sys/plugins/catalog/secret/sectigo-vault-pki";
    theatre
        .stage
        .server
        .must("DELETE", catalogue, None)
        .await
        .unwrap();
    let mut terminal = Terminal::open(&theatre, &["init"]);
    terminal.answer("Register and mount it", "y");
    answer_account(&mut terminal, &theatre);
    terminal.answer("Password of that login", "wrong\r");
    terminal.answer("Is address, customer or login to be changed", "n");
    terminal.wait_for("SCM does not accept it");
    let password = theatre.stage.sim.password.clone();
    terminal.wait_for_times("Password of that login", 2);
    terminal.press(&format!("{password}\r"));
    answer_rest(&mut terminal);
    terminal.answer("Write this config", "y");
    terminal.answer("Order one now", "y");
    terminal.answer("Name that it is for", "www.example.com\r");
    terminal.wait_for("certs export web");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(!screen.contains(&password));
    assert!(screen.contains("svpki config write web"), "{screen}");
    assert_eq!(theatre.run("certs list -o csv").stdout.lines().count(), 2);
    insta::assert_snapshot!("init", theatre.redact(&screen));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_wizard_goes_on() {
    let theatre = Theatre::without_config().await;
    let mut terminal = Terminal::open(&theatre, &["config", "wizard"]);
    answer_account(&mut terminal, &theatre);
    terminal.answer("Password of that login", "\u{3}");
    assert_eq!(terminal.exit_code(), 130, "{}", terminal.screen());
    let kept = theatre.home.path().join(".local/state/svpki/wizard.json");
    let text = std::fs::read_to_string(kept).unwrap();
    assert!(
        text.contains("admin") && !text.contains(&theatre.stage.sim.password),
        "{text}"
    );

    let mut terminal = Terminal::open(&theatre, &["config", "wizard"]);
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
    let password = theatre.stage.sim.password.clone();
    terminal.answer("Password of that login", &format!("{password}\r"));
    answer_rest(&mut terminal);
    terminal.answer("Write this config", "y");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let written = theatre.run("config read web -o json").json();
    assert_eq!(written["sectigo_cm_user"], "admin");
    assert_eq!(
        written["profile_id"]
            .as_i64()
            .or(written["sectigo_ssl_cert_type"].as_i64()),
        Some(51)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_needs_the_name() {
    let theatre = Theatre::open().await;
    let id = theatre.enrol("www.example.com").await;
    let mut terminal = Terminal::open(&theatre, &["revoke", "web", &id, "--reason", "test"]);
    terminal.answer("Type www.example.com to go on", "\r");
    assert_eq!(terminal.exit_code(), 1, "{}", terminal.screen());
    let mut terminal = Terminal::open(&theatre, &["revoke", "web", &id, "--reason", "test"]);
    terminal.answer("Type www.example.com to go on", "www.example.com\r");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let read = theatre.run(&format!("certs read web {id} -o json")).json();
    assert_eq!(read["status"], "revoked");
}

fn answer_account(terminal: &mut Terminal, theatre: &Theatre) {
    terminal.answer("Name of the config", "\r");
    terminal.answer("Kind of certificates", "\r");
    terminal.answer(
        "Address of SCM",
        &format!("{}\r", theatre.stage.sim.base_url),
    );
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
