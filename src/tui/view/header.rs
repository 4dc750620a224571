//! The lines above and below every page: the server and token, the tabs, the connection banner and the notice.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::widgets::LineBuilder;
use crate::tui::keys::Command;
use crate::tui::layout;
use crate::tui::model::today::Section;
use crate::tui::model::{Connection, Model, Page};
use crate::tui::source::{SourceError, Verb};
use crate::tui::text;
use crate::tui::theme::Tone;
use crate::tui::time;
use svpki_types::api::HealthResponse;

pub(super) fn draw(model: &Model, buffer: &mut Buffer) {
    let frame = layout::frame(model);
    let width = frame.header.width;
    place(model, buffer, width);
    tabs(model, buffer, width);
    if let Some(area) = frame.banner {
        buffer.set_style(area, model.theme().style(Tone::Banner));
        let words = text::fit(&banner(model), usize::from(width), model.theme().ellipsis());
        buffer.set_string(area.x, area.y, words, model.theme().style(Tone::Banner));
    }
    buffer.set_line(1, frame.notice.y, &notice(model), width.saturating_sub(2));
}

fn place(model: &Model, buffer: &mut Buffer, width: u16) {
    let theme = model.theme();
    let namespace = match model.server_address.namespace.as_str() {
        "" => "root",
        namespace => namespace,
    };
    let rights = rights(model);
    let token = token_words(model);
    // The token gives way, because it matters less than the server.
    let rest =
        "svpki  ".len() + "  ns ".len() + text::width(namespace) + "  ".len() + rights.len() + 2;
    let room = usize::from(width).saturating_sub(rest).max(12);
    let address = text::cut(&model.server_address.address, room, theme.ellipsis());
    let left = LineBuilder::new(theme)
        .add(Tone::Title, "svpki")
        .add(Tone::Plain, format!("  {address}"))
        .add(Tone::Faint, "  ns ")
        .add(Tone::Plain, namespace)
        .add(Tone::Warning, format!("  {rights}"))
        .line();
    buffer.set_line(1, 0, &left, width.saturating_sub(2));
    right(
        buffer,
        width,
        0,
        &LineBuilder::new(theme).add(token_tone(model), token).line(),
        left.width(),
    );
}

/// What the token may do, as far as known; empty while nothing is known to be denied.
fn rights(model: &Model) -> String {
    if model.settings.read_only {
        return "READ-ONLY".to_owned();
    }
    let verbs = [
        Verb::Renew,
        Verb::Revoke,
        Verb::Replace,
        Verb::Fetch,
        Verb::Cancel,
    ];
    let known = |verb: Verb, verdict: bool| {
        let mut all = model.allowed.iter();
        all.any(|((known, ..), may)| *known == verb && *may == Some(verdict))
    };
    let may: Vec<&str> = verbs
        .into_iter()
        .filter(|verb| known(*verb, true))
        .map(Verb::word)
        .collect();
    let denied = verbs.into_iter().filter(|verb| known(*verb, false)).count();
    match (may.len(), denied) {
        (_, 0) => String::new(),
        (0, _) => "this token: view only".to_owned(),
        _ if may.len() == verbs.len() => "this token: limited".to_owned(),
        _ => format!("this token: {}", may.join(", ")),
    }
}

/// A token that expires soon and cannot be renewed is a problem.
fn token_tone(model: &Model) -> Tone {
    let renewable = model.token.as_ref().is_some_and(|token| token.renewable);
    match model.token_left() {
        Some(left) if left < 600 && !renewable => Tone::Bad,
        Some(left) if left < 3600 && !renewable => Tone::Warning,
        _ => Tone::Plain,
    }
}

fn token_words(model: &Model) -> String {
    let Some(token) = &model.token else {
        return String::new();
    };
    match model.token_left() {
        Some(left) => format!("token: {}, {} left", token.name, time::span(left)),
        None => format!("token: {}, does not expire", token.name),
    }
}

/// Draws a line at the right edge, if there is room beside the `taken` columns at the left.
fn right(buffer: &mut Buffer, width: u16, y: u16, line: &Line<'_>, taken: usize) {
    let wide = line.width();
    if taken + wide + 4 <= usize::from(width) {
        buffer.set_line(width - 1 - wide as u16, y, line, wide as u16);
    }
}

fn tab_words(model: &Model) -> Vec<(Page, String)> {
    Page::ALL
        .into_iter()
        .map(|page| {
            let words = match page {
                Page::Today => match model.today.need {
                    0 => String::new(),
                    lines => format!(" {}", text::count(lines as u64)),
                },
                Page::Certificates => match model.certificates() {
                    0 => String::new(),
                    total => {
                        let part = if model.unreadable().next().is_some() {
                            "+"
                        } else {
                            ""
                        };
                        format!(" {}{part}", text::count(total))
                    }
                },
                Page::Orders => match model.orders.open() {
                    0 => String::new(),
                    open => format!(" {open}"),
                },
                Page::Health => health_word(model),
                Page::Forecast | Page::Help => String::new(),
            };
            (page, format!(" {}{words} ", page.title()))
        })
        .collect()
}

/// Whether the server is away, renewals fail, Today lists trouble, or a mount reports that it is not healthy.
fn is_unhealthy(model: &Model) -> bool {
    let unwell = |health: &Result<HealthResponse, SourceError>| match health {
        Ok(health) => !health.healthy,
        Err(SourceError::Denied(_)) => false,
        Err(_) => true,
    };
    matches!(model.connection, Connection::Lost { .. })
        || model.failing() > 0
        || model.today.of(Section::Trouble).next().is_some()
        || model.health.values().any(unwell)
}

fn health_word(model: &Model) -> String {
    // A mount whose health a policy hides is not counted as unhealthy.
    let all = || {
        let known = model.health.values();
        known.filter(|health| !matches!(health, Err(SourceError::Denied(_))))
    };
    if is_unhealthy(model) {
        " !".to_owned()
    } else if all().next().is_some() {
        " ok".to_owned()
    } else {
        String::new()
    }
}

/// The page whose tab is at this column.
pub fn tab_at(model: &Model, x: u16) -> Option<Page> {
    let mut from = 0;
    tab_words(model).into_iter().find_map(|(page, words)| {
        let to = from + text::width(&words) as u16 + 1;
        let here = (from..to).contains(&x);
        from = to;
        here.then_some(page)
    })
}

fn tabs(model: &Model, buffer: &mut Buffer, width: u16) {
    let theme = model.theme();
    let mut words = LineBuilder::new(theme);
    for (page, title) in tab_words(model) {
        let style = if page == model.page {
            theme.style(Tone::Selected)
        } else if page == Page::Health && is_unhealthy(model) {
            theme.style(Tone::Bad)
        } else {
            theme.style(Tone::Plain)
        };
        words = words.styled(style, title).add(Tone::Plain, " ");
    }
    let line = words.line();
    buffer.set_line(0, 1, &line, width);
    let words = freshness(model);
    // On a narrow terminal, only the age.
    let words = match words.strip_prefix("updated ") {
        Some(age) if line.width() + text::width(&words) + 4 > usize::from(width) => age.to_owned(),
        _ => words,
    };
    let age = LineBuilder::new(theme).add(Tone::Plain, words).line();
    right(buffer, width, 1, &age, line.width());
}

fn freshness(model: &Model) -> String {
    match (&model.connection, model.refreshed) {
        (Connection::Starting, _) => format!("asking the server{}", model.theme().ellipsis()),
        (_, None) => String::new(),
        (_, Some(at)) => format!("updated {}", time::age(model.now() - at)),
    }
}

/// The texts that change only because time passes. While they stay the same, no frame is needed.
pub fn clock(model: &Model) -> String {
    let notice = model.notice.is_some();
    format!(
        "{}|{}|{}|{notice}|{}",
        freshness(model),
        token_words(model),
        banner(model),
        model.now() / 60
    )
}

fn banner(model: &Model) -> String {
    let Connection::Lost {
        since,
        error,
        retry_at,
        attempts,
    } = &model.connection
    else {
        return unreadable(model);
    };
    let age = match model.refreshed {
        Some(at) => format!("updated {}", time::age(model.now() - at)),
        None => "no data yet".to_owned(),
    };
    let lost = time::span(model.now() - since);
    let wait = (*retry_at - model.now()).max(0);
    let again = format!("next try in {wait} s (no. {})", attempts + 1);
    // The least important part comes last, because a narrow terminal cuts it off.
    match error {
        SourceError::Sealed => {
            format!(" ! SERVER SEALED for {lost}: unseal it | {age} | {again}")
        }
        SourceError::TokenExpired => {
            let key = model.settings.keymap.hint(Command::Refresh);
            format!(" ! TOKEN EXPIRED OR WRONG: {key} to enter a new one | for {lost} | {age}")
        }
        SourceError::Unreachable(why) => {
            format!(" ! SERVER UNREACHABLE for {lost} | {age} | {again} | {why}")
        }
        other => format!(" ! NO ANSWER for {lost} | {age} | {again} | {other}"),
    }
}

/// The banner for mounts that cannot be read, so that all counts are incomplete.
fn unreadable(model: &Model) -> String {
    let mounts = model.store.mounts.len();
    let missing: Vec<_> = model.unreadable().collect();
    let Some((name, error)) = missing.first() else {
        return String::new();
    };
    format!(
        " ! {} of {mounts} mounts readable, counts are partial | {name}: {error}",
        mounts - missing.len()
    )
}

fn notice(model: &Model) -> Line<'static> {
    let words = LineBuilder::new(model.theme());
    if let Some(notice) = &model.notice {
        return words.add(notice.tone, &notice.text).line();
    }
    let mut parts = Vec::new();
    if let Some(job) = model.job.as_ref().filter(|job| !job.is_over()) {
        let key = model.settings.keymap.hint(Command::Cancel);
        let left = job.time_left();
        let left = left.map_or(String::new(), |left| {
            format!(", about {} left", time::span(left))
        });
        parts.push(format!(
            "{}: {} of {} finished{left}, {key} stops it",
            job.verb.word(),
            job.ended(),
            job.items.len()
        ));
    }
    match (&model.detail, model.page) {
        (Some(detail), _) => parts.push(format!(
            "{}/{}/{}",
            detail.key.mount, detail.key.config, detail.key.id
        )),
        (None, Page::Certificates) => parts.extend(table_words(model)),
        (None, Page::Orders) => {
            parts.push(format!("{} open", model.orders.open()));
            if !model.orders.filter().is_empty() {
                let shown = text::count(model.orders.rows.len() as u64);
                parts.push(format!("/{}: {shown} shown", model.orders.filter()));
            }
            if !model.orders.marks.is_empty() {
                parts.push(format!("{} marked", model.orders.marks.len()));
            }
        }
        (None, Page::Today) if !model.today.filter().is_empty() => {
            let shown = text::count(model.today.lines.len() as u64);
            parts.push(format!("/{}: {shown} shown", model.today.filter()));
        }
        (None, Page::Help) if !model.help.is_empty() => parts.push(format!("/{}", model.help)),
        _ => {}
    }
    words.add(Tone::Plain, parts.join("  ")).line()
}

fn table_words(model: &Model) -> Vec<String> {
    let store = &model.store;
    let count = |n: usize| text::count(n as u64);
    let total = store.expected();
    let mut parts = Vec::new();
    if !store.is_empty() {
        let of = match (store.complete(), store.filter().is_empty()) {
            (true, _) => count(store.len()),
            (false, true) => text::count(total),
            (false, false) => format!("{}+", count(store.len())),
        };
        parts.push(format!("row {} of {of}", count(model.table.index + 1)));
    }
    if !store.complete() && !store.untouched() {
        let loaded = count(store.loaded());
        parts.push(if !store.sort().by_server() || model.mark_when_complete {
            format!("loading: {loaded} so far, sorted within these")
        } else {
            format!("{loaded} loaded")
        });
    }
    if !model.marks.is_empty() {
        parts.push(format!("{} marked", count(model.marks.len())));
    }
    if !super::certificates::shows_sort(model) {
        let sort = store.sort();
        let direction = if sort.descending { ", descending" } else { "" };
        parts.push(format!("sorted by {}{direction}", sort.column.name()));
    }
    let beyond = super::certificates::columns_beyond(model).len();
    if beyond > 0 {
        let key = model.settings.keymap.hint(Command::Right);
        parts.push(format!(
            "{} to the right ({key})",
            text::plural(beyond, "column")
        ));
    }
    parts
}
