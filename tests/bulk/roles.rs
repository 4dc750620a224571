//! Plans and results contain the role of certificates that were ordered through `issue` or `sign`.

use std::path::Path;

use serde_json::json;

use sectigo_vault_pki::cli::bulk::sheet::{Cell, Format, ResultWriter};

use crate::stage::{Stage, hosts, result_rows};

/// Creates a role for the config `web`, and issues a certificate through it for each of these names.
async fn issued(names: &[&str]) -> Stage {
    let stage = Stage::open().await;
    let role = json!({"config": "web", "allowed_domains": "example.com", "allow_subdomains": true});
    stage.must("PUT", "roles/app", Some(&role)).await;
    for name in names {
        let body = json!({"common_name": name});
        stage.must("PUT", "issue/app", Some(&body)).await;
    }
    stage
}

fn header(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_a_role_stands_with_it_in_plan_and_result() {
    let stage = issued(&["host-0.example.com"]).await;
    let file = stage.file("hosts.csv", hosts(2));
    let plan = stage.run(&["plan", "-o", "json"], &file).await;
    let plan = plan.expect(0).json();
    assert_eq!(plan["rows"][0]["role"], "app", "{plan}");
    assert!(plan["rows"][1].get("role").is_none(), "{plan}");
    let args = ["apply", "--yes", "--strict", "-o", "json"];
    let report = stage.run(&args, &file).await.expect(0).json();
    assert_eq!(report["rows"][0]["role"], "app", "{report}");
    assert!(report["rows"][1].get("role").is_none(), "{report}");
    let result = stage.path("hosts.web.result.csv");
    assert!(header(&result).ends_with(",successor_id,action,role"));
    let roles = |path: &Path| {
        let rows = result_rows(path);
        rows.iter()
            .map(|row| row["role"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(roles(&result), ["app", ""]);
    let applied = std::fs::read(&result).unwrap();

    // A result that is used as an input gives the same result.
    for args in [&args[..], &["status"]] {
        stage.run(args, &result).await.expect(0);
        assert_eq!(std::fs::read(&result).unwrap(), applied, "{args:?}");
    }
    let args = ["renew", "--yes", "--strict", "-o", "json"];
    let renewed = stage.run(&args, &result).await.expect(0).json();
    assert_eq!(renewed["rows"][0]["role"], "app", "{renewed}");
    assert_eq!(roles(&result), ["app", ""]);
    assert!(header(&result).ends_with(",successor_id,action,role"));

    // Also for certificates that were chosen by a filter, and for a step that SCM refuses.
    let error = json!({"status": 400, "code": -180, "description": "Replacement is not permitted"});
    let refused = json!([{"call": ["replace"], "error": error}]);
    stage.rules(&refused).await;
    let args = ["replace", "--yes", "--reason", "x", "-o", "json", "--where"];
    let failed = stage.run(&args, "cn:host-0.*".as_ref()).await.expect(6);
    assert_eq!(failed.json()["rows"][0]["role"], "app", "{}", failed.out);
}

/// Without a role, the result has no column for it, and an operator's column of that name is not changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_has_no_column_for_a_role_without_one() {
    let stage = issued(&[]).await;
    let file = stage.file("hosts.csv", "Common Name,role\nhost-0.example.com,mail\n");
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    let result = stage.path("hosts.web.result.csv");
    assert_eq!(
        header(&result),
        "Common Name,role,id,status,serial,not_after,scm_code,message,successor_id,action"
    );
    let before = std::fs::read_to_string(&result).unwrap();
    let body = json!({"common_name": "host-0.example.com"});
    let id = result_rows(&result)[0]["id"].clone();
    let revoke = json!({"reason": "gone"});
    stage
        .must("PUT", &format!("revoke/web/{id}"), Some(&revoke))
        .await;
    stage.must("PUT", "issue/app", Some(&body)).await;
    stage.run(&["apply", "--yes"], &result).await.expect(0);
    let text = std::fs::read_to_string(&result).unwrap();
    assert!(text.starts_with("Common Name,role,id,"), "{text}");
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("host-0.example.com,mail,") && last.ends_with(",app"),
        "{text}"
    );

    // A column that somebody added after ours stays. The role is then only in the report.
    let before = before.replace("action\n", "action,Deployed\n");
    let noted = stage.file("noted.csv", before.trim_end().to_owned() + ",yes\n");
    let args = ["apply", "--yes", "-o", "json"];
    let report = stage.run(&args, &noted).await.expect(0).json();
    assert_eq!(report["rows"][0]["role"], "app", "{report}");
    let result = stage.path("noted.web.result.csv");
    assert!(header(&result).ends_with(",action,Deployed"));
    assert_eq!(result_rows(&result)[0]["Deployed"], "yes");
}

/// The result of a workbook is a copy that also contains the role. A pending order of a role is followed to its
/// certificate.
#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_and_an_open_order_have_the_role_too() {
    let stage = issued(&["host-0.example.com"]).await;
    let role = json!({"config": "web", "profile_id": 55, "max_wait": 0, "allowed_domains": "example.com",
        "allow_subdomains": true});
    stage.must("PUT", "roles/slow", Some(&role)).await;
    let body = json!({"common_name": "host-1.example.com"});
    let path = format!("{}/issue/slow", dev_server::PLUGIN_NAME);
    stage
        .server
        .must("PUT", &path, Some(&body))
        .await
        .unwrap_err();
    let path = stage.path("hosts.xlsx");
    let format = Format::Xlsx {
        sheet: "Hosts".into(),
    };
    let mut writer = ResultWriter::create(&path, &format).unwrap();
    for name in ["Common Name", "host-0.example.com", "host-1.example.com"] {
        writer.row(&[Cell::text(name)]).unwrap();
    }
    writer.finish().unwrap();
    let args = ["apply", "--yes", "--strict", "-o", "json"];
    let pending = stage.run(&args, &path).await.expect(5).json();
    assert_eq!(pending["rows"][0]["role"], "app", "{pending}");
    assert_eq!(pending["rows"][1]["role"], "slow", "{pending}");
    stage.decide("host-1.example.com", "approve").await;
    let result = stage.path("hosts.web.result.xlsx");
    let args = [&args[..], &["--wait", "90s"]].concat();
    let issued = stage.run(&args, &result).await.expect(0).json();
    assert_eq!(issued["rows"][1]["status"], "issued", "{issued}");
    assert_eq!(issued["rows"][1]["role"], "slow", "{issued}");
    let rows = crate::formats::texts(&crate::formats::rows_here(&result, None).unwrap());
    let last = rows.iter().map(|(_, cells)| cells.last().unwrap().as_str());
    assert_eq!(last.collect::<Vec<_>>(), ["role", "app", "slow"]);
}
