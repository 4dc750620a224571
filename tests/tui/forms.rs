//! New certificates, and replacements with other names.

use sectigo_vault_pki::tui::source::Verb;

use crate::harness::{FakeServer, Harness, command};

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
fn a_replacement_loses_the_names_that_were_cleared_and_no_others() {
    let form = |tui: &mut Harness| tui.resize(120, 40).press("p").text();
    let sent = |tui: &Harness| -> Option<String> {
        let fields = &tui.server.sent[0].fields;
        let names = fields.iter().find(|(name, _)| *name == "alt_names");
        names.map(|(_, value)| value.clone())
    };
    // Without a list of names the plugin keeps the old ones. The common name alone in the list removes the others.
    let mut tui = Harness::estate();
    form(&mut tui);
    tui.type_in("770001_acme")
        .press("tab")
        .type_in("moved")
        .press("tab ctrl-u enter");
    assert_eq!(sent(&tui).as_deref(), Some("shop.example.com"));
    // A retry sends the same fields.
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
    // If nothing was changed, no names are sent.
    let mut tui = Harness::estate();
    form(&mut tui);
    tui.type_in("770001_acme")
        .press("tab")
        .type_in("moved")
        .press("enter");
    assert_eq!(sent(&tui), None);
    // The names of a marked certificate are known, like those of the selected one.
    let mut tui = Harness::estate();
    let text = form(tui.press("space"));
    assert!(text.contains("alt names: www.shop.example.com"), "{text}");
    // Names that are not known could not be kept, so there is no field for them.
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
