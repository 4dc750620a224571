//! What can be reached: the command line, new certificates, results of before, orders in every order, the weeks to come.

use std::collections::BTreeMap;

use sectigo_vault_pki::tui::keys::Command;
use sectigo_vault_pki::tui::model::{Column, Dialog, Page};
use sectigo_vault_pki::tui::source::Verb;
use sectigo_vault_pki::tui::theme::Palette;
use sectigo_vault_pki::tui::{Msg, time};
use svpki_types::Status;
use svpki_types::api::{DomainAnswer, DomainRecordAnswer};

use crate::harness::{FakeServer, Harness, NOW, names, row};

const DAY: i64 = 86_400;

fn domain(name: &str, blocked: u64) -> (String, DomainAnswer) {
    let domain = DomainAnswer {
        domain: name.to_owned(),
        config: "prod".to_owned(),
        status: "validated".to_owned(),
        validation_method: Some("cname".to_owned()),
        valid_until: Some(time::rfc3339(NOW + 5 * DAY)),
        certificates: 3,
        blocked_renewals: blocked,
        record: Some(DomainRecordAnswer {
            kind: "CNAME".to_owned(),
            name: format!("_abc.{name}."),
            value: "def.sectigo.com.".to_owned(),
        }),
        ..DomainAnswer::default()
    };
    ("sectigo".to_owned(), domain)
}

/// Types a command and runs it.
fn command<'a>(tui: &'a mut Harness, line: &str) -> &'a mut Harness {
    tui.press(":").type_in(line).press("enter")
}

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
fn a_week_of_the_forecast_leads_to_the_certificates_that_expire_in_it() {
    let mut tui = Harness::estate();
    tui.press("5").wait(1);
    assert!(tui.sees("RENEWALS"), "{}", tui.text());
    let weeks = tui.model.forecast.weeks.clone();
    let ends = tui.model.forecast.ends.clone();
    assert_eq!(weeks.len(), 53);
    let all: u64 = ends.iter().sum();
    assert_eq!(
        all,
        tui.model.store.summary().expiry_weeks.iter().sum::<u64>()
    );
    assert_eq!(tui.model.forecast.certificates, 46);
    let week = ends.iter().position(|count| *count > 0).unwrap();
    for _ in 0..week {
        tui.press("j");
    }
    tui.press("enter").wait(1);
    assert_eq!(tui.model.page, Page::Certificates);
    assert_eq!(names(&tui).len() as u64, ends[week], "{}", tui.text());
    tui.press("esc");
    assert_eq!(tui.model.page, Page::Forecast, "Esc leads back");
}

#[test]
fn the_forecast_follows_the_filter() {
    let mut tui = Harness::estate();
    tui.press("/").type_in("cn:host-2").press("enter 5").wait(1);
    assert_eq!(tui.model.forecast.certificates, 10);
    assert!(tui.sees("that the filter shows"), "{}", tui.text());
}

/// All that a command or its key may change.
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
    // What does the same here: a name that ran another action could not be told from its own otherwise.
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
        // Where it leads to is where it stands already.
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

/// A paste that holds a colon opens the line, and its Enter runs nothing.
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
fn a_certificate_is_enrolled_from_here_with_one_y() {
    let mut tui = Harness::estate();
    command(&mut tui, "enroll sectigo/prod");
    assert!(tui.sees("Enroll a certificate"), "{}", tui.text());
    tui.press("enter");
    assert!(tui.sees("type the common name"), "{}", tui.text());
    tui.type_in("new.example.com").press("tab");
    tui.type_in("www.new.example.com api.new.example.com")
        .press("tab");
    tui.type_in("47x").press("enter");
    assert!(tui.sees("is not a number"), "{}", tui.text());
    tui.press("backspace").type_in("11").press("enter");
    assert!(
        tui.sees("one paid order") && tui.sees("www.new.example.com api.new.example.com"),
        "{}",
        tui.text()
    );
    tui.press("enter");
    assert!(tui.server.sent.is_empty(), "Enter orders nothing");
    tui.press("y");
    let [sent] = &tui.server.sent[..] else {
        panic!("{:?}", tui.server.sent)
    };
    assert_eq!(
        (sent.verb, sent.path.as_str()),
        (Verb::Enroll, "sectigo/enroll/prod")
    );
    let fields: Vec<_> = sent
        .fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(
        fields,
        [
            ("common_name", "new.example.com"),
            ("alt_names", "www.new.example.com,api.new.example.com"),
            ("profile_id", "4711"),
            ("idempotency_key", "svpki-5e55-1"),
        ]
    );
}

#[test]
fn enrolling_another_after_a_lost_answer_is_another_order() {
    let mut tui = Harness::estate();
    tui.server.answers_lost = true;
    command(&mut tui, "enroll sectigo/prod")
        .type_in("a.example.com")
        .press("enter y esc");
    tui.server.answers_lost = false;
    tui.wait(5);
    command(&mut tui, "enroll sectigo/prod")
        .type_in("b.example.com")
        .press("enter y esc");
    command(&mut tui, "enroll sectigo/prod")
        .type_in("a.example.com")
        .press("enter y");
    let keys: Vec<&str> = tui
        .server
        .sent
        .iter()
        .map(|sent| sent.fields.last().unwrap().1.as_str())
        .collect();
    assert_eq!(keys, ["svpki-5e55-1", "svpki-5e55-2", "svpki-5e55-1"]);
}

#[test]
fn read_only_enrolls_and_fetches_nothing() {
    let settings = sectigo_vault_pki::tui::Settings {
        read_only: true,
        ..Default::default()
    };
    let mut tui = Harness::new(FakeServer::estate(), settings);
    tui.press("n");
    assert!(tui.model.dialog.is_none() && tui.sees("read-only"));
    command(&mut tui, "fetch sectigo/prod 770001_acme");
    assert!(
        tui.model.dialog.is_none() && tui.sees("read-only"),
        "{}",
        tui.text()
    );
}

#[test]
fn a_replacement_may_have_other_names() {
    let mut tui = Harness::estate();
    tui.resize(120, 40);
    tui.press("p")
        .type_in("770001_acme")
        .press("tab")
        .type_in("moved")
        .press("tab");
    assert!(
        tui.sees("alt names: www.shop.example.com"),
        "{}",
        tui.text()
    );
    tui.type_in(" new.example.com").press("enter");
    let sent = &tui.server.sent[0];
    let names = sent
        .fields
        .iter()
        .find(|(name, _)| *name == "alt_names")
        .unwrap();
    assert_eq!(names.1, "www.shop.example.com,new.example.com");
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
fn marks_and_filter_come_back() {
    let mut tui = Harness::estate();
    tui.press("space space /")
        .type_in("host-2")
        .press("enter")
        .wait(1);
    let marks = tui.model.marks.clone();
    assert_eq!(marks.len(), 2);
    tui.press("A esc u").wait(1);
    assert_eq!(tui.model.filter.field.text(), "host-2");
    tui.press("esc u").wait(1);
    tui.press("u");
    assert_eq!(tui.model.marks, marks);
    let mut tui = Harness::estate();
    tui.press("space space A");
    assert!(tui.model.marks.is_empty());
    tui.press("u");
    assert_eq!(tui.model.marks.len(), 2);
}

#[test]
fn orders_are_filtered_and_sorted() {
    let mut tui = Harness::estate();
    tui.press("3");
    let shown = |tui: &Harness| -> Vec<String> {
        tui.model
            .orders
            .rows
            .iter()
            .map(|row| row.name().to_owned())
            .collect()
    };
    let first = shown(&tui);
    assert_eq!(
        first[0], "lost.example.com",
        "what may cost twice comes first"
    );
    tui.press("s");
    let mut sorted = first.clone();
    sorted.sort();
    assert_eq!(shown(&tui), sorted);
    tui.press("S");
    sorted.reverse();
    assert_eq!(shown(&tui), sorted);
    tui.press("/").type_in("waits:approval").press("enter");
    assert_eq!(shown(&tui), ["new.example.com"]);
    tui.wait(6);
    assert!(tui.sees("/waits:approval: 1 shown"), "{}", tui.text());
    tui.wait(30);
    assert_eq!(
        shown(&tui),
        ["new.example.com"],
        "a refresh keeps the filter"
    );
    tui.press("a");
    assert_eq!(tui.model.orders.marks.len(), 1, "marks only what is shown");
    tui.press("/ ctrl-u").type_in("colour:red").press("enter");
    assert!(tui.sees("Unknown field"), "{}", tui.text());
    assert!(shown(&tui).is_empty());
    tui.press("esc");
    assert_eq!(shown(&tui), ["new.example.com"]);
    tui.press("esc");
    assert_eq!(shown(&tui).len(), first.len());
}

#[test]
fn an_order_says_what_to_publish_and_where_to_approve() {
    let mut server = FakeServer::estate();
    server.domains.push(domain("dcv.example.com", 0));
    let mut tui = Harness::new(server, Default::default());
    tui.resize(120, 40).press("3");
    assert!(tui.sees("domain validation (cname)"), "{}", tui.text());
    let at = tui
        .model
        .orders
        .rows
        .iter()
        .position(|row| row.name() == "dcv.example.com");
    for _ in 0..at.unwrap() {
        tui.press("j");
    }
    assert!(
        tui.sees("_abc.dcv.example.com. CNAME def.sectigo.com."),
        "{}",
        tui.text()
    );
    tui.press("y");
    assert_eq!(
        tui.server.copied,
        ["_abc.dcv.example.com. CNAME def.sectigo.com."]
    );
    tui.press("g");
    let at = tui
        .model
        .orders
        .rows
        .iter()
        .position(|row| row.name() == "new.example.com");
    for _ in 0..at.unwrap() {
        tui.press("j");
    }
    assert!(
        tui.sees("approve at") && tui.sees("https://cert-manager.com"),
        "{}",
        tui.text()
    );
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
fn the_theme_follows_what_the_terminal_says_of_its_background() {
    let mut tui = Harness::estate();
    tui.send(Msg::Background(Palette::Light));
    assert_eq!(tui.model.settings.theme.palette, Palette::Light);
}

#[test]
fn unused_statuses_stay_out_of_the_forecast() {
    let mut server = FakeServer::empty();
    let gone = row(1, "gone.example.com", Status::Revoked, 40);
    let live = row(2, "live.example.com", Status::Issued, 40);
    server.mounts.push(("pki".to_owned(), vec![gone, live]));
    let mut tui = Harness::new(server, Default::default());
    tui.press("5").wait(1);
    assert_eq!(tui.model.forecast.certificates, 1);
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
fn an_uncertain_order_says_what_to_do() {
    let mut tui = Harness::estate();
    tui.press("3");
    assert!(tui.sees("do not order again"), "{}", tui.text());
}

#[test]
fn a_replacement_loses_the_names_that_were_cleared_and_no_others() {
    let form = |tui: &mut Harness| tui.resize(120, 40).press("p").text();
    let sent = |tui: &Harness| -> Option<String> {
        let fields = &tui.server.sent[0].fields;
        let names = fields.iter().find(|(name, _)| *name == "alt_names");
        names.map(|(_, value)| value.clone())
    };
    // Without a word about names the engine keeps the old ones: the common name alone says that they go.
    let mut tui = Harness::estate();
    form(&mut tui);
    tui.type_in("770001_acme")
        .press("tab")
        .type_in("moved")
        .press("tab ctrl-u enter");
    assert_eq!(sent(&tui).as_deref(), Some("shop.example.com"));
    // Another try says the same.
    let mut tui = Harness::estate();
    tui.server.refuses.push("770001_acme".to_owned());
    form(&mut tui);
    tui.type_in("770001_acme")
        .press("tab")
        .type_in("moved")
        .press("tab ctrl-u enter r")
        .type_in("770001_acme")
        .press("enter");
    let fields = |at: usize| tui.server.sent[at].fields.clone();
    assert_eq!(fields(0), fields(1));
    // Nothing was changed: nothing is said.
    let mut tui = Harness::estate();
    form(&mut tui);
    tui.type_in("770001_acme")
        .press("tab")
        .type_in("moved")
        .press("enter");
    assert_eq!(sent(&tui), None);
    // The names of a marked one are known as well as those of one under the bar.
    let mut tui = Harness::estate();
    let text = form(tui.press("space"));
    assert!(text.contains("alt names: www.shop.example.com"), "{text}");
    // Of names that are not known none can be kept, so none are asked for.
    let mut tui = Harness::estate();
    command(&mut tui, "open sectigo/prod 999999_acme");
    let text = form(&mut tui);
    assert!(
        text.contains("type 999999_acme:") && !text.contains("alt names:"),
        "{text}"
    );
}

#[test]
fn a_certificate_without_common_name_keeps_at_least_one_name() {
    let mut server = FakeServer::estate();
    server.mounts[0].1[0].common_name = String::new();
    let mut tui = Harness::new(server, Default::default());
    tui.press("p")
        .type_in("770001_acme")
        .press("tab")
        .type_in("moved")
        .press("tab ctrl-u enter");
    assert!(
        tui.server.sent.is_empty() && tui.sees("give at least one name"),
        "{}",
        tui.text()
    );
}

/// Wherever a filter came from, `u` leads back to what was there before it.
#[test]
fn u_goes_back_over_every_filter() {
    let leads_back = |open: &dyn Fn(&mut Harness)| {
        let mut tui = Harness::estate();
        tui.press("space space");
        let marks = tui.model.marks.clone();
        open(&mut tui);
        tui.wait(1);
        assert_ne!(tui.model.filter.field.text(), "", "{}", tui.text());
        tui.press("A u u").wait(1);
        assert_eq!(tui.model.filter.field.text(), "", "{}", tui.text());
        assert_eq!(tui.model.marks, marks);
    };
    leads_back(&|tui| {
        tui.press("/").type_in("host-2").press("enter");
    });
    leads_back(&|tui| {
        tui.press("b enter");
    });
    leads_back(&|tui| {
        tui.press("5").wait(1).press("enter");
    });
    leads_back(&|tui| {
        for n in 0..60 {
            let name = format!("late-{n}.example.com");
            let mut one = row(200 + n, &name, Status::Expiring, 2);
            one.renew_at = None;
            tui.server.mounts[0].1.push(one);
        }
        tui.press("1").wait(30);
        // The line that says how many more there are.
        for below in 0..60 {
            tui.press("1 g");
            (0..below).for_each(|_| {
                tui.press("j");
            });
            tui.press("enter");
            if !tui.model.filter.field.text().is_empty() {
                return;
            }
        }
    });
}

#[test]
fn pressing_u_again_and_again_loses_nothing() {
    let mut tui = Harness::estate();
    tui.press("space space A j space");
    let marks = tui.model.marks.clone();
    assert_eq!(marks.len(), 1);
    tui.press("u");
    assert_eq!(tui.model.marks.len(), 2);
    tui.press("u");
    assert_eq!(tui.model.marks, marks);
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
fn the_forecast_says_that_there_is_no_mount() {
    let mut tui = Harness::new(FakeServer::empty(), Default::default());
    tui.press("5").wait(1);
    for words in ["no Sectigo mount", "with --mount."] {
        assert!(tui.sees(words), "{words}:\n{}", tui.text());
    }
}

#[test]
fn the_command_that_gives_an_uncertain_order_up_can_be_run_as_it_stands() {
    let mut tui = Harness::estate();
    tui.resize(200, 50).press("3");
    let line = "svpki orders cancel prod o-000001 --mount sectigo --force";
    assert!(tui.sees(line), "{}", tui.text());
}

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
    // Opened again, it is whole.
    tui.press("? / z z z enter tab ?");
    assert!(tui.sees("one row up"), "{}", tui.text());
}

#[test]
fn a_filter_is_opened_from_details_too() {
    let mut tui = Harness::estate();
    tui.press("j enter /").type_in("api").press("enter").wait(1);
    assert_eq!(names(&tui), ["api.example.com"]);
}

#[test]
fn columns_sort_and_folding_come_back_one_by_one() {
    let mut tui = Harness::estate();
    let state = |tui: &Harness| {
        let model = &tui.model;
        (
            model.columns.clone(),
            model.store.sort(),
            model.store.folds(),
        )
    };
    let first = state(&tui);
    tui.press("s");
    let sorted = state(&tui);
    tui.press("S");
    let reversed = state(&tui);
    tui.press("z");
    let unfolded = state(&tui);
    tui.press("c j j space esc");
    assert!(unfolded != reversed && state(&tui) != unfolded);
    for (before, words) in [
        (unfolded, "brought back: columns"),
        (reversed, "brought back: folded certificates"),
        (sorted, "brought back: sort by common_name"),
        (first, "brought back: sort by status"),
    ] {
        tui.press("u");
        assert_eq!(state(&tui), before, "{words}");
        assert!(tui.sees(words), "{words}:\n{}", tui.text());
    }
    // Typed commands and the line of Today that sorts are steps, too.
    command(&mut tui, "columns common_name,left");
    command(&mut tui, "sort -expires");
    tui.press("u u").wait(1);
    assert_eq!(state(&tui), state(&Harness::estate()));
}
