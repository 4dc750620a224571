//! Every declared field must have an effect: each operation runs once without the field and once with it, from the
//! same start, and what caller, SCM and storage see must differ. A field without a test case fails, too.

mod cases;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use serde_json::{Map, Value, json};

use self::cases::{CSR, Case, of_a_config, of_a_step};
use super::background;
use super::testing::TestMount;
use pki::Csr;
use scm_sim::{Options, Sim, settings};
use vault_plugin::logical::{MemoryStorage, Operation, Response};

fn over(below: &Value, above: &Value) -> Value {
    let mut all: Map<String, Value> = below.as_object().cloned().unwrap_or_default();
    for (name, value) in above.as_object().into_iter().flatten() {
        if value.is_null() {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
    Value::Object(all)
}

/// One run: an empty SCM, a mount with one config, the operation.
struct Run<'a> {
    sim: &'a Sim,
    pattern: &'a str,
    operation: Operation,
    field: &'static str,
    case: &'a Case,
}

impl Run<'_> {
    /// Identifies everything on which a run without the field depends.
    fn base(&self) -> String {
        let case = self.case;
        let mut config = over(&self.config(), &case.config);
        if self.writes_config() {
            config = over(&config, &json!({(self.field): null}));
        }
        let timed = self.field == "max_requests_per_second";
        format!(
            "{} {:?} {} {config} {} {} {} {} {timed}",
            self.pattern,
            self.operation,
            case.body,
            case.client,
            case.rules,
            case.twice,
            case.background
        )
    }

    fn writes_config(&self) -> bool {
        self.pattern == "configs/:name" && self.operation == Operation::Update
    }

    async fn observed(&self, given: &Value) -> Value {
        self.control("POST", "reset", Value::Null).await;
        self.control("PUT", "rules", json!([])).await;
        let mount = TestMount::over(MemoryStorage::new(true));
        let config = over(&self.config(), &self.case.config);
        let mut answers = Vec::new();
        if self.writes_config() {
            let mut config = config;
            // The config does not have the field here; the run with the field adds it.
            if given.is_null() {
                config = over(&config, &json!({(self.field): null}));
            } else {
                config = over(&config, given);
            }
            self.control("PUT", "rules", self.case.rules.clone()).await;
            let written = mount.write("configs/web", config).await;
            if written.is_ok() {
                mount.looked().await;
            }
            answers.push(shown(written));
            answers.push(shown(
                mount.ask(Operation::Read, "health/web", json!({})).await,
            ));
            if self.case.background {
                answers.push(shown(mount.write("profile/web", json!({})).await));
            }
            let enrolled = mount
                .write("enroll/web", over(&self.order(), &self.case.body))
                .await;
            if let Ok(Some(enrolled)) = &enrolled {
                let id = enrolled.data.get("sectigo_cert_unique_id");
                let id = id.and_then(Value::as_str).unwrap_or("none");
                answers.push(shown(
                    mount
                        .ask(Operation::Read, &format!("certs/web/{id}"), json!({}))
                        .await,
                ));
            }
            answers.push(shown(enrolled));
            if self.case.twice {
                let body = over(&self.order(), &self.case.body);
                answers.push(shown(mount.write("enroll/web", body).await));
            }
        } else {
            mount.write("configs/web", config).await.unwrap();
            mount.looked().await;
            let path = self.prepared(&mount).await;
            let mut body = over(&self.case.body, given);
            if self.pattern == "enroll/:config" {
                body = over(&self.order(), &body);
            }
            self.control("PUT", "rules", self.case.rules.clone()).await;
            answers.push(shown(mount.ask(self.operation, &path, body.clone()).await));
            if self.case.twice {
                answers.push(shown(mount.ask(self.operation, &path, body).await));
            }
            if self.pattern == "roles/:name" {
                answers.push(shown(mount.ask(Operation::Read, &path, json!({})).await));
            }
        }
        if self.case.background {
            tokio::time::sleep(Duration::from_millis(2_100)).await;
            background::run(&mount.engine, &mount.context)
                .await
                .unwrap();
        }
        let calls = self.control("GET", "calls", Value::Null).await;
        let calls = calls.as_array().unwrap();
        // The only effect of this field is time.
        let paced = self.field == "max_requests_per_second" && all_apart(calls);
        let calls: Vec<Value> = calls
            .iter()
            .map(|call| {
                json!([
                    call["call"],
                    call["path"],
                    call["query"],
                    call["login"],
                    call["body"]
                ])
            })
            .collect();
        let public_keys: HashSet<Vec<u8>> = calls
            .iter()
            .filter_map(|call| Csr::parse(call[4]["csr"].as_str()?).ok())
            .map(|csr| csr.spki_der().to_vec())
            .collect();
        let mut keys: BTreeMap<String, usize> = BTreeMap::new();
        for entry in mount.storage.entries() {
            let folder = entry
                .key
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned();
            let name = if folder.starts_with("index")
                || folder.contains("order")
                || folder.starts_with("open")
                || folder.starts_with("idempotency")
            {
                folder
            } else {
                entry.key
            };
            *keys.entry(plain_text(&name)).or_default() += 1;
        }
        plain(
            &json!({"answers": answers, "calls": calls, "keys": keys, "public_keys": public_keys.len(), "paced": paced}),
        )
    }

    /// The fields that an order needs at least.
    fn order(&self) -> Value {
        if self.case.client {
            return json!({});
        }
        json!({"common_name": "www.example.com"})
    }

    fn config(&self) -> Value {
        let config = json!({
            "sectigo_cm_base_url": self.sim.base_url, "sectigo_cm_uri": self.sim.customer_uri,
            "sectigo_cm_org_id": 123, "sectigo_cm_user": self.sim.login, "sectigo_cm_password": self.sim.password,
            "settle_after": 0, "sectigo_max_timeout": 20, "sectigo_csr_key_algo": "EC",
        });
        let more = if self.case.client {
            json!({
                "sectigo_config_type": "client_cert", "sectigo_client_cert_type": 61, "sectigo_client_cert_validity": 365,
                "sectigo_client_cert_first_name": "Jane", "sectigo_client_cert_last_name": "Doe",
                "sectigo_client_cert_email": "jane@example.com",
            })
        } else {
            json!({"sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90})
        };
        over(&config, &more)
    }

    /// Creates what the operation works on, and answers the operation's path.
    async fn prepared(&self, mount: &TestMount) -> String {
        let enrol = async |body: Value| {
            let issued = mount.write("enroll/web", over(&self.order(), &body)).await;
            let issued = issued.unwrap().unwrap();
            issued.data["sectigo_cert_unique_id"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        match self.pattern {
            "configs/:name" => {
                enrol(json!({})).await;
                "configs/web".into()
            }
            "inventory" | "inventory/:config" | "certs/:config/" | "reconcile/:config" => {
                for (name, term) in [("a", 90), ("b", 199), ("c", 365)] {
                    let id =
                        enrol(json!({"common_name": format!("{name}.example.com"), "term": term}))
                            .await;
                    if name == "b" {
                        mount
                            .write(&format!("revoke/web/{id}"), json!({"reason": "r"}))
                            .await
                            .unwrap();
                    }
                }
                self.pattern.replace(":config", "web")
            }
            "orders/:config/" => {
                enrol(json!({})).await;
                self.control("PUT", "rules", json!([{"delay": "1h"}])).await;
                for _ in 0..2 {
                    enrol(json!({"sectigo_max_timeout": 0})).await;
                }
                "orders/web/".into()
            }
            "orders/:config/:order_id" => {
                self.control(
                    "PUT",
                    "rules",
                    json!([{"call": "enroll", "drop": "before", "first": 1}]),
                )
                .await;
                let lost = over(&self.order(), &json!({"sectigo_max_timeout": 0}));
                let pending = mount.write("enroll/web", lost).await.unwrap().unwrap();
                let order = pending.data["order_id"].as_str().unwrap().to_owned();
                format!("orders/web/{order}")
            }
            "domains/:config/:domain" => {
                let domain = json!({"name": "example.com"});
                self.control("PUT", "domains", domain).await;
                "domains/web/example.com".into()
            }
            "tidy" => {
                enrol(json!({"profile_id": 54, "term": 30})).await;
                tokio::time::sleep(Duration::from_millis(2_200)).await;
                "tidy".into()
            }
            "profile/:config/:profile_id" => if self.case.client {
                "profile/web/61"
            } else {
                "profile/web/51"
            }
            .into(),
            pattern if pattern.ends_with(":id") => {
                let id = enrol(json!({})).await;
                if pattern.starts_with("fetch") {
                    // A certificate that is already stored would only be answered.
                    mount
                        .ask(Operation::Delete, &format!("certs/web/{id}"), json!({}))
                        .await
                        .unwrap();
                }
                pattern.replace(":config", "web").replace(":id", &id)
            }
            "current/:config/:name" => {
                enrol(json!({})).await;
                "current/web/www.example.com".into()
            }
            "issue/:role" | "sign/:role" => {
                let role = json!({"config": "web", "max_wait": 20});
                mount.write("roles/r", role).await.unwrap();
                self.pattern.replace(":role", "r")
            }
            pattern => pattern.replace(":config", "web").replace(":name", "r"),
        }
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        self.sim.control(method, path, body).await.unwrap()
    }
}

/// Whether the calls of each client are almost a second apart. Each account check uses a client of its own and begins
/// with `types`; so does the order. The time is measured over all calls of a client, so that one late call does not
/// matter.
fn all_apart(calls: &[Value]) -> bool {
    let at = |call: &Value| -> jiff::Timestamp { call["at"].as_str().unwrap().parse().unwrap() };
    calls
        .chunk_by(|_, next| next["call"] != "enroll" && next["call"] != "types")
        .all(|run| {
            let (first, last) = (at(&run[0]), at(&run[run.len() - 1]));
            last.duration_since(first).as_millis() >= 500 * (run.len() as i128 - 1)
        })
}

fn shown(answer: Result<Option<Response>, vault_plugin::logical::Error>) -> Value {
    match answer {
        Ok(Some(answer)) => json!({"data": answer.data, "warnings": answer.warnings}),
        Ok(None) => Value::Null,
        Err(error) => json!({"error": error.to_string()}),
    }
}

/// The value without what differs in each run.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut kept = Map::new();
            if let (Some(at), Some(end)) = (members.get("renew_at"), members.get("expiration")) {
                let at: jiff::Timestamp = at.as_str().unwrap().parse().unwrap();
                kept.insert(
                    "renews_before_end".into(),
                    json!((end.as_i64().unwrap() - at.as_second()) / 3_600),
                );
            }
            // A domain's validation record contains random numbers.
            let of_record = members.contains_key("kind") && members.contains_key("value");
            for (name, value) in members {
                if of_record && ["name", "value"].contains(&name.as_str()) {
                    continue;
                }
                if ![
                    "expiration",
                    "duration_ms",
                    "clock_skew_seconds",
                    "next",
                    "expiry_weeks",
                ]
                .contains(&name.as_str())
                {
                    kept.insert(plain_text(name), plain(value));
                }
            }
            Value::Object(kept)
        }
        Value::Array(values) => values.iter().map(plain).collect(),
        Value::String(text) => Value::String(plain_text(text)),
        other => other.clone(),
    }
}

fn plain_text(text: &str) -> String {
    if text.contains("BEGIN CERTIFICATE REQUEST") {
        let csr = Csr::parse(text).unwrap();
        let sans: Vec<String> = csr.sans().iter().map(ToString::to_string).collect();
        let own = if text.trim() == CSR.trim() {
            "own"
        } else {
            "made"
        };
        return format!(
            "{own} csr {:?} {} {sans:?}",
            csr.subject(),
            csr.key_description().as_str()
        );
    }
    if text.contains("-----BEGIN ") {
        let kinds = text.lines().filter(|line| line.starts_with("-----BEGIN"));
        return kinds.collect::<Vec<_>>().join(",");
    }
    if text.len() > 200 && !text.contains(' ') {
        return "base64".to_owned();
    }
    let is_number = |word: &str| {
        word.len() >= 15
            && word
                .chars()
                .all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '-' | 'T' | 'Z' | '.'))
    };
    // The simulator's ids begin at 1000, and its numbers at the CA are long.
    let is_scm_id = |word: &str| {
        word.bytes().all(|b| b.is_ascii_digit())
            && (word.len() > 8 || (word.len() == 4 && word.starts_with('1')))
    };
    text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '.')))
        .map(|word| {
            let end = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            let bare = end.strip_prefix("vault-order:").unwrap_or(end);
            if is_number(bare) || end.parse::<jiff::Timestamp>().is_ok() {
                word.replace(end, "(new)")
            } else if is_scm_id(end) {
                word.replace(end, "(id)")
            } else {
                word.to_owned()
            }
        })
        .collect()
}

/// The results of runs without the field, by what they depend on.
type Baselines = HashMap<String, Value>;

/// What is wrong with a field; `None` if its effect is visible.
async fn verdict(run: &Run<'_>, known: &mut Baselines) -> Option<String> {
    let at = format!("{} {:?} {}", run.pattern, run.operation, run.field);
    let base = run.base();
    let without = match known.get(&base) {
        Some(without) => without.clone(),
        None => {
            let without = run.observed(&Value::Null).await;
            // A difference means something only if two equal runs show none.
            let operation = format!("{} {:?}", run.pattern, run.operation);
            if known.insert(operation, Value::Null).is_none() {
                let again = run.observed(&Value::Null).await;
                if again != without {
                    return Some(format!("{at}: two equal runs differ:\n{without}\n{again}"));
                }
            }
            known.insert(base, without.clone());
            without
        }
    };
    let with = run.observed(&json!({(run.field): run.case.value})).await;
    (with == without).then(|| format!("{at} changes nothing: {with}"))
}

/// How many simulators work at the same time.
const WIDTH: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_declared_field_changes_something() {
    let mut settings = settings::Settings::default();
    settings.switches.cross_signed = true;
    for profile in &mut settings.profiles {
        if profile.id == 54 {
            profile.lifetime = Some(settings::Span::from_secs(1));
        }
    }
    let mut declared = Vec::new();
    for route in super::paths::router().routes() {
        for action in &route.actions {
            let fields = action.fields();
            declared.extend(
                fields
                    .into_iter()
                    .map(|field| (route.pattern, action.operation, field)),
            );
        }
    }
    assert!(declared.len() > 150, "only {} fields", declared.len());
    let workers = (0..WIDTH).map(|worker| {
        // Fields are assigned one by one, because the fields of some paths take much longer than others.
        let mine: Vec<_> = declared
            .iter()
            .skip(worker)
            .step_by(WIDTH)
            .copied()
            .collect();
        let options = Options {
            settings: settings.clone(),
            ..Options::default()
        };
        tokio::spawn(async move {
            let sim = Sim::start(options).await.unwrap();
            let (mut wrong, mut known) = (Vec::new(), Baselines::new());
            for (pattern, operation, field) in mine {
                let found = if pattern == "configs/:name" && operation == Operation::Update {
                    of_a_config(field, &sim)
                } else {
                    of_a_step(pattern, operation, field)
                };
                match found {
                    None => wrong.push(format!("{pattern} {operation:?} {}: no case", field.name)),
                    Some(case) => {
                        let run = Run {
                            sim: &sim,
                            pattern,
                            operation,
                            field: field.name,
                            case: &case,
                        };
                        wrong.extend(verdict(&run, &mut known).await);
                    }
                }
            }
            sim.stop().await;
            wrong
        })
    });
    let mut wrong = Vec::new();
    for worker in futures_util::future::join_all(workers).await {
        wrong.extend(worker.unwrap());
    }
    assert!(
        wrong.is_empty(),
        "{} fields:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
