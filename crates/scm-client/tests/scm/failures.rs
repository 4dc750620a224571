//! What a failed call says became of it.

use std::time::Duration;

use scm_client::{Client, Outcome, ScmError, ScmErrorKind, SslEnroll, SslReportQuery};

use crate::wire::{Reply, Wire, answer, json, text, truncated};
use crate::{PASSWORD, client, settings};

fn order() -> SslEnroll {
    SslEnroll {
        org_id: 7,
        csr: "csr".into(),
        profile_id: 1,
        term: 365,
        ..SslEnroll::default()
    }
}

/// An order answered like this: the error, and how often it was sent.
async fn ordering(reply: Reply) -> (ScmError, usize) {
    let wire = Wire::new([reply]).await;
    let error = client(&wire.url).ssl().enroll(&order()).await.unwrap_err();
    (error, wire.asked().len())
}

#[tokio::test]
async fn an_order_is_sent_once_whatever_comes_back() {
    let busy = ScmErrorKind::Busy { retry_after: None };
    for (what, reply, kind, outcome) in [
        (
            "dropped",
            Reply::Drop,
            ScmErrorKind::Unreachable,
            Outcome::Unknown,
        ),
        (
            "truncated",
            truncated(200, "{\"ssl"),
            ScmErrorKind::Unreachable,
            Outcome::Unknown,
        ),
        (
            "half a head",
            Reply::Bytes(b"HTTP/1.1 20".to_vec()),
            ScmErrorKind::Unreachable,
            Outcome::Unknown,
        ),
        (
            "no HTTP",
            Reply::Bytes(b"SSH-2.0-x\r\n".to_vec()),
            ScmErrorKind::Unreachable,
            Outcome::Unknown,
        ),
        (
            "HTML 503",
            text(503, "<html>503</html>"),
            ScmErrorKind::Server,
            Outcome::Unknown,
        ),
        ("502", text(502, ""), ScmErrorKind::Server, Outcome::Unknown),
        (
            "500 with code",
            json(500, r#"{"code":-1,"description":"x"}"#),
            ScmErrorKind::Server,
            Outcome::Unknown,
        ),
        (
            "no JSON",
            text(200, "OK"),
            ScmErrorKind::InvalidResponse,
            Outcome::Unknown,
        ),
        (
            "no id",
            json(200, "{}"),
            ScmErrorKind::InvalidResponse,
            Outcome::Unknown,
        ),
        (
            "id 0",
            json(200, r#"{"sslId":0}"#),
            ScmErrorKind::InvalidResponse,
            Outcome::Unknown,
        ),
        (
            "redirect",
            answer(302, "location: https://cert-manager.com/\r\n", ""),
            ScmErrorKind::InvalidResponse,
            Outcome::Unknown,
        ),
        (
            "400",
            json(400, r#"{"code":-36,"description":"Term is invalid"}"#),
            ScmErrorKind::BadContent,
            Outcome::Refused,
        ),
        (
            "400, nothing",
            answer(400, "content-type: application/json\r\n", ""),
            ScmErrorKind::BadContent,
            Outcome::Refused,
        ),
        (
            "400, truncated",
            truncated(400, "{\"co"),
            ScmErrorKind::BadContent,
            Outcome::Refused,
        ),
        (
            "401, nothing",
            answer(401, "", ""),
            ScmErrorKind::Login,
            Outcome::Refused,
        ),
        (
            "403",
            text(403, "no"),
            ScmErrorKind::Forbidden,
            Outcome::Refused,
        ),
        (
            "404",
            json(404, r#"{"description":"gone"}"#),
            ScmErrorKind::NotFound,
            Outcome::Refused,
        ),
        ("429", text(429, "slow down"), busy, Outcome::Refused),
    ] {
        let (error, sent) = ordering(reply).await;
        assert_eq!(
            (error.kind(), error.outcome(), sent),
            (kind, outcome, 1),
            "{what}: {error}"
        );
    }
}

#[tokio::test]
async fn what_never_left_is_not_sent() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for base in [closed.as_str(), "https://no-such-host.invalid"] {
        let error = client(base).ssl().enroll(&order()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ScmErrorKind::Unreachable, Outcome::NotSent),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .starts_with("SCM could not be reached for enroll: "),
            "{error}"
        );
    }
    // A server that speaks no TLS.
    let wire = Wire::new([]).await;
    let error = client(&wire.url.replace("http:", "https:"))
        .ssl()
        .enroll(&order())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ScmErrorKind::Unreachable, Outcome::NotSent),
        "{error}"
    );
}

#[tokio::test]
async fn scms_code_words_and_a_remedy_are_in_the_error() {
    let (error, _) = ordering(json(400, r#"{"code":-36,"description":"Term is invalid"}"#)).await;
    assert_eq!(
        error.to_string(),
        "SCM refused enroll: -36 \"Term is invalid\" (HTTP 400); hint: choose a term (days) that the profile offers"
    );
    assert_eq!(
        (error.code(), error.status(), error.text()),
        (Some(-36), Some(400), "Term is invalid")
    );
    let (error, _) = ordering(json(401, r#"{"code":-16,"description":"Unknown user"}"#)).await;
    assert!(
        error
            .to_string()
            .contains("-16 \"Unknown user\" (HTTP 401); hint: check login"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_not_scms_answer_is_not_repeated_to_the_caller() {
    let secret = "internal-token-4711";
    for (reply, kind) in [
        (text(503, &format!("<html>{secret}</html>")), "text/plain"),
        (
            text(200, &format!("{{\"sslId\": \"{secret}\"")),
            "text/plain",
        ),
        (json(200, &format!("[\"{secret}\"]")), "application/json"),
        (
            json(200, &format!("{{\"id\":\"{secret}\"}}")),
            "application/json",
        ),
        (
            json(
                403,
                &format!("{{\"message\":\"{secret}\",\"error\":\"{secret}\"}}"),
            ),
            "application/json",
        ),
        (
            json(400, &format!("{{\"errors\":[\"{secret}\"]}}")),
            "application/json",
        ),
    ] {
        let (error, _) = ordering(reply).await;
        assert!(!format!("{error} {error:?}").contains(secret), "{error}");
        assert!(error.to_string().contains(kind), "{error}");
        assert!(error.to_string().contains("server's log"), "{error}");
    }
}

#[tokio::test]
async fn long_and_odd_bodies_are_cut_and_cleaned() {
    let long = format!(
        r#"{{"code":-7,"description":"a\u001b[2J\r\n{}"}}"#,
        "x".repeat(9000)
    );
    let (error, _) = ordering(json(503, &long)).await;
    assert!(
        error.text().starts_with("a [2J xx") && error.text().chars().count() <= 201,
        "{error}"
    );
    assert!(!error.to_string().contains(char::is_control));
    let echo = format!(r#"{{"code":-7,"description":"bad header password={PASSWORD}"}}"#);
    let (error, _) = ordering(json(400, &echo)).await;
    assert!(!format!("{error} {error:?}").contains(PASSWORD), "{error}");
}

#[tokio::test]
async fn reads_are_repeated_and_posts_are_not() {
    let wire = Wire::new([
        text(
            503,
            "upstream connect error or disconnect/reset before headers",
        ),
        Reply::Drop,
        json(200, r#"{"id":5,"status":"Issued"}"#),
    ])
    .await;
    assert_eq!(
        client(&wire.url).ssl().details(5).await.unwrap().ssl_id,
        Some(5)
    );
    assert_eq!(wire.asked().len(), 3);

    let wire = Wire::new([text(503, "busy"), json(200, r#"{"reports":[]}"#)]).await;
    assert!(
        client(&wire.url)
            .ssl()
            .report(&SslReportQuery::default())
            .await
            .is_err()
    );
    assert_eq!(wire.asked().len(), 1);

    let wire = Wire::new([json(404, r#"{"code":-5101,"description":"x"}"#)]).await;
    let error = client(&wire.url).ssl().details(5).await.unwrap_err();
    assert_eq!(
        (error.kind(), wire.asked().len()),
        (ScmErrorKind::NotFound, 1)
    );

    let wire = Wire::new((0..9).map(|_| text(500, "still"))).await;
    assert!(client(&wire.url).ssl().details(5).await.is_err());
    assert_eq!(wire.asked().len(), 4);
}

#[tokio::test]
async fn a_429_is_obeyed_now_and_by_later_calls() {
    let wire = Wire::new([
        answer(429, "retry-after: 1\r\n", "slow"),
        json(200, r#"{"id":5}"#),
    ])
    .await;
    let started = tokio::time::Instant::now();
    client(&wire.url).ssl().details(5).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));

    let wire = Wire::new([answer(429, "retry-after: 120\r\n", "slow")]).await;
    let client = client(&wire.url);
    let waiting = |error: &ScmError| matches!(error.kind(), ScmErrorKind::Busy { retry_after: Some(wait) } if wait.as_secs() > 100);
    let error = client.ssl().enroll(&order()).await.unwrap_err();
    assert!(
        waiting(&error) && error.outcome() == Outcome::Refused,
        "{error}"
    );
    let error = client.clone().ssl().enroll(&order()).await.unwrap_err();
    assert!(
        waiting(&error) && error.outcome() == Outcome::NotSent,
        "{error}"
    );
    assert_eq!(wire.asked().len(), 1);
}

#[tokio::test]
async fn no_answer_in_time_is_unknown() {
    let wire = Wire::new([Reply::Hang, Reply::Hang]).await;
    let mut settings = settings(&wire.url);
    settings.timeout = Duration::from_millis(300);
    let client = Client::new(settings).unwrap();
    let error = client
        .ssl()
        .report(&SslReportQuery::default())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ScmErrorKind::Unreachable, Outcome::Unknown),
        "{error}"
    );
    assert!(error.text().contains("in time"), "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Wire::new([json(200, r#"{"id":5}"#)]).await;
    let wire = Wire::new([answer(
        307,
        &format!("location: {}/api/x\r\n", elsewhere.url),
        "",
    )])
    .await;
    let error = client(&wire.url).ssl().details(5).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("(HTTP 307); hint: the base URL leads elsewhere"),
        "{error}"
    );
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn what_scm_would_refuse_anyway_is_not_sent() {
    let wire = Wire::new([]).await;
    let client = client(&wire.url);
    for error in [
        client.ssl().revoke(5, 2, "x").await.unwrap_err(),
        client.ssl().revoke(5, 0, " ").await.unwrap_err(),
        client
            .ssl()
            .revoke(5, 0, &"x".repeat(513))
            .await
            .unwrap_err(),
        client.client().revoke("../5", 0, "x").await.unwrap_err(),
        client.client().collect("", "x509").await.unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.outcome()),
            (ScmErrorKind::BadContent, Outcome::NotSent),
            "{error}"
        );
    }
    assert!(wire.asked().is_empty());
}
