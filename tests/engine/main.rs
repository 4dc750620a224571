//! The engine in a real server, against the simulator: every path, and orders that are neither lost nor doubled.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/dns.rs"]
mod dns;
#[path = "../support/python.rs"]
mod python;
#[path = "../support/mod.rs"]
mod support;

mod programs;
mod test_mount;
mod tools;

mod audit;
mod background;
mod callers;
mod client_bodies;
mod clients;
mod cluster;
mod documented;
mod faults;
mod input;
mod issuing;
mod logins;
mod one_order;
mod scenarios;
mod secrets;
mod states;
mod upkeep;
