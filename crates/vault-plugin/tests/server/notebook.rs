//! Requests, storage, errors and faults, through a server and back.

use std::time::Duration;

use dev_server::DevServer;
use serde_json::{Value, json};

use dev_server::fixtures::{server, until};

const MOUNT: &str = "sectigo-vault-pki";

async fn notebook() -> DevServer {
    server(&crate::example()).await
}

async fn ask(server: &DevServer, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let path = format!("{MOUNT}/{path}");
    server.request(method, &path, body.as_ref()).await.unwrap()
}

#[tokio::test]
async fn notes_are_written_read_listed_and_deleted() {
    let server = notebook().await;
    let (status, body) = ask(&server, "POST", "notes/a", Some(json!({"text": "1"}))).await;
    assert_eq!((status, &body["data"]["created"]), (200, &json!(true)));
    let (_, body) = ask(&server, "POST", "notes/a", Some(json!({"text": "2"}))).await;
    assert_eq!(body["data"]["created"], json!(false));
    let (_, body) = ask(&server, "GET", "notes/a", None).await;
    assert_eq!(body["data"]["text"], "2");
    let (_, body) = ask(&server, "LIST", "notes", None).await;
    assert_eq!(body["data"]["keys"], json!(["a"]));
    assert_eq!(ask(&server, "DELETE", "notes/a", None).await.0, 204);
    assert_eq!(ask(&server, "GET", "notes/a", None).await.0, 404);
    assert_eq!(ask(&server, "LIST", "notes", None).await.0, 404);
}

#[tokio::test]
async fn batches_pages_and_the_servers_own_view() {
    let server = notebook().await;
    let first = json!({"a": "1", "b": "1", "c": "1", "d": "1"});
    assert_eq!(ask(&server, "POST", "batch", Some(first)).await.0, 204);
    let second = json!({"b": "2", "c": null, "e": "2"});
    assert_eq!(ask(&server, "POST", "batch", Some(second)).await.0, 204);
    let (_, body) = ask(&server, "GET", "page?after=a&limit=2", None).await;
    assert_eq!(body["data"]["found"], json!(["b", "d"]));
    let (_, body) = ask(&server, "GET", "page?limit=0", None).await;
    assert_eq!(body["data"]["found"], json!([]));

    let (_, body) = ask(&server, "GET", "about", None).await;
    assert_eq!(body["data"]["standby"], json!(false));
    assert_eq!(body["data"]["started"], json!(true), "{body}");
    let (_, health) = server.request("GET", "sys/health", None).await.unwrap();
    assert_eq!(body["data"]["server_version"], health["version"]);
}

#[tokio::test]
async fn each_error_has_its_status_and_its_text() {
    let server = notebook().await;
    for (kind, expected, own_text) in [
        ("bad-request", 400, true),
        ("permission-denied", 403, false),
        ("not-found", 404, true),
        ("unsupported-path", 404, false),
        ("unsupported-operation", 405, false),
        ("conflict", 409, true),
        ("bad-gateway", 502, true),
        ("unavailable", 503, true),
        ("internal", 500, true),
    ] {
        let (status, body) = ask(&server, "GET", &format!("error/{kind}"), None).await;
        assert_eq!(status, expected, "{kind}: {body}");
        let said = body.to_string();
        assert_eq!(
            said.contains(&format!("a text about {kind}")),
            own_text,
            "{kind}: {said}"
        );
        assert!(!said.contains("rpc error"), "{kind}: {said}");
    }
}

#[tokio::test]
async fn eight_mebibytes_pass_in_both_directions() {
    let server = notebook().await;
    let long = "x".repeat(8 * 1024 * 1024);
    let (status, body) = ask(&server, "POST", "echo", Some(json!({"text": long}))).await;
    assert_eq!(status, 200);
    assert_eq!(
        body["data"]["text"].as_str().map(str::len),
        Some(long.len())
    );
    let (status, body) = ask(&server, "POST", "notes/long", Some(json!({"text": long}))).await;
    assert_eq!(status, 200, "{body}");
    let (_, body) = ask(&server, "GET", "notes/long", None).await;
    assert_eq!(
        body["data"]["text"].as_str().map(str::len),
        Some(long.len())
    );
}

#[tokio::test]
async fn a_raw_body_is_sent_as_it_is() {
    let server = notebook().await;
    let answer = ask(&server, "GET", "raw", None).await;
    assert_eq!(answer, (218, Value::from("abcd")));
}

#[tokio::test]
async fn a_panic_ends_one_request_and_tells_nobody_what_it_held() {
    let server = notebook().await;
    let before = server.plugin_pids();
    let body = json!({"text": "hunter2\n{\"@message\": 5}"});
    let (status, said) = ask(&server, "POST", "panic", Some(body)).await;
    assert_eq!(status, 500);
    assert!(!said.to_string().contains("hunter2"));
    assert_eq!(ask(&server, "GET", "about", None).await.0, 200);
    assert_eq!(server.plugin_pids(), before);
    let log = server.log();
    assert!(log.contains("examples/notebook.rs:"), "where it happened");
    assert!(!log.contains("hunter2"));
}

#[tokio::test]
async fn no_log_text_hurts_the_server() {
    let server = notebook().await;
    for text in [
        "{\"@message\": 5}",
        "x\n{\"@message\": 5}\n{\"@level\": {}}",
        "panic: not really",
        "\u{0}\u{1b}[31m\r\n\u{2028}",
        &"\u{1}é\n".repeat(100_000),
    ] {
        let (status, said) = ask(&server, "POST", "log", Some(json!({"text": text}))).await;
        assert_eq!(status, 204, "{said}");
        assert_eq!(ask(&server, "GET", "about", None).await.0, 200);
    }
}

#[tokio::test]
async fn what_was_begun_is_finished_when_the_caller_hangs_up() {
    let server = notebook().await;
    let call = ask(&server, "POST", "slow", Some(json!({})));
    tokio::time::timeout(Duration::from_millis(200), call)
        .await
        .expect_err("the caller is gone before the answer");
    let mut seen = Vec::new();
    until("the work is done", Duration::from_secs(10), async || {
        let (_, body) = ask(&server, "GET", "notes/slow", None).await;
        seen.push(body["data"]["text"].clone());
        seen.last() == Some(&json!("done"))
    })
    .await;
    assert!(seen.contains(&json!("begun")), "{seen:?}");
}

#[tokio::test]
async fn a_backend_that_gives_no_help_harms_nobody_elses() {
    let server = notebook().await;
    for path in ["", "nothing", "notes/nothing"] {
        let (status, body) = ask(&server, "GET", &format!("{path}?help=1"), None).await;
        assert_eq!(status, 200, "{path}: {body}");
    }
    let (status, _) = server
        .request("GET", "sys/internal/specs/openapi", None)
        .await
        .unwrap();
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_refused_set_up_fails_the_mount_with_its_text() {
    let server = notebook().await;
    let mount = json!({"type": MOUNT, "options": {"refuse": "not on a Monday"}});
    let (status, body) = server
        .request("POST", "sys/mounts/refused", Some(&mount))
        .await
        .unwrap();
    assert_eq!(status, 400, "{body}");
    assert!(body.to_string().contains("not on a Monday"), "{body}");
}
