//! Finds the column that an error message of the engine is about.

use super::{Reading, fold_name};
use crate::cli::bulk::columns::{Column, Field};
use crate::cli::bulk::sheet::Row;

impl Reading<'_> {
    /// The column that an error message of the engine is about: the column whose cell the message quotes, or one that
    /// contains a name in the message, or else the column for a word in the message.
    pub fn column_of(&self, row: &Row, message: &str) -> Option<Column> {
        let quoted: Vec<&str> = message
            .split('"')
            .skip(1)
            .step_by(2)
            .filter(|text| !text.is_empty())
            .collect();
        let holds = |column: &&Column| {
            // A password must not be compared with anything that is shown.
            if column.field == Field::ExportPassword {
                return false;
            }
            let text = row
                .cells
                .get(column.index)
                .map_or("", |cell| cell.text.as_str());
            let folded = text.to_lowercase();
            quoted
                .iter()
                .any(|quote| folded.contains(&quote.to_lowercase()))
        };
        if let Some(column) = self.columns.known.iter().find(holds) {
            return Some(column.clone());
        }
        if let Some(column) = self.column_of_name(row, message) {
            return Some(column.clone());
        }
        let message = message.to_lowercase();
        WORDS
            .iter()
            .find(|(word, _)| message.contains(word))
            // When the file has no column for the word, no other column is at fault.
            .and_then(|(_, field)| self.columns.column(field))
            .cloned()
    }
}

impl Reading<'_> {
    /// The column with a name that occurs in an error message: `server.local cannot be in …`.
    fn column_of_name(&self, row: &Row, message: &str) -> Option<&Column> {
        let said: Vec<&str> = message
            .split_whitespace()
            .map(|word| word.trim_end_matches([',', ':', ';']))
            .filter(|word| word.contains(['.', ':']))
            .collect();
        let names = |column: &&Column| {
            let is_of_names = matches!(column.field, Field::CommonName | Field::AltNames);
            let cell = row.cells.get(column.index).filter(|_| is_of_names);
            cell.is_some_and(|cell| {
                let mut names = cell
                    .text
                    .split([',', ';', '|'])
                    .flat_map(str::split_whitespace);
                names.any(|name| said.contains(&fold_name(name).as_str()))
            })
        };
        self.columns.known.iter().find(names)
    }
}

/// Words in the engine's error messages, with the more specific ones first.
const WORDS: &[(&str, Field)] = &[
    ("cannot be in a public certificate", Field::CommonName),
    ("a key of ", Field::KeyType),
    ("custom field", Field::CustomFields),
    ("alternative name", Field::AltNames),
    ("external requester", Field::ExternalRequester),
    ("external_requester", Field::ExternalRequester),
    ("comments", Field::Comments),
    ("term", Field::Term),
    ("days", Field::Term),
    ("validity", Field::Term),
    ("key_size", Field::KeySize),
    ("key_bits", Field::KeySize),
    ("curve", Field::KeySize),
    ("key type", Field::KeyType),
    ("key_algo", Field::KeyType),
    ("rsa", Field::KeyType),
    ("certificate request", Field::Csr),
    ("csr", Field::Csr),
    ("profile", Field::Profile),
    ("cert_type", Field::Profile),
    ("first_name", Field::FirstName),
    ("last_name", Field::LastName),
    ("e-mail", Field::Email),
    ("email", Field::Email),
    ("country", Field::Country),
    ("state", Field::Province),
    ("locality", Field::Locality),
    ("organisational unit", Field::Unit),
    ("organi", Field::Organization),
    ("common name", Field::CommonName),
    ("domain", Field::CommonName),
];
