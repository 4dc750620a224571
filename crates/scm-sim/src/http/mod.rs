//! From the socket to a call's handler and back: listening, TLS, who is calling, faults, the log.

mod auth;
mod dispatch;
mod json_body;
mod listener;
mod refusal;
mod reply;

pub use dispatch::{Ask, Dispatcher, Route, TOKEN_PATH, Verb, router};
pub use json_body::JsonBody;
pub use listener::Listener;
pub use refusal::Refusal;
pub use reply::Reply;
