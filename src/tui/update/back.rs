//! What leads back: a step on the way here, and what was changed on it.

use super::navigate::{go, remember, step};
use super::{filter_line, prompt};
use crate::tui::model::{Cursor, Model, Page, PromptKind};
use crate::tui::text;
use crate::tui::theme::Tone;

/// One step back: out of the detail, the filter of Today and Help, to where it was opened from, then the filter, then the
/// marks, then Certificates.
pub(super) fn back(model: &mut Model) {
    let opened_here = model.detail.take().is_some() && model.trail.is_empty();
    if opened_here {
        return;
    }
    let narrowed = match model.page {
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
    // A line that was opened and left as it was is no step.
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
    // What is left by this comes round again, after all the others.
    model.before.insert(0, now);
    let changed: Vec<String> = changed.into_iter().flatten().collect();
    model.say(Tone::Plain, format!("brought back: {}", changed.join(", ")));
}
