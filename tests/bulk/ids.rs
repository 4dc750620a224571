//! The id of a certificate is never lost, and no step is done twice, when results are used as inputs, interrupted,
//! sorted and retried.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cuts::{end, reaches, signal, start};
use crate::stage::{Stage, hosts, result_rows};

/// Applies `hosts.csv` and returns the path of the result.
async fn applied(stage: &Stage, count: usize) -> PathBuf {
    let file = stage.file("hosts.csv", hosts(count));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    stage.path("hosts.web.result.csv")
}

fn ids(path: &Path) -> Vec<String> {
    let rows = result_rows(path);
    rows.iter().map(|row| row["id"].clone()).collect()
}

async fn slow(stage: &Stage, call: &str) {
    let rules = json!([{"name": "slow", "call": [call], "slow": "400ms"}]);
    stage.rules(&rules).await;
}

/// Regression: after an interrupted renewal, the result had no id for any row that was not reached. The command in the
/// hint then renewed again what was renewed already, and reported the other rows as invalid.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_renewal_keeps_the_ids_and_goes_on() {
    let stage = Stage::open().await;
    let result = applied(&stage, 10).await;
    let before = ids(&result);
    slow(&stage, "renew").await;
    let journal = stage.path("hosts.web.svpki-journal");
    let args = ["renew", "--yes", "--concurrency", "2"];
    let mut run = start(stage.svpki(&args, &result));
    assert!(reaches(&mut run, &journal, 3).await);
    signal("-INT", run.id());
    let cut = end(run).await.expect(130);
    assert!(
        cut.err.contains("svpki bulk renew --yes --concurrency 2"),
        "the hint is the whole line: {}",
        cut.err
    );
    assert!(
        !cut.out.contains("the run ended before this row"),
        "{}",
        cut.out
    );
    let rows = result_rows(&result);
    assert_eq!(ids(&result), before, "every row has its id");
    let unsent = rows.iter().filter(|row| row["status"] == "unsent").count();
    assert!(unsent > 0, "{rows:?}");
    stage.rules(&json!([])).await;
    stage.run(&args, &result).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 20, "each is renewed once");
    assert_eq!(ids(&result), before);
    let rows = result_rows(&result);
    for row in &rows {
        assert!(
            !row["successor_id"].is_empty() && row["successor_id"] != row["id"],
            "{row:?}"
        );
        assert_eq!(row["action"], "renew");
    }
    // Once more with the journal, and once without it.
    stage.run(&args, &result).await.expect(0);
    std::fs::remove_file(&journal).unwrap();
    stage.run(&args, &result).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 20);
    assert_eq!(
        result_rows(&result)[3]["successor_id"],
        rows[3]["successor_id"]
    );
}

/// Regression: 4 rows were revoked and 8 lost their id. The same command then said `12 rows: 4 exists, 8 invalid`.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_revocation_goes_on_with_what_is_left() {
    let stage = Stage::open().await;
    let result = applied(&stage, 8).await;
    let before = ids(&result);
    slow(&stage, "revoke").await;
    let journal = stage.path("hosts.web.svpki-journal");
    let args = [
        "revoke",
        "--yes",
        "--concurrency",
        "2",
        "--reason",
        "key leak",
    ];
    let mut run = start(stage.svpki(&args, &result));
    assert!(reaches(&mut run, &journal, 3).await);
    signal("-INT", run.id());
    end(run).await.expect(130);
    assert_eq!(ids(&result), before);
    stage.rules(&json!([])).await;
    let other_words = ["revoke", "--yes", "--reason", "the key leaked"];
    stage.run(&other_words, &result).await.expect(0);
    assert_eq!(stage.live().await.len(), 0);
    assert_eq!(ids(&result), before);
}

/// Regression: `retry` of a failed renewal placed a new enrolment.
#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_tried_again_as_what_it_was() {
    let stage = Stage::open().await;
    let result = applied(&stage, 2).await;
    let before = ids(&result);
    let error = json!({"status": 400, "code": -180, "description": "Renewal is not permitted"});
    let refused = json!([{"call": ["renew"], "error": error}]);
    stage.rules(&refused).await;
    stage.run(&["renew", "--yes"], &result).await.expect(6);
    assert_eq!(ids(&result), before, "a row that failed keeps its id");
    stage.rules(&json!([])).await;
    stage.run(&["retry", "--yes"], &result).await.expect(0);
    let rows = result_rows(&result);
    for (row, id) in rows.iter().zip(&before) {
        let renewed = stage
            .must(
                "GET",
                &format!("readcert/web/{}", row["successor_id"]),
                None,
            )
            .await;
        assert_eq!(renewed["data"]["renewed_from"], **id, "{row:?}");
    }
    assert_eq!(
        stage.live().await.len(),
        2,
        "nothing was enrolled beside them"
    );
}

/// Regression: 24 rows were sorted in reverse order while `apply` ran, and the result gave ed23 the id of ed00.
#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_that_is_sorted_while_it_is_worked_on_keeps_ids_with_their_rows() {
    let stage = Stage::open().await;
    slow(&stage, "enroll").await;
    let file = stage.file("hosts.csv", hosts(12));
    let journal = stage.path("hosts.web.svpki-journal");
    let mut run = start(stage.svpki(&["apply", "--yes", "--concurrency", "3"], &file));
    assert!(reaches(&mut run, &journal, 3).await);
    let turned: String = (1..13)
        .rev()
        .map(|n| format!("host-{n}.example.com\n"))
        .collect();
    stage.file("hosts.csv", format!("Common Name\n{turned}"));
    let ended = end(run).await.expect(0);
    assert!(
        ended.err.contains("was changed while svpki worked on it"),
        "{}",
        ended.err
    );
    assert!(
        ended.err.contains("row 2 was changed or removed"),
        "{}",
        ended.err
    );
    let certificates = stage.certificates().await;
    let rows = result_rows(&stage.path("hosts.web.result.csv"));
    assert_eq!(
        rows.len(),
        13,
        "the added row, and the removed one at the end"
    );
    assert_eq!(
        rows[0]["status"], "unsent",
        "host-12 came too late: {:?}",
        rows[0]
    );
    assert_eq!(rows[12]["Common Name"], "host-0.example.com");
    for row in &rows[1..] {
        let of_vault = certificates.iter().find(|(id, _)| *id == row["id"]);
        assert_eq!(
            of_vault.map(|(_, name)| name),
            Some(&row["Common Name"]),
            "{row:?}"
        );
    }
}

/// Regression: a result in which only one column was sorted would have revoked the certificates of other hosts.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_the_certificate_of_another_host_is_refused() {
    let stage = Stage::open().await;
    let result = applied(&stage, 2).await;
    let before = ids(&result);
    let mixed = stage.file(
        "mixed.csv",
        format!(
            "Common Name,Certificate ID\nhost-1.example.com,{}\nHOST-1.example.com,{}\n",
            before[0], before[1]
        ),
    );
    for step in ["revoke", "renew", "replace"] {
        let reason: &[&str] = if step == "renew" {
            &[]
        } else {
            &["--reason", "x"]
        };
        let args = [&[step, "--plan", "-o", "json"], reason].concat();
        let plan = stage.run(&args, &mixed).await.expect(7).json();
        assert_eq!(plan["rows"][0]["verdict"], "invalid", "{plan}");
        let why = plan["rows"][0]["message"].as_str().unwrap();
        assert!(why.contains("is host-0.example.com's"), "{why}");
        assert_eq!(plan["rows"][1]["verdict"], "new", "{plan}");
    }
}

/// Regression: the result of one sheet replaced the result of another sheet, and people's notes and columns were lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_replaces_nothing_that_svpki_did_not_write() {
    let stage = Stage::open().await;
    let bytes = std::fs::read(crate::formats::fixture("hint_two_sheets.xlsx")).unwrap();
    let file = stage.file("hosts.xlsx", bytes);
    for sheet in ["Berlin", "Paris"] {
        let args = ["apply", "--yes", "--sheet", sheet];
        stage.run(&args, &file).await.expect(0);
    }
    assert!(stage.path("hosts.Berlin.web.result.xlsx").exists());
    assert!(stage.path("hosts.Paris.web.result.xlsx").exists());

    let notes = stage.file("q3.web.result.csv", "these are notes\n");
    let file = stage.file("q3.csv", hosts(1));
    let ended = stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert!(ended.err.contains("the result goes to"), "{}", ended.err);
    assert_eq!(
        std::fs::read_to_string(&notes).unwrap(),
        "these are notes\n"
    );
    assert_eq!(result_rows(&stage.path("q3.web.result.2.csv")).len(), 1);
    let args = ["apply", "--yes", "--result", notes.to_str().unwrap()];
    let refused = stage.run(&args, &file).await.expect(2);
    assert!(refused.err.contains("did not write it"), "{}", refused.err);

    let fed = stage.file("team.csv", "Common Name\nteam.example.com\n");
    stage.run(&["apply", "--yes"], &fed).await.expect(0);
    let result = stage.path("team.web.result.csv");
    let text = std::fs::read_to_string(&result).unwrap();
    let mut lines = text.lines();
    let deployed = format!(
        "{},Deployed\n{},yes\n",
        lines.next().unwrap(),
        lines.next().unwrap()
    );
    std::fs::write(&result, deployed).unwrap();
    stage.run(&["status"], &result).await.expect(0);
    let rows = result_rows(&result);
    assert_eq!(rows[0]["Deployed"], "yes", "{rows:?}");
    assert_eq!(rows[0]["status"], "issued");
}
