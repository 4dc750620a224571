//! Programs that know Vault's own PKI engine, unmodified: what they get, and how many orders that is at SCM.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dev_server::{server_binary, without_server_settings};
use sectigo_vault_pki::cli::roles::example::{Client, Subject};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::until;
use crate::test_mount::{Answer, PATIENCE, TestMount};
use crate::tools::{
    csr, openssl, public_key_of_certificate, public_key_of_csr, public_key_of_key, verify,
};

pub const EC: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

async fn test() -> TestMount {
    let test = TestMount::ready().await;
    test.write("profile/web", json!({})).await.good();
    let role = json!({"config": "web", "allowed_domains": "example.com", "allow_subdomains": true, "key_type": "ec"});
    test.write("roles/r", role).await.good();
    test
}

/// Where the programs that tests fetch stay.
fn fetched() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

static FETCHING: Mutex<()> = Mutex::new(());

fn consul_template() -> PathBuf {
    let _one = FETCHING.lock();
    let program = fetched().join("consul-template");
    if !program.exists() {
        let built = Command::new("go")
            .args(["install", "github.com/hashicorp/consul-template@v0.41.1"])
            .env("GOBIN", fetched())
            .status()
            .expect("this test builds consul-template with Go: install it (scripts/test-packages)");
        assert!(built.success());
    }
    program
}

/// A Python with hvac.
fn hvac() -> PathBuf {
    crate::python::python("hvac", "hvac", &["hvac==2.4.0"])
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A run of the server's own program, or of another one, with the root token.
/// The server's own command line, which is Vault's client library.
pub async fn library_at(address: &str, token: &str, arguments: &[&str]) -> Output {
    let mut command = command(address, token, bao());
    command.args(arguments);
    finished(command).await
}

async fn run(test: &TestMount, program: PathBuf, arguments: &[&str]) -> Output {
    let (address, token) = (test.server().address(), test.server().token());
    let mut command = command(address, token, program);
    command.args(arguments).env("PKI_MOUNT", &test.mount);
    finished(command).await
}

fn command(address: &str, token: &str, program: PathBuf) -> Command {
    let mut command = Command::new(program);
    without_server_settings(&mut command)
        .envs([("BAO_ADDR", address), ("VAULT_ADDR", address)])
        .envs([("BAO_TOKEN", token), ("VAULT_TOKEN", token)])
        // The library tries again by itself; its command line does only when told.
        .envs([("BAO_MAX_RETRIES", "2"), ("VAULT_MAX_RETRIES", "2")])
        .stdin(Stdio::null());
    command
}

async fn finished(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn bao() -> PathBuf {
    std::fs::canonicalize(server_binary().unwrap()).unwrap()
}

/// One start of the server's agent, until its templates are written or its process has ended.
async fn agent(test: &TestMount, folder: &Path, more: &str) -> String {
    agent_at(test.server().address(), test.server().token(), folder, more).await
}

pub async fn agent_at(address: &str, token: &str, folder: &Path, more: &str) -> String {
    said(&finished(agent_command(address, token, folder, more)).await)
}

fn agent_command(address: &str, token: &str, folder: &Path, more: &str) -> Command {
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    std::fs::write(file("token"), token).unwrap();
    let config = format!(
        "vault {{ address = \"{address}\" }}\n\
         auto_auth {{ method {{ type = \"token_file\" config = {{ token_file_path = \"{}\" }} }} }}\n{more}\n",
        file("token"),
    );
    std::fs::write(file("agent.hcl"), config).unwrap();
    let mut command = command(address, token, bao());
    command.args(["agent", "-log-level=debug"]);
    command.arg(format!("-config={}", file("agent.hcl")));
    command
}

pub fn template(contents: &str, destination: &Path) -> String {
    format!(
        "template {{\n contents = <<EOT\n{contents}\nEOT\n destination = \"{}\"\n error_on_missing_key = true\n}}\n",
        destination.display()
    )
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

/// As strict as the parser of cert-manager: everything that is there, each once, makes one chain from the leaf up.
fn judge(answer: &Answer, scm_root: &str) {
    let data = answer.data();
    let chain: Vec<String> = data["ca_chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pem| format!("{}\n", pem.as_str().unwrap()))
        .collect();
    assert_eq!(data["issuing_ca"].as_str().unwrap(), chain[0].trim_end());
    let issuer_of = |pem: &str| {
        openssl(&["x509", "-noout", "-issuer", "-nameopt", "RFC2253"], pem).replace("issuer=", "")
    };
    let subject_of = |pem: &str| {
        openssl(&["x509", "-noout", "-subject", "-nameopt", "RFC2253"], pem).replace("subject=", "")
    };
    let mut below = answer.text("certificate").to_owned();
    for pem in &chain {
        assert_eq!(
            issuer_of(&below),
            subject_of(pem),
            "the chain is not linear"
        );
        below.clone_from(pem);
    }
    let issuers: Vec<String> = chain
        .iter()
        .filter(|pem| issuer_of(pem) != subject_of(pem))
        .cloned()
        .collect();
    verify(answer.text("certificate"), &issuers, scm_root);
    assert!(!answer.text("serial_number").is_empty());
    assert!(data["expiration"].is_i64());
    for (name, value) in data.as_object().unwrap() {
        assert!(
            [
                "certificate",
                "issuing_ca",
                "ca_chain",
                "serial_number",
                "expiration",
                "authority_key_id",
                "private_key",
                "private_key_type",
                "order_id"
            ]
            .contains(&name.as_str()),
            "{name}"
        );
        let text = value.as_str().unwrap_or_default();
        assert!(!text.contains("REQUEST"));
    }
}

/// The bodies of pki-clients' sources, byte for byte in their types.
#[tokio::test(flavor = "multi_thread")]
async fn the_bodies_that_each_client_sends_are_taken_and_answered_as_it_reads_them() {
    let test = test().await;
    let root = test.scm().root_pem.clone();
    // cert-manager: all texts, unset ones empty, the common name often only among the names.
    let (request, _) = csr("/", "DNS:cm.example.com,DNS:also.example.com", EC);
    let cert_manager = json!({"common_name": "", "alt_names": "cm.example.com,also.example.com", "ip_sans": "",
        "uri_sans": "", "ttl": "2160h0m0s", "csr": request, "exclude_cn_from_sans": "true"});
    for _ in 0..5 {
        let answer = test
            .ask("POST", "sign/r", Some(cert_manager.clone()))
            .await
            .good();
        judge(&answer, &root);
        assert_eq!(
            public_key_of_certificate(answer.text("certificate")),
            public_key_of_csr(&request)
        );
        assert_eq!(answer.data()["private_key"], Value::Null);
    }
    assert_eq!(test.calls("enroll").await.len(), 1, "five equal CSRs");
    // Its next one has another key, and is a renewal.
    let (second, _) = csr("/", "DNS:cm.example.com,DNS:also.example.com", EC);
    let mut body = cert_manager;
    body["csr"] = json!(second);
    judge(&test.write("sign/r", body).await.good(), &root);
    assert_eq!(
        (
            test.calls("enroll").await.len(),
            test.calls("renew").await.len()
        ),
        (1, 1)
    );

    let issue = async |body: Value, times: usize| {
        let before = test.calls("enroll").await.len();
        let mut last = None;
        for _ in 0..times {
            let answer = test.ask("PUT", "issue/r", Some(body.clone())).await.good();
            if let Some(last) = &last {
                assert_eq!(answer.data(), last);
            }
            last = Some(answer.data().clone());
            if body["format"] != "der" {
                judge(&answer, &root);
                assert_eq!(
                    public_key_of_certificate(answer.text("certificate")),
                    public_key_of_key(answer.text("private_key"))
                );
            }
        }
        assert_eq!(test.calls("enroll").await.len(), before + 1);
        last.unwrap()
    };
    // Terraform's vault_pki_secret_backend_cert.
    issue(json!({"common_name": "tf.example.com", "format": "pem", "private_key_format": "der",
        "exclude_cn_from_sans": false, "remove_roots_from_chain": false, "ttl": "720h", "alt_names": "tf2.example.com",
        "issuer_ref": "default"}), 2).await;
    // Vault Secrets Operator.
    issue(json!({"common_name": "vso.example.com", "alt_names": "", "ip_sans": "", "uri_sans": "", "other_sans": "",
        "user_ids": "", "ttl": "", "not_after": "", "exclude_cn_from_sans": false, "remove_roots_from_chain": true}), 2).await;
    // External Secrets Operator: the manifest's parameters at every refresh.
    issue(json!({"common_name": "eso.example.com"}), 50).await;
    // Ansible's module: null where nothing is set.
    issue(json!({"common_name": "ansible.example.com", "alt_names": "", "ip_sans": "", "uri_sans": "", "other_sans": "",
        "ttl": null, "format": "pem", "private_key_format": "der", "exclude_cn_from_sans": false}), 2).await;
    // Spring Vault: DER in base64, the ttl a number.
    let spring = issue(
        json!({"common_name": "spring.example.com", "alt_names": "", "ttl": 7_776_000,
        "exclude_cn_from_sans": false, "format": "der", "private_key_format": "der"}),
        2,
    )
    .await;
    let der = STANDARD
        .decode(spring["certificate"].as_str().unwrap())
        .unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("der");
    std::fs::write(&file, der).unwrap();
    openssl(
        &[
            "x509",
            "-inform",
            "DER",
            "-noout",
            "-in",
            file.to_str().unwrap(),
        ],
        "",
    );

    // What they destroy: by serial number, or with the key.
    let revoked = test
        .ask(
            "PUT",
            "revoke",
            Some(json!({"serial_number": spring["serial_number"]})),
        )
        .await
        .good();
    assert!(revoked.data()["revocation_time"].is_i64());
    assert_eq!(revoked.text("state"), "revoked");
    let again = test
        .ask(
            "PUT",
            "issue/r",
            Some(json!({"common_name": "spring.example.com"})),
        )
        .await
        .good();
    assert_ne!(
        again.data()["serial_number"],
        spring["serial_number"],
        "revoked, it is handed out no more"
    );

    // step-ca asks whom to trust before it has logged in.
    let (mount, address) = (&test.mount, test.server().address());
    for path in ["cert/ca_chain", "ca_chain", "issuer/default/json"] {
        let answer = test
            .http
            .get(format!("{address}/v1/{mount}/{path}"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.text().await.unwrap().contains("BEGIN CERTIFICATE"));
    }
    let denied = test
        .http
        .get(format!(
            "{address}/v1/{mount}/cert/{}",
            again.text("serial_number")
        ))
        .send()
        .await
        .unwrap();
    assert_eq!(denied.status(), 403);
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

/// Such a token has neither an entity nor an accessor: each try of its client was an order.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_token_without_an_entity_is_one_caller() {
    let test = test().await;
    let sys = async |path: &str, body: Value| {
        let url = format!("{}/v1/{path}", test.server().address());
        let request = test.http.post(url).json(&body);
        let request = request.header("X-Vault-Token", test.server().token());
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}");
        answer.json::<Value>().await.unwrap_or_default()
    };
    let name = format!("batch-{}", test.mount);
    let rules = format!(
        "path \"{}/issue/*\" {{ capabilities = [\"update\"] }}",
        test.mount
    );
    sys(
        &format!("sys/policies/acl/{name}"),
        json!({"policy": rules}),
    )
    .await;
    let mut serials = Vec::new();
    for _ in 0..2 {
        let body = json!({"type": "batch", "policies": [name], "ttl": "1h"});
        let created = sys("auth/token/create-orphan", body).await;
        let token = created["auth"]["client_token"].as_str().unwrap().to_owned();
        let mut own = Vec::new();
        for _ in 0..3 {
            let body = json!({"common_name": "batch.example.com"});
            let answer = test.ask_again(&token, "issue/r", body).await;
            own.push(answer.good().text("serial_number").to_owned());
        }
        assert!(own.iter().all(|serial| *serial == own[0]), "{own:?}");
        serials.push(own.remove(0));
    }
    assert_ne!(
        serials[0], serials[1],
        "nobody gets the key of another token"
    );
    assert_eq!(test.calls("enroll").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_allowed_domains_goes_by_who_has_logged_in() {
    let test = test().await;
    let sys = async |method: &str, path: &str, body: Value| {
        let url = format!("{}/v1/{path}", test.server().address());
        let request = test.http.request(method.parse().unwrap(), url);
        let answer = request
            .header("X-Vault-Token", test.server().token())
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(
            answer.status().is_success(),
            "{path}: {:?}",
            answer.text().await
        );
        answer.json::<Value>().await.unwrap_or_default()
    };
    let at = format!("up-{}", test.mount);
    sys(
        "POST",
        &format!("sys/auth/{at}"),
        json!({"type": "userpass"}),
    )
    .await;
    let rules = format!(
        "path \"{}/issue/*\" {{ capabilities = [\"update\"] }}",
        test.mount
    );
    sys(
        "POST",
        &format!("sys/policies/acl/{at}"),
        json!({"policy": rules}),
    )
    .await;
    let mounts = sys("GET", "sys/auth", json!({})).await;
    let accessor = mounts[format!("{at}/")]["accessor"]
        .as_str()
        .unwrap()
        .to_owned();
    let role = json!({"allowed_domains": format!("{{{{identity.entity.aliases.{accessor}.name}}}}.example.com"),
        "allowed_domains_template": true, "allow_bare_domains": true, "allow_subdomains": false});
    test.write("roles/r", role).await.good();
    let mut serials = Vec::new();
    for user in ["web1", "web2"] {
        let password = json!({"password": "changeit", "token_policies": at});
        sys("POST", &format!("auth/{at}/users/{user}"), password).await;
        let mut own = Vec::new();
        // Another login is the same caller.
        for _ in 0..2 {
            let login = sys(
                "POST",
                &format!("auth/{at}/login/{user}"),
                json!({"password": "changeit"}),
            )
            .await;
            let token = login["auth"]["client_token"].as_str().unwrap();
            let issue = async |name: &str| {
                test.ask_again(token, "issue/r", json!({"common_name": name}))
                    .await
            };
            own.push(
                issue(&format!("{user}.example.com"))
                    .await
                    .good()
                    .text("serial_number")
                    .to_owned(),
            );
            issue("web3.example.com")
                .await
                .refused(400, &["role r", "web3.example.com"]);
        }
        assert_eq!(own[0], own[1]);
        serials.push(own.remove(0));
    }
    assert_ne!(serials[0], serials[1]);
    test.write("issue/r", json!({"common_name": "web1.example.com"}))
        .await
        .refused(400, &["none for this caller"]);
    assert_eq!(test.calls("enroll").await.len(), 2);
}
