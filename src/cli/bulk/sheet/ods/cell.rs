//! Writes a cell as OpenDocument XML.

use crate::cli::bulk::sheet::Cell;

/// The element of a cell. `attributes` are added to its tag.
pub(in crate::cli::bulk::sheet) fn element(cell: &Cell, attributes: &str) -> String {
    if cell.text.is_empty() {
        return format!("<table:table-cell{attributes}/>");
    }
    let mut element = match cell.as_number() {
        Some(_) => format!(
            r#"<table:table-cell{attributes} office:value-type="float" office:value="{}">"#,
            escape(&cell.text)
        ),
        None => format!(r#"<table:table-cell{attributes} office:value-type="string">"#),
    };
    for line in cell.text.split('\n') {
        element.push_str("<text:p>");
        element.push_str(&spaced(&escape(line)));
        element.push_str("</text:p>");
    }
    element.push_str("</table:table-cell>");
    element
}

/// Escapes text for XML content and attributes. Characters that XML does not allow become spaces.
pub(in crate::cli::bulk::sheet) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push('\t'),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// OpenDocument collapses white space, so repeated spaces and a space at the start of a line are written as elements.
fn spaced(line: &str) -> String {
    let mut spaced = String::with_capacity(line.len());
    let mut folds = true;
    for character in line.chars() {
        match character {
            ' ' if folds => spaced.push_str("<text:s/>"),
            '\t' => spaced.push_str("<text:tab/>"),
            c => spaced.push(c),
        }
        folds = character == ' ';
    }
    spaced
}
