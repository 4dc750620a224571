//! A row of a plan, what it is judged to be, and how many are judged so.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::columns::Columns;
use super::earlier::Earlier;
use super::existing::Covering;
use super::journal::Past;
use super::keys::RowId;
use super::request::{Digest, Finding, Request};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It would be ordered.
    New,
    /// Vault has a certificate or an open order for its names.
    Exists,
    /// A row above it orders the same.
    Duplicate,
    /// It cannot be ordered as it stands.
    Invalid,
    /// It could be ordered, and the config's policy or the token's forbids it.
    Denied,
}

impl Verdict {
    pub const ALL: [Self; 5] = [
        Self::New,
        Self::Exists,
        Self::Duplicate,
        Self::Invalid,
        Self::Denied,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Exists => "exists",
            Self::Duplicate => "duplicate",
            Self::Invalid => "invalid",
            Self::Denied => "denied",
        }
    }

    /// Somebody has to look at the row.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Duplicate | Self::Invalid | Self::Denied)
    }
}

/// One row of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    pub row: u32,
    pub verdict: Verdict,
    /// Why, in words; empty for a new row with nothing to say.
    pub message: String,
    /// The column that is at fault, as the file heads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub common_name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subject_alt_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_type: String,
    /// The certificate or the order that is there already.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The certificate that an earlier run ordered, where its successor is there already.
    #[serde(skip)]
    pub given_id: String,
    /// The role that it was ordered by.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// The config, where the rows of a file have several.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub config: String,
    #[serde(skip)]
    pub target: usize,
    #[serde(skip)]
    pub mark: Digest,
    #[serde(skip)]
    pub has_csr: bool,
    /// What is there already is an order, not a certificate.
    #[serde(skip)]
    pub is_order: bool,
    #[serde(skip)]
    pub row_id: Option<RowId>,
    #[serde(skip)]
    pub past: Option<Past>,
    /// What the file itself says of an earlier run, when it is a result.
    #[serde(skip)]
    pub earlier: Option<Earlier>,
    /// The same, where it stands in the result beside the file.
    #[serde(skip)]
    pub beside: Option<Earlier>,
}

impl Planned {
    /// A row that nothing is known of but whom it is about.
    pub fn bare(row: u32, title: String) -> Self {
        Self {
            row,
            verdict: Verdict::New,
            message: String::new(),
            column: None,
            common_name: title,
            subject_alt_names: Vec::new(),
            profile_id: None,
            term: None,
            key_type: String::new(),
            id: String::new(),
            given_id: String::new(),
            role: String::new(),
            config: String::new(),
            target: 0,
            mark: Digest::default(),
            has_csr: false,
            is_order: false,
            row_id: None,
            past: None,
            earlier: None,
            beside: None,
        }
    }

    /// Takes what earlier runs wrote of the row.
    pub fn know(&mut self, columns: &Columns, earlier: Option<Earlier>) {
        if columns.results.is_none() {
            self.beside.clone_from(&earlier);
        }
        self.earlier = earlier;
    }

    /// What was done with the row's certificate after it was ordered, as long as that or its successor is there.
    pub fn step(&self) -> Option<&Earlier> {
        let earlier = self.earlier.as_ref().filter(|earlier| earlier.is_step())?;
        let is_there = self.id == earlier.id || self.id == earlier.successor_id;
        (self.verdict == Verdict::Exists && is_there).then_some(earlier)
    }

    /// Something has the names already.
    pub fn cover(&mut self, covering: Covering) {
        self.verdict = Verdict::Exists;
        self.id = covering.id;
        self.role = covering.role;
        self.is_order = covering.is_order;
        self.message = joined([covering.message, covering.left_out.unwrap_or_default()]);
        self.past = None;
    }

    pub fn new(row: u32, request: &Request, row_id: RowId) -> Self {
        Self {
            row_id: Some(row_id),
            ..Self::bare(row, request.title.clone())
        }
    }

    pub fn invalid(row: u32, title: String, findings: &[Finding]) -> Self {
        let texts: Vec<String> = findings.iter().map(Finding::to_string).collect();
        let column = findings.iter().find_map(|finding| finding.column.as_ref());
        Self {
            verdict: Verdict::Invalid,
            message: texts.join("; "),
            column: column.map(|column| column.header.clone()),
            ..Self::bare(row, title)
        }
    }
}

/// What is to be said of a row, in one cell.
pub fn joined(said: impl IntoIterator<Item = String>) -> String {
    let said = said.into_iter().filter(|words| !words.is_empty());
    said.collect::<Vec<_>>().join("; ")
}

/// How often each verdict was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    counts: [u64; 5],
}

impl Summary {
    pub fn count(&mut self, verdict: Verdict) {
        self.counts[verdict as usize] += 1;
    }

    pub fn of(&self, verdict: Verdict) -> u64 {
        self.counts[verdict as usize]
    }

    pub fn rows(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub fn bad(&self) -> u64 {
        Verdict::ALL
            .iter()
            .filter(|verdict| verdict.is_bad())
            .map(|verdict| self.of(*verdict))
            .sum()
    }

    /// `rows`, `orders` (how many would be placed), and each verdict.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("rows".into(), json!(self.rows()));
        members.insert("orders".into(), json!(self.of(Verdict::New)));
        for verdict in Verdict::ALL {
            members.insert(verdict.as_str().into(), json!(self.of(verdict)));
        }
        Value::Object(members)
    }
}
