//! What earlier runs wrote of a file's rows: it stands in the rows themselves where a result is fed back, and else in the
//! result beside the file.

use std::path::Path;

use super::columns::Columns;
use super::earlier::Earlier;
use super::error::BulkError;
use super::input::{RowMarks, Source};
use super::journal::History;
use super::request::{Digest, digest};
use super::row_store::RowStore;
use super::sheet::Row;
use super::spill::{DiskMap, DiskVec};

/// The rows of the result beside the file.
pub struct EarlierResults {
    /// By what stands in the operator's columns.
    numbers: DiskMap,
    rows: DiskVec<Earlier>,
}

impl EarlierResults {
    /// A file that no run here has written tells nothing; that people changed it meanwhile does no harm, because rows are
    /// found by what stands in them.
    pub async fn read(
        source: &Source,
        beside: &Path,
        history: &History,
    ) -> Result<Self, BulkError> {
        let mut this = Self {
            numbers: DiskMap::new().map_err(BulkError::Spill)?,
            rows: DiskVec::new().map_err(BulkError::Spill)?,
        };
        if beside == source.path || !history.knows(beside) {
            return Ok(this);
        }
        let beside = Source::open(beside, source.options.clone(), source.columns.clone());
        // One that cannot be read any more is no reason not to order.
        if let Ok(beside) = beside
            && let Ok(mut rows) = beside.rows().await
        {
            let mut marks = RowMarks::new()?;
            while let Ok(Some(row)) = rows.next().await {
                let mark = marks.next_own(&rows.columns, &row)?;
                if let Some(earlier) = Earlier::read(&rows.columns, &row) {
                    this.add(&mark, &earlier).map_err(BulkError::Spill)?;
                }
            }
        }
        Ok(this)
    }

    fn add(&mut self, mark: &Digest, earlier: &Earlier) -> std::io::Result<()> {
        let number = self.rows.push(earlier)?;
        self.numbers.set(mark, number)
    }

    /// Says which certificates the file before has, and the one that is written now has not: their rows were removed from
    /// the sheet, or changed.
    pub fn not_among(&self, store: &RowStore) -> Result<Option<String>, BulkError> {
        const NAMED: usize = 20;
        let mut known = DiskMap::new().map_err(BulkError::Spill)?;
        let mut add = |id: &str| known.set(&digest([id]), 0).map_err(BulkError::Spill);
        if self.rows.count() > 0 {
            for index in 0..store.rows() {
                let outcome = store.outcome_or_unsent(index)?;
                add(&outcome.id)?;
                add(&outcome.order_id)?;
                if let Some(entry) = store.entry(index)? {
                    add(&entry.given_id)?;
                    add(entry.replaces.as_deref().unwrap_or_default())?;
                    // The row stands for it, even where a step went by its successor.
                    add(entry.beside.as_ref().map_or("", |beside| &beside.id))?;
                }
            }
        }
        let mut missing = Vec::new();
        for number in 0..self.rows.count() {
            let row = self.rows.get(number).map_err(BulkError::Spill)?;
            let id = row.map_or(String::new(), |row| row.id);
            let is_known = known
                .get(&digest([id.as_str()]))
                .map_err(BulkError::Spill)?;
            if !id.is_empty() && is_known.is_none() {
                missing.push(id);
            }
        }
        let more = missing.len().saturating_sub(NAMED);
        missing.truncate(NAMED);
        Ok((!missing.is_empty()).then(|| {
            let and_more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!(
                "the sheet has no row any more for {}{and_more}, so the result has none either: svpki certs list shows them",
                missing.join(", ")
            )
        }))
    }

    /// For the rows of the file, from the first to the last.
    pub fn walk(&self) -> Result<EarlierWalk<'_>, BulkError> {
        Ok(EarlierWalk {
            all: self,
            marks: RowMarks::new()?,
        })
    }
}

/// Tells what is known of each row, one after the other.
pub struct EarlierWalk<'e> {
    all: &'e EarlierResults,
    marks: RowMarks,
}

impl EarlierWalk<'_> {
    pub fn next(&mut self, columns: &Columns, row: &Row) -> Result<Option<Earlier>, BulkError> {
        if let Some(own) = Earlier::read(columns, row) {
            return Ok(Some(own));
        }
        if self.all.rows.count() == 0 {
            return Ok(None);
        }
        let mark = self.marks.next_own(columns, row)?;
        let number = self.all.numbers.get(&mark).map_err(BulkError::Spill)?;
        match number {
            Some(number) => self.all.rows.get(number).map_err(BulkError::Spill),
            None => Ok(None),
        }
    }
}
