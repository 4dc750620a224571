//! The Certificates page.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::widgets::{Clear, Widget};

use super::{chart, widgets};
use crate::filter::Suggestion;
use crate::tui::keys::Command;
use crate::tui::layout;
use crate::tui::model::today::WEEK;
use crate::tui::model::{Column, Connection, Model, Renewal, Row};
use crate::tui::text;
use crate::tui::theme::Tone;
use svpki_types::Status;

/// Draws the page; returns the cursor position while the filter is typed.
pub(super) fn draw(model: &Model, buffer: &mut Buffer) -> Option<Position> {
    let areas = layout::certificates(model);
    let theme = model.theme();
    counts(model, buffer, areas.counts);
    if let Some(area) = areas.chart {
        chart::draw(
            buffer,
            area,
            &model.store.summary().expiry_weeks,
            model.now(),
            theme,
        );
    }
    let widths = widths(model, areas.rows.width);
    head(model, buffer, areas.head, &widths);
    rows(model, buffer, areas.rows, &widths);
    filter(model, buffer, areas.filter)
}

fn counts(model: &Model, buffer: &mut Buffer, area: Rect) {
    let theme = model.theme();
    let present = model.counts();
    let lines = text::wrap_items(&model.counts_text(), usize::from(area.width));
    for (y, items) in (area.y..area.bottom()).zip(lines) {
        let mut x = area.x + 1;
        for (words, tone) in items.into_iter().filter_map(|at| present.get(at)) {
            let room = usize::from(area.right().saturating_sub(x));
            (x, _) = buffer.set_stringn(x, y, words, room, theme.style(*tone));
            x += 2;
        }
    }
}

/// The columns that fit, with their widths. The first two are pinned; the others scroll.
fn widths(model: &Model, width: u16) -> Vec<(Column, u16)> {
    let pinned = model.columns.len().min(2);
    let visible = model.columns[..pinned]
        .iter()
        .chain(model.columns[pinned..].iter().skip(model.scrolled));
    // The mark, and the scrollbar with a space before it.
    let mut room = width.saturating_sub(2 + 2);
    let mut chosen: Vec<(Column, u16)> = Vec::new();
    let (configs, mounts) = (model.store.configs(), model.store.mount_names());
    // The name column gets as much as the longest name needs, up to a limit.
    let wanted = model.store.longest_name().min(48) as u16;
    let lacking = wanted.saturating_sub(Column::Name.room().0);
    for &column in visible {
        let least = match column {
            Column::Mount => longest(&mounts),
            Column::Config => longest(&configs),
            other => other.room().0,
        };
        // Columns that do not help to tell certificates apart give way to the name, until the user scrolls.
        let gives_way = matches!(column, Column::Key | Column::AltNames) && model.scrolled == 0;
        let owed = if gives_way { lacking } else { 0 };
        if least + 1 + owed > room {
            break;
        }
        room -= least + 1;
        chosen.push((column, least));
    }
    if let Some((_, wide)) = chosen
        .iter_mut()
        .find(|(column, _)| *column == Column::Name)
    {
        let more = wanted.saturating_sub(*wide).min(room);
        *wide += more;
        room -= more;
    }
    // SCM's message about a failed renewal gets more room than the other columns.
    let failing = model.failing() > 0;
    let share = |column: Column| match column {
        Column::Renews if failing => 12,
        other => other.room().1,
    };
    let shares: u16 = chosen.iter().map(|(column, _)| share(*column)).sum();
    let spare = room;
    for (column, wide) in &mut chosen {
        *wide += spare * share(*column) / shares.max(1);
    }
    chosen
}

/// The columns that do not fit at the right.
pub(super) fn columns_beyond(model: &Model) -> &[Column] {
    let shown = widths(model, layout::certificates(model).rows.width).len();
    let beyond = model.columns.get(shown + model.scrolled..);
    beyond.unwrap_or_default()
}

/// Whether the column that the rows are sorted by is on the screen, with the arrow in its header.
pub(super) fn shows_sort(model: &Model) -> bool {
    let shown = widths(model, layout::certificates(model).rows.width);
    let by = model.store.sort().column;
    shown.iter().any(|(column, _)| *column == by)
}

/// The column whose header is at this position.
pub fn column_at(model: &Model, x: u16) -> Option<Column> {
    let area = layout::certificates(model).rows;
    let mut from = area.x + 2;
    widths(model, area.width)
        .into_iter()
        .find_map(|(column, wide)| {
            let here = (from..from + wide).contains(&x);
            from += wide + 1;
            here.then_some(column)
        })
}

/// The width for a column of known names: as much as the longest needs, within limits.
fn longest(names: &[String]) -> u16 {
    let wide = names
        .iter()
        .map(|name| text::width(name))
        .max()
        .unwrap_or(0);
    (wide as u16).clamp(8, 20)
}

fn head(model: &Model, buffer: &mut Buffer, area: Rect, widths: &[(Column, u16)]) {
    let theme = model.theme();
    let sort = model.store.sort();
    let mut x = area.x + 2;
    for (column, wide) in widths {
        let arrow = match (*column == sort.column, sort.descending) {
            (false, _) => "",
            (true, false) => theme.pick(" ↑", " ^"),
            (true, true) => theme.pick(" ↓", " v"),
        };
        let title = text::cut(
            &format!("{}{arrow}", column.title()),
            usize::from(*wide),
            "",
        );
        buffer.set_string(x, area.y, title, theme.style(Tone::Title));
        x += wide + 1;
    }
}

fn rows(model: &Model, buffer: &mut Buffer, area: Rect, widths: &[(Column, u16)]) {
    let theme = model.theme();
    if model.store.is_empty() {
        empty(model, buffer, area);
        return;
    }
    let folds = model.store.folds();
    for (line, y) in (area.y..area.bottom()).enumerate() {
        let index = model.table.offset + line;
        let Some((row, mount)) = model.store.row(index) else {
            break;
        };
        let selected = index == model.table.index;
        let marked = !model.marks.is_empty() && model.marks.contains_key(&row.key(mount));
        let mut x = area.x;
        let flag = if marked { theme.mark() } else { " " };
        buffer.set_string(
            x,
            y,
            flag,
            theme.style(Tone::Key).add_modifier(Modifier::BOLD),
        );
        x += 2;
        for (column, wide) in widths {
            let mut cell = column.cell(row, mount, model.now(), theme);
            if *column == Column::Name && folds && row.renewed_from.is_some() {
                cell = format!("{} {cell}", theme.pick("▸", ">"));
            }
            let style = match column {
                Column::Status
                    if matches!(
                        row.renewal(model.now()),
                        Some(Renewal::Failed | Renewal::Blocked)
                    ) =>
                {
                    theme.style(Tone::Bad)
                }
                Column::Status => row
                    .status
                    .map_or(theme.style(Tone::Plain), |s| theme.status(s)),
                Column::Left => theme.style(left_tone(row, model.now())),
                Column::Renews => theme.style(renewal_tone(row, model.now())),
                _ => theme.style(Tone::Plain),
            };
            let words = text::fit(&cell, usize::from(*wide), theme.ellipsis());
            buffer.set_string(x, y, words, style);
            x += wide + 1;
        }
        if selected {
            let bar = Rect::new(area.x, y, area.width.saturating_sub(2), 1);
            buffer.set_style(bar, theme.style(Tone::Selected));
        }
    }
    widgets::scrollbar(buffer, area, model.table.offset, model.store.len(), theme);
}

fn left_tone(row: &Row, now: i64) -> Tone {
    match row.renewal(now) {
        Some(Renewal::Failed | Renewal::Blocked) => Tone::Bad,
        _ if !row.in_use() => Tone::Plain,
        _ if row.status == Some(Status::Expiring) || row.not_after < now + WEEK => Tone::Warning,
        _ => Tone::Plain,
    }
}

fn renewal_tone(row: &Row, now: i64) -> Tone {
    match row.renewal(now) {
        Some(Renewal::Failed | Renewal::Blocked) => Tone::Bad,
        Some(Renewal::Off) if row.not_after < now + WEEK => Tone::Warning,
        _ => Tone::Plain,
    }
}

/// What to do if the token sees no mount of this plugin.
pub(super) fn no_mount() -> &'static str {
    "This token sees no Sectigo mount. Check the token (ctrl-l), or name a mount with --mount."
}

/// Says why the table is empty, and what to do about it.
fn empty(model: &Model, buffer: &mut Buffer, area: Rect) {
    let theme = model.theme();
    let filter = model.settings.keymap.hint(Command::Back);
    let lines = if let Some(error) = model.filter.error.as_ref().filter(|_| model.filter.refused) {
        vec![
            "This filter is not understood, so nothing is shown:".to_owned(),
            format!("  {error}"),
            "Mend it, or press Esc for the filter before.".to_owned(),
        ]
    } else if matches!(model.connection, Connection::Starting) {
        vec![format!(
            "Asking {}{}",
            model.server_address.address,
            theme.ellipsis()
        )]
    } else if model.store.mounts.is_empty() && model.connection.is_up() {
        vec![
            no_mount().to_owned(),
            "svpki plugin install sets up the first.".to_owned(),
        ]
    } else if !model.store.complete() && model.connection.is_up() {
        vec![format!("Loading{}", theme.ellipsis())]
    } else if !model.store.filter().is_empty() {
        vec![format!(
            "No certificates match. {filter} clears the filter."
        )]
    } else if model.connection.is_up() {
        vec!["No certificates yet. svpki enroll orders the first one.".to_owned()]
    } else {
        vec!["No data yet: the server does not answer.".to_owned()]
    };
    for (y, line) in (area.y + 1..area.bottom()).zip(lines) {
        let words = text::cut(
            &line,
            usize::from(area.width.saturating_sub(4)),
            theme.ellipsis(),
        );
        buffer.set_string(area.x + 2, y, words, theme.style(Tone::Faint));
    }
}

fn filter(model: &Model, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let theme = model.theme();
    let line = &model.filter;
    let key = model.settings.keymap.hint(Command::Filter);
    buffer.set_string(area.x + 1, area.y, &key, theme.style(Tone::Key));
    let x = area.x + 2 + text::width(&key) as u16;
    let room = Rect {
        x,
        width: area.right().saturating_sub(x + 1),
        ..area
    };
    if line.field.text().is_empty() && !line.editing {
        let hint =
            "Filter, e.g. status:expiring exp<30d renewal:failed cn:*.example.com !config:lab";
        let words = text::cut(hint, usize::from(room.width), theme.ellipsis());
        buffer.set_string(room.x, room.y, words, theme.style(Tone::Faint));
        return None;
    }
    let cursor = widgets::text_input(buffer, room, &line.field, theme.style(Tone::Plain), false);
    let end = room.x + (text::width(line.field.text()) as u16).min(room.width);
    if let Some(error) = &line.error {
        let before = text::width(&line.field.text()[..error.span.start]) as u16;
        let wrong = text::width(&line.field.text()[error.span.clone()]) as u16;
        let span = Rect {
            x: room.x + before,
            width: wrong,
            ..room
        }
        .intersection(room);
        buffer.set_style(
            span,
            theme.style(Tone::Bad).add_modifier(Modifier::UNDERLINED),
        );
        let space = usize::from(room.right().saturating_sub(end + 2));
        let words = text::cut(&error.message, space, theme.ellipsis());
        buffer.set_string(end + 2, room.y, words, theme.style(Tone::Bad));
    }
    if !line.editing {
        return None;
    }
    suggestions(model, buffer, room);
    Some(Position::new(cursor.min(room.right()), room.y))
}

/// Draws the suggestions below the word that is being typed.
fn suggestions(model: &Model, buffer: &mut Buffer, field: Rect) {
    const MOST: usize = 8;
    let theme = model.theme();
    let list = &model.filter.suggestions;
    let first = (model.filter.chosen + 1).saturating_sub(MOST);
    let shown: Vec<(usize, &Suggestion)> = list.iter().enumerate().skip(first).take(MOST).collect();
    let wide = |s: &Suggestion| text::width(&s.text) + 2 + text::width(s.meaning) + 2;
    let Some(width) = shown.iter().map(|(_, s)| wide(s)).max() else {
        return;
    };
    let from = shown.first().map_or(0, |(_, s)| s.from);
    let typed = model.filter.field.text().get(..from).map_or(0, text::width);
    let x = (field.x + typed as u16).min(field.right().saturating_sub(width as u16));
    for (y, (at, suggestion)) in (field.y + 1..buffer.area.bottom()).zip(shown) {
        let words = format!(" {}  {} ", suggestion.text, suggestion.meaning);
        let row = Rect::new(x, y, width as u16, 1).intersection(buffer.area);
        Clear.render(row, buffer);
        let style = if at == model.filter.chosen {
            theme.style(Tone::Selected)
        } else {
            theme.style(Tone::Popup)
        };
        buffer.set_string(x, y, text::fit(&words, width, theme.ellipsis()), style);
    }
}
