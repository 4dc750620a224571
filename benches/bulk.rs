//! `svpki bulk` measured against something that runs beside it: a shell loop of the vendor's own command line, the
//! generation of the same keys, and itself on a hundredth of the rows.
//!
//! `SVPKI_BENCH=throughput|rsa|memory|planning` runs one of the four; `cargo bench --bench bulk` runs all. Planning is
//! measured in pairs with another build of svpki where `SVPKI_BESIDE` names one.

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
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dev_server::server_binary;
use pki::PrivateKey;
use sectigo_vault_pki::cli::bulk::keys::RowIds;
use sectigo_vault_pki::cli::bulk::sheet::{Cell, Format, ResultWriter};
use serde_json::json;
use svpki_types::{KeySpec, RsaSize};

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
    if wanted("planning") {
        runtime.block_on(planning());
    }
    if wanted("memory") {
        runtime.block_on(memory());
    }
}

/// Processor time and memory of a plan of 100,000 rows that name ten hosts, so that hardly a row asks the server: all that
/// svpki itself does for a row. Beside it runs another build, or the same for a hundredth of the rows.
async fn planning() {
    const ROWS: usize = 100_000;
    let stage = Stage::open().await;
    println!("planning {ROWS} rows, processor time and memory");
    let narrow: &[(&str, &str)] = &[];
    let wide: &[(&str, &str)] = &[
        ("SANs", "www.example.com,ftp.example.com"),
        ("Profile", "51"),
        ("Term", "365"),
        ("Key Type", "EC"),
        ("Rack", "r7"),
    ];
    let formats = ["csv", "xlsx", "ods"];
    let kinds = formats.map(|format| [(format, "narrow", narrow), (format, "wide", wide)]);
    for (format, name, more) in kinds.into_iter().flatten() {
        let table = |name: &str, rows: usize| {
            let hosts = (0..rows).map(|n| format!("host-{}.example.com", n % 10));
            table(&stage, name, format, hosts, more)
        };
        let (many, few) = (table("many", ROWS), table("few", ROWS / 100));
        let beside = std::env::var_os("SVPKI_BESIDE");
        let mut pairs = Vec::new();
        for _ in 0..3 {
            let ours = stage.svpki(&["plan", "--quiet", "-o", "json"], &many);
            let other = match &beside {
                Some(program) => {
                    let mut other = Command::new(program);
                    other.args(ours.get_args()).stdin(Stdio::null());
                    for (name, value) in ours.get_envs() {
                        match value {
                            Some(value) => other.env(name, value),
                            None => other.env_remove(name),
                        };
                    }
                    other
                }
                None => stage.svpki(&["plan", "--quiet", "-o", "json"], &few),
            };
            let mut pair = [(0.0, 0.0); 2];
            for (command, measured) in [ours, other].into_iter().zip(&mut pair) {
                let before = of_children();
                let (code, peak) = watch(&mut start(command)).await;
                assert_eq!(code, Some(7), "twins are findings");
                *measured = (of_children() - before, peak as f64 / 1024.0);
            }
            pairs.push(pair);
        }
        let against = if beside.is_some() {
            "the other build"
        } else {
            "1,000 rows"
        };
        for [ours, other] in pairs {
            println!(
                "  {format:4} {name:6} {:.2} s, {:.1} MiB; {against} {:.2} s, {:.1} MiB; ratios {:.2}, {:.2}",
                ours.0,
                ours.1,
                other.0,
                other.1,
                ours.0 / other.0,
                ours.1 / other.1
            );
        }
    }
}

/// EC keys, an SCM without delay: rows a second, against `bao write` in a shell loop over rows of the same file.
async fn throughput() {
    const LOOP: usize = 200;
    const ROWS: usize = 2000;
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(ROWS));
    let before = (cpu(&stage), of_children());
    let started = Instant::now();
    let mut run = start(stage.svpki(&["apply", "--yes", "--quiet"], &file));
    let (code, peak) = watch(&mut run).await;
    let took = started.elapsed().as_secs_f64();
    assert_eq!(code, Some(0));
    let bulk = spent(&stage, &before, "svpki");

    let script = format!(
        "tail -n +2 hosts.csv | head -n {LOOP} | while read -r name; do \
         \"$BAO\" write sectigo-vault-pki/enroll/web common_name=\"$name\" >/dev/null 2>&1 || exit 1; done"
    );
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &script])
        .current_dir(file.parent().unwrap())
        .env("BAO", server_binary().unwrap())
        .env("BAO_ADDR", stage.server.address())
        .env("BAO_TOKEN", stage.server.token())
        .env("VAULT_ADDR", stage.server.address())
        .env("VAULT_TOKEN", stage.server.token());
    let before = (cpu(&stage), of_children());
    let started = Instant::now();
    let done = tokio::task::spawn_blocking(move || shell.status())
        .await
        .unwrap()
        .unwrap();
    assert!(done.success(), "the shell loop");
    let of_loop = LOOP as f64 / started.elapsed().as_secs_f64();
    let shell = spent(&stage, &before, "bao");

    let of_bulk = ROWS as f64 / took;
    println!("throughput, EC P-256, no delay at SCM");
    println!("  shell loop of bao write  {of_loop:8.1} rows a second ({LOOP} rows)");
    println!(
        "  svpki bulk apply         {of_bulk:8.1} rows a second ({ROWS} rows, start and plan included)"
    );
    println!("  ratio                    {:8.1}", of_bulk / of_loop);
    let each = |spent: &BTreeMap<&str, f64>, rows: usize| {
        let parts: Vec<String> = spent
            .iter()
            .map(|(name, seconds)| format!("{name} {:.2}", 1000.0 * seconds / rows as f64))
            .collect();
        let all: f64 = spent.values().sum();
        (1000.0 * all / rows as f64, parts.join(", "))
    };
    let ((loop_all, loop_parts), (all, parts)) = (each(&shell, LOOP), each(&bulk, ROWS));
    println!("  processor time a row, which other work on the machine does not change much:");
    println!("    shell loop  {loop_all:7.2} ms ({loop_parts})");
    println!("    bulk apply  {all:7.2} ms ({parts})");
    println!("    ratio       {:7.1}", loop_all / all);
    println!("  memory of svpki {:.1} MiB at most", peak as f64 / 1024.0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (bottleneck, _) = bulk.iter().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    let busy = bulk.values().sum::<f64>() / (took * cores as f64);
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
    let (code, _) = watch(&mut run).await;
    let took = started.elapsed().as_secs_f64();
    assert_eq!(code, Some(0));
    let raw = (first + generate(ROWS)) / 2.0;
    println!("RSA-2048, {ROWS} rows");
    println!("  key generation alone     {raw:8.2} s on {cores} cores");
    println!("  svpki bulk apply         {took:8.2} s");
    println!("  ratio                    {:8.2}", took / raw);
}

/// The most memory that each verb holds, for 1,000 rows and for 100,000 of each format. All but a few rows are done
/// according to the journal, so that what is measured is the reading, the remembering and the writing, not SCM.
async fn memory() {
    const OPEN: usize = 8;
    let stage = Stage::open().await;
    // A real run's first line says where the journal belongs.
    let first = stage.file("first.csv", hosts(1));
    assert_eq!(stage.run(&["apply", "--yes"], &first).await.code, Some(0));
    let journal = std::fs::read_to_string(stage.path("first.web.svpki-journal")).unwrap();
    let run = journal.lines().next().unwrap().to_owned();
    println!("memory of svpki bulk, MiB at most");
    for format in ["csv", "xlsx", "ods"] {
        for verb in ["plan", "apply", "status", "retry"] {
            let mut peaks = Vec::new();
            for rows in [1_000, 100_000] {
                let name = format!("{verb}-{rows}");
                let hosts = (0..rows).map(|n| format!("host-{n}.example.com"));
                let file = table(&stage, &name, format, hosts, &[]);
                let done = done_before(&run, rows - OPEN);
                stage.file(&format!("{name}.svpki-journal"), done);
                let args: &[&str] = match verb {
                    "plan" => &["plan", "--quiet", "-o", "json"],
                    "status" => &["status", "--quiet"],
                    verb => &[verb, "--yes", "--quiet", "--allow-duplicates"],
                };
                let mut run = start(stage.svpki(args, &file));
                let (code, peak) = watch(&mut run).await;
                // Status tells of the rows that no run has sent, and a retry leaves them as they are.
                let expected = if matches!(verb, "status" | "retry") {
                    6
                } else {
                    0
                };
                assert_eq!(code, Some(expected), "{format} {verb} {rows}");
                peaks.push(peak as f64 / 1024.0);
            }
            println!(
                "  {format:4} {verb:6} {:6.1} with 1,000 rows, {:6.1} with 100,000: ratio {:.2}",
                peaks[0],
                peaks[1],
                peaks[1] / peaks[0]
            );
        }
    }
}

/// A table of hosts, all with the same further columns; a workbook shares its strings, as Excel and LibreOffice write
/// it.
fn table(
    stage: &Stage,
    name: &str,
    format: &str,
    hosts: impl Iterator<Item = String>,
    more: &[(&str, &str)],
) -> PathBuf {
    let path = stage.path(&format!("{name}.{format}"));
    let first = std::iter::once(("Common Name".to_owned(), true));
    let rows = first.chain(hosts.map(|host| (host, false)));
    let rows = rows.map(|(name, is_header)| {
        let more = more.iter();
        let more = more.map(|(header, value)| if is_header { header } else { value }.to_string());
        std::iter::once(name).chain(more).collect::<Vec<_>>()
    });
    match format {
        "csv" => {
            let text: String = rows
                .map(|row| format!("\"{}\"\n", row.join("\",\"")))
                .collect();
            std::fs::write(&path, text).unwrap();
        }
        "xlsx" => {
            let mut workbook = rust_xlsxwriter::Workbook::new();
            let sheet = workbook.add_worksheet();
            for (number, row) in (0..).zip(rows) {
                sheet.write_row(number, 0, row).unwrap();
            }
            workbook.save(&path).unwrap();
        }
        _ => {
            let sheet = "Hosts".to_owned();
            let mut writer = ResultWriter::create(&path, &Format::Ods { sheet }).unwrap();
            for row in rows {
                let cells: Vec<Cell> = row.into_iter().map(Cell::text).collect();
                writer.row(&cells).unwrap();
            }
            writer.finish().unwrap();
        }
    }
    path
}

/// The journal of an earlier run in which the first rows were issued.
fn done_before(run: &str, rows: usize) -> String {
    let mut ids = RowIds::new("enroll", "web").unwrap();
    let mut journal = format!("{run}\n");
    for n in 0..rows {
        let body = json!({"common_name": format!("host-{n}.example.com")});
        let id = ids.next("", body.as_object().unwrap()).unwrap().to_string();
        let sent = json!({"event": "sent", "id": id, "row": n + 2, "attempt": 1});
        let outcome = json!({
            "state": "done", "id": format!("{n}_example"), "order_id": format!("order-{n}"), "status": "issued",
            "serial": "5d:1f:c0:77:10:6e:4a:93:0b:52:ee:8c:5b:f0:a1:27", "not_after": "2027-06-10T23:59:59Z",
        });
        let ended = json!({"event": "ended", "id": id, "attempt": 1, "outcome": outcome});
        journal.push_str(&format!("{sent}\n{ended}\n"));
    }
    journal
}

fn start(mut command: Command) -> Child {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Waits for the end; gives the exit code and the peak of its memory in KiB.
async fn watch(child: &mut Child) -> (Option<i32>, u64) {
    let mut peak = 0;
    loop {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|text| text.trim().split(' ').next()?.parse().ok());
        peak = now.unwrap_or(0).max(peak);
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), peak);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// What everybody on the stage spent since then, and the processes that ran beside it under `name`.
fn spent(
    stage: &Stage,
    before: &(BTreeMap<&'static str, f64>, f64),
    name: &'static str,
) -> BTreeMap<&'static str, f64> {
    let mut spent = cpu(stage);
    for (name, seconds) in &mut spent {
        *seconds -= before.0[name];
    }
    spent.insert(name, of_children() - before.1);
    spent
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
    ticks(pid, [11, 12])
}

/// The same of all processes that we started and waited for, and of those that they waited for.
fn of_children() -> f64 {
    ticks(std::process::id(), [13, 14])
}

fn ticks(pid: u32, fields: [usize; 2]) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold spaces.
    let all: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = fields.map(|field| all.get(field).and_then(|text| text.parse::<f64>().ok()));
    ticks.iter().flatten().sum::<f64>() / 100.0
}
