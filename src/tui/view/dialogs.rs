//! The boxes over a page.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::widgets::{self, LineBuilder};
use crate::tui::model::{
    Ask, Column, Dialog, ExportForm, ExportFormat, Item, ItemState, Job, Model, REASON_CODES,
    TypedFocus, TypedForm,
};
use crate::tui::source::{SourceError, Verb};
use crate::tui::text;
use crate::tui::text_input::TextInput;
use crate::tui::theme::Tone;

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
        Verb::Renew => "Renew",
        Verb::Replace => "Replace",
        Verb::Revoke => "Revoke",
        Verb::Fetch => "Fetch",
        Verb::Poll => "Ask SCM again for",
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
        Verb::Renew => {
            "Orders a successor at SCM under a new id, with a fresh key. The old one stays valid."
        }
        Verb::Replace => {
            "Orders a new certificate under the same id. The old one stops being valid."
        }
        Verb::Revoke => "Revokes at SCM, for all the world. This cannot be taken back.",
        Verb::Fetch => "Brings the certificate from SCM into storage; changes nothing at SCM.",
        Verb::Poll => "Asks SCM now instead of at the next look.",
        Verb::Cancel => {
            "Declines it at SCM while it waits for approval; drops it when it was not sent. What the CA works on already cannot be called back."
        }
    };
    let plain = |words: &str| LineBuilder::new(theme).add(Tone::Plain, words).line();
    let mut lines: Vec<Line<'static>> = text::wrap(meaning, width)
        .iter()
        .map(|l| plain(l))
        .collect();
    lines.push(Line::default());
    for target in ask.targets.iter().take(NAMED) {
        let key = &target.key;
        let words = format!("  {}  {}/{}/{}", target.name, key.mount, key.config, key.id);
        lines.push(plain(&text::cut(&words, width, theme.ellipsis())));
    }
    if ask.targets.len() > NAMED {
        lines.push(plain(&format!(
            "  and {} more",
            text::count((ask.targets.len() - NAMED) as u64)
        )));
    }
    if ask.hidden > 0 {
        let words = format!(
            "{} of the marked ones are not shown by the filter",
            ask.hidden
        );
        lines.push(LineBuilder::new(theme).add(Tone::Warning, words).line());
    }
    if let Some((name, why)) = ask.left_out.first() {
        let words = format!("left out: {} (such as {name}: {why})", ask.left_out.len());
        lines.push(
            LineBuilder::new(theme)
                .add(Tone::Warning, text::cut(&words, width, theme.ellipsis()))
                .line(),
        );
    }
    lines.push(Line::default());
    if let Some(first) = ask.targets.first() {
        let command = first.request(ask.verb, fields).command();
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

fn ask_box(model: &Model, ask: &Ask, buffer: &mut Buffer) {
    let theme = model.theme();
    let mut lines = about(model, ask, &[], inner_width(buffer));
    lines.push(Line::default());
    lines.push(
        LineBuilder::new(theme)
            .styled(
                theme.style(Tone::Selected),
                format!(" enter: {} ", ask.verb.word()),
            )
            .add(Tone::Plain, "   ")
            .add(Tone::Key, "y")
            .add(Tone::Plain, " copies the vault line   ")
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
    let outside = 2 + 2;
    // On a small screen the fields matter more than the explanation.
    let most = usize::from(buffer.area.height).saturating_sub(outside + stops.len() + 3);
    lines.truncate(most);
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
            TypedFocus::Name => format!("type {}:", text::clean(&form.expected())),
            TypedFocus::Reason => "reason:".to_owned(),
            TypedFocus::Code => "code:".to_owned(),
        };
        let tone = if focused { Tone::Key } else { Tone::Faint };
        let label = text::cut(&label, width / 2, theme.ellipsis());
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
            TypedFocus::Code => {
                let (code, word) = REASON_CODES[form.code.min(REASON_CODES.len() - 1)];
                let words = format!(
                    "{code} {word}  ({})",
                    theme.pick("← → change", "left/right change")
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
    let (tone, words) = if form.is_confirmed() {
        (Tone::Bad, format!("enter: {} now", form.ask.verb.word()))
    } else {
        (
            Tone::Faint,
            "enter does nothing before that is typed; esc goes back".to_owned(),
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
    for (y, (at, column)) in
        (inside.y..inside.bottom()).zip(Column::ALL.iter().enumerate().skip(first))
    {
        let place = model.columns.iter().position(|c| c == column);
        let words = match place {
            Some(place) => format!("{} {:>2}  {}", theme.mark(), place + 1, column.title()),
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

fn export_box(model: &Model, form: &ExportForm, buffer: &mut Buffer) -> Option<Position> {
    let theme = model.theme();
    let inside = widgets::window(buffer, theme, "Export the rows shown", WIDTH, 5);
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
        "a file that exists is not overwritten".to_owned()
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
    for item in job.items.iter().skip(job.scroll) {
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
    let failed = match job.failed() {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    let title = format!(
        "{}: {} of {} done{failed}",
        job.verb.word(),
        job.ended(),
        job.items.len()
    );
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
        ItemState::Waiting => (Tone::Faint, "waits".to_owned()),
        ItemState::Running => (Tone::Busy, format!("sent{busy}")),
        ItemState::Done(done) => {
            let warnings: String = done.warnings.iter().map(|w| format!(" | {w}")).collect();
            (Tone::Good, format!("ok: {}{warnings}", done.message))
        }
        ItemState::Failed(SourceError::Unreachable(why)) if item.request.verb.orders() => (
            Tone::Bad,
            format!("outcome unknown, trying again gives the same order: {why}"),
        ),
        ItemState::Failed(SourceError::Unreachable(why)) => (
            Tone::Bad,
            format!("outcome unknown, look before you try again: {why}"),
        ),
        ItemState::Failed(error) => (Tone::Bad, format!("failed: {error}")),
        ItemState::NotSent => (Tone::Warning, "not sent: the server had gone".to_owned()),
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
    let inside = widgets::window(buffer, theme, "The token is no longer valid", WIDTH, 5);
    let state = match (busy, error) {
        (true, _) => (Tone::Faint, format!("trying it{}", theme.ellipsis())),
        (false, Some(error)) => (Tone::Bad, format!("refused: {error}")),
        (false, None) => (
            Tone::Faint,
            "it is kept in memory only, and never shown".to_owned(),
        ),
    };
    let lines = [
        LineBuilder::new(theme)
            .add(
                Tone::Plain,
                text::cut(
                    &format!(
                        "Give another token for {} to go on.",
                        model.server_address.address
                    ),
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
