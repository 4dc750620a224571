use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::super::config::Config;
use super::super::store::{Changes, Kind, Standing, Store};
use super::super::summary;
use super::super::testing::Rig;
use super::super::window::Window;
use super::*;
use crate::domain::{CertId, Status};
use crate::plugin::framework::Values;
use crate::plugin::logical::MemoryStorage;

const DAY: i64 = 86_400;
const NOW: i64 = 1_800_000_000;

/// One of a few hundred certificates, in one of several states of its life.
fn row(number: u32, variant: u32) -> Row {
    let lifetime = [90, 47, 199][variant as usize % 3] * DAY;
    let not_after = NOW - 20 * DAY + i64::from(number * 7_919 % 401) * DAY / 2;
    Row {
        id: CertId::of(&number.to_string(), "example").unwrap(),
        config: ["web", "mail", "other"][number as usize % 3]
            .parse()
            .unwrap(),
        kind: Kind::Ssl,
        standing: [
            Standing::Live,
            Standing::Live,
            Standing::Revoked,
            Standing::Superseded,
            Standing::Replaced,
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
        window: [None, Some(Window::Days(10))][variant as usize / 5 % 2],
        renew_error: String::new(),
        next_attempt: 0,
        renewing: false,
    }
}

fn store() -> Store {
    Rig::over(MemoryStorage::new(true)).store()
}

/// Puts each number's row in or out, in one batch.
async fn apply(store: &Store, model: &mut BTreeMap<u32, Row>, changes: &[(u32, Option<u32>)]) {
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

/// The rows of a scan, page by page.
async fn pages(store: &Store, tree: Tree, direction: Direction, length: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
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

async fn agree(store: &Store, model: &BTreeMap<u32, Row>) {
    for tree in Tree::ALL {
        let mut expected: Vec<Row> = model.values().cloned().collect();
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
        for (number, class) in reader.classes.iter() {
            let expected = model
                .values()
                .filter(|row| row.class() == *class && row.not_after < time)
                .count();
            let found = counts.get(&number).copied().unwrap_or_default();
            assert_eq!(found, expected as u64, "{class:?} below {time}");
        }
    }
    let counted = summary::summary(store, &mut reader, &configs(), None, NOW)
        .await
        .unwrap();
    let rule = |row: &Row| summary::rule_of(&configs(), &row.config);
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
            .filter(|row| row.standing == Standing::Live)
            .filter(|row| row.not_after > from && row.not_after <= to)
            .count();
        assert_eq!(*found, expected as u64, "week {week}");
    }
    let only = "mail".parse().unwrap();
    let counted = summary::summary(store, &mut reader, &configs(), Some(&only), NOW).await;
    let expected = model.values().filter(|row| row.config == only).count();
    assert_eq!(counted.unwrap().total, expected as u64);
}

/// `web` and `mail` with windows of their own; `other` is not there.
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
    // A fixed stride visits all numbers in an order far from sorted.
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
    // Nothing is left of what once was but the roots, two empty leaves and the classes.
    let nodes = store
        .list(&super::super::store::Key::index_nodes("expiry"))
        .await
        .unwrap();
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    apply(&store, &mut model, &[(5, Some(1))]).await;
    agree(&store, &model).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_reader_misses_nothing_while_a_writer_splits_nodes_under_it() {
    let store = store();
    let mut model = BTreeMap::new();
    let still: Vec<_> = (0..40).map(|n| (n * 10, Some(0))).collect();
    apply(&store, &mut model, &still).await;
    let stays: BTreeMap<u32, Row> = model.clone();
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
            let mut seen: Vec<Row> = Vec::new();
            let mut reader = Reader::open(&store).await.unwrap();
            let scanned = reader
                .scan(
                    tree,
                    Direction::Up,
                    None,
                    usize::MAX,
                    |_| true,
                    |visited| {
                        seen.push(visited.row.clone());
                        true
                    },
                )
                .await;
            if scanned.is_err() {
                continue;
            }
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
