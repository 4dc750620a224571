//! Prints a plan on standard output or writes it to a file: as a table for people; as JSON, YAML, CSV, XLSX or ODS for
//! programs.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use super::error::BulkError;
use super::input_facts::InputFacts;
use super::planned::{Planned, Summary, Verdict};
use super::result::escape_formula;
use super::row_store::BadRows;
use super::sheet::{Cell, Format as SheetFormat, Kind, ResultWriter};
use crate::cli::{CliError, Column, Context, Format, List, Tone, Ui, column, csv_column};

const COLUMNS: &[Column] = &[
    column("row", "Row"),
    column("verdict", "Verdict"),
    column("common_name", "Common name"),
    column("message", "Why"),
    csv_column("column"),
    csv_column("subject_alt_names"),
    csv_column("profile_id"),
    csv_column("term"),
    csv_column("key_type"),
    csv_column("id"),
    csv_column("config"),
];

/// Receives the rows of a plan one after the other.
pub struct Report<'ui> {
    ui: &'ui Ui,
    body: Body<'ui>,
    rows: usize,
    /// Bad rows whose messages are cut in a narrow table.
    cut: BadRows,
}

enum Body<'ui> {
    List(List<'ui>),
    Json,
    Yaml,
    File(Box<ResultWriter>, Destination),
}

/// The destination of a plan that is written as a file.
enum Destination {
    Named,
    /// Standard output. A workbook cannot be streamed, so it is first written to a file in a temporary folder.
    Output(tempfile::TempDir, PathBuf),
}

impl<'ui> Report<'ui> {
    /// `out` is the path of a file; its ending (CSV, XLSX or ODS) determines the format.
    pub fn new(context: &'ui Context, out: Option<&Path>) -> Result<Self, CliError> {
        let ui = &context.ui;
        let body = match (out, ui.format()) {
            (Some(path), _) => Body::file(path, Destination::Named)?,
            (None, Format::Xlsx) => {
                if ui.shows() {
                    return Err(CliError::usage("a workbook is no text for a terminal")
                        .hinted("name a file with --out plan.xlsx, or redirect the output"));
                }
                let folder = tempfile::tempdir()?;
                let path = folder.path().join("plan.xlsx");
                Body::file(&path.clone(), Destination::Output(folder, path))?
            }
            (None, Format::Json) => Body::Json,
            (None, Format::Yaml) => Body::Yaml,
            (None, Format::Table | Format::Csv) => Body::List(List::new(ui, COLUMNS)),
        };
        Ok(Self {
            ui,
            body,
            rows: 0,
            cut: BadRows::default(),
        })
    }

    pub fn row(&mut self, planned: &Planned) -> Result<(), CliError> {
        let narrow = self.ui.width().is_some() && matches!(self.body, Body::List(_));
        if narrow && self.ui.format() == Format::Table && planned.verdict.is_bad() {
            self.cut
                .add(planned.row, planned.verdict.as_str(), &planned.message);
        }
        self.value(planned, tone(planned.verdict))
    }

    /// Adds a row of another type that has the same members as [`Planned`].
    pub fn value(&mut self, row: &impl Serialize, tone: Tone) -> Result<(), CliError> {
        let failed = |why: serde_json::Error| CliError::failed(why.to_string());
        match &mut self.body {
            Body::List(list) => {
                let row = if self.ui.format() == Format::Csv {
                    guarded(serde_json::to_value(row).map_err(failed)?)
                } else {
                    serde_json::to_value(row).map_err(failed)?
                };
                list.push(
                    &row,
                    |key| if key == "verdict" { tone } else { Tone::Plain },
                )?;
            }
            Body::Json => {
                let before = if self.rows == 0 {
                    "{\"rows\":[\n  "
                } else {
                    ",\n  "
                };
                self.ui.data(before.as_bytes())?;
                self.ui.data(&serde_json::to_vec(row).map_err(failed)?)?;
            }
            Body::Yaml => {
                if self.rows == 0 {
                    self.ui.data(b"rows:\n")?;
                }
                self.ui.data(yaml(&[row])?.as_bytes())?;
            }
            Body::File(writer, _) => {
                let row = serde_json::to_value(row).map_err(failed)?;
                writer.row(&cells(&row)).map_err(BulkError::from)?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends the report with the counts.
    pub fn end(self, facts: &InputFacts, summary: &Value, words: &str) -> Result<(), CliError> {
        match self.body {
            Body::List(list) => {
                // A table may leave out the rows that need no attention, so an empty table does not mean an empty file.
                let of_file = summary.get("rows").and_then(Value::as_u64);
                if self.rows > 0 || of_file == Some(0) || self.ui.format() != Format::Table {
                    list.end("The file has no rows")?;
                }
                match self.ui.format() {
                    Format::Table => {
                        self.ui.line(words)?;
                        self.ui.flush()?;
                        self.cut.tell(self.ui, "the plan of -o json or --out");
                    }
                    _ => self.ui.status(words),
                }
            }
            Body::Json => {
                let before = if self.rows == 0 { "{\"rows\":[" } else { "\n" };
                self.ui.data(before.as_bytes())?;
                self.ui.line(&format!(
                    "],\"input\":{},\"summary\":{summary}}}",
                    facts.to_json()
                ))?;
            }
            Body::Yaml => {
                if self.rows == 0 {
                    self.ui.data(b"rows: []\n")?;
                }
                self.ui
                    .data(yaml(&json!({ "input": facts, "summary": summary }))?.as_bytes())?;
            }
            Body::File(writer, destination) => {
                writer.finish().map_err(BulkError::from)?;
                if let Destination::Output(_folder, path) = destination {
                    let bytes = std::fs::read(&path).map_err(|why| CliError::file(&path, &why))?;
                    self.ui.data(&bytes)?;
                }
                self.ui.status(words);
            }
        }
        self.ui.flush()
    }
}

impl Body<'_> {
    fn file(path: &Path, destination: Destination) -> Result<Self, CliError> {
        let format = sheet_format(path)?;
        let mut writer = ResultWriter::create(path, &format).map_err(BulkError::from)?;
        let header: Vec<Cell> = COLUMNS
            .iter()
            .map(|column| Cell::text(column.key))
            .collect();
        writer.row(&header).map_err(BulkError::from)?;
        Ok(Self::File(Box::new(writer), destination))
    }
}

/// The format for the ending of a file name.
pub fn sheet_format(path: &Path) -> Result<SheetFormat, CliError> {
    let sheet = || "Plan".to_owned();
    let ending = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    match ending.as_str() {
        "csv" => Ok(SheetFormat::Csv(Default::default())),
        "xlsx" => Ok(SheetFormat::Xlsx { sheet: sheet() }),
        "ods" => Ok(SheetFormat::Ods { sheet: sheet() }),
        _ => Err(CliError::usage(format!(
            "{}: the file's ending must be .csv, .xlsx or .ods",
            path.display()
        ))),
    }
}

pub fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::New => Tone::Good,
        Verdict::Exists => Tone::Dim,
        Verdict::Duplicate => Tone::Warn,
        Verdict::Invalid | Verdict::Denied => Tone::Bad,
    }
}

/// `40 rows: 38 new, 1 exists, 1 invalid; 38 orders would be placed`.
pub fn words(summary: &Summary) -> String {
    format!("{}; {} would be placed", counts(summary), orders(summary))
}

/// `38 orders`.
pub fn orders(summary: &Summary) -> String {
    several(summary.of(Verdict::New), "order")
}

/// `40 rows: 38 new, 1 exists, 1 invalid`.
pub fn counts(summary: &Summary) -> String {
    let counts: Vec<String> = Verdict::ALL
        .iter()
        .filter(|verdict| summary.of(**verdict) > 0)
        .map(|verdict| format!("{} {}", summary.of(*verdict), verdict.as_str()))
        .collect();
    format!(
        "{}: {}",
        several(summary.rows(), "row"),
        if counts.is_empty() {
            "nothing in it".to_owned()
        } else {
            counts.join(", ")
        },
    )
}

/// `1 row`, `2 rows`.
pub fn several(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn cells(row: &Value) -> Vec<Cell> {
    COLUMNS
        .iter()
        .map(|column| {
            let value = row.get(column.key).unwrap_or(&Value::Null);
            Cell {
                text: match value {
                    Value::Number(number) => number.to_string(),
                    other => escape_formula(&crate::cli::plain(other)),
                },
                kind: if value.is_number() {
                    Kind::Number
                } else {
                    Kind::Text
                },
                ..Cell::default()
            }
        })
        .collect()
}

/// Escapes the texts of a row that a spreadsheet would take for formulas.
fn guarded(mut row: Value) -> Value {
    if let Value::Object(members) = &mut row {
        for value in members.values_mut() {
            if let Value::String(text) = value {
                *text = escape_formula(text);
            }
        }
    }
    row
}

fn yaml(value: &impl Serialize) -> Result<String, CliError> {
    serde_saphyr::to_string(value).map_err(|why| CliError::failed(why.to_string()))
}
