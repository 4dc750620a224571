//! The input of a run is used again after a row of its result was renewed, has failed or is pending. The result beside
//! the input says what happened to each row, so nothing is lost or done twice.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cuts::{end, reaches, signal, start};
use crate::stage::{Stage, hosts, result_rows};

async fn applied(stage: &Stage, count: usize) -> (PathBuf, PathBuf) {
    let file = stage.file("hosts.csv", hosts(count));
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    (file, stage.path("hosts.web.result.csv"))
}

fn column(path: &Path, name: &str) -> Vec<String> {
    let rows = result_rows(path);
    rows.iter().map(|row| row[name].clone()).collect()
}

/// Regression: the hinted command `svpki bulk status hosts.csv` replaced the status of a pending renewal by `unsent`.
#[tokio::test(flavor = "multi_thread")]
async fn a_pending_renewal_is_followed_by_the_line_that_is_hinted() {
    let stage = Stage::open().await;
    let file = stage.file("ids.csv", "CN,Profile\na.example.com,55\n");
    stage.run(&["apply", "--yes"], &file).await.expect(5);
    stage.decide("a.example.com", "approve").await;
    let args = ["status", "--wait", "90s"];
    stage.run(&args, &file).await.expect(0);
    let id = column(&stage.path("ids.web.result.csv"), "id").remove(0);

    let sheet = format!("Common Name,Certificate ID\na.example.com,{id}\n");
    let sheet = stage.file("renew.csv", sheet);
    let renewed = stage.run(&["renew", "--yes"], &sheet).await.expect(5);
    assert!(renewed.err.contains("svpki bulk status"), "{}", renewed.err);
    let result = stage.path("renew.web.result.csv");
    let pending = result_rows(&result);
    stage.run(&["status"], &sheet).await.expect(5);
    assert_eq!(result_rows(&result), pending, "nothing is forgotten");
    stage.decide("a.example.com", "approve").await;
    stage.run(&args, &sheet).await.expect(0);
    let row = &result_rows(&result)[0];
    assert_eq!((&row["id"], &*row["status"]), (&id, "issued"), "{row:?}");
    assert!(
        !row["successor_id"].is_empty() && row["successor_id"] != id,
        "{row:?}"
    );
    assert_eq!(row["action"], "renew");
    // Once more when the renewal is done.
    stage.run(&["status"], &sheet).await.expect(0);
    assert_eq!(&result_rows(&result)[0], row);
}

/// Regression: the status `exists`, and the pending order of another sheet, were replaced by `unsent`.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_already_stays_known() {
    let stage = Stage::open().await;
    let (_, _) = applied(&stage, 1).await;
    let order = stage.file("order.csv", "CN,Profile\na.example.com,55\n");
    stage.run(&["apply", "--yes"], &order).await.expect(5);
    let text = "CN,Profile,Comments\nhost-0.example.com,,x\na.example.com,55,ours\n";
    let second = stage.file("second.csv", text);
    stage.run(&["apply", "--yes"], &second).await.expect(5);
    let result = stage.path("second.web.result.csv");
    let before = result_rows(&result);
    assert_eq!(before[0]["status"], "exists", "{before:?}");
    assert_eq!(before[1]["status"], "pending", "{before:?}");
    stage.run(&["status"], &second).await.expect(5);
    let after = result_rows(&result);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before["id"], after["id"], "{after:?}");
        assert_eq!(before["status"], after["status"], "{after:?}");
    }
}

/// Regression: `apply` of the input wrote the successors into the column `id`, and the next `renew` renewed them.
#[tokio::test(flavor = "multi_thread")]
async fn an_apply_between_two_renewals_renews_nothing_twice() {
    let stage = Stage::open().await;
    let (file, result) = applied(&stage, 4).await;
    let ids = column(&result, "id");
    let rules = json!([{"name": "slow", "call": ["renew"], "slow": "400ms"}]);
    stage.rules(&rules).await;
    let args = ["renew", "--yes", "--concurrency", "1"];
    let mut run = start(stage.svpki(&args, &result));
    let journal = stage.path("hosts.web.svpki-journal");
    assert!(reaches(&mut run, &journal, 2).await);
    signal("-KILL", run.id());
    let _ = end(run).await;
    stage.rules(&json!([])).await;

    stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert_eq!(column(&result, "id"), ids, "each row keeps its id");
    stage.run(&args, &result).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 8, "each is renewed once");
    let renewed = result_rows(&result);
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert_eq!(result_rows(&result), renewed);
    let args = ["status", "-o", "json"];
    let status = stage.run(&args, &file).await.expect(0).json();
    assert_eq!(status["summary"]["issued"], 4, "{status}");
    assert_eq!(result_rows(&result), renewed);
}

/// Regression: `apply` of the input turned a failed renewal into `issued`, and `retry` had nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_renewal_is_retried_by_input_and_by_result() {
    let stage = Stage::open().await;
    let (_, result) = applied(&stage, 2).await;
    let ids = column(&result, "id");
    let error = json!({"status": 400, "code": -180, "description": "Renewal is not permitted"});
    let refuse = json!([{"call": ["renew"], "error": error}]);
    stage.rules(&refuse).await;
    stage.run(&["renew", "--yes"], &result).await.expect(6);
    // The sheet gets another row, as on any other day.
    let file = stage.file("hosts.csv", hosts(3));
    stage.run(&["apply", "--yes"], &file).await.expect(6);
    let rows = result_rows(&result);
    assert_eq!(rows[2]["status"], "issued", "{rows:?}");
    for (row, id) in rows.iter().zip(&ids) {
        assert_eq!(row["id"], **id, "{row:?}");
        assert_eq!((&*row["status"], &*row["action"]), ("failed", "renew"));
    }
    stage.rules(&json!([])).await;
    stage.run(&["retry", "--yes"], &file).await.expect(0);
    let rows = result_rows(&result);
    for (row, id) in rows.iter().zip(&ids) {
        assert_eq!(row["id"], **id, "{row:?}");
        let read = format!("readcert/web/{}", row["successor_id"]);
        let successor = stage.must("GET", &read, None).await;
        assert_eq!(successor["data"]["renewed_from"], **id, "{row:?}");
    }
    assert_eq!(stage.live().await.len(), 3, "nothing was enrolled anew");
}

/// Regression: a failed row was meanwhile ordered by hand, and `retry` ordered it again.
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_orders_no_name_that_has_a_certificate() {
    let stage = Stage::open().await;
    let error = json!({"status": 400, "code": -36, "description": "no"});
    let refuse = json!([{"call": ["enroll"], "error": error}]);
    stage.rules(&refuse).await;
    let file = stage.file("hosts.csv", hosts(1));
    stage.run(&["apply", "--yes"], &file).await.expect(6);
    stage.rules(&json!([])).await;
    let body = json!({"common_name": "host-0.example.com"});
    stage.must("PUT", "enroll/web", Some(&body)).await;
    let orders = stage.orders_at_scm().await;
    stage.run(&["retry", "--yes"], &file).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, orders, "nothing is ordered");
    let row = &result_rows(&stage.path("hosts.web.result.csv"))[0];
    assert_eq!(row["status"], "exists", "{row:?}");
    assert_eq!(row["id"], stage.live().await[0].0);
}

/// Regression: `retry -` read standard input twice, and it was empty the second time.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_retried_from_standard_input() {
    let stage = Stage::open().await;
    let (_, result) = applied(&stage, 1).await;
    let again = stage.path("again.csv");
    let args = ["retry", "--yes", "--result", again.to_str().unwrap()];
    let mut run = stage.svpki(&args, Path::new("-"));
    run.stdin(std::fs::File::open(&result).unwrap());
    end(start(run)).await.expect(0);
    assert_eq!(column(&again, "id"), column(&result, "id"));
}

/// Writes a copy of the config `web` under another name, with its account, the fields for which `is_kept` is true, and
/// `members`.
async fn copy_config(stage: &Stage, name: &str, is_kept: fn(&str) -> bool, members: Value) {
    let web = stage.must("GET", "configs/web", None).await;
    let mut copy = web["data"].as_object().unwrap().clone();
    copy.retain(|name, value| {
        name.starts_with("sectigo_cm_") && value.is_string()
            || name == "sectigo_cm_org_id"
            || is_kept(name) && !value.is_null()
    });
    copy.insert("sectigo_cm_password".to_owned(), json!(stage.sim.password));
    copy.extend(members.as_object().unwrap().clone());
    let path = format!("configs/{name}");
    stage.must("PUT", &path, Some(&Value::Object(copy))).await;
}

/// Writes a config for client certificates.
async fn people_config(stage: &Stage) {
    let members = json!({
        "sectigo_config_type": "client_cert",
        "sectigo_client_cert_type": 61,
        "sectigo_client_cert_validity": 365,
    });
    copy_config(stage, "mail", |_| false, members).await;
}

/// Regression: in a result whose ids were sorted, rows of people and of CSRs revoked the certificates of others.
#[tokio::test(flavor = "multi_thread")]
async fn people_and_csrs_are_compared_with_their_certificates() {
    let stage = Stage::open().await;
    people_config(&stage).await;
    let people =
        "First Name,Last Name,E-mail\nAnna,Alba,anna@example.com\nCarl,Cox,carl@example.com\n";
    let people = stage.file("people.csv", people);
    let of_mail = ["apply", "--yes", "--config", "mail"];
    stage.run(&of_mail, &people).await.expect(0);

    let dir = stage.path("");
    let mut sheet = "CSR\n".to_owned();
    for name in ["one", "two"] {
        let made = std::process::Command::new("openssl")
            .args([
                "req",
                "-new",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args(["-nodes", "-keyout", "key.pem", "-subj"])
            .arg(format!("/CN={name}.example.com"))
            .args(["-out", &format!("{name}.csr")])
            .current_dir(&dir)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        sheet.push_str(&format!("{name}.csr\n"));
    }
    let csrs = stage.file("csrs.csv", sheet);
    let of_web = ["apply", "--yes", "--config", "web"];
    stage.run(&of_web, &csrs).await.expect(0);

    for (file, config) in [("people", "mail"), ("csrs", "web")] {
        let result = stage.path(&format!("{file}.{config}.result.csv"));
        let text = std::fs::read_to_string(&result).unwrap();
        let ids = column(&result, "id");
        let turned = text
            .replace(&ids[0], "FIRST")
            .replace(&ids[1], &ids[0])
            .replace("FIRST", &ids[1]);
        for (text, verdict, code) in [(turned, "invalid", 7), (text, "new", 0)] {
            std::fs::write(&result, text).unwrap();
            let args = ["revoke", "--plan", "-o", "json", "--config", config];
            let args = [&args[..], &["--reason", "left"]].concat();
            let plan = stage.run(&args, &result).await.expect(code).json();
            for row in plan["rows"].as_array().unwrap() {
                assert_eq!(row["verdict"], verdict, "{plan}");
            }
        }
    }
}

/// Regression: the text of a failed formula was sent to SCM as the reason of a revocation.
#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_is_a_failed_formula_revokes_nothing() {
    let stage = Stage::open().await;
    let (_, result) = applied(&stage, 1).await;
    let id = column(&result, "id").remove(0);
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let failed = r##"<table:table-cell table:formula="of:=#REF!" office:value-type="string" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>"##;
    let sheet = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet><table:table table:name="S"><table:table-row>{}{}</table:table-row><table:table-row>{}{failed}</table:table-row></table:table></office:spreadsheet></office:body></office:document>"#,
        cell("Certificate ID"),
        cell("Reason"),
        cell(&id),
    );
    let sheet = stage.file("revoke.fods", sheet);
    let args = ["revoke", "--yes", "--reason", "fallback", "-o", "json"];
    let said = stage.run(&args, &sheet).await.expect(6).json();
    assert_eq!(said["rows"][0]["status"], "invalid", "{said}");
    assert_eq!(stage.live().await.len(), 1);
}

/// Regression: the second replacement of a certificate, with another reason, was never done.
#[tokio::test(flavor = "multi_thread")]
async fn another_event_replaces_again() {
    let stage = Stage::open().await;
    let (_, result) = applied(&stage, 1).await;
    let id = column(&result, "id").remove(0);
    let mut serials = Vec::new();
    for reason in ["CA distrusted", "key leaked", "key leaked"] {
        let sheet = stage.file("one.csv", format!("Certificate ID\n{id}\n"));
        let args = ["replace", "--yes", "--reason", reason];
        stage.run(&args, &sheet).await.expect(0);
        serials.push(column(&stage.path("one.web.result.csv"), "serial").remove(0));
        // Without a journal, as on another day with another selection by a filter.
        if reason == "CA distrusted" {
            std::fs::remove_file(stage.path("one.web.svpki-journal")).unwrap();
            std::fs::remove_file(stage.path("one.web.result.csv")).unwrap();
        }
    }
    assert_ne!(serials[0], serials[1], "the second event replaced it");
    assert_eq!(
        serials[1], serials[2],
        "and the same line once more did not"
    );
}

/// Regression: a single row whose id had been removed stopped `status` for the whole sheet.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_without_its_id_stops_no_other() {
    let stage = Stage::open().await;
    let (_, result) = applied(&stage, 2).await;
    let ids = column(&result, "id");
    let text = std::fs::read_to_string(&result).unwrap();
    let copy = stage.file("copy.csv", text.replace(&ids[0], ""));
    stage.run(&["status"], &copy).await.expect(6);
    let rows = result_rows(&stage.path("copy.web.result.csv"));
    assert_eq!(rows[0]["status"], "unsent", "{rows:?}");
    assert_eq!((&rows[1]["id"], &*rows[1]["status"]), (&ids[1], "issued"));
}

/// Regression: the error was `config web has no certificate 1`, because an inventory numbers its rows in a column `ID`.
#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_that_was_ordered_goes_before_a_column_of_the_sheets_own() {
    let stage = Stage::open().await;
    let sheet = "ID,Common Name\n1,a.example.com\n2,b.example.com\n";
    let sheet = stage.file("inventory.csv", sheet);
    stage.run(&["apply", "--yes"], &sheet).await.expect(0);
    let result = stage.path("inventory.web.result.csv");
    stage.run(&["renew", "--yes"], &result).await.expect(0);
    stage.run(&["renew", "--yes"], &result).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 4, "each is renewed once");
}

/// Regression: the keystore passwords that people had typed into a result, and the other sheets of it, were lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_passwords_is_not_written_over() {
    let stage = Stage::open().await;
    let typed = "Common Name,Export Password\na.example.com,correct horse\n";
    let file = stage.file("hosts.csv", typed);
    let args = ["apply", "--yes", "--result", file.to_str().unwrap()];
    stage.run(&args, &file).await.expect(2);
    assert_eq!(stage.orders_at_scm().await, 0);
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    let result = stage.path("hosts.web.result.csv");
    let with_password = std::fs::read_to_string(&result)
        .unwrap()
        .replace("a.example.com,,", "a.example.com,correct horse,");
    assert!(with_password.contains("correct horse"), "{with_password}");
    std::fs::write(&result, &with_password).unwrap();
    stage.run(&["status"], &result).await.expect(0);
    assert_eq!(std::fs::read_to_string(&result).unwrap(), with_password);
    assert!(stage.path("hosts.web.result.2.csv").exists());
}

/// Regression: when a row was removed from the sheet, its certificate disappeared from the result without a warning.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_whose_row_is_gone_is_said() {
    let stage = Stage::open().await;
    let (_, result) = applied(&stage, 2).await;
    let ids = column(&result, "id");
    let file = stage.file("hosts.csv", hosts(1));
    let said = stage.run(&["apply", "--yes"], &file).await.expect(0);
    assert!(
        said.err
            .contains(&format!("no row any more for {}", ids[1])),
        "{}",
        said.err
    );
    assert_eq!(column(&result, "id"), ids[..1]);
}

/// Regression: a filter, which chooses among all certificates, failed with `which config is the file for`.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_chooses_among_all_configs() {
    let stage = Stage::open().await;
    let (_, _) = applied(&stage, 2).await;
    people_config(&stage).await;
    let is_kept = |name: &str| name.starts_with("sectigo_ssl_");
    copy_config(&stage, "web2", is_kept, json!({})).await;
    let body = json!({"common_name": "other.example.com"});
    stage.must("PUT", "enroll/web2", Some(&body)).await;
    let base = ["replace", "--reason", "CA distrusted", "-o", "json"];
    for (filter, rows) in [
        ("cn:*.example.com", 3),
        ("config:web2", 1),
        ("cn:=no.example.com", 0),
    ] {
        let args = [&base[..], &["--plan", "--where"]].concat();
        let plan = stage.run(&args, Path::new(filter)).await.expect(0).json();
        assert_eq!(plan["summary"]["new"], rows, "{filter}: {plan}");
    }
    let args = [&base[..], &["--yes", "--where"]].concat();
    let run = stage
        .run(&args, Path::new("cn:*.example.com"))
        .await
        .expect(0)
        .json();
    assert_eq!(run["summary"]["issued"], 3, "{run}");
}

/// With `--successors` the rows are the same, so no certificate may be reported as missing.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_by_the_successors_misses_no_row() {
    let stage = Stage::open().await;
    let (file, _) = applied(&stage, 1).await;
    stage.run(&["renew", "--yes"], &file).await.expect(0);
    let args = ["renew", "--successors", "--yes"];
    let said = stage.run(&args, &file).await.expect(0);
    assert!(!said.err.contains("no row any more"), "{}", said.err);
    assert_eq!(stage.orders_at_scm().await, 3);
}
