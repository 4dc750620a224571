//! Goes from page to page, and records what Esc and `undo` return to.

use crate::tui::model::{Detail, Model, Page, Row, Step};
use crate::tui::source::CertKey;

pub(super) fn go(model: &mut Model, page: Page) {
    model.trail.clear();
    model.detail = None;
    model.scroll = 0;
    model.page = page;
}

/// Goes to a page from which Esc returns.
pub(super) fn visit(model: &mut Model, page: Page) {
    let from = (model.page, model.detail.take());
    let mut trail = std::mem::take(&mut model.trail);
    go(model, page);
    trail.push(from);
    model.trail = trail;
}

/// Opens the details of a certificate whose row may not be loaded.
pub(super) fn visit_detail(model: &mut Model, key: CertKey) {
    let row = model.store.find(&key).cloned();
    let row = row.unwrap_or_else(|| Row::known_as(&key, &key.id));
    visit(model, model.page);
    model.detail = Some(Detail::new(key, row));
}

/// The maximum number of steps that can be undone. It is small, because each may hold the marks of every certificate.
const MOST_STEPS: usize = 10;

/// Records the current state of the certificates page for `undo`.
pub(super) fn remember(model: &mut Model) {
    let now = step(model);
    if model.before.last() == Some(&now) {
        return;
    }
    if model.before.len() == MOST_STEPS {
        model.before.remove(0);
    }
    model.before.push(now);
}

pub(super) fn step(model: &Model) -> Step {
    Step {
        marks: model.marks.clone(),
        filter: model.filter.field.text().to_owned(),
        columns: model.columns.clone(),
        sort: model.store.sort(),
        unfolded: model.store.unfolded(),
    }
}
