//! The state file, with the real program: killed, started twice, damaged.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scm_sim::{Options, Sim};
use serde_json::{Value, json};

use crate::harness::{Scm, enrolment, until};

struct Program {
    child: Child,
    ready: Value,
}

impl Program {
    fn start(state: &Path) -> Self {
        let mut child = command(state).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Self { child, ready }
    }

    fn text(&self, name: &str) -> String {
        self.ready[name].as_str().unwrap().to_owned()
    }

    fn request(&self, path: &str) -> (reqwest::Client, String, [(&'static str, String); 3]) {
        let headers = [
            ("login", self.text("login")),
            ("password", self.text("password")),
            ("customerUri", self.text("customer_uri")),
        ];
        (
            reqwest::Client::new(),
            format!("{}{path}", self.text("base_url")),
            headers,
        )
    }

    async fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let (http, url, headers) = self.request(path);
        let request = headers
            .iter()
            .fold(http.get(url), |request, (name, value)| {
                request.header(*name, value)
            });
        let answer = request.send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.bytes().await.unwrap().to_vec(),
        )
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scm-sim"));
    command.arg("serve").arg("--state").arg(state);
    command
}

fn refused(state: &Path) -> String {
    let output = command(state).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(output.stdout.is_empty());
    errors
}

fn state_file() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("scm.state");
    (dir, path)
}

#[tokio::test]
async fn the_ready_line_names_everything() {
    let (_dir, path) = state_file();
    let program = Program::start(&path);
    for name in [
        "base_url",
        "https_url",
        "control_url",
        "token_url",
        "login",
        "password",
        "customer_uri",
        "client_id",
        "client_secret",
        "ca_pem",
        "root_pem",
        "issuing_pem",
        "client_cert_pem",
        "client_key_pem",
    ] {
        assert!(!program.text(name).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_answered() {
    let (_dir, path) = state_file();
    let program = Program::start(&path);
    let stop = Arc::new(AtomicBool::new(false));
    let mut workers = Vec::new();
    for worker in 0..8 {
        let (http, url, headers) = program.request("/api/ssl/v1/enroll");
        let stop = Arc::clone(&stop);
        workers.push(tokio::spawn(async move {
            let mut answered = Vec::new();
            for n in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let body = enrolment(&format!("h{n}.w{worker}.example.com"), json!({}));
                let request = headers
                    .iter()
                    .fold(http.post(&url), |request, (name, value)| {
                        request.header(*name, value)
                    });
                let Ok(answer) = request.body(body).send().await else {
                    break;
                };
                let Ok(body) = answer.bytes().await else {
                    break;
                };
                let body: Value = serde_json::from_slice(&body).unwrap();
                answered.push(body["sslId"].as_u64().unwrap());
            }
            answered
        }));
    }
    let started = std::time::Instant::now();
    loop {
        let (_, body) = program.get("/control/counters").await;
        let counters: Value = serde_json::from_slice(&body).unwrap();
        if counters["orders"].as_u64().unwrap() >= 100 {
            break;
        }
        assert!(started.elapsed().as_secs() < 60, "{counters}");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let (password, issuing) = (program.text("password"), program.text("issuing_pem"));
    program.kill();
    stop.store(true, Ordering::Relaxed);
    let program = Program::start(&path);
    assert_eq!(
        (program.text("password"), program.text("issuing_pem")),
        (password, issuing)
    );
    let mut answered = Vec::new();
    for worker in workers {
        answered.extend(worker.await.unwrap());
    }
    assert!(answered.len() >= 50, "{} answered", answered.len());
    for id in answered {
        let (status, _) = program
            .get(&format!("/api/ssl/v1/collect/{id}/x509CO"))
            .await;
        assert_eq!(status, 200, "certificate {id} was answered and is gone");
    }
}

#[tokio::test]
async fn everything_kept_is_there_after_a_restart() {
    let (_dir, path) = state_file();
    let program = Program::start(&path);
    let post = async |program: &Program, path: &str, body: String| {
        let (http, url, headers) = program.request(path);
        let request = headers
            .iter()
            .fold(http.post(url), |request, (name, value)| {
                request.header(*name, value)
            });
        let answer = request.body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let body = enrolment(
        "w.example.com",
        json!({ "certType": 55, "comments": "tag" }),
    );
    let (_, text) = post(&program, "/api/ssl/v1/enroll", body).await;
    let id = serde_json::from_str::<Value>(&text).unwrap()["sslId"].clone();
    let person = json!({ "firstName": "A", "lastName": "B", "email": "a@example.com", "organizationId": 123, "validationType": "HIGH" });
    assert_eq!(
        post(&program, "/api/person/v1", person.to_string()).await.0,
        201
    );
    post(
        &program,
        "/control/clock",
        "{\"advance\":\"5d\"}".to_owned(),
    )
    .await;
    let (_, before) = program
        .get(&format!("/api/ssl/v1/{id}?dateFormat=ISO_HMS"))
        .await;
    program.kill();
    let program = Program::start(&path);
    let (_, after) = program
        .get(&format!("/api/ssl/v1/{id}?dateFormat=ISO_HMS"))
        .await;
    assert_eq!(
        String::from_utf8_lossy(&before),
        String::from_utf8_lossy(&after)
    );
    assert_eq!(
        program
            .get("/api/person/v1/id/byEmail/a@example.com")
            .await
            .0,
        200
    );
    let (_, clock) = program.get("/control/clock").await;
    let clock: Value = serde_json::from_slice(&clock).unwrap();
    let now: jiff::Timestamp = clock["now"].as_str().unwrap().parse().unwrap();
    assert!(
        now.duration_since(jiff::Timestamp::now()).as_hours() >= 119,
        "the clock stays ahead"
    );
    assert_eq!(
        post(
            &program,
            &format!("/control/orders/{id}/approve"),
            String::new()
        )
        .await
        .0,
        200
    );
}

#[tokio::test]
async fn a_long_file_is_written_anew_and_means_the_same() {
    let (_dir, path) = state_file();
    let program = Program::start(&path);
    let post = async |program: &Program, path: &str, body: String| {
        let (http, url, headers) = program.request(path);
        let request = headers
            .iter()
            .fold(http.post(url), |request, (name, value)| {
                request.header(*name, value)
            });
        let answer = request.body(body).send().await.unwrap();
        serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap_or_default()
    };
    let mut last = 0;
    for n in 0..3 {
        let body = enrolment(&format!("h{n}.example.com"), json!({ "comments": "kept" }));
        let placed = post(&program, "/api/ssl/v1/enroll", body).await;
        last = placed["sslId"].as_u64().unwrap();
    }
    let revoked = format!("/api/ssl/v1/revoke/{last}");
    post(
        &program,
        &revoked,
        json!({"reason": "r", "reasonCode": 1}).to_string(),
    )
    .await;
    for _ in 0..110 {
        post(
            &program,
            "/control/clock",
            json!({"advance": "1m"}).to_string(),
        )
        .await;
    }
    let all = async |program: &Program| {
        let mut seen = Vec::new();
        for id in last - 2..=last {
            seen.push(
                program
                    .get(&format!("/api/ssl/v1/{id}?dateFormat=ISO_HMS"))
                    .await,
            );
            seen.push(program.get(&format!("/api/ssl/v1/collect/{id}/x509")).await);
        }
        seen
    };
    let before = all(&program).await;
    let password = program.text("password");
    program.kill();
    let long = std::fs::read(&path).unwrap();

    let program = Program::start(&path);
    let short = std::fs::read(&path).unwrap();
    assert!(
        short.len() < long.len() - 100 * 30,
        "{} of {}",
        short.len(),
        long.len()
    );
    assert_eq!(all(&program).await, before);
    assert_eq!(program.text("password"), password);
    let clock = program.get("/control/clock").await.1;
    let clock: Value = serde_json::from_slice(&clock).unwrap();
    let now: jiff::Timestamp = clock["now"].as_str().unwrap().parse().unwrap();
    assert!(now.duration_since(jiff::Timestamp::now()).as_mins() >= 109);
    let body = enrolment("next.example.com", json!({}));
    let placed = post(&program, "/api/ssl/v1/enroll", body).await;
    assert!(placed["sslId"].as_u64().unwrap() > last);
    program.kill();
    let program = Program::start(&path);
    assert_eq!(
        all(&program).await,
        before,
        "short files are read like long ones"
    );
}

#[tokio::test]
async fn a_second_program_on_one_file_is_refused() {
    let (_dir, path) = state_file();
    let program = Program::start(&path);
    let errors = refused(&path);
    assert!(errors.contains("in use by another scm-sim"), "{errors}");
    assert!(errors.contains(path.to_str().unwrap()), "{errors}");
    assert!(
        !errors.contains("panicked") && errors.lines().count() == 1,
        "{errors}"
    );
    assert_eq!(
        program.get("/api/ssl/v1/types").await.0,
        200,
        "the first one goes on"
    );
    program.kill();
    drop(Program::start(&path));
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_as_it_is() {
    let (_dir, path) = state_file();
    Program::start(&path).kill();
    let sound = std::fs::read(&path).unwrap();
    let mut flipped = sound.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let appended = [sound.as_slice(), b"not a line of ours"].concat();
    for (damaged, said) in [
        (b"something else entirely\n".to_vec(), "is not a state file"),
        (flipped, "is damaged at line 2"),
        (appended, "is damaged at line 3"),
    ] {
        std::fs::write(&path, &damaged).unwrap();
        let errors = refused(&path);
        assert!(
            errors.contains(said) && errors.contains("left as it is"),
            "{errors}"
        );
        assert_eq!(
            std::fs::read(&path).unwrap(),
            damaged,
            "the file was touched"
        );
    }
}

#[tokio::test]
async fn a_line_cut_short_by_a_crash_is_no_damage() {
    let (_dir, path) = state_file();
    Program::start(&path).kill();
    let whole = std::fs::read(&path).unwrap();
    let cut = [whole.as_slice(), b"0123456789abcdef {\"order\":{\"id\""].concat();
    std::fs::write(&path, cut).unwrap();
    Program::start(&path).kill();
    assert_eq!(std::fs::read(&path).unwrap(), whole);
}

#[tokio::test]
async fn stopped_and_started_again_in_one_process() {
    let (_dir, path) = state_file();
    let start = async || {
        let options = Options {
            state: Some(path.clone()),
            ..Options::default()
        };
        Sim::start(options).await
    };
    let mut scm = Scm {
        sim: start().await.unwrap(),
        http: reqwest::Client::new(),
    };
    scm.enrolled("a.example.com").await;
    assert!(start().await.is_err(), "the file is in use");
    for round in 1..4 {
        scm.sim.stop().await;
        scm = Scm {
            sim: start().await.unwrap(),
            http: reqwest::Client::new(),
        };
        assert_eq!(scm.orders("a.example.com").await, round);
        scm.enrolled("a.example.com").await;
    }
}

#[tokio::test]
async fn an_endless_answer_does_not_hold_up_the_end() {
    let scm = Scm::start().await;
    scm.rule(json!({ "call": "types", "slow": "10h" })).await;
    let request = scm.request(reqwest::Method::GET, "/api/ssl/v1/types");
    let asked = tokio::spawn(request.send());
    until("the call is in the log", async || {
        let log = scm.get("/control/calls?call=types").await.json();
        log.as_array().is_some_and(|calls| calls.len() == 1)
    })
    .await;
    scm.sim.stop().await;
    assert!(asked.await.unwrap().is_err());
}

#[tokio::test]
async fn sigterm_and_sigint_end_it_well() {
    for signal in ["-TERM", "-INT"] {
        let (_dir, path) = state_file();
        let mut program = Program::start(&path);
        let id = program.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(program.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn a_wrong_scenario_or_address_is_one_clear_line() {
    let program = env!("CARGO_BIN_EXE_scm-sim");
    for (arguments, said) in [
        (
            ["serve", "--scenario", "/nonexistent/x.toml"],
            "/nonexistent/x.toml",
        ),
        (
            ["serve", "--state", "/nonexistent/state"],
            "/nonexistent/state",
        ),
    ] {
        let output = Command::new(program).args(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            errors.contains(said) && errors.lines().count() == 1,
            "{errors}"
        );
    }
}
