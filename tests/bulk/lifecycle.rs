//! Certificates that are there already: renewed, replaced and revoked by the sheet.

use serde_json::Value;

use crate::stage::{Stage, hosts};

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

    // A result of an enrolment names its certificates.
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
