//! Every verb, in every form of output, and under every condition that can stop it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::harness::{CliTestEnv, Ran, ran, shown, svpki};

/// A line for each verb that asks the server. Those that want a terminal, `tui`, `init` and `config wizard`, have tests
/// of their own; `doctor` reports what stops the others.
pub const LINES: [&str; 51] = [
    "config list",
    "config read web",
    "config write web --term 90",
    "config copy web web2",
    "config delete web --yes",
    "config test web",
    "profile sync web",
    "profile list web",
    "profile read web 51",
    "enroll web --common-name www.example.com --key-type EC",
    "roles list",
    "roles read web",
    "roles write web --config web",
    "roles delete web --yes",
    "roles example web --for agent",
    "issue web --common-name www.example.com",
    "certs list",
    "certs read web 1001_example",
    "certs export web 1001_example",
    "certs delete web 1001_example --yes",
    "current web www.example.com",
    "renew web 1001_example",
    "revoke web 1001_example --reason test --yes",
    "replace web 1001_example --reason test --key-type EC",
    "fetch web 1001_example",
    "orders list",
    "orders read web 000000000000000000000000",
    "orders look web 000000000000000000000000",
    "orders cancel web 000000000000000000000000 --yes",
    "orders delete web 000000000000000000000000 --yes",
    "orders wait web 000000000000000000000000 --wait 1",
    "domains list web",
    "domains read web example.com",
    "domains start web example.com",
    "domains check web example.com --resolver 127.0.0.1:1",
    "domains wait web example.com --wait 1",
    "forecast",
    "check",
    "reconcile web",
    "plugin install --path other --binary ca.pem",
    "plugin upgrade --path pki --binary ca.pem",
    "plugin verify",
    "plugin status",
    "bulk template --config web --out template.csv --format csv",
    "bulk plan --config web hosts.csv",
    "bulk apply --config web hosts.csv --yes",
    "bulk status --config web hosts.csv",
    "bulk retry --config web hosts.web.result.csv --yes",
    "bulk renew --config web hosts.web.result.csv --yes",
    "bulk revoke --config web hosts.web.result.csv --reason test --yes",
    "bulk replace --config web hosts.web.result.csv --reason test --yes",
];

/// The forms of output.
const FORMS: [&str; 4] = ["table", "json", "yaml", "csv"];

#[test]
fn no_verb_is_forgotten() {
    fn leaves(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        for sub in command.get_subcommands() {
            let path = format!("{path}{}", sub.get_name());
            if sub.has_subcommands() {
                leaves(sub, &format!("{path} "), found);
            } else {
                found.insert(path);
            }
        }
    }
    let mut verbs = BTreeSet::new();
    leaves(&sectigo_vault_pki::cli::command(), "", &mut verbs);
    let elsewhere = [
        "completions",
        "config wizard",
        "demo",
        "doctor",
        "init",
        "man",
        "tui",
    ];
    let missing: Vec<&String> = verbs
        .iter()
        .filter(|verb| !elsewhere.contains(&verb.as_str()))
        .filter(|verb| !LINES.iter().any(|line| line.starts_with(verb.as_str())))
        .collect();
    assert!(missing.is_empty(), "without a line: {missing:?}");
}

/// Runs every line as people and as programs do; wants the exit code and the kind, and nothing on standard output.
fn stopped(run: impl Fn(&str) -> Ran, code: i32, kind: &str) -> String {
    let mut text = String::new();
    for line in LINES {
        let told = run(line);
        assert_eq!(
            (told.code, told.stdout.as_str()),
            (code, ""),
            "{line}: {}",
            told.stderr
        );
        text.push_str(&shown(line, &told));
        let machine = run(&format!("{line} -o json"));
        assert_eq!(
            (machine.code, machine.stdout.as_str()),
            (code, ""),
            "{line}"
        );
        let error = machine.error();
        assert_eq!(error["kind"], kind, "{line}: {error}");
        for member in ["message", "hint", "scm_code"] {
            assert!(error.get(member).is_some(), "{line}: {error}");
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_that_is_stopped() {
    let env = CliTestEnv::open().await;
    let home = env.home.path();
    std::fs::write(home.join("ca.pem"), &env.stage.sim.ca_pem).unwrap();
    env.enrol("www.example.com").await;
    std::fs::write(home.join("hosts.csv"), "Common Name\na.example.com\n").unwrap();
    let placed = env.run("bulk apply --config web hosts.csv --yes");
    assert_eq!(placed.code, 0, "{}", placed.stderr);
    let at = |line: &str, address: &str| {
        let mut command = svpki(home, line);
        command.env("VAULT_ADDR", address).env("VAULT_TOKEN", "any");
        ran(command, "")
    };

    let usage = stopped(|line| env.run(&format!("{line} --nonsense")), 2, "usage");
    assert!(
        usage.contains("unexpected argument '--nonsense'"),
        "{usage}"
    );

    let port = dev_server::free_port().unwrap();
    let nobody = format!("http://127.0.0.1:{port}");
    let text = stopped(|line| at(line, &nobody), 1, "unreachable");
    insta::assert_snapshot!("stopped_no_server", text.replace(&nobody, "http://NOBODY"));

    // SCM's own port stands for a server whose CA nobody here trusts.
    let text = stopped(|line| at(line, &env.stage.sim.https_url), 1, "tls");
    insta::assert_snapshot!("stopped_wrong_ca", env.redact(&text));

    let token = env.token(&["default"]).await;
    let denied = |line: &str| {
        let mut command = env.command(&format!("{line} --mount pki"));
        command.env("VAULT_TOKEN", &token);
        ran(command, "")
    };
    let text = stopped(denied, 4, "denied");
    assert!(!text.contains(&token));
    insta::assert_snapshot!("stopped_denied", env.redact(&text));

    let mut text = String::new();
    for line in [
        "config read nope",
        "config delete nope --yes",
        "config test nope",
        "profile sync nope",
        "profile read web 999",
        "enroll nope --common-name www.example.com",
        "certs read web 7_example",
        "certs export web 7_example",
        "certs delete web 7_example --yes",
        "renew web 7_example",
        "revoke web 7_example --reason test --yes",
        "replace web 7_example --reason test",
        "fetch web 7_example",
        "orders read web 000000000000000000000000",
        "orders cancel web 000000000000000000000000 --yes",
        "orders wait web 000000000000000000000000 --wait 1",
        "reconcile nope",
        "bulk template --config nope --out template.csv --format csv",
        "bulk plan --config nope hosts.csv",
        "bulk apply --config nope hosts.csv --yes",
        "bulk status --config nope hosts.csv",
        "bulk retry --config nope hosts.web.result.csv --yes",
        "bulk renew --config nope hosts.web.result.csv --yes",
        "bulk revoke --config nope hosts.web.result.csv --reason test --yes",
        "bulk replace --config nope hosts.web.result.csv --reason test --yes",
        "certs list nope",
        "check nope",
        "certs list --mount nowhere",
        "check --mount nowhere",
    ] {
        let told = env.run(line);
        assert_eq!(
            (told.code, told.stdout.as_str()),
            (3, ""),
            "{line}: {}",
            told.stderr
        );
        let error = env.run(&format!("{line} -o json")).error();
        assert_eq!(error["kind"], "not_found", "{line}: {error}");
        text.push_str(&shown(line, &told));
    }
    insta::assert_snapshot!("stopped_not_found", env.redact(&text));

    env.seal().await;
    let text = stopped(|line| env.run(line), 1, "sealed");
    insta::assert_snapshot!("stopped_sealed", env.redact(&text));
}

/// Whether a reader of that form can read it, or nothing at all was written.
fn well_formed(form: &str, text: &str) -> bool {
    match form {
        _ if text.is_empty() => true,
        "json" => serde_json::from_str::<Value>(text).is_ok(),
        // Rows of other lengths than the head's are refused.
        "csv" => csv::Reader::from_reader(text.as_bytes())
            .records()
            .all(|row| row.is_ok()),
        _ => text.ends_with('\n'),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_in_every_form() {
    let mut env = CliTestEnv::open().await;
    for number in 1..=5 * FORMS.len() {
        env.enrol(&format!("host-{number}.example.com")).await;
    }
    let mut text = String::new();
    for (number, form) in FORMS.into_iter().enumerate() {
        let spare = format!("spare-{form}");
        env.stage.config(&spare, &json!({})).await.unwrap();
        let id = |group: usize| format!("{}_example", 1001 + group * FORMS.len() + number);
        let (renewed, replaced, revoked, forgotten, lost) = (id(0), id(1), id(2), id(3), id(4));
        let hosts = format!("Common Name,Key Type\nrow-{form}.example.com,EC\n");
        std::fs::write(env.home.path().join(format!("{form}.csv")), hosts).unwrap();
        let run = |line: String, code: i32| {
            let line = format!("{line} -o {form}");
            let told = env.run(&line);
            assert_eq!(told.code, code, "{line}: {}{}", told.stdout, told.stderr);
            (shown(&line, &told), told)
        };
        for (line, code) in [
            (format!("plugin install --path p-{form} --copy"), 0),
            (format!("plugin install --path p-{form}"), 2),
            (format!("plugin upgrade --path p-{form} --copy"), 0),
            ("plugin verify".to_owned(), 0),
            ("doctor".to_owned(), 0),
            ("doctor --fix".to_owned(), 0),
            ("config list".to_owned(), 0),
            ("config test web".to_owned(), 0),
            ("config read web".to_owned(), 0),
            ("config write web --term 199".to_owned(), 0),
            (format!("config delete {spare} --yes"), 0),
            ("profile sync web 51".to_owned(), 0),
            ("profile list web".to_owned(), 0),
            ("profile read web 51".to_owned(), 0),
            (
                format!("enroll web --common-name {form}.example.com --key-type EC"),
                0,
            ),
            (format!("renew web {renewed}"), 0),
            (
                format!("replace web {replaced} --reason test --key-type EC"),
                0,
            ),
            (format!("revoke web {revoked} --reason test --yes"), 0),
            (format!("certs read web {revoked}"), 0),
            (format!("certs export web {replaced}"), 0),
            (format!("certs delete web {forgotten} --yes"), 0),
            ("reconcile web".to_owned(), 7),
            (format!("fetch web {forgotten}"), 0),
            (format!("certs delete web {lost} --yes"), 0),
            ("reconcile web --import".to_owned(), 0),
            ("reconcile web".to_owned(), 0),
            ("certs list --sort common_name --limit 3".to_owned(), 0),
            (
                format!("bulk template --config web --format csv --out {form}-template.csv"),
                0,
            ),
            (format!("bulk plan --config web {form}.csv"), 0),
            (format!("bulk apply --config web {form}.csv --yes"), 0),
            (format!("bulk status --config web {form}.csv"), 0),
            (
                format!("bulk retry --config web {form}.web.result.csv --yes"),
                0,
            ),
            (
                format!(
                    "bulk renew --config web {form}.web.result.csv --yes --result {form}-2.csv"
                ),
                0,
            ),
            (
                format!(
                    "bulk replace --config web {form}-2.csv --reason test --yes --result {form}-3.csv"
                ),
                0,
            ),
            (
                format!(
                    "bulk revoke --config web {form}-2.csv --reason test --yes --result {form}-4.csv"
                ),
                0,
            ),
        ] {
            let (shown, told) = run(line, code);
            let pem = told.stdout.starts_with("-----BEGIN ");
            assert!(pem || well_formed(form, &told.stdout), "{shown}");
            text.push_str(&shown);
        }
        // What these say depends on the second, and on how long the paths are.
        let name = format!("slow-{form}.example.com");
        // Profile 55 waits for an approver.
        let slow = format!("enroll web --common-name {name} --profile-id 55 --key-type EC");
        let (_, placed) = run(format!("{slow} --wait 1"), 5);
        let listed = env.run("orders list -o json").json();
        let order = listed
            .as_array()
            .and_then(|orders| {
                orders
                    .iter()
                    .find(|order| order["common_name"] == name.as_str())
            })
            .and_then(|order| order["order_id"].as_str())
            .unwrap();
        let (_, orders) = run("orders list".to_owned(), 0);
        let (_, read) = run(format!("orders read web {order}"), 0);
        let (_, waited) = run(format!("orders wait web {order} --wait 0"), 5);
        let (_, checked) = run("check --within 400d".to_owned(), 7);
        let (_, status) = run("plugin status".to_owned(), 0);
        for (told, word) in [
            (checked, "automatic renewal is off"),
            (status, "pki"),
            (placed, name.as_str()),
            (orders, &name),
            (read, &name),
            (waited, &name),
        ] {
            assert!(well_formed(form, &told.stdout), "{form}: {}", told.stdout);
            let said = told.stdout + &told.stderr;
            assert!(said.contains(word), "{form}: {word}: {said}");
        }
        let (shown, _) = run(format!("orders cancel web {order} --yes"), 0);
        text.push_str(&shown);
        let (_, ended) = run(format!("orders wait web {order} --wait 0"), 1);
        assert!(
            ended.stderr.contains("ended as cancelled"),
            "{}",
            ended.stderr
        );
    }
    insta::assert_snapshot!("forms", env.redact(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_that_orders_may_be_left_waiting() {
    let env = CliTestEnv::open().await;
    for number in 1..=4 * FORMS.len() {
        env.enrol(&format!("host-{number}.example.com")).await;
    }
    env.rules(json!([{"approval": true}, {"call": "replace", "delay": "1h"}]))
        .await;
    let mut text = String::new();
    for (number, form) in FORMS.into_iter().enumerate() {
        let id = |group: usize| format!("{}_example", 1001 + group * FORMS.len() + number);
        let file = |name: &str, text: String| {
            std::fs::write(env.home.path().join(name), text).unwrap();
            name.to_owned()
        };
        let hosts = file(
            &format!("{form}.csv"),
            format!("Common Name,Key Type\nrow-{form}.example.com,EC\n"),
        );
        let renewed = file(&format!("{form}-renew.csv"), format!("Id\n{}\n", id(2)));
        let replaced = file(&format!("{form}-replace.csv"), format!("Id\n{}\n", id(3)));
        for line in [
            format!("enroll web --common-name {form}.example.com --key-type EC --wait 0"),
            format!("renew web {} --wait 0", id(0)),
            format!("replace web {} --reason test --wait 0", id(1)),
            format!("bulk apply --config web {hosts} --yes"),
            format!("bulk status --config web {hosts}"),
            format!("bulk renew --config web {renewed} --yes"),
            format!("bulk replace --config web {replaced} --reason test --yes"),
        ] {
            let line = format!("{line} -o {form}");
            let told = env.run(&line);
            assert_eq!(told.code, 5, "{line}: {}{}", told.stdout, told.stderr);
            assert!(well_formed(form, &told.stdout), "{line}: {}", told.stdout);
            text.push_str(&shown(&line, &told));
        }
    }
    insta::assert_snapshot!("pending", env.redact(&text));
}

/// An order that may be at SCM is given up only by who says so twice.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_in_doubt_is_given_up_with_force() {
    let env = CliTestEnv::open().await;
    env.rules(json!([{"call": "enroll", "drop": "after"}]))
        .await;
    let mut text = String::new();
    for form in FORMS {
        let name = format!("doubt-{form}.example.com");
        let placed = env.run(&format!(
            "enroll web --common-name {name} --key-type EC --wait 0 -o json"
        ));
        assert_eq!(placed.code, 5, "{}", placed.stderr);
        let order = placed.json()["order_id"].as_str().unwrap().to_owned();
        let cancel = format!("orders cancel web {order}");
        for (line, code) in [
            (format!("{cancel} --yes"), 1),
            (format!("{cancel} --force --no-input"), 2),
            (format!("{cancel} --force --yes"), 0),
            (format!("{cancel} --yes"), 0),
            (format!("orders delete web {order} --yes"), 0),
            (format!("{cancel} --yes"), 3),
        ] {
            let line = format!("{line} -o {form}");
            let told = env.run(&line);
            assert_eq!(told.code, code, "{line}: {}{}", told.stdout, told.stderr);
            text.push_str(&shown(&line, &told));
        }
    }
    // A person is told what may happen, and types the name.
    let placed = env
        .run("enroll web --common-name doubt.example.com --key-type EC --wait 0 -o json")
        .json();
    let order = placed["order_id"].as_str().unwrap();
    let mut person = env.terminal(&["orders", "cancel", "web", order, "--force"]);
    person.wait_for("SCM may have it and issue it all the same");
    person.answer("Type doubt.example.com to go on", "doubt.example.com\r");
    assert_eq!(person.exit_code(), 0, "{}", person.screen());
    insta::assert_snapshot!("doubt", env.redact(&text));
}

/// What stops the others is what `doctor` is for.
#[tokio::test(flavor = "multi_thread")]
async fn doctor_in_every_condition() {
    let env = CliTestEnv::open().await;
    let port = dev_server::free_port().unwrap();
    let nobody = format!("http://127.0.0.1:{port}");
    let denied = env.token(&["default"]).await;
    let (address, root) = (env.stage.server.address(), env.stage.server.token());
    let scm = env.stage.sim.https_url.as_str();
    let mut text = String::new();
    let mut examine = |what: &str, address: &str, token: &str| {
        for form in FORMS {
            for fix in ["", " --fix"] {
                let line = format!("doctor{fix} -o {form}");
                let mut command = env.command(&line);
                command.env("VAULT_ADDR", address).env("VAULT_TOKEN", token);
                let told = ran(command, "");
                assert_eq!(told.code, 7, "{what}: {line}: {}", told.stderr);
                assert!(
                    well_formed(form, &told.stdout),
                    "{what}: {line}: {}",
                    told.stdout
                );
                text.push_str(&shown(&format!("{line}    # {what}"), &told));
            }
        }
    };
    examine("no server", &nobody, root);
    examine("wrong CA", scm, root);
    examine("denied", address, &denied);
    examine("unknown token", address, "s.unknown");
    env.seal().await;
    examine("sealed", address, root);
    assert!(!text.contains(&denied) && !text.contains("s.unknown"));
    let text = text.replace(&nobody, "http://NOBODY");
    insta::assert_snapshot!("doctor", env.redact(&text));
}
