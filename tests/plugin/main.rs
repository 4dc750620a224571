//! The plugin's binary in a real server, and the layers below the engine through `examples/notebook.rs`.

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
mod cluster;
mod notebook;
mod processes;
