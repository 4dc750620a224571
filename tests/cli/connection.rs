//! The ways to a server: TLS that asks for our certificate, proxies, namespaces; as `vault` and `bao` read them.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dev_server::{DevServer, Options, free_port};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::harness::{CliTestEnv, Ran, ran, svpki};

/// A CA with a server's certificate and a client's, as files; and a stranger's client certificate.
fn certificates(folder: &Path) {
    let authority = |name: &str| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    let issue = |ca: &CertifiedIssuer<'_, KeyPair>, file: &str, names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names).unwrap();
        let certificate = params.signed_by(&key, ca).unwrap();
        write(&format!("{file}.pem"), certificate.pem());
        write(&format!("{file}.key"), key.serialize_pem());
    };
    let ours = authority("ours");
    write("ca.pem", ours.pem());
    std::fs::create_dir(folder.join("cas")).unwrap();
    std::fs::copy(folder.join("ca.pem"), folder.join("cas/ca.pem")).unwrap();
    issue(&ours, "server", &["127.0.0.1", "vault.test"]);
    issue(&ours, "client", &["operator"]);
    issue(&authority("theirs"), "stranger", &["operator"]);
}

/// A dev server that also listens for clients with a certificate of ours, and the address of that.
async fn server(folder: &Path) -> (DevServer, u16) {
    let port = free_port().unwrap();
    let file = |name: &str| folder.join(name).display().to_string();
    let listener = format!(
        "listener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n  tls_cert_file = {:?}\n  tls_key_file = {:?}\n  \
         tls_client_ca_file = {:?}\n  tls_require_and_verify_client_cert = true\n}}\n",
        file("server.pem"),
        file("server.key"),
        file("ca.pem"),
    );
    let options = Options {
        mounts: vec!["pki".to_owned()],
        more: listener,
        ..crate::support::options(&crate::support::plugin())
    };
    (DevServer::start(options).await.unwrap(), port)
}

/// A proxy that tunnels and forwards to this machine whatever name is asked for, and counts.
async fn proxy() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            // A client that leaves is no concern of the next one.
            tokio::spawn(async move { drop(pass(client).await) });
        }
    });
    (port, count)
}

async fn pass(mut client: TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let line = String::from_utf8_lossy(&head);
    let mut words = line.split(' ');
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let authority = target.trim_start_matches("http://");
    let authority = authority.split('/').next().unwrap_or_default();
    let port: u16 = authority
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    if method == "CONNECT" {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    } else {
        server.write_all(&head).await?;
    }
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_our_certificate() {
    let home = tempfile::tempdir().unwrap();
    certificates(home.path());
    let (server, port) = server(home.path()).await;
    let address = format!("https://127.0.0.1:{port}");
    let run = |line: &str, variables: &[(&str, &str)]| -> Ran {
        let mut command = svpki(home.path(), line);
        command
            .env("VAULT_ADDR", &address)
            .env("VAULT_TOKEN", server.token())
            .envs(variables.iter().copied());
        ran(command, "")
    };
    let ca = ("VAULT_CACERT", "ca.pem");
    let cert = ("VAULT_CLIENT_CERT", "client.pem");
    let key = ("VAULT_CLIENT_KEY", "client.key");
    let list = "config list -o json";
    for (line, variables) in [
        (list, vec![ca, cert, key]),
        (
            list,
            vec![
                ("BAO_CACERT", "ca.pem"),
                ("VAULT_CACERT", "nowhere"),
                cert,
                key,
            ],
        ),
        (list, vec![("VAULT_CAPATH", "cas"), cert, key]),
        (
            list,
            vec![ca, cert, key, ("VAULT_TLS_SERVER_NAME", "vault.test")],
        ),
        (
            "config list -o json --ca-cert ca.pem --client-cert client.pem --client-key client.key",
            vec![],
        ),
    ] {
        let answered = run(line, &variables);
        assert_eq!(answered.code, 0, "{variables:?}: {}", answered.stderr);
        assert_eq!(answered.stdout, "[]\n");
    }
    let stranger = [
        ("VAULT_CLIENT_CERT", "stranger.pem"),
        ("VAULT_CLIENT_KEY", "stranger.key"),
    ];
    for (variables, said) in [
        (vec![ca], "client certificate"),
        ([vec![ca], stranger.to_vec()].concat(), "client certificate"),
        (vec![cert, key], "--ca-cert"),
    ] {
        let refused = run(list, &variables);
        assert_eq!(refused.code, 1, "{variables:?}: {}", refused.stdout);
        let error = refused.error();
        // A server may close the connection before its alert is read.
        let kind = error["kind"].as_str().unwrap();
        assert!(
            matches!(kind, "tls" | "unreachable"),
            "{variables:?}: {error}"
        );
        assert!(error["hint"].as_str().unwrap().contains(said), "{error}");
    }
    let doctor = run("doctor", &[ca, cert, key]).stdout;
    assert!(
        doctor.contains("client certificate: client.pem (from VAULT_CLIENT_CERT)"),
        "{doctor}"
    );
    assert!(
        doctor.contains("trust: only ca.pem (from VAULT_CACERT)"),
        "{doctor}"
    );

    // The same through proxies; one that is named for the server is asked even for this machine.
    let (proxy_port, count) = proxy().await;
    let proxy_address = format!("http://anna:hunter2@127.0.0.1:{proxy_port}");
    let far = format!("https://vault.test:{port}");
    let plain = server.address().to_owned();
    for (address, variable, passes) in [
        (address.as_str(), "VAULT_PROXY_ADDR", true),
        (plain.as_str(), "BAO_PROXY_ADDR", true),
        (far.as_str(), "HTTPS_PROXY", true),
        (far.as_str(), "https_proxy", true),
        (address.as_str(), "HTTPS_PROXY", false),
        (plain.as_str(), "HTTP_PROXY", false),
    ] {
        let before = count.load(Ordering::SeqCst);
        let answered = run(
            list,
            &[
                ca,
                cert,
                key,
                ("VAULT_ADDR", address),
                (variable, proxy_address.as_str()),
            ],
        );
        assert_eq!(
            answered.code, 0,
            "{variable} to {address}: {}",
            answered.stderr
        );
        let passed = count.load(Ordering::SeqCst) > before;
        assert_eq!(passed, passes, "{variable} to {address}");
    }
    let spared = run(
        "config list -o json --timeout 5s",
        &[
            ca,
            cert,
            key,
            ("VAULT_ADDR", &far),
            ("HTTPS_PROXY", &proxy_address),
            ("NO_PROXY", "vault.test"),
        ],
    );
    assert_eq!(spared.code, 1, "nobody knows that name without the proxy");
    let doctor = run(
        "doctor --debug",
        &[ca, cert, key, ("VAULT_PROXY_ADDR", &proxy_address)],
    );
    assert!(
        doctor
            .stdout
            .contains("proxy: 127.0.0.1 (from VAULT_PROXY_ADDR)"),
        "{}",
        doctor.stdout
    );
    assert!(!format!("{}{}", doctor.stdout, doctor.stderr).contains("hunter2"));
    let gone = run(
        list,
        &[("VAULT_PROXY_ADDR", "http://127.0.0.1:1"), ca, cert, key],
    );
    assert_eq!(gone.code, 1, "{}", gone.stdout);
    assert_eq!(gone.error()["kind"], "unreachable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_in_a_namespace() {
    let env = CliTestEnv::without_config().await;
    let server = &env.stage.server;
    server
        .must("POST", "sys/namespaces/team", Some(&json!({})))
        .await
        .unwrap();
    let made = server
        .must(
            "POST",
            "team/sys/mounts/certs",
            Some(&json!({"type": "sectigo-vault-pki"})),
        )
        .await;
    made.unwrap();
    let sim = &env.stage.sim;
    let password = sim.password.clone();
    let line = format!(
        "config write web --namespace team --base-url {} --customer-uri example --user admin --org-id 123 \
         --profile-id 51 --term 199 --password-stdin",
        sim.base_url
    );
    let written = env.run_with(&line, &password);
    assert_eq!(written.code, 0, "{}", written.stderr);
    let within = |line: &str, variable: &str, name: &str| {
        let mut command = env.command(line);
        command.env(variable, name);
        ran(command, "")
    };
    let enrolled = within(
        "enroll web --common-name www.example.com --key-type EC -o json",
        "VAULT_NAMESPACE",
        "team/",
    );
    assert_eq!(enrolled.code, 0, "{}", enrolled.stderr);
    let listed = within("certs list -o json", "BAO_NAMESPACE", "team").json();
    assert_eq!(listed[0]["common_name"], "www.example.com");
    assert_eq!(listed[0]["mount"], "certs");
    assert_eq!(env.run("certs list -o json").stdout, "[]\n");
    let flag_wins = within(
        "certs list -o json --namespace /",
        "VAULT_NAMESPACE",
        "team",
    );
    assert_eq!(flag_wins.stdout, "[]\n", "{}", flag_wins.stderr);
    let unknown = within("certs list -o json", "VAULT_NAMESPACE", "nowhere");
    assert_ne!(unknown.code, 0);
    let doctor = within("doctor", "VAULT_NAMESPACE", "team").stdout;
    assert!(
        doctor.contains("namespace: team (from VAULT_NAMESPACE)"),
        "{doctor}"
    );
    assert!(doctor.contains("config web: SCM at"), "{doctor}");
    assert!(!doctor.contains("\nproblem"), "{doctor}");
}
