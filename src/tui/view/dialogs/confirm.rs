//! The dialogs that say what is about to be done to which certificates, and ask for confirmation.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::{WIDTH, inner_width, put};
use crate::tui::model::{Ask, Facts, Model, REASON_CODES, Target, TypedFocus, TypedForm};
use crate::tui::source::Verb;
use crate::tui::text;
use crate::tui::theme::{self, Theme, Tone};
use crate::tui::time;
use crate::tui::view::widgets::{self, LineBuilder};

/// The number of names that a dialog lists; further names are only counted.
const NAMED: usize = 5;

/// Replaces the lines that do not fit by an ellipsis.
fn shorten(theme: Theme, lines: &mut Vec<Line<'static>>, most: usize) {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = LineBuilder::new(theme)
                .add(Tone::Faint, theme.ellipsis())
                .line();
        }
    }
}

pub(super) fn ask_box(model: &Model, ask: &Ask, buffer: &mut Buffer) {
    let theme = model.theme();
    let mut lines = about(model, ask, &ask.fields, inner_width(buffer));
    // On a small screen the line that confirms matters more than the commands.
    shorten(
        theme,
        &mut lines,
        usize::from(buffer.area.height).saturating_sub(7),
    );
    lines.push(Line::default());
    lines.push(
        LineBuilder::new(theme)
            .styled(
                theme.style(Tone::Selected),
                format!(" y: {} ", ask.verb.word()),
            )
            .add(Tone::Plain, "   ")
            .add(Tone::Key, "ctrl-y")
            .add(Tone::Plain, " copy the command   ")
            .add(Tone::Key, "ctrl-s")
            .add(Tone::Plain, " that of svpki   ")
            .add(Tone::Key, "esc")
            .add(Tone::Plain, " back")
            .line(),
    );
    let inside = widgets::window(buffer, theme, &title(ask), WIDTH, lines.len() as u16);
    put(buffer, inside, &lines);
}

pub(super) fn typed_box(model: &Model, form: &TypedForm, buffer: &mut Buffer) -> Option<Position> {
    let theme = model.theme();
    let width = inner_width(buffer);
    let mut lines = about(model, &form.ask, &form.fields(), width);
    let stops = form.stops();
    let outside = 3 + 2;
    // On a small screen the fields matter more than the explanation.
    let most = usize::from(buffer.area.height).saturating_sub(outside + stops.len() + 3);
    shorten(theme, &mut lines, most);
    lines.push(Line::default());
    let first = lines.len() as u16;
    let inside = widgets::window(
        buffer,
        theme,
        &title(&form.ask),
        WIDTH,
        first + stops.len() as u16 + 2,
    );
    put(buffer, inside, &lines);
    let mut cursor = None;
    for (n, stop) in stops.iter().enumerate() {
        let y = inside.y + first + n as u16;
        if y >= inside.bottom() {
            break;
        }
        let focused = form.focus == *stop;
        let label = match stop {
            TypedFocus::Name => format!("type {}:", form.expected()),
            TypedFocus::Reason => "reason:".to_owned(),
            TypedFocus::Code => "code:".to_owned(),
            TypedFocus::Names => "alt names:".to_owned(),
        };
        let tone = if focused { Tone::Key } else { Tone::Faint };
        // Leave room for the field behind the label.
        let label = text::cut(&label, width.saturating_sub(16), theme.ellipsis());
        buffer.set_string(inside.x, y, &label, theme.style(tone));
        let x = inside.x + text::width(&label) as u16 + 1;
        let room = Rect::new(x, y, inside.right().saturating_sub(x), 1);
        let column = match stop {
            TypedFocus::Name => {
                let style = if form.is_confirmed() {
                    Tone::Bad
                } else {
                    Tone::Plain
                };
                widgets::text_input(buffer, room, &form.name, theme.style(style), false)
            }
            TypedFocus::Reason => {
                widgets::text_input(buffer, room, &form.reason, theme.style(Tone::Plain), false)
            }
            TypedFocus::Names => {
                widgets::text_input(buffer, room, &form.names, theme.style(Tone::Plain), false)
            }
            TypedFocus::Code => {
                let chosen = form.code.and_then(|at| REASON_CODES.get(at));
                let words = chosen.map_or_else(
                    || "none chosen".to_owned(),
                    |(code, word)| format!("{code} {word}"),
                );
                let words = format!(
                    "{words}  ({})",
                    theme.pick("← → choose", "left/right choose")
                );
                buffer.set_stringn(
                    room.x,
                    y,
                    words,
                    usize::from(room.width),
                    theme.style(Tone::Plain),
                );
                room.x
            }
        };
        if focused {
            cursor = Some(Position::new(
                column.min(inside.right().saturating_sub(1)),
                y,
            ));
        }
    }
    let (tone, words) = if let (true, Some((_, what))) = (form.is_confirmed(), form.lacks()) {
        (Tone::Warning, format!("Give {what}; Esc cancels."))
    } else if form.is_confirmed() {
        (Tone::Bad, format!("Enter: {} now", form.ask.verb.word()))
    } else {
        (
            Tone::Plain,
            "Type it to enable Enter; Esc cancels.".to_owned(),
        )
    };
    if inside.height > 0 {
        let line = LineBuilder::new(theme).add(tone, words).line();
        buffer.set_line(inside.x, inside.bottom() - 1, &line, inside.width);
    }
    cursor
}

fn subject(ask: &Ask) -> String {
    let noun = if matches!(ask.verb, Verb::Cancel | Verb::Poll) {
        "order"
    } else {
        "certificate"
    };
    match &ask.targets[..] {
        [one] => one.name.to_string(),
        many => text::plural(many.len(), noun),
    }
}

fn title(ask: &Ask) -> String {
    let verb = match ask.verb {
        Verb::Enroll => "Enroll",
        Verb::Renew => "Renew",
        Verb::Replace => "Replace",
        Verb::Revoke => "Revoke",
        Verb::Fetch => "Fetch",
        Verb::Poll => "Check",
        Verb::Cancel => "Cancel",
    };
    format!("{verb} {}", subject(ask))
}

/// The meaning of the action, its targets, and the commands that do the same.
fn about(
    model: &Model,
    ask: &Ask,
    fields: &[(&'static str, String)],
    width: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme();
    let meaning = match ask.verb {
        Verb::Enroll => "Orders a new certificate at SCM: one paid order.",
        Verb::Renew => {
            "Orders a new certificate with a new ID and key. The current one stays valid until it expires."
        }
        Verb::Replace => {
            "Orders a new certificate under the same ID. The current one stops being valid."
        }
        Verb::Revoke => "Revokes the certificate publicly. This cannot be undone.",
        Verb::Fetch => "Brings the certificate from SCM into storage; changes nothing at SCM.",
        Verb::Poll => "Checks the order at SCM now.",
        Verb::Cancel => {
            "Declines the order if it awaits approval, or drops it if it was never sent. An order that the CA is processing cannot be cancelled."
        }
    };
    let plain = |words: &str| LineBuilder::new(theme).add(Tone::Plain, words).line();
    let mut lines: Vec<Line<'static>> = text::wrap(meaning, width)
        .iter()
        .map(|l| plain(l))
        .collect();
    lines.push(Line::default());
    if let [one] = &ask.targets[..] {
        lines.extend(about_one(model, ask, one, width));
    } else {
        for target in ask.targets.iter().take(NAMED) {
            lines.push(plain(&one_line(model, target, width)));
        }
    }
    if ask.targets.len() > NAMED {
        lines.push(plain(&format!(
            "  and {} more",
            text::count((ask.targets.len() - NAMED) as u64)
        )));
    }
    if ask.hidden > 0 {
        let words = format!(
            "{} hidden by the filter",
            text::plural(ask.hidden, "marked certificate")
        );
        lines.push(LineBuilder::new(theme).add(Tone::Warning, words).line());
    }
    if let Some((name, why)) = ask.left_out.first() {
        let words = format!("{} skipped, e.g. {name}: {why}", ask.left_out.len());
        lines.push(
            LineBuilder::new(theme)
                .add(Tone::Warning, text::cut(&words, width, theme.ellipsis()))
                .line(),
        );
    }
    if ask.targets.len() > 1 && ask.verb.orders() {
        lines.extend(costs(model, ask, width));
    }
    lines.push(Line::default());
    if let Some(first) = ask.targets.first() {
        let request = first.request(ask.verb, fields);
        for command in [request.command(model.product()), request.svpki()] {
            let mut shown: Vec<String> = text::wrap(&command, width.saturating_sub(2));
            if ask.targets.len() > 1 {
                shown.truncate(2);
            }
            for (n, line) in shown.iter().enumerate() {
                let begin = if n == 0 { "$" } else { " " };
                lines.push(
                    LineBuilder::new(theme)
                        .add(Tone::Faint, format!("{begin} {line}"))
                        .line(),
                );
            }
        }
    }
    lines
}

/// The orders that are about to be paid for.
fn costs(model: &Model, ask: &Ask, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let orders = text::plural(ask.targets.len(), "paid order");
    let mut words = format!("Places {orders} at SCM.");
    let early = ask.early();
    if early > 0 {
        let due = ask.targets.len() - early;
        words.push_str(&format!(
            " {} due for renewal, {} not due",
            text::count(due as u64),
            text::count(early as u64)
        ));
        let youngest = ask.targets.iter().filter_map(|t| t.facts.as_ref());
        if let Some(at) = youngest.map(|facts| facts.not_before).max() {
            words.push_str(&format!(
                "; the youngest was issued {}",
                time::relative(at, model.now())
            ));
        }
        words.push_str(if due > 0 {
            ". ctrl-d keeps only the due ones."
        } else {
            "."
        });
    }
    let tone = if early > 0 { Tone::Bad } else { Tone::Warning };
    text::wrap(&words, width)
        .iter()
        .map(|line| LineBuilder::new(theme).add(tone, line).line())
        .collect()
}

/// One of several targets, on one line.
fn one_line(model: &Model, target: &Target, width: usize) -> String {
    let state = target
        .facts
        .as_ref()
        .map_or_else(String::new, |facts| format!("  {}", state_of(model, facts)));
    let words = format!("  {}{state}  {}", target.name, target.key.config);
    text::cut(&words, width, model.theme().ellipsis())
}

fn state_of(model: &Model, facts: &Facts) -> String {
    let theme = model.theme();
    let status = match facts.status {
        Some(status) => format!("{} {status}", theme.symbol(status)),
        None => "? unknown".to_owned(),
    };
    if facts.not_after == 0 {
        return status;
    }
    let end = time::relative(facts.not_after, model.now());
    format!("{status}, ends {} ({end})", time::date(facts.not_after))
}

/// The details that distinguish the only target from its namesakes, and the namesakes.
fn about_one(model: &Model, ask: &Ask, one: &Target, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let key = &one.key;
    let mut lines = Vec::new();
    let mut add = |label: &str, value: &str, tone| {
        lines.extend(widgets::labelled(theme, label, value, tone, width));
    };
    if let Some(facts) = &one.facts {
        let tone = facts.status.map_or(Tone::Plain, theme::tone);
        add("status", &state_of(model, facts), tone);
        add("serial", &facts.serial, Tone::Plain);
    }
    if ask.verb == Verb::Enroll {
        let place = format!("{}/{}", key.mount, key.config);
        add("config", &place, Tone::Plain);
        for (name, value) in &ask.fields {
            add(
                &name.replace('_', " "),
                &value.replace(',', " "),
                Tone::Plain,
            );
        }
    } else {
        let place = format!("{}/{}/{}", key.mount, key.config, key.id);
        add("ID", &place, Tone::Plain);
    }
    for order in ask.open_orders.iter().take(2) {
        add("open order", order, Tone::Bad);
    }
    for (n, (other, facts)) in ask.namesakes.iter().take(2).enumerate() {
        let label = if n == 0 { "same name" } else { "" };
        let words = format!("{}: {}", other.id, state_of(model, facts));
        add(label, &words, Tone::Warning);
    }
    if ask.namesakes.len() > 2 {
        let more = format!("and {} more", ask.namesakes.len() - 2);
        add("", &more, Tone::Warning);
    }
    lines
}
