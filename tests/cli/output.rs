//! Pipes, narrow windows, and output that nobody reads to its end.

use std::io::Read;
use std::process::Stdio;

use unicode_width::UnicodeWidthStr;

use super::harness::{Theatre, ran};

#[tokio::test(flavor = "multi_thread")]
async fn pipes_and_narrow_windows() {
    let theatre = Theatre::open().await;
    for name in [
        "a.example.com",
        "a-rather-long-name-for-a-host.department.example.com",
        "b.example.com",
    ] {
        theatre.enrol(name).await;
    }
    for variables in [
        &[("COLUMNS", "40")][..],
        &[("TERM", "dumb")],
        &[("NO_COLOR", "1")],
        &[],
    ] {
        for line in [
            "certs list",
            "certs read web 1001_example",
            "config list",
            "check --within 400d",
        ] {
            let mut command = theatre.command(line);
            command.envs(variables.iter().copied());
            let ran = ran(command, "");
            assert!(
                !ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'),
                "{line}"
            );
            assert!(ran.stdout.ends_with('\n'), "{line}");
            if variables.contains(&("COLUMNS", "40")) && line == "certs list" {
                for row in ran.stdout.lines() {
                    assert!(row.width() <= 40, "{row:?}");
                }
                assert!(ran.stdout.contains('…'));
            }
        }
    }
    let coloured = theatre.run("certs list --color always").stdout;
    assert!(coloured.contains("\u{1b}[32missued\u{1b}[0m"), "{coloured}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_is_no_error() {
    let theatre = Theatre::open().await;
    theatre.enrol("a.example.com").await;
    for line in [
        "certs list",
        "certs list -o json",
        "certs list -o csv",
        "--help",
        "completions bash",
        "man",
    ] {
        let mut child = theatre
            .command(line)
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
        assert_eq!(child.wait().unwrap().code(), Some(0), "{line}: {stderr}");
        assert_eq!(stderr, "", "{line}");
    }
}
