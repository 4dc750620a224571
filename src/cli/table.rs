//! Lays out a table for a given width. Columns that do not fit are shortened, and then left out from the right.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::ui::clean;

const GAP: usize = 2;
/// The minimum width of a shortened column.
const NARROWEST: usize = 6;

/// The widths of a table's columns, which are in the order of their importance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    widths: Vec<usize>,
    limited: bool,
}

impl Layout {
    /// Fits the rows (with the header) into a width of `limit` characters. Without a limit nothing is cut.
    pub fn fit(rows: &[Vec<String>], limit: Option<usize>) -> Self {
        let count = rows.iter().map(Vec::len).max().unwrap_or_default();
        let mut widths = vec![0; count];
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(clean(cell).width());
            }
        }
        if let Some(limit) = limit {
            narrow(&mut widths, limit);
        }
        Self {
            widths,
            limited: limit.is_some(),
        }
    }

    /// How many columns are shown.
    pub fn columns(&self) -> usize {
        self.widths.len()
    }

    /// A cell, cut and padded to its width. The last column is not padded.
    pub fn cell(&self, column: usize, text: &str) -> String {
        let text = clean(text).replace('\n', " ");
        let width = self.widths[column];
        let text = if self.limited {
            cut(&text, width)
        } else {
            text
        };
        if column + 1 == self.widths.len() {
            return text;
        }
        let pad = width.saturating_sub(text.width()) + GAP;
        format!("{text}{}", " ".repeat(pad))
    }
}

fn narrow(widths: &mut Vec<usize>, limit: usize) {
    let total =
        |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
    while total(widths) > limit {
        let widest = widths.iter().enumerate().max_by_key(|(_, width)| **width);
        match widest.map(|(index, width)| (index, *width)) {
            Some((index, width)) if width > NARROWEST => widths[index] = width - 1,
            _ if widths.len() > 1 => {
                widths.pop();
            }
            _ => {
                widths.truncate(1);
                if let Some(width) = widths.first_mut() {
                    *width = limit.max(1);
                }
                return;
            }
        }
    }
}

/// The text in at most `width` characters, with `…` if it was cut.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let next = grapheme.width();
        if used + next + 1 > width {
            break;
        }
        short.push_str(grapheme);
        used += next;
    }
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn without_a_limit_nothing_is_cut() {
        let rows = [row(&["NAME", "X"]), row(&["www.example.com", "1"])];
        let layout = Layout::fit(&rows, None);
        assert_eq!(
            layout.cell(0, "NAME") + &layout.cell(1, "X"),
            "NAME             X"
        );
    }

    #[test]
    fn a_narrow_window_is_never_overrun() {
        let rows = [
            row(&["common name", "status", "expires", "id"]),
            row(&[
                "a-very-long-name.example.com",
                "issued",
                "2027-01-01",
                "12345_customer",
            ]),
        ];
        for limit in 1..80 {
            let layout = Layout::fit(&rows, Some(limit));
            for row in &rows {
                let line: String = (0..layout.columns())
                    .map(|i| layout.cell(i, &row[i]))
                    .collect();
                assert!(line.width() <= limit, "{limit}: {line:?}");
            }
        }
    }

    #[test]
    fn wide_characters_count_as_two() {
        assert_eq!(cut("日本語ドメイン", 7), "日本語…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    }
}
