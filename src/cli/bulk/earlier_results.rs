//! What earlier runs wrote about the rows of a file. When the input is a result, this is in the rows themselves;
//! otherwise it is in the result file beside the input.

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

/// The rows of the result file beside the input.
pub struct EarlierResults {
    /// The mark of a row (a digest of the operator's columns), and the row's number in `rows`.
    numbers: DiskMap,
    rows: DiskVec<Earlier>,
}

impl EarlierResults {
    /// Reads the result file `beside` the input. The file is ignored when no run in `history` has written it. It does
    /// no harm when people have changed it since, because rows are recognised by their content.
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
        // A result that cannot be read any more must not prevent new orders.
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

    /// A warning that names the certificates of the previous result for which the new result has no row, because their
    /// rows were removed from the sheet or changed.
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
                    // This row still belongs to the older certificate, even if a step was made on its successor.
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

    /// Begins to walk through the rows of the input, which must be given to [`EarlierWalk::next`] from first to last.
    pub fn walk(&self) -> Result<EarlierWalk<'_>, BulkError> {
        Ok(EarlierWalk {
            all: self,
            marks: RowMarks::new()?,
        })
    }
}

/// Finds what earlier runs wrote about each row of the input.
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
