//! The Help page.

use sectigo_vault_pki::tui::model::Page;

use crate::harness::Harness;

#[test]
fn help_names_the_keys_of_details_orders_and_dialogs() {
    let mut tui = Harness::estate();
    tui.resize(120, 120).press("?");
    for (key, words) in [
        ("/ ", "filter Certificates, Orders or Today; search Help"),
        ("left h ", "in details: the earlier certificate"),
        ("right l ", "in details: the later certificate"),
        ("ctrl-c ", "quit"),
        ("ctrl-y ", "in a dialog: copy the vault or bao command"),
        ("ctrl-s ", "in a dialog: copy the svpki command"),
        ("ctrl-d ", "keep only the due ones"),
    ] {
        let text = tui.text();
        let mut lines = text.lines().map(str::trim_start);
        let line = lines.find(|line| line.starts_with(key)).unwrap_or_default();
        assert!(line.contains(words), "{key}{words}:\n{text}");
    }
}

#[test]
fn help_is_searched_and_esc_leads_back_in_two_steps() {
    let mut tui = Harness::estate();
    tui.press("3 ? /").type_in("Renew early");
    assert!(
        tui.sees("in the dialog to renew early: keep only the due ones") && !tui.sees("one row up"),
        "{}",
        tui.text()
    );
    tui.press("enter");
    assert!(tui.sees("/Renew early"), "{}", tui.text());
    tui.press("esc");
    assert!(tui.sees("one row up") && !tui.sees("/Renew"));
    tui.press("/").type_in("superseded");
    assert!(tui.sees("renewed under a new ID") && !tui.sees("one row up"));
    tui.press("enter esc / z z z");
    assert!(
        tui.sees("No line of this page holds these words"),
        "{}",
        tui.text()
    );
    tui.press("enter esc esc");
    assert_eq!(tui.model.page, Page::Orders);
    // Opened again, it shows all lines.
    tui.press("? / z z z enter tab ?");
    assert!(tui.sees("one row up"), "{}", tui.text());
}
