//! Lists, page by page.

use std::fmt::Write as _;

use scm_client::{Client, ScmError, SslFilter};

use crate::client;
use crate::wire::{Reply, Wire, answer, text};

fn page(ids: impl IntoIterator<Item = i64>, total: Option<i64>) -> Reply {
    let mut body = String::new();
    for id in ids {
        write!(body, r#",{{"sslId":{id},"commonName":"{id}.example"}}"#).unwrap();
    }
    let total = total.map(|total| format!("x-total-count: {total}\r\n"));
    answer(
        200,
        &total.unwrap_or_default(),
        format!("[{}]", body.trim_start_matches(',')),
    )
}

async fn ids(client: &Client) -> Result<Vec<i64>, ScmError> {
    let all = client.ssl().list(&SslFilter::default()).all(10_000).await?;
    Ok(all.iter().map(|listed| listed.ssl_id).collect())
}

#[tokio::test]
async fn all_pages_are_read_and_doubles_are_left_out() {
    // An entry came in while we read: one is shown twice.
    let wire = Wire::new([
        page(1..=200, Some(420)),
        page(200..=399, Some(421)),
        page(400..=420, Some(421)),
    ])
    .await;
    assert_eq!(
        ids(&client(&wire.url)).await.unwrap(),
        (1..=420).collect::<Vec<_>>()
    );
    let lines: Vec<String> = wire.asked().iter().map(|request| request.line()).collect();
    assert_eq!(
        lines,
        [0, 200, 400].map(|at| format!("GET /api/ssl/v1?size=200&position={at}"))
    );
}

#[tokio::test]
async fn without_a_total_a_short_page_is_the_last() {
    let wire = Wire::new([page(1..=200, None), page(201..=203, None)]).await;
    assert_eq!(ids(&client(&wire.url)).await.unwrap().len(), 203);
    assert_eq!(wire.asked().len(), 2);
}

#[tokio::test]
async fn a_server_with_smaller_pages_is_read_to_the_end() {
    let wire = Wire::new([
        page(1..=50, Some(120)),
        page(51..=100, Some(120)),
        page(101..=120, Some(120)),
    ])
    .await;
    assert_eq!(ids(&client(&wire.url)).await.unwrap().len(), 120);
}

#[tokio::test]
async fn a_server_that_ignores_the_position_does_not_hold_us() {
    let wire = Wire::new((0..9).map(|_| page(1..=200, Some(9000)))).await;
    assert_eq!(ids(&client(&wire.url)).await.unwrap().len(), 200);
    assert_eq!(wire.asked().len(), 2);
}

#[tokio::test]
async fn half_a_list_is_an_error() {
    let wire = Wire::new([page(1..=200, Some(400)), text(400, "no")]).await;
    assert!(ids(&client(&wire.url)).await.is_err());
    let wire = Wire::new([page(1..=200, Some(400)), page(201..=400, Some(400))]).await;
    let error = client(&wire.url)
        .ssl()
        .list(&SslFilter::default())
        .all(300)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("more than 300"), "{error}");
}
