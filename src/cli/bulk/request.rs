//! From a row of cells to the fields of an order: what the file alone can know to be wrong is found here, and the
//! engine decides the rest.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::{Map, Value, json};

use super::columns::{Column, Columns, Field};
use super::sheet::{Cell, Kind, Row};
use crate::domain::KeySpec;
use crate::domain::answers::ProfileAnswer;

/// What a config orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertKind {
    Ssl,
    Client,
}

/// Something wrong in a row, and in which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub column: Option<Column>,
    pub reason: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some(column) => write!(f, "{column}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

/// A row as an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Fields of `enroll/:config`, in a fixed order.
    pub body: Map<String, Value>,
    /// The common name or the address, as far as the row gives one.
    pub title: String,
    /// Every name the certificate would have, folded, each once and sorted. Empty for a row that is only a CSR.
    pub names: Vec<String>,
    /// Tells rows apart: equal for rows that order the same certificate.
    pub subject: Digest,
}

/// The first 128 bits of a SHA-256: rows are counted in thousands, not in powers of two.
pub type Digest = [u8; 16];

pub fn digest<'p>(parts: impl IntoIterator<Item = &'p str>) -> Digest {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut short = Digest::default();
    short.copy_from_slice(&context.finish().as_ref()[..16]);
    short
}

/// What rows are read against.
#[derive(Debug, Clone)]
pub struct Reading<'c> {
    pub columns: &'c Columns,
    pub kind: CertKind,
    /// The profiles that are stored for the config.
    pub profiles: &'c [ProfileAnswer],
    /// The config has a common name of its own for rows that give none.
    pub default_name: bool,
}

impl Reading<'_> {
    /// The order that a row asks for, or everything that is wrong with it.
    pub fn request(&self, row: &Row) -> Result<Request, Vec<Finding>> {
        let mut draft = self.draft(row);
        draft.spreadsheet_faults();
        let request = match self.kind {
            CertKind::Ssl => draft.ssl(),
            CertKind::Client => draft.client(),
        };
        if draft.findings.is_empty() {
            Ok(request)
        } else {
            Err(draft.findings)
        }
    }

    /// The fields that a row changes of a certificate that is there already: names, key, CSR. None is needed.
    pub fn part(&self, row: &Row) -> Result<Map<String, Value>, Vec<Finding>> {
        let mut draft = self.draft(row);
        draft.spreadsheet_faults();
        if let Some(name) = draft.name() {
            draft.put("common_name", json!(name));
        }
        let alt_names = draft.alt_names();
        if !alt_names.is_empty() {
            draft.put("alt_names", json!(alt_names));
        }
        draft.copy(&Field::Csr, "csr");
        draft.key();
        if draft.findings.is_empty() {
            Ok(draft.body)
        } else {
            Err(draft.findings)
        }
    }

    fn draft<'r>(&'r self, row: &'r Row) -> Draft<'r, 'r> {
        Draft {
            reading: self,
            row,
            body: Map::new(),
            findings: Vec::new(),
        }
    }

    /// The column that a complaint of the engine is about: the one whose cell it quotes, else the one whose words it
    /// uses.
    pub fn column_of(&self, row: &Row, complaint: &str) -> Option<Column> {
        let quoted: Vec<&str> = complaint
            .split('"')
            .skip(1)
            .step_by(2)
            .filter(|text| !text.is_empty())
            .collect();
        let holds = |column: &&Column| {
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
        let complaint = complaint.to_lowercase();
        WORDS
            .iter()
            .filter(|(word, _)| complaint.contains(word))
            .find_map(|(_, field)| self.columns.column(field))
            .cloned()
    }
}

/// Words of the engine's complaints, the more telling ones first.
const WORDS: &[(&str, Field)] = &[
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

struct Draft<'r, 'c> {
    reading: &'r Reading<'c>,
    row: &'r Row,
    body: Map<String, Value>,
    findings: Vec<Finding>,
}

impl Draft<'_, '_> {
    fn ssl(&mut self) -> Request {
        let name = self.name();
        let alt_names = self.alt_names();
        if let Some(name) = &name {
            self.put("common_name", json!(name));
        }
        if !alt_names.is_empty() {
            self.put("alt_names", json!(alt_names));
        }
        let csr = self.text(&Field::Csr);
        if let Some(csr) = &csr {
            self.put("csr", json!(csr));
        }
        if name.is_none() && csr.is_none() && !self.reading.default_name {
            self.complain(
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
        self.needless(
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
        // A CSR's own names are added by the engine: only another CSR's text can be told apart here.
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

    fn client(&mut self) -> Request {
        for (field, parameter) in [
            (Field::FirstName, "sectigo_client_cert_first_name"),
            (Field::LastName, "sectigo_client_cert_last_name"),
            (Field::Email, "sectigo_client_cert_email"),
        ] {
            match self.text(&field) {
                Some(text) => self.put(parameter, json!(text)),
                None => self.complain(&field, "is empty: a client certificate needs it"),
            }
        }
        self.copy(&Field::MiddleName, "sectigo_client_cert_middle_name");
        self.copy(&Field::CommonName, "common_name");
        self.copy(&Field::Csr, "csr");
        self.order("sectigo_client_cert_custom_fields");
        self.copy(&Field::Comments, "sectigo_client_cert_comments");
        self.needless(&[Field::AltNames, Field::ExternalRequester], "client");
        let email = self.text(&Field::Email).unwrap_or_default().to_lowercase();
        // One person may hold certificates of several profiles: to sign, and to encrypt.
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

    /// What both kinds have in common.
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

    /// Cells that hold a formula's failure, whatever their column.
    fn spreadsheet_faults(&mut self) {
        for column in &self.reading.columns.known {
            if let Some(cell) = self.row.cells.get(column.index)
                && cell.kind == Kind::Error
            {
                self.findings.push(Finding {
                    column: Some(column.clone()),
                    reason: format!("the formula in it failed: {}", cell.text),
                });
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let cell = self.cell(&Field::CommonName)?.clone();
        let text = cell.text.trim();
        let made = match cell.kind {
            Kind::Number => "a number",
            Kind::Date => "a date",
            Kind::Bool => "a truth value",
            _ => {
                if text.split_whitespace().count() > 1 {
                    self.complain(&Field::CommonName, "holds several words: it takes one name, others go to the alternative names");
                }
                return Some(text.to_lowercase());
            }
        };
        let reason = format!(
            "the spreadsheet made {made} of it ({text}): format the column as text and type the name again"
        );
        self.complain(&Field::CommonName, &reason);
        None
    }

    fn alt_names(&mut self) -> Vec<String> {
        let text = self.text(&Field::AltNames).unwrap_or_default();
        let mut names: Vec<String> = Vec::new();
        for name in text.split([',', ';', '\n', '\r', ' ', '\t']) {
            let name = name.trim();
            let name = match name.get(..4) {
                Some(prefix) if prefix.eq_ignore_ascii_case("dns:") => &name[4..],
                _ => name,
            };
            let name = name.to_lowercase();
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// A profile's id, or its name as the portal shows it.
    fn profile(&mut self) {
        let Some(text) = self.text(&Field::Profile) else {
            return;
        };
        let in_brackets = text
            .strip_suffix(')')
            .and_then(|rest| rest.rsplit_once('('))
            .and_then(|(_, id)| id.trim().parse::<i64>().ok());
        let profiles = self.reading.profiles;
        if let Ok(id) = text.parse::<i64>() {
            return self.put("profile_id", json!(id));
        }
        let named: Vec<i64> = profiles
            .iter()
            .filter(|profile| profile.name.trim().eq_ignore_ascii_case(&text))
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
                self.complain(&Field::Profile, &reason);
            }
            (several, _) => {
                let ids: Vec<String> = several.iter().map(i64::to_string).collect();
                let reason = format!(
                    "several profiles are named {text:?}: give the id ({})",
                    ids.join(", ")
                );
                self.complain(&Field::Profile, &reason);
            }
        }
    }

    fn term(&mut self) {
        let Some(text) = self.text(&Field::Term) else {
            return;
        };
        match days(&text) {
            Some(days) => self.put("term", json!(days)),
            None => {
                let reason = format!(
                    "{text:?} is no term: give days, such as 365, or years, such as 1 year"
                );
                self.complain(&Field::Term, &reason);
            }
        }
    }

    fn key(&mut self) {
        let size = self.text(&Field::KeySize);
        let mut algorithm = self.text(&Field::KeyType);
        let mut in_one_cell = None;
        // `RSA - 2048`, `EC P-256`: type and size in one cell, as the portal shows them.
        if let (Some(text), None) = (&algorithm, &size) {
            let at = text
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(text.len());
            let rest = text[at..].trim_start_matches([' ', '-', '/', ':']);
            if !rest.is_empty() {
                in_one_cell = Some(rest.to_owned());
                algorithm = Some(text[..at].to_owned());
            }
        }
        let size = size.or(in_one_cell);
        if algorithm.is_none() && size.is_none() {
            return;
        }
        match KeySpec::parse(algorithm.as_deref(), size.as_deref()) {
            Ok(spec) => {
                // Only what the row says: the rest is the config's to choose.
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
                self.complain(&field, &error.to_string());
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
            match named_values(&text) {
                Ok(pairs) => fields.extend(pairs),
                Err(part) => {
                    let reason = format!(
                        "{part:?} is no custom field: write Name=value, several with ';' between"
                    );
                    self.complain(&Field::CustomFields, &reason);
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

    /// A field that certificates of this kind do not have: it would be refused by the engine under another name.
    fn needless(&mut self, fields: &[Field], kind: &str) {
        for field in fields {
            if self.text(field).is_some() {
                self.complain(
                    field,
                    &format!("is not for {kind} certificates, and the config orders those"),
                );
            }
        }
    }

    fn copy(&mut self, field: &Field, parameter: &str) {
        if let Some(text) = self.text(field) {
            self.put(parameter, json!(text));
        }
    }

    fn put(&mut self, parameter: &str, value: Value) {
        self.body.insert(parameter.to_owned(), value);
    }

    fn cell(&self, field: &Field) -> Option<&Cell> {
        let column = self.reading.columns.column(field)?;
        self.row
            .cells
            .get(column.index)
            .filter(|cell| !cell.is_blank())
    }

    /// The cell's text without space around it; nothing for an empty cell and for a failed formula.
    fn text(&self, field: &Field) -> Option<String> {
        self.cell(field)
            .filter(|cell| cell.kind != Kind::Error)
            .map(|cell| cell.text.trim().to_owned())
    }

    fn complain(&mut self, field: &Field, reason: &str) {
        let failed_already = self
            .cell(field)
            .is_some_and(|cell| cell.kind == Kind::Error);
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

/// As the engine folds it, for comparing: lower case, IDNA, no dot at the end.
pub fn fold_name(name: &str) -> String {
    let name = name.trim().trim_end_matches('.').to_lowercase();
    let (star, base) = match name.strip_prefix("*.") {
        Some(base) => ("*.", base),
        None => ("", name.as_str()),
    };
    if base.is_ascii() {
        return name;
    }
    idna::domain_to_ascii(base).map_or(name.clone(), |ascii| format!("{star}{ascii}"))
}

/// `365`, `365 days`, `1 year`, `2y`.
fn days(text: &str) -> Option<i64> {
    let at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: i64 = text[..at].parse().ok()?;
    let factor = match text[at..].trim().to_lowercase().as_str() {
        "" | "d" | "day" | "days" => 1,
        "y" | "year" | "years" => 365,
        _ => return None,
    };
    number.checked_mul(factor).filter(|days| *days > 0)
}

/// `Name=value; Name=value`, or what the engine takes: a JSON object, or an array of `{name, value}`.
fn named_values(text: &str) -> Result<Vec<(String, String)>, String> {
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(members)) => {
            return Ok(members
                .iter()
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect());
        }
        Ok(Value::Array(items)) => {
            return items
                .iter()
                .map(|item| match (item["name"].as_str(), item.get("value")) {
                    (Some(name), Some(value)) => Ok((name.to_owned(), plain(value))),
                    _ => Err(item.to_string()),
                })
                .collect();
        }
        _ => {}
    }
    text.split([';', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            }
            _ => Err(part.to_owned()),
        })
        .collect()
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Row {
        Row {
            number: 2,
            cells: cells.iter().map(|text| Cell::text(*text)).collect(),
        }
    }

    fn ssl(header: &[&str], cells: &[&str]) -> Result<Map<String, Value>, Vec<String>> {
        let columns = Columns::of(&row(header)).unwrap().unwrap();
        let profiles = [ProfileAnswer {
            id: 51,
            name: "Multi Domain".into(),
            ..ProfileAnswer::default()
        }];
        let reading = Reading {
            columns: &columns,
            kind: CertKind::Ssl,
            profiles: &profiles,
            default_name: false,
        };
        reading
            .request(&row(cells))
            .map(|request| request.body)
            .map_err(|findings| findings.iter().map(Finding::to_string).collect())
    }

    #[test]
    fn a_row_becomes_an_order() {
        let body = ssl(
            &[
                "CN",
                "SAN",
                "Profile",
                "Term",
                "Key type",
                "Custom field: Team",
                "Custom fields",
            ],
            &[
                "WWW.example.com ",
                "DNS:a.example.com; b.example.com,a.example.com",
                "multi domain",
                "1 year",
                "EC - P-384",
                "web",
                "Room=007",
            ],
        );
        assert_eq!(
            Value::Object(body.unwrap()),
            json!({
                "common_name": "www.example.com",
                "alt_names": ["a.example.com", "b.example.com"],
                "profile_id": 51,
                "term": 365,
                "key_type": "EC",
                "key_bits": "P-384",
                "sectigo_ssl_cert_custom_fields": [
                    {"name": "Room", "value": "007"},
                    {"name": "Team", "value": "web"},
                ],
            })
        );
    }

    #[test]
    fn everything_wrong_is_said_with_its_column() {
        let findings = ssl(
            &["CN", "Profile", "Term", "Key Size"],
            &["", "EV", "soon", "1024"],
        )
        .unwrap_err();
        assert_eq!(findings.len(), 4, "{findings:?}");
        for (finding, start) in findings.iter().zip([
            "column A (CN)",
            "column B (Profile)",
            "column C (Term)",
            "column D (Key Size)",
        ]) {
            assert!(finding.starts_with(start), "{finding}");
        }
    }

    #[test]
    fn a_complaint_finds_its_column() {
        let columns = Columns::of(&row(&["CN", "SAN", "Term"])).unwrap().unwrap();
        let reading = Reading {
            columns: &columns,
            kind: CertKind::Ssl,
            profiles: &[],
            default_name: false,
        };
        let row = row(&["a.example.com", "x.evil.org", "400"]);
        let index = |complaint| {
            reading
                .column_of(&row, complaint)
                .map(|column| column.index)
        };
        assert_eq!(index("domain \"x.evil.org\" is not allowed"), Some(1));
        assert_eq!(index("term 400 is not one of the profile's: 365"), Some(2));
        assert_eq!(index("the moon is full"), None);
    }

    #[test]
    fn names_are_folded_as_the_engine_folds_them() {
        assert_eq!(fold_name(" *.Köln.example. "), "*.xn--kln-sna.example");
        assert_eq!(days("398d"), Some(398));
        assert_eq!(days("0"), None);
        assert_eq!(days("one"), None);
    }
}
