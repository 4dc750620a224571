//! One order for one wish, counted at SCM: over a killed plugin, and on three nodes whose leader steps down between.

use std::time::Duration;

use scm_sim::{Options, Sim};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::programs::{agent_at, library_at, template};
use crate::support::cluster::Cluster;
use crate::support::{end_is_known, plugin, until};
use crate::test_mount::{Answer, PATIENCE, TestMount};
use crate::tools::{
    EC, csr, public_key_of_certificate, public_key_of_csr, public_key_of_key, run as run_tool,
};

/// Enough for an election, and for what was lost with a node to be looked up.
const WITHIN: Duration = Duration::from_secs(120);

async fn test() -> TestMount {
    let test = TestMount::alone().await;
    test.config("web", json!({})).await;
    test.write("profile/web", json!({})).await.good();
    let role = json!({"config": "web", "allowed_domains": "example.com", "allow_subdomains": true, "key_type": "ec",
        "max_wait": 2});
    test.write("roles/r", role).await.good();
    test
}

async fn kill_the_plugin(test: &TestMount) {
    let before = test.server().plugin_pids();
    run_tool("kill", &["-9", &before[0].to_string()], b"");
    end_is_known(test.server(), before[0]).await;
}

/// Asks on as a client does, until there is a certificate. What it hears before that is a 5xx.
async fn asked_until_issued(test: &TestMount, path: &str, body: &Value) -> Answer {
    let mut last = None;
    until(path, PATIENCE, async || {
        let answer = test.write(path, body.clone()).await;
        let issued = answer.status == 200;
        assert!(issued || answer.status >= 500, "{answer:?}");
        last = Some(answer);
        issued
    })
    .await;
    last.unwrap()
}

/// Sends it, and kills the plugin while SCM has the order and has not answered.
async fn killed_over(test: &TestMount, path: &str, body: &Value, name: &str) {
    test.rules(json!([{"call": "enroll", "slow": "10s", "first": 1}]))
        .await;
    let asking = tokio::spawn({
        let (test, path, body) = (test.clone(), path.to_owned(), body.clone());
        async move { test.write(&path, body).await }
    });
    until("SCM has the order", PATIENCE, async || {
        !test.orders_at_scm(name).await.is_empty()
    })
    .await;
    kill_the_plugin(test).await;
    let answer = asking.await.unwrap();
    assert!(answer.status >= 500 || answer.status == 200, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_killed_over_issue_or_sign_finds_its_one_order_again() {
    let test = test().await;
    let name = "issue.example.com";
    let body = json!({"common_name": name});
    killed_over(&test, "issue/r", &body, name).await;
    let issued = asked_until_issued(&test, "issue/r", &body).await;
    assert_eq!(
        public_key_of_key(issued.text("private_key")),
        public_key_of_certificate(issued.text("certificate"))
    );
    // An agent that starts again after another kill.
    kill_the_plugin(&test).await;
    let again = asked_until_issued(&test, "issue/r", &body).await;
    assert_eq!(again.data(), issued.data());
    assert_eq!(test.orders_at_scm(name).await.len(), 1);

    let name = "sign.example.com";
    let (request, _) = csr(&format!("/CN={name}"), &format!("DNS:{name}"), EC);
    let body = json!({"csr": request});
    killed_over(&test, "sign/r", &body, name).await;
    let signed = asked_until_issued(&test, "sign/r", &body).await;
    assert_eq!(
        public_key_of_certificate(signed.text("certificate")),
        public_key_of_csr(&request)
    );
    for _ in 0..4 {
        assert_eq!(
            asked_until_issued(&test, "sign/r", &body).await.data(),
            signed.data()
        );
    }
    assert_eq!(test.orders_at_scm(name).await.len(), 1, "five equal CSRs");
    assert_eq!(test.calls("enroll").await.len(), 2);
}

/// cert-manager after its cut-off: its order goes on, and it comes back with another key.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_csr_after_a_cut_off_and_a_kill_is_no_second_order() {
    let test = test().await;
    let name = "cm.example.com";
    let of = || csr("/", &format!("DNS:{name}"), EC).0;
    test.rules(json!([{"call": "enroll", "delay": "10m"}]))
        .await;
    let pending = test.write("sign/r", json!({"csr": of()})).await;
    pending.refused(503, &["is pending", "orders/web/"]);
    until("SCM has the order", PATIENCE, async || {
        test.orders_at_scm(name).await.len() == 1
    })
    .await;
    kill_the_plugin(&test).await;
    test.control("POST", "clock", json!({"advance": "11m"}))
        .await;
    let second = of();
    let signed = asked_until_issued(&test, "sign/r", &json!({"csr": second})).await;
    assert_eq!(
        public_key_of_certificate(signed.text("certificate")),
        public_key_of_csr(&second)
    );
    assert_eq!(test.orders_at_scm(name).await.len(), 1);
    assert_eq!(
        (
            test.calls("enroll").await.len(),
            test.calls("replace").await.len(),
            test.calls("renew").await.len()
        ),
        (1, 1, 0)
    );
}

struct ThreeNodes {
    cluster: Cluster,
    sim: Sim,
}

impl ThreeNodes {
    async fn start() -> Self {
        let three = Self {
            sim: Sim::start(Options::default()).await.unwrap(),
            cluster: Cluster::start(&plugin()).await,
        };
        let sim = &three.sim;
        let config = json!({
            "sectigo_cm_base_url": sim.base_url, "sectigo_cm_uri": sim.customer_uri, "sectigo_cm_org_id": 123,
            "sectigo_cm_user": sim.login, "sectigo_cm_password": sim.password,
            "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90, "settle_after": 1,
        });
        three.until_written("configs/web", &config).await;
        three.until_written("profile/web", &json!({})).await;
        let role = json!({"config": "web", "key_type": "ec", "max_wait": 2});
        three.until_written("roles/r", &role).await;
        three
    }

    async fn until_written(&self, path: &str, body: &Value) {
        until(path, WITHIN, async || {
            let asked = self.ask(0, path, body).await;
            asked.is_some_and(|(status, _)| status < 300)
        })
        .await;
    }

    async fn ask(&self, node: usize, path: &str, body: &Value) -> Option<(u16, Value)> {
        let path = format!("sectigo-vault-pki/{path}");
        self.cluster.ask(node, "POST", &path, Some(body)).await
    }

    /// The certificate, asked for on one node until it is there. Between two leaders a node answers with errors of
    /// its own.
    async fn issued(&self, node: usize, path: &str, body: &Value) -> Value {
        let mut last = Value::Null;
        until(path, WITHIN, async || {
            let Some((status, answer)) = self.ask(node, path, body).await else {
                return false;
            };
            assert!(status == 200 || status >= 500, "{status} {answer}");
            last = answer;
            status == 200
        })
        .await;
        last["data"].take()
    }

    async fn step_down(&self) {
        let before = self.cluster.leader().await;
        let (status, said) = self
            .cluster
            .request(before, "PUT", "sys/step-down", None)
            .await;
        assert!(status < 300, "{said}");
        until("another node leads", WITHIN, async || {
            self.cluster.leader().await != before
        })
        .await;
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        self.sim.control(method, path, body).await.unwrap()
    }

    async fn orders_of(&self, name: &str) -> Value {
        let path = format!("orders?common_name={name}");
        self.control("GET", &path, Value::Null).await["count"].take()
    }

    async fn calls(&self, call: &str) -> usize {
        let path = format!("calls?call={call}");
        let calls = self.control("GET", &path, Value::Null).await;
        calls.as_array().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_three_nodes_whose_leader_steps_down_each_wish_is_one_order() {
    let three = ThreeNodes::start().await;

    // Ten starts of an agent, each without the file of the one before, at another node.
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("pair.pem");
    let text = "{{ with pkiCert \"sectigo-vault-pki/issue/r\" \"common_name=agent.example.com\" }}{{ .Key }}{{ .Cert }}{{ end }}";
    let config = format!("exit_after_auth = true\n{}", template(text, &file));
    let mut written = Vec::new();
    for start in 0..10 {
        if start % 4 == 3 {
            three.step_down().await;
        }
        let (address, token) = (three.cluster.address(start % 3), three.cluster.token());
        let log = agent_at(address, token, folder.path(), &config).await;
        let pair = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{log}"));
        assert_eq!(public_key_of_certificate(&pair), public_key_of_key(&pair));
        std::fs::remove_file(&file).unwrap();
        written.push(pair);
    }
    assert!(written.iter().all(|pair| *pair == written[0]));
    assert_eq!(three.orders_of("agent.example.com").await, 1);

    // Fifty refreshes by ESO's body.
    let body = json!({"common_name": "eso.example.com"});
    let first = three.issued(0, "issue/r", &body).await;
    for refresh in 1..50 {
        if refresh % 20 == 0 {
            three.step_down().await;
        }
        assert_eq!(three.issued(refresh % 3, "issue/r", &body).await, first);
    }
    assert_eq!(three.orders_of("eso.example.com").await, 1);

    // SCM has the order, and answers only when another node leads.
    let rules = json!([{"call": "enroll", "slow": "10s", "first": 1}]);
    three.control("PUT", "rules", rules).await;
    let body = json!({"common_name": "slow.example.com"});
    three.ask(1, "issue/r", &body).await;
    until("SCM has the order", WITHIN, async || {
        three.orders_of("slow.example.com").await == 1
    })
    .await;
    three.step_down().await;
    let slow = three.issued(2, "issue/r", &body).await;
    assert_eq!(
        public_key_of_key(slow["private_key"].as_str().unwrap()),
        public_key_of_certificate(slow["certificate"].as_str().unwrap())
    );
    assert_eq!(three.orders_of("slow.example.com").await, 1);

    // Five equal CSRs, and after the cut-off of another one a new CSR for the same names.
    let of = |name: &str| csr(&format!("/CN={name}"), &format!("DNS:{name}"), EC).0;
    let body = json!({"csr": of("equal.example.com")});
    let first = three.issued(0, "sign/r", &body).await;
    for node in [1, 2] {
        assert_eq!(three.issued(node, "sign/r", &body).await, first);
    }
    three.step_down().await;
    for node in [0, 1] {
        assert_eq!(three.issued(node, "sign/r", &body).await, first);
    }
    assert_eq!(three.orders_of("equal.example.com").await, 1);

    let rules = json!([{"call": "enroll", "delay": "10m"}]);
    three.control("PUT", "rules", rules).await;
    let enrolled = three.calls("enroll").await;
    let (status, pending) = {
        let mut result = (0, Value::Null);
        let body = json!({"csr": of("cm.example.com")});
        until("it is pending", WITHIN, async || {
            let Some(answer) = three.ask(0, "sign/r", &body).await else {
                return false;
            };
            result = answer;
            three.orders_of("cm.example.com").await == 1
        })
        .await;
        result
    };
    assert_eq!(status, 503, "{pending}");
    three.step_down().await;
    three
        .control("POST", "clock", json!({"advance": "11m"}))
        .await;
    let second = of("cm.example.com");
    let signed = three.issued(1, "sign/r", &json!({"csr": second})).await;
    assert_eq!(
        public_key_of_certificate(signed["certificate"].as_str().unwrap()),
        public_key_of_csr(&second)
    );
    assert_eq!(three.orders_of("cm.example.com").await, 1);
    assert_eq!(
        (
            three.calls("enroll").await - enrolled,
            three.calls("replace").await,
            three.calls("renew").await
        ),
        (1, 1, 0)
    );
    three.sim.stop().await;
}

/// The leader steps down while SCM has not answered the first of three tries, and a leader's plugin is killed.
#[tokio::test(flavor = "multi_thread")]
async fn on_three_nodes_three_tries_of_vaults_library_and_a_killed_plugin_are_one_order_each() {
    let three = ThreeNodes::start().await;
    for (name, rule) in [
        (
            "seventeen.example.com",
            json!({"call": "enroll", "slow": "17s", "first": 1}),
        ),
        (
            "forty.example.com",
            json!({"call": "enroll", "slow": "40s", "first": 1}),
        ),
        (
            "minutes.example.com",
            json!({"call": "enroll", "delay": "10m"}),
        ),
    ] {
        three.control("PUT", "rules", json!([rule])).await;
        let wish = format!("common_name={name}");
        let arguments = ["write", "sectigo-vault-pki/issue/r", &wish];
        let first = async {
            library_at(three.cluster.address(0), three.cluster.token(), &arguments).await;
        };
        let stepped_down = async {
            until("SCM has the order", WITHIN, async || {
                three.orders_of(name).await == 1
            })
            .await;
            three.step_down().await;
        };
        tokio::join!(first, stepped_down);
        for node in [1, 2] {
            let address = three.cluster.address(node);
            library_at(address, three.cluster.token(), &arguments).await;
        }
        three
            .control("POST", "clock", json!({"advance": "11m"}))
            .await;
        let pair = three
            .issued(0, "issue/r", &json!({"common_name": name}))
            .await;
        let tried = library_at(three.cluster.address(1), three.cluster.token(), &arguments).await;
        let shown = String::from_utf8_lossy(&tried.stdout).into_owned();
        assert!(
            shown.contains(pair["serial_number"].as_str().unwrap()),
            "{tried:?}"
        );
        assert_eq!(three.orders_of(name).await, 1);
    }

    let rules = json!([{"call": "enroll", "slow": "10s", "first": 1}]);
    three.control("PUT", "rules", rules).await;
    let body = json!({"common_name": "killed.example.com"});
    three.ask(1, "issue/r", &body).await;
    until("SCM has the order", WITHIN, async || {
        three.orders_of("killed.example.com").await == 1
    })
    .await;
    let killed = three.cluster.plugin_pids(three.cluster.leader().await);
    assert!(!killed.is_empty());
    for pid in killed {
        run_tool("kill", &["-9", &pid.to_string()], b"");
    }
    three.step_down().await;
    three.issued(2, "issue/r", &body).await;
    assert_eq!(three.orders_of("killed.example.com").await, 1);
    three.sim.stop().await;
}
