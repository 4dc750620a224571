//! A toolkit for plugins of HashiCorp Vault and OpenBao, in layers, each knowing only those below it: [`goplugin`] (the
//! plugin's side of any go-plugin host), [`logical`] (requests, answers, errors and storage of any Vault backend),
//! [`framework`] (routes, typed fields, help and OpenAPI of any Vault backend).

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
