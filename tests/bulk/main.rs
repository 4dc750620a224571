//! Tests of `svpki bulk` with files from many programs, plans, and interrupted runs, against a real server, the real
//! plugin and `scm-sim`.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, and print what it measures"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/terminal.rs"]
mod terminal;

#[path = "../support/python.rs"]
mod python;

mod cuts;
mod ended;
mod faults;
mod formats;
mod ids;
mod input_again;
mod keys;
mod keystores;
mod left_out;
mod lifecycle;
mod link;
mod outputs;
mod people;
mod repeats;
mod roles;
mod runs;
mod sheets;
mod stage;
mod targets;
mod workbooks;
