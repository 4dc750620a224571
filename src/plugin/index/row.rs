//! One certificate in the index: all that a table shows of it, and all that background renewal decides by.

use serde::{Deserialize, Serialize};

use super::super::renewal_window::RenewalWindow;
use super::super::store::{CertKind, CertRecord, KeyLocation, Lifecycle};
use super::super::time;
use super::bucket::{Lifetime, StatusBucket};
use svpki_types::api::InventoryRow;
use svpki_types::{CertId, ConfigName, Status};

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
    pub renewed_from: Option<CertId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_to: Option<CertId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_renew: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<RenewalWindow>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub renew_error: String,
    #[serde(default)]
    pub next_attempt: i64,
    #[serde(default)]
    pub renewing: bool,
}

/// What a config says of the certificates that say nothing themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalRule {
    pub auto_renew: bool,
    pub window: RenewalWindow,
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
            renewed_from: cert.renewed_from.clone(),
            renewed_to: cert.renewed_to.clone(),
            auto_renew: cert.auto_renew,
            window: cert.window,
            renew_error: cert.renewal.last_error.clone(),
            next_attempt: cert.renewal.next_attempt,
            renewing: cert.renewal.order.is_some(),
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

    /// When automatic renewal becomes due; `None` when it is off or the certificate is not in use.
    pub fn renew_at(&self, rule: RenewalRule) -> Option<i64> {
        let bucket = self.bucket();
        (self.lifecycle == Lifecycle::Live && bucket.renews(rule))
            .then(|| self.not_after - bucket.window_seconds(rule))
    }

    pub fn answer(&self, rule: RenewalRule, now: i64) -> InventoryRow {
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
            renewed_from: self.renewed_from.as_ref().map(ToString::to_string),
            renewed_to: self.renewed_to.as_ref().map(ToString::to_string),
            renew_at: self.renew_at(rule).map(time::rfc3339),
            renew_error: Some(self.renew_error.clone()).filter(|text| !text.is_empty()),
            renew_retry_at: (!self.renew_error.is_empty() && self.next_attempt > 0)
                .then(|| time::rfc3339(self.next_attempt)),
        }
    }
}
