//! Makes text from a server fit for a terminal cell: it cannot move the cursor, and its width is known.

use std::borrow::Cow;

use svpki_types::Labels;
use svpki_types::text::for_terminal_line;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Replaces characters with which a name, comment or error text could control the terminal.
pub fn clean(text: &str) -> Cow<'_, str> {
    for_terminal_line(text)
}

/// The width in terminal columns.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text in exactly `columns` columns: cut between whole characters with an ellipsis, or filled with spaces.
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    let mut out = cut(text, columns, ellipsis);
    let missing = columns.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The text, cut to at most `columns` columns.
pub fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    let text = clean(text);
    if width(&text) <= columns {
        return text.into_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = grapheme.width();
        if used + wide > room {
            break;
        }
        out.push_str(grapheme);
        used += wide;
    }
    if width(ellipsis) <= columns {
        out.push_str(ellipsis);
    }
    out
}

/// Breaks text into lines of at most `columns` columns, at spaces if possible.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let text = clean(text);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        for (n, piece) in pieces(word, columns).into_iter().enumerate() {
            let line = lines.len() - 1;
            let used = width(&lines[line]);
            let gap = usize::from(n == 0 && used > 0);
            if n == 0 && used + gap + width(&piece) <= columns {
                if gap == 1 {
                    lines[line].push(' ');
                }
                lines[line].push_str(&piece);
            } else if lines[line].is_empty() {
                lines[line] = piece;
            } else {
                lines.push(piece);
            }
        }
    }
    lines
}

/// Arranges items side by side with two spaces between them, as many on a line as fit. Returns the indices of each
/// line.
pub fn wrap_items(items: &[String], columns: usize) -> Vec<Vec<usize>> {
    let mut lines: Vec<Vec<usize>> = vec![Vec::new()];
    let mut used = 1;
    for (at, item) in items.iter().enumerate() {
        let wide = width(item) + 2;
        if used + wide > columns + 2 && used > 1 {
            lines.push(Vec::new());
            used = 1;
        }
        used += wide;
        if let Some(line) = lines.last_mut() {
            line.push(at);
        }
    }
    lines
}

fn pieces(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for grapheme in word.graphemes(true) {
        let wide = grapheme.width();
        if used + wide > columns && used > 0 {
            pieces.push(String::new());
            used = 0;
        }
        if let Some(last) = pieces.last_mut() {
            last.push_str(grapheme);
        }
        used += wide;
    }
    pieces
}

/// For terminals that only know ASCII: everything else becomes `?`.
pub fn ascii(text: &str) -> String {
    text.graphemes(true)
        .map(|g| {
            if g.is_ascii() {
                g.to_owned()
            } else {
                "?".repeat(g.width().max(1))
            }
        })
        .collect()
}

/// `50000` as `50,000`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 certificate`, `2 certificates`.
pub fn plural(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {noun}{s}", count(number as u64))
}

/// Owner, team, ticket and the entries of metadata on one line.
pub fn labels(labels: &Labels) -> String {
    let named = [
        ("owner", &labels.owner),
        ("team", &labels.team),
        ("ticket", &labels.ticket),
    ];
    let named = named.iter().filter(|(_, value)| !value.is_empty());
    let named = named.map(|(name, value)| format!("{name} {value}"));
    let entries = labels.metadata.iter();
    let entries = entries.map(|(name, value)| format!("{name}={value}"));
    named.chain(entries).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_between_whole_characters() {
        assert_eq!(fit("日本語.example", 6, "…"), "日本… ");
        assert_eq!(fit("e\u{301}te\u{301}", 5, "…"), "e\u{301}te\u{301}  ");
        assert_eq!(cut("abc", 0, "…"), "");
    }

    #[test]
    fn server_text_cannot_speak_to_the_terminal() {
        assert_eq!(
            clean("a\u{1b}]52;c;AAAA\u{7}b"),
            "a\u{fffd}]52;c;AAAA\u{fffd}b"
        );
        assert_eq!(clean("abc\u{202e}def"), "abc\u{fffd}def");
    }

    #[test]
    fn groups_thousands() {
        assert_eq!(count(50_000), "50,000");
        assert_eq!(count(999), "999");
        assert_eq!(plural(1, "order"), "1 order");
    }

    proptest! {
        #[test]
        fn fits_exactly(text in "\\PC{0,40}", columns in 0usize..30) {
            let fitted = fit(&text, columns, "…");
            prop_assert_eq!(width(&fitted), columns);
        }

        #[test]
        fn wrapped_lines_fit(text in "[a-zé日 ]{0,60}", columns in 2usize..30) {
            for line in wrap(&text, columns) {
                prop_assert!(width(&line) <= columns);
            }
        }
    }
}
