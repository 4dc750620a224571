//! The boxes over a page.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::widgets::{self, LineBuilder};
use crate::tui::model::groups::Groups;
use crate::tui::model::{
    Ask, Column, Dialog, EnrollForm, ExportForm, ExportFormat, Facts, Item, ItemState, Job, Model,
    REASON_CODES, Target, TypedFocus, TypedForm,
};
use crate::tui::source::{SourceError, Verb};
use crate::tui::text;
use crate::tui::text_input::TextInput;
use crate::tui::theme::{self, Theme, Tone};
use crate::tui::time;

const WIDTH: u16 = 76;
/// Names that a dialog lists before it only counts them.
const NAMED: usize = 5;

/// Draws the dialog; gives the cursor's place when something is typed in it.
pub(super) fn draw(model: &Model, dialog: &Dialog, buffer: &mut Buffer) -> Option<Position> {
    match dialog {
        Dialog::Ask(ask) => {
            ask_box(model, ask, buffer);
            None
        }
        Dialog::Typed(form) => typed_box(model, form, buffer),
        Dialog::Columns { index } => {
            columns_box(model, *index, buffer);
            None
        }
        Dialog::Groups(groups) => {
            groups_box(model, groups, buffer);
            None
        }
        Dialog::History { index } => {
            history_box(model, *index, buffer);
            None
        }
        Dialog::Enroll(form) => Some(enroll_box(model, form, buffer)),
        Dialog::Export(form) => export_box(model, form, buffer),
        Dialog::Progress => {
            if let Some(job) = &model.job {
                progress_box(model, job, buffer);
            }
            None
        }
        Dialog::Token { field, error, busy } => {
            token_box(model, field, error.as_ref(), *busy, buffer)
        }
    }
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

/// What it means, who it is about, and the command line that does the same.
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

/// What is about to be paid for.
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

/// One of many: what it is, on one line.
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

/// The only target: everything that tells it from its namesakes, and those.
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

fn put(buffer: &mut Buffer, inside: Rect, lines: &[Line<'static>]) {
    for (y, line) in (inside.y..inside.bottom()).zip(lines) {
        buffer.set_line(inside.x, y, line, inside.width);
    }
}

fn inner_width(buffer: &Buffer) -> usize {
    usize::from(
        WIDTH
            .min(buffer.area.width.saturating_sub(2))
            .saturating_sub(4),
    )
}

/// Leaves out what has no room, with a sign of it.
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

fn ask_box(model: &Model, ask: &Ask, buffer: &mut Buffer) {
    let theme = model.theme();
    let mut lines = about(model, ask, &ask.fields, inner_width(buffer));
    // On a small screen what confirms matters more than the commands.
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

fn typed_box(model: &Model, form: &TypedForm, buffer: &mut Buffer) -> Option<Position> {
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
        // What is to be typed is never cut.
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

fn columns_box(model: &Model, index: usize, buffer: &mut Buffer) {
    let theme = model.theme();
    let inside = widgets::window(buffer, theme, "Columns", 40, Column::ALL.len() as u16);
    let height = usize::from(inside.height).max(1);
    let first = (index + 1).saturating_sub(height);
    let beyond = super::certificates::columns_beyond(model);
    for (y, (at, column)) in
        (inside.y..inside.bottom()).zip(Column::ALL.iter().enumerate().skip(first))
    {
        let room = if beyond.contains(column) {
            "  (no room)"
        } else {
            ""
        };
        let place = model.columns.iter().position(|c| c == column);
        let words = match place {
            Some(place) => {
                let (mark, title) = (theme.mark(), column.title());
                format!("{mark} {:>2}  {title}{room}", place + 1)
            }
            None => format!("      {}", column.title()),
        };
        let words = text::fit(&words, usize::from(inside.width), theme.ellipsis());
        let tone = if at == index {
            Tone::Selected
        } else {
            Tone::Plain
        };
        buffer.set_string(inside.x, y, words, theme.style(tone));
    }
}

fn groups_box(model: &Model, groups: &Groups, buffer: &mut Buffer) {
    let theme = model.theme();
    let more = if model.store.complete() {
        ""
    } else {
        " (loading)"
    };
    let title = format!("By {}{more}", groups.by.word());
    let inside = widgets::window(buffer, theme, &title, WIDTH, groups.rows.len() as u16 + 1);
    let wide = usize::from(inside.width);
    let name = wide.saturating_sub(3 * 11);
    let line = |cells: [&str; 4]| {
        let name = text::fit(cells[0], name, theme.ellipsis());
        format!("{name}{:>11}{:>11}{:>11}", cells[1], cells[2], cells[3])
    };
    let head = line(["", "rows", "expiring", "failed"]);
    buffer.set_string(inside.x, inside.y, head, theme.style(Tone::Title));
    let height = usize::from(inside.height).saturating_sub(1).max(1);
    let first = (groups.index + 1).saturating_sub(height);
    let shown = groups.rows.iter().enumerate().skip(first);
    for (y, (at, group)) in (inside.y + 1..inside.bottom()).zip(shown) {
        let count = |n: usize| text::count(n as u64);
        let (all, expiring, failed) = (
            count(group.count),
            count(group.expiring),
            count(group.failed),
        );
        let tone = match (at == groups.index, group.failed) {
            (true, _) => Tone::Selected,
            (false, 0) => Tone::Plain,
            (false, _) => Tone::Bad,
        };
        let name = if group.name.is_empty() {
            "none"
        } else {
            &group.name
        };
        let words = line([name, &all, &expiring, &failed]);
        buffer.set_stringn(inside.x, y, words, wide, theme.style(tone));
    }
}

/// Every job of this run, the newest first.
fn history_box(model: &Model, index: usize, buffer: &mut Buffer) {
    let theme = model.theme();
    let jobs: Vec<&Job> = model.jobs().collect();
    let inside = widgets::window(buffer, theme, "Done here", WIDTH, jobs.len().max(1) as u16);
    let wide = usize::from(inside.width);
    if jobs.is_empty() {
        let words = text::cut("Nothing was done here yet.", wide, theme.ellipsis());
        buffer.set_string(inside.x, inside.y, words, theme.style(Tone::Plain));
    }
    let first = (index + 1).saturating_sub(usize::from(inside.height).max(1));
    let shown = jobs.iter().enumerate().skip(first);
    for (y, (at, job)) in (inside.y..inside.bottom()).zip(shown) {
        let when = time::relative(job.started.div_euclid(1000), model.now());
        let words = match &job.items[..] {
            [one] => format!("{} {}: {}", job.verb.word(), one.target.name, job.summary()),
            _ => format!("{}: {}", job.verb.word(), job.summary()),
        };
        let words = text::fit(&format!("{when:<14} {words}"), wide, theme.ellipsis());
        let tone = match (at == index, job.failed()) {
            (true, _) => Tone::Selected,
            (false, 0) => Tone::Plain,
            (false, _) => Tone::Bad,
        };
        buffer.set_string(inside.x, y, words, theme.style(tone));
    }
}

fn enroll_box(model: &Model, form: &EnrollForm, buffer: &mut Buffer) -> Position {
    const LABEL: u16 = 14;
    let theme = model.theme();
    let lines = EnrollForm::LABELS.len() as u16 + 1;
    let inside = widgets::window(buffer, theme, "Enroll a certificate", WIDTH, lines + 2);
    let label = |buffer: &mut Buffer, line: u16, words: &str, focused: bool| {
        let tone = if focused { Tone::Key } else { Tone::Plain };
        let y = (inside.y + line).min(inside.bottom().saturating_sub(1));
        buffer.set_stringn(inside.x, y, words, usize::from(LABEL), theme.style(tone));
        Rect::new(inside.x + LABEL, y, inside.width.saturating_sub(LABEL), 1)
    };
    let room = label(buffer, 0, "config:", form.focus == 0);
    let place = form.places.get(form.place);
    let place = place.map_or(String::new(), |(mount, config)| format!("{mount}/{config}"));
    let words = format!(
        "{place}  ({})",
        theme.pick("← → choose", "left/right choose")
    );
    let words = text::cut(&words, usize::from(room.width), theme.ellipsis());
    buffer.set_string(room.x, room.y, words, theme.style(Tone::Plain));
    let mut cursor = Position::new(room.x, room.y);
    for (n, (field, words)) in form.fields.iter().zip(EnrollForm::LABELS).enumerate() {
        let focused = form.focus == n + 1;
        let room = label(buffer, n as u16 + 1, &format!("{words}:"), focused);
        let x = widgets::text_input(buffer, room, field, theme.style(Tone::Plain), false);
        if focused {
            cursor = Position::new(x.min(inside.right().saturating_sub(1)), room.y);
        }
    }
    let words = "Enter shows what would be ordered; profile and term may come from the config.";
    let words = text::cut(words, usize::from(inside.width), theme.ellipsis());
    let y = inside.bottom().saturating_sub(1);
    buffer.set_string(inside.x, y, words, theme.style(Tone::Plain));
    cursor
}

fn export_box(model: &Model, form: &ExportForm, buffer: &mut Buffer) -> Option<Position> {
    let theme = model.theme();
    let title = match model.marks.len() {
        0 => "Export the rows shown".to_owned(),
        marks => format!(
            "Export the marked rows shown, of {} marked",
            text::count(marks as u64)
        ),
    };
    let inside = widgets::window(buffer, theme, &title, WIDTH, 5);
    let choice = |format, word: &str| {
        let chosen = form.format == format;
        format!(
            "{} {word}   ",
            if chosen {
                theme.pick("●", "(*)")
            } else {
                theme.pick("○", "( )")
            }
        )
    };
    let formats = LineBuilder::new(theme)
        .add(
            Tone::Plain,
            choice(ExportFormat::Csv, "CSV, the columns shown"),
        )
        .add(
            Tone::Plain,
            choice(ExportFormat::Json, "JSON, everything known"),
        )
        .line();
    let state = if form.waiting {
        let loaded = text::count(model.store.loaded() as u64);
        format!(
            "loading the rest first: {loaded} rows here{}",
            theme.ellipsis()
        )
    } else {
        "existing files are kept".to_owned()
    };
    let lines = [
        formats,
        Line::default(),
        LineBuilder::new(theme).add(Tone::Key, "file:").line(),
        Line::default(),
        LineBuilder::new(theme).add(Tone::Faint, state).line(),
    ];
    put(buffer, inside, &lines);
    let room = Rect {
        x: inside.x + 6,
        y: inside.y + 2,
        width: inside.width.saturating_sub(6),
        height: 1,
    };
    let x = widgets::text_input(buffer, room, &form.path, theme.style(Tone::Plain), false);
    Some(Position::new(x, room.y))
}

fn progress_box(model: &Model, job: &Job, buffer: &mut Buffer) {
    const WIDE: u16 = 100;
    let theme = model.theme();
    let width = usize::from(
        WIDE.min(buffer.area.width.saturating_sub(2))
            .saturating_sub(4),
    );
    let most = buffer.area.height.saturating_sub(6);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let failed = |item: &&Item| matches!(item.state, ItemState::Failed(_));
    let failed_first = job.items.iter().filter(failed);
    let others = job.items.iter().filter(|item| !failed(item));
    for item in failed_first.chain(others).skip(job.scroll) {
        if lines.len() >= usize::from(most) {
            break;
        }
        let (tone, words) = item_words(item, theme.pick("…", "..."));
        let words = format!("{}  {words}", item.target.name);
        for (n, piece) in text::wrap(&words, width.saturating_sub(2))
            .into_iter()
            .enumerate()
        {
            let indent = if n == 0 { "" } else { "  " };
            lines.push(
                LineBuilder::new(theme)
                    .add(tone, format!("{indent}{piece}"))
                    .line(),
            );
        }
    }
    let all = text::count(job.items.len() as u64);
    let title = if job.is_over() {
        format!("{}: {}", job.verb.word(), job.outcome())
    } else {
        let left = job.time_left();
        let left = left.map_or(String::new(), |left| {
            format!(", about {} left", time::span(left))
        });
        format!(
            "{}: {} of {all}, {}{left}",
            job.verb.word(),
            job.ended(),
            job.outcome()
        )
    };
    let height = (lines.len() as u16 + 2).min(most);
    let inside = widgets::window(buffer, theme, &title, WIDE, height);
    let bar = usize::from(inside.width);
    let full = bar * job.ended() / job.items.len().max(1);
    let line = LineBuilder::new(theme)
        .add(Tone::Good, theme.pick("━", "#").repeat(full))
        .add(Tone::Faint, theme.pick("─", "-").repeat(bar - full))
        .line();
    buffer.set_line(inside.x, inside.y, &line, inside.width);
    for (y, line) in (inside.y + 2..inside.bottom()).zip(&lines) {
        buffer.set_line(inside.x, y, line, inside.width);
    }
}

fn item_words(item: &Item, busy: &str) -> (Tone, String) {
    match &item.state {
        ItemState::Waiting => (Tone::Faint, "queued".to_owned()),
        ItemState::Stopped => (Tone::Warning, "not sent: stopped".to_owned()),
        ItemState::Running => (Tone::Busy, format!("in progress{busy}")),
        ItemState::Done(done) => {
            let warnings: String = done.warnings.iter().map(|w| format!(" | {w}")).collect();
            (Tone::Good, format!("ok: {}{warnings}", done.message))
        }
        ItemState::Failed(SourceError::Unreachable(why)) if item.request.verb.orders() => (
            Tone::Bad,
            format!("outcome unknown; a retry gives the same order: {why}"),
        ),
        ItemState::Failed(SourceError::Unreachable(why)) => (
            Tone::Bad,
            format!("outcome unknown; check before retrying: {why}"),
        ),
        ItemState::Failed(error) => (Tone::Bad, format!("failed: {error}")),
        ItemState::NotSent => (
            Tone::Warning,
            "not sent: the server was unreachable".to_owned(),
        ),
    }
}

/// A token that never worked here is not "expired".
fn token_title(model: &Model) -> &'static str {
    if model.token.is_some() {
        "Token expired or revoked"
    } else {
        "No valid token"
    }
}

fn token_box(
    model: &Model,
    field: &TextInput,
    error: Option<&SourceError>,
    busy: bool,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = model.theme();
    let inside = widgets::window(buffer, theme, token_title(model), WIDTH, 5);
    let state = match (busy, error) {
        (true, _) => (Tone::Faint, format!("checking{}", theme.ellipsis())),
        (false, Some(error)) => (Tone::Bad, format!("refused: {error}")),
        (false, None) => (Tone::Faint, "kept in memory only, never shown".to_owned()),
    };
    let lines = [
        LineBuilder::new(theme)
            .add(
                Tone::Plain,
                text::cut(
                    &format!("Enter a token for {}", model.server_address.address),
                    usize::from(inside.width),
                    theme.ellipsis(),
                ),
            )
            .line(),
        Line::default(),
        LineBuilder::new(theme).add(Tone::Key, "token:").line(),
        Line::default(),
        LineBuilder::new(theme)
            .add(
                state.0,
                text::cut(&state.1, usize::from(inside.width), theme.ellipsis()),
            )
            .line(),
    ];
    put(buffer, inside, &lines);
    let room = Rect {
        x: inside.x + 7,
        y: inside.y + 2,
        width: inside.width.saturating_sub(7),
        height: 1,
    };
    let x = widgets::text_input(buffer, room, field, theme.style(Tone::Plain), true);
    Some(Position::new(x, room.y))
}
