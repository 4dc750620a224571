use std::time::Duration;

/// The pauses between the tries of something that fails: each is twice as long as the one before, up to the longest.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The pause when so many tries failed before this one.
    pub fn after(self, failures: u32) -> Duration {
        self.first
            .saturating_mul(2_u32.saturating_pow(failures))
            .min(self.longest)
    }

    /// In whole seconds, for what is written down.
    pub fn longest_seconds(self) -> i64 {
        i64::try_from(self.longest.as_secs()).unwrap_or(i64::MAX)
    }

    /// The same as [`Backoff::after`] in whole seconds, for what is written down.
    pub fn seconds_after(self, failures: u32) -> i64 {
        i64::try_from(self.after(failures).as_secs()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_longest_however_often_it_fails() {
        let backoff = Backoff::new(Duration::from_secs(3), Duration::from_secs(20));
        let seconds = [0, 1, 2, 3, 40, u32::MAX].map(|failures| backoff.seconds_after(failures));
        assert_eq!(seconds, [3, 6, 12, 20, 20, 20]);
    }
}
