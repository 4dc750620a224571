//! Loads the rows of one mount page by page in the order of the table, so that the first screen is right long before
//! all rows are loaded.

use std::sync::Arc;

use crate::filter::Pushdown;
use crate::tui::source::{PageQuery, SourceError};
use crate::tui::text;
use svpki_types::Status;
use svpki_types::api::InventorySummary;

use super::columns::{BY_URGENCY, Column, Sort, latest_first};
use super::row::{Batch, Row};

/// Rows in the first page: few, so that the first screen appears quickly.
const FIRST_PAGE: usize = 200;
/// The most rows that the plugin returns in one page.
const PAGE: usize = 1000;

/// One sorted listing of the server, with its own status filter. A loader reads its phases one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Phase {
    status: Option<Status>,
    order: &'static str,
}

fn phases(sort: Sort, asked: &Pushdown) -> Vec<Phase> {
    let by_end = |down: bool| if down { "-expiration" } else { "expiration" };
    match sort.column {
        Column::Status => {
            let mut statuses: Vec<Status> = match asked.status {
                Some(status) => vec![status],
                None => BY_URGENCY.to_vec(),
            };
            if sort.descending {
                statuses.reverse();
            }
            statuses
                .into_iter()
                .map(|status| Phase {
                    status: Some(status),
                    order: by_end(latest_first(status) != sort.descending),
                })
                .collect()
        }
        Column::Name if sort.descending => vec![Phase {
            status: asked.status,
            order: "-common_name",
        }],
        Column::Name => vec![Phase {
            status: asked.status,
            order: "common_name",
        }],
        Column::Expires | Column::Left => {
            vec![Phase {
                status: asked.status,
                order: by_end(sort.descending),
            }]
        }
        _ => vec![Phase {
            status: asked.status,
            order: "expiration",
        }],
    }
}

/// How far the loading of one mount has come.
#[derive(Debug, Clone, Default)]
pub(super) struct MountLoader {
    pub(super) generation: u64,
    phases: Vec<Phase>,
    phase: usize,
    after: String,
    started: bool,
    pub(super) rows: Vec<Row>,
    /// Stop when this many rows are loaded; `None` loads as many pages as are asked for.
    enough: Option<usize>,
}

impl MountLoader {
    pub(super) fn new(
        generation: u64,
        sort: Sort,
        asked: &Pushdown,
        enough: Option<usize>,
    ) -> Self {
        Self {
            generation,
            phases: phases(sort, asked),
            rows: Vec::with_capacity(enough.unwrap_or_default()),
            enough,
            ..Self::default()
        }
    }

    pub(super) fn complete(&self) -> bool {
        self.phase >= self.phases.len()
    }

    /// Whether this loader needs no further page for now.
    pub(super) fn satisfied(&self) -> bool {
        self.complete()
            || (self.started && self.enough.is_some_and(|enough| self.rows.len() >= enough))
    }

    pub(super) fn started(&self) -> bool {
        self.started
    }

    /// Whether it takes several pages to load enough rows.
    pub(super) fn is_long(&self) -> bool {
        self.enough.is_some_and(|enough| enough > FIRST_PAGE)
    }

    /// The last loaded row: all rows still to come sort after it. `None` while no row is loaded.
    pub(super) fn last(&self) -> Option<&Row> {
        self.rows.last()
    }

    pub(super) fn query(&self, asked: &Pushdown) -> Option<PageQuery> {
        let phase = self.phases.get(self.phase)?;
        Some(PageQuery {
            issued_after: None,
            status: phase.status,
            config: asked.config.clone(),
            q: asked.q.clone(),
            expires_before: asked.expires_before,
            expires_after: asked.expires_after,
            sort: phase.order,
            after: self.after.clone(),
            limit: if self.started { PAGE } else { FIRST_PAGE },
        })
    }

    /// Adds a page, then moves on to the next page or to the next phase that has rows.
    fn absorb(&mut self, answer: Batch) {
        self.started = true;
        // A vector grows by doubling, which would leave up to half of its memory unused.
        self.rows.reserve_exact(answer.rows.len());
        self.rows.extend(answer.rows);
        // A server that returned the same position again would otherwise be asked forever.
        if !answer.next.is_empty() && answer.next != self.after {
            self.after = answer.next;
            return;
        }
        self.after.clear();
        self.phase += 1;
        let counts = &answer.summary.status;
        while let Some(Phase {
            status: Some(status),
            ..
        }) = self.phases.get(self.phase)
        {
            if self.phases.len() == 1 || counts.get(status.as_str()) != Some(&0) {
                break;
            }
            self.phase += 1;
        }
    }

    fn end(&mut self) {
        self.started = true;
        self.phase = self.phases.len();
    }
}

/// One mount: its rows and the state of their loading.
#[derive(Debug)]
pub struct MountSnapshot {
    /// Without slash at the end.
    pub name: Arc<str>,
    pub summary: Option<InventorySummary>,
    /// Why the last read failed.
    pub error: Option<SourceError>,
    pub(super) loader: MountLoader,
    /// Loads the rows again in the background, and replaces `loader` when it has enough of them.
    pub(super) fresh: Option<MountLoader>,
    pub(super) in_flight: bool,
    /// The width of the longest common name, in terminal columns.
    pub(super) longest_name: usize,
}

/// How a page changed the rows that are shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    /// The rows from this index on are new.
    Appended(usize),
    /// All rows were replaced. Holds the old ones.
    Replaced(Vec<Row>),
}

impl MountSnapshot {
    pub(super) fn new(name: Arc<str>, loader: MountLoader) -> Self {
        Self {
            name,
            summary: None,
            error: None,
            loader,
            fresh: None,
            in_flight: false,
            longest_name: 0,
        }
    }

    pub fn rows(&self) -> &[Row] {
        &self.loader.rows
    }

    /// Whether many rows are being loaded again.
    pub(super) fn is_long_read(&self) -> bool {
        let fresh = self.fresh.as_ref().filter(|fresh| fresh.is_long());
        fresh.is_some_and(|fresh| fresh.started() || self.in_flight)
    }

    /// Takes in the answer to a request. An answer for an older generation is ignored.
    pub(super) fn answer(
        &mut self,
        generation: u64,
        result: Result<Batch, SourceError>,
        whole_mount: bool,
    ) -> Change {
        let current = self.fresh.as_ref().unwrap_or(&self.loader).generation;
        if generation != current {
            return Change::Nothing;
        }
        self.in_flight = false;
        match result {
            Ok(answer) => {
                let names = answer.rows.iter().map(|row| text::width(row.common_name()));
                self.longest_name = names.max().unwrap_or(0).max(self.longest_name);
                self.error = None;
                if whole_mount {
                    self.summary = Some(answer.summary.clone());
                }
                self.absorb(answer)
            }
            Err(error) => {
                if !error.is_server_wide() {
                    // Other mounts are not affected, and the next refresh reads this one again.
                    match &mut self.fresh {
                        Some(_) => self.fresh = None,
                        None => self.loader.end(),
                    }
                }
                self.error = Some(error);
                Change::Nothing
            }
        }
    }

    fn absorb(&mut self, answer: Batch) -> Change {
        let Some(mut fresh) = self.fresh.take() else {
            let from = self.loader.rows.len();
            self.loader.absorb(answer);
            return Change::Appended(from);
        };
        fresh.absorb(answer);
        if fresh.satisfied() {
            fresh.enough = None;
            fresh.rows.shrink_to_fit();
            Change::Replaced(std::mem::replace(&mut self.loader, fresh).rows)
        } else {
            self.fresh = Some(fresh);
            Change::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use svpki_types::api::{InventoryResponse, InventoryRow};

    fn page(ids: &[&str], next: &str, counts: &[(&str, u64)]) -> Batch {
        Batch::from(InventoryResponse {
            certificates: ids
                .iter()
                .map(|id| InventoryRow {
                    id: (*id).to_owned(),
                    ..InventoryRow::default()
                })
                .collect(),
            next: next.to_owned(),
            summary: InventorySummary {
                status: counts.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect(),
                ..InventorySummary::default()
            },
        })
    }

    #[test]
    fn phases_without_rows_are_not_asked_for() {
        let asked = Pushdown::default();
        let mut loader = MountLoader::new(1, Sort::default(), &asked, None);
        assert_eq!(loader.query(&asked).unwrap().status, Some(Status::Expiring));
        let counts: Vec<(&str, u64)> = Status::ALL
            .iter()
            .map(|s| (s.as_str(), u64::from(*s == Status::Revoked)))
            .collect();
        loader.absorb(page(&[], "", &counts));
        let query = loader.query(&asked).unwrap();
        assert_eq!(
            (query.status, query.sort),
            (Some(Status::Revoked), "-expiration")
        );
        loader.absorb(page(&["1"], "", &counts));
        assert!(loader.complete());
    }

    #[test]
    fn a_page_may_be_empty_and_have_a_next_one_but_not_the_same() {
        let asked = Pushdown::default();
        let sort = Sort {
            column: Column::Expires,
            descending: true,
        };
        let mut loader = MountLoader::new(1, sort, &asked, None);
        loader.absorb(page(&[], "a", &[]));
        assert_eq!(loader.query(&asked).unwrap().after, "a");
        loader.absorb(page(&["1"], "a", &[]));
        assert!(loader.complete());
    }

    #[test]
    fn a_refresh_takes_the_place_of_the_rows_at_once() {
        let asked = Pushdown::default();
        let sort = Sort {
            column: Column::Name,
            descending: false,
        };
        let mut mount = MountSnapshot::new("m".into(), MountLoader::new(1, sort, &asked, None));
        mount.answer(1, Ok(page(&["1", "2"], "", &[])), true);
        mount.fresh = Some(MountLoader::new(2, sort, &asked, Some(2)));
        assert_eq!(
            mount.answer(1, Ok(page(&["9"], "", &[])), true),
            Change::Nothing
        );
        assert_eq!(
            mount.answer(2, Ok(page(&["3"], "n", &[])), true),
            Change::Nothing
        );
        assert_eq!(mount.rows().len(), 2);
        let Change::Replaced(old) = mount.answer(2, Ok(page(&["4"], "", &[])), true) else {
            panic!("the rows are not replaced");
        };
        assert_eq!(old.len(), 2);
        assert_eq!(mount.rows()[1].id.as_ref(), "4");
    }
}
