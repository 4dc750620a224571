//! The progress of a job, and the result of each of its requests.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use crate::tui::model::{Item, ItemState, Job, Model};
use crate::tui::source::SourceError;
use crate::tui::text;
use crate::tui::theme::Tone;
use crate::tui::time;
use crate::tui::view::widgets::{self, LineBuilder};

pub(super) fn progress_box(model: &Model, job: &Job, buffer: &mut Buffer) {
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
