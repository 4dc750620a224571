//! Owners, teams, tickets and notes: said by config, role or order, asked for in lists, and reported to each.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use super::harness::{CliTestEnv, ran};

fn names(listed: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["common_name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names
}

async fn labelled() -> CliTestEnv {
    let env = CliTestEnv::open().await;
    for line in [
        "config write web --owner platform --team operations --set 'metadata={\"Stage\":\"test\"}'",
        "roles write shop --config web --allowed-domains example.com --allow-subdomains --owner shop --ticket T-1",
        "enroll web --common-name platform.example.com --key-type EC",
        "enroll web --common-name own.example.com --key-type EC --owner jane --metadata Stage=production",
        "issue shop --common-name shop.example.com",
    ] {
        let ran = env.run(line);
        assert_eq!(ran.code, 0, "{line}: {}", ran.stderr);
    }
    env
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_found_by_the_labels_of_order_role_and_config() {
    let env = labelled().await;
    for (filter, found) in [
        ("--owner platform", vec!["platform.example.com"]),
        ("--owner shop", vec!["shop.example.com"]),
        ("--ticket T-1 --owner shop", vec!["shop.example.com"]),
        (
            "--owner jane --metadata Stage=production",
            vec!["own.example.com"],
        ),
        (
            "--metadata Stage=test",
            vec!["platform.example.com", "shop.example.com"],
        ),
        (
            "--team operations",
            vec![
                "own.example.com",
                "platform.example.com",
                "shop.example.com",
            ],
        ),
        ("--team nobody", vec![]),
    ] {
        let listed = env.run(&format!("certs list -o json {filter}")).json();
        assert_eq!(names(&listed), found, "{filter}: {listed}");
    }
    // A renewal keeps what its predecessor was labelled with; what the config says changes with the config.
    let renewed = env.run("renew web own.example.com -o json").json();
    assert_eq!(renewed["owner"], "jane", "{renewed}");
    assert_eq!(renewed["team"], "operations", "{renewed}");
    assert_eq!(env.run("config write web --team infrastructure").code, 0);
    let read = env
        .run("certs read web platform.example.com -o json")
        .json();
    assert_eq!(read["team"], "infrastructure", "{read}");
    // One that is here already can be handed over.
    let id = read["id"].as_str().unwrap();
    let handed = env.run(&format!("fetch web {id} --owner joe -o json"));
    assert_eq!(handed.code, 0, "{}", handed.stderr);
    let read = env.run(&format!("certs read web {id}")).stdout;
    assert!(read.contains("Owner              joe\n"), "{read}");
    assert!(
        read.contains("Key                EC P-256, stored in Vault\n"),
        "{read}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_each_owner_what_ends_and_a_webhook_hears_it_signed_and_again_after_trouble() {
    let env = labelled().await;
    let received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>> = Arc::default();
    let ear = Arc::clone(&received);
    let hook = post(async move |headers: HeaderMap, body: Bytes| {
        let mut received = ear.lock().unwrap();
        received.push((headers, body));
        match received.len() {
            1 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::NO_CONTENT,
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        axum::serve(listener, Router::new().route("/hook", hook))
            .await
            .unwrap();
    });
    let secret = env.home.path().join("secret");
    std::fs::write(&secret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    let told = env.run(&format!(
        "check --within 300d --by owner -o json --webhook http://{address}/hook --webhook-secret-file secret"
    ));
    assert_eq!(told.code, 7, "{}", told.stderr);
    let groups = told.json();
    let by: Vec<(&str, &Value)> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["name"].as_str().unwrap(), &group["counts"]["expires"]))
        .collect();
    let one = json!(1);
    assert_eq!(by, [("jane", &one), ("platform", &one), ("shop", &one)]);

    let received = received.lock().unwrap().clone();
    assert_eq!(received.len(), 2, "tried again after a 503, and no more");
    let header = |at: usize, name: &str| received[at].0[name].to_str().unwrap().to_owned();
    assert_eq!(header(0, "webhook-id"), header(1, "webhook-id"));
    let (id, at) = (header(1, "webhook-id"), header(1, "webhook-timestamp"));
    let body = std::str::from_utf8(&received[1].1).unwrap();
    let signed = openssl_hmac(&format!("{id}.{at}.{body}"));
    assert_eq!(header(1, "webhook-signature"), format!("v1,{signed}"));
    let sent: Value = serde_json::from_str(body).unwrap();
    assert_eq!(sent["data"], groups);
    server.abort();

    let mail = env.run("check --within 300d --mail-text --owner jane");
    assert_eq!(mail.code, 7, "{}", mail.stderr);
    assert!(
        mail.stdout.starts_with("Owner jane: 1 finding\n"),
        "{}",
        mail.stdout
    );
    assert!(
        mail.stdout
            .contains("own.example.com (config web of pki/) ends on"),
        "{}",
        mail.stdout
    );
    assert!(!mail.stdout.contains("shop.example.com"), "{}", mail.stdout);
    let unsigned = env.run("check --webhook http://127.0.0.1:1/");
    assert_eq!(unsigned.code, 2, "{}", unsigned.stderr);
    // An environment that names a webhook serves the metrics, too, which go nowhere.
    let with = |line: &str| {
        let mut command = env.command(line);
        command.env("SVPKI_WEBHOOK", "http://127.0.0.1:1/");
        ran(command, "")
    };
    let metrics = with("check --prometheus");
    assert_eq!(metrics.code, 0, "{}", metrics.stderr);
    assert!(metrics.stdout.contains("svpki_certificates"));
    let unsigned = with("check");
    assert_eq!(unsigned.code, 2, "{}", unsigned.stderr);
    assert!(
        unsigned.stderr.contains("SVPKI_WEBHOOK_SECRET_FILE"),
        "{}",
        unsigned.stderr
    );
    let digest = env.run("check --within 300d --by owner -o csv");
    let head = digest.stdout.lines().next().unwrap_or_default().to_owned();
    for column in ["not_after", "role", "owner", "team", "ticket"] {
        assert!(head.split(',').any(|name| name == column), "{head}");
    }
}

/// By other hands than ours.
fn openssl_hmac(text: &str) -> String {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let key = "31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0";
    let mut openssl = Command::new("sh")
        .args([
            "-c",
            &format!("openssl dgst -sha256 -mac hmac -macopt hexkey:{key} -binary | base64 -w0"),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap()
}
