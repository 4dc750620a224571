//! The columns that a run adds to a sheet, and where they are found again.

use crate::cli::bulk::sheet::Cell;

/// Headers of the columns that a run adds, in this order. The first six make a file a result; each is found by its
/// name, so that people may add columns of their own, and move these. Only `role` must stand behind `action`: people
/// have columns of that name, and a result without roles has none.
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
/// The places of the last two.
pub const ACTION: usize = 7;
pub const ROLE: usize = 8;
pub(super) const NEEDED: usize = 6;

/// Where the columns of an earlier result stand, in the order of [`RESULT_COLUMNS`].
pub type ResultColumns = [Option<usize>; RESULT_COLUMNS.len()];

/// The needed ones side by side, as we write them, or each under its name wherever somebody put it.
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
    // A column of the operator's that is named so stands before ours.
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
        // A result without roles, to which somebody added what the hosts are.
        header.insert(10, "Rack");
        let columns = Columns::of(&row(&header)).unwrap().unwrap();
        assert_eq!(columns.results.unwrap()[ROLE], None);
        assert_eq!(columns.unknown.len(), 3);
    }

    /// Seen: a column put between `id` and `status` gave a second set of result columns.
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
