//! Reads OpenDocument spreadsheets as a stream.
//!
//! We do not use a library, because libraries unpack a whole sheet in memory, where a few bytes of "repeat this a
//! million times" become gigabytes. They also drop the displayed text of a cell, which contains the leading zeros of a
//! number.

pub(super) mod amend;
pub(super) mod cell;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Seek};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::archive::damaged;
use super::merged::Merged;
use super::xml::{LONGEST_ROW, Xml, attribute, each_attribute, ends_early, is, push_text};
use super::{Cell, Format, Kind, ReadError, ReadOptions, Row, SharedFile, Sheet, Tab, choose};

const MOST_ROWS: u32 = 1_048_576;
const MOST_CELLS: usize = 16_384;
const MOST_SHEETS: usize = 10_000;

pub(super) fn open(file: SharedFile, options: &ReadOptions) -> Result<Sheet, ReadError> {
    let mut archive = ZipArchive::new(BufReader::new(file.clone())).map_err(damaged)?;
    let tabs = tabs(content(&mut archive)?, |tab| options.is_chosen(tab))?;
    let mut sheet = start(&tabs, options, move |name, wanted| {
        Table::new(content(&mut archive)?).read(name, wanted)
    })?;
    sheet.workbook = Some((file, |file| {
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
        self::tabs(content(&mut archive)?, |_| false)
    }));
    Ok(sheet)
}

/// Opens a flat document (`.fods`), which is a single XML file.
pub(super) fn open_flat(mut file: SharedFile, options: &ReadOptions) -> Result<Sheet, ReadError> {
    let damaged = |error: std::io::Error| ReadError::Damaged(error.to_string());
    file.rewind().map_err(damaged)?;
    let flat = |file: &SharedFile| Xml::new(BufReader::new(file.clone()));
    let tabs = tabs(flat(&file), |tab| options.is_chosen(tab))?;
    let rows = flat(&file);
    let mut sheet = start(&tabs, options, move |name, wanted| {
        Table::new(rows).read(name, wanted)
    })?;
    sheet.workbook = Some((file, |file| {
        self::tabs(Xml::new(BufReader::new(file)), |_| false)
    }));
    Ok(sheet)
}

fn start(
    tabs: &[Tab],
    options: &ReadOptions,
    read: impl FnOnce(&str, &mut dyn FnMut(Row) -> bool) -> Result<(), ReadError> + Send + 'static,
) -> Result<Sheet, ReadError> {
    let (name, notices) = choose(tabs, options)?;
    let format = Format::Ods {
        sheet: name.clone(),
    };
    Ok(Sheet::start(format, notices, move |wanted| {
        read(&name, wanted)
    }))
}

fn content(
    archive: &mut ZipArchive<BufReader<SharedFile>>,
) -> Result<Xml<impl BufRead>, ReadError> {
    let part = archive.by_name("content.xml").map_err(damaged)?;
    Ok(Xml::new(BufReader::new(part)))
}

/// Lists the sheets up to the first one for which `is_last` is true. A sheet's name comes before its rows, so the rows
/// of the chosen sheet need not be read for this.
fn tabs(mut xml: Xml<impl BufRead>, is_last: impl Fn(&Tab) -> bool) -> Result<Vec<Tab>, ReadError> {
    let mut tabs = Vec::new();
    let mut hiding = HashSet::new();
    let mut style = None;
    loop {
        let event = xml.event()?;
        let (start, has_content) = match &event {
            Event::Start(start) => (start, true),
            Event::Empty(start) => (start, false),
            Event::Eof => return Ok(tabs),
            _ => continue,
        };
        match start.local_name().as_ref() {
            "style" => style = attribute(start, "style:name")?,
            "table-properties" => {
                let hides = attribute(start, "table:display")?.as_deref() == Some("false");
                hiding.extend(style.clone().filter(|_| hides));
            }
            // An embedded object may contain tables that are not sheets.
            "object" if has_content => xml.rest_of_element(|_, _| Ok(()))?,
            "table" => {
                if let Some(name) = attribute(start, "table:name")? {
                    let style = attribute(start, "table:style-name")?;
                    let tab = Tab {
                        name,
                        hidden: style.is_some_and(|style| hiding.contains(&style)),
                    };
                    let is_last = is_last(&tab);
                    tabs.push(tab);
                    if is_last {
                        return Ok(tabs);
                    }
                }
                if tabs.len() > MOST_SHEETS {
                    return Err(ReadError::Damaged("it has more than 10,000 sheets".into()));
                }
            }
            _ => {}
        }
    }
}

/// Reads the rows of one table.
struct Table<R: BufRead> {
    xml: Xml<R>,
    down: Merged,
    /// The current row, and how often it is repeated.
    row: Row,
    repeated: u32,
    column: usize,
    length: usize,
}

impl<R: BufRead> Table<R> {
    fn new(xml: Xml<R>) -> Self {
        Self {
            xml,
            down: Merged::default(),
            row: Row {
                number: 1,
                ..Row::default()
            },
            repeated: 1,
            column: 0,
            length: 0,
        }
    }

    fn read(mut self, name: &str, wanted: &mut dyn FnMut(Row) -> bool) -> Result<(), ReadError> {
        let mut inside = false;
        loop {
            let tag = match self.xml.event()? {
                Event::Eof => return Ok(()),
                Event::Start(start) => match start.local_name().as_ref() {
                    "table" => {
                        inside = attribute(&start, "table:name")?.as_deref() == Some(name);
                        continue;
                    }
                    _ if !inside => continue,
                    // The shapes of a sheet may contain charts, which have tables of their own.
                    "shapes" => {
                        self.xml.rest_of_element(|_, _| Ok(()))?;
                        continue;
                    }
                    "table-row" => Tag::Row(RowTag::of(&start)?),
                    "table-cell" | "covered-table-cell" => Tag::Cell(Typed::of(&start)?),
                    _ => continue,
                },
                _ if !inside => continue,
                Event::Empty(start) => match start.local_name().as_ref() {
                    "table-row" => Tag::EmptyRow(RowTag::of(&start)?),
                    "table-cell" | "covered-table-cell" => Tag::EmptyCell(Typed::of(&start)?),
                    _ => continue,
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "table" => return Ok(()),
                    "table-row" => Tag::EndOfRow,
                    _ => continue,
                },
                _ => continue,
            };
            match tag {
                Tag::Row(tag) => (self.repeated, self.row.hidden) = (tag.repeated, tag.hidden),
                Tag::EmptyRow(tag) => {
                    self.row.number = self.row.number.saturating_add(tag.repeated);
                }
                Tag::EndOfRow => {
                    if !self.hand_over(wanted)? {
                        return Ok(());
                    }
                }
                Tag::Cell(typed) => {
                    let text = self.cell_text()?;
                    self.place(typed, text)?;
                }
                Tag::EmptyCell(typed) => self.place(typed, None)?,
            }
        }
    }

    /// Adds a cell to the row. A blank cell takes no memory unless another cell follows.
    fn place(&mut self, typed: Typed, text: Option<String>) -> Result<(), ReadError> {
        let repeated = typed.repeated;
        let rows = typed.rows;
        let cell = typed.cell(text);
        if cell.is_blank() {
            self.column = self.column.saturating_add(repeated);
            return Ok(());
        }
        self.length = self
            .length
            .saturating_add(cell.text.len().saturating_mul(repeated));
        if self.length > LONGEST_ROW {
            return Err(self.too_large("the row is longer than 1 MiB"));
        }
        let end = self.column.saturating_add(repeated);
        if end > MOST_CELLS {
            return Err(self.too_large("the row has more than 16,384 cells"));
        }
        if rows > 1 {
            let last_row = self.row.number.saturating_add(rows - 1);
            self.down.begin(self.column as u32, last_row, &cell);
        }
        self.row.cells.resize(self.column, Cell::default());
        self.row.cells.resize(end, cell);
        self.column = end;
        Ok(())
    }

    /// Hands over the row as often as it is repeated. Returns false when no more rows are wanted.
    fn hand_over(&mut self, wanted: &mut dyn FnMut(Row) -> bool) -> Result<bool, ReadError> {
        let cells = std::mem::take(&mut self.row.cells);
        let number = self.row.number;
        let next = number.saturating_add(self.repeated);
        self.row.number = next;
        self.column = 0;
        self.length = 0;
        if cells.is_empty() {
            return Ok(true);
        }
        if next > MOST_ROWS + 1 {
            return Err(self.too_large("there are more than 1,048,576 rows"));
        }
        // `repeat_n` moves the cells into the last repetition instead of cloning them.
        let copies = std::iter::repeat_n(cells, (next - number) as usize);
        for (number, cells) in (number..next).zip(copies) {
            let mut row = Row {
                number,
                cells,
                hidden: self.row.hidden,
                ..Row::default()
            };
            self.down.fill(&mut row);
            if !wanted(row) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The paragraphs of the cell. `None` when the cell has no paragraphs, that is, when nothing was ever written into
    /// it.
    fn cell_text(&mut self) -> Result<Option<String>, ReadError> {
        let mut text: Option<String> = None;
        let mut depth = 1;
        let mut in_paragraph = 0;
        let mut skipped = 0;
        while depth > 0 {
            match self.xml.event()? {
                Event::Start(start) => {
                    depth += 1;
                    if skipped > 0 || !is_own_text(&start) {
                        skipped += 1;
                    } else if in_paragraph > 0 {
                        in_paragraph += 1;
                        white_space(&start, text.get_or_insert_default())?;
                    } else if is_paragraph(&start) {
                        in_paragraph = 1;
                        begin_paragraph(&mut text);
                    }
                }
                Event::End(_) => {
                    depth -= 1;
                    if skipped > 0 {
                        skipped -= 1;
                    } else if in_paragraph > 0 {
                        in_paragraph -= 1;
                    }
                }
                Event::Empty(start) if skipped == 0 && is_own_text(&start) => {
                    if in_paragraph > 0 {
                        white_space(&start, text.get_or_insert_default())?;
                    } else if is_paragraph(&start) {
                        begin_paragraph(&mut text);
                    }
                }
                Event::Eof => return Err(ends_early()),
                event if skipped == 0 && in_paragraph > 0 => {
                    push_text(&event, text.get_or_insert_default())?;
                }
                _ => {}
            }
            if text.as_ref().is_some_and(|text| text.len() > LONGEST_ROW) {
                return Err(self.too_large("a cell is longer than 1 MiB"));
            }
        }
        Ok(text)
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
    EmptyRow(RowTag),
    EndOfRow,
    Cell(Typed),
    EmptyCell(Typed),
}

struct RowTag {
    repeated: u32,
    hidden: bool,
}

impl RowTag {
    fn of(start: &BytesStart<'_>) -> Result<Self, ReadError> {
        let mut tag = Self {
            repeated: 1,
            hidden: false,
        };
        each_attribute(start, |name, value| {
            match name {
                "table:number-rows-repeated" => tag.repeated = parsed(name, &value)?,
                "table:visibility" => tag.hidden = value == "collapse" || value == "filter",
                _ => {}
            }
            Ok(())
        })?;
        Ok(tag)
    }
}

/// The attributes of a cell's tag.
struct Typed {
    kind: Kind,
    formula: bool,
    value: Option<String>,
    repeated: usize,
    rows: u32,
    columns: u32,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            kind: Kind::Text,
            formula: false,
            value: None,
            repeated: 1,
            rows: 1,
            columns: 1,
        }
    }
}

impl Typed {
    fn of(start: &BytesStart<'_>) -> Result<Self, ReadError> {
        let (mut typed, mut of_kind) = (Self::default(), "office:string-value");
        let (mut values, mut failed) = (Vec::new(), false);
        each_attribute(start, |name, value| {
            match name {
                "office:value-type" => {
                    (typed.kind, of_kind) = match value.as_ref() {
                        "float" | "percentage" | "currency" => (Kind::Number, "office:value"),
                        "date" => (Kind::Date, "office:date-value"),
                        "time" => (Kind::Date, "office:time-value"),
                        "boolean" => (Kind::Bool, "office:boolean-value"),
                        _ => (Kind::Text, "office:string-value"),
                    };
                }
                // In OpenDocument a failed formula is a string. Only LibreOffice's extension marks it as an error.
                "calcext:value-type" => failed = value == "error",
                "table:formula" => typed.formula = true,
                "table:number-columns-repeated" => typed.repeated = parsed(name, &value)? as usize,
                "table:number-rows-spanned" => typed.rows = parsed(name, &value)?,
                "table:number-columns-spanned" => typed.columns = parsed(name, &value)?,
                _ if name.starts_with("office:") => {
                    values.push((name.to_owned(), value.into_owned()))
                }
                _ => {}
            }
            Ok(())
        })?;
        if failed {
            typed.kind = Kind::Error;
        }
        let mut values = values.into_iter();
        typed.value = values
            .find(|(name, _)| name == of_kind)
            .map(|(_, value)| value);
        Ok(typed)
    }

    fn cell(self, shown: Option<String>) -> Cell {
        // When the result of a formula is an empty text, the cell has an empty paragraph (in LibreOffice without the
        // type `string`). A program that wrote the formula without calculating it wrote no paragraph.
        let empty_text = self.kind == Kind::Text && shown.is_some();
        let shown = shown.unwrap_or_default();
        if self.formula && self.value.is_none() && shown.is_empty() && !empty_text {
            return Cell {
                kind: Kind::Uncalculated,
                ..Cell::default()
            };
        }
        let text = match (self.kind, self.value) {
            (Kind::Number, Some(value)) => number_text(value, &shown),
            (Kind::Date, Some(value)) => value
                .strip_suffix("T00:00:00")
                .map(str::to_owned)
                .unwrap_or(value),
            (Kind::Bool, Some(value)) => value,
            (Kind::Text, Some(value)) if shown.is_empty() => value,
            _ => shown,
        };
        Cell {
            text,
            kind: self.kind,
            merged: false,
            across: self.columns.saturating_sub(1).min(MOST_CELLS as u32) as u16,
        }
    }
}

/// `365` for `365.0`. A number that is displayed with leading zeros keeps them.
fn number_text(value: String, shown: &str) -> String {
    let Ok(number) = value.trim().parse::<f64>() else {
        return value;
    };
    let digits = number.to_string();
    let padded = shown.bytes().all(|byte| byte.is_ascii_digit())
        && shown
            .strip_suffix(digits.as_str())
            .is_some_and(|zeros| zeros.bytes().all(|b| b == b'0'));
    if padded { shown.to_owned() } else { digits }
}

fn is_cell(start: &BytesStart<'_>) -> bool {
    is(start, "table-cell") || is(start, "covered-table-cell")
}

/// Whether an element belongs to the text of the cell itself. Shapes, text boxes, comments and tables in a cell are
/// elements of other namespaces. Footnotes and ruby texts are in the same namespace, but are not part of the text.
fn is_own_text(start: &BytesStart<'_>) -> bool {
    let beside = ["note", "ruby-text", "script"];
    start.name().as_ref().starts_with("text:") && !beside.contains(&start.local_name().as_ref())
}

fn is_paragraph(start: &BytesStart<'_>) -> bool {
    is(start, "p") || is(start, "h")
}

/// Separates the paragraphs of a cell by line breaks.
fn begin_paragraph(text: &mut Option<String>) {
    match text {
        Some(before) => before.push('\n'),
        None => *text = Some(String::new()),
    }
}

fn white_space(start: &BytesStart<'_>, text: &mut String) -> Result<(), ReadError> {
    match start.local_name().as_ref() {
        "s" => {
            let spaces = count(start, "text:c")?.min(1000);
            text.extend((0..spaces).map(|_| ' '));
        }
        "tab" => text.push('\t'),
        "line-break" => text.push('\n'),
        _ => {}
    }
    Ok(())
}

/// The number of repetitions; 1 without the attribute.
fn count(start: &BytesStart<'_>, name: &str) -> Result<u32, ReadError> {
    attribute(start, name)?.map_or(Ok(1), |text| parsed(name, &text))
}

fn parsed(name: &str, text: &str) -> Result<u32, ReadError> {
    let number = text.trim().parse();
    number.map_err(|_| ReadError::Damaged(format!("{name} is {text:?}")))
}
