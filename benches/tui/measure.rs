//! What the event loop takes, measured from inside it: the model, the view and the diff of the terminal, with a
//! server that answers from memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

use sectigo_vault_pki::tui::source::Source;
use sectigo_vault_pki::tui::{
    Effects, Model, Msg, SLICE, Settings, TuiError, now_ms, update, view,
};

/// What a run took.
#[derive(Debug, Clone)]
pub struct Figures {
    /// From the start to the first frame with rows in it.
    pub first_rows: Duration,
    /// From a key to the end of the frame that shows it, one for each key, sorted.
    pub keys: Vec<Duration>,
    /// Refreshes of all rows that ended meanwhile.
    pub refreshes: usize,
    /// Rows in memory at the end.
    pub rows: usize,
}

/// Loads everything, then presses a key every `pause` while the rows are read again and again, for `length`.
pub async fn measure(
    source: Arc<dyn Source>,
    size: (u16, u16),
    pause: Duration,
    length: Duration,
) -> Result<Figures, TuiError> {
    let start = Instant::now();
    let mut terminal = Terminal::with_options(
        CrosstermBackend::new(std::io::sink()),
        ratatui::TerminalOptions {
            viewport: ratatui::Viewport::Fixed(ratatui::layout::Rect::new(0, 0, size.0, size.1)),
        },
    )?;
    let settings = Settings {
        refresh: 1,
        ..Settings::default()
    };
    let mut model = Model::new(
        settings,
        source.server_address(),
        size,
        now_ms(),
        "measured",
    );
    let mut effects = Effects::new(source);
    update::start()
        .into_iter()
        .for_each(|effect| effects.start(effect));
    while model.store.is_empty() {
        let msg = effects.next().await?;
        update(&mut model, msg)
            .into_iter()
            .for_each(|effect| effects.start(effect));
    }
    terminal.draw(|frame| view(&model, frame))?;
    let first_rows = start.elapsed();
    // From Today to the certificates, to the end of the list, so that every row is here; and back.
    let to_end = [KeyCode::Char('2'), KeyCode::End, KeyCode::Home];
    let mut figures = Figures {
        first_rows,
        keys: Vec::new(),
        refreshes: 0,
        rows: 0,
    };
    for code in to_end {
        press(&mut model, &mut effects, code);
    }
    while !model.store.complete() {
        let msg = effects.next().await?;
        update(&mut model, msg)
            .into_iter()
            .for_each(|effect| effects.start(effect));
    }
    let moves = [
        KeyCode::Down,
        KeyCode::PageDown,
        KeyCode::Down,
        KeyCode::Char(' '),
        KeyCode::Up,
        KeyCode::PageDown,
    ];
    let mut keys = fingers(pause);
    let begin = Instant::now();
    let mut was_refreshing = false;
    while begin.elapsed() < length {
        tokio::select! {
            biased;
            // The key comes at its time, not when the loop is free for it: the wait is part of the figure.
            Some(pressed) = keys.recv() => {
                let code = moves[figures.keys.len() % moves.len()];
                press(&mut model, &mut effects, code);
                terminal.draw(|frame| view(&model, frame))?;
                figures.keys.push(pressed.elapsed());
            }
            msg = effects.next() => {
                let mut next = Some(msg?);
                let begun = Instant::now();
                while let Some(msg) = next {
                    update(&mut model, msg).into_iter().for_each(|effect| effects.start(effect));
                    next = (begun.elapsed() < SLICE).then(|| effects.ready()).flatten();
                }
                terminal.draw(|frame| view(&model, frame))?;
            }
        }
        if model.now_ms + 250 <= now_ms() {
            update(&mut model, Msg::Tick(now_ms()))
                .into_iter()
                .for_each(|effect| effects.start(effect));
        }
        let refreshing = model.store.refreshing();
        figures.refreshes += usize::from(was_refreshing && !refreshing);
        was_refreshing = refreshing;
    }
    figures.rows = model.store.loaded();
    figures.keys.sort_unstable();
    Ok(figures)
}

/// Tells when a key is pressed, every `pause`: from a thread of its own, as the events of a terminal come.
fn fingers(pause: Duration) -> mpsc::UnboundedReceiver<Instant> {
    let (tell, pressed) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while tell.send(Instant::now()).is_ok() {
            std::thread::sleep(pause);
        }
    });
    pressed
}

fn press(model: &mut Model, effects: &mut Effects, code: KeyCode) {
    update(model, Msg::Key(KeyEvent::from(code), now_ms().into()))
        .into_iter()
        .for_each(|effect| effects.start(effect));
}
