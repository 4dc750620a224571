//! Pictures of the dashboard for the README: real frames of a live server with the demo data, drawn without a terminal.
//! `make pictures` writes them into `docs`.

mod svg;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use dev_server::server_binary;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use sectigo_vault_pki::cli::demo::{DemoEnvironment, DemoOptions, sample_data};
use sectigo_vault_pki::cli::{Ui, UiOptions};
use sectigo_vault_pki::tui::source::Source;
use sectigo_vault_pki::tui::theme::{Palette, Theme};
use sectigo_vault_pki::tui::update::{start, update};
use sectigo_vault_pki::tui::{Effect, Effects, Model, Msg, Settings, VaultSource, now_ms, view};
use tokio::time::{Instant, timeout};

use svg::{SvgTheme, svg};

/// Name, title, and the keys that lead to the scene.
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
/// When no answer has arrived for this long, all answers have arrived.
const QUIET: Duration = Duration::from_millis(700);
const LONGEST: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes into docs: `make pictures`"]
async fn draw_the_pictures_of_the_readme() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let quiet = Ui::new(UiOptions {
        quiet: true,
        no_input: true,
        ..UiOptions::default()
    });
    let options = DemoOptions {
        server: server_binary().unwrap(),
        plugin: env!("CARGO_BIN_EXE_sectigo-vault-pki").into(),
        mount: vault_client::PLUGIN_NAME.to_owned(),
    };
    let mut stage = DemoEnvironment::set(&quiet, &options).await.unwrap();
    sample_data::fill(&quiet, &mut stage, sample_data::CERTIFICATES)
        .await
        .unwrap();
    let server = stage.engine.server().clone();
    draw(Arc::new(VaultSource::new(server, Vec::new())), &folder).await;
    stage.clear().await.unwrap();
}

/// Draws each scene with a dark and a light theme.
async fn draw(source: Arc<dyn Source>, folder: &Path) {
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
            let address = source.server_address();
            let mut model = Model::new(settings, address, SIZE, now_ms(), "svpki-5d2c41a7");
            let mut effects = Effects::new(Arc::clone(&source));
            settle(&mut model, &mut effects, start()).await;
            for key in keys {
                let wanted = update(&mut model, Msg::Key(KeyEvent::from(*key), now_ms().into()));
                settle(&mut model, &mut effects, wanted).await;
            }
            let file = folder.join(format!("tui-{name}-{look}.svg"));
            std::fs::write(&file, frame(&model, paper, title)).unwrap();
        }
    }
}

async fn settle(model: &mut Model, effects: &mut Effects, wanted: Vec<Effect>) {
    let start = Instant::now();
    wanted.into_iter().for_each(|effect| effects.start(effect));
    while start.elapsed() < LONGEST {
        let Ok(msg) = timeout(QUIET, effects.next()).await else {
            break;
        };
        let wanted = update(model, msg.unwrap());
        wanted.into_iter().for_each(|effect| effects.start(effect));
    }
}

fn frame(model: &Model, paper: SvgTheme, title: &str) -> String {
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
    terminal.draw(|frame| view(model, frame)).unwrap();
    svg(terminal.backend().buffer(), paper, title)
}
