//! Sorts, marks and copies the rows of a list.

use super::navigate::remember;
use super::{Effect, list};
use crate::tui::keys::Command;
use crate::tui::model::{Column, Cursor, Model, OrderSort, Page, Sort};
use crate::tui::source::CertKey;
use crate::tui::text;
use crate::tui::theme::Tone;

pub(super) fn on_table(model: &Model) -> bool {
    model.page == Page::Certificates && model.detail.is_none()
}

pub(super) fn next_column(columns: &[Column], sort: Sort) -> Sort {
    let at = columns
        .iter()
        .position(|c| *c == sort.column)
        .map_or(0, |at| at + 1);
    let column = columns
        .get(at)
        .or(columns.first())
        .copied()
        .unwrap_or(sort.column);
    Sort {
        column,
        descending: false,
    }
}

pub(super) fn sort_orders(model: &mut Model, turn: bool) {
    let orders = &mut model.orders;
    let at = OrderSort::ALL.iter().position(|sort| *sort == orders.sort);
    if turn {
        orders.set_sort(orders.sort, !orders.descending);
    } else {
        let next = at.map_or(0, |at| at + 1) % OrderSort::ALL.len();
        orders.set_sort(OrderSort::ALL[next], false);
    }
    let direction = if orders.descending { ", reversed" } else { "" };
    let words = format!("orders sorted by {}{direction}", orders.sort.word());
    model.say(Tone::Plain, words);
}

pub(super) fn sort(model: &mut Model, change: impl Fn(&[Column], Sort) -> Sort) {
    if !on_table(model) {
        return;
    }
    remember(model);
    let sort = change(&model.columns, model.store.sort());
    let now = model.now();
    model.store.set_sort(sort, now);
    model.table = Cursor::default();
    let order = match (sort.column, sort.descending) {
        (Column::Status, false) => "most urgent first",
        (Column::Status, true) => "most urgent last",
        (_, false) => "ascending",
        (_, true) => "descending",
    };
    model.say(
        Tone::Plain,
        format!("sorted by {}, {order}", sort.column.title().to_lowercase()),
    );
}

pub(super) fn mark(model: &mut Model) {
    if model.detail.is_some() {
        return;
    }
    match model.page {
        Page::Certificates => {
            if let Some((row, mount)) = model.store.row(model.table.index) {
                let (key, name) = (row.key(mount), row.name().into());
                if model.marks.remove(&key).is_none() {
                    model.marks.insert(key, name);
                }
                list::step(model, Command::Down);
            }
        }
        Page::Orders => {
            if let Some(order) = model.orders.selected() {
                let (key, name) = (order.key.clone(), order.name().into());
                if model.orders.marks.remove(&key).is_none() {
                    model.orders.marks.insert(key, name);
                }
                list::step(model, Command::Down);
            }
        }
        Page::Today | Page::Health | Page::Forecast | Page::Help => {}
    }
}

pub(super) fn mark_all(model: &mut Model) {
    if model.detail.is_some() {
        return;
    }
    match model.page {
        Page::Certificates if model.filter.error.is_some() => {
            model.say(Tone::Warning, "nothing marked: the filter has a mistake");
        }
        Page::Certificates => {
            remember(model);
            model.store.want_all();
            model.mark_when_complete = true;
        }
        Page::Orders => {
            let open = model.orders.rows.iter().filter(|row| row.is_open());
            model.orders.marks = open
                .map(|row| (row.key.clone(), row.name().into()))
                .collect();
        }
        Page::Today | Page::Health | Page::Forecast | Page::Help => {}
    }
}

pub(super) fn unmark(model: &mut Model) {
    model.mark_when_complete = false;
    match model.page {
        Page::Orders => model.orders.marks.clear(),
        _ => {
            remember(model);
            model.marks.clear();
        }
    }
}

pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let (what, text) = if let Some(detail) = &model.detail {
        match detail.pem() {
            Some(pem) => ("the certificate as PEM".to_owned(), pem.to_owned()),
            None => {
                model.say(Tone::Warning, "no certificate to copy yet");
                return Vec::new();
            }
        }
    } else {
        let (marks, selected) = match model.page {
            Page::Certificates => (
                &model.marks,
                model
                    .store
                    .row(model.table.index)
                    .map(|(row, _)| row.name().to_owned()),
            ),
            Page::Orders => (
                &model.orders.marks,
                model.orders.selected().map(|order| {
                    // For an order that waits for a DNS record, copy the record.
                    let record = model.today.record_for(order);
                    record.unwrap_or_else(|| order.name().to_owned())
                }),
            ),
            Page::Today | Page::Health | Page::Forecast | Page::Help => return Vec::new(),
        };
        if marks.is_empty() {
            let Some(name) = selected else {
                return Vec::new();
            };
            (text::clean(&name).into_owned(), name)
        } else {
            let names: Vec<&str> = marks.values().map(|name| &**name).collect();
            (text::plural(names.len(), "name"), names.join("\n"))
        }
    };
    model.say(Tone::Good, format!("copied: {what}"));
    vec![Effect::Copy(text)]
}

/// Copies the command that reads the selected certificate or order.
pub(super) fn copy_line(model: &mut Model) -> Vec<Effect> {
    let key = match (&model.detail, model.page) {
        (Some(detail), _) => Some((detail.key.clone(), "certs")),
        (None, Page::Certificates) => model.store.key(model.table.index).map(|key| (key, "certs")),
        (None, Page::Orders) => model.orders.selected().map(|o| (o.key.clone(), "orders")),
        _ => None,
    };
    let Some((CertKey { mount, config, id }, folder)) = key else {
        return Vec::new();
    };
    let cli = model.product().command();
    let line = format!("{cli} read {mount}/{folder}/{config}/{id}");
    model.say(Tone::Good, format!("copied: {line}"));
    vec![Effect::Copy(line)]
}
