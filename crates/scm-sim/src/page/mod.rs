//! The page at `/`: what this SCM sees, with approve and decline. It speaks to the control API only.

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

/// Nothing but our own files runs or loads: names in orders come from outside.
fn part(content_type: &str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, format!("{content_type}; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, "default-src 'self'".to_owned()),
    ];
    (headers, text).into_response()
}
