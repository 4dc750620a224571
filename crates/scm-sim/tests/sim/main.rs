//! Contract of `scm-sim`, from the bytes on the wire. Written from the reference of SCM's REST API, not from our client.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod accounts;
mod client;
mod collect;
mod control;
mod dcv;
#[path = "../../../../tests/support/dns.rs"]
mod dns;
mod domain_validation;
mod faults;
mod harness;
mod issuance;
mod organisation;
mod page;
mod person;
mod report;
mod scenarios;
mod ssl_change;
mod ssl_end;
mod ssl_enroll;
mod ssl_read;
mod state;
mod uncertain;
