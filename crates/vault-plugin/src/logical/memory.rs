//! A mount without a server, for tests and measurements: storage and system view in memory, with faults on demand.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::write_ahead::{RawStorage, WriteAhead};
use super::{Batch, Change, Entity, Entry, Error, StorageError, SystemView};

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
    faults: Option<Faults>,
    writes: usize,
}

/// Which writes fail.
#[derive(Debug, Clone, Copy)]
struct Faults {
    after: usize,
    failures: usize,
    /// The failing writes are executed, and only their answers are lost.
    written: bool,
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::new(true)
    }
}

impl MemoryStorage {
    /// With transactions like OpenBao, or without like HashiCorp Vault.
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
        self.fail_for(writes, usize::MAX);
    }

    /// From now on, `writes` writes succeed, the `failures` next ones fail, and then the storage works again.
    pub fn fail_for(&self, writes: usize, failures: usize) {
        self.contents().faults = Some(Faults {
            after: writes,
            failures,
            written: false,
        });
    }

    /// Like [`Self::fail_for`], but the failing writes are executed and only their answers are lost.
    pub fn lose_answers(&self, writes: usize, answers: usize) {
        self.contents().faults = Some(Faults {
            after: writes,
            failures: answers,
            written: true,
        });
    }

    /// A working storage with the same entries, as a new process finds them after a crash.
    pub fn restarted(&self) -> Self {
        let restarted = Self::new(self.transactional);
        restarted.contents().entries = self.contents().entries.clone();
        restarted
    }

    /// Makes the node read-only: every write is refused.
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

    /// The recovery that the server starts in a backend before the first request.
    pub async fn recover(&self) -> Result<(), StorageError> {
        self.write_ahead.recover(self).await
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn write(&mut self, changes: Vec<Change>) -> Result<(), StorageError> {
        if self.read_only {
            return Err(StorageError::ReadOnly);
        }
        if let Some(faults) = &mut self.faults {
            if faults.after > 0 {
                faults.after -= 1;
            } else if faults.failures > 0 {
                faults.failures -= 1;
                if faults.written {
                    self.apply(changes);
                }
                return Err(StorageError::Failed("storage is down".to_owned()));
            }
        }
        self.writes += 1;
        self.apply(changes);
        Ok(())
    }

    fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Put(entry) => drop(self.entries.insert(entry.key.clone(), entry)),
                Change::Delete(key) => drop(self.entries.remove(&key)),
            }
        }
    }

    /// The direct children in order: keys, and each folder once, with `/` at its end.
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
impl RawStorage for MemoryStorage {
    async fn raw_get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        Ok(self.contents().entries.get(key).cloned())
    }

    async fn raw_put(&self, entry: Entry) -> Result<(), StorageError> {
        self.contents().write(vec![Change::Put(entry)])
    }

    async fn raw_delete(&self, key: &str) -> Result<(), StorageError> {
        self.contents().write(vec![Change::Delete(key.to_owned())])
    }

    async fn raw_list(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
        Ok(self.contents().children(prefix, "", usize::MAX))
    }

    async fn raw_list_page(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StorageError> {
        Ok(self.contents().children(prefix, after, limit))
    }

    async fn has_transactions(&self) -> Result<bool, StorageError> {
        Ok(self.transactional)
    }

    async fn transact(&self, batch: Batch) -> Result<(), StorageError> {
        self.contents().write(batch.changes)
    }

    fn write_ahead(&self) -> &WriteAhead {
        &self.write_ahead
    }
}

/// The system view of a server that does not exist.
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

    async fn entity(&self, id: &str) -> Result<Option<Entity>, Error> {
        Ok((!id.is_empty()).then(|| Entity {
            id: id.to_owned(),
            name: id.to_owned(),
            ..Entity::default()
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Storage;
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
            assert_eq!(storage.recover().await, Ok(()));
        }
    }

    /// Changes of a few keys, so that batches also overwrite earlier values.
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
        storage.contents().apply(before.to_vec());
        storage
    }

    proptest! {
        /// The process dies at every single write of a batch, and again at every write of the replay.
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
                        let _ = once.recover().await;
                        let storage = once.restarted();
                        storage.recover().await.unwrap();

                        let entries = storage.entries();
                        prop_assert!(entries == nothing.entries() || entries == all.entries());
                        if answered.is_ok() {
                            prop_assert!(entries == all.entries());
                        }

                        // Later writes are not undone.
                        let mut expected = storage.restarted();
                        for change in later.iter().cloned() {
                            match change.clone() {
                                Change::Put(entry) => storage.put(entry).await.unwrap(),
                                Change::Delete(key) => storage.delete(&key).await.unwrap(),
                            }
                            expected.contents.get_mut().unwrap().apply(vec![change]);
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

        // A new process that writes first, without a recovery before.
        let storage = storage.restarted();
        storage.put(entry("b", "new")).await.unwrap();
        assert_eq!(storage.get("a").await.unwrap().unwrap().value, b"old");
        assert_eq!(
            storage.restarted().get("b").await.unwrap().unwrap().value,
            b"new"
        );
        assert_eq!(storage.list("").await.unwrap(), ["a", "b"]);
    }

    fn pair(value: &str) -> Batch {
        let mut batch = Batch::default();
        batch.put(entry("a", value));
        batch.put(entry("b", value));
        batch
    }

    /// The batch was stored and "a" written, but not "b", and the replay has failed, too.
    async fn half_done(storage: &MemoryStorage, failures: usize) {
        storage.commit(pair("old")).await.unwrap();
        storage.fail_for(2, failures);
        storage.commit(pair("new")).await.unwrap_err();
    }

    async fn value(storage: &MemoryStorage, key: &str) -> Result<Vec<u8>, StorageError> {
        storage.get(key).await.map(|entry| entry.unwrap().value)
    }

    #[tokio::test]
    async fn the_process_in_which_a_batch_failed_reads_all_of_it() {
        for by in ["get", "list", "page"] {
            let storage = MemoryStorage::new(false);
            half_done(&storage, 2).await;
            match by {
                "get" => drop(value(&storage, "b").await.unwrap()),
                "list" => drop(storage.list("").await.unwrap()),
                _ => drop(storage.list_page("", "", 9).await.unwrap()),
            }
            let stored = storage.contents().entries.clone();
            assert_eq!(stored.keys().collect::<Vec<_>>(), ["a", "b"], "by {by}");
            assert!(
                stored.values().all(|entry| entry.value == b"new"),
                "by {by}"
            );
            assert_eq!(storage.ensure_recovered().await, Ok(2));
        }
    }

    #[tokio::test]
    async fn no_read_answers_from_half_a_batch_that_cannot_be_completed() {
        let storage = MemoryStorage::new(false);
        half_done(&storage, 3).await;
        let error = value(&storage, "b").await.unwrap_err();
        assert!(
            error
                .to_string()
                .contains("completed first: storage is down")
        );
        assert_eq!(value(&storage, "b").await.unwrap(), b"new");
        half_done(&storage, usize::MAX).await;
        storage.list("").await.unwrap_err();
        storage.list_page("", "", 9).await.unwrap_err();
        // A read-only node leaves the recovery to the active node.
        storage.set_read_only(true);
        assert_eq!(value(&storage, "b").await.unwrap(), b"old");
    }

    #[tokio::test]
    async fn an_invalidation_of_the_entry_makes_a_standby_look_again() {
        let storage = MemoryStorage::new(false);
        storage.recover().await.unwrap();
        let other = MemoryStorage::new(false);
        let mut batch = Batch::default();
        batch.put(entry("a", "1"));
        batch.put(entry("b", "1"));
        other.fail_after(1);
        other.commit(batch).await.unwrap_err();
        for written in other.entries() {
            storage.contents().apply(vec![Change::Put(written.clone())]);
            storage.write_ahead.invalidate(&written.key);
        }
        storage.put(entry("c", "1")).await.unwrap();
        assert_eq!(storage.list("").await.unwrap(), ["a", "b", "c"]);
    }
}
