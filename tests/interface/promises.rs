//! `SECURITY.md` names the tests that hold its promises.

use std::collections::BTreeSet;
use std::path::Path;

/// The names of all functions below this folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines() {
                let line = line.trim_start();
                let line = line.strip_prefix("async ").unwrap_or(line);
                if let Some((name, _)) = line
                    .strip_prefix("fn ")
                    .and_then(|rest| rest.split_once('('))
                {
                    found.insert(name.to_owned());
                }
            }
        }
    }
}

#[test]
fn each_promise_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = BTreeSet::new();
    for folder in ["src", "tests", "crates"] {
        functions(&root.join(folder), &mut tests);
    }
    let text = std::fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let (_, table) = text
        .split_once("| promise | test |")
        .expect("the table of promises");
    let rows: Vec<&str> = table
        .lines()
        .skip(2)
        .filter(|row| !row.is_empty())
        .collect();
    assert!(rows.len() > 30, "{} promises", rows.len());
    for row in rows {
        let (_, named) = row
            .trim_end_matches(['|', ' '])
            .rsplit_once(" | ")
            .expect("a promise and its tests");
        for name in named.split(", ") {
            let name = name.trim_matches('`');
            assert!(tests.contains(name), "there is no test {name}: {row}");
        }
    }
}
