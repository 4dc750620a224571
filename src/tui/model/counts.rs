//! How many certificates there are of each status.

use super::Model;
use super::columns::BY_URGENCY;
use crate::tui::text;
use crate::tui::theme::Theme;
use svpki_types::Status;

impl Model {
    /// Each status of certificates that there is, with its count: what a filter for that status finds. Orders are
    /// counted on their own page.
    pub fn status_counts(&self) -> Vec<(Status, u64)> {
        let summary = self.store.summary();
        BY_URGENCY
            .into_iter()
            .filter(|status| !of_orders(*status))
            .map(|status| {
                let count = summary.status.get(status.as_str()).copied();
                (status, count.unwrap_or(0))
            })
            .filter(|(status, count)| {
                *count > 0 || matches!(status, Status::Issued | Status::Expiring)
            })
            .collect()
    }

    /// The same in words.
    pub fn counts_text(&self) -> Vec<String> {
        self.status_counts()
            .into_iter()
            .map(|(status, count)| words(self.theme(), status, count))
            .collect()
    }

    /// Certificates of all mounts, whatever the filter.
    pub fn certificates(&self) -> u64 {
        self.status_counts().iter().map(|(_, count)| count).sum()
    }
}

/// Only orders have it: no certificate does.
pub fn of_orders(status: Status) -> bool {
    matches!(
        status,
        Status::Pending | Status::Declined | Status::Rejected | Status::Failed
    )
}

pub fn words(theme: Theme, status: Status, count: u64) -> String {
    format!("{} {} {status}", theme.symbol(status), text::count(count))
}
