//! Everything between the socket and the handler of a call: listening, TLS, authentication, faults, the log.

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
