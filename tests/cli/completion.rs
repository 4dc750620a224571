//! What Tab offers: names and ids of the server that the line is about, and nothing at all when something is wrong.

use super::harness::{CliTestEnv, Ran, ran, svpki};

/// What is offered after `line`, whose last word is being typed.
fn offered(env: &CliTestEnv, line: &str, shell: &str) -> Ran {
    ran(asking(env.command(""), line, shell), "")
}

fn asking(mut command: std::process::Command, line: &str, shell: &str) -> std::process::Command {
    let words: Vec<&str> = line.split(' ').collect();
    command
        .arg("--")
        .args(&words)
        .env("SVPKI_COMPLETE", shell)
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_ids_come_from_the_server() {
    let mut env = CliTestEnv::open().await;
    env.stage
        .config("mail", &serde_json::json!({}))
        .await
        .unwrap();
    env.enrol("www.example.com").await;
    env.enrol("api.example.com").await;
    let pending = env
        .run("enroll web --common-name slow.example.com --profile-id 55 --key-type EC --wait 0 -o json")
        .json();
    let order = pending["order_id"].as_str().unwrap().to_owned();
    assert_eq!(env.run("profile sync web 51").code, 0);
    for (line, wanted) in [
        ("svpki certs read ", "mail\nweb"),
        ("svpki config read w", "web"),
        ("svpki --mount pki config delete m", "mail"),
        ("svpki bulk plan hosts.csv --config ", "mail\nweb"),
        ("svpki certs read web 1001", "1001_example"),
        ("svpki certs read web ", "1001_example\n1002_example"),
        ("svpki renew web 1002", "1002_example"),
        ("svpki renew web 7", ""),
        ("svpki certs read mail ", ""),
        ("svpki orders wait web ", order.as_str()),
        ("svpki profile read web ", "51"),
        ("svpki enroll web --profile-id ", "51"),
        ("svpki certs list --mount ", "pki"),
        // What needs no server.
        ("svpki certs ex", "export"),
        ("svpki enroll web --key-type ", "RSA\nEC"),
    ] {
        let ran = offered(&env, line, "bash");
        let mut found: Vec<&str> = ran
            .stdout
            .lines()
            .filter(|word| !word.starts_with('-'))
            .collect();
        let mut wanted: Vec<&str> = wanted.lines().collect();
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{line}");
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}");
    }
    let described = offered(&env, "svpki certs read web 1001", "fish").stdout;
    assert!(
        described.starts_with("1001_example\twww.example.com, issued, 20"),
        "{described}"
    );

    // A person at a shell that has loaded the script.
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/completions/svpki.bash");
    let mut bash = env.terminal_of("bash", &["--norc", "--noprofile", "-i"]);
    bash.press(&format!("PS1='ready> '; source {script}\r"));
    bash.wait_for("\nready>");
    bash.press("svpki certs re\t");
    bash.wait_for("ready> svpki certs read");
    bash.press("w\t");
    bash.wait_for("ready> svpki certs read web");
    bash.press("1002\t");
    bash.wait_for("ready> svpki certs read web 1002_example");
    bash.press("\r");
    bash.wait_for("api.example.com");
    bash.press("exit\r");
    bash.exit_code();
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_is_silent() {
    let home = tempfile::tempdir().unwrap();
    // It takes the connection and never answers: only our own patience ends this.
    let mute = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let mute = format!("http://{}", mute.local_addr().unwrap());
    let port = dev_server::free_port().unwrap();
    let nobody = format!("http://127.0.0.1:{port}");
    std::fs::write(home.path().join("helper"), "#!/bin/sh\nexec sleep 600\n").unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(
        home.path().join("helper"),
        std::fs::Permissions::from_mode(0o700),
    )
    .unwrap();
    let config = format!("token_helper = \"{}/helper\"\n", home.path().display());
    std::fs::write(home.path().join("helped"), config).unwrap();
    for (line, variables) in [
        (
            "svpki --timeout 1h certs read ",
            vec![("VAULT_ADDR", mute.as_str())],
        ),
        ("svpki certs read ", vec![("VAULT_ADDR", nobody.as_str())]),
        ("svpki certs read ", vec![("VAULT_ADDR", "nonsense")]),
        ("svpki certs read ", vec![("VAULT_SKIP_VERIFY", "true")]),
        ("svpki certs read ", vec![("VAULT_CACERT", "/nonexistent")]),
        (
            "svpki certs read web ",
            vec![("VAULT_CONFIG_PATH", "helped")],
        ),
    ] {
        let mut command = asking(svpki(home.path(), ""), line, "bash");
        if !variables
            .iter()
            .any(|(name, _)| *name == "VAULT_CONFIG_PATH")
        {
            command.env("VAULT_TOKEN", "any");
        }
        command.envs(variables);
        let ran = ran(command, "");
        let values: Vec<&str> = ran
            .stdout
            .lines()
            .filter(|word| !word.starts_with('-'))
            .collect();
        assert!(values.is_empty(), "{line}: {values:?}");
        assert_eq!(ran.stderr, "", "{line}");
    }
}
