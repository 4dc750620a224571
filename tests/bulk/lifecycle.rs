//! Existing certificates are renewed, replaced and revoked with a sheet.

use serde_json::{Value, json};

use crate::cuts::{end, reaches, signal, start};
use crate::stage::{Stage, control, hosts, result_rows};

#[tokio::test(flavor = "multi_thread")]
async fn many_certificates_are_renewed_replaced_and_revoked() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(4));
    stage.run(&["apply", "--yes"], &file).await.expect(0);

    let plan = stage
        .run(
            &["renew", "--plan", "-o", "json", "--filter"],
            "cn:host-*.example.com".as_ref(),
        )
        .await;
    assert_eq!(plan.expect(0).json()["summary"]["new"], 4);
    let renewed = stage
        .run(
            &["renew", "--yes", "-o", "json", "--filter"],
            "cn:host-1.*".as_ref(),
        )
        .await
        .expect(0);
    assert!(
        renewed.err.contains("go on with: svpki bulk renew"),
        "{}",
        renewed.err
    );
    let row = &renewed.json()["rows"][0];
    assert_eq!(row["status"], "issued", "{row}");
    assert_eq!(stage.orders_at_scm().await, 5);

    // The result of an enrolment contains the ids of its certificates.
    let result = stage.path("hosts.web.result.csv");
    let refused = stage.run(&["revoke", "--yes"], &result).await.expect(6);
    assert!(refused.err.contains("needs a reason"), "{}", refused.err);
    let args = [
        "revoke",
        "--yes",
        "--reason",
        "decommissioned",
        "--reason-code",
        "5",
        "-o",
        "json",
    ];
    let revoked = stage.run(&args, &result).await.expect(0).json();
    assert_eq!(revoked["summary"]["revoked"], 4, "{revoked}");
    let again = stage
        .run(&args, &stage.file("again.csv", ids_of(&revoked)))
        .await
        .expect(0)
        .json();
    assert_eq!(again["summary"]["exists"], 4, "{again}");

    let left: Vec<_> = stage.live().await;
    assert_eq!(left.len(), 1, "{left:?}");
    let text = format!(
        "Certificate ID,SANs\n{},new.example.com\nno_such,\n",
        left[0].0
    );
    let replace = stage.file("replace.csv", text);
    let replaced = stage
        .run(&["replace", "--yes", "-o", "json"], &replace)
        .await
        .expect(6)
        .json();
    assert_eq!(replaced["rows"][0]["status"], "issued", "{replaced}");
    assert_eq!(replaced["rows"][1]["status"], "invalid", "{replaced}");
    let stored = stage
        .must("GET", &format!("readcert/web/{}", left[0].0), None)
        .await;
    let names = stored["data"]["subject_alt_names"].to_string();
    assert!(names.contains("new.example.com"), "{names}");
}

fn ids_of(report: &Value) -> String {
    let rows = report["rows"].as_array().unwrap();
    let ids: String = rows
        .iter()
        .map(|row| format!("{}\n", row["id"].as_str().unwrap()))
        .collect();
    format!("Certificate ID\n{ids}")
}

/// What is needed for a mass revocation by a CA: all certificates of an issuer are replaced, the time is estimated
/// before, and an interrupted run can be continued.
#[tokio::test(flavor = "multi_thread")]
async fn all_certificates_of_an_issuer_are_replaced_once_however_often_it_is_cut() {
    let stage = Stage::with(json!({"key_type": "EC", "max_requests_per_second": 20})).await;
    let names: String = (0..8)
        .map(|n| format!("host-{n}.example.com,alt-{n}.example.com\n"))
        .collect();
    let file = stage.file("hosts.csv", format!("Common Name,SANs\n{names}"));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    let inventory = async || {
        let page = stage.must("GET", "inventory?limit=100", None).await;
        page["data"]["certificates"].as_array().unwrap().clone()
    };
    let before = inventory().await;
    let issuer = before[0]["issuer"].as_str().unwrap();
    assert!(!issuer.is_empty());
    let wanted = format!("issuer:\"{issuer}\"");
    let other = ["replace", "--plan", "-o", "json", "--where"];
    let none = stage
        .run(&other, "issuer:\"Another CA\"".as_ref())
        .await
        .expect(0);
    assert_eq!(none.json()["summary"]["rows"], 0);
    let plan = stage.run(&other, wanted.as_ref()).await.expect(0);
    assert!(
        plan.err.contains("8 certificates in about")
            && plan.err.contains("20 requests a second at most"),
        "{}",
        plan.err
    );
    assert_eq!(plan.json()["summary"]["new"], 8);

    stage
        .rules(&json!([{"call": ["replace"], "slow": "400ms"}]))
        .await;
    let args = [
        "replace",
        "--yes",
        "--concurrency",
        "2",
        "--reason",
        "CA distrusted",
        "--where",
    ];
    let mut run = start(stage.svpki(&args, wanted.as_ref()));
    let selection = || {
        let files = std::fs::read_dir(stage.path("")).unwrap();
        let mut paths = files.map(|file| file.unwrap().path());
        paths.find(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with("svpki-replace-web-") && name.ends_with(".svpki-journal")
        })
    };
    crate::support::until(
        "a journal",
        std::time::Duration::from_secs(60),
        async || selection().is_some(),
    )
    .await;
    let journal = selection().unwrap();
    reaches(&mut run, &journal, 3).await;
    signal("-INT", run.id());
    let cut = end(run).await.expect(130);
    let words = cut
        .err
        .rsplit("goes on with them: svpki bulk ")
        .next()
        .unwrap();
    let words: Vec<String> = words
        .split_whitespace()
        .map(|word| word.trim_matches('\'').to_owned())
        .collect();
    assert!(cut.err.contains("--reason 'CA distrusted'"), "{}", cut.err);
    let list = words.last().unwrap();
    assert!(list.starts_with("svpki-replace-web-"), "{}", cut.err);
    stage.rules(&json!([])).await;
    // Each certificate keeps its id and its names.
    let args = ["replace", "--yes", "--reason", "CA distrusted"];
    stage.run(&args, list.as_ref()).await.expect(0);
    stage.run(&args, list.as_ref()).await.expect(0);
    let after = inventory().await;
    assert_eq!(after.len(), 8);
    for old in &before {
        let new = after.iter().find(|row| row["id"] == old["id"]).unwrap();
        assert_ne!(new["serial_number"], old["serial_number"], "{new}");
        assert_eq!(new["subject_alt_names"], old["subject_alt_names"], "{new}");
    }
    let calls = control(&stage.sim, "counters").await["calls"].clone();
    assert_eq!(calls["replace"], 8, "each once: {calls}");
    let stem = list.strip_suffix(".csv").unwrap();
    let rows = result_rows(&stage.path(&format!("{stem}.web.result.csv")));
    assert!(
        rows.iter().all(|row| row["action"] == "replace"),
        "{rows:?}"
    );
}
