//! Chooses the theme from environment variables, for users who have not chosen one.

use super::theme::{Palette, Theme};

/// The theme for the environment variables that `get` returns. The colours are neutral unless the background is known:
/// neutral colours can be read on dark, light and Solarized backgrounds.
pub fn theme(get: impl Fn(&str) -> Option<String>) -> Theme {
    let get = |name: &str| get(name).filter(|value| !value.is_empty());
    let term = get("TERM").unwrap_or_default();
    let plain = matches!(term.as_str(), "" | "dumb") || term.starts_with("vt1") || term == "vt52";
    let palette = if plain || get("NO_COLOR").is_some() {
        Palette::Mono
    } else {
        background(&get("COLORFGBG").unwrap_or_default())
    };
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(&get);
    let utf8 = locale.is_some_and(|name| {
        let name = name.to_lowercase();
        name.contains("utf-8") || name.contains("utf8")
    });
    Theme {
        palette,
        // The font of the Linux console lacks most of the symbols.
        ascii: plain || !utf8 || term == "linux",
    }
}

/// Reads `COLORFGBG`, which some terminals set: the last number is the background colour.
fn background(value: &str) -> Palette {
    let last = value.rsplit(';').next().and_then(|n| n.parse::<u8>().ok());
    match last {
        Some(7 | 9..=15) => Palette::Light,
        Some(0..=6 | 8) => Palette::Dark,
        _ => Palette::Neutral,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> (Palette, bool) {
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let theme = theme(get);
        (theme.palette, theme.ascii)
    }

    #[test]
    fn the_environment_is_heeded() {
        let utf8 = ("LANG", "en_US.UTF-8");
        let xterm = ("TERM", "xterm-256color");
        assert_eq!(of(&[xterm, utf8]), (Palette::Neutral, false));
        assert_eq!(
            of(&[xterm, utf8, ("NO_COLOR", "1")]),
            (Palette::Mono, false)
        );
        assert_eq!(of(&[xterm, ("LANG", "C")]), (Palette::Neutral, true));
        assert_eq!(
            of(&[xterm, utf8, ("LC_ALL", "C")]),
            (Palette::Neutral, true)
        );
        assert_eq!(of(&[xterm]), (Palette::Neutral, true));
        for term in ["dumb", "vt100", "vt102"] {
            assert_eq!(of(&[("TERM", term), utf8]), (Palette::Mono, true), "{term}");
        }
        assert_eq!(of(&[("TERM", "linux"), utf8]), (Palette::Neutral, true));
        assert_eq!(
            of(&[xterm, utf8, ("COLORFGBG", "0;15")]),
            (Palette::Light, false)
        );
        assert_eq!(
            of(&[xterm, utf8, ("COLORFGBG", "15;default;0")]),
            (Palette::Dark, false)
        );
    }
}
