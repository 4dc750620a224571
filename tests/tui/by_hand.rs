//! Keys that arrive together, filters with a mistake, and dialogs: what must be done by hand, and what the messages
//! say.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use sectigo_vault_pki::tui::model::{Arrival, Column, Dialog, Page, Sort, Start};
use sectigo_vault_pki::tui::source::{SourceError, Verb};
use sectigo_vault_pki::tui::theme::Tone;
use sectigo_vault_pki::tui::{Effect, Msg, Settings, time};
use svpki_types::Status;

use crate::harness::{FakeServer, Harness, NOW, key_of, names, row};

#[test]
fn enter_renews_nothing_and_y_renews_one() {
    let mut tui = Harness::estate();
    tui.press("r enter enter enter");
    assert!(tui.server.sent.is_empty() && tui.sees("press y to renew"));
    tui.press("y");
    assert_eq!(tui.server.sent.len(), 1);
}

#[test]
fn many_need_their_number() {
    let mut tui = Harness::estate();
    tui.press("space space space r enter y enter");
    assert!(tui.server.sent.is_empty());
    tui.press("backspace").type_in("3").press("enter");
    assert_eq!(tui.server.sent.len(), 3);
}

#[test]
fn a_key_that_nobody_reads_a_dialog_with_closes_it() {
    let mut tui = Harness::estate();
    tui.press("r").type_in("egistry");
    assert!(tui.server.sent.is_empty());
    assert!(!matches!(tui.model.dialog, Some(Dialog::Ask(_))));
}

#[test]
fn keys_that_come_together_confirm_nothing_and_open_nothing() {
    for page in ["1", "2", "3", "4"] {
        for paste in [
            "rry\n",
            "star\n",
            "ar50\n",
            "e\n",
            "yyRexport.example.com\n",
            "ap50\n\n",
        ] {
            let mut tui = Harness::estate();
            tui.press(page).burst(paste);
            assert!(tui.server.sent.is_empty(), "{paste:?} on page {page}");
            assert!(tui.server.exported.is_empty(), "{paste:?} on page {page}");
        }
    }
    // With a dialog open, the Enter of a paste must not confirm.
    let mut tui = Harness::estate();
    tui.press("a r").burst("47\n");
    assert!(tui.server.sent.is_empty() && tui.sees("that came too fast"));
    // The first key of a paste must not confirm, either.
    let mut tui = Harness::estate();
    tui.press("r").burst("yy");
    assert!(tui.server.sent.is_empty());
}

/// The first two keys arrive together, each further key 90 milliseconds after the one before.
fn together_then_by_hand(tui: &mut Harness, keys: &str) {
    let mut at = tui.next_press();
    for (n, key) in keys.chars().enumerate() {
        at += if n > 1 { 90 } else { 0 };
        let key = match key {
            '\n' => KeyEvent::from(KeyCode::Enter),
            key => KeyEvent::from(KeyCode::Char(key)),
        };
        let arrival = Arrival { at, alone: n > 1 };
        tui.send(Msg::Key(key, arrival));
    }
}

/// The first key used to be dropped because it arrived together with another, and the rest of the name wrote a file.
#[test]
fn the_rest_of_a_word_whose_first_key_was_ignored_opens_nothing() {
    for word in ["2registry.example.com\n", "jexport\n", "jrcbJn\n", "jeee\n"] {
        let mut tui = Harness::estate();
        together_then_by_hand(&mut tui, word);
        assert!(tui.model.dialog.is_none(), "{word:?}:\n{}", tui.text());
        tui.press("enter y").wait(1);
        assert!(tui.server.sent.is_empty() && tui.server.exported.is_empty());
        // After a pause, a key has its usual effect again.
        tui.press("esc esc 2 e");
        assert!(matches!(tui.model.dialog, Some(Dialog::Export(_))));
    }
}

/// Somebody types a host name by hand in the belief that the filter is open.
#[test]
fn a_name_that_begins_with_e_writes_no_file() {
    for word in ["export.example.com\n", "re.export.example.com\n"] {
        let mut tui = Harness::estate();
        let mut at = tui.next_press();
        for key in word.chars() {
            at += 90;
            let code = if key == '\n' {
                KeyCode::Enter
            } else {
                KeyCode::Char(key)
            };
            tui.send(Msg::Key(KeyEvent::from(code), at.into()));
        }
        tui.press("enter").wait(1);
        assert!(tui.server.exported.is_empty(), "{word}");
        assert!(tui.server.sent.is_empty(), "{word}");
    }
}

/// Over a slow connection all keys of a word may arrive at once. Its letters used to be dropped.
#[test]
fn text_fields_take_what_is_typed_however_fast() {
    let mut tui = Harness::estate();
    tui.press("a r").burst("47").press("enter");
    assert_eq!(tui.server.sent.len(), 47);
    let mut tui = Harness::estate();
    tui.press("R").burst("770001_acme").press("tab");
    tui.burst("sold").press("tab right enter");
    assert_eq!(tui.server.sent.len(), 1, "{}", tui.text());
    let mut tui = Harness::estate();
    tui.press("/").burst("cn:api").press("enter");
    assert_eq!(tui.model.filter.field.text(), "cn:api");
}

#[test]
fn a_confirmation_before_the_dialog_can_have_been_read_does_not_count() {
    let mut tui = Harness::estate();
    tui.press("r");
    let soon = tui.last_press() + 200;
    tui.send(Msg::Key(key_of("y"), soon.into()));
    assert!(tui.server.sent.is_empty() && tui.sees("that came too fast"));
    tui.press("y");
    assert_eq!(tui.server.sent.len(), 1);
}

#[test]
fn a_filter_with_a_mistake_is_not_kept() {
    for line in [
        "exp<30",
        "-status:issued",
        "exp=30d",
        "api|chat",
        "status:failed",
    ] {
        let mut tui = Harness::estate();
        tui.press("/").type_in(line).press("enter");
        assert!(tui.sees("This filter is not understood"), "{}", tui.text());
        assert_eq!(names(&tui), Vec::<String>::new(), "{line}");
        assert!(tui.model.filter.editing);
        tui.press("a r enter 5 0 enter");
        assert!(
            tui.model.marks.is_empty() && tui.server.sent.is_empty(),
            "{line}"
        );
        tui.press("esc");
        assert_eq!(names(&tui).len(), 49, "{line}: the filter before is back");
    }
}

#[test]
fn a_mistake_does_not_outlive_the_line() {
    let mut tui = Harness::estate();
    tui.press("/").type_in("exp<30");
    tui.server.down = Some(SourceError::TokenExpired);
    tui.wait(20);
    tui.server.down = None;
    tui.press("esc");
    assert_eq!(tui.model.filter.field.text(), "");
    assert_eq!(tui.model.filter.error, None);
}

#[test]
fn marking_all_marks_what_is_shown_and_nothing_else() {
    let mut tui = Harness::estate();
    tui.press("space /").type_in("api").press("enter a").wait(1);
    let marked: Vec<&str> = tui.model.marks.values().map(|name| &**name).collect();
    assert_eq!(marked, ["api.example.com"]);
}

#[test]
fn the_dialog_says_what_it_costs_and_keeps_the_due_ones() {
    let mut tui = Harness::estate();
    tui.press("a r");
    assert!(tui.sees("Places 47 paid orders at SCM"), "{}", tui.text());
    let Some(Dialog::Typed(form)) = &tui.model.dialog else {
        panic!("no dialog")
    };
    let due = form.ask.targets.len() - form.ask.early();
    tui.press("ctrl-d");
    assert!(
        tui.sees(&format!("Renew {due} certificates")),
        "{}",
        tui.text()
    );
    tui.type_in(&due.to_string()).press("enter");
    assert_eq!(tui.server.sent.len(), due);
}

#[test]
fn a_dialog_tells_a_certificate_from_its_namesakes() {
    for key in ["r", "R", "p"] {
        let mut tui = Harness::estate();
        tui.resize(120, 40);
        tui.press(key);
        for words in [
            "expiring, ends 2026-11-26 (in 3 d)",
            "0a:00:01:ff",
            "same name",
            "770009_acme: » superseded",
        ] {
            assert!(tui.sees(words), "{words}:\n{}", tui.text());
        }
    }
    let mut tui = Harness::estate();
    tui.press("R").type_in("shop.example.com").press("enter");
    assert!(tui.server.sent.is_empty() && tui.sees("type 770001_acme to confirm"));
}

#[test]
fn what_has_to_be_typed_is_never_cut() {
    let name = "customer-portal-emea-production-cluster-two.department.example.com";
    let mut server = FakeServer::empty();
    server
        .mounts
        .push(("pki".to_owned(), vec![row(1, name, Status::Issued, 90)]));
    let mut tui = Harness::new(server, Default::default());
    for size in [(60, 15), (80, 24), (120, 40)] {
        tui.resize(size.0, size.1).press("R");
        assert!(tui.sees("type 770001_acme:"), "{}", tui.text());
        tui.press("esc");
    }
}

#[test]
fn x_stops_what_is_not_sent_yet() {
    let mut tui = Harness::estate();
    tui.press("a r").type_in("47");
    // While this is set, no answers arrive.
    tui.server.silent = true;
    tui.press("enter");
    assert_eq!(tui.server.sent.len(), 4);
    tui.press("x");
    let job = tui.model.job.as_ref().unwrap();
    assert_eq!((job.stopped(), job.is_over()), (43, false));
    assert!(tui.sees("not sent: stopped"));
    tui.press("esc x");
    assert_eq!(tui.server.sent.len(), 4);
}

#[test]
fn a_failed_renewal_is_red_everywhere_with_scms_word_and_the_next_try() {
    let mut tui = Harness::estate();
    tui.resize(200, 40);
    assert!(tui.sees("1 renewal failed") && tui.sees("Health !"));
    assert!(
        tui.sees("✗ failed: profile 4711 is gone at SCM"),
        "{}",
        tui.text()
    );
    assert_eq!(tui.model.counts()[0].1, Tone::Bad);
    tui.press("/").type_in("renewal:failed").press("enter");
    assert_eq!(names(&tui), ["api.example.com"]);
    tui.press("enter");
    assert!(
        tui.sees("last attempt failed: profile 4711 is gone at SCM (-110), next try 12:15 UTC")
    );
    tui.press("4");
    assert!(
        tui.sees("attention needed") && tui.sees("1 failed, e.g. api.example.com"),
        "{}",
        tui.text()
    );
    tui.press("1");
    assert!(tui.sees("renewal failed: profile 4711"));
}

#[test]
fn an_open_detail_follows_what_happens() {
    let mut tui = Harness::estate();
    tui.press("enter");
    tui.server.mounts[0].1[0].status = Some(Status::Revoked);
    tui.wait(30);
    assert!(
        tui.sees("■ revoked") && !tui.sees("▲ expiring"),
        "{}",
        tui.text()
    );
    tui.server.mounts[0].1.remove(0);
    tui.wait(30);
    assert!(tui.sees("no longer in Vault"), "{}", tui.text());
}

#[test]
fn a_server_that_hangs_is_asked_for_a_sign_of_life() {
    let mut tui = Harness::estate();
    tui.model.settings.refresh = 600;
    tui.server.pings = 0;
    tui.wait(10);
    assert!(
        tui.server.pings >= 2,
        "every four seconds, whatever the refresh"
    );
}

#[test]
fn a_part_that_cannot_be_read_is_told_on_every_page() {
    let mut tui = Harness::estate();
    tui.server.unreadable = Some("sectigo-eu".to_owned());
    tui.wait(30);
    for page in ["1", "2", "3", "4", "5"] {
        tui.press(if page == "5" { "?" } else { page });
        assert!(
            tui.sees("1 of 2 mounts readable, counts are partial"),
            "{}",
            tui.text()
        );
    }
    tui.press("1");
    assert!(tui.sees("cannot be read"), "{}", tui.text());
}

#[test]
fn the_header_says_what_the_token_may() {
    let mut tui = Harness::estate();
    assert!(!tui.sees("this token"));
    tui.server.denied = vec![
        Verb::Renew,
        Verb::Revoke,
        Verb::Replace,
        Verb::Fetch,
        Verb::Poll,
        Verb::Cancel,
    ];
    tui.model.allowed.clear();
    tui.press("j");
    assert!(tui.sees("this token: view only"), "{}", tui.text());
    tui.server.denied = vec![Verb::Revoke, Verb::Replace, Verb::Poll, Verb::Cancel];
    tui.model.allowed.clear();
    tui.press("k");
    assert!(tui.sees("this token: renew, fetch"), "{}", tui.text());
}

#[test]
fn every_count_is_what_its_filter_finds() {
    let mut tui = Harness::estate();
    let shown = tui.model.counts();
    for (words, _) in shown {
        let mut parts = words.split(' ').skip(1);
        let (count, word) = (
            parts.next().unwrap().to_owned(),
            parts.next().unwrap().to_owned(),
        );
        let line = match word.as_str() {
            "renewal" => "renewal:failed".to_owned(),
            status => format!("status:{status}"),
        };
        tui.press("esc /").type_in(&line).press("enter").wait(1);
        assert_eq!(names(&tui).len().to_string(), count, "{line}");
    }
}

#[test]
fn help_and_lines_of_today_lead_back_to_where_they_were_opened() {
    let mut tui = Harness::estate();
    tui.press("3 ? esc");
    assert_eq!(tui.model.page, Page::Orders);
    tui.press("2 j enter ? esc");
    assert!(tui.model.detail.is_some());
    tui.press("esc 1 enter");
    assert!(tui.model.detail.is_some());
    tui.press("esc");
    assert_eq!(tui.model.page, Page::Today);
    // The filter that led to the details stays.
    tui.press("/")
        .type_in("name:*example.com")
        .press("enter enter");
    assert!(tui.model.detail.is_some(), "{}", tui.text());
    tui.press("esc");
    assert!(tui.model.detail.is_none());
    assert!(!tui.model.today.filter().is_empty(), "{}", tui.text());
}

#[test]
fn esc_and_the_next_key_in_one_packet_are_two_keys() {
    let mut tui = Harness::estate();
    tui.press("space space enter");
    let alt = KeyEvent::new(KeyCode::Char('A'), KeyModifiers::ALT);
    tui.key(alt);
    assert!(tui.model.detail.is_none() && tui.model.marks.is_empty());
    let alt = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::ALT);
    tui.key(alt);
    assert!(
        tui.model.dialog.is_none(),
        "but they do not open what costs money"
    );
}

#[test]
fn after_an_action_the_bar_stays_on_its_line() {
    let mut tui = Harness::estate();
    tui.press("j r y esc");
    let done = tui.server.mounts[0]
        .1
        .iter_mut()
        .find(|row| row.common_name == "api.example.com");
    done.unwrap().status = Some(Status::Superseded);
    tui.wait(30);
    assert_eq!(tui.model.table.index, 1);
}

#[test]
fn a_saved_filter_comes_with_its_key_and_the_table_begins_as_it_was_set() {
    let settings = Settings {
        start: Start {
            columns: vec![Column::Name, Column::Renews],
            sort: Sort {
                column: Column::Name,
                descending: true,
            },
            filter: "host-2".to_owned(),
            saved: vec![("f2".parse().unwrap(), "renewal:failed".to_owned())],
        },
        ..Settings::default()
    };
    let mut tui = Harness::new(FakeServer::estate(), settings);
    tui.wait(1);
    let shown = names(&tui);
    assert!(
        shown.len() == 10 && shown.iter().rev().is_sorted(),
        "{shown:?}"
    );
    assert!(tui.sees("RENEWS") && !tui.sees("STATUS"));
    tui.press("1").key(KeyEvent::from(KeyCode::F(2))).wait(1);
    assert_eq!(tui.model.page, Page::Certificates);
    assert_eq!(names(&tui), ["api.example.com"]);
}

#[test]
fn rows_are_counted_by_what_they_share_and_lead_to_their_filter() {
    let mut tui = Harness::estate();
    tui.press("b");
    assert!(tui.sees("By config"), "{}", tui.text());
    let Some(Dialog::Groups(groups)) = &tui.model.dialog else {
        panic!("no groups")
    };
    let counted: usize = groups.rows.iter().map(|group| group.count).sum();
    assert_eq!(counted, 49);
    let (name, count) = (groups.rows[0].name.clone(), groups.rows[0].count);
    tui.press("tab tab").press("esc b enter").wait(1);
    assert_eq!(tui.model.filter.field.text(), format!("config:{name}"));
    assert_eq!(names(&tui).len(), count);
    for _ in 0..6 {
        tui.press("b");
        assert!(matches!(tui.model.dialog, Some(Dialog::Groups(_))));
        tui.press("tab esc");
    }
}

#[test]
fn marked_rows_are_what_is_exported() {
    let mut tui = Harness::estate();
    tui.press("j space e enter").wait(1);
    let (_, csv) = &tui.server.exported[0];
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert!(csv.contains("api.example.com"));
}

#[test]
fn a_day_without_trouble_says_so() {
    let mut server = FakeServer::empty();
    server.mounts.push((
        "pki".to_owned(),
        vec![row(1, "a.example.com", Status::Issued, 90)],
    ));
    let tui = Harness::today(server);
    assert!(tui.sees("Nothing needs you"), "{}", tui.text());
    assert_eq!(tui.model.now(), NOW);
}

/// The engine makes a renewal in the first third of its window, so only later it is overdue.
#[test]
fn a_renewal_is_overdue_after_the_first_third_of_its_window() {
    let lines = |hours_since_due: i64| {
        let mut one = row(1, "a.example.com", Status::Expiring, 4);
        one.renew_at = Some(time::rfc3339(NOW - hours_since_due * 3600));
        let mut server = FakeServer::empty();
        server.mounts.push(("pki".to_owned(), vec![one]));
        Harness::today(server).text()
    };
    // The window is 4 days and 24 hours long, its first third 40 hours.
    let within = lines(24);
    assert!(within.contains("Nothing needs you"), "{within}");
    let after = lines(72);
    assert!(after.contains("due 3 d ago, not renewed yet"), "{after}");
}

/// Even with many lines, each section shows its first ones.
#[test]
fn no_section_hides_another() {
    let mut server = FakeServer::estate();
    for n in 0..60 {
        let mut one = row(
            200 + n,
            &format!("late-{n}.example.com"),
            Status::Expiring,
            2,
        );
        one.renew_at = None;
        server.mounts[0].1.push(one);
    }
    let mut tui = Harness::today(server);
    for size in [(60, 15), (80, 24), (120, 40)] {
        tui.resize(size.0, size.1);
        for words in ["will not renew", "Failed", "Waits for you", "in trouble"] {
            assert!(tui.sees(words), "{words} at {size:?}:\n{}", tui.text());
        }
        assert!(tui.sees(" more: Enter"), "{}", tui.text());
    }
}

#[test]
fn a_lost_server_is_asked_whether_it_lives_before_all_else() {
    let mut tui = Harness::estate();
    tui.server.down = Some(SourceError::Unreachable("no answer within 5 s".to_owned()));
    tui.wait(20);
    let effects: Vec<Effect> = std::mem::take(&mut tui.server.asked);
    let last = effects.last();
    assert!(matches!(last, Some(Effect::Server)), "{last:?}");
    assert!(tui.sees("SERVER UNREACHABLE"));
}
