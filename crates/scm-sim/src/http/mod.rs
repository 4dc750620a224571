//! From the socket to a call's handler and back: listening, TLS, who is calling, faults, the log.

mod admission;
mod front;
mod listener;
mod members;
mod refusal;
mod reply;

pub use front::{Ask, Desk, Route, Verb, router};
pub use listener::Listener;
pub use members::Members;
pub use refusal::Refusal;
pub use reply::Reply;
