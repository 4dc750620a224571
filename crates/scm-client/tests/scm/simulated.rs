//! The client against a whole SCM: the real `scm-sim` process, in all three ways to log in.

use pki::{Chain, PathPreference, San, bundle};
use scm_client::{
    Auth, Client, Collected, Outcome, ScmErrorKind, ScmPhase, ScmStatus, SslEnroll, SslFilter,
};
use serde_json::{Value, json};
use svpki_types::Secret;

use crate::simulator::{ORGANISATION, PROFILE, Simulator, collect, order};

#[tokio::test]
async fn a_certificate_comes_and_goes_with_every_login() {
    for simulator in Simulator::start_both().await {
        comes_and_goes(&simulator).await;
    }
}

async fn comes_and_goes(simulator: &Simulator) {
    for (name, settings) in [
        ("password.example", simulator.password()),
        ("certificate.example", simulator.certificate()),
        ("oauth.example", simulator.oauth()),
    ] {
        let client = Client::new(settings).unwrap();
        let profiles = client.ssl().profiles(Some(ORGANISATION)).await.unwrap();
        let profile = profiles
            .iter()
            .find(|profile| profile.id == PROFILE)
            .unwrap();
        assert!(
            profile.terms.contains(&365) && profile.key_types.contains_key("EC"),
            "{profile:?}"
        );
        assert!(!client.ssl().custom_fields().await.unwrap().is_empty());

        let (key, order) = order(name);
        let enrolled = client.ssl().enroll(&order).await.unwrap();
        for format in [
            "x509", "x509R", "pem", "pemia", "base64", "bin", "x509CO", "pemco",
        ] {
            let bytes = collect(&client, enrolled.ssl_id, format).await;
            let chain = Chain::assemble(
                bundle::parse(&bytes).unwrap(),
                key.spki_der(),
                PathPreference::Compatible,
            )
            .unwrap();
            assert_eq!(chain.leaf.common_name(), Some(name), "{format}");
            assert!(
                chain.leaf.sans().contains(&San::Dns(format!("www.{name}"))),
                "{format}"
            );
            let alone = format.to_ascii_lowercase().ends_with("co");
            assert_eq!(chain.issuers.is_empty(), alone, "{format}");
        }
        let details = client.ssl().details(enrolled.ssl_id).await.unwrap();
        assert_eq!(details.status, Some(ScmStatus::Issued));
        assert_eq!(details.comments, Some(order.comments));
        assert_eq!(details.profile.unwrap().id, PROFILE);
        let filter = SslFilter {
            common_name: Some(name.into()),
            ..SslFilter::default()
        };
        let listed = client.ssl().list(&filter).all(10).await.unwrap();
        assert_eq!(
            listed.iter().map(|one| one.ssl_id).collect::<Vec<_>>(),
            [enrolled.ssl_id]
        );

        client
            .ssl()
            .revoke(enrolled.ssl_id, 1, "lost")
            .await
            .unwrap();
        let details = client.ssl().details(enrolled.ssl_id).await.unwrap();
        assert_eq!(details.status.unwrap().phase(), ScmPhase::Revoked);
        let error = client
            .ssl()
            .revoke(enrolled.ssl_id, 1, "lost")
            .await
            .unwrap_err();
        assert_eq!(
            (error.outcome(), error.code().is_some()),
            (Outcome::Refused, true),
            "{error}"
        );
        assert!(client.clock_skew().unwrap().as_secs().abs() < 60);
    }
}

#[tokio::test]
async fn refusals_keep_scms_words() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.password()).unwrap();
    let (_, good) = order("refused.example");
    let wrong_term = SslEnroll {
        term: 1,
        ..good.clone()
    };
    let error = client.ssl().enroll(&wrong_term).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ScmErrorKind::BadContent, Some(-36)),
        "{error}"
    );
    let wrong_csr = SslEnroll {
        csr: "AAAA".into(),
        ..good.clone()
    };
    let error = client.ssl().enroll(&wrong_csr).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ScmErrorKind::BadContent, Outcome::Refused),
        "{error}"
    );
    let error = client.ssl().details(987_654).await.unwrap_err();
    assert_eq!(error.kind(), ScmErrorKind::NotFound, "{error}");

    let mut settings = simulator.password();
    settings.auth = Auth::Password {
        login: simulator.text("login"),
        password: Secret::new("wrong-password"),
    };
    let error = Client::new(settings)
        .unwrap()
        .ssl()
        .enroll(&good)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ScmErrorKind::Login, Some(-16)),
        "{error}"
    );
    let mut settings = simulator.oauth();
    settings.auth = Auth::OAuth2 {
        token_url: simulator.text("token_url"),
        client_id: simulator.text("client_id"),
        client_secret: Secret::new("wrong-secret"),
    };
    let error = Client::new(settings)
        .unwrap()
        .ssl()
        .enroll(&good)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ScmErrorKind::Login, Outcome::NotSent),
        "{error}"
    );
}

#[tokio::test]
async fn faults_on_the_way_are_told_apart() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.password()).unwrap();

    // The order that SCM took and whose answer was lost is found by its comment.
    simulator
        .rule(json!({"call": "enroll", "drop": "after"}))
        .await;
    let (_, lost) = order("lost.example");
    let error = client.ssl().enroll(&lost).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    simulator
        .control(reqwest::Method::PUT, "/rules", json!([]))
        .await;
    let filter = SslFilter {
        common_name: Some("lost.example".into()),
        ..SslFilter::default()
    };
    let found = client.ssl().list(&filter).all(10).await.unwrap();
    assert_eq!(found.len(), 1);
    let details = client.ssl().details(found[0].ssl_id).await.unwrap();
    assert_eq!(details.comments, Some(lost.comments));

    simulator
        .rule(json!({"call": "enroll", "status": 503, "html": true}))
        .await;
    let error = client
        .ssl()
        .enroll(&order("busy.example").1)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ScmErrorKind::Server, Outcome::Unknown),
        "{error}"
    );

    simulator
        .rule(json!({"call": "details", "first": 2, "status": 502, "body": "bad gateway"}))
        .await;
    client.ssl().details(found[0].ssl_id).await.unwrap();

    simulator
        .rule(json!({"call": "details", "first": 1, "status": 429, "retry_after": 1}))
        .await;
    client.ssl().details(found[0].ssl_id).await.unwrap();

    simulator
        .rule(json!({"call": "enroll", "truncate": 5}))
        .await;
    let error = client
        .ssl()
        .enroll(&order("cut.example").1)
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
}

#[tokio::test]
async fn not_ready_in_every_encoding_and_the_status_behind_it() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.password()).unwrap();
    for encoding in [
        "code0",
        "code-183",
        "code-1400",
        "code-103",
        "code-109",
        "empty",
    ] {
        simulator
            .rule(json!({"call": "enroll", "polls": 2, "not_ready": encoding}))
            .await;
        let (key, slow) = order(&format!("{encoding}.example"));
        let id = client.ssl().enroll(&slow).await.unwrap().ssl_id;
        let first = client.ssl().collect(id, "x509").await.unwrap();
        assert!(
            matches!(first, Collected::NotReady { .. }),
            "{encoding}: {first:?}"
        );
        let bytes = collect(&client, id, "x509").await;
        Chain::assemble(
            bundle::parse(&bytes).unwrap(),
            key.spki_der(),
            PathPreference::Compatible,
        )
        .unwrap();
    }
    simulator
        .rule(json!({"call": "enroll", "approval": true}))
        .await;
    let id = client
        .ssl()
        .enroll(&order("asks.example").1)
        .await
        .unwrap()
        .ssl_id;
    let phase = async || {
        client
            .ssl()
            .details(id)
            .await
            .unwrap()
            .status
            .unwrap()
            .phase()
    };
    assert_eq!(phase().await, ScmPhase::WaitingApproval);
    simulator
        .control(
            reqwest::Method::POST,
            &format!("/orders/{id}/decline"),
            json!({}),
        )
        .await;
    assert!(matches!(
        client.ssl().collect(id, "x509").await,
        Ok(Collected::NotReady { .. })
    ));
    assert_eq!(phase().await, ScmPhase::Declined);
}

#[tokio::test]
async fn an_expired_token_is_renewed_on_the_way() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.oauth()).unwrap();
    client.ssl().profiles(None).await.unwrap();
    simulator
        .rule(json!({"call": "enroll", "first": 1, "expire_token": true}))
        .await;
    client
        .ssl()
        .enroll(&order("token.example").1)
        .await
        .unwrap();
    let orders = simulator
        .control(reqwest::Method::GET, "/counters", Value::Null)
        .await;
    assert_eq!(orders["orders"], 1);
}
