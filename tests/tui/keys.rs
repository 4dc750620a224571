//! What keys do: scripts against the model and its world.

use sectigo_vault_pki::tui::model::{Column, Connection, Dialog, Page};
use sectigo_vault_pki::tui::source::{SourceError, Verb};
use sectigo_vault_pki::tui::{Msg, Settings};
use svpki_types::Status;

use crate::stage::{Stage, World, names, row};

#[test]
fn what_needs_a_person_comes_first() {
    let stage = Stage::estate();
    let statuses: Vec<Status> = (0..stage.model.store.len())
        .filter_map(|at| stage.model.store.row(at).unwrap().0.status)
        .collect();
    assert_eq!(statuses.len(), 50);
    assert_eq!(
        statuses[..3],
        [Status::Expiring, Status::Expiring, Status::Issued]
    );
    assert_eq!(statuses[49], Status::Revoked);
}

#[test]
fn the_filter_follows_each_letter() {
    let mut stage = Stage::estate();
    stage.press("/").type_in("status:expiring");
    assert_eq!(names(&stage), ["shop.example.com", "api.example.com"]);
    stage.type_in(" !api");
    assert_eq!(names(&stage), ["shop.example.com"]);
    stage.type_in(" exp<1x");
    assert_eq!(
        names(&stage),
        ["shop.example.com"],
        "a mistake changes nothing"
    );
    stage.press("esc");
    assert_eq!(names(&stage).len(), 50);
}

#[test]
fn completion_writes_the_word() {
    let mut stage = Stage::estate();
    stage
        .press("/")
        .type_in("sta")
        .press("tab")
        .type_in("rev")
        .press("tab");
    assert_eq!(stage.model.filter.field.text(), "status:revoked ");
    assert_eq!(names(&stage), ["stolen.example.com"]);
}

#[test]
fn any_column_sorts() {
    let mut stage = Stage::estate();
    stage.press("s");
    assert_eq!(stage.model.store.sort().column, Column::Name);
    let sorted = names(&stage);
    assert!(sorted.is_sorted(), "{sorted:?}");
    stage.press("S");
    assert!(names(&stage).iter().rev().is_sorted());
    let mut seen = vec![];
    for _ in 0..8 {
        seen.push(stage.model.store.sort().column);
        stage.press("s");
        assert_eq!(names(&stage).len(), 50);
    }
    assert!(seen.contains(&Column::Key) && seen.contains(&Column::Status));
}

#[test]
fn enter_never_destroys() {
    for key in ["R", "p"] {
        let mut stage = Stage::estate();
        stage
            .press(key)
            .press("enter enter enter tab enter tab enter enter");
        stage.type_in("shop.example.co").press("enter enter");
        assert!(stage.world.sent.is_empty());
        assert!(matches!(stage.model.dialog, Some(Dialog::Typed(_))));
    }
    let mut stage = Stage::estate();
    stage.press("enter enter enter");
    assert!(stage.world.sent.is_empty());
}

#[test]
fn revoke_goes_out_when_the_name_is_typed() {
    let mut stage = Stage::estate();
    stage
        .press("R")
        .type_in("shop.example.com")
        .press("tab ctrl-u")
        .type_in("key lost")
        .press("tab right enter");
    let sent = &stage.world.sent;
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].command(),
        "vault write sectigo/revoke/prod/770001_acme sectigo_revoke_reason='key lost' reason_code=1"
    );
}

#[test]
fn a_pasted_name_does_not_count() {
    let mut stage = Stage::estate();
    stage
        .press("R")
        .send(Msg::Paste("shop.example.com".to_owned()))
        .press("enter");
    assert!(stage.world.sent.is_empty());
}

#[test]
fn revoking_many_needs_their_number() {
    let mut stage = Stage::estate();
    stage
        .press("space space space R")
        .type_in("2")
        .press("enter");
    assert!(stage.world.sent.is_empty());
    stage.press("backspace").type_in("3").press("enter");
    assert_eq!(stage.world.sent.len(), 3);
    assert!(
        stage.model.marks.is_empty(),
        "what is done is no longer marked"
    );
}

#[test]
fn renew_many_reports_each() {
    let mut stage = Stage::estate();
    stage.world.refuses.push("770002_acme".to_owned());
    stage.press("space space space r");
    assert!(stage.sees("Renew 3 certificates"));
    stage.press("enter");
    assert_eq!(stage.world.sent.len(), 3);
    assert!(
        stage
            .world
            .sent
            .iter()
            .all(|request| request.verb == Verb::Renew)
    );
    assert!(stage.sees("1 failed") && stage.sees("-36)"));
}

#[test]
fn marks_that_cannot_be_are_left_out_and_named() {
    let mut stage = Stage::estate();
    stage.press("a");
    assert_eq!(stage.model.marks.len(), 50);
    stage.press("r");
    let Some(Dialog::Ask(ask)) = &stage.model.dialog else {
        panic!("no dialog")
    };
    assert_eq!((ask.targets.len(), ask.left_out.len()), (47, 3));
    assert!(stage.sees("left out: 3"));
}

#[test]
fn marks_outside_the_filter_are_said() {
    let mut stage = Stage::estate();
    stage.press("space /").type_in("api").press("enter space r");
    assert!(stage.sees("1 of the marked ones"), "{}", stage.text());
}

#[test]
fn read_only_changes_nothing() {
    let settings = Settings {
        read_only: true,
        ..Settings::default()
    };
    let mut stage = Stage::new(World::estate(), settings);
    assert!(stage.sees("READ-ONLY"));
    for key in ["r", "R", "p", "f", "tab x", "f"] {
        stage.press(key);
        assert!(stage.model.dialog.is_none());
        assert!(stage.sees("read-only"));
    }
}

#[test]
fn what_the_policy_forbids_is_greyed_with_the_reason() {
    let mut stage = Stage::estate();
    stage.world.denied = vec![Verb::Revoke];
    stage.model.allowed.clear();
    stage.press("j");
    assert!(stage.sees("(R revoke)"));
    stage.press("R");
    assert!(stage.model.dialog.is_none());
    assert!(
        stage.sees("policies lack \"update\" on sectigo/revoke/"),
        "{}",
        stage.text()
    );
}

#[test]
fn the_bar_stays_on_its_row_when_rows_come_and_go() {
    let mut stage = Stage::estate();
    stage.press("j j j");
    let key = stage.model.store.key(stage.model.table.index).unwrap();
    stage.world.mounts[0]
        .1
        .push(row(99, "urgent.example.com", Status::Expiring, 1));
    stage.wait(30);
    assert_eq!(names(&stage)[0], "urgent.example.com");
    assert_eq!(stage.model.store.key(stage.model.table.index).unwrap(), key);
}

#[test]
fn a_lost_server_leaves_the_data_and_comes_back() {
    let mut stage = Stage::estate();
    stage.world.down = Some(SourceError::Unreachable("connection refused".to_owned()));
    stage.wait(120);
    assert!(stage.sees("SERVER LOST") && stage.sees("shop.example.com"));
    stage.press("j j enter");
    assert!(stage.model.detail.is_some());
    stage.press("esc r");
    assert!(stage.model.dialog.is_none() && stage.sees("does not answer"));
    stage.world.down = None;
    stage.wait(70);
    assert_eq!(stage.model.connection, Connection::Up);
    assert!(!stage.sees("SERVER LOST"));
}

#[test]
fn an_expired_token_asks_and_goes_on() {
    let mut stage = Stage::estate();
    stage.world.down = Some(SourceError::TokenExpired);
    stage.wait(20);
    assert!(stage.sees("The token is no longer valid"));
    stage.world.down = None;
    stage.type_in("wrong").press("enter");
    assert!(stage.sees("refused: the token is no longer valid"));
    stage.type_in("good");
    assert!(!stage.text().contains("good"), "the token is not shown");
    stage.press("enter");
    assert_eq!(stage.model.connection, Connection::Up);
    assert!(stage.model.dialog.is_none());
}

#[test]
fn an_expired_token_can_be_put_off_and_asked_for_again() {
    let mut stage = Stage::estate();
    stage.world.down = Some(SourceError::TokenExpired);
    stage.wait(20).press("esc j j");
    assert_eq!(stage.model.table.index, 2);
    stage.press("ctrl-l");
    assert!(matches!(stage.model.dialog, Some(Dialog::Token { .. })));
}

#[test]
fn a_server_lost_in_the_middle_leaves_the_rest_unsent() {
    let mut stage = Stage::estate();
    stage.press("a r");
    stage.world.down = Some(SourceError::Unreachable("broken pipe".to_owned()));
    stage.press("enter");
    assert!(stage.sees("outcome unknown"), "{}", stage.text());
    let job = stage.model.job.as_ref().unwrap();
    assert!(job.is_over());
    assert_eq!(stage.model.marks.len(), 50, "marks stay for another try");
}

#[test]
fn orders_are_asked_again_and_cancelled_by_name() {
    let mut stage = Stage::estate();
    stage.press("tab");
    assert_eq!(stage.model.page, Page::Orders);
    stage.press("f enter esc");
    assert_eq!(
        stage.world.sent[0].command(),
        "vault write -f sectigo/orders/prod/o-000005"
    );
    stage.press("x enter enter");
    assert_eq!(stage.world.sent.len(), 1);
    stage.type_in("new.example.com").press("enter");
    assert_eq!(
        stage.world.sent[1].command(),
        "vault delete sectigo/orders/prod/o-000005"
    );
}

#[test]
fn copies_names_lines_and_pem() {
    let mut stage = Stage::estate();
    stage.press("y Y enter y esc r y");
    let copied = &stage.world.copied;
    assert_eq!(copied[0], "shop.example.com");
    assert_eq!(copied[1], "vault read sectigo/certs/prod/770001_acme");
    assert!(copied[2].starts_with("-----BEGIN CERTIFICATE"));
    assert_eq!(
        copied[3],
        "vault write sectigo/renew/prod/770001_acme idempotency_key=svpki-5e55-1"
    );
    assert!(stage.world.sent.is_empty());
}

#[test]
fn exports_what_is_shown() {
    let mut stage = Stage::estate();
    stage
        .press("/")
        .type_in("status:expiring")
        .press("enter e enter")
        .wait(1);
    assert_eq!(stage.world.exported.len(), 1, "{}", stage.text());
    let (path, csv) = &stage.world.exported[0];
    assert_eq!(path, "certificates-2026-11-23.csv");
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.starts_with("status,common_name,expires,config,mount,key,alt_names\r\n"));
    stage.press("e tab enter");
    let (path, json) = &stage.world.exported[1];
    assert!(path.ends_with(".json"));
    let rows: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(rows[0]["common_name"], "shop.example.com");
}

#[test]
fn a_failing_mount_does_not_hide_the_others() {
    let mut stage = Stage::estate();
    stage.send(Msg::Mounts(Ok(vec![
        "sectigo".to_owned(),
        "gone".to_owned(),
    ])));
    assert!(stage.sees("shop.example.com"));
}

#[test]
fn the_token_is_renewed_before_it_ends() {
    let mut stage = Stage::estate();
    stage.model.settings.refresh = 100_000;
    stage.wait(60);
    assert_eq!(stage.model.token_asked, 0);
    let later = stage.model.now_ms + 9 * 3600 * 1000;
    stage.send(Msg::Tick(later));
    assert!(stage.model.token_asked > 0);
    assert_eq!(stage.model.token_left(), Some(12 * 3600));
}

#[test]
fn health_asks_scm_when_told_to() {
    let mut stage = Stage::estate();
    stage.press("tab tab");
    assert!(stage.sees("looked 2 min ago") && stage.sees("login refused"));
    let before = stage.world.looks;
    stage.wait(60);
    assert_eq!(stage.world.looks, before, "nobody asked");
    stage.press("f").resize(120, 60);
    assert_eq!(stage.world.looks, before + 3, "each config of each mount");
    assert!(stage.sees("looked now") || stage.sees("looked 1 min ago"));
    assert!(!stage.sees("login refused") && stage.sees("organisation 7 is not visible"));
    assert!(stage.world.sent.is_empty());
}

#[test]
fn a_look_that_fails_says_so_and_leaves_the_last_one() {
    let mut stage = Stage::estate();
    stage.press("tab tab");
    stage.world.refuses_looks = true;
    stage.press("f").resize(120, 60);
    assert!(stage.sees("could not be asked now: permission denied"));
    assert!(stage.sees("login refused"), "{}", stage.text());
}

#[test]
fn a_mount_that_is_not_there_any_more_takes_its_looks_along() {
    let mut stage = Stage::estate();
    stage.press("tab tab f");
    stage.world.mounts.remove(0);
    stage.wait(30);
    assert!(stage.model.looks.is_empty() && stage.model.health.len() == 1);
}
