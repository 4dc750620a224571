//! Reads Excel workbooks as a stream.
//!
//! We do not use a library, as for OpenDocument: libraries keep all strings of the workbook in memory, and allocate as
//! much memory as the file says it needs.

pub(super) mod amend;
mod strings;
mod styles;
mod workbook;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use self::strings::Strings;
use self::styles::{Shown, Styles};
use self::workbook::{Archive, Workbook, part};
use super::archive::damaged;
use super::merged::Merged;
use super::xml::{LONGEST_ROW, Xml, attribute, each_attribute, ends_early, is, push_text};
use super::{Cell, Format, Kind, ReadError, ReadOptions, Row, SharedFile, Sheet, Tab, choose};

const MOST_ROWS: u32 = 1_048_576;
const MOST_CELLS: usize = 16_384;
const MOST_MERGED: usize = 100_000;
/// Headers are only searched above this row.
const LAST_HEADER_ROW: u32 = 1000;

pub(super) fn open(file: SharedFile, options: &ReadOptions) -> Result<Sheet, ReadError> {
    let (name, notices) = choose(&tabs(file.clone())?, options)?;
    let mut archive = ZipArchive::new(BufReader::new(file.clone())).map_err(damaged)?;
    let book = Workbook::read(&mut archive)?;
    let format = Format::Xlsx {
        sheet: name.clone(),
    };
    let mut opened = Sheet::start(format, notices, move |wanted| {
        let of_sheet = book.sheets.iter().find(|(other, _)| other.name == name);
        let sheet = of_sheet.map_or("", |(_, part)| part);
        let strings = match &book.strings {
            Some(name) => Strings::read(part(&mut archive, name)?)?,
            None => Strings::none()?,
        };
        let styles = match &book.styles {
            Some(name) => Styles::read(part(&mut archive, name)?)?,
            None => Styles::default(),
        };
        let merged = merged(&mut archive, sheet)?;
        Table {
            xml: Xml::new(part(&mut archive, sheet)?),
            strings,
            styles,
            from_1904: book.from_1904,
            merged,
            down: Merged::default(),
            row: Row::default(),
            column: 0,
            length: 0,
        }
        .read(wanted)
    });
    opened.workbook = Some((file, tabs));
    Ok(opened)
}

fn tabs(file: SharedFile) -> Result<Vec<Tab>, ReadError> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    let sheets = Workbook::read(&mut archive)?.sheets.into_iter();
    Ok(sheets.map(|(tab, _)| tab).collect())
}

/// A merged area.
struct Area {
    last_row: u32,
    /// The number of columns after the first one.
    across: u16,
}

/// The merged areas over several rows, and those over several columns that may be in a header, by their first cell. The
/// file lists the areas after the cells.
fn merged(archive: &mut Archive, sheet: &str) -> Result<HashMap<(u32, usize), Area>, ReadError> {
    let mut merged = HashMap::new();
    let mut xml = Xml::new(part(archive, sheet)?);
    loop {
        match xml.event()? {
            Event::Start(start) | Event::Empty(start) if is(&start, "mergeCell") => {
                let area = attribute(&start, "ref")?.unwrap_or_default();
                if let Some((first, last)) = area.split_once(':')
                    && let (Some((row, column)), Some((last_row, last_column))) =
                        (place(first), place(last))
                    && (last_row > row || row <= LAST_HEADER_ROW)
                {
                    let across = last_column.saturating_sub(column).min(MOST_CELLS) as u16;
                    merged.insert((row, column), Area { last_row, across });
                }
            }
            Event::Eof => return Ok(merged),
            _ => {}
        }
        if merged.len() > MOST_MERGED {
            let words = "it has more than 100,000 merged areas";
            return Err(ReadError::Damaged(words.into()));
        }
    }
}

/// Reads the rows of one sheet.
struct Table<R: BufRead> {
    xml: Xml<R>,
    strings: Strings,
    styles: Styles,
    from_1904: bool,
    merged: HashMap<(u32, usize), Area>,
    down: Merged,
    row: Row,
    /// The column of the next cell, if the cell does not say it.
    column: usize,
    length: usize,
}

impl<R: BufRead> Table<R> {
    fn read(mut self, wanted: &mut dyn FnMut(Row) -> bool) -> Result<(), ReadError> {
        loop {
            let tag = match self.xml.event()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "row" => Tag::Row(RowTag::of(&start)?),
                    "c" => Tag::Cell(CellTag::of(&start)?),
                    _ => continue,
                },
                Event::Empty(start) => match start.local_name().as_ref() {
                    "row" => Tag::Row(RowTag::of(&start)?),
                    "c" => Tag::EmptyCell(CellTag::of(&start)?),
                    "sheetData" => return Ok(()),
                    _ => continue,
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "row" => Tag::EndOfRow,
                    "sheetData" => return Ok(()),
                    _ => continue,
                },
                Event::Eof => return Err(ends_early()),
                _ => continue,
            };
            match tag {
                Tag::Row(tag) => self.begin(&tag)?,
                Tag::Cell(tag) => self.cell(&tag)?,
                Tag::EmptyCell(tag) => self.column = self.column_of(&tag)? + 1,
                Tag::EndOfRow => {
                    let mut row = Row {
                        number: self.row.number,
                        cells: std::mem::take(&mut self.row.cells),
                        hidden: self.row.hidden,
                        ..Row::default()
                    };
                    self.down.fill(&mut row);
                    if !wanted(row) {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn begin(&mut self, tag: &RowTag) -> Result<(), ReadError> {
        self.row.number = tag.number.unwrap_or(self.row.number.saturating_add(1));
        if !(1..=MOST_ROWS).contains(&self.row.number) {
            return Err(self.too_large("there are more than 1,048,576 rows"));
        }
        self.row.hidden = tag.hidden;
        self.row.cells.clear();
        self.column = 0;
        self.length = 0;
        Ok(())
    }

    fn column_of(&self, tag: &CellTag) -> Result<usize, ReadError> {
        let column = tag.column.unwrap_or(self.column);
        if column >= MOST_CELLS {
            return Err(self.too_large("the row has more than 16,384 cells"));
        }
        Ok(column)
    }

    fn cell(&mut self, tag: &CellTag) -> Result<(), ReadError> {
        let column = self.column_of(tag)?;
        self.column = column + 1;
        let (mut value, mut inline) = (String::new(), String::new());
        let (mut formula, mut stored) = (false, false);
        loop {
            match self.xml.event()? {
                Event::Start(start) if is(&start, "v") => {
                    stored = true;
                    value = self.xml.text()?;
                }
                Event::Empty(start) if is(&start, "v") => stored = true,
                Event::Start(start) if is(&start, "is") => inline = rich_text(&mut self.xml)?,
                Event::Start(start) => {
                    formula |= is(&start, "f");
                    self.xml.text()?;
                }
                Event::Empty(start) => formula |= is(&start, "f"),
                Event::End(_) => break,
                Event::Eof => return Err(ends_early()),
                _ => {}
            }
        }
        let mut cell = match tag.kind.as_str() {
            "inlineStr" => Cell::text(unescaped(inline)),
            // A text formula may store an empty value. Any other formula with an empty value was not calculated.
            kind if value.is_empty() && formula && !(kind == "str" && stored) => {
                of(Kind::Uncalculated, String::new())
            }
            _ if value.is_empty() => Cell::default(),
            "s" => {
                let number = value.trim().parse().ok();
                let text = number.map_or(Ok(None), |number| self.strings.get(number))?;
                Cell::text(unescaped(text.ok_or_else(|| {
                    ReadError::Damaged(format!(
                        "row {}: a cell points to string {value:?}, which is not there",
                        self.row.number
                    ))
                })?))
            }
            "str" => Cell::text(unescaped(value)),
            "b" => of(Kind::Bool, (value.trim() == "1").to_string()),
            "e" => of(Kind::Error, value),
            "d" => of(Kind::Date, value),
            _ => self.number(&value, self.styles.get(tag.style)),
        };
        if cell.is_blank() {
            return Ok(());
        }
        self.length = self.length.saturating_add(cell.text.len());
        if self.length > LONGEST_ROW {
            return Err(self.too_large("the row is longer than 1 MiB"));
        }
        if let Some(area) = self.merged.get(&(self.row.number, column)) {
            cell.across = area.across;
            if area.last_row > self.row.number {
                self.down.begin(column as u32, area.last_row, &cell);
            }
        }
        if self.row.cells.len() <= column {
            self.row.cells.resize(column + 1, Cell::default());
        }
        self.row.cells[column] = cell;
        Ok(())
    }

    fn number(&self, text: &str, shown: Shown) -> Cell {
        let Ok(number) = text.trim().parse::<f64>() else {
            return Cell::text(text);
        };
        let digits = number.to_string();
        match shown {
            Shown::AsNumber => of(Kind::Number, digits),
            Shown::Padded(width) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                of(Kind::Number, format!("{digits:0>width$}"))
            }
            Shown::Padded(_) => of(Kind::Number, digits),
            Shown::AsDuration => of(Kind::Date, digits),
            Shown::AsDate => of(Kind::Date, day(number, self.from_1904).unwrap_or(digits)),
        }
    }

    fn too_large(&self, what: &'static str) -> ReadError {
        ReadError::TooLarge {
            row: self.row.number,
            what,
        }
    }
}

/// What [`Table::read`] handles.
enum Tag {
    Row(RowTag),
    EndOfRow,
    Cell(CellTag),
    EmptyCell(CellTag),
}

#[derive(Default)]
struct RowTag {
    number: Option<u32>,
    hidden: bool,
}

impl RowTag {
    fn of(start: &BytesStart<'_>) -> Result<Self, ReadError> {
        let mut tag = Self::default();
        each_attribute(start, |name, value| {
            match name {
                "r" => tag.number = value.trim().parse().ok(),
                "hidden" => tag.hidden = value == "1" || value == "true",
                _ => {}
            }
            Ok(())
        })?;
        Ok(tag)
    }
}

#[derive(Default)]
struct CellTag {
    column: Option<usize>,
    /// The type of the value (attribute `t`); empty for a number.
    kind: String,
    style: Option<usize>,
}

impl CellTag {
    fn of(start: &BytesStart<'_>) -> Result<Self, ReadError> {
        let mut tag = Self::default();
        each_attribute(start, |name, value| {
            match name {
                "r" => tag.column = place(&value).map(|(_, column)| column),
                "t" => tag.kind = value.into_owned(),
                "s" => tag.style = value.trim().parse().ok(),
                _ => {}
            }
            Ok(())
        })?;
        Ok(tag)
    }
}

fn of(kind: Kind, text: String) -> Cell {
    Cell {
        text,
        kind,
        ..Cell::default()
    }
}

/// The text of the current element, without formatting and without phonetic texts.
fn rich_text<R: BufRead>(xml: &mut Xml<R>) -> Result<String, ReadError> {
    let mut text = String::new();
    let (mut depth, mut in_text, mut skipped) = (1, 0, 0);
    while depth > 0 {
        match xml.event()? {
            Event::Start(start) => {
                depth += 1;
                if skipped == 0 && is(&start, "rPh") {
                    skipped = depth;
                } else if in_text == 0 && is(&start, "t") {
                    in_text = depth;
                }
            }
            Event::End(_) => {
                if skipped == depth {
                    skipped = 0;
                }
                if in_text == depth {
                    in_text = 0;
                }
                depth -= 1;
            }
            Event::Eof => return Err(ends_early()),
            event if in_text > 0 && skipped == 0 => push_text(&event, &mut text)?,
            _ => {}
        }
        if text.len() > LONGEST_ROW {
            return Err(ReadError::Damaged("a text is longer than 1 MiB".into()));
        }
    }
    Ok(text)
}

/// Undoes Excel's escapes such as `_x000D_`, which stand for characters that XML does not allow.
fn unescaped(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        plain.push_str(&rest[..at]);
        let code = rest
            .get(at + 2..at + 6)
            .filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let number = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        match number.and_then(char::from_u32) {
            Some(character) => {
                plain.push(character);
                rest = &rest[at + 7..];
            }
            None => {
                plain.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// The row (from 1) and the column (from 0) of a reference such as `B3` or `$B$3`.
fn place(reference: &str) -> Option<(u32, usize)> {
    let reference = reference.replace('$', "");
    let at = reference.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = reference.split_at(at);
    if letters.is_empty() || letters.len() > 7 {
        return None;
    }
    let mut column = 0;
    for letter in letters.bytes() {
        if !letter.is_ascii_alphabetic() {
            return None;
        }
        column = column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    }
    Some((digits.parse().ok()?, column - 1))
}

/// The date for Excel's number of days, with the time unless it is midnight.
fn day(number: f64, from_1904: bool) -> Option<String> {
    let (mut days, mut seconds) = (
        number.floor(),
        ((number - number.floor()) * 86_400.0).round(),
    );
    if seconds >= 86_400.0 {
        (days, seconds) = (days + 1.0, 0.0);
    }
    if !(0.0..3_000_000.0).contains(&days) {
        return None;
    }
    let (days, seconds) = (days as i64, seconds as i64);
    let first: Date = match (from_1904, days) {
        (true, _) => date(1904, 1, 1),
        // Excel treats 1900 as a leap year.
        (false, 0..60) => date(1899, 12, 31),
        (false, _) => date(1899, 12, 30),
    };
    let day = first.checked_add(days.days()).ok()?;
    Some(if seconds == 0 {
        day.to_string()
    } else {
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{day}T{hour:02}:{minute:02}:{second:02}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_excel_counts_them() {
        for (number, from_1904, expected) in [
            (46356.0, false, "2026-11-30"),
            (46356.75, false, "2026-11-30T18:00:00"),
            (1.0, false, "1900-01-01"),
            (61.0, false, "1900-03-01"),
            (44894.0, true, "2026-11-30"),
        ] {
            assert_eq!(
                day(number, from_1904).as_deref(),
                Some(expected),
                "{number}"
            );
        }
        assert_eq!(day(f64::NAN, false), None);
        assert_eq!(day(1e300, false), None);
    }

    #[test]
    fn cells_are_found_by_their_letters() {
        assert_eq!(place("A1"), Some((1, 0)));
        assert_eq!(place("$XFD$1048576"), Some((1_048_576, 16_383)));
        for nonsense in ["", "1", "A", "AAAAAAAA1", "Ä1", "A-1"] {
            assert_eq!(place(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn control_characters_are_given_back() {
        let plain = |text: &str| unescaped(text.to_owned());
        assert_eq!(plain("a_x000D_b"), "a\rb");
        assert_eq!(plain("my_xylophone _x00"), "my_xylophone _x00");
        assert_eq!(plain("_x005F_x000D_"), "_x000D_");
    }
}
