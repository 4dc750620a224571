//! Help and the API description, as the real server passes them on.

use std::collections::BTreeSet;

use dev_server::DevServer;
use serde_json::Value;

use crate::support::{plugin, server};

/// The paths of the design, and the spellings that clients of Vault's own PKI engine know.
const PATHS: &[&str] = &[
    "configs/",
    "configs/:name",
    "enroll/:config",
    "certs/:config/",
    "certs/:config/:id",
    "readcert/:config/:id",
    "keys/:config/:id",
    "current/:config/:name",
    "revoke/:config/:id",
    "revoke",
    "revoke-with-key",
    "replace/:config/:id",
    "renew/:config/:id",
    "fetch/:config/:id",
    "profile/:config/",
    "profile/:config",
    "profile/:config/:profile_id",
    "orders/:config/",
    "orders/:config/:order_id",
    "domains/:config/",
    "domains/:config/:domain",
    "inventory",
    "inventory/:config",
    "health",
    "health/:config",
    "reconcile/:config",
    "tidy",
    "tidy-status",
    "roles/",
    "roles/:name",
    "issue/:role",
    "sign/:role",
    "ca_chain",
    "ca",
    "ca/pem",
    "cert/ca",
    "cert/ca_chain",
    "issuer/default",
    "issuer/default/json",
    "issuer/default/pem",
    "issuer/default/der",
    "cert/:serial",
    "cert/:serial/raw",
    "cert/:serial/raw/pem",
];

/// `certs/:config/` as `/certs/{config}/`.
fn template(path: &str) -> String {
    path.split('/').fold(String::new(), |whole, segment| {
        match segment.strip_prefix(':') {
            Some(name) => format!("{whole}/{{{name}}}"),
            None => format!("{whole}/{segment}"),
        }
    })
}

async fn help(server: &DevServer, path: &str) -> Value {
    let (status, answer) = server
        .request("GET", &format!("sectigo-vault-pki/{path}?help=1"), None)
        .await
        .unwrap();
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

#[tokio::test]
async fn every_path_explains_itself() {
    let server = server(&plugin()).await;
    let mount = help(&server, "").await;
    let mount = mount["help"].as_str().unwrap();
    for path in PATHS {
        assert!(
            mount.contains(&format!("    {path}\n")),
            "{path} is not in\n{mount}"
        );

        let real = path.replace(":config", "web").replace(":name", "web");
        let real = real.replace(":id", "44166_example").replace(':', "");
        let answer = help(&server, &real).await;
        let text = answer["help"].as_str().unwrap();
        assert!(
            text.contains(&format!("Path:     {path}\n")),
            "{path}:\n{text}"
        );
        assert!(text.contains("## OPERATIONS"), "{path}:\n{text}");
    }
    let unknown = help(&server, "no/such/path").await;
    assert!(
        unknown["help"]
            .as_str()
            .unwrap()
            .contains("There is no path")
    );
}

#[tokio::test]
async fn the_server_describes_every_path_with_its_fields() {
    let server = server(&plugin()).await;
    let (status, description) = server
        .request("GET", "sys/internal/specs/openapi", None)
        .await
        .unwrap();
    assert_eq!(status, 200);
    let description = description.get("data").unwrap_or(&description);
    let ours: Vec<(&str, &Value)> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(path, item)| Some((path.strip_prefix("/sectigo-vault-pki")?, item)))
        .collect();
    let item = |path: &str| {
        let found = ours.iter().find(|(known, _)| *known == template(path));
        found.unwrap_or_else(|| panic!("{path} is not described")).1
    };

    let mut ids = BTreeSet::new();
    for path in PATHS {
        let item = item(path);
        let operations = ["get", "post", "delete"].map(|method| &item[method]);
        let known: Vec<_> = operations
            .iter()
            .filter(|operation| operation.is_object())
            .collect();
        assert!(!known.is_empty(), "{path}");
        for operation in known {
            assert!(operation["summary"].is_string(), "{path}: {operation}");
            assert!(
                ids.insert(operation["operationId"].to_string()),
                "{path}: {operation}"
            );
        }
    }

    let config = item("configs/:name");
    assert_eq!(config["x-vault-createSupported"], true);
    let fields =
        &config["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"];
    assert_eq!(
        fields["sectigo_cm_password"]["x-vault-displayAttrs"]["sensitive"],
        true
    );
    assert_eq!(
        fields["sectigo_config_type"]["enum"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let order = &item("enroll/:config")["post"]["requestBody"]["content"]["application/json"]["schema"]
        ["properties"];
    for (name, kind) in [
        ("sectigo_csr_domain", "string"),
        ("common_name", "string"),
        ("sectigo_ssl_cert_type", "integer"),
        ("sectigo_ssl_cert_subject_alt_names", "array"),
        ("sectigo_auto_renew", "boolean"),
        ("sectigo_max_timeout", "integer"),
        ("sectigo_ssl_cert_custom_fields", "array"),
    ] {
        assert_eq!(order[name]["type"], kind, "{name}");
    }
    let pairs = &order["sectigo_ssl_cert_custom_fields"]["items"]["properties"];
    assert_eq!(pairs["name"]["type"], "string");
}
