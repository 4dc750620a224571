//! Plans and runs from the file to the certificate.

use crate::stage::Stage;

fn hosts(count: usize) -> String {
    let rows: String = (0..count)
        .map(|n| format!("host-{n}.example.com\n"))
        .collect();
    format!("Common Name\n{rows}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_orders_nothing_and_apply_orders_it() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(12));
    let plan = stage
        .run(&["plan", "-o", "json"], &file)
        .await
        .expect(0)
        .json();
    assert_eq!(plan["summary"]["new"], 12, "{plan}");
    assert_eq!(plan["rows"][3]["common_name"], "host-3.example.com");
    assert_eq!(stage.orders_at_scm().await, 0);

    let ended = stage
        .run(&["apply", "--yes", "-o", "json"], &file)
        .await
        .expect(0)
        .json();
    assert_eq!(ended["summary"]["issued"], 12, "{ended}");
    assert_eq!(stage.orders_at_scm().await, 12);
    assert_eq!(stage.certificates().await.len(), 12);

    let again = stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert!(again.out.contains("12 issued"), "{}", again.out);
    assert_eq!(stage.orders_at_scm().await, 12);
    let result = std::fs::read_to_string(stage.path("hosts.result.csv")).unwrap();
    assert_eq!(result.lines().count(), 13);
    assert!(
        result.lines().skip(1).all(|line| line.contains(",issued,")),
        "{result}"
    );
}
