//! Draws a frame as an SVG picture for documents, with the same cells as in a terminal.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

/// The sixteen colours, the text colour and the background of a dark or a light terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SvgTheme {
    Dark,
    Light,
}

/// Width and height of a cell, in SVG units.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;

/// An SVG of the frame. Text stays text, so that it can be searched and scaled.
pub fn svg(buffer: &Buffer, theme: SvgTheme, title: &str) -> String {
    let area = buffer.area;
    let width = f32::from(area.width) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(area.height) * CELL.1 + 2.0 * MARGIN;
    let (ink, ground) = theme.plain();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>\n",
        escape(title)
    );
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let cell = &buffer[(x, y)];
            let style = CellStyle::of(cell, theme, ink, ground);
            let mut words = String::new();
            let from = x;
            while x < area.width && CellStyle::of(&buffer[(x, y)], theme, ink, ground) == style {
                let symbol = buffer[(x, y)].symbol();
                words.push_str(symbol);
                x += (symbol.width() as u16).max(1);
            }
            run(&mut out, (from, x, y), &words, style, ground);
        }
    }
    out.push_str("</svg>\n");
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct CellStyle {
    ink: &'static str,
    ground: &'static str,
    bold: bool,
    underlined: bool,
}

impl CellStyle {
    fn of(cell: &Cell, theme: SvgTheme, ink: &'static str, ground: &'static str) -> Self {
        let mut style = Self {
            ink: theme.colour(cell.fg).unwrap_or(ink),
            ground: theme.colour(cell.bg).unwrap_or(ground),
            bold: cell.modifier.contains(Modifier::BOLD),
            underlined: cell.modifier.contains(Modifier::UNDERLINED),
        };
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut style.ink, &mut style.ground);
        }
        style
    }
}

fn run(
    out: &mut String,
    (from, to, y): (u16, u16, u16),
    words: &str,
    style: CellStyle,
    ground: &str,
) {
    let x = MARGIN + f32::from(from) * CELL.0;
    let top = MARGIN + f32::from(y) * CELL.1;
    let wide = f32::from(to - from) * CELL.0;
    if style.ground != ground {
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{}\" fill=\"{}\"/>",
            CELL.1, style.ground
        );
    }
    // Each word has its own position, so that columns stay aligned in any font.
    let mut column = 0;
    for word in words.split_inclusive(' ') {
        let text = word.trim_end_matches(' ');
        let x = x + column as f32 * CELL.0;
        column += word.width();
        if text.is_empty() {
            continue;
        }
        if text.chars().all(|c| eighths(c).is_some()) {
            for (n, part) in text.chars().filter_map(eighths).enumerate() {
                let tall = CELL.1 * part / 8.0;
                let _ = writeln!(
                    out,
                    "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" fill=\"{}\"/>",
                    x + n as f32 * CELL.0,
                    top + CELL.1 - tall,
                    CELL.0 + 0.1,
                    style.ink
                );
            }
            continue;
        }
        let bold = if style.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let under = if style.underlined {
            " text-decoration=\"underline\""
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
             fill=\"{}\"{bold}{under}>{}</text>",
            top + CELL.1 * 0.74,
            text.width() as f32 * CELL.0,
            style.ink,
            escape(text)
        );
    }
}

/// Block characters that must meet without a gap are drawn as rectangles, not as text.
fn eighths(c: char) -> Option<f32> {
    let part = u32::from(c).checked_sub(u32::from('▁'))? + 1;
    (part <= 8).then_some(part as f32)
}

impl SvgTheme {
    fn plain(self) -> (&'static str, &'static str) {
        match self {
            Self::Dark => ("#d4d7dd", "#16181d"),
            Self::Light => ("#24292f", "#ffffff"),
        }
    }

    fn colour(self, colour: Color) -> Option<&'static str> {
        let (dark, light) = match colour {
            Color::Black => ("#16181d", "#24292f"),
            Color::Red | Color::LightRed => ("#f2777a", "#b3261e"),
            Color::Green | Color::LightGreen => ("#8ac67c", "#1a7f37"),
            Color::Yellow | Color::LightYellow => ("#e5c07b", "#8a6100"),
            Color::Blue | Color::LightBlue => ("#6cb0f0", "#0550ae"),
            Color::Magenta | Color::LightMagenta => ("#c891e0", "#8250df"),
            Color::Cyan | Color::LightCyan => ("#62c1c9", "#0b7285"),
            Color::Gray | Color::DarkGray => ("#838a96", "#6e7781"),
            Color::White => ("#ffffff", "#ffffff"),
            _ => return None,
        };
        Some(if self == Self::Dark { dark } else { light })
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[test]
fn cells_become_text_with_their_colours() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
    buffer.set_string(0, 0, "a<b", Style::new().fg(Color::Red));
    buffer.set_string(4, 0, "日", Style::new().add_modifier(Modifier::REVERSED));
    let picture = svg(&buffer, SvgTheme::Light, "t");
    assert!(
        picture.contains("fill=\"#b3261e\">a&lt;b</text>"),
        "{picture}"
    );
    assert!(picture.contains(">日</text>") && picture.contains("fill=\"#24292f\"/>"));
}
