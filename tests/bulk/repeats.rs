//! The same rows again: after success, changed in between, from another folder, and twice at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::cuts::{end, start};
use crate::stage::{Stage, hosts, result_rows};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changed_between_runs_orders_what_is_new() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(6));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    // Turned round, one row gone, two more, and a column that says nothing of the order.
    let rows: String = [7, 5, 4, 6, 2, 1, 0]
        .map(|n| format!("rack {n},HOST-{n}.example.com\n"))
        .concat();
    stage.file("hosts.csv", format!("Rack,cn\n{rows}"));
    let again = stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert!(again.out.contains("7 issued"), "{}", again.out);
    assert_eq!(stage.orders_at_scm().await, 8);
    let result = result_rows(&stage.path("hosts.result.csv"));
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
    let [monday, tuesday] = ["monday", "tuesday"].map(|folder| {
        let rows = result_rows(&stage.path(&format!("{folder}/hosts.result.csv")));
        assert_eq!(rows.len(), 40);
        // A run that finds an order of the other one still open leaves it to that.
        rows.into_iter()
            .filter(|row| !(row["status"] == "exists" && row["message"].contains("is open")))
            .map(|row| (row["Common Name"].clone(), row["id"].clone()))
            .collect::<BTreeMap<_, _>>()
    });
    let mut known = monday.clone();
    for (name, id) in tuesday {
        let other = known.insert(name, id.clone());
        assert_eq!(other.unwrap_or(id.clone()), id, "both know the same one");
    }
    let ids: BTreeSet<String> = known.into_values().collect();
    assert_eq!(ids.len(), 40, "and together all");
    // Later, from a third one.
    let file = stage.file("hosts.csv", hosts(40));
    let third = stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert!(third.out.contains("40 exists"), "{}", third.out);
    assert_eq!(stage.orders_at_scm().await, 40);
    let certificates: BTreeMap<String, String> = stage.certificates().await.into_iter().collect();
    assert_eq!(ids, certificates.into_keys().collect());
}
