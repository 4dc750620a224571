use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::super::config::Config;
use super::super::renewal_window::RenewalWindow;
use super::super::store::{CertKind, Changes, Key, Lifecycle, Store};
use super::super::summary;
use super::super::testing::{TestMount, TestMountWithScm};
use super::node::MOST_BYTES;
use super::*;
use svpki_types::{CertId, Status};
use vault_plugin::framework::Values;
use vault_plugin::logical::{Error, MemoryStorage, Operation};

const DAY: i64 = 86_400;
const NOW: i64 = 1_800_000_000;

/// One of a few hundred certificates; `variant` selects its state.
fn row(number: u32, variant: u32) -> IndexRow {
    let lifetime = [90, 47, 199][variant as usize % 3] * DAY;
    let not_after = NOW - 20 * DAY + i64::from(number * 7_919 % 401) * DAY / 2;
    IndexRow {
        role: None,
        id: CertId::of(&number.to_string(), "example").unwrap(),
        config: ["web", "mail", "other"][number as usize % 3]
            .parse()
            .unwrap(),
        kind: CertKind::Ssl,
        lifecycle: [
            Lifecycle::Live,
            Lifecycle::Live,
            Lifecycle::Revoked,
            Lifecycle::Superseded,
            Lifecycle::Replaced,
        ][variant as usize % 5],
        common_name: format!("{}.example.com", number % 29),
        sans: Vec::new(),
        serial: format!("{number:x}"),
        not_before: not_after - lifetime,
        not_after,
        key_type: "EC P-256".into(),
        has_key: true,
        profile_id: Some(51),
        issuer: "An Issuer".into(),
        renewed_from: None,
        renewed_to: None,
        auto_renew: [None, Some(true)][variant as usize % 2],
        window: [None, Some(RenewalWindow::Days(10))][variant as usize / 5 % 2],
        renew_error: String::new(),
        renew_code: None,
        extended_key_usages: Vec::new(),
        chain_not_after: None,
        next_attempt: 0,
        renewing: false,
        changes: Vec::new(),
        missing_names: Vec::new(),
        labels: Default::default(),
    }
}

fn store() -> Store {
    TestMount::over(MemoryStorage::new(true)).store()
}

/// Inserts or removes the row of each number, in one batch.
async fn apply(store: &Store, model: &mut BTreeMap<u32, IndexRow>, changes: &[(u32, Option<u32>)]) {
    let mut editor = Editor::open(store).await.unwrap();
    for (number, variant) in changes {
        let new = variant.map(|variant| row(*number, variant));
        let old = match new.clone() {
            Some(new) => model.insert(*number, new),
            None => model.remove(number),
        };
        editor.replace(old.as_ref(), new.as_ref()).await.unwrap();
    }
    let mut batch = Changes::default();
    editor.finish(&mut batch).unwrap();
    store.commit(batch).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_cannot_look_at_all_that_is_in_use_says_so() {
    let test = TestMountWithScm::new().await;
    let store = test.mount.store();
    let now = jiff::Timestamp::now().as_second();
    // In tests a full node has eight rows, and the nodes of a growing tree are half full.
    for (from, rows, expected) in [(0, 100, false), (100, 1_000, true)] {
        let mut editor = Editor::open(&store).await.unwrap();
        for number in from..rows {
            let new = IndexRow {
                config: "web".parse().unwrap(),
                not_after: now + (1 + i64::from(number % 300)) * DAY,
                ..row(number, 0)
            };
            editor.replace(None, Some(&new)).await.unwrap();
        }
        let mut batch = Changes::default();
        editor.finish(&mut batch).unwrap();
        store.commit(batch).await.unwrap();
        for (operation, path) in [
            (Operation::Read, "health"),
            (Operation::Read, "health/web"),
            (Operation::List, "domains/web/"),
        ] {
            let answer = test.mount.ask(operation, path, json!({})).await;
            let warnings = answer.unwrap().unwrap().warnings;
            let said = warnings.iter().any(|warning| warning == IN_USE_CUT);
            assert_eq!(said, expected, "{path} with {rows}: {warnings:?}");
        }
    }
}

/// The rows of a scan that reads page by page.
async fn pages(store: &Store, tree: Tree, direction: Direction, length: usize) -> Vec<IndexRow> {
    let mut rows: Vec<IndexRow> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut page = Vec::new();
        Reader::open(store)
            .await
            .unwrap()
            .scan(
                tree,
                direction,
                after.as_deref(),
                usize::MAX,
                |_| true,
                |visited| {
                    page.push((visited.key.to_owned(), visited.row.clone()));
                    page.len() < length
                },
            )
            .await
            .unwrap();
        let Some((last, _)) = page.last() else {
            return rows;
        };
        after = Some(last.clone());
        rows.extend(page.into_iter().map(|(_, row)| row));
    }
}

/// All rows, in one scan.
async fn all_rows(reader: &mut Reader<'_>, tree: Tree) -> Result<Vec<IndexRow>, Error> {
    let mut rows = Vec::new();
    let visit = |visited: &Visited<'_>| {
        rows.push(visited.row.clone());
        true
    };
    reader
        .scan(tree, Direction::Up, None, usize::MAX, |_| true, visit)
        .await?;
    Ok(rows)
}

async fn agree(store: &Store, model: &BTreeMap<u32, IndexRow>) {
    for tree in Tree::ALL {
        let mut expected: Vec<IndexRow> = model.values().cloned().collect();
        expected.sort_by_key(|row| tree.key(row));
        assert_eq!(pages(store, tree, Direction::Up, 37).await, expected);
        expected.reverse();
        assert_eq!(pages(store, tree, Direction::Down, 50).await, expected);
    }
    let mut reader = Reader::open(store).await.unwrap();
    let total: u64 = reader.totals().await.unwrap().values().sum();
    assert_eq!(total, model.len() as u64);
    for time in [0, NOW - DAY, NOW, NOW + 1, NOW + 30 * DAY, NOW + 500 * DAY] {
        let counts = reader.below(Tree::Expiry, &time_key(time)).await.unwrap();
        for (number, bucket) in reader.buckets.iter() {
            let expected = model
                .values()
                .filter(|row| row.bucket() == *bucket && row.not_after < time)
                .count();
            let found = counts.get(&number).copied().unwrap_or_default();
            assert_eq!(found, expected as u64, "{bucket:?} below {time}");
        }
    }
    let counted = summary::summary(store, &mut reader, &configs(), None, NOW)
        .await
        .unwrap();
    let rule = |row: &IndexRow| summary::rule_of(&configs(), &row.config);
    for status in Status::ALL {
        let expected = model
            .values()
            .filter(|row| row.status(rule(row), NOW) == status)
            .count();
        assert_eq!(counted.status[status.as_str()], expected as u64, "{status}");
    }
    for (week, found) in (0_i64..).zip(&counted.expiry_weeks) {
        let (from, to) = (NOW + week * 7 * DAY, NOW + (week + 1) * 7 * DAY);
        let expected = model
            .values()
            .filter(|row| row.lifecycle == Lifecycle::Live)
            .filter(|row| row.not_after > from && row.not_after <= to)
            .count();
        assert_eq!(*found, expected as u64, "week {week}");
    }
    let only = "mail".parse().unwrap();
    let counted = summary::summary(store, &mut reader, &configs(), Some(&only), NOW).await;
    let expected = model.values().filter(|row| row.config == only).count();
    assert_eq!(counted.unwrap().total, expected as u64);
}

/// Configs for `web` and `mail` with different windows. There is no config `other`.
fn configs() -> Vec<Config> {
    [("web", "33%"), ("mail", "12")]
        .into_iter()
        .map(|(name, window)| {
            let fields = serde_json::json!({
                "sectigo_cm_base_url": "https://scm.example",
                "sectigo_cm_uri": "example",
                "sectigo_cm_org_id": 1,
                "sectigo_cm_user": "u",
                "sectigo_cm_password": "p",
                "sectigo_expiry_window": window,
            });
            let declared: Vec<_> = super::super::config::FIELDS
                .iter()
                .flat_map(|group| group.iter())
                .collect();
            let (values, _) = Values::parse(fields.as_object().unwrap(), &declared, &[]).unwrap();
            Config::check(&name.parse().unwrap(), values).unwrap()
        })
        .collect()
}

#[tokio::test]
async fn thousands_of_rows_come_and_go() {
    let (store, mut model) = (store(), BTreeMap::new());
    // A fixed stride visits all numbers in an order that is far from sorted.
    let all: Vec<u32> = (0..1_201).map(|n| n * 797 % 1_201).collect();
    for group in all.chunks(250) {
        let changes: Vec<_> = group.iter().map(|n| (*n, Some(n % 10))).collect();
        apply(&store, &mut model, &changes).await;
    }
    agree(&store, &model).await;
    for group in all.chunks(250).rev() {
        let changes: Vec<_> = group
            .iter()
            .map(|n| (*n, (n % 3 == 0).then_some(n % 7)))
            .collect();
        apply(&store, &mut model, &changes).await;
    }
    agree(&store, &model).await;
    let changes: Vec<_> = model.keys().map(|n| (*n, None)).collect();
    apply(&store, &mut model, &changes).await;
    assert!(model.is_empty());
    agree(&store, &model).await;
    // Of all rows only the roots, two empty leaves and the buckets are left.
    let nodes = store.list(&Key::index_nodes("expiry")).await.unwrap();
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    apply(&store, &mut model, &[(5, Some(1))]).await;
    agree(&store, &model).await;
}

/// A row with as many and as long names as SCM accepts.
fn wide(number: u32, names: usize) -> IndexRow {
    let mut row = row(number, 0);
    row.sans = (0..names).map(|n| format!("{n:0>250}")).collect();
    row
}

#[tokio::test]
async fn no_entry_of_the_index_grows_too_large_for_the_storage() {
    let mount = TestMount::over(MemoryStorage::new(true));
    let (store, mut model) = (mount.store(), BTreeMap::new());
    let change = async |model: &mut BTreeMap<u32, IndexRow>, number: u32, new: IndexRow| {
        let mut editor = Editor::open(&store).await.unwrap();
        let old = model.insert(number, new.clone());
        editor.replace(old.as_ref(), Some(&new)).await.unwrap();
        let mut batch = Changes::default();
        editor.finish(&mut batch).unwrap();
        store.commit(batch).await.unwrap();
    };
    for n in 0..60 {
        change(&mut model, n * 7 % 60, wide(n * 7 % 60, 100)).await;
    }
    agree(&store, &model).await;
    let largest = |mount: &TestMount| {
        let entries = mount.storage.entries();
        entries.iter().map(|entry| entry.value.len()).max().unwrap()
    };
    assert!(largest(&mount) <= MOST_BYTES, "{}", largest(&mount));
    // A row that is too large gets a node to itself, and can be removed again.
    change(&mut model, 30, wide(30, 1_000)).await;
    agree(&store, &model).await;
    assert!(largest(&mount) < 300_000, "{}", largest(&mount));
    for n in 0..60 {
        change(&mut model, n, row(n, 0)).await;
    }
    agree(&store, &model).await;
}

#[tokio::test]
async fn lifetimes_that_differ_by_seconds_make_few_classes() {
    let (store, mut model) = (store(), BTreeMap::new());
    let mut editor = Editor::open(&store).await.unwrap();
    for number in 0..400_u32 {
        let mut new = row(number, number % 10);
        new.not_before -= i64::from(number) * 37 - 7_000;
        editor.replace(None, Some(&new)).await.unwrap();
        model.insert(number, new);
    }
    let mut batch = Changes::default();
    editor.finish(&mut batch).unwrap();
    store.commit(batch).await.unwrap();
    agree(&store, &model).await;
    let buckets = BucketTable::load(&store).await.unwrap().iter().count();
    assert!(buckets < 70, "{buckets} classes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_reader_misses_nothing_while_a_writer_splits_nodes_under_it() {
    let store = store();
    let mut model = BTreeMap::new();
    let still: Vec<_> = (0..40).map(|n| (n * 10, Some(0))).collect();
    apply(&store, &mut model, &still).await;
    let stays: BTreeMap<u32, IndexRow> = model.clone();
    let store = Arc::new(store);
    let writer = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            for round in 0..4 {
                for group in (0..400_u32)
                    .filter(|n| n % 10 != 0)
                    .collect::<Vec<_>>()
                    .chunks(20)
                {
                    let changes: Vec<_> = group
                        .iter()
                        .map(|n| (*n, (round % 2 == 0).then_some(0)))
                        .collect();
                    apply(&store, &mut model, &changes).await;
                    tokio::task::yield_now().await;
                }
            }
        }
    });
    let mut looks = 0;
    while !writer.is_finished() {
        for tree in Tree::ALL {
            let mut reader = Reader::open(&store).await.unwrap();
            let Ok(seen) = all_rows(&mut reader, tree).await else {
                continue;
            };
            assert!(seen.is_sorted_by_key(|row| tree.key(row)));
            let missed: Vec<_> = stays.values().filter(|row| !seen.contains(row)).collect();
            assert!(
                missed.is_empty(),
                "{} of {} missed",
                missed.len(),
                seen.len()
            );
            looks += 1;
        }
    }
    writer.await.unwrap();
    assert!(looks > 3, "only {looks} looks");
}

/// A row whose number is its position in both trees.
fn nth(n: i64) -> IndexRow {
    let mut row = row(3, 0);
    row.id = CertId::of(&n.to_string(), "example").unwrap();
    row.common_name = format!("{n:03}.example.com");
    row.not_after = NOW + n * DAY;
    row.not_before = row.not_after - 90 * DAY;
    row
}

#[tokio::test]
async fn a_node_that_was_split_and_filled_again_is_known_as_changed() {
    let store = store();
    let add = async |numbers: &mut dyn Iterator<Item = i64>| {
        let mut editor = Editor::open(&store).await.unwrap();
        for n in numbers {
            editor.replace(None, Some(&nth(n))).await.unwrap();
        }
        let mut batch = Changes::default();
        editor.finish(&mut batch).unwrap();
        store.commit(batch).await.unwrap();
    };
    // Two leaves, the first of them full.
    add(&mut (500..509)).await;
    add(&mut (400..404)).await;
    for tree in Tree::ALL {
        let mut reader = Reader::open(&store).await.unwrap();
        reader.below(tree, "~").await.unwrap();
        // The reader has read their parent and the last leaf. Now the first leaf loses its upper half, and gets as
        // many smaller rows.
        let smaller = if tree == Tree::Expiry { 300 } else { 200 };
        add(&mut (smaller..smaller + 5)).await;
        let seen = all_rows(&mut reader, tree).await.unwrap();
        for n in (400..404).chain(500..509) {
            assert!(seen.contains(&nth(n)), "{tree:?} misses {n}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_changes_in_any_order(
        batches in proptest::collection::vec(
            proptest::collection::vec((0..200_u32, proptest::option::weighted(0.7, 0..10_u32)), 1..40),
            1..8,
        )
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (store, mut model) = (store(), BTreeMap::new());
            for batch in &batches {
                apply(&store, &mut model, batch).await;
            }
            agree(&store, &model).await;
        });
    }
}

/// The possible contents of the storage: after an error, a batch may or may not have been written.
type Possible = Vec<BTreeMap<u32, IndexRow>>;

/// One step in a test with a storage that sometimes fails.
#[derive(Debug, Clone)]
enum Step {
    Edit(Vec<(u32, Option<u32>)>),
    Look,
    Trouble {
        after: usize,
        failures: usize,
        written: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = (0..60_u32, proptest::option::weighted(0.7, 0..10_u32));
    let step = prop_oneof![
        4 => proptest::collection::vec(change, 1..12).prop_map(Step::Edit),
        2 => Just(Step::Look),
        3 => (0..12_usize, 1..6_usize, any::<bool>()).prop_map(|(after, failures, written)| {
            Step::Trouble { after, failures, written }
        }),
    ];
    proptest::collection::vec(step, 1..24)
}

/// As the engine does it: the old row comes from the record, and the record is in the same batch.
async fn edit(store: &Store, changes: &[(u32, Option<u32>)]) -> Result<(), Error> {
    let mut batch = Changes::default();
    let mut editor = Editor::open(store).await?;
    for (number, variant) in changes {
        let any = row(*number, 0);
        let key = Key::cert(&any.config, &any.id);
        let old: Option<IndexRow> = store.read(&key).await?;
        let new = variant.map(|variant| row(*number, variant));
        match &new {
            Some(new) => batch.write(&key, new)?,
            None => batch.remove(&key),
        }
        editor.replace(old.as_ref(), new.as_ref()).await?;
    }
    editor.finish(&mut batch)?;
    store.commit(batch).await
}

async fn rows(store: &Store, tree: Tree) -> Result<Vec<IndexRow>, Error> {
    let mut rows = Vec::new();
    let visit = |visited: &Visited<'_>| {
        rows.push(visited.row.clone());
        true
    };
    Reader::open(store)
        .await?
        .scan(tree, Direction::Up, None, usize::MAX, |_| true, visit)
        .await?;
    Ok(rows)
}

/// Whether the index could be read. If so, keeps only the possible contents that match what was read.
async fn look(store: &Store, possible: &mut Possible) -> bool {
    for tree in Tree::ALL {
        let Ok(seen) = rows(store, tree).await else {
            return false;
        };
        possible.retain(|model| {
            let mut expected: Vec<IndexRow> = model.values().cloned().collect();
            expected.sort_by_key(|row| tree.key(row));
            expected == seen
        });
        assert!(!possible.is_empty(), "by {tree:?}: {} rows", seen.len());
    }
    possible.truncate(1);
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn errors_of_the_storage_leave_no_half_of_a_change(steps in steps(), transactional: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mount = TestMount::over(MemoryStorage::new(transactional));
            let store = mount.store();
            let mut possible: Possible = vec![BTreeMap::new()];
            for step in &steps {
                match step {
                    Step::Trouble { after, failures, written: true } => mount.storage.lose_answers(*after, *failures),
                    Step::Trouble { after, failures, written: false } => mount.storage.fail_for(*after, *failures),
                    Step::Look => drop(look(&store, &mut possible).await),
                    Step::Edit(changes) => {
                        // As in the engine, an edit changes each row only once.
                        let changes: Vec<_> = changes.iter().copied().collect::<BTreeMap<_, _>>().into_iter().collect();
                        let done = edit(&store, &changes).await.is_ok();
                        let after: Possible = possible
                            .iter()
                            .map(|model| {
                                let mut model = model.clone();
                                for (number, variant) in &changes {
                                    match variant {
                                        Some(variant) => drop(model.insert(*number, row(*number, *variant))),
                                        None => drop(model.remove(number)),
                                    }
                                }
                                model
                            })
                            .collect();
                        if done {
                            possible = after;
                        } else {
                            possible.extend(after);
                        }
                        possible.sort_by_key(|model| format!("{model:?}"));
                        possible.dedup();
                    }
                }
            }
            mount.storage.fail_for(0, 0);
            assert!(look(&store, &mut possible).await);
            agree(&store, &possible[0]).await;
            agree(&mount.restarted().await.store(), &possible[0]).await;
        });
    }
}
