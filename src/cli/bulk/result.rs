//! Writes the result file: the rows of the input with their outcomes, in the same format. A result can be used as an
//! input.

use std::path::Path;

use super::columns::{ACTION, Columns, Field, RESULT_COLUMNS, ROLE, ResultColumns};
use super::earlier::Earlier;
use super::error::BulkError;
use super::input::{Input, RowMarks, Source};
use super::outcome::{Outcome, State};
use super::row_finder::RowFinder;
use super::row_store::{RowEntry, RowStore};
use super::sheet::{Cell, Format, Kind, ResultWriter, Row, SharedFile};
use svpki_types::text::for_spreadsheet;

/// Writes the outcomes into the rows of the file in its present order. `width` is the number of its columns that have
/// content. Returns warnings for the operator.
pub async fn write(
    path: &Path,
    source: &Source,
    store: &RowStore,
    width: usize,
) -> Result<Vec<String>, BulkError> {
    let changed = !source.is_unchanged();
    let mut notices = Vec::new();
    let mut now = None;
    let mut rows = None;
    if changed {
        notices.push(format!(
            "{} was changed while svpki worked on it: rows were recognised by their content",
            source.path.display()
        ));
        let read = async {
            let file = source.now()?;
            Ok::<_, BulkError>((file.rows().await?, file))
        };
        match read.await {
            Ok((read, file)) => (rows, now) = (Some(read), Some(file)),
            Err(error) => notices.push(format!(
                "it cannot be read any more, so the result has the rows that it had before: {error}"
            )),
        }
    }
    let mut rows = match rows {
        Some(rows) => rows,
        None => source.rows().await?,
    };
    let base = now.as_ref().unwrap_or(source).copy();
    let mut writer = Writer::create(path, base, &rows, width, store.has_roles())?;
    let mut marks = RowMarks::new()?;
    let mut finder = RowFinder::new(store);
    while let Some(row) = rows.next_of_all().await? {
        writer.last = row.number;
        if row.hidden && !source.options.take_hidden {
            writer.as_it_is(&row)?;
            continue;
        }
        let mark = marks.next(&rows.columns, &row)?;
        match finder.find(&mark)? {
            Some(index) => writer.row(&row, store, index)?,
            None => writer.unsent(&row)?,
        }
    }
    if changed {
        let gone = finder.not_found()?;
        let mut before = source.rows().await?;
        let mut index = 0;
        while let Some(row) = before.next().await? {
            if gone.contains(&index)
                && store
                    .entry(index)?
                    .is_some_and(|entry| entry.row == row.number)
            {
                writer.gone(&row, store, index)?;
                let outcome = store.outcome_or_unsent(index)?;
                notices.push(format!(
                    "row {} was changed or removed meanwhile; its result ({} {}) stands at the end",
                    row.number,
                    outcome.status,
                    if outcome.id.is_empty() {
                        &outcome.order_id
                    } else {
                        &outcome.id
                    },
                ));
            }
            index += 1;
        }
    }
    writer.finish()?;
    Ok(notices)
}

/// Writes outcomes into the columns of the result.
struct Writer {
    columns: std::sync::Arc<Columns>,
    places: ResultColumns,
    width: usize,
    is_csv: bool,
    /// The outcomes are written into a copy of the input.
    amends: bool,
    /// The number of the last row of the table so far.
    last: u32,
    writer: ResultWriter,
}

impl Writer {
    fn create(
        path: &Path,
        base: &SharedFile,
        rows: &Input,
        width: usize,
        has_roles: bool,
    ) -> Result<Self, BulkError> {
        let columns = &rows.columns;
        let mut header = columns.header.clone();
        // Never copy a workbook with passwords: they would stay in the table of shared strings.
        let copies = columns.header_row > 0 && columns.column(&Field::ExportPassword).is_none();
        let amended = if copies {
            ResultWriter::amend(path, base, &rows.format, columns.header_row)?
        } else {
            None
        };
        if amended.is_some() && columns.results.is_none() {
            // Columns without a header stay where they are; the result columns come after them.
            header.resize(header.len().max(width), Cell::default());
        }
        let mut places = rows.columns.results.unwrap_or_default();
        for (place, name) in places[..ROLE].iter_mut().zip(RESULT_COLUMNS) {
            place.get_or_insert_with(|| {
                header.push(Cell::text(name));
                header.len() - 1
            });
        }
        // Directly behind the action, where readers look for the role, unless a column of the operator is there.
        if let (None, Some(action)) = (places[ROLE], places[ACTION])
            && has_roles
            && width.max(header.len()) <= action + 1
        {
            places[ROLE] = Some(header.len());
            header.push(Cell::text(RESULT_COLUMNS[ROLE]));
        }
        let amends = amended.is_some();
        let mut writer = match amended {
            Some(writer) => writer,
            None => ResultWriter::create(path, &rows.format)?,
        };
        if amends {
            let names = placed(&places, RESULT_COLUMNS.map(Cell::text));
            writer.put(columns.header_row, &names)?;
        } else {
            writer.row(&header)?;
        }
        Ok(Self {
            amends,
            last: columns.header_row,
            columns: std::sync::Arc::clone(&rows.columns),
            places,
            width: header.len(),
            is_csv: matches!(rows.format, Format::Csv(_)),
            writer,
        })
    }

    fn row(&mut self, row: &Row, store: &RowStore, index: u64) -> Result<(), BulkError> {
        let results = self.results(row, store, index)?;
        self.put(row, results)
    }

    fn results(
        &self,
        row: &Row,
        store: &RowStore,
        index: u64,
    ) -> Result<[Cell; RESULT_COLUMNS.len()], BulkError> {
        let entry = store.entry(index)?;
        let outcome = store.outcome_or_unsent(index)?;
        let beside = entry.as_ref().and_then(|entry| entry.beside.clone());
        let earlier = beside.or_else(|| Earlier::read(&self.columns, row));
        Ok(cells(
            entry.as_ref(),
            &outcome,
            earlier.as_ref(),
            self.is_csv,
        ))
    }

    /// A row that was not there when the run began. It keeps what an earlier run wrote about it.
    fn unsent(&mut self, row: &Row) -> Result<(), BulkError> {
        if Earlier::read(&self.columns, row).is_some() {
            return self.as_it_is(row);
        }
        let words = "added or changed while svpki worked on the file: run the command again";
        let outcome = Outcome::of(State::Unknown, "unsent", words);
        let results = cells(None, &outcome, None, self.is_csv);
        self.put(row, results)
    }

    fn as_it_is(&mut self, row: &Row) -> Result<(), BulkError> {
        let all = self.own_cells(row);
        Ok(self.writer.row_hidden(&all, row.hidden)?)
    }

    /// A row that is no longer in the file.
    fn gone(&mut self, row: &Row, store: &RowStore, index: u64) -> Result<(), BulkError> {
        if !self.amends {
            return self.row(row, store, index);
        }
        let results = self.results(row, store, index)?;
        let own = self.own_cells(row).into_iter().enumerate();
        let cells: Vec<_> = own
            .filter(|(column, _)| !self.places.contains(&Some(*column)))
            .chain(placed(&self.places, results))
            .collect();
        self.last += 1;
        Ok(self.writer.put(self.last, &cells)?)
    }

    /// The operator's cells of a row, without passwords.
    fn own_cells(&self, row: &Row) -> Vec<Cell> {
        let mut cells = row.cells.clone();
        cells.resize(self.width, Cell::default());
        for column in self.columns.all(&Field::ExportPassword) {
            cells[column.index] = Cell::default();
        }
        cells
    }

    fn put(&mut self, row: &Row, results: [Cell; RESULT_COLUMNS.len()]) -> Result<(), BulkError> {
        if self.amends {
            let cells = placed(&self.places, results);
            return Ok(self.writer.put(row.number, &cells)?);
        }
        let mut all = self.own_cells(row);
        for (place, cell) in placed(&self.places, results) {
            all[place] = cell;
        }
        Ok(self.writer.row_hidden(&all, row.hidden)?)
    }

    fn finish(self) -> Result<(), BulkError> {
        Ok(self.writer.finish()?)
    }
}

/// The cells with the index of their column. Cells without a column are left out: the role, when no row has one.
fn placed(places: &ResultColumns, cells: [Cell; RESULT_COLUMNS.len()]) -> Vec<(usize, Cell)> {
    let all = places.iter().zip(cells);
    all.filter_map(|(place, cell)| Some(((*place)?, cell)))
        .collect()
}

/// The result cells of a row. The id that the row came with stays, even when the step fails.
fn cells(
    entry: Option<&RowEntry>,
    outcome: &Outcome,
    earlier: Option<&Earlier>,
    is_csv: bool,
) -> [Cell; RESULT_COLUMNS.len()] {
    let given = entry.map_or("", |entry| entry.given_id.as_str());
    let before = earlier.map_or(("", ""), |earlier| {
        (earlier.id.as_str(), earlier.successor_id.as_str())
    });
    let newest = if outcome.id.is_empty() {
        outcome.order_id.as_str()
    } else {
        outcome.id.as_str()
    };
    let (id, successor) = if !given.is_empty() {
        (given, if newest == given { "" } else { newest })
    } else if newest.is_empty() || newest == before.1 {
        (before.0, "")
    } else {
        (newest, "")
    };
    let successor = if successor.is_empty() && id == before.0 {
        before.1
    } else {
        successor
    };
    let action = if outcome.action.is_empty() {
        earlier.map_or("", |earlier| earlier.outcome.action.as_str())
    } else {
        outcome.action.as_str()
    };
    let role = entry.map_or("", |entry| entry.role_of(outcome));
    let role = match earlier {
        Some(earlier) if role.is_empty() && id == before.0 => &earlier.outcome.role,
        _ => role,
    };
    let text = |text: &str| {
        Cell::text(if is_csv {
            escape_formula(text)
        } else {
            text.to_owned()
        })
    };
    let code = outcome.scm_code.map(|code| code.to_string());
    [
        text(id),
        text(&outcome.status),
        text(&outcome.serial),
        text(&outcome.not_after),
        Cell {
            text: code.unwrap_or_default(),
            kind: Kind::Number,
            ..Cell::default()
        },
        text(&outcome.words()),
        text(successor),
        text(action),
        text(role),
    ]
}

/// Escapes a text from outside that a spreadsheet would take for a formula. XLSX and ODS do not need this, because
/// their cells have a type.
pub fn escape_formula(text: &str) -> String {
    for_spreadsheet(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_answer_becomes_a_formula() {
        assert_eq!(escape_formula("=1+1"), "'=1+1");
        assert_eq!(escape_formula("@x"), "'@x");
        assert_eq!(escape_formula("ok"), "ok");
    }

    /// Regression: after an interrupted renewal the rows of a result file had no ids.
    #[test]
    fn a_row_keeps_the_id_that_it_was_given() {
        let entry = RowEntry {
            given_id: "1_acme".into(),
            ..RowEntry::default()
        };
        let texts =
            |outcome: &Outcome| cells(Some(&entry), outcome, None, true).map(|cell| cell.text);
        let unsent = texts(&Outcome::of(State::Unknown, "unsent", ""));
        assert_eq!((unsent[0].as_str(), unsent[6].as_str()), ("1_acme", ""));
        let mut renewed = Outcome::of(State::Done, "issued", "");
        renewed.id = "2_acme".into();
        let renewed = texts(&renewed);
        assert_eq!(
            (renewed[0].as_str(), renewed[6].as_str()),
            ("1_acme", "2_acme")
        );
    }
}
