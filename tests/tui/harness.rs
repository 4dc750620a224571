//! Runs a model on a fake server: keys go in, screens come out. There is no terminal, no real server and no clock.

use std::collections::VecDeque;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use sectigo_vault_pki::tui::keys::Chord;
use sectigo_vault_pki::tui::model::Arrival;
use sectigo_vault_pki::tui::source::ServerAddress;
use sectigo_vault_pki::tui::theme::{Palette, Theme};
use sectigo_vault_pki::tui::{Effect, Model, Msg, Settings, update, view};

pub use crate::fake_server::{FakeServer, NOW, domain, row};

/// The model and its fake server.
pub struct Harness {
    pub model: Model,
    pub server: FakeServer,
    /// When the last key was pressed, in milliseconds.
    pressed: i64,
}

impl Harness {
    /// On the Certificates page, after the answers to the first requests.
    pub fn new(server: FakeServer, settings: Settings) -> Self {
        let mut tui = Self::without_answers(server, settings);
        let start = update::start();
        tui.perform(start);
        tui.press("2");
        tui
    }

    /// Before the first answer.
    pub fn without_answers(server: FakeServer, settings: Settings) -> Self {
        let place = ServerAddress {
            address: "https://vault.example.com:8200".to_owned(),
            namespace: "pki/team-a".to_owned(),
        };
        Self {
            model: Model::new(settings, place, (80, 24), NOW * 1000, "svpki-5e55"),
            server,
            pressed: NOW * 1000,
        }
    }

    /// On the Today page.
    pub fn today(server: FakeServer) -> Self {
        let mut tui = Self::new(server, Settings::default());
        tui.press("1");
        tui
    }

    pub fn estate() -> Self {
        Self::new(FakeServer::estate(), Settings::default())
    }

    /// Sends one message and everything that follows from it.
    pub fn send(&mut self, msg: Msg) -> &mut Self {
        let effects = update(&mut self.model, msg);
        self.perform(effects);
        self
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        let mut waiting = VecDeque::from(effects);
        while let Some(effect) = waiting.pop_front() {
            if let Some(msg) = self.server.answer(effect) {
                waiting.extend(update(&mut self.model, msg));
            }
        }
    }

    /// Presses keys, by their names in the settings and separated by spaces.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.key(key_of(key));
        }
        self
    }

    /// Presses one key, late enough after the last one that a person can have read the dialog.
    pub fn key(&mut self, key: KeyEvent) -> &mut Self {
        let at = self.next_press();
        self.send(Msg::Key(key, at.into()))
    }

    pub fn last_press(&self) -> i64 {
        self.pressed
    }

    /// The time of the next key that is pressed by hand.
    pub fn next_press(&mut self) -> i64 {
        self.pressed = self.pressed.max(self.model.now_ms) + 600;
        self.pressed
    }

    /// Keys of a paste that is not bracketed: all arrive at once.
    pub fn burst(&mut self, keys: &str) -> &mut Self {
        let at = self.next_press();
        for c in keys.chars() {
            let code = match c {
                '\n' => KeyCode::Enter,
                c => KeyCode::Char(c),
            };
            let arrival = Arrival { at, alone: false };
            self.send(Msg::Key(KeyEvent::from(code), arrival));
        }
        self
    }

    /// Presses one letter after the other.
    pub fn type_in(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.key(KeyEvent::from(KeyCode::Char(c)));
        }
        self
    }

    pub fn wait(&mut self, seconds: i64) -> &mut Self {
        let until = self.model.now_ms + seconds * 1000;
        while self.model.now_ms < until {
            let next = (self.model.now_ms + 250).min(until);
            self.send(Msg::Tick(next));
        }
        self
    }

    pub fn resize(&mut self, columns: u16, lines: u16) -> &mut Self {
        self.send(Msg::Resize(columns, lines))
    }

    pub fn draw(&self) -> Buffer {
        self.draw_on(self.model.size)
    }

    /// Draws on a terminal of a size that the model does not know yet.
    pub fn draw_on(&self, (columns, lines): (u16, u16)) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
        terminal.draw(|frame| view(&self.model, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    pub fn text(&self) -> String {
        text_of(&self.draw())
    }

    pub fn sees(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// The screen in three sizes and in ASCII, and its styles in the mono theme.
    pub fn album(&mut self) -> String {
        let mut album = String::new();
        for (columns, lines) in [(80, 24), (120, 40), (200, 50)] {
            self.resize(columns, lines);
            album.push_str(&format!("== {columns}x{lines}\n{}", self.text()));
        }
        self.resize(80, 24);
        self.model.settings.theme = Theme {
            palette: Palette::Dark,
            ascii: true,
        };
        let ascii = self.text();
        assert!(
            ascii.is_ascii(),
            "ASCII mode shows something else:\n{ascii}"
        );
        album.push_str(&format!("== 80x24 ascii\n{ascii}"));
        self.model.settings.theme = Theme {
            palette: Palette::Mono,
            ascii: false,
        };
        album.push_str(&format!(
            "== 80x24 mono, what is not plain\n{}",
            styles_of(&self.draw())
        ));
        album
    }
}

/// The key with this name in the settings. An unknown name is a mistake in the script.
pub fn key_of(name: &str) -> KeyEvent {
    // Used in text fields only, so the settings have no name for it.
    if name == "backspace" {
        return KeyEvent::from(KeyCode::Backspace);
    }
    let chord: Chord = name.parse().unwrap_or_else(|why| panic!("{why}"));
    chord.into()
}

pub fn text_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += (unicode_width::UnicodeWidthStr::width(symbol) as u16).max(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Runs of cells with a style. The mono theme must not use any colour.
fn styles_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut runs: Vec<(u16, u16, Modifier)> = Vec::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            assert_eq!(
                (cell.fg, cell.bg),
                (Color::Reset, Color::Reset),
                "colour in mono at {x},{y}"
            );
            match runs.last_mut() {
                Some((_, to, modifier)) if *to + 1 == x && *modifier == cell.modifier => *to = x,
                _ if cell.modifier.is_empty() => {}
                _ => runs.push((x, x, cell.modifier)),
            }
        }
        if !runs.is_empty() {
            let words: Vec<String> = runs
                .iter()
                .map(|(from, to, m)| format!("{from}-{to} {m:?}"))
                .collect();
            text.push_str(&format!("{y}: {}\n", words.join(", ")));
        }
    }
    text
}

/// The names of the rows in the table.
pub fn names(tui: &Harness) -> Vec<String> {
    (0..tui.model.store.len())
        .filter_map(|at| tui.model.store.row(at))
        .map(|(row, _)| row.name().to_owned())
        .collect()
}

/// Types a command and runs it.
pub fn command<'a>(tui: &'a mut Harness, line: &str) -> &'a mut Harness {
    tui.press(":").type_in(line).press("enter")
}
