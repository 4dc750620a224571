//! Neither a broken account nor a long job delays other accounts.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::time::Instant;

use super::{DAY, cert, change, id, job, run};
use crate::plugin::config::Config;
use crate::plugin::index::Editor;
use crate::plugin::locks::LockKey;
use crate::plugin::store::{
    CertRecord, Changes, Ending, Failure, Key, OrderRecord, Phase, TidySchedule,
};
use crate::plugin::testing::{TestMount, TestMountWithScm, text};
use crate::plugin::time_budget::RunBudget;
use crate::plugin::{automatic_renewal, background, certificates, summary, tidy, time};
use svpki_types::CertId;
use svpki_types::api::JobHealth;
use vault_plugin::logical::{Batch, Context, Entry, Storage, StorageError};

async fn configs(mount: &TestMount) -> Vec<Config> {
    summary::configs(&mount.store()).await.unwrap()
}

/// Copies of this certificate in another config.
async fn copies(mount: &TestMount, model: &CertRecord, config: &str, count: usize, days_left: i64) {
    let store = mount.store();
    let _index = mount.engine.index.lock().await;
    for first in (0..count).step_by(10) {
        let (mut changes, mut editor) = (Changes::default(), Editor::open(&store).await.unwrap());
        for number in first..(first + 10).min(count) {
            let scm_id = (1_000_000 + number).to_string();
            let not_after = time::now() + days_left * DAY;
            let copy = CertRecord {
                id: CertId::of(&scm_id, "copies").unwrap(),
                config: config.parse().unwrap(),
                scm_id,
                not_before: not_after - 90 * DAY,
                not_after,
                auto_renew: Some(true),
                ..model.clone()
            };
            certificates::put(&mut editor, &mut changes, None, &copy)
                .await
                .unwrap();
        }
        editor.finish(&mut changes).unwrap();
        store.commit(changes).await.unwrap();
    }
}

/// A config whose login SCM refuses, or otherwise one whose SCM never answers.
async fn dead_config(test: &TestMountWithScm, refused: bool) {
    let base_url = if refused {
        test.sim.base_url.clone()
    } else {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            while let Ok((connection, _)) = listener.accept().await {
                taken.push(connection);
            }
        });
        format!("http://{address}")
    };
    let config = json!({
        "sectigo_cm_base_url": base_url, "sectigo_cm_uri": test.sim.customer_uri,
        "sectigo_cm_org_id": 123, "sectigo_cm_user": "nobody", "sectigo_cm_password": "wrong",
        "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90, "scm_timeout": "1s",
    });
    test.mount.write("configs/dead", config).await.unwrap();
}

/// The 60 most urgent certificates belong to an account that cannot renew any of them.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_due_certificates_of_a_dead_account_leave_twenty_others_their_renewal() {
    for refused in [true, false] {
        let test = TestMountWithScm::new().await;
        let mut good = Vec::new();
        for number in 0..20 {
            let body = json!({"common_name": format!("good-{number}.example.com")});
            let issued = test.issued("enroll/web", body).await;
            change(&test.mount, id(&issued), |cert| {
                cert.auto_renew = Some(true);
                cert.not_before -= 80 * DAY;
                cert.not_after -= 80 * DAY;
            })
            .await;
            good.push(id(&issued).to_owned());
        }
        dead_config(&test, refused).await;
        let model = cert(&test.mount, &good[0]).await;
        copies(&test.mount, &model, "dead", 60, 5).await;
        run(&test.mount).await;
        let renew = job(&test.mount, "renew").await;
        assert_eq!(renew.done, 20, "login refused: {refused}: {renew:?}");
        for id in &good {
            let renewed = cert(&test.mount, id).await.renewed_to;
            assert!(renewed.is_some(), "{id} was not renewed: {renew:?}");
        }
        test.sim.stop().await;
    }
}

/// One account's certificates fill more of the index than one scan reads, and the other account's come behind them.
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_goes_on_where_the_last_one_was_cut_short() {
    let test = TestMountWithScm::new().await;
    let body = json!({"common_name": "good.example.com", "auto_renew": true});
    let issued = test.issued("enroll/web", body).await;
    change(&test.mount, id(&issued), |cert| {
        cert.not_before -= 80 * DAY;
        cert.not_after -= 80 * DAY;
    })
    .await;
    dead_config(&test, true).await;
    let model = cert(&test.mount, id(&issued)).await;
    copies(&test.mount, &model, "dead", 200, 5).await;
    let (engine, store) = (&test.mount.engine, test.mount.store());
    let configs = configs(&test.mount).await;
    let mut found = Vec::new();
    for _ in 0..20 {
        let mut health = JobHealth::default();
        let budget = RunBudget::new(Duration::from_secs(60));
        let accounts = automatic_renewal::due(engine, &store, &configs, &budget, 10, &mut health)
            .await
            .unwrap();
        assert_eq!(
            health.skipped.get("the index was too long for one run"),
            Some(&1)
        );
        // Each run reads the start of the index, and so the most urgent certificates of the account that fills it.
        let of = |name: &str| {
            let mut accounts = accounts.iter();
            accounts.find(|(config, _)| config.name.as_str() == name)
        };
        assert!(of("dead").is_some());
        found.push(of("web").is_some());
    }
    assert!(
        found.iter().filter(|found| **found).count() >= 2,
        "{found:?}"
    );
    test.sim.stop().await;
}

/// All orders are overdue again before a run has worked on all of them, and no run has time for all.
#[tokio::test(flavor = "multi_thread")]
async fn orders_that_a_run_had_no_time_for_come_first_in_the_next() {
    let test = TestMountWithScm::new().await;
    test.rules(json!([{"call": "enroll", "approval": true}]))
        .await;
    let mut open = Vec::new();
    for number in 0..40 {
        let body =
            json!({"common_name": format!("open-{number}.example.com"), "sectigo_max_timeout": 0});
        let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
        open.push(text(&pending, "order_id").to_owned());
    }
    let slow = json!({"max_requests_per_second": 20});
    test.mount.write("configs/web", slow).await.unwrap();
    test.mount.looked().await;
    let mut polls = Vec::new();
    for order in &open {
        polls.push(test.order(order).await.polls);
    }
    for _ in 0..40 {
        for order in &open {
            // Waits until a step that the last run has started is over: an order whose lock is held would be skipped.
            let name = LockKey::order(&"web".parse().unwrap(), &order.parse().unwrap());
            drop(test.mount.engine.locks.lock(name).await);
            test.age(order, 900).await;
        }
        let (engine, context) = (&test.mount.engine, &test.mount.context);
        let run = background::run_within(engine, context, Duration::from_secs(2));
        run.await.unwrap();
        let mut asked = 0;
        for (order, before) in open.iter().zip(&polls) {
            asked += usize::from(test.order(order).await.polls > *before);
        }
        if asked == open.len() {
            test.sim.stop().await;
            return;
        }
    }
    panic!("some were never asked for while others were again and again");
}

/// Finding the due orders takes long if there are many, and does not count towards the time for working on them.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_open_orders_that_takes_long_leaves_them_their_time() {
    let test = TestMountWithScm::new().await;
    test.rules(json!([{"call": "enroll", "approval": true}]))
        .await;
    let body = json!({"common_name": "open.example.com", "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let order = text(&pending, "order_id");
    test.poll_once(order).await;
    let before = test.order(order).await.polls;
    test.age(order, 900).await;
    let longest = Duration::from_secs(3);
    let context = Context {
        storage: Arc::new(SlowToList(Arc::clone(&test.mount.context.storage), longest)),
        ..test.mount.context.clone()
    };
    background::run_within(&test.mount.engine, &context, longest)
        .await
        .unwrap();
    let name = LockKey::order(&"web".parse().unwrap(), &order.parse().unwrap());
    drop(test.mount.engine.locks.lock(name).await);
    let skipped = job(&test.mount, "collect").await.skipped;
    assert!(test.order(order).await.polls > before, "{skipped:?}");
    test.sim.stop().await;
}

/// A storage whose lists of open orders are slow.
struct SlowToList(Arc<dyn Storage>, Duration);

#[async_trait]
impl Storage for SlowToList {
    async fn list(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
        if prefix.starts_with("open/") {
            tokio::time::sleep(self.1).await;
        }
        self.0.list(prefix).await
    }

    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        self.0.get(key).await
    }

    async fn put(&self, entry: Entry) -> Result<(), StorageError> {
        self.0.put(entry).await
    }

    async fn delete(&self, key: &str) -> Result<(), StorageError> {
        self.0.delete(key).await
    }

    async fn list_page(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StorageError> {
        self.0.list_page(prefix, after, limit).await
    }

    async fn commit(&self, batch: Batch) -> Result<(), StorageError> {
        self.0.commit(batch).await
    }

    async fn transactional(&self) -> bool {
        self.0.transactional().await
    }

    async fn ensure_recovered(&self) -> Result<u64, StorageError> {
        self.0.ensure_recovered().await
    }
}

/// 5,000 orders wait for approval, at 5 requests a second: in 25 seconds of each run there is time for 41 orders at
/// three requests each. An order gets its next turn only after every other order had one.
#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_open_orders_take_turns() {
    const ORDERS: usize = 5_000;
    const LOOKS: usize = 41;
    let test = TestMountWithScm::new().await;
    test.rules(json!([{"call": "enroll", "approval": true}]))
        .await;
    let body = json!({"common_name": "open.example.com", "sectigo_max_timeout": 0});
    let pending = test.mount.write("enroll/web", body).await.unwrap().unwrap();
    let model = test.order(text(&pending, "order_id")).await;
    let store = test.mount.store();
    let mut now = time::now() + 10_000;
    for number in 1..ORDERS {
        let order = OrderRecord {
            id: format!("{number:024x}").parse().unwrap(),
            csr: String::new(),
            ..model.clone()
        };
        store
            .write(&Key::order(&order.config, &order.id), &order)
            .await
            .unwrap();
        store
            .write(&Key::open_order(&order.config, &order.id), &0)
            .await
            .unwrap();
    }
    let configs = configs(&test.mount).await;
    let mut asked = std::collections::HashMap::new();
    let turns = ORDERS.div_ceil(LOOKS);
    for _ in 0..turns {
        let due = background::due_orders(&test.mount.engine, &store, &configs, now)
            .await
            .unwrap();
        let [(_, ids)] = due.to_collect.as_slice() else {
            panic!("one account has orders that are due");
        };
        for id in ids.iter().take(LOOKS) {
            *asked.entry(id.clone()).or_insert(0) += 1;
            let key = Key::order(&model.config, id);
            let mut order: OrderRecord = store.read(&key).await.unwrap().unwrap();
            // The shortest pause of a pending order that is a few hours old is much shorter than a whole round.
            order.next_poll = now + 900;
            store.write(&key, &order).await.unwrap();
        }
        now += 60;
    }
    assert_eq!(
        asked.len(),
        ORDERS,
        "after {turns} runs some were never asked for"
    );
    assert!(asked.values().all(|times| *times <= 2));
    let twice = asked.values().filter(|times| **times == 2).count();
    assert!(
        twice < LOOKS,
        "{twice} were asked for again before others had their turn"
    );
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tidy_of_fifty_thousand_entries_goes_on_where_the_last_run_stopped() {
    const ORDERS: usize = 49_500;
    const CERTIFICATES: usize = 500;
    let test = TestMountWithScm::new().await;
    let issued = test
        .issued("enroll/web", json!({"common_name": "in-use.example.com"}))
        .await;
    let mut mount = test.mount.restarted().await;
    let model = cert(&mount, id(&issued)).await;
    copies(&mount, &model, "web", CERTIFICATES, -30).await;
    let store = mount.store();
    let order = test.order(text(&issued, "order_id")).await;
    for number in 0..ORDERS {
        let order = OrderRecord {
            id: format!("{number:024x}").parse().unwrap(),
            phase: Phase::Ended {
                ending: Ending::Failed(Failure::Gateway),
                ids: None,
            },
            since: 0,
            csr: String::new(),
            idempotency: None,
            fingerprint: None,
            ..order.clone()
        };
        store
            .write(&Key::order(&order.config, &order.id), &order)
            .await
            .unwrap();
    }
    let (mut runs, mut removed) = (0, 0);
    loop {
        let (store, configs) = (mount.store(), configs(&mount).await);
        // The time is already over at the start; one slice is done all the same.
        let part = tidy::resume(&mount.engine, &store, &configs, 60, Instant::now())
            .await
            .unwrap();
        runs += 1;
        removed += part.removed;
        assert!(
            part.removed <= 200,
            "a run without time removed {}",
            part.removed
        );
        if part.complete {
            break;
        }
        assert!(tidy::is_under_way(&store).await.unwrap());
        if runs == 100 {
            // Another process or node continues.
            mount = mount.restarted().await;
        }
    }
    assert_eq!(removed, u64::try_from(ORDERS + CERTIFICATES).unwrap());
    assert!(runs > 250, "{runs} runs");
    let status = mount.read("tidy-status", json!({})).await;
    assert_eq!(status["removed_certificates"], CERTIFICATES);
    assert_eq!(status["removed_orders"], ORDERS);
    assert_eq!(status["state"], "idle");
    assert_eq!(status["kept"]["in use"], 1);
    let left = mount.storage.entries();
    assert_eq!(
        left.iter()
            .filter(|entry| entry.key.starts_with("order/"))
            .count(),
        1
    );
    assert_eq!(
        left.iter()
            .filter(|entry| entry.key.starts_with("cert/"))
            .count(),
        1
    );
    test.sim.stop().await;
}

/// A scheduled tidy continues in each run without waiting for its interval, and due certificates are renewed all the
/// same.
#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_tidy_that_was_not_through_goes_on_in_the_next_run() {
    let test = TestMountWithScm::new().await;
    test.mount.looked().await;
    let schedule = TidySchedule {
        interval: 86_400,
        safety_buffer: 60,
        last_run: time::now(),
    };
    let store = test.mount.store();
    store.write(&Key::tidy_schedule(), &schedule).await.unwrap();
    let due = test
        .issued("enroll/web", json!({"common_name": "due.example.com"}))
        .await;
    let model = cert(&test.mount, id(&due)).await;
    copies(&test.mount, &model, "web", 60, -30).await;
    super::grow_old(&test.mount, id(&due), 80).await;
    let configs = configs(&test.mount).await;
    let part = tidy::resume(&test.mount.engine, &store, &configs, 60, Instant::now()).await;
    assert!(!part.unwrap().complete);
    run(&test.mount).await;
    assert_eq!(job(&test.mount, "renew").await.done, 1);
    assert!(!tidy::is_under_way(&store).await.unwrap());
    assert_eq!(
        job(&test.mount, "tidy").await.done,
        44,
        "the first slice had taken 16"
    );
    run(&test.mount).await;
    assert_eq!(job(&test.mount, "tidy").await.skipped["not due yet"], 1);
    test.sim.stop().await;
}
