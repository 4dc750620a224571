//! Domains and their delegations.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::decode::Record;
use super::transport::Client;
use super::{Listing, ScmError};

/// A domain's delegation to an organization or department.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delegation {
    pub org_id: i64,
    /// `SSL`, `SMIME` or `CodeSign`.
    pub cert_types: Vec<String>,
    /// `ACTIVE` or `REQUESTED`.
    pub status: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainDetails {
    pub id: Option<i64>,
    pub name: String,
    /// `ACTIVE` or `SUSPENDED`.
    pub state: Option<String>,
    pub delegations: Vec<Delegation>,
}

/// A domain in SCM's report, which shows all domains in one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainReported {
    pub id: Option<i64>,
    pub name: String,
    pub suspended: bool,
    /// `Not Initiated`, `Validated`, `Action Required` or `Expired`.
    pub dcv_status: Option<String>,
    pub expires: Option<Timestamp>,
}

/// See [`Client::domains`].
pub struct Domains<'a> {
    client: &'a Client,
}

impl Client {
    pub fn domains(&self) -> Domains<'_> {
        Domains { client: self }
    }
}

impl Domains<'_> {
    /// The ids and names of the domains of one organization or department, or of all.
    pub fn list(&self, org_id: Option<i64>) -> Listing<(i64, String)> {
        let call = Call::get("the list of domains", &["domain", "v1"]).query("orgId", org_id);
        Listing::new(self.client, call, |record| {
            let id = record.int("id")?;
            Some((id, (id, record.text("name")?.to_ascii_lowercase())))
        })
    }

    pub async fn details(&self, id: i64) -> Result<DomainDetails, ScmError> {
        let call = Call::get("domain details", &["domain", "v1", &id.to_string()]);
        let record = self.client.send(call).await?.record()?;
        let delegation = |one: &Record| {
            Some(Delegation {
                org_id: one.int("orgId")?,
                cert_types: one.texts("certTypes"),
                status: one.text("status"),
            })
        };
        let delegations = record.records("delegations");
        Ok(DomainDetails {
            id: record.int("id"),
            name: record.text("name").unwrap_or_default(),
            state: record.text("state"),
            delegations: delegations.iter().filter_map(delegation).collect(),
        })
    }

    /// Creates a domain and delegates it.
    pub async fn create(&self, name: &str, delegations: &[Delegation]) -> Result<(), ScmError> {
        let delegations: Vec<Value> = delegations
            .iter()
            .map(|one| json!({"orgId": one.org_id, "certTypes": one.cert_types}))
            .collect();
        let body = json!({"name": name, "delegations": delegations});
        let call = Call::post("the entry of a domain", &["domain", "v1"], body);
        self.client.send(call).await.map(drop)
    }

    pub async fn delegate(&self, id: i64, delegation: &Delegation) -> Result<(), ScmError> {
        let body = json!({"orgId": delegation.org_id, "certTypes": delegation.cert_types});
        let path = ["domain", "v1", &id.to_string(), "delegation"];
        let call = Call::post("the delegation of a domain", &path, body);
        self.client.send(call).await.map(drop)
    }

    /// Reads every domain with the end of its validation.
    pub async fn report(&self) -> Result<Vec<DomainReported>, ScmError> {
        let path = ["report", "v1", "domains"];
        let call = Call::post("the report of domains", &path, json!({}));
        let record = self.client.send(call).await?.record()?;
        let read = |one: &Record| {
            Some(DomainReported {
                id: one.int("id"),
                name: one.text("name")?.to_ascii_lowercase(),
                suspended: one
                    .text("status")
                    .is_some_and(|text| text.eq_ignore_ascii_case("suspended")),
                dcv_status: one.text("dcvStatus"),
                expires: one.text("stickyUntil").and_then(|text| text.parse().ok()),
            })
        };
        let reports = record.records("reports");
        Ok(reports.iter().filter_map(read).collect())
    }
}
