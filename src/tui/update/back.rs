//! Steps back: Esc, and `undo` for changes to the certificates page.

use super::navigate::{go, remember, step};
use super::{filter_line, prompt};
use crate::tui::model::{Cursor, Model, Page, PromptKind};
use crate::tui::text;
use crate::tui::theme::Tone;

/// Takes the first step back that applies: close the details, clear the filter of Today or Help, return to the page
/// before, clear the filter of Orders or Certificates, clear the marks, go to Certificates.
pub(super) fn back(model: &mut Model) {
    let closed = model.detail.take().is_some();
    if closed && model.trail.is_empty() {
        return;
    }
    let narrowed = match model.page {
        // The details may have been opened from a filtered line, so the filter stays.
        _ if closed => false,
        Page::Help => !model.help.is_empty(),
        Page::Today => !model.today.filter().is_empty(),
        _ => false,
    };
    if narrowed {
        let kind = if model.page == Page::Help {
            PromptKind::Help
        } else {
            PromptKind::Today
        };
        prompt::filter(model, kind, "");
        return;
    }
    if let Some((page, detail)) = model.trail.pop() {
        model.page = page;
        model.detail = detail;
        model.scroll = 0;
        return;
    }
    if model.page != Page::Certificates {
        if model.page == Page::Orders && !model.orders.filter().is_empty() {
            model.orders.set_filter("");
        } else if model.page == Page::Orders && !model.orders.marks.is_empty() {
            model.orders.marks.clear();
        } else {
            go(model, Page::Certificates);
        }
    } else if !model.filter.field.text().is_empty() {
        remember(model);
        filter_line::set(model, "");
    } else {
        remember(model);
        model.marks.clear();
        model.mark_when_complete = false;
    }
}

pub(super) fn undo(model: &mut Model) {
    let now = step(model);
    // A filter line that was opened and left unchanged is not a step.
    model.before.retain(|step| *step != now);
    let Some(step) = model.before.pop() else {
        let words = "nothing to undo here; an order that still waits can be cancelled on Orders";
        model.say(Tone::Plain, words);
        return;
    };
    go(model, Page::Certificates);
    let seconds = model.now();
    let marks = text::plural(step.marks.len(), "mark");
    let changed = [
        (step.marks != now.marks).then_some(marks),
        (step.filter != now.filter).then(|| format!("filter {:?}", step.filter)),
        (step.columns != now.columns).then(|| "columns".to_owned()),
        (step.sort != now.sort).then(|| format!("sort by {}", step.sort.column.name())),
        (step.unfolded != now.unfolded).then(|| "folded certificates".to_owned()),
    ];
    model.marks = step.marks;
    model.mark_when_complete = false;
    model.columns = step.columns;
    model.scrolled = 0;
    if step.sort != now.sort {
        model.store.set_sort(step.sort, seconds);
        model.table = Cursor::default();
    }
    if step.unfolded != now.unfolded {
        model.store.set_unfolded(step.unfolded, seconds);
    }
    filter_line::set(model, &step.filter);
    // Keep the current state as the oldest one: repeating `undo` comes back to it after all others.
    model.before.insert(0, now);
    let changed: Vec<String> = changed.into_iter().flatten().collect();
    model.say(Tone::Plain, format!("brought back: {}", changed.join(", ")));
}
