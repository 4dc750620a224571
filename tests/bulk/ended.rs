//! Rows whose certificate has ended are new again, and plan and apply agree on every row.

use std::time::Duration;

use reqwest::Method;

use crate::cuts::{end, start};
use crate::stage::{Stage, hosts, result_rows};
use crate::support::until;

async fn revoke(stage: &Stage, name: &str) {
    let live = stage.live().await;
    let (id, _) = live
        .iter()
        .find(|(_, other)| other == name)
        .expect("in use");
    let body = serde_json::json!({"reason": "gone"});
    stage
        .must("PUT", &format!("revoke/web/{id}"), Some(&body))
        .await;
}

/// Regression: `plan` said `exists` in one folder and `new` in the other, and `apply` placed no order in either.
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_row_is_ordered_anew_in_whatever_folder() {
    let stage = Stage::open().await;
    let text = std::fs::read(crate::formats::fixture("revoked_then_again.csv")).unwrap();
    let file = stage.file("hosts.csv", &text);
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    revoke(&stage, "rev1.example.com").await;
    let status = stage
        .run(&["status", "-o", "json"], &file)
        .await
        .expect(0)
        .json();
    assert_eq!(status["rows"][0]["status"], "revoked", "{status}");

    let plan = stage
        .run(&["plan", "-o", "json"], &file)
        .await
        .expect(0)
        .json();
    assert_eq!(plan["rows"][0]["verdict"], "new", "{plan}");
    assert_eq!(plan["summary"]["orders"], 1, "{plan}");
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 4);
    let first = result_rows(&stage.path("hosts.web.result.csv"));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 4, "once");
    assert_eq!(
        result_rows(&stage.path("hosts.web.result.csv"))[0]["id"],
        first[0]["id"]
    );

    // Both certificates are revoked, and the other folder has no journal.
    revoke(&stage, "rev1.example.com").await;
    revoke(&stage, "rev2.example.com").await;
    std::fs::create_dir(stage.path("other")).unwrap();
    let other = stage.file("other/hosts.csv", &text);
    let plan = stage
        .run(&["plan", "-o", "json"], &other)
        .await
        .expect(0)
        .json();
    assert_eq!(plan["summary"]["new"], 2, "{plan}");
    stage.run(&["apply", "--yes"], &other).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 6);
    assert_eq!(stage.live().await.len(), 3);
    for row in result_rows(&stage.path("other/hosts.web.result.csv")) {
        assert!(
            ["issued", "exists"].contains(&row["status"].as_str()),
            "{row:?}"
        );
    }
}

/// Regression: for last year's sheet, `plan` said `2 new; 2 orders would be placed`, but `apply` said `2 rows: 2
/// expired` and placed no order.
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_row_is_ordered_anew_under_the_key_of_a_new_attempt() {
    let stage = Stage::open().await;
    let text = std::fs::read(crate::formats::fixture("yearly.csv")).unwrap();
    let file = stage.file("yearly.csv", &text);
    let advance = async |time: &str| {
        let by = serde_json::json!({"advance": time});
        stage.control(Method::POST, "clock", &by).await;
    };
    // The certificates are valid for ten minutes, of which thirty seconds are left.
    advance("-570s").await;
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    advance("570s").await;
    let result = stage.path("yearly.web.result.csv");
    let first = result_rows(&result);
    until(
        "the certificates expire",
        Duration::from_secs(90),
        async || stage.live().await.is_empty(),
    )
    .await;

    // In another folder, without the journal, for only one of the two rows.
    std::fs::create_dir(stage.path("other")).unwrap();
    let lines = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = lines.lines().take(2).collect();
    let other = stage.file("other/yearly.csv", lines.join("\n"));
    let plan = stage.run(&["plan", "-o", "json"], &other).await;
    assert_eq!(plan.expect(0).json()["summary"]["orders"], 1);
    stage.run(&["apply", "--yes"], &other).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 3);
    let here = result_rows(&stage.path("other/yearly.web.result.csv"));
    assert_eq!(here[0]["status"], "issued", "{here:?}");

    let plan = stage.run(&["plan", "-o", "json"], &file).await;
    let plan = plan.expect(0).json();
    assert_eq!(plan["rows"][0]["verdict"], "exists", "{plan}");
    assert_eq!(plan["rows"][1]["verdict"], "new", "{plan}");
    let why = plan["rows"][1]["message"].as_str().unwrap();
    assert!(why.contains("is expired: a new one is ordered"), "{why}");
    for _ in 0..2 {
        stage.run(&["apply", "--yes"], &file).await.expect(0);
        assert_eq!(stage.orders_at_scm().await, 4, "once");
    }
    let again = result_rows(&result);
    assert_eq!(again[0]["id"], here[0]["id"]);
    assert_ne!(again[1]["id"], first[1]["id"]);
    assert_eq!(again[1]["status"], "issued", "{again:?}");
    let journal = std::fs::read_to_string(stage.path("yearly.web.svpki-journal")).unwrap();
    let sent = |attempt: u32| {
        let words = format!("\"attempt\":{attempt},");
        let lines = journal.lines().filter(|line| line.contains("\"sent\""));
        lines.filter(|line| line.contains(&words)).count()
    };
    assert_eq!([sent(1), sent(2)], [2, 1], "{journal}");
}

/// Regression: `plan` said `3 new; 3 orders would be placed`, and `apply --allow-duplicates` placed none.
#[tokio::test(flavor = "multi_thread")]
async fn duplicates_that_are_allowed_are_ordered() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(3));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    std::fs::create_dir(stage.path("other")).unwrap();
    let other = stage.file("other/hosts.csv", hosts(3));
    let args = ["plan", "--allow-duplicates", "-o", "json"];
    let plan = stage.run(&args, &other).await.expect(0).json();
    assert_eq!(plan["summary"]["orders"], 3, "{plan}");
    let args = ["apply", "--yes", "--allow-duplicates"];
    stage.run(&args, &other).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 6);
    // The same command again continues with its own orders.
    stage.run(&args, &other).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 6);
    assert_eq!(stage.live().await.len(), 6);
}

/// Regression: a row that was covered by another run's open order was reported as done with the order's id, even with
/// `--wait`.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_order_of_another_run_is_followed_to_its_certificate() {
    let stage = Stage::open().await;
    let text = "CN,Profile\na.example.com,55\n";
    let first = stage.file("first.csv", text);
    stage.run(&["apply", "--yes"], &first).await.expect(5);
    let second = stage.file(
        "second.csv",
        text.replace("Profile", "Profile,Comments")
            .replace("55", "55,ours"),
    );
    stage.run(&["apply", "--yes"], &second).await.expect(5);
    assert_eq!(
        result_rows(&stage.path("second.web.result.csv"))[0]["status"],
        "pending"
    );
    stage.decide("a.example.com", "approve").await;
    let args = ["apply", "--yes", "--wait", "90s"];
    stage.run(&args, &second).await.expect(0);
    let rows = result_rows(&stage.path("second.web.result.csv"));
    assert_eq!(rows[0]["status"], "issued", "{rows:?}");
    assert_eq!(stage.live().await[0].0, rows[0]["id"]);
    assert_eq!(stage.orders_at_scm().await, 1);
}

/// Regression: two sheets that differ only in a comment, applied at the same time, ordered all 20 names twice.
#[tokio::test(flavor = "multi_thread")]
async fn two_sheets_with_the_same_names_at_once_order_each_name_once() {
    let stage = Stage::open().await;
    let mut runs = Vec::new();
    for team in ["a", "b"] {
        std::fs::create_dir(stage.path(team)).unwrap();
        let rows: String = (0..20)
            .map(|n| format!("host-{n}.example.com,team {team}\n"))
            .collect();
        let name = format!("{team}/hosts.csv");
        let file = stage.file(&name, format!("Common Name,Comments\n{rows}"));
        runs.push(start(
            stage.svpki(&["apply", "--yes", "--wait", "60s"], &file),
        ));
    }
    for run in runs {
        end(run).await.expect(0);
    }
    assert_eq!(stage.orders_at_scm().await, 20);
    let ids = ["a", "b"].map(|team| {
        let rows = result_rows(&stage.path(&format!("{team}/hosts.web.result.csv")));
        rows.iter()
            .map(|row| row["id"].clone())
            .collect::<Vec<String>>()
    });
    assert_eq!(ids[0], ids[1], "both know the same certificates");
}
