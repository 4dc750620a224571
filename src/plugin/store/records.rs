//! The records in storage. New members have a default and existing members are never renamed, so that a newer version
//! can read what an older version wrote.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::renewal_window::RenewalWindow;
use svpki_types::{Backoff, CertId, ConfigName, Labels, OrderId, RoleName, Secret, Status};

/// SSL or client (S/MIME) certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CertKind {
    #[serde(rename = "ssl_cert")]
    Ssl,
    #[serde(rename = "client_cert")]
    Client,
}

impl CertKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ssl => "ssl_cert",
            Self::Client => "client_cert",
        }
    }
}

/// A config as it was written: the fields that were given, by primary name, including secrets. Sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct ConfigRecord {
    pub fields: Map<String, Value>,
}

/// A role as it was written: the fields that were given, by primary name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RoleRecord {
    pub fields: Map<String, Value>,
}

/// The latest order for a combination of role or config, caller and names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReuseRecord {
    pub order: OrderId,
    /// What the caller was answered last: the serial number of a certificate, or the id of an order that ended without
    /// one.
    #[serde(default, rename = "heard")]
    pub delivered: String,
    /// When the caller was first answered `delivered`.
    #[serde(default, rename = "heard_at")]
    pub delivered_at: i64,
    /// The certificate that the caller was answered last.
    #[serde(default)]
    pub cert: Option<CertId>,
}

/// The chain of the certificate that was issued last, as PEM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerRecord {
    pub issuers: Vec<String>,
    #[serde(default)]
    pub root: Option<String>,
}

/// A private key as PKCS#8 PEM. Sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeyRecord {
    #[serde(serialize_with = "Secret::serialize_sealed")]
    pub pem: Secret,
    /// A one-time key: it is handed out once and then removed.
    #[serde(default)]
    pub once: bool,
    /// Set when a one-time key was handed out. The key is kept for a while, and only the same caller gets it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_out: Option<HandedOut>,
}

/// When and to whom a one-time key was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOut {
    pub at: i64,
    /// Digest of the caller's entity or token.
    pub to: String,
}

/// For how many seconds the same caller gets an answer again. An answer can be lost between the plugin and its caller
/// (a failing audit device, a broken connection), and only the caller notices.
pub const ANSWERED_AGAIN_FOR: i64 = 600;

/// Whether an answer that was first given at `at` may be given to the same caller again.
pub fn is_answered_again(at: i64, now: i64) -> bool {
    (0..=ANSWERED_AGAIN_FOR).contains(&(now - at))
}

/// The content of an order: everything that is needed to send it, and to renew its certificate later.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateSpec {
    pub common_name: String,
    /// DNS names, IP addresses and e-mail addresses, without a type prefix such as `DNS:`.
    pub sans: Vec<String>,
    pub profile_id: Option<i64>,
    pub term: Option<i64>,
    pub comments: String,
    pub external_requester: String,
    pub custom_fields: Vec<(String, String)>,
    pub dcv_mode: Option<String>,
    pub dcv_email: Option<String>,
    pub person: Option<Person>,
    pub subject: SubjectRecord,
    /// For example `RSA 2048` or `EC P-256`.
    pub key_type: String,
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubjectRecord {
    pub country: Option<String>,
    pub province: Option<String>,
    pub locality: Option<String>,
    pub organization: Option<String>,
    pub ou: Option<String>,
    pub email: Option<String>,
}

/// The holder of a client certificate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    pub email: String,
    pub secondary_emails: Vec<String>,
    pub phone: Option<String>,
}

impl Person {
    /// The name as SCM composes it when the order gives no common name.
    pub fn full_name(&self) -> String {
        [&self.first_name, &self.middle_name, &self.last_name]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// What an order does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Enroll,
    /// A new certificate with a new id. The certificate `of` is then superseded.
    Renew {
        of: CertId,
    },
    /// SSL: a new certificate under the same id. Client: a new certificate with a new id; the old one becomes
    /// `Replaced`.
    Replace {
        of: CertId,
        reason: String,
        revoke_old: bool,
    },
}

impl Action {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Enroll => "enroll",
            Self::Renew { .. } => "renew",
            Self::Replace { .. } => "replace",
        }
    }

    /// The certificate that this order renews or replaces.
    pub fn of(&self) -> Option<&CertId> {
        match self {
            Self::Enroll => None,
            Self::Renew { of } | Self::Replace { of, .. } => Some(of),
        }
    }
}

/// Where the private key of an order or a certificate is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyLocation {
    /// Sealed in this mount.
    #[serde(rename = "vault")]
    Stored,
    /// Sealed in this mount until it is handed out once.
    #[serde(rename = "once")]
    OneTime,
    /// Not stored here: the caller has it, or it is unknown where it is.
    #[default]
    #[serde(rename = "elsewhere")]
    External,
}

/// Which order an idempotency key belongs to, and a digest of each field of the request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    pub order: OrderId,
    pub fields: BTreeMap<String, String>,
}

/// The order of a request whose answer was not delivered yet, or was delivered a short time ago.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UndeliveredRecord {
    pub order: OrderId,
    /// When the caller was first answered.
    #[serde(default, rename = "heard", skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<i64>,
}

/// A replaced client certificate that is still to be revoked at SCM.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RevokeRecord {
    pub reason: String,
    #[serde(default)]
    pub failures: u32,
    #[serde(default)]
    pub next_attempt: i64,
}

/// The stored state of a certificate, which time does not change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    #[default]
    Live,
    Revoked,
    Replaced,
    Superseded,
}

impl Lifecycle {
    /// The status that does not depend on time; `None` for a live certificate.
    pub fn fixed(self) -> Option<Status> {
        match self {
            Self::Live => None,
            Self::Revoked => Some(Status::Revoked),
            Self::Replaced => Some(Status::Replaced),
            Self::Superseded => Some(Status::Superseded),
        }
    }
}

/// A certificate that SCM issued.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CertRecord {
    pub id: CertId,
    pub config: ConfigName,
    pub kind: CertKind,
    pub scm_id: String,
    #[serde(default)]
    pub order: Option<OrderId>,
    #[serde(rename = "standing")]
    pub lifecycle: Lifecycle,
    #[serde(rename = "wanted")]
    pub spec: CertificateSpec,
    pub common_name: String,
    pub sans: Vec<String>,
    pub serial: String,
    pub not_before: i64,
    pub not_after: i64,
    pub issuer: String,
    pub certificate: String,
    /// The chain without the root; the issuer of the certificate comes first.
    pub issuers: Vec<String>,
    #[serde(default)]
    pub root: Option<String>,
    /// Extended key usages; empty in records of older versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extended_key_usages: Vec<String>,
    /// The earliest expiry of the CA certificates in the chain, root included; absent in records of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_not_after: Option<i64>,
    #[serde(default)]
    pub csr: String,
    #[serde(rename = "custody")]
    pub key_location: KeyLocation,
    #[serde(default)]
    pub role: Option<RoleName>,
    #[serde(default)]
    pub renewed_from: Option<CertId>,
    #[serde(default)]
    pub renewed_to: Option<CertId>,
    /// How it differs from its predecessor: any of `issuer`, `names`, `eku`, `lifetime`.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Serial numbers that the certificate under this id had before replacements, oldest first.
    #[serde(default)]
    pub earlier_serials: Vec<String>,
    /// The members of `earlier_serials` that were revoked, and when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub revoked_serials: BTreeMap<String, i64>,
    #[serde(default)]
    pub revoked_at: Option<i64>,
    #[serde(default)]
    pub revoke_reason: String,
    #[serde(default)]
    pub auto_renew: Option<bool>,
    #[serde(default)]
    pub window: Option<RenewalWindow>,
    #[serde(default)]
    pub renewal: Renewal,
}

impl CertRecord {
    /// Fills in the members that older versions did not store.
    #[must_use]
    pub fn complete(mut self) -> Self {
        let parse = |pem: &String| pki::Certificate::parse_pem_or_der(pem.as_bytes()).ok();
        if self.extended_key_usages.is_empty()
            && let Some(leaf) = parse(&self.certificate)
        {
            self.extended_key_usages = leaf.extended_key_usages().to_vec();
        }
        if self.chain_not_after.is_none() {
            let chain = self.issuers.iter().chain(&self.root).filter_map(parse);
            self.chain_not_after = chain.map(|ca| ca.not_after().as_second()).min();
        }
        self
    }

    /// The ordered names that are not in the certificate.
    pub fn missing_names(&self) -> Vec<String> {
        if self.kind == CertKind::Client {
            return Vec::new();
        }
        let has = |name: &String| self.sans.contains(name) || self.common_name == *name;
        let ordered = self.spec.sans.iter();
        ordered.filter(|name| !has(name)).cloned().collect()
    }

    /// [`Self::missing_names`] as a sentence.
    pub fn left_out(&self) -> Option<String> {
        svpki_types::api::left_out(&self.missing_names())
    }
}

/// The state of a certificate's automatic renewal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Renewal {
    /// Failed attempts since the expiry window of the certificate has opened.
    pub failures: u32,
    pub next_attempt: i64,
    pub last_error: String,
    /// SCM's error code of `last_error`.
    pub last_code: Option<i64>,
    /// The open renewal or replacement of this certificate.
    pub order: Option<OrderId>,
    /// SCM accepted a renewal of ours that failed later. When SCM says that the certificate was renewed, it may mean
    /// that renewal.
    pub reached_scm: bool,
}

/// The pauses between attempts of automatic renewals and revocations.
pub const RETRY_BACKOFF: Backoff =
    Backoff::new(Duration::from_secs(300), Duration::from_secs(86_400));

impl RevokeRecord {
    pub fn failed(&mut self, now: i64) {
        self.next_attempt = now + RETRY_BACKOFF.seconds_after(self.failures);
        self.failures = self.failures.saturating_add(1);
    }
}

impl Renewal {
    /// Counts a failed attempt. The pause before the next attempt doubles each time.
    pub fn failed(&mut self, why: String, code: Option<i64>, now: i64) {
        let pause = RETRY_BACKOFF.seconds_after(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.next_attempt = now + pause;
        self.last_error = why;
        self.last_code = code;
        self.order = None;
    }
}

/// The domains of an account, as of SCM's last answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainList {
    /// When SCM last answered with the domains.
    pub looked: i64,
    /// An order or a request waits for a domain, so the next background run reads the domains from SCM.
    pub awaited: bool,
    /// Why SCM refused the list of domains; `domains` is then from an earlier answer.
    pub error: String,
    /// When SCM refused the list of domains.
    pub refused: i64,
    /// The account that the domains belong to; empty in records of older versions.
    pub account: String,
    pub domains: Vec<DomainEntry>,
}

/// A domain and its validation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainEntry {
    /// May be a wildcard entry, `*.example.com`.
    pub domain: String,
    /// `validated`, `not_validated`, `expired`, or a status of SCM that this version does not know.
    pub status: String,
    /// How it was validated.
    pub method: Option<String>,
    pub valid_until: Option<i64>,
    /// The validation under way: `not_initiated`, `awaiting_submission`, `submitted`, `rejected`.
    pub validation: String,
    pub validation_method: Option<String>,
    pub to_publish: Option<RecordToPublish>,
    pub email: Option<String>,
    pub last_check: Option<i64>,
    pub next_check: Option<i64>,
    /// When SCM was last asked about this domain alone.
    pub asked: i64,
    /// Why that request failed; empty if it succeeded.
    pub error: String,
}

/// What has to be published to prove control of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordToPublish {
    Cname { host: String, target: String },
    Txt { host: String, text: String },
    File { url: String, lines: Vec<String> },
}

/// A stored schedule for tidy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TidySchedule {
    /// Seconds between two runs; 0 turns tidy off.
    pub interval: u64,
    pub safety_buffer: u64,
    pub last_run: i64,
}
