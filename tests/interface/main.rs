//! The interface of the engine as it is declared: help, the API description, and the sample requests in `examples/`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

mod accepted;
mod documented;
mod helped;
mod promises;
mod reference;
mod samples;
mod words;
