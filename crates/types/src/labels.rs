//! The labels of a certificate: its owner, team and ticket, and notes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Empty members are not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Labels {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub team: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ticket: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

impl Labels {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is said here is said there, too.
    pub fn is_met_by(&self, other: &Self) -> bool {
        let same = |wanted: &str, has: &str| wanted.is_empty() || wanted == has;
        same(&self.owner, &other.owner)
            && same(&self.team, &other.team)
            && same(&self.ticket, &other.ticket)
            && self
                .metadata
                .iter()
                .all(|(name, value)| other.metadata.get(name) == Some(value))
    }

    /// This, and what it does not say from the other.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let text = |own: &String, other: &String| match own.is_empty() {
            true => other.clone(),
            false => own.clone(),
        };
        let mut metadata = other.metadata.clone();
        metadata.extend(self.metadata.clone());
        Self {
            owner: text(&self.owner, &other.owner),
            team: text(&self.team, &other.team),
            ticket: text(&self.ticket, &other.ticket),
            metadata,
        }
    }
}
