use reqwest::{Certificate, Client, Identity, Method};
use serde_json::json;

use crate::harness::{Scm, answer};

#[tokio::test]
async fn a_wrong_login_is_an_unknown_user() {
    let scm = Scm::start().await;
    let url = format!("{}/api/ssl/v1/types", scm.sim.base_url);
    let (login, password, uri) = (&scm.sim.login, &scm.sim.password, &scm.sim.customer_uri);
    for (login, password, uri) in [
        ("nobody", password.as_str(), uri.as_str()),
        (login, "wrong", uri),
        (login, password, "elsewhere"),
        (login, "", uri),
    ] {
        let request = scm
            .http
            .get(&url)
            .header("login", login)
            .header("password", password)
            .header("customerUri", uri);
        let answer = answer(request).await;
        answer.refused(401, -16);
        assert_eq!(answer.json()["description"], "Unknown user");
        let server = answer.header("www-authenticate");
        assert!(server.contains(&scm.sim.token_url), "{server}");
    }
    answer(scm.http.get(&url)).await.refused(401, -16);
}

#[tokio::test]
async fn https_with_its_own_certificate() {
    let scm = Scm::start().await;
    let url = format!("{}/api/ssl/v1/types", scm.sim.https_url);
    let ca = Certificate::from_pem(scm.sim.ca_pem.as_bytes()).unwrap();
    let trusting = Client::builder().tls_certs_only([ca]).build().unwrap();
    let request = trusting
        .get(&url)
        .header("login", &scm.sim.login)
        .header("password", &scm.sim.password)
        .header("customerUri", &scm.sim.customer_uri);
    assert_eq!(answer(request).await.status, 200);
    let root = Certificate::from_pem(scm.sim.root_pem.as_bytes()).unwrap();
    let other = Client::builder().tls_certs_only([root]).build().unwrap();
    assert!(
        other.get(&url).send().await.is_err(),
        "the issuing root is no CA of ours"
    );
}

#[tokio::test]
async fn the_private_prefix_needs_a_client_certificate() {
    let scm = Scm::start().await;
    let url = format!("{}/private/api/ssl/v1/types", scm.sim.https_url);
    let ca = || Certificate::from_pem(scm.sim.ca_pem.as_bytes()).unwrap();
    let pem = format!("{}{}", scm.sim.client_cert_pem, scm.sim.client_key_pem);
    let identity = Identity::from_pem(pem.as_bytes()).unwrap();
    let certified = Client::builder()
        .tls_certs_only([ca()])
        .identity(identity)
        .build()
        .unwrap();
    let bare = Client::builder().tls_certs_only([ca()]).build().unwrap();
    let ask = async |client: &Client, login: &str| {
        let request = client
            .get(&url)
            .header("login", login)
            .header("customerUri", &scm.sim.customer_uri);
        answer(request).await
    };
    assert_eq!(ask(&certified, &scm.sim.login).await.status, 200);
    ask(&certified, "nobody").await.refused(401, -16);
    ask(&bare, &scm.sim.login).await.refused(401, -16);
    let over_http = scm.request(Method::GET, "/private/api/ssl/v1/types");
    answer(over_http).await.refused(401, -16);
}

async fn token(scm: &Scm, secret: &str, grant: &str) -> crate::harness::Answer {
    let client_id = scm.sim.client_id.clone().unwrap();
    let form = [
        ("grant_type", grant),
        ("client_id", &client_id),
        ("client_secret", secret),
    ];
    answer(scm.http.post(&scm.sim.token_url).form(&form)).await
}

#[tokio::test]
async fn bearer_tokens_are_given_and_expire() {
    let scm = Scm::with_toml("[switches]\ntoken_lifetime = '20s'").await;
    let given = token(&scm, &scm.sim.client_secret, "client_credentials").await;
    assert_eq!(
        (given.status, &given.json()["expires_in"]),
        (200, &json!(20))
    );
    let bearer = given.json()["access_token"].as_str().unwrap().to_owned();
    let url = format!("{}/api/ssl/v1/types", scm.sim.base_url);
    let ask = async |token: &str| answer(scm.http.get(&url).bearer_auth(token)).await;
    assert_eq!(ask(&bearer).await.status, 200);
    ask("made-up").await.refused(401, -16);
    let lower = scm
        .http
        .get(&url)
        .header("authorization", format!("bearer {bearer}"));
    assert_eq!(answer(lower).await.status, 200);
    scm.advance("21s").await;
    ask(&bearer).await.refused(401, -16);
}

#[tokio::test]
async fn a_rule_can_end_a_token_early() {
    let scm = Scm::start().await;
    let given = token(&scm, &scm.sim.client_secret, "client_credentials")
        .await
        .json();
    let bearer = given["access_token"].as_str().unwrap().to_owned();
    scm.rule(json!({ "call": "types", "nth": 2, "expire_token": true }))
        .await;
    let url = format!("{}/api/ssl/v1/types", scm.sim.base_url);
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(answer(scm.http.get(&url).bearer_auth(&bearer)).await.status);
    }
    assert_eq!(seen, [200, 401, 401]);
}

#[tokio::test]
async fn tokens_that_are_refused() {
    let scm = Scm::start().await;
    let wrong = token(&scm, "wrong", "client_credentials").await;
    assert_eq!(
        (wrong.status, &wrong.json()["error"]),
        (401, &json!("invalid_client"))
    );
    let grant = token(&scm, &scm.sim.client_secret, "password").await;
    assert_eq!(
        (grant.status, &grant.json()["error"]),
        (400, &json!("unsupported_grant_type"))
    );
    let log = scm.get("/control/calls?call=token").await.text();
    assert!(!log.contains("wrong") && !log.contains(&scm.sim.client_secret));
}
