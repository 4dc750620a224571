//! What is made from the command tree and kept in the repository is what the tree makes now.
//!
//! `SVPKI_UPDATE=1 cargo test --test cli generated` writes it anew.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::harness::{ran, svpki};

fn made() -> BTreeMap<PathBuf, String> {
    let home = tempfile::tempdir().unwrap();
    let mut files = BTreeMap::new();
    for (shell, name) in [
        ("bash", "svpki.bash"),
        ("elvish", "svpki.elv"),
        ("fish", "svpki.fish"),
        ("powershell", "_svpki.ps1"),
        ("zsh", "_svpki"),
    ] {
        let ran = ran(svpki(home.path(), &format!("completions {shell}")), "");
        assert_eq!(ran.code, 0, "{shell}: {}", ran.stderr);
        files.insert(PathBuf::from(name), ran.stdout);
    }
    std::fs::create_dir(home.path().join("man")).unwrap();
    let ran = ran(svpki(home.path(), "man --out man"), "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for entry in std::fs::read_dir(home.path().join("man")).unwrap() {
        let path = entry.unwrap().path();
        let name = PathBuf::from("man").join(path.file_name().unwrap());
        files.insert(name, std::fs::read_to_string(path).unwrap());
    }
    files
}

#[test]
fn completions_and_man_pages_are_current() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("completions");
    let made = made();
    if std::env::var_os("SVPKI_UPDATE").is_some() {
        // Pages of commands that are no more must go, too.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("man")).unwrap();
        for (name, text) in &made {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    for (name, text) in &made {
        let kept = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            kept == *text,
            "completions/{} is not current: SVPKI_UPDATE=1 cargo test --test cli generated",
            name.display()
        );
    }
    let kept = ["", "man"]
        .iter()
        .flat_map(|sub| std::fs::read_dir(folder.join(sub)).unwrap());
    let kept = kept
        .filter(|entry| entry.as_ref().unwrap().path().is_file())
        .count();
    assert_eq!(
        kept,
        made.len(),
        "completions/ holds files that nothing makes"
    );
}

/// Seen: `--address`, `--timeout` and eleven more stood in every page without a word.
#[test]
fn every_option_of_a_man_page_is_explained() {
    let made = made();
    let pages = made.iter().filter(|(name, _)| name.starts_with("man"));
    for (name, page) in pages {
        let lines: Vec<&str> = page.lines().collect();
        for tag in lines.windows(3).filter(|lines| lines[0] == ".TP") {
            assert!(!tag[2].is_empty(), "{}: {}", name.display(), tag[1]);
        }
    }
}

/// A script is a script and a page is a page, whatever form of data is asked for.
#[test]
fn scripts_and_pages_have_one_form() {
    let home = tempfile::tempdir().unwrap();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (line, file) in [
        ("completions bash", "svpki.bash"),
        ("completions zsh", "_svpki"),
        ("man", "man/svpki.1"),
    ] {
        let kept = std::fs::read_to_string(folder.join(file)).unwrap();
        for form in ["table", "json", "yaml", "csv"] {
            let told = ran(svpki(home.path(), &format!("{line} -o {form}")), "");
            assert_eq!((told.code, told.stderr.as_str()), (0, ""), "{line} {form}");
            assert!(told.stdout == kept, "{line} {form}");
        }
    }
    let told = ran(svpki(home.path(), "man --out nowhere/man"), "");
    assert_eq!((told.code, told.stdout.as_str()), (1, ""));
    assert!(told.stderr.contains("nowhere/man"), "{}", told.stderr);
}

/// Nobody has to guess what stands for NAME or CONFIG.
#[test]
fn every_argument_is_described() {
    fn walk(command: &clap::Command, path: &str, bare: &mut Vec<String>) {
        for argument in command.get_arguments() {
            if argument.get_help().is_none() && !argument.is_hide_set() {
                bare.push(format!("{path} {}", argument.get_id()));
            }
        }
        for sub in command.get_subcommands() {
            let path = format!("{path} {}", sub.get_name());
            if sub.get_about().is_none() {
                bare.push(path.clone());
            }
            walk(sub, &path, bare);
        }
    }
    let mut bare = Vec::new();
    walk(&sectigo_vault_pki::cli::command(), "svpki", &mut bare);
    assert!(bare.is_empty(), "{bare:#?}");
}

/// The index of the documents has a row for every verb, with the verbs below it.
#[test]
fn the_index_has_every_verb() {
    let index = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/README.md");
    let index = std::fs::read_to_string(index).unwrap();
    let command = sectigo_vault_pki::cli::command();
    let shown = |verb: &&clap::Command| !verb.is_hide_set() && verb.get_name() != "help";
    for verb in command.get_subcommands().filter(shown) {
        let start = format!("| [`{}`]", verb.get_name());
        let row = index.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("docs/README.md has no row {start}"));
        for below in verb.get_subcommands().filter(shown) {
            let name = format!("`{}`", below.get_name());
            assert!(row.contains(&name), "docs/README.md lacks {name} in {row}");
        }
    }
}
