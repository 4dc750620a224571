//! Turns the cells of a row into the fields of an order. Errors that can be found in the file alone are found here; the
//! engine checks the rest.

mod error_location;
mod letters;
mod row_builder;
mod value;

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::{Map, Value, json};

pub use value::fold_name;

use self::row_builder::RowBuilder;
use super::columns::{self, Column, Columns, Field};
use super::sheet::Row;
use svpki_types::api::ProfileResponse;

/// The kind of certificates that a config orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertKind {
    Ssl,
    Client,
}

/// An error in a row, and its column.
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

/// The order for a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The fields of `enroll/:config`.
    pub body: Map<String, Value>,
    /// The common name or the e-mail address, if the row has one.
    pub title: String,
    /// All names of the certificate, folded, sorted and without repetitions. Empty for a row whose names are in a CSR.
    pub names: Vec<String>,
    /// A digest of what is ordered: equal for rows that order the same certificate.
    pub subject: Digest,
}

/// The first 128 bits of a SHA-256 digest. This is enough, because a file has only thousands of rows.
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

/// What is needed to read rows.
#[derive(Debug, Clone)]
pub struct Reading<'c> {
    pub columns: &'c Columns,
    pub kind: CertKind,
    /// The profiles that are stored for the config.
    pub profiles: &'c [ProfileResponse],
    /// The config has a common name for rows without one.
    pub default_name: bool,
    /// Whether names may be ordered that no public CA would issue.
    pub allow_private_names: bool,
}

impl Reading<'_> {
    /// The order for a row, or all errors in the row.
    pub fn request(&self, row: &Row) -> Result<Request, Vec<Finding>> {
        let mut builder = self.builder(row);
        if columns::is_second_header(self.columns, row) {
            return Err(vec![Finding {
                column: None,
                reason: "it repeats the header or explains it, and names no certificate".to_owned(),
            }]);
        }
        builder.spreadsheet_faults(|_| true);
        builder.unheaded_cells();
        let request = match self.kind {
            CertKind::Ssl => builder.ssl(),
            CertKind::Client => builder.client(),
        };
        if builder.findings.is_empty() {
            Ok(request)
        } else {
            Err(builder.findings)
        }
    }

    /// The fields by which a step changes the certificate: names, key, CSR. All of them are optional.
    pub fn part(&self, row: &Row) -> Result<Map<String, Value>, Vec<Finding>> {
        let mut builder = self.builder(row);
        builder.spreadsheet_faults(|_| true);
        builder.unheaded_cells();
        if let Some(name) = builder.name() {
            builder.put("common_name", json!(name));
        }
        let alt_names = builder.alt_names();
        if !alt_names.is_empty() {
            builder.put("alt_names", json!(alt_names));
        }
        builder.csr();
        builder.key();
        if builder.findings.is_empty() {
            Ok(builder.body)
        } else {
            Err(builder.findings)
        }
    }

    /// Formulas without a value and numbers that are too long, in the columns for which `matters` is true.
    pub fn faults(&self, row: &Row, matters: impl Fn(&Field) -> bool) -> Vec<Finding> {
        let mut builder = self.builder(row);
        builder.spreadsheet_faults(matters);
        builder.findings
    }

    /// The holder that the row names, from each column that names one.
    pub fn holders(&self, row: &Row) -> Vec<(Column, String)> {
        let builder = self.builder(row);
        let field = match self.kind {
            CertKind::Ssl => Field::CommonName,
            CertKind::Client => Field::Email,
        };
        let named = builder.text(&field).map(str::to_owned);
        let of_column = |field: &Field, name: Option<String>| {
            Some((self.columns.column(field)?.clone(), name?))
        };
        let all = [
            of_column(&field, named),
            of_column(&Field::Csr, builder.csr_name()),
        ];
        all.into_iter().flatten().collect()
    }

    fn builder<'r>(&'r self, row: &'r Row) -> RowBuilder<'r, 'r> {
        RowBuilder {
            reading: self,
            row,
            body: Map::new(),
            findings: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bulk::sheet::Cell;

    fn row(cells: &[&str]) -> Row {
        Row {
            number: 2,
            cells: cells.iter().map(|text| Cell::text(*text)).collect(),
            ..Row::default()
        }
    }

    fn ssl(header: &[&str], cells: &[&str]) -> Result<Map<String, Value>, Vec<String>> {
        let columns = Columns::of(&row(header)).unwrap().unwrap();
        let profiles = [ProfileResponse {
            id: 51,
            name: "Multi Domain".into(),
            ..ProfileResponse::default()
        }];
        let reading = Reading {
            columns: &columns,
            kind: CertKind::Ssl,
            profiles: &profiles,
            default_name: false,
            allow_private_names: false,
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
    fn a_cell_under_no_header_is_named() {
        let columns = Columns::of(&row(&["CN", "Term"])).unwrap().unwrap();
        let reading = Reading {
            columns: &columns,
            kind: CertKind::Ssl,
            profiles: &[],
            default_name: false,
            allow_private_names: false,
        };
        let mut row = row(&["a.example.com", "199"]);
        row.unheaded = vec![(2, "b.example.com".to_owned())];
        for findings in [
            reading.request(&row).unwrap_err(),
            reading.part(&row).unwrap_err(),
        ] {
            let words = findings[0].to_string();
            assert!(
                words.starts_with("C2: \"b.example.com\" stands under no header"),
                "{words}"
            );
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
            allow_private_names: false,
        };
        let row = row(&["a.example.com", "x.evil.org", "400"]);
        let index = |message| reading.column_of(&row, message).map(|column| column.index);
        assert_eq!(index("domain \"x.evil.org\" is not allowed"), Some(1));
        assert_eq!(index("term 400 is not one of the profile's: 365"), Some(2));
        assert_eq!(index("the moon is full"), None);
    }

    /// Regression: the message also mentions a profile, and was attributed to the profile column.
    #[test]
    fn a_complaint_of_a_name_finds_the_column_of_the_name() {
        let header = ["Profile", "CN", "SAN"];
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        let reading = Reading {
            columns: &columns,
            kind: CertKind::Ssl,
            profiles: &[],
            default_name: false,
            allow_private_names: false,
        };
        let row = row(&["51", "server.local", "a.example.com;FD00::1 bücher.test"]);
        let index = |name: &str| {
            let message = format!(
                "{name} cannot be in a public certificate: it is not public. Order a public name; for a profile of a private CA set allow_private_names=true on config web"
            );
            reading.column_of(&row, &message).map(|column| column.index)
        };
        assert_eq!(index("server.local"), Some(1));
        assert_eq!(index("fd00::1"), Some(2));
        assert_eq!(index("xn--bcher-kva.test"), Some(2));
        assert_eq!(index("absent.local"), Some(1));
    }
}
