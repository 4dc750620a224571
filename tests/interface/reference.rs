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
