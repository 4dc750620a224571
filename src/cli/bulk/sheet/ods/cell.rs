//! A cell as OpenDocument writes it.

use crate::cli::bulk::sheet::Cell;

/// The element of a cell; `attributes` stand in it beside its value.
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

/// For text and attributes of XML; what XML cannot hold at all becomes a space.
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

/// OpenDocument folds white space: a run of it, and what stands at an edge, is written out.
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
