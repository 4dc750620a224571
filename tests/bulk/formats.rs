//! The same table in different file formats.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sectigo_vault_pki::cli::bulk::columns::{Columns, ROWS_TO_SEARCH};
use sectigo_vault_pki::cli::bulk::keys::RowIds;
use sectigo_vault_pki::cli::bulk::request::{CertKind, Reading};
use sectigo_vault_pki::cli::bulk::sheet::{Format, Kind, ReadError, ReadOptions, Row, Sheet};
use serde_json::{Map, Value};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/bulk/fixtures")
        .join(name)
}

pub fn rows(path: &Path, sheet: Option<&str>) -> Result<Vec<Row>, ReadError> {
    let options = ReadOptions {
        sheet: sheet.map(str::to_owned),
        // This file needs an explicit encoding; guessing it is not tested here.
        encoding: (path
            .file_name()
            .is_some_and(|name| name == "german-excel.csv"))
        .then_some(encoding_rs::WINDOWS_1252),
        ..ReadOptions::default()
    };
    let mut sheet = Sheet::open(path, &options)?;
    std::iter::from_fn(|| sheet.next_blocking()).collect()
}

/// Like [`rows`], for asynchronous tests.
pub fn rows_here(path: &Path, sheet: Option<&str>) -> Result<Vec<Row>, ReadError> {
    tokio::task::block_in_place(|| rows(path, sheet))
}

/// The row numbers and texts, without blank cells at the end.
pub fn texts(rows: &[Row]) -> Vec<(u32, Vec<String>)> {
    rows.iter()
        .map(|row| {
            let mut texts: Vec<String> = row.cells.iter().map(|cell| cell.text.clone()).collect();
            while texts.last().is_some_and(String::is_empty) {
                texts.pop();
            }
            (row.number, texts)
        })
        .collect()
}

/// The orders of a file, with the ids of their rows.
fn orders(path: &Path) -> Option<Vec<(String, Map<String, Value>)>> {
    let rows = rows(path, None).ok()?;
    let at = rows
        .iter()
        .take(ROWS_TO_SEARCH)
        .position(|row| matches!(Columns::of(row), Ok(Some(_))))?;
    let columns = Columns::of(&rows[at]).ok()??;
    let reading = Reading {
        columns: &columns,
        kind: CertKind::Ssl,
        profiles: &[],
        default_name: false,
        allow_private_names: false,
    };
    let mut ids = RowIds::new("enroll", "web").unwrap();
    let orders = rows[at + 1..]
        .iter()
        .filter_map(|row| reading.request(row).ok());
    Some(
        orders
            .map(|request| {
                (
                    ids.next("", &request.body).unwrap().to_string(),
                    request.body,
                )
            })
            .collect(),
    )
}

#[test]
fn every_program_saves_the_same_table() {
    let expected = texts(&rows(&fixture("hosts.csv"), None).unwrap());
    assert_eq!(expected.len(), 5);
    assert_eq!(
        expected[4].0, 6,
        "line breaks in a cell and a blank row are counted as a spreadsheet does"
    );
    assert_eq!(expected[1].1[7], "00421");
    for name in ["hosts.xlsx", "hosts.ods"] {
        assert_eq!(
            texts(&rows(&fixture(name), None).unwrap()),
            expected,
            "{name}"
        );
    }
    let guess = Sheet::open(&fixture("german-excel.csv"), &ReadOptions::default()).unwrap_err();
    assert!(
        guess.to_string().contains("--encoding windows-1252"),
        "{guess}"
    );
    let said = ReadOptions {
        encoding: Some(encoding_rs::WINDOWS_1252),
        ..ReadOptions::default()
    };
    let german = Sheet::open(&fixture("german-excel.csv"), &said).unwrap();
    let Format::Csv(dialect) = german.format else {
        panic!("no CSV")
    };
    assert_eq!((dialect.delimiter, dialect.crlf), (b';', true));
    assert_eq!(
        texts(&rows(&fixture("german-excel.csv"), None).unwrap()),
        expected
    );
}

#[test]
fn every_program_orders_the_same() {
    let expected = orders(&fixture("hosts.csv")).unwrap();
    assert_eq!(expected.len(), 4);
    for name in ["hosts.xlsx", "hosts.ods", "german-excel.csv"] {
        assert_eq!(orders(&fixture(name)).unwrap(), expected, "{name}");
    }
}

#[test]
fn cells_are_read_as_they_are_shown() {
    for name in ["odd.xlsx", "odd.ods"] {
        let rows = rows(&fixture(name), Some("hosts")).unwrap();
        let row = |number: u32| {
            let row = rows.iter().find(|row| row.number == number).unwrap();
            row.cells
                .iter()
                .map(|cell| (cell.text.as_str(), cell.kind))
                .collect::<Vec<_>>()
        };
        let (text, number) = (Kind::Text, Kind::Number);
        assert_eq!(
            rows.iter().map(|row| row.number).collect::<Vec<_>>(),
            [1, 3, 4, 5, 9],
            "{name}"
        );
        assert_eq!(
            row(4),
            [
                ("a.example.com", text),
                ("365", number),
                ("00421", number),
                ("2026-11-30", Kind::Date)
            ],
            "{name}"
        );
        // The term is merged over both rows. The last formula divides by zero.
        assert_eq!(
            row(5),
            [
                ("b.example.com", text),
                ("365", number),
                ("00422", text),
                ("#DIV/0!", Kind::Error)
            ],
            "{name}"
        );
        assert_eq!(row(9)[0], ("1234", number), "{name}");
        assert_eq!(row(9)[1], ("365", number), "{name}");
        assert_eq!(row(9)[3], ("first line\nsecond  line", text), "{name}");
    }
}

#[test]
fn the_sheet_can_be_chosen() {
    for name in ["odd.xlsx", "odd.ods"] {
        let first = rows(&fixture(name), None).unwrap();
        assert_eq!(first[0].cells[0].text, "nothing to order here");
        let error = rows(&fixture(name), Some("Absent"))
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "there is no sheet \"Absent\"; the file has Notes, Hosts"
        );
    }
}

/// Some programs separate folders in an archive by `\\`.
#[test]
fn parts_with_backslashes_are_found() {
    let named = repacked(&fixture("hosts.xlsx"), |parts| {
        for (name, _) in parts {
            *name = name.replace('/', "\\");
        }
    });
    let expected = texts(&rows(&fixture("hosts.csv"), None).unwrap());
    assert_eq!(texts(&rows(saved(&named).path(), None).unwrap()), expected);
}

fn saved(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

#[test]
fn what_is_no_table_says_so() {
    let error = |bytes: &[u8]| rows(saved(bytes).path(), None).unwrap_err().to_string();
    assert!(error(b"").contains("is empty"));
    assert!(error(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").contains("zero bytes"));
    assert!(error(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").contains("save it as .xlsx"));
    assert!(error(b"PK\x03\x04rubbish").contains("damaged"));
    assert!(error(b"a,b\nc,\"d\n").contains("row 2"));
}

#[test]
fn delimiters_and_marks() {
    let first = |bytes: &[u8]| {
        let rows = rows(saved(bytes).path(), None).unwrap();
        texts(&rows)[0].1.clone()
    };
    assert_eq!(
        first(b"\xef\xbb\xbfCommon Name;SANs\n"),
        ["Common Name", "SANs"]
    );
    assert_eq!(first(b"sep=;\r\na;b,c\r\n"), ["a", "b,c"]);
    assert_eq!(
        first(b"Common Name\tSAN, all of them\tTerm\n"),
        ["Common Name", "SAN, all of them", "Term"]
    );
    let utf16: Vec<u8> = "\u{feff}Köln\tb\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(first(&utf16), ["Köln", "b"]);
}

/// An OpenDocument spreadsheet with one table.
fn ods(body: &str) -> tempfile::NamedTempFile {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("content.xml", zip::write::SimpleFileOptions::default())
        .unwrap();
    let table = format!("<d><table:table table:name=\"S\">{body}</table:table></d>");
    zip.write_all(table.as_bytes()).unwrap();
    saved(&zip.finish().unwrap().into_inner())
}

/// The cells of the first row. Each is given as its XML, without the name of the element and without the end tag.
fn ods_cells(cells: &[&str]) -> Vec<(String, Kind)> {
    let cells: String = cells
        .iter()
        .map(|cell| format!("<table:table-cell{cell}</table:table-cell>"))
        .collect();
    let end = "<table:table-cell><text:p>end</text:p></table:table-cell>";
    let file = ods(&format!("<table:table-row>{cells}{end}</table:table-row>"));
    let mut row = rows(file.path(), None).unwrap().remove(0);
    row.cells.pop();
    let cells = row.cells.into_iter();
    cells.map(|cell| (cell.text, cell.kind)).collect()
}

/// Regression: texts of a shape, of a text box and of a footnote became names that were ordered.
#[test]
fn shapes_and_notes_in_a_cell_are_no_text_of_it() {
    let text = |text: &str| (text.to_owned(), Kind::Text);
    let cells = ods_cells(&[
        "><draw:frame><draw:text-box><text:p>old.example.com</text:p></draw:text-box></draw:frame>",
        "><draw:custom-shape><text:p>old.example.com</text:p><draw:enhanced-geometry/></draw:custom-shape><text:p>a.example.com</text:p>",
        "><text:p>a.<draw:g><draw:rect><text:p>old.</text:p></draw:rect></draw:g>example.com</text:p>",
        "><office:annotation><text:p>old.example.com</text:p><text:list><text:list-item><text:p>x</text:p></text:list-item></text:list></office:annotation><text:p>a.example.com</text:p>",
        "><text:p>a.example.com<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>old.example.com</text:p></text:note-body></text:note></text:p>",
        "><text:p><text:ruby><text:ruby-base>a.example.com</text:ruby-base><text:ruby-text>old</text:ruby-text></text:ruby></text:p>",
        "><text:p><text:a>a<text:span>.example</text:span></text:a>.com</text:p><text:p/><text:p>b.example.com<text:line-break/>c.example.com</text:p>",
        "><table:table><table:table-row><table:table-cell><text:p>old</text:p></table:table-cell></table:table-row></table:table>",
    ]);
    assert_eq!(
        cells,
        [
            "",
            "a.example.com",
            "a.example.com",
            "a.example.com",
            "a.example.com",
            "a.example.com",
            "a.example.com\n\nb.example.com\nc.example.com",
            ""
        ]
        .map(text)
    );
}

/// The charts of a sheet are before its rows, and each contains a table with its numbers.
#[test]
fn an_embedded_chart_is_no_sheet() {
    let chart = "<draw:object><d><table:table table:name=\"local-table\"><table:table-row><table:table-cell><text:p>7</text:p></table:table-cell></table:table-row></table:table></d></draw:object>";
    let row = format!(
        "<table:table-row><table:table-cell><draw:frame>{chart}</draw:frame><text:p>x</text:p></table:table-cell></table:table-row>"
    );
    let file = ods(&format!(
        "<table:shapes><draw:frame>{chart}</draw:frame></table:shapes>{row}"
    ));
    assert_eq!(
        texts(&rows(file.path(), None).unwrap()),
        [(1, vec!["x".to_owned()])]
    );
    let absent = rows(file.path(), Some("local-table")).unwrap_err();
    assert!(absent.to_string().contains("the file has S"), "{absent}");
}

/// Regression: `odfpy` writes a formula with its type but without a text, and the cell counted as empty. LibreOffice
/// writes an empty paragraph for a formula whose result is an empty text, but no type.
#[test]
fn a_formula_that_was_not_worked_out_is_told_from_an_empty_text() {
    let formula = " table:formula=\"of:=T([.Z1])\"";
    let cells = ods_cells(&[
        &format!("{formula} office:value-type=\"string\">"),
        &format!("{formula}>"),
        &format!("{formula} office:value-type=\"float\"><text:p/>"),
        &format!("{formula}><text:p/>"),
        &format!(
            "{formula} office:value-type=\"string\" office:string-value=\"\"><text:p></text:p>"
        ),
        &format!("{formula} office:value-type=\"string\" office:string-value=\"\">"),
    ]);
    let kinds: Vec<Kind> = cells.iter().map(|(_, kind)| *kind).collect();
    let (open, text) = (Kind::Uncalculated, Kind::Text);
    assert_eq!(kinds, [open, open, open, text, text, text]);
    assert!(cells.iter().all(|(text, _)| text.is_empty()));

    let cell =
        |place: &str, value: &str| format!("<c r=\"{place}\" t=\"str\"><f>T(Z1)</f>{value}</c>");
    let row = [
        cell("A1", ""),
        cell("B1", "<v></v>"),
        cell("C1", "<v/>"),
        cell("D1", "<v>x</v>"),
    ];
    let book = workbook(&format!("<row r=\"1\">{}</row>", row.concat()), "<si/>");
    let kinds: Vec<Kind> = rows_of(&book).unwrap()[0]
        .cells
        .iter()
        .map(|cell| cell.kind)
        .collect();
    assert_eq!(kinds, [open, text, text, text]);
}

/// A few bytes that describe a table of a million times sixteen thousand cells.
#[test]
fn repetition_is_bounded() {
    let cell = "office:value-type=\"string\"><text:p>x</text:p></table:table-cell>";
    let wide = ods(&format!(
        "<table:table-row><table:table-cell table:number-columns-repeated=\"4000000000\" {cell}</table:table-row>"
    ));
    assert!(matches!(
        rows(wide.path(), None),
        Err(ReadError::TooLarge { row: 1, .. })
    ));
    let long = ods(&format!(
        "<table:table-row table:number-rows-repeated=\"4000000000\"><table:table-cell {cell}</table:table-row>"
    ));
    assert!(matches!(
        rows(long.path(), None),
        Err(ReadError::TooLarge { .. })
    ));
    let blank = ods(&format!(
        "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"16000\"/></table:table-row><table:table-row><table:table-cell {cell}</table:table-row>"
    ));
    assert_eq!(
        texts(&rows(blank.path(), None).unwrap()),
        [(1_000_001, vec!["x".to_owned()])]
    );
}

/// A workbook with one sheet and the given shared strings.
fn workbook(rows: &str, strings: &str) -> tempfile::NamedTempFile {
    use std::io::Write;
    let relation = |id, kind, target| {
        format!(
            "<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"/>"
        )
    };
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<R>{}</R>",
                relation("r0", "officeDocument", "xl/workbook.xml")
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<R>{}{}</R>",
                relation("r1", "worksheet", "/xl/sheet.xml"),
                relation("r2", "sharedStrings", "strings.xml")
            ),
        ),
        (
            "xl/workbook.xml",
            "<w xmlns:r=\"x\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></w>"
                .to_owned(),
        ),
        (
            "xl/strings.xml",
            format!("<sst count=\"4000000000\">{strings}</sst>"),
        ),
        (
            "xl/sheet.xml",
            format!("<w><sheetData>{rows}</sheetData></w>"),
        ),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    saved(&zip.finish().unwrap().into_inner())
}

/// A workbook may claim any position for its cells, and may use a shared string any number of times.
#[test]
fn a_workbook_that_promises_too_much_is_refused() {
    let cell = |place: &str, string: u32| format!("<c r=\"{place}\" t=\"s\"><v>{string}</v></c>");
    let read = |rows: &str, strings: &str| rows_of(&workbook(rows, strings));
    let good = format!("<row r=\"7\">{}</row>", cell("B7", 1));
    assert_eq!(
        texts(&read(&good, "<si/><si><t>x</t><rPh><t>y</t></rPh></si>").unwrap()),
        [(7, vec![String::new(), "x".to_owned()])]
    );
    let absent = read(&good, "<si/>").unwrap_err().to_string();
    assert!(
        absent.contains("row 7: a cell points to string"),
        "{absent}"
    );
    let far = format!("<row r=\"1\">{}</row>", cell("ZZZZ1", 0));
    assert!(matches!(
        read(&far, "<si/>"),
        Err(ReadError::TooLarge { row: 1, .. })
    ));
    let low = format!("<row r=\"4000000000\">{}</row>", cell("A4", 0));
    assert!(matches!(
        read(&low, "<si/>"),
        Err(ReadError::TooLarge { .. })
    ));
    // Sixteen thousand times half a megabyte, in a file of a few kilobytes.
    let again: String = (0..16_000).map(|_| "<c t=\"s\"><v>0</v></c>").collect();
    let long = format!("<si><t>{}</t></si>", "x".repeat(500_000));
    let fat = read(&format!("<row>{again}</row>"), &long);
    assert!(
        matches!(fat, Err(ReadError::TooLarge { row: 1, .. })),
        "{fat:?}"
    );
    let tag = format!("<row r=\"1\" x=\"{}\"></row>", "x".repeat(3 << 20));
    let error = read(&tag, "<si/>").unwrap_err().to_string();
    assert!(error.contains("longer than 2 MiB"), "{error}");
    let merged = format!(
        "<row/></sheetData><m>{}</m><sheetData>",
        "<mergeCell ref=\"A1:A9\"/>".repeat(2)
    );
    assert!(read(&merged, "<si/>").unwrap().is_empty());
}

fn rows_of(file: &tempfile::NamedTempFile) -> Result<Vec<Row>, ReadError> {
    rows(file.path(), None)
}

/// `PROPTEST_CASES` sets another number of cases.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(256)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    /// Whatever the bytes are, the file is read, or an error says why it cannot be.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = orders(saved(&bytes).path());
    }

    #[test]
    fn any_text_is_read_or_refused(text in "([a-z,;\t\"\r\n=äCommon Name]|Common Name){0,200}") {
        let _ = orders(saved(text.as_bytes()).path());
    }

    /// Real workbooks with a few changed bytes. Most of them are still valid archives.
    #[test]
    fn damaged_workbooks_are_read_or_refused(
        name in prop_oneof![Just("hosts.xlsx"), Just("hosts.ods"), Just("odd.xlsx"), Just("odd.ods")],
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = std::fs::read(fixture(name)).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = rows(saved(&bytes).path(), None);
    }

    /// Valid archives with damaged parts.
    #[test]
    fn damaged_parts_are_read_or_refused(
        name in prop_oneof![Just("hosts.xlsx"), Just("odd.xlsx"), Just("odd.ods")],
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[<>/\"a-z0-9=&;#]{0,4}"), 1..6),
    ) {
        let damaged = repacked(&fixture(name), |parts| {
            for (part, at, text) in &changes {
                let part = part.index(parts.len());
                let bytes = &mut parts[part].1;
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    let end = (at + text.len()).min(bytes.len());
                    bytes.splice(at..end, text.bytes());
                }
            }
        });
        let _ = orders(saved(&damaged).path());
        let _ = rows(saved(&damaged).path(), Some("Hosts"));
    }

    /// Rows keep their keys when they are sorted and when other rows are inserted.
    #[test]
    fn the_same_rows_have_the_same_keys(
        names in proptest::collection::hash_set("[a-z]{1,8}\\.example\\.com", 1..20),
        more in proptest::collection::hash_set("[a-z]{1,8}\\.example\\.org", 0..10),
    ) {
        let file = |names: &[&String]| {
            let rows: String = names.iter().map(|name| format!("365,{name}\n")).collect();
            orders(saved(format!("Term,Common Name\n{rows}").as_bytes()).path()).unwrap()
        };
        let names: Vec<&String> = names.iter().collect();
        let first = file(&names);
        prop_assert_eq!(&file(&names), &first);
        let mut turned: Vec<&String> = more.iter().chain(names.iter().copied()).collect();
        turned.reverse();
        let turned = file(&turned);
        for order in &first {
            prop_assert!(turned.contains(order));
        }
        let keys: std::collections::HashSet<&String> = turned.iter().map(|(id, _)| id).collect();
        prop_assert_eq!(keys.len(), turned.len());
    }
}

/// Changes the unpacked parts of an archive and packs them again.
fn repacked(path: &Path, change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        parts.push((part.name().unwrap().into_owned(), bytes));
    }
    change(&mut parts);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
