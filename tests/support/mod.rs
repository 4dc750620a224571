//! What several of the test programs need.

#![allow(dead_code, reason = "each test program uses its own part")]
#![allow(unused_imports, reason = "each test program uses its own part")]

use std::path::PathBuf;

pub use dev_server::cluster;
pub use dev_server::fixtures::{end_is_known, options, server, until};

/// The plugin as cargo has just built it.
pub fn plugin() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_sectigo-vault-pki"))
}

/// The simulator, as a program of its own.
pub fn scm_sim() -> PathBuf {
    dev_server::fixtures::built(&["--package", "scm-sim", "--bin", "scm-sim"], "scm-sim")
}
