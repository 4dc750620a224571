//! Finds the header row of a file, and the field of each column.

use super::field::nearest;
use super::options::ColumnOptions;
use super::result_columns::{NEEDED, result_columns};
use super::{Column, Columns, Field, HeaderError, UnknownColumn};
use crate::cli::bulk::sheet::{Cell, Row};

/// The columns of the portal's bulk form, which has no header.
const PORTAL_FORM: [Field; 5] = [
    Field::CommonName,
    Field::AltNames,
    Field::Profile,
    Field::Term,
    Field::Retired,
];

/// A cell that is merged over more columns than this is a title, not a header.
const WIDEST_HEADER: usize = 100;

/// How many rows at the top of the sheet are searched for the header.
pub const ROWS_TO_SEARCH: usize = 20;

impl Columns {
    /// The header among the first rows, which is the row with the most known words, and its index.
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
        // Only for the chosen header, because comparing every cell of the first rows with every known word takes time.
        for column in columns.unknown.iter_mut().filter(|one| !one.left_out) {
            column.nearest = nearest(&column.header);
        }
        columns.refuse_twins()?;
        Ok(Some((at, columns)))
    }

    /// A header that is merged over several columns applies to all of them when its field may have several columns.
    /// Otherwise the columns after the first one have no header.
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

    /// Gives the column `other` the header of the column `index`, if it has none.
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

    /// Applies the columns that `--map` names by their letters. A name that is not in the header must be a column's
    /// letter.
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

    /// Reads a row as the header. `Ok(None)` when the row is not a header.
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
        // A title may contain a single known word, so a header must also have a column that says whom the row is about.
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

    /// The columns of the portal's form, if this row looks like a row of it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bulk::columns::tests::row;

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

    /// Regression: a title that contains the word Domain was taken for the header, so the names and terms below it were
    /// lost.
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

    /// Regression: the second name below a header that is merged over two columns was dropped.
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

    /// Regression: these columns were ignored with a warning, and the certificates were ordered without their content.
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
