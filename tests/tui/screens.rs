//! A picture of every page and every dialog, in three sizes, in ASCII and without colours.

use sectigo_vault_pki::tui::Settings;
use sectigo_vault_pki::tui::source::{SourceError, Verb};
use sectigo_vault_pki::tui::theme::{Palette, Theme};

use crate::stage::{Stage, World, text_of};

macro_rules! screen {
    ($name:ident, $stage:expr) => {
        #[test]
        fn $name() {
            let mut stage: Stage = $stage;
            insta::assert_snapshot!(stringify!($name), stage.album());
        }
    };
}

fn estate(keys: &str) -> Stage {
    let mut stage = Stage::estate();
    stage.press(keys);
    stage
}

fn filter(text: &str) -> Stage {
    let mut stage = estate("/");
    stage.type_in(text).wait(1);
    stage
}

screen!(certificates, Stage::estate());
screen!(certificates_marked, estate("space space j space S"));
screen!(certificates_other_columns, estate("l l l"));
screen!(
    starting,
    Stage::unheard(World::estate(), Settings::default())
);
screen!(no_mount, Stage::new(World::empty(), Settings::default()));
screen!(filter_completion, filter("cn:shop st"));
screen!(filter_error, filter("cn:shop statsu:issued"));
screen!(filter_nothing_fits, {
    let mut stage = filter("nowhere");
    stage.press("enter");
    stage
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
    let mut stage = estate("R");
    stage.type_in("shop.example.com").press("tab tab right");
    stage
});
screen!(revoke_many, estate("space space space R"));
screen!(replace, estate("p"));
screen!(fetch, estate("f"));
screen!(ask_again, estate("tab f"));
screen!(cancel_order, estate("tab x"));
screen!(columns, estate("c j j j"));
screen!(export, estate("e tab"));
screen!(results, {
    let mut stage = Stage::estate();
    stage.world.refuses.push("770002_acme".to_owned());
    stage.press("space space space r enter");
    stage
});
screen!(read_only, {
    let settings = Settings {
        read_only: true,
        ..Settings::default()
    };
    let mut stage = Stage::new(World::estate(), settings);
    stage.press("R");
    stage
});
screen!(denied, {
    let mut stage = Stage::estate();
    stage.world.denied = vec![Verb::Revoke, Verb::Replace];
    stage.model.allowed.clear();
    stage.press("j R enter");
    stage
});
screen!(server_lost, {
    let mut stage = Stage::estate();
    stage.world.down = Some(SourceError::Unreachable("connection refused".to_owned()));
    stage.wait(60);
    stage
});
screen!(server_sealed, {
    let mut stage = Stage::estate();
    stage.world.down = Some(SourceError::Sealed);
    stage.wait(20);
    stage
});
screen!(token_expired, {
    let mut stage = Stage::estate();
    stage.world.down = Some(SourceError::TokenExpired);
    stage.wait(20).type_in("secret");
    stage
});

#[test]
fn each_theme_has_its_colours_and_words() {
    let mut looks = Vec::new();
    for palette in [
        Palette::Dark,
        Palette::Light,
        Palette::HighContrast,
        Palette::Mono,
    ] {
        let theme = Theme {
            palette,
            ascii: false,
        };
        let stage = Stage::new(
            World::estate(),
            Settings {
                theme,
                ..Settings::default()
            },
        );
        let buffer = stage.draw();
        assert!(stage.sees("▲ expiring") && stage.sees("● issued"));
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
    let mut stage = Stage::estate();
    insta::assert_snapshot!("smallest", stage.resize(60, 15).text());
    insta::assert_snapshot!("too_small", stage.resize(59, 15).text());
    for (columns, lines) in [(1, 1), (0, 0), (3, 2), (60, 14), (500, 200)] {
        stage.resize(columns, lines).text();
    }
}

/// The terminal is asked for its size at each frame, and the model hears of a new one a moment later.
#[test]
fn a_size_that_the_model_has_not_heard_of_shows_nothing() {
    for keys in ["", "enter", "R", "tab", "tab tab", "?", "/"] {
        let stage = if keys.is_empty() {
            Stage::estate()
        } else {
            estate(keys)
        };
        for size in [(60, 15), (10, 3), (79, 25), (200, 50)] {
            assert_ne!(size, stage.model.size);
            let picture = text_of(&stage.draw_on(size));
            assert_eq!(picture.trim(), "", "after {keys}");
        }
    }
}

#[test]
fn dialogs_fit_the_smallest_terminal() {
    for keys in [
        "r", "R", "p", "f", "c", "e", "a R", "enter", "?", "tab", "tab tab", "/",
    ] {
        let mut stage = estate(keys);
        stage.resize(60, 15);
        stage.text();
    }
    let mut stage = estate("space space space R");
    insta::assert_snapshot!("smallest_revoke", stage.resize(60, 15).text());
}
