//! Cells merged over several rows: a person reads the value in each of them, so each of them has it.

use std::collections::BTreeMap;

use super::{Cell, Row};

/// Values that reach down from a row above.
#[derive(Default)]
pub(super) struct Merged {
    /// By column: the last row that has the value, and the value.
    reaching: BTreeMap<u32, (u32, Cell)>,
}

impl Merged {
    /// The cell of this column stands in all rows down to `last_row`.
    pub(super) fn begin(&mut self, column: u32, last_row: u32, cell: &Cell) {
        if !cell.is_blank() {
            self.reaching.insert(column, (last_row, cell.clone()));
        }
    }

    /// Fills what a row leaves blank under a merged cell.
    pub(super) fn fill(&mut self, row: &mut Row) {
        self.reaching
            .retain(|_, (last_row, _)| *last_row >= row.number);
        // A row with nothing of its own is an empty row, even beside a merged cell.
        if row.is_blank() {
            return;
        }
        for (&column, (_, cell)) in &self.reaching {
            let column = column as usize;
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::default());
            }
            if row.cells[column].is_blank() {
                row.cells[column] = Cell {
                    merged: true,
                    ..cell.clone()
                };
            }
        }
    }
}
