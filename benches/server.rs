//! What the plugin costs in a real server: start, memory, throughput beside the server's own `kv` and `pki`, and how
//! pages, counts and enrolments grow with the number of certificates.
//!
//! `make bench` prints; nothing is asserted. `BENCH_MOST` (100000) is the largest number of certificates, `BENCH_SECONDS`
//! (4) the length of one throughput run.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement stops at the first surprise, and prints"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dev_server::{DevServer, Options, ROOT_TOKEN, server_binary};
use futures_util::stream::{self, StreamExt as _};
use scm_sim::Sim;
use serde_json::{Value, json};

const MOUNT: &str = "sectigo-vault-pki";
/// Clients that ask at once.
const CLIENTS: usize = 16;

#[tokio::main]
async fn main() {
    let plugin = Path::new(env!("CARGO_BIN_EXE_sectigo-vault-pki"));
    println!("machine: {}", machine());
    cold_mounts(plugin).await;
    let stage = Stage::set(plugin).await;
    println!(
        "plugin memory at rest: {:.1} MB (aim: under 20)",
        stage.memory()
    );
    throughput(&stage).await;
    issue_again(&stage).await;
    growth(stage, plugin).await;
}

/// A mount call that starts the plugin's process, several times.
async fn cold_mounts(plugin: &Path) {
    let options = Options {
        mounts: Vec::new(),
        log_level: "warn".into(),
        ..Options::new(server_binary().unwrap(), plugin)
    };
    let server = DevServer::start(options).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..9 {
        let begin = Instant::now();
        server.mount("cold").await.unwrap();
        times.push(begin.elapsed());
        server
            .must("DELETE", "sys/mounts/cold", None)
            .await
            .unwrap();
    }
    times.sort();
    println!(
        "cold mount: median {:.0} ms, longest {:.0} ms (aim: under 100)",
        millis(times[times.len() / 2]),
        millis(times[times.len() - 1])
    );
}

/// A server with the plugin, a simulated SCM, one config and one certificate.
struct Stage {
    server: Arc<DevServer>,
    client: reqwest::Client,
    _sim: Sim,
}

impl Stage {
    async fn set(plugin: &Path) -> Self {
        let sim = Sim::start(scm_sim::Options::default()).await.unwrap();
        let options = Options {
            log_level: "warn".into(),
            ..Options::new(server_binary().unwrap(), plugin)
        };
        let server = DevServer::start(options).await.unwrap();
        let config = json!({
            "sectigo_cm_base_url": sim.ready.base_url,
            "sectigo_cm_uri": sim.ready.customer_uri,
            "sectigo_cm_user": sim.ready.login,
            "sectigo_cm_password": sim.ready.password,
            "sectigo_cm_org_id": 123,
            "profile_id": 51,
            "term": 199,
            "key_type": "EC",
        });
        server
            .must("POST", &format!("{MOUNT}/configs/web"), Some(&config))
            .await
            .unwrap();
        let stage = Self {
            server: Arc::new(server),
            client: reqwest::Client::new(),
            _sim: sim,
        };
        stage.enroll("first.example.com").await;
        stage
    }

    async fn enroll(&self, name: &str) -> String {
        let body = json!({"common_name": name});
        let answer = self
            .server
            .must("POST", &format!("{MOUNT}/enroll/web"), Some(&body))
            .await
            .unwrap();
        answer["data"]["sectigo_cert_unique_id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// Resident memory of the plugin's process, in megabytes.
    fn memory(&self) -> f64 {
        let pid = self.server.plugin_pids()[0];
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1024.0
    }

    /// Requests for `path` a second by many clients at once: reads, or writes where there is a body.
    async fn rate(&self, path: &str, body: Option<&Value>, time: Duration) -> f64 {
        let url = format!("{}/v1/{path}", self.server.address());
        let done = AtomicUsize::new(0);
        let begin = Instant::now();
        stream::iter(0..CLIENTS)
            .for_each_concurrent(CLIENTS, |_| async {
                while begin.elapsed() < time {
                    let request = match body {
                        Some(body) => self.client.post(&url).json(body),
                        None => self.client.get(&url),
                    };
                    let answer = request
                        .header("X-Vault-Token", ROOT_TOKEN)
                        .send()
                        .await
                        .unwrap();
                    assert!(answer.status().is_success(), "{}", answer.status());
                    answer.bytes().await.unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
            .await;
        done.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64()
    }
}

/// `readcert` beside the server's own key-value store, in turns.
async fn throughput(stage: &Stage) {
    let server = &stage.server;
    let list = server
        .must("LIST", &format!("{MOUNT}/certs/web"), None)
        .await
        .unwrap();
    let id = list["data"]["keys"][0].as_str().unwrap().to_owned();
    let readcert = format!("{MOUNT}/readcert/web/{id}");
    let answer = server.must("GET", &readcert, None).await.unwrap();
    let mount = json!({"type": "kv", "options": {"version": "1"}});
    server
        .must("POST", "sys/mounts/beside", Some(&mount))
        .await
        .unwrap();
    // The same data in both.
    server
        .must("POST", "beside/cert", Some(&answer["data"]))
        .await
        .unwrap();
    let time = Duration::from_secs(number("BENCH_SECONDS", 4) as u64);
    let mut ratios = Vec::new();
    let (mut kv, mut ours) = (0.0, 0.0);
    for _ in 0..5 {
        kv = stage.rate("beside/cert", None, time).await;
        ours = stage.rate(&readcert, None, time).await;
        ratios.push(ours / kv);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "readcert with {CLIENTS} clients: {:.2} of kv version 1 (median of 5; last pair {ours:.0}/s and {kv:.0}/s; aim: 0.4)",
        ratios[2]
    );
}

/// `issue` of a certificate that is in use, beside the server's own `pki`, which makes a key and signs each time, and
/// beside `readcert`, in turns.
async fn issue_again(stage: &Stage) {
    let server = &stage.server;
    let write = async |path: &str, body: Value| {
        server.must("POST", path, Some(&body)).await.unwrap();
    };
    write("sys/mounts/pki", json!({"type": "pki"})).await;
    let root = json!({"common_name": "root", "key_type": "ec", "key_bits": 256, "ttl": "760h"});
    write("pki/root/generate/internal", root).await;
    let role =
        json!({"allow_any_name": true, "key_type": "ec", "key_bits": 256, "max_ttl": "750h"});
    write("pki/roles/bench", role).await;
    let role = json!({"config": "web", "key_type": "ec", "key_bits": 256});
    write(&format!("{MOUNT}/roles/bench"), role).await;
    let wish = json!({"common_name": "again.example.com"});
    let ours = format!("{MOUNT}/issue/bench");
    write(&ours, wish.clone()).await;
    let list = server
        .must("LIST", &format!("{MOUNT}/certs/web"), None)
        .await
        .unwrap();
    let id = list["data"]["keys"][0].as_str().unwrap();
    let readcert = format!("{MOUNT}/readcert/web/{id}");
    let time = Duration::from_secs(number("BENCH_SECONDS", 4) as u64);
    let (mut of_pki, mut of_read) = (Vec::new(), Vec::new());
    let (mut issue, mut pki) = (0.0, 0.0);
    for _ in 0..5 {
        pki = stage.rate("pki/issue/bench", Some(&wish), time).await;
        issue = stage.rate(&ours, Some(&wish), time).await;
        let read = stage.rate(&readcert, None, time).await;
        of_pki.push(issue / pki);
        of_read.push(issue / read);
    }
    of_pki.sort_by(f64::total_cmp);
    of_read.sort_by(f64::total_cmp);
    println!(
        "issue of a certificate in use with {CLIENTS} clients: {:.2} of the server's own pki issue (EC P-256), {:.2} of readcert (medians of 5; last pair {issue:.0}/s and {pki:.0}/s)",
        of_pki[2], of_read[2]
    );
}

/// Pages, counts, enrolments and a restart at a thousand, ten thousand and a hundred thousand certificates.
async fn growth(stage: Stage, _plugin: &Path) {
    let most = number("BENCH_MOST", 100_000);
    println!(
        "certificates | page of 200 by expiry, with summary | page by name | one enrolment | reload of the plugin"
    );
    let mut have = 1;
    for target in [1_000, 10_000, 100_000] {
        if target > most {
            break;
        }
        let begin = Instant::now();
        stream::iter(have..target)
            .for_each_concurrent(CLIENTS, |n| {
                let stage = &stage;
                async move {
                    stage.enroll(&format!("host-{n:06}.example.com")).await;
                }
            })
            .await;
        let filled = (target - have) as f64 / begin.elapsed().as_secs_f64();
        have = target;
        let page = median(
            &stage,
            &format!("{MOUNT}/inventory?limit=200&sort=expiration"),
        )
        .await;
        let by_name = median(
            &stage,
            &format!("{MOUNT}/inventory?limit=200&sort=-common_name"),
        )
        .await;
        let mut enrolments = Vec::new();
        for n in 0..9 {
            let begin = Instant::now();
            stage.enroll(&format!("one-{target}-{n}.example.com")).await;
            enrolments.push(begin.elapsed());
        }
        enrolments.sort();
        have += 9;
        let reload = reload(&stage).await;
        println!(
            "{target:>12} | {:>8.1} ms | {:>8.1} ms | {:>8.1} ms | {:>8.1} ms   ({filled:.0} enrolments/s to get here, {:.1} MB)",
            millis(page),
            millis(by_name),
            millis(enrolments[4]),
            millis(reload),
            stage.memory(),
        );
    }
}

/// The plugin's process ends and comes back, and answers its first page.
async fn reload(stage: &Stage) -> Duration {
    let body = json!({"plugin": MOUNT});
    stage
        .server
        .must("PUT", "sys/plugins/reload/backend", Some(&body))
        .await
        .unwrap();
    let begin = Instant::now();
    stage
        .server
        .must("GET", &format!("{MOUNT}/inventory?limit=1"), None)
        .await
        .unwrap();
    begin.elapsed()
}

async fn median(stage: &Stage, path: &str) -> Duration {
    let mut times = Vec::new();
    for _ in 0..15 {
        let begin = Instant::now();
        let answer: Value = stage.server.must("GET", path, None).await.unwrap();
        times.push(begin.elapsed());
        assert!(answer["data"]["certificates"].is_array());
    }
    times.sort();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{model}, {cores} cores")
}
