//! One thing has one name in the JSON of all commands, so that a program that reads one reads the others.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::harness::CliTestEnv;
use super::matrix::LINES;

/// Verbs that answer with words alone, or with a file.
const WITHOUT_JSON: [&str; 13] = [
    "config write",
    "config copy",
    "config delete",
    "roles write",
    "roles delete",
    "roles example",
    "certs export",
    "certs delete",
    "orders cancel",
    "orders delete",
    "plugin install",
    "plugin upgrade",
    "bulk template",
];

/// Calls `found` with each text in it and the name that it stands under.
fn texts<'a>(value: &'a Value, name: &'a str, found: &mut impl FnMut(&'a str, &'a str)) {
    match value {
        Value::String(text) => found(name, text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, name, found)),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, member)| texts(member, name, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_has_one_name_in_the_json_of_all_commands() {
    let mut env = CliTestEnv::at("estate").await;
    let fields = json!({"profile_id": 51, "term": 199, "owner": "shop"});
    env.stage.config("fleet", &fields).await.unwrap();
    let domain = json!({"name": "example.com"});
    super::domains::control(&env, "PUT", "domains", domain).await;
    let role = env.run(
        "roles write edge --config fleet --allowed-domains example.com --allow-subdomains true",
    );
    assert_eq!(role.code, 0, "{}", role.stderr);
    let enroll = "enroll fleet --key-type EC --common-name";
    let mut ids = Vec::new();
    for name in ["www.example.com", "old.example.com", "lost.example.com"] {
        let placed = env.run(&format!("{enroll} {name} -o json"));
        assert_eq!(placed.code, 0, "{}", placed.stderr);
        ids.push(placed.json()["id"].as_str().unwrap().to_owned());
    }
    let [www, old, lost] = ids.as_slice() else {
        panic!("{ids:?}")
    };
    assert_eq!(env.run(&format!("certs delete fleet {lost} --yes")).code, 0);
    let slow = env.run(&format!(
        "{enroll} slow.example.com --profile-id 55 --wait 0 -o json"
    ));
    let order = slow.json()["order_id"].as_str().unwrap().to_owned();
    let hosts = "Common Name,Key Type\nbulk.example.com,EC\n";
    std::fs::write(env.home.path().join("hosts.csv"), hosts).unwrap();
    let result = "hosts.fleet.result.csv";

    let lines = [
        "config list".to_owned(),
        "config read fleet".to_owned(),
        "config test fleet".to_owned(),
        "profile sync fleet".to_owned(),
        "profile list fleet".to_owned(),
        "profile read fleet 51".to_owned(),
        "roles list".to_owned(),
        "roles read edge".to_owned(),
        "issue edge --common-name issued.example.com --key-out issued.key".to_owned(),
        format!("{enroll} placed.example.com"),
        "current fleet www.example.com".to_owned(),
        format!("renew fleet {old}"),
        format!("replace fleet {www} --reason test --key-type EC"),
        format!("certs read fleet {www}"),
        "certs list".to_owned(),
        "orders list".to_owned(),
        format!("orders read fleet {order}"),
        format!("orders look fleet {order}"),
        format!("orders wait fleet {order} --wait 0"),
        "domains start fleet example.com".to_owned(),
        "domains list".to_owned(),
        "domains read fleet example.com".to_owned(),
        "domains check fleet example.com --resolver 127.0.0.1:1".to_owned(),
        "domains wait fleet example.com --wait 0".to_owned(),
        "forecast".to_owned(),
        "check --within 400d".to_owned(),
        "check --within 400d --by owner".to_owned(),
        "reconcile fleet --all".to_owned(),
        format!("fetch fleet {lost}"),
        "plugin verify".to_owned(),
        "plugin status".to_owned(),
        "bulk plan --config fleet hosts.csv".to_owned(),
        "bulk apply --config fleet hosts.csv --yes".to_owned(),
        "bulk status --config fleet hosts.csv".to_owned(),
        format!("bulk retry --config fleet {result} --yes"),
        format!("bulk renew --config fleet {result} --yes --result 2.csv"),
        "bulk replace --config fleet 2.csv --reason test --yes --result 3.csv".to_owned(),
        "bulk revoke --config fleet 2.csv --reason test --yes --result 4.csv".to_owned(),
        format!("revoke fleet {www} --reason test --yes"),
        "doctor".to_owned(),
    ];
    for line in LINES {
        let said = lines.iter().map(String::as_str).chain(WITHOUT_JSON);
        let verb = |words: &str| words.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let known = said.into_iter().any(|ours| match line.split(' ').next() {
            // These have no second word that is a verb.
            Some(
                word @ ("check" | "current" | "enroll" | "fetch" | "forecast" | "issue"
                | "reconcile" | "renew" | "replace" | "revoke"),
            ) => ours.split(' ').next() == Some(word),
            _ => verb(ours) == verb(line),
        });
        assert!(known, "{line}: its JSON is not looked at");
    }

    // What a thing may be called: with the engine's own name, where the design fixes one.
    let scm = env.stage.sim.base_url.clone();
    let mut things: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("estate", ["mount"].as_slice()),
        ("fleet", &["config"]),
        ("edge", &["role"]),
        ("www.example.com", &["common_name", "subject_alt_names"]),
        ("ssl_cert", &["kind", "sectigo_config_type"]),
        ("example.com", &["domain", "allowed_domains"]),
    ]);
    things.insert(&scm, &["base_url", "sectigo_cm_base_url"]);
    things.insert(&order, &["order_id"]);
    things.insert(www, &["id", "sectigo_cert_unique_id", "certificate_ids"]);
    let certificates = env.run("certs list -o json").json();
    let serial = certificates[0]["serial_number"]
        .as_str()
        .unwrap()
        .to_owned();
    // In bulk it is a column of the result file as well.
    things.insert(&serial, &["serial_number", "serial"]);
    let mut seen = BTreeSet::new();
    for line in &lines {
        let told = env.run(&format!("{line} -o json"));
        assert!(
            matches!(told.code, 0 | 5 | 7),
            "{line}: {}{}",
            told.stdout,
            told.stderr
        );
        let said = told.json();
        texts(&said, "", &mut |name, text| {
            if let Some(names) = things.get(text) {
                assert!(
                    names.contains(&name),
                    "{line}: {text:?} is called {name}: {said}"
                );
                seen.insert(name.to_owned());
            }
        });
    }
    for name in things.values().filter_map(|names| names.first()) {
        assert!(seen.contains(*name), "{name} was never seen");
    }
}
