//! Rows with their own config and mount, sheets from standard input, and CSRs in files.

use std::fs::File;
use std::path::Path;

use dev_server::PLUGIN_NAME;
use pki::{Certificate, Csr, PrivateKey, San, Subject};
use serde_json::{Value, json};
use svpki_types::{Curve, KeySpec};

use crate::stage::{Ended, Stage, ended, hosts, result_rows};

/// The configs and common names of the certificates in use in a mount.
async fn names(stage: &Stage, mount: &str) -> Vec<(String, String)> {
    let path = format!("{mount}/inventory?status=issued,expiring&limit=100");
    let page = stage.server.must("GET", &path, None).await.unwrap();
    let rows = page["data"]["certificates"].as_array().unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let mut names: Vec<_> = rows
        .iter()
        .map(|row| (text(row, "config"), text(row, "common_name")))
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_goes_to_its_own_config_and_mount() {
    let stage = Stage::open().await;
    let fields = |extra: Value| {
        let mut fields = json!({
            "sectigo_cm_base_url": stage.sim.base_url,
            "sectigo_cm_uri": stage.sim.customer_uri,
            "sectigo_cm_user": stage.sim.login,
            "sectigo_cm_password": stage.sim.password,
            "sectigo_ssl_cert_validity": 365,
            "key_type": "EC",
        });
        let all = fields.as_object_mut().unwrap();
        all.extend(extra.as_object().unwrap().clone());
        fields
    };
    let web = stage.must("GET", "configs/web", None).await;
    let (organisation, profile) = (
        web["data"]["sectigo_cm_org_id"].clone(),
        web["data"]["sectigo_ssl_cert_type"].clone(),
    );
    let own = json!({
        "sectigo_cm_org_id": organisation, "sectigo_ssl_cert_type": profile,
        "allowed_domains": "org.example.com", "allow_subdomains": true,
    });
    stage.must("PUT", "configs/own", Some(&fields(own))).await;
    let body = json!({"type": PLUGIN_NAME});
    let mounted = stage.server.must("POST", "sys/mounts/second", Some(&body));
    mounted.await.unwrap();
    let second = json!({"sectigo_cm_org_id": organisation, "sectigo_ssl_cert_type": profile});
    for path in ["second/configs/web", "second/configs/only"] {
        let written = fields(second.clone());
        stage
            .server
            .must("PUT", path, Some(&written))
            .await
            .unwrap();
    }
    let sheet = format!(
        "Common Name,Config,Mount\n\
         a.example.com,web,{PLUGIN_NAME}\n\
         b.example.com,web,second\n\
         c.example.com,only,\n\
         d.org.example.com,,\n\
         e.example.com,own,\n\
         f.example.com,web,\n\
         g.example.com,absent,\n\
         a.example.com,web,second\n"
    );
    let file = stage.file("hosts.csv", sheet);
    let args = ["plan", "--config", "own", "-o", "json"];
    let plan = stage.run(&args, &file).await.expect(7).json();
    let expected = [
        ("new", ""),
        ("new", ""),
        ("new", ""),
        ("new", ""),
        ("denied", "allowed_domains"),
        ("invalid", "several mounts have a config \"web\""),
        ("invalid", "there is no config \"absent\""),
        // The same name in another mount is a different certificate.
        ("new", ""),
    ];
    for (row, (verdict, words)) in plan["rows"].as_array().unwrap().iter().zip(expected) {
        assert_eq!(row["verdict"], verdict, "{row}");
        assert!(row["message"].as_str().unwrap().contains(words), "{row}");
    }
    assert_eq!(plan["rows"][3]["config"], "own");

    let args = ["apply", "--yes", "--config", "own"];
    stage.run(&args, &file).await.expect(6);
    let pair = |config: &str, name: &str| (config.to_owned(), name.to_owned());
    assert_eq!(
        names(&stage, PLUGIN_NAME).await,
        [
            pair("own", "d.org.example.com"),
            pair("web", "a.example.com")
        ]
    );
    assert_eq!(
        names(&stage, "second").await,
        [
            pair("only", "c.example.com"),
            pair("web", "a.example.com"),
            pair("web", "b.example.com")
        ]
    );
    // The result of several configs is named after the file alone. A second run recognises each row.
    let result = stage.path("hosts.result.csv");
    let rows = result_rows(&result);
    assert_eq!(
        rows.iter().filter(|row| row["status"] == "issued").count(),
        5
    );
    stage.run(&args, &file).await.expect(6);
    assert_eq!(stage.orders_at_scm().await, 5, "each is ordered once");

    let revoke = ["revoke", "--yes", "--config", "own", "--reason", "gone"];
    stage.run(&revoke, &result).await.expect(6);
    assert!(names(&stage, PLUGIN_NAME).await.is_empty());
    assert!(names(&stage, "second").await.is_empty());
}

/// Runs `svpki bulk … -` with a file as its standard input.
async fn piped(stage: &Stage, args: &[&str], input: &Path) -> Ended {
    let mut command = stage.svpki(args, "-".as_ref());
    command.stdin(File::open(input).unwrap());
    ended(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_comes_from_standard_input_and_is_ordered_once() {
    let stage = Stage::open().await;
    let file = stage.file("input", hosts(3));
    let plan = piped(&stage, &["plan", "-o", "json"], &file)
        .await
        .expect(0);
    assert_eq!(plan.json()["summary"]["new"], 3);
    let refused = piped(&stage, &["apply", "--yes"], &file).await.expect(2);
    assert!(refused.err.contains("--result"), "{}", refused.err);
    assert_eq!(stage.orders_at_scm().await, 0);
    let result = stage.path("out.csv");
    let args = ["apply", "--yes", "--result", result.to_str().unwrap()];
    piped(&stage, &args, &file).await.expect(0);
    piped(&stage, &args, &file).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 3);
    let rows = result_rows(&result);
    assert!(rows.iter().all(|row| row["status"] == "issued"), "{rows:?}");
    // When standard input is the sheet, a question cannot be answered.
    let asked = piped(&stage, &args[..1], &file).await;
    assert_eq!(asked.code, Some(2), "{}", asked.err);
    // Standard input may also be a workbook.
    let workbook = crate::formats::fixture("hint_two_sheets.xlsx");
    let args = ["plan", "-o", "json", "--sheet", "Paris"];
    let plan = piped(&stage, &args, &workbook).await.expect(0).json();
    assert_eq!(plan["input"]["sheet"], "Paris", "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csr_comes_from_the_file_that_the_row_names() {
    let stage = Stage::open().await;
    let key = PrivateKey::generate(KeySpec::Ec(Curve::P256)).unwrap();
    let names = ["csr.example.com", "alt.csr.example.com"].map(|name| San::Dns(name.to_owned()));
    let subject = Subject {
        common_name: Some("csr.example.com".to_owned()),
        ..Subject::default()
    };
    let csr = Csr::build(&key, &subject, &names).unwrap();
    std::fs::create_dir(stage.path("csr")).unwrap();
    stage.file("csr/good.csr", csr.to_pem());
    stage.file("csr/key.pem", key.to_pem().expose());
    let sheet = "Common Name,SANs,CSR\n\
        csr.example.com,alt.csr.example.com,csr/good.csr\n\
        key.example.com,,csr/key.pem\n\
        none.example.com,,csr/none.csr\n";
    let file = stage.file("hosts.csv", sheet);
    let plan = stage.run(&["plan", "-o", "json"], &file).await.expect(7);
    let said = format!("{}{}", plan.out, plan.err);
    let plan = plan.json();
    let verdicts = ["new", "invalid", "invalid"];
    for (row, verdict) in plan["rows"].as_array().unwrap().iter().zip(verdicts) {
        assert_eq!(row["verdict"], verdict, "{row}");
    }
    let why = |row: usize| plan["rows"][row]["message"].as_str().unwrap();
    assert!(why(1).contains("holds a private key"), "{}", why(1));
    assert!(why(2).contains("csr/none.csr"), "{}", why(2));
    assert!(!said.contains("PRIVATE KEY-----"));

    let out = stage.path("out");
    let args = ["apply", "--yes", "--out-dir", out.to_str().unwrap()];
    stage.run(&args, &file).await.expect(6);
    let folder = out.join("csr.example.com");
    let leaf = std::fs::read(folder.join("cert.pem")).unwrap();
    let leaf = Certificate::parse_pem_or_der(&leaf).unwrap();
    assert_eq!(leaf.spki_der(), key.spki_der(), "the key of the file's CSR");
    assert!(!folder.join("key.pem").exists());
    let rows = result_rows(&stage.path("hosts.web.result.csv"));
    let messages: Vec<&str> = rows.iter().map(|row| row["message"].as_str()).collect();
    assert_eq!(messages[0], "", "no key is missed: {messages:?}");
    assert_eq!(rows[0]["CSR"], "csr/good.csr");
    assert_eq!(stage.orders_at_scm().await, 1);
}
