//! One certificate in the index: everything that a table shows of it, and everything that the automatic renewal needs.

use crate::renewal_spread::renewal_spread;
use serde::{Deserialize, Serialize};

use super::super::renewal_window::{RenewalRule, RenewalWindow};
use super::super::store::{CertKind, CertRecord, DomainEntry, DomainList, KeyLocation, Lifecycle};
use super::super::time;
use super::bucket::{Lifetime, StatusBucket};
use svpki_types::api::InventoryRow;
use svpki_types::{CertId, ConfigName, Labels, RoleName, Status};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexRow {
    pub id: CertId,
    pub config: ConfigName,
    pub kind: CertKind,
    #[serde(rename = "standing")]
    pub lifecycle: Lifecycle,
    pub common_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sans: Vec<String>,
    pub serial: String,
    pub not_before: i64,
    pub not_after: i64,
    #[serde(default)]
    pub key_type: String,
    #[serde(default)]
    pub has_key: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<i64>,
    #[serde(default)]
    pub issuer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_from: Option<CertId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_to: Option<CertId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_renew: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<RenewalWindow>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub renew_error: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_code: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extended_key_usages: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_not_after: Option<i64>,
    #[serde(default)]
    pub next_attempt: i64,
    #[serde(default)]
    pub renewing: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_names: Vec<String>,
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
}

impl IndexRow {
    pub fn of(cert: &CertRecord) -> Self {
        Self {
            id: cert.id.clone(),
            config: cert.config.clone(),
            kind: cert.kind,
            lifecycle: cert.lifecycle,
            common_name: cert.common_name.clone(),
            sans: cert.sans.clone(),
            serial: cert.serial.clone(),
            not_before: cert.not_before,
            not_after: cert.not_after,
            key_type: cert.spec.key_type.clone(),
            has_key: cert.key_location != KeyLocation::External,
            profile_id: cert.spec.profile_id,
            issuer: cert.issuer.clone(),
            role: cert.role.clone(),
            renewed_from: cert.renewed_from.clone(),
            renewed_to: cert.renewed_to.clone(),
            auto_renew: cert.auto_renew,
            window: cert.window,
            renew_error: cert.renewal.last_error.clone(),
            renew_code: cert.renewal.last_code,
            extended_key_usages: cert.extended_key_usages.clone(),
            chain_not_after: cert.chain_not_after,
            next_attempt: cert.renewal.next_attempt,
            renewing: cert.renewal.order.is_some(),
            changes: cert.changes.clone(),
            missing_names: cert.missing_names(),
            labels: cert.spec.labels.clone(),
        }
    }

    pub fn bucket(&self) -> StatusBucket {
        let ages = self.lifecycle.fixed().is_none();
        StatusBucket {
            config: self.config.clone(),
            lifecycle: self.lifecycle,
            lifetime: if ages {
                Lifetime::from(self.not_after - self.not_before)
            } else {
                Lifetime::default()
            },
            auto_renew: self.auto_renew.filter(|_| ages),
            window: self.window.filter(|_| ages),
        }
    }

    pub fn status(&self, rule: RenewalRule, now: i64) -> Status {
        self.bucket().status(rule, self.not_after, now)
    }

    /// When automatic renewal becomes due, apart from the domains; `None` if it is off or the certificate is not in
    /// use.
    pub fn renew_at(&self, rule: RenewalRule) -> Option<i64> {
        let bucket = self.bucket();
        (self.lifecycle == Lifecycle::Live && bucket.renews(rule))
            .then(|| self.not_after - bucket.window_seconds(rule))
    }

    /// The names that must be validated.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = std::iter::once(self.common_name.as_str());
        names.chain(self.sans.iter().map(String::as_str))
    }

    /// When the certificate is renewed automatically, and the domain that will block the renewal. `domains` are those
    /// of the certificate's config.
    ///
    /// The renewals of certificates that were issued on the same day are spread over the first third of their windows.
    /// If the validation of a domain ends inside the window, or up to a third of the window before it, the certificate
    /// is renewed one day before that end.
    pub fn renewal<'a>(
        &self,
        rule: RenewalRule,
        domains: Option<&'a DomainList>,
        now: i64,
    ) -> Option<RenewalPlan<'a>> {
        let opens = self.renew_at(rule)?;
        let third = (self.not_after - opens).max(0) / 3;
        let mut due = opens + renewal_spread(self.id.as_str(), third);
        let found = match domains {
            Some(domains) if self.kind == CertKind::Ssl => domains.of_names(self.names()),
            _ => Vec::new(),
        };
        let ends = found.iter().filter_map(|domain| domain.valid_until).min();
        if let Some(ends) =
            ends.filter(|ends| *ends > now && *ends - BEFORE_VALIDATION_ENDS >= opens - third)
        {
            due = due.min(ends - BEFORE_VALIDATION_ENDS);
        }
        let at = due.max(now);
        let blocked_by = found.into_iter().find(|domain| domain.has_ended_by(at));
        Some(RenewalPlan { due, blocked_by })
    }

    pub fn answer(
        &self,
        rule: RenewalRule,
        domains: Option<&DomainList>,
        now: i64,
    ) -> InventoryRow {
        let plan = self.renewal(rule, domains, now);
        let blocked = plan
            .as_ref()
            .and_then(|plan| Some((plan.due, plan.blocked_by?)));
        let hangs = match domains {
            Some(domains) if self.kind == CertKind::Ssl => domains.of_names(self.names()),
            _ => Vec::new(),
        };
        InventoryRow {
            id: self.id.to_string(),
            config: self.config.to_string(),
            status: Some(self.status(rule, now)),
            common_name: self.common_name.clone(),
            subject_alt_names: self.sans.clone(),
            serial_number: self.serial.clone(),
            not_before: time::rfc3339(self.not_before),
            not_after: time::rfc3339(self.not_after),
            expiration: self.not_after,
            key_type: self.key_type.clone(),
            has_key: self.has_key,
            profile_id: self.profile_id,
            kind: self.kind.as_str().to_owned(),
            issuer: self.issuer.clone(),
            extended_key_usages: self.extended_key_usages.clone(),
            chain_not_after: self.chain_not_after.map(time::rfc3339),
            role: self.role.as_ref().map(ToString::to_string),
            renewed_from: self.renewed_from.as_ref().map(ToString::to_string),
            renewed_to: self.renewed_to.as_ref().map(ToString::to_string),
            renew_at: self.renew_at(rule).map(time::rfc3339),
            renew_error: Some(self.renew_error.clone()).filter(|text| !text.is_empty()),
            renew_scm_code: self.renew_code.filter(|_| !self.renew_error.is_empty()),
            changes: self.changes.clone(),
            missing_names: self.missing_names.clone(),
            domains: hangs.iter().map(|domain| domain.domain.clone()).collect(),
            blocked_by: blocked.map(|(_, domain)| domain.domain.clone()),
            renew_blocked: blocked.map(|(due, domain)| blocked_sentence(due, domain, now)),
            renew_retry_at: (!self.renew_error.is_empty() && self.next_attempt > 0)
                .then(|| time::rfc3339(self.next_attempt)),
            ..InventoryRow::default()
        }
    }
}

/// When a certificate is renewed automatically.
pub struct RenewalPlan<'a> {
    pub due: i64,
    /// The domain whose validation will have ended at `due`.
    pub blocked_by: Option<&'a DomainEntry>,
}

/// How many seconds before the end of a validation a renewal is placed.
const BEFORE_VALIDATION_ENDS: i64 = 86_400;

fn blocked_sentence(due: i64, domain: &DomainEntry, now: i64) -> String {
    let day = |at: i64| time::rfc3339(at).chars().take(10).collect::<String>();
    let when = day(due.max(now));
    match domain.valid_until {
        Some(until) if until > now => format!(
            "will not renew on {when}: the validation of {} ends on {}",
            domain.domain,
            day(until)
        ),
        Some(until) => format!(
            "will not renew: the validation of {} ended on {}",
            domain.domain,
            day(until)
        ),
        None => format!(
            "will not renew: the validation of {} has ended",
            domain.domain
        ),
    }
}
