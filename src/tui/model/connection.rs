//! Whether the server answers, and when it is asked again if it does not.

use crate::tui::source::SourceError;
use std::time::Duration;
use svpki_types::Backoff;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// No answer yet.
    Starting,
    Up,
    Lost {
        /// Unix seconds.
        since: i64,
        error: SourceError,
        attempts: u32,
        /// Unix seconds.
        retry_at: i64,
    },
}

/// The wait before the next attempt: 1 second at first, doubled after each failure, at most 60 seconds.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

impl Connection {
    pub fn is_up(&self) -> bool {
        *self == Self::Up
    }

    /// Records a failed attempt and sets the time of the next one.
    pub fn lose(&mut self, error: SourceError, now: i64) {
        let (since, attempts) = match self {
            // Requests that were sent together fail together: they count as one attempt.
            Self::Lost {
                retry_at,
                error: known,
                ..
            } if now < *retry_at => {
                *known = error;
                return;
            }
            Self::Lost {
                since, attempts, ..
            } => (*since, attempts.saturating_add(1)),
            _ => (now, 1),
        };
        let wait = BACKOFF.seconds_after(attempts - 1);
        *self = Self::Lost {
            since,
            error,
            attempts,
            retry_at: now + wait,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_longer_each_time_and_counts_one_outage_once() {
        let mut connection = Connection::Up;
        let mut now = 100;
        let mut waits = Vec::new();
        for _ in 0..9 {
            for _ in 0..5 {
                connection.lose(SourceError::Sealed, now);
            }
            let Connection::Lost {
                since, retry_at, ..
            } = connection
            else {
                panic!()
            };
            assert_eq!(since, 100);
            waits.push(retry_at - now);
            now = retry_at;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
