use super::*;
use svpki_types::api::{InventoryResponse, InventoryRow};

fn page(rows: std::ops::Range<usize>) -> Batch {
    Batch::from(InventoryResponse {
        certificates: rows
            .map(|n| InventoryRow {
                id: n.to_string(),
                ..InventoryRow::default()
            })
            .collect(),
        ..InventoryResponse::default()
    })
}

fn answer_all(store: &mut Store, requests: Vec<PageRequest>) {
    for asked in requests {
        store.answer(&asked.mount, asked.generation, Ok(page(0..300)), 0);
    }
}

#[test]
fn few_large_mounts_are_read_again_side_by_side_and_all_of_them_in_the_end() {
    let mut store = Store::default();
    store.set_sort(
        Sort {
            column: crate::tui::model::Column::Name,
            descending: false,
        },
        0,
    );
    store.set_mounts((0..10).map(|n| format!("m{n}")).collect(), 0);
    let first = store.requests(0);
    assert_eq!(first.len(), 10, "the first screen waits for none");
    answer_all(&mut store, first);
    assert_eq!(store.loaded(), 3_000);

    store.refresh();
    let mut asked = Vec::new();
    while store.refreshing() {
        let requests = store.requests(0);
        assert!(!requests.is_empty(), "the refresh stands still");
        asked.push(requests.len());
        answer_all(&mut store, requests);
    }
    assert_eq!(asked, [4, 4, 2]);
}

fn inventory(rows: &[(u8, u8)]) -> Batch {
    let certificates = rows
        .iter()
        .map(|(id, day)| InventoryRow {
            id: id.to_string(),
            common_name: format!("{}.example.com", id % 4),
            expiration: i64::from(*day),
            ..InventoryRow::default()
        })
        .collect();
    Batch::from(InventoryResponse {
        certificates,
        ..InventoryResponse::default()
    })
}

proptest::proptest! {
    #[test]
    fn rows_that_are_read_again_stand_as_if_all_were_sorted_anew(
        before in proptest::collection::vec((0u8..20, 0u8..6), 0..20),
        changes in proptest::collection::vec((0usize..20, 0u8..6, 0u8..3), 0..6),
        filtered in proptest::bool::ANY,
        descending in proptest::bool::ANY,
    ) {
        let mut store = Store::default();
        store.set_sort(Sort { column: crate::tui::model::Column::Expires, descending }, 0);
        store.set_mounts(vec!["a".to_owned(), "b".to_owned()], 0);
        if filtered {
            store.set_filter("1.example.com".parse().unwrap(), 0);
        }
        let mut rows: Vec<(u8, u8)> = before;
        rows.sort_by_key(|(_, day)| if descending { 255 - day } else { *day });
        let round = |rows: &[(u8, u8)], store: &mut Store| {
            for asked in store.requests(0) {
                store.answer(&asked.mount, asked.generation, Ok(inventory(rows)), 0);
            }
        };
        round(&rows, &mut store);
        for (at, day, what) in changes {
            match what {
                0 if at < rows.len() => { rows.remove(at); }
                1 if at < rows.len() => rows[at].1 = day,
                _ => rows.insert(at.min(rows.len()), (100 + at as u8, day)),
            }
        }
        store.refresh();
        round(&rows, &mut store);
        let keys = |store: &Store| -> Vec<CertKey> { (0..store.len()).filter_map(|n| store.key(n)).collect() };
        let merged = keys(&store);
        store.rebuild(0);
        proptest::prop_assert_eq!(merged, keys(&store));
    }
}
