//! Counts rows by status bucket: the status of all rows of a bucket changes with time in the same way.

use serde::{Deserialize, Serialize};

use super::super::renewal_window::{RenewalRule, RenewalWindow};
use super::super::store::{Key, Lifecycle, Store};
use svpki_types::{ConfigName, Status};
use vault_plugin::logical::Error;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusBucket {
    pub config: ConfigName,
    #[serde(rename = "standing")]
    pub lifecycle: Lifecycle,
    /// Rows whose status cannot change (revoked, replaced, superseded) have the default values in the members that
    /// follow.
    pub lifetime: Lifetime,
    #[serde(default)]
    pub auto_renew: Option<bool>,
    #[serde(default)]
    pub window: Option<RenewalWindow>,
}

/// The seconds from `not_before` to `not_after`, rounded: otherwise a CA whose lifetimes differ by seconds would cause
/// a bucket for each certificate. Lifetimes of whole days up to 400 are not changed. Every other lifetime of 40
/// minutes or more changes by at most 1/80, and so does a window in percent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "i64")]
pub struct Lifetime(i64);

impl Lifetime {
    /// 1 minute, 10 minutes, 1 hour, 6 hours, 1 day, 10 days.
    const STEPS: [i64; 6] = [60, 600, 3_600, 21_600, 86_400, 864_000];
    /// A step is used for lifetimes of at least this many times the step, so that each step has a few hundred values.
    const FROM: i64 = 40;

    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl From<i64> for Lifetime {
    fn from(seconds: i64) -> Self {
        let [smallest, ..] = Self::STEPS;
        let step = Self::STEPS
            .into_iter()
            .rev()
            .find(|step| seconds >= step * Self::FROM)
            .unwrap_or(smallest);
        Self((seconds.max(0) + step / 2) / step * step)
    }
}

impl StatusBucket {
    pub fn window_seconds(&self, rule: RenewalRule) -> i64 {
        self.window
            .unwrap_or(rule.window)
            .seconds(self.lifetime.seconds())
    }

    pub fn renews(&self, rule: RenewalRule) -> bool {
        self.lifecycle == Lifecycle::Live && self.auto_renew.unwrap_or(rule.auto_renew)
    }

    pub fn status(&self, rule: RenewalRule, not_after: i64, now: i64) -> Status {
        if let Some(status) = self.lifecycle.fixed() {
            status
        } else if not_after <= now {
            Status::Expired
        } else if not_after - self.window_seconds(rule) <= now {
            Status::Expiring
        } else {
            Status::Issued
        }
    }

    /// Whether a row of this bucket can have this status at any time.
    pub fn may_be(&self, status: Status) -> bool {
        match self.lifecycle.fixed() {
            Some(fixed) => fixed == status,
            None => matches!(status, Status::Issued | Status::Expiring | Status::Expired),
        }
    }
}

/// The table with the number of each bucket. It only grows, by one bucket for each new combination of members, and the
/// number of combinations is limited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketTable {
    #[serde(rename = "classes")]
    buckets: Vec<StatusBucket>,
}

impl BucketTable {
    pub async fn load(store: &Store) -> Result<Self, Error> {
        Ok(store.read(&Key::index_buckets()).await?.unwrap_or_default())
    }

    /// The number of a bucket, and whether it is new.
    pub fn number(&mut self, bucket: &StatusBucket) -> (u32, bool) {
        if let Some(at) = self.buckets.iter().position(|known| known == bucket) {
            return (u32::try_from(at).unwrap_or(u32::MAX), false);
        }
        self.buckets.push(bucket.clone());
        (
            u32::try_from(self.buckets.len() - 1).unwrap_or(u32::MAX),
            true,
        )
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, &StatusBucket)> {
        self.buckets
            .iter()
            .enumerate()
            .map(|(n, bucket)| (u32::try_from(n).unwrap_or(u32::MAX), bucket))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400;

    #[test]
    fn lifetimes_are_few() {
        let until = |end: i64| {
            let mut all: Vec<i64> = (0..end).map(|n| Lifetime::from(n).seconds()).collect();
            all.dedup();
            all.len()
        };
        assert!(until(100 * DAY) < 1_100, "{}", until(100 * DAY));
        for days in 1..=400 {
            // Sectigo's certificates end a second before midnight.
            for seconds in [days * DAY, days * DAY - 1, days * DAY + 1] {
                assert_eq!(Lifetime::from(seconds).seconds(), days * DAY);
            }
        }
    }

    #[test]
    fn a_class_of_an_exact_lifetime_is_still_read() {
        let stored = r#"{"config":"web","standing":"live","lifetime":7775991}"#;
        let bucket: StatusBucket = serde_json::from_str(stored).unwrap();
        assert_eq!(bucket.lifetime, Lifetime::from(90 * DAY));
        let written = serde_json::to_value(&bucket).unwrap();
        assert_eq!(written["lifetime"], 90 * DAY);
    }

    proptest! {
        #[test]
        fn rounding_moves_little(seconds in 2_400_i64..5_000 * DAY, percent in 1_u8..=90) {
            let rounded = Lifetime::from(seconds).seconds();
            prop_assert!((rounded - seconds).abs() * 80 <= seconds, "{seconds} becomes {rounded}");
            prop_assert_eq!(Lifetime::from(rounded).seconds(), rounded);
            let window = RenewalWindow::Percent(percent);
            let moved = (window.seconds(rounded) - window.seconds(seconds)).abs();
            prop_assert!(moved * 80 <= seconds + 80);
        }
    }
}
