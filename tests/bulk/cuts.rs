//! Interrupted runs: by kill -9, by the loss of the plugin or the server, by an expired token, by Ctrl-C.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::stage::{Ended, Stage, hosts, result_rows};
use crate::support::until;

/// A pseudo-random generator with a fixed seed, so that every run is interrupted at the same moments.
struct Moments(u64);

impl Moments {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % most
    }
}

/// How many requests the journal has recorded as sent.
pub fn sent(journal: &Path) -> usize {
    let text = std::fs::read_to_string(journal).unwrap_or_default();
    text.matches("\"event\":\"sent\"").count()
}

pub fn start(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the run has sent `more` requests, or has ended.
pub async fn reaches(child: &mut Child, journal: &Path, more: usize) -> bool {
    let before = sent(journal);
    let mut running = true;
    until(
        "requests in the journal",
        Duration::from_secs(120),
        async || {
            running = child.try_wait().unwrap().is_none();
            !running || sent(journal) >= before + more
        },
    )
    .await;
    running
}

pub async fn end(child: Child) -> Ended {
    let output = tokio::task::spawn_blocking(move || child.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    Ended {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

pub fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill")
        .args([name, &pid.to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

pub async fn everything_once(stage: &Stage, rows: usize) {
    assert_eq!(stage.orders_at_scm().await, rows as u64, "orders at SCM");
    let certificates = stage.certificates().await;
    assert_eq!(certificates.len(), rows, "certificates in Vault");
    let mut names: Vec<&str> = certificates.iter().map(|(_, name)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows, "different names");
    let result = result_rows(&stage.path("hosts.web.result.csv"));
    assert_eq!(result.len(), rows, "rows of the result");
    for row in &result {
        assert_eq!(row["status"], "issued", "{row:?}");
        let of_vault = certificates.iter().find(|(id, _)| *id == row["id"]);
        assert_eq!(
            of_vault.map(|(_, name)| name),
            Some(&row["Common Name"]),
            "{row:?}"
        );
    }
}

/// `SVPKI_TEST_ROWS` and `SVPKI_TEST_KILLS` make the test longer, for example 1000 and 10.
#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_every_row_is_ordered_once() {
    let number = |name: &str, default: usize| {
        std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let rows = number("SVPKI_TEST_ROWS", 60);
    let kills = number("SVPKI_TEST_KILLS", 5);
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(rows));
    let journal = stage.path("hosts.web.svpki-journal");
    let mut moments = Moments(20261123);
    for _ in 0..kills {
        let mut run = start(stage.svpki(&["apply", "--yes", "--concurrency", "4"], &file));
        let more = 1 + moments.below((rows / kills) as u64 - 1) as usize;
        reaches(&mut run, &journal, more).await;
        // Kill the process some time after it wrote a line to the journal, not directly afterwards.
        tokio::time::sleep(Duration::from_micros(moments.below(20_000))).await;
        run.kill().unwrap();
        run.wait().unwrap();
    }
    let before = stage.orders_at_scm().await;
    assert!(before < rows as u64, "the kills came too late to matter");
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    everything_once(&stage, rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_dies_costs_no_row() {
    // If the plugin died while it placed an order, it looks the order up at SCM, and sends it again if SCM does not
    // have it.
    let stage = Stage::with(json!({"key_type": "EC", "settle_after": "1s"})).await;
    let file = stage.file("hosts.csv", hosts(30));
    let journal = stage.path("hosts.web.svpki-journal");
    let mut run = start(stage.svpki(
        &["apply", "--yes", "--concurrency", "4", "--wait", "100s"],
        &file,
    ));
    for _ in 0..2 {
        if reaches(&mut run, &journal, 8).await {
            for pid in stage.server.plugin_pids() {
                signal("-KILL", pid);
            }
        }
    }
    end(run).await.expect(0);
    everything_once(&stage, 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_server_ends_the_run_with_what_is_done() {
    let mut stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(200));
    let journal = stage.path("hosts.web.svpki-journal");
    let mut run = start(stage.svpki(
        &["apply", "--yes", "--patience", "1s", "--concurrency", "2"],
        &file,
    ));
    assert!(reaches(&mut run, &journal, 20).await);
    stage.server.kill().unwrap();
    let ended = end(run).await.expect(1);
    assert!(ended.err.contains("left undone"), "{}", ended.err);
    assert!(
        ended.err.contains("the same line goes on with them"),
        "{}",
        ended.err
    );
    let rows = result_rows(&stage.path("hosts.web.result.csv"));
    assert_eq!(rows.len(), 200);
    let issued = rows.iter().filter(|row| row["status"] == "issued").count();
    let unknown = rows.iter().filter(|row| row["status"] == "unknown").count();
    let unsent = rows.iter().filter(|row| row["status"] == "unsent").count();
    assert_eq!(issued + unknown + unsent, 200);
    assert!(
        issued >= 1 && unknown >= 1 && unsent >= 1,
        "{issued} {unknown} {unsent}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_stops_the_run_and_a_new_one_finishes_it() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(40));
    let journal = stage.path("hosts.web.svpki-journal");
    let token = stage.token().await;
    let mut command = stage.svpki(&["apply", "--yes", "--concurrency", "2"], &file);
    command.env("BAO_TOKEN", &token);
    let mut run = start(command);
    assert!(reaches(&mut run, &journal, 6).await);
    stage.revoke(&token).await;
    let ended = end(run).await.expect(4);
    assert!(ended.err.contains("left undone"), "{}", ended.err);
    assert!(!ended.err.contains(&token));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    everything_once(&stage, 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_renewed_in_its_file_is_taken_up() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(40));
    let journal = stage.path("hosts.web.svpki-journal");
    let token = stage.token().await;
    let sink = stage.file("sink", &token);
    let args = [
        "apply",
        "--yes",
        "--concurrency",
        "2",
        "--token-file",
        sink.to_str().unwrap(),
    ];
    let mut command = stage.svpki(&args, &file);
    command.env_remove("BAO_TOKEN");
    let mut run = start(command);
    assert!(reaches(&mut run, &journal, 6).await);
    std::fs::write(&sink, stage.server.token()).unwrap();
    stage.revoke(&token).await;
    end(run).await.expect(0);
    everything_once(&stage, 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_lets_what_is_in_flight_end() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(80));
    let journal = stage.path("hosts.web.svpki-journal");
    let mut run = start(stage.svpki(&["apply", "--yes", "--concurrency", "2"], &file));
    assert!(reaches(&mut run, &journal, 6).await);
    signal("-INT", run.id());
    let ended = end(run).await.expect(130);
    assert!(ended.err.contains("stopping"), "{}", ended.err);
    let text = std::fs::read_to_string(&journal).unwrap();
    let answers = text.matches("\"event\":\"ended\"").count();
    assert_eq!(
        answers,
        sent(&journal),
        "every request that was sent was answered"
    );
    assert_eq!(stage.orders_at_scm().await, answers as u64);
    assert!(answers < 80);
    let rows = result_rows(&stage.path("hosts.web.result.csv"));
    assert_eq!(
        rows.iter().filter(|row| row["status"] == "issued").count(),
        answers
    );
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    everything_once(&stage, 80).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_interrupt_stops_now() {
    let stage = Stage::open().await;
    let slow = json!([{"call": ["enroll"], "after": 6, "slow": "60s"}]);
    stage.rules(&slow).await;
    let file = stage.file("hosts.csv", hosts(30));
    let journal = stage.path("hosts.web.svpki-journal");
    let mut run = start(stage.svpki(&["apply", "--yes", "--concurrency", "2"], &file));
    assert!(reaches(&mut run, &journal, 7).await);
    signal("-INT", run.id());
    // The answers to the rows in flight take a minute, so the run must still be there.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(run.try_wait().unwrap().is_none());
    signal("-INT", run.id());
    let ended = end(run).await.expect(130);
    assert!(ended.err.contains("left undone"), "{}", ended.err);
    let rows = result_rows(&stage.path("hosts.web.result.csv"));
    assert_eq!(rows.len(), 30, "the result is written all the same");
    stage.rules(&json!([])).await;
    let args = ["apply", "--yes", "--wait", "150s"];
    stage.run(&args, &file).await.expect(0);
    everything_once(&stage, 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_do_not_share_a_file() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(60));
    let journal = stage.path("hosts.web.svpki-journal");
    let mut run = start(stage.svpki(&["apply", "--yes", "--concurrency", "2"], &file));
    assert!(reaches(&mut run, &journal, 4).await);
    let second = stage.run(&["apply", "--yes"], &file).await.expect(1);
    assert!(
        second.err.contains("another svpki works on this file"),
        "{}",
        second.err
    );
    end(run).await.expect(0);
    everything_once(&stage, 60).await;
}
