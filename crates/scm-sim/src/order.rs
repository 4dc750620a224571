//! A request for a certificate, from enrolment to its end, as SCM stores it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::settings::{Effects, Kind};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// `sslId`, or the numeric id of a client certificate.
    pub id: u32,
    pub kind: Kind,
    pub renew_id: String,
    pub common_name: String,
    /// As requested: DNS names and IP addresses, or e-mail addresses.
    pub names: Vec<String>,
    /// DER.
    #[serde(with = "base64_text")]
    pub csr: Vec<u8>,
    pub org_id: u32,
    pub profile: u32,
    pub term: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_requester: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_fields: Vec<CustomValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applicant: Option<Applicant>,
    pub requester: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dcv: Option<DcvWish>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_renew: Option<AutoRenew>,
    #[serde(default)]
    pub suspend_notifications: bool,

    pub state: State,
    /// How this order proceeds.
    pub course: Effects,
    /// The CA's work under way: the first issue, or a replacement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    /// The data of a replacement under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Replacement>,
    /// The decision of a simulated person, unless a call decides before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    #[serde(default)]
    pub dcv_open: bool,

    pub requested: Timestamp,
    #[serde(default)]
    pub dates: Dates,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Issued>,
    /// Certificates of this order that were replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<Issued>,
    /// The record that a replacement has created and that is still to be stored as an order of its own. Not in the
    /// state file.
    #[serde(skip)]
    pub left_behind: Option<Box<Self>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<u8>,
    /// Another order is the renewal of this one.
    #[serde(default)]
    pub renewed: bool,
    /// Imported from outside: may be deleted.
    #[serde(default)]
    pub imported: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Requested,
    Applied,
    Issued,
    Declined,
    Rejected,
    Invalid,
    /// The state of the record that a replacement may leave.
    Replaced,
    Revoked,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dates {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declined: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Timestamp>,
}

/// How the caller wants to prove domain control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DcvWish {
    pub mode: Option<String>,
    pub email: Option<String>,
}

/// SCM's settings for automatic renewal of the certificate. They are stored and shown, and have no effect here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoRenew {
    pub state: String,
    pub days_before_expiration: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomValue {
    pub name: String,
    pub value: String,
}

/// The person for whom a client certificate is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    pub person_id: u32,
    pub email: String,
    pub first_name: String,
    pub middle_name: Option<String>,
    pub last_name: String,
    pub phone: Option<String>,
    pub eppn: Option<String>,
    pub upn: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    #[serde(with = "base64_text")]
    pub csr: Vec<u8>,
    pub common_name: String,
    pub names: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    pub due: Timestamp,
    pub polls_left: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub at: Timestamp,
    pub approves: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    #[serde(with = "base64_text")]
    pub der: Vec<u8>,
    /// Lower-case hexadecimal, two digits for each byte.
    pub serial: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    pub at: Timestamp,
    pub reason_code: u8,
}

/// What happens to an order without a call, at a certain time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Verdict { approves: bool },
    WorkDone,
    RevokedOutside,
    ReplacedOutside,
}

impl Order {
    /// The CA's number of the order; the obsolete order number has the same digits.
    pub fn backend_id(&self) -> u64 {
        BACKEND_BASE + u64::from(self.id)
    }

    /// The next event without a call, and its time.
    pub fn next_event(&self) -> Option<(Timestamp, Event)> {
        let verdict = self
            .verdict
            .filter(|_| self.state == State::Requested)
            .map(|verdict| {
                let approves = verdict.approves;
                (verdict.at, Event::Verdict { approves })
            });
        let work = self
            .work
            .filter(|work| work.polls_left == 0 && !self.dcv_open)
            .filter(|_| matches!(self.state, State::Applied | State::Issued))
            .map(|work| (work.due, Event::WorkDone));
        let outside = |after: Option<super::settings::Span>, event| {
            let issued = self.dates.issued.filter(|_| self.state == State::Issued)?;
            let at = issued.checked_add(after?.signed()).ok()?;
            Some((at, event))
        };
        [
            verdict,
            work,
            outside(self.course.revoke_outside_after, Event::RevokedOutside),
            outside(self.course.replace_outside_after, Event::ReplacedOutside),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|(at, _)| *at)
    }

    /// The CA's work ends at this time at the earliest, because it had to wait for something else.
    pub fn not_before(&mut self, at: Timestamp) {
        if let Some(work) = &mut self.work {
            work.due = work.due.max(at);
        }
    }

    pub fn expired(&self, now: Timestamp) -> bool {
        self.state == State::Issued
            && self.work.is_none()
            && self
                .certificate
                .as_ref()
                .is_some_and(|certificate| certificate.not_after <= now)
    }

    /// The record that a replacement may leave of the old certificate. Its id is still to be set.
    pub fn record_of_replaced(&self, old: Issued, at: Timestamp) -> Self {
        Self {
            state: State::Replaced,
            certificate: Some(old),
            retired: Vec::new(),
            renew_id: String::new(),
            course: Effects::default(),
            dates: Dates {
                replaced: Some(at),
                ..self.dates
            },
            ..self.clone()
        }
    }

    /// The position of the replaced certificate with this serial number.
    pub fn retired_at(&self, serial: &str) -> Option<usize> {
        let serial = folded_serial(serial);
        self.retired
            .iter()
            .position(|issued| folded_serial(&issued.serial) == serial)
    }

    /// All certificates that this order has or had.
    pub fn certificates(&self) -> impl Iterator<Item = &Issued> {
        self.retired.iter().chain(&self.certificate)
    }
}

const BACKEND_BASE: u64 = 1_923_000_000;

/// The order id for a CA number.
pub fn id_of_backend(number: u64) -> Option<u32> {
    number
        .checked_sub(BACKEND_BASE)
        .and_then(|id| u32::try_from(id).ok())
}

/// Serial numbers are compared without colons, case and leading zeros.
pub fn folded_serial(serial: &str) -> String {
    let digits: String = serial
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect::<String>()
        .to_lowercase();
    digits.trim_start_matches('0').to_owned()
}

/// Bytes as base64 text in the state file.
pub(super) mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        bytes: &[u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(serde::de::Error::custom)
    }
}
