//! Writes a table in the format of its input: delimiter, encoding and sheet name stay the same.
//!
//! The file gets its final name only when it is complete.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};
use rust_xlsxwriter::{Format as Style, Workbook, XlsxError};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::edits::Edits;
use super::ods::cell;
use super::{Cell, Dialect, Format, SharedFile};
use super::{ods, xlsx};

#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {source}", path = path.display())]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

/// Writes rows into a file.
pub struct ResultWriter {
    path: PathBuf,
    partial: PathBuf,
    rows: u32,
    /// `None` once the file is complete.
    body: Option<Body>,
}

enum Body {
    Csv(BufWriter<File>, Dialect),
    Xlsx(Box<Workbook>),
    Ods(Box<ZipWriter<BufWriter<File>>>),
    /// Cells that are written into a copy of a workbook.
    Amended(Box<Edits>, Base),
}

/// The workbook that is copied, and the sheet (for XLSX, its part) that gets the cells.
enum Base {
    Xlsx(SharedFile, String),
    Ods(SharedFile, String),
}

impl ResultWriter {
    pub fn create(path: &Path, format: &Format) -> Result<Self, WriteError> {
        Self::begin(path, |partial| Body::begin(partial, format))
    }

    /// Creates a copy of the workbook `base`. [`ResultWriter::put`] writes cells into one of its sheets. `None` when
    /// the workbook cannot be copied.
    pub fn amend(
        path: &Path,
        base: &SharedFile,
        format: &Format,
        header_row: u32,
    ) -> Result<Option<Self>, WriteError> {
        let failed = |source| WriteError {
            path: path.to_owned(),
            source,
        };
        let base = match format {
            Format::Csv(_) => None,
            Format::Xlsx { sheet } => xlsx::amend::part_of(base.clone(), sheet)
                .map_err(failed)?
                .map(|part| Base::Xlsx(base.clone(), part)),
            Format::Ods { sheet } => {
                ods::amend::can_copy(base.clone()).then(|| Base::Ods(base.clone(), sheet.clone()))
            }
        };
        let Some(base) = base else {
            return Ok(None);
        };
        let begun = Self::begin(path, |partial| {
            File::create(partial)?;
            Ok(Body::Amended(Box::new(Edits::new(header_row)?), base))
        });
        begun.map(Some)
    }

    fn begin(
        path: &Path,
        body: impl FnOnce(&Path) -> io::Result<Body>,
    ) -> Result<Self, WriteError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = path.with_file_name(name);
        let body = body(&partial).map_err(|source| WriteError {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            partial,
            rows: 0,
            body: Some(body),
        })
    }

    /// Writes cells into a row of the copy. Rows must be given in ascending order.
    pub fn put(&mut self, row: u32, cells: &[(usize, Cell)]) -> Result<(), WriteError> {
        let Some(Body::Amended(edits, _)) = &mut self.body else {
            return Ok(());
        };
        edits.put(row, cells).map_err(|source| WriteError {
            path: self.path.clone(),
            source,
        })
    }

    /// Adds a row. The first row is formatted as the header.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), WriteError> {
        self.row_hidden(cells, false)
    }

    /// Adds a row that is hidden if it was hidden in the input.
    pub fn row_hidden(&mut self, cells: &[Cell], hidden: bool) -> Result<(), WriteError> {
        let row = self.rows;
        self.rows += 1;
        let Some(body) = &mut self.body else {
            return Ok(());
        };
        body.row(row, cells, hidden).map_err(|source| WriteError {
            path: self.path.clone(),
            source,
        })
    }

    /// Completes the file and renames it to its final name.
    pub fn finish(mut self) -> Result<(), WriteError> {
        let done = match self.body.take() {
            Some(body) => body.finish(&self.partial),
            None => Ok(()),
        };
        done.and_then(|()| fs::rename(&self.partial, &self.path))
            .map_err(|source| WriteError {
                path: self.path.clone(),
                source,
            })
    }
}

/// Removes a file that was not completed.
impl Drop for ResultWriter {
    fn drop(&mut self) {
        // After [`ResultWriter::finish`] the partial file does not exist any more, so an error is expected.
        let _ = fs::remove_file(&self.partial);
    }
}

impl Body {
    fn begin(partial: &Path, format: &Format) -> io::Result<Self> {
        let file = || File::create(partial).map(BufWriter::new);
        match format {
            Format::Csv(dialect) => {
                let mut out = file()?;
                if dialect.byte_order_mark {
                    out.write_all("\u{feff}".as_bytes())?;
                }
                Ok(Self::Csv(out, *dialect))
            }
            Format::Xlsx { sheet } => {
                // Fails early, not after an hour of work, when the folder is not writable.
                file()?;
                let mut workbook = Workbook::new();
                let named = workbook
                    .add_worksheet_with_constant_memory()
                    .map_err(xlsx)?;
                named.set_name(sheet).map_err(xlsx)?;
                named.set_freeze_panes(1, 0).map_err(xlsx)?;
                Ok(Self::Xlsx(Box::new(workbook)))
            }
            Format::Ods { sheet } => Ok(Self::Ods(Box::new(begin_ods(file()?, sheet)?))),
        }
    }

    fn row(&mut self, row: u32, cells: &[Cell], hidden: bool) -> io::Result<()> {
        match self {
            Self::Csv(out, dialect) => out.write_all(&csv_record(cells, dialect)?),
            Self::Xlsx(workbook) => {
                let sheet = workbook.worksheet_from_index(0).map_err(xlsx)?;
                let style = if row == 0 {
                    Style::new().set_bold()
                } else {
                    Style::new()
                };
                if hidden {
                    sheet.set_row_hidden(row).map_err(xlsx)?;
                }
                for (column, cell) in cells.iter().enumerate() {
                    let column = u16::try_from(column).map_err(io::Error::other)?;
                    match cell.as_number() {
                        Some(number) => sheet.write_number_with_format(row, column, number, &style),
                        None if cell.text.is_empty() => continue,
                        // The most characters that Excel allows in a cell.
                        None => {
                            let text: String = cell.text.chars().take(32_767).collect();
                            sheet.write_string_with_format(row, column, text, &style)
                        }
                    }
                    .map_err(xlsx)?;
                }
                Ok(())
            }
            Self::Ods(out) => out.write_all(ods_row(cells, hidden).as_bytes()),
            // The rows are in the copied workbook already.
            Self::Amended(..) => Ok(()),
        }
    }

    fn finish(self, partial: &Path) -> io::Result<()> {
        match self {
            Self::Csv(out, _) => out.into_inner()?.sync_all(),
            Self::Xlsx(mut workbook) => workbook.save(partial).map_err(xlsx),
            Self::Ods(out) => finish_ods(*out),
            Self::Amended(mut edits, base) => match base {
                Base::Xlsx(base, part) => xlsx::amend::copy(base, &part, &mut edits, partial),
                Base::Ods(base, sheet) => ods::amend::copy(base, &sheet, &mut edits, partial),
            },
        }
    }
}

fn xlsx(error: XlsxError) -> io::Error {
    io::Error::other(error)
}

fn csv_record(cells: &[Cell], dialect: &Dialect) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.delimiter)
        .terminator(if dialect.crlf {
            csv::Terminator::CRLF
        } else {
            csv::Terminator::Any(b'\n')
        })
        .from_writer(Vec::new());
    writer.write_record(cells.iter().map(|cell| cell.text.as_str()))?;
    let bytes = writer.into_inner().map_err(|e| e.into_error())?;
    // UTF-16 is written as UTF-8 with a byte order mark, which every program that writes UTF-16 can read.
    if [UTF_8, UTF_16LE, UTF_16BE].contains(&dialect.encoding) {
        return Ok(bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut encoded = Vec::with_capacity(bytes.len());
    let mut buffer = [0; 4];
    for character in text.chars() {
        match dialect.encoding.encode(character.encode_utf8(&mut buffer)) {
            (bytes, _, false) => encoded.extend_from_slice(&bytes),
            // The encoding does not have this character. An entity would change the meaning of the cell.
            (_, _, true) => encoded.push(b'?'),
        }
    }
    Ok(encoded)
}

const ODS_TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";

fn begin_ods(out: BufWriter<File>, sheet: &str) -> io::Result<ZipWriter<BufWriter<File>>> {
    let mut zip = ZipWriter::new(out);
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("mimetype", stored)?;
    zip.write_all(ODS_TYPE.as_bytes())?;
    zip.start_file("META-INF/manifest.xml", SimpleFileOptions::default())?;
    write!(
        zip,
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            r#"<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">"#,
            r#"<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{}"/>"#,
            r#"<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>"#,
            r#"</manifest:manifest>"#
        ),
        ODS_TYPE
    )?;
    zip.start_file(
        "content.xml",
        SimpleFileOptions::default().large_file(false),
    )?;
    write!(
        zip,
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            r#"<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0""#,
            r#" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0""#,
            r#" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3">"#,
            r#"<office:body><office:spreadsheet><table:table table:name="{}">"#
        ),
        cell::escape(sheet)
    )?;
    Ok(zip)
}

fn ods_row(cells: &[Cell], hidden: bool) -> String {
    let mut row = String::from(if hidden {
        r#"<table:table-row table:visibility="collapse">"#
    } else {
        "<table:table-row>"
    });
    for cell in cells {
        row.push_str(&cell::element(cell, ""));
    }
    row.push_str("</table:table-row>");
    row
}

fn finish_ods(mut zip: ZipWriter<BufWriter<File>>) -> io::Result<()> {
    zip.write_all(b"</table:table></office:spreadsheet></office:body></office:document-content>")?;
    zip.finish()?.into_inner()?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, ReadOptions, Sheet};
    use super::*;

    #[test]
    fn every_format_reads_back_as_it_was_written() {
        let rows = [
            vec![
                Cell::text("Common Name"),
                Cell::text("Köln"),
                Cell::text("Term"),
            ],
            vec![
                Cell::text("a.example.com"),
                Cell::text("two\nlines;, \"quoted\"  <&> "),
                Cell {
                    text: "365".into(),
                    kind: Kind::Number,
                    ..Cell::default()
                },
            ],
            vec![
                Cell::text("b.example.com"),
                Cell::text(""),
                Cell::text("007"),
            ],
        ];
        let folder = tempfile::tempdir().unwrap();
        let sheet = || "Höhle & Co".to_owned();
        let formats = [
            Format::Csv(Dialect::default()),
            Format::Csv(Dialect {
                delimiter: b';',
                encoding: encoding_rs::WINDOWS_1252,
                byte_order_mark: false,
                crlf: true,
            }),
            Format::Xlsx { sheet: sheet() },
            Format::Ods { sheet: sheet() },
        ];
        for format in formats {
            let path = folder.path().join("table");
            let mut writer = ResultWriter::create(&path, &format).unwrap();
            for row in &rows {
                writer.row(row).unwrap();
            }
            writer.finish().unwrap();
            let said = ReadOptions {
                encoding: match &format {
                    Format::Csv(dialect) => Some(dialect.encoding),
                    _ => None,
                },
                ..ReadOptions::default()
            };
            let mut read = Sheet::open(&path, &said).unwrap();
            assert_eq!(read.format, format);
            for (at, row) in rows.iter().enumerate() {
                let got = read.next_blocking().unwrap().unwrap();
                assert_eq!(got.number as usize, at + 1);
                let texts =
                    |cells: &[Cell]| cells.iter().map(|c| c.text.clone()).collect::<Vec<_>>();
                assert_eq!(texts(&got.cells), texts(row), "{format:?}");
            }
            assert!(read.next_blocking().is_none());
        }
    }
}
