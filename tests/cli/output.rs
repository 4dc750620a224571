//! Pipes, narrow windows, and output that nobody reads to its end.

use std::io::Read;
use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr;

use super::harness::{CliTestEnv, binary, ran};

/// Every verb that answers with rows, given something to show.
const LISTS: [&str; 7] = [
    "certs list",
    "check --within 400d",
    "config list",
    "orders list",
    "plugin status",
    "profile list web",
    "reconcile web",
];

/// Something for each list: certificates, an order that waits, a profile, a certificate that only SCM has.
async fn furnished() -> CliTestEnv {
    let env = CliTestEnv::open().await;
    for name in [
        "a.example.com",
        "a-rather-long-name-for-a-host.department.example.com",
        "b.example.com",
    ] {
        env.enrol(name).await;
    }
    for (line, code) in [
        (
            "enroll web --common-name slow.department.example.com --profile-id 55 --key-type EC --wait 0",
            5,
        ),
        ("profile sync web", 0),
        ("certs delete web 1003_example --yes", 0),
    ] {
        let done = env.run(line);
        assert_eq!(done.code, code, "{line}: {}", done.stderr);
    }
    env
}

/// Every list in every form of output.
fn lists() -> impl Iterator<Item = String> {
    LISTS
        .iter()
        .flat_map(|line| ["table", "json", "yaml", "csv"].map(|form| format!("{line} -o {form}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn pipes_and_narrow_windows() {
    let env = furnished().await;
    for variables in [
        &[("COLUMNS", "40")][..],
        &[("TERM", "dumb")],
        &[("NO_COLOR", "1")],
        &[],
    ] {
        for line in
            LISTS
                .iter()
                .chain(&["certs read web 1001_example", "config read web", "doctor"])
        {
            let mut command = env.command(line);
            command.envs(variables.iter().copied());
            let ran = ran(command, "");
            assert!(
                !ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'),
                "{line}"
            );
            assert!(ran.stdout.ends_with('\n'), "{line}");
            if variables.contains(&("COLUMNS", "40")) && LISTS.contains(line) {
                for row in ran.stdout.lines() {
                    assert!(row.width() <= 40, "{line}: {row:?}");
                }
                assert!(ran.stdout.contains('…') || *line == "config list", "{line}");
            }
        }
    }
    let coloured = env.run("certs list --color always").stdout;
    assert!(coloured.contains("\u{1b}[32missued\u{1b}[0m"), "{coloured}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_is_no_error() {
    let env = furnished().await;
    let others = ["--help", "completions bash", "man", "check --prometheus"];
    for line in lists().chain(others.map(str::to_owned)) {
        let mut child = env
            .command(&line)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        let code = child.wait().unwrap().code();
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_pipes_to_head_and_to_a_file() {
    let env = furnished().await;
    let shell = |line: &str, rest: &str| {
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("\"$SVPKI\" {line} {rest}")])
            .current_dir(env.home.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", env.home.path())
            .env("SVPKI", binary())
            .env("VAULT_ADDR", env.stage.server.address())
            .env("VAULT_TOKEN", env.stage.server.token());
        ran(command, "")
    };
    for line in lists() {
        let piped = env.run(&line);
        let head = shell(&line, "| head -n 1");
        assert_eq!(head.code, 0, "{line}");
        // A hint after the data is lost when `head` was quicker.
        assert!(
            head.stderr.is_empty() || head.stderr == piped.stderr,
            "{line}: {}",
            head.stderr
        );
        assert_eq!(
            head.stdout.lines().next(),
            piped.stdout.lines().next(),
            "{line}"
        );
        let filed = shell(&line, "> listed");
        assert_eq!(
            (filed.code, filed.stdout.as_str()),
            (piped.code, ""),
            "{line}"
        );
        assert_eq!(filed.stderr, piped.stderr, "{line}");
        let file = std::fs::read_to_string(env.home.path().join("listed")).unwrap();
        assert_eq!(file, piped.stdout, "{line}");
        assert!(!file.contains('\u{1b}'), "{line}");
    }
}
