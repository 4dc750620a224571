//! Programs that know Vault's own PKI engine, unmodified: what they get, and how many orders that is at SCM.

use std::path::Path;

use sectigo_vault_pki::cli::roles::example::{Client, Subject};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::programs::{agent, agent_command, bao, consul_template, hvac, run, said, template};
use crate::support::until;
use crate::test_mount::{PATIENCE, TestMount};
use crate::tools::{EC, csr, public_key_of_certificate, public_key_of_key};

/// A mount with the role `r`.
pub async fn test() -> TestMount {
    let test = TestMount::ready().await;
    test.write("profile/web", json!({})).await.good();
    let role = json!({"config": "web", "allowed_domains": "example.com", "allow_subdomains": true, "key_type": "ec"});
    test.write("roles/r", role).await.good();
    test
}

/// Each start without the files of the one before, as in a new container.
#[tokio::test(flavor = "multi_thread")]
async fn ten_starts_of_an_agent_are_one_order_for_each_of_its_templates() {
    let test = test().await;
    let folder = TempDir::new().unwrap();
    let (pair, secret) = (
        folder.path().join("pair.pem"),
        folder.path().join("secret.pem"),
    );
    let mount = &test.mount;
    let config = [
        "exit_after_auth = true\n".to_owned(),
        template(
            &format!("{{{{ with pkiCert \"{mount}/issue/r\" \"common_name=pair.example.com\" \"ttl=2160h\" }}}}{{{{ .Key }}}}{{{{ .Cert }}}}{{{{ .CA }}}}{{{{ end }}}}"),
            &pair,
        ),
        template(
            &format!("{{{{ with secret \"{mount}/issue/r\" \"common_name=secret.example.com\" }}}}{{{{ .Data.private_key }}}}\n{{{{ .Data.certificate }}}}{{{{ end }}}}"),
            &secret,
        ),
    ]
    .concat();
    let mut written = Vec::new();
    for _ in 0..10 {
        let log = agent(&test, folder.path(), &config).await;
        let both: Vec<String> = [&pair, &secret]
            .map(|file| std::fs::read_to_string(file).unwrap_or_else(|_| panic!("{log}")))
            .into();
        for text in &both {
            assert_eq!(public_key_of_certificate(text), public_key_of_key(text));
        }
        written.push(both);
        std::fs::remove_file(&pair).unwrap();
        std::fs::remove_file(&secret).unwrap();
    }
    assert!(written.iter().all(|both| *both == written[0]));
    assert_eq!(test.calls("enroll").await.len(), 2, "one for each name");

    // The agent that runs a program with the key in its environment, three times.
    let env = folder.path().join("env");
    let config = format!(
        "env_template \"TLS_KEY\" {{\n contents = \"{{{{ with secret \\\"{mount}/issue/r\\\" \\\"common_name=secret.example.com\\\" }}}}{{{{ .Data.private_key }}}}{{{{ end }}}}\"\n error_on_missing_key = true\n}}\n\
         exec {{ command = [\"/bin/sh\", \"-c\", \"printenv TLS_KEY > {}\"] }}\n",
        env.display()
    );
    for _ in 0..3 {
        let log = agent(&test, folder.path(), &config).await;
        let key = std::fs::read_to_string(&env).unwrap_or_else(|_| panic!("{log}"));
        assert_eq!(
            public_key_of_key(&key),
            public_key_of_key(&written[0][1]),
            "{log}"
        );
        std::fs::remove_file(&env).unwrap();
    }
    assert_eq!(test.calls("enroll").await.len(), 2);
}

/// The agent had set itself a lease of 17,193,599 seconds.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_reads_current_again_after_four_minutes() {
    let test = test().await;
    let issued = test
        .write("enroll/web", json!({"common_name": "www.example.com"}))
        .await
        .good();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("current.pem");
    let template = template(
        &format!(
            "{{{{ with secret \"{}/current/web/www.example.com\" }}}}{{{{ .Data.private_key }}}}{{{{ .Data.certificate }}}}{{{{ end }}}}",
            test.mount
        ),
        &file,
    );
    let log = agent(
        &test,
        folder.path(),
        &format!("exit_after_auth = true\n{template}"),
    )
    .await;
    let text = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{log}"));
    assert!(text.contains(issued.text("certificate").trim()));
    assert!(
        log.contains("Found rotation_period and set lease duration to 240 seconds"),
        "{log}"
    );
}

/// Ends with the test.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// With its default of four minutes a file is never older than five.
#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_an_agent_follows_a_revocation_a_replacement_and_a_renewal() {
    let test = test().await;
    let name = "follow.example.com";
    let enroll = async |key: &str| {
        let body = json!({"common_name": name, "idempotency_key": key});
        test.write("enroll/web", body).await.good()
    };
    let first = enroll("first").await;
    let second = enroll("second").await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("current.pem");
    let template = template(
        &format!(
            "{{{{ with secret \"{}/current/web/{name}?refresh_interval=1s\" }}}}{{{{ .Data.private_key }}}}{{{{ .Data.certificate }}}}{{{{ end }}}}",
            test.mount
        ),
        &file,
    );
    let (address, token) = (test.server().address(), test.server().token());
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let agent = agent_command(address, token, folder.path(), &template)
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let _agent = Running(agent);
    let holds = async |what: &str, certificate: &str| {
        let mut pair = String::new();
        until(what, PATIENCE, async || {
            pair = std::fs::read_to_string(&file).unwrap_or_default();
            pair.contains(certificate.trim())
        })
        .await;
        assert_eq!(public_key_of_certificate(&pair), public_key_of_key(&pair));
    };
    holds("the newest of two", second.text("certificate")).await;
    let path = format!("revoke/web/{}", second.id());
    test.write(&path, json!({"reason": "a test"})).await.good();
    holds("the one that is left", first.text("certificate")).await;
    let path = format!("replace/web/{}", first.id());
    let replaced = test.write(&path, json!({"reason": "a test"})).await.good();
    holds("the replacement", replaced.text("certificate")).await;
    let path = format!("renew/web/{}", first.id());
    let renewed = test.write(&path, json!({})).await.good();
    holds("the renewal", renewed.text("certificate")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consul_template_takes_a_pair_from_issue_and_from_enroll_and_asks_no_second_time() {
    let test = test().await;
    let folder = TempDir::new().unwrap();
    test.config("web", json!({"reuse": "entity"})).await;
    for path in ["issue/r", "enroll/web"] {
        let (input, output) = (folder.path().join("in"), folder.path().join("out"));
        let name = path.replace('/', "-");
        let text = format!(
            "{{{{ with pkiCert \"{}/{path}\" \"common_name={name}.example.com\" }}}}{{{{ .Data.Key }}}}{{{{ .Data.Cert }}}}{{{{ end }}}}",
            test.mount
        );
        std::fs::write(&input, text).unwrap();
        let template = format!("{}:{}", input.display(), output.display());
        for _ in 0..3 {
            let arguments = ["-once", "-vault-renew-token=false", "-template", &template];
            let log = said(&run(&test, consul_template(), &arguments).await);
            let pair = std::fs::read_to_string(&output).unwrap_or_else(|_| panic!("{path}: {log}"));
            assert_eq!(public_key_of_certificate(&pair), public_key_of_key(&pair));
            std::fs::remove_file(&output).unwrap();
        }
    }
    assert_eq!(test.calls("enroll").await.len(), 2, "one for each path");
}

/// The text between the quotes after this name in an HCL example.
fn hcl_text(example: &str, name: &str) -> String {
    let line = example
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with(name));
    let text = line.unwrap_or_else(|| panic!("no {name}: {example}"));
    let (_, text) = text.split_once("= \"").unwrap();
    text.strip_suffix('"').unwrap().replace("\\\"", "\"")
}

/// What `svpki roles example` prints and docs/clients.md shows.
#[tokio::test(flavor = "multi_thread")]
async fn the_examples_for_nginx_nomad_and_an_agent_render_a_pair_with_its_chain() {
    let test = test().await;
    let folder = TempDir::new().unwrap();
    let example = |client: Client| {
        client.example(Subject {
            address: test.server().address(),
            mount: &test.mount,
            config: "web",
            role: "r",
            name: "www.example.com",
        })
    };
    let input = folder.path().join("in");
    let check = |client: Client, file: &Path, log: &str, fewest: usize| {
        let pair = std::fs::read_to_string(file).unwrap_or_else(|_| panic!("{client:?}: {log}"));
        std::fs::remove_file(file).unwrap();
        assert_eq!(public_key_of_certificate(&pair), public_key_of_key(&pair));
        // As openssl and nginx read a file of several PEM texts: each begins on a line of its own.
        let begins = pair
            .lines()
            .filter(|line| *line == "-----BEGIN CERTIFICATE-----");
        assert!(begins.count() >= fewest, "{client:?}: {pair}");
    };
    for (client, name, fewest) in [(Client::Nomad, "data", 2), (Client::Nginx, "contents", 2)] {
        let file = folder.path().join("out");
        std::fs::write(&input, hcl_text(&example(client), name)).unwrap();
        let template = format!("{}:{}", input.display(), file.display());
        let arguments = ["-once", "-vault-renew-token=false", "-template", &template];
        let log = said(&run(&test, consul_template(), &arguments).await);
        check(client, &file, &log, fewest);
    }
    let file = folder.path().join("www.pem");
    let destination = format!("\"{}\"", file.display());
    let config = example(Client::Agent).replace("\"/etc/nginx/www.pem\"", &destination);
    let config = format!("exit_after_auth = true\n{config}");
    let log = agent(&test, folder.path(), &config).await;
    check(Client::Agent, &file, &log, 1);
    assert_eq!(test.calls("enroll").await.len(), 1);
}

const HVAC: &str = r#"
import hvac, json, os, sys
client = hvac.Client(url=os.environ["VAULT_ADDR"], token=os.environ["VAULT_TOKEN"])
pki, mount = client.secrets.pki, os.environ["PKI_MOUNT"]
pki.create_or_update_role("h", mount_point=mount, extra_params={"config": "web", "allow_any_name": "true", "ttl": "90d"})
assert pki.list_roles(mount_point=mount)["data"]["keys"] == ["h", "r"]
assert pki.read_role("h", mount_point=mount)["data"]["ttl"] == 90 * 86400
issued = [pki.generate_certificate("h", "hvac.example.com", mount_point=mount, extra_params={"alt_names": "", "ttl": None})["data"] for _ in range(3)]
assert issued[0] == issued[1] == issued[2]
csr = sys.argv[1]
signed = [pki.sign_certificate("h", csr, "hvac-csr.example.com", mount_point=mount)["data"] for _ in range(3)]
assert signed[0] == signed[1] == signed[2] and "private_key" not in signed[0]
serial = issued[0]["serial_number"]
assert pki.read_certificate(serial, mount_point=mount)["data"]["certificate"] == issued[0]["certificate"]
chain = pki.read_ca_certificate_chain(mount_point=mount)
assert chain.startswith("-----BEGIN CERTIFICATE-----") and issued[0]["issuing_ca"] in chain, chain
assert issued[0]["issuing_ca"] in pki.read_ca_certificate(mount_point=mount)
revoked = pki.revoke_certificate(serial, mount_point=mount)["data"]
assert revoked["revocation_time"] > 0
pki.delete_role("h", mount_point=mount)
print(json.dumps(issued[0]))
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_pki_methods_of_hvac_work() {
    let test = test().await;
    let (request, _) = csr("/CN=hvac-csr.example.com", "DNS:hvac-csr.example.com", EC);
    let output = run(&test, hvac(), &["-c", HVAC, &request]).await;
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(test.calls("enroll").await.len(), 2);
    assert_eq!(test.calls("revoke").await.len(), 1);
}

/// The server's own command line is Vault's client library: 60 seconds in all, and two more tries after a 503. SCM takes
/// so long for its answer, or the CA for the certificate.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_vaults_library_gets_its_certificate_or_our_words_and_one_order_is_paid() {
    let write = |test: TestMount| async move {
        let path = format!("{}/issue/r", test.mount);
        run(
            &test,
            bao(),
            &[
                "write",
                "-format=json",
                &path,
                "common_name=www.example.com",
            ],
        )
        .await
    };
    let slow = |rule: Value| async move {
        let test = test().await;
        test.rules(json!([rule])).await;
        let output = write(test.clone()).await;
        (test, output)
    };
    let (seventeen, forty, minutes) = tokio::join!(
        slow(json!({"call": "enroll", "slow": "17s"})),
        slow(json!({"call": "enroll", "slow": "40s"})),
        slow(json!({"delay": "10m"})),
    );
    for (test, output) in [seventeen, forty] {
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(test.orders_at_scm("").await.len(), 1);
    }
    let (test, output) = minutes;
    let text = said(&output);
    assert!(
        !output.status.success() && text.contains("is pending") && text.contains("orders/web/"),
        "{text}"
    );
    assert!(text.contains("Code: 503"), "{text}");
    assert_eq!(test.orders_at_scm("").await.len(), 1);
    test.control("POST", "clock", json!({"advance": "11m"}))
        .await;
    let output = write(test.clone()).await;
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(test.orders_at_scm("").await.len(), 1);
    test.rules(json!([{"delay": "10m"}])).await;
    // A mount that lets the header through says when to ask again.
    let tune = format!(
        "{}/v1/sys/mounts/{}/tune",
        test.server().address(),
        test.mount
    );
    let tuned = test
        .http
        .post(tune)
        .header("X-Vault-Token", test.server().token())
        .json(&json!({"allowed_response_headers": ["Retry-After"]}))
        .send()
        .await
        .unwrap();
    assert!(tuned.status().is_success());
    test.write("roles/r", json!({"max_wait": 20})).await.good();
    let url = format!("{}/v1/{}/issue/r", test.server().address(), test.mount);
    let answer = test
        .http
        .put(url)
        .header("X-Vault-Token", test.server().token())
        .json(&json!({"common_name": "other.example.com"}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(
        answer
            .headers()
            .get("Retry-After")
            .map(|value| value.to_str().unwrap()),
        Some("2")
    );
    assert_eq!(test.orders_at_scm("other.example.com").await.len(), 1);
}
