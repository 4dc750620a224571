//! The line being typed at the foot of the page, and the hints above it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};

use super::widgets;
use crate::tui::layout;
use crate::tui::model::{Model, Prompt, PromptKind};
use crate::tui::text;
use crate::tui::theme::Tone;

/// The number of hints shown at the same time.
const MOST: usize = 8;

/// Draws the line; returns the cursor position.
pub(super) fn draw(model: &Model, prompt: &Prompt, buffer: &mut Buffer) -> Position {
    let theme = model.theme();
    let line = layout::frame(model).notice;
    Clear.render(line, buffer);
    buffer.set_style(line, theme.style(Tone::Plain));
    let sign = match prompt.kind {
        PromptKind::Command => ":",
        PromptKind::Orders | PromptKind::Today | PromptKind::Help => "/",
    };
    buffer.set_string(line.x + 1, line.y, sign, theme.style(Tone::Key));
    let room = Rect {
        x: line.x + 3,
        width: line.width.saturating_sub(4),
        ..line
    };
    let x = widgets::text_input(buffer, room, &prompt.field, theme.style(Tone::Plain), false);
    if let Some(error) = &prompt.error {
        let end = room.x + text::width(prompt.field.text()) as u16 + 2;
        let space = usize::from(room.right().saturating_sub(end));
        let words = text::cut(error, space, theme.ellipsis());
        buffer.set_string(end.min(room.right()), line.y, words, theme.style(Tone::Bad));
    }
    hints(model, prompt, buffer, room);
    Position::new(x.min(room.right()), line.y)
}

fn hints(model: &Model, prompt: &Prompt, buffer: &mut Buffer, line: Rect) {
    let theme = model.theme();
    let first = (prompt.chosen + 1).saturating_sub(MOST);
    let all = prompt.hints.iter().enumerate();
    let shown: Vec<_> = all.skip(first).take(MOST).collect();
    let word = shown.iter().map(|(_, hint)| text::width(&hint.word)).max();
    let Some(word) = word else { return };
    let meaning = shown.iter().map(|(_, hint)| text::width(&hint.meaning));
    let wide = (word + meaning.max().unwrap_or(0) + 4).min(usize::from(line.width));
    let top = line.y.saturating_sub(shown.len() as u16);
    for (y, (at, hint)) in (top..line.y).zip(shown) {
        let row = Rect::new(line.x, y, wide as u16, 1).intersection(buffer.area);
        Clear.render(row, buffer);
        let words = format!(" {}  {}", text::fit(&hint.word, word, ""), hint.meaning);
        let tone = if at == prompt.chosen {
            Tone::Selected
        } else {
            Tone::Popup
        };
        let words = text::fit(&words, wide, theme.ellipsis());
        buffer.set_string(row.x, y, words, theme.style(tone));
    }
}
