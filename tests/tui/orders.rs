//! The Orders page.

use crate::harness::{FakeServer, Harness, domain};

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
fn an_uncertain_order_says_what_to_do() {
    let mut tui = Harness::estate();
    tui.press("3");
    assert!(tui.sees("do not order again"), "{}", tui.text());
}

#[test]
fn the_command_that_gives_an_uncertain_order_up_can_be_run_as_it_stands() {
    let mut tui = Harness::estate();
    tui.resize(200, 50).press("3");
    let line = "svpki orders cancel prod o-000001 --mount sectigo --force";
    assert!(tui.sees(line), "{}", tui.text());
}
