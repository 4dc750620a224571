//! Keys, certificate requests, certificates, chains, and the formats they are handed out in.
//!
//! Everything here is pure computation on bytes: nothing is read from a file, a network or a clock (the one
//! exception is the creation date inside a JKS file). Making an RSA key takes a large part of a second, so callers
//! run [`PrivateKey::generate`] where blocking is allowed. Whatever comes from outside may be anything at all: it
//! gives an [`X509Error`], never a panic.

#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod bundle;
mod certificate;
mod chain;
mod csr;
mod error;
mod export;
mod jks;
mod keys;
mod names;
mod pem;
mod pkcs7;
mod public_key;
mod public_names;
mod signature;
mod subject;

pub use certificate::Certificate;
pub use chain::{Chain, PathPreference};
pub use csr::Csr;
pub use error::X509Error;
pub use export::{Exported, Format, Keystore, export, keystore_holds};
pub use keys::PrivateKey;
pub use names::{San, domain_name, email_address};
pub use pem::with_line_ends;
pub use public_key::KeyDescription;
pub use subject::Subject;
