//! `svpki bulk` measured against something that runs beside it: a shell loop of the vendor's own command line, the
//! generation of the same keys, and itself on a hundredth of the rows.
//!
//! `SVPKI_BENCH=throughput|rsa|memory` runs one of the three; `cargo bench --bench bulk` runs all.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement may stop at the first surprise, and prints what it measures"
)]

#[path = "../tests/bulk/stage.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod stage;
#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sectigo_vault_pki::cli::demo::server::server_binary;
use sectigo_vault_pki::domain::{KeySpec, RsaSize};
use sectigo_vault_pki::x509::PrivateKey;
use serde_json::json;

use stage::{Stage, hosts};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let only = std::env::var("SVPKI_BENCH").ok();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("throughput") {
        runtime.block_on(throughput());
    }
    if wanted("rsa") {
        runtime.block_on(rsa());
    }
    if wanted("memory") {
        runtime.block_on(memory());
    }
}

/// EC keys, an SCM without delay: rows a second, against `bao write` in a shell loop over rows of the same kind.
async fn throughput() {
    const LOOP: usize = 30;
    const ROWS: usize = 600;
    let stage = Stage::open().await;
    let script = format!(
        "for n in $(seq {LOOP}); do \"$BAO\" write sectigo-vault-pki/enroll/web \
         common_name=loop-$n.example.com >/dev/null || exit 1; done"
    );
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &script])
        .env("BAO", server_binary().unwrap())
        .env("BAO_ADDR", stage.server.address())
        .env("BAO_TOKEN", stage.server.token())
        .env("VAULT_ADDR", stage.server.address())
        .env("VAULT_TOKEN", stage.server.token());
    let started = Instant::now();
    let done = tokio::task::spawn_blocking(move || shell.status())
        .await
        .unwrap()
        .unwrap();
    assert!(done.success(), "the shell loop");
    let of_loop = LOOP as f64 / started.elapsed().as_secs_f64();

    let file = stage.file("hosts.csv", hosts(ROWS));
    let before = cpu(&stage);
    let started = Instant::now();
    let mut run = start(stage.svpki(&["apply", "--yes", "--quiet"], &file));
    let (code, _, own) = watch(&mut run).await;
    let took = started.elapsed().as_secs_f64();
    assert_eq!(code, Some(0));
    let mut spent = cpu(&stage);
    for (name, seconds) in &mut spent {
        *seconds -= before[name];
    }
    spent.insert("svpki", own);
    let of_bulk = ROWS as f64 / took;
    println!("throughput, EC P-256, no delay at SCM");
    println!("  shell loop of bao write  {of_loop:8.1} rows a second");
    println!("  svpki bulk apply         {of_bulk:8.1} rows a second, its plan included");
    println!("  ratio                    {:8.1}", of_bulk / of_loop);
    let total: f64 = spent.values().sum();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("  processor time of the run, of {cores} cores for {took:.2} s:");
    for (name, seconds) in &spent {
        println!(
            "    {name:10} {seconds:6.2} s  {:5.1} %",
            100.0 * seconds / total
        );
    }
    let (bottleneck, _) = spent.iter().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    let busy = total / (took * cores as f64);
    println!(
        "  the bottleneck is {bottleneck}; all together kept the cores {:.0} % busy",
        100.0 * busy
    );
}

/// RSA-2048: the time of a run against the time that the cores need to generate as many keys.
async fn rsa() {
    const ROWS: usize = 96;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let generate = |count: usize| {
        let started = Instant::now();
        std::thread::scope(|scope| {
            for worker in 0..cores {
                scope.spawn(move || {
                    for _ in (worker..count).step_by(cores) {
                        PrivateKey::generate(KeySpec::Rsa(RsaSize::R2048)).unwrap();
                    }
                });
            }
        });
        started.elapsed().as_secs_f64()
    };
    // How long a key takes is a matter of luck: before and after, and the mean of both.
    let first = generate(ROWS);
    let stage = Stage::with(json!({"key_type": "RSA", "key_bits": "2048"})).await;
    let file = stage.file("hosts.csv", hosts(ROWS));
    let started = Instant::now();
    let mut run = start(stage.svpki(&["apply", "--yes", "--quiet"], &file));
    let (code, ..) = watch(&mut run).await;
    let took = started.elapsed().as_secs_f64();
    assert_eq!(code, Some(0));
    let raw = (first + generate(ROWS)) / 2.0;
    println!("RSA-2048, {ROWS} rows");
    println!("  key generation alone     {raw:8.2} s on {cores} cores");
    println!("  svpki bulk apply         {took:8.2} s");
    println!("  ratio                    {:8.2}", took / raw);
}

/// The most memory that a plan holds, for 1,000 rows and for 100,000.
async fn memory() {
    let stage = Stage::open().await;
    let mut peaks = Vec::new();
    println!("memory of svpki bulk plan");
    for rows in [1_000, 100_000] {
        let file = stage.file(&format!("hosts-{rows}.csv"), hosts(rows));
        let out = stage.path(&format!("plan-{rows}.csv"));
        let mut run =
            start(stage.svpki(&["plan", "--quiet", "--out", out.to_str().unwrap()], &file));
        let (code, peak, _) = watch(&mut run).await;
        assert_eq!(code, Some(0));
        println!("  {rows:>7} rows {:8.1} MiB at most", peak as f64 / 1024.0);
        peaks.push(peak as f64);
    }
    println!("  ratio        {:8.2}", peaks[1] / peaks[0]);
}

fn start(mut command: Command) -> Child {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Waits for the end; gives the exit code, the peak of its memory in KiB and its processor time in seconds.
async fn watch(child: &mut Child) -> (Option<i32>, u64, f64) {
    let (mut peak, mut seconds) = (0, 0.0_f64);
    loop {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|text| text.trim().split(' ').next()?.parse().ok());
        peak = now.unwrap_or(0).max(peak);
        seconds = cpu_of(child.id()).max(seconds);
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), peak, seconds);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Processor time of everyone on the stage but `svpki`.
fn cpu(stage: &Stage) -> BTreeMap<&'static str, f64> {
    let plugin = stage.server.plugin_pids().into_iter().map(cpu_of).sum();
    BTreeMap::from([
        ("server", cpu_of(stage.server.pid())),
        ("plugin", plugin),
        ("scm-sim", cpu_of(std::process::id())),
    ])
}

/// User and system time of a process, in seconds.
fn cpu_of(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold spaces.
    let fields: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .and_then(|text| text.parse::<f64>().ok())
            .unwrap_or_default()
    };
    (ticks(11) + ticks(12)) / 100.0
}
