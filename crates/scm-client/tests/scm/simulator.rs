//! A running `scm-sim`, and what one orders there.

use std::time::Duration;

use pki::{Csr, PrivateKey, San, Subject};
use scm_client::{Auth, Client, Collected, Settings, SslEnroll};
use scm_sim::{Options, Sim};
use serde_json::{Value, json};
use svpki_types::{Curve, KeySpec, Secret};

pub const ORGANISATION: i64 = 123;
pub const PROFILE: i64 = 51;
pub const DEADLINE: Duration = Duration::from_secs(30);

pub struct Simulator {
    ready: Value,
    _sim: Sim,
}

impl Simulator {
    pub async fn start() -> Self {
        let sim = Sim::start(Options::default()).await.unwrap();
        Self {
            ready: serde_json::to_value(&sim.ready).unwrap(),
            _sim: sim,
        }
    }

    /// Two of them: one as it is by default, and one where everything that the documents leave open is the other way.
    pub async fn start_both() -> [Self; 2] {
        let (usual, other) = tokio::join!(Self::start(), Self::start());
        let switches = json!({
            "absent": "empty",
            "adds_www": true,
            "client_versions": "by_login",
            "dates": "iso_hms",
            "dcv_as_array": true,
            "default_page_size": 1,
            "filters": "exact",
            "include_root": false,
            "never_ready": "code-1400",
            "old_certificate_while_replacing": false,
            "pem_order": "leaf_first",
            "pemia_order": "root_first",
            "reason_code_as_text": true,
            "renew_needs_body": true,
            "replace_leaves_record": true,
            "replace_revokes_old": true,
            "reverse_email_names": true,
            "serials": "plain",
            "strict_reason_code": true,
            "tells_renew_id": false,
            "token_tells_lifetime": false,
        });
        other
            .control(reqwest::Method::PATCH, "/switches", switches)
            .await;
        [usual, other]
    }

    pub fn text(&self, name: &str) -> String {
        self.ready[name].as_str().unwrap().to_owned()
    }

    pub fn settings(&self, base: &str, auth: Auth) -> Settings {
        Settings {
            base_url: self.text(base),
            customer_uri: self.text("customer_uri"),
            auth,
            ca_bundle: Some(self.text("ca_pem")),
            timeout: Duration::from_secs(20),
            max_requests_per_second: None,
        }
    }

    pub fn password(&self) -> Settings {
        let auth = Auth::Password {
            login: self.text("login"),
            password: Secret::new(self.text("password")),
        };
        self.settings("base_url", auth)
    }

    pub fn certificate(&self) -> Settings {
        let auth = Auth::ClientCertificate {
            login: self.text("login"),
            certificate_pem: self.text("client_cert_pem"),
            key: Secret::new(self.text("client_key_pem")),
        };
        self.settings("https_url", auth)
    }

    pub fn oauth(&self) -> Settings {
        let auth = Auth::OAuth2 {
            token_url: self.text("token_url"),
            client_id: self.text("client_id"),
            client_secret: Secret::new(self.text("client_secret")),
        };
        self.settings("base_url", auth)
    }

    pub async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
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

    pub async fn rule(&self, rule: Value) {
        self.control(reqwest::Method::PUT, "/rules", json!([rule]))
            .await;
    }
}

pub fn order(name: &str) -> (PrivateKey, SslEnroll) {
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
pub async fn collect(client: &Client, ssl_id: i64, format: &str) -> Vec<u8> {
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
