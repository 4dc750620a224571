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

/// One refused domain hid every other one.
#[tokio::test(flavor = "multi_thread")]
async fn one_domains_refusal_hides_no_other() {
    let env = CliTestEnv::open().await;
    let dns = Dns::start();
    for name in ["a-example.com", "b-example.com", "c-example.com"] {
        control(&env, "PUT", "domains", json!({"name": name})).await;
    }
    let refused = env.run("domains start web no-example.com");
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    let mixed = env.run(
        "domains start web a-example.com no-example.com a-example.com c-example.com --print bind",
    );
    assert_eq!(mixed.code, 6, "{}", mixed.stderr);
    assert_eq!(mixed.stdout.lines().count(), 2, "{}", mixed.stdout);
    assert!(mixed.stdout.contains(".c-example.com."), "{}", mixed.stdout);
    assert!(mixed.stderr.contains("-727"), "{}", mixed.stderr);

    let suspended = json!({"name": "a-example.com", "suspended": true});
    control(&env, "PUT", "domains", suspended).await;
    let status = json!({"refusal_status": 404});
    control(&env, "PATCH", "switches", status).await;
    let checked = env.run(&format!(
        "domains check web --resolver {} -o json",
        dns.address
    ));
    assert_eq!(checked.code, 7, "{}", checked.stderr);
    let rows = checked.json();
    let row = |name: &str| {
        let rows = rows.as_array().unwrap();
        let row = rows.iter().find(|row| row["domain"] == name);
        row.unwrap_or_else(|| panic!("{rows:?}")).clone()
    };
    let message = row("a-example.com")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("-715"), "{message}");
    let message = row("c-example.com")["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("publish _"), "{message}");
    assert_eq!(row("c-example.com")["caa_wildcard"], "allowed");

    // The records of a look that all domains of the account were seen at.
    let by_mail = env.run("domains start web c-example.com --method email");
    assert_eq!(by_mail.code, 1, "{}", by_mail.stderr);
    assert!(
        by_mail
            .stderr
            .contains("admin@c-example.com, administrator@"),
        "{}",
        by_mail.stderr
    );
}

/// It gave up after a moment, or at the first error of SCM.
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_looks_until_its_end_and_over_errors_that_pass() {
    let env = CliTestEnv::open().await;
    control(&env, "PUT", "domains", json!({"name": "a-example.com"})).await;
    assert_eq!(env.run("domains start web a-example.com").code, 0);
    let error = json!({"status": 500, "code": -1, "description": "no"});
    let rule = json!([{"call": "domain_sync", "error": error, "nth": 1}]);
    control(&env, "PUT", "rules", rule).await;
    let began = std::time::Instant::now();
    let waited = env.run("domains wait web a-example.com --wait 3");
    assert_eq!(waited.code, 5, "{}{}", waited.stdout, waited.stderr);
    assert!(began.elapsed().as_secs() >= 3);
    assert!(waited.stderr.contains("warning:"), "{}", waited.stderr);
    assert!(waited.stderr.contains("publish _"), "{}", waited.stderr);
    let calls = control(&env, "GET", "calls?call=domain_sync", Value::Null).await;
    assert_eq!(calls.as_array().unwrap().len(), 2, "one more at the end");
    // What does not pass ends it.
    let gone = env.run("domains wait web no-example.com");
    assert_ne!(gone.code, 0, "{}", gone.stdout);
}

/// Two configs of one account have the same domains.
#[tokio::test(flavor = "multi_thread")]
async fn a_domain_of_two_configs_is_one_domain() {
    let mut env = CliTestEnv::open().await;
    let fields = json!({"profile_id": 51, "term": 199});
    env.stage.config("second", &fields).await.unwrap();
    let valid = json!({"name": "a-example.com", "valid_for": "90d"});
    control(&env, "PUT", "domains", valid).await;
    for config in ["web", "second"] {
        let start = format!("domains start {config} a-example.com");
        assert_eq!(env.run(&start).code, 0);
        let fields = json!({"common_name": "www.a-example.com", "key_type": "EC"});
        env.stage.engine.enroll(config, &fields).await.unwrap();
    }
    let route53 = env.run("domains list --print route53").json();
    assert_eq!(route53["Changes"].as_array().unwrap().len(), 1);
    let both = env.run("forecast -o json").json();
    let one = env.run("forecast web -o json").json();
    assert_eq!(both["summary"]["certificates"], 2);
    assert!(one["summary"]["validations"].as_u64().unwrap() > 0, "{one}");
    assert_eq!(
        both["summary"]["validations"],
        one["summary"]["validations"]
    );
}

/// `SVPKI_WEBHOOK=` in a unit's file made every check exit with 2.
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_variable_is_an_unset_one() {
    let env = CliTestEnv::open().await;
    let mut command = env.command("check");
    for name in ["SVPKI_WEBHOOK", "SVPKI_WEBHOOK_SECRET_FILE", "SVPKI_MOUNT"] {
        command.env(name, "");
    }
    let ran = command.output().unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(0), "{told}");
}
