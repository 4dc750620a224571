//! Builds the order of one row, and collects the errors in the row.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::value::{as_whole_number, check_name, csr_text, days, fold_name, named_values, squeeze};
use super::{CertKind, Digest, Finding, Reading, Request, digest};
use crate::cli::bulk::columns::{Column, Field};
use crate::cli::bulk::sheet::{Cell, Kind, Row, column_letters};
use pki::Csr;
use svpki_types::KeySpec;

pub(super) struct RowBuilder<'r, 'c> {
    pub(super) reading: &'r Reading<'c>,
    pub(super) row: &'r Row,
    pub(super) body: Map<String, Value>,
    pub(super) findings: Vec<Finding>,
}

impl<'r> RowBuilder<'r, '_> {
    pub(super) fn ssl(&mut self) -> Request {
        let name = self.name();
        let alt_names = self.alt_names();
        if let Some(name) = &name {
            self.put("common_name", json!(name));
        }
        if !alt_names.is_empty() {
            self.put("alt_names", json!(alt_names));
        }
        let csr = self.csr();
        if name.is_none() && csr.is_none() && !self.reading.default_name {
            self.add_error(
                &Field::CommonName,
                "is empty: every row needs a common name or a CSR",
            );
        }
        self.order("sectigo_ssl_cert_custom_fields");
        self.copy(&Field::Comments, "sectigo_ssl_cert_comments");
        self.copy(
            &Field::ExternalRequester,
            "sectigo_ssl_cert_external_requester",
        );
        self.copy(&Field::Email, "email");
        self.reject_unused(
            &[Field::FirstName, Field::MiddleName, Field::LastName],
            "SSL",
        );
        let mut names: Vec<String> = name
            .iter()
            .chain(&alt_names)
            .map(|name| fold_name(name))
            .collect();
        names.sort();
        names.dedup();
        // The engine adds the names in a CSR, so the names are not complete here. Rows with a CSR are therefore
        // compared by its text as well.
        let subject = match &csr {
            Some(csr) => digest(
                ["csr", &squeeze(csr)]
                    .into_iter()
                    .chain(names.iter().map(String::as_str)),
            ),
            None => digest(
                ["names"]
                    .into_iter()
                    .chain(names.iter().map(String::as_str)),
            ),
        };
        let title = name
            .or_else(|| alt_names.first().cloned())
            .unwrap_or_default();
        self.request(
            title,
            if csr.is_some() { Vec::new() } else { names },
            subject,
        )
    }

    pub(super) fn client(&mut self) -> Request {
        for (field, parameter) in [
            (Field::FirstName, "sectigo_client_cert_first_name"),
            (Field::LastName, "sectigo_client_cert_last_name"),
            (Field::Email, "sectigo_client_cert_email"),
        ] {
            match self.text(&field) {
                Some(text) => self.put(parameter, json!(text)),
                None => self.add_error(&field, "is empty: a client certificate needs it"),
            }
        }
        self.copy(&Field::MiddleName, "sectigo_client_cert_middle_name");
        self.copy(&Field::CommonName, "common_name");
        self.csr();
        self.order("sectigo_client_cert_custom_fields");
        self.copy(&Field::Comments, "sectigo_client_cert_comments");
        self.reject_unused(&[Field::AltNames, Field::ExternalRequester], "client");
        let email = self.text(&Field::Email).unwrap_or_default().to_lowercase();
        // A person may have a signing and an encryption certificate, from two profiles.
        let profile = self
            .body
            .get("profile_id")
            .map(Value::to_string)
            .unwrap_or_default();
        let subject = digest(["client", &email, &profile]);
        self.request(email.clone(), vec![email], subject)
    }

    fn request(&mut self, title: String, names: Vec<String>, subject: Digest) -> Request {
        Request {
            body: std::mem::take(&mut self.body),
            title,
            names,
            subject,
        }
    }

    /// The fields that SSL and client certificates have in common.
    fn order(&mut self, custom_fields: &str) {
        self.profile();
        self.term();
        self.key();
        self.custom_fields(custom_fields);
        self.copy(&Field::Country, "country");
        self.copy(&Field::Province, "province");
        self.copy(&Field::Locality, "locality");
        self.copy(&Field::Organization, "organization");
        self.copy(&Field::Unit, "ou");
    }

    /// Finds formulas without a value and numbers that are too long, in the columns for which `matters` is true.
    pub(super) fn spreadsheet_faults(&mut self, matters: impl Fn(&Field) -> bool) {
        let columns = self.reading.columns.known.iter();
        for column in columns.filter(|column| matters(&column.field)) {
            let Some(cell) = self.row.cells.get(column.index) else {
                continue;
            };
            let place = || format!("{}{}", column_letters(column.index), self.row.number);
            let reason = match cell.kind {
                Kind::Error => format!("the formula in it failed: {}", cell.text),
                Kind::Uncalculated => format!(
                    "the formula in {} has no stored value: open the file in a spreadsheet program and save it",
                    place()
                ),
                Kind::Number if cell.text.bytes().filter(u8::is_ascii_digit).count() > 15 => {
                    format!(
                        "the number in {} has more than 15 digits, and a spreadsheet keeps no more: format the column as text and type it again",
                        place()
                    )
                }
                _ => continue,
            };
            self.findings.push(Finding {
                column: Some(column.clone()),
                reason,
            });
        }
    }

    /// Reports cells without a header. They are probably further names, which would be missing from the order.
    pub(super) fn unheaded_cells(&mut self) {
        for (index, text) in &self.row.unheaded {
            let letters = column_letters(*index);
            let mut shown: String = text.chars().take(60).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            self.findings.push(Finding {
                column: None,
                reason: format!(
                    "{letters}{}: {shown:?} stands under no header: head the column, or say what it is with --map 'column {letters}=alt_names'; 'column {letters}=none' leaves it out",
                    self.row.number
                ),
            });
        }
    }

    pub(super) fn name(&mut self) -> Option<String> {
        let cell = self.cell(&Field::CommonName)?;
        let column = self.reading.columns.column(&Field::CommonName)?;
        let text = cell.text.trim();
        if matches!(cell.kind, Kind::Error | Kind::Uncalculated) {
            return Some(String::new());
        }
        if cell.merged {
            self.find(column, "it is merged over several rows: a certificate has one row, and further names go to the alternative names");
        }
        if let Some(made) = made_of(cell.kind) {
            let reason = format!(
                "the spreadsheet made {made} of it ({text}): format the column as text and type the name again"
            );
            self.find(column, &reason);
            return Some(text.to_lowercase());
        }
        if text.split_whitespace().count() > 1 {
            self.find(
                column,
                "contains spaces: give one name here, and further names as alternative names",
            );
        } else if self.reading.kind == CertKind::Ssl
            && let Err(reason) = check_name(text, self.reading.allow_private_names)
        {
            self.find(column, &reason);
        }
        Some(text.to_lowercase())
    }

    pub(super) fn alt_names(&mut self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let (row, columns) = (self.row, self.reading.columns);
        for column in columns.all(&Field::AltNames) {
            let Some(cell) = row.cells.get(column.index).filter(|c| !c.is_blank()) else {
                continue;
            };
            if matches!(cell.kind, Kind::Error | Kind::Uncalculated) {
                continue;
            }
            let text = &cell.text;
            if let Some(made) = made_of(cell.kind) {
                let reason = format!(
                    "the spreadsheet made {made} of it ({text}): format the column as text and type the names again"
                );
                self.find(column, &reason);
                continue;
            }
            for name in text.split([',', ';', '|', '\n', '\r', ' ', '\t', '\u{a0}', '\u{2028}']) {
                let name = name.trim();
                let name = match name.get(..4) {
                    Some(prefix)
                        if prefix.eq_ignore_ascii_case("dns:")
                            || prefix.eq_ignore_ascii_case("dns=") =>
                    {
                        name[4..].trim()
                    }
                    _ => name,
                };
                let name = name.to_lowercase();
                if name.is_empty() || names.contains(&name) {
                    continue;
                }
                if let Err(reason) = check_name(&name, self.reading.allow_private_names) {
                    self.find(column, &format!("{name:?} {reason}"));
                }
                names.push(name);
            }
        }
        names
    }

    fn find(&mut self, column: &Column, reason: &str) {
        self.findings.push(Finding {
            column: Some(column.clone()),
            reason: reason.to_owned(),
        });
    }

    /// The profile, given by its id or by its name in the portal.
    fn profile(&mut self) {
        let Some(text) = self.text(&Field::Profile) else {
            return;
        };
        let in_brackets = text
            .strip_suffix(')')
            .and_then(|rest| rest.rsplit_once('('))
            .and_then(|(_, id)| id.trim().parse::<i64>().ok());
        let profiles = self.reading.profiles;
        if let Some(id) = as_whole_number(text) {
            return self.put("profile_id", json!(id));
        }
        let named: Vec<i64> = profiles
            .iter()
            .filter(|profile| profile.name.trim().eq_ignore_ascii_case(text))
            .map(|profile| profile.id)
            .collect();
        match (named.as_slice(), in_brackets) {
            ([id], _) => self.put("profile_id", json!(id)),
            ([], Some(id)) => self.put("profile_id", json!(id)),
            ([], None) => {
                let reason = if profiles.is_empty() {
                    format!(
                        "{text:?} is a profile's name, and no profiles are stored: run `svpki profile sync`, or give the id"
                    )
                } else {
                    let known: Vec<&str> = profiles
                        .iter()
                        .map(|profile| profile.name.as_str())
                        .collect();
                    format!(
                        "no stored profile is named {text:?}; there are {}",
                        known.join(", ")
                    )
                };
                self.add_error(&Field::Profile, &reason);
            }
            (several, _) => {
                let ids: Vec<String> = several.iter().map(i64::to_string).collect();
                let reason = format!(
                    "several profiles are named {text:?}: give the id ({})",
                    ids.join(", ")
                );
                self.add_error(&Field::Profile, &reason);
            }
        }
    }

    fn term(&mut self) {
        let (Some(cell), Some(text)) = (self.cell(&Field::Term), self.text(&Field::Term)) else {
            return;
        };
        if let Some(made) = made_of(cell.kind).filter(|_| cell.kind != Kind::Number) {
            let reason = format!(
                "the spreadsheet made {made} of it ({text}): format the column as a number, and type the term in days again"
            );
            return self.add_error(&Field::Term, &reason);
        }
        match days(text) {
            Some(days) => self.put("term", json!(days)),
            None => {
                let reason = format!(
                    "{text:?} is no term: give one number, of days, such as 365, or of years, such as 1 year"
                );
                self.add_error(&Field::Term, &reason);
            }
        }
    }

    pub(super) fn key(&mut self) {
        let size = self.text(&Field::KeySize);
        let mut algorithm = self.text(&Field::KeyType);
        let mut in_one_cell = None;
        // The type and the size may be in one cell, as in the portal: `RSA - 2048`, `EC P-256`.
        if let (Some(text), None) = (&algorithm, &size) {
            let at = text
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(text.len());
            let rest = text[at..].trim_start_matches([' ', '-', '/', ':']);
            if !rest.is_empty() {
                in_one_cell = Some(rest);
                algorithm = Some(&text[..at]);
            }
        }
        let size = size.or(in_one_cell);
        let whole = size.and_then(as_whole_number).map(|size| size.to_string());
        let size = whole.as_deref().or(size);
        if algorithm.is_none() && size.is_none() {
            return;
        }
        match KeySpec::parse(algorithm, size) {
            Ok(spec) => {
                // Only what the row says. The config chooses the rest.
                self.put("key_type", json!(spec.algorithm()));
                if size.is_some() {
                    self.put("key_bits", json!(spec.size()));
                }
            }
            Err(error) => {
                let field = if self.reading.columns.column(&Field::KeyType).is_some()
                    && algorithm.is_some()
                {
                    Field::KeyType
                } else {
                    Field::KeySize
                };
                self.add_error(&field, &error.to_string());
            }
        }
    }

    fn custom_fields(&mut self, parameter: &str) {
        let mut fields = BTreeMap::new();
        for column in &self.reading.columns.known {
            if let Field::Custom(name) = &column.field
                && let Some(cell) = self.row.cells.get(column.index)
                && !cell.is_blank()
            {
                fields.insert(name.clone(), cell.text.trim().to_owned());
            }
        }
        if let Some(text) = self.text(&Field::CustomFields) {
            match named_values(text) {
                Ok(pairs) => fields.extend(pairs),
                Err(part) => {
                    let reason = format!(
                        "{part:?} is no custom field: write Name=value, several with ';' between"
                    );
                    self.add_error(&Field::CustomFields, &reason);
                }
            }
        }
        if !fields.is_empty() {
            let fields: Vec<Value> = fields
                .iter()
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect();
            self.put(parameter, json!(fields));
        }
    }

    /// Refuses fields that certificates of this kind do not have. The engine would refuse them, too, but under another
    /// name.
    fn reject_unused(&mut self, fields: &[Field], kind: &str) {
        for field in fields {
            if self.text(field).is_some() {
                self.add_error(
                    field,
                    &format!("is not for {kind} certificates, and the config orders those"),
                );
            }
        }
    }

    /// The common name of the row's CSR, or else its first alternative name. `None` when the CSR cannot be read.
    pub(super) fn csr_name(&self) -> Option<String> {
        let folder = self.reading.columns.csr_folder.as_deref();
        let csr = csr_text(self.text(&Field::Csr)?, folder).ok()?;
        let csr = Csr::parse(&csr).ok()?;
        let first = || csr.sans().first().map(ToString::to_string);
        csr.common_name().map(str::to_owned).or_else(first)
    }

    /// The text of the CSR, from the cell or from the file that the cell names.
    pub(super) fn csr(&mut self) -> Option<String> {
        let text = self.text(&Field::Csr)?;
        let csr = match csr_text(text, self.reading.columns.csr_folder.as_deref()) {
            Ok(csr) => csr,
            Err(reason) => {
                self.add_error(&Field::Csr, &reason);
                return Some(text.to_owned());
            }
        };
        self.put("csr", json!(csr));
        Some(csr)
    }

    pub(super) fn copy(&mut self, field: &Field, parameter: &str) {
        if let Some(text) = self.text(field) {
            self.put(parameter, json!(text));
        }
    }

    pub(super) fn put(&mut self, parameter: &str, value: Value) {
        self.body.insert(parameter.to_owned(), value);
    }

    fn cell(&self, field: &Field) -> Option<&'r Cell> {
        let column = self.reading.columns.column(field)?;
        self.row
            .cells
            .get(column.index)
            .filter(|cell| !cell.is_blank())
    }

    /// The text of a cell without white space around it. `None` for an empty cell and for a formula without a value.
    pub(super) fn text(&self, field: &Field) -> Option<&'r str> {
        self.cell(field)
            .filter(|cell| !matches!(cell.kind, Kind::Error | Kind::Uncalculated))
            .map(|cell| cell.text.trim())
    }

    fn add_error(&mut self, field: &Field, reason: &str) {
        let failed_already = self
            .cell(field)
            .is_some_and(|cell| matches!(cell.kind, Kind::Error | Kind::Uncalculated));
        if failed_already {
            return;
        }
        let column = self.reading.columns.column(field).cloned();
        let reason = match &column {
            Some(_) => reason.to_owned(),
            None => format!("{} {reason} (the file has no such column)", field.title()),
        };
        self.findings.push(Finding { column, reason });
    }
}

/// Names what a spreadsheet has made of a text that somebody typed.
fn made_of(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Number => "a number",
        Kind::Date => "a date",
        Kind::Bool => "a truth value",
        Kind::Text | Kind::Error | Kind::Uncalculated => return None,
    })
}
