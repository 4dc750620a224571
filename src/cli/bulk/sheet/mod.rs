//! One model of a table of cells for CSV, XLSX and ODS.
//!
//! Rows arrive one after the other from a thread that reads the file, so that a sheet of 100,000 rows costs no more
//! memory than one of 1,000 (the strings that the cells of an XLSX share are put aside on disk). The format is told
//! by the file's content, never by its name.

mod archive;
mod csv;
mod decode;
mod merged;
mod ods;
mod write;
mod xlsx;
mod xml;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::thread;

use tokio::sync::mpsc;

pub use csv::Dialect;
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
    #[error("there is no sheet {wanted:?}; the file has {present}")]
    NoSuchSheet { wanted: String, present: String },
    #[error("row {row}: the quotation mark opened here is never closed")]
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

/// What to read of a file.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The sheet of a workbook; the first one when absent.
    pub sheet: Option<String>,
}

/// How a table was written, so that the result can be written the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    Csv(Dialect),
    Xlsx { sheet: String },
    Ods { sheet: String },
}

impl Format {
    pub fn extension(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Xlsx { .. } => "xlsx",
            Self::Ods { .. } => "ods",
        }
    }
}

/// What the spreadsheet held the cell to be. The text is the same whichever it is; the kind tells a name that
/// a spreadsheet turned into a date from one that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    #[default]
    Text,
    Number,
    Date,
    Bool,
    /// A formula that failed: `#REF!` and its like.
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    pub text: String,
    pub kind: Kind,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: Kind::Text,
        }
    }

    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// One row and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// As a spreadsheet counts: from 1, the header's row included.
    pub number: u32,
    pub cells: Vec<Cell>,
}

impl Row {
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// The letters that a spreadsheet shows above a column: 0 is `A`, 26 is `AA`.
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

/// Rows that are read before somebody wants them: each may be as wide as a sheet can be.
const ROWS_AHEAD: usize = 32;

/// An open table: how it is written, what was noticed on opening, and its rows in order.
#[derive(Debug)]
pub struct Sheet {
    pub format: Format,
    pub warnings: Vec<String>,
    rows: mpsc::Receiver<Result<Row, ReadError>>,
}

impl Sheet {
    /// Looks at the file and starts reading it.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(io)?;
        match sniff(&mut file).map_err(io)? {
            Found::Nothing => Err(ReadError::Empty {
                path: path.to_owned(),
            }),
            Found::OldExcel => Err(ReadError::Unknown {
                path: path.to_owned(),
                why: "it is a binary Excel workbook or is encrypted; save it as .xlsx without a password",
            }),
            Found::Zip => {
                archive::check(&mut file)?;
                if archive::is_ods(&mut file)? {
                    ods::open(file, options)
                } else {
                    xlsx::open(file, options)
                }
            }
            Found::Other => csv::open(file, path),
        }
    }

    /// The next row that has something in it; waits for the reading thread.
    pub async fn next(&mut self) -> Option<Result<Row, ReadError>> {
        self.rows.recv().await
    }

    /// As [`Sheet::next`], outside of an asynchronous task.
    pub fn next_blocking(&mut self) -> Option<Result<Row, ReadError>> {
        self.rows.blocking_recv()
    }

    /// Runs `read` on a thread of its own. `read` hands over each row and stops when it is told that nobody listens.
    fn start(
        format: Format,
        warnings: Vec<String>,
        read: impl FnOnce(&mut dyn FnMut(Row) -> bool) -> Result<(), ReadError> + Send + 'static,
    ) -> Self {
        let (sender, rows) = mpsc::channel(ROWS_AHEAD);
        thread::spawn(move || {
            let wanted = &mut |row: Row| row.is_blank() || sender.blocking_send(Ok(row)).is_ok();
            if let Err(error) = read(wanted) {
                // Nobody listens any more: nobody wants the error either.
                let _ = sender.blocking_send(Err(error));
            }
        });
        Self {
            format,
            warnings,
            rows,
        }
    }
}

/// The sheet that was asked for, whatever its case, or the first one.
fn choose(names: &[String], options: &ReadOptions) -> Result<String, ReadError> {
    let present = || match names {
        [] => "none".to_owned(),
        _ => names.join(", "),
    };
    let found = match &options.sheet {
        Some(wanted) => names
            .iter()
            .find(|name| *name == wanted)
            .or_else(|| names.iter().find(|name| name.eq_ignore_ascii_case(wanted))),
        None => names.first(),
    };
    found.cloned().ok_or_else(|| ReadError::NoSuchSheet {
        wanted: options.sheet.clone().unwrap_or_default(),
        present: present(),
    })
}

enum Found {
    Nothing,
    Zip,
    OldExcel,
    Other,
}

fn sniff(file: &mut File) -> io::Result<Found> {
    let mut magic = Vec::with_capacity(8);
    file.by_ref().take(8).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(match magic.as_slice() {
        [] => Found::Nothing,
        [b'P', b'K', 3, 4, ..] => Found::Zip,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Found::OldExcel,
        _ => Found::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_a_spreadsheet_does() {
        let letters = [0, 25, 26, 51, 701, 702].map(column_letters);
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "ZZ", "AAA"]);
    }
}
