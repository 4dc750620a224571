//! Excel workbooks, read cell by cell through calamine.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;

use calamine::{Data, DataRef, ExcelDateTime, Reader, Style, Xlsx, XlsxError};

use super::merged::Merged;
use super::{Cell, Format, Kind, ReadError, ReadOptions, Row, Sheet};

const MOST_CELLS: u32 = 16_384;

pub(super) fn open(file: File, options: &ReadOptions) -> Result<Sheet, ReadError> {
    let mut workbook = Xlsx::new(BufReader::new(file)).map_err(damaged)?;
    let names = workbook.sheet_names();
    let name = choose(&names, options)?;
    let merged = workbook
        .merge_cells_by_sheet_name(&name)
        .map_err(damaged)?
        .into_iter()
        .filter(|area| area.end.0 > area.start.0)
        .map(|area| (area.start, area.end.0 + 1))
        .collect();
    let format = Format::Xlsx {
        sheet: name.clone(),
    };
    Ok(Sheet::start(format, Vec::new(), move |wanted| {
        read(&mut workbook, &name, merged, wanted)
    }))
}

/// The sheet that was asked for, whatever its case, or the first one.
pub(super) fn choose(names: &[String], options: &ReadOptions) -> Result<String, ReadError> {
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

fn damaged(error: XlsxError) -> ReadError {
    ReadError::Damaged(error.to_string())
}

fn read(
    workbook: &mut Xlsx<BufReader<File>>,
    name: &str,
    merged: HashMap<(u32, u32), u32>,
    wanted: &mut dyn FnMut(Row) -> bool,
) -> Result<(), ReadError> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(damaged)?;
    let mut down = Merged::default();
    let mut row = Row::default();
    loop {
        let next = cells.next_cell_with_style_id().map_err(damaged)?;
        let number = next.as_ref().map(|(cell, _)| cell.get_position().0 + 1);
        if number != Some(row.number) && row.number > 0 {
            let mut done = std::mem::take(&mut row);
            down.fill(&mut done);
            if !wanted(done) {
                return Ok(());
            }
        }
        let Some((found, style)) = next else {
            return Ok(());
        };
        let (at_row, column) = found.get_position();
        if column >= MOST_CELLS {
            return Err(ReadError::TooLarge {
                row: at_row + 1,
                what: "the row has more than 16,384 cells",
            });
        }
        let cell = cell(found.get_value(), cells.styles().get(style));
        if let Some(&last_row) = merged.get(&(at_row, column)) {
            down.begin(column, last_row, &cell);
        }
        row.number = at_row + 1;
        let column = column as usize;
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Cell::default());
        }
        row.cells[column] = cell;
    }
}

fn cell(value: &DataRef<'_>, style: Option<&Style>) -> Cell {
    let of = |kind, text: String| Cell { text, kind };
    match value {
        DataRef::Empty => Cell::default(),
        DataRef::SharedString(text) => Cell::text(*text),
        DataRef::String(text) => Cell::text(text.as_str()),
        DataRef::Int(number) => of(Kind::Number, pad(number.to_string(), style)),
        DataRef::Float(number) => of(Kind::Number, pad(number.to_string(), style)),
        DataRef::Bool(yes) => of(Kind::Bool, yes.to_string()),
        DataRef::DateTime(date) => of(Kind::Date, date_text(date)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => of(Kind::Date, text.clone()),
        DataRef::Error(error) => of(Kind::Error, Data::Error(error.clone()).to_string()),
    }
}

/// A number shown with leading zeros (format `00000`) is read as it is shown.
fn pad(digits: String, style: Option<&Style>) -> String {
    let zeros = style
        .and_then(|style| style.number_format.as_ref())
        .map(|format| format.format_code.as_str())
        .filter(|code| code.len() <= 32 && code.bytes().all(|byte| byte == b'0'));
    match zeros {
        Some(code) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{digits:0>width$}", width = code.len())
        }
        _ => digits,
    }
}

fn date_text(date: &ExcelDateTime) -> String {
    if date.is_duration() {
        return date.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}
