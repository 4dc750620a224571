//! Colours, symbols and line shapes. Only sixteen colours are used, so that the terminal's own palette decides how they
//! look. Each colour comes with a symbol and a word, so nobody has to see colours.

use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use svpki_types::Status;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    #[default]
    Dark,
    /// Colours that can be read on any background.
    Neutral,
    Light,
    HighContrast,
    Mono,
}

impl Palette {
    pub const NAMES: [&str; 5] = ["neutral", "dark", "light", "high-contrast", "mono"];
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown theme {0:?}: use neutral, dark, light, high-contrast or mono")]
pub struct UnknownTheme(String);

impl FromStr for Palette {
    type Err = UnknownTheme;
    fn from_str(text: &str) -> Result<Self, UnknownTheme> {
        match text {
            "neutral" => Ok(Self::Neutral),
            "dark" => Ok(Self::Dark),
            "light" => Ok(Self::Light),
            "high-contrast" => Ok(Self::HighContrast),
            "mono" => Ok(Self::Mono),
            other => Err(UnknownTheme(other.chars().take(40).collect())),
        }
    }
}

/// The meaning of a piece of text; the palette decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Title,
    Faint,
    Good,
    Warning,
    Bad,
    Busy,
    /// The bar of the selected row or page.
    Selected,
    /// A key in the footer or in help.
    Key,
    Banner,
    /// A list drawn over a page.
    Popup,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Theme {
    pub palette: Palette,
    pub ascii: bool,
}

impl Theme {
    pub fn style(self, tone: Tone) -> Style {
        let base = Style::new();
        match self.palette {
            Palette::Dark => match tone {
                Tone::Plain => base,
                Tone::Title => base.fg(Color::Cyan).add_modifier(Modifier::BOLD),
                // Some palettes use bright black as the background. Dimmed text can be read on all of them.
                Tone::Faint => base.add_modifier(Modifier::DIM),
                Tone::Good => base.fg(Color::Green),
                Tone::Warning => base.fg(Color::Yellow),
                Tone::Bad => base.fg(Color::LightRed),
                Tone::Busy => base.fg(Color::LightBlue),
                Tone::Selected => base
                    .fg(Color::Reset)
                    .bg(Color::Reset)
                    .add_modifier(Modifier::REVERSED),
                Tone::Key => base.fg(Color::Cyan),
                Tone::Banner => base.fg(Color::Black).bg(Color::Yellow),
                Tone::Popup => base.fg(Color::Black).bg(Color::Cyan),
            },
            Palette::Neutral => match tone {
                Tone::Plain => base,
                Tone::Title | Tone::Key => base.add_modifier(Modifier::BOLD),
                Tone::Faint => base.add_modifier(Modifier::DIM),
                Tone::Good => base.fg(Color::Green),
                Tone::Warning | Tone::Busy => base.fg(Color::Magenta),
                Tone::Bad => base.fg(Color::Red).add_modifier(Modifier::BOLD),
                Tone::Selected => base
                    .fg(Color::Reset)
                    .bg(Color::Reset)
                    .add_modifier(Modifier::REVERSED),
                Tone::Banner | Tone::Popup => base.add_modifier(Modifier::REVERSED),
            },
            Palette::Light => match tone {
                Tone::Plain => base,
                Tone::Title => base.fg(Color::Blue).add_modifier(Modifier::BOLD),
                Tone::Faint => base.add_modifier(Modifier::DIM),
                Tone::Good => base.fg(Color::Green),
                Tone::Warning => base.fg(Color::Magenta),
                Tone::Bad => base.fg(Color::Red),
                Tone::Busy | Tone::Key => base.fg(Color::Blue),
                Tone::Selected => base
                    .fg(Color::Reset)
                    .bg(Color::Reset)
                    .add_modifier(Modifier::REVERSED),
                Tone::Banner => base.fg(Color::White).bg(Color::Red),
                Tone::Popup => base.fg(Color::White).bg(Color::Blue),
            },
            Palette::HighContrast => match tone {
                Tone::Plain | Tone::Faint | Tone::Popup => base.fg(Color::White).bg(Color::Black),
                Tone::Title | Tone::Key => base
                    .fg(Color::White)
                    .bg(Color::Black)
                    .add_modifier(Modifier::BOLD),
                Tone::Good => base.fg(Color::LightGreen).bg(Color::Black),
                Tone::Warning => base
                    .fg(Color::LightYellow)
                    .bg(Color::Black)
                    .add_modifier(Modifier::BOLD),
                Tone::Bad => base
                    .fg(Color::LightRed)
                    .bg(Color::Black)
                    .add_modifier(Modifier::BOLD),
                Tone::Busy => base.fg(Color::LightCyan).bg(Color::Black),
                Tone::Selected => base.fg(Color::Black).bg(Color::White),
                Tone::Banner => base
                    .fg(Color::Black)
                    .bg(Color::LightYellow)
                    .add_modifier(Modifier::BOLD),
            },
            Palette::Mono => match tone {
                Tone::Plain | Tone::Good | Tone::Busy | Tone::Popup => base,
                Tone::Title | Tone::Warning | Tone::Key => base.add_modifier(Modifier::BOLD),
                Tone::Faint => base.add_modifier(Modifier::DIM),
                Tone::Bad => base.add_modifier(Modifier::BOLD),
                Tone::Selected | Tone::Banner => base.add_modifier(Modifier::REVERSED),
            },
        }
    }

    pub fn status(self, status: Status) -> Style {
        self.style(tone(status))
    }

    pub fn symbol(self, status: Status) -> &'static str {
        let (unicode, ascii) = match status {
            Status::Pending => ("◇", "~"),
            Status::Issued => ("●", "+"),
            Status::Expiring => ("▲", "!"),
            Status::Expired => ("▼", "x"),
            Status::Revoked => ("■", "#"),
            Status::Replaced => ("◆", "="),
            Status::Superseded => ("»", ">"),
            Status::Declined => ("○", "o"),
            Status::Rejected => ("□", "n"),
            Status::Failed => ("✗", "X"),
        };
        self.pick(unicode, ascii)
    }

    pub fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    pub fn ellipsis(self) -> &'static str {
        self.pick("…", "~")
    }

    pub fn mark(self) -> &'static str {
        self.pick("✓", "*")
    }

    pub fn borders(self) -> border::Set<'static> {
        if self.ascii {
            border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            }
        } else {
            border::PLAIN
        }
    }
}

pub fn tone(status: Status) -> Tone {
    match status {
        Status::Issued => Tone::Good,
        Status::Expiring => Tone::Warning,
        Status::Expired | Status::Rejected | Status::Failed | Status::Declined => Tone::Bad,
        Status::Pending => Tone::Busy,
        Status::Revoked | Status::Replaced | Status::Superseded => Tone::Faint,
    }
}
