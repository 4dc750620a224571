//! The columns that a run adds to a sheet, and how they are found in a result.

use crate::cli::bulk::sheet::Cell;

/// The headers of the columns that a run adds, in this order. A file with the first six is a result. Each column is
/// found by its header, so that people may add columns of their own and move these. Only `role` must be directly behind
/// `action`, because people have columns of that name, and a result without roles has no such column.
pub const RESULT_COLUMNS: [&str; 9] = [
    "id",
    "status",
    "serial",
    "not_after",
    "scm_code",
    "message",
    "successor_id",
    "action",
    "role",
];
/// The indexes of the last two columns.
pub const ACTION: usize = 7;
pub const ROLE: usize = 8;
pub(super) const NEEDED: usize = 6;

/// The indexes of the result columns in a file, in the order of [`RESULT_COLUMNS`].
pub type ResultColumns = [Option<usize>; RESULT_COLUMNS.len()];

/// Finds the result columns. The needed ones are taken where they are side by side, as we write them, or else each
/// wherever its header is.
pub(super) fn result_columns(cells: &[Cell]) -> Option<ResultColumns> {
    let mut places = ResultColumns::default();
    let together = cells.windows(NEEDED).position(|window| {
        window
            .iter()
            .zip(RESULT_COLUMNS)
            .all(|(cell, name)| cell.text.trim() == name)
    });
    for (at, (place, name)) in places.iter_mut().zip(RESULT_COLUMNS).enumerate() {
        *place = match together {
            Some(first) if at < NEEDED => Some(first + at),
            _ => cells.iter().rposition(|cell| cell.text.trim() == name),
        };
    }
    let (needed, others) = places.split_at_mut(NEEDED);
    if needed.contains(&None) {
        return None;
    }
    // A column of the operator's with the same header is before our columns.
    for other in others {
        *other = other.filter(|other| needed[0].is_some_and(|id| *other > id));
    }
    let behind = places[ACTION].map(|action| action + 1);
    places[ROLE] = behind.filter(|at| {
        let cell = cells.get(*at);
        cell.is_some_and(|cell| cell.text.trim() == RESULT_COLUMNS[ROLE])
    });
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bulk::columns::Columns;
    use crate::cli::bulk::columns::tests::row;

    #[test]
    fn an_earlier_result_is_told_from_own_columns() {
        let mut header = vec!["Common Name", "status"];
        header.extend(RESULT_COLUMNS);
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        assert_eq!(columns.results.unwrap()[0], Some(2));
        assert_eq!(columns.results.unwrap()[ROLE], Some(10));
        assert_eq!(columns.unknown.len(), 1);
        assert_eq!(columns.header.len(), 11);
        // A result without roles, to which the operator has added a column `role`.
        header.insert(10, "Rack");
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        assert_eq!(columns.results.unwrap()[ROLE], None);
        assert_eq!(columns.unknown.len(), 3);
    }

    /// Regression: after a column was inserted between `id` and `status`, a second set of result columns was added.
    #[test]
    fn peoples_columns_among_the_results_are_theirs() {
        let header = [
            "Common Name",
            "id",
            "Deployed",
            "status",
            "serial",
            "not_after",
            "scm_code",
            "message",
            "Team",
        ];
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        assert_eq!(columns.results.unwrap()[..3], [Some(1), Some(3), Some(4)]);
        let unknown: Vec<&str> = columns.unknown.iter().map(|c| c.header.as_str()).collect();
        assert_eq!(unknown, ["Deployed", "Team"]);
    }
}
