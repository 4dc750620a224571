//! The dialog boxes over a page.

mod confirm;
mod forms;
mod lists;
mod progress;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use crate::tui::model::{Dialog, Model};

const WIDTH: u16 = 76;
/// Draws the dialog; returns the cursor position if text is typed in it.
pub(super) fn draw(model: &Model, dialog: &Dialog, buffer: &mut Buffer) -> Option<Position> {
    match dialog {
        Dialog::Ask(ask) => {
            confirm::ask_box(model, ask, buffer);
            None
        }
        Dialog::Typed(form) => confirm::typed_box(model, form, buffer),
        Dialog::Columns { index } => {
            lists::columns_box(model, *index, buffer);
            None
        }
        Dialog::Groups(groups) => {
            lists::groups_box(model, groups, buffer);
            None
        }
        Dialog::History { index } => {
            lists::history_box(model, *index, buffer);
            None
        }
        Dialog::Enroll(form) => Some(forms::enroll_box(model, form, buffer)),
        Dialog::Export(form) => forms::export_box(model, form, buffer),
        Dialog::Progress => {
            if let Some(job) = &model.job {
                progress::progress_box(model, job, buffer);
            }
            None
        }
        Dialog::Token { field, error, busy } => {
            forms::token_box(model, field, error.as_ref(), *busy, buffer)
        }
    }
}

fn put(buffer: &mut Buffer, inside: Rect, lines: &[Line<'static>]) {
    for (y, line) in (inside.y..inside.bottom()).zip(lines) {
        buffer.set_line(inside.x, y, line, inside.width);
    }
}

fn inner_width(buffer: &Buffer) -> usize {
    usize::from(
        WIDTH
            .min(buffer.area.width.saturating_sub(2))
            .saturating_sub(4),
    )
}
