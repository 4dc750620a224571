//! Sentences that a first user did not understand, and that were written anew, do not come back.

use std::path::Path;

/// A part of each that stands in no good sentence.
const NOT_UNDERSTOOD: [&str; 36] = [
    "Taken back",
    "nobody can be asked here",
    "Nothing to look at",
    "the binary must stand in",
    "is no address of SCM",
    "this is needed",
    "login to be changed",
    "Going on with what an earlier run",
    "The same without the wizard",
    "list configs/",
    "the nearest that is known is",
    "are no PEM pair",
    "check that the server runs there",
    "No mount of the Sectigo engine",
    "its CSR came from outside",
    "takes it with its key",
    "Look at every prerequisite",
    "What SCM has and Vault has not",
    "Order a successor",
    "At most so many",
    "Our own certificate for TLS",
    "turns it round",
    "Say what would become of every row",
    "holds several words",
    "is no domain name",
    "would renew for ever",
    "must have changed its first password",
    "it is being worked on",
    "gives its result and never a second order",
    "they do not count here",
    "do not belong into",
    "the catalogue cannot be seen",
    "The same again",
    "Everything at once on this machine",
    "is closed to others now",
    "What is registered is what is on disk",
];

fn look_below(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look_below(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            // A sentence may go on in the next line.
            let text = text.replace("\\\n", " ");
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let said = NOT_UNDERSTOOD.iter().filter(|words| text.contains(**words));
            found.extend(said.map(|words| format!("{}: {words}", path.display())));
        }
    }
}

#[test]
fn what_was_not_understood_is_not_said_again() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    look_below(&root.join("src"), &mut found);
    for member in std::fs::read_dir(root.join("crates")).unwrap() {
        look_below(&member.unwrap().path().join("src"), &mut found);
    }
    assert!(found.is_empty(), "{found:#?}");
}
