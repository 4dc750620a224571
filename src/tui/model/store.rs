//! All loaded rows of all mounts, and the sorted and filtered list that the table shows.

mod list;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::filter::{Filter, METADATA, Pushdown};
use crate::tui::source::{CertKey, PageQuery, SourceError};
use svpki_types::Status;
use svpki_types::api::InventorySummary;

use super::columns::Sort;
use super::paged_loader::{Change, MountLoader, MountSnapshot};
use super::row::{Batch, Row};

/// The number of rows to load ahead below the screen.
const AHEAD: usize = 200;
/// The number of mounts with many pages that are loaded again at the same time. Until that is done, their rows are in
/// memory twice.
const LONG_AT_ONCE: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RowRef {
    mount: u32,
    row: u32,
}

/// A request for one page of a mount's inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    pub mount: Arc<str>,
    pub generation: u64,
    pub query: PageQuery,
}

#[derive(Debug, Default)]
pub struct Store {
    pub mounts: Vec<MountSnapshot>,
    /// Whether renewed certificates are shown, although their successors are in the list.
    unfolded: bool,
    sort: Sort,
    filter: Filter,
    /// The part of the filter that was sent to the server for the loaded rows.
    asked: Pushdown,
    generation: u64,
    /// Changes with every change of the list.
    version: u64,
    want_all: bool,
    /// Every loaded row that matches the filter, in order.
    view: Vec<RowRef>,
    /// Rows that a refresh has replaced, until [`Store::take_replaced`] takes them.
    replaced: Vec<Row>,
    /// The number of rows at the start of `view` whose place is certain: rows still to come sort after them.
    shown: usize,
}

impl Store {
    /// The number of rows in the table.
    pub fn len(&self) -> usize {
        self.shown
    }

    pub fn is_empty(&self) -> bool {
        self.shown == 0
    }

    /// Grows whenever answers to earlier page requests become useless.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Changes whenever the list has changed.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn sort(&self) -> Sort {
        self.sort
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    pub fn row(&self, index: usize) -> Option<(&Row, &Arc<str>)> {
        let at = self.view[..self.shown].get(index)?;
        let mount = self.mounts.get(at.mount as usize)?;
        Some((mount.rows().get(at.row as usize)?, &mount.name))
    }

    pub fn key(&self, index: usize) -> Option<CertKey> {
        self.row(index).map(|(row, mount)| row.key(mount))
    }

    pub fn position(&self, key: &CertKey) -> Option<usize> {
        let mount = self.mounts.iter().position(|m| m.name == key.mount)? as u32;
        self.view[..self.shown].iter().position(|at| {
            at.mount == mount && {
                let row = &self.mounts[mount as usize].rows()[at.row as usize];
                row.id == key.id && row.config == key.config
            }
        })
    }

    pub fn find(&self, key: &CertKey) -> Option<&Row> {
        let mount = self.mounts.iter().find(|m| m.name == key.mount)?;
        mount
            .rows()
            .iter()
            .find(|row| row.id == key.id && row.config == key.config)
    }

    /// Every loaded row, whether or not the filter shows it.
    pub fn all(&self) -> impl Iterator<Item = (&Row, &Arc<str>)> {
        self.mounts
            .iter()
            .flat_map(|m| m.rows().iter().map(|row| (row, &m.name)))
    }

    /// The width of the longest loaded common name, in terminal columns.
    pub fn longest_name(&self) -> usize {
        let names = self.mounts.iter().map(|mount| mount.longest_name);
        names.max().unwrap_or(0)
    }

    /// The number of loaded rows.
    pub fn loaded(&self) -> usize {
        self.mounts.iter().map(|m| m.rows().len()).sum()
    }

    /// Whether every row that can match the filter is loaded.
    pub fn complete(&self) -> bool {
        self.wanted()
            .all(|m| m.loader.generation == self.generation && m.loader.complete())
    }

    /// Whether no mount has answered yet.
    pub fn untouched(&self) -> bool {
        self.mounts
            .iter()
            .all(|m| m.summary.is_none() && m.error.is_none())
    }

    /// Counts over all mounts, whatever the filter.
    pub fn summary(&self) -> InventorySummary {
        let mut sum = InventorySummary::default();
        for summary in self.mounts.iter().filter_map(|m| m.summary.as_ref()) {
            sum.total += summary.total;
            for (status, count) in &summary.status {
                *sum.status.entry(status.clone()).or_default() += count;
            }
            let weeks = summary.expiry_weeks.len().max(sum.expiry_weeks.len());
            sum.expiry_weeks.resize(weeks, 0);
            for (week, count) in sum.expiry_weeks.iter_mut().zip(&summary.expiry_weeks) {
                *week += count;
            }
        }
        sum
    }

    /// The names of the configs of all mounts.
    pub fn configs(&self) -> Vec<String> {
        let mut configs: Vec<String> = self
            .mounts
            .iter()
            .filter_map(|m| m.summary.as_ref())
            .flat_map(|s| s.configs.iter().cloned())
            .collect();
        configs.sort_unstable();
        configs.dedup();
        configs
    }

    pub fn mount_names(&self) -> Vec<String> {
        self.mounts.iter().map(|m| m.name.to_string()).collect()
    }

    /// The values that a field of the filter has in the loaded rows.
    pub fn values(&self, field: &str) -> Vec<String> {
        let rows = || self.all().map(|(row, _)| row);
        let entries = || rows().flat_map(|row| &row.labels.metadata);
        let found: BTreeSet<&str> = match field {
            "config" => return self.configs(),
            "mount" => return self.mount_names(),
            "role" => rows().map(|row| &*row.role).collect(),
            "owner" => rows().map(|row| &*row.labels.owner).collect(),
            "team" => rows().map(|row| &*row.labels.team).collect(),
            "ticket" => rows().map(|row| &*row.labels.ticket).collect(),
            METADATA => entries().map(|(name, _)| name.as_str()).collect(),
            _ => match field.strip_prefix(METADATA) {
                Some(name) => entries()
                    .filter(|(known, _)| known.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.as_str())
                    .collect(),
                None => BTreeSet::new(),
            },
        };
        let found = found.into_iter().filter(|value| !value.is_empty());
        found.map(str::to_owned).collect()
    }

    /// Sets the mounts that exist now. Mounts that stay keep their rows.
    pub fn set_mounts(&mut self, names: Vec<String>, now: i64) {
        let known = self.mounts.iter().map(|m| &*m.name);
        if known.eq(names.iter().map(String::as_str)) {
            return;
        }
        let mut old = std::mem::take(&mut self.mounts);
        for name in names {
            let kept = old
                .iter()
                .position(|m| *m.name == *name)
                .map(|at| old.swap_remove(at));
            self.mounts.push(kept.unwrap_or_else(|| {
                let loader = MountLoader::new(self.generation, self.sort, &self.asked, None);
                MountSnapshot::new(name.into(), loader)
            }));
        }
        self.rebuild(now);
    }

    pub fn set_sort(&mut self, sort: Sort, now: i64) {
        let all_here = self.complete() && !self.mounts.is_empty();
        self.sort = sort;
        if all_here {
            self.rebuild(now);
        } else {
            self.restart(now);
        }
    }

    /// Filters the loaded rows. [`Store::ask_filtered`] asks the server for the others.
    pub fn set_filter(&mut self, filter: Filter, now: i64) {
        self.filter = filter;
        self.rebuild(now);
    }

    /// Asks the server for the rows that match the filter, unless they are all loaded.
    pub fn ask_filtered(&mut self, now: i64) {
        let asked = self.filter.pushdown(now, &self.configs());
        let covered = (self.asked.is_empty() || self.asked == asked) && self.complete();
        if !covered && self.asked != asked {
            self.asked = asked;
            self.want_all = false;
            self.restart(now);
        }
    }

    pub fn unfolded(&self) -> bool {
        self.unfolded
    }

    /// Whether renewed certificates are left out, because their successors are in the list.
    pub fn folds(&self) -> bool {
        !self.unfolded && !self.filter.asks_for_one()
    }

    pub fn set_unfolded(&mut self, unfolded: bool, now: i64) {
        self.unfolded = unfolded;
        self.rebuild(now);
    }

    fn unfolds(&self, row: &Row) -> bool {
        let hidden = row.status == Some(Status::Superseded) && row.renewed_to.is_some();
        !hidden || !self.folds()
    }

    /// The number of rows that the list would have without a filter, as far as known.
    pub fn expected(&self) -> u64 {
        let summary = self.summary();
        let hidden = summary.status.get(Status::Superseded.as_str());
        let hidden = hidden.copied().filter(|_| self.folds()).unwrap_or(0);
        summary.total.saturating_sub(hidden)
    }

    /// Loads all rows from now on.
    pub fn want_all(&mut self) {
        self.want_all = true;
    }

    /// Loads the rows again. The old rows stay on the screen until the new ones are loaded.
    pub fn refresh(&mut self) {
        if self
            .wanted()
            .any(|m| m.fresh.is_some() || !m.loader.started())
        {
            return;
        }
        self.generation += 1;
        for mount in &mut self.mounts {
            let enough = mount.rows().len();
            mount.loader.generation = self.generation;
            mount.fresh = Some(MountLoader::new(
                self.generation,
                self.sort,
                &self.asked,
                Some(enough),
            ));
            mount.in_flight = false;
        }
    }

    pub fn refreshing(&self) -> bool {
        self.wanted().any(|m| m.fresh.is_some())
    }

    fn restart(&mut self, now: i64) {
        self.generation += 1;
        for mount in &mut self.mounts {
            mount.fresh = Some(MountLoader::new(
                self.generation,
                self.sort,
                &self.asked,
                Some(1),
            ));
            mount.in_flight = false;
        }
        self.rebuild(now);
    }

    /// For a server that was away: answers to the requests under way will not arrive.
    pub fn forget_in_flight(&mut self) {
        for mount in &mut self.mounts {
            mount.in_flight = false;
        }
    }

    /// The requests for pages that are needed now, if rows up to `until` are on the screen.
    pub fn requests(&mut self, until: usize) -> Vec<PageRequest> {
        let short = self.shown < until + AHEAD;
        let all = self.want_all || !self.sort.by_server();
        let under_way = self.mounts.iter().filter(|mount| mount.is_long_read());
        let mut places = LONG_AT_ONCE.saturating_sub(under_way.count());
        let mut may_read_again = |mount: &MountSnapshot| {
            let Some(fresh) = &mount.fresh else {
                return false;
            };
            if !fresh.is_long() || fresh.started() {
                return true;
            }
            let may = places > 0;
            places = places.saturating_sub(1);
            may
        };
        let wanted: Vec<bool> = self
            .mounts
            .iter()
            .map(|mount| {
                self.filter.wants_mount(&mount.name)
                    && !mount.in_flight
                    && (may_read_again(mount)
                        || (mount.fresh.is_none() && !mount.loader.started())
                        || (mount.fresh.is_none()
                            && !mount.loader.complete()
                            && (all || (short && self.reach(mount) < until + AHEAD))))
            })
            .collect();
        let mut requests = Vec::new();
        for (mount, _) in self
            .mounts
            .iter_mut()
            .zip(wanted)
            .filter(|(_, wanted)| *wanted)
        {
            let loader = mount.fresh.as_ref().unwrap_or(&mount.loader);
            if let Some(query) = loader.query(&self.asked) {
                requests.push(PageRequest {
                    mount: Arc::clone(&mount.name),
                    generation: loader.generation,
                    query,
                });
                mount.in_flight = true;
            }
        }
        requests
    }

    /// Takes in a page. A page that was asked for under an older generation is ignored.
    pub fn answer(
        &mut self,
        mount: &str,
        generation: u64,
        result: Result<Batch, SourceError>,
        now: i64,
    ) {
        let whole_mount = self.asked.config.is_none();
        let Some(at) = self.mounts.iter().position(|m| &*m.name == mount) else {
            return;
        };
        match self.mounts[at].answer(generation, result, whole_mount) {
            Change::Nothing => {}
            Change::Appended(from) => {
                let rows = self.matching(at, from, now).collect();
                self.merge_in(rows);
            }
            Change::Replaced(mut old) => {
                self.replace(at, &old, now);
                self.replaced.append(&mut old);
            }
        }
        self.bound();
    }

    /// Returns the replaced rows. There can be many, so the caller frees their memory outside the drawing loop.
    pub fn take_replaced(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.replaced)
    }

    fn wanted(&self) -> impl Iterator<Item = &MountSnapshot> {
        self.mounts
            .iter()
            .filter(|m| self.filter.wants_mount(&m.name))
    }
}

#[cfg(test)]
mod tests;
