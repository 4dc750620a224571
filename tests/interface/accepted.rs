//! Every sample is accepted by the path that it is for, field by field; no server and no SCM is needed to see that.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use sectigo_vault_pki::plugin;
use serde_json::{Map, Value, json};
use vault_plugin::logical::{
    Backend, Context, Error, Factory, MemoryStorage, MemorySystem, Operation, Request, Response,
    Setup,
};

use crate::samples::{self, Account};

/// Answers to no one: port 9 of this machine.
fn account() -> Account {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["client".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Account(
        [
            ("SCM_BASE_URL", "http://127.0.0.1:9".to_owned()),
            ("SCM_CUSTOMER_URI", "example".to_owned()),
            ("SCM_LOGIN", "admin".to_owned()),
            ("SCM_PASSWORD", "correct horse".to_owned()),
            ("SCM_TOKEN_URL", "http://127.0.0.1:9/token".to_owned()),
            ("SCM_CLIENT_ID", "vault".to_owned()),
            ("SCM_CLIENT_SECRET", "battery staple".to_owned()),
            ("SCM_CLIENT_CERTIFICATE", certificate.pem()),
            ("SCM_CLIENT_KEY", key.serialize_pem()),
        ]
        .into(),
    )
}

struct Mount {
    backend: Arc<dyn Backend>,
    context: Context,
    account: Account,
}

impl Mount {
    fn new() -> Self {
        Self {
            backend: plugin::factory().create(Setup::default()).unwrap(),
            context: Context {
                storage: Arc::new(MemoryStorage::new(true)),
                system: Arc::new(MemorySystem::default()),
            },
            account: account(),
        }
    }

    fn data(&self, sample: &str) -> Map<String, Value> {
        serde_json::from_str(&self.account.fill(sample)).expect(sample)
    }

    async fn ask(
        &self,
        operation: Operation,
        path: &str,
        data: Map<String, Value>,
    ) -> Result<Option<Response>, Error> {
        let request = Request {
            operation,
            path: path.to_owned(),
            data,
            ..Request::default()
        };
        self.backend.handle(self.context.clone(), request).await
    }

    async fn write(&self, path: &str, sample: &str) -> Result<Option<Response>, Error> {
        self.ask(Operation::Update, path, self.data(sample)).await
    }
}

/// A mount with both configs, and a sample for each step.
async fn with_configs() -> Mount {
    let mount = Mount::new();
    for kind in ["ssl", "client"] {
        let path = format!("configs/{kind}");
        for part in ["config", "config_policy"] {
            let sample = format!("{kind}_cert/{kind}_cert_{part}.json");
            mount.write(&path, &sample).await.expect(&sample);
        }
    }
    mount
}

fn warnings(answer: Result<Option<Response>, Error>) -> Vec<String> {
    answer
        .unwrap()
        .map(|response| response.warnings)
        .unwrap_or_default()
}

#[tokio::test]
async fn a_config_is_written_and_keeps_its_secrets() {
    let mount = with_configs().await;
    let answer = mount
        .ask(Operation::Read, "configs/ssl", Map::new())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer.data["sectigo_cm_org_id"], 123);
    assert_eq!(answer.data["sectigo_cm_password_set"], true);
    assert_eq!(answer.data["allowed_domains"], json!(["example.com"]));
    assert!(
        !Value::Object(answer.data)
            .to_string()
            .contains("correct horse")
    );
    for login in ["oauth2", "client_certificate"] {
        let sample = format!("ssl_cert/ssl_cert_config_{login}.json");
        mount
            .write(&format!("configs/{login}"), &sample)
            .await
            .expect(&sample);
    }
}

#[tokio::test]
async fn an_order_is_checked_whole_and_says_what_it_does_not_use() {
    let mount = with_configs().await;
    for (config, sample, unused) in [
        (
            "ssl",
            "ssl_cert/ssl_cert.json",
            &[
                "sectigo_cm_password",
                "sectigo_ssl_cert_num_servers",
                "sectigo_ssl_cert_server_type",
            ][..],
        ),
        ("ssl", "ssl_cert/ssl_cert_ec.json", &[]),
        (
            "client",
            "client_cert/client_cert.json",
            &["sectigo_cm_password"],
        ),
    ] {
        let mut data = mount.data(sample);
        data.insert("dry_run".into(), true.into());
        let path = format!("enroll/{config}");
        let warnings = warnings(mount.ask(Operation::Update, &path, data).await);
        for name in unused {
            assert!(
                warnings.iter().any(|warning| warning.contains(name)),
                "{name} is not in {warnings:?}"
            );
        }
        assert!(!format!("{warnings:?}").contains("correct horse"));
    }
}

/// Steps on a certificate that is not there, or at an SCM that is not there, get as far as that.
#[tokio::test]
async fn steps_are_refused_for_what_is_missing_and_not_for_their_fields() {
    let mount = with_configs().await;
    for kind in ["ssl", "client"] {
        for step in ["revoke", "replace", "renew"] {
            let path = format!("{step}/{kind}/77_example");
            let answer = mount
                .write(&path, &format!("{kind}_cert/{kind}_cert_{step}.json"))
                .await;
            assert!(
                matches!(answer, Err(Error::NotFound(_))),
                "{path}: {answer:?}"
            );
        }
        let read = mount
            .ask(
                Operation::Read,
                &format!("certs/{kind}/77_example"),
                mount.data(&format!("{kind}_cert/{kind}_cert.json")),
            )
            .await;
        assert!(matches!(read, Err(Error::NotFound(_))), "{read:?}");
        for (path, step) in [
            (format!("fetch/{kind}/77_example"), "fetch"),
            (format!("profile/{kind}"), "profile"),
        ] {
            let answer = mount
                .write(&path, &format!("{kind}_cert/{kind}_cert_{step}.json"))
                .await;
            assert!(
                matches!(answer, Err(Error::Unavailable(_))),
                "{path}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_asked_of_the_mount_is_answered() {
    let mount = with_configs().await;
    let query = mount.data("mount/inventory.json");
    let page = mount
        .ask(Operation::Read, "inventory", query)
        .await
        .unwrap();
    assert!(page.is_some());
    mount.write("tidy", "mount/tidy.json").await.unwrap();
}

/// A new sample has to be looked at by one of the tests above.
#[test]
fn no_sample_is_left_out() {
    let source = include_str!("accepted.rs");
    let tested = |name: &str| {
        let steps = [
            "config",
            "config_policy",
            "revoke",
            "replace",
            "renew",
            "fetch",
            "profile",
        ];
        let by_step = ["ssl", "client"].iter().any(|kind| {
            steps
                .iter()
                .any(|step| name == format!("{kind}_cert/{kind}_cert_{step}.json"))
        });
        let by_login = name
            .strip_prefix("ssl_cert/ssl_cert_config_")
            .is_some_and(|login| ["oauth2.json", "client_certificate.json"].contains(&login));
        by_step || by_login || source.contains(&format!("\"{name}\""))
    };
    let names = samples::names();
    assert!(names.len() > 15);
    let left_out: Vec<_> = names.iter().filter(|name| !tested(name)).collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}
