//! The sorted list of the rows of all mounts, kept in order while pages arrive.

use std::cmp::Ordering;

use super::{RowRef, Store};
use crate::tui::model::columns::Sort;
use crate::tui::model::paged_loader::MountSnapshot;
use crate::tui::model::row::Row;

impl Store {
    pub(super) fn rebuild(&mut self, now: i64) {
        let mut view = Vec::with_capacity(self.view.len());
        for at in 0..self.mounts.len() {
            view.extend(self.matching(at, 0, now));
        }
        view.sort_by(|a, b| self.compare(*a, *b));
        self.view = view;
        self.bound();
    }

    pub(super) fn matching(
        &self,
        at: usize,
        from: usize,
        now: i64,
    ) -> impl Iterator<Item = RowRef> {
        let mount = &self.mounts[at];
        mount
            .rows()
            .iter()
            .enumerate()
            .skip(from)
            .filter_map(move |(row, data)| {
                (self.unfolds(data)
                    && (self.filter.is_empty()
                        || self.filter.matches(&data.subject(&mount.name, now), now)))
                .then_some(RowRef {
                    mount: at as u32,
                    row: row as u32,
                })
            })
    }

    /// Updates the list after the rows of one mount were loaded again. Most of them are unchanged and keep their place.
    pub(super) fn replace(&mut self, at: usize, old: &[Row], now: i64) {
        let (name, rows) = (&self.mounts[at].name, self.mounts[at].rows());
        let known = unchanged(self.sort, name, old, rows);
        let mut fresh: Vec<Option<RowRef>> = vec![None; rows.len()];
        for found in self.matching(at, 0, now) {
            fresh[found.row as usize] = Some(found);
        }
        self.view.retain_mut(|shown| {
            if shown.mount as usize != at {
                return true;
            }
            let stays = known[shown.row as usize].and_then(|row| fresh[row].take());
            if let Some(stays) = stays {
                *shown = stays;
            }
            stays.is_some()
        });
        self.merge_in(fresh.into_iter().flatten().collect());
    }

    /// Merges a few new rows into the long sorted list. The runs of old rows between two new ones are skipped by
    /// galloping search and copied as a whole.
    pub(super) fn merge_in(&mut self, mut fresh: Vec<RowRef>) {
        if fresh.is_empty() {
            return;
        }
        fresh.sort_by(|a, b| self.compare(*a, *b));
        let mut merged = Vec::with_capacity(self.view.len() + fresh.len());
        let mut old = &self.view[..];
        for new in fresh {
            let (before, rest) = old.split_at(self.standing_before(old, new));
            merged.extend_from_slice(before);
            merged.push(new);
            old = rest;
        }
        merged.extend_from_slice(old);
        self.view = merged;
    }

    /// The number of rows at the start of a sorted list that do not sort after `new`. Searches with growing steps from
    /// the start, because the place is usually near.
    fn standing_before(&self, list: &[RowRef], new: RowRef) -> usize {
        let stays = |at: &RowRef| self.compare(*at, new) != Ordering::Greater;
        let (mut from, mut step) = (0, 1);
        while list.get(from + step - 1).is_some_and(stays) {
            from += step;
            step *= 2;
        }
        let to = list.len().min(from + step);
        from + list[from..to].partition_point(stays)
    }

    pub(super) fn bound(&mut self) {
        self.version += 1;
        self.shown = if self.sort.by_server() {
            self.wanted()
                .map(|mount| self.reach(mount))
                .min()
                .unwrap_or(0)
                .min(self.view.len())
        } else {
            self.view.len()
        };
    }

    /// The number of rows at the start of the list that sort before everything that this mount has yet to load.
    pub(super) fn reach(&self, mount: &MountSnapshot) -> usize {
        if mount.loader.generation != self.generation || mount.loader.complete() {
            return self.view.len();
        }
        match mount.loader.last() {
            Some(last) => self.view.partition_point(|at| {
                self.sort.compare(self.at(*at), (last, &mount.name)) != Ordering::Greater
            }),
            // No row of this mount is loaded, so its first row may belong before all others.
            None => 0,
        }
    }

    fn at(&self, at: RowRef) -> (&Row, &str) {
        let mount = &self.mounts[at.mount as usize];
        (&mount.rows()[at.row as usize], &mount.name)
    }

    fn compare(&self, a: RowRef, b: RowRef) -> Ordering {
        self.sort.compare(self.at(a), self.at(b))
    }
}

/// For each old row, the index of the same, unchanged row among the new ones. Both lists are roughly in order; missing
/// a match only costs time.
fn unchanged(sort: Sort, mount: &str, old: &[Row], new: &[Row]) -> Vec<Option<usize>> {
    let mut found = vec![None; old.len()];
    let (mut was, mut is) = (0, 0);
    while let (Some(before), Some(after)) = (old.get(was), new.get(is)) {
        if before == after {
            found[was] = Some(is);
        }
        match sort.compare((before, mount), (after, mount)) {
            Ordering::Less => was += 1,
            Ordering::Greater => is += 1,
            Ordering::Equal => {
                was += 1;
                is += 1;
            }
        }
    }
    found
}
