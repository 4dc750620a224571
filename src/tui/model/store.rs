//! All rows of all mounts, and the one list that the table shows of them.

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

/// Rows that should be ready below the screen.
const AHEAD: usize = 200;
/// Mounts of many pages that are read again side by side: until one is whole, its rows are in memory twice.
const LONG_AT_ONCE: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RowRef {
    mount: u32,
    row: u32,
}

/// A page to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    pub mount: Arc<str>,
    pub generation: u64,
    pub query: PageQuery,
}

#[derive(Debug, Default)]
pub struct Store {
    pub mounts: Vec<MountSnapshot>,
    /// Certificates that were renewed stand under their successor only when somebody unfolds them.
    unfolded: bool,
    sort: Sort,
    filter: Filter,
    /// The part of the filter that the loaded rows were asked with.
    asked: Pushdown,
    generation: u64,
    /// Grows with every change of the list.
    version: u64,
    want_all: bool,
    /// Every loaded row that the filter lets through, in order.
    view: Vec<RowRef>,
    /// What others have taken the place of, until somebody takes it away.
    replaced: Vec<Row>,
    /// So many of them are certain to stand in their place; rows that are still to come belong after them.
    shown: usize,
}

impl Store {
    /// Rows of the table.
    pub fn len(&self) -> usize {
        self.shown
    }

    pub fn is_empty(&self) -> bool {
        self.shown == 0
    }

    /// Grows whenever what was asked before is of no use any more.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Another one whenever the list has changed.
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

    /// Every row in memory, whether the filter shows it or not.
    pub fn all(&self) -> impl Iterator<Item = (&Row, &Arc<str>)> {
        self.mounts
            .iter()
            .flat_map(|m| m.rows().iter().map(|row| (row, &m.name)))
    }

    /// Columns that the longest loaded common name takes.
    pub fn longest_name(&self) -> usize {
        let names = self.mounts.iter().map(|mount| mount.longest_name);
        names.max().unwrap_or(0)
    }

    /// Rows in memory.
    pub fn loaded(&self) -> usize {
        self.mounts.iter().map(|m| m.rows().len()).sum()
    }

    /// Every row that the filter can let through is here.
    pub fn complete(&self) -> bool {
        self.wanted()
            .all(|m| m.loader.generation == self.generation && m.loader.complete())
    }

    /// No mount has answered yet.
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

    /// Configs of all mounts.
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

    /// The mounts that exist now; what is known of those that stay is kept.
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

    /// Filters what is here at once. What is not here is asked for by [`Store::ask_filtered`].
    pub fn set_filter(&mut self, filter: Filter, now: i64) {
        self.filter = filter;
        self.rebuild(now);
    }

    /// Asks the server for the rows of the filter, unless they are here already.
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

    /// Certificates that were renewed are left out, because their successors are there.
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

    /// Rows that the list will have as far as is known, without a filter.
    pub fn expected(&self) -> u64 {
        let summary = self.summary();
        let hidden = summary.status.get(Status::Superseded.as_str());
        let hidden = hidden.copied().filter(|_| self.folds()).unwrap_or(0);
        summary.total.saturating_sub(hidden)
    }

    /// Loads to the end, because somebody wants all rows.
    pub fn want_all(&mut self) {
        self.want_all = true;
    }

    /// Reads again what is loaded; the rows on the screen stay until the new ones are here.
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

    /// After the server was away: what was on its way will not come.
    pub fn forget_in_flight(&mut self) {
        for mount in &mut self.mounts {
            mount.in_flight = false;
        }
    }

    /// The pages that are wanted now, given that rows up to `until` are looked at.
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

    /// Takes a page in; one that was asked for under an older generation changes nothing.
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

    /// Rows that nobody needs any more. They are many at a time, and to give back their memory takes long.
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
