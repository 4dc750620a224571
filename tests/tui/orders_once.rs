//! An order from the dashboard is placed only once, however often it is tried.

use sectigo_vault_pki::tui::model::Dialog;
use sectigo_vault_pki::tui::source::{Request, SourceError, Verb};

use crate::harness::Harness;

fn key(request: &Request) -> &str {
    let field = request.fields.iter().find(|f| f.0 == "idempotency_key");
    field.map_or("", |(_, key)| key)
}

#[test]
fn each_order_has_a_key_of_its_own_and_the_line_shows_it() {
    let mut tui = Harness::estate();
    tui.press("space space space r");
    assert!(tui.sees("idempotency_key=svpki-5e55-1"), "{}", tui.text());
    tui.type_in("3").press("enter esc p");
    let Some(Dialog::Typed(form)) = &tui.model.dialog else {
        panic!("no dialog")
    };
    let name = form.expected();
    tui.type_in(&name)
        .press("tab")
        .type_in("moved")
        .press("enter");
    let keys: Vec<&str> = tui.server.sent.iter().map(key).collect();
    let expected: Vec<String> = (1..=4).map(|n| format!("svpki-5e55-{n}")).collect();
    assert_eq!(keys, expected);
}

#[test]
fn only_what_orders_has_a_key() {
    let mut tui = Harness::estate();
    tui.press("f y esc R").type_in("770001_acme");
    tui.press("tab").type_in("sold").press("tab right");
    tui.press("enter esc tab f y");
    let sent = &tui.server.sent;
    assert_eq!(
        sent.iter().map(|r| r.verb).collect::<Vec<_>>(),
        [Verb::Fetch, Verb::Revoke, Verb::Poll]
    );
    assert!(sent.iter().all(|request| key(request).is_empty()));
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let mut tui = Harness::estate();
    tui.server.answers_lost = true;
    tui.press("r y");
    assert!(tui.sees("a retry gives the same order"));
    tui.server.answers_lost = false;
    tui.wait(5).press("r");
    assert!(matches!(tui.model.dialog, Some(Dialog::Ask(_))));
    assert_eq!(tui.server.sent.len(), 1, "r only asks");
    tui.press("y");
    let keys: Vec<&str> = tui.server.sent.iter().map(key).collect();
    assert_eq!(keys, ["svpki-5e55-1"; 2]);
}

#[test]
fn the_key_outlives_the_dialog_until_the_order_is_known_to_be_placed() {
    let mut tui = Harness::estate();
    tui.server.answers_lost = true;
    tui.press("r y esc");
    tui.server.answers_lost = false;
    tui.wait(5).press("r y esc r y");
    let keys: Vec<&str> = tui.server.sent.iter().map(key).collect();
    assert_eq!(keys, ["svpki-5e55-1", "svpki-5e55-1", "svpki-5e55-2"]);
}

#[test]
fn trying_many_again_takes_those_that_failed_and_their_keys() {
    let mut tui = Harness::estate();
    tui.server.refuses.push("770002_acme".to_owned());
    tui.press("space space space r").type_in("3").press("enter");
    assert_eq!(tui.model.marks.len(), 1, "what is done is no longer marked");
    tui.server.refuses.clear();
    tui.press("r y");
    let sent = &tui.server.sent;
    assert_eq!(sent.len(), 4);
    assert_eq!(sent[3].path, "sectigo/renew/prod/770002_acme");
    let first = sent[..3].iter().find(|r| r.path == sent[3].path).unwrap();
    assert_eq!(sent[3], *first);
    assert!(tui.model.marks.is_empty());
}

#[test]
fn what_destroys_needs_its_name_again() {
    let mut tui = Harness::estate();
    tui.server.refuses.push("770001_acme".to_owned());
    tui.press("p").type_in("770001_acme");
    tui.press("tab").type_in("moved").press("enter");
    tui.server.refuses.clear();
    tui.press("r enter enter");
    assert_eq!(tui.server.sent.len(), 1);
    tui.type_in("770001_acme").press("enter");
    assert_eq!(tui.server.sent.len(), 2);
    assert_eq!(
        tui.server.sent[0], tui.server.sent[1],
        "reason and key stay"
    );
}

#[test]
fn those_that_were_not_sent_go_out_when_the_server_is_back() {
    let mut tui = Harness::estate();
    tui.press("a r");
    tui.server.down = Some(SourceError::Unreachable("broken pipe".to_owned()));
    tui.type_in("47").press("enter");
    tui.server.down = None;
    tui.wait(70).press("r").type_in("47").press("enter");
    assert_eq!(tui.server.sent.len(), 47);
    let mut keys: Vec<&str> = tui.server.sent.iter().map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 47);
}
