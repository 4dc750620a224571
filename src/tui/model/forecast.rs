//! The forecast of the next year by weeks, for the certificates that the filter shows.

use crate::forecast::{Life, WEEK, Week, is_public_tls};
use crate::tui::time;

use super::{Cursor, Row};

/// The number of weeks in the forecast.
pub const WEEKS: i64 = 53;

#[derive(Debug, Default)]
pub struct Forecast {
    pub weeks: Vec<Week>,
    /// By week: the number of certificates in use that expire in it.
    pub ends: Vec<u64>,
    /// The number of certificates in use that were counted.
    pub certificates: usize,
    /// Unix seconds at which the first week begins.
    pub from: i64,
    pub table: Cursor,
    /// The version of the list that was counted, so that nothing is counted twice.
    counted: Option<u64>,
    under_way: bool,
}

impl Forecast {
    pub fn answer(&mut self, weeks: Vec<Week>) {
        self.under_way = false;
        self.weeks = weeks;
        self.table.index = self.table.index.min(self.weeks.len().saturating_sub(1));
    }

    /// Counts the expiries by week at once, and notes that the forecast of this version is being computed.
    pub fn begin(&mut self, version: u64, now: i64, lives: &[Life]) {
        let weeks = usize::try_from(WEEKS).unwrap_or_default();
        let mut ends = vec![0; weeks];
        for life in lives {
            let week = (life.not_after - now).div_euclid(WEEK);
            let slot = usize::try_from(week)
                .ok()
                .and_then(|week| ends.get_mut(week));
            if let Some(slot) = slot {
                *slot += 1;
            }
        }
        self.counted = Some(version);
        self.under_way = true;
        self.certificates = lives.len();
        self.ends = ends;
        self.from = now;
    }

    /// Whether this version of the list was counted, or a count is running.
    pub fn knows(&self, version: u64) -> bool {
        self.counted == Some(version) || self.under_way
    }

    /// The filter line for the certificates that expire in the selected week.
    pub fn term(&self) -> Option<String> {
        let week = i64::try_from(self.table.index).ok()?;
        self.weeks.get(self.table.index)?;
        Some(ending_in(self.from, week))
    }
}

/// The filter line for certificates in use that expire in week number `week` after `from`.
pub fn ending_in(from: i64, week: i64) -> String {
    let begin = from + week * WEEK;
    format!(
        "exp>{} exp<{}",
        time::rfc3339(begin - 1),
        time::rfc3339(begin + WEEK)
    )
}

fn names_of(row: &Row) -> impl Iterator<Item = &str> {
    std::iter::once(row.common_name()).chain(row.alt_names().split_whitespace())
}

pub fn life(row: &Row) -> Life {
    Life {
        id: row.id.clone(),
        not_before: row.not_before,
        not_after: row.not_after,
        opens: (row.renew_at != 0).then_some(row.renew_at),
        public_tls: is_public_tls(&row.kind, row.not_before, row.not_after, names_of(row)),
        blocked: row.renew_blocked.is_some(),
    }
}
