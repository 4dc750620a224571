//! A running simulator and plain HTTP to it.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use scm_sim::settings::Settings;
use scm_sim::{Options, Sim};
use serde_json::{Value, json};

pub struct Scm {
    pub sim: Sim,
    pub http: Client,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Scm {
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let options = Options {
            settings,
            ..Options::default()
        };
        Self {
            sim: Sim::start(options).await.unwrap(),
            http: Client::new(),
        }
    }

    /// Default settings with what the TOML says.
    pub async fn with_toml(text: &str) -> Self {
        Self::with(toml::from_str(text).unwrap()).await
    }

    /// A request below the base address, with the login headers.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.sim.base_url))
            .header("login", &self.sim.login)
            .header("password", &self.sim.password)
            .header("customerUri", &self.sim.customer_uri)
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn head(&self, path: &str) -> Answer {
        answer(self.request(Method::HEAD, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    /// Posts these very bytes as JSON.
    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: &str) -> Answer {
        self.send(Method::PUT, path, body).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &str) -> Answer {
        let request = self
            .request(method, path)
            .header("content-type", "application/json")
            .body(body.to_owned());
        answer(request).await
    }

    /// Enrols for the name with profile 51 and answers `sslId`.
    pub async fn enrolled(&self, common_name: &str) -> u64 {
        self.enrolled_with(common_name, json!({})).await
    }

    /// As [`Scm::enrolled`] with other members beside.
    pub async fn enrolled_with(&self, common_name: &str, others: Value) -> u64 {
        let body = enrolment(common_name, others);
        let answer = self.post("/api/ssl/v1/enroll", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["sslId"].as_u64().unwrap()
    }

    pub async fn status(&self, id: u64) -> String {
        let details = self.get(&format!("/api/ssl/v1/{id}")).await.json();
        details["status"].as_str().unwrap().to_owned()
    }

    pub async fn orders(&self, common_name: &str) -> u64 {
        let path = format!("/control/orders?common_name={common_name}");
        self.get(&path).await.json()["count"].as_u64().unwrap()
    }

    /// Puts a rule in front of the others.
    pub async fn rule(&self, rule: Value) {
        let answer = self.post("/control/rules", &rule.to_string()).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    pub async fn switch(&self, switches: Value) {
        let body = switches.to_string();
        let answer = self.send(Method::PATCH, "/control/switches", &body).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    pub async fn advance(&self, span: &str) {
        let body = json!({ "advance": span }).to_string();
        assert_eq!(self.post("/control/clock", &body).await.status, 200);
    }

    /// The issued certificate in DER.
    pub async fn leaf(&self, id: u64) -> Vec<u8> {
        let answer = self.get(&format!("/api/ssl/v1/collect/{id}/x509CO")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        pem::parse(&answer.body).unwrap().into_contents()
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Panics unless it is this refusal.
    #[track_caller]
    pub fn refused(&self, status: u16, code: i64) {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.json()["code"], code, "{}", self.text());
        assert!(self.json()["description"].is_string(), "{}", self.text());
    }
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}

/// A body for `ssl/…/enroll`: a fresh P-256 key, profile 51, and what `others` says instead or beside.
pub fn enrolment(common_name: &str, others: Value) -> String {
    let mut body = json!({
        "orgId": 123,
        "csr": csr(common_name),
        "certType": 51,
        "term": 90,
    });
    for (name, value) in others.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.to_string()
}

pub fn csr(common_name: &str) -> String {
    csr_for(common_name, &rcgen::KeyPair::generate().unwrap())
}

pub fn csr_for(common_name: &str, key: &rcgen::KeyPair) -> String {
    csr_with_names(common_name, key, &[])
}

pub fn csr_with_names(common_name: &str, key: &rcgen::KeyPair, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, common_name);
    params.serialize_request(key).unwrap().pem().unwrap()
}

/// Asks until the condition holds; gives up after half a minute.
pub async fn until<F: AsyncFn() -> bool>(what: &str, condition: F) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition().await {
        assert!(Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
