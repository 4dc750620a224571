//! Certificate profiles and custom fields, alike for SSL and client certificates.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::decode::Record;

/// What SCM calls a certificate type or profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub id: i64,
    pub name: String,
    pub description: Option<String>,
    /// Days.
    pub terms: Vec<i64>,
    /// Sizes by algorithm: `RSA` to `2048`, `4096`; `EC` to `P-256`.
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

/// A custom field as SCM wants it filled in.
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

/// A custom field with its value.
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

    /// `None` for none: SCM takes the member's absence, and stumbles over some forms of emptiness.
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
