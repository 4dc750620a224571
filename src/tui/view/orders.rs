//! The Orders page: what each order waits for, since when, and when the plugin checks it again.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::widgets::{self, LineBuilder};
use crate::tui::layout;
use crate::tui::model::{Connection, Model, OrderRow, Target};
use crate::tui::source::Verb;
use crate::tui::text;
use crate::tui::theme::{self, Tone};
use crate::tui::time;
use svpki_types::{OrderState, Status, WaitingOn};

const COLUMNS: [(&str, u16, u16); 8] = [
    ("STATE", 12, 0),
    ("COMMON NAME", 18, 4),
    ("WAITS FOR / REASON", 22, 4),
    ("SINCE", 9, 0),
    ("NEXT CHECK", 10, 0),
    ("CONFIG", 9, 1),
    ("MOUNT", 9, 1),
    ("OWNER", 12, 2),
];

pub(super) fn draw(model: &Model, buffer: &mut Buffer) {
    let (list, below) = layout::orders(model);
    let theme = model.theme();
    // Leave out the owner column if no order has an owner or team.
    let owned = model.orders.all().any(|row| !row.whose().is_empty());
    let columns = &COLUMNS[..COLUMNS.len() - usize::from(!owned)];
    let widths = widths(columns, list.width);
    let mut x = list.x + 2;
    for ((title, ..), wide) in columns.iter().zip(&widths) {
        buffer.set_stringn(
            x,
            list.y,
            title,
            usize::from(*wide),
            theme.style(Tone::Title),
        );
        x += wide + 1;
    }
    let rows = Rect {
        y: list.y + 1,
        height: list.height.saturating_sub(1),
        ..list
    };
    if model.orders.rows.is_empty() {
        empty(model, buffer, rows);
        return;
    }
    for (line, y) in (rows.y..rows.bottom()).enumerate() {
        let index = model.orders.offset + line;
        let Some(row) = model.orders.rows.get(index) else {
            break;
        };
        one(
            model,
            buffer,
            Rect {
                y,
                height: 1,
                ..rows
            },
            row,
            &widths,
        );
        if index == model.orders.index {
            let bar = Rect {
                y,
                height: 1,
                width: rows.width.saturating_sub(2),
                ..rows
            };
            buffer.set_style(bar, theme.style(Tone::Selected));
        }
    }
    widgets::scrollbar(
        buffer,
        rows,
        model.orders.offset,
        model.orders.rows.len(),
        theme,
    );
    about(model, buffer, below);
}

fn widths(columns: &[(&str, u16, u16)], width: u16) -> Vec<u16> {
    let mut room = width.saturating_sub(4);
    let mut chosen: Vec<(u16, u16)> = Vec::new();
    for &(_, least, share) in columns {
        if least + 1 > room {
            break;
        }
        room -= least + 1;
        chosen.push((least, share));
    }
    let shares: u16 = chosen.iter().map(|(_, share)| share).sum();
    chosen
        .iter()
        .map(|(least, share)| least + room * share / shares.max(1))
        .collect()
}

/// When the plugin asks SCM next: at its first background run after this time.
fn next_look(row: &OrderRow, now: i64) -> String {
    match row.order.next_poll.as_deref().and_then(time::seconds) {
        None => "-".to_owned(),
        Some(at) if at <= now => "now".to_owned(),
        Some(at) => time::relative(at, now),
    }
}

/// Uncertain is the only state that may cost money twice. An order that a person cancelled is not a failure.
fn state_tone(row: &OrderRow) -> Tone {
    match row.order.state {
        Some(OrderState::Uncertain) => Tone::Bad,
        Some(OrderState::Cancelled) => Tone::Faint,
        state => state.map_or(Tone::Plain, |state| theme::tone(state.status())),
    }
}

fn one(model: &Model, buffer: &mut Buffer, area: Rect, row: &OrderRow, widths: &[u16]) {
    let theme = model.theme();
    let now = model.now();
    let since =
        time::seconds(&row.order.since).map_or("-".to_owned(), |at| time::span((now - at).max(0)));
    let status = row.order.state.map(OrderState::status);
    let state = match (row.order.state, status) {
        (Some(state @ OrderState::Uncertain), _) => {
            format!("{} {state}", theme.symbol(Status::Failed))
        }
        (Some(state @ OrderState::Cancelled), _) => {
            format!("{} {state}", theme.symbol(Status::Superseded))
        }
        (Some(state), Some(status)) => format!("{} {state}", theme.symbol(status)),
        _ => "? unknown".to_owned(),
    };
    let cells = [
        state,
        row.name().to_owned(),
        waits_for(model, row),
        since,
        next_look(row, now),
        row.order.config.clone(),
        row.key.mount.to_string(),
        row.whose().to_owned(),
    ];
    if model.orders.marks.contains_key(&row.key) {
        let style = theme.style(Tone::Key).add_modifier(Modifier::BOLD);
        buffer.set_string(area.x, area.y, theme.mark(), style);
    }
    let mut x = area.x + 2;
    for (n, (cell, wide)) in cells.iter().zip(widths).enumerate() {
        let tone = if n == 0 { state_tone(row) } else { Tone::Plain };
        let words = text::fit(cell, usize::from(*wide), theme.ellipsis());
        buffer.set_string(x, area.y, words, theme.style(tone));
        x += wide + 1;
    }
}

/// What the order waits for, with the method of the domain validation.
fn waits_for(model: &Model, row: &OrderRow) -> String {
    let words = row.waits_for().into_owned();
    if row.order.waiting_on != Some(WaitingOn::Dcv) || !row.is_open() {
        return words;
    }
    let mut methods = model
        .today
        .domains_of(row)
        .filter_map(|domain| domain.validation_method.clone().or(domain.method.clone()));
    match methods.next() {
        Some(method) => format!("{words} ({method})"),
        None => words,
    }
}

/// What a person can do about an order: where to approve it, or what to publish.
fn to_do(model: &Model, row: &OrderRow) -> Option<(&'static str, String)> {
    if !row.is_open() {
        return None;
    }
    if row.order.state == Some(OrderState::Uncertain) {
        let cancel = Target::new(row.key.clone(), row.name()).request(Verb::Cancel, &[]);
        let words = format!(
            "do not order again: the plugin looks for it at SCM; {} --force gives it up",
            cancel.svpki()
        );
        return Some(("to do", words));
    }
    match row.order.waiting_on? {
        WaitingOn::Approval => {
            let health = model.health.get(&*row.key.mount)?.as_ref().ok()?;
            let config = health.configs.get(&row.order.config)?;
            Some(("approve at", config.base_url.clone()))
        }
        WaitingOn::Dcv => Some(("publish", model.today.record_for(row)?)),
        WaitingOn::Ca => None,
    }
}

/// Draws the details of the selected order.
fn about(model: &Model, buffer: &mut Buffer, area: Rect) {
    let Some(row) = model.orders.selected() else {
        return;
    };
    let theme = model.theme();
    let width = usize::from(area.width.saturating_sub(2));
    let rule = theme.pick("─", "-").repeat(usize::from(area.width));
    buffer.set_string(area.x, area.y, rule, theme.style(Tone::Faint));
    let order = &row.order;
    let scm = match (
        order.scm_status.as_str(),
        order.last_scm_code,
        order.last_message.as_str(),
    ) {
        ("", None, "") => "nothing yet".to_owned(),
        (status, code, message) => {
            let code = code.map(|code| format!("code {code}")).unwrap_or_default();
            let words: Vec<&str> = [status, &code, message]
                .into_iter()
                .filter(|w| !w.is_empty())
                .collect();
            words.join(" | ")
        }
    };
    let id = if order.sectigo_cert_unique_id.is_empty() {
        "none yet"
    } else {
        &order.sectigo_cert_unique_id
    };
    let asked = format!(
        "{} in {}/{}, created {}, submitted {}, checked {}",
        if order.action.is_empty() {
            "order"
        } else {
            &order.action
        },
        row.key.mount,
        order.config,
        time::seconds(&order.created).map_or("-".to_owned(), time::minute),
        times(order.attempts),
        times(order.polls),
    );
    let mut lines: Vec<_> = to_do(model, row)
        .map(|(label, words)| widgets::labelled(theme, label, &words, Tone::Warning, width))
        .unwrap_or_default();
    let mut says = widgets::labelled(theme, "SCM says", &scm, Tone::Plain, width);
    says.truncate(2);
    lines.extend(says);
    lines.extend(
        widgets::labelled(theme, "order", &asked, Tone::Plain, width)
            .into_iter()
            .take(2),
    );
    let labels = text::labels(&row.labels());
    if !labels.is_empty() {
        lines.extend(widgets::labelled(
            theme,
            "labels",
            &labels,
            Tone::Plain,
            width,
        ));
    }
    lines.extend(widgets::labelled(
        theme,
        "ids",
        &format!("order {}, SCM ID {id}", order.order_id),
        Tone::Plain,
        width,
    ));
    if !order.subject_alt_names.is_empty() {
        lines.extend(widgets::labelled(
            theme,
            "names",
            &order.subject_alt_names.join(" "),
            Tone::Plain,
            width,
        ));
    }
    for (y, line) in (area.y + 1..area.bottom()).zip(lines) {
        buffer.set_line(area.x + 1, y, &line, area.width.saturating_sub(2));
    }
}

fn times(number: u32) -> String {
    match number {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

fn empty(model: &Model, buffer: &mut Buffer, area: Rect) {
    let theme = model.theme();
    let words = if model.store.mounts.is_empty() && model.connection.is_up() {
        super::certificates::no_mount().to_owned()
    } else if !model.orders.answered
        && matches!(model.connection, Connection::Starting | Connection::Up)
    {
        "Loading".to_owned() + theme.ellipsis()
    } else if let Some((mount, error)) = model.orders.errors.iter().next() {
        format!("{mount}: {error}")
    } else if let Some(why) = model.orders.mistake() {
        format!("This filter is not understood, so nothing is shown: {why}")
    } else if !model.orders.filter().is_empty() {
        "No orders match. Esc clears the filter.".to_owned()
    } else {
        "No open orders.".to_owned()
    };
    let line = LineBuilder::new(theme).add(Tone::Faint, words).line();
    if area.height > 1 {
        buffer.set_line(area.x + 2, area.y + 1, &line, area.width.saturating_sub(4));
    }
}
