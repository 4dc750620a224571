//! Reads delimited text, as spreadsheet programs and people write it.
//!
//! We do not use a library, for two reasons: the number of a row must be the one that a spreadsheet program shows, in
//! spite of blank lines and of line breaks inside quotes; and a quotation mark that is never closed must be reported,
//! instead of taking the rest of the file as one cell.

use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::decode::{Charset, Utf8, charset};
use super::{Cell, Format, ReadError, ReadOptions, Row, SharedFile, Sheet};
use crate::cli::bulk::columns::is_known_header;

/// How a CSV file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub encoding: &'static Encoding,
    pub byte_order_mark: bool,
    pub crlf: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            delimiter: b',',
            encoding: UTF_8,
            byte_order_mark: false,
            crlf: false,
        }
    }
}

const LONGEST_ROW: usize = 1 << 20;
const MOST_CELLS: usize = 16_384;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many rows are read to find the delimiter. The first ones may be titles or blank lines.
const ROWS_TO_SNIFF: usize = 20;

pub(super) fn open(
    mut file: SharedFile,
    path: &Path,
    options: &ReadOptions,
) -> Result<Sheet, ReadError> {
    let io = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let Some(mut charset) = charset(&mut file).map_err(io)? else {
        return Err(ReadError::Unknown {
            path: path.to_owned(),
            why: "it holds zero bytes, so it is not text",
        });
    };
    match options.encoding {
        Some(said) if charset.mark == 0 => charset.encoding = said,
        None if charset.encoding == WINDOWS_1252 => {
            let (row, sample) = first_foreign(&mut file).map_err(io)?;
            return Err(ReadError::Encoding { row, sample });
        }
        _ => {}
    }
    let (delimiter, crlf, declared) = sniff(&mut file, charset).map_err(io)?;
    let mut warnings = Vec::new();
    if charset.guessed {
        warnings.push(format!(
            "the file has no mark and was read as {}",
            charset.encoding.name()
        ));
    }
    let dialect = Dialect {
        delimiter,
        encoding: charset.encoding,
        byte_order_mark: charset.mark > 0,
        crlf,
    };
    let path = path.to_owned();
    Ok(Sheet::start(
        Format::Csv(dialect),
        warnings,
        move |wanted| {
            let io = |source| ReadError::Io {
                path: path.clone(),
                source,
            };
            let mut records = Records::new(Utf8::new(file, charset).map_err(io)?, delimiter);
            while let Some(record) = records.next() {
                let (number, cells) = record.map_err(|fault| fault.with_io(&io))?;
                let is_hint = declared && number == 1;
                let row = Row {
                    number,
                    cells: cells
                        .into_iter()
                        .map(|text| Cell::text(without_formula(text)))
                        .collect(),
                    ..Row::default()
                };
                if !is_hint && !wanted(row) {
                    break;
                }
            }
            Ok(())
        },
    ))
}

/// The delimiter, whether lines end in CR LF, and whether the first row is Excel's `sep=` hint.
fn sniff(file: &mut SharedFile, charset: Charset) -> io::Result<(u8, bool, bool)> {
    let mut seen = |delimiter| -> io::Result<_> {
        file.rewind()?;
        let mut records = Records::new(Utf8::new(&mut *file, charset)?, delimiter);
        let mut rows = Vec::new();
        while rows.len() < ROWS_TO_SNIFF
            && let Some(Ok((_, cells))) = records.next()
        {
            rows.push(cells);
        }
        Ok((rows, records.crlf))
    };
    let mut best: Option<((usize, usize, usize), u8)> = None;
    let mut ends_in_crlf = false;
    let mut declared = None;
    for delimiter in DELIMITERS {
        let (rows, crlf) = seen(delimiter)?;
        ends_in_crlf |= crlf;
        if let Some(hint) = rows
            .first()
            .and_then(|row| row.first())
            .and_then(|cell| cell.strip_prefix("sep="))
        {
            declared = declared.or_else(|| match hint.as_bytes() {
                // When the hint is read with the delimiter that it names, the delimiter is no longer in its cell.
                [] => Some(delimiter),
                [one] if DELIMITERS.contains(one) => Some(*one),
                _ => None,
            });
        }
        // The best delimiter shows the most words of a header; if several do, it is the one whose first split row is
        // earliest and has most cells.
        let words = rows
            .iter()
            .map(|row| known_words(row))
            .max()
            .unwrap_or_default();
        let several = rows.iter().position(|row| row.len() > 1);
        let Some(at) = several.or((words > 0).then_some(0)) else {
            continue;
        };
        let rank = (words, usize::MAX - at, rows[at].len());
        if best.is_none_or(|(known, _)| rank > known) {
            best = Some((rank, delimiter));
        }
    }
    file.rewind()?;
    let delimiter = declared.or(best.map(|(_, delimiter)| delimiter));
    Ok((delimiter.unwrap_or(b','), ends_in_crlf, declared.is_some()))
}

fn known_words(cells: &[String]) -> usize {
    let cells = cells.iter().filter(|cell| cell.len() < 200);
    cells.filter(|cell| is_known_header(cell)).count()
}

/// The number of the first row that is not UTF-8, and a word of it as read in Windows-1252.
fn first_foreign(file: &mut SharedFile) -> io::Result<(u32, String)> {
    file.rewind()?;
    let mut reader = BufReader::new(&mut *file);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let read = reader
            .by_ref()
            .take(LONGEST_ROW as u64)
            .read_until(b'\n', &mut line)?;
        number += 1;
        if read == 0 || std::str::from_utf8(&line).is_err() {
            break;
        }
    }
    file.rewind()?;
    let text = WINDOWS_1252.decode(&line).0;
    let word = text
        .split(|c: char| !c.is_alphanumeric())
        .find(|word| !word.is_ascii())
        .unwrap_or_default();
    Ok((number, word.chars().take(40).collect()))
}

/// Why reading records ends.
enum Fault {
    Io(io::Error),
    Format(ReadError),
}

impl Fault {
    fn with_io(self, io: &impl Fn(io::Error) -> ReadError) -> ReadError {
        match self {
            Self::Io(error) => io(error),
            Self::Format(error) => error,
        }
    }
}

/// Splits UTF-8 text into records.
struct Records<R> {
    input: BufReader<R>,
    delimiter: u8,
    number: u32,
    crlf: bool,
    ended: bool,
}

enum State {
    /// At the start of a cell, where a quotation mark begins a quoted text.
    Start,
    Plain,
    Quoted,
    /// After a quotation mark in a quoted text. It ends the text, or is the first half of a doubled one.
    Closing,
}

impl<R: Read> Records<R> {
    fn new(input: R, delimiter: u8) -> Self {
        Self {
            input: BufReader::new(input),
            delimiter,
            number: 0,
            crlf: false,
            ended: false,
        }
    }

    /// The number of the row and its cells. A blank line is a row with one blank cell.
    fn next(&mut self) -> Option<Result<(u32, Vec<String>), Fault>> {
        if self.ended {
            return None;
        }
        self.number = self.number.saturating_add(1);
        match self.read() {
            Ok(Some(cells)) => Some(Ok((self.number, cells))),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(fault) => {
                self.ended = true;
                Some(Err(fault))
            }
        }
    }

    fn read(&mut self) -> Result<Option<Vec<String>>, Fault> {
        let mut cells = Vec::new();
        let mut cell = Vec::new();
        let mut state = State::Start;
        let mut length = 0;
        let too_large = |what| {
            Err(Fault::Format(ReadError::TooLarge {
                row: self.number,
                what,
            }))
        };
        loop {
            let Some(byte) = next_byte(&mut self.input).map_err(Fault::Io)? else {
                self.ended = true;
                return match state {
                    State::Quoted => Err(Fault::Format(ReadError::OpenQuote { row: self.number })),
                    _ if length == 0 => Ok(None),
                    _ => {
                        cells.push(text(&mut cell));
                        Ok(Some(cells))
                    }
                };
            };
            length += 1;
            if length > LONGEST_ROW {
                return match state {
                    State::Quoted => Err(Fault::Format(ReadError::OpenQuote { row: self.number })),
                    _ => too_large("the row is longer than 1 MiB"),
                };
            }
            match (&state, byte) {
                (State::Quoted, b'"') => state = State::Closing,
                (State::Quoted, _) => cell.push(byte),
                (State::Closing, b'"') => {
                    cell.push(b'"');
                    state = State::Quoted;
                }
                (State::Start, b'"') => state = State::Quoted,
                // Some programs write a space after the delimiter.
                (State::Plain, b'"') if cell.iter().all(|byte| *byte == b' ') => {
                    cell.clear();
                    state = State::Quoted;
                }
                (_, b'\n') => break,
                (_, b'\r') => {
                    if peek(&mut self.input).map_err(Fault::Io)? == Some(b'\n') {
                        self.crlf = true;
                        self.input.consume(1);
                    }
                    break;
                }
                _ if byte == self.delimiter => {
                    cells.push(text(&mut cell));
                    if cells.len() >= MOST_CELLS {
                        return too_large("the row has more than 16,384 cells");
                    }
                    state = State::Start;
                }
                _ => {
                    cell.push(byte);
                    state = State::Plain;
                }
            }
        }
        cells.push(text(&mut cell));
        Ok(Some(cells))
    }
}

/// The text `007` for `="007"`, which people write so that a spreadsheet does not change the text.
fn without_formula(text: String) -> String {
    let inner = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inner| !inner.contains('"'));
    inner.map(str::to_owned).unwrap_or(text)
}

fn text(cell: &mut Vec<u8>) -> String {
    String::from_utf8_lossy(&std::mem::take(cell)).into_owned()
}

fn peek(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    Ok(input.fill_buf()?.first().copied())
}

fn next_byte(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    let byte = peek(input)?;
    if byte.is_some() {
        input.consume(1);
    }
    Ok(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str, delimiter: u8) -> Vec<(u32, Vec<String>)> {
        let mut records = Records::new(text.as_bytes(), delimiter);
        let mut all = Vec::new();
        while let Some(record) = records.next() {
            all.push(record.ok().unwrap());
        }
        all
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_does() {
        let rows = records("a,b\r\n\r\n\"x\ny\",\"he said \"\"no\"\"\"\n,\nlast", b',');
        assert_eq!(
            rows,
            [
                (1, vec!["a".into(), "b".into()]),
                (2, vec![String::new()]),
                (3, vec!["x\ny".into(), "he said \"no\"".into()]),
                (4, vec![String::new(), String::new()]),
                (5, vec!["last".into()]),
            ]
        );
    }

    #[test]
    fn an_open_quotation_mark_is_named_by_its_row() {
        let mut records = Records::new("a,b\nc,\"d\ne,f\n".as_bytes(), b',');
        assert!(records.next().unwrap().is_ok());
        assert!(matches!(
            records.next(),
            Some(Err(Fault::Format(ReadError::OpenQuote { row: 2 })))
        ));
        assert!(records.next().is_none());
    }
}
