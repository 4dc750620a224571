//! `SECURITY.md` names the tests that hold its promises.

use std::collections::BTreeSet;
use std::path::Path;

/// The names of all tests below this folder.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim_start) {
                let name = line.strip_prefix("async ").unwrap_or(line);
                if let Some(rest) = name.strip_prefix("fn ") {
                    let name = rest.split_once('(').map(|(name, _)| name.to_owned());
                    found.extend(name.filter(|_| is_test));
                }
                // Other attributes and comments may stand between.
                is_test = match line {
                    _ if line.starts_with("#[test]") || line.starts_with("#[tokio::test") => true,
                    _ => is_test && (line.starts_with("#[") || line.starts_with("//")),
                };
            }
        }
    }
}

#[test]
fn each_promise_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = BTreeSet::new();
    for folder in ["src", "tests", "crates"] {
        tests_below(&root.join(folder), &mut tests);
    }
    assert!(!tests.contains("tests_below"), "a helper is no test");
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
