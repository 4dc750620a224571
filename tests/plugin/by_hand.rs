//! Started by something other than a server of the right kind.

use std::process::{Command, Output, Stdio};

use crate::support::plugin;

const COOKIE: (&str, &str) = (
    "VAULT_BACKEND_PLUGIN",
    "6669da05-b1c8-4f49-97d9-c8e5bed98e20",
);

fn run(variables: &[(&str, &str)]) -> Output {
    Command::new(plugin())
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the plugin")
}

/// Exit code 1, nothing on standard output, and what standard error says.
fn refusal(variables: &[(&str, &str)]) -> String {
    let output = run(variables);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"", "no handshake");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn run_by_hand_it_explains_itself() {
    for variables in [&[][..], &[("VAULT_BACKEND_PLUGIN", "another")]] {
        let said = refusal(variables);
        assert!(said.contains("plugin register"), "{said}");
    }
}

#[test]
fn only_version_5_is_served() {
    for offered in ["3,4", "4", "6", "", "nonsense"] {
        let said = refusal(&[COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", offered)]);
        let line: serde_json::Value = serde_json::from_str(said.trim_end()).unwrap();
        assert_eq!(line["@level"], "error");
        let text = line["@message"].as_str().unwrap();
        assert!(text.contains("only version 5"), "{text}");
    }
}

#[test]
fn nothing_is_served_without_the_hosts_certificate() {
    let version = ("PLUGIN_PROTOCOL_VERSIONS", "4,5");
    let rubbish = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for variables in [
        vec![COOKIE, version],
        vec![COOKIE, version, ("PLUGIN_CLIENT_CERT", "")],
        vec![COOKIE, version, ("PLUGIN_CLIENT_CERT", "not a certificate")],
        vec![COOKIE, version, ("PLUGIN_CLIENT_CERT", rubbish)],
    ] {
        let said = refusal(&variables);
        assert!(said.contains("PLUGIN_CLIENT_CERT"), "{said}");
    }
}
