//! What goes to SCM and comes back for SSL certificates.

use serde_json::{Map, Value, json};

use super::decode::Record;
use super::{CustomField, Profile, ScmStatus};

/// An order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslEnroll {
    /// Organization, or department if it is for one.
    pub org_id: i64,
    /// PEM or bare base64.
    pub csr: String,
    pub profile_id: i64,
    /// Days; one of the profile's.
    pub term: i64,
    /// All of them: SCM does not look into the request for more.
    pub subject_alt_names: Vec<String>,
    /// At most 1,024 characters; comes back in details and reports.
    pub comments: String,
    /// E-mail addresses; some tenants demand one.
    pub external_requester: Option<String>,
    pub custom_fields: Vec<CustomField>,
    pub dcv_mode: Option<String>,
    pub dcv_email: Option<String>,
}

impl SslEnroll {
    pub(super) fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("orgId".into(), self.org_id.into());
        body.insert("csr".into(), self.csr.clone().into());
        body.insert("certType".into(), self.profile_id.into());
        body.insert("term".into(), self.term.into());
        let names = Some(self.subject_alt_names.join(",")).filter(|names| !names.is_empty());
        let comments = Some(self.comments.clone()).filter(|comments| !comments.is_empty());
        // One text with commas here, an array in a replacement: SCM insists on each.
        add(&mut body, "subjAltNames", names);
        add(&mut body, "comments", comments);
        add(
            &mut body,
            "externalRequester",
            self.external_requester.clone(),
        );
        add(
            &mut body,
            "customFields",
            CustomField::write_all(&self.custom_fields),
        );
        add(&mut body, "dcvMode", self.dcv_mode.clone());
        add(&mut body, "dcvEmail", self.dcv_email.clone());
        Value::Object(body)
    }
}

/// SCM's ids of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SslEnrolled {
    pub ssl_id: i64,
    pub renew_id: Option<String>,
}

/// A new certificate under the old id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslReplace {
    pub csr: String,
    /// 1 to 512 characters.
    pub reason: String,
    pub common_name: Option<String>,
    /// The old ones when empty.
    pub subject_alt_names: Vec<String>,
}

impl SslReplace {
    pub(super) fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("csr".into(), self.csr.clone().into());
        body.insert("reason".into(), self.reason.clone().into());
        let names = Some(&self.subject_alt_names).filter(|names| !names.is_empty());
        add(&mut body, "commonName", self.common_name.clone());
        add(
            &mut body,
            "subjectAlternativeNames",
            names.map(|names| json!(names)),
        );
        Value::Object(body)
    }
}

/// What to look for; absent members do not filter. Whether SCM compares whole names or parts of them is not
/// documented: compare again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslFilter {
    pub common_name: Option<String>,
    pub subject_alternative_name: Option<String>,
    pub status: Option<ScmStatus>,
    pub profile_id: Option<i64>,
    pub org_id: Option<i64>,
    pub serial_number: Option<String>,
    pub external_requester: Option<String>,
}

/// An entry of the list: SCM shows little there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslListed {
    pub ssl_id: i64,
    pub common_name: Option<String>,
    pub serial_number: Option<String>,
    pub subject_alternative_names: Vec<String>,
}

impl SslListed {
    pub(super) fn read(record: &Record) -> Option<(i64, Self)> {
        let ssl_id = record.int("sslId").or_else(|| record.int("id"))?;
        let listed = Self {
            ssl_id,
            common_name: record.text("commonName"),
            serial_number: record.text("serialNumber"),
            subject_alternative_names: record.texts("subjectAlternativeNames"),
        };
        Some((ssl_id, listed))
    }
}

/// All that SCM says of one certificate. Dates are as SCM writes them, usually `MM/dd/yyyy`: the certificate itself
/// knows better.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslDetails {
    pub ssl_id: Option<i64>,
    pub common_name: Option<String>,
    pub org_id: Option<i64>,
    pub status: Option<ScmStatus>,
    pub backend_cert_id: Option<String>,
    pub order_number: Option<i64>,
    pub profile: Option<Profile>,
    pub term: Option<i64>,
    pub requester: Option<String>,
    pub requested_via: Option<String>,
    pub external_requester: Option<String>,
    pub comments: Option<String>,
    pub requested: Option<String>,
    pub approved: Option<String>,
    pub issued: Option<String>,
    pub declined: Option<String>,
    pub expires: Option<String>,
    pub replaced: Option<String>,
    pub revoked: Option<String>,
    pub reason_code: Option<i64>,
    pub renewed: bool,
    pub renewed_date: Option<String>,
    pub serial_number: Option<String>,
    /// `RSA - 2048`, `EC - P-256`.
    pub key_type: Option<String>,
    pub subject_alternative_names: Vec<String>,
    pub custom_fields: Vec<CustomField>,
    pub issuer: Option<String>,
    pub subject: Option<String>,
}

impl SslDetails {
    pub(super) fn read(record: &Record) -> Self {
        let certificate = record.record("certificateDetails").unwrap_or_default();
        Self {
            ssl_id: record.int("id").or_else(|| record.int("sslId")),
            common_name: record.text("commonName"),
            org_id: record.int("orgId"),
            status: record.text("status").map(|text| ScmStatus::parse(&text)),
            backend_cert_id: record.text("backendCertId"),
            order_number: record.int("orderNumber"),
            profile: record
                .record("certType")
                .and_then(|profile| Profile::read(&profile)),
            term: record.int("term"),
            requester: record.text("requester"),
            requested_via: record.text("requestedVia"),
            external_requester: record.text("externalRequester"),
            comments: record.text("comments"),
            requested: record.text("requested"),
            approved: record.text("approved"),
            issued: record.text("issued"),
            declined: record.text("declined"),
            expires: record.text("expires"),
            replaced: record.text("replaced"),
            revoked: record.text("revoked"),
            reason_code: record.int("reasonCode"),
            renewed: record.flag("renewed"),
            renewed_date: record.text("renewedDate"),
            serial_number: record.text("serialNumber"),
            key_type: record.text("keyType"),
            subject_alternative_names: record.texts("subjectAlternativeNames"),
            custom_fields: CustomField::read_all(record),
            issuer: certificate.text("issuer").or_else(|| record.text("issuer")),
            subject: certificate.text("subject"),
        }
    }
}

/// The result of asking for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collected {
    /// The bytes in the format asked for.
    Ready(Vec<u8>),
    /// Not yet, and perhaps never: a declined request answers the same, so look at its status.
    NotReady { code: Option<i64>, message: String },
}

pub(super) fn add(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.into(), value.into());
    }
}
