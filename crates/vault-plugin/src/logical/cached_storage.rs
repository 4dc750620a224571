//! A cache in front of the server's storage. Each read of the storage is a call to another process; a request with two
//! such calls spends most of its time in them.
//!
//! The cache never holds the only copy of a value. It holds values of a few folders, up to a number of bytes. Four
//! rules keep it correct: our own writes remove the changed keys before and after the write; the server's invalidation
//! removes keys that another node wrote; a batch that the storage completes later empties the cache; and a value is
//! kept only if nothing in its folder changed while it was being read or written.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::{Batch, Change, Entry, Storage, StorageError};

/// The values that are kept between requests.
pub struct Cache {
    folders: Vec<Folder>,
    most_bytes: usize,
    /// The number of replays of interrupted batches up to which the cached values are valid.
    replays: AtomicU64,
}

struct Folder {
    prefix: &'static str,
    kept: Mutex<Generations>,
}

/// Two generations of values: when the young generation is full, it replaces the old one, and values that were not
/// read in that time are dropped.
#[derive(Default)]
struct Generations {
    young: HashMap<String, Value>,
    old: HashMap<String, Value>,
    young_bytes: usize,
    /// Counts all events that may have changed a value.
    changes: u64,
}

type Value = Arc<Zeroizing<Vec<u8>>>;

impl Cache {
    /// Keeps values below these prefixes, up to `most_bytes` for each prefix.
    pub fn new(prefixes: &[&'static str], most_bytes: usize) -> Self {
        let folders = prefixes
            .iter()
            .map(|prefix| Folder {
                prefix,
                kept: Mutex::default(),
            })
            .collect();
        Self {
            folders,
            most_bytes,
            replays: AtomicU64::new(0),
        }
    }

    /// To be called when another node has written this key.
    pub fn invalidate(&self, key: &str) {
        self.change(std::iter::once(key));
    }

    /// Empties the cache if the storage has completed another batch late, because it is not known here which keys that
    /// batch wrote. `replays` is the number of such batches so far.
    fn clear_if_replayed(&self, replays: u64) {
        if self.replays.load(Ordering::Acquire) == replays {
            return;
        }
        for folder in &self.folders {
            let mut kept = folder.lock();
            *kept = Generations {
                changes: kept.changes + 1,
                ..Generations::default()
            };
        }
        // Last, because a task that reads this number must find the folders empty.
        self.replays.fetch_max(replays, Ordering::AcqRel);
    }

    /// Removes these keys. Answers the change count of each affected folder.
    fn change<'k>(&self, keys: impl Iterator<Item = &'k str>) -> Vec<(&Folder, u64)> {
        let mut touched: Vec<(&Folder, u64)> = Vec::new();
        for key in keys {
            let Some(folder) = self.folder(key) else {
                continue;
            };
            let mut kept = folder.lock();
            kept.young.remove(key);
            kept.old.remove(key);
            if !touched
                .iter()
                .any(|(known, _)| known.prefix == folder.prefix)
            {
                kept.changes += 1;
                touched.push((folder, kept.changes));
            }
        }
        touched
    }

    fn folder(&self, key: &str) -> Option<&Folder> {
        self.folders
            .iter()
            .find(|folder| key.starts_with(folder.prefix))
    }
}

impl Folder {
    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn find(&mut self, key: &str, most_bytes: usize) -> Option<Value> {
        if let Some(value) = self.young.get(key) {
            return Some(Arc::clone(value));
        }
        let value = self.old.remove(key)?;
        self.keep(key, Arc::clone(&value), most_bytes);
        Some(value)
    }

    fn keep(&mut self, key: &str, value: Value, most_bytes: usize) {
        self.young_bytes += key.len() + value.len();
        self.young.insert(key.to_owned(), value);
        if self.young_bytes > most_bytes / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}

/// A storage with a [`Cache`] in front of it.
pub struct CachedStorage {
    inner: Arc<dyn Storage>,
    cache: Arc<Cache>,
}

impl CachedStorage {
    pub fn new(inner: Arc<dyn Storage>, cache: Arc<Cache>) -> Self {
        Self { inner, cache }
    }

    /// Runs a write in a separate task, because the caller may stop waiting while the server writes all the same. The
    /// cache must see the end of the write; otherwise an old value that was read in the meantime would stay.
    async fn writing<F>(
        &self,
        written: Vec<(String, Option<Value>)>,
        write: impl FnOnce(Arc<dyn Storage>) -> F,
    ) -> Result<(), StorageError>
    where
        F: Future<Output = Result<(), StorageError>> + Send + 'static,
    {
        let (cache, write) = (Arc::clone(&self.cache), write(Arc::clone(&self.inner)));
        tokio::spawn(async move { cache.writing(&written, write).await })
            .await
            .unwrap_or_else(|_| Err(StorageError::Failed("a write was cut off".to_owned())))
    }

    fn cacheable(&self, entry: &Entry) -> Option<Value> {
        self.cache
            .folder(&entry.key)
            .map(|_| Arc::new(Zeroizing::new(entry.value.clone())))
    }
}

impl Cache {
    /// Runs a write. The written values are cached if the write succeeded and nothing else in the folder changed in
    /// the meantime.
    async fn writing(
        &self,
        written: &[(String, Option<Value>)],
        write: impl Future<Output = Result<(), StorageError>>,
    ) -> Result<(), StorageError> {
        let keys = || written.iter().map(|(key, _)| key.as_str());
        let before = self.change(keys());
        let result = write.await;
        let after = self.change(keys());
        result?;
        for (key, value) in written {
            let (Some(value), Some(folder)) = (value, self.folder(key)) else {
                continue;
            };
            let count = |counts: &[(&Folder, u64)]| {
                counts
                    .iter()
                    .find(|(known, _)| known.prefix == folder.prefix)
                    .map(|(_, changes)| *changes)
            };
            let mut kept = folder.lock();
            let alone = count(&before).map(|changes| changes + 1) == count(&after)
                && count(&after) == Some(kept.changes);
            if alone {
                kept.keep(key, Arc::clone(value), self.most_bytes);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Storage for CachedStorage {
    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        let Some(folder) = self.cache.folder(key) else {
            return self.inner.get(key).await;
        };
        self.cache
            .clear_if_replayed(self.inner.ensure_recovered().await?);
        let entry = |value: &Value| Entry {
            key: key.to_owned(),
            value: value.to_vec(),
            // Only writes need this value, and none of them is based on an entry that was read here.
            seal_wrap: false,
        };
        let before = {
            let mut kept = folder.lock();
            if let Some(value) = kept.find(key, self.cache.most_bytes) {
                return Ok(Some(entry(&value)));
            }
            kept.changes
        };
        let Some(found) = self.inner.get(key).await? else {
            return Ok(None);
        };
        let value = Arc::new(Zeroizing::new(found.value.clone()));
        let mut kept = folder.lock();
        if kept.changes == before {
            kept.keep(key, value, self.cache.most_bytes);
        }
        Ok(Some(found))
    }

    async fn put(&self, entry: Entry) -> Result<(), StorageError> {
        let written = vec![(entry.key.clone(), self.cacheable(&entry))];
        self.writing(written, |inner| async move { inner.put(entry).await })
            .await
    }

    async fn delete(&self, key: &str) -> Result<(), StorageError> {
        let (written, key) = (vec![(key.to_owned(), None)], key.to_owned());
        self.writing(written, |inner| async move { inner.delete(&key).await })
            .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
        self.inner.list(prefix).await
    }

    async fn list_page(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StorageError> {
        self.inner.list_page(prefix, after, limit).await
    }

    async fn commit(&self, batch: Batch) -> Result<(), StorageError> {
        let written: Vec<(String, Option<Value>)> = batch
            .changes
            .iter()
            .map(|change| match change {
                Change::Put(entry) => (entry.key.clone(), self.cacheable(entry)),
                Change::Delete(key) => (key.clone(), None),
            })
            .collect();
        self.writing(written, |inner| async move { inner.commit(batch).await })
            .await
    }

    async fn transactional(&self) -> bool {
        self.inner.transactional().await
    }

    async fn ensure_recovered(&self) -> Result<u64, StorageError> {
        self.inner.ensure_recovered().await
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::super::MemoryStorage;
    use super::*;

    /// A storage in which each write waits for a permit.
    struct Gated {
        memory: MemoryStorage,
        permits: Semaphore,
        begun: Semaphore,
    }

    impl Gated {
        async fn pass(&self) {
            self.begun.add_permits(1);
            self.permits.acquire().await.unwrap().forget();
        }
    }

    #[async_trait]
    impl Storage for Gated {
        async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
            self.memory.get(key).await
        }

        async fn put(&self, entry: Entry) -> Result<(), StorageError> {
            self.pass().await;
            self.memory.put(entry).await
        }

        async fn delete(&self, key: &str) -> Result<(), StorageError> {
            self.pass().await;
            self.memory.delete(key).await
        }

        async fn list(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
            self.memory.list(prefix).await
        }

        async fn list_page(
            &self,
            prefix: &str,
            after: &str,
            limit: usize,
        ) -> Result<Vec<String>, StorageError> {
            self.memory.list_page(prefix, after, limit).await
        }

        async fn commit(&self, batch: Batch) -> Result<(), StorageError> {
            self.pass().await;
            self.memory.commit(batch).await
        }

        async fn transactional(&self) -> bool {
            true
        }

        async fn ensure_recovered(&self) -> Result<u64, StorageError> {
            self.memory.ensure_recovered().await
        }
    }

    /// `cert/a` holds "old", and a write of "new" has begun and waits for a permit.
    async fn a_write_under_way() -> (Arc<Gated>, Arc<CachedStorage>, tokio::task::JoinHandle<()>) {
        let gated = Arc::new(Gated {
            memory: MemoryStorage::new(true),
            permits: Semaphore::new(0),
            begun: Semaphore::new(0),
        });
        gated.memory.put(entry("cert/a", "old")).await.unwrap();
        let cache = Arc::new(Cache::new(&["cert/"], 1_000));
        let cached = Arc::new(CachedStorage::new(Arc::<Gated>::clone(&gated), cache));
        let writer = Arc::clone(&cached);
        let write = tokio::spawn(async move {
            let mut batch = Batch::default();
            batch.put(entry("cert/a", "new"));
            batch.put(entry("cert/b", "new"));
            writer.commit(batch).await.unwrap();
        });
        gated.begun.acquire().await.unwrap().forget();
        (gated, cached, write)
    }

    #[tokio::test]
    async fn an_old_value_that_is_read_during_a_write_is_not_kept() {
        let (gated, cached, write) = a_write_under_way().await;
        assert_eq!(value(&*cached, "cert/a").await.as_deref(), Some("old"));
        gated.permits.add_permits(1);
        write.await.unwrap();
        assert_eq!(value(&*cached, "cert/a").await.as_deref(), Some("new"));
    }

    #[tokio::test]
    async fn an_old_value_is_not_kept_when_the_writer_is_stopped_halfway() {
        let (gated, cached, write) = a_write_under_way().await;
        assert_eq!(value(&*cached, "cert/a").await.as_deref(), Some("old"));
        write.abort();
        let _ = write.await;
        // The server completes the write all the same.
        gated.permits.add_permits(1);
        for _ in 0..1_000 {
            if value(&gated.memory, "cert/a").await.as_deref() == Some("new") {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(value(&gated.memory, "cert/a").await.as_deref(), Some("new"));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(value(&*cached, "cert/a").await.as_deref(), Some("new"));
    }

    fn entry(key: &str, value: &str) -> Entry {
        Entry {
            key: key.into(),
            value: value.into(),
            seal_wrap: false,
        }
    }

    async fn value(storage: &dyn Storage, key: &str) -> Option<String> {
        let found = storage.get(key).await.unwrap();
        found.map(|entry| String::from_utf8(entry.value).unwrap())
    }

    fn stage(most_bytes: usize) -> (Arc<MemoryStorage>, Arc<Cache>, CachedStorage) {
        let memory = Arc::new(MemoryStorage::new(true));
        let cache = Arc::new(Cache::new(&["cert/"], most_bytes));
        let cached = CachedStorage::new(Arc::<MemoryStorage>::clone(&memory), Arc::clone(&cache));
        (memory, cache, cached)
    }

    #[tokio::test]
    async fn a_read_is_kept_until_somebody_writes() {
        let (memory, cache, cached) = stage(1_000);
        memory.put(entry("cert/a", "one")).await.unwrap();
        assert_eq!(value(&cached, "cert/a").await.as_deref(), Some("one"));
        // Another node has written, which only the server can tell us.
        memory.put(entry("cert/a", "two")).await.unwrap();
        assert_eq!(value(&cached, "cert/a").await.as_deref(), Some("one"));
        cache.invalidate("cert/a");
        assert_eq!(value(&cached, "cert/a").await.as_deref(), Some("two"));
        cached.put(entry("cert/a", "three")).await.unwrap();
        assert_eq!(value(&cached, "cert/a").await.as_deref(), Some("three"));
        cached.delete("cert/a").await.unwrap();
        assert_eq!(value(&cached, "cert/a").await, None);
    }

    #[tokio::test]
    async fn other_folders_are_not_kept() {
        let (memory, _, cached) = stage(1_000);
        cached.put(entry("key/a", "one")).await.unwrap();
        memory.put(entry("key/a", "two")).await.unwrap();
        assert_eq!(value(&cached, "key/a").await.as_deref(), Some("two"));
    }

    #[tokio::test]
    async fn a_failed_write_leaves_nothing_behind() {
        let (memory, _, cached) = stage(1_000);
        cached.put(entry("cert/a", "one")).await.unwrap();
        memory.fail_after(0);
        cached.put(entry("cert/a", "two")).await.unwrap_err();
        let there = memory.restarted();
        let stored = value(&there, "cert/a").await;
        drop(cached);
        let fresh = CachedStorage::new(Arc::new(there), Arc::new(Cache::new(&["cert/"], 1_000)));
        assert_eq!(value(&fresh, "cert/a").await, stored);
        assert_eq!(stored.as_deref(), Some("one"));
    }

    /// A node that may not write can read a half-finished batch. Such values must not stay cached once it may write.
    #[tokio::test]
    async fn nothing_that_was_kept_before_a_batch_was_completed_stays() {
        let memory = Arc::new(MemoryStorage::new(false));
        let cache = Arc::new(Cache::new(&["cert/"], 1_000));
        let cached = CachedStorage::new(Arc::<MemoryStorage>::clone(&memory), cache);
        let batch = |value: &str| {
            let mut batch = Batch::default();
            batch.put(entry("cert/a", value));
            batch.put(entry("cert/b", value));
            batch
        };
        cached.commit(batch("old")).await.unwrap();
        memory.fail_for(2, 2);
        cached.commit(batch("new")).await.unwrap_err();
        memory.set_read_only(true);
        assert_eq!(value(&cached, "cert/b").await.as_deref(), Some("old"));
        memory.set_read_only(false);
        for key in ["cert/a", "cert/b"] {
            assert_eq!(value(&cached, key).await.as_deref(), Some("new"));
        }
        cached.put(entry("cert/b", "newer")).await.unwrap();
        assert_eq!(value(&cached, "cert/b").await.as_deref(), Some("newer"));
        assert_eq!(value(&*memory, "cert/b").await.as_deref(), Some("newer"));
    }

    #[tokio::test]
    async fn what_is_not_asked_for_goes() {
        let (memory, _, cached) = stage(400);
        for n in 0..100 {
            cached
                .put(entry(&format!("cert/{n}"), &"x".repeat(20)))
                .await
                .unwrap();
        }
        let kept = {
            let folder = &cached.cache.folders[0];
            let kept = folder.lock();
            kept.young.len() + kept.old.len()
        };
        assert!(kept <= 20, "{kept} are kept");
        assert_eq!(memory.entries().len(), 100);
    }
}
