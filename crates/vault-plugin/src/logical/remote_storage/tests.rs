//! Tests with a fake storage service that behaves like Vault or OpenBao, over an in-memory connection.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use hyper_util::rt::TokioIo;
use tonic::transport::{Endpoint, Server};
use tonic::{Request, Response};

use super::*;
use crate::logical::proto::pb::storage_server::{Storage as Service, StorageServer};
use crate::logical::{Storage as _, write_ahead};

/// What the fake server has done, and how it behaves.
#[derive(Default)]
struct State {
    entries: BTreeMap<String, Vec<u8>>,
    open: HashMap<String, Vec<Change>>,
    /// In the order in which they came.
    calls: Vec<String>,
    /// How many commits are still refused with a conflict.
    conflicts: usize,
    /// The error in the answer to every put.
    put_err: String,
    /// If set, puts never answer.
    hangs: bool,
    /// How many probes still fail.
    unreachable: usize,
}

#[derive(Clone)]
struct Fake {
    /// Behaves like OpenBao if set, otherwise like HashiCorp Vault.
    transactions: bool,
    state: Arc<Mutex<State>>,
}

impl Fake {
    fn new(transactions: bool) -> Self {
        Self {
            transactions,
            state: Arc::default(),
        }
    }

    async fn storage(&self) -> RemoteStorage {
        let (near, far) = tokio::io::duplex(1024 * 1024);
        let server = Server::builder().add_service(StorageServer::new(self.clone()));
        let incoming = tokio_stream::once(std::io::Result::Ok(far));
        tokio::spawn(server.serve_with_incoming(incoming));
        let mut near = Some(near);
        let connector = tower::service_fn(move |_| {
            let near = near.take().ok_or(std::io::ErrorKind::NotConnected);
            async move { near.map(TokioIo::new).map_err(std::io::Error::from) }
        });
        let channel = Endpoint::from_static("http://localhost")
            .connect_with_connector(connector)
            .await
            .unwrap();
        RemoteStorage::new(channel)
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }

    fn calls(&self) -> Vec<String> {
        self.with(|state| std::mem::take(&mut state.calls))
    }

    fn keys(&self) -> Vec<String> {
        self.with(|state| state.entries.keys().cloned().collect())
    }

    /// Applies a write to the transaction `txn`, or directly. A real server would silently write outside of any
    /// transaction if it does not know the number.
    fn write(&self, call: String, txn: &str, change: Change) -> String {
        self.with(|state| {
            state.calls.push(call);
            if !state.put_err.is_empty() {
                return state.put_err.clone();
            }
            if !txn.is_empty() {
                state
                    .open
                    .get_mut(txn)
                    .expect("an open transaction")
                    .push(change);
                return String::new();
            }
            apply(&mut state.entries, change);
            String::new()
        })
    }

    fn only_with_transactions(&self) -> Result<(), Status> {
        if self.transactions {
            Ok(())
        } else {
            Err(Status::unimplemented("unknown method"))
        }
    }
}

fn apply(entries: &mut BTreeMap<String, Vec<u8>>, change: Change) {
    match change {
        Change::Put(entry) => drop(entries.insert(entry.key, entry.value)),
        Change::Delete(key) => drop(entries.remove(&key)),
    }
}

type Answer<T> = Result<Response<T>, Status>;

fn reply(err: String) -> Answer<pb::StorageReply> {
    Ok(Response::new(pb::StorageReply { err }))
}

#[tonic::async_trait]
impl Service for Fake {
    async fn list(&self, call: Request<pb::StorageListArgs>) -> Answer<pb::StorageListReply> {
        let prefix = call.into_inner().prefix;
        let mut keys: Vec<String> = self.keys();
        keys.retain_mut(|key| match key.strip_prefix(&prefix) {
            Some(rest) => {
                *key = rest.to_owned();
                true
            }
            None => false,
        });
        // The server does not promise any order.
        keys.reverse();
        let err = String::new();
        Ok(Response::new(pb::StorageListReply { keys, err }))
    }

    async fn get(&self, call: Request<pb::StorageGetArgs>) -> Answer<pb::StorageGetReply> {
        let key = call.into_inner().key;
        self.with(|state| {
            state.calls.push(format!("get {key}"));
            let value = state.entries.get(&key).cloned();
            Ok(Response::new(pb::StorageGetReply {
                entry: value.map(|value| pb::StorageEntry {
                    key,
                    value,
                    seal_wrap: false,
                }),
                err: String::new(),
            }))
        })
    }

    async fn put(&self, call: Request<pb::StoragePutArgs>) -> Answer<pb::StorageReply> {
        let pb::StoragePutArgs { entry, txn } = call.into_inner();
        if self.with(|state| state.hangs) {
            std::future::pending::<()>().await;
        }
        let entry = Entry::from(entry.unwrap());
        reply(self.write(format!("put {}", entry.key), &txn, Change::Put(entry)))
    }

    async fn delete(&self, call: Request<pb::StorageDeleteArgs>) -> Answer<pb::StorageReply> {
        let pb::StorageDeleteArgs { key, txn } = call.into_inner();
        reply(self.write(format!("delete {key}"), &txn, Change::Delete(key)))
    }

    async fn list_page(
        &self,
        call: Request<pb::StorageListPageArgs>,
    ) -> Answer<pb::StorageListReply> {
        self.with(|state| state.calls.push("page".to_owned()));
        self.only_with_transactions()?;
        let args = call.into_inner();
        assert!(args.limit > 0, "which would mean all");
        let keys = self.keys().into_iter().filter(|key| *key > args.after);
        Ok(Response::new(pb::StorageListReply {
            keys: keys.take(usize::try_from(args.limit).unwrap()).collect(),
            err: String::new(),
        }))
    }

    async fn is_transactional(&self, _: Request<pb::Empty>) -> Answer<pb::IsTransactionalReply> {
        self.with(|state| {
            state.calls.push("probe".to_owned());
            if state.unreachable > 0 {
                state.unreachable -= 1;
                return Err(Status::unavailable("try again"));
            }
            self.only_with_transactions()?;
            let transactional = true;
            Ok(Response::new(pb::IsTransactionalReply { transactional }))
        })
    }

    async fn begin_tx(&self, _: Request<pb::Empty>) -> Answer<pb::BeginTxReply> {
        self.only_with_transactions()?;
        self.with(|state| {
            let txn = format!("t{}", state.calls.len());
            state.calls.push("begin".to_owned());
            state.open.insert(txn.clone(), Vec::new());
            let err = String::new();
            Ok(Response::new(pb::BeginTxReply { txn, err }))
        })
    }

    async fn commit(&self, call: Request<pb::EndTxArgs>) -> Answer<pb::StorageReply> {
        self.only_with_transactions()?;
        self.with(|state| {
            state.calls.push("commit".to_owned());
            let changes = state.open.remove(&call.into_inner().txn).unwrap();
            if state.conflicts > 0 {
                state.conflicts -= 1;
                return reply(StorageError::Conflict.to_string());
            }
            for change in changes {
                apply(&mut state.entries, change);
            }
            reply(String::new())
        })
    }

    async fn rollback(&self, call: Request<pb::EndTxArgs>) -> Answer<pb::StorageReply> {
        self.only_with_transactions()?;
        self.with(|state| {
            state.calls.push("rollback".to_owned());
            state.open.remove(&call.into_inner().txn).unwrap();
        });
        reply(String::new())
    }
}

fn entry(key: &str) -> Entry {
    Entry {
        key: key.to_owned(),
        value: b"1".to_vec(),
        seal_wrap: false,
    }
}

fn batch() -> Batch {
    let mut batch = Batch::default();
    batch.put(entry("a"));
    batch.put(entry("b"));
    batch.delete("c");
    batch
}

/// Waits until all transactions are closed: rollbacks are sent in separate tasks.
async fn until_nothing_is_open(fake: &Fake) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while fake.with(|state| !state.open.is_empty()) {
        assert!(tokio::time::Instant::now() < deadline);
        sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn with_transactions_a_batch_is_one() {
    let fake = Fake::new(true);
    let storage = fake.storage().await;
    storage.commit(batch()).await.unwrap();
    let known = "get write-ahead/batch";
    let calls = [
        "probe", known, "begin", "put a", "put b", "delete c", "commit",
    ];
    assert_eq!(fake.calls(), calls);
    storage.commit(batch()).await.unwrap();
    assert_eq!(fake.calls(), calls[2..], "asked once");
    assert_eq!(fake.keys(), ["a", "b"]);
    assert!(storage.transactional().await);
}

#[tokio::test]
async fn without_transactions_the_batch_is_written_down_first_and_struck_out_last() {
    let fake = Fake::new(false);
    let storage = fake.storage().await;
    storage.commit(batch()).await.unwrap();
    let (known, noted, struck) = (
        "get write-ahead/batch",
        "put write-ahead/batch",
        "delete write-ahead/batch",
    );
    let calls = ["probe", known, noted, "put a", "put b", "delete c", struck];
    assert_eq!(fake.calls(), calls);
    storage.commit(batch()).await.unwrap();
    assert_eq!(fake.calls(), calls[2..], "asked and looked once");
    assert_eq!(fake.keys(), ["a", "b"]);
    assert!(!storage.transactional().await);
    assert!(noted.contains(write_ahead::PREFIX));
}

#[tokio::test]
async fn the_first_read_completes_what_the_last_process_has_begun() {
    let fake = Fake::new(false);
    let left = br#"{"changes":[{"put":{"key":"a","value":"MQ==","seal_wrap":false}}]}"#;
    fake.with(|state| {
        let key = "write-ahead/batch".to_owned();
        state.entries.insert(key, left.to_vec());
    });
    let storage = fake.storage().await;
    for _ in 0..2 {
        assert_eq!(storage.get("a").await.unwrap(), Some(entry("a")));
    }
    let looked = "get write-ahead/batch";
    let struck = "delete write-ahead/batch";
    assert_eq!(fake.calls(), [looked, "put a", struck, "get a", "get a"]);
}

#[tokio::test]
async fn one_change_needs_no_transaction() {
    for transactions in [true, false] {
        let fake = Fake::new(transactions);
        let storage = fake.storage().await;
        let mut one = Batch::default();
        one.put(entry("a"));
        storage.commit(one).await.unwrap();
        storage.commit(Batch::default()).await.unwrap();
        assert_eq!(fake.calls(), ["get write-ahead/batch", "put a"]);
    }
}

#[tokio::test]
async fn a_conflict_repeats_the_whole_transaction_but_not_for_ever() {
    let fake = Fake::new(true);
    let storage = fake.storage().await;
    fake.with(|state| state.conflicts = 2);
    storage.commit(batch()).await.unwrap();
    let calls = fake.calls();
    assert_eq!(calls.iter().filter(|call| *call == "put a").count(), 3);
    assert_eq!(fake.keys(), ["a", "b"]);

    fake.with(|state| state.conflicts = usize::MAX);
    assert_eq!(storage.commit(batch()).await, Err(StorageError::Conflict));
    assert!(fake.with(|state| state.open.is_empty()));
}

#[tokio::test]
async fn a_transaction_that_fails_is_rolled_back() {
    let fake = Fake::new(true);
    let storage = fake.storage().await;
    let read_only = StorageError::ReadOnly.to_string();
    fake.with(|state| state.put_err = read_only);
    assert_eq!(storage.commit(batch()).await, Err(StorageError::ReadOnly));
    until_nothing_is_open(&fake).await;
    let calls = fake.calls();
    assert_eq!(calls[2..], ["begin", "put a", "rollback"]);
}

#[tokio::test]
async fn a_transaction_whose_caller_is_gone_is_rolled_back() {
    let fake = Fake::new(true);
    let storage = fake.storage().await;
    fake.with(|state| state.hangs = true);
    let cut = tokio::time::timeout(Duration::from_millis(100), storage.commit(batch())).await;
    assert!(cut.is_err());
    until_nothing_is_open(&fake).await;
    assert_eq!(fake.calls().last().map(String::as_str), Some("rollback"));
}

#[tokio::test]
async fn a_probe_that_does_not_get_through_is_repeated() {
    let fake = Fake::new(true);
    let storage = fake.storage().await;
    fake.with(|state| state.unreachable = 1);
    let refused = storage.commit(batch()).await;
    assert!(matches!(refused, Err(StorageError::Failed(text)) if text.contains("try again")));
    storage.commit(batch()).await.unwrap();
    assert!(fake.calls().contains(&"begin".to_owned()));
}

#[tokio::test]
async fn errors_are_found_in_successful_answers() {
    for transactions in [true, false] {
        let fake = Fake::new(transactions);
        let storage = fake.storage().await;
        let too_large = "put failed due to value being too large; got 2 bytes, max: 1 bytes";
        fake.with(|state| too_large.clone_into(&mut state.put_err));
        let expected = Err(StorageError::Failed(too_large.to_owned()));
        assert_eq!(storage.put(entry("a")).await, expected);
        assert_eq!(storage.commit(batch()).await, expected);
        // Some nodes put the text into an error of their own.
        fake.with(|state| state.put_err = "1 error: cannot write to readonly storage".to_owned());
        assert_eq!(storage.put(entry("a")).await, Err(StorageError::ReadOnly));
        assert_eq!(storage.delete("a").await, Err(StorageError::ReadOnly));
    }
}

#[tokio::test]
async fn pages_are_the_servers_or_cut_from_the_whole_list() {
    for transactions in [true, false] {
        let fake = Fake::new(transactions);
        let storage = fake.storage().await;
        for key in ["a", "b", "c", "d"] {
            fake.with(|state| state.entries.insert(key.to_owned(), Vec::new()));
        }
        assert_eq!(storage.list("").await.unwrap(), ["a", "b", "c", "d"]);
        assert_eq!(storage.list_page("", "a", 2).await.unwrap(), ["b", "c"]);
        assert_eq!(storage.list_page("", "bb", 9).await.unwrap(), ["c", "d"]);
        assert_eq!(
            storage.list_page("", "", usize::MAX).await.unwrap().len(),
            4
        );
        assert!(storage.list_page("", "", 0).await.unwrap().is_empty());
        let asked = fake.calls().iter().filter(|call| *call == "page").count();
        assert_eq!(asked, if transactions { 3 } else { 1 });
    }
}
