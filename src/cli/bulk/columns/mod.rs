//! The columns of a sheet and their meaning.
//!
//! The header of a column can be a word of the web portal's bulk form, one of our field names and their short forms, or
//! another common word; order, case and spaces do not matter. A column that is not known is always reported. A file
//! without a header is read in the column order of the portal's form.

mod field;
mod header;
mod options;
mod result_columns;

use std::fmt;
use std::path::PathBuf;

pub use field::Field;
pub use header::ROWS_TO_SEARCH;
pub use options::{ColumnMap, ColumnOptions};
pub use result_columns::{ACTION, RESULT_COLUMNS, ROLE, ResultColumns};

use super::sheet::{Cell, Format, Row, column_letters};

/// A column whose meaning is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub index: usize,
    pub field: Field,
    /// The header as the file has it.
    pub header: String,
}

impl Column {
    /// Whether the field may have several columns, whose values are combined.
    fn adds_up(&self) -> bool {
        matches!(self.field, Field::Retired | Field::AltNames)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place(f, self.index, &self.header)
    }
}

/// A column whose meaning is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownColumn {
    pub index: usize,
    pub header: String,
    pub nearest: Option<&'static str>,
    /// `--map` says that the column is not used.
    pub left_out: bool,
}

impl fmt::Display for UnknownColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place(f, self.index, &self.header)?;
        f.write_str(" is not known and not used")?;
        match self.nearest {
            Some(nearest) => write!(f, ", but looks like {nearest:?}"),
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

/// Why the columns of a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error(
        "no header was found in the first {ROWS_TO_SEARCH} rows{of_sheet}: one row must name the columns, such as Common Name, Subject Alternative Names, Certificate Profile, Term (see `svpki bulk template`){others}"
    )]
    Missing { of_sheet: String, others: String },
    #[error("{first} and {second} both mean {}: keep one of them, or leave one out with --map", field.title())]
    Twice {
        first: Box<Column>,
        second: Box<Column>,
        field: Field,
    },
    #[error(
        "row {row}: {column}, and something stands in it: say what the column is with --map {0:?}, or leave it out with --map {1:?}",
        format!("{}={}", column.header, column.nearest.unwrap_or("FIELD")),
        format!("{}=none", column.header)
    )]
    Unclear {
        column: Box<UnknownColumn>,
        row: u32,
    },
    #[error("--map names the column {0:?}, and the header has no such column")]
    NoSuchColumn(String),
}

impl HeaderError {
    /// `others` are the other sheets of the workbook.
    pub fn missing(format: &Format, others: &[String]) -> Self {
        Self::Missing {
            of_sheet: match format.sheet() {
                Some(sheet) => format!(" of the sheet {sheet:?}"),
                None => String::new(),
            },
            others: if others.is_empty() {
                String::new()
            } else {
                format!("; choose another sheet with --sheet: {}", others.join(", "))
            },
        }
    }
}

/// The columns of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The header as the file has it.
    pub header: Vec<Cell>,
    /// The number of the header row; 0 when the file has no header.
    pub header_row: u32,
    pub known: Vec<Column>,
    pub unknown: Vec<UnknownColumn>,
    /// The result columns, when the file is a result.
    pub results: Option<ResultColumns>,
    /// The file has the columns of the portal's form, without a header.
    pub headless: bool,
    /// The folder of the CSR files that rows name. `None` when no files are read.
    pub csr_folder: Option<PathBuf>,
    strict: bool,
}

/// At most this many cells without a header are listed for a row.
const MOST_UNHEADED: usize = 10;

impl Columns {
    /// What the operator must know about the columns before the first row.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        if self.headless {
            notices.push("the file has no header and was read in the order of the portal's bulk form: common name, alternative names, profile, term, server software".to_owned());
        }
        if let Some(column) = self.column(&Field::ExportPassword) {
            notices.push(format!(
                "{column} is for the keystores that --out-dir and --keystore write; its passwords are sent nowhere, and the result leaves it empty"
            ));
        }
        let unused = self.unknown.iter().filter(|column| !column.left_out);
        notices.extend(unused.map(UnknownColumn::to_string));
        notices.extend(
            self.known
                .iter()
                .filter(|column| column.field == Field::Retired && !self.headless)
                .map(|column| format!("{column} is a field that SCM has given up; it is not sent")),
        );
        notices
    }

    /// Refuses a row with content in an unknown column that is probably a misspelt known one. Otherwise that content
    /// would be missing from the order.
    pub fn refuse_unclear(&self, row: &Row) -> Result<(), HeaderError> {
        let unclear = self.unknown.iter().find(|column| {
            !column.left_out
                && (self.strict || column.nearest.is_some())
                && row
                    .cells
                    .get(column.index)
                    .is_some_and(|cell| !cell.is_blank())
        });
        match unclear {
            Some(column) => Err(HeaderError::Unclear {
                column: Box::new(column.clone()),
                row: row.number,
            }),
            None => Ok(()),
        }
    }

    /// Whether the column has a header or is named by `--map`.
    pub fn has_header(&self, index: usize) -> bool {
        let header = self.header.get(index);
        header.is_some_and(|header| !header.is_blank())
            || self.known.iter().any(|column| column.index == index)
            || self.unknown.iter().any(|column| column.index == index)
    }

    /// Whether the row has content in a column with a header. Content beside the table does not make a row.
    pub fn has_something_of(&self, row: &Row) -> bool {
        let mut cells = row.cells.iter().enumerate();
        cells.any(|(index, cell)| !cell.is_blank() && self.has_header(index))
    }

    /// The cells of a row that have no header but probably belong to it, such as further names of a list. These are
    /// cells directly to the right of the table and cells that look like names. Other cells are notes.
    pub fn unheaded(&self, row: &Row) -> Vec<(usize, String)> {
        let mut joins_table = false;
        let mut meant = Vec::new();
        for (index, cell) in row.cells.iter().enumerate() {
            if self.has_header(index) {
                joins_table = !self.is_result(index);
            } else if cell.is_blank() {
                joins_table = false;
            } else if (joins_table || self.strict || reads_as_names(&cell.text))
                && meant.len() < MOST_UNHEADED
            {
                meant.push((index, cell.text.trim().to_owned()));
            }
        }
        meant
    }

    fn is_result(&self, index: usize) -> bool {
        self.results
            .is_some_and(|places| places.contains(&Some(index)))
    }

    pub fn column(&self, field: &Field) -> Option<&Column> {
        self.known.iter().find(|column| column.field == *field)
    }

    /// All columns of a field that may have several.
    pub fn all(&self, field: &Field) -> impl Iterator<Item = &Column> {
        self.known
            .iter()
            .filter(move |column| column.field == *field)
    }

    /// The cells of the result columns in this row, in the order of [`RESULT_COLUMNS`]. `None` when the file is not a
    /// result.
    pub fn earlier_result<'r>(&self, row: &'r Row) -> Option<[&'r str; RESULT_COLUMNS.len()]> {
        let text = |at: Option<usize>| {
            at.and_then(|at| row.cells.get(at))
                .map_or("", |cell| cell.text.trim())
        };
        Some(self.results?.map(text))
    }
}

/// Whether the text is a name such as `b.example.com`, or a list of names.
fn reads_as_names(text: &str) -> bool {
    let is_name = |part: &str| {
        let plain = |c: char| c.is_alphanumeric() || "-.*_".contains(c);
        let last = part.rsplit_once('.').map_or("", |(_, last)| last);
        last.len() > 1 && last.chars().all(char::is_alphabetic) && part.chars().all(plain)
    };
    let parts = text.split([',', ';', '|', ' ', '\t', '\n', '\r']);
    let mut parts = parts.filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some() && parts.all(is_name)
}

/// Whether the text is the header of a known column.
pub fn is_known_header(text: &str) -> bool {
    Field::of(text).is_some()
}

/// Whether the row repeats the header or explains it, for example by saying which columns are required.
pub fn is_second_header(columns: &Columns, row: &Row) -> bool {
    let said = columns.known.iter().filter_map(|column| {
        let cell = row.cells.get(column.index)?;
        (!cell.is_blank()).then_some((column, cell))
    });
    let mut said = said.peekable();
    // Most rows are decided by their first cell, because `all` stops there. This matters, because every row is checked.
    said.peek().is_some()
        && said.all(|(column, cell)| field::is_remark_or(&column.field, &cell.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn row(cells: &[&str]) -> Row {
        Row {
            number: 1,
            cells: cells.iter().map(|text| Cell::text(*text)).collect(),
            ..Row::default()
        }
    }

    #[test]
    fn unknown_columns_are_reported() {
        let columns = Columns::of(&row(&["Common Name", "Coments", "Rack"]))
            .unwrap()
            .unwrap();
        assert_eq!(
            columns.notices(),
            [
                "column B (Coments) is not known and not used, but looks like \"Comments\"",
                "column C (Rack) is not known and not used",
            ]
        );
    }

    /// Regression: the names below a misspelt header were dropped with a warning, and the certificate was ordered
    /// without them.
    #[test]
    fn a_column_that_looks_like_a_known_one_must_be_explained() {
        let header = row(&["Common Name", "Subject Alternative Nmaes of host", "Rack"]);
        let data = row(&["a.example.com", "b.example.com", "7"]);
        let with = |map: &[&str], strict| {
            let options = ColumnOptions {
                map: map.iter().map(|text| text.parse().unwrap()).collect(),
                strict,
            };
            let (_, columns) = Columns::find(std::slice::from_ref(&header), &options)?.unwrap();
            columns.refuse_unclear(&data).map(|()| columns)
        };
        let error = with(&[], false).unwrap_err().to_string();
        assert!(
            error.contains("looks like \"Subject Alternative Names\""),
            "{error}"
        );
        let mapped = with(&["subject alternative nmaes of host=alt_names"], false).unwrap();
        assert_eq!(mapped.known[1].field, Field::AltNames);
        assert!(with(&["Subject Alternative Nmaes of host=none"], false).is_ok());
        let strict = with(&["Subject Alternative Nmaes of host=none"], true).unwrap_err();
        assert!(strict.to_string().contains("column C (Rack)"), "{strict}");
        assert!(with(&["absent=none"], false).is_err());
    }

    /// Regression: `a;199;a.example.com;b.example.com` was ordered without its last name, with and without `--strict`.
    #[test]
    fn names_under_no_header_are_told_from_notes() {
        let header = ["", "CN", "Term", "SAN"];
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        let meant = |cells: &[&str]| {
            let meant = columns.unheaded(&row(cells)).into_iter();
            meant.map(|(index, _)| index).collect::<Vec<_>>()
        };
        assert_eq!(meant(&["7", "a.example.com", "199", "", "b"]), [4]);
        assert_eq!(meant(&["7", "a.example.com", "199", "b", "c", "d"]), [4, 5]);
        let aside = ["7", "a.example.com", "199", "b", "", "moved to Berlin"];
        assert!(meant(&aside).is_empty());
        let listed = ["7", "a.example.com", "199", "b", "", "c.example.com"];
        assert_eq!(meant(&listed), [5]);
        // Content without a header does not make a row.
        assert!(!columns.has_something_of(&row(&["", "", "", "", "b.example.com"])));
    }

    /// A note beside the table is still a note when result columns are between the two.
    #[test]
    fn the_columns_of_a_result_head_no_names() {
        let mut header = vec!["CN", "Term", "", ""];
        header.extend(RESULT_COLUMNS);
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        let mut cells = vec!["a.example.com", "199", "", "beside"];
        cells.extend(RESULT_COLUMNS.map(|_| "x"));
        cells.push("behind");
        assert!(columns.unheaded(&row(&cells)).is_empty());
        assert!(!columns.has_something_of(&row(&["", "", "", "below"])));
    }
}
