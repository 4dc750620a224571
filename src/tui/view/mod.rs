//! Draws the model. Nothing here changes anything, waits or knows where the data came from.

mod certificates;
mod chart;
mod detail;
mod dialogs;
mod footer;
mod forecast;
mod header;
mod health;
mod help;
mod orders;
mod prompt;
mod today;
mod widgets;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::layout;
use super::model::{Model, Page};
use super::theme::{Theme, Tone};

pub use certificates::column_at;
pub use chart::week_at;
pub use header::{clock, tab_at};

/// Draws the whole screen.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let theme = model.theme();
    frame.buffer_mut().set_style(area, theme.style(Tone::Plain));
    // The terminal has a new size that the model does not know yet. The resize event is on its way, and the next frame
    // has the new size.
    if (area.width, area.height) != model.size {
        return;
    }
    if layout::too_small((area.width, area.height)) {
        too_small(frame.buffer_mut(), area, theme);
    } else {
        pages(model, frame);
    }
    if theme.ascii {
        only_ascii(frame.buffer_mut());
    }
}

fn pages(model: &Model, frame: &mut Frame<'_>) {
    header::draw(model, frame.buffer_mut());
    footer::draw(model, frame.buffer_mut());
    if model.detail.is_some() {
        text_page(model, frame.buffer_mut());
    } else {
        match model.page {
            Page::Certificates => {
                if let Some(cursor) = certificates::draw(model, frame.buffer_mut()) {
                    frame.set_cursor_position(cursor);
                }
            }
            Page::Today => today::draw(model, frame.buffer_mut()),
            Page::Orders => orders::draw(model, frame.buffer_mut()),
            Page::Forecast => forecast::draw(model, frame.buffer_mut()),
            Page::Health | Page::Help => text_page(model, frame.buffer_mut()),
        }
    }
    if let Some(prompt) = model.prompt.as_ref().filter(|_| model.dialog.is_none()) {
        let cursor = prompt::draw(model, prompt, frame.buffer_mut());
        frame.set_cursor_position(cursor);
    }
    if let Some(dialog) = &model.dialog
        && let Some(cursor) = dialogs::draw(model, dialog, frame.buffer_mut())
    {
        frame.set_cursor_position(cursor);
    }
}

/// The number of lines of a page that has only text; 0 for other pages.
pub fn text_lines(model: &Model) -> usize {
    text_of(model).len()
}

fn text_of(model: &Model) -> Vec<Line<'static>> {
    let width = usize::from(layout::frame(model).body.width.saturating_sub(3));
    match (&model.detail, model.page) {
        (Some(detail), _) => detail::lines(model, detail, width),
        (None, Page::Health) => health::lines(model, width),
        (None, Page::Help) => help::lines(model, width),
        _ => Vec::new(),
    }
}

fn text_page(model: &Model, buffer: &mut Buffer) {
    let body = layout::frame(model).body;
    let lines = text_of(model);
    let scroll = model
        .detail
        .as_ref()
        .map_or(model.scroll, |detail| detail.scroll);
    let count = lines.len();
    for (y, line) in (body.y..body.bottom()).zip(lines.iter().skip(scroll)) {
        buffer.set_line(body.x + 1, y, line, body.width.saturating_sub(3));
    }
    widgets::scrollbar(buffer, body, scroll, count, model.theme());
}

fn too_small(buffer: &mut Buffer, area: Rect, theme: Theme) {
    let (columns, rows) = layout::LEAST;
    let lines = [
        format!("{}x{} is too small", area.width, area.height),
        format!("svpki needs {columns}x{rows}"),
        "q quits".to_owned(),
    ];
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        buffer.set_stringn(
            area.x,
            y,
            line,
            usize::from(area.width),
            theme.style(Tone::Warning),
        );
    }
}

/// Replaces everything but ASCII at the end, because the name of a certificate may hold any character.
fn only_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let filler = if cell.symbol().width() > 1 { "??" } else { "?" };
            cell.set_symbol(filler);
        }
    }
}
