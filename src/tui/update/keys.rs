//! Sends each key where it belongs, and runs the commands of keys.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::back::{back, undo};
use super::navigate::{go, remember, visit};
use super::open::{open_detail, walk};
use super::rows::{
    copy, copy_line, mark, mark_all, next_column, on_table, sort, sort_orders, unmark,
};
use super::{Effect, actions, confirm, dialog, filter_line, list, prompt, refresh};
use crate::tui::keys::{Chord, Command};
use crate::tui::layout;
use crate::tui::model::{AccountCheck, Arrival, Dialog, Model, Page, PromptKind, Sort};
use crate::tui::source::Verb;
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
        // The page is not visible, so a key can only quit.
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
        // Esc and a key that arrive together look like the key with Alt.
        None if key.modifiers.contains(KeyModifiers::ALT) => {
            back(model);
            model.hand.mark_as_paste();
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

/// Has the plugin check every SCM account shown on Health, except those whose check is under way.
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

fn turn(model: &mut Model, by: usize) {
    let at = Page::ALL
        .iter()
        .position(|page| *page == model.page)
        .unwrap_or(0);
    go(model, Page::ALL[(at + by) % Page::ALL.len()]);
}

/// The end of the warning about unfinished requests, by which it is recognized.
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
