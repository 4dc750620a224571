//! The dashboard: every certificate of every mount on one screen.
//!
//! Three parts know little of each other: [`model`] is the state, [`mod@update`] changes it for each message and returns
//! effects, and [`mod@view`] draws it. Effects run in tasks that answer with messages. Drawing waits for nothing and
//! happens only when something has changed.

pub mod chain;
pub mod export;
pub mod keys;
mod layout;
pub mod model;
mod runtime;
pub mod settings_file;
pub mod source;
pub mod terminal;
pub mod text;
pub mod text_input;
pub mod theme;
pub mod time;
pub mod update;
pub mod view;

pub use model::{Model, Settings};
pub use runtime::{Effects, ExitReason, SLICE, Session, TuiError, VaultSource, now_ms, show};
pub use update::{Effect, Msg, update};
pub use view::view;
