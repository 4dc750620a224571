//! What an operator sees of the plugin.

use std::process::Command;

use dev_server::{DevServer, PLUGIN_NAME, server_binary, without_server_settings};

use crate::support::{plugin, server};

fn vault(server: &DevServer, arguments: &[&str]) -> String {
    let mut command = Command::new(server_binary().unwrap());
    let output = without_server_settings(&mut command)
        .args(arguments)
        .envs([
            ("BAO_ADDR", server.address()),
            ("VAULT_ADDR", server.address()),
            ("BAO_TOKEN", server.token()),
            ("VAULT_TOKEN", server.token()),
        ])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {printed}{said}");
    printed
}

#[tokio::test]
async fn the_catalogue_shows_our_version() {
    let server = server(&plugin()).await;
    let listed = vault(&server, &["plugin", "list", "secret"]);
    let ours = listed
        .lines()
        .find(|line| line.starts_with(PLUGIN_NAME))
        .unwrap_or_else(|| panic!("{listed}"));
    assert!(
        ours.contains(concat!("v", env!("CARGO_PKG_VERSION"))),
        "{ours}"
    );
}

#[tokio::test]
async fn help_and_the_api_description_are_there() {
    let server = server(&plugin()).await;
    assert!(
        !vault(&server, &["path-help", "sectigo-vault-pki/"])
            .trim()
            .is_empty()
    );
    let (status, description) = server
        .request("GET", "sys/internal/specs/openapi", None)
        .await
        .unwrap();
    assert_eq!(status, 200);
    let description = description.get("data").unwrap_or(&description);
    assert_eq!(description["openapi"], "3.0.2");
}
