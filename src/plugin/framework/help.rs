//! What `path-help` answers.

use super::router::Router;
use crate::plugin::logical::{Request, Response};

/// Help never fails and is never empty: the server asks every mount for it when it describes itself, and one mount
/// without an answer breaks the whole document.
pub fn answer<E: Send + Sync + 'static>(router: &Router<E>, _request: &Request) -> Response {
    let mut text = format!("{}\n\n{}\n", router.title, router.description);
    for route in router.routes() {
        text.push_str(&format!(
            "\n    {}\n        {}\n",
            route.pattern, route.synopsis
        ));
    }
    let mut response = Response::default();
    response.data.insert("help".into(), text.into());
    response
        .data
        .insert("see_also".into(), serde_json::Value::Null);
    response
}
