//! The client against a whole SCM: the real `scm-sim` process, in all three ways to log in.

use std::process::Stdio;
use std::time::Duration;

use sectigo_vault_pki::domain::{Curve, KeySpec, Secret};
use sectigo_vault_pki::scm::{
    Auth, Client, Collected, Kind, Meaning, Outcome, ScmStatus, Settings, SslEnroll, SslFilter,
};
use sectigo_vault_pki::x509::{Chain, Csr, PrivateKey, San, Subject, bundle};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const ORGANISATION: i64 = 123;
const PROFILE: i64 = 51;
const DEADLINE: Duration = Duration::from_secs(30);

struct Simulator {
    ready: Value,
    _process: Child,
}

impl Simulator {
    async fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_scm-sim"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(DEADLINE, lines.next_line()).await;
        let line = line.unwrap().unwrap().unwrap();
        Self {
            ready: serde_json::from_str(&line).unwrap(),
            _process: process,
        }
    }

    fn text(&self, name: &str) -> String {
        self.ready[name].as_str().unwrap().to_owned()
    }

    fn settings(&self, base: &str, auth: Auth) -> Settings {
        Settings {
            base_url: self.text(base),
            customer_uri: self.text("customer_uri"),
            auth,
            ca_bundle: Some(self.text("ca_pem")),
            timeout: Duration::from_secs(20),
            max_requests_per_second: None,
        }
    }

    fn password(&self) -> Settings {
        let auth = Auth::Password {
            login: self.text("login"),
            password: Secret::new(self.text("password")),
        };
        self.settings("base_url", auth)
    }

    fn certificate(&self) -> Settings {
        let auth = Auth::ClientCertificate {
            login: self.text("login"),
            certificate_pem: self.text("client_cert_pem"),
            key: Secret::new(self.text("client_key_pem")),
        };
        self.settings("https_url", auth)
    }

    fn oauth(&self) -> Settings {
        let auth = Auth::OAuth2 {
            token_url: self.text("token_url"),
            client_id: self.text("client_id"),
            client_secret: Secret::new(self.text("client_secret")),
        };
        self.settings("base_url", auth)
    }

    async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.text("control_url"));
        let answer = reqwest::Client::new()
            .request(method, url)
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn rule(&self, rule: Value) {
        self.control(reqwest::Method::PUT, "/rules", json!([rule]))
            .await;
    }
}

fn order(name: &str) -> (PrivateKey, SslEnroll) {
    let key = PrivateKey::generate(KeySpec::Ec(Curve::P256)).unwrap();
    let subject = Subject {
        common_name: Some(name.into()),
        ..Subject::default()
    };
    let csr = Csr::build(&key, &subject, &[San::parse(name).unwrap()]).unwrap();
    let order = SslEnroll {
        org_id: ORGANISATION,
        csr: csr.to_pem(),
        profile_id: PROFILE,
        term: 365,
        subject_alt_names: vec![name.into(), format!("www.{name}")],
        comments: format!("tag of {name}"),
        ..SslEnroll::default()
    };
    (key, order)
}

/// Polls as a caller would.
async fn collect(client: &Client, ssl_id: i64, format: &str) -> Vec<u8> {
    let polling = async {
        loop {
            match client.ssl().collect(ssl_id, format).await.unwrap() {
                Collected::Ready(bytes) => return bytes,
                Collected::NotReady { .. } => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    tokio::time::timeout(DEADLINE, polling).await.unwrap()
}

#[tokio::test]
async fn a_certificate_comes_and_goes_with_every_login() {
    let simulator = Simulator::start().await;
    for (name, settings) in [
        ("password.example", simulator.password()),
        ("certificate.example", simulator.certificate()),
        ("oauth.example", simulator.oauth()),
    ] {
        let client = Client::new(settings).unwrap();
        let profiles = client.ssl().profiles(Some(ORGANISATION)).await.unwrap();
        let profile = profiles
            .iter()
            .find(|profile| profile.id == PROFILE)
            .unwrap();
        assert!(
            profile.terms.contains(&365) && profile.key_types.contains_key("EC"),
            "{profile:?}"
        );
        assert!(!client.ssl().custom_fields().await.unwrap().is_empty());

        let (key, order) = order(name);
        let enrolled = client.ssl().enroll(&order).await.unwrap();
        for format in [
            "x509", "x509R", "pem", "pemia", "base64", "bin", "x509CO", "pemco",
        ] {
            let bytes = collect(&client, enrolled.ssl_id, format).await;
            let chain = Chain::assemble(bundle::parse(&bytes).unwrap(), key.spki_der()).unwrap();
            assert_eq!(chain.leaf.common_name(), Some(name), "{format}");
            assert!(
                chain.leaf.sans().contains(&San::Dns(format!("www.{name}"))),
                "{format}"
            );
            let alone = format.to_ascii_lowercase().ends_with("co");
            assert_eq!(chain.issuers.is_empty(), alone, "{format}");
        }
        let details = client.ssl().details(enrolled.ssl_id).await.unwrap();
        assert_eq!(details.status, Some(ScmStatus::Issued));
        assert_eq!(details.comments, Some(order.comments));
        assert_eq!(details.profile.unwrap().id, PROFILE);
        let filter = SslFilter {
            common_name: Some(name.into()),
            ..SslFilter::default()
        };
        let listed = client.ssl().list(&filter).all(10).await.unwrap();
        assert_eq!(
            listed.iter().map(|one| one.ssl_id).collect::<Vec<_>>(),
            [enrolled.ssl_id]
        );

        client
            .ssl()
            .revoke(enrolled.ssl_id, 1, "lost")
            .await
            .unwrap();
        let details = client.ssl().details(enrolled.ssl_id).await.unwrap();
        assert_eq!(details.status.unwrap().meaning(), Meaning::Revoked);
        let error = client
            .ssl()
            .revoke(enrolled.ssl_id, 1, "lost")
            .await
            .unwrap_err();
        assert_eq!(
            (error.outcome(), error.code().is_some()),
            (Outcome::Refused, true),
            "{error}"
        );
        assert!(client.clock_skew().unwrap().as_secs().abs() < 60);
    }
}

#[tokio::test]
async fn refusals_keep_scms_words() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.password()).unwrap();
    let (_, good) = order("refused.example");
    let wrong_term = SslEnroll {
        term: 1,
        ..good.clone()
    };
    let error = client.ssl().enroll(&wrong_term).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::BadContent, Some(-36)),
        "{error}"
    );
    let wrong_csr = SslEnroll {
        csr: "AAAA".into(),
        ..good.clone()
    };
    let error = client.ssl().enroll(&wrong_csr).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (Kind::BadContent, Outcome::Refused),
        "{error}"
    );
    let error = client.ssl().details(987_654).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error}");

    let mut settings = simulator.password();
    settings.auth = Auth::Password {
        login: simulator.text("login"),
        password: Secret::new("wrong-password"),
    };
    let error = Client::new(settings)
        .unwrap()
        .ssl()
        .enroll(&good)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::Login, Some(-16)),
        "{error}"
    );
    let mut settings = simulator.oauth();
    settings.auth = Auth::OAuth2 {
        token_url: simulator.text("token_url"),
        client_id: simulator.text("client_id"),
        client_secret: Secret::new("wrong-secret"),
    };
    let error = Client::new(settings)
        .unwrap()
        .ssl()
        .enroll(&good)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (Kind::Login, Outcome::NotSent),
        "{error}"
    );
}

#[tokio::test]
async fn faults_on_the_way_are_told_apart() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.password()).unwrap();

    // The order that SCM took and whose answer was lost is found by its comment.
    simulator
        .rule(json!({"call": "enroll", "drop": "after"}))
        .await;
    let (_, lost) = order("lost.example");
    let error = client.ssl().enroll(&lost).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    simulator
        .control(reqwest::Method::PUT, "/rules", json!([]))
        .await;
    let filter = SslFilter {
        common_name: Some("lost.example".into()),
        ..SslFilter::default()
    };
    let found = client.ssl().list(&filter).all(10).await.unwrap();
    assert_eq!(found.len(), 1);
    let details = client.ssl().details(found[0].ssl_id).await.unwrap();
    assert_eq!(details.comments, Some(lost.comments));

    simulator
        .rule(json!({"call": "enroll", "status": 503, "html": true}))
        .await;
    let error = client
        .ssl()
        .enroll(&order("busy.example").1)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (Kind::Server, Outcome::Unknown),
        "{error}"
    );

    simulator
        .rule(json!({"call": "details", "first": 2, "status": 502, "body": "bad gateway"}))
        .await;
    client.ssl().details(found[0].ssl_id).await.unwrap();

    simulator
        .rule(json!({"call": "details", "first": 1, "status": 429, "retry_after": 1}))
        .await;
    client.ssl().details(found[0].ssl_id).await.unwrap();

    simulator
        .rule(json!({"call": "enroll", "truncate": 5}))
        .await;
    let error = client
        .ssl()
        .enroll(&order("cut.example").1)
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
}

#[tokio::test]
async fn not_ready_in_every_encoding_and_the_status_behind_it() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.password()).unwrap();
    for encoding in ["code0", "code-183", "code-1400", "empty"] {
        simulator
            .rule(json!({"call": "enroll", "polls": 2, "not_ready": encoding}))
            .await;
        let (key, slow) = order(&format!("{encoding}.example"));
        let id = client.ssl().enroll(&slow).await.unwrap().ssl_id;
        let first = client.ssl().collect(id, "x509").await.unwrap();
        assert!(
            matches!(first, Collected::NotReady { .. }),
            "{encoding}: {first:?}"
        );
        let bytes = collect(&client, id, "x509").await;
        Chain::assemble(bundle::parse(&bytes).unwrap(), key.spki_der()).unwrap();
    }
    simulator
        .rule(json!({"call": "enroll", "approval": true}))
        .await;
    let id = client
        .ssl()
        .enroll(&order("asks.example").1)
        .await
        .unwrap()
        .ssl_id;
    let meaning = async || {
        client
            .ssl()
            .details(id)
            .await
            .unwrap()
            .status
            .unwrap()
            .meaning()
    };
    assert_eq!(meaning().await, Meaning::WaitingApproval);
    simulator
        .control(
            reqwest::Method::POST,
            &format!("/orders/{id}/decline"),
            json!({}),
        )
        .await;
    assert!(matches!(
        client.ssl().collect(id, "x509").await,
        Ok(Collected::NotReady { .. })
    ));
    assert_eq!(meaning().await, Meaning::Declined);
}

#[tokio::test]
async fn an_expired_token_is_renewed_on_the_way() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.oauth()).unwrap();
    client.ssl().profiles(None).await.unwrap();
    simulator
        .rule(json!({"call": "enroll", "first": 1, "expire_token": true}))
        .await;
    client
        .ssl()
        .enroll(&order("token.example").1)
        .await
        .unwrap();
    let orders = simulator
        .control(reqwest::Method::GET, "/counters", Value::Null)
        .await;
    assert_eq!(orders["orders"], 1);
}
