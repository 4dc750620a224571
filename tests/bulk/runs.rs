//! Plans and runs from the file to the certificates.

use scm_sim::settings::{CustomField, Kind as ScmKind, Settings};
use serde_json::json;

use crate::formats::fixture;
use crate::stage::{Stage, hosts, result_rows};

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
    assert!(!stage.path("hosts.web.svpki-journal").exists());

    let refused = stage.run(&["apply"], &file).await.expect(2);
    assert!(
        refused.err.contains("not a terminal, so pass --yes"),
        "{}",
        refused.err
    );
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
    assert!(!again.err.contains("no rows"), "{}", again.err);
    assert_eq!(stage.orders_at_scm().await, 12);
    let rows = result_rows(&stage.path("hosts.web.result.csv"));
    assert_eq!(rows.len(), 12);
    for row in &rows {
        assert_eq!(
            (row["status"].as_str(), row["message"].as_str()),
            ("issued", "")
        );
        assert!(
            row["serial"].contains(':') && row["not_after"].contains('T'),
            "{row:?}"
        );
    }

    // Without the journal, the rows of the result still exist, because Vault has the certificates.
    std::fs::remove_file(stage.path("hosts.web.svpki-journal")).unwrap();
    let fed_back = stage.path("hosts.web.result.csv");
    let plan = stage
        .run(&["plan", "-o", "json"], &fed_back)
        .await
        .expect(0)
        .json();
    assert_eq!(plan["summary"]["exists"], 12, "{plan}");
    stage.run(&["apply", "--yes"], &fed_back).await.expect(0);
    assert_eq!(result_rows(&fed_back), rows);
    assert_eq!(stage.orders_at_scm().await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_every_program_give_the_same_plan() {
    let field = CustomField {
        id: 1,
        name: "Cost Centre".to_owned(),
        kind: ScmKind::Ssl,
        mandatory: true,
        input: "TEXT_SINGLE_LINE".to_owned(),
        options: Vec::new(),
        profiles: Vec::new(),
    };
    let settings = Settings {
        custom_fields: vec![field],
        ..Settings::default()
    };
    let stage = Stage::at(settings, json!({})).await;
    let mut plans = Vec::new();
    for name in ["hosts.csv", "hosts.xlsx", "hosts.ods", "german-excel.csv"] {
        let file = stage.file(name, std::fs::read(fixture(name)).unwrap());
        let args = ["plan", "-o", "json", "--encoding", "windows-1252"];
        let args = if name == "german-excel.csv" {
            &args[..]
        } else {
            &args[..3]
        };
        plans.push(stage.run(args, &file).await.expect(0).json());
    }
    assert_eq!(plans[0]["summary"]["new"], 4, "{}", plans[0]);
    for plan in &plans[1..] {
        assert_eq!(plan["rows"], plans[0]["rows"]);
        assert_eq!(plan["input"]["columns"], plans[0]["input"]["columns"]);
    }
    // The result has the input's format, and its rows are recognised when it is used as an input.
    let file = stage.path("hosts.xlsx");
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    for name in ["hosts.web.result.xlsx", "hosts.ods", "german-excel.csv"] {
        let args = ["plan", "-o", "json", "--encoding", "windows-1252"];
        let plan = stage.run(&args, &stage.path(name)).await.expect(0).json();
        assert_eq!(plan["summary"]["exists"], 4, "{name}: {plan}");
    }
    stage
        .run(
            &["apply", "--yes", "--encoding", "windows-1252"],
            &stage.path("german-excel.csv"),
        )
        .await
        .expect(0);
    let result = std::fs::read(stage.path("german-excel.web.result.csv")).unwrap();
    let result = encoding_rs::WINDOWS_1252.decode(&result).0;
    assert!(result.contains("größer € 5;"), "{result}");
    assert!(result.starts_with("Common Name;"));
    assert_eq!(stage.orders_at_scm().await, 4);
}

/// Every kind of bad row, among good ones.
#[tokio::test(flavor = "multi_thread")]
async fn every_bad_row_is_named_and_the_good_ones_are_ordered() {
    let stage = Stage::with(json!({
        "key_type": "EC",
        "allowed_domains": "example.com",
        "allow_subdomains": true,
        "allow_wildcard_certificates": false,
    }))
    .await;
    let there = stage.file(
        "there.csv",
        "CN,Profile\nthere.example.com,51\nwaiting.example.com,55\n",
    );
    stage.run(&["apply", "--yes"], &there).await.expect(5);

    let header = "Common Name,SANs,Profile,Term,Key Type,Key Size,Comments,CSR,Custom Fields,Server Software";
    let long = "x".repeat(2000);
    // The row, its verdict, the column at fault, and a word of the reason.
    let kinds: Vec<(String, &str, &str, &str)> = vec![
        (
            ",,51,365,,,,,,".into(),
            "invalid",
            "Common Name",
            "is empty",
        ),
        (
            "two words.example.com,,,,,,,,,".into(),
            "invalid",
            "Common Name",
            "contains spaces",
        ),
        (
            "a..example.com,,,,,,,,,".into(),
            "invalid",
            "Common Name",
            "a..example.com",
        ),
        (
            "-a.example.com,,,,,,,,,".into(),
            "invalid",
            "Common Name",
            "-a.example.com",
        ),
        (
            "b.example.com,\"ok.example.com, not ok!\",,,,,,,,".into(),
            "invalid",
            "SANs",
            "ok!",
        ),
        (
            "c.example.com,,Gold,,,,,,,".into(),
            "invalid",
            "Profile",
            "no stored profile is named",
        ),
        (
            "d.example.com,,51,soon,,,,,,".into(),
            "invalid",
            "Term",
            "is no term",
        ),
        (
            "e.example.com,,51,12345,,,,,,".into(),
            "invalid",
            "Term",
            "12345",
        ),
        (
            "f.example.com,,51,365,DSA,,,,,".into(),
            "invalid",
            "Key Type",
            "not supported",
        ),
        (
            "g.example.com,,51,365,RSA,1024,,,,".into(),
            "invalid",
            "Key Type",
            "not supported",
        ),
        (
            "h.example.com,,52,365,RSA,2048,,,,".into(),
            "invalid",
            "Key Type",
            "RSA",
        ),
        (
            format!("i.example.com,,,,,,{long},,,"),
            "invalid",
            "Comments",
            "characters",
        ),
        (
            "j.example.com,,,,,,,no request,,".into(),
            "invalid",
            "CSR",
            "",
        ),
        (
            "k.example.com,,,,,,,,Room,".into(),
            "invalid",
            "Custom Fields",
            "Name=value",
        ),
        (
            "l.example.org,,,,,,,,,".into(),
            "denied",
            "Common Name",
            "allowed_domains",
        ),
        (
            "m.example.com,x.evil.org,,,,,,,,".into(),
            "denied",
            "SANs",
            "allowed_domains",
        ),
        (
            "*.n.example.com,,,,,,,,,".into(),
            "denied",
            "Common Name",
            "wildcard",
        ),
        (
            "GOOD-0.example.com,,,,,,,,,".into(),
            "duplicate",
            "",
            "row 2",
        ),
        (
            "there.example.com,,,,,,,,,".into(),
            "exists",
            "",
            "certificate ",
        ),
        (
            "waiting.example.com,,,,,,,,,".into(),
            "exists",
            "",
            "waits for approval",
        ),
    ];
    let mut text = format!("{header}\n");
    for n in 0..200 - kinds.len() {
        text.push_str(&format!("good-{n}.example.com,,,,,,,,,OTHER\n"));
        // The bad rows are mixed with the good ones, but come after the row that they repeat.
        if let Some((row, ..)) = kinds.get(n) {
            text.push_str(&format!("{row}\n"));
        }
    }
    let file = stage.file("mixed.csv", text);
    let ended = stage.run(&["plan", "-o", "json"], &file).await.expect(7);
    assert!(ended.err.contains("Server Software"), "{}", ended.err);
    let plan = ended.json();
    let rows = plan["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 200);
    for (at, (row, verdict, column, word)) in kinds.iter().enumerate() {
        let planned = &rows[2 * at + 1];
        assert_eq!(planned["row"], 2 * at + 3);
        assert_eq!(planned["verdict"], *verdict, "{row}: {planned}");
        assert_eq!(
            planned["column"].as_str().unwrap_or_default(),
            *column,
            "{row}: {planned}"
        );
        assert!(
            planned["message"].as_str().unwrap().contains(word),
            "{row}: {planned}"
        );
    }
    assert_eq!(plan["summary"]["new"], 180, "{}", plan["summary"]);

    let strict = stage
        .run(&["apply", "--yes", "--strict"], &file)
        .await
        .expect(6);
    assert!(strict.err.contains("nothing was ordered"), "{}", strict.err);
    assert_eq!(stage.orders_at_scm().await, 2);
    let applied = stage
        .run(&["apply", "--yes", "-o", "json"], &file)
        .await
        .expect(6)
        .json();
    assert_eq!(applied["summary"]["issued"], 180, "{}", applied["summary"]);
    assert_eq!(stage.orders_at_scm().await, 182);
    let result = result_rows(&stage.path("mixed.web.result.csv"));
    assert_eq!(result.len(), 200);
    for (at, (.., verdict, _, _)) in kinds.iter().enumerate() {
        // An existing pending order is followed like one of this run.
        let open = rows[2 * at + 1]["message"]
            .as_str()
            .unwrap()
            .contains("is open and waits");
        let status = if open { "pending" } else { verdict };
        assert_eq!(result[2 * at + 1]["status"], *status);
        let (message, planned) = (&result[2 * at + 1]["message"], &rows[2 * at + 1]["message"]);
        assert!(
            message == planned || open && message.contains("is pending"),
            "the result says what the plan said: {message}, {planned}"
        );
    }
    // The refused row was not ordered, so it is new once the config allows it.
    let wider = json!({"allow_wildcard_certificates": true});
    stage.must("PUT", "configs/web", Some(&wider)).await;
    stage.run(&["apply", "--yes"], &file).await.expect(6);
    assert_eq!(stage.orders_at_scm().await, 183);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_comes_in_every_form() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", "Common Name,Rack\na.example.com,1\n=CMD|x,2\n");
    let table = stage.run(&["plan"], &file).await.expect(7);
    assert!(
        table
            .out
            .contains("2 rows: 1 new, 1 invalid; 1 order would be placed"),
        "{}",
        table.out
    );
    assert!(
        table
            .err
            .contains("column B (Rack) is not known and not used"),
        "{}",
        table.err
    );
    let mut narrow = stage.svpki(&["plan"], &file);
    narrow.env("COLUMNS", "60");
    let narrow = crate::stage::ended(narrow).await.expect(7);
    let line = narrow.err.lines().find(|line| line.contains("row 3 is"));
    assert!(
        line.is_some_and(|line| !line.contains('…')),
        "a reason that the table cuts is told in full: {}",
        narrow.err
    );
    let csv = stage.run(&["plan", "-o", "csv"], &file).await.expect(7);
    assert!(
        csv.out.starts_with("row,verdict,common_name,message,"),
        "{}",
        csv.out
    );
    assert!(csv.out.contains(",'=CMD|x,"), "{}", csv.out);
    let yaml = stage.run(&["plan", "-o", "yaml"], &file).await.expect(7);
    assert!(yaml.out.starts_with("rows:\n- row: 2\n"), "{}", yaml.out);
    assert!(yaml.out.contains("\nsummary:\n"), "{}", yaml.out);
    let out = stage.path("plan.xlsx");
    stage
        .run(&["plan", "--out", out.to_str().unwrap()], &file)
        .await
        .expect(7);
    let rows = crate::formats::texts(&crate::formats::rows_here(&out, None).unwrap());
    assert_eq!(rows[0].1[..2], ["row", "verdict"]);
    assert_eq!(rows[1].1[..3], ["2", "new", "a.example.com"]);
    let missing = stage
        .run(&["plan"], &stage.path("absent.csv"))
        .await
        .expect(2);
    assert!(missing.err.contains("absent.csv"), "{}", missing.err);
    let nameless = stage.file("nameless.csv", "a,b\n1,2\n");
    let refused = stage
        .run(&["plan", "-o", "json"], &nameless)
        .await
        .expect(2);
    assert!(
        refused.err.contains("no header was found"),
        "{}",
        refused.err
    );
    assert_eq!(stage.orders_at_scm().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_orders_are_followed_and_failed_ones_tried_anew() {
    let stage = Stage::open().await;
    let file = stage.file(
        "hosts.csv",
        "CN,Profile\na.example.com,51\nb.example.com,55\nc.example.com,55\n",
    );
    let first = stage.run(&["apply", "--yes"], &file).await.expect(5);
    assert!(first.out.contains("1 issued, 2 pending"), "{}", first.out);
    assert!(first.err.contains("svpki bulk status"), "{}", first.err);
    let pending = stage
        .run(&["status", "-o", "json"], &file)
        .await
        .expect(5)
        .json();
    assert!(
        pending["rows"][1]["message"]
            .as_str()
            .unwrap()
            .contains("approval"),
        "{pending}"
    );

    stage.decide("b.example.com", "approve").await;
    stage.decide("c.example.com", "decline").await;
    let status = stage
        .run(&["status", "--wait", "90s", "-o", "json"], &file)
        .await
        .expect(6)
        .json();
    assert_eq!(status["rows"][1]["status"], "issued", "{status}");
    assert_eq!(status["rows"][2]["status"], "declined", "{status}");
    assert_eq!(stage.orders_at_scm().await, 3);

    // `apply` does not retry a failed row.
    let apply = stage.run(&["apply", "--yes"], &file).await.expect(6);
    assert!(apply.out.contains("1 declined, 2 issued"), "{}", apply.out);
    assert_eq!(stage.orders_at_scm().await, 3);
    let retry = stage.run(&["retry", "--yes"], &file).await.expect(5);
    assert!(retry.out.contains("2 issued, 1 pending"), "{}", retry.out);
    assert_eq!(stage.orders_at_scm().await, 4);
    stage.decide("c.example.com", "approve").await;
    stage
        .run(&["retry", "--yes", "--wait", "90s"], &file)
        .await
        .expect(0);
    assert_eq!(stage.orders_at_scm().await, 4);
    let rows = result_rows(&stage.path("hosts.web.result.csv"));
    assert!(rows.iter().all(|row| row["status"] == "issued"), "{rows:?}");
}
