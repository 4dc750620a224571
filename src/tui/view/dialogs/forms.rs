//! Forms: a new certificate, an export file, a token.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::{WIDTH, put};
use crate::tui::model::{EnrollForm, ExportForm, ExportFormat, Model};
use crate::tui::source::SourceError;
use crate::tui::text;
use crate::tui::text_input::TextInput;
use crate::tui::theme::Tone;
use crate::tui::view::widgets::{self, LineBuilder};

pub(super) fn enroll_box(model: &Model, form: &EnrollForm, buffer: &mut Buffer) -> Position {
    const LABEL: u16 = 14;
    let theme = model.theme();
    let lines = EnrollForm::LABELS.len() as u16 + 1;
    let inside = widgets::window(buffer, theme, "Enroll a certificate", WIDTH, lines + 2);
    let label = |buffer: &mut Buffer, line: u16, words: &str, focused: bool| {
        let tone = if focused { Tone::Key } else { Tone::Plain };
        let y = (inside.y + line).min(inside.bottom().saturating_sub(1));
        buffer.set_stringn(inside.x, y, words, usize::from(LABEL), theme.style(tone));
        Rect::new(inside.x + LABEL, y, inside.width.saturating_sub(LABEL), 1)
    };
    let room = label(buffer, 0, "config:", form.focus == 0);
    let place = form.places.get(form.place);
    let place = place.map_or(String::new(), |(mount, config)| format!("{mount}/{config}"));
    let words = format!(
        "{place}  ({})",
        theme.pick("← → choose", "left/right choose")
    );
    let words = text::cut(&words, usize::from(room.width), theme.ellipsis());
    buffer.set_string(room.x, room.y, words, theme.style(Tone::Plain));
    let mut cursor = Position::new(room.x, room.y);
    for (n, (field, words)) in form.fields.iter().zip(EnrollForm::LABELS).enumerate() {
        let focused = form.focus == n + 1;
        let room = label(buffer, n as u16 + 1, &format!("{words}:"), focused);
        let x = widgets::text_input(buffer, room, field, theme.style(Tone::Plain), false);
        if focused {
            cursor = Position::new(x.min(inside.right().saturating_sub(1)), room.y);
        }
    }
    let words = "Enter shows what would be ordered; profile and term may come from the config.";
    let words = text::cut(words, usize::from(inside.width), theme.ellipsis());
    let y = inside.bottom().saturating_sub(1);
    buffer.set_string(inside.x, y, words, theme.style(Tone::Plain));
    cursor
}

pub(super) fn export_box(
    model: &Model,
    form: &ExportForm,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = model.theme();
    let title = match model.marks.len() {
        0 => "Export the rows shown".to_owned(),
        marks => format!(
            "Export the marked rows shown, of {} marked",
            text::count(marks as u64)
        ),
    };
    let inside = widgets::window(buffer, theme, &title, WIDTH, 5);
    let choice = |format, word: &str| {
        let chosen = form.format == format;
        format!(
            "{} {word}   ",
            if chosen {
                theme.pick("●", "(*)")
            } else {
                theme.pick("○", "( )")
            }
        )
    };
    let formats = LineBuilder::new(theme)
        .add(
            Tone::Plain,
            choice(ExportFormat::Csv, "CSV, the columns shown"),
        )
        .add(
            Tone::Plain,
            choice(ExportFormat::Json, "JSON, everything known"),
        )
        .line();
    let state = if form.waiting {
        let loaded = text::count(model.store.loaded() as u64);
        format!(
            "loading the rest first: {loaded} rows here{}",
            theme.ellipsis()
        )
    } else {
        "existing files are kept".to_owned()
    };
    let lines = [
        formats,
        Line::default(),
        LineBuilder::new(theme).add(Tone::Key, "file:").line(),
        Line::default(),
        LineBuilder::new(theme).add(Tone::Faint, state).line(),
    ];
    put(buffer, inside, &lines);
    let room = Rect {
        x: inside.x + 6,
        y: inside.y + 2,
        width: inside.width.saturating_sub(6),
        height: 1,
    };
    let x = widgets::text_input(buffer, room, &form.path, theme.style(Tone::Plain), false);
    Some(Position::new(x, room.y))
}

/// A token that never worked here is not called "expired".
fn token_title(model: &Model) -> &'static str {
    if model.token.is_some() {
        "Token expired or revoked"
    } else {
        "No valid token"
    }
}

pub(super) fn token_box(
    model: &Model,
    field: &TextInput,
    error: Option<&SourceError>,
    busy: bool,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = model.theme();
    let inside = widgets::window(buffer, theme, token_title(model), WIDTH, 5);
    let state = match (busy, error) {
        (true, _) => (Tone::Faint, format!("checking{}", theme.ellipsis())),
        (false, Some(error)) => (Tone::Bad, format!("refused: {error}")),
        (false, None) => (Tone::Faint, "kept in memory only, never shown".to_owned()),
    };
    let lines = [
        LineBuilder::new(theme)
            .add(
                Tone::Plain,
                text::cut(
                    &format!("Enter a token for {}", model.server_address.address),
                    usize::from(inside.width),
                    theme.ellipsis(),
                ),
            )
            .line(),
        Line::default(),
        LineBuilder::new(theme).add(Tone::Key, "token:").line(),
        Line::default(),
        LineBuilder::new(theme)
            .add(
                state.0,
                text::cut(&state.1, usize::from(inside.width), theme.ellipsis()),
            )
            .line(),
    ];
    put(buffer, inside, &lines);
    let room = Rect {
        x: inside.x + 7,
        y: inside.y + 2,
        width: inside.width.saturating_sub(7),
        height: 1,
    };
    let x = widgets::text_input(buffer, room, field, theme.style(Tone::Plain), true);
    Some(Position::new(x, room.y))
}
