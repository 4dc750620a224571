//! The result file: the input's rows with what became of each, in the input's own format, fit to be fed back.

use std::path::{Path, PathBuf};

use super::columns::{Columns, RESULT_COLUMNS};
use super::error::BulkError;
use super::input::Input;
use super::journal::{Outcome, State};
use super::row_store::RowStore;
use super::sheet::{Cell, Format, Kind, ReadOptions, ResultWriter, Row};
use svpki_types::text::for_spreadsheet;

/// `hosts.csv` becomes `hosts.result.csv`; a result that is fed back is its own result.
pub fn result_path(input: &Path, format: &Format) -> PathBuf {
    match base(input) {
        Some(_) => input.to_owned(),
        None => {
            let stem = input.file_stem().unwrap_or_default().to_string_lossy();
            input.with_file_name(format!("{stem}.result.{}", format.extension()))
        }
    }
}

/// The journal of an input stands beside it; a result shares its input's.
pub fn journal_path(input: &Path) -> PathBuf {
    let base = base(input);
    let name = match &base {
        Some(name) => name.clone(),
        None => {
            let stem = input.file_stem().unwrap_or_default();
            stem.to_string_lossy().into_owned()
        }
    };
    input.with_file_name(format!("{name}.svpki-journal"))
}

/// The stem of the file that this one is the result of.
fn base(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    Some(stem.strip_suffix(".result")?.to_owned()).filter(|base| !base.is_empty())
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

/// Writes the result of a plan's rows, read once more in their order.
pub async fn write(
    path: &Path,
    input: &Path,
    options: &ReadOptions,
    store: &RowStore,
) -> Result<(), BulkError> {
    let mut rows = Input::open(input, options).await?;
    let width = rows.columns.header.len();
    let mut writer = ResultWriter::create(path, &rows.format)?;
    let is_csv = matches!(rows.format, Format::Csv(_));
    let mut header = rows.columns.header.clone();
    header.extend(RESULT_COLUMNS.map(Cell::text));
    writer.row(&header)?;
    let mut index = 0;
    while let Some(mut row) = rows.next().await? {
        row.cells
            .truncate(rows.columns.results.unwrap_or(usize::MAX).min(width));
        row.cells.resize(width, Cell::default());
        row.cells
            .extend(cells(&store.outcome_or_unsent(index)?, is_csv));
        writer.row(&row.cells)?;
        index += 1;
    }
    writer.finish()?;
    Ok(())
}

/// What a row of a result file says of an earlier run.
pub fn read(columns: &Columns, row: &Row) -> Option<Outcome> {
    let cells = columns.earlier_result(row)?;
    let text = |index: usize| {
        let text = cells.get(index).map_or("", |cell| cell.text.trim());
        // As it was before a spreadsheet was kept from taking it for a formula.
        let bare = text
            .strip_prefix('\'')
            .filter(|bare| escape_formula(bare) == text);
        bare.unwrap_or(text).to_owned()
    };
    let status = text(1);
    let state = match status.as_str() {
        "" => return None,
        "pending" => State::Pending,
        "unknown" | "unsent" => State::Unknown,
        "declined" | "failed" | "rejected" | "invalid" | "denied" | "duplicate" => State::Failed,
        _ => State::Done,
    };
    let id = text(0);
    let order_id = if state == State::Pending {
        id.clone()
    } else {
        String::new()
    };
    Some(Outcome {
        state,
        id: if state == State::Pending {
            String::new()
        } else {
            id
        },
        order_id,
        status,
        serial: text(2),
        not_after: text(3),
        scm_code: text(4).parse().ok(),
        message: text(5),
        file_error: None,
    })
}

/// The six result cells of a row.
fn cells(outcome: &Outcome, is_csv: bool) -> [Cell; 6] {
    let id = if outcome.id.is_empty() {
        &outcome.order_id
    } else {
        &outcome.id
    };
    let text = |text: &str| {
        Cell::text(if is_csv {
            escape_formula(text)
        } else {
            text.to_owned()
        })
    };
    [
        text(id),
        text(&outcome.status),
        text(&outcome.serial),
        text(&outcome.not_after),
        Cell {
            text: outcome
                .scm_code
                .map(|code| code.to_string())
                .unwrap_or_default(),
            kind: Kind::Number,
        },
        text(&outcome.words()),
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
    fn a_result_belongs_to_its_input() {
        let csv = Format::Csv(Default::default());
        let path = |name: &str| result_path(Path::new(name), &csv).display().to_string();
        assert_eq!(path("d/hosts.csv"), "d/hosts.result.csv");
        assert_eq!(path("d/hosts.txt"), "d/hosts.result.csv");
        assert_eq!(path("d/hosts.result.csv"), "d/hosts.result.csv");
        assert_eq!(
            journal_path(Path::new("d/hosts.csv")),
            Path::new("d/hosts.svpki-journal")
        );
        assert_eq!(
            journal_path(Path::new("d/hosts.result.csv")),
            Path::new("d/hosts.svpki-journal")
        );
    }

    #[test]
    fn no_answer_becomes_a_formula() {
        assert_eq!(escape_formula("=1+1"), "'=1+1");
        assert_eq!(escape_formula("@x"), "'@x");
        assert_eq!(escape_formula("ok"), "ok");
    }
}
