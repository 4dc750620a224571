//! Facts about the input file, shown to people and written as JSON.

use serde::Serialize;
use serde_json::Value;

use super::input::Input;
use super::sheet::column_letters;
use crate::cli::Context;

/// The sheet, the row of its header, and the field that each column feeds.
#[derive(Debug, Default, Serialize)]
pub struct InputFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header_row: Option<u32>,
    columns: Vec<ColumnFact>,
    warnings: Vec<String>,
    /// The number of columns that have content, including those without a header.
    #[serde(skip)]
    pub width: usize,
}

#[derive(Debug, Serialize)]
struct ColumnFact {
    column: String,
    header: String,
    field: String,
}

impl InputFacts {
    pub fn of(input: &Input) -> Self {
        let columns = &input.columns;
        Self {
            sheet: input.format.sheet().map(str::to_owned),
            header_row: Some(columns.header_row).filter(|row| *row > 0),
            columns: columns
                .known
                .iter()
                .map(|column| ColumnFact {
                    column: column_letters(column.index),
                    header: column.header.clone(),
                    field: column.field.parameter().to_owned(),
                })
                .collect(),
            warnings: input.notices.clone(),
            width: 0,
        }
    }

    /// Shows the facts that are known before the rows are read.
    pub fn tell(&self, context: &Context) {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|one| {
                let header = one.header.lines().next().unwrap_or_default();
                format!("{} {header:?} → {}", one.column, one.field)
            })
            .collect();
        let place = match (&self.sheet, self.header_row) {
            (Some(sheet), Some(row)) => format!("sheet {sheet:?}, header in row {row}; "),
            (Some(sheet), None) => format!("sheet {sheet:?}; "),
            (None, Some(row)) if row > 1 => format!("header in row {row}; "),
            _ => String::new(),
        };
        context
            .ui
            .status(&format!("{place}columns: {}", columns.join(", ")));
        context.ui.warnings(&self.warnings);
    }

    /// Shows what was noticed while the rows were read.
    pub fn tell_late(&mut self, context: &Context, input: &Input) {
        let late = input.late_notices();
        context.ui.warnings(&late);
        self.warnings.extend(late);
        self.width = input.width;
    }

    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
