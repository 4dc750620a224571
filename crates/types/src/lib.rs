//! The words that all three programs share: names and ids, the states of a certificate and of an order, key
//! types, and the shape of the plugin's answers.
//!
//! Nothing here reads or writes anything; nothing here knows of Vault, of SCM or of a terminal.

#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod api;
mod backoff;
mod duration;
mod error_tags;
mod ids;
mod key_spec;
mod labels;
mod pending_order;
mod secret;
mod status;
pub mod text;

pub use backoff::Backoff;
pub use duration::parse_duration;
pub use error_tags::{ErrorTags, RefusalCode};
pub use ids::{CertId, ConfigName, InvalidName, OrderId, RoleName};
pub use key_spec::{Curve, KeySpec, RsaSize, UnknownKeySpec};
pub use labels::Labels;
pub use pending_order::{NotPending, PendingOrder};
pub use secret::Secret;
pub use status::{OrderState, Status, UnknownStatus, WaitingOn};
