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

/// A dev server with a second listener that has the certificate which `openssl req -x509` makes: its own CA.
async fn self_signed_server(folder: &Path) -> (DevServer, u16) {
    let mut params =
        CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let own = params.self_signed(&key).unwrap();
    let other = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let write = |name: &str, text: String| {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let (cert, key) = (
        write("own.pem", own.pem()),
        write("own.key", key.serialize_pem()),
    );
    write("other.pem", other.pem());
    let port = free_port().unwrap();
    let more = format!(
        "listener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n  tls_cert_file = {cert:?}\n  tls_key_file = {key:?}\n}}\n"
    );
    let options = Options {
        mounts: vec!["pki".to_owned()],
        more,
        ..crate::support::options(&crate::support::plugin())
    };
    (DevServer::start(options).await.unwrap(), port)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_signed_certificate_and_the_wrong_scheme_are_told_in_words() {
    let home = tempfile::tempdir().unwrap();
    let (server, port) = self_signed_server(home.path()).await;
    std::fs::create_dir(home.path().join("cas")).unwrap();
    std::fs::copy(home.path().join("own.pem"), home.path().join("cas/own.pem")).unwrap();
    let https = format!("https://localhost:{port}");
    let run = |address: &str, variables: &[(&str, &str)]| {
        let mut command = svpki(home.path(), "config list -o json");
        command
            .env("BAO_ADDR", address)
            .env("VAULT_TOKEN", server.token())
            .envs(variables.iter().copied());
        ran(command, "")
    };
    for trusted in [("VAULT_CACERT", "own.pem"), ("BAO_CAPATH", "cas")] {
        let answered = run(&https, &[trusted]);
        assert_eq!(answered.code, 0, "{trusted:?}: {}", answered.stderr);
        assert!(answered.stderr.is_empty(), "{}", answered.stderr);
    }
    let skipped = run(&https, &[("VAULT_SKIP_VERIFY", "true")]);
    assert_eq!(skipped.code, 0, "{}", skipped.stderr);
    assert!(
        skipped.stderr.contains("NOT verified (VAULT_SKIP_VERIFY)"),
        "{}",
        skipped.stderr
    );
    let plain = server.address().replace("http://", "https://");
    let crossed = format!("http://localhost:{port}");
    for (address, variables, said, hinted) in [
        (
            https.as_str(),
            vec![],
            "the server's certificate",
            "--ca-cert",
        ),
        (
            https.as_str(),
            vec![("VAULT_CACERT", "other.pem")],
            "the server's certificate",
            "VAULT_CACERT",
        ),
        (
            plain.as_str(),
            vec![],
            "speaks http there, not https",
            "write http:// in BAO_ADDR",
        ),
        (
            crossed.as_str(),
            vec![],
            "speaks https, and the address says http",
            "write https:// in BAO_ADDR",
        ),
        (
            "https://no-such-host.invalid:8200",
            vec![],
            "no machine of that name is known",
            "is BAO_ADDR correct",
        ),
    ] {
        let refused = run(address, &variables);
        assert_eq!(refused.code, 1, "{address}: {}", refused.stdout);
        let error = refused.error();
        let text = |member: &str| error[member].as_str().unwrap_or_default().to_owned();
        assert!(text("message").contains(said), "{address}: {error}");
        assert!(text("hint").contains(hinted), "{address}: {error}");
        for inner in [
            "OtherError",
            "CaUsedAsEndEntity",
            "UnknownIssuer",
            "os error",
            "InvalidContentType",
        ] {
            assert!(!error.to_string().contains(inner), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_a_token_has_its_own_words_and_next_step() {
    let env = CliTestEnv::without_config().await;
    let server = &env.stage.server;
    let made = server
        .must("PUT", "auth/token/create", Some(&json!({"ttl": "1s"})))
        .await
        .unwrap();
    let expired = made["auth"]["client_token"].as_str().unwrap().to_owned();
    let denied = env.token(&["default"]).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let file = env.home.path().join(".vault-token");
    std::fs::write(&file, "s.unknown").unwrap();
    let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, owner).unwrap();
    for (variable, token, said, hinted) in [
        (
            Some("VAULT_TOKEN"),
            "s.unknown",
            "token from VAULT_TOKEN is not valid",
            "unset VAULT_TOKEN",
        ),
        (
            Some("BAO_TOKEN"),
            expired.as_str(),
            "token from BAO_TOKEN is not valid",
            "unset BAO_TOKEN",
        ),
        (
            Some("VAULT_TOKEN"),
            denied.as_str(),
            "permission denied",
            "svpki doctor",
        ),
        (None, "", "/.vault-token is not valid", "bao login"),
        (
            Some("VAULT_TOKEN"),
            "",
            "no token was given",
            "BAO_TOKEN or VAULT_TOKEN",
        ),
    ] {
        if variable == Some("VAULT_TOKEN") && token.is_empty() {
            std::fs::remove_file(&file).unwrap();
        }
        let mut command = svpki(env.home.path(), "config read web --mount pki -o json");
        command.env("VAULT_ADDR", server.address());
        if let Some(name) = variable {
            command.env(name, token);
        }
        let refused = ran(command, "");
        assert_eq!(refused.code, 4, "{variable:?}: {}", refused.stderr);
        // And where the mount is still to be found.
        let mut command = svpki(env.home.path(), "certs list");
        command.env("VAULT_ADDR", server.address());
        if let Some(name) = variable.filter(|_| said != "permission denied") {
            command.env(name, token);
            let list = ran(command, "");
            assert_eq!(list.code, 4, "{variable:?}: {}", list.stderr);
            assert!(list.stderr.contains(said), "{variable:?}: {}", list.stderr);
        }
        let error = refused.error();
        let text = |member: &str| error[member].as_str().unwrap_or_default().to_owned();
        assert!(text("message").contains(said), "{variable:?}: {error}");
        assert!(text("hint").contains(hinted), "{variable:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_of_the_server_is_waited_for() {
    let env = CliTestEnv::open().await;
    let id = env.enrol("www.example.com").await;
    std::fs::write(
        env.home.path().join("hosts.csv"),
        "Common Name\none.example.com\ntwo.example.com\n",
    )
    .unwrap();
    // Two requests in a row are one too many, however slow this machine is.
    let quota = json!({"rate": 1, "interval": "1s", "path": "pki"});
    env.stage
        .server
        .must("POST", "sys/quotas/rate-limit/pki", Some(&quota))
        .await
        .unwrap();
    // Verbs that read, list, order, and do so for many.
    for line in [
        "config read web --mount pki -o json".to_owned(),
        "certs list".to_owned(),
        format!("certs read web {id}"),
        "profile sync web".to_owned(),
        "enroll web --common-name new.example.com".to_owned(),
        format!("renew web {id}"),
        "orders list web".to_owned(),
        "bulk plan hosts.csv --config web".to_owned(),
        "bulk apply hosts.csv --config web --yes".to_owned(),
    ] {
        let ran = env.run(&line);
        assert_eq!(ran.code, 0, "{line}: {}{}", ran.stdout, ran.stderr);
        assert!(!ran.stderr.contains("quota"), "{line}: {}", ran.stderr);
    }
}
