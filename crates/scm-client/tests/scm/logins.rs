//! The three ways to say who we are.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use scm_client::{Auth, Client, Outcome, ScmErrorKind, Settings, SslEnroll};
use svpki_types::Secret;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::wire::{Reply, Wire, answer, json, text};
use crate::{PASSWORD, client, settings};

#[tokio::test]
async fn a_password_goes_in_headers_of_every_call() {
    let wire = Wire::new([json(200, "{}")]).await;
    let client = client(&wire.url);
    client.ssl().details(1).await.unwrap();
    let headers = wire.last().headers;
    assert_eq!(
        (
            &*headers["login"],
            &*headers["password"],
            &*headers["customeruri"]
        ),
        ("ws_admin", PASSWORD, "murray")
    );
    assert!(!headers.contains_key("authorization"));
    let shown = format!("{client:?} {:?}", settings(&wire.url));
    assert!(!shown.contains(PASSWORD), "{shown}");
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let refused = |change: fn(&mut Settings)| {
        let mut settings = settings("https://cert-manager.com");
        change(&mut settings);
        let error = Client::new(settings).unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ScmErrorKind::BadContent, Outcome::NotSent)
        );
        error.to_string()
    };
    let login = |password: &str| Auth::Password {
        login: "l".into(),
        password: Secret::new(password),
    };
    assert!(refused(|s| s.customer_uri = String::new()).contains("customer_uri is empty"));
    assert!(refused(|s| s.ca_bundle = Some("no PEM".into())).contains("ca_bundle"));
    assert!(refused(|s| s.base_url = "cert-manager.com".into()).contains("base_url"));
    let mut bad = settings("https://cert-manager.com");
    bad.auth = login("line\nbreak");
    let error = Client::new(bad).unwrap_err().to_string();
    assert!(
        error.contains("password holds a character") && !error.contains("break"),
        "{error}"
    );
    assert!(
        refused(|s| s.auth = Auth::ClientCertificate {
            login: "l".into(),
            certificate_pem: "x".into(),
            key: Secret::new("y"),
        })
        .contains("auth_certificate")
    );
    assert!(
        refused(|s| s.auth = Auth::OAuth2 {
            token_url: "http://example.com/token".into(),
            client_id: "i".into(),
            client_secret: Secret::new("s"),
        })
        .contains("token_url")
    );
}

fn oauth(api: &Wire, tokens: &Wire) -> Client {
    let mut settings = settings(&api.url);
    settings.auth = Auth::OAuth2 {
        token_url: format!("{}/token", tokens.url),
        client_id: "client".into(),
        client_secret: Secret::new("s3cret&more"),
    };
    Client::new(settings).unwrap()
}

fn token(name: &str, more: &str) -> Reply {
    json(
        200,
        &format!(r#"{{"access_token":"{name}","token_type":"Bearer"{more}}}"#),
    )
}

fn bearers(wire: &Wire) -> Vec<String> {
    wire.asked()
        .iter()
        .map(|request| request.headers["authorization"].clone())
        .collect()
}

#[tokio::test]
async fn a_token_is_fetched_once_and_is_all_that_is_sent() {
    let tokens = Wire::new([token("t1", "")]).await;
    let api = Wire::new([json(200, "{}"), json(200, "{}"), json(200, "[]")]).await;
    let client = oauth(&api, &tokens);
    let (ssl, other) = (client.ssl(), client.clone());
    let (a, b) = tokio::join!(ssl.details(1), async { other.ssl().details(2).await });
    a.unwrap();
    b.unwrap();
    client.client().profiles(None).await.unwrap();
    assert_eq!(api.last().line(), "GET /api/smime/v2/types");
    assert_eq!(bearers(&api), ["Bearer t1"; 3]);
    assert!(
        !api.last().headers.contains_key("login")
            && !api.last().headers.contains_key("customeruri")
    );
    assert_eq!(tokens.asked().len(), 1);
    assert_eq!(
        tokens.last().body,
        "grant_type=client_credentials&client_id=client&client_secret=s3cret%26more"
    );
}

#[tokio::test]
async fn a_token_near_its_end_is_replaced() {
    let tokens = Wire::new([
        token("t1", r#","expires_in":0"#),
        token("t2", r#","expires_in":"3600""#),
    ])
    .await;
    let api = Wire::new((0..3).map(|_| json(200, "{}"))).await;
    let client = oauth(&api, &tokens);
    for _ in 0..3 {
        client.ssl().details(1).await.unwrap();
    }
    assert_eq!(bearers(&api), ["Bearer t1", "Bearer t2", "Bearer t2"]);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_also_for_an_order() {
    let tokens = Wire::new([token("t1", ""), token("t2", ""), token("t3", "")]).await;
    let api = Wire::new([
        answer(401, "", ""),
        json(200, r#"{"sslId":5}"#),
        answer(401, "", ""),
        answer(401, "", ""),
    ])
    .await;
    let client = oauth(&api, &tokens);
    assert_eq!(
        client
            .ssl()
            .enroll(&SslEnroll::default())
            .await
            .unwrap()
            .ssl_id,
        5
    );
    let error = client
        .ssl()
        .enroll(&SslEnroll::default())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ScmErrorKind::Login, Outcome::Refused),
        "{error}"
    );
    assert_eq!(
        bearers(&api),
        ["Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3"]
    );
}

#[tokio::test]
async fn when_the_login_fails_nothing_was_sent() {
    for (reply, kind) in [
        (
            json(
                400,
                r#"{"error":"invalid_client","error_description":"Bad client"}"#,
            ),
            ScmErrorKind::Login,
        ),
        (
            json(401, r#"{"error":"unauthorized_client"}"#),
            ScmErrorKind::Login,
        ),
        (text(503, "<html>"), ScmErrorKind::Server),
        (json(200, "{}"), ScmErrorKind::InvalidResponse),
        (Reply::Drop, ScmErrorKind::Unreachable),
    ] {
        let tokens = Wire::new([reply]).await;
        let api = Wire::new([]).await;
        let error = oauth(&api, &tokens)
            .ssl()
            .enroll(&SslEnroll::default())
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (kind, Outcome::NotSent),
            "{error}"
        );
        assert!(!error.to_string().contains("s3cret"), "{error}");
        assert!(api.asked().is_empty());
    }
}

struct Pki {
    ca_pem: String,
    server: ServerConfig,
    client_pem: String,
    client_key: String,
}

fn pki() -> Pki {
    let ca_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(params, ca_key);
    let issue = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &issuer).unwrap(), key)
    };
    let (server, server_key) = issue("localhost");
    let (client, client_key) = issue("admin");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ca.der().to_vec())).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let server = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![server.der().clone()],
            PrivateKeyDer::try_from(server_key.serialize_der()).unwrap(),
        )
        .unwrap();
    Pki {
        ca_pem: ca.pem(),
        server,
        client_pem: client.pem(),
        client_key: client_key.serialize_pem(),
    }
}

#[tokio::test]
async fn a_client_certificate_logs_in_on_the_private_path() {
    let pki = pki();
    let wire = Wire::with_tls(pki.server, [json(200, "{}")]).await;
    let mut settings = settings(&format!("{}/api", wire.url));
    settings.ca_bundle = Some(pki.ca_pem.clone());
    settings.auth = Auth::ClientCertificate {
        login: "ws_admin".into(),
        certificate_pem: pki.client_pem,
        key: Secret::new(pki.client_key),
    };
    Client::new(settings.clone())
        .unwrap()
        .ssl()
        .details(1)
        .await
        .unwrap();
    let asked = wire.last();
    assert_eq!(asked.line(), "GET /private/api/ssl/v1/1");
    assert_eq!(
        (&*asked.headers["login"], &*asked.headers["customeruri"]),
        ("ws_admin", "murray")
    );
    assert!(!asked.headers.contains_key("password"));

    // Without trust in the CA nothing is said to it, whatever the caller wants.
    settings.ca_bundle = None;
    let stranger = Client::new(settings).unwrap();
    let error = stranger
        .ssl()
        .enroll(&SslEnroll::default())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ScmErrorKind::Unreachable, Outcome::NotSent),
        "{error}"
    );
    assert!(error.to_string().contains("ertificate"), "{error}");
    assert_eq!(wire.asked().len(), 1);
}
