//! The requests and answers of the calls for SSL certificates.

use serde_json::{Map, Value, json};

use super::decode::Record;
use super::{CustomField, Profile, ScmStatus};

/// An order of an SSL certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslEnroll {
    /// The id of an organization, or of a department if the order is for one.
    pub org_id: i64,
    /// PEM, or base64 without armour.
    pub csr: String,
    pub profile_id: i64,
    /// In days; one of the profile's terms.
    pub term: i64,
    /// All alternative names: SCM does not read further names from the CSR.
    pub subject_alt_names: Vec<String>,
    /// At most 1,024 characters. Details and reports show the comments.
    pub comments: String,
    /// E-mail addresses, which some customers must give.
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
        // SCM requires one text with commas here, but an array in a replacement.
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

/// An order of a new certificate under the same id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslReplace {
    pub csr: String,
    /// 1 to 512 characters.
    pub reason: String,
    pub common_name: Option<String>,
    /// If empty, the names of the old certificate.
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

/// Which certificates to list; absent members do not filter. SCM's documents do not say whether it compares whole
/// names or parts of them, so callers must compare again.
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

/// An entry of the list, which has few members.
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

/// The details of a certificate. Dates are as SCM writes them, usually `MM/dd/yyyy`; the certificate itself is more
/// reliable.
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
    /// For example `RSA - 2048` or `EC - P-256`.
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

/// The result of a collect call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collected {
    /// The certificate in the requested format.
    Ready(Vec<u8>),
    /// The certificate is not issued yet, and perhaps never will be: the answer is the same for a declined order, so
    /// check its status.
    NotReady { code: Option<i64>, message: String },
}

pub(super) fn add(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.into(), value.into());
    }
}
