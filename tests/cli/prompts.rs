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
