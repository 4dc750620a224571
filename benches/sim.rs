//! What the simulator itself can take: enrolments a second, each a new order with its certificate, over HTTP, beside
//! the signatures alone. With and without a state file.
//!
//! `make bench` prints; nothing is asserted. `BENCH_SECONDS` (4) is the length of one run. The clients run in the same
//! process and take their share of the processors.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement stops at the first surprise, and prints"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair};
use scm_sim::Sim;
use serde_json::json;

/// Clients that ask at once, each on a connection of its own.
const CLIENTS: usize = 32;
const NAME: &str = "www.example.com";

#[tokio::main]
async fn main() {
    let seconds = std::env::var("BENCH_SECONDS").ok();
    let length = Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(4));
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    println!("processors: {processors}; the aim is 1000 enrolments a second on two");
    let alone = signatures(length);
    println!("P-256 certificates signed on one processor, nothing else: {alone:.0} a second");
    let folder = tempfile::tempdir().unwrap();
    for (what, state) in [
        ("kept in memory", None),
        ("kept in a state file", Some(folder.path().join("state"))),
    ] {
        let rate = enrolments(state, length).await;
        println!(
            "enrolments, {what}, {CLIENTS} clients: {rate:.0} a second, {:.2} of the signatures",
            rate / alone
        );
    }
}

/// How many certificates a second one thread signs.
fn signatures(length: Duration) -> f64 {
    let ca_key = KeyPair::generate().unwrap();
    let ca = Issuer::new(params("CA"), ca_key);
    let key = KeyPair::generate().unwrap();
    let begin = Instant::now();
    let mut count = 0;
    while begin.elapsed() < length {
        params(NAME).signed_by(&key, &ca).unwrap();
        count += 1;
    }
    f64::from(count) / begin.elapsed().as_secs_f64()
}

async fn enrolments(state: Option<PathBuf>, length: Duration) -> f64 {
    let sim = Sim::start(scm_sim::Options {
        state,
        ..scm_sim::Options::default()
    })
    .await
    .unwrap();
    let key = KeyPair::generate().unwrap();
    let csr = params(NAME).serialize_request(&key).unwrap();
    let body = json!({ "orgId": 123, "certType": 51, "term": 90, "csr": csr.pem().unwrap() });
    let body: Arc<str> = body.to_string().into();
    let url = format!("{}/api/ssl/v1/enroll", sim.base_url);
    let client = reqwest::Client::new();
    let begin = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let request = client
                .post(&url)
                .header("login", &sim.login)
                .header("password", &sim.password)
                .header("customerUri", &sim.customer_uri);
            let body = body.clone();
            tokio::spawn(async move {
                let mut count = 0;
                while begin.elapsed() < length {
                    let request = request.try_clone().unwrap().body(body.to_string());
                    let answer = request.send().await.unwrap();
                    assert_eq!(answer.status(), 200);
                    answer.bytes().await.unwrap();
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut count = 0;
    for client in clients {
        count += client.await.unwrap();
    }
    let rate = f64::from(count) / begin.elapsed().as_secs_f64();
    sim.stop().await;
    rate
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
