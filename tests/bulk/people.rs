//! Runs with a person at the terminal: the questions, the bar, another token.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};
use serde_json::json;

use crate::cuts::{everything_once, sent};
use crate::stage::{Stage, hosts};

const PATIENCE: Duration = Duration::from_secs(90);

/// `svpki bulk …` in a terminal of 80 columns, without colour.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    said: Arc<Mutex<Vec<u8>>>,
    // Dropping it would end the session.
    _pair: PtyPair,
}

impl Terminal {
    fn open(stage: &Stage, token: &str, args: &[&str], file: &Path) -> Self {
        let size = PtySize {
            rows: 40,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_svpki"));
        command.arg("bulk");
        command.args(args);
        command.arg(file);
        command.cwd(stage.path(""));
        command.env_clear();
        command.env("HOME", stage.path(""));
        command.env("TERM", "xterm");
        command.env("NO_COLOR", "1");
        command.env("BAO_ADDR", stage.server.address());
        command.env("BAO_TOKEN", token);
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                ear.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self {
            child,
            keys,
            said,
            _pair: pair,
        }
    }

    /// Everything that was sent to the screen, frames of the bar that were overwritten included.
    fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }

    async fn wait_for(&self, text: &str) {
        let start = Instant::now();
        while !self.said().contains(text) {
            assert!(start.elapsed() < PATIENCE, "{text:?}:\n{}", self.said());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    async fn exit_code(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            if start.elapsed() > PATIENCE {
                let _ = self.child.kill();
                panic!("it did not end:\n{}", self.said());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_once_and_sees_how_far_it_is() {
    let stage = Stage::open().await;
    stage
        .rules(&json!([{"call": ["enroll"], "slow": "300ms"}]))
        .await;
    let file = stage.file("hosts.csv", hosts(20));
    let token = stage.server.token().to_owned();
    let mut no = Terminal::open(&stage, &token, &["apply"], &file);
    no.wait_for("Place 20 orders through config web").await;
    no.press("n\r");
    assert_eq!(no.exit_code().await, 1, "{}", no.said());
    assert!(no.said().contains("nothing was ordered"), "{}", no.said());
    assert_eq!(stage.orders_at_scm().await, 0);

    let mut yes = Terminal::open(&stage, &token, &["apply", "--concurrency", "2"], &file);
    yes.wait_for("Place 20 orders through config web").await;
    yes.press("y\r");
    yes.wait_for("rows a second").await;
    yes.wait_for("/20 ").await;
    yes.wait_for("s left").await;
    assert_eq!(yes.exit_code().await, 0, "{}", yes.said());
    everything_once(&stage, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whose_token_has_run_out_is_asked_for_another() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(30));
    let journal = stage.path("hosts.svpki-journal");
    let token = stage.token().await;
    let args = ["apply", "--yes", "--concurrency", "2"];
    let mut run = Terminal::open(&stage, &token, &args, &file);
    let start = Instant::now();
    while sent(&journal) < 6 {
        assert!(start.elapsed() < PATIENCE, "{}", run.said());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stage.revoke(&token).await;
    run.wait_for("Another token").await;
    let other = stage.token().await;
    run.press(&format!("{other}\r"));
    assert_eq!(run.exit_code().await, 0, "{}", run.said());
    assert!(!run.said().contains(&other), "a token is not shown");
    everything_once(&stage, 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_wants_the_number_typed() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(3));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    let result = stage.path("hosts.result.csv");
    let token = stage.server.token().to_owned();
    let args = ["revoke", "--reason", "gone"];
    let mut wrong = Terminal::open(&stage, &token, &args, &result);
    wrong.wait_for("Revoke for ever 3 certificates").await;
    wrong.press("y\r");
    assert_eq!(wrong.exit_code().await, 1, "{}", wrong.said());
    assert_eq!(stage.live().await.len(), 3);
    let mut right = Terminal::open(&stage, &token, &args, &result);
    right.wait_for("Revoke for ever 3 certificates").await;
    right.press("3\r");
    assert_eq!(right.exit_code().await, 0, "{}", right.said());
    assert_eq!(stage.live().await.len(), 0);
}
