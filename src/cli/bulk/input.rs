//! The input file of a bulk verb: finds its header and reads its rows in order.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

use super::columns::{ColumnOptions, Columns, Field, HeaderError, ROWS_TO_SEARCH};
use super::error::BulkError;
use super::request::{Digest, digest};
use super::sheet::{Format, ReadError, ReadOptions, Row, SharedFile, Sheet, column_letters};
use super::spill::DiskMap;

/// A copy of the file as it was when the run began. People may save the sheet during a run; the plan, the orders and
/// the result must all come from the same content.
pub struct Source {
    /// The path as the operator gave it.
    pub path: PathBuf,
    pub options: ReadOptions,
    pub columns: ColumnOptions,
    copy: SharedFile,
    fingerprint: Digest,
    /// A reader from which no row was taken yet. It is kept because opening a workbook takes half of the time of
    /// reading it.
    opened: Mutex<Option<Input>>,
}

impl Source {
    /// Copies the file. The path `-` stands for standard input.
    pub fn open(
        path: &Path,
        options: ReadOptions,
        columns: ColumnOptions,
    ) -> Result<Self, BulkError> {
        let mut copy = tempfile::tempfile().map_err(BulkError::Spill)?;
        if path == Path::new("-") {
            io::copy(&mut io::stdin().lock(), &mut copy).map_err(BulkError::Spill)?;
        } else {
            let unreadable = |source| ReadError::Io {
                path: path.to_owned(),
                source,
            };
            let mut file = File::open(path).map_err(unreadable)?;
            io::copy(&mut file, &mut copy).map_err(unreadable)?;
        }
        let copy = SharedFile::from(copy);
        Ok(Self {
            fingerprint: fingerprint_of(copy.clone()).map_err(BulkError::Spill)?,
            path: path.to_owned(),
            options,
            columns,
            copy,
            opened: Mutex::default(),
        })
    }

    pub fn is_stdin(&self) -> bool {
        self.path == Path::new("-")
    }

    /// Whether the file still has the content that was copied.
    pub fn is_unchanged(&self) -> bool {
        self.is_stdin() || fingerprint(&self.path).is_ok_and(|now| now == self.fingerprint)
    }

    /// A reader of the rows as they were when the run began.
    pub async fn rows(&self) -> Result<Input, BulkError> {
        let opened = self.opened().take();
        match opened {
            Some(input) => Ok(input),
            None => Input::open(self).await,
        }
    }

    /// The columns and the format, which are known before the first row is read.
    pub async fn head(&self) -> Result<(Arc<Columns>, Format), BulkError> {
        let input = self.rows().await?;
        let head = (Arc::clone(&input.columns), input.format.clone());
        *self.opened() = Some(input);
        Ok(head)
    }

    fn opened(&self) -> MutexGuard<'_, Option<Input>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the sheet on a blocking thread, because opening a workbook unpacks it.
    async fn sheet(&self) -> Result<Sheet, BulkError> {
        let (file, path, options) = (self.copy.clone(), self.path.clone(), self.options.clone());
        let read = move || Sheet::read(file, &path, &options);
        let opened = tokio::task::spawn_blocking(read).await;
        Ok(opened.unwrap_or_else(|panic| Err(ReadError::Damaged(panic.to_string())))?)
    }

    /// A new copy of the file as it is now.
    pub fn now(&self) -> Result<Self, BulkError> {
        Self::open(&self.path, self.options.clone(), self.columns.clone())
    }

    /// The copy from which the rows are read.
    pub fn copy(&self) -> &SharedFile {
        &self.copy
    }
}

/// The first 16 bytes of the SHA-256 digest of the whole file.
pub fn fingerprint(path: &Path) -> io::Result<Digest> {
    fingerprint_of(File::open(path)?)
}

fn fingerprint_of(mut file: impl io::Read) -> io::Result<Digest> {
    let mut context = Context::new(&SHA256);
    let mut chunk = vec![0; 64 << 10];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            read => context.update(&chunk[..read]),
        }
    }
    let mut short = Digest::default();
    short.copy_from_slice(&context.finish().as_ref()[..16]);
    Ok(short)
}

/// An open file whose header was found.
pub struct Input {
    pub columns: Arc<Columns>,
    pub format: Format,
    /// Warnings that the operator must see before the first row.
    pub notices: Vec<String>,
    /// The column and the row number of the first cell that is ignored because its column has no header.
    stray: Option<(usize, u32)>,
    /// The number of columns that have content in the rows that were read so far.
    pub width: usize,
    /// The numbers of the first rows that the spreadsheet hides, and the count of all of them.
    hidden: (Vec<u32>, usize),
    /// Rows that were read ahead, at first to find the header.
    ahead: VecDeque<Row>,
    sheet: Sheet,
    takes_hidden: bool,
}

impl Input {
    async fn open(source: &Source) -> Result<Self, BulkError> {
        let mut sheet = source.sheet().await?;
        let mut ahead = VecDeque::new();
        while ahead.len() < ROWS_TO_SEARCH
            && let Some(row) = sheet.next().await.transpose()?
        {
            ahead.push_back(row);
        }
        let mut notices = sheet.warnings.clone();
        let columns = match Columns::find(ahead.make_contiguous(), &source.columns)? {
            Some((at, columns)) => {
                if at > 0
                    && let Some(title) = ahead.front()
                {
                    notices.push(format!(
                        "row {} and what follows it above the header are a title and were passed over",
                        title.number
                    ));
                }
                ahead.drain(..=at);
                columns
            }
            None => {
                let first = ahead.front().and_then(Columns::headless);
                let missing = || HeaderError::missing(&sheet.format, &sheet.others());
                let mut columns = first.ok_or_else(missing)?;
                columns.apply_letters(&source.columns)?;
                columns
            }
        };
        let mut columns = columns;
        columns.csr_folder = Some(source.path.parent().unwrap_or(Path::new("")).to_owned());
        notices.extend(columns.notices());
        Ok(Self {
            columns: Arc::new(columns),
            format: sheet.format.clone(),
            notices,
            stray: None,
            width: 0,
            hidden: (Vec::new(), 0),
            ahead,
            sheet,
            takes_hidden: source.options.take_hidden,
        })
    }

    /// The next row of data, cut to the width of the header. Rows that the spreadsheet hides are skipped.
    pub async fn next(&mut self) -> Result<Option<Row>, BulkError> {
        while let Some(row) = self.next_of_all().await? {
            if row.hidden && !self.takes_hidden {
                self.hidden.1 += 1;
                if self.hidden.0.len() < 5 {
                    self.hidden.0.push(row.number);
                }
                continue;
            }
            return Ok(Some(row));
        }
        Ok(None)
    }

    /// The next row of data, hidden or not.
    pub async fn next_of_all(&mut self) -> Result<Option<Row>, BulkError> {
        while let Some(row) = self.next_read().await? {
            // A row with content only beside or below the table is not a row of data.
            if self.columns.has_something_of(&row) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    async fn next_read(&mut self) -> Result<Option<Row>, BulkError> {
        let row = match self.ahead.pop_front() {
            Some(row) => Some(row),
            None => self.sheet.next().await.transpose()?,
        };
        let Some(mut row) = row else {
            return Ok(None);
        };
        if self.ahead.is_empty() {
            self.ahead.extend(self.sheet.next().await.transpose()?);
        }
        // A common name that is merged down into the next row belongs to both rows, so both cells are marked as merged.
        if let (Some(next), Some(name)) =
            (self.ahead.front(), self.columns.column(&Field::CommonName))
            && next.cells.get(name.index).is_some_and(|cell| cell.merged)
            && let Some(cell) = row.cells.get_mut(name.index)
        {
            cell.merged = true;
        }
        let last = row.cells.iter().rposition(|cell| !cell.is_blank());
        self.width = self.width.max(last.map_or(0, |last| last + 1));
        if self.columns.has_something_of(&row) {
            row.unheaded = self.columns.unheaded(&row);
        }
        if self.stray.is_none() && row.unheaded.is_empty() {
            let stray = row
                .cells
                .iter()
                .enumerate()
                .find(|(index, cell)| !cell.is_blank() && !self.columns.has_header(*index));
            self.stray = stray.map(|(index, _)| (index, row.number));
        }
        if !row.hidden || self.takes_hidden {
            self.columns.refuse_unclear(&row)?;
        }
        row.cells.truncate(self.columns.header.len());
        Ok(Some(row))
    }

    /// Warnings about the rows. They are complete once all rows were read.
    pub fn late_notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        let (rows, count) = &self.hidden;
        if *count > 0 {
            let numbers: Vec<String> = rows.iter().map(u32::to_string).collect();
            let more = if *count > rows.len() { ", …" } else { "" };
            notices.push(format!(
                "{count} hidden or filtered row{} left out ({}{more}): --hidden take takes them",
                if *count == 1 { " is" } else { "s are" },
                numbers.join(", "),
            ));
        }
        // The first cell without a header is reported only now, because it is found while the rows are read.
        if let Some((index, row)) = self.stray {
            notices.push(format!(
                "column {} has no header and is not used, but something stands in it (row {row})",
                column_letters(index)
            ));
        }
        notices
    }
}

/// Computes the mark of a row: a digest of the operator's columns and of the number of equal rows above it.
pub struct RowMarks {
    seen: DiskMap,
}

impl RowMarks {
    pub fn new() -> Result<Self, BulkError> {
        Ok(Self {
            seen: DiskMap::new().map_err(BulkError::Spill)?,
        })
    }

    /// The mark within one file. In a result, the id also counts, so that rows with equal content but different
    /// certificates have different marks.
    pub fn next(&mut self, columns: &Columns, row: &Row) -> Result<Digest, BulkError> {
        let id = columns.earlier_result(row).map(|cells| ["id", cells[0]]);
        self.mark(columns, row, id)
    }

    /// A mark that is the same in an input and in its result.
    pub fn next_own(&mut self, columns: &Columns, row: &Row) -> Result<Digest, BulkError> {
        self.mark(columns, row, None)
    }

    fn mark(
        &mut self,
        columns: &Columns,
        row: &Row,
        id: Option<[&str; 2]>,
    ) -> Result<Digest, BulkError> {
        let own = columns.known.iter().filter_map(|column| {
            // A password is not part of the order. It must not leave a trace, not even in a digest.
            if column.field == Field::ExportPassword {
                return None;
            }
            let cell = row.cells.get(column.index)?;
            (!cell.is_blank()).then(|| [column.header.as_str(), cell.text.trim()])
        });
        let content = digest(own.chain(id).flatten());
        let occurrence = self.seen.count(&content).map_err(BulkError::Spill)?;
        Ok(digest([
            hex::encode(content).as_str(),
            occurrence.to_string().as_str(),
        ]))
    }
}
