//! What `svpki` costs: a list of a hundred thousand certificates beside one of a thousand, and its start and one read
//! beside the vendor's own command line, both against the same server.
//!
//! `SVPKI_BENCH=list|start` runs one of the two; `cargo bench --bench cli` runs both.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement may stop at the first surprise, and prints what it measures"
)]

#[path = "../tests/support/pages.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod pages;

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dev_server::{server_binary, without_server_settings};
use pages::Pages;
use sectigo_vault_pki::cli::demo::{DemoEnvironment, DemoOptions};
use sectigo_vault_pki::cli::{Ui, UiOptions};
use serde_json::json;

const SVPKI: &str = env!("CARGO_BIN_EXE_svpki");

#[tokio::main]
async fn main() {
    let only = std::env::var("SVPKI_BENCH").ok();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("list") {
        list().await;
    }
    if wanted("start") {
        start().await;
    }
}

/// Time to the first row, time in all and the most memory, for each form of output; a list that streams has both
/// ratios near one.
async fn list() {
    println!("svpki certs list, a server that answers pages at once");
    println!("  form      rows   first row       all    memory");
    for form in ["table", "json", "yaml", "csv"] {
        let mut measured = Vec::new();
        for rows in [1_000, 100_000] {
            let pages = Pages::serve(rows, false).await;
            let address = pages.address.clone();
            let ran = tokio::task::spawn_blocking(move || listed(&address, form));
            let (first, all, peak) = ran.await.unwrap();
            println!(
                "  {form:6} {rows:>7}   {:6.0} ms  {:6.2} s  {:4.1} MiB",
                first.as_secs_f64() * 1e3,
                all.as_secs_f64(),
                peak / 1024.0
            );
            measured.push((first, peak));
        }
        let [(first, peak), (later, higher)] = measured[..] else {
            unreachable!("two sizes");
        };
        println!(
            "  {form:6} 100,000 rows beside 1,000: first row {:.2}, memory {:.2}",
            later.as_secs_f64() / first.as_secs_f64(),
            higher / peak
        );
    }
}

fn listed(address: &str, form: &str) -> (Duration, Duration, f64) {
    let mut command = Command::new(SVPKI);
    let begin = Instant::now();
    let mut child = without_server_settings(&mut command)
        .args(["certs", "list", "--mount", "pki", "-o", form])
        .env("VAULT_ADDR", address)
        .env("VAULT_TOKEN", "any")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut buffer = vec![0; 1 << 16];
    let mut first = None;
    let mut peak = 0.0;
    // Each piece that is read is an occasion to look at the memory; the last one comes before the process ends.
    while out.read(&mut buffer).unwrap() > 0 {
        first.get_or_insert_with(|| begin.elapsed());
        peak = peak_kib(child.id()).unwrap_or(peak);
    }
    assert!(child.wait().unwrap().success());
    (first.unwrap(), begin.elapsed(), peak)
}

fn peak_kib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().split(' ').next()?.parse().ok()
}

/// `--version`, and one certificate read, in turns so that both meet the same load.
async fn start() {
    let server = server_binary().unwrap();
    let ui = Ui::new(UiOptions {
        quiet: true,
        no_input: true,
        ..UiOptions::default()
    });
    let options = DemoOptions {
        server: server.clone(),
        plugin: env!("CARGO_BIN_EXE_sectigo-vault-pki").into(),
        mount: "pki".to_owned(),
    };
    let mut stage = DemoEnvironment::set(&ui, &options).await.unwrap();
    stage
        .config("web", &json!({"profile_id": 51, "term": 199}))
        .await
        .unwrap();
    let fields = json!({"common_name": "www.example.com", "key_type": "EC"});
    let answer = stage.engine.enroll("web", &fields).await.unwrap().value;
    let id = answer.sectigo_cert_unique_id;
    let path = format!("pki/certs/web/{id}");
    println!("svpki beside {}, median of 21", server.display());
    for (what, ours, theirs) in [
        ("--version", vec!["--version"], vec!["version"]),
        (
            "one certificate",
            vec!["certs", "read", "web", &id],
            vec!["read", &path],
        ),
    ] {
        let (mut own, mut other) = (Vec::new(), Vec::new());
        for _ in 0..21 {
            own.push(once(Path::new(SVPKI), &ours, &stage));
            other.push(once(&server, &theirs, &stage));
        }
        own.sort();
        other.sort();
        let (own, other) = (own[10].as_secs_f64() * 1e3, other[10].as_secs_f64() * 1e3);
        println!(
            "  {what:16} {own:7.1} ms, {other:7.1} ms: {:.2} of its time",
            own / other
        );
    }
}

fn once(program: &Path, args: &[&str], stage: &DemoEnvironment) -> Duration {
    let mut command = Command::new(program);
    without_server_settings(&mut command)
        .args(args)
        .env("VAULT_ADDR", stage.server.address())
        .env("VAULT_TOKEN", stage.server.token())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let begin = Instant::now();
    let status = command.status().unwrap();
    let took = begin.elapsed();
    assert!(status.success(), "{} {args:?}", program.display());
    took
}
