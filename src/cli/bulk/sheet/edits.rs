//! The cells that are written into a copy of a workbook, by row. They are kept on disk.

use std::io;

use serde::{Deserialize, Serialize};

use super::{Cell, Kind};
use crate::cli::bulk::spill::DiskVec;

pub(super) struct Edits {
    /// The header row, in which new cells get the style of their neighbour.
    pub(super) header_row: u32,
    rows: DiskVec<RowEdit>,
    next: Option<RowEdit>,
    taken: u64,
}

/// The new cells of one row, from left to right.
#[derive(Serialize, Deserialize)]
pub(super) struct RowEdit {
    pub(super) row: u32,
    cells: Vec<(usize, String, bool)>,
}

impl RowEdit {
    pub(super) fn into_cells(self) -> impl Iterator<Item = (usize, Cell)> {
        self.cells.into_iter().map(|(column, text, is_number)| {
            let kind = if is_number { Kind::Number } else { Kind::Text };
            let cell = Cell {
                text,
                kind,
                ..Cell::default()
            };
            (column, cell)
        })
    }
}

impl Edits {
    pub(super) fn new(header_row: u32) -> io::Result<Self> {
        Ok(Self {
            header_row,
            rows: DiskVec::new()?,
            next: None,
            taken: 0,
        })
    }

    /// Rows must be added in ascending order.
    pub(super) fn put(&mut self, row: u32, cells: &[(usize, Cell)]) -> io::Result<()> {
        let mut cells: Vec<(usize, String, bool)> = cells
            .iter()
            .map(|(column, cell)| (*column, cell.text.clone(), cell.as_number().is_some()))
            .collect();
        cells.sort_unstable_by_key(|(column, ..)| *column);
        self.rows.push(&RowEdit { row, cells })?;
        Ok(())
    }

    /// The row of the next edit. `None` after the last one.
    pub(super) fn next_row(&mut self) -> io::Result<Option<u32>> {
        if self.next.is_none() {
            self.next = self.rows.get(self.taken)?;
            self.taken += u64::from(self.next.is_some());
        }
        Ok(self.next.as_ref().map(|next| next.row))
    }

    /// The next edit, if it belongs to this row or to one above it.
    pub(super) fn take_up_to(&mut self, row: u32) -> io::Result<Option<RowEdit>> {
        let is_due = self.next_row()?.is_some_and(|next| next <= row);
        Ok(if is_due { self.next.take() } else { None })
    }
}
