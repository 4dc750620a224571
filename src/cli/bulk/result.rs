//! The result file: the input's rows with what became of each, in the input's own format, fit to be fed back.

use std::path::{Path, PathBuf};

use super::columns::{ACTION, Columns, Field, RESULT_COLUMNS, ROLE, ResultColumns};
use super::earlier::Earlier;
use super::error::BulkError;
use super::input::{Input, RowMarks, Source};
use super::journal::History;
use super::outcome::{Outcome, State};
use super::row_store::{RowEntry, RowStore};
use super::sheet::{Cell, Format, Kind, ResultWriter, Row, SharedFile};
use super::spill::DiskMap;
use svpki_types::text::for_spreadsheet;

/// What the files of a run are named after, besides the input.
#[derive(Debug, Clone, Default)]
pub struct RunName {
    /// The one config of the run; absent when the rows name theirs.
    pub config: Option<String>,
    /// The sheet that was asked for.
    pub sheet: Option<String>,
}

/// `hosts.csv` becomes `hosts.web.result.csv`; a result that is fed back is its own result.
pub fn result_path(input: &Path, format: &Format, run: &RunName) -> PathBuf {
    if is_own_result(input, run) {
        return input.to_owned();
    }
    let name = stem(input, run);
    input.with_file_name(format!("{name}.result.{}", format.extension()))
}

/// The journal of an input stands beside it; a result shares its input's.
pub fn journal_path(input: &Path, run: &RunName) -> PathBuf {
    let name = if is_own_result(input, run) {
        base(input).unwrap_or_default()
    } else {
        stem(input, run)
    };
    let path = input.with_file_name(format!("{name}.svpki-journal"));
    // Older versions kept one journal for all configs and sheets.
    let plain = base(input).unwrap_or_else(|| file_stem(input));
    let old = input.with_file_name(format!("{plain}.svpki-journal"));
    if !path.exists() && old.exists() {
        return old;
    }
    path
}

fn file_stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn stem(input: &Path, run: &RunName) -> String {
    let mut name = if input == Path::new("-") {
        "stdin".to_owned()
    } else {
        file_stem(input)
    };
    for part in [&run.sheet, &run.config].into_iter().flatten() {
        let part: String = part
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || "-_ ".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        name = format!("{name}.{part}");
    }
    name
}

/// The stem of the file that this one is the result of.
fn base(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    Some(stem.strip_suffix(".result")?.to_owned()).filter(|base| !base.is_empty())
}

/// A result of the same config, or one of an older version, whose journal stands beside it.
fn is_own_result(input: &Path, run: &RunName) -> bool {
    let Some(base) = base(input) else {
        return false;
    };
    let of_config = run
        .config
        .as_ref()
        .is_none_or(|config| base.ends_with(&format!(".{config}")));
    of_config
        || input
            .with_file_name(format!("{base}.svpki-journal"))
            .exists()
}

/// Where a run may write its result: never over a file that it did not write itself.
pub async fn free_path(
    wanted: PathBuf,
    asked_for: bool,
    source: &Source,
    history: &History,
) -> Result<PathBuf, BulkError> {
    // A result has no passwords, and a copy of the workbook would: the file with them is not written over.
    let (columns, _) = source.head().await?;
    let has_passwords = columns.column(&Field::ExportPassword).is_some();
    let is_ours = |path: &Path| {
        let may_replace_source = path == source.path && !has_passwords;
        !path.exists() || may_replace_source || history.wrote(path)
    };
    if is_ours(&wanted) {
        return Ok(wanted);
    }
    if asked_for {
        return Err(BulkError::refused(
            format!(
                "{} is there already, and this run did not write it",
                wanted.display()
            ),
            "name another file with --result, or move that one away",
        ));
    }
    let ending = wanted.extension().unwrap_or_default().to_string_lossy();
    let stem = file_stem(&wanted);
    (2..1000)
        .map(|n| wanted.with_file_name(format!("{stem}.{n}.{ending}")))
        .find(|path| is_ours(path))
        .ok_or_else(|| {
            BulkError::refused(
                "there are too many results beside the file",
                "give --result",
            )
        })
}

/// Whether the result can be written there, asked before the first order and not after the last one.
pub fn check(path: &Path) -> Result<(), BulkError> {
    let probe = tempfile::Builder::new()
        .prefix(".svpki-")
        .tempfile_in(folder_of(path));
    probe.map(drop).map_err(BulkError::file(path))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Writes what became of the rows, in the order that the file has now; `width` is how many of its columns have
/// something in them. Tells what the operator must know.
pub async fn write(
    path: &Path,
    source: &Source,
    store: &RowStore,
    width: usize,
) -> Result<Vec<String>, BulkError> {
    let changed = !source.is_unchanged();
    let mut notices = Vec::new();
    let mut now = None;
    let mut rows = None;
    if changed {
        notices.push(format!(
            "{} was changed while svpki worked on it: rows were found again by what stands in them",
            source.path.display()
        ));
        let read = async {
            let file = source.now()?;
            Ok::<_, BulkError>((file.rows().await?, file))
        };
        match read.await {
            Ok((read, file)) => (rows, now) = (Some(read), Some(file)),
            Err(error) => notices.push(format!(
                "it cannot be read any more, so the result has the rows that it had before: {error}"
            )),
        }
    }
    let mut rows = match rows {
        Some(rows) => rows,
        None => source.rows().await?,
    };
    let base = now.as_ref().unwrap_or(source).copy();
    let mut writer = Writer::create(path, base, &rows, width, store.has_roles())?;
    let mut marks = RowMarks::new()?;
    let mut finder = Finder::new(store);
    while let Some(row) = rows.next_of_all().await? {
        writer.last = row.number;
        if row.hidden && !source.options.take_hidden {
            writer.as_it_is(&row)?;
            continue;
        }
        let mark = marks.next(&rows.columns, &row)?;
        match finder.find(&mark)? {
            Some(index) => writer.row(&row, store, index)?,
            None => writer.unsent(&row)?,
        }
    }
    if changed {
        let gone = finder.not_found()?;
        let mut before = source.rows().await?;
        let mut index = 0;
        while let Some(row) = before.next().await? {
            if gone.contains(&index)
                && store
                    .entry(index)?
                    .is_some_and(|entry| entry.row == row.number)
            {
                writer.gone(&row, store, index)?;
                let outcome = store.outcome_or_unsent(index)?;
                notices.push(format!(
                    "row {} was changed or removed meanwhile; its result ({} {}) stands at the end",
                    row.number,
                    outcome.status,
                    if outcome.id.is_empty() {
                        &outcome.order_id
                    } else {
                        &outcome.id
                    },
                ));
            }
            index += 1;
        }
    }
    writer.finish()?;
    Ok(notices)
}

/// Finds the rows of the plan in a file that may have been sorted, shortened or lengthened meanwhile.
struct Finder<'s> {
    store: &'s RowStore,
    next: u64,
    marks: Option<DiskMap>,
    found: Bits,
}

/// Numbers that were met.
#[derive(Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn add(&mut self, number: u64) {
        let (word, bit) = ((number / 64) as usize, number % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    fn has(&self, number: u64) -> bool {
        let word = self.0.get((number / 64) as usize);
        word.is_some_and(|word| word & (1 << (number % 64)) != 0)
    }
}

impl<'s> Finder<'s> {
    fn new(store: &'s RowStore) -> Self {
        Self {
            store,
            next: 0,
            marks: None,
            found: Bits::default(),
        }
    }

    fn find(&mut self, mark: &super::request::Digest) -> Result<Option<u64>, BulkError> {
        let expected = self.store.entry(self.next)?;
        let index = if expected.is_some_and(|entry| entry.mark == *mark) {
            Some(self.next)
        } else {
            self.marks()?.get(mark).map_err(BulkError::Spill)?
        };
        if let Some(index) = index {
            self.next = index + 1;
            self.found.add(index);
        }
        Ok(index)
    }

    fn marks(&mut self) -> Result<&DiskMap, BulkError> {
        if self.marks.is_none() {
            let mut marks = DiskMap::new().map_err(BulkError::Spill)?;
            for index in 0..self.store.rows() {
                if let Some(entry) = self.store.entry(index)? {
                    marks.set(&entry.mark, index).map_err(BulkError::Spill)?;
                }
            }
            self.marks = Some(marks);
        }
        self.marks.as_ref().ok_or_else(|| {
            BulkError::Spill(std::io::Error::other("the marks of the rows are gone"))
        })
    }

    /// Rows that something was done with and that the file has no more.
    fn not_found(&self) -> Result<Vec<u64>, BulkError> {
        let mut gone = Vec::new();
        for index in 0..self.store.rows() {
            if !self.found.has(index)
                && let Some(outcome) = self.store.outcome(index)?
                && !(outcome.id.is_empty() && outcome.order_id.is_empty())
            {
                gone.push(index);
            }
        }
        Ok(gone)
    }
}

/// Puts outcomes into the columns of the result.
struct Writer {
    columns: std::sync::Arc<Columns>,
    places: ResultColumns,
    width: usize,
    is_csv: bool,
    /// The results go into a copy of the input.
    amends: bool,
    /// The last row that there is.
    last: u32,
    writer: ResultWriter,
}

impl Writer {
    fn create(
        path: &Path,
        base: &SharedFile,
        rows: &Input,
        width: usize,
        has_roles: bool,
    ) -> Result<Self, BulkError> {
        let columns = &rows.columns;
        let mut header = columns.header.clone();
        // A copy would have the passwords among the texts that its cells share.
        let copies = columns.header_row > 0 && columns.column(&Field::ExportPassword).is_none();
        let amended = if copies {
            ResultWriter::amend(path, base, &rows.format, columns.header_row)?
        } else {
            None
        };
        if amended.is_some() && columns.results.is_none() {
            // What stands under no header stays there.
            header.resize(header.len().max(width), Cell::default());
        }
        let mut places = rows.columns.results.unwrap_or_default();
        for (place, name) in places[..ROLE].iter_mut().zip(RESULT_COLUMNS) {
            place.get_or_insert_with(|| {
                header.push(Cell::text(name));
                header.len() - 1
            });
        }
        // Where it is found again, unless something of the operator's stands there.
        if let (None, Some(action)) = (places[ROLE], places[ACTION])
            && has_roles
            && width.max(header.len()) <= action + 1
        {
            places[ROLE] = Some(header.len());
            header.push(Cell::text(RESULT_COLUMNS[ROLE]));
        }
        let amends = amended.is_some();
        let mut writer = match amended {
            Some(writer) => writer,
            None => ResultWriter::create(path, &rows.format)?,
        };
        if amends {
            let names = placed(&places, RESULT_COLUMNS.map(Cell::text));
            writer.put(columns.header_row, &names)?;
        } else {
            writer.row(&header)?;
        }
        Ok(Self {
            amends,
            last: columns.header_row,
            columns: std::sync::Arc::clone(&rows.columns),
            places,
            width: header.len(),
            is_csv: matches!(rows.format, Format::Csv(_)),
            writer,
        })
    }

    fn row(&mut self, row: &Row, store: &RowStore, index: u64) -> Result<(), BulkError> {
        let results = self.results(row, store, index)?;
        self.put(row, results)
    }

    fn results(
        &self,
        row: &Row,
        store: &RowStore,
        index: u64,
    ) -> Result<[Cell; RESULT_COLUMNS.len()], BulkError> {
        let entry = store.entry(index)?;
        let outcome = store.outcome_or_unsent(index)?;
        let beside = entry.as_ref().and_then(|entry| entry.beside.clone());
        let earlier = beside.or_else(|| Earlier::read(&self.columns, row));
        Ok(cells(
            entry.as_ref(),
            &outcome,
            earlier.as_ref(),
            self.is_csv,
        ))
    }

    /// A row that was not there when the run began. What an earlier run wrote of it stays.
    fn unsent(&mut self, row: &Row) -> Result<(), BulkError> {
        if Earlier::read(&self.columns, row).is_some() {
            return self.as_it_is(row);
        }
        let words = "added or changed while svpki worked on the file: run the command again";
        let outcome = Outcome::of(State::Unknown, "unsent", words);
        let results = cells(None, &outcome, None, self.is_csv);
        self.put(row, results)
    }

    fn as_it_is(&mut self, row: &Row) -> Result<(), BulkError> {
        let all = self.own_cells(row);
        Ok(self.writer.row_hidden(&all, row.hidden)?)
    }

    /// A row that the file has no more.
    fn gone(&mut self, row: &Row, store: &RowStore, index: u64) -> Result<(), BulkError> {
        if !self.amends {
            return self.row(row, store, index);
        }
        let results = self.results(row, store, index)?;
        let own = self.own_cells(row).into_iter().enumerate();
        let cells: Vec<_> = own
            .filter(|(column, _)| !self.places.contains(&Some(*column)))
            .chain(placed(&self.places, results))
            .collect();
        self.last += 1;
        Ok(self.writer.put(self.last, &cells)?)
    }

    /// The operator's cells, without passwords.
    fn own_cells(&self, row: &Row) -> Vec<Cell> {
        let mut cells = row.cells.clone();
        cells.resize(self.width, Cell::default());
        for column in self.columns.all(&Field::ExportPassword) {
            cells[column.index] = Cell::default();
        }
        cells
    }

    fn put(&mut self, row: &Row, results: [Cell; RESULT_COLUMNS.len()]) -> Result<(), BulkError> {
        if self.amends {
            let cells = placed(&self.places, results);
            return Ok(self.writer.put(row.number, &cells)?);
        }
        let mut all = self.own_cells(row);
        for (place, cell) in placed(&self.places, results) {
            all[place] = cell;
        }
        Ok(self.writer.row_hidden(&all, row.hidden)?)
    }

    fn finish(self) -> Result<(), BulkError> {
        Ok(self.writer.finish()?)
    }
}

/// The cells with their columns: without a row that has a role, the last one has none.
fn placed(places: &ResultColumns, cells: [Cell; RESULT_COLUMNS.len()]) -> Vec<(usize, Cell)> {
    let all = places.iter().zip(cells);
    all.filter_map(|(place, cell)| Some(((*place)?, cell)))
        .collect()
}

/// The result cells of a row. The id that it came with stays, whatever became of the step.
fn cells(
    entry: Option<&RowEntry>,
    outcome: &Outcome,
    earlier: Option<&Earlier>,
    is_csv: bool,
) -> [Cell; RESULT_COLUMNS.len()] {
    let given = entry.map_or("", |entry| entry.given_id.as_str());
    let before = earlier.map_or(("", ""), |earlier| {
        (earlier.id.as_str(), earlier.successor_id.as_str())
    });
    let newest = if outcome.id.is_empty() {
        outcome.order_id.as_str()
    } else {
        outcome.id.as_str()
    };
    let (id, successor) = if !given.is_empty() {
        (given, if newest == given { "" } else { newest })
    } else if newest.is_empty() || newest == before.1 {
        (before.0, "")
    } else {
        (newest, "")
    };
    let successor = if successor.is_empty() && id == before.0 {
        before.1
    } else {
        successor
    };
    let action = if outcome.action.is_empty() {
        earlier.map_or("", |earlier| earlier.outcome.action.as_str())
    } else {
        outcome.action.as_str()
    };
    let role = entry.map_or("", |entry| entry.role_of(outcome));
    let role = match earlier {
        Some(earlier) if role.is_empty() && id == before.0 => &earlier.outcome.role,
        _ => role,
    };
    let text = |text: &str| {
        Cell::text(if is_csv {
            escape_formula(text)
        } else {
            text.to_owned()
        })
    };
    let code = outcome.scm_code.map(|code| code.to_string());
    [
        text(id),
        text(&outcome.status),
        text(&outcome.serial),
        text(&outcome.not_after),
        Cell {
            text: code.unwrap_or_default(),
            kind: Kind::Number,
            ..Cell::default()
        },
        text(&outcome.words()),
        text(successor),
        text(action),
        text(role),
    ]
}

/// Text of others that a spreadsheet would take for a formula. (XLSX and ODS say of a cell that it is text.)
pub fn escape_formula(text: &str) -> String {
    for_spreadsheet(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_named_after_file_sheet_and_config() {
        let csv = Format::Csv(Default::default());
        let run = |sheet: Option<&str>, config: &str| RunName {
            config: Some(config.to_owned()),
            sheet: sheet.map(str::to_owned),
        };
        let path = |name: &str, run: RunName| {
            result_path(Path::new(name), &csv, &run)
                .display()
                .to_string()
        };
        assert_eq!(
            path("d/hosts.csv", run(None, "web")),
            "d/hosts.web.result.csv"
        );
        assert_eq!(
            path("d/hosts.csv", run(Some("Berlin/1"), "web")),
            "d/hosts.Berlin_1.web.result.csv"
        );
        assert_eq!(
            path("d/hosts.web.result.csv", run(None, "web")),
            "d/hosts.web.result.csv"
        );
        assert_eq!(
            path("d/hosts.web.result.csv", run(None, "once")),
            "d/hosts.web.result.once.result.csv"
        );
        let journal = |name: &str| journal_path(Path::new(name), &run(None, "web"));
        assert_eq!(
            journal("d/hosts.csv"),
            Path::new("d/hosts.web.svpki-journal")
        );
        assert_eq!(
            journal("d/hosts.web.result.csv"),
            Path::new("d/hosts.web.svpki-journal")
        );
    }

    #[test]
    fn no_answer_becomes_a_formula() {
        assert_eq!(escape_formula("=1+1"), "'=1+1");
        assert_eq!(escape_formula("@x"), "'@x");
        assert_eq!(escape_formula("ok"), "ok");
    }

    /// Seen: an interrupted renewal of a result file left its rows without ids.
    #[test]
    fn a_row_keeps_the_id_that_it_was_given() {
        let entry = RowEntry {
            given_id: "1_acme".into(),
            ..RowEntry::default()
        };
        let texts =
            |outcome: &Outcome| cells(Some(&entry), outcome, None, true).map(|cell| cell.text);
        let unsent = texts(&Outcome::of(State::Unknown, "unsent", ""));
        assert_eq!((unsent[0].as_str(), unsent[6].as_str()), ("1_acme", ""));
        let mut renewed = Outcome::of(State::Done, "issued", "");
        renewed.id = "2_acme".into();
        let renewed = texts(&renewed);
        assert_eq!(
            (renewed[0].as_str(), renewed[6].as_str()),
            ("1_acme", "2_acme")
        );
    }
}
