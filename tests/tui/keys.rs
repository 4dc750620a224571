//! The effects of keys: scripts for the model and its fake server.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use sectigo_vault_pki::tui::model::{Column, Connection, Dialog, Page};
use sectigo_vault_pki::tui::source::{SourceError, Verb};
use sectigo_vault_pki::tui::{Msg, Settings};
use svpki_types::Status;

use crate::harness::{FakeServer, Harness, names, row};

#[test]
fn what_needs_a_person_comes_first() {
    let tui = Harness::estate();
    let statuses: Vec<Status> = (0..tui.model.store.len())
        .filter_map(|at| tui.model.store.row(at).unwrap().0.status)
        .collect();
    assert_eq!(statuses.len(), 49);
    assert_eq!(
        statuses[..3],
        [Status::Expiring, Status::Expiring, Status::Issued]
    );
    assert_eq!(statuses[48], Status::Revoked);
}

#[test]
fn the_filter_follows_each_letter() {
    let mut tui = Harness::estate();
    tui.press("/").type_in("status:expiring");
    assert_eq!(names(&tui), ["shop.example.com", "api.example.com"]);
    tui.type_in(" !api");
    assert_eq!(names(&tui), ["shop.example.com"]);
    tui.type_in(" exp<1x");
    assert_eq!(
        names(&tui),
        ["shop.example.com"],
        "a mistake changes nothing"
    );
    tui.press("esc");
    assert_eq!(names(&tui).len(), 49);
}

#[test]
fn completion_writes_the_word() {
    let mut tui = Harness::estate();
    tui.press("/")
        .type_in("sta")
        .press("tab")
        .type_in("rev")
        .press("tab");
    assert_eq!(tui.model.filter.field.text(), "status:revoked ");
    assert_eq!(names(&tui), ["stolen.example.com"]);
}

#[test]
fn any_column_sorts() {
    let mut tui = Harness::estate();
    tui.press("s");
    assert_eq!(tui.model.store.sort().column, Column::Name);
    let sorted = names(&tui);
    assert!(sorted.is_sorted(), "{sorted:?}");
    tui.press("S");
    assert!(names(&tui).iter().rev().is_sorted());
    let mut seen = vec![];
    for _ in 0..9 {
        seen.push(tui.model.store.sort().column);
        tui.press("s");
        assert_eq!(names(&tui).len(), 49);
    }
    assert!(seen.contains(&Column::Key) && seen.contains(&Column::Status));
}

#[test]
fn enter_never_destroys() {
    for key in ["R", "p"] {
        let mut tui = Harness::estate();
        tui.press(key)
            .press("enter enter enter tab enter tab enter enter");
        tui.type_in("shop.example.co").press("enter enter");
        assert!(tui.server.sent.is_empty());
        assert!(matches!(tui.model.dialog, Some(Dialog::Typed(_))));
    }
    let mut tui = Harness::estate();
    tui.press("enter enter enter");
    assert!(tui.server.sent.is_empty());
}

#[test]
fn revoke_goes_out_when_the_id_of_one_among_namesakes_is_typed() {
    let mut tui = Harness::estate();
    tui.press("R")
        .type_in("770001_acme")
        .press("tab")
        .type_in("key lost")
        .press("tab right right enter");
    let sent = &tui.server.sent;
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].command(vault_client::ServerProduct::Vault),
        "vault write sectigo/revoke/prod/770001_acme sectigo_revoke_reason='key lost' reason_code=1"
    );
}

#[test]
fn a_pasted_name_does_not_count() {
    let mut tui = Harness::estate();
    tui.press("R")
        .send(Msg::Paste("shop.example.com".to_owned()))
        .press("enter");
    assert!(tui.server.sent.is_empty());
}

#[test]
fn revoking_many_needs_their_number() {
    let mut tui = Harness::estate();
    tui.press("space space space R").type_in("2").press("enter");
    assert!(tui.server.sent.is_empty());
    tui.press("backspace").type_in("3").press("enter");
    assert!(tui.server.sent.is_empty() && tui.sees("give a reason"));
    tui.type_in("host sold").press("enter");
    assert!(tui.server.sent.is_empty() && tui.sees("reason code"));
    tui.press("right enter");
    assert_eq!(tui.server.sent.len(), 3);
    assert!(
        tui.model.marks.is_empty(),
        "what is done is no longer marked"
    );
}

#[test]
fn renew_many_reports_each() {
    let mut tui = Harness::estate();
    tui.server.refuses.push("770002_acme".to_owned());
    tui.press("space space space r");
    assert!(tui.sees("Renew 3 certificates"));
    tui.type_in("3").press("enter");
    assert_eq!(tui.server.sent.len(), 3);
    assert!(
        tui.server
            .sent
            .iter()
            .all(|request| request.verb == Verb::Renew)
    );
    assert!(tui.sees("1 failed") && tui.sees("-36)"));
}

#[test]
fn marks_that_cannot_be_are_left_out_and_named() {
    let mut tui = Harness::estate();
    tui.press("a");
    assert_eq!(tui.model.marks.len(), 49);
    tui.press("r");
    let Some(Dialog::Typed(form)) = &tui.model.dialog else {
        panic!("no dialog")
    };
    assert_eq!((form.ask.targets.len(), form.ask.left_out.len()), (47, 2));
    assert!(tui.sees("2 skipped"));
}

#[test]
fn marks_outside_the_filter_are_said() {
    let mut tui = Harness::estate();
    tui.press("space /").type_in("api").press("enter space r");
    assert!(
        tui.sees("1 marked certificate hidden by the filter"),
        "{}",
        tui.text()
    );
}

#[test]
fn read_only_changes_nothing() {
    let settings = Settings {
        read_only: true,
        ..Settings::default()
    };
    let mut tui = Harness::new(FakeServer::estate(), settings);
    assert!(tui.sees("READ-ONLY"));
    for key in ["r", "R", "p", "f", "tab x", "f"] {
        tui.press(key);
        assert!(tui.model.dialog.is_none());
        assert!(tui.sees("read-only"));
    }
}

#[test]
fn what_the_policy_forbids_is_greyed_with_the_reason() {
    let mut tui = Harness::estate();
    tui.server.denied = vec![Verb::Revoke];
    tui.model.allowed.clear();
    tui.press("j");
    assert!(tui.sees("(R revoke)"));
    tui.press("R");
    assert!(tui.model.dialog.is_none());
    assert!(
        tui.sees("policies lack \"update\" on sectigo/revoke/"),
        "{}",
        tui.text()
    );
}

#[test]
fn the_bar_stays_on_its_row_when_rows_come_and_go() {
    let mut tui = Harness::estate();
    tui.press("j j j");
    let key = tui.model.store.key(tui.model.table.index).unwrap();
    tui.server.mounts[0]
        .1
        .push(row(99, "urgent.example.com", Status::Expiring, 1));
    tui.wait(30);
    assert_eq!(names(&tui)[0], "urgent.example.com");
    assert_eq!(tui.model.store.key(tui.model.table.index).unwrap(), key);
}

#[test]
fn a_lost_server_leaves_the_data_and_comes_back() {
    let mut tui = Harness::estate();
    tui.server.down = Some(SourceError::Unreachable("connection refused".to_owned()));
    tui.wait(120);
    assert!(tui.sees("SERVER UNREACHABLE") && tui.sees("shop.example.com"));
    tui.press("j j enter");
    assert!(tui.model.detail.is_some());
    tui.press("esc r");
    assert!(tui.model.dialog.is_none() && tui.sees("does not answer"));
    tui.server.down = None;
    tui.wait(70);
    assert_eq!(tui.model.connection, Connection::Up);
    assert!(!tui.sees("SERVER UNREACHABLE"));
}

#[test]
fn an_expired_token_asks_and_goes_on() {
    let mut tui = Harness::estate();
    tui.server.down = Some(SourceError::TokenExpired);
    tui.wait(20);
    assert!(tui.sees("Token expired or revoked"));
    tui.server.down = None;
    tui.type_in("wrong").press("enter");
    assert!(tui.sees("refused: the token is expired, revoked or wrong"));
    tui.type_in("good");
    assert!(!tui.text().contains("good"), "the token is not shown");
    tui.press("enter");
    assert_eq!(tui.model.connection, Connection::Up);
    assert!(tui.model.dialog.is_none());
    // Regression: a request with the old token was answered after the login, and the dashboard asked for a token again.
    let late = || Msg::Orders {
        mount: "pki".into(),
        answer: Err(SourceError::TokenExpired),
    };
    tui.send(late());
    assert_eq!(tui.model.connection, Connection::Up);
    assert!(tui.model.dialog.is_none());
    tui.wait(10).send(late());
    assert!(matches!(tui.model.dialog, Some(Dialog::Token { .. })));
}

#[test]
fn an_expired_token_can_be_put_off_and_asked_for_again() {
    let mut tui = Harness::estate();
    tui.server.down = Some(SourceError::TokenExpired);
    tui.wait(20).press("esc j j");
    assert_eq!(tui.model.table.index, 2);
    tui.press("ctrl-l");
    assert!(matches!(tui.model.dialog, Some(Dialog::Token { .. })));
}

#[test]
fn a_server_lost_in_the_middle_leaves_the_rest_unsent() {
    let mut tui = Harness::estate();
    tui.press("a r");
    tui.server.down = Some(SourceError::Unreachable("broken pipe".to_owned()));
    tui.type_in("47").press("enter");
    assert!(tui.sees("outcome unknown"), "{}", tui.text());
    let job = tui.model.job.as_ref().unwrap();
    assert!(job.is_over());
    assert_eq!(tui.model.marks.len(), 49, "marks stay for another try");
}

#[test]
fn orders_are_asked_again_and_cancelled_by_name() {
    let mut tui = Harness::estate();
    tui.press("tab");
    assert_eq!(tui.model.page, Page::Orders);
    tui.press("f y esc");
    assert_eq!(
        tui.server.sent[0].command(vault_client::ServerProduct::Vault),
        "vault write -f sectigo/orders/prod/o-000001"
    );
    tui.press("x enter enter");
    assert_eq!(tui.server.sent.len(), 1);
    tui.type_in("lost.example.com").press("enter");
    assert_eq!(
        tui.server.sent[1].command(vault_client::ServerProduct::Vault),
        "vault delete sectigo/orders/prod/o-000001"
    );
}

#[test]
fn copies_names_lines_and_pem() {
    let mut tui = Harness::estate();
    tui.press("y Y enter y esc r ctrl-y");
    let copied = &tui.server.copied;
    assert_eq!(copied[0], "shop.example.com");
    assert_eq!(copied[1], "vault read sectigo/certs/prod/770001_acme");
    assert!(copied[2].starts_with("-----BEGIN CERTIFICATE"));
    assert_eq!(
        copied[3],
        "vault write sectigo/renew/prod/770001_acme idempotency_key=svpki-5e55-1"
    );
    assert!(tui.server.sent.is_empty());
}

#[test]
fn exports_what_is_shown() {
    let mut tui = Harness::estate();
    tui.press("/")
        .type_in("status:expiring")
        .press("enter e enter")
        .wait(1);
    assert_eq!(tui.server.exported.len(), 1, "{}", tui.text());
    let (path, csv) = &tui.server.exported[0];
    assert_eq!(path, "certificates-2026-11-23.csv");
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.starts_with("status,common_name,expires,renews,config,mount,key,alt_names\r\n"));
    tui.press("e tab enter");
    let (path, json) = &tui.server.exported[1];
    assert!(path.ends_with(".json"));
    let rows: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(rows[0]["common_name"], "shop.example.com");
}

#[test]
fn a_failing_mount_does_not_hide_the_others() {
    let mut tui = Harness::estate();
    tui.send(Msg::Mounts(Ok(vec![
        "sectigo".to_owned(),
        "gone".to_owned(),
    ])));
    assert!(tui.sees("shop.example.com"));
}

#[test]
fn the_token_is_renewed_before_it_ends() {
    let mut tui = Harness::estate();
    tui.model.settings.refresh = 100_000;
    tui.wait(60);
    assert_eq!(tui.model.token_asked, 0);
    let later = tui.model.now_ms + 9 * 3600 * 1000;
    tui.send(Msg::Tick(later));
    assert!(tui.model.token_asked > 0);
    assert_eq!(tui.model.token_left(), Some(12 * 3600));
}

#[test]
fn health_asks_scm_when_told_to() {
    let mut tui = Harness::estate();
    tui.press("tab tab").resize(120, 60);
    assert!(tui.sees("checked 2 min ago") && tui.sees("login refused"));
    let before = tui.server.looks;
    tui.wait(60);
    assert_eq!(tui.server.looks, before, "nobody asked");
    tui.press("f").resize(120, 60);
    assert_eq!(tui.server.looks, before + 3, "each config of each mount");
    assert!(tui.sees("checked now") || tui.sees("checked 1 min ago"));
    assert!(!tui.sees("login refused") && tui.sees("organisation 7 is not visible"));
    assert!(tui.server.sent.is_empty());
}

#[test]
fn a_look_that_fails_says_so_and_leaves_the_last_one() {
    let mut tui = Harness::estate();
    tui.press("tab tab");
    tui.server.refuses_looks = true;
    tui.press("f").resize(120, 60);
    assert!(tui.sees("could not be checked now: permission denied"));
    assert!(tui.sees("login refused"), "{}", tui.text());
}

#[test]
fn a_mount_that_is_not_there_any_more_takes_its_looks_along() {
    let mut tui = Harness::estate();
    tui.press("tab tab f");
    tui.server.mounts.remove(0);
    tui.wait(30);
    assert!(tui.model.account_checks.is_empty() && tui.model.health.len() == 1);
}

fn mouse(tui: &mut Harness, kind: MouseEventKind, column: u16, row: u16) {
    let modifiers = KeyModifiers::NONE;
    tui.send(Msg::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers,
    }));
}

#[test]
fn the_mouse_does_nothing_behind_a_line_that_is_typed() {
    for open in [":", "/", "3 :", "3 /"] {
        let mut tui = Harness::estate();
        tui.press(open);
        let place = |tui: &Harness| {
            let model = &tui.model;
            (model.page, model.table.index, model.orders.index)
        };
        let before = place(&tui);
        for row in 0..24 {
            mouse(&mut tui, MouseEventKind::Down(MouseButton::Left), 2, row);
            mouse(&mut tui, MouseEventKind::ScrollDown, 2, row);
        }
        assert_eq!(place(&tui), before, "{open}");
    }
}

/// Like the key of a page, a click clears the trail: Esc must not return to the page before.
#[test]
fn a_click_on_a_tab_goes_to_its_page() {
    let mut tui = Harness::estate();
    tui.press("? pagedown").resize(120, 40);
    let text = tui.text();
    let line = text
        .lines()
        .position(|line| line.contains("Health"))
        .unwrap();
    let tabs = text.lines().nth(line).unwrap();
    let before = &tabs[..tabs.find("Health").unwrap()];
    let column = before.chars().count() as u16;
    mouse(
        &mut tui,
        MouseEventKind::Down(MouseButton::Left),
        column,
        line as u16,
    );
    assert_eq!((tui.model.page, tui.model.scroll), (Page::Health, 0));
    assert!(tui.model.trail.is_empty());
}

/// Keys that no other script presses, and their visible effect.
#[test]
fn every_other_key_does_something_that_can_be_seen() {
    type Look = fn(&Harness) -> String;
    let bar: Look = |tui| tui.model.table.index.to_string();
    let page: Look = |tui| format!("{:?}", tui.model.page);
    let said: Look = |tui| tui.model.notice.as_ref().unwrap().text.clone();
    let mouse: Look = |tui| tui.model.settings.mouse.to_string();
    let columns: Look = |tui| format!("{:?}", &tui.model.columns[..3]);
    let focus: Look = |tui| match &tui.model.dialog {
        Some(Dialog::Enroll(form)) => form.focus.to_string(),
        other => panic!("{other:?}"),
    };
    // The state without the last key, and with it.
    for (before, key, look, without, with) in [
        ("j j", "up", bar, "2", "1"),
        ("j", "down", bar, "1", "2"),
        ("j j", "home", bar, "2", "0"),
        ("j", "end", bar, "1", "48"),
        ("G", "pageup", bar, "48", "37"),
        ("G", "ctrl-b", bar, "48", "37"),
        ("j", "pagedown", bar, "1", "12"),
        ("j", "ctrl-f", bar, "1", "12"),
        ("2", "backtab", page, "Certificates", "Today"),
        (
            "z",
            "f5",
            said,
            "certificates that were renewed are shown",
            "refreshing",
        ),
        ("2", "m", mouse, "false", "true"),
        (
            "c",
            "space",
            columns,
            "[Status, Name, Expires]",
            "[Name, Expires, Left]",
        ),
        (
            "c j j",
            "space",
            columns,
            "[Status, Name, Expires]",
            "[Status, Name, Left]",
        ),
        (
            "c j",
            "<",
            columns,
            "[Status, Name, Expires]",
            "[Name, Status, Expires]",
        ),
        (
            "c j",
            ">",
            columns,
            "[Status, Name, Expires]",
            "[Status, Expires, Name]",
        ),
        ("n tab", "backtab", focus, "2", "1"),
        ("n", "backtab", focus, "1", "0"),
    ] {
        let mut tui = Harness::estate();
        tui.press(before);
        assert_eq!(look(&tui), without, "{before}");
        tui.press(key);
        assert_eq!(look(&tui), with, "{before} {key}");
    }
}
