//! Lists to choose from: columns, groups and earlier jobs.

use ratatui::buffer::Buffer;

use super::WIDTH;
use crate::tui::model::groups::Groups;
use crate::tui::model::{Column, Job, Model};
use crate::tui::text;
use crate::tui::theme::Tone;
use crate::tui::time;
use crate::tui::view::{certificates, widgets};

pub(super) fn columns_box(model: &Model, index: usize, buffer: &mut Buffer) {
    let theme = model.theme();
    let inside = widgets::window(buffer, theme, "Columns", 40, Column::ALL.len() as u16);
    let height = usize::from(inside.height).max(1);
    let first = (index + 1).saturating_sub(height);
    let beyond = certificates::columns_beyond(model);
    for (y, (at, column)) in
        (inside.y..inside.bottom()).zip(Column::ALL.iter().enumerate().skip(first))
    {
        let room = if beyond.contains(column) {
            "  (no room)"
        } else {
            ""
        };
        let place = model.columns.iter().position(|c| c == column);
        let words = match place {
            Some(place) => {
                let (mark, title) = (theme.mark(), column.title());
                format!("{mark} {:>2}  {title}{room}", place + 1)
            }
            None => format!("      {}", column.title()),
        };
        let words = text::fit(&words, usize::from(inside.width), theme.ellipsis());
        let tone = if at == index {
            Tone::Selected
        } else {
            Tone::Plain
        };
        buffer.set_string(inside.x, y, words, theme.style(tone));
    }
}

pub(super) fn groups_box(model: &Model, groups: &Groups, buffer: &mut Buffer) {
    let theme = model.theme();
    let more = if model.store.complete() {
        ""
    } else {
        " (loading)"
    };
    let title = format!("By {}{more}", groups.by.word());
    let inside = widgets::window(buffer, theme, &title, WIDTH, groups.rows.len() as u16 + 1);
    let wide = usize::from(inside.width);
    let name = wide.saturating_sub(3 * 11);
    let line = |cells: [&str; 4]| {
        let name = text::fit(cells[0], name, theme.ellipsis());
        format!("{name}{:>11}{:>11}{:>11}", cells[1], cells[2], cells[3])
    };
    let head = line(["", "rows", "expiring", "failed"]);
    buffer.set_string(inside.x, inside.y, head, theme.style(Tone::Title));
    let height = usize::from(inside.height).saturating_sub(1).max(1);
    let first = (groups.index + 1).saturating_sub(height);
    let shown = groups.rows.iter().enumerate().skip(first);
    for (y, (at, group)) in (inside.y + 1..inside.bottom()).zip(shown) {
        let count = |n: usize| text::count(n as u64);
        let (all, expiring, failed) = (
            count(group.count),
            count(group.expiring),
            count(group.failed),
        );
        let tone = match (at == groups.index, group.failed) {
            (true, _) => Tone::Selected,
            (false, 0) => Tone::Plain,
            (false, _) => Tone::Bad,
        };
        let name = if group.name.is_empty() {
            "none"
        } else {
            &group.name
        };
        let words = line([name, &all, &expiring, &failed]);
        buffer.set_stringn(inside.x, y, words, wide, theme.style(tone));
    }
}

/// The list of all jobs of this run, the newest first.
pub(super) fn history_box(model: &Model, index: usize, buffer: &mut Buffer) {
    let theme = model.theme();
    let jobs: Vec<&Job> = model.jobs().collect();
    let inside = widgets::window(buffer, theme, "Done here", WIDTH, jobs.len().max(1) as u16);
    let wide = usize::from(inside.width);
    if jobs.is_empty() {
        let words = text::cut("Nothing was done here yet.", wide, theme.ellipsis());
        buffer.set_string(inside.x, inside.y, words, theme.style(Tone::Plain));
    }
    let first = (index + 1).saturating_sub(usize::from(inside.height).max(1));
    let shown = jobs.iter().enumerate().skip(first);
    for (y, (at, job)) in (inside.y..inside.bottom()).zip(shown) {
        let when = time::relative(job.started.div_euclid(1000), model.now());
        let words = match &job.items[..] {
            [one] => format!("{} {}: {}", job.verb.word(), one.target.name, job.summary()),
            _ => format!("{}: {}", job.verb.word(), job.summary()),
        };
        let words = text::fit(&format!("{when:<14} {words}"), wide, theme.ellipsis());
        let tone = match (at == index, job.failed()) {
            (true, _) => Tone::Selected,
            (false, 0) => Tone::Plain,
            (false, _) => Tone::Bad,
        };
        buffer.set_string(inside.x, y, words, theme.style(tone));
    }
}
