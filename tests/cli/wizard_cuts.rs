//! Ctrl-C at each question of the wizard, for the three logins and both kinds: what was answered before it is kept, the next
//! run goes on at it, and the config holds in the end what was typed and nothing else.

use serde_json::{Map, Value, json};

use super::harness::CliTestEnv;

type Steps = Vec<(&'static str, String)>;

/// One run for each question, ended by Ctrl-C at it, and a last one that writes the config.
fn cut_at_each_question(env: &CliTestEnv, steps: &Steps, secret: Option<&str>) {
    let secret = steps
        .iter()
        .position(|(question, _)| Some(*question) == secret);
    for at in 0..=steps.len() + 1 {
        let mut terminal = env.terminal(&["config", "wizard"]);
        // The secret is kept nowhere.
        if let Some(secret) = secret.filter(|secret| at > *secret) {
            terminal.answer(steps[secret].0, &steps[secret].1);
        }
        if (1..=steps.len()).contains(&at) && Some(at - 1) != secret {
            let (before, keys) = &steps[at - 1];
            terminal.answer(before, keys);
        }
        if at > steps.len() {
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
        let question = steps.get(at).map_or("Write this config?", |step| step.0);
        terminal.answer(question, "\u{3}");
        let code = terminal.exit_code();
        assert_eq!(code, 130, "{question}: {}", terminal.screen());
    }
}

/// A person's answers to all questions for this kind and this login; the secret's question; and the config's fields that
/// come of them.
fn typed(env: &CliTestEnv, kind: &str, method: &str) -> (Steps, Option<&'static str>, Value) {
    let sim = &env.stage.sim;
    let is_ssl = kind == "ssl_cert";
    let line = |text: &str| format!("{text}\r");
    let mut fields = json!({
        "config": "fleet",
        "sectigo_config_type": kind,
        "sectigo_cm_base_url": sim.https_url,
        "sectigo_cm_uri": "example",
        "ca_bundle": sim.ca_pem,
        "auth_method": method,
        "sectigo_cm_password_set": method == "password",
        "oauth2_client_secret_set": method == "oauth2",
        "auth_private_key_set": method == "client_certificate",
        "sectigo_cm_org_id": 124,
        "owner": "shop",
        "team": "web operations",
        "ticket": "T-1",
        "metadata": [{"name": "Cost", "value": "7"}, {"name": "Stage", "value": "test"}],
        "sectigo_auto_renew": true,
        "sectigo_expiry_window": "20%",
        "profile_id": if is_ssl { 52 } else { 62 },
        "term": if is_ssl { 90 } else { 365 },
    });
    let mut steps: Steps = vec![
        ("Name of the config", line("fleet")),
        ("Kind of certificates", line(if is_ssl { "" } else { "j" })),
        ("Address of SCM", line(&sim.https_url)),
        ("Customer name", line("example")),
        ("CA of SCM's own certificate", line("scm-ca.pem")),
    ];
    let secret = match method {
        "oauth2" => {
            let client = sim.client_id.clone().unwrap_or_default();
            fields["oauth2_client_id"] = json!(client);
            fields["oauth2_token_url"] = json!(sim.token_url);
            steps.extend([
                ("Way to log in", line("")),
                ("Client id", line(&client)),
                ("Address that gives tokens", line(&sim.token_url)),
                ("Client secret", line(&sim.client_secret)),
            ]);
            Some("Client secret")
        }
        "password" => {
            fields["sectigo_cm_user"] = json!("admin");
            steps.extend([
                ("Way to log in", line("j")),
                ("SCM login", line("admin")),
                ("Password of that login", line(&sim.password)),
            ]);
            Some("Password of that login")
        }
        _ => {
            fields["sectigo_cm_user"] = json!("admin");
            fields["auth_certificate"] = json!(sim.client_cert_pem);
            steps.extend([
                ("Way to log in", line("jj")),
                ("SCM login", line("admin")),
                ("Client certificate with its chain", line("client.pem")),
                ("Its private key", line("client.key")),
            ]);
            None
        }
    };
    steps.extend([
        ("Organisation", line("jj")),
        ("Profile", line("j")),
        // The cursor stands on the longest that public CAs may issue.
        ("Term", line(if is_ssl { "k" } else { "" })),
    ]);
    if is_ssl {
        fields["allowed_domains"] = json!(["example.com", "example.org"]);
        fields["allow_subdomains"] = json!(true);
        fields["allow_wildcard_certificates"] = json!(false);
        steps.extend([
            ("Allowed domains", line("example.com, example.org")),
            ("Names below these domains", "y".to_owned()),
            ("Wildcard names", "n".to_owned()),
        ]);
    }
    steps.extend([
        ("Owner", line("shop")),
        ("Team", line("web operations")),
        ("Ticket", line("T-1")),
        ("Notes", line("Stage=test, Cost=7")),
        ("Renew certificates before they end", "y".to_owned()),
        ("How long before the end", line("20%")),
    ]);
    (steps, secret, fields)
}

/// What a config of this kind holds when its login is all that was said.
async fn defaults(env: &CliTestEnv, kind: &str) -> Map<String, Value> {
    let sim = &env.stage.sim;
    let login = json!({
        "sectigo_config_type": kind, "sectigo_cm_base_url": sim.base_url, "sectigo_cm_uri": "example",
        "sectigo_cm_user": sim.login, "sectigo_cm_password": sim.password, "sectigo_cm_org_id": 123,
    });
    let server = &env.stage.server;
    server
        .must("PUT", "pki/configs/bare", Some(&login))
        .await
        .unwrap();
    let mut read = env.run("config read bare -o json").json();
    server
        .must("DELETE", "pki/configs/bare", None)
        .await
        .unwrap();
    let fields = read.as_object_mut().unwrap();
    fields.remove("sectigo_cm_user");
    std::mem::take(fields)
}

async fn becomes_what_was_typed(kind: &str, method: &str) {
    let env = CliTestEnv::without_config().await;
    let mut expected = defaults(&env, kind).await;
    let sim = &env.stage.sim;
    let write = |name: &str, text: &str| std::fs::write(env.home.path().join(name), text).unwrap();
    write("scm-ca.pem", &sim.ca_pem);
    write("client.pem", &sim.client_cert_pem);
    write("client.key", &sim.client_key_pem);
    let (steps, secret, fields) = typed(&env, kind, method);
    expected.extend(fields.as_object().unwrap().clone());
    cut_at_each_question(&env, &steps, secret);
    let read = env.run("config read fleet -o json").json();
    assert_eq!(read, Value::Object(expected));
    assert_eq!(env.run("config test fleet").code, 0);
}

macro_rules! each_kind_and_login {
    ($($name:ident: $kind:literal, $method:literal;)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            becomes_what_was_typed($kind, $method).await;
        })*
    };
}

each_kind_and_login! {
    ctrl_c_costs_no_answer_for_servers_by_password: "ssl_cert", "password";
    ctrl_c_costs_no_answer_for_servers_by_oauth_2: "ssl_cert", "oauth2";
    ctrl_c_costs_no_answer_for_servers_by_client_certificate: "ssl_cert", "client_certificate";
    ctrl_c_costs_no_answer_for_people_by_password: "client_cert", "password";
    ctrl_c_costs_no_answer_for_people_by_oauth_2: "client_cert", "oauth2";
    ctrl_c_costs_no_answer_for_people_by_client_certificate: "client_cert", "client_certificate";
}

/// Mistakes that only a login by certificate lets a person make, and a new start.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_wrong_kind_is_refused_at_its_question() {
    let env = CliTestEnv::without_config().await;
    let sim = &env.stage.sim;
    let write = |name: &str, text: &str| std::fs::write(env.home.path().join(name), text).unwrap();
    write("scm-ca.pem", &sim.ca_pem);
    write("client.pem", &sim.client_cert_pem);
    write("client.key", &sim.client_key_pem);
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
}

/// Questions that only some people meet: after a refused login, for a field that SCM demands, and for a first role.
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_at_the_rarer_questions() {
    let env = CliTestEnv::without_config().await;
    let field = json!({"id": 1, "name": "Cost Center", "mandatory": true});
    let scenario = json!({"custom_fields": [field]});
    super::domains::control(&env, "PUT", "scenario", scenario).await;
    let password = format!("{}\r", env.stage.sim.password);
    let flags = [
        "config",
        "wizard",
        "web",
        "--type",
        "ssl_cert",
        "--base-url",
        &env.stage.sim.base_url,
        "--customer-uri",
        "example",
        "--auth-method",
        "password",
        "--user",
        "admin",
        "--org-id",
        "123",
        "--profile-id",
        "53",
        "--term",
        "90",
        "--allowed-domains",
        "example.com",
        "--allow-subdomains",
        "true",
        "--allow-wildcards",
        "false",
        "--owner",
        "shop",
        "--team",
        "web",
        "--ticket",
        "T-1",
        "--metadata",
        "Stage=test",
        "--auto-renew",
        "false",
    ];
    let cut = |before: &[(&str, &str)], question: &str| {
        let mut terminal = env.terminal(&flags);
        for (question, keys) in before {
            terminal.answer(question, keys);
        }
        terminal.answer(question, "\u{3}");
        assert_eq!(
            terminal.exit_code(),
            130,
            "{question}: {}",
            terminal.screen()
        );
    };
    let secret = "Password of that login";
    cut(
        &[(secret, "wrong\r")],
        "Change the address, customer or login?",
    );
    cut(&[(secret, &password)], "Value of Cost Center");
    let field = ("Value of Cost Center", "4711\r");
    cut(&[(secret, &password), field], "Write this config?");
    assert_eq!(env.run("config list -o json").json(), json!([]));

    // The field is answered now; and once the config is written, Ctrl-C costs the role and nothing else.
    let role = [
        ("Write a role for them now?", "y"),
        ("Name of the role", "edge\r"),
        ("Domains that it may order for", "\u{15}example.com\r"),
        ("Names below these domains?", "y"),
        ("The domains themselves?", "n"),
    ];
    let first = [(secret, password.as_str()), ("Write this config?", "y")];
    cut(&first, role[0].0);
    let read = env.run("config read web -o json").json();
    let demanded = &read["sectigo_ssl_cert_custom_fields"];
    assert_eq!(demanded.to_string().matches("4711").count(), 1, "{read}");
    for at in 1..=role.len() {
        let mut before = vec![(secret, "\r"), field, ("Write this config?", "y")];
        before.extend(&role[..at]);
        cut(&before, role.get(at).map_or("Which one?", |step| step.0));
        let roles = env.run("roles list -o json").json();
        let is_written = at == role.len();
        assert_eq!(
            roles.as_array().map(Vec::len),
            Some(usize::from(is_written))
        );
    }
}
