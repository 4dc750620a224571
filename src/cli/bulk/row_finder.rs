//! Finds the rows of a run in a file that was changed since.

use super::error::BulkError;
use super::request::Digest;
use super::row_store::RowStore;
use super::spill::DiskMap;

/// Finds rows by their marks. Rows may have been sorted, removed or added since the run began.
pub struct RowFinder<'s> {
    store: &'s RowStore,
    next: u64,
    marks: Option<DiskMap>,
    found: Bits,
}

impl<'s> RowFinder<'s> {
    pub fn new(store: &'s RowStore) -> Self {
        Self {
            store,
            next: 0,
            marks: None,
            found: Bits::default(),
        }
    }

    pub fn find(&mut self, mark: &Digest) -> Result<Option<u64>, BulkError> {
        let expected = self.store.entry(self.next)?;
        let index = if expected.is_some_and(|entry| entry.mark == *mark) {
            Some(self.next)
        } else {
            self.marks()?.get(mark).map_err(BulkError::Spill)?
        };
        if let Some(index) = index {
            self.next = index + 1;
            self.found.add(index);
        }
        Ok(index)
    }

    fn marks(&mut self) -> Result<&DiskMap, BulkError> {
        if self.marks.is_none() {
            let mut marks = DiskMap::new().map_err(BulkError::Spill)?;
            for index in 0..self.store.rows() {
                if let Some(entry) = self.store.entry(index)? {
                    marks.set(&entry.mark, index).map_err(BulkError::Spill)?;
                }
            }
            self.marks = Some(marks);
        }
        self.marks.as_ref().ok_or_else(|| {
            BulkError::Spill(std::io::Error::other("the marks of the rows are gone"))
        })
    }

    /// Rows that have a certificate or an order but are no longer in the file.
    pub fn not_found(&self) -> Result<Vec<u64>, BulkError> {
        let mut gone = Vec::new();
        for index in 0..self.store.rows() {
            if !self.found.has(index)
                && let Some(outcome) = self.store.outcome(index)?
                && !(outcome.id.is_empty() && outcome.order_id.is_empty())
            {
                gone.push(index);
            }
        }
        Ok(gone)
    }
}

/// A set of numbers.
#[derive(Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn add(&mut self, number: u64) {
        let (word, bit) = ((number / 64) as usize, number % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    fn has(&self, number: u64) -> bool {
        let word = self.0.get((number / 64) as usize);
        word.is_some_and(|word| word & (1 << (number % 64)) != 0)
    }
}
