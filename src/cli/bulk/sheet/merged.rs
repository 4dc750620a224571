//! Cells that are merged over several rows. People read the value as that of each row, so each row gets the value.

use std::collections::BTreeMap;

use super::{Cell, Row};

/// Values that reach down from a row above.
#[derive(Default)]
pub(super) struct Merged {
    /// For each column: the last row that has the value, and the value.
    reaching: BTreeMap<u32, (u32, Cell)>,
}

impl Merged {
    /// Records that the cell in this column reaches down to `last_row`.
    pub(super) fn begin(&mut self, column: u32, last_row: u32, cell: &Cell) {
        if !cell.is_blank() {
            self.reaching.insert(column, (last_row, cell.clone()));
        }
    }

    /// Fills the blank cells of a row that are part of a merged cell.
    pub(super) fn fill(&mut self, row: &mut Row) {
        self.reaching
            .retain(|_, (last_row, _)| *last_row >= row.number);
        // A row without any content of its own stays empty.
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
