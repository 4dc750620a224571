//! Where the lines of Today, the list of certificates and their details lead.

use sectigo_vault_pki::tui::model::{Column, Dialog};
use sectigo_vault_pki::tui::theme::Palette;
use sectigo_vault_pki::tui::{Msg, time};

use crate::harness::{FakeServer, Harness, NOW, domain, names};

#[test]
fn a_domain_that_blocks_renewals_stands_on_today_and_leads_to_its_certificates() {
    let mut server = FakeServer::estate();
    server.domains.push(domain("example.com", 2));
    let blocked = &mut server.mounts[0].1[2];
    let why = "the validation of example.com ends on 2026-11-28, before 2026-12-23";
    blocked.renew_blocked = Some(why.to_owned());
    let name = blocked.common_name.clone();
    let mut tui = Harness::today(server);
    tui.resize(120, 40);
    assert!(
        tui.sees("domain example.com") && tui.sees("2 renewals blocked: validation ends"),
        "{}",
        tui.text()
    );
    tui.press("2 /").type_in("renewal:blocked").press("enter");
    assert_eq!(names(&tui), [name]);
    tui.press("enter");
    assert!(tui.sees("blocked: the validation of example.com"));
}

#[test]
fn what_was_renewed_since_yesterday_is_told_with_what_is_other_than_before() {
    let mut server = FakeServer::estate();
    let fresh = &mut server.mounts[0].1[3];
    fresh.not_before = time::rfc3339(NOW - 3600);
    fresh.renewed_from = Some("760000_acme".to_owned());
    fresh.changes = vec!["issuer".to_owned(), "names".to_owned()];
    let plain = &mut server.mounts[1].1[5];
    plain.not_before = time::rfc3339(NOW - 7200);
    let name = plain.common_name.clone();
    let mut tui = Harness::today(server);
    tui.resize(120, 40);
    assert!(tui.sees("Changed since yesterday  2"), "{}", tui.text());
    assert!(tui.sees("renewed: issuer, names other than before"));
    assert!(tui.sees(&name) && tui.sees("issued"));
    tui.press("2 /").type_in("changes:issuer").press("enter");
    assert_eq!(names(&tui).len(), 1);
}

#[test]
fn the_command_of_svpki_stands_beside_that_of_vault() {
    let mut tui = Harness::estate();
    tui.resize(120, 40);
    tui.press("r");
    assert!(
        tui.sees("$ vault write sectigo/renew/prod") && tui.sees("$ svpki renew prod 770001_acme"),
        "{}",
        tui.text()
    );
    tui.press("ctrl-s");
    let line = "svpki renew prod 770001_acme --idempotency-key svpki-5e55-1 --mount sectigo";
    assert_eq!(tui.server.copied, [line]);
}

#[test]
fn on_openbao_the_commands_are_those_of_bao() {
    let mut server = FakeServer::estate();
    server.product = vault_client::ServerProduct::OpenBao;
    let mut tui = Harness::new(server, Default::default());
    tui.resize(120, 40).press("Y r ctrl-y");
    assert!(tui.sees("$ bao write sectigo/renew/prod"), "{}", tui.text());
    tui.press("esc enter");
    assert!(tui.sees("bao write sectigo/renew/prod") && !tui.sees("vault write"));
    let copied = &tui.server.copied;
    assert_eq!(copied[0], "bao read sectigo/certs/prod/770001_acme");
    assert!(
        copied[1].starts_with("bao write sectigo/renew/prod/770001_acme"),
        "{copied:?}"
    );
}

#[test]
fn results_can_be_opened_again() {
    let mut tui = Harness::estate();
    tui.press("J");
    assert!(tui.sees("Nothing was done here yet"));
    tui.press("esc r y esc");
    tui.server.refuses.push("770002_acme".to_owned());
    tui.press("j r y esc J");
    assert!(
        tui.sees("renew api.example.com: 0 succeeded, 1 failed"),
        "{}",
        tui.text()
    );
    assert!(tui.sees("renew shop.example.com: 1 succeeded"));
    tui.press("j enter");
    assert!(matches!(tui.model.dialog, Some(Dialog::Progress)));
    assert!(tui.sees("ok: new ID 790001_acme"), "{}", tui.text());
    tui.press("esc J enter");
    assert!(tui.sees("ok: new ID"), "the one looked at last comes first");
    let reports: Vec<String> = tui.model.jobs().flat_map(|job| job.report()).collect();
    assert!(
        reports
            .iter()
            .any(|line| line.contains("api.example.com: term 400")),
        "{reports:?}"
    );
}

#[test]
fn a_mass_action_says_how_long_it_takes() {
    let mut tui = Harness::estate();
    tui.press("a r").type_in("47");
    tui.server.silent = true;
    tui.press("enter");
    let job = tui.model.job.as_ref().unwrap().id;
    tui.wait(10);
    for item in 0..2 {
        let answer = Ok(Default::default());
        tui.send(Msg::Acted { job, item, answer });
    }
    assert!(tui.sees("about 3 min left"), "{}", tui.text());
}

#[test]
fn certificates_that_were_renewed_are_folded_under_their_successors() {
    let mut tui = Harness::estate();
    let old = |tui: &Harness| {
        names(tui)
            .iter()
            .filter(|name| *name == "shop.example.com")
            .count()
    };
    assert_eq!(old(&tui), 1);
    assert!(
        tui.sees("▸ shop.example.com") && tui.sees("row 1 of 49"),
        "{}",
        tui.text()
    );
    tui.press("z");
    assert_eq!(old(&tui), 2);
    tui.press("z /")
        .type_in("status:superseded")
        .press("enter")
        .wait(1);
    assert_eq!(names(&tui), ["shop.example.com"], "asked for, it is there");
    tui.press("esc enter left");
    assert!(tui.sees("superseded"), "{}", tui.text());
    assert_eq!(&*tui.model.detail.as_ref().unwrap().key.id, "770009_acme");
    tui.press("right");
    assert_eq!(&*tui.model.detail.as_ref().unwrap().key.id, "770001_acme");
    tui.press("right");
    assert!(tui.sees("no later certificate"));
}

#[test]
fn the_theme_follows_what_the_terminal_says_of_its_background() {
    let mut tui = Harness::estate();
    tui.send(Msg::Background(Palette::Light));
    assert_eq!(tui.model.settings.theme.palette, Palette::Light);
}

#[test]
fn a_click_on_a_head_sorts_and_one_on_the_chart_shows_its_week() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut tui = Harness::estate();
    tui.resize(120, 40);
    let click = |tui: &mut Harness, column: u16, row: u16| {
        let event = MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        };
        tui.send(Msg::Mouse(event));
    };
    let text = tui.text();
    let head = text
        .lines()
        .position(|line| line.contains("COMMON NAME"))
        .unwrap();
    let column = text.lines().nth(head).unwrap().find("EXPIRES").unwrap() as u16;
    click(&mut tui, column + 1, head as u16);
    assert_eq!(tui.model.store.sort().column, Column::Expires);
    click(&mut tui, column + 1, head as u16);
    assert!(tui.model.store.sort().descending);
    let chart = text
        .lines()
        .position(|line| line.contains("expiring within"))
        .unwrap();
    click(&mut tui, 6, chart as u16);
    tui.wait(1);
    assert_eq!(names(&tui), ["shop.example.com"], "the first week");
}

#[test]
fn a_name_is_found_as_people_write_it() {
    let mut tui = Harness::estate();
    tui.press("/").type_in("b\u{fc}cher").press("enter");
    assert_eq!(names(&tui), ["xn--bcher-kva.example.com"]);
}

#[test]
fn columns_without_room_are_told() {
    let tui = Harness::estate();
    assert!(tui.sees("columns to the right (right)"), "{}", tui.text());
}

#[test]
fn f_in_details_fetches_wherever_they_were_opened() {
    let mut server = FakeServer::estate();
    let order = &mut server.orders[2].1;
    order.sectigo_cert_unique_id = "770001_acme".to_owned();
    let mut tui = Harness::new(server, Default::default());
    tui.press("3 enter");
    assert!(tui.model.detail.is_some(), "{}", tui.text());
    tui.press("f y");
    let sent: Vec<&str> = tui.server.sent.iter().map(|sent| &*sent.path).collect();
    assert_eq!(sent, ["sectigo/fetch/prod/770001_acme"], "{}", tui.text());
}

#[test]
fn a_filter_is_opened_from_details_too() {
    let mut tui = Harness::estate();
    tui.press("j enter /").type_in("api").press("enter").wait(1);
    assert_eq!(names(&tui), ["api.example.com"]);
}
