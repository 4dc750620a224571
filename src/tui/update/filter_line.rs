//! Typing the filter of the certificates. The rows follow each letter. A line with a mistake cannot be confirmed,
//! because it would show what nobody asked for.

use crossterm::event::{KeyCode, KeyEvent};

use super::navigate::remember;
use crate::filter::{Filter, METADATA, suggest};
use crate::tui::model::{Cursor, FilterLine, Model};

pub(super) fn open(model: &mut Model) {
    remember(model);
    model.filter.editing = true;
    model.filter.before = model.filter.field.text().to_owned();
    complete(model);
}

pub(super) fn key(model: &mut Model, key: KeyEvent) {
    let line = &mut model.filter;
    match key.code {
        KeyCode::Enter if line.error.is_some() => {
            line.refused = true;
            changed(model);
        }
        KeyCode::Enter => line.editing = false,
        KeyCode::Esc => {
            line.editing = false;
            if line.field.text() != line.before {
                let before = std::mem::take(&mut line.before);
                set(model, &before);
            }
        }
        KeyCode::Tab => {
            take_suggestion(line);
            changed(model);
        }
        KeyCode::Down => line.chosen = (line.chosen + 1) % line.suggestions.len().max(1),
        KeyCode::Up => {
            let count = line.suggestions.len().max(1);
            line.chosen = (line.chosen + count - 1) % count;
        }
        _ => {
            line.refused = false;
            let before = line.field.text().to_owned();
            line.field.key(key);
            if line.field.text() == before {
                complete(model);
            } else {
                changed(model);
            }
        }
    }
}

pub(super) fn paste(model: &mut Model, text: &str) {
    model.filter.refused = false;
    // Lines of a pasted text become words of the filter.
    model
        .filter
        .field
        .insert(&text.trim().replace(['\n', '\r', '\t'], " "));
    changed(model);
}

/// Ends editing. A line with a mistake is replaced by the line before.
pub(super) fn leave(model: &mut Model) {
    model.filter.editing = false;
    if model.filter.error.is_some() {
        let before = std::mem::take(&mut model.filter.before);
        set(model, &before);
    }
}

/// Replaces the filter line.
pub(super) fn set(model: &mut Model, text: &str) {
    model.filter.refused = false;
    model.filter.field = crate::tui::text_input::TextInput::new(text);
    changed(model);
}

fn take_suggestion(line: &mut FilterLine) {
    let Some(suggestion) = line.suggestions.get(line.chosen) else {
        return;
    };
    let whole = !suggestion.text.ends_with(':') && !matches!(&*suggestion.text, "!" | METADATA);
    let text = if whole {
        format!("{} ", suggestion.text)
    } else {
        suggestion.text.clone()
    };
    line.field.complete(suggestion.from, &text);
}

fn changed(model: &mut Model) {
    let now = model.now();
    let (mut filter, mistake) = Filter::lenient(model.filter.field.text());
    if mistake.is_some() && model.filter.refused {
        filter = Filter::nothing();
    }
    model.filter.error = mistake;
    if filter != *model.store.filter() {
        model.store.set_filter(filter, now);
        model.filter.changed = Some(model.now_ms);
        model.mark_when_complete = false;
        model.table = Cursor::default();
    }
    complete(model);
}

fn complete(model: &mut Model) {
    model.filter.chosen = 0;
    let known = |field: &str| model.store.values(field);
    model.filter.suggestions = suggest(model.filter.field.before(), &known);
}
