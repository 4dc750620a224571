//! What others say of our certificates and keys: openssl and keytool.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub const EC: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// Runs a program; what it prints, or what it says when it fails.
#[track_caller]
pub fn run(program: &str, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    // A program that has read enough may close its input early.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
pub fn openssl(arguments: &[&str], input: &str) -> String {
    run("openssl", arguments, input.as_bytes())
}

pub fn public_key_of_certificate(pem: &str) -> String {
    openssl(&["x509", "-noout", "-pubkey"], pem)
}

pub fn public_key_of_key(pem: &str) -> String {
    openssl(&["pkey", "-pubout"], pem)
}

pub fn public_key_of_csr(pem: &str) -> String {
    openssl(&["req", "-noout", "-pubkey"], pem)
}

/// `openssl verify` of a leaf by a root, over the chain given with it.
#[track_caller]
pub fn verify(leaf: &str, chain: &[String], root: &str) {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let said = openssl(
        &[
            "verify",
            "-CAfile",
            &file("root", root),
            "-untrusted",
            &file("chain", &chain.concat()),
            &file("leaf", leaf),
        ],
        "",
    );
    assert!(said.trim_end().ends_with(": OK"), "{said}");
}

/// A CSR made by openssl, with its key.
pub fn csr(subject: &str, sans: &str, algorithm: &[&str]) -> (String, String) {
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("key");
    let mut arguments = vec!["req", "-new", "-nodes", "-subj", subject, "-keyout"];
    arguments.push(key.to_str().unwrap());
    arguments.extend(algorithm);
    let names = format!("subjectAltName={sans}");
    if !sans.is_empty() {
        arguments.extend(["-addext", &names]);
    }
    let csr = openssl(&arguments, "");
    (csr, std::fs::read_to_string(&key).unwrap())
}

pub fn keytool(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("keytool")
        .arg("-J-Duser.language=en")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("keytool");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
