//! The index of certificates: two sorted trees in storage, one by expiry and one by common name, whose nodes count the
//! rows below them. Reading a page, counting and inserting need only a few nodes, however many certificates there are.
//! Nothing is kept in memory. The counts cannot become wrong, because they are made from the rows alone.
//!
//! Writers hold the engine's index lock, and put their nodes into the same batch as the records of the certificates.

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

/// The stored types, for the compatibility tests.
#[cfg(test)]
pub mod stored {
    pub use super::bucket::BucketTable;
    pub use super::node::{Node, Root};
}

/// The two sort orders of the rows.
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

    /// The key of a row in this tree.
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

/// Sorts before every character of a name or an id.
pub const SEPARATOR: char = '\u{1f}';

/// The smallest possible key of the expiry tree for this time.
pub fn time_key(unix_seconds: i64) -> String {
    format!("{:013}", unix_seconds.max(0))
}
