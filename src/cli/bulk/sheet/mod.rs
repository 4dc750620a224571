//! A common model of tables for CSV, XLSX and ODS.
//!
//! A separate thread reads the file and hands over its rows one after the other, so that a sheet of 100,000 rows needs
//! no more memory than one of 1,000. (The shared strings of an XLSX file are kept on disk.) The format is detected from
//! the content of the file, not from its name.

mod archive;
mod csv;
mod decode;
mod edits;
mod merged;
mod ods;
mod shared;
mod write;
mod xlsx;
mod xml;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::thread;

use tokio::sync::mpsc;

pub use csv::Dialect;
pub use shared::SharedFile;
pub use write::{ResultWriter, WriteError};

/// Why a file cannot be read as a table.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is empty", path = path.display())]
    Empty { path: PathBuf },
    #[error("{path} is no CSV, XLSX or ODS file: {why}", path = path.display())]
    Unknown { path: PathBuf, why: &'static str },
    #[error(
        "row {row} is no UTF-8, and its encoding is a guess (in Windows-1252 it says {sample:?}): say it with --encoding windows-1252, or save the file as UTF-8"
    )]
    Encoding { row: u32, sample: String },
    #[error("there is no sheet {wanted:?}; the file has {present}")]
    NoSuchSheet { wanted: String, present: String },
    #[error(
        "row {row}: the quotation mark opened here is never closed, or the cell is longer than 1 MiB"
    )]
    OpenQuote { row: u32 },
    #[error("row {row}: {what}")]
    TooLarge { row: u32, what: &'static str },
    #[error(
        "the file unpacks to more than {} MiB: split it, or save it as CSV",
        archive::MOST_UNPACKED >> 20
    )]
    Bomb,
    #[error("the file is damaged: {0}")]
    Damaged(String),
}

/// How to read a file.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The sheet of a workbook. `None` means the first visible one.
    pub sheet: Option<String>,
    /// Read hidden rows as well.
    pub take_hidden: bool,
    /// The encoding of a CSV file, if the operator named it.
    pub encoding: Option<&'static encoding_rs::Encoding>,
}

impl ReadOptions {
    /// Whether this sheet is to be read. This does not depend on the sheets after it.
    fn is_chosen(&self, tab: &Tab) -> bool {
        match &self.sheet {
            Some(wanted) => tab.name == *wanted,
            None => !tab.hidden,
        }
    }
}

/// The format of a table. The result is written in the same format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    Csv(Dialect),
    Xlsx { sheet: String },
    Ods { sheet: String },
}

impl Format {
    /// The sheet of a workbook.
    pub fn sheet(&self) -> Option<&str> {
        match self {
            Self::Csv(_) => None,
            Self::Xlsx { sheet } | Self::Ods { sheet } => Some(sheet),
        }
    }

    pub fn extension(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Xlsx { .. } => "xlsx",
            Self::Ods { .. } => "ods",
        }
    }
}

/// The type of a cell in the spreadsheet. It distinguishes a name that the spreadsheet turned into a date from one that
/// was typed as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    #[default]
    Text,
    Number,
    Date,
    Bool,
    /// A formula that failed, with a text such as `#REF!`.
    Error,
    /// A formula without a stored value: a program wrote it, and no spreadsheet program has calculated it yet.
    Uncalculated,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    pub text: String,
    pub kind: Kind,
    /// The cell is part of a cell that is merged over several rows.
    pub merged: bool,
    /// How many further columns to its right the cell is merged over. Only set for cells that may be in a header.
    pub across: u16,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The number in the cell, if it is written exactly as the text.
    fn as_number(&self) -> Option<f64> {
        if self.kind != Kind::Number {
            return None;
        }
        let number: f64 = self.text.parse().ok()?;
        (number.is_finite() && number.to_string() == self.text).then_some(number)
    }

    /// Whether the cell has no content. A formula without a value is content.
    pub fn is_blank(&self) -> bool {
        self.kind != Kind::Uncalculated && self.text.trim().is_empty()
    }
}

/// A row of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The number that a spreadsheet program shows, from 1. The header row counts as well.
    pub number: u32,
    pub cells: Vec<Cell>,
    /// Whether the row is hidden by hand or by a filter.
    pub hidden: bool,
    /// The cells without a header that may belong to the row: their columns and texts.
    pub unheaded: Vec<(usize, String)>,
}

impl Row {
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// The letters of a column in a spreadsheet: 0 is `A`, 26 is `AA`.
pub fn column_letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// The index of the column with these letters.
pub fn column_of_letters(letters: &str) -> Option<usize> {
    let digits = letters.bytes().map(|byte| {
        let is_letter = byte.is_ascii_alphabetic();
        is_letter.then(|| usize::from(byte.to_ascii_uppercase() - b'A') + 1)
    });
    let digits: Vec<usize> = digits.collect::<Option<_>>()?;
    let is_column = (1..=3).contains(&digits.len());
    is_column.then(|| digits.iter().fold(0, |column, digit| column * 26 + digit) - 1)
}

/// How many rows are handed over together, because waking the other thread for each row costs more than reading the
/// row. As many again wait in the channel and are being read, and each row may be as wide as a sheet can be.
const ROWS_AT_ONCE: usize = 10;

/// A file with several sheets, and the function that lists them.
type Workbook = (SharedFile, fn(SharedFile) -> Result<Vec<Tab>, ReadError>);

/// An open table: its format, warnings from opening it, and its rows in order.
#[derive(Debug)]
pub struct Sheet {
    pub format: Format,
    pub warnings: Vec<String>,
    workbook: Option<Workbook>,
    rows: mpsc::Receiver<Vec<Result<Row, ReadError>>>,
    /// The rows that were received and not yet returned.
    taken: std::vec::IntoIter<Result<Row, ReadError>>,
}

impl Sheet {
    /// Opens the file, detects its format and starts to read it.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io {
            path: path.to_owned(),
            source,
        };
        Self::read(File::open(path).map_err(io)?.into(), path, options)
    }

    /// Like [`Sheet::open`], for a copy of the file. `path` is the operator's file and is used in errors.
    pub fn read(
        mut file: SharedFile,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io {
            path: path.to_owned(),
            source,
        };
        let unknown = |why| ReadError::Unknown {
            path: path.to_owned(),
            why,
        };
        match sniff(&mut file).map_err(io)? {
            Found::Nothing => Err(ReadError::Empty {
                path: path.to_owned(),
            }),
            Found::Other(why) => Err(unknown(why)),
            Found::Zip => {
                archive::check(&mut file)?;
                if let Some(why) = archive::not_ours(&mut file)? {
                    Err(unknown(why))
                } else if archive::is_ods(&mut file)? {
                    ods::open(file, options)
                } else {
                    xlsx::open(file, options)
                }
            }
            Found::FlatOds => ods::open_flat(file, options),
            Found::Text => csv::open(file, path, options),
        }
    }

    /// The other sheets of the workbook. For OpenDocument this reads the whole file again.
    pub fn others(&self) -> Vec<String> {
        let Some((file, tabs)) = &self.workbook else {
            return Vec::new();
        };
        let names = tabs(file.clone()).unwrap_or_default().into_iter();
        let names = names.map(|tab| tab.name);
        names
            .filter(|name| Some(name.as_str()) != self.format.sheet())
            .collect()
    }

    /// The next row that is not blank. Waits for the reading thread.
    pub async fn next(&mut self) -> Option<Result<Row, ReadError>> {
        if self.taken.len() == 0 {
            self.taken = self.rows.recv().await?.into_iter();
        }
        self.taken.next()
    }

    /// Like [`Sheet::next`], for code that is not asynchronous.
    pub fn next_blocking(&mut self) -> Option<Result<Row, ReadError>> {
        if self.taken.len() == 0 {
            self.taken = self.rows.blocking_recv()?.into_iter();
        }
        self.taken.next()
    }

    /// Runs `read` on a new thread. `read` calls its argument with each row and must stop when that returns false.
    fn start(
        format: Format,
        warnings: Vec<String>,
        read: impl FnOnce(&mut dyn FnMut(Row) -> bool) -> Result<(), ReadError> + Send + 'static,
    ) -> Self {
        let (sender, rows) = mpsc::channel(1);
        thread::spawn(move || {
            let mut read_so_far = Vec::with_capacity(ROWS_AT_ONCE);
            let wanted = &mut |row: Row| {
                if row.is_blank() {
                    return true;
                }
                read_so_far.push(Ok(row));
                if read_so_far.len() < ROWS_AT_ONCE {
                    return true;
                }
                let next = Vec::with_capacity(ROWS_AT_ONCE);
                let full = std::mem::replace(&mut read_so_far, next);
                sender.blocking_send(full).is_ok()
            };
            let end = read(wanted);
            read_so_far.extend(end.err().map(Err));
            if !read_so_far.is_empty() {
                // When the receiver is gone, nobody needs the error.
                let _ = sender.blocking_send(read_so_far);
            }
        });
        Self {
            format,
            warnings,
            workbook: None,
            rows,
            taken: Vec::new().into_iter(),
        }
    }
}

/// A sheet of a workbook.
pub(super) struct Tab {
    pub(super) name: String,
    pub(super) hidden: bool,
}

/// The sheet to read, with warnings: the one that was asked for (in any case if there is no exact match), or the first
/// one that is not hidden.
fn choose(tabs: &[Tab], options: &ReadOptions) -> Result<(String, Vec<String>), ReadError> {
    let present = || match tabs {
        [] => "none".to_owned(),
        _ => {
            let names: Vec<&str> = tabs.iter().map(|tab| tab.name.as_str()).collect();
            names.join(", ")
        }
    };
    let chosen = tabs.iter().find(|tab| options.is_chosen(tab));
    let found = match &options.sheet {
        Some(wanted) => chosen.or_else(|| {
            tabs.iter()
                .find(|tab| tab.name.eq_ignore_ascii_case(wanted))
        }),
        None => chosen.or(tabs.first()),
    };
    let Some(found) = found else {
        return Err(ReadError::NoSuchSheet {
            wanted: options.sheet.clone().unwrap_or_default(),
            present: present(),
        });
    };
    let before = tabs.iter().take_while(|tab| tab.name != found.name);
    let hidden: Vec<&str> = before
        .filter(|tab| tab.hidden)
        .map(|tab| tab.name.as_str())
        .collect();
    let mut notices = Vec::new();
    if options.sheet.is_none() && !hidden.is_empty() {
        notices.push(format!(
            "hidden sheets are left out: {}; --sheet takes one",
            hidden.join(", ")
        ));
    }
    Ok((found.name.clone(), notices))
}

enum Found {
    Nothing,
    Zip,
    FlatOds,
    Text,
    /// A format that is recognised but cannot be read.
    Other(&'static str),
}

const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];

fn sniff(file: &mut SharedFile) -> io::Result<Found> {
    let mut head = Vec::with_capacity(4096);
    file.by_ref().take(4096).read_to_end(&mut head)?;
    file.rewind()?;
    if head.starts_with(OLE) {
        // An encrypted XLSX workbook is in an OLE container, like the old binary format.
        let wanted: Vec<u8> = "EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let mut all = Vec::new();
        file.by_ref().take(16 << 20).read_to_end(&mut all)?;
        file.rewind()?;
        let encrypted = all.windows(wanted.len()).any(|part| part == wanted);
        return Ok(Found::Other(if encrypted {
            "it has a password: save it as .xlsx without one"
        } else {
            "it is a binary Excel workbook (.xls): open it and save it as .xlsx"
        }));
    }
    let bare = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let text = String::from_utf8_lossy(bare).trim_start().to_lowercase();
    let starts = |start: &str| text.starts_with(start);
    Ok(if head.is_empty() {
        Found::Nothing
    } else if head.starts_with(b"PK\x03\x04") {
        Found::Zip
    } else if starts("<?xml") && text.contains("<office:document") {
        Found::FlatOds
    } else if starts("<?xml") && text.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        Found::Other("it is an XML Spreadsheet 2003: open it and save it as .xlsx")
    } else if starts("<html")
        || starts("<!doctype html")
        || starts("<table")
        || text.contains("<html")
    {
        Found::Other(
            "it is a web page, whatever its name ends in: open it in a spreadsheet program and save it as .xlsx",
        )
    } else if starts("<?xml") {
        Found::Other("it is XML of some other kind: save it as .xlsx or CSV")
    } else if starts("id;p") {
        Found::Other("it is a SYLK file: open it and save it as .xlsx or CSV")
    } else if starts("table\r\n0,1") || starts("table\n0,1") {
        Found::Other("it is a DIF file: open it and save it as .xlsx or CSV")
    } else {
        Found::Text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_a_spreadsheet_does() {
        let letters = [0, 25, 26, 51, 701, 702].map(column_letters);
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "ZZ", "AAA"]);
        let back = letters.map(|letters| column_of_letters(&letters).unwrap());
        assert_eq!(back, [0, 25, 26, 51, 701, 702]);
        assert_eq!(["", "A1", "ABCD"].map(column_of_letters), [None; 3]);
    }
}
