//! The files that a run or a template writes: certificates, keys, lists and sheets.

use std::time::Duration;

use dev_server::PLUGIN_NAME;
use serde_json::json;

use crate::cuts::{end, reaches, start};
use crate::stage::{Stage, hosts};

#[tokio::test(flavor = "multi_thread")]
async fn certificates_and_keys_come_as_files_when_asked_for() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::with(json!({"key_type": "EC", "key_storage": "once"})).await;
    let file = stage.file("hosts.csv", hosts(3));
    let refused = stage.run(&["apply", "--yes"], &file).await.expect(2);
    assert!(refused.err.contains("--out-dir"), "{}", refused.err);
    let out = stage.path("certs");
    stage
        .run(
            &["apply", "--yes", "--out-dir", out.to_str().unwrap()],
            &file,
        )
        .await
        .expect(0);
    for n in 0..3 {
        let host = out.join(format!("host-{n}.example.com"));
        let key = std::fs::read_to_string(host.join("key.pem")).unwrap();
        let chain = std::fs::read_to_string(host.join("fullchain.pem")).unwrap();
        assert!(key.contains("PRIVATE KEY"));
        assert!(chain.matches("BEGIN CERTIFICATE").count() >= 2, "{chain}");
        let mode = std::fs::metadata(host.join("key.pem"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    for name in ["hosts.web.svpki-journal", "hosts.web.result.csv"] {
        let text = std::fs::read_to_string(stage.path(name)).unwrap();
        assert!(
            !text.contains("PRIVATE KEY") && !text.contains("hvs."),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_written_are_told_of() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(3));
    let out = stage.path("certs");
    std::fs::create_dir(&out).unwrap();
    // A file has the name that the host's folder needs.
    std::fs::write(out.join("host-1.example.com"), "").unwrap();
    let args = ["apply", "--yes", "--out-dir", out.to_str().unwrap()];
    let ended = stage.run(&args, &file).await.expect(6);
    let told: Vec<&str> = ended
        .out
        .lines()
        .filter(|line| line.contains("its files were not written"))
        .collect();
    assert!(
        told.len() == 1 && told[0].contains("host-1.example.com"),
        "{}",
        ended.out
    );
    let result = std::fs::read_to_string(stage.path("hosts.web.result.csv")).unwrap();
    assert_eq!(
        result.matches("its files were not written").count(),
        1,
        "{result}"
    );
    assert!(out.join("host-0.example.com/key.pem").is_file());
    assert_eq!(stage.live().await.len(), 3, "the certificate is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_can_be_filled_in() {
    let stage = Stage::open().await;
    let path = stage.path("web-template.xlsx");
    let ended = stage
        .run(&["template", "--config"], std::path::Path::new("web"))
        .await
        .expect(0);
    assert!(ended.err.contains("is written"), "{}", ended.err);
    let rows = crate::formats::rows_here(&path, None).unwrap();
    let header = &crate::formats::texts(&rows)[0].1;
    assert_eq!(
        header[..4],
        [
            "Common Name",
            "Subject Alternative Names",
            "Certificate Profile",
            "Term"
        ]
    );
    let lists = crate::formats::texts(&crate::formats::rows_here(&path, Some("Lists")).unwrap());
    assert!(
        lists
            .iter()
            .any(|(_, cells)| cells.contains(&"OV Multi-Domain".to_owned())),
        "{lists:?}"
    );
    let csv = stage.path("t.csv");
    let args = ["template", "--config", "web", "--out"];
    stage.run(&args, &csv).await.expect(0);
    let text = std::fs::read_to_string(&csv).unwrap();
    std::fs::write(
        &csv,
        format!("{text}a.example.com,,OV Multi-Domain,1 year,EC,P-384,hello,\n"),
    )
    .unwrap();
    let plan = stage
        .run(&["plan", "-o", "json"], &csv)
        .await
        .expect(0)
        .json();
    assert_eq!(plan["rows"][0]["key_type"], "EC P-384", "{plan}");
    assert_eq!(plan["rows"][0]["profile_id"], 51);
    stage.run(&args, &csv).await.expect(2);
    // Regression: an XLSX file was written with the name `t.ods`.
    let ods = stage.path("t.ods");
    let refused = stage.run(&args, &ods).await.expect(2);
    assert!(refused.err.contains("not .ods"), "{}", refused.err);
    assert!(!ods.exists());
}

/// Regression: `--deploy-list hosts.csv` and `plan --out hosts.csv` replaced the sheet, and a missing folder was
/// noticed only after the order.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_beside_the_result_replaces_no_file_of_others() {
    let stage = Stage::open().await;
    let sheet = hosts(1);
    let file = stage.file("hosts.csv", &sheet);
    let notes = stage.file("notes.csv", "mine\n");
    let link = stage.path("link.csv");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let (out, absent) = (stage.path("certs"), stage.path("absent/list.csv"));
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let apply = |list: &std::path::Path| {
        [
            "apply",
            "--yes",
            "--out-dir",
            &text(&out),
            "--deploy-list",
            &text(list),
        ]
        .map(str::to_owned)
    };
    let result = ["--result".to_owned(), text(&stage.path("r.csv"))];
    for (args, words) in [
        (apply(&file).to_vec(), "the sheet that is worked on"),
        (apply(&link).to_vec(), "the sheet that is worked on"),
        (apply(&notes).to_vec(), "exists already"),
        (apply(&absent).to_vec(), "no such folder"),
        (
            [&apply(&stage.path("r.csv"))[..], &result].concat(),
            "the file of --result",
        ),
        (
            ["plan", "--out", &text(&file), "--force"]
                .map(str::to_owned)
                .to_vec(),
            "the sheet that is planned",
        ),
        (
            ["plan", "--out", &text(&notes)].map(str::to_owned).to_vec(),
            "exists already",
        ),
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let refused = stage.run(&args, &file).await.expect(2);
        assert!(refused.err.contains(words), "{args:?}: {}", refused.err);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), sheet);
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "mine\n");
    assert_eq!(stage.orders_at_scm().await, 0);
    let plan = ["plan", "--force", "--out", &text(&notes)].map(str::to_owned);
    let plan: Vec<&str> = plan.iter().map(String::as_str).collect();
    stage.run(&plan, &file).await.expect(0);
    // The same command again updates its own list.
    let list = stage.path("list.csv");
    let args = apply(&list);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    stage.run(&args, &file).await.expect(0);
    stage.run(&args, &file).await.expect(0);
    assert_eq!(crate::stage::result_rows(&list).len(), 1);
}

/// Regression: the operator's own key was replaced.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_somebody_else_stay_and_the_new_ones_go_beside_them() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(2));
    let out = stage.path("certs");
    let own = out.join("host-1.example.com");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("key.pem"), "mine").unwrap();
    let args = ["apply", "--yes", "--out-dir", out.to_str().unwrap()];
    let ended = stage.run(&args, &file).await.expect(0);
    assert!(
        ended
            .err
            .contains("host-1.example.com has files that svpki did not write"),
        "{}",
        ended.err
    );
    assert_eq!(
        std::fs::read_to_string(own.join("key.pem")).unwrap(),
        "mine"
    );
    assert_eq!(std::fs::read_dir(&own).unwrap().count(), 1);
    let rows = crate::stage::result_rows(&stage.path("hosts.web.result.csv"));
    let beside = out.join(format!("host-1.example.com-{}", rows[1]["id"]));
    assert!(beside.join("key.pem").is_file());
    assert!(out.join("host-0.example.com/key.pem").is_file());
}

/// Regression: 187 of 200 orders were placed, but only `cannot write` was printed.
#[tokio::test(flavor = "multi_thread")]
async fn the_summary_is_printed_whatever_happened_to_the_result() {
    let stage = Stage::open().await;
    let slow = json!([{"call": ["enroll"], "slow": "300ms"}]);
    stage.rules(&slow).await;
    let file = stage.file("hosts.csv", hosts(8));
    let journal = stage.path("hosts.web.svpki-journal");
    let args = ["apply", "--yes", "--concurrency", "2"];
    let mut run = start(stage.svpki(&args, &file));
    assert!(reaches(&mut run, &journal, 2).await);
    // A folder has the name of the result.
    let result = stage.path("hosts.web.result.csv");
    std::fs::create_dir(&result).unwrap();
    let ended = end(run).await.expect(1);
    assert!(
        ended
            .out
            .contains("8 rows: 8 issued; the result could not be written"),
        "{}",
        ended.out
    );
    assert!(
        ended.err.contains("svpki bulk apply --yes"),
        "{}",
        ended.err
    );
    std::fs::remove_dir(&result).unwrap();
    stage.run(&args, &file).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 8);
    assert!(result.is_file());
}

/// Regression: a run with `--yes` shows no plan, so the engine's warnings about its rows were not shown at all.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_engine_remarks_of_many_rows_is_said_once() {
    let stage = Stage::open().await;
    let rows: String = (0..3)
        .map(|n| format!("host-{n}.example.com,365\n"))
        .collect();
    let file = stage.file("hosts.csv", format!("Common Name,Term\n{rows}"));
    let applied = stage.run(&["apply", "--yes"], &file).await.expect(0);
    let said = "3 rows: a term of 365 days is above the";
    assert_eq!(applied.err.matches(said).count(), 1, "{}", applied.err);
    assert_eq!(
        applied.err.matches("a term of").count(),
        1,
        "{}",
        applied.err
    );
    // Nothing is ordered, so there are no warnings.
    let again = stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert!(!again.err.contains("a term of"), "{}", again.err);
}

/// Regression: after a mount was moved, `bulk status` replaced the ids in the result by `unsent`.
#[tokio::test(flavor = "multi_thread")]
async fn a_moved_mount_costs_no_id_in_the_result() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(2));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    let result = stage.path("hosts.web.result.csv");
    let before = std::fs::read(&result).unwrap();
    let to = json!({"from": PLUGIN_NAME, "to": "moved"});
    let server = &stage.server;
    let moving = server.must("POST", "sys/remount", Some(&to)).await.unwrap();
    let path = format!(
        "sys/remount/status/{}",
        moving["migration_id"].as_str().unwrap()
    );
    for _ in 0..100 {
        let now = server.must("GET", &path, None).await.unwrap();
        if now["migration_info"]["status"] == "success" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let told = stage.run(&["status"], &file).await;
    assert_eq!(std::fs::read(&result).unwrap(), before, "{}", told.err);
    assert!(told.err.contains("hosts.web.result.2.csv"), "{}", told.err);
}
