//! What a first user stumbled over, one by one, where no test of a whole verb looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use dev_server::server_binary;
use serde_json::{Value, json};

use super::harness::{CliTestEnv, binary, ran, svpki};
use crate::terminal::Terminal;

/// Its lines are typed into another terminal, where `BAO_ADDR` may name the real server.
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_leads_to_its_own_server_and_ctrl_c_ends_it_as_it_says() {
    let home = tempfile::tempdir().unwrap();
    let server = std::fs::canonicalize(server_binary().unwrap()).unwrap();
    let (server, plugin) = (server.display().to_string(), crate::support::plugin());
    let plugin = plugin.display().to_string();
    let args = ["demo", "--server-bin", &server, "--plugin-bin", &plugin];
    let mut demo = Terminal::open(binary(), &args, home.path(), []);
    demo.wait_for("until you press Enter or Ctrl-C");
    let screen = demo.screen();
    let address = |variable: &str| {
        let (_, rest) = screen.split_once(&format!("export {variable}=")).unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(address("BAO_ADDR"), address("VAULT_ADDR"), "{screen}");
    assert!(screen.contains("BAO_TOKEN="), "{screen}");
    demo.press("\u{3}");
    assert_eq!(demo.exit_code(), 0, "{}", demo.screen());
    assert!(!demo.screen().contains("interrupted"), "{}", demo.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_revoked_is_not_said_to_stay_valid_at_scm() {
    let env = CliTestEnv::open().await;
    let id = env.enrol("www.example.com").await;
    let asked = env.run(&format!("certs delete web {id}"));
    assert!(
        asked.stderr.contains("At SCM it stays valid"),
        "{}",
        asked.stderr
    );
    let revoked = env.run(&format!("revoke web {id} --reason test --yes"));
    assert_eq!(revoked.code, 0, "{}", revoked.stderr);
    let asked = env.run(&format!("certs delete web {id}"));
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(!asked.stderr.contains("valid"), "{}", asked.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_oauth_2_login_is_told_once_and_in_its_own_words() {
    let env = CliTestEnv::without_config().await;
    let sim = &env.stage.sim;
    let line = format!(
        "config write oauth --type ssl_cert --base-url {} --customer-uri example --org-id 123 --auth-method oauth2 \
         --oauth2-client-id {} --oauth2-token-url {} --password-stdin --dry-run",
        sim.base_url,
        sim.client_id.clone().unwrap_or_default(),
        sim.token_url
    );
    let refused = env.run_with(&line, "wrong");
    assert_eq!(refused.code, 1, "{}{}", refused.stdout, refused.stderr);
    let told = refused.stdout;
    // It was sent, and there is no password.
    assert!(!told.contains("not sent"), "{told}");
    assert!(!told.contains("password"), "{told}");
    let hint = told.lines().find_map(|line| line.strip_prefix("Hint"));
    let hint = hint.unwrap_or_else(|| panic!("no hint: {told}")).trim();
    assert_eq!(told.matches(hint).count(), 1, "{told}");
}

/// A script that sets a variable to nothing has set nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_variable_is_none() {
    let env = CliTestEnv::open().await;
    for line in [
        "config read web",
        "config write web --term 90",
        "certs list",
    ] {
        let mut command = env.command(line);
        for name in ["SVPKI_MOUNT", "VAULT_NAMESPACE", "VAULT_CACERT"] {
            command.env(name, "");
        }
        let told = ran(command, "");
        assert_eq!(told.code, 0, "{line}: {}", told.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_its_own_letters_is_found() {
    let env = CliTestEnv::open().await;
    let line = "enroll web --common-name münchen.example.com --key-type EC";
    assert_eq!(env.run(line).code, 0);
    for text in ["münchen", "MÜNCHEN.example", "xn--mn"] {
        let found = env.run(&format!("certs list -s {text} -o json")).json();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{text}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_mounts_the_one_that_is_meant_is_asked_for_with_their_names() {
    let env = CliTestEnv::open().await;
    let other = env.run("plugin install --path other");
    assert_eq!(other.code, 0, "{}", other.stderr);
    let fields = json!({
        "sectigo_config_type": "ssl_cert", "sectigo_cm_base_url": env.stage.sim.base_url, "sectigo_cm_uri": "example",
        "sectigo_cm_user": "admin", "sectigo_cm_password": env.stage.sim.password, "sectigo_cm_org_id": 123,
    });
    let server = &env.stage.server;
    let path = "other/configs/web";
    server.must("PUT", path, Some(&fields)).await.unwrap();
    std::fs::write(
        env.home.path().join("hosts.csv"),
        "Common Name\na.example.com\n",
    )
    .unwrap();
    for line in [
        "config wizard --type ssl_cert",
        "config read web",
        "enroll web --common-name www.example.com",
        "bulk plan hosts.csv",
    ] {
        let told = env.run(line);
        assert_eq!(told.code, 2, "{line}: {}{}", told.stdout, told.stderr);
        for word in ["pki", "other", "name "] {
            assert!(
                told.stderr.contains(word),
                "{line}: {word}: {}",
                told.stderr
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_config_read_shows_can_be_given_back() {
    let env = CliTestEnv::open().await;
    let read = env.run("config read web -o json");
    let file = env.home.path().join("web.json");
    std::fs::write(&file, &read.stdout).unwrap();
    let line = "config write second -f web.json --password-stdin";
    let written = env.run_with(line, &env.stage.sim.password);
    assert_eq!(written.code, 0, "{}", written.stderr);
    let mut second = env.run("config read second -o json").json();
    assert_eq!(second["config"], "second");
    second["config"] = json!("web");
    assert_eq!(second, read.json());
    // As the engine itself answers it, too.
    let path = "pki/configs/web";
    let answer = env.stage.server.must("GET", path, None).await.unwrap();
    std::fs::write(&file, answer["data"].to_string()).unwrap();
    let again = env.run("config write second -f web.json");
    assert_eq!(again.code, 0, "{}", again.stderr);
}

/// It waited for the plugin's own look, up to a minute after the approval.
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_asks_scm_itself() {
    let env = CliTestEnv::open().await;
    let slow = "enroll web --common-name slow.example.com --profile-id 55 --key-type EC --wait 0";
    let placed = env.run(&format!("{slow} -o json")).json();
    let order = placed["order_id"].as_str().unwrap();
    let id = placed["ssl_id"].as_str().unwrap();
    super::domains::control(&env, "POST", &format!("orders/{id}/approve"), json!({})).await;
    let waited = env.run(&format!("orders wait web {order} --wait 20"));
    assert_eq!(waited.code, 0, "{}{}", waited.stdout, waited.stderr);
}

/// 3 says that the server has no such thing, and monitors read it so.
#[tokio::test(flavor = "multi_thread")]
async fn a_local_file_that_is_missing_is_a_mistake_of_the_call() {
    let env = CliTestEnv::open().await;
    for line in [
        "plugin install --path other --binary nowhere",
        "enroll web --csr nowhere",
        "config write web --password-file nowhere",
        "config list --token-file nowhere",
        "config write web -f nowhere",
        "config wizard x --answers nowhere",
    ] {
        let told = env.run(line);
        assert_eq!(told.code, 2, "{line}: {}", told.stderr);
        assert!(told.stderr.contains("nowhere"), "{line}: {}", told.stderr);
        assert!(!told.stderr.contains("os error"), "{line}: {}", told.stderr);
    }
}

/// Nothing is registered at a server that would run no plugin, and the hint is what mends that.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_plugin_directory_is_said_to_have_none() {
    let writes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&writes);
    let app = Router::new().fallback(move |method: Method, uri: Uri| {
        let counted = Arc::clone(&counted);
        async move {
            if method != Method::GET {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            let answer = match uri.path() {
                "/v1/sys/config/state/sanitized" => {
                    json!({"data": {"plugin_directory": "", "api_addr": "http://a", "storage": {"type": "raft"}}})
                }
                "/v1/sys/plugins/catalog" => json!({"data": {"detailed": []}}),
                "/v1/sys/mounts" => json!({"data": {}}),
                "/v1/sys/health" | "/v1/sys/seal-status" => {
                    json!({"initialized": true, "sealed": false, "version": "2.7.2"})
                }
                "/v1/auth/token/lookup-self" => json!({"data": {"policies": ["root"], "ttl": 0}}),
                _ => return (StatusCode::NOT_FOUND, axum::Json(json!({"errors": []}))),
            };
            (StatusCode::OK, axum::Json::<Value>(answer))
        }
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let home = tempfile::tempdir().unwrap();
    let plugin = crate::support::plugin().display().to_string();
    let run = |line: &str| {
        let mut command = svpki(home.path(), line);
        command
            .env("VAULT_ADDR", &address)
            .env("VAULT_TOKEN", "root");
        ran(command, "")
    };
    for more in ["", " --copy", " --copy --plugin-directory ."] {
        let told = run(&format!("plugin install --binary {plugin}{more}"));
        assert_eq!(told.code, 1, "{more}: {}", told.stderr);
        let said = "error: the server has no plugin_directory, and runs no plugin without it\n\
                    hint: set plugin_directory in the server's configuration file, and restart the server\n";
        assert_eq!(told.stderr, said, "{more}");
    }
    assert_eq!(writes.load(Ordering::SeqCst), 0);
    let looked = run("doctor");
    assert!(
        looked.stdout.contains("the server has no plugin_directory"),
        "{}",
        looked.stdout
    );
    server.abort();
}

/// A typed name and Enter ordered at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_asked_for_is_ordered_after_a_yes() {
    let env = CliTestEnv::open().await;
    let mut terminal = env.terminal(&["enroll", "web"]);
    terminal.answer("Common name", "www.example.com\r");
    terminal.answer("Order", "n");
    assert_eq!(terminal.exit_code(), 1, "{}", terminal.screen());
    assert_eq!(env.run("orders list -o json").json(), json!([]));
    assert_eq!(env.run("certs list -o json").json(), json!([]));
}

/// The wizard's last hint for S/MIME failed, with one missing field after the other.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_order_of_a_person_is_the_one_that_the_wizard_names() {
    let mut env = CliTestEnv::without_config().await;
    let fields = json!({"sectigo_config_type": "client_cert", "profile_id": 61, "term": 365});
    env.stage.config("people", &fields).await.unwrap();
    let hint = "enroll people --email jane@example.com --first-name Jane --last-name Doe";
    let ordered = env.run(hint);
    assert_eq!(ordered.code, 0, "{}", ordered.stderr);
    let server_name = env.run("enroll people --common-name www.example.com");
    assert_eq!(server_name.code, 1, "{}", server_name.stderr);
    for word in ["email", "first_name", "last_name"] {
        assert!(
            server_name.stderr.contains(word),
            "{word}: {}",
            server_name.stderr
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_scm_behind_a_private_ca_is_said_to_need_it() {
    let env = CliTestEnv::without_config().await;
    let line = format!(
        "config write web --type ssl_cert --base-url {} --customer-uri example --org-id 123 --user admin \
         --password-stdin --dry-run",
        env.stage.sim.https_url
    );
    let refused = env.run_with(&line, &env.stage.sim.password);
    assert_eq!(refused.code, 1, "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stdout.contains("ca_bundle"), "{}", refused.stdout);
    assert!(
        !refused.stdout.contains("UnknownIssuer"),
        "{}",
        refused.stdout
    );
}

/// It was found for ever, and its import was refused each time.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_revoked_and_deleted_is_no_difference() {
    let env = CliTestEnv::open().await;
    let id = env.enrol("www.example.com").await;
    for line in [
        format!("revoke web {id} --reason test --yes"),
        format!("certs delete web {id} --yes"),
        "reconcile web".to_owned(),
        "reconcile web --import".to_owned(),
    ] {
        let told = env.run(&line);
        assert_eq!(told.code, 0, "{line}: {}{}", told.stdout, told.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_initialised_is_said_to_be() {
    let app = Router::new().fallback(|uri: Uri| async move {
        let state =
            json!({"initialized": false, "sealed": true, "standby": true, "version": "2.7.2"});
        match uri.path() {
            "/v1/sys/health" => (StatusCode::OK, axum::Json(state)),
            _ => (
                StatusCode::SERVICE_UNAVAILABLE,
                axum::Json(json!({"errors": ["Vault is sealed"]})),
            ),
        }
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let home = tempfile::tempdir().unwrap();
    let told = |line: &str| {
        let mut command = svpki(home.path(), line);
        command
            .env("VAULT_ADDR", &address)
            .env("VAULT_TOKEN", "root");
        let told = ran(command, "");
        assert_ne!(told.code, 0);
        told.stdout + &told.stderr
    };
    let doctor = told("doctor");
    assert!(
        doctor.contains("not initialised") && doctor.contains("operator init"),
        "{doctor}"
    );
    server.abort();
}

#[test]
fn help_breaks_no_meaning_and_manuals_have_what_people_look_for() {
    let home = tempfile::tempdir().unwrap();
    let mut help = svpki(home.path(), "--help");
    help.env("COLUMNS", "100");
    let help = ran(help, "").stdout;
    for line in ["6    some rows failed", "7    findings", "130  interrupted"] {
        assert!(
            help.lines().any(|said| said.trim() == line),
            "{line}: {help}"
        );
    }
    let page = ran(svpki(home.path(), "man"), "").stdout;
    for section in ["EXIT STATUS", "ENVIRONMENT"] {
        assert!(page.contains(section), "{section}");
    }
    assert!(!page.contains("svpki\\-help(1)") && !page.contains("svpki-help(1)"));
    assert!(!page.contains(".SH EXTRA"));
}
