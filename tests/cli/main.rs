//! `svpki` as an operator meets it: the real binary, against the real plugin in a real server.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/terminal.rs"]
mod terminal;

#[path = "../support/pages.rs"]
mod pages;

mod completion;
mod connection;
mod destroying;
#[path = "../support/dns.rs"]
mod dns;
mod domains;
mod failures;
mod first_day;
mod generated;
mod harness;
mod installing;
mod json_names;
mod labels;
mod matrix;
mod output;
mod prompts;
mod readme;
mod roles;
mod secrets;
mod streams;
mod teams;
mod verbs;
mod wizard;
mod wizard_back;
mod wizard_cuts;
