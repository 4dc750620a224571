//! What the columns of a sheet mean.
//!
//! A header is known under the words of the web portal's bulk form, under our own field names and their short names,
//! and under what people call it, in any order, case and spelling of spaces. A column that is not known is reported,
//! never dropped in silence; a file without a header is read in the order of the portal's form.

mod field;

use std::fmt;

pub use field::Field;

use field::nearest;

use super::sheet::{Cell, Row, column_letters};

/// Headers of the columns that `apply` adds, always together and in this order.
pub const RESULT_COLUMNS: [&str; 6] =
    ["id", "status", "serial", "not_after", "scm_code", "message"];

/// The portal's form, which has no header.
const PORTAL_FORM: [Field; 5] = [
    Field::CommonName,
    Field::AltNames,
    Field::Profile,
    Field::Term,
    Field::Retired,
];

/// A column of the file that has a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub index: usize,
    pub field: Field,
    /// As the file heads it.
    pub header: String,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place(f, self.index, &self.header)
    }
}

/// A column of the file that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownColumn {
    pub index: usize,
    pub header: String,
    pub nearest: Option<&'static str>,
}

impl fmt::Display for UnknownColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place(f, self.index, &self.header)?;
        f.write_str(" is not known and not used")?;
        match self.nearest {
            Some(nearest) => write!(f, ": is it {nearest:?}?"),
            None => Ok(()),
        }
    }
}

fn place(f: &mut fmt::Formatter<'_>, index: usize, header: &str) -> fmt::Result {
    write!(f, "column {}", column_letters(index))?;
    if header.is_empty() {
        return Ok(());
    }
    write!(f, " ({})", header.escape_debug())
}

/// Why a file's columns make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error(
        "no header was found in the first {ROWS_TO_SEARCH} rows: one row must name the columns, such as Common Name, Subject Alternative Names, Certificate Profile, Term (see `svpki bulk template`)"
    )]
    Missing,
    #[error("{first} and {second} both mean {}: keep one of them", field.title())]
    Twice {
        first: Box<Column>,
        second: Box<Column>,
        field: Field,
    },
}

/// The columns of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The header as the file has it, without the columns of an earlier result.
    pub header: Vec<Cell>,
    pub known: Vec<Column>,
    pub unknown: Vec<UnknownColumn>,
    /// Where the columns of an earlier result begin, when the file is one.
    pub results: Option<usize>,
    /// The file is in the portal's form and its first row is data.
    pub headless: bool,
}

/// Rows above the header that may hold a title.
pub const ROWS_TO_SEARCH: usize = 20;

impl Columns {
    /// Whether this row is the header, judged by the words in it. `Ok(None)`: it is another row.
    pub fn of(row: &Row) -> Result<Option<Self>, HeaderError> {
        let results = result_columns(&row.cells);
        let own = &row.cells[..results.unwrap_or(row.cells.len())];
        let mut columns = Self {
            header: own.to_vec(),
            results,
            ..Self::default()
        };
        for (index, cell) in own.iter().enumerate() {
            let header = cell.text.trim().to_owned();
            if header.is_empty() {
                continue;
            }
            match Field::of(&header) {
                Some(field) => columns.known.push(Column {
                    index,
                    field,
                    header,
                }),
                None => columns.unknown.push(UnknownColumn {
                    index,
                    nearest: nearest(&header),
                    header,
                }),
            }
        }
        // One known word may stand in a title; whom the row is about must be named.
        let identifies = columns.known.iter().any(|column| {
            matches!(
                column.field,
                Field::CommonName | Field::Email | Field::Csr | Field::CertId
            )
        });
        if !identifies {
            return Ok(None);
        }
        columns.refuse_twins()?;
        Ok(Some(columns))
    }

    /// The columns of the portal's form, when this row looks like a line of it.
    pub fn headless(row: &Row) -> Option<Self> {
        let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.trim()).collect();
        let looks_so = (4..=5).contains(&cells.len())
            && cells[0].contains('.')
            && !cells[0].contains(char::is_whitespace)
            && cells[3].starts_with(|c: char| c.is_ascii_digit());
        looks_so.then(|| Self {
            header: PORTAL_FORM[..cells.len()]
                .iter()
                .map(|field| Cell::text(field.title()))
                .collect(),
            known: PORTAL_FORM[..cells.len()]
                .iter()
                .enumerate()
                .map(|(index, field)| Column {
                    index,
                    field: field.clone(),
                    header: field.title().to_owned(),
                })
                .collect(),
            headless: true,
            ..Self::default()
        })
    }

    /// What the operator must know of the columns before the first row.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        if self.headless {
            notices.push("the file has no header and was read in the order of the portal's bulk form: common name, alternative names, profile, term, server software".to_owned());
        }
        notices.extend(self.unknown.iter().map(UnknownColumn::to_string));
        notices.extend(
            self.known
                .iter()
                .filter(|column| column.field == Field::Retired && !self.headless)
                .map(|column| format!("{column} is a field that SCM has given up; it is not sent")),
        );
        notices
    }

    /// Cells of a row that mean something, an earlier result's included.
    pub fn width(&self) -> usize {
        match self.results {
            Some(at) => at + RESULT_COLUMNS.len(),
            None => self.header.len(),
        }
    }

    /// Somebody named this column, or it is one of an earlier result.
    pub fn has_header(&self, index: usize) -> bool {
        match self.header.get(index) {
            Some(header) => !header.is_blank(),
            None => index < self.width(),
        }
    }

    pub fn column(&self, field: &Field) -> Option<&Column> {
        self.known.iter().find(|column| column.field == *field)
    }

    /// The columns of an earlier result in this row: id, status, serial, not_after, scm_code, message.
    pub fn earlier_result<'r>(&self, row: &'r Row) -> Option<&'r [Cell]> {
        row.cells.get(self.results?..)
    }

    fn refuse_twins(&self) -> Result<(), HeaderError> {
        for (at, second) in self.known.iter().enumerate() {
            if second.field == Field::Retired {
                continue;
            }
            if let Some(first) = self.known[..at]
                .iter()
                .find(|first| first.field == second.field)
            {
                return Err(HeaderError::Twice {
                    first: Box::new(first.clone()),
                    second: Box::new(second.clone()),
                    field: second.field.clone(),
                });
            }
        }
        Ok(())
    }
}

fn result_columns(cells: &[Cell]) -> Option<usize> {
    cells.windows(RESULT_COLUMNS.len()).position(|window| {
        window
            .iter()
            .zip(RESULT_COLUMNS)
            .all(|(cell, name)| cell.text.trim() == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Row {
        Row {
            number: 1,
            cells: cells.iter().map(|text| Cell::text(*text)).collect(),
        }
    }

    fn fields(cells: &[&str]) -> Vec<Field> {
        let columns = Columns::of(&row(cells)).unwrap().unwrap();
        columns
            .known
            .into_iter()
            .map(|column| column.field)
            .collect()
    }

    #[test]
    fn headers_are_known_however_they_are_spelled() {
        let expected = [
            Field::CommonName,
            Field::AltNames,
            Field::Profile,
            Field::Term,
        ];
        for header in [
            ["Common Name", "SAN", "Certificate Type", "Certificate Term"],
            ["common_name", "alt_names", "profile_id", "term"],
            [
                "COMMON-NAME*",
                "subject alternate names",
                "Certificate  Profile",
                "Term (days)",
            ],
            [
                "sectigo_csr_domain",
                "sectigo_ssl_cert_subject_alt_names",
                "sectigo_ssl_cert_type",
                "sectigo_ssl_cert_validity",
            ],
        ] {
            assert_eq!(fields(&header), expected, "{header:?}");
        }
        assert_eq!(
            fields(&["CN", "Custom field: Cost Centre"])[1],
            Field::Custom("Cost Centre".into())
        );
    }

    #[test]
    fn unknown_columns_are_reported() {
        let columns = Columns::of(&row(&["Common Name", "Coments", "Rack"]))
            .unwrap()
            .unwrap();
        assert_eq!(
            columns.notices(),
            [
                "column B (Coments) is not known and not used: is it \"Comments\"?",
                "column C (Rack) is not known and not used",
            ]
        );
    }

    #[test]
    fn a_title_is_no_header_and_twins_are_refused() {
        assert_eq!(
            Columns::of(&row(&["Hosts for the web team, term 2026"])),
            Ok(None)
        );
        let error = Columns::of(&row(&["CN", "Term", "Hostname"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column A (CN) and column C (Hostname) both mean Common Name: keep one of them"
        );
    }

    #[test]
    fn an_earlier_result_is_told_from_own_columns() {
        let mut header = vec!["Common Name", "status"];
        header.extend(RESULT_COLUMNS);
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        assert_eq!(columns.results, Some(2));
        assert_eq!(columns.unknown.len(), 1);
        assert_eq!(columns.header.len(), 2);
    }

    #[test]
    fn the_portals_form_needs_no_header() {
        let columns = Columns::headless(&row(&[
            "scm.com",
            "a.com,b.com",
            "Multi-Domain",
            "1 year",
            "OTHER",
        ]))
        .unwrap();
        assert_eq!(columns.column(&Field::Term).unwrap().index, 3);
        assert!(Columns::headless(&row(&["scm.com", "", "x", "none"])).is_none());
    }
}
