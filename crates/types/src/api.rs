//! The shapes of the plugin's answers, written by the engine and read by `svpki`: one declaration for both sides.
//!
//! Readers are tolerant: whatever is absent is empty, whatever is unknown is ignored, so that tool and plugin may
//! be of different versions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Labels, OrderState, Status, WaitingOn};

/// Answer of enroll, certs, readcert, keys, current, renew, replace and fetch. `data` of the response.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateResponse {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sectigo_cert_unique_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub order_id: String,
    pub config: String,
    pub status: Option<Status>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ssl_id: String,
    pub common_name: String,
    pub subject_alt_names: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub serial_number: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub not_before: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub not_after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub certificate: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub issuing_ca: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ca_chain: Vec<String>,
    /// `serverAuth`, `clientAuth`, …; absent where an older version has stored it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extended_key_usages: Vec<String>,
    /// RFC 3339: when the first CA of its chain ends; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_not_after: Option<String>,
    /// The role that it was ordered by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `RSA 2048`, `EC P-256`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_type: String,
    /// A private key is stored here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_key: Option<bool>,
    /// Only in enroll, renew, replace, keys and current.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key_type: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub csr: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed_to: Option<String>,
    /// In what it differs from the certificate that it took the place of: `issuer`, `names`, `eku`, `lifetime`
    /// (shorter).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// Ordered names that the CA has left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_names: Vec<String>,
    /// RFC 3339: when automatic renewal becomes due; absent when it is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_at: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub team: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ticket: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The encoding asked for with `format`; `der`, `pkcs12` and `jks` stand in `certificate` as base64.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// The name of the entry, where `certificate` is a keystore.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alias: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for CertificateResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateResponse")
            .field("sectigo_cert_unique_id", &self.sectigo_cert_unique_id)
            .field("order_id", &self.order_id)
            .field("status", &self.status)
            .field("common_name", &self.common_name)
            .finish_non_exhaustive()
    }
}

/// One certificate in `inventory`, and in the `key_info` of a list of `certs/:config/`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InventoryRow {
    pub id: String,
    pub config: String,
    pub status: Option<Status>,
    pub common_name: String,
    pub subject_alt_names: Vec<String>,
    pub serial_number: String,
    /// RFC 3339.
    pub not_before: String,
    /// RFC 3339.
    pub not_after: String,
    /// Unix seconds of `not_after`.
    pub expiration: i64,
    pub key_type: String,
    /// A private key is stored here.
    pub has_key: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<i64>,
    /// `ssl_cert` or `client_cert`.
    pub kind: String,
    pub issuer: String,
    /// `serverAuth`, `clientAuth`, …; absent where an older version has stored it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extended_key_usages: Vec<String>,
    /// RFC 3339: when the first CA of its chain ends; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_not_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed_to: Option<String>,
    /// In what it differs from the certificate that it took the place of: `issuer`, `names`, `eku`, `lifetime`
    /// (shorter).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// Ordered names that the CA has left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_at: Option<String>,
    /// Why the last automatic renewal did not succeed, and SCM's code where it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_scm_code: Option<i64>,
    /// The domains on whose validation it depends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// The domain whose validation ends before its automatic renewal is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
    /// The same as a sentence, with both days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_blocked: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub team: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ticket: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// RFC 3339: when an automatic renewal that did not succeed is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_retry_at: Option<String>,
}

/// How the warning begins that an order is not a certificate yet.
pub const NOT_ISSUED_YET: &str = "not issued yet";

/// Says which ordered names a CA has left out; nothing when it has none.
pub fn left_out(missing_names: &[String]) -> Option<String> {
    (!missing_names.is_empty()).then(|| {
        format!(
            "SCM left out of the certificate: {}",
            missing_names.join(", ")
        )
    })
}

/// Answer of `inventory`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InventoryResponse {
    pub certificates: Vec<InventoryRow>,
    /// Give this as `after` for the next page; empty when there is none. A page may be short, even empty, and still
    /// have a next one: the work of one call is bounded when a filter matches little.
    pub next: String,
    pub summary: InventorySummary,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InventorySummary {
    /// A count for each status, zeros included. Counts the whole mount, or the one config that was asked for.
    pub status: BTreeMap<String, u64>,
    /// Certificates in use (issued or expiring) that end in each of the coming 53 weeks; the first is the week from now.
    pub expiry_weeks: Vec<u64>,
    pub total: u64,
    /// Configs of the mount, by name.
    pub configs: Vec<String>,
}

/// Answer of `orders/:config/:order_id`, and `key_info` of the list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderResponse {
    pub order_id: String,
    pub config: String,
    /// `enroll`, `renew` or `replace`.
    pub action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    pub state: Option<OrderState>,
    pub status: Option<Status>,
    pub common_name: String,
    pub subject_alt_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ssl_id: String,
    /// Set as soon as SCM gave an id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sectigo_cert_unique_id: String,
    /// RFC 3339: since when the order is in this state.
    pub since: String,
    /// RFC 3339.
    pub created: String,
    /// How often the order was sent to SCM.
    pub attempts: u32,
    /// How often SCM was asked for the certificate.
    pub polls: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_on: Option<WaitingOn>,
    /// SCM's own status word, as last seen.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scm_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_scm_code: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_message: String,
    /// RFC 3339; absent for an order that has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_poll: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed_from: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub team: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ticket: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The domains that an order with `waiting_on` = `dcv` waits for, each with the record to publish.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<DomainResponse>,
}

/// Answer of `domains/:config/:domain`, and `key_info` of the list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainResponse {
    pub domain: String,
    pub config: String,
    /// `validated`, `not_validated` or `expired`.
    pub status: String,
    /// How it was validated: `cname`, `txt`, `http`, `https` or `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// RFC 3339: when the validation ends, or has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// The validation under way: `not_initiated`, `awaiting_submission`, `submitted` or `rejected`.
    pub validation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_method: Option<String>,
    /// What to publish for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<DcvRecordResponse>,
    /// Where the mail of a validation by e-mail went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// RFC 3339: SCM's last and next look for the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_check: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_check: Option<String>,
    /// The day on which the CA gives up this method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_ends: Option<String>,
    /// Certificates in use that depend on it.
    pub certificates: u64,
    /// The certificates among them with a wildcard below it.
    pub wildcard_certificates: u64,
    /// Automatic renewals that will not go through, because the validation ends before they are due.
    pub blocked_renewals: u64,
    /// RFC 3339: when the first of them is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_blocked: Option<String>,
    /// The first hundred of the certificates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificate_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A DNS record, or a file, that proves control of a domain.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DcvRecordResponse {
    /// `CNAME`, `TXT` or `file`.
    pub kind: String,
    /// The record's name, absolute, or the file's URL.
    pub name: String,
    /// The target, the text, or the file's lines.
    pub value: String,
}

/// Answer of `health`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthResponse {
    pub plugin_version: String,
    /// Everything that was checked is well.
    pub healthy: bool,
    pub configs: BTreeMap<String, ConfigHealth>,
    /// A count for each status, over the mount.
    pub certificates: BTreeMap<String, u64>,
    /// By name: `settle`, `collect`, `revoke`, `renew`, `keys`, `accounts`, `profiles`, `domains`, `tidy`.
    pub jobs: BTreeMap<String, JobHealth>,
    /// Automatic renewals, over the mount, that will not go through, because the validation of a domain ends before
    /// they are due.
    pub blocked_renewals: u64,
    /// The server offers storage transactions.
    pub transactional_storage: bool,
}

/// Answer of `health/:config`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigHealthResponse {
    #[serde(flatten)]
    pub look: ConfigHealth,
    pub plugin_version: String,
    /// A count for each status, over the config.
    pub certificates: BTreeMap<String, u64>,
    /// By name, as in `health`.
    pub jobs: BTreeMap<String, JobHealth>,
}

/// A look at an account. `health/:config` asks SCM; `health` reports what the last look found, without organisations
/// and profiles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigHealth {
    /// `ssl_cert` or `client_cert`.
    pub kind: String,
    pub base_url: String,
    /// RFC 3339 time of the look; empty when never looked.
    pub checked: String,
    /// Only in `health`: seconds since the look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// RFC 3339: a first look at this account is awaited since then.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub awaited: String,
    pub reachable: bool,
    pub login_accepted: bool,
    pub organisation_visible: bool,
    pub profile_visible: bool,
    /// SCM's clock less ours, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_skew_seconds: Option<i64>,
    /// Organisations that this login sees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organisations: Vec<NamedId>,
    /// Profiles that this login sees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<ProfileResponse>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scm_code: Option<i64>,
    /// Automatic renewals that will not go through, because the validation of a domain ends before they are due.
    /// Counted when it is read, as are the profiles that follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_renewals: Option<u64>,
    /// Profiles that something here needs and SCM no longer offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone_profiles: Vec<GoneProfile>,
}

/// Codes by which SCM refuses an order because its profile is gone, and no other is in its place.
pub const PROFILE_GONE_CODES: [i64; 2] = [-111, -172];

/// A profile that SCM no longer offers to a config's login: deleted, or taken from the organisation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GoneProfile {
    pub profile_id: i64,
    /// As it was called when it was stored.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The config orders with it.
    pub of_config: bool,
    /// Roles that order with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Certificates in use that were ordered with it.
    pub certificates: u64,
    /// Those of them whose automatic renewal SCM has refused for it: no superseding profile is set.
    pub refused_renewals: u64,
    /// What uses it, and what to do.
    pub message: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedId {
    pub id: i64,
    pub name: String,
}

/// A certificate profile of SCM, as `profile/:config/:profile_id` answers it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ProfileResponse {
    pub id: i64,
    pub name: String,
    pub description: String,
    /// `RSA` and `EC`, each with sizes or curves.
    pub key_types: BTreeMap<String, Vec<String>>,
    /// Days.
    pub terms: Vec<i64>,
    pub use_secondary_org_name: bool,
    /// Names of the custom fields that SCM demands.
    #[serde(rename = "mandatory_custom_fields")]
    pub mandatory_custom_fields: Vec<String>,
    /// RFC 3339 time of the download.
    #[serde(rename = "downloaded")]
    pub downloaded: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobHealth {
    /// RFC 3339; empty when it has not run yet.
    pub last_run: String,
    pub duration_ms: u64,
    /// Items that were worked on.
    pub done: u64,
    /// Items left for the next run, and why items were passed over, each with a count.
    pub skipped: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_error: String,
}

impl JobHealth {
    /// Counts something that the job passed over, by the reason.
    pub fn count_skipped(&mut self, reason: &str) {
        *self.skipped.entry(reason.to_owned()).or_default() += 1;
    }

    /// Adds the result of one account.
    pub fn merge(&mut self, one: Self) {
        self.done += one.done;
        for (reason, count) in one.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
        if !one.last_error.is_empty() {
            self.last_error = one.last_error;
        }
    }
}

/// Answer of `tidy-status`, and of `tidy` when it ran.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TidyResponse {
    /// `idle` or `running`.
    pub state: String,
    pub started: String,
    pub finished: String,
    pub removed_certificates: u64,
    pub removed_orders: u64,
    /// What stayed, by reason.
    pub kept: BTreeMap<String, u64>,
    pub last_error: String,
}

macro_rules! labelled {
    ($($name:ident)*) => {
        $(impl $name {
            #[must_use]
            pub fn labelled(mut self, labels: Labels) -> Self {
                self.owner = labels.owner;
                self.team = labels.team;
                self.ticket = labels.ticket;
                self.metadata = labels.metadata;
                self
            }
        })*
    };
}

impl GoneProfile {
    /// Orders are known to fail. Certificates alone are renewed where SCM has another profile in its place, which
    /// nobody can see from here.
    pub fn stops_orders(&self) -> bool {
        self.of_config || !self.roles.is_empty() || self.refused_renewals > 0
    }
}

labelled!(CertificateResponse InventoryRow OrderResponse);
