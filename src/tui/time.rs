//! Times in a form that is easy to read.

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use crate::inventory::seconds;

pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// `2026-11-23`, in UTC.
pub fn date(at: i64) -> String {
    format(at, "%Y-%m-%d")
}

/// `2026-11-23 15:04`, in UTC.
pub fn minute(at: i64) -> String {
    format(at, "%Y-%m-%d %H:%M")
}

/// `2026-11-23T15:04:05Z`.
pub fn rfc3339(at: i64) -> String {
    format(at, "%Y-%m-%dT%H:%M:%SZ")
}

fn format(at: i64, pattern: &str) -> String {
    Timestamp::from_second(at).map_or_else(
        |_| "-".to_owned(),
        |time| time.to_zoned(TimeZone::UTC).strftime(pattern).to_string(),
    )
}

/// `in 12 d`, `3 h ago`, `now`: one unit, the largest that fits; days up to 400, because certificate lifetimes are
/// counted in days.
pub fn relative(at: i64, now: i64) -> String {
    let distance = at.saturating_sub(now);
    match distance {
        0 => "now".to_owned(),
        1.. => format!("in {}", span(distance)),
        _ => format!("{} ago", span(distance.saturating_neg())),
    }
}

/// A moment near `now`: the time of day, with the date if it is another day. In UTC.
pub fn soon(at: i64, now: i64) -> String {
    if date(at) == date(now) {
        format(at, "%H:%M UTC")
    } else {
        format(at, "%Y-%m-%d %H:%M UTC")
    }
}

/// A length of time in one unit.
pub fn span(seconds: i64) -> String {
    match seconds {
        s if s < MINUTE => format!("{s} s"),
        s if s < HOUR => format!("{} min", s / MINUTE),
        s if s < 2 * DAY => format!("{} h", s / HOUR),
        s if s < 400 * DAY => format!("{} d", s / DAY),
        s => format!("{} y", s / (365 * DAY)),
    }
}

/// The age of the data, rounded so that it does not change every second.
pub fn age(seconds: i64) -> String {
    match seconds {
        s if s < 5 => "just now".to_owned(),
        s if s < MINUTE => format!("{} s ago", s / 5 * 5),
        s => format!("{} ago", span(s)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_a_person_says_it() {
        assert_eq!(relative(30 * DAY, 0), "in 30 d");
        assert_eq!(relative(0, 3 * HOUR), "3 h ago");
        assert_eq!(relative(i64::MIN, i64::MAX).split(' ').nth(1), Some("y"));
        assert_eq!(age(13), "10 s ago");
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(i64::MAX), "-");
        assert_eq!(
            seconds("2026-11-23T00:00:00Z").map(date).as_deref(),
            Some("2026-11-23")
        );
        assert_eq!(seconds("soon"), None);
    }
}
