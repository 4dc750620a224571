//! A mount in memory with a simulated SCM.

use serde_json::{Value, json};

use super::super::store::{Key, OrderRecord, Phase};
use super::TestMount;
use pki::{Csr, PrivateKey, San, Subject};
use scm_sim::{Options, Sim};
use svpki_types::KeySpec;
use vault_plugin::logical::{MemoryStorage, Response};

pub struct TestMountWithScm {
    pub sim: Sim,
    pub mount: TestMount,
}

impl TestMountWithScm {
    pub async fn new() -> Self {
        let sim = Sim::start(Options::default()).await.unwrap();
        let mount = TestMount::over(MemoryStorage::new(true));
        mount.config(&sim).await;
        Self { sim, mount }
    }

    /// Writes a config `people` for client certificates of this SCM.
    pub async fn client_config(&self) {
        let config = json!({
            "sectigo_config_type": "client_cert", "sectigo_cm_base_url": self.sim.base_url,
            "sectigo_cm_uri": self.sim.customer_uri, "sectigo_cm_org_id": 123,
            "sectigo_cm_user": self.sim.login, "sectigo_cm_password": self.sim.password,
            "sectigo_client_cert_type": 61, "sectigo_client_cert_validity": 365, "sectigo_csr_key_algo": "EC",
            "sectigo_client_cert_first_name": "Jane", "sectigo_client_cert_last_name": "Doe",
            "sectigo_client_cert_email": "jane@example.com", "settle_after": 0,
        });
        self.mount.write("configs/people", config).await.unwrap();
    }

    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        self.sim.control(method, path, body).await.unwrap()
    }

    pub async fn rules(&self, rules: Value) {
        self.control("PUT", "rules", rules).await;
    }

    pub async fn calls(&self, call: &str) -> usize {
        let found = self
            .control("GET", &format!("calls?call={call}"), Value::Null)
            .await;
        found.as_array().unwrap().len()
    }

    pub async fn all_calls(&self) -> usize {
        let found = self.control("GET", "calls", Value::Null).await;
        found.as_array().unwrap().len()
    }

    pub async fn orders_at_scm(&self, query: &str) -> Vec<Value> {
        let found = self
            .control("GET", &format!("orders?{query}"), Value::Null)
            .await;
        found["orders"].as_array().unwrap().clone()
    }

    /// Orders at SCM without the engine.
    pub async fn somebody_orders(&self, path: &str, name: &str, body: Value) -> Value {
        let key = PrivateKey::generate(KeySpec::parse(Some("EC"), None).unwrap()).unwrap();
        let subject = Subject {
            common_name: Some(name.to_owned()),
            ..Subject::default()
        };
        let sans = if name.contains(' ') {
            Vec::new()
        } else {
            vec![San::parse(name).unwrap()]
        };
        let mut all = body;
        all["csr"] = json!(Csr::build(&key, &subject, &sans).unwrap().to_pem());
        all["orgId"] = json!(123);
        self.somebody_posts(path, all).await
    }

    /// Places many equal orders for one name at SCM, without the engine.
    pub async fn somebody_orders_many(&self, count: usize, name: &str) {
        let key = PrivateKey::generate(KeySpec::parse(Some("EC"), None).unwrap()).unwrap();
        let subject = Subject {
            common_name: Some(name.to_owned()),
            ..Subject::default()
        };
        let csr = Csr::build(&key, &subject, &[]).unwrap().to_pem();
        let body = json!({"csr": csr, "orgId": 123, "certType": 51, "term": 90});
        for _ in 0..count {
            self.somebody_posts("/api/ssl/v1/enroll", body.clone())
                .await;
        }
    }

    pub async fn somebody_posts(&self, path: &str, body: Value) -> Value {
        let plain = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let answer = plain
            .build()
            .unwrap()
            .post(format!("{}{path}", self.sim.base_url))
            .header("login", &self.sim.login)
            .header("password", &self.sim.password)
            .header("customerUri", &self.sim.customer_uri)
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{status} {answer}");
        answer
    }

    pub async fn issued(&self, path: &str, body: Value) -> Response {
        let answer = self.mount.write(path, body).await.unwrap().unwrap();
        assert_eq!(answer.data["status"], "issued", "{:?}", answer.data);
        answer
    }

    pub async fn order(&self, id: &str) -> OrderRecord {
        let key = Key::order(&"web".parse().unwrap(), &id.parse().unwrap());
        self.mount.store().read(&key).await.unwrap().unwrap()
    }

    /// Moves all times of this order back by `seconds`.
    pub async fn age(&self, id: &str, seconds: i64) {
        let mut order = self.order(id).await;
        for time in [
            &mut order.since,
            &mut order.created,
            &mut order.sent,
            &mut order.next_poll,
        ] {
            *time -= seconds;
        }
        if let Phase::AtScm(at_scm) = &mut order.phase
            && let Some(time) = &mut at_scm.unknown_since
        {
            *time -= seconds;
        }
        if let Ok(seconds) = u64::try_from(seconds) {
            let by = std::time::Duration::from_secs(seconds);
            self.mount.engine.absences.age(&order.id, by);
        }
        let key = Key::order(&order.config, &order.id);
        self.mount.store().write(&key, &order).await.unwrap();
    }

    /// Takes one step on this order.
    pub async fn poll_once(&self, id: &str) -> OrderRecord {
        self.mount
            .write(&format!("orders/web/{id}"), json!({}))
            .await
            .unwrap();
        self.order(id).await
    }
}

pub fn text<'a>(answer: &'a Response, member: &str) -> &'a str {
    answer.data[member].as_str().unwrap()
}
