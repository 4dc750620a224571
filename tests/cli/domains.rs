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

pub async fn control(env: &CliTestEnv, method: &str, path: &str, body: Value) {
    let url = format!("{}/{path}", env.stage.sim.control_url);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .request(method.parse().unwrap(), url)
        .json(&body)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{method} {path}");
}
