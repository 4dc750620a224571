//! More certificates than fit on the screen: which rows are fetched and when, and which rows keep their place.

use sectigo_vault_pki::tui::{Msg, Settings};
use svpki_types::Status;

use crate::harness::{FakeServer, Harness, NOW, names, row};

fn many(count: usize) -> FakeServer {
    let mut server = FakeServer::empty();
    for mount in 0..4 {
        let rows = (0..count / 4)
            .map(|n| {
                let status = if n % 50 == 0 {
                    Status::Expiring
                } else {
                    Status::Issued
                };
                let days = if status == Status::Expiring {
                    1 + (n % 20) as i64
                } else {
                    30 + (n % 300) as i64
                };
                row(n, &format!("h{n}.m{mount}.example.net"), status, days)
            })
            .collect();
        server.mounts.push((format!("m{mount}"), rows));
    }
    server
}

#[test]
fn only_what_is_looked_at_is_fetched() {
    let mut tui = Harness::new(many(20_000), Settings::default());
    let loaded = tui.model.store.loaded();
    assert!(loaded < 4000, "{loaded} rows for the first screen");
    assert!(tui.sees("1 of 20,000"));
    let first = tui.model.store.row(0).unwrap().0.not_after;
    assert_eq!(first, NOW + 86_400);
    tui.press("G");
    assert_eq!(tui.model.store.loaded(), 20_000);
    let order: Vec<i64> = (0..tui.model.store.len())
        .map(|at| tui.model.store.row(at).unwrap().0)
        .filter(|row| row.status == Some(Status::Issued))
        .map(|row| row.not_after)
        .collect();
    assert!(order.is_sorted());
}

#[test]
fn requests_are_as_few_as_the_screen_needs() {
    let mut server = FakeServer::empty();
    for mount in 0..20 {
        let rows = (0..2_500).map(|n| {
            let (status, days) = match n % 50 {
                0 => (Status::Expiring, 1 + (n % 20) as i64),
                _ => (Status::Issued, 30 + (n % 300) as i64),
            };
            row(n, &format!("h{n}.m{mount}.example.net"), status, days)
        });
        server.mounts.push((format!("m{mount:02}"), rows.collect()));
    }
    let mut tui = Harness::new(server, Settings::default());
    let asked = |tui: &mut Harness| std::mem::take(&mut tui.server.pages_asked).len();
    let first = asked(&mut tui);
    assert!(first <= 20 * 3, "{first} requests for the first screen");
    tui.press("j j j j k k j j");
    assert_eq!(asked(&mut tui), 0, "moving among what is here asks nothing");
    tui.press("pagedown pagedown");
    let scrolled = asked(&mut tui);
    assert!(scrolled <= 20, "{scrolled} requests for two pages");
    tui.press("/").type_in("mount:m07 h77").wait(1);
    let filtered = std::mem::take(&mut tui.server.pages_asked);
    assert!(filtered.len() <= 20 * 2, "{} for a filter", filtered.len());
    let others = filtered.iter().filter(|page| &*page.mount != "m07");
    assert_eq!(others.count(), 0, "the other mounts are left alone");
    assert!(
        filtered
            .iter()
            .all(|page| page.query.q.as_deref() == Some("h77"))
    );
}

#[test]
fn scrolling_brings_more_and_never_reorders_what_was_seen() {
    let mut tui = Harness::new(many(20_000), Settings::default());
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..60 {
        let now = names(&tui);
        assert!(now.starts_with(&seen), "rows moved while scrolling");
        seen = now;
        tui.press("pagedown pagedown");
    }
    assert!(tui.model.table.index > 1000);
}

#[test]
fn the_server_filters_where_it_can() {
    let mut tui = Harness::new(many(20_000), Settings::default());
    tui.press("/").type_in("h4999.m3").wait(1);
    assert_eq!(names(&tui), ["h4999.m3.example.net"]);
    let last = tui.server.pages_asked.last().unwrap();
    assert_eq!(last.query.q.as_deref(), Some("h4999.m3"));
    assert!(tui.model.store.loaded() < 100);
    tui.press("esc").wait(1);
    assert!(tui.sees("of 20,000"));
}

#[test]
fn a_filter_on_a_mount_asks_no_other() {
    let mut tui = Harness::new(many(2_000), Settings::default());
    tui.press("/").type_in("mount:m2").wait(1);
    assert_eq!(names(&tui).len(), 500);
    assert!(names(&tui).iter().all(|name| name.contains(".m2.")));
}

#[test]
fn the_end_of_the_list_is_its_last_row_also_when_it_is_not_here_yet() {
    let mut tui = Harness::new(many(8_000), Settings::default());
    assert!(!tui.model.store.complete());
    tui.press("G");
    assert!(tui.model.store.complete());
    assert_eq!(tui.model.table.index, 7_999);
    tui.press("g");
    assert_eq!(tui.model.table.index, 0);
}

#[test]
fn marking_all_loads_all_first() {
    let mut tui = Harness::new(many(8_000), Settings::default());
    tui.press("a");
    assert_eq!(tui.model.marks.len(), 8_000);
}

#[test]
fn an_answer_that_comes_too_late_is_dropped() {
    let mut tui = Harness::estate();
    tui.press("ctrl-l");
    let before = names(&tui);
    let answer = svpki_types::api::InventoryResponse {
        certificates: vec![row(1, "stale.example.com", Status::Expiring, 1)],
        ..Default::default()
    };
    tui.send(Msg::Page {
        mount: "sectigo".into(),
        generation: 0,
        answer: Ok(answer.into()),
    });
    assert_eq!(names(&tui), before);
}
