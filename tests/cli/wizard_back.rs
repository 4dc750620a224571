//! The way back in the wizard: to the question before, and from the summary to any.

use serde_json::json;

use super::harness::CliTestEnv;

const ESC: &str = "\u{1b}";

#[tokio::test(flavor = "multi_thread")]
async fn the_question_before_is_asked_again_and_keeps_its_answer() {
    let env = CliTestEnv::without_config().await;
    let mut terminal = env.terminal(&["config", "wizard"]);
    terminal.wait_for("To go back a question: < and Enter");
    // Before the first there is none.
    terminal.answer("Name of the config", "<\r");
    terminal.wait_for_times("Name of the config", 2);
    terminal.press("web\r");
    terminal.answer("Kind of certificates", "\r");
    terminal.answer("Address of SCM", &format!("{}\r", env.stage.sim.base_url));
    terminal.answer("Customer name", "exmple\r");
    // A list and a line go back alike, and over more than one.
    terminal.answer("Way to log in", ESC);
    terminal.answer("Customer name [exmple]", "<\r");
    terminal.answer("Address of SCM [http://127.0.0.1", "\r");
    terminal.wait_for_times("Customer name [exmple]", 2);
    terminal.press("example\r");
    terminal.answer("Way to log in", "j\r");
    terminal.answer("SCM login", "admin\r");
    terminal.answer("Password of that login", "<\r");
    terminal.answer("SCM login [admin]", "\r");
    terminal.wait_for_times("Password of that login", 2);
    terminal.press(&format!("{}\r", env.stage.sim.password));
    terminal.answer("Organisation", ESC);
    terminal.answer("empty: the one typed before", "\r");
    terminal.wait_for_times("Organisation", 1);
    terminal.answer("Example Organisation (123)", "\r");
    terminal.answer("OV Multi-Domain (51)", "\r");
    terminal.answer("Term:", "\r");
    terminal.answer("Allowed domains", "example.com\r");
    terminal.answer("Names below these domains", "y");
    terminal.answer("Wildcard names", ESC);
    terminal.wait_for_times("Names below these domains", 2);
    terminal.press("n");
    terminal.wait_for_times("Wildcard names", 2);
    terminal.press("y");
    terminal.answer("Owner", "shop\r");
    for question in ["Team", "Ticket", "Notes"] {
        terminal.answer(question, "\r");
    }
    terminal.answer("Renew certificates before they end", "y");
    terminal.answer("How long before the end", "20%\r");
    // From the summary to the last question, and to one of all that were answered.
    terminal.answer("Write this config?", ESC);
    terminal.answer(
        "How long before the end: days, or a share such as 33% [20%]",
        "25%\r",
    );
    terminal.wait_for_times("This will be written", 2);
    terminal.wait_for_times("Write this config?", 2);
    terminal.press("n");
    terminal.wait_for("> none: the answers are kept for the next run");
    terminal.wait_for("Owner: shop");
    terminal.press(&("j".repeat(14) + "\r"));
    terminal.answer("Owner (empty: none) [shop]", "desk\r");
    terminal.wait_for_times("This will be written", 3);
    terminal.wait_for_times("Write this config?", 3);
    terminal.press("y");
    terminal.answer("Write a role for them now?", "n");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    // What stands is not said again, and no secret is shown.
    let screen = terminal.screen();
    assert_eq!(screen.matches("accepts the login").count(), 1, "{screen}");
    assert_eq!(screen.matches("Ticket").count(), 1, "{screen}");
    assert!(!terminal.said().contains(&env.stage.sim.password));
    let read = env.run("config read web -o json").json();
    for (field, value) in [
        ("sectigo_cm_uri", json!("example")),
        ("sectigo_cm_user", json!("admin")),
        ("sectigo_cm_password_set", json!(true)),
        ("allow_subdomains", json!(false)),
        ("allow_wildcard_certificates", json!(true)),
        ("owner", json!("desk")),
        ("sectigo_expiry_window", json!("25%")),
    ] {
        assert_eq!(read[field], value, "{field}: {read}");
    }
    assert_eq!(env.run("config test web").code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_forgotten_when_the_way_to_log_in_changes() {
    let env = CliTestEnv::without_config().await;
    let sim = &env.stage.sim;
    let mut terminal = env.terminal(&["config", "wizard", "web"]);
    terminal.answer("Kind of certificates", "\r");
    terminal.answer("Address of SCM", &format!("{}\r", sim.base_url));
    terminal.answer("Customer name", "example\r");
    terminal.answer("Way to log in", "j\r");
    terminal.answer("SCM login", "admin\r");
    terminal.answer("Password of that login", &format!("{}\r", sim.password));
    terminal.answer("Organisation", ESC);
    terminal.answer("empty: the one typed before", "<\r");
    terminal.answer("SCM login [admin]", "<\r");
    terminal.wait_for("> user and password");
    terminal.press("k\r");
    let client = sim.client_id.clone().unwrap_or_default();
    terminal.answer("Client id", &format!("{client}\r"));
    terminal.answer("Address that gives tokens", &format!("{}\r", sim.token_url));
    terminal.answer("Client secret (not shown, kept sealed in Vault):", "\r");
    terminal.wait_for("a value is required");
    terminal.wait_for_times("Client secret", 2);
    terminal.press(&format!("{}\r", sim.client_secret));
    terminal.wait_for_times("accepts the login", 2);
    terminal.answer("Organisation", "\u{3}");
    assert_eq!(terminal.exit_code(), 130, "{}", terminal.screen());
}
