//! The page at `/`: the orders and calls of this SCM, with buttons to approve and decline. It uses only the control
//! API.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::http::Dispatcher;

pub(super) fn router() -> Router<Dispatcher> {
    Router::new()
        .route(
            "/",
            get(async || part("text/html", include_str!("page.html"))),
        )
        .route(
            "/page.css",
            get(async || part("text/css", include_str!("page.css"))),
        )
        .route(
            "/page.js",
            get(async || part("text/javascript", include_str!("page.js"))),
        )
}

/// The policy allows only our own files, because names in orders come from outside.
fn part(content_type: &str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, format!("{content_type}; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, "default-src 'self'".to_owned()),
    ];
    (headers, text).into_response()
}
