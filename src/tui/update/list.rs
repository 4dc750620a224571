//! Moves through lists and texts, by key and by mouse.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{Effect, filter_line, navigate};
use crate::tui::keys::Command;
use crate::tui::layout;
use crate::tui::model::{Cursor, Dialog, Model, Page, Sort, forecast, today};
use crate::tui::view;

/// Moves the bar, or scrolls a page that has no bar.
pub(super) fn step(model: &mut Model, command: Command) {
    let height = layout::list_height(model).max(1);
    if let Some(detail) = &mut model.detail {
        detail.scroll = moved(detail.scroll, command, height, usize::MAX);
        return;
    }
    match model.page {
        Page::Certificates => {
            let index = moved(model.table.index, command, height, model.store.len());
            select(model, index);
            if command == Command::Bottom && !model.store.complete() {
                model.store.want_all();
                model.table.to_end = true;
            }
        }
        Page::Orders => {
            let count = model.orders.rows.len();
            model.orders.index = moved(model.orders.index, command, height, count);
        }
        Page::Today => {
            let count = today::choices(&model.today, height);
            model.today.index = moved(model.today.index, command, height, count);
        }
        Page::Forecast => {
            let (table, count) = (&mut model.forecast.table, model.forecast.weeks.len());
            table.index = moved(table.index, command, height, count);
        }
        Page::Health | Page::Help => {
            model.scroll = moved(model.scroll, command, height, usize::MAX);
        }
    }
}

pub(super) fn select(model: &mut Model, index: usize) {
    model.table.index = index;
    model.table.key = model.store.key(index);
    model.table.to_end = false;
}

fn moved(index: usize, command: Command, height: usize, count: usize) -> usize {
    let last = count.saturating_sub(1);
    let target = match command {
        Command::Up => index.saturating_sub(1),
        Command::Down => index.saturating_add(1),
        Command::PageUp => index.saturating_sub(height.saturating_sub(1).max(1)),
        Command::PageDown => index.saturating_add(height.saturating_sub(1).max(1)),
        Command::Top => 0,
        Command::Bottom => last,
        _ => index,
    };
    target.min(last)
}

/// Keeps the bar on its row and on the screen, whatever has changed.
pub(super) fn settle(model: &mut Model) {
    let height = match model.page {
        Page::Certificates => usize::from(layout::certificates(model).rows.height),
        _ => layout::list_height(model),
    }
    .max(1);
    let last = model.store.len().saturating_sub(1);
    if model.table.to_end {
        select(model, last);
        model.table.to_end = !model.store.complete();
    }
    let table = &mut model.table;
    if let Some(key) = &table.key
        && model.store.key(table.index).as_ref() != Some(key)
    {
        match model.store.position(key) {
            Some(at) => {
                // The row stays on the same line of the screen.
                let line = table.index.saturating_sub(table.offset);
                table.index = at;
                table.offset = at.saturating_sub(line);
            }
            None => table.key = model.store.key(table.index.min(last)),
        }
    }
    table.index = table.index.min(last);
    let choices = today::choices(&model.today, usize::from(layout::today(model).1.height));
    model.today.index = model.today.index.min(choices.saturating_sub(1));
    let table = &mut model.table;
    if model.page == Page::Certificates {
        table.offset = in_sight(table.offset, table.index, height, model.store.len());
    }
    if model.page == Page::Orders {
        let orders = &mut model.orders;
        orders.offset = in_sight(orders.offset, orders.index, height, orders.rows.len());
    }
    if model.page == Page::Forecast {
        let (table, count) = (&mut model.forecast.table, model.forecast.weeks.len());
        table.offset = in_sight(table.offset, table.index, height, count);
    }
    let lines = view::text_lines(model);
    let room = usize::from(layout::frame(model).body.height);
    let furthest = lines.saturating_sub(room);
    match &mut model.detail {
        Some(detail) => detail.scroll = detail.scroll.min(furthest),
        None => model.scroll = model.scroll.min(furthest),
    }
    if let (Some(Dialog::Progress), Some(job)) = (&model.dialog, &mut model.job) {
        job.scroll = job.scroll.min(job.items.len().saturating_sub(1));
    }
}

fn in_sight(offset: usize, index: usize, height: usize, count: usize) -> usize {
    let lowest = index.saturating_sub(height - 1);
    offset
        .clamp(lowest, index.max(lowest))
        .min(count.saturating_sub(height).max(lowest))
}

pub(super) fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    // A line being typed belongs to the page on which it was opened, so the mouse must not change that page.
    let typing = model.filter.editing || model.prompt.is_some();
    if model.dialog.is_some() || typing || layout::too_small(model.size) {
        return Vec::new();
    }
    match event.kind {
        MouseEventKind::ScrollDown => (0..3).for_each(|_| step(model, Command::Down)),
        MouseEventKind::ScrollUp => (0..3).for_each(|_| step(model, Command::Up)),
        MouseEventKind::Down(MouseButton::Left) => {
            click(model, Position::new(event.column, event.row))
        }
        _ => {}
    }
    Vec::new()
}

fn click(model: &mut Model, at: Position) {
    if layout::frame(model).tabs.contains(at) {
        if let Some(page) = view::tab_at(model, at.x) {
            navigate::go(model, page);
        }
        return;
    }
    if model.detail.is_some() {
        return;
    }
    match model.page {
        Page::Certificates => {
            let areas = layout::certificates(model);
            let weeks = model.store.summary().expiry_weeks;
            let chart = areas.chart.filter(|chart| chart.contains(at));
            if let Some(week) = chart.and_then(|area| view::week_at(area, &weeks, at.x)) {
                let line = forecast::ending_in(model.now(), week);
                navigate::remember(model);
                filter_line::set(model, &line);
            }
            if areas.head.contains(at)
                && let Some(column) = view::column_at(model, at.x)
            {
                let (now, sort) = (model.now(), model.store.sort());
                let descending = sort.column == column && !sort.descending;
                navigate::remember(model);
                model.store.set_sort(Sort { column, descending }, now);
                model.table = Cursor::default();
            }
            let rows = areas.rows;
            let index = model.table.offset + usize::from(at.y.saturating_sub(rows.y));
            if rows.contains(at) && index < model.store.len() {
                select(model, index);
            }
        }
        Page::Orders => {
            let list = layout::orders(model).0;
            let line = usize::from(at.y.saturating_sub(list.y));
            let index = model.orders.offset + line.saturating_sub(1);
            if list.contains(at) && line > 0 && index < model.orders.rows.len() {
                model.orders.index = index;
            }
        }
        Page::Today => {
            let area = layout::today(model).1;
            let entries = today::entries(&model.today, usize::from(area.height));
            let line = usize::from(at.y.saturating_sub(area.y));
            let chosen = entries.get(line).is_some_and(today::Entry::can_be_chosen);
            if area.contains(at) && chosen {
                let before = entries.iter().take(line);
                model.today.index = before.filter(|entry| entry.can_be_chosen()).count();
            }
        }
        Page::Forecast => {
            let rows = layout::forecast(model).1;
            let index = model.forecast.table.offset + usize::from(at.y.saturating_sub(rows.y));
            if rows.contains(at) && index < model.forecast.weeks.len() {
                model.forecast.table.index = index;
            }
        }
        Page::Health | Page::Help => {}
    }
}
