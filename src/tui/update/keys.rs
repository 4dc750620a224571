//! What a key does on the pages.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::navigate::{go, remember, step, visit, visit_detail};
use super::{Effect, actions, confirm, dialog, filter_line, list, prompt, refresh};
use crate::tui::keys::{Chord, Command};
use crate::tui::layout::{self, list_height};
use crate::tui::model::today::{self, Entry, Opens, Section};
use crate::tui::model::{
    AccountCheck, Arrival, Column, Detail, Dialog, Model, OrderSort, Page, PromptKind, Sort,
};
use crate::tui::source::{CertKey, Verb};
use crate::tui::text;
use crate::tui::theme::Tone;

pub(super) fn key(model: &mut Model, key: KeyEvent, arrival: Arrival) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    model.hand.press(arrival);
    let before = model.dialog.as_ref().map(std::mem::discriminant);
    let effects = pressed(model, key);
    if model.dialog.as_ref().map(std::mem::discriminant) != before {
        model.hand.opened(arrival.at);
    }
    effects
}

fn pressed(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('c') => {
                quit(model);
                return Vec::new();
            }
            KeyCode::Char('z') => return vec![Effect::Suspend],
            _ => {}
        }
    }
    if layout::too_small(model.size) {
        // Nothing can be seen, so nothing is done, but leaving.
        model.quit = model.settings.keymap.command(key) == Some(Command::Quit);
        return Vec::new();
    }
    if model.dialog.is_some() {
        return dialog::key(model, key);
    }
    if model.prompt.is_some() {
        let (effects, command) = prompt::key(model, key);
        return command.map_or(effects, |command| run(model, command));
    }
    if model.filter.editing {
        filter_line::key(model, key);
        return Vec::new();
    }
    let chord = Chord::from(key);
    let mut saved = model.settings.start.saved.iter();
    if let Some((_, line)) = saved.find(|(known, _)| *known == chord) {
        let line = line.clone();
        go(model, Page::Certificates);
        remember(model);
        filter_line::set(model, &line);
        return Vec::new();
    }
    pressed_command(model, key)
}

fn pressed_command(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let lone = KeyEvent::new(key.code, key.modifiers - KeyModifiers::ALT);
    match model.settings.keymap.command(key) {
        // Esc and the next key in one packet look like a key with Alt.
        None if key.modifiers.contains(KeyModifiers::ALT) => {
            back(model);
            model.hand.is_no_hand();
            pressed(model, lone)
        }
        Some(command) if model.hand.is_fast() && command.needs_hand() => {
            model.hand.ignore();
            let words = format!(
                "ignored: keys came faster than a hand types, and {} is not for a paste",
                command.name()
            );
            model.say(Tone::Warning, words);
            Vec::new()
        }
        Some(command) => run(model, command),
        None => Vec::new(),
    }
}

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.dialog.is_some() {
        dialog::paste(model, text);
    } else if model.prompt.is_some() {
        prompt::paste(model, text);
    } else if model.filter.editing {
        filter_line::paste(model, text);
    }
    Vec::new()
}

fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    use Command as C;
    match command {
        C::Up | C::Down | C::PageUp | C::PageDown | C::Top | C::Bottom => {
            list::step(model, command)
        }
        C::Left | C::Right if model.detail.is_some() => return walk(model, command == C::Right),
        C::Left => model.scrolled = model.scrolled.saturating_sub(1),
        C::Right => {
            model.scrolled = (model.scrolled + 1).min(model.columns.len().saturating_sub(3));
        }
        C::Today => go(model, Page::Today),
        C::Certificates => go(model, Page::Certificates),
        C::Orders => go(model, Page::Orders),
        C::Health => go(model, Page::Health),
        C::Forecast => go(model, Page::Forecast),
        C::NextPage => turn(model, 1),
        C::PreviousPage => turn(model, Page::ALL.len() - 1),
        C::Help if model.page == Page::Help => back(model),
        C::Help => {
            model.help.clear();
            visit(model, Page::Help);
        }
        C::Detail => return open_detail(model),
        C::Back => back(model),
        C::Filter => match (&model.detail, model.page) {
            (None, Page::Orders) => prompt::open(model, PromptKind::Orders),
            (None, Page::Today) => prompt::open(model, PromptKind::Today),
            (None, Page::Help) => prompt::open(model, PromptKind::Help),
            _ => {
                go(model, Page::Certificates);
                filter_line::open(model);
            }
        },
        C::Sort | C::Reverse if model.page == Page::Orders && model.detail.is_none() => {
            sort_orders(model, command == C::Reverse);
        }
        C::Sort => sort(model, next_column),
        C::Reverse => sort(model, |_, sort| Sort {
            descending: !sort.descending,
            ..sort
        }),
        C::Columns if on_table(model) => {
            remember(model);
            model.dialog = Some(Dialog::Columns { index: 0 });
        }
        C::Group if on_table(model) => dialog::open_groups(model),
        C::Fold if on_table(model) => {
            remember(model);
            let (now, folds) = (model.now(), model.store.folds());
            model.store.set_unfolded(folds, now);
            let words = if folds {
                "certificates that were renewed are shown"
            } else {
                "certificates that were renewed are folded under their successors"
            };
            model.say(Tone::Plain, words);
        }
        C::Mark => mark(model),
        C::MarkAll => mark_all(model),
        C::Unmark => unmark(model),
        C::Renew => actions::open(model, Verb::Renew),
        C::Revoke => actions::open(model, Verb::Revoke),
        C::Replace => actions::open(model, Verb::Replace),
        C::Fetch if model.page == Page::Health && model.detail.is_none() => {
            return check_accounts(model);
        }
        C::Fetch if model.page == Page::Orders && model.detail.is_none() => {
            actions::open(model, Verb::Poll);
        }
        C::Fetch => actions::open(model, Verb::Fetch),
        C::Cancel if model.job.as_ref().is_some_and(|job| !job.is_over()) => confirm::stop(model),
        C::Cancel => actions::open(model, Verb::Cancel),
        C::Enroll => actions::open_enroll(model, None),
        C::Undo => undo(model),
        C::Jobs => model.dialog = Some(Dialog::History { index: 0 }),
        C::Prompt => prompt::open(model, PromptKind::Command),
        C::Copy => return copy(model),
        C::CopyLine => return copy_line(model),
        C::Export if on_table(model) => dialog::open_export(model),
        C::Refresh => {
            model.today.asked = 0;
            model.say(Tone::Plain, "refreshing");
            return refresh(model);
        }
        C::Mouse => {
            model.settings.mouse = !model.settings.mouse;
            model.say(
                Tone::Plain,
                if model.settings.mouse {
                    "mouse on (hold Shift to select text)"
                } else {
                    "mouse off: the terminal selects text"
                },
            );
            return vec![Effect::Mouse(model.settings.mouse)];
        }
        C::Quit => quit(model),
        C::Columns | C::Group | C::Export | C::Fold => {
            let key = model.settings.keymap.hint(C::Certificates);
            let words = format!("{} is for certificates: press {key}", command.name());
            model.say(Tone::Plain, words);
        }
    }
    Vec::new()
}

/// Asks SCM about every config whose last look is shown, unless that is on its way.
fn check_accounts(model: &mut Model) -> Vec<Effect> {
    if !model.connection.is_up() {
        model.say(
            Tone::Warning,
            "cannot ask SCM: the server does not answer now",
        );
        return Vec::new();
    }
    let mut effects = Vec::new();
    for (mount, health) in &model.health {
        let Ok(health) = health else { continue };
        for config in health.configs.keys() {
            let subject = (mount.clone(), config.clone());
            if model.account_checks.get(&subject) != Some(&AccountCheck::Asked) {
                model.account_checks.insert(subject, AccountCheck::Asked);
                effects.push(Effect::CheckAccount {
                    mount: mount.as_str().into(),
                    config: config.clone(),
                });
            }
        }
    }
    let count = text::plural(effects.len(), "config");
    model.say(Tone::Plain, format!("asking SCM about {count}"));
    effects
}

fn on_table(model: &Model) -> bool {
    model.page == Page::Certificates && model.detail.is_none()
}

fn turn(model: &mut Model, by: usize) {
    let at = Page::ALL
        .iter()
        .position(|page| *page == model.page)
        .unwrap_or(0);
    go(model, Page::ALL[(at + by) % Page::ALL.len()]);
}

/// One step back: out of the detail, the filter of Today and Help, to where it was opened from, then the filter, then the
/// marks, then Certificates.
fn back(model: &mut Model) {
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

fn undo(model: &mut Model) {
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
        model.table = crate::tui::model::Cursor::default();
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

/// Ends the warning about requests that are left.
const LEAVE: &str = "Press again to quit without them.";

fn quit(model: &mut Model) {
    let warned = model
        .notice
        .as_ref()
        .is_some_and(|n| n.text.ends_with(LEAVE));
    match &model.job {
        Some(job) if !job.is_over() && !warned => {
            let rest = text::plural(job.items.len() - job.ended(), "request");
            model.say(Tone::Bad, format!("{rest} not finished. {LEAVE}"));
        }
        _ => model.quit = true,
    }
}

/// Opens what a line of Today is about, where it is mended.
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

fn open_detail(model: &mut Model) -> Vec<Effect> {
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

/// To the certificate before this one, or to its successor.
fn walk(model: &mut Model, later: bool) -> Vec<Effect> {
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

fn next_column(columns: &[Column], sort: Sort) -> Sort {
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

fn sort_orders(model: &mut Model, turn: bool) {
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

fn sort(model: &mut Model, change: impl Fn(&[Column], Sort) -> Sort) {
    if !on_table(model) {
        return;
    }
    remember(model);
    let sort = change(&model.columns, model.store.sort());
    let now = model.now();
    model.store.set_sort(sort, now);
    model.table = crate::tui::model::Cursor::default();
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

fn mark(model: &mut Model) {
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

fn mark_all(model: &mut Model) {
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

fn unmark(model: &mut Model) {
    model.mark_when_complete = false;
    match model.page {
        Page::Orders => model.orders.marks.clear(),
        _ => {
            remember(model);
            model.marks.clear();
        }
    }
}

fn copy(model: &mut Model) -> Vec<Effect> {
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
                    // Of an order that waits for a record, that is what is wanted.
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

/// The command that reads what is under the bar.
fn copy_line(model: &mut Model) -> Vec<Effect> {
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
