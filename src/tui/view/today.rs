//! The Today page: everything that needs somebody now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::widgets::LineBuilder;
use crate::tui::layout;
use crate::tui::model::today::{Entry, Line, Section, entries};
use crate::tui::model::{Connection, Model};
use crate::tui::text;
use crate::tui::theme::Tone;
use crate::tui::time;

pub(super) fn draw(model: &Model, buffer: &mut Buffer) {
    let theme = model.theme();
    let (summary, area) = layout::today(model);
    let counts = LineBuilder::new(theme)
        .add(Tone::Plain, overview(model))
        .line();
    buffer.set_line(
        summary.x + 1,
        summary.y,
        &counts,
        summary.width.saturating_sub(2),
    );
    let entries = entries(&model.today, usize::from(area.height));
    // The reasons get the width that the names do not need.
    let names = model.today.lines.iter().map(|line| text::width(&line.name));
    let most = (usize::from(area.width) / 3).clamp(20, 44);
    let name = names.max().unwrap_or(0).clamp(20, most);
    let mut choice = 0;
    for (y, entry) in (area.y..area.bottom()).zip(entries) {
        let room = Rect {
            y,
            height: 1,
            ..area
        };
        let chosen = entry.can_be_chosen() && choice == model.today.index;
        choice += usize::from(entry.can_be_chosen());
        match entry {
            Entry::Blank => {}
            Entry::Quiet => {
                let line = LineBuilder::new(theme)
                    .add(Tone::Plain, quiet(model))
                    .line();
                buffer.set_line(area.x + 1, y, &line, area.width.saturating_sub(2));
            }
            Entry::Heading(section, count) => {
                let line = LineBuilder::new(theme)
                    .add(Tone::Title, section.title())
                    .add(Tone::Plain, format!("  {}", text::count(count as u64)))
                    .line();
                buffer.set_line(area.x + 1, y, &line, area.width.saturating_sub(2));
            }
            Entry::Line(line) => one(model, buffer, room, line, name),
            Entry::More(section, count) => {
                let words = format!(
                    "  {} more: {}",
                    text::count(count as u64),
                    where_all(section)
                );
                buffer.set_string(area.x + 1, y, words, theme.style(Tone::Plain));
            }
        }
        if chosen {
            buffer.set_style(room, theme.style(Tone::Selected));
        }
    }
}

fn where_all(section: Section) -> &'static str {
    match section {
        Section::Ending | Section::Failed => "Enter lists the certificates",
        Section::Waiting => "Enter opens Orders",
        Section::Trouble => "Enter opens Health",
        Section::Changed => "Enter lists the certificates, newest first",
    }
}

/// Totals, so that an empty list is not mistaken for missing data.
fn overview(model: &Model) -> String {
    let weeks = model.store.summary().expiry_weeks;
    let within = |n: usize| text::count(weeks.iter().take(n).sum());
    let mounts = model.store.mounts.len();
    if mounts == 0 {
        return String::new();
    }
    format!(
        "{} in {}; in use and expiring within 7 days: {}, 5 weeks: {}; open orders: {}",
        text::plural(
            usize::try_from(model.certificates()).unwrap_or(usize::MAX),
            "certificate"
        ),
        text::plural(mounts, "mount"),
        within(1),
        within(5),
        model.orders.open(),
    )
}

fn quiet(model: &Model) -> String {
    let ellipsis = model.theme().ellipsis();
    match &model.connection {
        Connection::Starting => format!("Asking {}{ellipsis}", model.server_address.address),
        Connection::Lost { .. } => "No data yet: the server does not answer.".to_owned(),
        Connection::Up if model.store.mounts.is_empty() => super::certificates::no_mount().to_owned(),
        Connection::Up if !model.today.is_complete(model.store.mounts.len()) || !model.orders.answered => {
            format!("Loading{ellipsis}")
        }
        Connection::Up if !model.today.filter().is_empty() => {
            "No line that needs you fits the filter. Esc clears it.".to_owned()
        }
        Connection::Up => {
            "Nothing needs you: nothing ends this week without a renewal, nothing failed, nothing waits.".to_owned()
        }
    }
}

fn one(model: &Model, buffer: &mut Buffer, area: Rect, line: &Line, name: usize) {
    let theme = model.theme();
    let width = usize::from(area.width);
    let place = if width >= 110 { 22 } else { 0 };
    let why = width.saturating_sub(2 + 2 + name + 1 + 11 + 1 + place + 1);
    let when = match (line.section, line.at) {
        (_, 0) => String::new(),
        (Section::Waiting, at) => format!("for {}", time::span((model.now() - at).max(0))),
        (_, at) => time::relative(at, model.now()),
    };
    let ellipsis = theme.ellipsis();
    let mut words = LineBuilder::new(theme)
        .add(line.tone, format!("{} ", theme.symbol(line.symbol)))
        .add(
            Tone::Plain,
            format!("{} ", text::fit(&line.name, name, ellipsis)),
        )
        .add(line.tone, format!("{} ", text::fit(&when, 11, ellipsis)))
        .add(Tone::Plain, why_and_whose(line, why, ellipsis));
    if place > 0 {
        words = words.add(
            Tone::Plain,
            format!(" {}", text::fit(&line.place(), place, ellipsis)),
        );
    }
    buffer.set_line(
        area.x + 1,
        area.y,
        &words.line(),
        area.width.saturating_sub(2),
    );
}

/// The reason, with the owner or team at the right if there is room.
fn why_and_whose(line: &Line, room: usize, ellipsis: &str) -> String {
    let (why, whose) = (text::clean(&line.why), text::clean(&line.whose));
    match room.checked_sub(text::width(&why) + 2 + text::width(&whose) + 1) {
        Some(spare) if !whose.is_empty() => format!("{why}  {}{whose} ", " ".repeat(spare)),
        _ => text::fit(&why, room, ellipsis),
    }
}
