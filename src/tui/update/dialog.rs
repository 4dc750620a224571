//! Keys inside dialogs. Nothing that destroys is sent unless its name or number stands in the field.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Effect, confirm};
use crate::tui::export;
use crate::tui::model::{
    Ask, Column, Dialog, ExportForm, ExportFormat, Model, REASON_CODES, TypedFocus, TypedForm,
};
use crate::tui::text;
use crate::tui::text_input::TextInput;
use crate::tui::theme::Tone;
use svpki_types::Secret;

pub(super) fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(dialog) = model.dialog.take() else {
        return Vec::new();
    };
    match dialog {
        Dialog::Ask(ask) => ask_key(model, ask, key),
        Dialog::Typed(form) => typed_key(model, form, key),
        Dialog::Columns { index } => {
            columns_key(model, index, key);
            Vec::new()
        }
        Dialog::Export(form) => export_key(model, form, key),
        Dialog::Progress => {
            progress_key(model, key);
            Vec::new()
        }
        Dialog::Token { field, error, busy } => token_key(model, (field, error, busy), key),
    }
}

pub(super) fn paste(model: &mut Model, pasted: &str) {
    match &mut model.dialog {
        // A name is typed, not pasted: that is the point of asking for it.
        Some(Dialog::Typed(form)) if form.focus == TypedFocus::Reason => form.reason.insert(pasted),
        Some(Dialog::Export(form)) => form.path.insert(pasted),
        Some(Dialog::Token { field, .. }) => field.insert(pasted.trim()),
        _ => {}
    }
}

fn ask_key(model: &mut Model, ask: Ask, key: KeyEvent) -> Vec<Effect> {
    match key.code {
        KeyCode::Enter => return confirm::run(model, ask, &[]),
        KeyCode::Esc | KeyCode::Char('n' | 'q') => {}
        KeyCode::Char('y') => {
            let copied = copy_lines(model, &ask, &[]);
            model.dialog = Some(Dialog::Ask(ask));
            return copied;
        }
        _ => model.dialog = Some(Dialog::Ask(ask)),
    }
    Vec::new()
}

fn typed_key(model: &mut Model, mut form: TypedForm, key: KeyEvent) -> Vec<Effect> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let mut effects = Vec::new();
    match key.code {
        KeyCode::Esc => return effects,
        KeyCode::Char('y') if control => effects = copy_lines(model, &form.ask, &form.fields()),
        KeyCode::Enter if form.is_confirmed() && form.has_reason() => {
            let fields = form.fields();
            return confirm::run(model, form.ask, &fields);
        }
        KeyCode::Enter => {
            let why = if form.is_confirmed() {
                "nothing done: give a reason".to_owned()
            } else {
                format!(
                    "nothing done: type {} to {}",
                    form.expected(),
                    form.ask.verb.word()
                )
            };
            model.say(Tone::Warning, why);
            form.focus = if form.is_confirmed() {
                TypedFocus::Reason
            } else {
                TypedFocus::Name
            };
        }
        KeyCode::Tab | KeyCode::Down => form.focus = next(&form, 1),
        KeyCode::BackTab | KeyCode::Up => form.focus = next(&form, form.stops().len() - 1),
        KeyCode::Left | KeyCode::Right | KeyCode::Char(' ') if form.focus == TypedFocus::Code => {
            let by = if key.code == KeyCode::Left {
                REASON_CODES.len() - 1
            } else {
                1
            };
            form.code = (form.code + by) % REASON_CODES.len();
        }
        _ => {
            match form.focus {
                TypedFocus::Name => form.name.key(key),
                TypedFocus::Reason => form.reason.key(key),
                TypedFocus::Code => false,
            };
        }
    }
    model.dialog = Some(Dialog::Typed(form));
    effects
}

fn next(form: &TypedForm, by: usize) -> TypedFocus {
    let stops = form.stops();
    let at = stops
        .iter()
        .position(|stop| *stop == form.focus)
        .unwrap_or(0);
    stops[(at + by) % stops.len()]
}

/// Copies the `vault` lines that would do the same.
fn copy_lines(model: &mut Model, ask: &Ask, fields: &[(&'static str, String)]) -> Vec<Effect> {
    let lines: Vec<String> = ask
        .targets
        .iter()
        .map(|target| target.request(ask.verb, fields).command())
        .collect();
    model.say(
        Tone::Good,
        format!("copied: {}", text::plural(lines.len(), "vault line")),
    );
    vec![Effect::Copy(lines.join("\n"))]
}

fn columns_key(model: &mut Model, index: usize, key: KeyEvent) {
    let last = Column::ALL.len() - 1;
    let mut index = index.min(last);
    let column = Column::ALL[index];
    match key.code {
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'c') => return,
        KeyCode::Up | KeyCode::Char('k') => index = index.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => index = (index + 1).min(last),
        // The name stays: a table without it would be dangerous to act on.
        KeyCode::Char(' ') if column == Column::Name => {}
        KeyCode::Char(' ') => match model.columns.iter().position(|c| *c == column) {
            Some(at) => {
                model.columns.remove(at);
            }
            None => model.columns.push(column),
        },
        KeyCode::Left | KeyCode::Char('h' | '<') => shift(&mut model.columns, column, false),
        KeyCode::Right | KeyCode::Char('l' | '>') => shift(&mut model.columns, column, true),
        _ => {}
    }
    model.scrolled = model.scrolled.min(model.columns.len().saturating_sub(3));
    model.dialog = Some(Dialog::Columns { index });
}

fn shift(columns: &mut [Column], column: Column, right: bool) {
    if let Some(at) = columns.iter().position(|c| *c == column) {
        let to = if right { at + 1 } else { at.wrapping_sub(1) };
        if to < columns.len() {
            columns.swap(at, to);
        }
    }
}

pub(super) fn open_export(model: &mut Model) {
    let format = ExportFormat::Csv;
    let day = crate::tui::time::date(model.now());
    let path = TextInput::new(format!("certificates-{day}.{}", format.extension()));
    model.dialog = Some(Dialog::Export(ExportForm {
        path,
        format,
        waiting: false,
    }));
}

fn export_key(model: &mut Model, mut form: ExportForm, key: KeyEvent) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Tab | KeyCode::BackTab => {
            let old = form.format.extension();
            form.format = match form.format {
                ExportFormat::Csv => ExportFormat::Json,
                ExportFormat::Json => ExportFormat::Csv,
            };
            if let Some(stem) = form.path.text().strip_suffix(old) {
                form.path = TextInput::new(format!("{stem}{}", form.format.extension()));
            }
        }
        KeyCode::Enter if !form.path.text().trim().is_empty() => {
            model.store.want_all();
            form.waiting = true;
        }
        _ if form.waiting => {}
        _ => {
            form.path.key(key);
        }
    }
    model.dialog = Some(Dialog::Export(form));
    Vec::new()
}

/// What waits for the last row: an export, or marking all.
pub(super) fn when_complete(model: &mut Model) -> Vec<Effect> {
    if !model.store.complete() || model.filter.changed.is_some() {
        return Vec::new();
    }
    if std::mem::take(&mut model.mark_when_complete) {
        let rows = (0..model.store.len()).filter_map(|at| model.store.row(at));
        model
            .marks
            .extend(rows.map(|(row, mount)| (row.key(mount), row.name().into())));
        let marked = text::plural(model.marks.len(), "certificate");
        model.say(Tone::Plain, format!("{marked} marked"));
    }
    match model.dialog.take() {
        Some(Dialog::Export(form)) if form.waiting => {
            let content = match form.format {
                ExportFormat::Csv => export::csv(&model.store, &model.columns),
                ExportFormat::Json => export::json(&model.store),
            };
            vec![Effect::Export {
                path: form.path.text().trim().to_owned(),
                content,
            }]
        }
        other => {
            model.dialog = other;
            Vec::new()
        }
    }
}

fn progress_key(model: &mut Model, key: KeyEvent) {
    if let Some(job) = &mut model.job {
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => job.scroll = job.scroll.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => job.scroll += 1,
            KeyCode::PageUp => job.scroll = job.scroll.saturating_sub(10),
            KeyCode::PageDown => job.scroll += 10,
            KeyCode::Esc | KeyCode::Char('q') => return,
            KeyCode::Enter if job.is_over() => return,
            KeyCode::Char('r') if job.is_over() && job.failed() > 0 => {
                return confirm::retry(model);
            }
            _ => {}
        }
        model.dialog = Some(Dialog::Progress);
    }
}

fn token_key(
    model: &mut Model,
    (mut field, error, busy): (TextInput, Option<crate::tui::source::SourceError>, bool),
    key: KeyEvent,
) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter if !busy && !field.text().trim().is_empty() => {
            let token = Secret::new(field.text().trim());
            field.clear();
            model.dialog = Some(Dialog::Token {
                field,
                error: None,
                busy: true,
            });
            return vec![Effect::UseToken(token)];
        }
        _ => {
            field.key(key);
        }
    }
    model.dialog = Some(Dialog::Token { field, error, busy });
    Vec::new()
}
