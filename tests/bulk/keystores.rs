//! Keystores of bulk runs: each opens with its password and contains the newest certificate, and the password is
//! nowhere else.

use std::io::Read;
use std::path::Path;
use std::process::Command;

use pki::{Certificate, Format, keystore_holds};
use serde_json::json;
use svpki_types::Secret;

use crate::cuts::{end, reaches, signal, start};
use crate::stage::{Stage, hosts, result_rows};

/// Its key derivation takes seconds in a debug build, so only one test uses this format.
const PKCS12: &str = "keystore.p12";
const LEGACY: &str = "keystore.legacy.p12";
const JKS: &str = "keystore.jks";

/// Whether the folder's keystore opens with the password and contains the folder's certificate.
fn holds(folder: &Path, file: &str, password: &str) -> bool {
    let format = match file {
        JKS => Format::Jks,
        LEGACY => Format::Pkcs12Legacy,
        _ => Format::Pkcs12,
    };
    let leaf = std::fs::read(folder.join("cert.pem")).unwrap();
    let leaf = Certificate::parse_pem_or_der(&leaf).unwrap();
    let bytes = std::fs::read(folder.join(file)).unwrap();
    keystore_holds(&bytes, format, &Secret::new(password), &leaf)
}

/// The certificate's subject as openssl shows it. `None` when the password is wrong.
fn openssl(file: &Path, password: &str) -> Option<String> {
    let output = Command::new("openssl")
        .args([
            "pkcs12",
            "-legacy",
            "-nokeys",
            "-clcerts",
            "-passin",
            "env:PASSWORD",
            "-in",
        ])
        .arg(file)
        .env("PASSWORD", password)
        .output()
        .expect("openssl (scripts/test-packages)");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

/// The contents of all files below a folder, with workbooks unpacked.
fn everything(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything(&path, text);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        if let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(&bytes)) {
            for index in 0..archive.len() {
                let mut part = Vec::new();
                archive
                    .by_index(index)
                    .unwrap()
                    .read_to_end(&mut part)
                    .unwrap();
                text.push_str(&String::from_utf8_lossy(&part));
            }
        }
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
}

/// Regression: after the order, the error was "malformed ASN.1 DER value for BMPString".
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_a_keystore_cannot_hold_stops_the_run_before_the_first_order() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", "CN,Export Password\na.example.com,短い🙂\n");
    let plain = stage.file("plain.csv", "CN\na.example.com\n");
    let password = stage.file("password", "短い🙂\n");
    let out = stage.path("out");
    let flags = [
        "apply",
        "--yes",
        "--out-dir",
        out.to_str().unwrap(),
        "--keystore",
    ];
    let given = ["--password-file", password.to_str().unwrap()];
    for format in ["pkcs12", "pkcs12_legacy"] {
        let args = [&flags[..], &[format]].concat();
        let refused = stage.run(&args, &file).await.expect(2);
        assert!(refused.err.contains("row 2: column B"), "{}", refused.err);
        let of_all = stage
            .run(&[&args[..], &given].concat(), &plain)
            .await
            .expect(2);
        for words in [&refused.err, &of_all.err] {
            assert!(
                words.contains("such as an emoji") && !words.contains("短い"),
                "{words}"
            );
        }
    }
    assert_eq!(stage.orders_at_scm().await, 0);
    // JKS has no such limit.
    stage
        .run(&[&flags[..], &["jks"]].concat(), &file)
        .await
        .expect(0);
    assert!(holds(&out.join("a.example.com"), JKS, "短い🙂"));
}

/// Regression: the column Export Password was recognised, but only copied into the result.
#[tokio::test(flavor = "multi_thread")]
async fn each_keystore_opens_with_the_password_of_its_row_which_stands_nowhere_else() {
    let stage = Stage::open().await;
    let passwords = ["first row's password", "größeres Kennwort, 2", "=third+row"];
    let sheet = |passwords: &[&str]| {
        let rows: String = passwords
            .iter()
            .enumerate()
            .map(|(n, password)| format!("host-{n}.example.com,\"{password}\"\n"))
            .collect();
        format!("Common Name,Export Password\n{rows}")
    };
    let elsewhere = tempfile::TempDir::new().unwrap();
    let file = elsewhere.path().join("hosts.csv");
    std::fs::write(&file, sheet(&passwords)).unwrap();
    let result = stage.path("result.csv");
    let out = stage.path("out");
    let (result_at, to) = (result.to_str().unwrap(), out.to_str().unwrap());
    let plan = stage.run(&["plan", "-o", "json"], &file).await.expect(0);
    let args = [
        "apply",
        "--yes",
        "-o",
        "json",
        "--result",
        result_at,
        "--out-dir",
        to,
        "--keystore",
        "pkcs12_legacy",
        "--keystore",
        "jks",
    ];
    let ended = stage.run(&args, &file).await.expect(0);
    for (n, password) in passwords.iter().enumerate() {
        let folder = out.join(format!("host-{n}.example.com"));
        assert!(holds(&folder, LEGACY, password) && holds(&folder, JKS, password));
        let said = openssl(&folder.join(LEGACY), password).expect("the row's password opens it");
        assert!(said.contains(&format!("host-{n}.example.com")), "{said}");
        assert!(openssl(&folder.join(LEGACY), "another password").is_none());
    }
    let mut said = [plan.out, plan.err, ended.out, ended.err].concat();
    std::fs::copy(
        elsewhere.path().join("hosts.web.svpki-journal"),
        stage.path("journal"),
    )
    .unwrap();
    everything(&stage.path(""), &mut said);
    for password in passwords {
        assert!(!said.contains(password), "{password} was written down");
    }
    assert_eq!(result_rows(&result)[1]["Export Password"], "");

    // When a keystore is missing or a password was changed, the same command writes the keystores and orders nothing.
    std::fs::remove_file(out.join("host-0.example.com/keystore.legacy.p12")).unwrap();
    let changed = ["first row's password", "another for row 3", "=third+row"];
    std::fs::write(&file, sheet(&changed)).unwrap();
    stage.run(&args, &file).await.expect(0);
    for (n, password) in changed.iter().enumerate() {
        assert!(holds(
            &out.join(format!("host-{n}.example.com")),
            LEGACY,
            password
        ));
    }
    assert_eq!(stage.orders_at_scm().await, 3);
}

/// A workbook keeps its texts in one part. A result made from it must not contain the passwords in that part.
#[tokio::test(flavor = "multi_thread")]
async fn the_result_of_a_workbook_has_no_passwords_in_any_part() {
    let stage = Stage::open().await;
    let elsewhere = tempfile::TempDir::new().unwrap();
    let file = elsewhere.path().join("hosts.xlsx");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let password = "a password in a workbook";
    for (row, cells) in [["CN", "PFX password"], ["a.example.com", password]]
        .iter()
        .enumerate()
    {
        for (column, text) in cells.iter().enumerate() {
            sheet
                .write_string(row as u32, column as u16, *text)
                .unwrap();
        }
    }
    workbook.save(&file).unwrap();
    let (result, out) = (stage.path("result.xlsx"), stage.path("out"));
    let args = [
        "apply",
        "--yes",
        "--result",
        result.to_str().unwrap(),
        "--out-dir",
        out.to_str().unwrap(),
        "--keystore",
        "pkcs12_legacy",
    ];
    let ended = stage.run(&args, &file).await.expect(0);
    let folder = out.join("a.example.com");
    assert!(holds(&folder, "keystore.legacy.p12", password));
    let mut said = [ended.out, ended.err].concat();
    everything(&stage.path(""), &mut said);
    assert!(!said.contains(password));
    let rows = crate::formats::texts(&crate::formats::rows_here(&result, None).unwrap());
    assert_eq!(rows[1].1[..2], ["a.example.com", ""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_without_a_password_stops_the_run_before_the_first_order() {
    let stage = Stage::open().await;
    let text = "CN,Export Password\na.example.com,\"own password, row 2\"\nb.example.com,\n";
    let file = stage.file("hosts.csv", text);
    let out = stage.path("out");
    let args = [
        "apply",
        "--yes",
        "--out-dir",
        out.to_str().unwrap(),
        "--keystore",
        "pkcs12_legacy",
    ];
    let refused = stage.run(&args, &file).await.expect(2);
    assert!(
        refused.err.contains("row 3 has no password for a keystore"),
        "{}",
        refused.err
    );
    assert_eq!(stage.orders_at_scm().await, 0);
    // A common password for all rows without their own.
    let common = stage.file("password", "one for all the others\n");
    let args = [&args[..], &["--password-file", common.to_str().unwrap()]].concat();
    stage.run(&args, &file).await.expect(0);
    assert!(holds(
        &out.join("a.example.com"),
        LEGACY,
        "own password, row 2"
    ));
    assert!(holds(
        &out.join("b.example.com"),
        LEGACY,
        "one for all the others"
    ));

    // Later, from the result, which has no passwords: existing keystores stay.
    let number = stage.file("number.csv", "CN,Export Password\nc.example.com, space\n");
    let spaced = stage.run(&args, &number).await.expect(2);
    assert!(
        spaced
            .err
            .contains("row 2: column B (Export Password): a space"),
        "{}",
        spaced.err
    );
    assert!(!spaced.err.contains(" space\n"), "{}", spaced.err);
    assert_eq!(stage.orders_at_scm().await, 2);
}

/// The generated password of a host stays the same through renewals, and the keystore of the old certificate is
/// replaced.
#[tokio::test(flavor = "multi_thread")]
async fn generated_passwords_are_kept_in_a_kv_engine_and_stay_through_renewals() {
    let stage = Stage::open().await;
    for (mount, version, format, keystore) in [
        ("pass-one", "1", "pkcs12_legacy", LEGACY),
        ("pass-two", "2", "pkcs12", PKCS12),
    ] {
        let body = json!({"type": "kv", "options": {"version": version}});
        stage
            .server
            .must("POST", &format!("sys/mounts/{mount}"), Some(&body))
            .await
            .unwrap();
        let file = stage.file(
            &format!("{mount}.csv"),
            format!("CN\n{mount}.example.com\n"),
        );
        let (out, list) = (stage.path(mount), stage.path(&format!("{mount}-list.csv")));
        let kv = format!("{mount}/keystores");
        let flags = [
            "--yes",
            "--out-dir",
            out.to_str().unwrap(),
            "--keystore",
            format,
            "--password-kv",
            &kv,
            "--deploy-list",
            list.to_str().unwrap(),
        ];
        stage
            .run(&[&["apply"], &flags[..]].concat(), &file)
            .await
            .expect(0);
        let kept = |answer: serde_json::Value| {
            let data = &answer["data"];
            let fields = if version == "2" { &data["data"] } else { data };
            fields["password"].as_str().unwrap().to_owned()
        };
        let data = if version == "2" { "data/" } else { "" };
        let path = format!("{mount}/{data}keystores/{mount}.example.com");
        let password = kept(stage.server.must("GET", &path, None).await.unwrap());
        assert!(password.len() >= 24);
        let folder = out.join(format!("{mount}.example.com"));
        assert!(holds(&folder, keystore, &password));
        let listed = result_rows(&list).remove(0);
        assert_eq!(listed["password_kv"], format!("{kv}/{mount}.example.com"));
        assert_eq!(listed[format], folder.join(keystore).display().to_string());

        let result = stage.path(&format!("{mount}.web.result.csv"));
        let first = std::fs::read(folder.join("cert.pem")).unwrap();
        stage
            .run(&[&["renew"], &flags[..]].concat(), &result)
            .await
            .expect(0);
        assert_ne!(std::fs::read(folder.join("cert.pem")).unwrap(), first);
        assert!(
            holds(&folder, keystore, &password),
            "the password stays, the certificate is new"
        );
        assert_eq!(
            kept(stage.server.must("GET", &path, None).await.unwrap()),
            password
        );

        // A removed password is generated again. In version 2 a deleted version still counts, and an entry of somebody
        // else is not changed.
        let must = async |method: &str, path: &str, body: Option<&serde_json::Value>| {
            stage.server.must(method, path, body).await.unwrap()
        };
        must("DELETE", &path, None).await;
        let status = [&["status"], &flags[1..]].concat();
        if version == "2" {
            let refused = stage.run(&status, &result).await;
            assert!(
                refused
                    .out
                    .contains("vault kv metadata delete pass-two/keystores/pass-two.example.com"),
                "{}{}",
                refused.out,
                refused.err
            );
            must("DELETE", &path.replace("/data/", "/metadata/"), None).await;
        } else {
            let other = json!({"note": "not ours"});
            must("PUT", &path, Some(&other)).await;
            let refused = stage.run(&status, &result).await;
            assert!(
                refused.out.contains("has no field \"password\""),
                "{}{}",
                refused.out,
                refused.err
            );
            assert_eq!(must("GET", &path, None).await["data"], other);
            must("DELETE", &path, None).await;
        }
        stage.run(&status, &result).await.expect(0);
        let anew = kept(must("GET", &path, None).await);
        assert_ne!(anew, password);
        assert!(holds(&folder, keystore, &anew));
    }
    let file = stage.file("hosts.csv", hosts(1));
    let out = stage.path("none");
    let args = [
        "apply",
        "--yes",
        "--out-dir",
        out.to_str().unwrap(),
        "--keystore",
        "jks",
        "--password-kv",
        "sectigo-vault-pki/x",
    ];
    let refused = stage.run(&args, &file).await.expect(2);
    assert!(refused.err.contains("not kv"), "{}", refused.err);
    assert_eq!(stage.orders_at_scm().await, 2 + 2);
}

/// After a replacement without keystores, the old certificate's keystore must not stay in the host's folder.
#[tokio::test(flavor = "multi_thread")]
async fn a_keystore_of_a_replaced_certificate_is_put_aside() {
    let stage = Stage::with(json!({"key_type": "EC", "key_storage": "once"})).await;
    let file = stage.file(
        "hosts.csv",
        "CN,Export Password\na.example.com,the row's own\n",
    );
    let out = stage.path("out");
    let to = ["--yes", "--out-dir", out.to_str().unwrap()];
    let keystore = ["--keystore", "pkcs12_legacy"];
    stage
        .run(&[&["apply"], &to[..], &keystore].concat(), &file)
        .await
        .expect(0);
    let folder = out.join("a.example.com");
    assert!(holds(&folder, LEGACY, "the row's own"));
    let result = stage.path("hosts.web.result.csv");
    let replace = ["replace", "--reason", "key compromise"];
    stage
        .run(&[&replace[..], &to].concat(), &result)
        .await
        .expect(0);
    assert!(!folder.join(LEGACY).exists());
    assert!(folder.join("keystore.legacy.old.p12").exists());
    // The key was handed out only once, but it is in the folder, so the keystore can be made.
    let password = stage.file("password", "one for all rows");
    let status = ["status", "--password-file", password.to_str().unwrap()];
    stage
        .run(&[&status[..], &to[1..], &keystore].concat(), &result)
        .await
        .expect(0);
    assert!(holds(&folder, LEGACY, "one for all rows"));
}

/// Regression: `kill -9` left a copy of the sheet with its passwords in the folder for temporary files.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_leaves_no_copy_of_the_sheet() {
    let stage = Stage::open().await;
    let slow = json!([{"call": "enroll", "slow": "2s"}]);
    stage.rules(&slow).await;
    let temporary = stage.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let text = "Common Name,Export Password\na.example.com,opensesame\n";
    let file = stage.file("hosts.csv", text);
    let args = ["apply", "--yes", "--out-dir", "out", "--keystore", "jks"];
    let mut command = stage.svpki(&args, &file);
    command.env("TMPDIR", &temporary);
    let mut run = start(command);
    assert!(reaches(&mut run, &stage.path("hosts.web.svpki-journal"), 1).await);
    signal("-KILL", run.id());
    end(run).await;
    let left = std::fs::read_dir(&temporary).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}
