//! The identity of a row across runs, and the idempotency key of its order.
//!
//! A row is identified by the config, by the fields of its order, and by the number of rows above it with the same
//! fields. Its position does not count, so rows may be added, removed and sorted between two runs. The reason of a step
//! does not count either: the same step with another reason is the same step.
//!
//! The idempotency key is made from the row's id ([`RowId::idempotency_key`]) or, for an enrolment whose names are
//! known, from the names alone ([`names_key`]).

use std::fmt;
use std::io;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::request::{Digest, digest};
use super::spill::DiskMap;

/// Identifies a row of a file in every run, whatever its position in the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RowId(Digest);

impl RowId {
    pub fn digest(&self) -> &Digest {
        &self.0
    }

    /// The idempotency key of the row's order. Each attempt after a definite failure is a new order with its own key.
    pub fn idempotency_key(&self, attempt: u32) -> String {
        numbered(&format!("svpki-bulk-{self}"), attempt)
    }
}

/// The idempotency key of an order for these names. Two sheets that order the same names at the same time use the same
/// key, so the engine accepts only one of the two orders.
pub fn names_key(subject: &Digest, attempt: u32) -> String {
    numbered(&format!("svpki-names-{}", hex::encode(subject)), attempt)
}

fn numbered(key: &str, attempt: u32) -> String {
    match attempt {
        0 | 1 => key.to_owned(),
        _ => format!("{key}-{attempt}"),
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RowId {
    type Err = hex::FromHexError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digest = Digest::default();
        hex::decode_to_slice(text, &mut digest)?;
        Ok(Self(digest))
    }
}

impl TryFrom<String> for RowId {
    type Error = hex::FromHexError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RowId> for String {
    fn from(id: RowId) -> Self {
        id.to_string()
    }
}

/// Computes the ids of the rows of one file, which must be given from first to last.
pub struct RowIds {
    action: String,
    config: String,
    /// The digest of a row's content, and how many rows had it so far.
    seen: DiskMap,
}

impl RowIds {
    pub fn new(action: &str, config: &str) -> io::Result<Self> {
        Ok(Self {
            action: action.to_owned(),
            config: config.to_owned(),
            seen: DiskMap::new()?,
        })
    }

    /// The id of the next row. `target` is the certificate that a step is about; it is empty for an enrolment.
    pub fn next(&mut self, target: &str, body: &Map<String, Value>) -> io::Result<RowId> {
        let config = self.config.clone();
        self.next_in(&config, target, body)
    }

    /// Like [`RowIds::next`], for a row of another config.
    pub fn next_in(
        &mut self,
        config: &str,
        target: &str,
        body: &Map<String, Value>,
    ) -> io::Result<RowId> {
        // The action and its config, such as `enroll web`.
        let scope = format!("{} {config}", self.action);
        let mut fields: Vec<(&String, String)> = body
            .iter()
            .map(|(name, value)| (name, value.to_string()))
            .collect();
        fields.sort_unstable_by_key(|(name, _)| *name);
        let parts = fields
            .iter()
            .flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        let content = digest(["svpki bulk 1", &scope, target].into_iter().chain(parts));
        let occurrence = self.seen.count(&content)?;
        Ok(RowId(digest([
            hex::encode(content).as_str(),
            occurrence.to_string().as_str(),
        ])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn ids_follow_content_and_not_place() {
        let a = body(json!({"common_name": "a", "term": 365}));
        let turned = body(json!({"term": 365, "common_name": "a"}));
        let b = body(json!({"common_name": "b"}));
        let mut first = RowIds::new("enroll", "web").unwrap();
        let mut second = RowIds::new("enroll", "web").unwrap();
        let ids = [
            first.next("", &a).unwrap(),
            first.next("", &b).unwrap(),
            first.next("", &a).unwrap(),
        ];
        assert_eq!(
            [
                second.next("", &b).unwrap(),
                second.next("", &turned).unwrap(),
                second.next("", &a).unwrap()
            ],
            [ids[1], ids[0], ids[2]]
        );
        assert_ne!(ids[0], ids[2]);
        assert_ne!(
            RowIds::new("enroll", "other")
                .unwrap()
                .next("", &a)
                .unwrap(),
            ids[0]
        );
        assert_ne!(
            RowIds::new("renew", "web").unwrap().next("", &a).unwrap(),
            ids[0]
        );
    }

    #[test]
    fn ids_are_written_and_read() {
        let id = RowIds::new("enroll", "web")
            .unwrap()
            .next("", &Map::new())
            .unwrap();
        assert_eq!(id.to_string().parse::<RowId>(), Ok(id));
        assert_eq!(serde_json::from_value::<RowId>(json!(id)).unwrap(), id);
        assert!(id.idempotency_key(2).starts_with(&id.idempotency_key(1)));
    }
}
