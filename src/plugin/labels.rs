//! Labels of a certificate: owner, team, ticket and metadata. Labels that came from the request or the role are stored
//! with the certificate; all others are read from its config.

use super::fields;
use super::index::IndexRow;
use svpki_types::Labels;
use vault_plugin::framework::{Field, Values};
use vault_plugin::logical::Error;

/// Limits for the labels that are stored with each certificate and in the index.
const LONGEST_TEXT: usize = 256;
const MOST_NOTES: usize = 32;

pub fn of(values: &Values) -> Labels {
    let text = |field: &Field| super::field_values::text(values, field).unwrap_or_default();
    let notes = values.name_values(&fields::METADATA).unwrap_or_default();
    Labels {
        owner: text(&fields::OWNER),
        team: text(&fields::TEAM),
        ticket: text(&fields::TICKET),
        metadata: notes.into_iter().collect(),
    }
}

/// The labels of a request. The limits apply only here: stored labels are always read, because an older version may
/// have had other limits.
pub fn asked(request: &Values) -> Result<Labels, Error> {
    let labels = of(request);
    for (field, text) in [
        (&fields::OWNER, &labels.owner),
        (&fields::TEAM, &labels.team),
        (&fields::TICKET, &labels.ticket),
    ] {
        bounded(field.name, text)?;
    }
    let notes = &labels.metadata;
    if notes.len() > MOST_NOTES {
        return Err(Error::bad_request(format!(
            "metadata holds {} notes: {MOST_NOTES} are possible",
            notes.len()
        )));
    }
    for (name, value) in notes {
        bounded("a name in metadata", name)?;
        bounded("a value in metadata", value)?;
    }
    Ok(labels)
}

fn bounded(what: &str, text: &str) -> Result<(), Error> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(Error::bad_request(format!(
            "{what} is longer than {LONGEST_TEXT} characters"
        )));
    }
    Ok(())
}

/// The labels by which an inventory is filtered.
#[derive(Default)]
pub struct LabelsFilter(Labels);

impl LabelsFilter {
    pub fn of(values: &Values) -> Result<Self, Error> {
        let text = |field: &Field| super::field_values::text(values, field).unwrap_or_default();
        let notes = values
            .text_list(&fields::FILTER_METADATA)
            .unwrap_or_default();
        let metadata = notes
            .iter()
            .map(|note| {
                let (name, value) = note.split_once('=').ok_or_else(|| {
                    Error::bad_request(format!("metadata {note:?}: write name=value"))
                })?;
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self(Labels {
            owner: text(&fields::FILTER_OWNER),
            team: text(&fields::FILTER_TEAM),
            ticket: text(&fields::FILTER_TICKET),
            metadata,
        }))
    }

    pub fn matches(&self, row: &IndexRow, of_config: Option<&Labels>) -> bool {
        self.0.is_empty() || self.0.is_met_by(&whole(&row.labels, of_config))
    }
}

/// The labels of a certificate, with those of its config for all that the certificate does not have.
pub fn whole(own: &Labels, of_config: Option<&Labels>) -> Labels {
    match of_config {
        Some(config) => own.or(config),
        None => own.clone(),
    }
}
