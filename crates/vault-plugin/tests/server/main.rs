//! The toolkit in a real server, through `examples/notebook.rs`.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, and print what it measures"
)]

mod cluster;
mod notebook;
mod processes;

/// The small engine on this toolkit, as cargo builds it.
fn example() -> std::path::PathBuf {
    dev_server::fixtures::built(
        &["--package", "vault-plugin", "--example", "notebook"],
        "examples/notebook",
    )
}
