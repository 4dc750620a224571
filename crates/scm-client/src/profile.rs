//! Certificate profiles and custom fields, which are the same for SSL and client certificates.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::decode::Record;

/// A certificate profile, which SCM also calls certificate type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub id: i64,
    pub name: String,
    pub description: Option<String>,
    /// In days.
    pub terms: Vec<i64>,
    /// The allowed sizes by algorithm, for example `RSA`: `2048`, `4096`; `EC`: `P-256`.
    pub key_types: BTreeMap<String, Vec<String>>,
    pub use_secondary_org_name: bool,
}

impl Profile {
    pub(super) fn read(record: &Record) -> Option<Self> {
        Some(Self {
            id: record.int("id")?,
            name: record.text("name").unwrap_or_default(),
            description: record.text("description"),
            terms: record.ints("terms"),
            key_types: record
                .record("keyTypes")
                .map(|types| types.lists().collect())
                .unwrap_or_default(),
            use_secondary_org_name: record.flag("useSecondaryOrgName"),
        })
    }
}

/// The definition of a custom field that an order may have to fill in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomFieldRule {
    pub id: Option<i64>,
    pub name: String,
    pub mandatory: bool,
}

impl CustomFieldRule {
    pub(super) fn read(record: &Record) -> Option<Self> {
        Some(Self {
            id: record.int("id"),
            name: record.text("name")?,
            mandatory: record.flag("mandatory"),
        })
    }
}

/// A custom field and its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomField {
    pub name: String,
    pub value: String,
}

impl CustomField {
    pub(super) fn read_all(record: &Record) -> Vec<Self> {
        let fields = record.records("customFields");
        fields
            .iter()
            .filter_map(|field| {
                Some(Self {
                    name: field.text("name")?,
                    value: field.text("value").unwrap_or_default(),
                })
            })
            .collect()
    }

    /// `None` if there are no fields: SCM accepts a missing member, but refuses some forms of an empty one.
    pub(super) fn write_all(fields: &[Self]) -> Option<Value> {
        if fields.is_empty() {
            return None;
        }
        let all = fields
            .iter()
            .map(|field| json!({"name": field.name, "value": field.value}));
        Some(all.collect())
    }
}
