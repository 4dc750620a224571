//! All or nothing for a storage without transactions.
//!
//! The whole batch is first written as one entry, then applied, then the entry is deleted. Whatever is found of an
//! entry later was cut short, and is applied again before anything else is written: applying twice does no harm.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{Batch, Change, Entry, StorageError};

/// Reserved: no backend stores anything below it. It ends up among the seal-wrapped prefixes, because a batch may
/// hold keys.
pub const PREFIX: &str = "write-ahead/";

/// There is one writer to a mount's storage at any time, and it writes one batch at a time.
const KEY: &str = "write-ahead/batch";

/// A storage as plain as every server has it.
#[async_trait]
pub(super) trait Plain: Send + Sync {
    async fn plain_get(&self, key: &str) -> Result<Option<Entry>, StorageError>;
    async fn plain_put(&self, entry: Entry) -> Result<(), StorageError>;
    async fn plain_delete(&self, key: &str) -> Result<(), StorageError>;
}

/// Keeps the batches of one mount whole.
#[derive(Debug)]
pub(super) struct WriteAhead {
    /// An entry may be there.
    unsettled: AtomicBool,
    /// Held while an entry may be there.
    writing: Mutex<()>,
}

impl Default for WriteAhead {
    /// The last process may have left an entry.
    fn default() -> Self {
        Self {
            unsettled: AtomicBool::new(true),
            writing: Mutex::default(),
        }
    }
}

impl WriteAhead {
    /// Another node wrote `key`.
    pub(super) fn invalidate(&self, key: &str) {
        if key.starts_with(PREFIX) {
            self.unsettled.store(true, Ordering::Release);
        }
    }

    /// Ends what a batch that was cut short has begun. Must come before any write, or the batch would undo it later.
    pub(super) async fn settle(&self, storage: &dyn Plain) -> Result<(), StorageError> {
        if !self.unsettled.load(Ordering::Acquire) {
            return Ok(());
        }
        let _writing = self.writing.lock().await;
        self.replay(storage).await
    }

    /// Applies all of `batch`. After an error it may be applied later, as a whole, and never in part.
    pub(super) async fn commit(
        &self,
        storage: &dyn Plain,
        batch: Batch,
    ) -> Result<(), StorageError> {
        let _writing = self.writing.lock().await;
        self.replay(storage).await?;
        if batch.changes.len() <= 1 {
            return apply(storage, batch).await;
        }
        let entry = Entry {
            key: KEY.to_owned(),
            value: encode(&batch)?,
            seal_wrap: true,
        };
        // From here on an entry may be there, whatever the server answers.
        self.unsettled.store(true, Ordering::Release);
        storage.plain_put(entry).await?;
        if apply(storage, batch).await.is_err() {
            return self.replay(storage).await;
        }
        // The batch is in storage; an entry that stays only repeats it before the next write.
        if storage.plain_delete(KEY).await.is_ok() {
            self.unsettled.store(false, Ordering::Release);
        }
        Ok(())
    }

    async fn replay(&self, storage: &dyn Plain) -> Result<(), StorageError> {
        if !self.unsettled.load(Ordering::Acquire) {
            return Ok(());
        }
        // Cleared before looking: an invalidation that comes meanwhile must not be lost.
        self.unsettled.store(false, Ordering::Release);
        let replayed = async {
            if let Some(entry) = storage.plain_get(KEY).await? {
                apply(storage, decode(&entry.value)?).await?;
                storage.plain_delete(KEY).await?;
                tracing::info!("a batch of writes that was cut short is now complete");
            }
            Ok(())
        }
        .await;
        if replayed.is_err() {
            self.unsettled.store(true, Ordering::Release);
        }
        replayed
    }
}

async fn apply(storage: &dyn Plain, batch: Batch) -> Result<(), StorageError> {
    for change in batch.changes {
        match change {
            Change::Put(entry) => storage.plain_put(entry).await?,
            Change::Delete(key) => storage.plain_delete(&key).await?,
        }
    }
    Ok(())
}

/// The entry's form. Changes of it must still read what an older version left behind.
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
    // Without the parser's text, which may quote the entry.
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
