//! Certificates of the inventory in the form that the filter works on. Rows are kept small, because there may be
//! 50,000.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use jiff::Timestamp;

use crate::filter::{Renewal, Subject};
use svpki_types::api::{InventoryResponse, InventoryRow, InventorySummary};
use svpki_types::{Labels, Status};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub config: Arc<str>,
    pub id: Arc<str>,
    pub status: Option<Status>,
    /// Everything that free text searches, one line each: common name, alternative names, serial number, ID, the names
    /// in Unicode, and the serial number without colons.
    text: Box<str>,
    /// `text` in lower case; `None` if `text` is in lower case already.
    folded: Option<Box<str>>,
    /// Byte offsets in `text` at which the common name, the alternative names and the serial number end.
    ends: [u32; 3],
    /// Unix seconds; 0 while unknown.
    pub not_before: i64,
    /// Unix seconds; 0 while unknown.
    pub not_after: i64,
    /// Unix seconds at which the renewal window opens; 0 if automatic renewal is off.
    pub renew_at: i64,
    pub key_type: Arc<str>,
    pub issuer: Arc<str>,
    pub kind: Arc<str>,
    pub has_key: bool,
    pub profile_id: Option<i64>,
    /// Empty if the certificate was not ordered through a role.
    pub role: Arc<str>,
    pub renewed_from: Option<Arc<str>>,
    pub renewed_to: Option<Arc<str>>,
    pub renew_error: Option<Box<str>>,
    /// Unix seconds at which a failed renewal is tried again; 0 while unknown.
    pub renew_retry_at: i64,
    /// Why automatic renewal cannot succeed: the validation of a domain ends before the renewal is due.
    pub renew_blocked: Option<Box<str>>,
    /// What differs from the predecessor, separated by commas.
    pub changes: Box<str>,
    /// Names that were ordered but that SCM left out of the certificate, separated by spaces.
    pub missing_names: Box<str>,
    /// Shared, because most rows have the same labels as others.
    pub labels: Arc<Labels>,
}

/// Keeps texts and labels that many rows share only once in memory.
#[derive(Debug, Default)]
struct Interner {
    texts: HashSet<Arc<str>>,
    labels: HashSet<Arc<Labels>>,
}

impl Interner {
    fn intern(&mut self, text: &str) -> Arc<str> {
        shared(&mut self.texts, text)
    }
}

/// Returns the stored value that equals `fresh`; stores `fresh` if there is none.
fn shared<T: ?Sized + Eq + Hash, F: Borrow<T> + Into<Arc<T>>>(
    kept: &mut HashSet<Arc<T>>,
    fresh: F,
) -> Arc<T> {
    if let Some(known) = kept.get(fresh.borrow()) {
        return Arc::clone(known);
    }
    let fresh: Arc<T> = fresh.into();
    kept.insert(Arc::clone(&fresh));
    fresh
}

/// A page of the inventory, ready for the table. The task that reads the answer builds it, to keep this work out of the
/// drawing loop.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub rows: Vec<Row>,
    /// Where the next page begins; empty on the last page.
    pub next: String,
    pub summary: InventorySummary,
}

impl From<InventoryResponse> for Batch {
    fn from(answer: InventoryResponse) -> Self {
        let mut words = Interner::default();
        Self {
            rows: answer
                .certificates
                .into_iter()
                .map(|row| Row::new(row, &mut words))
                .collect(),
            next: answer.next,
            summary: answer.summary,
        }
    }
}

impl Row {
    /// A single row, which shares its texts with no other row.
    pub fn of(answer: InventoryRow) -> Self {
        Self::new(answer, &mut Interner::default())
    }

    fn new(answer: InventoryRow, words: &mut Interner) -> Self {
        let alt_names = answer.subject_alt_names.join(" ");
        let plain: String = answer
            .serial_number
            .chars()
            .filter(char::is_ascii_hexdigit)
            .collect();
        // A search for münchen must also find xn--mnchen-3ya.
        let encoded = [answer.common_name.as_str(), &alt_names].join(" ");
        let unicode = if encoded.contains("xn--") {
            let names = encoded
                .split(' ')
                .map(|name| idna::domain_to_unicode(name).0);
            names.collect::<Vec<_>>().join(" ")
        } else {
            String::new()
        };
        // The serial number without colons comes last: `subject` reads it from the end of the text.
        let name_end = answer.common_name.len();
        let alt_end = name_end + 1 + alt_names.len();
        let serial_end = alt_end + 1 + answer.serial_number.len();
        let text = [
            answer.common_name.as_str(),
            &alt_names,
            &answer.serial_number,
            &answer.id,
            &unicode,
            &plain,
        ]
        .join("\n");
        let folded = Some(text.to_lowercase()).filter(|folded| *folded != text);
        Self {
            not_after: if answer.expiration != 0 {
                answer.expiration
            } else {
                seconds(&answer.not_after).unwrap_or(0)
            },
            not_before: seconds(&answer.not_before).unwrap_or(0),
            renew_at: answer.renew_at.as_deref().and_then(seconds).unwrap_or(0),
            config: words.intern(&answer.config),
            key_type: words.intern(&answer.key_type),
            issuer: words.intern(&answer.issuer),
            kind: words.intern(&answer.kind),
            id: answer.id.into(),
            status: answer.status,
            text: text.into(),
            folded: folded.map(Into::into),
            ends: [name_end, alt_end, serial_end].map(|end| end as u32),
            has_key: answer.has_key,
            profile_id: answer.profile_id,
            role: words.intern(answer.role.as_deref().unwrap_or_default()),
            renewed_from: answer.renewed_from.map(Into::into),
            renewed_to: answer.renewed_to.map(Into::into),
            renew_error: answer.renew_error.map(Into::into),
            renew_retry_at: answer
                .renew_retry_at
                .as_deref()
                .and_then(seconds)
                .unwrap_or(0),
            renew_blocked: answer.renew_blocked.map(Into::into),
            changes: answer.changes.join(", ").into(),
            missing_names: answer.missing_names.join(" ").into(),
            labels: shared(
                &mut words.labels,
                Labels {
                    owner: answer.owner,
                    team: answer.team,
                    ticket: answer.ticket,
                    metadata: answer.metadata,
                },
            ),
        }
    }

    /// The name shown to people: the common name, or the ID of a certificate without one.
    pub fn name(&self) -> &str {
        match self.common_name() {
            "" => &self.id,
            name => name,
        }
    }

    pub fn common_name(&self) -> &str {
        self.part(0, self.ends[0])
    }

    /// The alternative names, separated by spaces.
    pub fn alt_names(&self) -> &str {
        self.part(self.ends[0] + 1, self.ends[1])
    }

    /// The serial number as the plugin writes it: pairs of digits between colons.
    pub fn serial(&self) -> &str {
        self.part(self.ends[1] + 1, self.ends[2])
    }

    fn part(&self, from: u32, to: u32) -> &str {
        self.text
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }

    /// Whether the certificate is valid now and has no successor.
    pub fn in_use(&self) -> bool {
        matches!(self.status, Some(Status::Issued | Status::Expiring))
    }

    /// `None` for a certificate that needs no renewal any more. An expired certificate whose renewal failed still
    /// counts as failed.
    pub fn renewal(&self, now: i64) -> Option<Renewal> {
        let open = self.in_use() || self.status == Some(Status::Expired);
        match (&self.renew_error, self.renew_at) {
            (Some(_), _) if open => Some(Renewal::Failed),
            _ if !self.in_use() => None,
            _ if self.renew_blocked.is_some() => Some(Renewal::Blocked),
            (_, 0) => Some(Renewal::Off),
            (_, at) if at <= now => Some(Renewal::Due),
            _ => Some(Renewal::Planned),
        }
    }

    /// Whether a successor ordered now would not be early: the certificate is expiring or expired, or its renewal is
    /// due or has failed.
    pub fn is_due(&self, now: i64) -> bool {
        matches!(self.status, Some(Status::Expiring | Status::Expired))
            || (self.in_use() && self.renew_at != 0 && self.renew_at <= now)
            || self.renewal(now) == Some(Renewal::Failed)
    }

    pub fn subject<'a>(&'a self, mount: &'a str, now: i64) -> Subject<'a> {
        let haystack = self.folded.as_deref().unwrap_or(&self.text);
        Subject {
            status: self.status,
            mount,
            config: &self.config,
            common_name: self.common_name(),
            alt_names: self.alt_names(),
            serial: haystack.rsplit('\n').next().unwrap_or_default(),
            haystack,
            not_after: self.not_after,
            id: &self.id,
            issuer: &self.issuer,
            renewal: self.renewal(now),
            profile_id: self.profile_id,
            role: &self.role,
            changes: &self.changes,
            missing_names: &self.missing_names,
            labels: &self.labels,
        }
    }
}

/// Converts an RFC 3339 time to Unix seconds; `None` if the text is empty or not a time.
pub fn seconds(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}
