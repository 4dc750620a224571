//! Plans and results name the names that SCM left out of a certificate.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, result_rows};

const SAID: &str = "SCM left out of the certificate: api.example.com";

fn says(row: &Value) {
    let message = row["message"].as_str().unwrap();
    assert_eq!(message.matches(SAID).count(), 1, "{row}");
}

/// Regression: a single-domain profile dropped the alternative names. The next plan only said `an earlier run ordered
/// it`, and a plan of the renewal said nothing.
#[tokio::test(flavor = "multi_thread")]
async fn names_that_scm_left_out_are_said_by_every_plan_and_result() {
    let stage = Stage::open().await;
    let drops = json!({"drops_alt_names": true});
    stage.control(Method::PATCH, "switches", &drops).await;
    let text = "Common Name,SAN\nwww.example.com,api.example.com\n";
    let file = stage.file("hosts.csv", text);
    let result = stage.path("hosts.web.result.csv");
    let run = async |args: &[&str], file: &std::path::Path| {
        let args = [args, &["-o", "json"]].concat();
        stage.run(&args, file).await.expect(0).json()["rows"][0].clone()
    };
    let apply = ["apply", "--yes"];
    for args in [&apply[..], &["plan"], &apply, &["status"]] {
        says(&run(args, &file).await);
    }
    for args in [&["plan"][..], &["renew", "--plan"], &apply, &["status"]] {
        says(&run(args, &result).await);
    }
    let rows = result_rows(&result);
    assert!(rows[0]["message"].contains(SAID), "{rows:?}");

    // Without the journal: the certificate lacks a name, so it does not cover the row.
    std::fs::create_dir(stage.path("other")).unwrap();
    let other = stage.file("other/hosts.csv", text);
    let plan = run(&["plan"], &other).await;
    assert_eq!(plan["verdict"], "new", "{plan}");
    says(&plan);
    let fewer = stage.file("other/fewer.csv", "Common Name\nwww.example.com\n");
    let plan = run(&["plan"], &fewer).await;
    assert_eq!(plan["verdict"], "exists", "{plan}");
    says(&plan);
    // Another sheet with other comments for the same names follows the same order.
    let words = text
        .replace("SAN", "SAN,Comments")
        .replace("api.example.com\n", "api.example.com,ours\n");
    let same = stage.file("other/same.csv", words);
    let applied = run(&apply, &same).await;
    assert_eq!(applied["status"], "exists", "{applied}");
    says(&applied);
    assert_eq!(stage.orders_at_scm().await, 1);
}
