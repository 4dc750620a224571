//! Opens what the selected line is about.

use super::navigate::{remember, visit, visit_detail};
use super::{Effect, filter_line};
use crate::tui::layout::list_height;
use crate::tui::model::today::{self, Entry, Opens, Section};
use crate::tui::model::{Column, Detail, Model, Page, Sort};
use crate::tui::source::CertKey;
use crate::tui::theme::Tone;

/// Opens what the selected line of Today is about, on the page where it can be settled.
fn open_line(model: &mut Model) -> Vec<Effect> {
    let height = list_height(model);
    let (opens, section) = match today::chosen(&model.today, height) {
        Some(Entry::Line(line)) => (Some(line.opens.clone()), line.section),
        Some(Entry::More(section, _)) => (None, section),
        _ => return Vec::new(),
    };
    match (opens, section) {
        (Some(Opens::Certificate(key, row)), _) => {
            visit(model, Page::Today);
            model.detail = Some(Detail::new(key.clone(), *row));
            return vec![Effect::Certificate(key)];
        }
        (Some(Opens::Filter(line)), _) => {
            visit(model, Page::Certificates);
            remember(model);
            filter_line::set(model, &line);
        }
        (Some(Opens::Order(key)), _) => {
            visit(model, Page::Orders);
            if model.orders.rows.iter().all(|row| row.key != key) {
                model.orders.set_filter("");
            }
            model.orders.select(&key);
        }
        (None, Section::Ending | Section::Failed) => {
            visit(model, Page::Certificates);
            let line = if section == Section::Ending {
                "exp<7d renewal:failed,blocked,off,due"
            } else {
                "renewal:failed"
            };
            let line = format!("{line} {}", model.today.filter());
            remember(model);
            filter_line::set(model, line.trim());
        }
        (None, Section::Waiting) => visit(model, Page::Orders),
        (None, Section::Changed) => {
            visit(model, Page::Certificates);
            let sort = Sort {
                column: Column::Issued,
                descending: true,
            };
            let now = model.now();
            remember(model);
            model.store.set_sort(sort, now);
            if !model.today.filter().is_empty() {
                let line = model.today.filter().to_owned();
                filter_line::set(model, &line);
            }
            if !model.columns.contains(&Column::Issued) {
                model
                    .columns
                    .insert(2.min(model.columns.len()), Column::Issued);
            }
        }
        (Some(Opens::Health), _) | (None, Section::Trouble) => visit(model, Page::Health),
    }
    Vec::new()
}

pub(super) fn open_detail(model: &mut Model) -> Vec<Effect> {
    if model.detail.is_some() {
        return Vec::new();
    }
    if model.page == Page::Today {
        return open_line(model);
    }
    if model.page == Page::Forecast {
        if let Some(line) = model.forecast.term() {
            visit(model, Page::Certificates);
            remember(model);
            filter_line::set(model, &line);
        }
        return Vec::new();
    }
    let opened = match model.page {
        Page::Certificates => model
            .store
            .row(model.table.index)
            .map(|(row, mount)| (row.key(mount), row.clone())),
        Page::Orders => model.orders.selected().and_then(|order| {
            let id = order.order.sectigo_cert_unique_id.as_str();
            let key = CertKey {
                id: id.into(),
                ..order.key.clone()
            };
            model.store.find(&key).map(|row| (key, row.clone()))
        }),
        Page::Today | Page::Health | Page::Forecast | Page::Help => return Vec::new(),
    };
    let Some((key, row)) = opened else {
        if model.page == Page::Orders && !model.orders.rows.is_empty() {
            model.say(Tone::Plain, "Not issued yet: details are below the list");
        }
        return Vec::new();
    };
    model.detail = Some(Detail::new(key.clone(), row));
    vec![Effect::Certificate(key)]
}

/// Opens the details of the predecessor or the successor.
pub(super) fn walk(model: &mut Model, later: bool) -> Vec<Effect> {
    let Some(detail) = &model.detail else {
        return Vec::new();
    };
    let line = detail.lineage();
    let at = line.iter().position(|id| *id == detail.key.id);
    let next = at.and_then(|at| {
        if later {
            at.checked_add(1)
        } else {
            at.checked_sub(1)
        }
    });
    let Some(id) = next.and_then(|at| line.get(at)).cloned() else {
        let words = if later {
            "no later certificate"
        } else {
            "no earlier certificate"
        };
        model.say(Tone::Plain, words);
        return Vec::new();
    };
    let key = CertKey {
        id,
        ..detail.key.clone()
    };
    visit_detail(model, key.clone());
    vec![Effect::Certificate(key)]
}
