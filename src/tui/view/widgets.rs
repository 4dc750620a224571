//! Small elements that several pages draw.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use crate::tui::text;
use crate::tui::text_input::TextInput;
use crate::tui::theme::{Theme, Tone};

/// Builds a line from texts that each have a tone.
#[derive(Debug)]
pub(super) struct LineBuilder {
    theme: Theme,
    spans: Vec<Span<'static>>,
}

impl LineBuilder {
    pub(super) fn new(theme: Theme) -> Self {
        Self {
            theme,
            spans: Vec::new(),
        }
    }

    /// Adds text from any source; characters that could control the terminal are replaced.
    pub(super) fn add(self, tone: Tone, words: impl AsRef<str>) -> Self {
        let style = self.theme.style(tone);
        self.styled(style, words)
    }

    pub(super) fn styled(mut self, style: Style, words: impl AsRef<str>) -> Self {
        self.spans.push(Span::styled(
            text::clean(words.as_ref()).into_owned(),
            style,
        ));
        self
    }

    pub(super) fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

/// A heading above a group of lines.
pub(super) fn heading(theme: Theme, words: &str) -> Line<'static> {
    LineBuilder::new(theme).add(Tone::Title, words).line()
}

/// The width of the column of labels.
const LABEL: usize = 15;

/// The separate line for a label that is too long for its column.
fn long_label(theme: Theme, label: &str, width: usize) -> Option<Line<'static>> {
    let words = || text::cut(label, width, theme.ellipsis());
    let line = || LineBuilder::new(theme).add(Tone::Faint, words()).line();
    (text::width(label) >= LABEL).then(line)
}

/// `label   one  two  three`, each item in its tone. Lines break only between items.
pub(super) fn labelled_items(
    theme: Theme,
    label: &str,
    items: &[(Tone, String)],
    width: usize,
) -> Vec<Line<'static>> {
    let over = long_label(theme, label, width);
    let label = if over.is_some() { "" } else { label };
    let words: Vec<String> = items.iter().map(|(_, words)| words.clone()).collect();
    let rows = text::wrap_items(&words, width.saturating_sub(LABEL));
    let lines = rows.into_iter().enumerate().map(|(n, row)| {
        let label = if n == 0 { label } else { "" };
        let begin = LineBuilder::new(theme).add(Tone::Faint, text::fit(label, LABEL, ""));
        let row = row.into_iter().filter_map(|at| items.get(at)).enumerate();
        row.fold(begin, |line, (n, (tone, words))| {
            let gap = if n == 0 { "" } else { "  " };
            line.add(*tone, format!("{gap}{words}"))
        })
        .line()
    });
    over.into_iter().chain(lines).collect()
}

/// `label   value`, with the value broken into as many lines as it needs. A label that is too long for its column gets
/// a line of its own.
pub(super) fn labelled(
    theme: Theme,
    label: &str,
    value: &str,
    tone: Tone,
    width: usize,
) -> Vec<Line<'static>> {
    let over = long_label(theme, label, width);
    let label = if over.is_some() { "" } else { label };
    let values = text::wrap(value, width.saturating_sub(LABEL).max(10))
        .into_iter()
        .enumerate()
        .map(|(n, piece)| {
            let label = if n == 0 { label } else { "" };
            LineBuilder::new(theme)
                .add(Tone::Faint, text::fit(label, LABEL, theme.ellipsis()))
                .add(tone, piece)
                .line()
        });
    over.into_iter().chain(values).collect()
}

/// Draws the scrollbar of a long list; draws nothing if the whole list is on the screen.
pub(super) fn scrollbar(
    buffer: &mut Buffer,
    area: Rect,
    offset: usize,
    count: usize,
    theme: Theme,
) {
    let height = usize::from(area.height);
    if count <= height || height == 0 || area.width == 0 {
        return;
    }
    let length = (height * height / count).max(1);
    let start = (offset * (height - length))
        .div_ceil(count - height)
        .min(height - length);
    let x = area.right() - 1;
    for line in 0..height {
        let thumb = (start..start + length).contains(&line);
        let symbol = if thumb {
            theme.pick("█", "#")
        } else {
            theme.pick("│", "|")
        };
        buffer.set_string(x, area.y + line as u16, symbol, theme.style(Tone::Faint));
    }
}

/// Draws a box in the middle of the screen; returns the area inside.
pub(super) fn window(
    buffer: &mut Buffer,
    theme: Theme,
    title: &str,
    width: u16,
    lines: u16,
) -> Rect {
    let screen = buffer.area;
    let width = width.min(screen.width.saturating_sub(2));
    // The last two lines stay visible: the notice and the keys.
    let height = (lines + 2).min(screen.height.saturating_sub(3));
    let lowest = screen.height.saturating_sub(2 + height);
    let area = Rect::new(
        screen.x + (screen.width - width) / 2,
        screen.y + ((screen.height - height) / 2).min(lowest),
        width,
        height,
    );
    Clear.render(area, buffer);
    buffer.set_style(area, theme.style(Tone::Plain));
    let block = Block::bordered()
        .border_set(theme.borders())
        .border_style(theme.style(Tone::Title))
        .title(format!(" {} ", text::clean(title)));
    let inside = block.inner(area);
    block.render(area, buffer);
    Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    }
}

/// Draws a text field with its cursor in view; returns the cursor's column.
pub(super) fn text_input(
    buffer: &mut Buffer,
    area: Rect,
    field: &TextInput,
    style: Style,
    hidden: bool,
) -> u16 {
    let room = usize::from(area.width).saturating_sub(1);
    let shown = |t: &str| {
        if hidden {
            "*".repeat(t.chars().count())
        } else {
            text::clean(t).into_owned()
        }
    };
    let before = shown(field.before());
    let whole = shown(field.text());
    let mut start = 0;
    while text::width(&before[start..]) > room {
        start += before[start..].chars().next().map_or(1, char::len_utf8);
    }
    buffer.set_stringn(
        area.x,
        area.y,
        &whole[start..],
        usize::from(area.width),
        style,
    );
    area.x + text::width(&before[start..]) as u16
}
