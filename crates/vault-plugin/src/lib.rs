#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod framework;
pub mod goplugin;
pub mod logical;
