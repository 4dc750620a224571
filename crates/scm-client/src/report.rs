//! The SSL report: the only call that shows many certificates with their comments at once.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::call::Call;
use super::decode::Record;
use super::ssl_types::add;
use super::{CustomField, Outcome, ScmError, ScmErrorKind, ScmStatus, Ssl};

/// The date to which `from` and `to` apply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportDate {
    Revoked,
    Expires,
    #[default]
    Requested,
    Issued,
}

/// Which certificates to report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslReportQuery {
    pub common_name: Option<String>,
    /// If empty, all organizations that the login sees.
    pub organization_ids: Vec<i64>,
    pub date: ReportDate,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// A row of the report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslReported {
    pub ssl_id: i64,
    pub common_name: Option<String>,
    pub status: Option<ScmStatus>,
    pub comments: Option<String>,
    pub external_requester: Option<String>,
    pub serial_number: Option<String>,
    pub backend_cert_id: Option<String>,
    pub custom_fields: Vec<CustomField>,
    pub requested: Option<String>,
    pub issued: Option<String>,
    pub expires: Option<String>,
}

impl SslReportQuery {
    fn to_json(&self) -> Value {
        let date = match self.date {
            ReportDate::Revoked => 2,
            ReportDate::Expires => 3,
            ReportDate::Requested => 4,
            ReportDate::Issued => 5,
        };
        let mut body = Map::new();
        add(&mut body, "commonName", self.common_name.clone());
        body.insert(
            "organizationIds".into(),
            self.organization_ids.clone().into(),
        );
        body.insert("certificateStatus".into(), 0.into());
        body.insert("certificateDateAttribute".into(), date.into());
        // Whole seconds with three zeros, the usual form in such calls.
        let text = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        add(&mut body, "from", self.from.map(text));
        add(&mut body, "to", self.to.map(text));
        Value::Object(body)
    }
}

impl SslReported {
    fn read(record: &Record) -> Option<Self> {
        let text = |names: &[&str]| names.iter().find_map(|name| record.text(name));
        Some(Self {
            ssl_id: record.int("id").or_else(|| record.int("sslId"))?,
            common_name: record.text("commonName"),
            status: record.text("status").map(|text| ScmStatus::parse(&text)),
            comments: record.text("comments"),
            external_requester: record.text("externalRequester"),
            serial_number: record.text("serialNumber"),
            backend_cert_id: record.text("backendCertId"),
            custom_fields: CustomField::read_all(record),
            requested: text(&["requested", "dateRequested"]),
            issued: text(&["issued", "dateIssued"]),
            expires: text(&["expires", "dateExpires"]),
        })
    }
}

impl Ssl<'_> {
    /// Reads the report. The call is sent only once, because it is a POST, although it changes nothing.
    pub async fn report(&self, query: &SslReportQuery) -> Result<Vec<SslReported>, ScmError> {
        const WHAT: &str = "the SSL report";
        let call = Call::post(WHAT, &["report", "v1", "ssl-certificates"], query.to_json());
        let answer = self.client().send(call).await?;
        let record = answer.record()?;
        if let Some(code) = record.int("statusCode").filter(|code| *code != 0) {
            return Err(ScmError {
                what: WHAT,
                kind: ScmErrorKind::BadContent,
                outcome: Outcome::Refused,
                status: Some(200),
                code: Some(code),
                text: record
                    .text("description")
                    .unwrap_or_else(|| "no description".into()),
            });
        }
        if !record.has("reports") {
            return Err(answer.invalid_response("expected reports"));
        }
        let rows = record.records("reports");
        Ok(rows.iter().filter_map(SslReported::read).collect())
    }
}
