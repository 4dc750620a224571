//! The difference between SCM's clock and ours.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Remembers the difference to the `Date` header of the last answer.
#[derive(Debug, Default)]
pub(super) struct ClockSkew(Mutex<Option<SignedDuration>>);

impl ClockSkew {
    /// `date` in the form of HTTP: `Mon, 23 Nov 2026 15:53:47 GMT`. Anything else is ignored.
    pub(super) fn observe(&self, date: &str) {
        if let Some(theirs) = parse(date) {
            let skew = theirs.duration_since(Timestamp::now());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
    }

    /// SCM's time minus ours; accurate to a second.
    pub(super) fn skew(&self) -> Option<SignedDuration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn parse(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(date)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_header_sets_the_skew() {
        let clock_skew = ClockSkew::default();
        clock_skew.observe("yesterday");
        assert_eq!(clock_skew.skew(), None);
        let ahead = Timestamp::now() + SignedDuration::from_hours(2);
        clock_skew.observe(&ahead.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
        let skew = clock_skew.skew().unwrap();
        assert!((7190..=7200).contains(&skew.as_secs()), "{skew}");
    }
}
