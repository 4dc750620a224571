//! A Python with packages from PyPI, in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

static FETCHING: Mutex<()> = Mutex::new(());

/// The Python of the environment `name`, made when it cannot import `modules`.
pub fn python(name: &str, modules: &str, packages: &[&str]) -> PathBuf {
    let _one = FETCHING.lock();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let python = folder.join("bin/python");
    let imports = Command::new(&python)
        .args(["-c", &format!("import {modules}")])
        .stderr(Stdio::null())
        .status();
    if imports.is_ok_and(|status| status.success()) {
        return python;
    }
    let run = |program: &Path, arguments: &[&str]| {
        let status = Command::new(program).args(arguments).status();
        let status = status.expect("this test needs Python 3 with venv (scripts/test-packages)");
        assert!(status.success(), "{program:?} {arguments:?}");
    };
    run(
        Path::new("python3"),
        &["-m", "venv", folder.to_str().unwrap()],
    );
    let install = ["-m", "pip", "install", "--quiet"];
    run(&python, &[&install[..], packages].concat());
    python
}
