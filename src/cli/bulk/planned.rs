//! A planned row, its verdict, and the counts of all verdicts.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::columns::Columns;
use super::earlier::Earlier;
use super::existing::Covering;
use super::journal::Past;
use super::keys::RowId;
use super::request::{Digest, Finding, Request};

/// The plan's verdict on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The row would be ordered.
    New,
    /// Vault has a certificate or an open order for the row's names.
    Exists,
    /// A row above this one orders the same names.
    Duplicate,
    /// The row cannot be ordered as it is.
    Invalid,
    /// The row could be ordered, but the policy of the config or of the token forbids it.
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

    /// Whether somebody has to look at the row.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Duplicate | Self::Invalid | Self::Denied)
    }
}

/// A row of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    pub row: u32,
    pub verdict: Verdict,
    /// The reason for the verdict; may be empty for a new row.
    pub message: String,
    /// The header of the column that is at fault, as the file has it.
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
    /// The existing certificate or order.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The certificate that an earlier run ordered, when `id` is its successor.
    #[serde(skip)]
    pub given_id: String,
    /// The role by which the existing certificate was ordered.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// The config, when the rows of the file have several.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub config: String,
    #[serde(skip)]
    pub target: usize,
    #[serde(skip)]
    pub mark: Digest,
    #[serde(skip)]
    pub has_csr: bool,
    /// `id` is an order, not a certificate.
    #[serde(skip)]
    pub is_order: bool,
    #[serde(skip)]
    pub row_id: Option<RowId>,
    #[serde(skip)]
    pub past: Option<Past>,
    /// What an earlier run wrote about the row, in the input itself or in the result beside it.
    #[serde(skip)]
    pub earlier: Option<Earlier>,
    /// The same as `earlier`, but only when it comes from the result beside the input.
    #[serde(skip)]
    pub beside: Option<Earlier>,
}

impl Planned {
    /// A row about which only the title is known so far.
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

    /// Sets `earlier` and `beside`.
    pub fn know(&mut self, columns: &Columns, earlier: Option<Earlier>) {
        if columns.results.is_none() {
            self.beside.clone_from(&earlier);
        }
        self.earlier = earlier;
    }

    /// What an earlier run did with the row's certificate after it was ordered, if that certificate or its successor
    /// still exists.
    pub fn step(&self) -> Option<&Earlier> {
        let earlier = self.earlier.as_ref().filter(|earlier| earlier.is_step())?;
        let is_there = self.id == earlier.id || self.id == earlier.successor_id;
        (self.verdict == Verdict::Exists && is_there).then_some(earlier)
    }

    /// Marks the row as existing: `covering` already has its names.
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

/// Joins the messages about a row into the text of one cell.
pub fn joined(said: impl IntoIterator<Item = String>) -> String {
    let said = said.into_iter().filter(|words| !words.is_empty());
    said.collect::<Vec<_>>().join("; ")
}

/// How many rows have each verdict.
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

    /// An object with the members `rows`, `orders` (the number of orders that would be placed), and one for each
    /// verdict.
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
