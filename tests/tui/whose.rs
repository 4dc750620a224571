//! Owners and teams of certificates and orders, and names that SCM left out: shown, found and counted.

use sectigo_vault_pki::tui::Settings;
use sectigo_vault_pki::tui::model::Column;

use crate::harness::{FakeServer, Harness, names, row};

/// The first two certificates belong to Anna, the third to the team shop, the fourth to Bo.
fn labelled() -> FakeServer {
    let mut server = FakeServer::estate();
    let rows = &mut server.mounts[0].1;
    for (at, owner, team) in [
        (0, "Anna <anna@example.com>", "shop"),
        (1, "Anna <anna@example.com>", "edge, EU"),
        (2, "", "shop"),
        (3, "bo@example.com", ""),
    ] {
        rows[at].owner = owner.to_owned();
        rows[at].team = team.to_owned();
    }
    rows[3].ticket = "CHG-17".to_owned();
    rows[3].role = Some("web".to_owned());
    rows[3].metadata = [("room".to_owned(), "b 12".to_owned())].into();
    server
}

fn filtered(tui: &mut Harness, line: &str) -> Vec<String> {
    tui.press("/").type_in(line).press("enter").wait(1);
    let found = names(tui);
    tui.press("esc").wait(1);
    found
}

#[test]
fn labels_and_roles_find_their_certificates() {
    let mut tui = Harness::new(labelled(), Settings::default());
    let all = names(&tui).len();
    for (line, found) in [
        ("owner:\"anna <anna@example.com>\"", 2),
        ("owner:*@example.com", 1),
        ("owner:*anna*,bo@example.com", 3),
        ("team:\"edge, eu\"", 1),
        ("team:shop !owner:*", 1),
        ("ticket:chg-*", 1),
        ("metadata.room:\"b 12\"", 1),
        ("role:web", 1),
        ("!role:*", all - 1),
        ("!owner:* !team:*", all - 4),
        ("owner:anna", 0),
    ] {
        assert_eq!(filtered(&mut tui, line).len(), found, "{line}");
    }
}

#[test]
fn labels_are_completed_from_the_rows() {
    let mut tui = Harness::new(labelled(), Settings::default());
    tui.press("/").type_in("ow").press("tab");
    tui.type_in("an").press("tab enter").wait(1);
    assert_eq!(
        tui.model.filter.field.text(),
        "owner:\"Anna <anna@example.com>\" "
    );
    assert_eq!(names(&tui).len(), 2);
    tui.press("esc /")
        .type_in("meta")
        .press("tab tab tab enter");
    assert_eq!(tui.model.filter.field.text(), "metadata.room:\"b 12\" ");
    tui.press("esc /").type_in("team:");
    assert!(tui.sees("\"edge, EU\"") && tui.sees("shop"));
    tui.press("esc /").type_in("role:").press("tab");
    assert_eq!(tui.model.filter.field.text(), "role:web ");
}

#[test]
fn the_owner_stands_in_the_table_where_there_is_room_and_one_is_known() {
    let mut tui = Harness::new(labelled(), Settings::default());
    tui.resize(120, 40);
    assert!(
        tui.sees("OWNER") && tui.sees("Anna <anna@") && tui.sees("RENEWS"),
        "{}",
        tui.text()
    );
    tui.resize(80, 24);
    assert!(tui.sees("RENEWS") && !tui.sees("OWNER"));
    // If the user removes the column, it is not added again.
    tui.model.columns.retain(|column| *column != Column::Owner);
    tui.press("ctrl-r").wait(20);
    assert!(!tui.model.columns.contains(&Column::Owner));

    let mut server = labelled();
    for row in &mut server.mounts[0].1 {
        row.owner.clear();
    }
    let tui = Harness::new(server, Settings::default());
    assert!(tui.model.columns.contains(&Column::Team));
    let tui = Harness::estate();
    assert!(!tui.model.columns.contains(&Column::Owner));
    let mut settings = Settings::default();
    settings.start.columns = vec![Column::Status, Column::Name];
    let tui = Harness::new(labelled(), settings);
    assert_eq!(tui.model.columns, [Column::Status, Column::Name]);
}

#[test]
fn certificates_are_counted_by_owner_and_those_without_one_are_listed() {
    let mut tui = Harness::new(labelled(), Settings::default());
    let all = names(&tui).len();
    tui.press(":").type_in("group owner").press("enter");
    assert!(tui.sees("By owner") && tui.sees("none"), "{}", tui.text());
    // Groups with failed renewals come first: here Anna's.
    tui.press("enter").wait(1);
    assert_eq!(names(&tui).len(), 2);
    tui.press("esc :").type_in("group team").press("enter");
    assert!(tui.sees("By team") && tui.sees("edge, EU"));
    tui.press("enter").wait(1);
    assert_eq!(names(&tui).len(), 1);
    tui.press("esc :").type_in("group owner").press("enter");
    tui.press("j enter").wait(1);
    assert_eq!(tui.model.filter.field.text(), "!owner:*");
    assert_eq!(names(&tui).len(), all - 3);
}

#[test]
fn labels_stand_in_the_details_and_in_an_export() {
    let mut tui = Harness::new(labelled(), Settings::default());
    tui.resize(120, 40);
    tui.press("/").type_in("ticket:*").press("enter enter");
    assert!(
        tui.sees("owner bo@example.com, ticket CHG-17, room=b 12"),
        "{}",
        tui.text()
    );
    tui.press("esc :")
        .type_in("columns common_name,owner,team,ticket,role");
    tui.press("enter e enter").wait(1);
    let (_, content) = &tui.server.exported[0];
    assert!(
        content.starts_with("common_name,owner,team,ticket,role\r\n"),
        "{content}"
    );
    assert!(content.contains(",bo@example.com,,CHG-17,web"), "{content}");
}

#[test]
fn orders_are_found_by_owner_and_say_whose_they_are() {
    let mut server = FakeServer::estate();
    let (first, second) = (&mut server.orders[0].1, 1);
    first.owner = "anna@example.com".to_owned();
    first.ticket = "CHG-17".to_owned();
    server.orders[second].1.team = "shop".to_owned();
    let mut tui = Harness::new(server, Settings::default());
    tui.resize(120, 40).press("3");
    assert!(
        tui.sees("OWNER") && tui.sees("anna@exampl") && tui.sees("shop"),
        "{}",
        tui.text()
    );
    for (words, found) in [
        ("owner:anna*", vec!["new.example.com"]),
        ("team:shop", vec!["dcv.example.com"]),
        ("ticket:chg*", vec!["new.example.com"]),
        ("anna", vec!["new.example.com"]),
        ("!owner:anna* state:pending", vec!["dcv.example.com"]),
    ] {
        tui.press("/").type_in(words).press("enter");
        let rows = tui.model.orders.rows.iter();
        let shown: Vec<&str> = rows.map(|row| row.name()).collect();
        assert_eq!(shown, found, "{words}");
        tui.press("esc");
    }
    tui.press("/")
        .type_in("owner:anna@example.com")
        .press("enter");
    assert!(
        tui.sees("owner anna@example.com, ticket CHG-17"),
        "{}",
        tui.text()
    );
    // If no order has an owner, there is no empty column.
    let mut tui = Harness::estate();
    tui.resize(120, 40).press("3");
    assert!(!tui.sees("OWNER"));
}

#[test]
fn today_says_whose_it_is_where_there_is_room() {
    let mut server = labelled();
    server.orders[0].1.team = "careers".to_owned();
    let mut tui = Harness::today(server);
    tui.resize(120, 40);
    let text = tui.text();
    let line = |name: &str| {
        let found = text.lines().find(|line| line.contains(name));
        found.unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
    };
    assert!(line("shop.example.com").contains("Anna <anna@example.com>  sectigo/prod"));
    assert!(line("new.example.com").contains("approval in SCM   "));
    assert!(line("new.example.com").contains("careers  sectigo/prod"));
    // The reason takes precedence over the owner.
    tui.resize(80, 24);
    assert!(tui.sees("automatic renewal is off") && !tui.sees("Anna"));
}

#[test]
fn names_that_scm_left_out_are_shown_and_found() {
    let mut server = FakeServer::estate();
    let row = &mut server.mounts[0].1[3];
    row.missing_names = vec!["api.example.com".to_owned(), "pay.example.com".to_owned()];
    row.not_before = sectigo_vault_pki::tui::time::rfc3339(crate::harness::NOW - 3600);
    let name = row.common_name.clone();
    let mut tui = Harness::today(server);
    tui.resize(120, 40);
    assert!(
        tui.sees("issued: SCM left out api.example.com, p"),
        "{}",
        tui.text()
    );
    tui.press("2");
    for line in ["missing:*", "missing:pay", "missing:api.*"] {
        assert_eq!(filtered(&mut tui, line), [name.as_str()], "{line}");
    }
    assert!(filtered(&mut tui, "missing:www").is_empty());
    tui.press("/").type_in("missing:*").press("enter enter");
    assert!(
        tui.sees("api.example.com pay.example.com: ordered, and left out by SCM"),
        "{}",
        tui.text()
    );
}

/// The filter is the same as on the Certificates page. The number on the tab counts all lines.
#[test]
fn today_is_cut_to_an_owner_or_team() {
    let mut server = labelled();
    server.orders[0].1.team = "careers".to_owned();
    let mut tui = Harness::today(server);
    tui.resize(120, 40);
    let tab = |tui: &Harness| {
        let text = tui.text();
        let (_, rest) = text.split_once(" Today ").unwrap();
        rest.split(' ').next().unwrap().to_owned()
    };
    let all = tab(&tui);
    let lines = tui.model.today.lines.len();
    tui.press("/").type_in("team:careers");
    assert!(
        tui.sees("new.example.com") && !tui.sees("shop.example.com"),
        "{}",
        tui.text()
    );
    assert!(tui.sees("Waits for you  1"), "{}", tui.text());
    tui.press("enter");
    assert_eq!((tui.model.today.lines.len(), tab(&tui)), (1, all));
    assert!(tui.sees("/team:careers: 1 shown"), "{}", tui.text());
    // Lines that are read again are filtered as well, and a filter with a mistake cannot be confirmed.
    tui.wait(30);
    assert_eq!(tui.model.today.lines.len(), 1);
    tui.press("/").type_in(" exp<30").press("enter");
    assert!(tui.model.prompt.is_some() && tui.sees("is not a duration"));
    tui.press("esc esc");
    assert_eq!(tui.model.today.lines.len(), lines);
    assert_eq!(tui.model.page, sectigo_vault_pki::tui::model::Page::Today);
    // Lines about certificates can be filtered by expiry and by all labels.
    tui.press("/").type_in("owner:anna* exp<7d").press("enter");
    assert!(tui.sees("shop.example.com") && !tui.sees("new.example.com"));
    tui.press("/").type_in(" nowhere").press("enter");
    assert!(
        tui.sees("No line that needs you fits the filter"),
        "{}",
        tui.text()
    );
}

/// The line for the remaining certificates keeps the filter for the owner.
#[test]
fn more_of_an_owner_are_the_certificates_of_the_owner() {
    let mut server = labelled();
    for n in 0..60 {
        let name = format!("late-{n}.example.com");
        let mut one = row(200 + n, &name, svpki_types::Status::Expiring, 2);
        one.renew_at = None;
        one.owner = if n < 50 { "zoe" } else { "yan" }.to_owned();
        server.mounts[0].1.push(one);
    }
    let mut tui = Harness::today(server);
    tui.press("/").type_in("owner:zoe").press("enter");
    assert!(
        tui.sees("Expires within 7 days and will not renew  50"),
        "{}",
        tui.text()
    );
    tui.press("G enter").wait(1);
    assert_eq!(names(&tui).len(), 50, "{}", tui.text());
}
