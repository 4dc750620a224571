//! The Sectigo PKI secrets engine for HashiCorp Vault and OpenBao, with its operator tool `svpki` and
//! `scm-sim`, a local Sectigo Certificate Manager.
//!
//! `ARCHITECTURE.md` explains how the parts stand on each other; each folder's module says what it answers for.

#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may stop at the first surprise"
    )
)]

#[cfg(feature = "tool")]
pub mod cli;
mod core_dumps;
#[cfg(feature = "tool")]
pub mod filter;
#[cfg(feature = "tool")]
pub mod forecast;
#[cfg(feature = "tool")]
mod inventory;
#[cfg(feature = "plugin")]
pub mod plugin;
mod renewal_spread;
#[cfg(feature = "tool")]
pub mod tui;
