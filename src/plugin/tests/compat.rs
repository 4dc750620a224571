//! This version reads everything that older versions have stored (`tests/compat/`), and loses nothing of it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::super::index::stored::{BucketTable, Node, Root};
use super::super::store::{
    CertRecord, ConfigRecord, IdempotencyRecord, Key, KeyRecord, OrderRecord, RevokeRecord,
    RoleRecord, TidySchedule, UndeliveredRecord,
};
use super::super::testing::{TestMount, text};
use super::{face, refused};
use svpki_types::OrderId;
use svpki_types::api::{ConfigHealth, JobHealth, ProfileResponse, TidyResponse};
use vault_plugin::logical::{Entry, MemoryStorage, Storage as _};

const STORED: [(&str, &str); 1] = [(
    "0.1.0",
    include_str!("../../../tests/compat/0.1.0/storage.json"),
)];

fn entries(stored: &str) -> Map<String, Value> {
    serde_json::from_str(stored).unwrap()
}

/// The record as this version would write it.
fn rewritten<T: DeserializeOwned + Serialize>(key: &str, value: &Value) -> Value {
    let record: T = serde_json::from_value(value.clone())
        .unwrap_or_else(|error| panic!("{key}: {error}: {value}"));
    serde_json::to_value(&record).unwrap()
}

/// New versions add members; the existing members keep their names and values.
fn holds_all(key: &str, old: &Value, new: &Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in old {
                let kept = new
                    .get(name)
                    .unwrap_or_else(|| panic!("{key}: {name} is lost"));
                holds_all(&format!("{key}.{name}"), value, kept);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{key}");
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                holds_all(&format!("{key}[{at}]"), old, new);
            }
        }
        _ => assert_eq!(old, new, "{key}"),
    }
}

/// Version 0.1.0 had no limits for labels, and its roles and configs could no longer be read.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_role_with_long_labels_stopped_loading() {
    let test = face::test(json!({})).await;
    let (store, long) = (test.mount.store(), "x".repeat(300));
    let notes: Map<String, Value> = (0..40).map(|n| (n.to_string(), json!(long))).collect();
    let (role, config) = (
        Key::role(&"r".parse().unwrap()),
        Key::config(&"web".parse().unwrap()),
    );
    let mut stored: RoleRecord = store.read(&role).await.unwrap().unwrap();
    let more = [("owner", json!(long)), ("metadata", json!(notes))];
    stored
        .fields
        .extend(more.map(|(name, value)| (name.to_owned(), value)));
    store.write(&role, &stored).await.unwrap();
    let mut stored: ConfigRecord = store.read(&config).await.unwrap().unwrap();
    stored.fields.insert("team".into(), json!(long));
    store.write(&config, &stored).await.unwrap();

    assert_eq!(
        test.mount.read("roles/r", json!({})).await["owner"],
        json!(long)
    );
    assert_eq!(
        test.mount.read("configs/web", json!({})).await["team"],
        json!(long)
    );
    let body = json!({"common_name": "www.example.com"});
    face::issued(&test.mount, "issue/r", body.clone()).await;
    // Another field can be written without correcting the labels.
    face::write_role(&test, json!({"max_wait": 30})).await;
    let other = json!({"allowed_domains": "example.com"});
    test.mount.write("configs/web", other).await.unwrap();
    // The limits still apply to the labels in requests.
    let page = test.mount.read("inventory", json!({})).await;
    let id = page["certificates"][0]["id"].as_str().unwrap();
    for path in [
        "roles/r",
        "configs/web",
        "enroll/web",
        &format!("fetch/web/{id}"),
    ] {
        for (field, value) in [("owner", json!(long)), ("metadata", json!(notes))] {
            let mut body = json!({field: value});
            if path == "enroll/web" {
                body["common_name"] = json!("www.example.com");
            }
            refused(test.mount.write(path, body).await, &[field]);
        }
    }
    test.sim.stop().await;
}

#[test]
fn every_stored_record_of_an_older_version_is_read_and_loses_nothing() {
    for (version, stored) in STORED {
        let mut kinds = std::collections::BTreeSet::new();
        for (key, value) in entries(stored) {
            let (folder, rest) = key.split_once('/').unwrap();
            let kind = match (folder, rest.rsplit('/').next()) {
                ("index", Some("classes")) => "index/classes",
                ("index", Some("root")) => "index/root",
                ("index", _) => "index/node",
                ("tidy", Some("schedule")) => "tidy/schedule",
                ("tidy", _) => "tidy/status",
                _ => folder,
            };
            let new = match kind {
                "config" => rewritten::<ConfigRecord>(&key, &value),
                "cert" => rewritten::<CertRecord>(&key, &value),
                "key" | "order-key" => rewritten::<KeyRecord>(&key, &value),
                "order" => rewritten::<OrderRecord>(&key, &value),
                "idempotency" => rewritten::<IdempotencyRecord>(&key, &value),
                "unheard" => rewritten::<UndeliveredRecord>(&key, &value),
                "to-revoke" => rewritten::<RevokeRecord>(&key, &value),
                "submitted" => rewritten::<OrderId>(&key, &value),
                "open" | "ended" => rewritten::<i64>(&key, &value),
                "profile" => rewritten::<ProfileResponse>(&key, &value),
                "health" => rewritten::<ConfigHealth>(&key, &value),
                "job" => rewritten::<JobHealth>(&key, &value),
                "tidy/status" => rewritten::<TidyResponse>(&key, &value),
                "tidy/schedule" => rewritten::<TidySchedule>(&key, &value),
                "index/classes" => rewritten::<BucketTable>(&key, &value),
                "index/root" => rewritten::<Root>(&key, &value),
                "index/node" => rewritten::<Node>(&key, &value),
                other => panic!("{version} {key}: nobody reads {other}"),
            };
            holds_all(&format!("{version} {key}"), &value, &new);
            kinds.insert(kind.to_owned());
        }
        assert_eq!(kinds.len(), 19, "{version} has a record of each: {kinds:?}");
    }
}

#[tokio::test]
async fn the_storage_of_an_older_version_is_opened_and_served() {
    for (version, stored) in STORED {
        let mount = TestMount::over(MemoryStorage::new(true));
        for (key, value) in entries(stored) {
            let entry = Entry {
                key,
                value: serde_json::to_vec(&value).unwrap(),
                seal_wrap: false,
            };
            mount.storage.put(entry).await.unwrap();
        }

        let config = mount.read("configs/web", json!({})).await;
        assert_eq!(
            config["allowed_domains"],
            json!(["example.com"]),
            "{version}"
        );
        for (path, status) in [
            ("certs/web/1001_example", "issued"),
            ("certs/web/1002_example", "revoked"),
            ("certs/web/1003_example", "superseded"),
            ("certs/people/1923001007_example", "replaced"),
        ] {
            assert_eq!(
                mount.read(path, json!({})).await["status"],
                status,
                "{path}"
            );
        }
        let key = mount.read("keys/web/1001_example", json!({})).await;
        assert!(key["private_key"].as_str().unwrap().contains("PRIVATE KEY"));
        let current = mount
            .read("current/web/superseded.example.com", json!({}))
            .await;
        assert_eq!(current["sectigo_cert_unique_id"], "1004_example");
        let page = mount.read("inventory", json!({})).await;
        assert_eq!(
            page["certificates"].as_array().unwrap().len(),
            8,
            "{page:?}"
        );

        // The same request with its idempotency key is answered from storage, because its SCM does not exist any more.
        let body = json!({
            "common_name": "live.example.com", "alt_names": ["www.live.example.com"],
            "idempotency_key": "live-1", "sectigo_max_timeout": "20s",
        });
        let again = mount.write("enroll/web", body).await.unwrap().unwrap();
        assert_eq!(text(&again, "sectigo_cert_unique_id"), "1001_example");

        // An uncertain order stays uncertain, and is not sent again while SCM cannot be asked.
        let orders = entries(stored);
        let lost = orders
            .iter()
            .find(|(key, value)| key.starts_with("order/web/") && value["state"] == "uncertain");
        let lost = lost.unwrap().1["id"].as_str().unwrap();
        let order = mount.read(&format!("orders/web/{lost}"), json!({})).await;
        assert_eq!(order["state"], "uncertain", "{order:?}");
        let order = mount.write(&format!("orders/web/{lost}"), json!({})).await;
        assert_eq!(text(&order.unwrap().unwrap(), "state"), "uncertain");
    }
}
