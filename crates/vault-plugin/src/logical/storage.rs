//! The storage that the server gives to a mount.

use async_trait::async_trait;

/// Why an operation of the storage failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// This node may not write. The text is the server's own: if it is passed on unchanged, the server sends the whole
    /// request to the active node.
    #[error("cannot write to readonly storage")]
    ReadOnly,
    /// Somebody else has written a key that this transaction read or wrote.
    #[error("transaction commit failed")]
    Conflict,
    #[error("{0}")]
    Failed(String),
}

/// One stored value. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub value: Vec<u8>,
    pub seal_wrap: bool,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Put(Entry),
    Delete(String),
}

/// Changes that are applied together, in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub changes: Vec<Change>,
}

impl Batch {
    pub fn put(&mut self, entry: Entry) {
        self.changes.push(Change::Put(entry));
    }

    pub fn delete(&mut self, key: impl Into<String>) {
        self.changes.push(Change::Delete(key.into()));
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A mount's storage. Keys are paths; a listed key that ends in `/` is a folder.
#[async_trait]
pub trait Storage: Send + Sync + 'static {
    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError>;

    async fn put(&self, entry: Entry) -> Result<(), StorageError>;

    async fn delete(&self, key: &str) -> Result<(), StorageError>;

    /// The children of `prefix` (which is empty or ends in `/`), sorted.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, StorageError>;

    /// At most `limit` children that sort after `after`. The server makes the page if it can.
    async fn list_page(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StorageError>;

    /// Applies all changes or none: in one transaction if the server offers transactions, otherwise through a sealed
    /// write-ahead entry that is replayed after a crash or an error. After an error the whole batch may still be
    /// applied later.
    async fn commit(&self, batch: Batch) -> Result<(), StorageError>;

    /// Whether the server offers transactions.
    async fn transactional(&self) -> bool;

    /// Completes an interrupted batch, as every read and write also does. Answers how many batches were completed in
    /// this way so far, in whole or in part. When this number grows, values that were read before are no longer valid.
    async fn ensure_recovered(&self) -> Result<u64, StorageError>;
}
