//! The mount's storage, which the server provides over gRPC.
//!
//! The server reports errors as text in successful answers, so both the call and the answer must be checked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::OnceCell;
use tokio::time::sleep;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::proto::pb;
use super::proto::pb::storage_client::StorageClient;
use super::write_ahead::{RawStorage, WriteAhead};
use super::{Batch, Change, Entry, StorageError};

/// How often a transaction is tried. A conflict means that somebody else made progress.
const ATTEMPTS: u32 = 8;

/// Storage over the connection that the server set up for one mount.
pub(super) struct RemoteStorage {
    client: StorageClient<Channel>,
    /// Whether the server offers transactions; it is asked once.
    transactional: OnceCell<bool>,
    pages_itself: AtomicBool,
    write_ahead: WriteAhead,
}

impl RemoteStorage {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            client: StorageClient::new(channel)
                .max_decoding_message_size(usize::MAX)
                .max_encoding_message_size(usize::MAX),
            transactional: OnceCell::new(),
            pages_itself: AtomicBool::new(true),
            write_ahead: WriteAhead::default(),
        }
    }

    /// Completes the batch that the last process has left unfinished.
    pub(super) async fn recover(&self) -> Result<(), StorageError> {
        self.write_ahead.recover(self).await
    }

    pub(super) fn invalidate(&self, key: &str) {
        self.write_ahead.invalidate(key);
    }

    async fn transact_once(&self, batch: &Batch) -> Result<(), StorageError> {
        let transaction = Transaction::begin(self.client.clone()).await?;
        for change in &batch.changes {
            transaction.apply(change).await?;
        }
        transaction.commit().await
    }
}

/// A transaction of the server. Its number is sent only while it is open: for an unknown number, the server would
/// execute the operation outside of any transaction.
struct Transaction {
    client: StorageClient<Channel>,
    /// Empty once the transaction has ended.
    number: String,
}

impl Transaction {
    async fn begin(mut client: StorageClient<Channel>) -> Result<Self, StorageError> {
        let reply = client.begin_tx(pb::Empty {}).await.map_err(failed)?;
        let pb::BeginTxReply { txn, err } = reply.into_inner();
        said(err)?;
        if txn.is_empty() {
            let text = "the server began a transaction and gave it no number";
            return Err(StorageError::Failed(text.to_owned()));
        }
        Ok(Self {
            client,
            number: txn,
        })
    }

    async fn apply(&self, change: &Change) -> Result<(), StorageError> {
        let mut client = self.client.clone();
        let txn = self.number.clone();
        let reply = match change {
            Change::Put(entry) => {
                let entry = Some(entry.clone().into());
                client.put(pb::StoragePutArgs { entry, txn }).await
            }
            Change::Delete(key) => {
                let key = key.clone();
                client.delete(pb::StorageDeleteArgs { key, txn }).await
            }
        };
        said(reply.map_err(failed)?.into_inner().err)
    }

    async fn commit(mut self) -> Result<(), StorageError> {
        let txn = std::mem::take(&mut self.number);
        let reply = self.client.commit(pb::EndTxArgs { txn }).await;
        said(reply.map_err(failed)?.into_inner().err)
    }
}

impl Drop for Transaction {
    /// Rolls back a transaction that was not committed, after an error or a cancelled request. Otherwise it would stay
    /// open in the server.
    fn drop(&mut self) {
        let txn = std::mem::take(&mut self.number);
        if txn.is_empty() {
            return;
        }
        let mut client = self.client.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = client.rollback(pb::EndTxArgs { txn }).await {
                    tracing::warn!(%error, "a transaction could not be rolled back");
                }
            });
        }
    }
}

#[async_trait]
impl RawStorage for RemoteStorage {
    async fn raw_get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        let args = pb::StorageGetArgs {
            key: key.to_owned(),
            txn: String::new(),
        };
        let reply = self.client.clone().get(args).await.map_err(failed)?;
        let pb::StorageGetReply { entry, err } = reply.into_inner();
        said(err)?;
        Ok(entry.map(Entry::from))
    }

    async fn raw_put(&self, entry: Entry) -> Result<(), StorageError> {
        let args = pb::StoragePutArgs {
            entry: Some(entry.into()),
            txn: String::new(),
        };
        let reply = self.client.clone().put(args).await.map_err(failed)?;
        said(reply.into_inner().err)
    }

    async fn raw_delete(&self, key: &str) -> Result<(), StorageError> {
        let args = pb::StorageDeleteArgs {
            key: key.to_owned(),
            txn: String::new(),
        };
        let reply = self.client.clone().delete(args).await.map_err(failed)?;
        said(reply.into_inner().err)
    }

    async fn raw_list(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
        let args = pb::StorageListArgs {
            prefix: prefix.to_owned(),
            txn: String::new(),
        };
        let reply = self.client.clone().list(args).await.map_err(failed)?;
        let pb::StorageListReply { mut keys, err } = reply.into_inner();
        said(err)?;
        keys.sort_unstable();
        Ok(keys)
    }

    async fn raw_list_page(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StorageError> {
        if limit == 0 {
            // For the server a limit of 0 would mean no limit.
            return Ok(Vec::new());
        }
        if self.pages_itself.load(Ordering::Relaxed) {
            let args = pb::StorageListPageArgs {
                prefix: prefix.to_owned(),
                after: after.to_owned(),
                limit: i32::try_from(limit).unwrap_or(i32::MAX),
                txn: String::new(),
            };
            match self.client.clone().list_page(args).await {
                Ok(reply) => {
                    let pb::StorageListReply { keys, err } = reply.into_inner();
                    said(err)?;
                    return Ok(keys);
                }
                Err(status) if status.code() == Code::Unimplemented => {
                    self.pages_itself.store(false, Ordering::Relaxed);
                }
                Err(status) => return Err(failed(status)),
            }
        }
        Ok(page(self.raw_list(prefix).await?, after, limit))
    }

    async fn has_transactions(&self) -> Result<bool, StorageError> {
        let probe = || async {
            match self.client.clone().is_transactional(pb::Empty {}).await {
                Ok(reply) => Ok(reply.into_inner().transactional),
                Err(status) if status.code() == Code::Unimplemented => Ok(false),
                Err(status) => Err(failed(status)),
            }
        };
        self.transactional.get_or_try_init(probe).await.copied()
    }

    async fn transact(&self, batch: Batch) -> Result<(), StorageError> {
        let mut attempt = 1;
        loop {
            match self.transact_once(&batch).await {
                Err(StorageError::Conflict) if attempt < ATTEMPTS => {
                    sleep(Duration::from_millis(5) * attempt).await;
                    attempt += 1;
                }
                ended => return ended,
            }
        }
    }

    fn write_ahead(&self) -> &WriteAhead {
        &self.write_ahead
    }
}

/// The first `limit` keys after `after` in a sorted list.
fn page(mut keys: Vec<String>, after: &str, limit: usize) -> Vec<String> {
    let from = keys.partition_point(|key| key.as_str() <= after);
    keys.drain(..from);
    keys.truncate(limit);
    keys
}

/// Checks the error text of a successful answer, which is empty if there was no error.
fn said(text: String) -> Result<(), StorageError> {
    if text.is_empty() {
        return Ok(());
    }
    for known in [StorageError::ReadOnly, StorageError::Conflict] {
        if text.contains(&known.to_string()) {
            return Err(known);
        }
    }
    Err(StorageError::Failed(text))
}

fn failed(status: Status) -> StorageError {
    match said(status.message().to_owned()) {
        Err(known @ (StorageError::ReadOnly | StorageError::Conflict)) => known,
        _ => StorageError::Failed(format!(
            "the server's storage cannot be reached: {}: {}",
            status.code(),
            status.message()
        )),
    }
}

impl From<pb::StorageEntry> for Entry {
    fn from(wire: pb::StorageEntry) -> Self {
        Self {
            key: wire.key,
            value: wire.value,
            seal_wrap: wire.seal_wrap,
        }
    }
}

impl From<Entry> for pb::StorageEntry {
    fn from(entry: Entry) -> Self {
        Self {
            key: entry.key,
            value: entry.value,
            seal_wrap: entry.seal_wrap,
        }
    }
}

#[cfg(test)]
mod tests;
