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

/// Before the config and after it, Ctrl-C costs nothing: what is written is not asked again.
#[tokio::test(flavor = "multi_thread")]
async fn init_goes_on_where_ctrl_c_left_it() {
    let env = CliTestEnv::open().await;
    let steps = [
        ("Go on with which config?", "\r"),
        ("Common name for the test order", "www.example.com\r"),
        ("Order it now?", "y"),
    ];
    for cut in 0..=steps.len() {
        let mut terminal = env.terminal(&["init"]);
        for (question, keys) in &steps[..cut] {
            terminal.answer(question, keys);
        }
        if let Some((question, _)) = steps.get(cut) {
            terminal.answer(question, "\u{3}");
        }
        let code = terminal.exit_code();
        let screen = terminal.screen();
        let ordered = usize::from(cut == steps.len());
        assert_eq!(code, if ordered == 1 { 0 } else { 130 }, "{screen}");
        assert!(!screen.contains("Kind of certificates"), "{screen}");
        let listed = env.run("certs list -o json").json();
        assert_eq!(listed.as_array().map(Vec::len), Some(ordered), "{screen}");
    }

    // Which mount it is for, and whether to mount the plugin at all.
    let other = env.run("plugin install --path other");
    assert_eq!(other.code, 0, "{}", other.stderr);
    let mut terminal = env.terminal(&["init"]);
    terminal.answer("Which mount?", "\u{3}");
    assert_eq!(terminal.exit_code(), 130, "{}", terminal.screen());
    let mut terminal = env.terminal(&["init", "--path", "third"]);
    terminal.answer("Register and mount the plugin?", "\u{3}");
    assert_eq!(terminal.exit_code(), 130, "{}", terminal.screen());
    assert!(!env.run("plugin status").stdout.contains("third/"));
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
