//! The same rows are ordered again: after success, after changes, from another folder, and twice at the same time.

use crate::cuts::{end, everything_once, start};
use crate::stage::{Stage, hosts, result_rows};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changed_between_runs_orders_what_is_new() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(6));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    // Rows in reverse order, one removed, two added, and a new column that does not matter for the order.
    let rows: String = [7, 5, 4, 6, 2, 1, 0]
        .map(|n| format!("rack {n},HOST-{n}.example.com\n"))
        .concat();
    stage.file("hosts.csv", format!("Rack,cn\n{rows}"));
    let again = stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert!(again.out.contains("7 issued"), "{}", again.out);
    assert_eq!(stage.orders_at_scm().await, 8);
    let result = result_rows(&stage.path("hosts.web.result.csv"));
    assert_eq!(result.len(), 7);
    for row in &result {
        assert_eq!(row["status"], "issued", "{row:?}");
        assert!(row["Rack"].starts_with("rack "));
    }
    let more = stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert!(more.out.contains("7 issued"), "{}", more.out);
    assert_eq!(stage.orders_at_scm().await, 8, "nothing is ordered again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_in_two_folders_is_ordered_once() {
    let stage = Stage::open().await;
    let mut runs = Vec::new();
    for folder in ["monday", "tuesday"] {
        std::fs::create_dir(stage.path(folder)).unwrap();
        let file = stage.file(&format!("{folder}/hosts.csv"), hosts(40));
        runs.push(start(
            stage.svpki(&["apply", "--yes", "--wait", "60s"], &file),
        ));
    }
    for run in runs {
        end(run).await.expect(0);
    }
    assert_eq!(stage.orders_at_scm().await, 40);
    let names = ["monday", "tuesday"].map(|folder| {
        let rows = result_rows(&stage.path(&format!("{folder}/hosts.web.result.csv")));
        let mut ids: Vec<String> = rows.iter().map(|row| row["id"].clone()).collect();
        ids.sort();
        ids.dedup();
        ids
    });
    assert_eq!(names[0], names[1], "both know the same certificates");
    assert_eq!(names[0].len(), 40);
    // Later, from a third folder.
    let file = stage.file("hosts.csv", hosts(40));
    let third = stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert!(third.out.contains("40 exists"), "{}", third.out);
    std::fs::copy(
        stage.path("monday/hosts.web.result.csv"),
        stage.path("hosts.web.result.csv"),
    )
    .unwrap();
    everything_once(&stage, 40).await;
}
