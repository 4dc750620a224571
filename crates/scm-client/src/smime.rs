//! The calls for client (S/MIME) certificates.
//!
//! SCM has two ids for a client certificate: the CA's `backendCertId`, which an order answers and most calls use, and
//! its own number, which only the list shows and only the details use.

use serde_json::{Map, Value};

use super::call::{Answer, Call};
use super::decode::Record;
use super::ssl::{collected, revocation};
use super::ssl_types::add;
use super::transport::Client;
use super::{
    Collected, CustomField, CustomFieldRule, Listing, Profile, ScmError, ScmErrorKind, ScmStatus,
};

/// See [`Client::client`].
pub struct ClientCertificates<'a> {
    client: &'a Client,
}

/// An order of a certificate for a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientEnroll {
    pub org_id: i64,
    pub csr: String,
    pub profile_id: i64,
    /// In days.
    pub term: i64,
    pub email: String,
    pub first_name: String,
    pub middle_name: Option<String>,
    pub last_name: String,
    /// The person's full name if absent.
    pub common_name: Option<String>,
    pub phone: Option<String>,
    pub secondary_emails: Vec<String>,
    pub custom_fields: Vec<CustomField>,
    pub eppn: Option<String>,
    pub upn: Option<String>,
    /// At most 1,024 characters. The list shows the comments.
    pub comments: String,
}

/// SCM's ids of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientEnrolled {
    pub order_number: Option<i64>,
    pub backend_cert_id: String,
}

/// Which certificates to list; absent members do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientFilter {
    pub email: Option<String>,
    pub backend_cert_id: Option<String>,
    pub serial_number: Option<String>,
    pub profile_id: Option<i64>,
    pub state: Option<String>,
}

/// An entry of the list. A rejected order has no `backend_cert_id`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientListed {
    pub id: i64,
    pub state: Option<ScmStatus>,
    pub backend_cert_id: Option<String>,
    pub serial_number: Option<String>,
    /// In the form `yyyy-MM-dd`.
    pub expires: Option<String>,
    pub comments: Option<String>,
    pub subject: Option<String>,
}

/// The details of a certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientDetails {
    pub id: Option<i64>,
    pub common_name: Option<String>,
    pub org_id: Option<i64>,
    pub status: Option<ScmStatus>,
    pub backend_cert_id: Option<String>,
    pub profile: Option<Profile>,
    pub term: Option<i64>,
    pub requested: Option<String>,
    pub issued: Option<String>,
    pub expires: Option<String>,
    pub revoked: Option<String>,
    pub reason_code: Option<i64>,
    pub serial_number: Option<String>,
    pub key_type: Option<String>,
    pub subject_alternative_names: Vec<String>,
    pub custom_fields: Vec<CustomField>,
    pub comments: Option<String>,
}

impl Client {
    /// The calls for client (S/MIME) certificates.
    pub fn client(&self) -> ClientCertificates<'_> {
        ClientCertificates::new(self)
    }
}

impl<'a> ClientCertificates<'a> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The profiles that this login may use, of one organization or of all.
    pub async fn profiles(&self, org: Option<i64>) -> Result<Vec<Profile>, ScmError> {
        let path = ["smime", self.version(), "types"];
        let call = Call::get("the list of client profiles", &path).query("organizationId", org);
        let records = self.client.send(call).await?.records()?;
        Ok(records.iter().filter_map(Profile::read).collect())
    }

    pub async fn custom_fields(&self) -> Result<Vec<CustomFieldRule>, ScmError> {
        let path = ["smime", self.version(), "customFields"];
        let call = Call::get("the list of client custom fields", &path);
        let records = self.client.send(call).await?.records()?;
        Ok(records.iter().filter_map(CustomFieldRule::read).collect())
    }

    /// Orders a certificate. Each call that SCM accepts is a new order.
    pub async fn enroll(&self, order: &ClientEnroll) -> Result<ClientEnrolled, ScmError> {
        let path = ["smime", self.version(), "enroll"];
        let call = Call::post("enroll", &path, order.to_json()).order();
        enrolled(&self.client.send(call).await?)
    }

    /// The certificate in one of SCM's formats (`x509`, `base64`, …; case matters).
    pub async fn collect(
        &self,
        backend_cert_id: &str,
        format: &str,
    ) -> Result<Collected, ScmError> {
        let id = checked("collect", backend_cert_id)?;
        let path = ["smime", self.version(), "collect", id];
        let call = Call::get("collect", &path).query("format", Some(format));
        collected(self.client.send(call).await)
    }

    pub fn list(&self, filter: &ClientFilter) -> Listing<ClientListed> {
        let call = Call::get("the list of client certificates", &["smime", "v2"])
            .query("email", filter.email.as_ref())
            .query("backendCertId", filter.backend_cert_id.as_ref())
            .query("serialNumber", filter.serial_number.as_ref())
            .query("certTypeId", filter.profile_id)
            .query("state", filter.state.as_ref());
        Listing::new(self.client, call, ClientListed::read)
    }

    /// The details of a certificate, by SCM's number from the list.
    pub async fn details(&self, id: i64) -> Result<ClientDetails, ScmError> {
        let path = ["smime", self.version(), &id.to_string()];
        let call = Call::get("client certificate details", &path);
        let record = self.client.send(call).await?.record()?;
        Ok(ClientDetails::read(&record))
    }

    /// Renews a certificate with the same key, because SCM accepts no CSR here. Answers the new ids.
    pub async fn renew(&self, backend_cert_id: &str) -> Result<ClientEnrolled, ScmError> {
        let id = checked("renew", backend_cert_id)?;
        let mut call = Call::get("renew", &["smime", "v2", "renew", "order", id]).order();
        call.method = reqwest::Method::POST;
        enrolled(&self.client.send(call).await?)
    }

    /// Revokes a certificate. `reason_code`: 0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5
    /// cessation of operation.
    pub async fn revoke(
        &self,
        backend_cert_id: &str,
        reason_code: u8,
        reason: &str,
    ) -> Result<(), ScmError> {
        let id = checked("revoke", backend_cert_id)?;
        let body = revocation(reason_code, reason)?;
        let path = ["smime", self.version(), "revoke", "order", id];
        let call = Call::post("revoke", &path, body).order();
        self.client.send(call).await.map(drop)
    }

    fn version(&self) -> &'static str {
        self.client.smime_version()
    }
}

impl ClientEnroll {
    fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("orgId".into(), self.org_id.into());
        body.insert("csr".into(), self.csr.clone().into());
        body.insert("certType".into(), self.profile_id.into());
        body.insert("term".into(), self.term.into());
        body.insert("email".into(), self.email.clone().into());
        body.insert("firstName".into(), self.first_name.clone().into());
        body.insert("lastName".into(), self.last_name.clone().into());
        let emails = Some(self.secondary_emails.clone()).filter(|emails| !emails.is_empty());
        let comments = Some(self.comments.clone()).filter(|comments| !comments.is_empty());
        add(&mut body, "middleName", self.middle_name.clone());
        add(&mut body, "commonName", self.common_name.clone());
        add(&mut body, "phone", self.phone.clone());
        add(&mut body, "secondaryEmails", emails);
        add(
            &mut body,
            "customFields",
            CustomField::write_all(&self.custom_fields),
        );
        add(&mut body, "eppn", self.eppn.clone());
        add(&mut body, "upn", self.upn.clone());
        add(&mut body, "comments", comments);
        Value::Object(body)
    }
}

impl ClientListed {
    fn read(record: &Record) -> Option<(i64, Self)> {
        let id = record.int("id")?;
        let certificate = record.record("certificateDetails").unwrap_or_default();
        let listed = Self {
            id,
            state: record
                .text("state")
                .or_else(|| record.text("status"))
                .map(|text| ScmStatus::parse(&text)),
            backend_cert_id: record.text("backendCertId"),
            serial_number: record.text("serialNumber"),
            expires: record.text("expires"),
            comments: record.text("comments"),
            subject: certificate.text("subject"),
        };
        Some((id, listed))
    }
}

impl ClientDetails {
    fn read(record: &Record) -> Self {
        Self {
            id: record.int("id"),
            common_name: record.text("commonName"),
            org_id: record.int("orgId"),
            status: record
                .text("status")
                .or_else(|| record.text("state"))
                .map(|text| ScmStatus::parse(&text)),
            backend_cert_id: record.text("backendCertId"),
            profile: record
                .record("certType")
                .and_then(|profile| Profile::read(&profile)),
            term: record.int("term"),
            requested: record.text("requested"),
            issued: record.text("issued"),
            expires: record.text("expires"),
            revoked: record.text("revoked"),
            reason_code: record.int("reasonCode"),
            serial_number: record.text("serialNumber"),
            key_type: record.text("keyType"),
            subject_alternative_names: record.texts("subjectAlternativeNames"),
            custom_fields: CustomField::read_all(record),
            comments: record.text("comments"),
        }
    }
}

fn enrolled(answer: &Answer) -> Result<ClientEnrolled, ScmError> {
    let record = answer.record()?;
    let order_number = record.int("orderNumber").filter(|number| *number > 0);
    // Older answers have only the order number, which has the same digits.
    let backend_cert_id = record
        .text("backendCertId")
        .or_else(|| order_number.map(|number| number.to_string()))
        .ok_or_else(|| answer.invalid_response("expected a backendCertId"))?;
    Ok(ClientEnrolled {
        order_number,
        backend_cert_id,
    })
}

/// Refuses an id that cannot be a part of a path.
fn checked<'a>(what: &'static str, id: &'a str) -> Result<&'a str, ScmError> {
    let fits = !id.is_empty()
        && id.len() <= 255
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if fits {
        return Ok(id);
    }
    Err(ScmError::not_sent(
        what,
        ScmErrorKind::BadContent,
        "the backend certificate id holds other characters than letters, digits, '-' and '_'",
    ))
}
