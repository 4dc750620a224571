//! Ctrl-C at each question of the wizard, for the three logins and both kinds: what was answered before it is kept, and the
//! next run goes on at it.

use serde_json::{Value, json};

use super::harness::CliTestEnv;

type Steps = Vec<(&'static str, String)>;

fn steps<const N: usize>(steps: [(&'static str, &str); N]) -> Steps {
    steps
        .into_iter()
        .map(|(question, keys)| (question, keys.to_owned()))
        .collect()
}

/// One run for each question, ended by Ctrl-C at it, and a last one that writes the config.
fn cut_at_each_question(env: &CliTestEnv, steps: &Steps, secret: Option<&str>) -> Value {
    let secret = steps
        .iter()
        .position(|(question, _)| Some(*question) == secret);
    for at in 0..=steps.len() {
        let mut terminal = env.terminal(&["config", "wizard"]);
        // The secret is kept nowhere.
        if let Some(secret) = secret.filter(|secret| at > *secret) {
            terminal.answer(steps[secret].0, &steps[secret].1);
        }
        if at > 0 && Some(at - 1) != secret {
            let (before, keys) = &steps[at - 1];
            terminal.answer(before, keys);
        }
        if at == steps.len() {
            terminal.answer("Write this config?", "y");
            if steps
                .iter()
                .any(|(question, _)| *question == "Allowed domains")
            {
                terminal.answer("Write a role for them now?", "n");
            }
            assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
            break;
        }
        let question = steps[at].0;
        terminal.answer(question, "\u{3}");
        let code = terminal.exit_code();
        assert_eq!(code, 130, "{question}: {}", terminal.screen());
    }
    let name = steps[0].1.trim_end();
    env.run(&format!("config read {name} -o json")).json()
}

fn holds(read: &Value, fields: &[(&str, Value)]) {
    for (field, value) in fields {
        assert_eq!(&read[field], value, "{field}: {read}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_at_any_question_costs_no_answer() {
    let env = CliTestEnv::without_config().await;
    let steps = steps([
        ("Name of the config", "web\r"),
        ("Kind of certificates", "\r"),
        ("Address of SCM", &format!("{}\r", env.stage.sim.base_url)),
        ("Customer name", "example\r"),
        ("Way to log in", "j\r"),
        ("SCM login", "admin\r"),
        (
            "Password of that login",
            &format!("{}\r", env.stage.sim.password),
        ),
        ("Organisation", "\r"),
        ("Profile", "j\r"),
        ("Term", "\r"),
        ("Allowed domains", "example.com\r"),
        ("Names below these domains", "n"),
        ("Wildcard names", "y"),
        ("Owner", "shop\r"),
        ("Team", "\r"),
        ("Ticket", "\r"),
        ("Notes", "\r"),
        ("Renew certificates before they end", "y"),
        ("How long before the end", "20%\r"),
    ]);
    let read = cut_at_each_question(&env, &steps, Some("Password of that login"));
    holds(
        &read,
        &[
            ("auth_method", json!("password")),
            ("sectigo_cm_user", json!("admin")),
            ("profile_id", json!(52)),
            ("allowed_domains", json!(["example.com"])),
            ("allow_subdomains", json!(false)),
            ("allow_wildcard_certificates", json!(true)),
            ("owner", json!("shop")),
            ("sectigo_expiry_window", json!("20%")),
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_costs_no_answer_with_oauth_2_either() {
    let env = CliTestEnv::without_config().await;
    let sim = &env.stage.sim;
    std::fs::write(env.home.path().join("scm-ca.pem"), &sim.ca_pem).unwrap();
    let client = sim.client_id.clone().unwrap_or_default();
    let steps = steps([
        ("Name of the config", "oauth\r"),
        ("Kind of certificates", "\r"),
        ("Address of SCM", &format!("{}\r", sim.https_url)),
        ("Customer name", "example\r"),
        ("CA of SCM's own certificate", "scm-ca.pem\r"),
        ("Way to log in", "\r"),
        ("Client id", &format!("{client}\r")),
        ("Address that gives tokens", &format!("{}\r", sim.token_url)),
        ("Client secret", &format!("{}\r", sim.client_secret)),
        ("Organisation", "\r"),
        ("Profile", "\r"),
        ("Term", "\r"),
        ("Allowed domains", "\r"),
        ("Owner", "\r"),
        ("Team", "web operations\r"),
        ("Ticket", "T-1\r"),
        ("Notes", "Stage=test\r"),
        ("Renew certificates before they end", "n"),
    ]);
    let read = cut_at_each_question(&env, &steps, Some("Client secret"));
    holds(
        &read,
        &[
            ("auth_method", json!("oauth2")),
            ("oauth2_client_id", json!(client)),
            ("oauth2_client_secret_set", json!(true)),
            ("ca_bundle", json!(sim.ca_pem)),
            ("team", json!("web operations")),
            ("sectigo_auto_renew", json!(false)),
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_costs_no_answer_for_people_with_a_client_certificate_either() {
    let env = CliTestEnv::without_config().await;
    let sim = &env.stage.sim;
    let write = |name: &str, text: &str| std::fs::write(env.home.path().join(name), text).unwrap();
    write("scm-ca.pem", &sim.ca_pem);
    write("client.pem", &sim.client_cert_pem);
    write("client.key", &sim.client_key_pem);
    // Two mistakes that only this login lets a person make.
    let mut terminal = env.terminal(&["config", "wizard", "--customer-uri", "example"]);
    terminal.answer("Name of the config", "my people\r");
    terminal.wait_for("may only hold letters");
    terminal.wait_for_times("Name of the config", 2);
    terminal.press("other\r");
    terminal.answer("Kind of certificates", "j\r");
    terminal.answer("Address of SCM", &format!("{}\r", sim.https_url));
    terminal.answer("CA of SCM's own certificate", "scm-ca.pem\r");
    terminal.answer("Way to log in", "jj\r");
    terminal.answer("SCM login", "admin\r");
    terminal.answer("Client certificate with its chain", "client.key\r");
    terminal.wait_for("holds no certificate in PEM");
    terminal.wait_for_times("Client certificate with its chain", 2);
    terminal.press("client.pem\r");
    terminal.answer("Its private key", "client.pem\r");
    terminal.wait_for("holds no private key in PEM");
    terminal.wait_for_times("Its private key", 2);
    terminal.press("\u{3}");
    assert_eq!(terminal.exit_code(), 130, "{}", terminal.screen());
    let mut restarted = env.terminal(&["config", "wizard", "--restart"]);
    restarted.answer("Name of the config [web]", "\u{3}");
    assert_eq!(restarted.exit_code(), 130, "{}", restarted.screen());

    let steps = steps([
        ("Name of the config", "people\r"),
        ("Kind of certificates", "j\r"),
        ("Address of SCM", &format!("{}\r", sim.https_url)),
        ("Customer name", "example\r"),
        ("CA of SCM's own certificate", "scm-ca.pem\r"),
        ("Way to log in", "jj\r"),
        ("SCM login", "admin\r"),
        ("Client certificate with its chain", "client.pem\r"),
        ("Its private key", "client.key\r"),
        ("Organisation", "\r"),
        ("Profile", "\r"),
        ("Term", "\r"),
        ("Owner", "staff\r"),
        ("Team", "\r"),
        ("Ticket", "\r"),
        ("Notes", "\r"),
        ("Renew certificates before they end", "n"),
    ]);
    let read = cut_at_each_question(&env, &steps, None);
    holds(
        &read,
        &[
            ("auth_method", json!("client_certificate")),
            ("sectigo_config_type", json!("client_cert")),
            ("auth_certificate", json!(sim.client_cert_pem)),
            ("auth_private_key_set", json!(true)),
            ("owner", json!("staff")),
        ],
    );
}
