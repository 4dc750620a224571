//! Labels as flags: given with what is ordered, and asked for in lists.

use serde_json::{Map, Value, json};

use super::fields::put;
use svpki_types::Labels;

/// What certificates are labelled with.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LabelArgs {
    /// Label: whose certificates these are
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Label: the team that looks after them
    #[arg(long, value_name = "NAME")]
    pub team: Option<String>,
    /// Label: the ticket that they are ordered for
    #[arg(long, value_name = "ID")]
    pub ticket: Option<String>,
    /// Label: a note of your own; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = note)]
    pub metadata: Vec<(String, String)>,
}

/// The certificates that a list is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LabelFilter {
    /// Only those of this owner
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Only those of this team
    #[arg(long, value_name = "NAME")]
    pub team: Option<String>,
    /// Only those of this ticket
    #[arg(long, value_name = "ID")]
    pub ticket: Option<String>,
    /// Only those with this note; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = note)]
    pub metadata: Vec<(String, String)>,
}

impl LabelArgs {
    pub fn put(&self, fields: &mut Map<String, Value>) {
        put(fields, "owner", self.owner.clone());
        put(fields, "team", self.team.clone());
        put(fields, "ticket", self.ticket.clone());
        if !self.metadata.is_empty() {
            let notes: Map<String, Value> = self
                .metadata
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            fields.insert("metadata".into(), Value::Object(notes));
        }
    }
}

impl LabelFilter {
    pub fn labels(&self) -> Labels {
        Labels {
            owner: self.owner.clone().unwrap_or_default(),
            team: self.team.clone().unwrap_or_default(),
            ticket: self.ticket.clone().unwrap_or_default(),
            metadata: self.metadata.iter().cloned().collect(),
        }
    }
}

fn note(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write NAME=VALUE".to_owned()),
    }
}
