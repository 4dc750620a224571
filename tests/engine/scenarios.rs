//! The scenarios that are shipped for rehearsals, each played by the real simulator from its very file: what the
//! README promises of it is what the engine makes of it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{scm_sim, until};
use crate::test_mount::{Answer, PATIENCE, TestMount};
use crate::tools::{public_key_of_certificate, public_key_of_key};

/// A mount whose config `web` leads to `scm-sim serve --scenario examples/<file>`.
struct ScenarioTest {
    test: TestMount,
    program: Child,
    ready: Value,
}

impl Drop for ScenarioTest {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl ScenarioTest {
    async fn of(file: &str, more: Value) -> Self {
        let scenario = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(file);
        let mut program = Command::new(scm_sim())
            .arg("serve")
            .arg("--scenario")
            .arg(scenario)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let scenario = Self {
            test: TestMount::new().await,
            program,
            ready: serde_json::from_str(&line).unwrap(),
        };
        scenario.config("web", more).await;
        scenario
    }

    async fn config(&self, name: &str, more: Value) -> Answer {
        let mut config = json!({
            "sectigo_cm_base_url": self.ready["base_url"], "sectigo_cm_uri": self.ready["customer_uri"],
            "sectigo_cm_user": self.ready["login"], "sectigo_cm_password": self.ready["password"],
            "sectigo_csr_key_algo": "EC",
        });
        for (field, value) in more.as_object().unwrap() {
            config[field] = value.clone();
        }
        self.test.config(name, config).await
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/{path}", self.ready["control_url"].as_str().unwrap());
        let verb = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let answer = self.test.http.request(verb, url).json(&body);
        let answer = answer.send().await.unwrap();
        assert!(answer.status().is_success(), "{method} {path}");
        answer.json().await.unwrap_or_default()
    }

    async fn at_scm(&self, name: &str) -> Vec<Value> {
        let found = self
            .control("GET", &format!("orders?common_name={name}"), Value::Null)
            .await;
        found["orders"].as_array().unwrap().clone()
    }

    /// Somebody at SCM does this to the order for a name.
    async fn somebody(&self, step: &str, name: &str) {
        let orders = self.at_scm(name).await;
        let path = format!("orders/{}/{step}", orders[0]["id"]);
        self.control("POST", &path, json!({})).await;
    }

    async fn enrol(&self, name: &str, more: Value) -> Answer {
        let mut body = more;
        body["common_name"] = json!(name);
        self.test.write("enroll/web", body).await
    }

    /// What the engine says of an order after a look at SCM.
    async fn look(&self, pending: &Answer) -> Answer {
        let path = format!("orders/web/{}", pending.text("order_id"));
        self.test.write(&path, json!({})).await.good()
    }

    /// Looks until the order is in this state.
    async fn becomes(&self, pending: &Answer, state: &str) -> Answer {
        let mut last = None;
        until(state, PATIENCE, async || {
            let seen = self.look(pending).await;
            let yes = seen.text("state") == state;
            last = Some(seen);
            if !yes {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            yes
        })
        .await;
        last.unwrap()
    }

    /// One order at SCM, and its certificate here with the key that belongs to it.
    async fn holds_one(&self, name: &str) -> Answer {
        let current = self.test.read(&format!("current/web/{name}")).await.good();
        key_matches(&current);
        let orders = self.at_scm(name).await;
        assert_eq!(orders.len(), 1, "{orders:?}");
        assert_eq!(orders[0]["id"].to_string(), current.text("ssl_id"));
        current
    }
}

fn key_matches(answer: &Answer) {
    assert_eq!(
        public_key_of_key(answer.text("private_key")),
        public_key_of_certificate(answer.text("certificate"))
    );
}

fn at_once() -> Value {
    json!({"sectigo_max_timeout": 0})
}

#[tokio::test]
async fn approval() {
    let stage = ScenarioTest::of("approval.toml", json!({})).await;
    let (person, auto, no) = (
        stage.enrol("www.example.com", at_once()).await.good(),
        stage.enrol("www.auto.example.com", at_once()).await.good(),
        stage.enrol("www.no.example.com", at_once()).await.good(),
    );
    for pending in [&person, &auto, &no] {
        assert_eq!(pending.status_word(), "pending");
        stage.look(pending).await;
    }
    let listed = stage.test.list("orders/web").await.good();
    for pending in [&person, &auto, &no] {
        let order = &listed.data()["key_info"][pending.text("order_id")];
        assert_eq!(order["waiting_on"], "approval", "{order}");
    }
    stage.somebody("approve", "www.example.com").await;
    stage.becomes(&person, "issued").await;
    stage.holds_one("www.example.com").await;
    let declined = stage.becomes(&no, "declined").await;
    assert_eq!(declined.status_word(), "declined");
    stage.becomes(&auto, "issued").await;
    stage.holds_one("www.auto.example.com").await;
    let left = stage.test.list("orders/web").await.good();
    assert_eq!(left.data()["keys"], json!([no.text("order_id")]));
}

#[tokio::test]
async fn slow_ca() {
    let stage = ScenarioTest::of("slow-ca.toml", json!({"sectigo_loop_period": "3s"})).await;
    let names = [
        "www.example.com",
        "www.polls.example.com",
        "www.empty.example.com",
        "www.late.example.com",
    ];
    let pending = stage.enrol("patience.example.com", at_once()).await.good();
    assert_eq!(stage.look(&pending).await.text("waiting_on"), "ca");
    let orders = names.map(|name| stage.enrol(name, json!({"sectigo_max_timeout": 120})));
    for answer in join_all(orders).await {
        assert_eq!(answer.good().status_word(), "issued");
    }
    for name in names {
        stage.holds_one(name).await;
    }
    stage.becomes(&pending, "issued").await;
    // Every way of saying "not ready" was met.
    let calls = stage
        .control("GET", "calls?call=collect", Value::Null)
        .await;
    let calls = calls.as_array().unwrap();
    assert!(calls.len() > 2 * names.len(), "{}", calls.len());
}

#[tokio::test]
async fn unreliable() {
    const ORDERS: usize = 20;
    let stage = ScenarioTest::of(
        "unreliable.toml",
        json!({"settle_after": "2s", "sectigo_loop_period": "2s"}),
    )
    .await;
    let names: Vec<String> = (0..ORDERS)
        .map(|n| format!("h{n}.bad-day.example.com"))
        .collect();
    let placed = names.iter().map(|name| {
        stage.enrol(
            name,
            json!({"sectigo_max_timeout": 45, "idempotency_key": name}),
        )
    });
    for answer in join_all(placed).await {
        assert!(
            matches!(answer.good().status_word(), "issued" | "pending"),
            "an order went wrong"
        );
    }
    for name in &names {
        let path = format!("current/web/{name}");
        let wait = Duration::from_secs(240);
        stage
            .test
            .until(&path, wait, |read| read.status == 200)
            .await;
        stage.holds_one(name).await;
    }
    let counters = stage.control("GET", "counters", Value::Null).await;
    assert_eq!(counters["orders"], ORDERS, "exactly one order each");
    let enrolments = counters["calls"]["enroll"].as_u64().unwrap();
    assert!(enrolments > ORDERS as u64, "nothing went wrong: {counters}");
    let page = stage.test.read("inventory").await.good();
    let status = &page.data()["summary"]["status"];
    assert_eq!(
        (&status["issued"], &status["pending"]),
        (&json!(ORDERS), &json!(0))
    );
}

#[tokio::test]
async fn refusals() {
    let stage = ScenarioTest::of("refusals.toml", json!({})).await;
    let complete = || {
        json!({"sectigo_ssl_cert_custom_fields": {"Cost Center": "4711"},
            "sectigo_ssl_cert_external_requester": "owner@example.com"})
    };
    let bare = stage.enrol("www.example.com", json!({})).await;
    assert_eq!(bare.status, 400, "{bare:?}");
    assert!(bare.error().contains("SCM refused"), "{}", bare.error());
    // Once the profiles are here, the answer comes before anything leaves.
    stage.test.write("profile/web", json!({})).await.good();
    stage
        .enrol("www.example.com", json!({}))
        .await
        .refused(400, &["Cost Center", "sectigo_ssl_cert_custom_fields"]);
    let mut nobody = complete();
    nobody["sectigo_ssl_cert_external_requester"] = json!("");
    stage
        .enrol("www.example.com", nobody)
        .await
        .refused(400, &["-139"]);
    let good = stage.enrol("www.example.com", complete()).await.good();
    stage.holds_one("www.example.com").await;
    let pending = async |name: &str| {
        let mut body = complete();
        body["sectigo_max_timeout"] = json!(0);
        stage.enrol(name, body).await.good()
    };
    let rejected = pending("www.reject.example.com").await;
    let declined = pending("www.decline.example.com").await;
    let dcv = pending("www.dcv.example.com").await;
    assert_eq!(stage.look(&dcv).await.text("waiting_on"), "dcv");
    stage.becomes(&rejected, "rejected").await;
    stage.becomes(&declined, "declined").await;
    stage.somebody("validate", "www.dcv.example.com").await;
    stage.becomes(&dcv, "issued").await;
    stage.holds_one("www.dcv.example.com").await;
    let mut body = complete();
    body["sectigo_max_timeout"] = json!(1);
    let waits = stage.enrol("www.nodcv.example.com", body).await.good();
    assert_eq!(waits.status_word(), "pending");
    assert_eq!(stage.look(&waits).await.text("waiting_on"), "dcv");
    assert!(stage.at_scm("www.nodcv.example.com").await.is_empty());
    let reason = json!({"reason": "rehearsed"});
    let path = format!("revoke/web/{}", good.id());
    let revoked = stage.test.write(&path, reason).await.good();
    assert_eq!(revoked.status_word(), "revoked");
}

#[tokio::test]
async fn short_lived() {
    let auto = json!({"sectigo_auto_renew": true, "sectigo_expiry_window": "80%", "sectigo_ssl_cert_validity": 30});
    let stage = ScenarioTest::of("short-lived.toml", auto).await;
    let profile = |id: u32| json!({"profile_id": id});
    let first = stage.enrol("minute.example.com", profile(72)).await.good();
    let lives = |answer: &Answer| {
        let start: jiff::Timestamp = answer.text("not_before").parse().unwrap();
        answer.data()["expiration"].as_i64().unwrap() - start.as_second()
    };
    assert_eq!(lives(&first), 60, "the truth is in the certificate");
    let five = stage.enrol("five.example.com", profile(71)).await.good();
    assert_eq!(lives(&five), 300);
    // Reading what is due wakes the background work, which renews.
    let path = format!("certs/web/{}", first.id());
    let superseded = |read: &Answer| read.status_word() == "superseded";
    let old = stage
        .test
        .until(&path, Duration::from_secs(150), superseded)
        .await;
    let current = stage
        .test
        .read("current/web/minute.example.com")
        .await
        .good();
    key_matches(&current);
    let successor = old.text("renewed_to");
    assert_ne!(current.id(), first.id());
    assert_eq!(
        stage
            .test
            .read(&format!("readcert/web/{successor}"))
            .await
            .good()
            .text("renewed_from"),
        first.id()
    );
    assert_ne!(current.data()["private_key"], first.data()["private_key"]);

    let ten = json!({"profile_id": 73, "sectigo_auto_renew": false});
    let ten = stage.enrol("ten.example.com", ten).await.good();
    let refused = stage
        .test
        .write(&format!("renew/web/{}", ten.id()), json!({}))
        .await;
    refused.refused(400, &["-180", "nothing was ordered"]);
    let anew = stage.enrol("ten.example.com", profile(73)).await.good();
    assert_ne!(anew.id(), ten.id());
}

#[tokio::test]
async fn behind_our_back() {
    let stage = ScenarioTest::of("behind-our-back.toml", json!({})).await;
    let gone = stage
        .enrol("www.revoked.example.com", json!({}))
        .await
        .good();
    let swapped = stage
        .enrol("www.replaced.example.com", json!({}))
        .await
        .good();
    let kept = stage.enrol("www.example.com", json!({})).await.good();
    let health = stage.test.read("health/web").await.good();
    let skew = health.data()["clock_skew_seconds"].as_i64().unwrap();
    assert!((110..=130).contains(&skew), "{skew}");

    let verdicts = async || {
        let page = stage.test.read("reconcile/web?after=vault:").await.good();
        let rows = page.data()["rows"].as_array().unwrap().clone();
        let of = |id: &str| {
            let row = rows.iter().find(|row| row["id"] == id).unwrap();
            row["verdict"].as_str().unwrap().to_owned()
        };
        [of(gone.id()), of(swapped.id()), of(kept.id())]
    };
    assert_eq!(verdicts().await, ["same", "same", "same"]);
    stage
        .control("POST", "clock", json!({"advance": "31s"}))
        .await;
    assert_eq!(
        verdicts().await,
        ["revoked_outside", "replaced_outside", "same"]
    );
    let fetched = stage
        .test
        .write(&format!("fetch/web/{}", gone.id()), json!({}))
        .await
        .good();
    assert_eq!(fetched.status_word(), "revoked");
    // What is here under the id of the other is still ours, and has our key.
    let ours = stage
        .test
        .read(&format!("keys/web/{}", swapped.id()))
        .await
        .good();
    key_matches(&ours);

    // A token that lives twenty seconds is fetched anew in time.
    let oauth = json!({"auth_method": "oauth2", "oauth2_token_url": stage.ready["token_url"],
        "oauth2_client_id": stage.ready["client_id"], "oauth2_client_secret": stage.ready["client_secret"],
        "sectigo_cm_user": "", "sectigo_cm_password": ""});
    stage.config("token", oauth).await;
    for n in 0..3 {
        let body = json!({"common_name": format!("t{n}.example.com")});
        stage.test.write("enroll/token", body).await.good();
        stage
            .control("POST", "clock", json!({"advance": "21s"}))
            .await;
    }
}
