//! Organizations, and the definitions of custom fields.

use super::ScmError;
use super::call::Call;
use super::decode::Record;
use super::transport::Client;

/// An organization or a department, as the list shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organization {
    pub id: i64,
    pub name: String,
    pub departments: Vec<Organization>,
}

/// The details of an organization or department that are used here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationDetails {
    pub id: Option<i64>,
    pub name: Option<String>,
    pub parent_name: Option<String>,
    /// For example `SSL` or `Client`.
    pub cert_types: Vec<String>,
    /// The "Enable Web/REST API" switches; `None` if SCM does not say.
    pub ssl_api_enabled: Option<bool>,
    pub client_api_enabled: Option<bool>,
}

/// The definition of a custom field for a certificate type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomFieldDefinition {
    pub id: Option<i64>,
    pub name: String,
    pub state: Option<String>,
    /// The interfaces in which the field must be filled in; `REST_API` applies to us.
    pub mandatories: Vec<String>,
    /// For example `TEXT_SINGLE_LINE`, `TEXT_OPTION` or `DATE`.
    pub input: Option<String>,
    pub options: Vec<String>,
}

impl Organization {
    fn read(record: &Record) -> Option<Self> {
        let departments = record.records("departments");
        Some(Self {
            id: record.int("id")?,
            name: record.text("name").unwrap_or_default(),
            departments: departments.iter().filter_map(Self::read).collect(),
        })
    }
}

impl Client {
    pub async fn organizations(&self) -> Result<Vec<Organization>, ScmError> {
        let call = Call::get("the list of organizations", &["organization", "v1"]);
        let records = self.send(call).await?.records()?;
        Ok(records.iter().filter_map(Organization::read).collect())
    }

    /// The details of an organization or a department.
    pub async fn organization(&self, id: i64) -> Result<OrganizationDetails, ScmError> {
        let path = ["organization", "v1", &id.to_string()];
        let record = self
            .send(Call::get("organization details", &path))
            .await?
            .record()?;
        let enabled = |name: &str| record.has(name).then(|| record.flag(name));
        Ok(OrganizationDetails {
            id: record.int("id"),
            name: record.text("name"),
            parent_name: record.text("parentName"),
            cert_types: record.texts("certTypes"),
            ssl_api_enabled: enabled("sslCertsApiEnabled"),
            client_api_enabled: enabled("clientCertsApiEnabled"),
        })
    }

    /// `cert_type` is `SSL` or `SMIME`.
    pub async fn custom_field_definitions(
        &self,
        cert_type: &str,
    ) -> Result<Vec<CustomFieldDefinition>, ScmError> {
        let call = Call::get("the custom field definitions", &["customField", "v2"])
            .query("certType", Some(cert_type));
        let records = self.send(call).await?.records()?;
        let read = |record: &Record| {
            let input = record.record("input").unwrap_or_default();
            Some(CustomFieldDefinition {
                id: record.int("id"),
                name: record.text("name")?,
                state: record.text("state"),
                mandatories: record.texts("mandatories"),
                input: input.text("type"),
                options: input.texts("options"),
            })
        };
        Ok(records.iter().filter_map(read).collect())
    }
}
