//! The plugin's binary in a real server. The toolkit below it has its own tests: `crates/vault-plugin/tests`.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, and print what it measures"
)]

#[path = "../support/mod.rs"]
mod support;

mod by_hand;
mod catalogue;
mod processes;
