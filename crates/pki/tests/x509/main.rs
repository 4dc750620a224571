//! This crate against those whose word counts: the `openssl` and `keytool` programs.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod authority;
mod chains;
mod exports;
mod keys;
mod keystore;
mod requests;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a program printed, standard output and error together, if it ended well.
fn run(program: &str, dir: &Path, args: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = Command::new(program)
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!(
                "these tests need `{program}` on the PATH ({error}); Debian: apt install openssl default-jre-headless"
            )
        });
    // A program that wants no input may close it first.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let mut text = output.stdout;
    text.extend(output.stderr);
    if output.status.success() {
        Ok(text)
    } else {
        Err(String::from_utf8_lossy(&text).into_owned())
    }
}

fn openssl(dir: &Path, args: &[&str], input: impl AsRef<[u8]>) -> String {
    let text = run("openssl", dir, args, input.as_ref())
        .unwrap_or_else(|error| panic!("openssl {args:?}: {error}"));
    String::from_utf8_lossy(&text).into_owned()
}
