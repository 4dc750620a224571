//! A mount without a server: storage and system view in memory, with faults on demand, for tests and measurements.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::write_ahead::{Plain, WriteAhead};
use super::{Batch, Change, Entry, Error, Storage, StorageError, SystemView};

/// A mount's storage in memory.
#[derive(Debug)]
pub struct MemoryStorage {
    contents: Mutex<Contents>,
    transactional: bool,
    write_ahead: WriteAhead,
}

#[derive(Debug, Default)]
struct Contents {
    entries: BTreeMap<String, Entry>,
    read_only: bool,
    /// Writes until all fail.
    writes_left: Option<usize>,
    writes: usize,
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::new(true)
    }
}

impl MemoryStorage {
    /// With transactions as OpenBao has them, or without as HashiCorp Vault.
    pub fn new(transactional: bool) -> Self {
        Self {
            contents: Mutex::default(),
            transactional,
            write_ahead: WriteAhead::default(),
        }
    }

    /// From now on, `writes` writes succeed and all later ones fail, as in a crash. A commit on a transactional
    /// storage is one write.
    pub fn fail_after(&self, writes: usize) {
        self.contents().writes_left = Some(writes);
    }

    /// The same entries in a storage that works, as a new process finds them after a crash.
    pub fn restarted(&self) -> Self {
        let restarted = Self::new(self.transactional);
        restarted.contents().entries = self.contents().entries.clone();
        restarted
    }

    /// On a read-only node every write is refused.
    pub fn set_read_only(&self, read_only: bool) {
        self.contents().read_only = read_only;
    }

    /// How many writes have succeeded.
    pub fn writes(&self) -> usize {
        self.contents().writes
    }

    /// All keys with their values.
    pub fn entries(&self) -> Vec<Entry> {
        self.contents().entries.values().cloned().collect()
    }

    /// What the server has the backend do before the first request.
    pub async fn settle(&self) -> Result<(), StorageError> {
        self.write_ahead.settle(self).await
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn count_write(&mut self) -> Result<(), StorageError> {
        if self.read_only {
            return Err(StorageError::ReadOnly);
        }
        match &mut self.writes_left {
            Some(0) => return Err(StorageError::Failed("storage is down".to_owned())),
            Some(left) => *left -= 1,
            None => {}
        }
        self.writes += 1;
        Ok(())
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Put(entry) => drop(self.entries.insert(entry.key.clone(), entry)),
            Change::Delete(key) => drop(self.entries.remove(&key)),
        }
    }

    /// Direct children in order: keys, and folders ending in `/` once each.
    fn children(&self, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        let mut children: Vec<String> = Vec::new();
        let from = Bound::Included(prefix.to_owned());
        for key in self
            .entries
            .range((from, Bound::Unbounded))
            .map(|(key, _)| key)
        {
            let Some(rest) = key.strip_prefix(prefix) else {
                break;
            };
            let child = rest.find('/').map_or(rest, |slash| &rest[..=slash]);
            if child > after && children.last().is_none_or(|last| last != child) {
                if children.len() == limit {
                    break;
                }
                children.push(child.to_owned());
            }
        }
        children
    }
}

#[async_trait]
impl Plain for MemoryStorage {
    async fn plain_get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        Ok(self.contents().entries.get(key).cloned())
    }

    async fn plain_put(&self, entry: Entry) -> Result<(), StorageError> {
        let mut contents = self.contents();
        contents.count_write()?;
        contents.apply(Change::Put(entry));
        Ok(())
    }

    async fn plain_delete(&self, key: &str) -> Result<(), StorageError> {
        let mut contents = self.contents();
        contents.count_write()?;
        contents.apply(Change::Delete(key.to_owned()));
        Ok(())
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        self.plain_get(key).await
    }

    async fn put(&self, entry: Entry) -> Result<(), StorageError> {
        self.settle().await?;
        self.plain_put(entry).await
    }

    async fn delete(&self, key: &str) -> Result<(), StorageError> {
        self.settle().await?;
        self.plain_delete(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
        Ok(self.contents().children(prefix, "", usize::MAX))
    }

    async fn list_page(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StorageError> {
        Ok(self.contents().children(prefix, after, limit))
    }

    async fn commit(&self, batch: Batch) -> Result<(), StorageError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.settle().await?;
        if !self.transactional {
            return self.write_ahead.commit(self, batch).await;
        }
        let mut contents = self.contents();
        contents.count_write()?;
        for change in batch.changes {
            contents.apply(change);
        }
        Ok(())
    }

    async fn transactional(&self) -> bool {
        self.transactional
    }
}

/// A server that is there only in name.
#[derive(Debug, Default)]
pub struct MemorySystem {
    standby: AtomicBool,
}

impl MemorySystem {
    pub fn set_standby(&self, standby: bool) {
        self.standby.store(standby, Ordering::Release);
    }
}

#[async_trait]
impl SystemView for MemorySystem {
    async fn is_standby(&self) -> Result<bool, Error> {
        Ok(self.standby.load(Ordering::Acquire))
    }

    async fn server_version(&self) -> Result<String, Error> {
        Ok("0.0.0".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(key: &str, value: &str) -> Entry {
        Entry {
            key: key.to_owned(),
            value: value.as_bytes().to_vec(),
            seal_wrap: false,
        }
    }

    #[tokio::test]
    async fn a_list_names_direct_children_in_order_and_a_page_is_part_of_it() {
        let storage = MemoryStorage::default();
        for key in ["a/b", "a/c/d", "a/c/e", "a/d", "ab", "b"] {
            storage.put(entry(key, "")).await.unwrap();
        }
        assert_eq!(storage.list("").await.unwrap(), ["a/", "ab", "b"]);
        assert_eq!(storage.list("a/").await.unwrap(), ["b", "c/", "d"]);
        assert_eq!(storage.list_page("a/", "", 2).await.unwrap(), ["b", "c/"]);
        assert_eq!(storage.list_page("a/", "c", 9).await.unwrap(), ["c/", "d"]);
        assert!(storage.list_page("a/", "", 0).await.unwrap().is_empty());
        assert!(storage.list("nothing/").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_read_only_node_refuses_every_write_in_the_servers_words() {
        for transactional in [true, false] {
            let storage = MemoryStorage::new(transactional);
            storage.set_read_only(true);
            let mut batch = Batch::default();
            batch.put(entry("a", "1"));
            batch.put(entry("b", "1"));
            assert_eq!(storage.commit(batch).await, Err(StorageError::ReadOnly));
            assert_eq!(storage.delete("a").await, Err(StorageError::ReadOnly));
            assert_eq!(storage.settle().await, Ok(()));
        }
    }

    /// A few keys, so that batches meet themselves and what was there before.
    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let change = (0..4_u8, proptest::option::of("[a-z]{0,3}")).prop_map(|(key, value)| {
            let key = format!("k/{key}");
            match value {
                Some(value) => Change::Put(entry(&key, &value)),
                None => Change::Delete(key),
            }
        });
        proptest::collection::vec(change, 1..6)
    }

    async fn filled(transactional: bool, before: &[Change]) -> MemoryStorage {
        let storage = MemoryStorage::new(transactional);
        for change in before.iter().cloned() {
            storage.contents().apply(change);
        }
        storage
    }

    proptest! {
        /// At every single write of a batch the process dies, and dies again at every write of the replay.
        #[test]
        fn a_crash_at_any_write_leaves_all_or_nothing(before in changes(), batch in changes(), later in changes(), transactional: bool) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let nothing = filled(transactional, &before).await;
                let all = filled(transactional, &[before.clone(), batch.clone()].concat()).await;
                for crash in 0..batch.len() + 3 {
                    for crash_of_replay in 0..batch.len() + 2 {
                        let storage = filled(transactional, &before).await;
                        storage.fail_after(crash);
                        let answered = storage.commit(Batch { changes: batch.clone() }).await;

                        let once = storage.restarted();
                        once.fail_after(crash_of_replay);
                        let _ = once.settle().await;
                        let storage = once.restarted();
                        storage.settle().await.unwrap();

                        let entries = storage.entries();
                        prop_assert!(entries == nothing.entries() || entries == all.entries());
                        if answered.is_ok() {
                            prop_assert!(entries == all.entries());
                        }

                        // What is written afterwards stays.
                        let mut expected = storage.restarted();
                        for change in later.iter().cloned() {
                            match change.clone() {
                                Change::Put(entry) => storage.put(entry).await.unwrap(),
                                Change::Delete(key) => storage.delete(&key).await.unwrap(),
                            }
                            expected.contents.get_mut().unwrap().apply(change);
                        }
                        prop_assert_eq!(storage.restarted().entries(), expected.entries());
                    }
                }
                Ok(())
            })?;
        }
    }

    #[tokio::test]
    async fn an_interrupted_batch_is_completed_before_the_next_write() {
        let storage = MemoryStorage::new(false);
        let mut batch = Batch::default();
        batch.put(entry("a", "old"));
        batch.put(entry("b", "old"));
        storage.fail_after(2);
        storage.commit(batch).await.unwrap_err();

        // A new process whose first act is a write, without a settling before it.
        let storage = storage.restarted();
        storage.put(entry("b", "new")).await.unwrap();
        assert_eq!(storage.get("a").await.unwrap().unwrap().value, b"old");
        assert_eq!(
            storage.restarted().get("b").await.unwrap().unwrap().value,
            b"new"
        );
        assert_eq!(storage.list("").await.unwrap(), ["a", "b"]);
    }

    #[tokio::test]
    async fn an_invalidation_of_the_entry_makes_a_standby_look_again() {
        let storage = MemoryStorage::new(false);
        storage.settle().await.unwrap();
        let other = MemoryStorage::new(false);
        let mut batch = Batch::default();
        batch.put(entry("a", "1"));
        batch.put(entry("b", "1"));
        other.fail_after(1);
        other.commit(batch).await.unwrap_err();
        for written in other.entries() {
            storage.contents().apply(Change::Put(written.clone()));
            storage.write_ahead.invalidate(&written.key);
        }
        storage.put(entry("c", "1")).await.unwrap();
        assert_eq!(storage.list("").await.unwrap(), ["a", "b", "c"]);
    }
}
