//! Domains: whether and until when they are validated, and what depends on them.
//!
//! Only the background work and writes to `domains/` ask SCM; everything else reads the stored answer.

mod hanging;
mod look;
mod orders;
mod record;
mod steps;

use super::store::{DomainRecord, ToPublish};
use super::time;
use svpki_types::ConfigName;
use svpki_types::api::DomainAnswer;

pub use hanging::{Hanging, hanging};
pub use look::run;
pub use orders::{LONGEST_WAIT, keep_looking, may_send, note_waiting, proven, to_do, waited_for};
pub use record::account;
pub use steps::{check, start};

const DAY: i64 = 86_400;

pub fn answer(config: &ConfigName, domain: &DomainRecord, hanging: &Hanging) -> DomainAnswer {
    DomainAnswer {
        domain: domain.domain.clone(),
        config: config.to_string(),
        status: domain.status.clone(),
        method: domain.method.clone(),
        valid_until: domain.valid_until.map(time::rfc3339),
        validation: domain.validation.clone(),
        validation_method: domain.validation_method.clone(),
        record: domain.to_publish.as_ref().map(ToPublish::answer),
        email: domain.email.clone(),
        last_check: domain.last_check.map(time::rfc3339),
        next_check: domain.next_check.map(time::rfc3339),
        method_ends: domain
            .method
            .as_deref()
            .and_then(method_ends)
            .map(str::to_owned),
        certificates: hanging.certificates,
        wildcard_certificates: hanging.wildcards,
        blocked_renewals: hanging.blocked,
        first_blocked: hanging.first_blocked.map(time::rfc3339),
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
