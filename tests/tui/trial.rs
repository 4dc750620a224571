//! Problems found in a one-day trial of an earlier dashboard, as far as no other test covers them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Color;
use sectigo_vault_pki::tui::model::{Column, Page, Sort, Start};
use sectigo_vault_pki::tui::source::SourceError;
use sectigo_vault_pki::tui::theme::{Palette, Theme};
use sectigo_vault_pki::tui::{Msg, Settings};
use svpki_types::Status;

use crate::harness::{FakeServer, Harness, NOW, row, text_of};

/// The colour of the first cell of these words.
fn colour(tui: &Harness, words: &str) -> Color {
    let buffer = tui.draw();
    let text = text_of(&buffer);
    let found = text.lines().enumerate().find_map(|(y, line)| {
        let at = line.find(words)?;
        Some((line[..at].chars().count() as u16, y as u16))
    });
    let (x, y) = found.unwrap_or_else(|| panic!("{words}:\n{text}"));
    buffer[(x, y)].fg
}

fn dark(server: FakeServer) -> Harness {
    let theme = Theme {
        palette: Palette::Dark,
        ascii: false,
    };
    let settings = Settings {
        theme,
        ..Settings::default()
    };
    Harness::new(server, settings)
}

#[test]
fn health_is_not_well_while_the_server_is_away() {
    let mut tui = Harness::estate();
    tui.resize(120, 40);
    tui.server.down = Some(SourceError::Unreachable("connection refused".to_owned()));
    tui.wait(60).press("4");
    assert!(tui.sees("Health !") && tui.sees("state          does not answer"));
    for words in ["unsealed, active", "● healthy", "Health ok"] {
        assert!(!tui.sees(words), "{words}:\n{}", tui.text());
    }
}

#[test]
fn a_refused_login_is_red_and_what_works_is_not() {
    let mut tui = dark(FakeServer::estate());
    tui.resize(120, 40).press("4");
    assert_eq!(colour(&tui, "✗ login refused"), Color::LightRed);
    assert_eq!(colour(&tui, "● SCM reachable  ✗"), Color::Green);
    // A config in trouble is listed before the others of its mount.
    let text = tui.text();
    let (_, eu) = text.split_once(" sectigo-eu ").unwrap();
    assert!(eu.find("config lab").unwrap() < eu.find("config prod").unwrap());
    tui.press("1");
    assert_eq!(colour(&tui, "Health !"), Color::LightRed);
}

/// At 80 columns a symbol used to be at the end of one line and its words on the next.
#[test]
fn no_mark_is_torn_from_its_words() {
    for width in 60..=130 {
        let mut tui = Harness::estate();
        tui.resize(width, 60).press("4");
        for line in tui.text().lines() {
            let line = line.trim_end_matches(['█', '│', ' ']);
            assert!(!line.ends_with(['●', '✗']), "{width}:\n{}", tui.text());
        }
    }
}

#[test]
fn a_clock_that_is_off_is_trouble() {
    let mut tui = dark(FakeServer::estate());
    let mut health = tui.model.health["sectigo"].clone().unwrap();
    let config = health.configs.get_mut("prod").unwrap();
    config.clock_skew_seconds = Some(205 * 86_400);
    let mount = "sectigo".into();
    let answer = Ok(health);
    tui.resize(120, 40).send(Msg::Health { mount, answer });
    tui.press("4");
    assert_eq!(colour(&tui, "ssl_cert at"), Color::LightRed);
    tui.press("1");
    assert!(
        tui.sees("SCM's clock is 205 d ahead of ours"),
        "{}",
        tui.text()
    );
}

#[test]
fn a_chosen_column_without_room_says_so_and_a_sort_by_it_is_told() {
    let mut tui = Harness::estate();
    tui.resize(80, 40).press("c");
    let text = tui.text();
    let line = |name: &str| {
        let mut lines = text.lines().filter(|line| line.contains("│"));
        lines.find(|line| line.contains(name)).unwrap()
    };
    assert!(line("ALT NAMES").contains("(no room)"), "{text}");
    for shown in ["2  COMMON NAME", "SERIAL"] {
        assert!(!line(shown).contains("(no room)"), "{text}");
    }
    tui.press("esc").send(Msg::Tick((NOW + 60) * 1000));
    assert!(!tui.sees("sorted by"));
    let settings = Settings {
        start: Start {
            sort: Sort {
                column: Column::Serial,
                descending: true,
            },
            ..Start::default()
        },
        ..Settings::default()
    };
    let tui = Harness::new(FakeServer::estate(), settings);
    assert!(tui.sees("sorted by serial, descending"), "{}", tui.text());
}

/// A certificate that is valid for five minutes has the status "issued" until it expires.
#[test]
fn what_is_left_is_coloured_by_the_time_not_by_the_status() {
    let mut server = FakeServer::empty();
    let mut one = row(1, "five.example.com", Status::Issued, 90);
    one.expiration = NOW + 60;
    let first = row(2, "first.example.com", Status::Expiring, 3);
    server.mounts.push(("pki".to_owned(), vec![first, one]));
    assert_eq!(colour(&dark(server), "in 1 min"), Color::Yellow);
}

#[test]
fn a_common_name_gets_its_room_first() {
    let name = "service-1300.team-8.mail.example.com";
    let mut server = FakeServer::empty();
    server
        .mounts
        .push(("pki".to_owned(), vec![row(1, name, Status::Issued, 90)]));
    let mut tui = Harness::new(server, Settings::default());
    tui.resize(120, 40);
    assert!(tui.sees(name), "{}", tui.text());
}

#[test]
fn leaving_a_running_mass_action_is_asked_once_for_each_way_out() {
    for way in ["q", "ctrl-c"] {
        let mut tui = Harness::estate();
        tui.press("a r").type_in("47");
        tui.server.silent = true;
        tui.press("enter");
        tui.press("esc").press(way);
        assert!(!tui.model.quit, "{way}");
        assert!(tui.sees("not finished. Press again to quit without them."));
        tui.press(way);
        assert!(tui.model.quit, "{way}");
    }
}

#[test]
fn the_list_of_results_moves() {
    let mut tui = Harness::estate();
    tui.press("a r").type_in("47").press("enter G");
    let scrolled = |tui: &Harness| tui.model.job.as_ref().unwrap().scroll;
    assert_eq!(scrolled(&tui), 46);
    tui.press("home");
    assert_eq!(scrolled(&tui), 0);
    tui.press("end k");
    assert_eq!(scrolled(&tui), 45);
    tui.press("g pagedown");
    assert_eq!(scrolled(&tui), 10);
}

#[test]
fn what_failed_stands_before_what_succeeded() {
    let mut tui = Harness::estate();
    tui.server.refuses.push("770003_acme".to_owned());
    tui.press("a r").type_in("47").press("enter");
    let text = tui.text();
    let first = |words: &str| text.find(words).unwrap_or(usize::MAX);
    assert!(first("term 400") < first("ok: new ID"), "{text}");
}

#[test]
fn lines_of_a_clipboard_are_words_of_the_filter() {
    let mut tui = Harness::estate();
    tui.press("/")
        .send(Msg::Paste("www.a.example\r\napi.a.example\n".to_owned()));
    let line = tui.model.filter.field.text();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words, ["www.a.example", "api.a.example"]);
}

#[test]
fn a_bracketed_paste_outside_a_field_does_nothing() {
    for page in ["1", "2", "3", "4", "5", "?"] {
        let mut tui = Harness::estate();
        tui.press(page);
        let before = tui.text();
        tui.send(Msg::Paste("ar47\nRe\n".to_owned()));
        assert_eq!(tui.text(), before, "{page}");
    }
}

/// An order is cancelled when the operator calls it off.
#[test]
fn a_cancelled_order_has_not_failed() {
    let mut server = FakeServer::estate();
    server.orders[0].1.state = Some(svpki_types::OrderState::Cancelled);
    server.orders[0].1.waiting_on = None;
    let name = server.orders[0].1.common_name.clone();
    let mut tui = dark(server);
    tui.resize(120, 40).press("3");
    assert_ne!(colour(&tui, "cancelled"), Color::LightRed, "{}", tui.text());
    tui.press("1");
    assert!(!tui.sees(&name), "{}", tui.text());
}

/// From Orders, or from Help opened there, Esc returns to the page before.
#[test]
fn esc_leads_back_over_every_step() {
    let mut tui = Harness::estate();
    tui.press("j enter ?").press("esc");
    assert!(tui.model.detail.is_some());
    tui.press("esc");
    assert_eq!(
        (tui.model.page, tui.model.table.index),
        (Page::Certificates, 1)
    );
    // Some terminals send Esc and the next key together.
    tui.key(KeyEvent::new(KeyCode::Char('3'), KeyModifiers::ALT));
    assert_eq!(tui.model.page, Page::Orders);
}

/// Public certificates are valid for 200 days at most, so half of the chart for a year was empty.
#[test]
fn the_chart_ends_with_the_last_certificate_and_names_each_month() {
    let mut tui = Harness::estate();
    tui.resize(160, 40);
    let text = tui.text();
    let months = text.lines().find(|line| line.contains("Nov")).unwrap();
    for month in ["Nov", "Dec", "Jan", "Feb"] {
        assert!(months.contains(month), "{text}");
    }
}

/// Where there is no table of certificates, `e`, `c`, `b` and `z` used to do nothing and say nothing.
#[test]
fn keys_of_the_table_say_where_it_is() {
    for page in ["1", "3", "4", "5"] {
        for (key, name) in [
            ("e", "export"),
            ("c", "columns"),
            ("b", "group"),
            ("z", "fold"),
        ] {
            let mut tui = Harness::estate();
            tui.press(page).press(key);
            let words = format!("{name} is for certificates: press 2");
            assert!(tui.sees(&words), "{}", tui.text());
        }
    }
}

/// Scrolling reaches even a column that gives way to the names.
#[test]
fn every_chosen_column_can_be_reached() {
    let name = "service-1300.team-8.department.example.com";
    let mut server = FakeServer::empty();
    server
        .mounts
        .push(("pki".to_owned(), vec![row(1, name, Status::Issued, 90)]));
    let mut tui = Harness::new(server, Settings::default());
    assert!(!tui.sees("KEY"));
    let mut steps = 0..9;
    let found = steps.any(|_| tui.press("l").sees("KEY"));
    assert!(found, "{}", tui.text());
}
