//! Domains: whether and until when they are validated, and what depends on them.
//!
//! Only the background work and writes to `domains/` ask SCM; everything else reads the stored answer.

mod dependents;
mod list;
mod look;
mod orders;
mod steps;

use super::store::{DomainEntry, RecordToPublish};
use super::time;
use svpki_types::ConfigName;
use svpki_types::api::DomainResponse;

pub use dependents::{Dependents, dependents};
pub use list::account;
pub use look::run;
pub use orders::{
    LONGEST_WAIT, keep_looking, may_send, note_waiting, resume_waiting_orders, to_do, waited_for,
};
pub use steps::{check, start};

const DAY: i64 = 86_400;

pub fn answer(
    config: &ConfigName,
    domain: &DomainEntry,
    dependents: &Dependents,
) -> DomainResponse {
    DomainResponse {
        domain: domain.domain.clone(),
        config: config.to_string(),
        status: domain.status.clone(),
        method: domain.method.clone(),
        valid_until: domain.valid_until.map(time::rfc3339),
        validation: domain.validation.clone(),
        validation_method: domain.validation_method.clone(),
        record: domain.to_publish.as_ref().map(RecordToPublish::answer),
        email: domain.email.clone(),
        last_check: domain.last_check.map(time::rfc3339),
        next_check: domain.next_check.map(time::rfc3339),
        method_ends: domain
            .method
            .as_deref()
            .and_then(method_ends)
            .map(str::to_owned),
        certificates: dependents.certificates,
        wildcard_certificates: dependents.wildcards,
        blocked_renewals: dependents.blocked,
        first_blocked: dependents.first_blocked.map(time::rfc3339),
        certificate_ids: Vec::new(),
        warnings: Some(domain.error.clone())
            .filter(|error| !error.is_empty())
            .into_iter()
            .collect(),
    }
}

/// The day from which the CA may no longer use this method (CA/Browser Forum ballots SC-090 and SC-091).
fn method_ends(method: &str) -> Option<&'static str> {
    (method == "email").then_some("2028-03-15")
}
