//! The Forecast page.

use sectigo_vault_pki::tui::model::Page;
use svpki_types::Status;

use crate::harness::{FakeServer, Harness, names, row};

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
fn the_forecast_says_that_there_is_no_mount() {
    let mut tui = Harness::new(FakeServer::empty(), Default::default());
    tui.press("5").wait(1);
    for words in ["no Sectigo mount", "with --mount."] {
        assert!(tui.sees(words), "{words}:\n{}", tui.text());
    }
}
