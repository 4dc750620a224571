//! Makes foreign text safe for a terminal, for JSON on a terminal, or for a cell of a spreadsheet.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Replaces a character that must not reach a terminal.
const STAND_IN: char = '\u{fffd}';

/// Text as a terminal may show it: nothing in it moves the cursor, speaks to the terminal, turns the direction of
/// what follows, or is invisible. Line breaks stay, and a tab becomes a space.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c != '\n' && is_unsafe(c)) {
        return Cow::Borrowed(text);
    }
    let safe = text.replace("\r\n", "\n").chars().map(stand_in).collect();
    Cow::Owned(safe)
}

/// As [`for_terminal`], on one line.
pub fn for_terminal_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let line = |c| match stand_in(c) {
        '\n' => STAND_IN,
        c => c,
    };
    Cow::Owned(text.chars().map(line).collect())
}

/// JSON text that means the same and is safe on a terminal: what is unsafe is escaped as JSON escapes.
pub fn json_for_terminal(json: &str) -> Cow<'_, str> {
    if !json.chars().any(|c| c != '\n' && is_unsafe(c)) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if c == '\n' || !is_unsafe(c) {
            safe.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{unit:04x}");
        }
    }
    Cow::Owned(safe)
}

/// Text that a spreadsheet takes for text: a `'` stands before what it would take for a formula.
pub fn for_spreadsheet(text: &str) -> Cow<'_, str> {
    let starts_formula = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    if starts_formula && !is_pem(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Nothing but PEM: its characters can name no function, no sheet and no program.
fn is_pem(text: &str) -> bool {
    text.starts_with("-----BEGIN ")
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=- \r\n".contains(&b))
}

fn stand_in(c: char) -> char {
    match c {
        '\n' => c,
        '\t' => ' ',
        c if is_unsafe(c) => STAND_IN,
        c => c,
    }
}

/// Control characters (C0, DEL, C1), line and paragraph separators, and characters without a glyph of their own:
/// direction marks, joiners, fillers, tags and the like, which make one name look like another.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_that_moves_or_hides_reaches_a_terminal() {
        for bad in [
            '\u{0}',
            '\u{7}',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{9d}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fff9}',
            '\u{fffa}',
            '\u{fffb}',
            '\u{e0041}',
        ] {
            let text = format!("a{bad}b");
            assert_eq!(for_terminal(&text), "a\u{fffd}b", "{bad:?}");
            assert_eq!(for_terminal_line(&text), "a\u{fffd}b", "{bad:?}");
            let json = serde_json::to_string(&text).unwrap_or_default();
            let safe = json_for_terminal(&json);
            assert!(!safe.contains(bad), "{safe:?}");
            assert_eq!(serde_json::from_str::<String>(&safe).ok(), Some(text));
        }
        assert_eq!(for_terminal("münchen 日本\r\n\tx"), "münchen 日本\n x");
        assert_eq!(for_terminal_line("a\nb"), "a\u{fffd}b");
    }

    #[test]
    fn no_text_becomes_a_formula() {
        for formula in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1",
        ] {
            assert_eq!(for_spreadsheet(formula), format!("'{formula}"));
        }
        let pem = "-----BEGIN CERTIFICATE-----\nMIIB+/=\n-----END CERTIFICATE-----\n";
        assert_eq!(for_spreadsheet(pem), pem);
        let fake = "-----BEGIN HYPERLINK(\"http://x\")";
        assert_eq!(for_spreadsheet(fake), format!("'{fake}"));
        assert_eq!(for_spreadsheet("www.example.com"), "www.example.com");
        assert_eq!(for_spreadsheet("*.example.com"), "*.example.com");
    }
}
