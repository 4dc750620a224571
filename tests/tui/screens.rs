//! Pictures of every page and every dialog, in three sizes, in ASCII and without colours.

use sectigo_vault_pki::tui::Settings;
use sectigo_vault_pki::tui::source::{SourceError, Verb};
use sectigo_vault_pki::tui::theme::{Palette, Theme};

use crate::harness::{FakeServer, Harness, text_of};

macro_rules! screen {
    ($name:ident, $tui:expr) => {
        #[test]
        fn $name() {
            let mut tui: Harness = $tui;
            insta::assert_snapshot!(stringify!($name), tui.album());
        }
    };
}

fn estate(keys: &str) -> Harness {
    let mut tui = Harness::estate();
    tui.press(keys);
    tui
}

fn filter(text: &str) -> Harness {
    let mut tui = estate("/");
    tui.type_in(text).wait(1);
    tui
}

screen!(today, Harness::today(FakeServer::estate()));
screen!(certificates, Harness::estate());
screen!(certificates_marked, estate("space space j space S"));
screen!(certificates_other_columns, estate("l l l"));
screen!(
    starting,
    Harness::without_answers(FakeServer::estate(), Settings::default())
);
screen!(
    no_mount,
    Harness::new(FakeServer::empty(), Settings::default())
);
screen!(filter_completion, filter("cn:shop st"));
screen!(filter_error, filter("cn:shop statsu:issued"));
screen!(filter_refused, {
    let mut tui = filter("exp<30");
    tui.press("enter");
    tui
});
screen!(filter_nothing_fits, {
    let mut tui = filter("nowhere");
    tui.press("enter");
    tui
});
screen!(orders, estate("tab j"));
screen!(health, estate("tab tab"));
screen!(help, estate("?"));
screen!(detail, estate("enter"));
screen!(detail_scrolled, estate("j enter G"));
screen!(renew_one, estate("r"));
screen!(renew_many, estate("a r"));
screen!(revoke_one, estate("R"));
screen!(revoke_one_confirmed, {
    let mut tui = estate("R");
    tui.type_in("770001_acme")
        .press("tab")
        .type_in("sold")
        .press("tab right");
    tui
});
screen!(revoke_many, estate("space space space R"));
screen!(replace, estate("p"));
screen!(fetch, estate("f"));
screen!(ask_again, estate("tab f"));
screen!(cancel_order, estate("tab x"));
screen!(groups, estate("b"));
screen!(columns, estate("c j j j"));
screen!(export, estate("e tab"));
screen!(results, {
    let mut tui = Harness::estate();
    tui.server.refuses.push("770002_acme".to_owned());
    tui.press("space space space r").type_in("3").press("enter");
    tui
});
screen!(read_only, {
    let settings = Settings {
        read_only: true,
        ..Settings::default()
    };
    let mut tui = Harness::new(FakeServer::estate(), settings);
    tui.press("R");
    tui
});
screen!(denied, {
    let mut tui = Harness::estate();
    tui.server.denied = vec![Verb::Revoke, Verb::Replace];
    tui.model.allowed.clear();
    tui.press("j R enter");
    tui
});
screen!(server_lost, {
    let mut tui = Harness::estate();
    tui.server.down = Some(SourceError::Unreachable("connection refused".to_owned()));
    tui.wait(60);
    tui
});
screen!(server_sealed, {
    let mut tui = Harness::estate();
    tui.server.down = Some(SourceError::Sealed);
    tui.wait(20);
    tui
});
screen!(token_expired, {
    let mut tui = Harness::estate();
    tui.server.down = Some(SourceError::TokenExpired);
    tui.wait(20).type_in("secret");
    tui
});

#[test]
fn each_theme_has_its_colours_and_words() {
    let mut looks = Vec::new();
    for palette in [
        Palette::Neutral,
        Palette::Dark,
        Palette::Light,
        Palette::HighContrast,
        Palette::Mono,
    ] {
        let theme = Theme {
            palette,
            ascii: false,
        };
        let tui = Harness::new(
            FakeServer::estate(),
            Settings {
                theme,
                ..Settings::default()
            },
        );
        let buffer = tui.draw();
        assert!(tui.sees("▲ expiring") && tui.sees("● issued"));
        looks.push(
            buffer
                .content
                .iter()
                .map(|cell| (cell.fg, cell.bg, cell.modifier))
                .collect::<Vec<_>>(),
        );
    }
    for (at, look) in looks.iter().enumerate() {
        assert!(looks[..at].iter().all(|other| other != look));
    }
}

#[test]
fn the_smallest_terminals() {
    let mut tui = Harness::estate();
    insta::assert_snapshot!("smallest", tui.resize(60, 15).text());
    insta::assert_snapshot!("too_small", tui.resize(59, 15).text());
    for (columns, lines) in [(1, 1), (0, 0), (3, 2), (60, 14), (500, 200)] {
        tui.resize(columns, lines).text();
    }
}

/// Each frame uses the current size of the terminal, but the model learns of a new size only a moment later.
#[test]
fn a_size_that_the_model_does_not_know_shows_nothing() {
    for keys in ["", "1", "enter", "R", "tab", "tab tab", "?", "/"] {
        let tui = if keys.is_empty() {
            Harness::estate()
        } else {
            estate(keys)
        };
        for size in [(60, 15), (10, 3), (79, 25), (200, 50)] {
            assert_ne!(size, tui.model.size);
            let picture = text_of(&tui.draw_on(size));
            assert_eq!(picture.trim(), "", "after {keys}");
        }
    }
}

#[test]
fn dialogs_fit_the_smallest_terminal() {
    for keys in [
        "1", "r", "R", "p", "f", "c", "e", "a R", "a r", "enter", "?", "tab", "tab tab", "/",
    ] {
        let mut tui = estate(keys);
        tui.resize(60, 15);
        tui.text();
    }
    let mut tui = estate("space space space R");
    insta::assert_snapshot!("smallest_revoke", tui.resize(60, 15).text());
}
