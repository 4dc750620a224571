//! Hidden questions on a real terminal.

use super::harness::CliTestEnv;

#[tokio::test(flavor = "multi_thread")]
async fn a_password_typed_before_its_question_is_there_counts() {
    let env = CliTestEnv::open().await;
    let mut terminal = env.terminal(&["config", "write", "web", "--user", "admin"]);
    // The program has not even asked the server for its mounts by now.
    terminal.press(&format!("{}\r", env.stage.sim.password));
    terminal.wait_for("SCM password:");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    assert_eq!(env.run("config test web").code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_typed_at_its_question_is_never_seen_and_ctrl_c_gives_the_echo_back() {
    let env = CliTestEnv::open().await;
    for end in ["\r", "\u{3}"] {
        let mut terminal = env.terminal(&["config", "write", "web", "--user", "admin"]);
        terminal.wait_until_said("SCM password");
        terminal.press("planted-words");
        terminal.press(end);
        let code = terminal.exit_code();
        assert_eq!(code, if end == "\r" { 0 } else { 130 }, "{end:?}");
        assert!(!terminal.said().contains("planted"), "{}", terminal.said());
        assert!(
            terminal.echoes(),
            "{end:?}: the terminal stays without echo"
        );
    }
}

/// After the config is written nothing of it is asked again.
#[tokio::test(flavor = "multi_thread")]
async fn init_goes_on_after_its_config_where_ctrl_c_left_it() {
    let env = CliTestEnv::open().await;
    for keys in ["\u{3}", "y"] {
        let mut terminal = env.terminal(&["init"]);
        terminal.answer("Go on with which config?", "\r");
        terminal.answer("Name that it is for", "www.example.com\r");
        terminal.answer("Order it now?", keys);
        let code = terminal.exit_code();
        let screen = terminal.screen();
        assert_eq!(code, if keys == "y" { 0 } else { 130 }, "{screen}");
        assert!(!screen.contains("Kind of certificates"), "{screen}");
    }
    assert_eq!(env.run("certs list -o csv").stdout.lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_has_a_certificate_in_use_is_said_before_another_is_ordered() {
    let env = CliTestEnv::open().await;
    let id = env.enrol("www.example.com").await;
    let mut terminal = env.terminal(&["enroll", "web"]);
    terminal.answer("Common name", "www.example.com\r");
    terminal.wait_for(&format!("has a certificate in use: {id}"));
    terminal.answer("Order another for www.example.com?", "n");
    assert_eq!(terminal.exit_code(), 1, "{}", terminal.screen());
    let script = env.run("enroll web --common-name www.example.com --key-type EC");
    assert_eq!(script.code, 0, "{}", script.stderr);
    assert!(script.stderr.contains(&id), "{}", script.stderr);
    assert_eq!(env.run("certs list -o csv").stdout.lines().count(), 3);
}
