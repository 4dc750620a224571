//! A team's token, with rights on one config of a mount: what `doctor --for` prints is enough, and shows no other.

use serde_json::{Value, json};

use super::harness::{CliTestEnv, Ran, binary, ran};

struct Team<'env> {
    env: &'env CliTestEnv,
    token: String,
}

impl<'env> Team<'env> {
    /// A token with what `svpki doctor` prints for it.
    async fn of(env: &'env CliTestEnv, doctor: &str, name: &str) -> Self {
        let printed = env.run(doctor);
        assert_eq!(printed.code, 0, "{}", printed.stderr);
        let body = json!({"policy": printed.stdout});
        env.stage
            .server
            .must("PUT", &format!("sys/policies/acl/{name}"), Some(&body))
            .await
            .unwrap();
        Self {
            env,
            token: env.token(&[name]).await,
        }
    }

    fn run(&self, line: &str) -> Ran {
        let mut command = self.env.command(line);
        command.env("VAULT_TOKEN", &self.token);
        ran(command, "")
    }

    fn well(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.code, 0, "{line}: {}{}", ran.stdout, ran.stderr);
        ran
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_with_rights_on_one_config_uses_the_tool_on_it() {
    let mut env = CliTestEnv::open().await;
    let fields = json!({"profile_id": 51, "term": 199});
    env.stage.config("other", &fields).await.unwrap();
    let ordered = env.run("enroll other --common-name hidden.example.com --key-type EC");
    assert_eq!(ordered.code, 0, "{}", ordered.stderr);
    assert_eq!(env.run("doctor --for team").code, 2);
    let team = Team::of(&env, "doctor --for team web", "team-web").await;

    let ordered = team.well("enroll web --common-name www.example.com --key-type EC -o json");
    let id = ordered.json()["sectigo_cert_unique_id"].clone();
    // With and without the config's name, on a mount that it may not see as a whole.
    for line in ["certs list web -o json", "certs list -o json"] {
        let listed = team.well(line).json();
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{line}: {listed}");
        assert_eq!(listed[0]["id"], id, "{line}");
    }
    for line in [
        "check web",
        "check",
        "certs read web www.example.com",
        "certs export web www.example.com --format pem_bundle",
        "current web www.example.com --out www.pem --key-out www.key",
        "orders list",
        "profile list web",
        "domains list web",
        "renew web www.example.com -o json",
    ] {
        team.well(line);
    }
    let hosts = "common_name,key_type\nshop.example.com,EC\n";
    std::fs::write(env.home.path().join("hosts.csv"), hosts).unwrap();
    let plan = team.well("bulk plan hosts.csv --config web -o json").json();
    assert_eq!(plan["summary"]["orders"], 1, "{plan}");
    let looked = team.run("doctor web");
    assert!(
        looked
            .stdout
            .contains("the token may do all that a team needs"),
        "{}",
        looked.stdout
    );

    for line in [
        "certs list other",
        "config read other",
        "enroll other --common-name x.example.com",
        "config write web --term 90",
    ] {
        let refused = team.run(line);
        assert_eq!(
            refused.code, 4,
            "{line}: {}{}",
            refused.stdout, refused.stderr
        );
    }

    // A policy that still names a config that is gone hides no other.
    let policy = "path \"pki/inventory/gone\" { capabilities = [\"read\"] }\n\
                  path \"pki/health/gone\" { capabilities = [\"read\"] }\n\
                  path \"pki/inventory/other\" { capabilities = [\"deny\"] }\n";
    let body = json!({"policy": policy});
    env.stage
        .server
        .must("PUT", "sys/policies/acl/gone", Some(&body))
        .await
        .unwrap();
    let both = Team {
        env: &env,
        token: env.token(&["team-web", "gone"]).await,
    };
    let listed = both.well("certs list -o json").json();
    assert_eq!(listed[0]["config"], "web", "{listed}");
    both.well("check");

    let mut dashboard =
        env.terminal_at(binary(), &["tui"], env.stage.server.address(), &team.token);
    dashboard.press("2");
    dashboard.wait_until_said("www.example.com");
    assert!(!dashboard.said().contains("hidden.example.com"));
    dashboard.press("q");
    assert_eq!(dashboard.exit_code(), 0, "{}", dashboard.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_with_the_printed_policy_checks_the_mount_and_nothing_else() {
    let env = CliTestEnv::open().await;
    env.enrol("www.example.com").await;
    let monitor = Team::of(&env, "doctor --for monitor", "monitor").await;
    let metrics = monitor.well("check --prometheus");
    assert!(
        metrics
            .stdout
            .contains("svpki_certificates{mount=\"pki\",status=\"issued\"} 1"),
        "{}",
        metrics.stdout
    );
    let as_json: Value = monitor.well("check -o json").json();
    assert_eq!(as_json, json!([]));
    assert_eq!(monitor.run("certs read web www.example.com").code, 4);
    assert_eq!(env.run("doctor web --for monitor").code, 2);

    // A trouble of a config belongs to whom the config's own labels name.
    let labels = json!({"owner": "shop"});
    env.stage
        .server
        .must("PUT", "pki/configs/web", Some(&labels))
        .await
        .unwrap();
    env.run_with("config write web --password-stdin", "wrong\n");
    assert_eq!(env.run("config test web").code, 1);
    let of_shop = monitor.run("check --owner shop -o json");
    assert_eq!(of_shop.code, 7, "{}{}", of_shop.stdout, of_shop.stderr);
    assert_eq!(of_shop.json()[0]["finding"], "login_refused");
    let by_owner = monitor.run("check --by owner -o json").json();
    assert_eq!(by_owner[0]["name"], "shop", "{by_owner}");
}

/// Whether the wait takes seconds or a minute is the token's matter, and nobody guesses it.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_only_read_orders_is_told_so_once() {
    let env = CliTestEnv::open().await;
    let slow = "enroll web --common-name slow.example.com --profile-id 55 --key-type EC --wait 0";
    let placed = env.run(&format!("{slow} -o json"));
    assert_eq!(placed.code, 5, "{}", placed.stderr);
    let order = placed.json()["order_id"].as_str().unwrap().to_owned();
    let body = json!({"policy": "path \"pki/orders/web/*\" { capabilities = [\"read\"] }"});
    let policy = "sys/policies/acl/orders";
    let server = &env.stage.server;
    server.must("PUT", policy, Some(&body)).await.unwrap();
    let token = env.token(&["orders"]).await;
    let reader = Team { env: &env, token };
    let told = format!(
        "warning: this token may not ask SCM itself (needs update on pki/orders/web/{order}): waiting for the \
         plugin's own look, once a minute"
    );
    // Long enough for the second time at which a token that may would ask SCM.
    let waited = reader.run(&format!("orders wait web {order} --mount pki --wait 15"));
    assert_eq!(waited.code, 5, "{}", waited.stderr);
    assert_eq!(waited.stderr.matches(&told).count(), 1, "{}", waited.stderr);
    let may = env.run(&format!("orders wait web {order} --wait 2"));
    assert_eq!((may.code, may.stderr.as_str()), (5, ""));
}
