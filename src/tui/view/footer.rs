//! The last line of the screen: the keys that can be used here.

use ratatui::buffer::Buffer;

use super::widgets::LineBuilder;
use crate::tui::keys::Command;
use crate::tui::layout;
use crate::tui::model::{Dialog, Job, Model, Page, PromptKind};
use crate::tui::source::Verb;
use crate::tui::text;
use crate::tui::theme::Tone;
use crate::tui::update::{offered, unavailable};

pub(super) fn draw(model: &Model, buffer: &mut Buffer) {
    let theme = model.theme();
    let frame = layout::frame(model);
    let (width, y) = (frame.header.width, frame.footer.y);
    let mut words = LineBuilder::new(theme);
    let mut used = 0;
    for (key, what, usable) in footer_keys(model) {
        if key.is_empty() {
            continue;
        }
        let wide = text::width(&key) + text::width(what) + if usable { 3 } else { 5 };
        if used + wide > usize::from(width.saturating_sub(1)) {
            break;
        }
        used += wide;
        words = if usable {
            words
                .add(Tone::Key, key)
                .add(Tone::Plain, format!(" {what}  "))
        } else {
            words.add(Tone::Faint, format!("({key} {what})  "))
        };
    }
    buffer.set_line(1, y, &words.line(), width.saturating_sub(2));
}

type Key = (String, &'static str, bool);

/// The keys that can be used here, the most useful first. Keys that cannot be used now are in brackets.
fn footer_keys(model: &Model) -> Vec<Key> {
    let fixed = match (&model.dialog, &model.prompt) {
        (Some(dialog), _) => dialog_keys(model, dialog),
        (None, Some(prompt)) => line_keys(match prompt.kind {
            PromptKind::Command => "run",
            PromptKind::Orders | PromptKind::Today | PromptKind::Help => "apply",
        }),
        (None, None) if model.filter.editing => line_keys("apply"),
        (None, None) => return page_keys(model),
    };
    fixed
        .into_iter()
        .map(|(key, what)| (key.to_owned(), what, true))
        .collect()
}

fn dialog_keys(model: &Model, dialog: &Dialog) -> Vec<(&'static str, &'static str)> {
    match dialog {
        Dialog::Ask(_) => vec![
            ("y", "confirm"),
            ("ctrl-y", "copy the command"),
            ("esc", "back"),
        ],
        Dialog::Typed(_) => vec![
            ("tab", "next field"),
            ("ctrl-y", "copy the command"),
            ("esc", "back"),
        ],
        Dialog::Columns { .. } => vec![
            ("space", "show or hide"),
            ("left/right", "move"),
            ("esc", "done"),
        ],
        Dialog::History { .. } => vec![("enter", "show the results"), ("esc", "back")],
        Dialog::Enroll(_) => vec![
            ("enter", "show what would be ordered"),
            ("tab", "next field"),
            ("esc", "back"),
        ],
        Dialog::Groups(_) => vec![
            ("enter", "filter to it"),
            ("tab", "count by another"),
            ("esc", "back"),
        ],
        Dialog::Export(_) => vec![("enter", "write"), ("tab", "CSV or JSON"), ("esc", "back")],
        Dialog::Progress => progress_keys(model.job.as_ref()),
        Dialog::Token { .. } => vec![("enter", "use it"), ("esc", "view cached data")],
    }
}

fn progress_keys(job: Option<&Job>) -> Vec<(&'static str, &'static str)> {
    let scroll = ("up/down", "scroll");
    match job {
        Some(job) if !job.is_over() => {
            vec![("x", "stop"), scroll, ("esc", "continue in background")]
        }
        Some(job) if !job.unfinished().is_empty() => {
            vec![("r", "retry the rest"), scroll, ("esc", "close")]
        }
        _ => vec![scroll, ("esc", "close")],
    }
}

/// The keys of a line in which text is typed.
fn line_keys(enter: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("enter", enter),
        ("tab", "complete"),
        ("up/down", "choose"),
        ("esc", "cancel"),
    ]
}

fn page_keys(model: &Model) -> Vec<Key> {
    let key =
        |command: Command, what: &'static str| (model.settings.keymap.hint(command), what, true);
    let mut keys: Vec<Key> = Vec::new();
    match (&model.detail, model.page) {
        (None, Page::Certificates) => {
            keys.extend([
                key(Command::Filter, "filter"),
                key(Command::Detail, "details"),
                key(Command::Mark, "mark"),
            ]);
        }
        (None, Page::Orders) => keys.extend([
            key(Command::Detail, "details"),
            key(Command::Mark, "mark"),
            key(Command::Filter, "filter"),
        ]),
        (Some(_), _) => keys.extend([key(Command::Back, "back"), key(Command::Copy, "copy PEM")]),
        (None, Page::Health) => keys.push(key(Command::Fetch, "check SCM now")),
        (None, Page::Forecast) => keys.push(key(Command::Detail, "what expires in the week")),
        (None, Page::Today) => keys.extend([
            key(Command::Detail, "open"),
            key(Command::Certificates, "certificates"),
            key(Command::Orders, "orders"),
            key(Command::Health, "health"),
            key(Command::Filter, "filter"),
        ]),
        (None, Page::Help) => keys.push(key(Command::Filter, "search")),
    }
    for (n, verb) in offered(model).iter().enumerate() {
        match n {
            1 => keys.push(key(Command::Help, "help")),
            2 => keys.push(key(Command::Quit, "quit")),
            _ => {}
        }
        let (command, what) = match verb {
            Verb::Enroll => (Command::Enroll, "enroll"),
            Verb::Renew => (Command::Renew, "renew"),
            Verb::Revoke => (Command::Revoke, "revoke"),
            Verb::Replace => (Command::Replace, "replace"),
            Verb::Fetch => (Command::Fetch, "fetch"),
            Verb::Poll => (Command::Fetch, "check now"),
            Verb::Cancel => (Command::Cancel, "cancel"),
        };
        keys.push((
            model.settings.keymap.hint(command),
            what,
            unavailable(model, *verb).is_none(),
        ));
    }
    if model.detail.is_none() && model.page == Page::Certificates {
        keys.push(key(Command::Sort, "sort"));
    }
    if offered(model).is_empty() {
        keys.push(key(Command::Help, "help"));
    }
    if offered(model).len() <= 2 {
        keys.push(key(Command::Quit, "quit"));
    }
    if model.detail.is_none() && model.page == Page::Certificates {
        keys.extend([
            key(Command::Copy, "copy"),
            key(Command::Columns, "columns"),
            key(Command::Export, "export"),
        ]);
        keys.push(key(Command::MarkAll, "mark all"));
    }
    if model.page != Page::Today {
        keys.push(key(Command::Today, "today"));
    }
    keys.extend([
        key(Command::Enroll, "enroll"),
        key(Command::Prompt, "command"),
        key(Command::NextPage, "pages"),
    ]);
    keys
}
