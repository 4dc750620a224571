//! Writes results into a copy of the OpenDocument spreadsheet from which the rows were read. Only cells of one table
//! change; other tables, styles, widths and drop-downs stay as they are.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use quick_xml::Writer;
use quick_xml::events::{BytesStart, Event};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{cell, content, count, is_cell};
use crate::cli::bulk::sheet::edits::{Edits, RowEdit};
use crate::cli::bulk::sheet::xml::{Xml, attribute, ends_early, is};
use crate::cli::bulk::sheet::{Cell, ReadError, SharedFile};

const CONTENT: &str = "content.xml";

/// Whether the spreadsheet can be copied. A flat document (`.fods`) cannot: its result is written as a new archive.
pub(in crate::cli::bulk::sheet) fn can_copy(base: SharedFile) -> bool {
    let archive = ZipArchive::new(BufReader::new(base));
    archive.is_ok_and(|archive| archive.index_for_name(CONTENT).is_some())
}

/// Copies the spreadsheet and adds the new cells.
pub(in crate::cli::bulk::sheet) fn copy(
    base: SharedFile,
    table: &str,
    edits: &mut Edits,
    to: &Path,
) -> io::Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(base))?;
    let mut zip = ZipWriter::new(BufWriter::new(File::create(to)?));
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index)?;
        if part.name()? != CONTENT {
            zip.raw_copy_file(part)?;
            continue;
        }
        drop(part);
        zip.start_file(CONTENT, SimpleFileOptions::default())?;
        let mut copy = Copy {
            xml: content(&mut archive).map_err(io::Error::other)?,
            out: Writer::new(&mut zip),
            edits: &mut *edits,
            row: 1,
        };
        copy.document(table).map_err(io::Error::other)?;
    }
    zip.finish()?.into_inner()?.sync_all()
}

/// Copies the document while reading it.
struct Copy<'a, R: BufRead, W: Write> {
    xml: Xml<R>,
    out: Writer<W>,
    edits: &'a mut Edits,
    /// The number of the next row.
    row: u32,
}

/// A cell of a row, with the number of its repetitions.
struct Kept {
    start: BytesStart<'static>,
    /// The events up to and including the end of the cell. Empty for a cell without content.
    content: Vec<Event<'static>>,
    repeated: u32,
}

const REPEATED_CELLS: &str = "table:number-columns-repeated";
const REPEATED_ROWS: &str = "table:number-rows-repeated";

fn spill(error: io::Error) -> ReadError {
    ReadError::Damaged(error.to_string())
}

impl<R: BufRead, W: Write> Copy<'_, R, W> {
    fn document(&mut self, table: &str) -> Result<(), ReadError> {
        let head = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
        self.raw(head)?;
        let mut inside = false;
        loop {
            match self.xml.owned_event()? {
                Event::Decl(_) => {}
                Event::Start(start) if is(&start, "table") => {
                    inside = attribute(&start, "table:name")?.as_deref() == Some(table);
                    self.write(Event::Start(start))?;
                }
                Event::End(end) if inside && end.local_name().as_ref() == "table" => {
                    inside = false;
                    self.new_rows()?;
                    self.write(Event::End(end))?;
                }
                Event::Start(start) if inside && is(&start, "table-row") => {
                    self.rows(start, false)?;
                }
                Event::Empty(start) if inside && is(&start, "table-row") => {
                    self.rows(start, true)?;
                }
                Event::Eof => return Ok(()),
                event => self.write(event)?,
            }
        }
    }

    fn write(&mut self, event: Event<'_>) -> Result<(), ReadError> {
        self.out.write_event(event).map_err(spill)
    }

    fn raw(&mut self, text: &str) -> Result<(), ReadError> {
        self.out.get_mut().write_all(text.as_bytes()).map_err(spill)
    }

    /// Copies a row that may be repeated. Repetitions that get new cells are written one by one.
    fn rows(&mut self, start: BytesStart<'static>, is_empty: bool) -> Result<(), ReadError> {
        let repeated = count(&start, REPEATED_ROWS)?;
        let end = self.row.saturating_add(repeated);
        let next = self.edits.next_row().map_err(spill)?;
        if next.is_none_or(|next| next >= end) {
            self.row = end;
            if is_empty {
                return self.write(Event::Empty(start));
            }
            self.write(Event::Start(start))?;
            let out = &mut self.out;
            return self
                .xml
                .rest_of_element(|event, _| out.write_event(event).map_err(spill));
        }
        let cells = if is_empty { Vec::new() } else { self.cells()? };
        while self.row < end {
            let next = self.edits.next_row().map_err(spill)?;
            let until = next.map_or(end, |next| next.clamp(self.row, end));
            if until > self.row {
                self.row(&start, until - self.row, &cells, None)?;
                self.row = until;
                continue;
            }
            let edit = self.edits.take_up_to(self.row).map_err(spill)?;
            self.row(&start, 1, &cells, edit)?;
            self.row += 1;
        }
        Ok(())
    }

    fn cells(&mut self) -> Result<Vec<Kept>, ReadError> {
        let mut cells = Vec::new();
        loop {
            let mut content = Vec::new();
            let start = match self.xml.owned_event()? {
                Event::Start(start) => {
                    self.xml.rest_of_element(|event, _| {
                        content.push(event.into_owned());
                        Ok(())
                    })?;
                    start
                }
                Event::Empty(start) => start,
                Event::End(_) => return Ok(cells),
                Event::Eof => return Err(ends_early()),
                _ => continue,
            };
            if is_cell(&start) {
                let repeated = count(&start, REPEATED_CELLS)?;
                cells.push(Kept {
                    start,
                    content,
                    repeated,
                });
            }
        }
    }

    fn row(
        &mut self,
        start: &BytesStart<'_>,
        repeated: u32,
        cells: &[Kept],
        edit: Option<RowEdit>,
    ) -> Result<(), ReadError> {
        self.write(Event::Start(with_count(start, REPEATED_ROWS, repeated)?))?;
        let is_header = self.row == self.edits.header_row;
        let new = edit.map(RowEdit::into_cells).into_iter().flatten();
        let mut new = new.peekable();
        let (mut column, mut style) = (0, String::new());
        for kept in cells {
            let end = column + kept.repeated as usize;
            while column < end {
                let next = new.peek().map_or(end, |(next, _)| (*next).min(end));
                if next > column {
                    self.kept(kept, (next - column) as u32)?;
                    column = next;
                    continue;
                }
                style = style_of(&kept.start)?;
                if let Some((_, cell)) = new.next() {
                    self.raw(&cell::element(&cell, &style))?;
                }
                column += 1;
            }
            if !kept.content.is_empty() {
                style = style_of(&kept.start)?;
            }
        }
        for (at, cell) in new.filter(|(_, cell): &(usize, Cell)| !cell.text.is_empty()) {
            if at > column {
                let gap = at - column;
                self.raw(&format!(r#"<table:table-cell {REPEATED_CELLS}="{gap}"/>"#))?;
            }
            let style = if is_header { style.as_str() } else { "" };
            self.raw(&cell::element(&cell, style))?;
            column = at + 1;
        }
        self.raw("</table:table-row>")
    }

    fn kept(&mut self, kept: &Kept, repeated: u32) -> Result<(), ReadError> {
        let start = with_count(&kept.start, REPEATED_CELLS, repeated)?;
        if kept.content.is_empty() {
            return self.write(Event::Empty(start));
        }
        self.write(Event::Start(start))?;
        for event in &kept.content {
            self.write(event.borrow())?;
        }
        Ok(())
    }

    /// Adds rows after the last row of the table.
    fn new_rows(&mut self) -> Result<(), ReadError> {
        let start = BytesStart::new("table:table-row");
        while let Some(next) = self.edits.next_row().map_err(spill)? {
            if next > self.row {
                self.row(&start, next - self.row, &[], None)?;
                self.row = next;
            }
            let edit = self.edits.take_up_to(next).map_err(spill)?;
            self.row(&start, 1, &[], edit)?;
            self.row += 1;
        }
        Ok(())
    }
}

/// A copy of the tag with another number of repetitions.
fn with_count(
    start: &BytesStart<'_>,
    name: &str,
    repeated: u32,
) -> Result<BytesStart<'static>, ReadError> {
    let mut counted = BytesStart::new(start.name().as_ref().to_owned());
    for one in start.attributes() {
        let one = one.map_err(|error| ReadError::Damaged(error.to_string()))?;
        if one.key.as_ref() != name {
            counted.push_attribute(one);
        }
    }
    if repeated > 1 {
        counted.push_attribute((name, repeated.to_string().as_str()));
    }
    Ok(counted)
}

/// The style attribute of a cell.
fn style_of(start: &BytesStart<'_>) -> Result<String, ReadError> {
    let style = attribute(start, "table:style-name")?;
    Ok(style.map_or(String::new(), |style| {
        format!(r#" table:style-name="{}""#, cell::escape(&style))
    }))
}
