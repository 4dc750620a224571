//! Writes data to standard output in the requested form: a table for people; JSON, YAML or CSV for programs.

use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::CliError;
use super::table::Layout;
use super::ui::{Format, Tone, Ui, clean};
use svpki_types::text::{for_spreadsheet, for_terminal, json_for_terminal};

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The member of the JSON object, and the header in CSV.
    pub key: &'static str,
    /// The header in a table. An empty title keeps the column out of tables.
    pub title: &'static str,
    pub in_csv: bool,
}

/// A column of tables and CSV.
pub const fn column(key: &'static str, title: &'static str) -> Column {
    Column {
        key,
        title,
        in_csv: true,
    }
}

/// A column that only tables have, because it only shortens another column.
pub const fn table_column(key: &'static str, title: &'static str) -> Column {
    Column {
        key,
        title,
        in_csv: false,
    }
}

/// A column that only CSV has.
pub const fn csv_column(key: &'static str) -> Column {
    Column {
        key,
        title: "",
        in_csv: true,
    }
}

/// A labelled value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    label: &'a str,
    value: String,
    tone: Tone,
}

/// A field of a record. An empty value is left out.
pub fn field(label: &str, value: impl ToString) -> Field<'_> {
    toned(label, value, Tone::Plain)
}

pub fn toned(label: &str, value: impl ToString, tone: Tone) -> Field<'_> {
    Field {
        label,
        value: value.to_string(),
        tone,
    }
}

/// Writes a record: labels and values as a table, and the whole of `data` in all other formats.
pub fn record(ui: &Ui, fields: &[Field<'_>], data: &impl Serialize) -> Result<(), CliError> {
    let data = to_value(data)?;
    match ui.format() {
        Format::Table => {
            let fields = fields.iter().filter(|field| !field.value.is_empty());
            let widest = fields
                .clone()
                .map(|field| field.label.width())
                .max()
                .unwrap_or_default();
            for Field { label, value, tone } in fields {
                let pad = " ".repeat(widest - label.width() + 2);
                let value = clean(value.trim_end());
                let mut lines = value.lines();
                let first = ui.paint(*tone, lines.next().unwrap_or_default());
                ui.line(&format!("{}{pad}{first}", ui.paint(Tone::Dim, label)))?;
                for line in lines {
                    ui.line(&format!("{:widest$}  {}", "", ui.paint(*tone, line)))?;
                }
            }
        }
        Format::Json => ui.line(&json_for_terminal(&pretty(&data)?))?,
        Format::Yaml => text(ui, &yaml(&data)?)?,
        Format::Csv | Format::Xlsx => {
            let Value::Object(members) = &data else {
                return Ok(());
            };
            csv_row(ui, members.keys().map(String::as_str))?;
            csv_row(ui, members.values().map(csv_cell))?;
        }
    }
    ui.flush()
}

/// Writes a list row by row, so that it can be of any length.
pub struct List<'ui> {
    ui: &'ui Ui,
    columns: &'static [Column],
    /// The first rows of a table, from which the layout is computed.
    waiting: Vec<Row>,
    layout: Option<Layout>,
    rows: usize,
}

struct Row {
    cells: Vec<String>,
    tones: Vec<Tone>,
}

/// The most rows from which the layout is computed.
const LOOK_AHEAD: usize = 200;

impl<'ui> List<'ui> {
    pub fn new(ui: &'ui Ui, columns: &'static [Column]) -> Self {
        Self {
            ui,
            columns,
            waiting: Vec::new(),
            layout: None,
            rows: 0,
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row. Tables and CSV take the columns' members from `data`; `tone` returns the colour for a column's key.
    pub fn push(
        &mut self,
        data: &impl Serialize,
        tone: impl Fn(&str) -> Tone,
    ) -> Result<(), CliError> {
        let data = to_value(data)?;
        let member = |column: &Column| plain(data.get(column.key).unwrap_or(&Value::Null));
        match self.ui.format() {
            Format::Table => {
                let shown = self
                    .columns
                    .iter()
                    .filter(|column| !column.title.is_empty());
                let (cells, tones) = shown
                    .map(|column| (member(column), tone(column.key)))
                    .unzip();
                self.waiting.push(Row { cells, tones });
                if self.layout.is_some() || self.waiting.len() >= LOOK_AHEAD {
                    self.write_waiting()?;
                }
            }
            Format::Json => {
                let before = if self.rows == 0 { "[\n  " } else { ",\n  " };
                self.ui.data(before.as_bytes())?;
                self.ui
                    .data(json_for_terminal(&data.to_string()).as_bytes())?;
            }
            Format::Yaml => text(self.ui, &yaml(&[&data])?)?,
            Format::Csv | Format::Xlsx => {
                if self.rows == 0 {
                    csv_row(self.ui, self.csv().map(|column| column.key))?;
                }
                let cell = |column: &Column| csv_cell(data.get(column.key).unwrap_or(&Value::Null));
                csv_row(self.ui, self.csv().map(cell))?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Writes all rows so far. To be called at the end of a page.
    pub fn flush(&mut self) -> Result<(), CliError> {
        self.write_waiting()?;
        self.ui.flush()
    }

    /// Ends the list. For an empty table it prints only the message `nothing`, on standard error.
    pub fn end(mut self, nothing: &str) -> Result<(), CliError> {
        match self.ui.format() {
            Format::Table if self.rows == 0 => self.ui.status(nothing),
            Format::Table => self.write_waiting()?,
            Format::Json if self.rows == 0 => self.ui.line("[]")?,
            Format::Json => self.ui.line("\n]")?,
            Format::Yaml if self.rows == 0 => self.ui.line("[]")?,
            Format::Csv | Format::Xlsx if self.rows == 0 => {
                csv_row(self.ui, self.csv().map(|column| column.key))?;
            }
            Format::Yaml | Format::Csv | Format::Xlsx => {}
        }
        self.ui.flush()
    }

    fn csv(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(|column| column.in_csv)
    }

    fn write_waiting(&mut self) -> Result<(), CliError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let layout = match self.layout.take() {
            Some(layout) => layout,
            None => {
                let titles = self
                    .columns
                    .iter()
                    .filter(|column| !column.title.is_empty());
                let head: Vec<String> = titles.map(|column| column.title.to_owned()).collect();
                let mut all = vec![head.clone()];
                all.extend(self.waiting.iter().map(|row| row.cells.clone()));
                let layout = Layout::fit(&all, self.ui.width());
                let head: String = (0..layout.columns())
                    .map(|i| layout.cell(i, &head[i]))
                    .collect();
                self.ui
                    .line(&self.ui.paint(Tone::Strong, head.trim_end()))?;
                layout
            }
        };
        for row in self.waiting.drain(..) {
            let line: String = (0..layout.columns())
                .map(|i| {
                    let cell = layout.cell(i, &row.cells[i]);
                    let text = cell.trim_end();
                    format!(
                        "{}{}",
                        self.ui.paint(row.tones[i], text),
                        &cell[text.len()..]
                    )
                })
                .collect();
            self.ui.line(line.trim_end())?;
        }
        self.layout = Some(layout);
        Ok(())
    }
}

/// A value as text for one cell: the items of a list are separated by spaces, and null is empty.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| format!("{key}={}", plain(value)))
            .collect::<Vec<_>>()
            .join(" "),
        other => other.to_string(),
    }
}

/// The day of an RFC 3339 time.
pub fn day(time: &str) -> String {
    time.split('T').next().unwrap_or_default().to_owned()
}

/// `1 certificate`, `2 certificates`.
pub fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

pub fn pretty(value: &Value) -> Result<String, CliError> {
    serde_json::to_string_pretty(value).map_err(|why| CliError::failed(why.to_string()))
}

fn yaml(value: &impl Serialize) -> Result<String, CliError> {
    let text = serde_saphyr::to_string(value).map_err(|why| CliError::failed(why.to_string()))?;
    Ok(if text.ends_with('\n') {
        text
    } else {
        format!("{text}\n")
    })
}

fn to_value(data: &impl Serialize) -> Result<Value, CliError> {
    serde_json::to_value(data).map_err(|why| CliError::failed(why.to_string()))
}

fn csv_row<T: AsRef<[u8]>>(ui: &Ui, cells: impl Iterator<Item = T>) -> Result<(), CliError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |why: csv::Error| CliError::failed(why.to_string());
    writer.write_record(cells).map_err(failed)?;
    let bytes = writer
        .into_inner()
        .map_err(|why| CliError::failed(why.to_string()))?;
    text(ui, &String::from_utf8_lossy(&bytes))
}

/// A value in CSV. Numbers stay numbers; texts must not become formulas.
fn csv_cell(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        other => for_spreadsheet(&plain(other)).into_owned(),
    }
}

/// Writes text unchanged for programs, and without control characters on a terminal.
fn text(ui: &Ui, text: &str) -> Result<(), CliError> {
    if ui.shows() {
        return ui.data(for_terminal(text).as_bytes());
    }
    ui.data(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells() {
        assert_eq!(plain(&json!(["a", 1, null])), "a 1 ");
        assert_eq!(plain(&json!({"a": true})), "a=true");
        assert_eq!(day("2027-01-02T03:04:05Z"), "2027-01-02");
        assert_eq!(day(""), "");
    }
}
