//! Domain control validation (DCV) of whole domains.
//!
//! A domain has two independent states: whether it is validated now, and how far its next validation is. SCM spells
//! them in two ways, such as `NOT_VALIDATED` and `Not validated`; both are read.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::decode::Record;
use super::transport::Client;
use super::{Listing, ScmError};

/// Whether a domain is validated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DcvStatus {
    Validated,
    #[default]
    NotValidated,
    Expired,
    /// An unknown status, as SCM wrote it.
    Other(String),
}

/// The state of the validation under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DcvOrderStatus {
    #[default]
    NotInitiated,
    /// The record is known, but SCM was not told yet to check it.
    AwaitingSubmission,
    Submitted,
    Rejected,
    Other(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DcvMethod {
    Cname,
    Http,
    Https,
    Txt,
    Email,
}

/// What has to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DcvRecord {
    /// The names are absolute, with a trailing dot.
    Cname {
        host: String,
        target: String,
    },
    Txt {
        host: String,
        text: String,
    },
    File {
        url: String,
        lines: Vec<String>,
    },
}

/// A domain in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainListed {
    /// May be a wildcard entry, `*.example.com`.
    pub domain: String,
    pub status: DcvStatus,
    pub order_status: DcvOrderStatus,
    /// The method of the present validation, as SCM spells it; see [`DcvMethod::parse`].
    pub method: Option<String>,
    pub expires: Option<Timestamp>,
    /// The method of the validation under way.
    pub order_method: Option<DcvMethod>,
}

/// A domain's validation, with the record to publish.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainValidation {
    pub status: DcvStatus,
    pub order_status: DcvOrderStatus,
    pub validated: Option<Timestamp>,
    pub expires: Option<Timestamp>,
    /// The method of the validation under way.
    pub order_method: Option<DcvMethod>,
    pub record: Option<DcvRecord>,
    pub email: Option<String>,
    pub last_check: Option<Timestamp>,
    pub next_check: Option<Timestamp>,
}

/// Which domains to list; absent members do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainFilter {
    /// SCM's documents do not say whether it compares the whole name or a part of it, so callers must compare again.
    pub domain: Option<String>,
    pub org_id: Option<i64>,
    pub department_id: Option<i64>,
    pub expires_in_days: Option<i64>,
}

impl DcvStatus {
    pub fn parse(text: &str) -> Self {
        match folded(text).as_str() {
            "validated" => Self::Validated,
            "notvalidated" => Self::NotValidated,
            "expired" => Self::Expired,
            _ => Self::Other(text.trim().chars().take(80).collect()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Validated => "validated",
            Self::NotValidated => "not_validated",
            Self::Expired => "expired",
            Self::Other(text) => text,
        }
    }
}

impl DcvOrderStatus {
    pub fn parse(text: &str) -> Self {
        match folded(text).as_str() {
            "notinitiated" => Self::NotInitiated,
            "awaitingsubmission" => Self::AwaitingSubmission,
            "submitted" => Self::Submitted,
            "rejected" => Self::Rejected,
            _ => Self::Other(text.trim().chars().take(80).collect()),
        }
    }

    /// Whether a validation was started, no matter whether SCM already checks the record.
    pub fn is_under_way(&self) -> bool {
        *self != Self::NotInitiated
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::NotInitiated => "not_initiated",
            Self::AwaitingSubmission => "awaiting_submission",
            Self::Submitted => "submitted",
            Self::Rejected => "rejected",
            Self::Other(text) => text,
        }
    }
}

impl DcvMethod {
    /// Reads both of SCM's spellings: `CNAME`, `CNAME_CSR_HASH`, `DNSTXT_RANDOM_VALUE` and so on.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match folded(text).as_str() {
            "cname" | "cnamecsrhash" => Self::Cname,
            "http" | "httpcsrhash" => Self::Http,
            "https" | "httpscsrhash" => Self::Https,
            "txt" | "dnstxtrandomvalue" => Self::Txt,
            "email" => Self::Email,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cname => "cname",
            Self::Http => "http",
            Self::Https => "https",
            Self::Txt => "txt",
            Self::Email => "email",
        }
    }
}

/// Keeps only letters and digits, in lower case.
fn folded(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Reads a date or a time. A date counts as the beginning of its day, so that a validation never seems to be valid for
/// too long.
fn moment(record: &Record, name: &str) -> Option<Timestamp> {
    let text = record.text(name)?;
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let date: Date = text.get(..10)?.parse().ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

impl DomainListed {
    fn read(record: &Record) -> Option<(i64, Self)> {
        let domain = record.text("domain")?.to_ascii_lowercase();
        // The list has no ids, so the domain's name identifies an entry.
        let mut hasher = DefaultHasher::new();
        domain.hash(&mut hasher);
        let id = i64::from_ne_bytes(hasher.finish().to_ne_bytes());
        let status = record.text("dcvStatus").map(|text| DcvStatus::parse(&text));
        let order = record.text("dcvOrderStatus");
        Some((
            id,
            Self {
                domain,
                status: status.unwrap_or_default(),
                order_status: order
                    .map_or_else(Default::default, |text| DcvOrderStatus::parse(&text)),
                method: record.text("dcvMethod"),
                expires: moment(record, "expirationDate"),
                order_method: record
                    .text("dcvOrderMethod")
                    .and_then(|text| DcvMethod::parse(&text)),
            },
        ))
    }
}

impl DomainValidation {
    /// Also reads the answer to `submit`, which has fewer members. `method` is the requested method, if SCM's answer
    /// does not contain it.
    fn read(record: &Record, method: Option<DcvMethod>) -> Self {
        let status = record.text("status").map(|text| DcvStatus::parse(&text));
        let order = record.text("orderStatus");
        let said = record
            .text("orderMode")
            .and_then(|text| DcvMethod::parse(&text));
        let order_method = said.or(method);
        Self {
            status: status.unwrap_or_default(),
            order_status: order.map_or_else(Default::default, |text| DcvOrderStatus::parse(&text)),
            validated: moment(record, "validationDate"),
            expires: moment(record, "expirationDate"),
            order_method,
            record: DcvRecord::read(record, order_method),
            email: record.text("validationEmail"),
            last_check: moment(record, "lastCheck"),
            next_check: moment(record, "nextCheck"),
        }
    }
}

impl DcvRecord {
    fn read(record: &Record, method: Option<DcvMethod>) -> Option<Self> {
        if let Some(url) = record.text("url") {
            let lines = ["firstLine", "secondLine"];
            let lines = lines.iter().filter_map(|name| record.text(name)).collect();
            return Some(Self::File { url, lines });
        }
        let host = absolute(record.text("host")?);
        let point = record.text("point")?;
        Some(match method {
            Some(DcvMethod::Txt) => Self::Txt { host, text: point },
            Some(_) => Self::Cname {
                host,
                target: absolute(point),
            },
            None if host.starts_with("_pki-validation.") => Self::Txt { host, text: point },
            None => Self::Cname {
                host,
                target: absolute(point),
            },
        })
    }
}

fn absolute(name: String) -> String {
    match name.ends_with('.') {
        true => name,
        false => format!("{name}."),
    }
}

/// See [`Client::dcv`].
pub struct Dcv<'a> {
    client: &'a Client,
}

impl Client {
    /// The calls for the validation of domains.
    pub fn dcv(&self) -> Dcv<'_> {
        Dcv { client: self }
    }
}

impl Dcv<'_> {
    pub fn list(&self, filter: &DomainFilter) -> Listing<DomainListed> {
        let path = ["dcv", self.client.dcv_version(), "validation"];
        let call = Call::get("the list of domain validations", &path)
            .query("domain", filter.domain.as_ref())
            .query("org", filter.org_id)
            .query("department", filter.department_id)
            .query("expiresIn", filter.expires_in_days);
        Listing::new(self.client, call, DomainListed::read)
    }

    pub async fn status(&self, domain: &str) -> Result<DomainValidation, ScmError> {
        let path = ["dcv", "v2", "validation", "status"];
        let call = Call::post("the status of a domain validation", &path, of(domain));
        let record = self.client.send(call).await?.record()?;
        Ok(DomainValidation::read(&record, None))
    }

    /// Makes SCM ask the CA to check the record. Answers the state of the validation.
    pub async fn sync(&self, domain: &str) -> Result<DomainValidation, ScmError> {
        let call = self.step("the check of a domain validation", &["sync"], of(domain));
        let record = self.client.send(call).await?.record()?;
        Ok(DomainValidation::read(&record, None))
    }

    /// Starts a validation with CNAME, HTTP or HTTPS, and answers the record to publish. SCM does not check it before
    /// [`Dcv::submit`], which also answers the record for TXT.
    pub async fn start(
        &self,
        domain: &str,
        method: DcvMethod,
    ) -> Result<Option<DcvRecord>, ScmError> {
        let steps = ["start", "domain", method.as_str()];
        let call = self.step("the start of a domain validation", &steps, of(domain));
        let record = self.client.send(call).await?.record()?;
        Ok(DcvRecord::read(&record, Some(method)))
    }

    /// The addresses to which a validation by e-mail may be sent.
    pub async fn addresses(&self, domain: &str) -> Result<Vec<String>, ScmError> {
        let steps = ["start", "domain", "email"];
        let call = self.step("the addresses of a domain validation", &steps, of(domain));
        let record = self.client.send(call).await?.record()?;
        let mut all = record.texts("emails");
        for one in record.records("dcvEmails") {
            for kind in ["whoisEmails", "adminEmails", "dnsTxtEmails"] {
                all.extend(one.texts(kind));
            }
        }
        all.sort();
        all.dedup();
        Ok(all)
    }

    /// Submits a validation. `email` is the address for the mail, and only for that method.
    pub async fn submit(
        &self,
        domain: &str,
        method: DcvMethod,
        email: Option<&str>,
    ) -> Result<DomainValidation, ScmError> {
        let mut body = of(domain);
        if let Some(email) = email {
            body["email"] = email.into();
        }
        let steps = ["submit", "domain", method.as_str()];
        let call = self.step("the submission of a domain validation", &steps, body);
        let record = self.client.send(call).await?.record()?;
        Ok(DomainValidation::read(&record, Some(method)))
    }

    /// Makes SCM's DNS connector publish the CNAME record.
    pub async fn submit_by_connector(
        &self,
        domain: &str,
        agent: &str,
        provider: &str,
    ) -> Result<DomainValidation, ScmError> {
        let mut body = of(domain);
        body["dnsAgentUUID"] = agent.into();
        body["dnsProviderName"] = provider.into();
        let steps = ["submit", "domain", "cname"];
        let call = self.step("the submission of a domain validation", &steps, body);
        let record = self.client.send(call).await?.record()?;
        Ok(DomainValidation::read(&record, Some(DcvMethod::Cname)))
    }

    /// Cancels the validation under way. SCM's documents do not say whether this ends a present validation.
    pub async fn clear(&self, domain: &str) -> Result<(), ScmError> {
        let call = self.step("the end of a domain validation", &["clear"], of(domain));
        self.client.send(call).await.map(drop)
    }

    fn step(&self, what: &'static str, steps: &[&str], body: Value) -> Call {
        let mut path = vec!["dcv", self.client.dcv_version(), "validation"];
        path.extend(steps);
        Call::post(what, &path, body)
    }
}

fn of(domain: &str) -> Value {
    Value::Object(Map::from_iter([("domain".to_owned(), json!(domain))]))
}
