//! Runs at a terminal: questions, the progress bar, and asking for another token.

use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::cuts::{everything_once, sent};
use crate::stage::{Stage, hosts};
use crate::terminal::Terminal;

const PATIENCE: Duration = Duration::from_secs(90);

/// Starts `svpki bulk …` in a terminal.
fn terminal(stage: &Stage, token: &str, args: &[&str], file: &Path) -> Terminal {
    let args: Vec<&str> = ["bulk"]
        .into_iter()
        .chain(args.iter().copied())
        .chain(file.to_str())
        .collect();
    Terminal::open(
        env!("CARGO_BIN_EXE_svpki"),
        &args,
        &stage.path(""),
        [
            ("BAO_ADDR", OsStr::new(stage.server.address())),
            ("BAO_TOKEN", OsStr::new(token)),
        ],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_once_and_sees_how_far_it_is() {
    let stage = Stage::open().await;
    stage
        .rules(&json!([{"call": ["enroll"], "slow": "300ms"}]))
        .await;
    let file = stage.file("hosts.csv", hosts(20));
    let token = stage.server.token().to_owned();
    let mut no = terminal(&stage, &token, &["apply"], &file);
    no.wait_until_said("Place 20 orders through config web");
    no.press("n\r");
    assert_eq!(no.exit_code(), 1, "{}", no.said());
    assert!(no.said().contains("nothing was ordered"), "{}", no.said());
    assert_eq!(stage.orders_at_scm().await, 0);

    let mut yes = terminal(&stage, &token, &["apply", "--concurrency", "2"], &file);
    yes.wait_until_said("Place 20 orders through config web");
    yes.press("y\r");
    yes.wait_until_said("rows a second");
    yes.wait_until_said("/20 ");
    yes.wait_until_said("s left");
    assert_eq!(yes.exit_code(), 0, "{}", yes.said());
    everything_once(&stage, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whose_token_has_run_out_is_asked_for_another() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(30));
    let journal = stage.path("hosts.web.svpki-journal");
    let token = stage.token().await;
    let args = ["apply", "--yes", "--concurrency", "2"];
    let mut run = terminal(&stage, &token, &args, &file);
    let start = Instant::now();
    while sent(&journal) < 6 {
        assert!(start.elapsed() < PATIENCE, "{}", run.said());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stage.revoke(&token).await;
    run.wait_until_said("Another token");
    let other = stage.token().await;
    run.press(&format!("{other}\r"));
    assert_eq!(run.exit_code(), 0, "{}", run.said());
    assert!(!run.said().contains(&other), "a token is not shown");
    everything_once(&stage, 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_wants_the_number_typed() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(3));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    let result = stage.path("hosts.web.result.csv");
    let token = stage.server.token().to_owned();
    let args = ["revoke", "--reason", "gone"];
    let mut wrong = terminal(&stage, &token, &args, &result);
    wrong.wait_until_said("Permanently revoke 3 certificates");
    wrong.press("y\r");
    assert_eq!(wrong.exit_code(), 1, "{}", wrong.said());
    assert_eq!(stage.live().await.len(), 3);
    let mut right = terminal(&stage, &token, &args, &result);
    right.wait_until_said("Permanently revoke 3 certificates");
    right.press("3\r");
    assert_eq!(right.exit_code(), 0, "{}", right.said());
    assert_eq!(stage.live().await.len(), 0);
}
