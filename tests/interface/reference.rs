//! `docs/paths.md` is what the declarations say now.
//!
//! `SVPKI_UPDATE=1 cargo test --test interface reference` writes it anew.

use std::path::Path;

use sectigo_vault_pki::plugin;

#[test]
fn the_reference_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/paths.md");
    let made = plugin::reference();
    if std::env::var_os("SVPKI_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/paths.md is not current: SVPKI_UPDATE=1 cargo test --test interface reference"
    );
}

/// The index of the documents names every path of the reference.
#[test]
fn the_index_has_every_path() {
    let index = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/README.md");
    let index = std::fs::read_to_string(index).unwrap();
    let made = plugin::reference();
    let (paths, _fields) = made.split_once("\n## Fields\n").unwrap();
    let titles = paths.lines().filter_map(|line| line.strip_prefix("### "));
    for path in titles {
        assert!(index.contains(path), "docs/README.md lacks {path}");
    }
}
