//! The index of certificates: two ordered trees in storage, one by end of validity and one by common name, whose
//! nodes count what lies below them. A page, a count, an insertion each touch a handful of nodes whatever the number
//! of certificates; nothing is kept in memory and nothing can drift, because the rows are the counts' only source.
//!
//! Writers hold the engine's index lock and put their nodes into the same batch as the records they belong to.

mod bucket;
mod edit;
mod node;
mod read;
mod row;
#[cfg(test)]
mod tests;

pub use bucket::{BucketTable, StatusBucket};
pub use edit::Editor;
pub use node::Counts;
pub use read::{Direction, IN_USE_CUT, Reader, Visited};
pub use row::IndexRow;

/// What stands in storage, for the tests of compatibility.
#[cfg(test)]
pub mod stored {
    pub use super::bucket::BucketTable;
    pub use super::node::{Node, Root};
}

/// The orders in which rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tree {
    Expiry,
    Name,
}

impl Tree {
    pub const ALL: [Self; 2] = [Self::Expiry, Self::Name];

    fn folder(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Name => "name",
        }
    }

    /// Where a row stands in this tree.
    pub fn key(self, row: &IndexRow) -> String {
        match self {
            Self::Expiry => format!(
                "{}{SEPARATOR}{}{SEPARATOR}{}",
                time_key(row.not_after),
                row.config,
                row.id
            ),
            Self::Name => format!(
                "{}{SEPARATOR}{}{SEPARATOR}{}",
                row.common_name, row.config, row.id
            ),
        }
    }
}

/// Sorts before every character that a name or an id can hold.
pub const SEPARATOR: char = '\u{1f}';

/// The first key of the expiry tree at or after this time.
pub fn time_key(unix_seconds: i64) -> String {
    format!("{:013}", unix_seconds.max(0))
}
