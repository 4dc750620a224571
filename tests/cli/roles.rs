//! `svpki roles` and `svpki issue`: one role from its writing to its end, and one order for one wish.

use std::os::unix::fs::PermissionsExt;

use clap::ValueEnum;
use sectigo_vault_pki::cli::roles::example::{Client, Subject};
use serde_json::{Value, json};

use super::harness::{CliTestEnv, Ran};

/// Certificates that the simulator was asked for.
async fn orders(env: &CliTestEnv) -> u64 {
    let counters = env.stage.sim.control("GET", "counters", Value::Null).await;
    counters.unwrap()["ssl_orders"].as_u64().unwrap()
}

fn done(ran: &Ran) -> &Ran {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    ran
}

fn mode(env: &CliTestEnv, file: &str) -> u32 {
    let path = env.home.path().join(file);
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

const WRITE: &str =
    "roles write edge --config web --allowed-domains example.com --allow-subdomains";

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_written_read_listed_and_deleted_by_its_name() {
    let env = CliTestEnv::open().await;
    let nothing = env.run("roles write edge");
    assert_eq!(nothing.code, 2, "{}", nothing.stderr);
    let without_config = env.run("roles write edge --ttl 90d");
    assert_eq!(without_config.code, 1, "{}", without_config.stderr);
    assert!(
        without_config.stderr.contains("config"),
        "{}",
        without_config.stderr
    );
    done(&env.run(WRITE));
    done(&env.run("roles write edge --reuse role --set owner=shop"));
    let role = done(&env.run("roles read edge -o json")).json();
    for (name, value) in [
        ("config", json!("web")),
        ("allowed_domains", json!(["example.com"])),
        ("allow_subdomains", json!(true)),
        ("reuse", json!("role")),
        ("owner", json!("shop")),
    ] {
        assert_eq!(role[name], value, "{name}: {role}");
    }
    let list = done(&env.run("roles list -o json")).json();
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(
        (&list[0]["role"], &list[0]["mount"], &list[0]["config"]),
        (&json!("edge"), &json!("pki"), &json!("web"))
    );

    let unasked = env.run("roles delete edge --no-input");
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    let mut terminal = env.terminal(&["roles", "delete", "edge"]);
    terminal.answer("Type edge to go on", "web\r");
    assert_eq!(terminal.exit_code(), 1, "{}", terminal.screen());
    done(&env.run("roles read edge"));
    let mut terminal = env.terminal(&["roles", "delete", "edge"]);
    terminal.answer("Type edge to go on", "edge\r");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    for line in [
        "roles read edge",
        "roles delete edge --yes",
        "roles example edge --for agent",
        "issue edge --common-name www.example.com",
    ] {
        let gone = env.run(line);
        assert_eq!(gone.code, 3, "{line}: {}", gone.stderr);
        assert!(
            gone.stderr.contains("no role edge in pki/"),
            "{}",
            gone.stderr
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_issue_twice_is_one_order_and_its_key_shows_only_where_it_was_asked_for() {
    let env = CliTestEnv::open().await;
    done(&env.run(WRITE));
    let line = "issue edge --common-name www.example.com --alt-name api.example.com";
    let first = env.run(&format!("{line} -o json"));
    let second = env.run(&format!("{line} -o json"));
    for ran in [&first, &second, &env.run(line)] {
        done(ran);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("PRIVATE KEY"));
    }
    assert_eq!(
        first.json()["serial_number"],
        second.json()["serial_number"]
    );
    assert_eq!(first.json()["order_id"], second.json()["order_id"]);
    assert!(
        second.stderr.contains("nothing was ordered"),
        "{}",
        second.stderr
    );

    done(&env.run(&format!("{line} --out www.pem --key-out www.key")));
    let read = |file: &str| std::fs::read_to_string(env.home.path().join(file)).unwrap();
    assert!(read("www.pem").matches("BEGIN CERTIFICATE").count() > 1);
    assert!(!read("www.pem").contains("PRIVATE KEY") && read("www.key").contains("PRIVATE KEY"));
    assert_eq!(
        (mode(&env, "www.pem"), mode(&env, "www.key")),
        (0o644, 0o600)
    );
    let again = env.run(&format!("{line} --key-out www.key"));
    assert_eq!(again.code, 2, "{}", again.stderr);

    let unsaid = env.run(&format!("{line} --format pem_bundle"));
    assert_eq!(unsaid.code, 2, "{}", unsaid.stderr);
    let bundle = env.run(&format!("{line} --format pem_bundle --out all.pem -o json"));
    assert!(
        !done(&bundle).stdout.contains("PRIVATE KEY"),
        "{}",
        bundle.stdout
    );
    assert!(read("all.pem").contains("PRIVATE KEY") && read("all.pem").contains("CERTIFICATE"));
    assert_eq!(mode(&env, "all.pem"), 0o600);

    done(&env.run(&format!(
        "{line} --format der --out www.der --key-out der.key"
    )));
    let der = std::fs::read(env.home.path().join("www.der")).unwrap();
    let pem = read("www.pem");
    let leaf = pem.split_inclusive("-----END CERTIFICATE-----").next();
    let pem = pki::Certificate::parse_pem_or_der(leaf.unwrap().as_bytes()).unwrap();
    assert_eq!(der, pem.der());
    assert_eq!(mode(&env, "der.key"), 0o600);
    let shown = env.run(&format!("{line} --show-key"));
    assert!(done(&shown).stdout.contains("PRIVATE KEY"));

    // Keystores are made here: the password goes nowhere, and the line end of its file is no part of it.
    std::fs::write(env.home.path().join("password"), "changeit\r\n").unwrap();
    let nowhere = env.run(&format!("{line} --format pkcs12 --password-file password"));
    assert_eq!(nowhere.code, 2, "{}", nowhere.stderr);
    for format in ["pkcs12", "pkcs12_legacy", "jks"] {
        let made = env.run(&format!(
            "{line} --format {format} --password-file password --out www.{format} -o json"
        ));
        assert!(!done(&made).stdout.contains("PRIVATE KEY"), "{format}");
        assert_eq!(mode(&env, &format!("www.{format}")), 0o600);
    }
    let path = |file: &str| env.home.path().join(file).to_str().unwrap().to_owned();
    let opened = std::process::Command::new("openssl")
        .args([
            "pkcs12",
            "-in",
            &path("www.pkcs12"),
            "-passin",
            "pass:changeit",
            "-nodes",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&opened.stdout).into_owned();
    assert!(
        text.contains("PRIVATE KEY") && text.matches("BEGIN CERTIFICATE").count() > 1,
        "{opened:?}"
    );
    let jks = std::fs::read(path("www.jks")).unwrap();
    assert_eq!(jks[..4], [0xfe, 0xed, 0xfe, 0xed]);
    assert_eq!(orders(&env).await, 1);

    let rows = done(&env.run("certs list -o json")).json();
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["role"] == "edge");
    let id = row.unwrap_or_else(|| panic!("{rows}"))["id"]
        .as_str()
        .unwrap();
    assert!(
        done(&env.run(&format!("certs read web {id}")))
            .stdout
            .contains("edge")
    );
    let csv = done(&env.run("certs list -o csv")).stdout.clone();
    assert!(csv.lines().next().unwrap().contains("role"), "{csv}");
    let found = env.run("check --within 400d -o json");
    assert_eq!(found.code, 7, "{}", found.stderr);
    let found = found.json();
    let of_role = found
        .as_array()
        .unwrap()
        .iter()
        .any(|finding| finding["role"] == "edge");
    assert!(of_role, "{found}");
    let metrics = env.run("check --prometheus");
    assert!(
        metrics.stdout.contains("role=\"edge\""),
        "{}",
        metrics.stdout
    );
}

/// Nobody approves for a while: the command waits as long as it was told to, for one order.
#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_is_told_to_wait_waits_longer_than_its_role() {
    let env = CliTestEnv::open().await;
    env.rules(json!([{"delay": "4s"}])).await;
    done(&env.run(&format!("{WRITE} --max-wait 1s")));
    let ran = env.run("issue edge --common-name www.example.com --wait 60 -o json");
    assert!(
        done(&ran).json()["serial_number"].is_string(),
        "{}",
        ran.stderr
    );
    assert_eq!(orders(&env).await, 1);
}

/// SCM is slow before there is an order: the command gave up at the first answer, and told the operator to find out
/// whether something was ordered.
#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_is_told_to_wait_gave_up_before_there_was_an_order() {
    let env = CliTestEnv::open().await;
    env.rules(json!([{"call": "types", "slow": "8s"}])).await;
    done(&env.run(&format!("{WRITE} --max-wait 1s")));
    let line = "issue edge --common-name www.example.com";
    let short = env.run(&format!("{line} -o json"));
    assert_eq!(short.code, 5, "{}{}", short.stdout, short.stderr);
    assert_eq!(short.json()["status"], "pending");
    assert!(
        !short.stderr.contains("it is not known whether"),
        "{}",
        short.stderr
    );
    let ran = env.run(&format!("{line} --wait 60 -o json"));
    assert!(
        done(&ran).json()["serial_number"].is_string(),
        "{}",
        ran.stderr
    );
    assert_eq!(orders(&env).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_waits_says_for_what_and_the_same_command_gets_its_certificate() {
    let env = CliTestEnv::open().await;
    env.rules(json!([{"approval": true}])).await;
    done(&env.run(&format!("{WRITE} --max-wait 1s")));
    let line = "issue edge --common-name www.example.com";
    // On a busy machine the first answers may come before the order is stored, or before SCM has taken it.
    let mut pending = env.run(&format!("{line} -o json"));
    for _ in 0..60 {
        assert_eq!(pending.code, 5, "{}{}", pending.stdout, pending.stderr);
        if pending.json()["waits"] == "it waits for approval" {
            break;
        }
        pending = env.run(&format!("{line} -o json"));
    }
    let order = pending.json()["order_id"].as_str().unwrap().to_owned();
    assert_eq!(pending.json()["config"], "web");
    assert_eq!(pending.json()["waits"], "it waits for approval");
    let table = env.run(line);
    assert_eq!(table.code, 5, "{}", table.stderr);
    assert!(table.stdout.contains(&order) && table.stdout.contains("it waits for approval"));
    assert!(
        table
            .stderr
            .contains(&format!("svpki orders wait web {order}")),
        "{}",
        table.stderr
    );
    assert_eq!(orders(&env).await, 1);
    let refused = env.run("issue edge --common-name www.example.net");
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("www.example.net"),
        "{}",
        refused.stderr
    );

    let scm = &env.stage.sim;
    let listed = scm.control("GET", "orders", Value::Null).await.unwrap();
    let approve = format!("orders/{}/approve", listed["orders"][0]["id"]);
    scm.control("POST", &approve, json!({})).await.unwrap();
    // It asks SCM itself: the plugin does once a minute.
    done(&env.run(&format!("orders wait web {order} --wait 20")));
    let issued = env.run(&format!("{line} -o json"));
    assert_eq!(done(&issued).json()["order_id"], order.as_str());
    assert_eq!(orders(&env).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_for_its_key_nothing_is_ordered_that_vault_does_not_keep() {
    let env = CliTestEnv::open().await;
    done(&env.run(WRITE));
    done(&env.run("config write web --key-storage once"));
    let line = "issue edge --common-name www.example.com";
    let refused = env.run(line);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("--key-out"), "{}", refused.stderr);
    env.stage
        .server
        .must(
            "PUT",
            "sys/policies/acl/issuer",
            Some(&json!({"policy": "path \"pki/issue/edge\" { capabilities = [\"update\"] }"})),
        )
        .await
        .unwrap();
    let token = env.token(&["issuer"]).await;
    let issue = |line: &str| {
        let mut command = env.command(line);
        command.env("VAULT_TOKEN", &token);
        super::harness::ran(command, "")
    };
    let refused = issue(&format!("{line} --mount pki"));
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("nothing was ordered"),
        "{}",
        refused.stderr
    );
    assert_eq!(orders(&env).await, 0);
    done(&issue(&format!("{line} --mount pki --key-out www.key")));
    assert_eq!(orders(&env).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_example_holds_mount_role_and_name_and_no_secret() {
    let env = CliTestEnv::open().await;
    done(&env.run(WRITE));
    for client in Client::value_variants() {
        let client = client.to_possible_value().unwrap();
        let client = client.get_name();
        let example = env.run(&format!("roles example edge --for {client}"));
        let text = &done(&example).stdout;
        let role = if client == "nginx" {
            "current/web"
        } else {
            "edge"
        };
        for word in ["pki", role, "www.example.com"] {
            assert!(text.contains(word), "{client}: {word}: {text}");
        }
        let secrets = [env.stage.server.token(), &env.stage.sim.password, "@"];
        for word in secrets {
            assert!(!text.contains(word), "{client}: {text}");
        }
        let other = env.run(&format!(
            "roles example edge --for {client} --common-name api.example.com"
        ));
        assert!(done(&other).stdout.contains("api.example.com"), "{client}");
    }
    let strange = env.run("roles example edge --for vso --common-name '*.example.com'");
    assert_eq!(strange.code, 2, "{}", strange.stderr);
}

#[test]
fn the_examples_are_those_of_the_documentation() {
    let page = std::fs::read_to_string("docs/clients.md").unwrap();
    for client in Client::value_variants() {
        let text = client.example(Subject {
            address: "https://vault.example.com:8200",
            mount: "sectigo",
            config: "web",
            role: "web",
            name: "www.example.com",
        });
        assert!(
            page.contains(&format!("\n{text}```\n")),
            "{client:?}:\n{text}"
        );
    }
}
