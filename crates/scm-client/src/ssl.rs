//! The calls for SSL certificates.

use serde_json::{Map, Value, json};

use super::call::{Answer, Call};
use super::codes::KnownCode;
use super::ssl_types::add;
use super::transport::Client;
use super::{
    Collected, CustomFieldRule, Listing, Profile, ScmError, ScmErrorKind, SslDetails, SslEnroll,
    SslEnrolled, SslFilter, SslListed, SslReplace,
};

/// The reason codes of RFC 5280 that SCM accepts.
const REASONS: [u8; 5] = [0, 1, 3, 4, 5];

/// See [`Client::ssl`].
pub struct Ssl<'a> {
    client: &'a Client,
}

impl Client {
    /// The calls for SSL certificates.
    pub fn ssl(&self) -> Ssl<'_> {
        Ssl::new(self)
    }
}

impl<'a> Ssl<'a> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The profiles that this login may use, of one organization or of all.
    pub async fn profiles(&self, org: Option<i64>) -> Result<Vec<Profile>, ScmError> {
        let call = Call::get("the list of SSL profiles", &["ssl", "v1", "types"])
            .query("organizationId", org);
        let records = self.client.send(call).await?.records()?;
        Ok(records.iter().filter_map(Profile::read).collect())
    }

    pub async fn custom_fields(&self) -> Result<Vec<CustomFieldRule>, ScmError> {
        let call = Call::get(
            "the list of SSL custom fields",
            &["ssl", "v1", "customFields"],
        );
        let records = self.client.send(call).await?.records()?;
        Ok(records.iter().filter_map(CustomFieldRule::read).collect())
    }

    /// Orders a certificate. Each call that SCM accepts is a new order.
    pub async fn enroll(&self, order: &SslEnroll) -> Result<SslEnrolled, ScmError> {
        let call = Call::post("enroll", &["ssl", "v1", "enroll"], order.to_json()).order();
        let answer = self.client.send(call).await?;
        let record = answer.record()?;
        Ok(SslEnrolled {
            ssl_id: positive(&answer, record.int("sslId"))?,
            renew_id: record.text("renewId"),
        })
    }

    pub async fn details(&self, ssl_id: i64) -> Result<SslDetails, ScmError> {
        let call = Call::get("certificate details", &["ssl", "v1", &ssl_id.to_string()]);
        let record = self.client.send(call).await?.record()?;
        Ok(SslDetails::read(&record))
    }

    /// The certificate in one of SCM's formats (`x509`, `base64`, …; case matters).
    pub async fn collect(&self, ssl_id: i64, format: &str) -> Result<Collected, ScmError> {
        let path = ["ssl", "v1", "collect", &ssl_id.to_string()];
        let call = Call::get("collect", &path).query("format", Some(format));
        collected(self.client.send(call).await)
    }

    pub fn list(&self, filter: &SslFilter) -> Listing<SslListed> {
        let call = Call::get("the list of SSL certificates", &["ssl", "v1"])
            .query("commonName", filter.common_name.as_ref())
            .query(
                "subjectAlternativeName",
                filter.subject_alternative_name.as_ref(),
            )
            .query("status", filter.status.as_ref())
            .query("sslTypeId", filter.profile_id)
            .query("orgId", filter.org_id)
            .query("serialNumber", filter.serial_number.as_ref())
            .query("externalRequester", filter.external_requester.as_ref());
        Listing::new(self.client, call, SslListed::read)
    }

    /// Renews a certificate and answers the new id. Without a CSR, SCM uses the old one and its key.
    pub async fn renew_by_id(&self, ssl_id: i64, csr: Option<&str>) -> Result<i64, ScmError> {
        let mut body = Map::new();
        add(&mut body, "csr", csr);
        let path = ["ssl", "v1", "renewById", &ssl_id.to_string()];
        let call = Call::post("renew", &path, Value::Object(body)).order();
        let answer = self.client.send(call).await?;
        let record = answer.record()?;
        positive(&answer, record.int("sslId").or_else(|| record.int("id")))
    }

    /// Orders a replacement under the same id. SCM does not tell when it is issued, except that [`Ssl::collect`] then
    /// answers another certificate.
    pub async fn replace(&self, ssl_id: i64, replacement: &SslReplace) -> Result<(), ScmError> {
        reason_is_there("replace", &replacement.reason)?;
        let path = ["ssl", "v1", "replace", &ssl_id.to_string()];
        let call = Call::post("replace", &path, replacement.to_json()).order();
        self.client.send(call).await.map(drop)
    }

    /// Revokes a certificate. `reason_code`: 0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5
    /// cessation of operation.
    pub async fn revoke(&self, ssl_id: i64, reason_code: u8, reason: &str) -> Result<(), ScmError> {
        let body = revocation(reason_code, reason)?;
        let path = ["ssl", "v1", "revoke", &ssl_id.to_string()];
        let call = Call::post("revoke", &path, body).order();
        self.client.send(call).await.map(drop)
    }

    /// Revokes the certificate with this serial number, which may be one that was replaced under its id.
    pub async fn revoke_serial(
        &self,
        serial: &str,
        reason_code: u8,
        reason: &str,
    ) -> Result<(), ScmError> {
        let body = revocation(reason_code, reason)?;
        let path = ["ssl", "v1", "revoke", "serial", serial];
        let call = Call::post("revoke_serial", &path, body).order();
        self.client.send(call).await.map(drop)
    }

    pub(super) fn client(&self) -> &Client {
        self.client
    }
}

/// Distinguishes "not ready" from all other errors.
pub(super) fn collected(answer: Result<Answer, ScmError>) -> Result<Collected, ScmError> {
    match answer {
        Ok(answer) if answer.body.iter().all(u8::is_ascii_whitespace) => Ok(Collected::NotReady {
            code: None,
            message: "the answer was empty".into(),
        }),
        Ok(answer) => Ok(Collected::Ready(answer.body)),
        Err(error) if says_not_ready(&error) => Ok(Collected::NotReady {
            code: error.code(),
            message: error.text().to_owned(),
        }),
        Err(error) => Err(error),
    }
}

fn says_not_ready(error: &ScmError) -> bool {
    if error.status() != Some(400) {
        return false;
    }
    match error.code() {
        Some(code) => KnownCode::of(code) == Some(KnownCode::NotReady),
        // SCM's documents promise this text, but not the code.
        None => {
            let words = error.text().to_ascii_lowercase();
            words.contains("being processed") || words.contains("not collectable")
        }
    }
}

pub(super) fn revocation(reason_code: u8, reason: &str) -> Result<Value, ScmError> {
    if !REASONS.contains(&reason_code) {
        return Err(ScmError::not_sent(
            "revoke",
            ScmErrorKind::BadContent,
            format!("reason code {reason_code} is none of 0, 1, 3, 4, 5"),
        ));
    }
    reason_is_there("revoke", reason)?;
    Ok(json!({"reasonCode": reason_code, "reason": reason}))
}

fn reason_is_there(what: &'static str, reason: &str) -> Result<(), ScmError> {
    match reason.chars().count() {
        1..=512 if !reason.trim().is_empty() => Ok(()),
        _ => Err(ScmError::not_sent(
            what,
            ScmErrorKind::BadContent,
            "SCM wants a reason of 1 to 512 characters",
        )),
    }
}

/// Refuses an id that cannot be valid.
fn positive(answer: &Answer, id: Option<i64>) -> Result<i64, ScmError> {
    id.filter(|id| *id > 0)
        .ok_or_else(|| answer.invalid_response("expected an sslId"))
}
