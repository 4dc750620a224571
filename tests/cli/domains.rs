//! `svpki domains` and `svpki forecast`, from the record to the validation.

use serde_json::{Value, json};

use crate::dns::Dns;
use crate::harness::CliTestEnv;

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_from_its_record_to_its_validation() {
    let env = CliTestEnv::open().await;
    let dns = Dns::start();
    let switches = json!({"dcv_resolver": dns.address});
    control(&env, "PATCH", "switches", switches).await;
    for name in ["one-example.com", "two-example.com"] {
        control(&env, "PUT", "domains", json!({"name": name})).await;
    }
    let started = env.run("domains start web one-example.com two-example.com --print bind");
    assert_eq!(started.code, 0, "{}", started.stderr);
    let lines: Vec<&str> = started.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", started.stdout);
    let words: Vec<&str> = lines[0].split(' ').collect();
    let [name, "300", "IN", "CNAME", target] = words[..] else {
        panic!("{}", lines[0])
    };
    assert!(
        name.starts_with('_')
            && name.ends_with(".one-example.com.")
            && target.ends_with(".sectigo.com.")
    );

    let route53 = env.run("domains list web --print route53");
    let batch: Value = serde_json::from_str(&route53.stdout).unwrap();
    assert_eq!(batch["Changes"][0]["ResourceRecordSet"]["Name"], name);
    assert_eq!(batch["Changes"].as_array().unwrap().len(), 2);

    let check = format!(
        "domains check web one-example.com --resolver {}",
        dns.address
    );
    let missing = env.run(&check);
    assert_eq!(missing.code, 7, "{}", missing.stderr);
    assert!(
        missing.stdout.contains("missing") && missing.stdout.contains("publish"),
        "{}",
        missing.stdout
    );

    dns.cname(name, target);
    dns.caa("one-example.com.", "letsencrypt.org");
    let json = format!("{check} -o json");
    let forbidden: Value = serde_json::from_str(&env.run(&json).stdout).unwrap();
    assert_eq!(
        (&forbidden[0]["record"], &forbidden[0]["caa"]),
        (&json!(""), &json!("forbidden"))
    );
    assert_eq!(forbidden[0]["status"], "validated");
    dns.caa("one-example.com.", "sectigo.com");
    let proven = env.run(&check);
    assert_eq!(proven.code, 0, "{}{}", proven.stdout, proven.stderr);
    let read: Value =
        serde_json::from_str(&env.run("domains read web one-example.com -o json").stdout).unwrap();
    assert_eq!(
        (&read["status"], &read["method"]),
        (&json!("validated"), &json!("cname"))
    );

    dns.break_dnssec("two-example.com.");
    let broken = env.run(&format!(
        "domains check web two-example.com --resolver {}",
        dns.address
    ));
    assert_eq!(broken.code, 7);
    assert!(broken.stdout.contains("broken"), "{}", broken.stdout);
    let waits = env.run("domains wait web two-example.com --wait 0");
    assert_eq!(waits.code, 5, "{}", waits.stderr);
    control(&env, "POST", "domains/two-example.com/validate", json!({})).await;
    let waited = env.run("domains wait web two-example.com");
    assert_eq!(waited.code, 0, "{}", waited.stderr);

    env.enrol("www.one-example.com").await;
    let forecast = env.run("forecast --until 2030-01-01 -o json");
    assert_eq!(forecast.code, 0, "{}", forecast.stderr);
    let forecast: Value = serde_json::from_str(&forecast.stdout).unwrap();
    assert_eq!(forecast["summary"]["certificates"], 1);
    assert_eq!(
        forecast["summary"]["expires"], 1,
        "automatic renewal is off"
    );
    assert!(
        forecast["summary"]["validations"].as_u64().unwrap() > 20,
        "{forecast}"
    );
    let table = env.run("forecast");
    assert!(table.stdout.starts_with("WEEK FROM"), "{}", table.stdout);
    assert!(table.stderr.contains("will expire"), "{}", table.stderr);
}

pub async fn control(env: &CliTestEnv, method: &str, path: &str, body: Value) -> Value {
    let told = env.stage.sim.control(method, path, body).await;
    told.unwrap()
}

/// What needs no hurry is told to who asks for it, and is no failure.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_notes_what_changes_one_day_and_finds_a_profile_that_is_gone() {
    let env = CliTestEnv::open().await;
    control(&env, "PUT", "domains", json!({"name": "one-example.com"})).await;
    let start = "domains start web one-example.com --method email --email admin@one-example.com";
    let started = env.run(start);
    assert_eq!(started.code, 0, "{}", started.stderr);
    let validate = "domains/one-example.com/validate";
    control(&env, "POST", validate, json!({})).await;
    env.run("domains check web one-example.com");
    env.enrol("www.one-example.com").await;

    let quiet = env.run("check -o json");
    assert_eq!(
        (quiet.code, quiet.json()),
        (0, json!([])),
        "{}",
        quiet.stderr
    );
    let noted = env.run("check --notices -o json");
    assert_eq!(noted.code, 0, "{}", noted.stderr);
    let noted = noted.json();
    let kinds: Vec<&str> = noted
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["finding"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["client_auth", "method_ends"], "{noted}");
    assert!(noted[1]["message"].as_str().unwrap().contains("2028-03-15"));
    assert_eq!(noted[1]["common_name"], "one-example.com");
    let mail = env.run("check --notices --mail-text").stdout;
    assert!(
        mail.contains("No hurry:\n  - www.one-example.com"),
        "{mail}"
    );

    let mut scenario = control(&env, "GET", "scenario", Value::Null).await;
    scenario["profiles"][0]["deleted"] = json!(true);
    control(&env, "PUT", "scenario", scenario).await;
    let tested = env.run("config test web");
    assert_eq!(tested.code, 1, "{}", tested.stdout);
    let words = ["no longer offers profile 51", "superseding profile"];
    for word in words {
        assert!(tested.stdout.contains(word), "{}", tested.stdout);
    }
    let found = env.run("check -o json");
    assert_eq!(found.code, 7, "{}", found.stderr);
    let found = found.json();
    let gone = found
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["finding"] == "profile_gone")
        .unwrap_or_else(|| panic!("{found}"));
    let message = gone["message"].as_str().unwrap();
    assert!(
        message.contains("used by config web, 1 certificate"),
        "{message}"
    );
    let metrics = env.run("check --prometheus").stdout;
    for line in [
        "svpki_profiles_gone{mount=\"pki\",config=\"web\"} 1",
        "svpki_renewals_blocked{mount=\"pki\",config=\"web\"} 0",
        "svpki_certificates_client_auth{mount=\"pki\",config=\"web\"} 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
}
