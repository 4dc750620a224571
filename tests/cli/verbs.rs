//! Every verb where all goes well, and what each answers in each form.

use super::harness::CliTestEnv;

#[tokio::test(flavor = "multi_thread")]
async fn configs_and_profiles() {
    let env = CliTestEnv::open().await;
    insta::assert_snapshot!(
        "configs",
        env.transcript(&[
            "config list",
            "config list -o json",
            "config list -o yaml",
            "config list -o csv",
            "config read web",
            "config read nope",
            "config write web --term 90 --set sectigo_csr_country=GB",
            "config write web --set sectigo_cm_password=hunter2",
            "config write web --set nonsense=1",
            "profile list web",
            "profile sync web 51",
            "profile list web -o csv",
            "profile read web 51",
            "profile read web 51 -o json",
            "profile read web 999",
            "config delete web --no-input",
            "config delete nope --yes",
            "config delete web --yes",
            "config list",
        ])
    );
    let password = env.stage.sim.password.clone();
    let scm = env.stage.sim.base_url.clone();
    let line = format!(
        "config write second --base-url {scm} --customer-uri example --user admin --org-id 123 --type ssl_cert --password-stdin"
    );
    let written = env.run_with(&line, &format!("{password}\n"));
    assert_eq!(written.code, 0, "{}", written.stderr);
    assert!(
        env.run("config test second")
            .stdout
            .contains("Login accepted        yes")
    );
    let wrong = env.run_with(&format!("{line} --dry-run"), "wrong\n");
    assert!(
        wrong.stdout.contains("Login accepted        no"),
        "{}",
        wrong.stdout
    );
    assert_eq!(wrong.code, 1);
    assert!(!format!("{}{}", wrong.stdout, wrong.stderr).contains(&password));
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates() {
    let env = CliTestEnv::open().await;
    insta::assert_snapshot!("certificates", env.transcript(&[
        "certs list",
        "certs list -o json",
        "certs list -o csv",
        "enroll web --common-name www.example.com --alt-name example.com --key-type EC",
        "certs list",
        "certs read web 1001_example",
        "certs list -o yaml",
        "certs read web 7_example",
        "certs list --status revoked",
        "certs list --status nonsense",
        "enroll web --common-name www.example.com --term 198",
        "enroll web --common-name www.example.com --term 198 -o json",
        "enroll web",
        "renew web 1001_example --wait 60",
        "replace web 1002_example --reason 'more names' --alt-name more.example.com --key-type EC",
        "revoke web 1002_example --reason compromised --reason-code 1",
        "revoke web 1002_example --reason compromised --reason-code 2 --yes",
        "revoke web 1002_example --reason compromised --reason-code 1 --yes",
        "certs list --sort common_name",
        "check --within 365d",
        "certs delete web 1002_example --yes",
        "fetch web 1002_example",
        "reconcile web",
        "check",
    ]));
    let csv = env.run("certs read web 1001_example -o csv").stdout;
    assert!(csv.starts_with("sectigo_cert_unique_id,order_id,"), "{csv}");
    let json = env.run("certs list -o json").json();
    assert_eq!(json.as_array().map(Vec::len), Some(1), "{json}");
    let metrics = env.run("check --prometheus").stdout;
    assert!(
        metrics.contains("svpki_certificates{mount=\"pki\",status=\"superseded\"} 1"),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn orders() {
    let env = CliTestEnv::open().await;
    let pending = env.run(
        "enroll web --common-name slow.example.com --profile-id 55 --key-type EC --wait 1 -o json",
    );
    assert_eq!(pending.code, 5, "{}", pending.stderr);
    let order = pending.json()["order_id"].as_str().unwrap().to_owned();
    assert!(
        pending
            .stderr
            .contains(&format!("svpki orders wait web {order}"))
    );
    let id = pending.json()["sectigo_cert_unique_id"].clone();
    let fetched = env.run(&format!("fetch web {}", id.as_str().unwrap()));
    assert_eq!(fetched.code, 5, "{}", fetched.stdout);
    assert!(
        fetched
            .stderr
            .contains(&format!("svpki orders wait web {order}"))
    );
    let listed = env.run("orders list -o json").json();
    assert_eq!(listed[0]["order_id"], order.as_str());
    assert_eq!(listed[0]["mount"], "pki");
    // One that another config has placed, and that nobody has decided.
    let mut env = env;
    env.stage
        .config("other", &serde_json::json!({"profile_id": 55, "term": 199}))
        .await
        .unwrap();
    let open = env.run("enroll other --common-name open.example.com --key-type EC --wait 0");
    assert_eq!(open.code, 5, "{}", open.stderr);
    let waited = env.run(&format!("orders wait web {order} --wait 1"));
    assert_eq!(waited.code, 5, "{}", waited.stderr);
    insta::assert_snapshot!(
        "orders",
        env.transcript(&[
            "orders list",
            "orders read web 000000000000000000000000",
            &format!("orders cancel web {order}"),
            &format!("orders cancel web {order} --yes"),
            &format!("orders wait web {order} --wait 10"),
            "reconcile web",
            "reconcile web --all",
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_order() {
    let env = CliTestEnv::open().await;
    let line =
        "enroll web --common-name once.example.com --key-type EC --idempotency-key k1 -o json";
    let first = env.run(line).json();
    let second = env.run(line).json();
    assert_eq!(
        first["sectigo_cert_unique_id"],
        second["sectigo_cert_unique_id"]
    );
    let other = env.run(
        "enroll web --common-name other.example.com --key-type EC --idempotency-key k1 -o json",
    );
    assert_eq!(
        (other.code, other.error()["kind"].as_str()),
        (1, Some("conflict"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_files() {
    use std::os::unix::fs::PermissionsExt;

    let env = CliTestEnv::open().await;
    let home = env.home.path();
    let shown = env.run("enroll web --common-name a.example.com --key-type EC");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(!shown.stdout.contains("PRIVATE KEY"));
    assert!(
        !env.run("certs read web 1001_example -o json")
            .stdout
            .contains("PRIVATE KEY")
    );
    let asked = env.run("enroll web --common-name b.example.com --key-type EC --show-key");
    assert!(asked.stdout.contains("PRIVATE KEY"), "{}", asked.stdout);
    let filed =
        env.run("enroll web --common-name c.example.com --key-type EC --out c.pem --key-out c.key");
    assert_eq!(filed.code, 0, "{}", filed.stderr);
    let mode = std::fs::metadata(home.join("c.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        openssl(
            home,
            &["verify", "-partial_chain", "-trusted", "c.pem", "c.pem"]
        )
        .0,
        0
    );
    let again = env.run("enroll web --common-name c.example.com --key-out c.key");
    assert_eq!(
        again.code, 2,
        "nothing is ordered when the key would have nowhere to go"
    );

    for (format, file) in [
        ("pem", "o.pem"),
        ("der", "o.der"),
        ("pem_bundle", "o.bundle"),
    ] {
        let made = env.run(&format!(
            "certs export web 1001_example --format {format} --out {file}"
        ));
        assert_eq!(made.code, 0, "{format}: {}", made.stderr);
    }
    let line = "certs export web 1001_example --format pkcs12 --out o.p12 --password-stdin";
    assert_eq!(env.run_with(line, "geheim\n").code, 0);
    assert_eq!(
        openssl(
            home,
            &["pkcs12", "-in", "o.p12", "-passin", "pass:geheim", "-noout"]
        )
        .0,
        0
    );
    assert_eq!(
        openssl(home, &["x509", "-in", "o.der", "-inform", "DER", "-noout"]).0,
        0
    );
    let keys = [
        openssl(home, &["x509", "-in", "o.bundle", "-noout", "-pubkey"]).1,
        openssl(home, &["pkey", "-in", "o.bundle", "-pubout"]).1,
    ];
    assert_eq!(keys[0], keys[1]);
    let mode = std::fs::metadata(home.join("o.bundle"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let piped = env.run("certs export web 1001_example --chain").stdout;
    assert_eq!(piped.matches("BEGIN CERTIFICATE").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_handed_out_once_needs_a_place() {
    let mut env = CliTestEnv::open().await;
    let more = serde_json::json!({"profile_id": 51, "term": 199, "key_storage": "once"});
    env.stage.config("once", &more).await.unwrap();
    let refused = env.run("enroll once --common-name a.example.com --key-type EC");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("--key-out FILE"),
        "{}",
        refused.stderr
    );
    let kept = env.run("enroll once --common-name a.example.com --key-type EC --key-out a.key");
    assert_eq!(kept.code, 0, "{}", kept.stderr);
    assert!(env.home.path().join("a.key").is_file());
    assert_eq!(
        env.run("certs list").stdout.lines().count(),
        2,
        "one order only"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plugin_is_verified_and_upgraded() {
    let env = CliTestEnv::open().await;
    assert_eq!(env.run("plugin verify").code, 0);
    let status = env.run("plugin status -o json").json();
    let sums: Vec<&str> = status
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["sha256"].as_str())
        .collect();
    assert!(sums.len() >= 2 && sums[0].len() == 64, "{status}");

    // A new build: the same program with other bytes behind it.
    let new = env.home.path().join("new-build");
    let mut bytes = std::fs::read(crate::support::plugin()).unwrap();
    bytes.extend_from_slice(b"another build");
    std::fs::write(&new, bytes).unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(env.run("plugin verify --binary new-build").code, 7);
    let missing = env.run("plugin upgrade --binary new-build --path pki");
    assert_eq!(missing.code, 2, "{}", missing.stderr);
    let done = env.run("plugin upgrade --binary new-build --path pki --copy");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let verified = env.run("plugin verify --binary new-build");
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    assert_eq!(env.run("config list").code, 0);

    // One that cannot run: everything is as before.
    std::fs::write(env.home.path().join("broken"), "#!/bin/sh\nexit 1\n").unwrap();
    let broken = env.run("plugin upgrade --binary broken --path pki --copy");
    assert_ne!(broken.code, 0);
    let verified = env.run("plugin verify --binary new-build");
    assert_eq!(
        verified.code, 0,
        "{}{}\n{}",
        verified.stdout, verified.stderr, broken.stderr
    );
    assert_eq!(env.run("config read web").code, 0);
    let printed = env.run("plugin install --print --binary new-build").stdout;
    assert!(printed.contains("plugin register -sha256="), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_and_mends() {
    use std::os::unix::fs::PermissionsExt;

    let env = CliTestEnv::open().await;
    let file = env.home.path().join(".vault-token");
    std::fs::write(&file, env.stage.server.token()).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let with_file = |line: &str| {
        let mut command = env.command(line);
        command.env_remove("VAULT_TOKEN");
        super::harness::ran(command, "")
    };
    let found = with_file("doctor");
    assert_eq!(found.code, 7, "{}", found.stdout);
    assert!(found.stdout.contains("chmod 600"), "{}", found.stdout);
    let fixed = with_file("doctor --fix");
    assert!(
        fixed.stdout.contains("profiles downloaded"),
        "{}",
        fixed.stdout
    );
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let after = with_file("doctor");
    assert!(!after.stdout.contains("problem"), "{}", after.stdout);
    assert_eq!(after.code, 0);
}

fn openssl(folder: &std::path::Path, args: &[&str]) -> (i32, String) {
    let output = std::process::Command::new("openssl")
        .args(args)
        .current_dir(folder)
        .output()
        .expect("openssl");
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_found_by_name_and_serial_wherever_an_id_is_taken() {
    let env = CliTestEnv::open().await;
    let id = env.enrol("www.example.com").await;
    let read = |what: &str| env.run(&format!("certs read web {what} -o json"));
    let by_name = read("WWW.example.com").json();
    assert_eq!(by_name["sectigo_cert_unique_id"], id.as_str());
    let serial = by_name["serial_number"].as_str().unwrap().to_uppercase();
    for what in [serial.clone(), serial.replace(':', "")] {
        assert_eq!(read(&what).json(), by_name, "{what}");
    }
    assert_eq!(read("nobody.example.com").code, 3);
    let exported = env.run("certs export web www.example.com --format pem_bundle");
    assert!(
        exported.stdout.contains("PRIVATE KEY-----"),
        "{}",
        exported.stderr
    );
    let current = env.run("current web www.example.com --key-out www.key --out www.pem -o json");
    assert_eq!(current.code, 0, "{}", current.stderr);
    assert_eq!(current.json()["sectigo_cert_unique_id"], id.as_str());
    assert!(!current.stdout.contains("PRIVATE KEY-----"));
    let key = std::fs::read_to_string(env.home.path().join("www.key")).unwrap();
    assert!(key.contains("PRIVATE KEY-----"));
    // Two in use: the id must say which one is meant.
    let second = env.enrol_another("www.example.com").await;
    let several = read("www.example.com");
    assert_eq!(several.code, 2, "{}", several.stdout);
    assert!(several.stderr.contains(&id) && several.stderr.contains(&second));
    let checked = env.run("enroll web --common-name new.example.com --dry-run");
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(
        checked.stderr.contains("nothing was ordered"),
        "{}",
        checked.stderr
    );
    assert_eq!(read("new.example.com").code, 3);
    std::fs::write(env.home.path().join("my.key"), &key).unwrap();
    let mistaken = env.run("enroll web --csr my.key");
    assert_eq!(mistaken.code, 2, "{}", mistaken.stderr);
    assert!(
        mistaken.stderr.contains("was not sent"),
        "{}",
        mistaken.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn check_fails_when_a_login_is_refused_and_tells_it_to_prometheus() {
    let env = CliTestEnv::open().await;
    env.enrol("www.example.com").await;
    assert_eq!(env.run("config test web").code, 0);
    let well = env.run("check web");
    assert_eq!(well.code, 0, "{}{}", well.stdout, well.stderr);
    env.run_with("config write web --password-stdin", "wrong\n");
    assert_eq!(env.run("config test web").code, 1);
    let found = env.run("check web -o json");
    assert_eq!(found.code, 7, "{}{}", found.stdout, found.stderr);
    assert_eq!(found.json()[0]["finding"], "login_refused");
    let metrics = env.run("check --prometheus");
    assert_eq!(metrics.code, 7);
    for line in [
        "svpki_login_accepted{mount=\"pki\",config=\"web\"} 0",
        "svpki_scm_reachable{mount=\"pki\",config=\"web\"} 1",
        "svpki_renewals_failed{mount=\"pki\",config=\"web\"} 0",
        "svpki_certificates{mount=\"pki\",status=\"issued\"} 1",
        "# TYPE svpki_login_accepted gauge",
    ] {
        assert!(metrics.stdout.contains(line), "{line}: {}", metrics.stdout);
    }
}

/// Each certificate that is brought in with automatic renewal is an order sooner or later.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_says_beforehand_how_many_orders_follow() {
    let env = CliTestEnv::open().await;
    for name in ["one.example.com", "two.example.com", "three.example.com"] {
        let id = env.enrol(name).await;
        let deleted = env.run(&format!("certs delete web {id} --yes"));
        assert_eq!(deleted.code, 0, "{}", deleted.stderr);
    }
    let stored = |env: &CliTestEnv| {
        let list = env.run("certs list -o json");
        list.json().as_array().map(Vec::len)
    };
    // Nobody is there to say yes.
    let asked = env.run("reconcile web --import --auto-renew");
    let said = "3 certificates to bring in, and Vault would order 3 renewals, one for each: 0 at once, the next of \
                the others on 20";
    assert!(asked.stderr.contains(said), "{}", asked.stderr);
    assert_ne!(asked.code, 0, "{}", asked.stderr);
    assert_eq!(stored(&env), Some(0));
    let meant = env.run("reconcile web --import --auto-renew --yes");
    assert!(meant.stderr.contains(said), "{}", meant.stderr);
    assert_eq!(meant.code, 0, "{}", meant.stderr);
    assert_eq!(stored(&env), Some(3));
    // Without it none follows, which is said, too, and nobody is asked.
    let id = env.enrol("four.example.com").await;
    env.run(&format!("certs delete web {id} --yes"));
    let plain = env.run("reconcile web --import");
    assert!(
        plain
            .stderr
            .contains("1 certificate to bring in; no order follows"),
        "{}",
        plain.stderr
    );
    assert_eq!(plain.code, 0, "{}", plain.stderr);
}
