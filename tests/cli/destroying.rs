//! What takes something away says beforehand what goes, and the same command twice takes nothing more.

use serde_json::json;

use super::harness::CliTestEnv;

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_config_names_its_certificates_and_asks_for_their_number() {
    let env = CliTestEnv::open().await;
    for name in ["www.example.com", "api.example.com"] {
        env.enrol(name).await;
    }
    let delete = ["config", "delete", "web", "--force"];
    let mut terminal = env.terminal(&delete);
    for told in [
        "2 certificates and 2 private keys",
        "www.example.com",
        "api.example.com",
        "cannot be brought back",
        "Type 2 to go on",
    ] {
        terminal.wait_for(told);
    }
    terminal.press("web\r");
    assert_eq!(terminal.exit_code(), 1, "{}", terminal.screen());
    assert_eq!(env.run("certs list -o csv").stdout.lines().count(), 3);
    let mut terminal = env.terminal(&delete);
    terminal.answer("Type 2 to go on", "2\r");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    assert!(
        terminal
            .screen()
            .contains("Config web is deleted with 2 certificates and 2 private keys"),
        "{}",
        terminal.screen()
    );
    assert_eq!(env.run("certs list -o csv").stdout.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_cancel_of_an_order_removes_no_record() {
    let env = CliTestEnv::open().await;
    env.rules(json!([{"approval": true}])).await;
    let placed = env.run("enroll web --common-name www.example.com --key-type EC --wait 0 -o json");
    let order = placed.json()["order_id"].as_str().unwrap().to_owned();
    let cancel = format!("orders cancel web {order} --yes");
    for said in ["is cancelled", "is cancelled already; nothing was done"] {
        let ran = env.run(&cancel);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert_eq!(env.run(&format!("orders read web {order}")).code, 0);
    }
    env.rules(json!([])).await;
    let issued = env.run("enroll web --common-name api.example.com --key-type EC -o json");
    let order = issued.json()["order_id"].as_str().unwrap().to_owned();
    let ran = env.run(&format!("orders cancel web {order} --yes"));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("has ended as issued"), "{}", ran.stderr);
    assert_eq!(env.run(&format!("orders read web {order}")).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_that_reads_health_does_not_try_a_refused_login_again() {
    let env = CliTestEnv::open().await;
    let written = env.run_with("config write web --password-stdin", "wrong\n");
    assert_eq!(written.code, 0, "{}", written.stderr);
    let test = || env.run("config test web -o json").json();
    let first = test();
    assert_eq!(
        (&first["reachable"], &first["login_accepted"]),
        (&json!(true), &json!(false))
    );
    // The look that follows a write of the config may still be under way.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let first = json!({"checked": test()["checked"], "first": first["checked"]});
    let before = env.calls().await;
    for _ in 0..5 {
        let again = test();
        assert_eq!(again["checked"], first["checked"]);
        assert!(
            again["hint"].as_str().unwrap().contains("not tried again"),
            "{again}"
        );
    }
    assert_eq!(env.calls().await, before, "SCM was asked again");
    let password = format!("{}\n", env.stage.sim.password);
    env.run_with("config write web --password-stdin", &password);
    assert_eq!(test()["login_accepted"], true);
}
