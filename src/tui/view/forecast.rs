//! The Forecast page.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::widgets::{self, LineBuilder};
use crate::forecast::Week;
use crate::tui::layout;
use crate::tui::model::{Connection, Model};
use crate::tui::text;
use crate::tui::theme::Tone;

/// The width of the columns before the bars.
const CELLS: u16 = 61;
const HEADS: [&str; 6] = [
    "WEEK FROM",
    "EXPIRING",
    "RENEWALS",
    "VALIDATIONS",
    "NOT RENEWED",
    "BLOCKED",
];

pub(super) fn draw(model: &Model, buffer: &mut Buffer) {
    let theme = model.theme();
    let (head, rows) = layout::forecast(model);
    let width = usize::from(head.width.saturating_sub(2));
    let weeks = &model.forecast.weeks;
    let lines = if weeks.is_empty() {
        text::wrap(&why_empty(model), width)
    } else {
        vec![text::cut(&summary(model), width, theme.ellipsis())]
    };
    for (y, words) in (head.y..head.bottom()).zip(lines) {
        let line = LineBuilder::new(theme).add(Tone::Plain, words).line();
        buffer.set_line(head.x + 1, y, &line, head.width.saturating_sub(2));
    }
    if weeks.is_empty() {
        return;
    }
    let titles = cells(HEADS.map(str::to_owned));
    buffer.set_stringn(
        head.x + 1,
        head.y + 2,
        titles,
        width,
        theme.style(Tone::Title),
    );
    let most = weeks.iter().map(|week| week.renewals).max().unwrap_or(0);
    let table = &model.forecast.table;
    for (index, y) in (table.offset..weeks.len()).zip(rows.y..rows.bottom()) {
        let ends = model.forecast.ends.get(index).copied().unwrap_or(0);
        let row = Rect {
            y,
            height: 1,
            ..rows
        };
        one(model, buffer, row, &weeks[index], ends, most);
        if index == table.index {
            let bar = Rect {
                width: row.width.saturating_sub(2),
                ..row
            };
            buffer.set_style(bar, theme.style(Tone::Selected));
        }
    }
    widgets::scrollbar(buffer, rows, table.offset, weeks.len(), theme);
}

fn cells(cells: [String; 6]) -> String {
    let [week, expiring, renewals, validations, lost, blocked] = cells;
    format!("{week:<10}{expiring:>9}{renewals:>9}{validations:>12}{lost:>12}{blocked:>8}")
}

fn one(model: &Model, buffer: &mut Buffer, area: Rect, week: &Week, ends: u64, most: u64) {
    let theme = model.theme();
    let tone = if week.expires > 0 || week.blocked > 0 {
        Tone::Bad
    } else {
        Tone::Plain
    };
    let count = |number: u64| text::count(number);
    let words = cells([
        week.week.clone(),
        count(ends),
        count(week.renewals),
        count(week.validations),
        count(week.expires),
        count(week.blocked),
    ]);
    let room = area.width.saturating_sub(CELLS + 5);
    let full = u64::from(room) * week.renewals / most.max(1);
    let full = usize::try_from(full).unwrap_or(0);
    let full = full.max(usize::from(week.renewals > 0 && room > 0));
    let line = LineBuilder::new(theme)
        .add(tone, format!("{words}  "))
        .add(Tone::Good, theme.pick("█", "#").repeat(full))
        .line();
    buffer.set_line(area.x + 1, area.y, &line, area.width.saturating_sub(3));
}

fn why_empty(model: &Model) -> String {
    match &model.connection {
        Connection::Lost { .. } => "No data yet: the server does not answer.".to_owned(),
        _ if model.store.mounts.is_empty() && model.connection.is_up() => {
            super::certificates::no_mount().to_owned()
        }
        _ => format!("Loading{}", model.theme().ellipsis()),
    }
}

fn summary(model: &Model) -> String {
    let forecast = &model.forecast;
    let sum = |of: fn(&Week) -> u64| text::count(forecast.weeks.iter().map(of).sum());
    let certificates = text::plural(forecast.certificates, "certificate");
    let shown = if model.store.filter().is_empty() {
        "in use"
    } else {
        "in use that the filter shows"
    };
    let peak = forecast.weeks.iter().rev().max_by_key(|week| week.renewals);
    let peak = peak.filter(|week| week.renewals > 0).map(|week| {
        let renewals = text::count(week.renewals);
        format!("; most renewals in the week from {}: {renewals}", week.week)
    });
    format!(
        "{certificates} {shown}, the next 53 weeks: {} renewals, {} validations, {} not renewed, {} blocked{}",
        sum(|week| week.renewals),
        sum(|week| week.validations),
        sum(|week| week.expires),
        sum(|week| week.blocked),
        peak.unwrap_or_default(),
    )
}
