//! Computes the forecast again when its page is open and the rows have changed.

use super::Effect;
use crate::forecast::{Life, WEEK};
use crate::tui::model::forecast::{WEEKS, life};
use crate::tui::model::{Model, Page};
use crate::tui::time;

pub(super) fn wanted(model: &mut Model) -> Option<Effect> {
    if model.page != Page::Forecast || model.detail.is_some() {
        return None;
    }
    model.store.want_all();
    let version = model.store.version();
    if model.forecast.knows(version) || !model.store.complete() || model.store.untouched() {
        return None;
    }
    let now = model.now();
    let rows = (0..model.store.len()).filter_map(|at| model.store.row(at));
    let lives: Vec<Life> = rows
        .map(|(row, _)| row)
        .filter(|row| row.in_use() && row.renewed_to.is_none())
        .map(life)
        .collect();
    let validations = model
        .today
        .domains()
        .filter(|(_, domain)| domain.certificates > 0)
        .filter_map(|(_, domain)| time::seconds(domain.valid_until.as_deref()?))
        .collect();
    model.forecast.begin(version, now, &lives);
    Some(Effect::Forecast {
        lives,
        validations,
        now,
        // One second less, so that no 54th week begins.
        horizon: now + WEEKS * WEEK - 1,
    })
}
