//! Labels as flags: for orders, and as filters of lists.

use serde_json::{Map, Value, json};

use super::fields::put;
use super::plain;
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
            fields.insert("metadata".into(), notes_object(&self.metadata));
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

pub fn note(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

pub fn notes_object(notes: &[(String, String)]) -> Value {
    let notes = notes.iter();
    notes
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect::<Map<_, _>>()
        .into()
}

/// Notes in one line, separated by commas.
pub fn notes_text(notes: &[(String, String)]) -> String {
    let notes: Vec<String> = notes
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    notes.join(",")
}

/// Parses the notes of such a line. A part without `=` belongs to the value before it.
pub fn notes(line: &str) -> Result<Vec<(String, String)>, String> {
    let mut notes: Vec<(String, String)> = Vec::new();
    for part in line.split(',').filter(|part| !part.trim().is_empty()) {
        match (note(part), notes.last_mut()) {
            (Ok(one), _) => notes.push(one),
            (Err(_), Some((_, value))) if !part.contains('=') => {
                value.push(',');
                value.push_str(part.trim_end());
            }
            (Err(why), _) => return Err(why),
        }
    }
    Ok(notes)
}

/// Notes in the form of the engine's answers.
pub fn stored_notes(items: &[Value]) -> Vec<(String, String)> {
    let of = |item: &Value, name: &str| item.get(name).map(plain);
    items
        .iter()
        .filter_map(|item| Some((of(item, "name")?, of(item, "value")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_in_one_line_are_read_as_they_were_written() {
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
            owned.collect()
        };
        for (line, read) in [
            ("", vec![]),
            ("Stage=test", vec![("Stage", "test")]),
            (
                "Stage = test, Cost=7",
                vec![("Stage", "test"), ("Cost", "7")],
            ),
            ("who=Doe, Jane,x=", vec![("who", "Doe, Jane"), ("x", "")]),
        ] {
            let read = pairs(&read);
            assert_eq!(notes(line).unwrap(), read, "{line}");
            assert_eq!(notes(&notes_text(&read)).unwrap(), read);
        }
        for bad in ["test", "=x", "a=b,=c"] {
            assert!(notes(bad).is_err(), "{bad}");
        }
    }
}
