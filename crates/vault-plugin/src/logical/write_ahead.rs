//! Makes batches atomic for a storage without transactions.
//!
//! The whole batch is first written as one entry, then applied, and then the entry is deleted. If such an entry is
//! found later, its batch was interrupted by a crash or by a storage that failed for a while. The batch is then
//! applied again before any other write, which it would undo otherwise, and before any read, which might see only a
//! part of it. Applying a batch twice does no harm.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tokio::sync::{RwLock, RwLockReadGuard};

use super::{Batch, Change, Entry, Storage, StorageError};

/// Reserved: no backend stores anything below this prefix. It is added to the seal-wrapped prefixes, because a batch
/// may contain private keys.
pub const PREFIX: &str = "write-ahead/";

/// One entry is enough: at any time a mount's storage has one writer, which writes one batch at a time.
const KEY: &str = "write-ahead/batch";

/// The plain operations of a storage. Together with a [`WriteAhead`] it becomes a [`Storage`].
#[async_trait]
pub(super) trait RawStorage: Send + Sync + 'static {
    async fn raw_get(&self, key: &str) -> Result<Option<Entry>, StorageError>;

    async fn raw_put(&self, entry: Entry) -> Result<(), StorageError>;

    async fn raw_delete(&self, key: &str) -> Result<(), StorageError>;

    async fn raw_list(&self, prefix: &str) -> Result<Vec<String>, StorageError>;

    async fn raw_list_page(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StorageError>;

    async fn has_transactions(&self) -> Result<bool, StorageError>;

    /// Applies all changes in one transaction.
    async fn transact(&self, batch: Batch) -> Result<(), StorageError>;

    fn write_ahead(&self) -> &WriteAhead;
}

/// Makes the batches of one mount atomic.
#[derive(Debug)]
pub(super) struct WriteAhead {
    /// How many batches may have been interrupted since the last check.
    suspected: AtomicU64,
    /// Held exclusively while a batch is applied, and shared by single writes. Otherwise a batch that is applied again
    /// later could undo a write that came after the batch had begun.
    writing: RwLock<()>,
    /// How often a batch was applied again.
    replays: AtomicU64,
}

impl Default for WriteAhead {
    /// Starts with 1, because the last process may have left an entry.
    fn default() -> Self {
        Self {
            suspected: AtomicU64::new(1),
            writing: RwLock::default(),
            replays: AtomicU64::new(0),
        }
    }
}

/// Marks the batch as possibly incomplete when dropped, after an error or when its task was stopped, unless it is
/// disarmed.
struct IncompleteGuard<'a> {
    write_ahead: &'a WriteAhead,
    disarmed: bool,
}

impl Drop for IncompleteGuard<'_> {
    fn drop(&mut self) {
        if !self.disarmed {
            self.write_ahead.suspect();
        }
    }
}

impl WriteAhead {
    /// To be called when another node has written `key`.
    pub(super) fn invalidate(&self, key: &str) {
        if key.starts_with(PREFIX) {
            self.suspect();
        }
    }

    fn suspect(&self) {
        self.suspected.fetch_add(1, Ordering::AcqRel);
    }

    /// Completes an interrupted batch, and waits for a batch that is being written. Must be called before any write.
    pub(super) async fn recover(&self, storage: &dyn RawStorage) -> Result<(), StorageError> {
        let _writing = self.writing.write().await;
        self.replay(storage).await
    }

    /// The lock for a single write: while it is held, no batch begins or is completed.
    async fn turn(
        &self,
        storage: &dyn RawStorage,
    ) -> Result<RwLockReadGuard<'_, ()>, StorageError> {
        loop {
            let turn = self.writing.read().await;
            if self.suspected.load(Ordering::Acquire) == 0 {
                return Ok(turn);
            }
            drop(turn);
            self.recover(storage).await?;
        }
    }

    /// Must be called before any read. Does not wait for a batch that is being written, unless one may have been
    /// interrupted. Answers the number of replays.
    async fn recover_before_read(&self, storage: &dyn RawStorage) -> Result<u64, StorageError> {
        if self.suspected.load(Ordering::Acquire) > 0 {
            match self.recover(storage).await {
                // A standby may not write; the active node completes the batch.
                Ok(()) | Err(StorageError::ReadOnly) => {}
                Err(StorageError::Failed(text)) => {
                    return Err(StorageError::Failed(format!(
                        "an unfinished batch of writes must be completed first: {text}"
                    )));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(self.replays.load(Ordering::Acquire))
    }

    /// Applies all changes of `batch`. After an error the batch may still be applied later, but only as a whole.
    async fn commit(&self, storage: &dyn RawStorage, batch: Batch) -> Result<(), StorageError> {
        let _writing = self.writing.write().await;
        self.replay(storage).await?;
        let entry = Entry {
            key: KEY.to_owned(),
            value: encode(&batch)?,
            seal_wrap: true,
        };
        // From here on the entry may exist, whatever the server answers.
        let mut guard = IncompleteGuard {
            write_ahead: self,
            disarmed: false,
        };
        storage.raw_put(entry).await?;
        if apply(storage, batch).await.is_err() {
            drop(guard);
            return self.replay(storage).await;
        }
        // The batch is complete. If the entry cannot be deleted, the batch is only applied again before the next
        // operation.
        guard.disarmed = storage.raw_delete(KEY).await.is_ok();
        Ok(())
    }

    /// Applies an interrupted batch again. The caller holds `writing`.
    async fn replay(&self, storage: &dyn RawStorage) -> Result<(), StorageError> {
        let suspected = self.suspected.load(Ordering::Acquire);
        if suspected == 0 {
            return Ok(());
        }
        if let Some(entry) = storage.raw_get(KEY).await? {
            let applied = apply(storage, decode(&entry.value)?).await;
            // Counted also after an error, because a part of the batch may have been written.
            self.replays.fetch_add(1, Ordering::AcqRel);
            applied?;
            storage.raw_delete(KEY).await?;
            tracing::info!("a batch of writes that was cut short is now complete");
        }
        // If another node has written in the meantime, the batch stays suspected.
        let _ = self
            .suspected
            .compare_exchange(suspected, 0, Ordering::AcqRel, Ordering::Acquire);
        Ok(())
    }
}

#[async_trait]
impl<P: RawStorage> Storage for P {
    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        self.ensure_recovered().await?;
        self.raw_get(key).await
    }

    async fn put(&self, entry: Entry) -> Result<(), StorageError> {
        let _turn = self.write_ahead().turn(self).await?;
        self.raw_put(entry).await
    }

    async fn delete(&self, key: &str) -> Result<(), StorageError> {
        let _turn = self.write_ahead().turn(self).await?;
        self.raw_delete(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
        self.ensure_recovered().await?;
        self.raw_list(prefix).await
    }

    async fn list_page(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StorageError> {
        self.ensure_recovered().await?;
        self.raw_list_page(prefix, after, limit).await
    }

    async fn commit(&self, mut batch: Batch) -> Result<(), StorageError> {
        if batch.changes.len() <= 1 {
            return match batch.changes.pop() {
                Some(Change::Put(entry)) => self.put(entry).await,
                Some(Change::Delete(key)) => self.delete(&key).await,
                None => Ok(()),
            };
        }
        if !self.has_transactions().await? {
            return self.write_ahead().commit(self, batch).await;
        }
        let _turn = self.write_ahead().turn(self).await?;
        self.transact(batch).await
    }

    async fn transactional(&self) -> bool {
        self.has_transactions().await.unwrap_or(false)
    }

    async fn ensure_recovered(&self) -> Result<u64, StorageError> {
        self.write_ahead().recover_before_read(self).await
    }
}

async fn apply(storage: &dyn RawStorage, batch: Batch) -> Result<(), StorageError> {
    for change in batch.changes {
        match change {
            Change::Put(entry) => storage.raw_put(entry).await?,
            Change::Delete(key) => storage.raw_delete(&key).await?,
        }
    }
    Ok(())
}

/// The stored form of a batch. Newer versions must still read what an older version has written.
#[derive(Serialize, Deserialize)]
struct Record {
    changes: Vec<Recorded>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Recorded {
    Put {
        key: String,
        /// Base64.
        value: String,
        seal_wrap: bool,
    },
    Delete {
        key: String,
    },
}

fn encode(batch: &Batch) -> Result<Vec<u8>, StorageError> {
    let changes = batch.changes.iter().map(|change| match change {
        Change::Put(entry) => Recorded::Put {
            key: entry.key.clone(),
            value: STANDARD.encode(&entry.value),
            seal_wrap: entry.seal_wrap,
        },
        Change::Delete(key) => Recorded::Delete { key: key.clone() },
    });
    let record = Record {
        changes: changes.collect(),
    };
    serde_json::to_vec(&record)
        .map_err(|error| StorageError::Failed(format!("a batch cannot be written down: {error}")))
}

fn decode(bytes: &[u8]) -> Result<Batch, StorageError> {
    // The parser's message is left out, because it may quote the entry.
    let unreadable = || {
        StorageError::Failed(format!(
            "the entry {KEY:?} in this mount's storage cannot be read: was it written by a newer version?"
        ))
    };
    let record: Record = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
    let mut batch = Batch::default();
    for change in record.changes {
        match change {
            Recorded::Put {
                key,
                value,
                seal_wrap,
            } => batch.put(Entry {
                key,
                value: STANDARD.decode(value).map_err(|_| unreadable())?,
                seal_wrap,
            }),
            Recorded::Delete { key } => batch.delete(key),
        }
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::super::MemoryStorage;
    use super::*;

    /// A storage in which writes of the key `slow` wait for a permit.
    struct Slow {
        memory: MemoryStorage,
        write_ahead: WriteAhead,
        permits: Semaphore,
        begun: Semaphore,
    }

    #[async_trait]
    impl RawStorage for Slow {
        async fn raw_get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
            self.memory.raw_get(key).await
        }

        async fn raw_put(&self, entry: Entry) -> Result<(), StorageError> {
            if entry.key == "slow" {
                self.begun.add_permits(1);
                self.permits.acquire().await.unwrap().forget();
            }
            self.memory.raw_put(entry).await
        }

        async fn raw_delete(&self, key: &str) -> Result<(), StorageError> {
            self.memory.raw_delete(key).await
        }

        async fn raw_list(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
            self.memory.raw_list(prefix).await
        }

        async fn raw_list_page(
            &self,
            prefix: &str,
            after: &str,
            limit: usize,
        ) -> Result<Vec<String>, StorageError> {
            self.memory.raw_list_page(prefix, after, limit).await
        }

        async fn has_transactions(&self) -> Result<bool, StorageError> {
            Ok(false)
        }

        async fn transact(&self, batch: Batch) -> Result<(), StorageError> {
            self.memory.transact(batch).await
        }

        fn write_ahead(&self) -> &WriteAhead {
            &self.write_ahead
        }
    }

    fn entry(key: &str, value: &str) -> Entry {
        Entry {
            key: key.to_owned(),
            value: value.into(),
            seal_wrap: false,
        }
    }

    /// If the batch was interrupted and applied again later, it would undo a write that was acknowledged after the
    /// batch began.
    #[tokio::test]
    async fn no_batch_begins_while_something_else_is_written() {
        let storage = Arc::new(Slow {
            memory: MemoryStorage::new(false),
            write_ahead: WriteAhead::default(),
            permits: Semaphore::new(0),
            begun: Semaphore::new(0),
        });
        let put = tokio::spawn({
            let storage = Arc::clone(&storage);
            async move { storage.put(entry("slow", "put")).await }
        });
        storage.begun.acquire().await.unwrap().forget();
        let commit = tokio::spawn({
            let storage = Arc::clone(&storage);
            async move {
                let mut batch = Batch::default();
                batch.put(entry("slow", "batch"));
                batch.put(entry("other", "batch"));
                storage.commit(batch).await
            }
        });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            storage.raw_get(KEY).await.unwrap(),
            None,
            "the batch has begun"
        );
        storage.permits.add_permits(2);
        put.await.unwrap().unwrap();
        commit.await.unwrap().unwrap();
        let last = storage.get("slow").await.unwrap().unwrap();
        assert_eq!(last.value, b"batch");
    }
}
