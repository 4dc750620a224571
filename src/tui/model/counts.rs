//! The number of certificates of each status.

use super::Model;
use super::columns::BY_URGENCY;
use crate::tui::text;
use crate::tui::theme::{Tone, tone};
use svpki_types::Status;

impl Model {
    /// The count of each status of certificates; equals what a filter for that status finds. Zeros are left out, except
    /// for issued and expiring. Orders are counted on their own page.
    fn status_counts(&self) -> Vec<(Status, u64)> {
        let summary = self.store.summary();
        BY_URGENCY
            .into_iter()
            .filter(|status| !status.is_of_orders())
            .map(|status| {
                let count = summary.status.get(status.as_str()).copied();
                (status, count.unwrap_or(0))
            })
            .filter(|(status, count)| {
                *count > 0 || matches!(status, Status::Issued | Status::Expiring)
            })
            .collect()
    }

    /// The counts as texts, failed renewals first.
    pub fn counts(&self) -> Vec<(String, Tone)> {
        let theme = self.theme();
        let words = |status, count, word: &str| {
            format!("{} {} {word}", theme.symbol(status), text::count(count))
        };
        let failing = self.failing() as u64;
        let failing = (failing > 0).then(|| {
            let more = if self.today.more() { "+" } else { "" };
            let noun = if failing == 1 { "renewal" } else { "renewals" };
            let said = words(Status::Failed, failing, &format!("{noun} failed"));
            let said = said.replacen(" renewal", &format!("{more} renewal"), 1);
            (said, Tone::Bad)
        });
        let statuses = self.status_counts().into_iter();
        failing
            .into_iter()
            .chain(statuses.map(|(s, count)| (words(s, count, s.as_str()), tone(s))))
            .collect()
    }

    pub fn counts_text(&self) -> Vec<String> {
        self.counts().into_iter().map(|(words, _)| words).collect()
    }

    /// The number of certificates in all mounts, whatever the filter.
    pub fn certificates(&self) -> u64 {
        self.status_counts().iter().map(|(_, count)| count).sum()
    }

    /// Certificates whose renewal has failed.
    pub fn failing(&self) -> usize {
        self.today.failing
    }
}
