//! The dashboard with 300 and with 50,000 certificates in 20 mounts. Prints figures, asserts none.
//!
//! First the real program in a terminal: from its start to the first rows on the screen, on a real server with 300
//! certificates, and its memory with 50,000. Then the event loop from inside: time from a key to its frame while
//! everything is read again and again. Where there are 50,000, the server answers from memory, as JSON text that is
//! parsed as the real answers are: what is measured is ours.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use dev_server::server_binary;
use sectigo_vault_pki::cli::demo::{DemoEnvironment, DemoOptions, sample_data};
use sectigo_vault_pki::cli::{Ui, UiOptions};
use sectigo_vault_pki::tui::source::{
    CertKey, Done, PageQuery, Request, ServerAddress, ServerInfo, Source, SourceError, TokenInfo,
};
use sectigo_vault_pki::tui::time;
use svpki_types::api::{
    CertificateResponse, ConfigHealth, DomainResponse, HealthResponse, InventoryResponse,
    InventoryRow, InventorySummary, OrderResponse,
};
use svpki_types::{Secret, Status};

#[path = "tui/measure.rs"]
mod measure;
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
#[path = "../tests/tui/pty.rs"]
mod pty;

use measure::{Figures, measure};
use pty::Pty;

type Answer<T> = Result<T, SourceError>;

/// Answers ready as text, by mount, status and page.
struct Memory {
    mounts: usize,
    pages: BTreeMap<(String, String, usize, usize), String>,
    empty: String,
}

const NOW: i64 = 1_795_435_200;

fn row(mount: usize, n: usize, status: Status) -> InventoryRow {
    let end = NOW + 86_400 * (1 + (n % 360) as i64);
    let name = format!("service-{n}.team-{mount}.example.com");
    InventoryRow {
        id: format!("{}_example", mount * 100_000 + n),
        config: ["web", "mail", "shops"][n % 3].to_owned(),
        status: Some(status),
        subject_alt_names: vec![name.clone(), format!("www.{name}"), format!("api.{name}")],
        common_name: name,
        serial_number: format!(
            "0a:1b:2c:3d:4e:5f:60:71:82:93:a4:b5:{:02x}:{:02x}:{mount:02x}",
            n / 256 % 256,
            n % 256
        ),
        not_before: time::rfc3339(end - 199 * 86_400),
        not_after: time::rfc3339(end),
        expiration: end,
        key_type: "EC P-256".to_owned(),
        has_key: true,
        profile_id: Some(51),
        kind: "ssl_cert".to_owned(),
        issuer: "C=GB, O=Sectigo Limited, CN=Sectigo Public Server Authentication CA OV".to_owned(),
        ..InventoryRow::default()
    }
}

impl Memory {
    fn new(mounts: usize, each: usize) -> Self {
        let mut pages = BTreeMap::new();
        let expiring = each / 20;
        let summary = InventorySummary {
            status: Status::ALL
                .iter()
                .map(|s| {
                    let count = match s {
                        Status::Expiring => expiring,
                        Status::Issued => each - expiring,
                        _ => 0,
                    };
                    (s.to_string(), count as u64)
                })
                .collect(),
            expiry_weeks: vec![each as u64 / 53; 53],
            total: each as u64,
            configs: ["mail", "shops", "web"].map(str::to_owned).to_vec(),
        };
        for mount in 0..mounts {
            for (status, range) in [
                (Status::Expiring, 0..expiring),
                (Status::Issued, expiring..each),
            ] {
                let mut rows: Vec<InventoryRow> = range.map(|n| row(mount, n, status)).collect();
                rows.sort_by_key(|row| row.expiration);
                // As the dashboard asks: a small page first, then large ones.
                for (limit, starts) in [
                    (200, vec![0]),
                    (1000, (0..=rows.len()).step_by(1000).collect::<Vec<_>>()),
                    (1000, (200..=rows.len().max(200)).step_by(1000).collect()),
                ] {
                    for from in starts {
                        let to = (from + limit).min(rows.len());
                        let next = if to < rows.len() {
                            to.to_string()
                        } else {
                            String::new()
                        };
                        let page = InventoryResponse {
                            certificates: rows[from.min(to)..to].to_vec(),
                            next,
                            summary: summary.clone(),
                        };
                        let key = (format!("mount-{mount:02}"), status.to_string(), from, limit);
                        pages.insert(key, serde_json::to_string(&page).unwrap());
                    }
                }
            }
        }
        let empty = InventoryResponse {
            summary,
            ..InventoryResponse::default()
        };
        Self {
            mounts,
            pages,
            empty: serde_json::to_string(&empty).unwrap(),
        }
    }
}

#[async_trait]
impl Source for Memory {
    fn server_address(&self) -> ServerAddress {
        ServerAddress {
            address: "memory".to_owned(),
            namespace: String::new(),
        }
    }
    async fn mounts(&self) -> Answer<Vec<String>> {
        Ok((0..self.mounts).map(|n| format!("mount-{n:02}")).collect())
    }
    async fn inventory(&self, mount: &str, query: &PageQuery) -> Answer<InventoryResponse> {
        let status = query.status.map(|s| s.to_string()).unwrap_or_default();
        let key = (
            mount.to_owned(),
            status,
            query.after.parse().unwrap_or(0),
            query.limit,
        );
        let about_an_end = query.expires_before.is_some()
            || query.expires_after.is_some()
            || query.issued_after.is_some();
        let page = self.pages.get(&key).filter(|_| !about_an_end);
        let text = page.unwrap_or(&self.empty);
        tokio::task::yield_now().await;
        Ok(serde_json::from_str(text).unwrap())
    }
    async fn certificate(&self, _: &CertKey) -> Answer<CertificateResponse> {
        Ok(CertificateResponse::default())
    }
    async fn orders(&self, _: &str) -> Answer<Vec<OrderResponse>> {
        Ok(Vec::new())
    }
    async fn order(&self, _: &str, _: &str, id: &str) -> Answer<OrderResponse> {
        Err(SourceError::NotFound(id.to_owned()))
    }
    async fn domains(&self, _: &str) -> Result<Vec<DomainResponse>, SourceError> {
        Ok(Vec::new())
    }

    async fn health(&self, _: &str) -> Answer<HealthResponse> {
        Ok(HealthResponse {
            healthy: true,
            ..HealthResponse::default()
        })
    }
    async fn check_account(&self, _: &str, _: &str) -> Answer<ConfigHealth> {
        Ok(ConfigHealth::default())
    }
    async fn server(&self) -> Answer<ServerInfo> {
        Ok(ServerInfo::default())
    }
    async fn token(&self) -> Answer<TokenInfo> {
        Ok(TokenInfo::default())
    }
    async fn renew_token(&self) -> Answer<TokenInfo> {
        Ok(TokenInfo::default())
    }
    async fn use_token(&self, _: Secret) -> Answer<TokenInfo> {
        Ok(TokenInfo::default())
    }
    async fn capabilities(&self, paths: Vec<String>) -> Answer<BTreeMap<String, Vec<String>>> {
        Ok(paths
            .into_iter()
            .map(|path| (path, vec!["root".to_owned()]))
            .collect())
    }
    async fn act(&self, _: &Request) -> Answer<Done> {
        Ok(Done::default())
    }
}

/// Resident memory of this process in megabytes; `None` where the system does not tell.
fn resident() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096.0 / 1e6)
}

fn run(mounts: usize, each: usize) -> (Figures, Option<f64>) {
    let memory = Arc::new(Memory::new(mounts, each));
    let before = resident();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // As in the program.
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let pause = Duration::from_millis(15);
    let figures = runtime
        .block_on(measure(memory, (200, 50), pause, Duration::from_secs(8)))
        .unwrap();
    let grown = before.zip(resident()).map(|(before, after)| after - before);
    (figures, grown)
}

/// The same pages as a server's answers over HTTP, for the real program.
async fn over_http(memory: Arc<Memory>) -> String {
    let app = axum::Router::new().fallback(move |request: axum::extract::Request| {
        let memory = Arc::clone(&memory);
        async move { answer(&memory, request.uri()) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn answer(memory: &Memory, uri: &axum::http::Uri) -> (axum::http::StatusCode, String) {
    let path = uri.path().trim_start_matches("/v1/");
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let of = |name: &str| query.get(name).cloned().unwrap_or_default();
    let data = match path.rsplit_once('/') {
        _ if path == "sys/health" => {
            let up = r#"{"initialized":true,"sealed":false,"standby":false,"version":"2.7.2"}"#;
            return (axum::http::StatusCode::OK, up.to_owned());
        }
        Some((_, "mounts")) => {
            let mounts: serde_json::Map<_, _> = (0..memory.mounts)
                .map(|n| {
                    let kind = serde_json::json!({"type": "sectigo-vault-pki"});
                    (format!("mount-{n:02}/"), kind)
                })
                .collect();
            serde_json::Value::from(mounts).to_string()
        }
        Some((_, "lookup-self")) => r#"{"display_name":"token","ttl":0}"#.to_owned(),
        Some((mount, "inventory")) => {
            let after = of("after").parse().unwrap_or(0);
            let limit = of("limit").parse().unwrap_or(200);
            let key = (mount.to_owned(), of("status"), after, limit);
            let about_an_end = ["expires_before", "issued_after"]
                .iter()
                .any(|name| query.contains_key(*name));
            let page = memory.pages.get(&key).filter(|_| !about_an_end);
            page.unwrap_or(&memory.empty).clone()
        }
        Some((_, "health")) => r#"{"plugin_version":"0.1.0","healthy":true}"#.to_owned(),
        _ => r#"{"keys":[]}"#.to_owned(),
    };
    (
        axum::http::StatusCode::OK,
        format!(r#"{{"request_id":"0","data":{data}}}"#),
    )
}

/// The real program in a terminal of 120x40.
fn dashboard(address: &str, token: &str) -> Pty {
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_svpki"));
    command.args(["tui", "--refresh", "1"]);
    command.env_clear();
    for (name, value) in [
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("HOME", "/nonexistent"),
        ("VAULT_ADDR", address),
        ("VAULT_TOKEN", token),
    ] {
        command.env(name, value);
    }
    command.cwd("/");
    Pty::spawn(command, 120, 40)
}

/// How long until the words stand on the screen.
fn until(pty: &Pty, start: Instant, words: &str) -> Duration {
    while !pty.text().contains(words) {
        assert!(start.elapsed() < Duration::from_secs(60), "{}", pty.text());
        std::thread::sleep(Duration::from_millis(1));
    }
    start.elapsed()
}

/// From the start of the process to counts and rows on the screen, several times.
fn starts(label: &str, address: &str, token: &str, aim: u32) {
    let mut times: Vec<f64> = (0..7)
        .map(|_| {
            let start = Instant::now();
            let mut pty = dashboard(address, token);
            let took = until(&pty, start, " certificates in ").as_secs_f64() * 1e3;
            pty.send("q");
            pty.ends();
            took
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "tui process, {label}: first rows after {:.0} ms (median of {}), longest {:.0} ms (aim: under {aim})",
        times[times.len() / 2],
        times.len(),
        times[times.len() - 1]
    );
}

/// A figure of `/proc/PID/status` in megabytes.
fn status(pid: i32, name: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next());
    number.and_then(|n| n.parse().ok()).unwrap_or(f64::NAN) * 1024.0 / 1e6
}

/// All rows in memory, read again every second.
fn memory_of_all(address: &str) {
    let start = Instant::now();
    let mut pty = dashboard(address, "none");
    until(&pty, start, " certificates in ");
    pty.send("2");
    until(&pty, start, " 1 of ");
    // The first G loads what is missing, the next goes to its end.
    pty.send("G");
    while pty.text().contains(" loaded") {
        assert!(start.elapsed() < Duration::from_secs(60), "{}", pty.text());
        std::thread::sleep(Duration::from_millis(10));
    }
    pty.send("G");
    until(&pty, start, "50,000 of 50,000");
    let resident = status(pty.pid(), "VmRSS");
    std::thread::sleep(Duration::from_secs(12));
    println!(
        "tui process, 50,000 rows in 20 mounts: {resident:.0} MB resident, {:.0} MB after 12 s of refreshing, \
         at most {:.0} MB (aim: under 100)",
        status(pty.pid(), "VmRSS"),
        status(pty.pid(), "VmHWM")
    );
    pty.send("q");
    pty.ends();
}

fn real_process() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let quiet = Ui::new(UiOptions {
        quiet: true,
        no_input: true,
        ..UiOptions::default()
    });
    let stage = runtime.block_on(async {
        let options = DemoOptions {
            server: server_binary().unwrap(),
            plugin: env!("CARGO_BIN_EXE_sectigo-vault-pki").into(),
            mount: "sectigo-vault-pki".to_owned(),
        };
        let mut stage = DemoEnvironment::set(&quiet, &options).await.unwrap();
        sample_data::fill(&quiet, &mut stage, 300).await.unwrap();
        stage
    });
    let label = "300 certificates on a real server";
    starts(label, stage.server.address(), stage.server.token(), 300);
    runtime.block_on(stage.clear()).unwrap();
    let address = runtime.block_on(over_http(Arc::new(Memory::new(20, 2500))));
    starts(
        "50,000 in 20 mounts, answered from memory",
        &address,
        "none",
        1000,
    );
    memory_of_all(&address);
}

fn main() {
    real_process();
    for (mounts, each) in [(3, 100), (20, 2500)] {
        let (figures, grown) = run(mounts, each);
        let at = |share: f64| {
            let index = (figures.keys.len() as f64 * share) as usize;
            figures
                .keys
                .get(index.min(figures.keys.len().saturating_sub(1)))
                .copied()
                .unwrap_or_default()
        };
        println!(
            "tui {:>6} rows in {mounts:>2} mounts: first rows {:>6.1} ms; key to frame p50 {:.2} ms, p99 {:.2} ms, \
             longest {:.2} ms ({} keys, {} refreshes of all rows meanwhile); memory for them {}",
            figures.rows,
            figures.first_rows.as_secs_f64() * 1e3,
            at(0.5).as_secs_f64() * 1e3,
            at(0.99).as_secs_f64() * 1e3,
            at(1.0).as_secs_f64() * 1e3,
            figures.keys.len(),
            figures.refreshes,
            grown.map_or("unknown".to_owned(), |mb| format!("{mb:.0} MB")),
        );
    }
}
