//! The chart of the certificates that expire in each week of the coming year.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::widgets::LineBuilder;
use crate::tui::text;
use crate::tui::theme::{Theme, Tone};

const WEEKS: usize = 53;
/// The width of the scale at the left.
const SCALE: u16 = 6;
/// The width of the sums at the right.
const SUMS: u16 = 20;
const EIGHTHS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

pub(super) fn draw(buffer: &mut Buffer, area: Rect, weeks: &[u64], now: i64, theme: Theme) {
    let faint = theme.style(Tone::Faint);
    let tall = area.height.saturating_sub(1);
    let room = area.width.saturating_sub(SCALE + 1);
    let weeks = fitting(weeks);
    let column = column_width(area, weeks.len());
    let most = weeks.iter().copied().max().unwrap_or(0);
    let shown = weeks.len().min(usize::from(room / column));
    let scale = |y: u16, number: u64, buffer: &mut Buffer| {
        let digits = format!("{:>4} ", text::count(number));
        buffer.set_stringn(area.x, y, text::fit(&digits, 5, ""), 5, faint);
    };
    scale(area.y, most, buffer);
    if tall > 1 {
        scale(area.y + tall - 1, 0, buffer);
    }
    for (week, &count) in weeks.iter().take(shown).enumerate() {
        let x = area.x + SCALE + week as u16 * column;
        let tone = match week {
            0 => Tone::Bad,
            1..=4 => Tone::Warning,
            _ => Tone::Good,
        };
        bar(
            buffer,
            (x, area.y),
            (column, tall),
            height(count, most, tall),
            theme,
            tone,
        );
    }
    months(buffer, area, column, shown, now, theme);
    if area.width >= SCALE + shown as u16 * column + SUMS {
        sums(
            buffer,
            Rect {
                x: area.right() - SUMS,
                width: SUMS,
                ..area
            },
            weeks,
            theme,
        );
    }
}

/// The width of a week's bar.
fn column_width(area: Rect, weeks: usize) -> u16 {
    let room = area.width.saturating_sub(SCALE + 1);
    (room.saturating_sub(SUMS) / (weeks as u16).max(1)).clamp(1, 4)
}

/// The number of the week whose bar is at this column.
pub fn week_at(area: Rect, weeks: &[u64], x: u16) -> Option<i64> {
    let weeks = fitting(weeks).len();
    let column = x.checked_sub(area.x + SCALE)? / column_width(area, weeks);
    (usize::from(column) < weeks).then_some(i64::from(column))
}

/// The weeks up to the last expiry, but at least a quarter of a year. With today's lifetimes the chart fills less than
/// a year.
fn fitting(weeks: &[u64]) -> &[u64] {
    const LEAST: usize = 13;
    let used = weeks
        .iter()
        .rposition(|count| *count > 0)
        .map_or(0, |last| last + 1);
    &weeks[..used.clamp(LEAST, WEEKS).min(weeks.len())]
}

/// The height in eighths of a line; at least one for a count above zero.
fn height(count: u64, most: u64, tall: u16) -> u64 {
    match count {
        0 => 0,
        _ => (count * u64::from(tall) * 8 / most.max(1)).max(1),
    }
}

fn bar(
    buffer: &mut Buffer,
    (x, top): (u16, u16),
    (wide, tall): (u16, u16),
    eighths: u64,
    theme: Theme,
    tone: Tone,
) {
    for line in 0..tall {
        let below = u64::from(tall - 1 - line) * 8;
        let symbol = match eighths.saturating_sub(below) {
            0 if line + 1 == tall => theme.pick("·", "."),
            0 => " ",
            part if theme.ascii => {
                if part >= 4 || below == 0 {
                    "#"
                } else {
                    " "
                }
            }
            part => EIGHTHS[usize::try_from(part.min(8) - 1).unwrap_or(7)],
        };
        let style = theme.style(if eighths == 0 { Tone::Faint } else { tone });
        // Bars of several columns have a gap between them.
        let body = if wide > 2 { wide - 1 } else { wide };
        for column in 0..body {
            buffer.set_string(x + column, top + line, symbol, style);
        }
    }
}

/// The name of a month under the first week that begins in it.
fn months(buffer: &mut Buffer, area: Rect, column: u16, shown: usize, now: i64, theme: Theme) {
    let y = area.bottom() - 1;
    let mut last = String::new();
    let mut free = 0;
    for week in 0..shown {
        let at = now.saturating_add(week as i64 * 7 * 86_400);
        let Ok(time) = Timestamp::from_second(at) else {
            return;
        };
        let month = time.to_zoned(TimeZone::UTC).strftime("%b").to_string();
        let x = area.x + SCALE + week as u16 * column;
        if month != last && x >= free && x + 3 <= area.x + SCALE + shown as u16 * column {
            buffer.set_string(x, y, &month, theme.style(Tone::Plain));
            free = x + 4;
            last = month;
        }
    }
}

fn sums(buffer: &mut Buffer, area: Rect, weeks: &[u64], theme: Theme) {
    let within = |n: usize| text::count(weeks.iter().take(n).sum());
    let lines = [
        (Tone::Bad, "7 days", within(1)),
        (Tone::Warning, "5 weeks", within(5)),
        (Tone::Good, "3 months", within(13)),
    ];
    let head = LineBuilder::new(theme)
        .add(Tone::Plain, "expiring within")
        .line();
    buffer.set_line(area.x, area.y, &head, area.width);
    for (y, (tone, label, sum)) in (area.y + 1..area.bottom()).zip(lines) {
        let line = LineBuilder::new(theme)
            .add(Tone::Faint, text::fit(label, 9, ""))
            .add(tone, format!("{sum:>8}"))
            .line();
        buffer.set_line(area.x, y, &line, area.width);
    }
}
