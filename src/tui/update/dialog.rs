//! Keys inside dialogs. A destructive action is sent only after its name or number was typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Effect, actions, confirm, filter_line, history, navigate};
use crate::tui::export;
use crate::tui::model::groups::{GroupBy, Groups};
use crate::tui::model::{
    Ask, Column, Dialog, EnrollForm, ExportForm, ExportFormat, Model, REASON_CODES, TypedFocus,
    TypedForm,
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
        Dialog::Groups(groups) => {
            groups_key(model, groups, key);
            Vec::new()
        }
        Dialog::History { index } => {
            history::key(model, index, key);
            Vec::new()
        }
        Dialog::Enroll(form) => {
            enroll_key(model, form, key);
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
        Some(Dialog::Typed(form)) if form.focus == TypedFocus::Reason => form.reason.insert(pasted),
        Some(Dialog::Typed(form)) if form.focus == TypedFocus::Names => form.names.insert(pasted),
        Some(Dialog::Enroll(form)) => {
            if let Some(field) = form.focus.checked_sub(1) {
                let words = pasted.trim().replace(['\n', '\r', '\t'], " ");
                form.fields[field].insert(&words);
            }
        }
        Some(Dialog::Typed(_)) => {
            model.say(Tone::Warning, "type it by hand: a paste does not count");
        }
        Some(Dialog::Export(form)) => form.path.insert(pasted),
        Some(Dialog::Token { field, .. }) => field.insert(pasted.trim()),
        _ => {}
    }
}

fn ask_key(model: &mut Model, ask: Ask, key: KeyEvent) -> Vec<Effect> {
    let verb = ask.verb.word();
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char(letter @ ('y' | 's')) if control => {
            let fields = ask.fields.clone();
            let copied = copy_lines(model, &ask, &fields, letter == 's');
            model.dialog = Some(Dialog::Ask(ask));
            return copied;
        }
        KeyCode::Char('y') if model.hand.may_confirm() => {
            let fields = ask.fields.clone();
            return confirm::run(model, ask, &fields);
        }
        KeyCode::Esc => {}
        // Somebody who presses another key so soon has not seen the dialog, so the keys that follow are ignored, too.
        KeyCode::Char(c) if c != 'y' && !model.hand.is_fast() => {
            if !model.hand.has_read() {
                model.hand.ignore();
            }
            model.say(
                Tone::Warning,
                format!("nothing done: only y confirms {verb}"),
            );
        }
        KeyCode::Char(_) => {
            let words =
                format!("nothing done yet: that came too fast; read, then press y to {verb}");
            model.say(Tone::Warning, words);
            model.dialog = Some(Dialog::Ask(ask));
        }
        KeyCode::Enter => {
            model.say(
                Tone::Warning,
                format!("nothing done yet: press y to {verb}"),
            );
            model.dialog = Some(Dialog::Ask(ask));
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
        KeyCode::Char(letter @ ('y' | 's')) if control => {
            effects = copy_lines(model, &form.ask, &form.fields(), letter == 's');
        }
        KeyCode::Char('d') if control && form.ask.verb.orders() && form.ask.early() > 0 => {
            keep_due(model, &mut form);
        }
        KeyCode::Enter
            if form.is_confirmed() && form.lacks().is_none() && model.hand.may_confirm() =>
        {
            let fields = form.fields();
            return confirm::run(model, form.ask, &fields);
        }
        KeyCode::Enter => {
            let lacks = form.lacks();
            let why = match lacks {
                _ if !form.is_confirmed() => format!("type {} to confirm", form.expected()),
                Some((_, what)) => format!("give {what}"),
                None => "that came too fast: press Enter once more".to_owned(),
            };
            model.say(Tone::Warning, format!("nothing done: {why}"));
            form.focus = match lacks {
                Some((focus, _)) if form.is_confirmed() => focus,
                _ => TypedFocus::Name,
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
            let last = REASON_CODES.len();
            form.code = Some(form.code.map_or(0, |code| (code + by) % last));
        }
        _ => {
            // Letters count however fast they arrive: only the key that confirms must be pressed by hand.
            match form.focus {
                TypedFocus::Name => form.name.key(key),
                TypedFocus::Reason => form.reason.key(key),
                TypedFocus::Names => form.names.key(key),
                TypedFocus::Code => false,
            };
        }
    }
    model.dialog = Some(Dialog::Typed(form));
    effects
}

/// Leaves out the certificates that are not due, so that none is renewed early. The new number has to be typed.
fn keep_due(model: &mut Model, form: &mut TypedForm) {
    if form.ask.early() == form.ask.targets.len() {
        model.say(Tone::Warning, "none of them is due for renewal");
        return;
    }
    form.ask.keep_due();
    form.name.clear();
}

fn next(form: &TypedForm, by: usize) -> TypedFocus {
    let stops = form.stops();
    let at = stops
        .iter()
        .position(|stop| *stop == form.focus)
        .unwrap_or(0);
    stops[(at + by) % stops.len()]
}

/// Copies the commands of `svpki`, or of `vault` or `bao`, that would do the same.
fn copy_lines(
    model: &mut Model,
    ask: &Ask,
    fields: &[(&'static str, String)],
    svpki: bool,
) -> Vec<Effect> {
    let product = model.product();
    let lines: Vec<String> = ask
        .targets
        .iter()
        .map(|target| target.request(ask.verb, fields))
        .map(|request| {
            if svpki {
                request.svpki()
            } else {
                request.command(product)
            }
        })
        .collect();
    model.say(
        Tone::Good,
        format!(
            "copied: {}",
            text::plural(lines.len(), if svpki { "svpki command" } else { "command" })
        ),
    );
    vec![Effect::Copy(lines.join("\n"))]
}

fn enroll_key(model: &mut Model, mut form: EnrollForm, key: KeyEvent) {
    let stops = form.fields.len() + 1;
    let places = form.places.len().max(1);
    match key.code {
        KeyCode::Esc => return,
        KeyCode::Tab | KeyCode::Down => form.focus = (form.focus + 1) % stops,
        KeyCode::BackTab | KeyCode::Up => form.focus = (form.focus + stops - 1) % stops,
        KeyCode::Left if form.focus == 0 => form.place = (form.place + places - 1) % places,
        KeyCode::Right | KeyCode::Char(' ') if form.focus == 0 => {
            form.place = (form.place + 1) % places;
        }
        KeyCode::Enter => match form.ask() {
            Ok(ask) => {
                actions::ask_about(model, ask);
                return;
            }
            Err(why) => model.say(Tone::Warning, format!("nothing ordered: {why}")),
        },
        _ => {
            if let Some(field) = form.focus.checked_sub(1) {
                form.fields[field].key(key);
            }
        }
    }
    model.dialog = Some(Dialog::Enroll(form));
}

fn columns_key(model: &mut Model, index: usize, key: KeyEvent) {
    let last = Column::ALL.len() - 1;
    let mut index = index.min(last);
    let column = Column::ALL[index];
    match key.code {
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'c') => return,
        KeyCode::Up | KeyCode::Char('k') => index = index.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => index = (index + 1).min(last),
        // The name must stay: it would be dangerous to act on rows without names.
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

/// Counts only the loaded rows. The others are requested, and counted at the next Tab.
pub(super) fn open_groups(model: &mut Model) {
    model.store.want_all();
    let groups = Groups::of(model, GroupBy::Config);
    model.dialog = Some(Dialog::Groups(groups));
}

fn groups_key(model: &mut Model, mut groups: Groups, key: KeyEvent) {
    let last = groups.rows.len().saturating_sub(1);
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'b') => return,
        KeyCode::Up | KeyCode::Char('k') => groups.index = groups.index.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => groups.index = (groups.index + 1).min(last),
        KeyCode::Tab => groups = Groups::of(model, groups.by.next()),
        KeyCode::Enter => {
            let Some(term) = groups.term() else {
                return;
            };
            let line = format!("{} {term}", model.filter.field.text().trim());
            navigate::remember(model);
            filter_line::set(model, line.trim());
            return;
        }
        _ => {}
    }
    model.dialog = Some(Dialog::Groups(groups));
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
        // The path is filled in already: somebody who goes on typing has not seen that a file is about to be written.
        KeyCode::Char(_) if !model.hand.has_read() => {
            model.hand.ignore();
            let words = "nothing written: keys came before the dialog can have been read";
            model.say(Tone::Warning, words);
            return Vec::new();
        }
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
        KeyCode::Enter if !model.hand.may_confirm() => {}
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

/// Carries out what had to wait for all rows: an export, or marking all.
pub(super) fn when_complete(model: &mut Model) -> Vec<Effect> {
    if !model.store.complete() || model.filter.changed.is_some() {
        return Vec::new();
    }
    if std::mem::take(&mut model.mark_when_complete) {
        let rows = (0..model.store.len()).filter_map(|at| model.store.row(at));
        model.marks = rows
            .map(|(row, mount)| (row.key(mount), row.name().into()))
            .collect();
        let marked = text::plural(model.marks.len(), "certificate");
        model.say(Tone::Plain, format!("{marked} marked: all that are shown"));
    }
    match model.dialog.take() {
        Some(Dialog::Export(form)) if form.waiting => {
            let content = match form.format {
                ExportFormat::Csv => export::csv(export::rows(model), &model.columns),
                ExportFormat::Json => export::json(export::rows(model)),
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
        if model.hand.is_fast() {
            model.dialog = Some(Dialog::Progress);
            return;
        }
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => job.scroll = job.scroll.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => job.scroll += 1,
            KeyCode::Home | KeyCode::Char('g') => job.scroll = 0,
            KeyCode::End | KeyCode::Char('G') => job.scroll = job.items.len(),
            KeyCode::Char('x') if !job.is_over() => confirm::stop(model),
            KeyCode::PageUp => job.scroll = job.scroll.saturating_sub(10),
            KeyCode::PageDown => job.scroll += 10,
            KeyCode::Esc | KeyCode::Char('q') => return,
            KeyCode::Enter if job.is_over() => return,
            KeyCode::Char('r') if job.is_over() && !job.unfinished().is_empty() => {
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
