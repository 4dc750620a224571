//! What `svpki` says to a Vault or OpenBao server: connection settings as the vendors' own command lines read
//! them, one client for any path, and typed endpoints of the Sectigo engine and of the server's own `sys/` paths.
//!
//! Start with [`Settings::from_env`], make a [`Server`] of it, find the engine's mounts with [`Server::mounts`] and
//! speak to one through [`EngineClient`]. Everything here is `Clone + Send + Sync` and may be used from many tasks.
//! Of the transport underneath (vaultrs on reqwest) nothing leaks.

#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may stop at the first surprise"
    )
)]

mod client;
mod connection_error;
mod endpoint;
mod engine;
mod error;
mod http;
mod own_configs;
mod setting;
mod settings;
mod sys;
mod token;
mod trust;

pub use client::{Answer, Answered, Listing, Server};
pub use engine::{EngineClient, InventoryQuery};
pub use error::{VaultError, VaultErrorKind};
pub use setting::{Environment, Flags, Origin, Setting, SettingsError};
pub use settings::Settings;
/// An I/O error without the number that only programmers read.
pub fn io_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

pub use sys::{
    Capabilities, CatalogPlugin, Mount, PLUGIN_NAME, ServerHealth, ServerProduct, TokenInfo,
};
