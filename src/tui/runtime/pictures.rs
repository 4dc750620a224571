//! Pictures of the dashboard on a live server, taken from real frames without a terminal.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::time::{Instant, timeout};

use super::effects::Effects;
use super::{TuiError, now_ms};
use crate::tui::model::{Model, Settings};
use crate::tui::source::Source;
use crate::tui::svg::{SvgTheme, svg};
use crate::tui::theme::{Palette, Theme};
use crate::tui::update::{self, Effect, Msg, update};
use crate::tui::view::view;

/// Name, what it shows, and the keys that lead there.
const SCENES: [(&str, &str, &[KeyCode]); 6] = [
    ("today", "svpki tui: what needs you now", &[]),
    (
        "certificates",
        "svpki tui: certificates of all mounts",
        &[KeyCode::Char('2')],
    ),
    (
        "detail",
        "svpki tui: everything about one certificate",
        &[KeyCode::Char('2'), KeyCode::Enter],
    ),
    (
        "revoke",
        "svpki tui: revoking needs the name or ID typed",
        &[KeyCode::Char('2'), KeyCode::Char('R')],
    ),
    (
        "orders",
        "svpki tui: what each order waits for",
        &[KeyCode::Char('3')],
    ),
    (
        "forecast",
        "svpki tui: the weeks to come",
        &[KeyCode::Char('5')],
    ),
];

const SIZE: (u16, u16) = (118, 34);
/// Without an answer for so long, all has been said.
const QUIET: Duration = Duration::from_millis(700);
const LONGEST: Duration = Duration::from_secs(30);

/// Writes each scene in dark and light into the folder; gives the files.
pub async fn pictures(source: Arc<dyn Source>, folder: &Path) -> Result<Vec<PathBuf>, TuiError> {
    let mut files = Vec::new();
    for (palette, paper, look) in [
        (Palette::Dark, SvgTheme::Dark, "dark"),
        (Palette::Light, SvgTheme::Light, "light"),
    ] {
        for (name, title, keys) in SCENES {
            let settings = Settings {
                theme: Theme {
                    palette,
                    ascii: false,
                },
                ..Settings::default()
            };
            let mut model = Model::new(
                settings,
                source.server_address(),
                SIZE,
                now_ms(),
                "svpki-5d2c41a7",
            );
            let mut effects = Effects::new(Arc::clone(&source));
            settle(&mut model, &mut effects, update::start()).await?;
            for key in keys {
                let wanted = update(&mut model, Msg::Key(KeyEvent::from(*key), now_ms().into()));
                settle(&mut model, &mut effects, wanted).await?;
            }
            let file = folder.join(format!("tui-{name}-{look}.svg"));
            std::fs::write(&file, frame(&model, paper, title))?;
            files.push(file);
        }
    }
    Ok(files)
}

async fn settle(
    model: &mut Model,
    effects: &mut Effects,
    wanted: Vec<Effect>,
) -> Result<(), TuiError> {
    let start = Instant::now();
    wanted.into_iter().for_each(|effect| effects.start(effect));
    while start.elapsed() < LONGEST {
        let Ok(msg) = timeout(QUIET, effects.next()).await else {
            break;
        };
        update(model, msg?)
            .into_iter()
            .for_each(|effect| effects.start(effect));
    }
    Ok(())
}

fn frame(model: &Model, paper: SvgTheme, title: &str) -> String {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(SIZE.0, SIZE.1));
    let Ok(_) = terminal.draw(|frame| view(model, frame));
    svg(terminal.backend().buffer(), paper, title)
}
