//! Writes rows of the table as CSV or JSON.

use serde_json::{Value, json};

use std::sync::Arc;

use super::model::{Column, Model, Row};
use super::time;
use svpki_types::Status;
use svpki_types::text::for_spreadsheet;

/// A row and its mount.
type Shown<'a> = (&'a Row, &'a Arc<str>);

/// The rows to export: of the rows shown the marked ones, or all if none is marked.
pub fn rows(model: &Model) -> impl Iterator<Item = Shown<'_>> {
    let marks = &model.marks;
    (0..model.store.len())
        .filter_map(|at| model.store.row(at))
        .filter(move |(row, mount)| marks.is_empty() || marks.contains_key(&row.key(mount)))
}

/// The rows as CSV, in the columns of the table. A cell that a spreadsheet would take for a formula gets a quote before
/// it.
pub fn csv<'a>(rows: impl Iterator<Item = Shown<'a>>, columns: &[Column]) -> String {
    let columns: Vec<Column> = columns
        .iter()
        .copied()
        .filter(|c| *c != Column::Left)
        .collect();
    let head: Vec<String> = columns.iter().map(|c| c.name()).collect();
    let mut out = head.join(",") + "\r\n";
    for (row, mount) in rows {
        let cells: Vec<String> = columns
            .iter()
            .map(|c| quote(&c.value(row, mount)))
            .collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn quote(cell: &str) -> String {
    let cell = for_spreadsheet(cell);
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into_owned()
    }
}

/// The rows as JSON, whatever the columns of the table.
pub fn json<'a>(rows: impl Iterator<Item = Shown<'a>>) -> String {
    let rows: Vec<Value> = rows
        .map(|(row, mount)| {
            json!({
                "mount": &**mount,
                "config": &*row.config,
                "id": &*row.id,
                "status": row.status.map(Status::as_str),
                "common_name": row.common_name(),
                "subject_alt_names": names(row.alt_names()),
                "serial_number": row.serial(),
                "not_before": moment(row.not_before),
                "not_after": moment(row.not_after),
                "key_type": &*row.key_type,
                "has_key": row.has_key,
                "issuer": &*row.issuer,
                "role": said(&row.role),
                "owner": said(&row.labels.owner),
                "team": said(&row.labels.team),
                "ticket": said(&row.labels.ticket),
                "metadata": row.labels.metadata,
                "missing_names": names(&row.missing_names),
                "renew_at": moment(row.renew_at),
                "renewed_from": row.renewed_from.as_deref(),
                "renewed_to": row.renewed_to.as_deref(),
                "renew_error": row.renew_error.as_deref(),
            })
        })
        .collect();
    format!("{:#}\n", Value::Array(rows))
}

fn said(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn names(text: &str) -> Vec<&str> {
    text.split(' ').filter(|name| !name.is_empty()).collect()
}

fn moment(at: i64) -> Option<String> {
    (at != 0).then(|| time::rfc3339(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(quote("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quote("=cmd()"), "'=cmd()");
        assert_eq!(quote("*.example.com"), "*.example.com");
    }
}
