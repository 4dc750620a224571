//! Commands that are typed after a colon.

use std::collections::BTreeMap;

use sectigo_vault_pki::tui::keys::Command;
use sectigo_vault_pki::tui::model::{Column, Page};
use sectigo_vault_pki::tui::theme::Palette;

use crate::harness::{FakeServer, Harness, command, names};

/// Everything that a command or its key may change.
fn standing(tui: &Harness) -> String {
    let model = &tui.model;
    let (server, said) = (&tui.server, model.notice.as_ref().map(|said| &said.text));
    format!(
        "{:?}",
        (
            (model.page, &model.dialog, said, model.quit),
            (model.table.index, model.scrolled, model.store.sort()),
            (model.store.folds(), &model.marks, model.settings.mouse),
            (&model.filter.field, model.filter.editing),
            (
                model.detail.as_ref().map(|detail| &detail.key),
                model.prompt.as_ref().map(|prompt| prompt.kind),
            ),
            (&server.copied, &server.exported, server.sent.len()),
        )
    )
}

#[test]
fn every_action_can_be_typed() {
    // Pairs of commands with the same effect here. All other commands must differ, so that a name cannot run another
    // action.
    let twins = [("today", "previous-page"), ("orders", "next-page")];
    let mut outcomes: BTreeMap<String, &str> = BTreeMap::new();
    for &action in Command::ALL {
        let ready = || {
            let mut tui = Harness::estate();
            tui.press("/").type_in("example").press("enter");
            tui.press("pagedown pagedown j j space A space right")
                .wait(6);
            tui
        };
        let (mut typed, mut pressed) = (ready(), ready());
        let before = standing(&pressed);
        let key = pressed.model.settings.keymap.hint(action);
        command(&mut typed, action.name());
        pressed.press(&key);
        assert_eq!(standing(&typed), standing(&pressed), "{}", action.name());
        // Only this command leads to the page that is open already.
        let stays = action == Command::Certificates;
        assert_eq!(standing(&pressed) == before, stays, "{}", action.name());
        if let Some(other) = outcomes.insert(standing(&typed), action.name()) {
            assert!(
                twins.contains(&(other, action.name())),
                "{other} and {}",
                action.name()
            );
        }
    }
}

#[test]
fn commands_are_completed_and_mistakes_are_told() {
    let mut tui = Harness::estate();
    tui.press(":").type_in("them").press("tab");
    assert!(tui.sees("theme"), "{}", tui.text());
    tui.type_in("hi").press("tab enter");
    assert_eq!(tui.model.settings.theme.palette, Palette::HighContrast);
    command(&mut tui, "sort -expires");
    assert!(tui.model.store.sort().descending);
    command(&mut tui, "columns common_name,role,changes");
    assert_eq!(
        tui.model.columns,
        [Column::Name, Column::Role, Column::Changes]
    );
    command(&mut tui, "filter exp<7d").wait(1);
    assert_eq!(names(&tui), ["shop.example.com"]);
    for (line, words) in [
        ("rennew", "Did you mean renew?"),
        ("theme pink", "unknown theme"),
        ("sort size", "unknown column"),
        ("filter exp<30", "not a duration"),
        ("orders colour:red", "Unknown field"),
        ("open prod 1", "several mounts have config prod"),
        ("open nowhere 1", "there is no config"),
        ("enroll nowhere", "there is no config"),
    ] {
        command(&mut tui, line);
        assert!(tui.sees(words), "{line}:\n{}", tui.text());
        tui.press("esc");
    }
    assert_eq!(
        names(&tui),
        ["shop.example.com"],
        "a mistake changes nothing"
    );
    let orders = tui.model.orders.filter();
    assert_eq!((tui.model.page, orders), (Page::Certificates, ""));
}

/// A paste that contains a colon opens the line, but its Enter runs nothing.
#[test]
fn a_pasted_command_is_not_run() {
    let mut tui = Harness::estate();
    tui.press("2").burst(":mark-all\n");
    assert!(
        tui.model.marks.is_empty() && tui.sees("faster than a hand"),
        "{}",
        tui.text()
    );
    tui.press("enter").wait(1);
    assert!(!tui.model.marks.is_empty());
}

#[test]
fn the_orders_are_filtered_by_a_command() {
    let mut tui = Harness::estate();
    command(&mut tui, "orders waits:approval");
    assert_eq!(tui.model.page, Page::Orders);
    let shown: Vec<&str> = tui.model.orders.rows.iter().map(|row| row.name()).collect();
    assert_eq!(shown, ["new.example.com"]);
    command(&mut tui, "orders colour:red");
    assert!(tui.sees("Unknown field"), "{}", tui.text());
    tui.press("esc");
    assert_eq!(tui.model.orders.filter(), "waits:approval");
}

#[test]
fn the_table_can_be_kept_as_it_stands() {
    let mut tui = Harness::estate();
    command(&mut tui, "sort -expires");
    command(&mut tui, "filter exp<300d").wait(1);
    command(&mut tui, "save");
    let kept = tui.server.kept.clone().unwrap();
    assert!(kept.sort.column == Column::Expires && kept.sort.descending);
    assert_eq!(kept.filter, "exp<300d");
    assert!(tui.sees("saved tui-start.toml"));
}

#[test]
fn rows_are_counted_by_the_role_that_ordered_them() {
    let mut server = FakeServer::estate();
    server.mounts[0].1[0].role = Some("web".to_owned());
    let mut tui = Harness::new(server, Default::default());
    command(&mut tui, "group role");
    assert!(tui.sees("By role") && tui.sees("web"), "{}", tui.text());
    tui.press("esc /").type_in("role:web").press("enter");
    assert_eq!(names(&tui), ["shop.example.com"]);
}

#[test]
fn a_certificate_that_is_not_in_the_list_is_fetched_and_opened_by_its_id() {
    let mut tui = Harness::estate();
    command(&mut tui, "fetch sectigo/prod 999999_acme");
    assert!(tui.sees("sectigo/prod/999999_acme"), "{}", tui.text());
    tui.press("y");
    assert_eq!(tui.server.sent[0].path, "sectigo/fetch/prod/999999_acme");
    tui.press("esc");
    command(&mut tui, "open sectigo-eu/prod 770021_acme");
    assert!(
        tui.sees("host-21.example.org") && tui.sees("Lineage"),
        "{}",
        tui.text()
    );
}
