//! The file that a bulk verb works on: its header found, its rows in order.

use std::path::Path;
use std::sync::Arc;

use super::columns::{Columns, HeaderError, ROWS_TO_SEARCH};
use super::error::BulkError;
use super::sheet::{Format, ReadError, ReadOptions, Row, Sheet, column_letters};

/// An open file whose columns are understood.
pub struct Input {
    pub columns: Arc<Columns>,
    pub format: Format,
    /// What the operator must know before the first row.
    pub notices: Vec<String>,
    /// The first cell that stands under no header, and its row.
    pub stray: Option<(usize, u32)>,
    sheet: Sheet,
}

impl Input {
    pub async fn open(path: &Path, options: &ReadOptions) -> Result<Self, BulkError> {
        let mut sheet = open(path, options).await?;
        let mut above = Vec::new();
        let columns = loop {
            match sheet.next().await.transpose()? {
                Some(row) => match Columns::of(&row)? {
                    Some(columns) => break columns,
                    None => above.push(row),
                },
                None => break portal_form(&above)?,
            }
            if above.len() >= ROWS_TO_SEARCH {
                break portal_form(&above)?;
            }
        };
        let mut notices = sheet.warnings.clone();
        notices.extend(columns.notices());
        if columns.headless {
            // The rows that were looked at are data: read the file again from its beginning.
            sheet = open(path, options).await?;
        } else if let Some(title) = above.first() {
            notices.push(format!(
                "row {} and what follows it above the header are a title and were passed over",
                title.number
            ));
        }
        Ok(Self {
            columns: Arc::new(columns),
            format: sheet.format.clone(),
            notices,
            stray: None,
            sheet,
        })
    }

    /// The next row of data, as wide as the header.
    pub async fn next(&mut self) -> Result<Option<Row>, BulkError> {
        let Some(mut row) = self.sheet.next().await.transpose()? else {
            return Ok(None);
        };
        if self.stray.is_none() {
            let stray = row
                .cells
                .iter()
                .enumerate()
                .find(|(index, cell)| !cell.is_blank() && !self.columns.has_header(*index));
            self.stray = stray.map(|(index, _)| (index, row.number));
        }
        row.cells.truncate(self.columns.width());
        Ok(Some(row))
    }

    /// What stands under no header is said, once the rows were read.
    pub fn stray_notice(&self) -> Option<String> {
        let (index, row) = self.stray?;
        Some(format!(
            "column {} has no header and is not used, but something stands in it (row {row})",
            column_letters(index)
        ))
    }
}

/// Opening a workbook unpacks it once: not work for an asynchronous thread.
async fn open(path: &Path, options: &ReadOptions) -> Result<Sheet, BulkError> {
    let (path, options) = (path.to_owned(), options.clone());
    tokio::task::spawn_blocking(move || Sheet::open(&path, &options))
        .await
        .unwrap_or_else(|panic| Err(ReadError::Damaged(panic.to_string())))
        .map_err(BulkError::from)
}

fn portal_form(above: &[Row]) -> Result<Columns, HeaderError> {
    above
        .first()
        .and_then(Columns::headless)
        .ok_or(HeaderError::Missing)
}
