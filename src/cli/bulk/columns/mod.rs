//! What the columns of a sheet mean.
//!
//! A header is known under the words of the web portal's bulk form, under our own field names and their short names,
//! and under what people call it, in any order, case and spelling of spaces. A column that is not known is reported,
//! never dropped in silence; a file without a header is read in the order of the portal's form.

mod field;

use std::fmt;
use std::path::PathBuf;

pub use field::Field;

use field::nearest;

use super::sheet::{Cell, Format, Row, column_letters, column_of_letters};

/// Headers of the columns that a run adds, in this order. The first six make a file a result; each is found by its
/// name, so that people may add columns of their own, and move these. Only `role` must stand behind `action`: people
/// have columns of that name, and a result without roles has none.
pub const RESULT_COLUMNS: [&str; 9] = [
    "id",
    "status",
    "serial",
    "not_after",
    "scm_code",
    "message",
    "successor_id",
    "action",
    "role",
];
/// The places of the last two.
pub const ACTION: usize = 7;
pub const ROLE: usize = 8;
const NEEDED: usize = 6;

/// Where the columns of an earlier result stand, in the order of [`RESULT_COLUMNS`].
pub type ResultColumns = [Option<usize>; RESULT_COLUMNS.len()];

/// The portal's form, which has no header.
const PORTAL_FORM: [Field; 5] = [
    Field::CommonName,
    Field::AltNames,
    Field::Profile,
    Field::Term,
    Field::Retired,
];

/// What the operator says of columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnOptions {
    pub map: Vec<ColumnMap>,
    /// No column may stay unused.
    pub strict: bool,
}

/// `SAN 1=alt_names`; `Rack=none` leaves a column out; `column D=alt_names` is for one without a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMap {
    header: String,
    field: Option<Field>,
}

impl std::str::FromStr for ColumnMap {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (header, field) = text
            .rsplit_once('=')
            .ok_or("write HEADER=FIELD, such as 'SAN 1=alt_names', or HEADER=none")?;
        let field = match field.trim() {
            "" | "none" => None,
            name => Some(Field::of(name).ok_or_else(|| {
                format!("{name:?} is no field: name one as a header would, such as common_name, alt_names, profile_id, term, comments, or none")
            })?),
        };
        Ok(Self {
            header: header.trim().to_lowercase(),
            field,
        })
    }
}

impl ColumnMap {
    /// The column that is named by its letters.
    fn index(&self) -> Option<usize> {
        column_of_letters(self.header.strip_prefix("column ")?.trim())
    }
}

/// A column of the file that has a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub index: usize,
    pub field: Field,
    /// As the file heads it.
    pub header: String,
}

impl Column {
    /// There may be several of its field: the names of all of them add up.
    fn adds_up(&self) -> bool {
        matches!(self.field, Field::Retired | Field::AltNames)
    }
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
    /// The operator said that it is not used.
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

/// Why a file's columns make no sense.
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
    /// The row of the header; 0 where there is none.
    pub header_row: u32,
    pub known: Vec<Column>,
    pub unknown: Vec<UnknownColumn>,
    /// Where the columns of an earlier result are, when the file is one.
    pub results: Option<ResultColumns>,
    /// The file is in the portal's form and its first row is data.
    pub headless: bool,
    /// Where the files of CSRs are looked for that rows name; nowhere when absent.
    pub csr_folder: Option<PathBuf>,
    strict: bool,
}

/// A header that reaches over more columns is a title.
const WIDEST_HEADER: usize = 100;

/// More cells under no header are not listed.
const MOST_UNHEADED: usize = 10;

/// Rows above the header that may hold a title.
pub const ROWS_TO_SEARCH: usize = 20;

impl Columns {
    /// The header among the first rows: the one with the most known words. Tells its place, too.
    pub fn find(
        rows: &[Row],
        options: &ColumnOptions,
    ) -> Result<Option<(usize, Self)>, HeaderError> {
        let mut best: Option<(usize, Self)> = None;
        for (at, row) in rows.iter().enumerate() {
            if let Some(columns) = Self::read(row, options)
                && best
                    .as_ref()
                    .is_none_or(|(_, best)| columns.known_words() > best.known_words())
            {
                best = Some((at, columns));
            }
        }
        let Some((at, mut columns)) = best else {
            return Ok(None);
        };
        columns.spread_merged();
        columns.apply_letters(options)?;
        // Told of the header alone: to compare every cell of the first rows with every word takes a while.
        for column in columns.unknown.iter_mut().filter(|one| !one.left_out) {
            column.nearest = nearest(&column.header);
        }
        columns.refuse_twins()?;
        Ok(Some((at, columns)))
    }

    /// A header that is merged over several columns names all of them, where a field may have several. Elsewhere the
    /// others are columns without a header.
    fn spread_merged(&mut self) {
        for index in 0..self.header.len() {
            let across = usize::from(self.header[index].across);
            let adds_up = self
                .known
                .iter()
                .find(|column| column.index == index)
                .is_none_or(Column::adds_up);
            if adds_up && self.has_header(index) && across < WIDEST_HEADER {
                for covered in index + 1..=index + across {
                    self.head_alike(index, covered);
                }
            }
        }
        self.known.sort_by_key(|column| column.index);
    }

    /// Gives a column without a header that of another one.
    fn head_alike(&mut self, index: usize, other: usize) {
        if self.has_header(other) {
            return;
        }
        let width = self.header.len().max(other + 1);
        self.header.resize(width, Cell::default());
        self.header[other] = Cell::text(self.header[index].text.clone());
        let known = self.known.iter().find(|column| column.index == index);
        self.known.extend(known.cloned().map(|column| Column {
            index: other,
            ..column
        }));
        let unknown = self.unknown.iter().find(|column| column.index == index);
        let unknown = unknown.cloned().map(|column| UnknownColumn {
            index: other,
            ..column
        });
        self.unknown.extend(unknown);
    }

    /// What `--map` says of columns by their letters. A column that it names otherwise must be there.
    pub fn apply_letters(&mut self, options: &ColumnOptions) -> Result<(), HeaderError> {
        for map in &options.map {
            let named = |cell: &Cell| cell.text.trim().to_lowercase() == map.header;
            if self.header.iter().any(named) {
                continue;
            }
            let index = map.index().filter(|index| !self.is_result(*index));
            let index = index.ok_or_else(|| HeaderError::NoSuchColumn(map.header.clone()))?;
            self.header
                .resize(self.header.len().max(index + 1), Cell::default());
            let header = self.header[index].text.trim().to_owned();
            self.known.retain(|column| column.index != index);
            self.unknown.retain(|column| column.index != index);
            match &map.field {
                Some(field) => self.known.push(Column {
                    index,
                    field: field.clone(),
                    header,
                }),
                None => self.unknown.push(UnknownColumn {
                    index,
                    header,
                    nearest: None,
                    left_out: true,
                }),
            }
        }
        self.known.sort_by_key(|column| column.index);
        Ok(())
    }

    /// Whether this row is the header, judged by the words in it. `Ok(None)`: it is another row.
    pub fn of(row: &Row) -> Result<Option<Self>, HeaderError> {
        let found = Self::find(std::slice::from_ref(row), &ColumnOptions::default())?;
        Ok(found.map(|(_, columns)| columns))
    }

    fn read(row: &Row, options: &ColumnOptions) -> Option<Self> {
        let results = result_columns(&row.cells);
        let mut columns = Self {
            header: row.cells.clone(),
            header_row: row.number,
            results,
            strict: options.strict,
            ..Self::default()
        };
        for (index, cell) in row.cells.iter().enumerate() {
            let header = cell.text.trim().to_owned();
            if header.is_empty() || results.is_some_and(|all| all.contains(&Some(index))) {
                continue;
            }
            let folded = header.to_lowercase();
            let said = options.map.iter().find(|map| map.header == folded);
            let field = match said {
                Some(map) => map.field.clone(),
                None => Field::of(&header),
            };
            match field {
                Some(field) => columns.known.push(Column {
                    index,
                    field,
                    header,
                }),
                None => columns.unknown.push(UnknownColumn {
                    index,
                    nearest: None,
                    header,
                    left_out: said.is_some(),
                }),
            }
        }
        // One known word may stand in a title; whom the row is about must be named.
        let identifies = columns.known.iter().any(|column| {
            matches!(
                column.field,
                Field::CommonName | Field::AltNames | Field::Email | Field::Csr | Field::CertId
            )
        });
        (identifies || results.is_some()).then_some(columns)
    }

    fn known_words(&self) -> usize {
        self.known.len() + self.results.map_or(0, |_| NEEDED)
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

    /// A column that is probably meant to say something must not be passed over: what it says would not be ordered.
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

    /// Somebody named this column.
    pub fn has_header(&self, index: usize) -> bool {
        let header = self.header.get(index);
        header.is_some_and(|header| !header.is_blank())
            || self.known.iter().any(|column| column.index == index)
            || self.unknown.iter().any(|column| column.index == index)
    }

    /// Something stands under a header. A row that has only what stands beside the table is none of it.
    pub fn has_something_of(&self, row: &Row) -> bool {
        let mut cells = row.cells.iter().enumerate();
        cells.any(|(index, cell)| !cell.is_blank() && self.has_header(index))
    }

    /// Cells of a row that stand under no header and were probably meant: the next names of a list that fell apart.
    /// They join the table's columns on the right, or they read as names. What stands off to the side is a note.
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

    /// The cells of an earlier result in this row, in the order of [`RESULT_COLUMNS`].
    pub fn earlier_result<'r>(&self, row: &'r Row) -> Option<[&'r str; RESULT_COLUMNS.len()]> {
        let text = |at: Option<usize>| {
            at.and_then(|at| row.cells.get(at))
                .map_or("", |cell| cell.text.trim())
        };
        Some(self.results?.map(text))
    }

    fn refuse_twins(&self) -> Result<(), HeaderError> {
        for (at, second) in self.known.iter().enumerate() {
            if second.adds_up() {
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

/// The needed ones side by side, as we write them, or each under its name wherever somebody put it.
fn result_columns(cells: &[Cell]) -> Option<ResultColumns> {
    let mut places = ResultColumns::default();
    let together = cells.windows(NEEDED).position(|window| {
        window
            .iter()
            .zip(RESULT_COLUMNS)
            .all(|(cell, name)| cell.text.trim() == name)
    });
    for (at, (place, name)) in places.iter_mut().zip(RESULT_COLUMNS).enumerate() {
        *place = match together {
            Some(first) if at < NEEDED => Some(first + at),
            _ => cells.iter().rposition(|cell| cell.text.trim() == name),
        };
    }
    let (needed, others) = places.split_at_mut(NEEDED);
    if needed.contains(&None) {
        return None;
    }
    // A column of the operator's that is named so stands before ours.
    for other in others {
        *other = other.filter(|other| needed[0].is_some_and(|id| *other > id));
    }
    let behind = places[ACTION].map(|action| action + 1);
    places[ROLE] = behind.filter(|at| {
        let cell = cells.get(*at);
        cell.is_some_and(|cell| cell.text.trim() == RESULT_COLUMNS[ROLE])
    });
    Some(places)
}

/// `b.example.com`, or a list of such.
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

/// A word that heads a column.
pub fn is_known_header(text: &str) -> bool {
    Field::of(text).is_some()
}

/// Rows that repeat the header, or say which columns are needed, name no certificate.
pub fn is_second_header(columns: &Columns, row: &Row) -> bool {
    let said = columns.known.iter().filter_map(|column| {
        let cell = row.cells.get(column.index)?;
        (!cell.is_blank()).then_some((column, cell))
    });
    let mut said = said.peekable();
    // The first cell that is no such word decides: this is asked of every row.
    said.peek().is_some()
        && said.all(|(column, cell)| field::is_remark_or(&column.field, &cell.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Row {
        Row {
            number: 1,
            cells: cells.iter().map(|text| Cell::text(*text)).collect(),
            ..Row::default()
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
                "column B (Coments) is not known and not used, but looks like \"Comments\"",
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
            "column A (CN) and column C (Hostname) both mean Common Name: keep one of them, or leave one out with --map"
        );
    }

    #[test]
    fn an_earlier_result_is_told_from_own_columns() {
        let mut header = vec!["Common Name", "status"];
        header.extend(RESULT_COLUMNS);
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        assert_eq!(columns.results.unwrap()[0], Some(2));
        assert_eq!(columns.results.unwrap()[ROLE], Some(10));
        assert_eq!(columns.unknown.len(), 1);
        assert_eq!(columns.header.len(), 11);
        // A result without roles, to which somebody added what the hosts are.
        header.insert(10, "Rack");
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        assert_eq!(columns.results.unwrap()[ROLE], None);
        assert_eq!(columns.unknown.len(), 3);
    }

    /// Seen: a column put between `id` and `status` gave a second set of result columns.
    #[test]
    fn peoples_columns_among_the_results_are_theirs() {
        let header = [
            "Common Name",
            "id",
            "Deployed",
            "status",
            "serial",
            "not_after",
            "scm_code",
            "message",
            "Team",
        ];
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        assert_eq!(columns.results.unwrap()[..3], [Some(1), Some(3), Some(4)]);
        let unknown: Vec<&str> = columns.unknown.iter().map(|c| c.header.as_str()).collect();
        assert_eq!(unknown, ["Deployed", "Team"]);
    }

    /// Seen: a title block with the word Domain was taken for the header, and the names and terms below were lost.
    #[test]
    fn the_header_is_the_row_with_the_most_known_words() {
        let rows = [
            row(&["Certificates"]),
            row(&["Domain", "example.com"]),
            row(&["Common Name", "SAN", "Term"]),
            row(&["mail", "x.example.com", "90"]),
        ];
        let (at, columns) = Columns::find(&rows, &ColumnOptions::default())
            .unwrap()
            .unwrap();
        assert_eq!((at, columns.known.len()), (2, 3));
    }

    #[test]
    fn other_words_for_the_same_columns() {
        let fields = |cells: &[&str]| fields(cells);
        assert_eq!(
            fields(&[
                "Hostname",
                "Alternative Namen",
                "Zertifikatsprofil",
                "Laufzeit (Tage)",
                "Schlüsseltyp",
                "Bemerkung"
            ]),
            [
                Field::CommonName,
                Field::AltNames,
                Field::Profile,
                Field::Term,
                Field::KeyType,
                Field::Comments
            ]
        );
        assert_eq!(
            fields(&[
                "Common Name\n(FQDN, needed)",
                "SAN 1",
                "SAN 2",
                "SAN #3",
                "subject_alternative-names (optional)"
            ]),
            [
                Field::CommonName,
                Field::AltNames,
                Field::AltNames,
                Field::AltNames,
                Field::AltNames
            ]
        );
    }

    /// Seen: the names under a misspelt header were dropped with a warning, and the certificate ordered without them.
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

    /// Seen: the second name under a header that is merged over two columns was dropped.
    #[test]
    fn a_merged_header_names_all_its_columns() {
        let over_two = |text: &str| Cell {
            across: 1,
            ..Cell::text(text)
        };
        let header = Row {
            cells: vec![
                over_two("CN"),
                Cell::default(),
                Cell::text("Term"),
                over_two("SAN"),
            ],
            ..Row::default()
        };
        let columns = Columns::of(&header).unwrap().unwrap();
        let names = columns.all(&Field::AltNames).map(|column| column.index);
        assert_eq!(names.collect::<Vec<_>>(), [3, 4]);
        assert_eq!(columns.header.len(), 5);
        assert!(!columns.has_header(1), "a row has one common name");
        assert_eq!(
            columns.unheaded(&row(&["a.example.com", "b", "199"])),
            [(1, "b".to_owned())]
        );
    }

    /// Seen: `a;199;a.example.com;b.example.com` was ordered without its last name, `--strict` or not.
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
        // What stands under no header makes no row.
        assert!(!columns.has_something_of(&row(&["", "", "", "", "b.example.com"])));
    }

    /// A note beside the table is one beside the table and the columns of its result, too.
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

    #[test]
    fn a_column_without_a_header_is_named_by_its_letters() {
        let with = |map: &str| {
            let options = ColumnOptions {
                map: vec![map.parse().unwrap()],
                strict: true,
            };
            Columns::find(&[row(&["CN", "Term"])], &options).map(|found| found.unwrap().1)
        };
        let cells = row(&["a.example.com", "199", "b.example.com"]);
        assert!(with("column C=none").unwrap().unheaded(&cells).is_empty());
        let columns = with("Column c=alt_names").unwrap();
        assert_eq!(columns.column(&Field::AltNames).unwrap().index, 2);
        assert!(columns.refuse_unclear(&cells).is_ok());
        assert!(with("column C4=none").is_err());
    }

    /// Seen: they were passed over with a warning, and the certificates ordered without what stood under them.
    #[test]
    fn words_of_other_tools_are_known_or_asked_about() {
        assert_eq!(
            fields(&[
                "FQDN",
                "Additional hosts",
                "Other FQDNs",
                "Zusatznamen",
                "Valid for (days)"
            ]),
            [
                Field::CommonName,
                Field::AltNames,
                Field::AltNames,
                Field::AltNames,
                Field::Term
            ]
        );
        assert_eq!(fields(&["Host", "Lifetime"])[1], Field::Term);
        let header = row(&["Host", "Key", "Template", "Email template", "Key owner"]);
        let columns = Columns::of(&header).unwrap().unwrap();
        let nearest = columns.unknown.iter().map(|column| column.nearest);
        let nearest: Vec<_> = nearest.collect();
        assert_eq!(
            nearest,
            [Some("Key Type"), Some("Certificate Profile"), None, None]
        );
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
