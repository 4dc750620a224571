//! Writes results into a copy of the workbook from which the rows were read. Only cells of one sheet change; other
//! sheets, text formats, widths, drop-downs, notes and filters stay as they are.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::place;
use super::workbook::{Archive, Workbook, index_of, part};
use crate::cli::bulk::sheet::edits::Edits;
use crate::cli::bulk::sheet::xml::{Xml, attribute, ends_early, is};
use crate::cli::bulk::sheet::{Cell, ReadError, SharedFile, column_letters};

/// The content type of a workbook that has no macros and is not a template. Other workbooks need another file ending.
const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";

/// The part that contains a sheet. `None` when the copy could not have the ending `.xlsx`.
pub(in crate::cli::bulk::sheet) fn part_of(
    base: SharedFile,
    sheet: &str,
) -> io::Result<Option<String>> {
    let mut archive = ZipArchive::new(BufReader::new(base))?;
    let mut types = String::new();
    match archive.by_name("[Content_Types].xml") {
        Ok(part) => part.take(1 << 20).read_to_string(&mut types)?,
        Err(_) => return Ok(None),
    };
    let book = Workbook::read(&mut archive).map_err(io::Error::other)?;
    let found = book.sheets.into_iter().find(|(tab, _)| tab.name == sheet);
    let found = found.filter(|_| types.contains(WORKBOOK));
    Ok(found.map(|(_, part)| part))
}

/// Copies the workbook and adds the new cells.
pub(in crate::cli::bulk::sheet) fn copy(
    base: SharedFile,
    sheet: &str,
    edits: &mut Edits,
    to: &Path,
) -> io::Result<()> {
    let mut archive: Archive = ZipArchive::new(BufReader::new(base))?;
    let amended = index_of(&archive, sheet);
    let mut zip = ZipWriter::new(BufWriter::new(File::create(to)?));
    for index in 0..archive.len() {
        if Some(index) != amended {
            zip.raw_copy_file(archive.by_index_raw(index)?)?;
            continue;
        }
        let name = archive.by_index_raw(index)?.name()?.into_owned();
        zip.start_file(name, SimpleFileOptions::default())?;
        let mut copy = Copy {
            xml: Xml::new(part(&mut archive, sheet).map_err(io::Error::other)?),
            out: Writer::new(&mut zip),
            edits: &mut *edits,
            row: 0,
            prefix: String::new(),
        };
        copy.sheet().map_err(io::Error::other)?;
    }
    zip.finish()?.into_inner()?.sync_all()
}

/// Copies the sheet while reading it.
struct Copy<'a, R: BufRead, W: Write> {
    xml: Xml<R>,
    out: Writer<W>,
    edits: &'a mut Edits,
    row: u32,
    /// The namespace prefix of the elements: `x:` in `x:row`.
    prefix: String,
}

fn spill(error: io::Error) -> ReadError {
    ReadError::Damaged(error.to_string())
}

impl<R: BufRead, W: Write> Copy<'_, R, W> {
    fn sheet(&mut self) -> Result<(), ReadError> {
        let head = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
        self.out
            .get_mut()
            .write_all(head.as_bytes())
            .map_err(spill)?;
        let mut inside = false;
        loop {
            match self.xml.owned_event()? {
                Event::Decl(_) => {}
                // The dimension would be wrong in the copy. It is optional, so it is left out.
                Event::Empty(start) if is(&start, "dimension") => {}
                Event::Start(start) if is(&start, "dimension") => {
                    self.xml.text()?;
                }
                Event::Start(start) if is(&start, "sheetData") => {
                    inside = true;
                    self.write(Event::Start(start))?;
                }
                Event::End(end) if end.local_name().as_ref() == "sheetData" => {
                    inside = false;
                    self.new_rows(u32::MAX)?;
                    self.write(Event::End(end))?;
                }
                Event::Start(start) if inside && is(&start, "row") => self.one_row(start, false)?,
                Event::Empty(start) if inside && is(&start, "row") => self.one_row(start, true)?,
                Event::Eof => return Ok(()),
                event => self.write(event)?,
            }
        }
    }

    fn write(&mut self, event: Event<'_>) -> Result<(), ReadError> {
        self.out.write_event(event).map_err(spill)
    }

    fn one_row(&mut self, start: BytesStart<'_>, is_empty: bool) -> Result<(), ReadError> {
        let said = attribute(&start, "r")?.and_then(|text| text.trim().parse().ok());
        let number: u32 = said.unwrap_or(self.row.saturating_add(1));
        self.new_rows(number.saturating_sub(1))?;
        self.row = number;
        let name = start.name().as_ref().to_owned();
        self.prefix = name.strip_suffix("row").unwrap_or_default().to_owned();
        let Some(edit) = self.edits.take_up_to(number).map_err(spill)? else {
            return self.write(if is_empty {
                Event::Empty(start)
            } else {
                Event::Start(start)
            });
        };
        // Leave out `spans`: with the new cells it would be wrong.
        let mut head = BytesStart::new(name.as_str());
        for one in start.attributes() {
            let one = one.map_err(|error| ReadError::Damaged(error.to_string()))?;
            if one.key.as_ref() != "spans" {
                head.push_attribute(one);
            }
        }
        self.write(Event::Start(head))?;
        let mut new = edit.into_cells().peekable();
        let mut style = None;
        if !is_empty {
            let mut column = 0;
            loop {
                let event = self.xml.owned_event()?;
                let (Event::Start(cell) | Event::Empty(cell)) = &event else {
                    match event {
                        Event::End(_) => break,
                        Event::Eof => return Err(ends_early()),
                        event => self.write(event)?,
                    }
                    continue;
                };
                let has_content = matches!(event, Event::Start(_));
                if is(cell, "c") {
                    let said = attribute(cell, "r")?;
                    column = match said.as_deref().map(place) {
                        Some(Some((_, column))) => column,
                        _ => column,
                    };
                    while let Some(before) = new.next_if(|new| new.0 < column) {
                        self.cell(&before, style)?;
                    }
                    style = attribute(cell, "s")?.and_then(|text| text.trim().parse().ok());
                    let mine = new.next_if(|new| new.0 == column);
                    column += 1;
                    if let Some(mine) = mine {
                        if has_content {
                            self.xml.rest_of_element(|_, _| Ok(()))?;
                        }
                        self.cell_with_style(&mine, style)?;
                        continue;
                    }
                }
                self.write(event)?;
                if has_content {
                    let out = &mut self.out;
                    self.xml
                        .rest_of_element(|event, _| out.write_event(event).map_err(spill))?;
                }
            }
        }
        for cell in new {
            self.cell(&cell, style)?;
        }
        self.write(Event::End(BytesEnd::new(name)))
    }

    /// Writes a new cell. In the header row it gets the style of its neighbour.
    fn cell(&mut self, cell: &(usize, Cell), style: Option<u32>) -> Result<(), ReadError> {
        if cell.1.text.is_empty() {
            return Ok(());
        }
        let style = style.filter(|_| self.row == self.edits.header_row);
        self.cell_with_style(cell, style)
    }

    fn cell_with_style(
        &mut self,
        (column, new): &(usize, Cell),
        style: Option<u32>,
    ) -> Result<(), ReadError> {
        let name = |local: &str| format!("{}{local}", self.prefix);
        let mut cell = BytesStart::new(name("c"));
        let at = format!("{}{}", column_letters(*column), self.row);
        cell.push_attribute(("r", at.as_str()));
        if let Some(style) = style {
            cell.push_attribute(("s", style.to_string().as_str()));
        }
        if new.text.is_empty() {
            return self.write(Event::Empty(cell));
        }
        // Characters that XML does not allow become spaces. Excel allows 32,767 characters in a cell.
        let text: String = new
            .text
            .chars()
            .map(|c| match c {
                '\n' | '\t' => c,
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => ' ',
                c => c,
            })
            .take(32_767)
            .collect();
        let (value, inline, inner) = (name("v"), name("is"), name("t"));
        let end = Event::End(BytesEnd::new(name("c")));
        if new.as_number().is_some() {
            self.write(Event::Start(cell))?;
            self.write(Event::Start(BytesStart::new(value.as_str())))?;
            self.write(Event::Text(BytesText::new(&text)))?;
            self.write(Event::End(BytesEnd::new(value.as_str())))?;
            return self.write(end);
        }
        cell.push_attribute(("t", "inlineStr"));
        self.write(Event::Start(cell))?;
        self.write(Event::Start(BytesStart::new(inline.as_str())))?;
        let mut start = BytesStart::new(inner.as_str());
        start.push_attribute(("xml:space", "preserve"));
        self.write(Event::Start(start))?;
        self.write(Event::Text(BytesText::new(&text)))?;
        self.write(Event::End(BytesEnd::new(inner.as_str())))?;
        self.write(Event::End(BytesEnd::new(inline.as_str())))?;
        self.write(end)
    }

    /// Adds the rows up to `last` that the sheet does not have.
    fn new_rows(&mut self, last: u32) -> Result<(), ReadError> {
        while let Some(edit) = self.edits.take_up_to(last).map_err(spill)? {
            self.row = edit.row;
            let name = format!("{}row", self.prefix);
            let mut start = BytesStart::new(name.as_str());
            start.push_attribute(("r", self.row.to_string().as_str()));
            self.write(Event::Start(start))?;
            for cell in edit.into_cells() {
                self.cell(&cell, None)?;
            }
            self.write(Event::End(BytesEnd::new(name.as_str())))?;
        }
        Ok(())
    }
}
